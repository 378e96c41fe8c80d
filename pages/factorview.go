package pages

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The views of the pages of second factors.
type (
	passkeyView struct {
		Action, CSRFToken, CallbackURL, Options string
	}
	factorStepView struct {
		Confirm             bool
		Heading, Lead, Name string
		Banner              *bannerView
		Form                *factorFormView
		Others              []wayView
		Script, Picture     bool
		StartURL, StartText string
		Here                string
	}
	factorFormView struct {
		Action, CSRFToken, CallbackURL, Enrolment string
		Key                                       string // "get" or "create": a script speaks with a key
		Options                                   string
		Ways                                      bool // there are others, for whom keys don't work
		Fields                                    []fieldView
		Name                                      *nameView
		Button                                    string
	}
	wayView struct{ Kind, Text, URL string }

	factorChoiceView struct {
		Heading, Lead       string
		Banner              *bannerView
		Offers              offersView
		StartURL, StartText string
		Here                string
	}
	offersView struct {
		Action, CSRFToken, CallbackURL string
		Offers                         []offerView
		Invite                         *inviteView
	}
	inviteView struct{ Fault string }
	nameView   struct{ ID, Value string }
	offerView  struct {
		ID, Kind, Name, About string
		Chosen                bool
	}

	enrolView struct {
		Heading, Lead  string
		Key, Picture   bool
		Banner         *bannerView
		QRSide         int
		QRPath         string
		Secret         []string
		Codes          []string
		DownloadAction string
		Form           *factorFormView
		CancelURL      string
		Here           string
	}
)

// The kinds with texts in the catalogues.
const (
	kindTOTP     = "totp"
	kindHOTP     = "hotp"
	kindRecovery = "recovery"
	kindYubiKey  = "yubikey"
	kindWebAuthn = "webauthn"
)

var knownKinds = []string{kindTOTP, kindHOTP, kindRecovery, kindYubiKey, kindWebAuthn}

// ofKind returns the text of a known kind, else the one for any kind.
func (c *catalogue) ofKind(prefix, kind string) string {
	if !slices.Contains(knownKinds, kind) {
		kind = "any"
	}
	return c.text(prefix + kind)
}

// kindName is how a kind is called.
func (c *catalogue) kindName(kind, label string) string {
	if slices.Contains(knownKinds, kind) {
		return c.text("kind_" + kind)
	}
	return or(label, c.text("kind_any"))
}

func (r *Renderer) passkeyView(p *SignIn) *passkeyView {
	if p.Passkey == nil {
		return nil
	}
	return &passkeyView{
		Action: r.actionOf(p.Passkey.ID, p.Passkey.Action), CSRFToken: p.CSRFToken, CallbackURL: p.CallbackURL, Options: p.Passkey.Options,
	}
}

// offerPasskeys lets the browser put passkeys among the names that it suggests:
// the first text field for a user name gets the token "webauthn", which must be
// the last (HTML, autofill detail tokens).
func offerPasskeys(providers []providerView) {
	for i := range providers {
		for j := range providers[i].Fields {
			f := &providers[i].Fields[j]
			tokens := strings.Fields(strings.ToLower(f.Autocomplete))
			if f.Type == "" || f.Password || !slices.Contains(tokens, "username") {
				continue
			}
			if !slices.Contains(tokens, "webauthn") {
				f.Autocomplete += " webauthn"
			}
			return
		}
	}
}

func (r *Renderer) factorStepView(c *catalogue, p FactorStep) factorStepView {
	s := &p.Shown
	v := factorStepView{
		Confirm: p.Confirm, Name: p.Name, Banner: newBanner(c, p.Problem), StartURL: p.StartURL, StartText: c.text("cancel"),
		Heading: c.ofKind("step_title_", s.Kind), Lead: c.ofKind("step_lead_", s.Kind), Here: r.hereOrNone(p.Here),
	}
	switch {
	case p.Confirm:
		v.Heading, v.Banner = c.text("confirm_title"), newChangeBanner(c, p.Problem)
	case !slices.Contains(knownKinds, s.Kind):
		v.Heading = or(s.Label, v.Heading)
	}
	if !p.Confirm {
		v.StartURL, v.StartText = or(p.StartURL, r.base+"/signin"), c.text("start_again")
	}
	v.Form = newFactorForm(c, s.Kind, s.Action, s.Fields)
	v.Form.CSRFToken, v.Form.CallbackURL = p.CSRFToken, p.CallbackURL
	v.Form.Button, v.Form.Ways = c.text("continue"), len(p.Others) > 0
	if s.Kind == kindWebAuthn || s.Options != "" {
		v.Script, v.Form.Key, v.Form.Options, v.Form.Button = true, "get", s.Options, c.text("use_key")
	}
	v.Picture = v.Script || s.Kind == kindYubiKey
	if s.RememberDays > 0 {
		v.Form.Fields = append(v.Form.Fields, rememberField(c, s))
	}
	v.Others = ways(c, p.Others)
	giveFocus(v.Banner, []providerView{{Fields: v.Form.Fields}})
	return v
}

func rememberField(c *catalogue, s *FactorForm) fieldView {
	var v fieldView
	label := c.counted("remember", int64(s.RememberDays))
	fillField(&v, c, &Field{Name: "remember_device", Label: label, Element: "checkbox", Value: "on"}, s.Kind)
	return v
}

// newFactorForm makes the form of a factor. The field for a code and the box
// of recovery codes have the labels of their kind, whatever it calls them.
func newFactorForm(c *catalogue, kind, action string, fields []Field) *factorFormView {
	v := &factorFormView{Action: action, Fields: make([]fieldView, len(fields), len(fields)+1)}
	first := slices.Contains(knownKinds, kind)
	for i := range fields {
		f := &v.Fields[i]
		fillField(f, c, &fields[i], kind)
		if first && f.Type != "" {
			first = false
			f.askForCode(c, kind)
		}
		if f.Check && kind == kindRecovery {
			f.Label = c.text("label_recovery_stored")
		}
	}
	return v
}

// askForCode gives a field the label and the helps of a code.
func (v *fieldView) askForCode(c *catalogue, kind string) {
	v.Label = or(c.text("label_"+kind), v.Label)
	switch kind {
	case kindTOTP, kindHOTP:
		v.Inputmode, v.Autocomplete = or(v.Inputmode, "numeric"), or(v.Autocomplete, "one-time-code")
	default:
		v.Autocomplete = or(v.Autocomplete, "off")
	}
	v.Spellcheck, v.Autocapitalize, v.Autocorrect = or(v.Spellcheck, "false"), or(v.Autocapitalize, "none"), or(v.Autocorrect, "off")
}

// ways names the links to other factors.
func ways(c *catalogue, links []FactorLink) []wayView {
	out := make([]wayView, len(links))
	for i, l := range links {
		out[i] = wayView{Kind: l.Kind, Text: c.ofKind("use_", l.Kind), URL: l.URL}
		if !slices.Contains(knownKinds, l.Kind) {
			before, after := c.around("use_any")
			out[i].Text = before + or(l.Label, c.text("kind_any")) + after
		}
	}
	return out
}

func (r *Renderer) factorChoiceView(c *catalogue, p FactorChoice) factorChoiceView {
	v := factorChoiceView{
		Heading: c.text("choice_title"), Lead: c.text("choice_lead"), Banner: newChangeBanner(c, p.Problem),
		StartURL: p.StartURL, StartText: c.text("cancel"), Here: r.hereOrNone(p.Here),
	}
	if p.Required {
		v.Heading, v.Lead = c.text("choice_title_required"), c.text("choice_lead_required")
		v.StartURL, v.StartText = or(p.StartURL, r.base+"/signin"), c.text("start_again")
	}
	v.Offers = newOffers(c, p.Offers, p.Invite, p.Problem)
	v.Offers.Action, v.Offers.CSRFToken, v.Offers.CallbackURL = p.Action, p.CSRFToken, p.CallbackURL
	v.Offers.giveFocus(v.Banner)
	return v
}

// newOffers lists what can be set up. With an invitation code the choice is one
// form, so that the code is asked for once; else each offer is a form.
func newOffers(c *catalogue, links []FactorLink, invite bool, p *Problem) offersView {
	var v offersView
	v.Offers = make([]offerView, len(links))
	for i, l := range links {
		v.Offers[i] = offerView{
			ID: "kind-" + l.Kind, Kind: l.Kind, Name: c.kindName(l.Kind, l.Label), Chosen: i == 0,
		}
		if slices.Contains(knownKinds, l.Kind) {
			v.Offers[i].About = c.text("about_" + l.Kind)
		}
	}
	if invite && len(links) > 0 {
		v.Invite = new(inviteView)
		if p != nil && strings.HasPrefix(p.Code, "invite_") {
			v.Invite.Fault = c.text("field_invite")
		}
	}
	return v
}

// giveFocus gives it to the banner, unless the invitation code is what is wrong.
func (v *offersView) giveFocus(banner *bannerView) {
	if banner != nil {
		banner.Focus = v.Invite == nil || v.Invite.Fault == ""
	}
}

func (r *Renderer) enrolView(c *catalogue, p Enrol) enrolView {
	v := enrolView{
		Heading: c.ofKind("enrol_title_", p.Kind), Lead: c.ofKind("enrol_lead_", p.Kind), Key: p.Kind == kindWebAuthn || p.Options != "",
		Banner: newChangeBanner(c, p.Problem), QRSide: p.QRSide, QRPath: p.QRPath, Secret: groupsOfFour(p.Text), Codes: p.Codes,
		DownloadAction: p.DownloadAction, CancelURL: p.CancelURL, Here: r.hereOrNone(p.Here),
	}
	if !slices.Contains(knownKinds, p.Kind) {
		v.Heading = or(p.Label, v.Heading)
	}
	v.Form = newFactorForm(c, p.Kind, p.Action, p.Fields)
	v.Form.CSRFToken, v.Form.CallbackURL, v.Form.Enrolment, v.Form.Button = p.CSRFToken, p.CallbackURL, p.ID, c.text("finish")
	v.Picture = v.Key || p.Kind == kindYubiKey
	if v.Key {
		v.Form.Key, v.Form.Options, v.Form.Button = "create", p.Options, c.text("add_key")
	}
	if p.AskName {
		v.Form.Name = &nameView{ID: "input-name"}
	}
	giveFaultFocus(v.Banner, v.Form.Fields)
	return v
}

// giveFaultFocus leaves the focus alone where nothing is wrong: what is to be
// read stands above the fields, and would be scrolled away.
func giveFaultFocus(banner *bannerView, fields []fieldView) {
	giveFocus(banner, []providerView{{Fields: fields}})
	for i := range fields {
		fields[i].Focus = fields[i].Focus && fields[i].Problem != ""
	}
}

// groupsOfFour takes a secret apart so that a person finds the place again.
// What has blanks of its own is grouped by them.
func groupsOfFour(text string) []string {
	groups := strings.Fields(text)
	if len(groups) != 1 || utf8.RuneCountInString(text) <= 4 {
		return groups
	}
	var out []string
	for group := range slices.Chunk([]rune(groups[0]), 4) {
		out = append(out, string(group))
	}
	return out
}

// hereOrNone is here for pages that may have no address of their own.
func (r *Renderer) hereOrNone(address string) string {
	if address == "" {
		return ""
	}
	return r.here(address, "")
}

// dateView is a day, in a form that means the same in every language.
type dateView struct{ Machine, Shown string }

func newDate(t time.Time) *dateView {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &dateView{Machine: t.Format(time.RFC3339), Shown: t.Format(time.DateOnly)}
}
