package pages

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// embeddedLanguages is the order of the language links.
var embeddedLanguages = []string{"en", "de", "fr", "es", "ar"}

// source is the language whose keys are the keys of all.
const source = "en"

// catalogue holds the texts of one language. They are kept as they were read, and
// taken apart when somebody wants to see the language.
type catalogue struct {
	tag  string
	name string // in the language itself
	rtl  bool

	layers [][]byte // each over the one before; checked
	once   sync.Once
	read   map[string]string
}

// texts returns all texts by their keys.
func (c *catalogue) texts() map[string]string {
	c.once.Do(func() {
		for _, layer := range c.layers {
			_ = json.Unmarshal(layer, &c.read) // it went well when the catalogue was made
		}
	})
	return c.read
}

// text returns the text of a key, "" for one that doesn't exist.
func (c *catalogue) text(key string) string { return c.texts()[key] }

// around returns what stands before and after the placeholder of a text.
func (c *catalogue) around(key string) (before, after string) {
	before, rest, found := strings.Cut(c.text(key), "{")
	if !found {
		return before, ""
	}
	_, after, _ = strings.Cut(rest, "}")
	return before, after
}

func (c *catalogue) direction() string {
	if c.rtl {
		return "rtl"
	}
	return "ltr"
}

// loadCatalogues reads the wanted languages, each over English, so that a
// translation of one's own may leave texts out.
func loadCatalogues(f files, wanted []string) ([]*catalogue, error) {
	if wanted == nil {
		wanted = append(slices.Clone(embeddedLanguages), f.furtherLanguages()...)
	}
	base, err := readTexts(f, source, reading{})
	if err != nil {
		return nil, err
	}
	var out []*catalogue
	var faults []error
	for _, tag := range wanted {
		c, err := loadCatalogue(f, tag, base)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if slices.ContainsFunc(out, func(o *catalogue) bool { return o.tag == c.tag }) {
			faults = append(faults, fmt.Errorf("language %q is listed twice", tag))
		}
		out = append(out, c)
	}
	if len(out) == 0 && len(faults) == 0 {
		faults = append(faults, errors.New("no language is offered: leave the list out, or name at least one"))
	}
	return out, errors.Join(faults...)
}

func loadCatalogue(f files, tag string, base reading) (*catalogue, error) {
	if _, err := language.Parse(tag); err != nil || !tagLike(tag) {
		return nil, fmt.Errorf("language %q is not a language tag such as de or pt-BR", tag)
	}
	own := base
	if tag != source {
		var err error
		if own, err = readTexts(f, tag, base); err != nil {
			return nil, err
		}
	}
	if d := own.byKey["direction"]; d != "ltr" && d != "rtl" {
		return nil, fmt.Errorf(`%s.json: "direction" is %q: write ltr or rtl`, tag, d)
	}
	return &catalogue{tag: tag, name: own.byKey["language"], rtl: own.byKey["direction"] == "rtl", layers: own.layers}, nil
}

// reading is a language while its texts are checked.
type reading struct {
	byKey  map[string]string
	layers [][]byte
}

// readTexts reads one language: the embedded texts, if any, and those of the
// override directory over them, all over base.
func readTexts(f files, tag string, base reading) (reading, error) {
	all := reading{maps.Clone(base.byKey), slices.Clone(base.layers)}
	layers, err := f.layers(tag + ".json")
	if err != nil {
		return reading{}, err
	}
	if len(layers) == 0 {
		return reading{}, fmt.Errorf("language %q: there is no %s.json", tag, tag)
	}
	for _, layer := range layers {
		var own map[string]string
		if err := json.Unmarshal(layer.content, &own); err != nil {
			return reading{}, fmt.Errorf("%s: %w", layer.name, err)
		}
		if err := checkTexts(all.byKey, own); err != nil {
			return reading{}, fmt.Errorf("%s: %w", layer.name, err)
		}
		if all.byKey == nil {
			all.byKey = own
		}
		maps.Copy(all.byKey, own)
		all.layers = append(all.layers, layer.content)
	}
	return all, nil
}

// checkTexts holds a translation to the keys and the placeholders of the texts
// below it: a mistyped key would silently change nothing.
func checkTexts(known, own map[string]string) error {
	if known == nil {
		return nil
	}
	var faults []error
	for _, key := range slices.Sorted(maps.Keys(own)) {
		reference, ok := known[key]
		if !ok {
			unit, category, _ := strings.Cut(key, "_")
			if reference, ok = known[unit+"_other"]; !ok || !slices.Contains(pluralCategories, category) {
				faults = append(faults, fmt.Errorf("%q is not a text that the pages use", key))
				continue
			}
			if category != "other" && !strings.Contains(own[key], "{") {
				continue // "one minute" may be written without the number
			}
		}
		if want, got := placeholder(reference), placeholder(own[key]); got != want && !(want == "{count}" && got == "") {
			faults = append(faults, fmt.Errorf("%q has the placeholder %q, not %q", key, got, want))
		}
	}
	return errors.Join(faults...)
}

var pluralCategories = []string{"zero", "one", "two", "few", "many", "other"}

// placeholder returns the first {word} of a text, "" without one.
func placeholder(text string) string {
	start := strings.IndexByte(text, '{')
	if start < 0 {
		return ""
	}
	end := strings.IndexByte(text[start:], '}')
	if end < 0 {
		return text[start:]
	}
	return text[start : start+end+1]
}

// tagLike bounds what may become part of a file name and of an address.
func tagLike(tag string) bool {
	return tag != "" && len(tag) <= 35 &&
		strings.Trim(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}
