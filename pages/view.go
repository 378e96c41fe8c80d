package pages

import (
	"net/url"
	"slices"
	"strings"
)

// The views are what the templates read: every choice is made here, in Go, and
// the templates only write it down. They have no methods, which keeps the
// engine's look-up of a name short.
type (
	signInView struct {
		Banner     *bannerView
		SignedInAs string
		Providers  []providerView
		Passkey    *passkeyView
		Here       string
	}
	nextStepView struct {
		Title, Sentence string
		Banner          *bannerView
		Provider        *providerView
		StartURL, Here  string
	}
	signOutView struct {
		Action, CSRFToken, CallbackURL, Name string
		Banner                               *bannerView
		Here                                 string
	}
	errorView struct {
		Heading, Text, SignInURL, HomeURL, Reference, Here string
	}
	verifyRequestView struct{ HomeURL, Here string }
	welcomeView       struct {
		Name       string
		Facts      []Fact
		Panels     []Panel
		AccountURL string
		SignOutURL string
		Here       string
	}
	bannerView struct {
		Text, Reference string
		Note, Focus     bool
	}
	providerView struct {
		Name, Action, CSRFToken, CallbackURL string
		Banner                               *bannerView
		Fields                               []fieldView
		Heading, Rule, Continue              bool
	}
	fieldView struct {
		Hidden, Check, Select, Area, Password bool
		ID, Name, Label, Type, Value          string
		Checked, Required, Focus              bool
		Problem, ProblemID                    string

		Placeholder, Autocomplete, Inputmode, Autocapitalize string
		Spellcheck, Autocorrect, Minlength, Maxlength        string

		Rare map[string]string
		Data []dataAttribute

		Groups []groupView
	}
	groupView struct {
		Name    string
		Options []optionView
	}
	optionView struct {
		Value, Label       string
		Selected, Disabled bool
	}
)

// inputTypes are the types that an input of a sign-in form may have.
var inputTypes = []string{
	"text", "password", "email", "tel", "url", "search", "number", "date", "time", "month", "week", "datetime-local", "color", "range",
}

func (r *Renderer) signInView(c *catalogue, p SignIn) signInView {
	v := signInView{SignedInAs: p.SignedInAs, Here: r.here(p.Here, "/signin")}
	v.Providers = make([]providerView, len(p.Providers))
	banner := newBanner(c, p.Problem)
	onTop := banner
	for i := range p.Providers {
		pv := &v.Providers[i]
		r.fillProvider(pv, c, &p.Providers[i], p.CSRFToken, p.CallbackURL)
		pv.Heading = len(p.Providers) > 1
		pv.Rule = i < len(p.Providers)-1
		if onTop != nil && len(p.Providers) > 1 && p.Problem.Provider != "" && p.Problem.Provider == p.Providers[i].ID {
			pv.Banner, onTop = banner, nil
		}
	}
	v.Banner = onTop
	if v.Passkey = r.passkeyView(&p); v.Passkey != nil {
		offerPasskeys(v.Providers)
	}
	giveFocus(banner, v.Providers)
	return v
}

func (r *Renderer) nextStepView(c *catalogue, p NextStep) nextStepView {
	all := make([]providerView, 1)
	r.fillProvider(&all[0], c, &p.Provider, p.CSRFToken, p.CallbackURL)
	all[0].Continue = true
	v := nextStepView{Title: p.Title, Sentence: p.Sentence, Provider: &all[0], StartURL: or(p.StartURL, r.base+"/signin")}
	v.Banner = newBanner(c, p.Problem)
	if p.Here != "" {
		v.Here = r.here(p.Here, "")
	}
	giveFocus(v.Banner, all)
	return v
}

func (r *Renderer) fillProvider(v *providerView, c *catalogue, p *Provider, csrf, callback string) {
	v.Name, v.CSRFToken, v.CallbackURL = p.Name, csrf, callback
	v.Action = r.actionOf(p.ID, p.Action)
	v.Fields = make([]fieldView, len(p.Fields))
	for i := range p.Fields {
		fillField(&v.Fields[i], c, &p.Fields[i], p.ID)
	}
}

// actionOf returns where the form of a provider goes.
func (r *Renderer) actionOf(provider, action string) string {
	if action == "" {
		return r.base + "/callback/" + url.PathEscape(provider)
	}
	return action
}

func fillField(v *fieldView, c *catalogue, f *Field, provider string) {
	v.Name, v.Label = f.Name, or(f.Label, f.Name)
	v.ID = "input-" + f.Name + "-for-" + provider + "-provider"
	v.Required = f.Required
	if !f.Secret {
		v.Value = f.Value
	}
	switch {
	case f.Type == "hidden":
		v.Hidden = true
		return
	case f.Element == "select" || f.Type == "select":
		v.Select = true
		v.Groups = groups(f)
	case f.Element == "textarea":
		v.Area = true
	case f.Element == "checkbox" || f.Type == "checkbox":
		v.Check, v.Checked = true, f.Checked
	case f.Type == "password":
		v.Type, v.Password, v.Value = f.Type, true, ""
	case slices.Contains(inputTypes, f.Type):
		v.Type = f.Type
	default:
		v.Type = "text"
	}
	if f.Problem != "" {
		v.Problem = c.text(fieldProblem(f.Problem, v))
		v.ProblemID = "problem-" + v.ID
	}
	for _, a := range f.Attributes {
		v.take(a)
	}
}

// take puts one attribute where the template finds it, if it is one we know.
func (v *fieldView) take(a Attribute) {
	switch a.Name {
	case "placeholder":
		v.Placeholder = a.Value
	case "autocomplete":
		v.Autocomplete = a.Value
	case "inputmode":
		v.Inputmode = a.Value
	case "autocapitalize":
		v.Autocapitalize = a.Value
	case "spellcheck":
		v.Spellcheck = a.Value
	case "autocorrect":
		v.Autocorrect = a.Value
	case "minlength":
		v.Minlength = a.Value
	case "maxlength":
		v.Maxlength = a.Value
	case "required":
		v.Required = true
	case "autofocus":
		v.Focus = true
	default:
		v.takeRare(a)
	}
}

func (v *fieldView) takeRare(a Attribute) {
	switch {
	case slices.Contains(bareAttributes, a.Name):
		a.Value = a.Name
	case slices.Contains(rareAttributes, a.Name):
	default:
		if data, ok := newDataAttribute(a); ok {
			v.Data = append(v.Data, data)
		}
		return
	}
	if v.Rare == nil {
		v.Rare = make(map[string]string, 4)
	}
	v.Rare[a.Name] = a.Value
}

// groups gathers the options of a select. The first option with the field's
// value is the selected one.
func groups(f *Field) []groupView {
	var out []groupView
	selected := false
	for _, o := range f.Options {
		if len(out) == 0 || out[len(out)-1].Name != o.Group {
			out = append(out, groupView{Name: o.Group})
		}
		chosen := !selected && !f.Secret && o.Value == f.Value
		selected = selected || chosen
		last := &out[len(out)-1]
		last.Options = append(last.Options, optionView{o.Value, or(o.Label, o.Value), chosen, o.Disabled})
	}
	return out
}

// giveFocus leaves exactly one thing on the page with autofocus: the first
// faulty field, else the banner, else the field that was declared so, else the
// first that is empty.
func giveFocus(banner *bannerView, providers []providerView) {
	var faulty, declared, empty *fieldView
	for i := range providers {
		for j := range providers[i].Fields {
			f := &providers[i].Fields[j]
			if f.Focus && declared == nil {
				declared = f
			}
			f.Focus = false
			if f.Hidden {
				continue
			}
			if f.Problem != "" && faulty == nil {
				faulty = f
			}
			if f.Type+areaType(f) != "" && f.Value == "" && empty == nil {
				empty = f
			}
		}
	}
	switch {
	case faulty != nil:
		faulty.Focus = true
	case banner != nil:
		banner.Focus = true
	case declared != nil:
		declared.Focus = true
	case empty != nil:
		empty.Focus = true
	}
}

func areaType(f *fieldView) string {
	if f.Area {
		return "textarea"
	}
	return ""
}

// here returns the address to which the language links add their parameter. A
// lang that is in it already goes, because the first one counts.
func (r *Renderer) here(address, page string) string {
	if address == "" {
		return r.base + page + "?"
	}
	path, query, found := strings.Cut(address, "?")
	if !found || query == "" {
		return path + "?"
	}
	if strings.Contains(query, "lang") {
		values, err := url.ParseQuery(query)
		if err != nil {
			return path + "?"
		}
		values.Del("lang")
		if query = values.Encode(); query == "" {
			return path + "?"
		}
	}
	return path + "?" + query + "&"
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
