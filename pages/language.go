package pages

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// longestAccept bounds the Accept-Language header that is looked at, in bytes:
// parsing costs more than its length for hostile ones.
const longestAccept = 256

// Languages returns the tags of the languages on offer, in the order of the
// language links.
func (r *Renderer) Languages() []string {
	tags := make([]string, len(r.catalogues))
	for i, c := range r.catalogues {
		tags[i] = c.tag
	}
	return tags
}

// Language returns the tag of the language to answer a request in: that of the
// query parameter lang if it is one of ours, else the best for Accept-Language
// (RFC 9110, section 12.5.4), else the default. No part of the request is ever
// returned itself. A nil request gets the default.
func (r *Renderer) Language(req *http.Request) string {
	if req == nil {
		return r.fallback.tag
	}
	if chosen := r.ChosenLanguage(req); chosen != "" {
		return chosen
	}
	return r.choose(req.Header.Get("Accept-Language")).tag
}

// ChosenLanguage returns the tag of the language that the query parameter lang
// asks for, "" when it asks for none of ours. Whoever redirects to another page
// adds it to the address, or the choice is lost.
func (r *Renderer) ChosenLanguage(req *http.Request) string {
	if req == nil || req.URL == nil || !strings.Contains(req.URL.RawQuery, "lang=") {
		return ""
	}
	if c := r.known(req.URL.Query().Get("lang")); c != nil {
		return c.tag
	}
	return ""
}

// catalogue returns the catalogue of a tag, or the default one.
func (r *Renderer) catalogue(tag string) *catalogue {
	if c := r.known(tag); c != nil {
		return c
	}
	return r.fallback
}

func (r *Renderer) known(tag string) *catalogue {
	for _, c := range r.catalogues {
		if strings.EqualFold(c.tag, tag) {
			return c
		}
	}
	return nil
}

func (r *Renderer) setLanguages(f files, c Config) error {
	var err error
	if r.catalogues, err = loadCatalogues(f, c.Languages); err != nil {
		return err
	}
	r.fallback = r.known(or(c.DefaultLanguage, source))
	if r.fallback == nil && c.DefaultLanguage != "" {
		return fmt.Errorf("default language %q is not among those on offer: %s", c.DefaultLanguage, strings.Join(r.Languages(), ", "))
	}
	if r.fallback == nil {
		r.fallback = r.catalogues[0]
	}
	r.editions = make(map[*catalogue]*edition, len(r.catalogues))
	for _, c := range r.catalogues {
		r.editions[c] = new(edition)
	}
	r.choose = chooser(r.catalogues, r.fallback)
	return nil
}

// chooser returns the function that finds the catalogue for an Accept-Language
// header. The matcher wants the default first.
func chooser(catalogues []*catalogue, fallback *catalogue) func(string) *catalogue {
	order := append([]*catalogue{fallback}, slices.DeleteFunc(slices.Clone(catalogues), func(c *catalogue) bool { return c == fallback })...)
	tags := make([]language.Tag, len(order))
	for i, c := range order {
		tags[i] = language.Make(c.tag)
	}
	matcher := language.NewMatcher(tags)
	return func(header string) *catalogue {
		if header == "" {
			return fallback
		}
		if c := firstChoice(order, header); c != nil {
			return c
		}
		wanted, weights, err := language.ParseAcceptLanguage(clipList(header))
		if err != nil {
			return fallback
		}
		if wanted = acceptable(wanted, weights); len(wanted) == 0 {
			return fallback
		}
		_, index, _ := matcher.Match(wanted...)
		return order[index]
	}
}

// firstChoice spares the matcher for the usual header: one that begins, without
// a weight, with a language of which there is exactly one on offer. Nothing
// after it can be wanted more.
func firstChoice(catalogues []*catalogue, header string) *catalogue {
	first, _, _ := strings.Cut(header, ",")
	base, region, regional := strings.Cut(first, "-")
	if len(base) != 2 || (regional && len(region) != 2) || strings.Trim(first, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
		return nil
	}
	var found *catalogue
	for _, c := range catalogues {
		if ours, _, _ := strings.Cut(c.tag, "-"); strings.EqualFold(ours, base) {
			if found != nil || c.tag != ours {
				return nil // regions or scripts differ: a matter for the matcher
			}
			found = c
		}
	}
	return found
}

// acceptable leaves out what a person does not want at all (weight 0).
func acceptable(tags []language.Tag, weights []float32) []language.Tag {
	var out []language.Tag
	for i, tag := range tags {
		if i < len(weights) && weights[i] > 0 {
			out = append(out, tag)
		}
	}
	return out
}

// clipList cuts a header at its last comma within the limit.
func clipList(header string) string {
	if len(header) <= longestAccept {
		return header
	}
	header = header[:longestAccept]
	if i := strings.LastIndexByte(header, ','); i >= 0 {
		return header[:i]
	}
	return ""
}
