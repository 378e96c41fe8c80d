package pages

import (
	"strconv"
	"strings"
	"time"
)

// problemTexts maps the codes that a banner explains to texts of the catalogue.
// The first block is the table of the wire contract (section 9.1), whose
// English is shown verbatim; a code that is missing here shows problem_other.
var problemTexts = map[string]string{
	"CredentialsSignin":     "problem_credentials",
	"SessionRequired":       "problem_session_required",
	"Signin":                "problem_other_account",
	"OAuthSignin":           "problem_other_account",
	"OAuthCallback":         "problem_other_account",
	"OAuthCallbackError":    "problem_other_account",
	"OAuthCreateAccount":    "problem_other_account",
	"EmailCreateAccount":    "problem_other_account",
	"Callback":              "problem_other_account",
	"OAuthAccountNotLinked": "problem_not_linked",
	"EmailSignin":           "problem_email",

	"credentials":  "problem_credentials",
	"MissingCSRF":  "problem_expired",
	"csrf":         "problem_expired",
	"step_expired": "problem_step_expired",
	"invalid":      "problem_fields",
	"Unavailable":  "problem_unavailable",
	"unavailable":  "problem_unavailable",
	"busy":         "problem_unavailable",
	"throttled":    "problem_throttled",

	"account_locked":       "problem_locked",
	"account_disabled":     "problem_disabled",
	"account_expired":      "problem_expired_account",
	"password_must_change": "problem_must_change",

	"second_factor_wrong": "problem_factor_wrong",
	"second_factor_spent": "problem_factor_spent",
	"key_not_known":       "problem_key_not_known",
	"key_failed":          "problem_key_failed",
	"key_taken":           "key_known",
	"invite_wrong":        "problem_invite",
	"invite_required":     "problem_invite",
	"fresh_proof":         "problem_fresh_proof",
	"last_factor":         "problem_last_factor",
	"factor_missing":      "problem_factor_missing",
	"enrolment_expired":   "problem_enrolment_expired",
	"conflict":            "problem_conflict",
}

// changeTexts take the place of the texts that speak of signing in, where the
// person is signed in and changes something.
var changeTexts = map[string]string{
	"problem_expired":     "problem_page_expired",
	"problem_unavailable": "problem_not_now",
	"problem_credentials": "problem_not_done",
	"problem_other":       "problem_not_done",
}

// newBanner says what a problem with signing in is. Where nobody chose a
// sentence, the wait of a throttled attempt is part of it.
func newBanner(c *catalogue, p *Problem) *bannerView { return bannerWith(c, p, nil) }

// newChangeBanner says what a problem with a change is.
func newChangeBanner(c *catalogue, p *Problem) *bannerView { return bannerWith(c, p, changeTexts) }

func bannerWith(c *catalogue, p *Problem, instead map[string]string) *bannerView {
	if p == nil {
		return nil
	}
	v := &bannerView{Text: p.Sentence, Reference: p.Reference, Note: p.Code == "SessionRequired"}
	if v.Text != "" {
		return v
	}
	key := or(problemTexts[p.Code], "problem_other")
	if p.RetryAfter > 0 && key != "problem_unavailable" {
		before, after := c.around("problem_throttled_wait")
		v.Text = before + c.wait(p.RetryAfter) + after
		return v
	}
	v.Text = c.text(or(instead[key], key))
	return v
}

// wait writes a duration as a person would say it: in whole seconds, minutes or
// hours, rounded up.
func (c *catalogue) wait(d time.Duration) string {
	unit, size := "hour", time.Hour
	switch {
	case d <= time.Minute-time.Second:
		unit, size = "second", time.Second
	case d <= time.Hour-time.Minute:
		unit, size = "minute", time.Minute
	}
	return c.counted(unit, int64((d-1)/size)+1)
}

// counted returns a text with plural forms, with its number.
func (c *catalogue) counted(key string, count int64) string {
	text, ok := c.texts()[key+"_"+plural(c.tag, count)]
	if !ok {
		text = c.text(key + "_other")
	}
	return strings.Replace(text, "{count}", strconv.FormatInt(count, 10), 1)
}

// plural returns the plural category of a positive count (Unicode CLDR, plural
// rules, cardinal) in the languages that we speak; in others, one and other.
func plural(tag string, n int64) string {
	if base, _, _ := strings.Cut(tag, "-"); base == "ar" {
		switch tens := n % 100; {
		case n == 1:
			return "one"
		case n == 2:
			return "two"
		case tens >= 3 && tens <= 10:
			return "few"
		case tens >= 11:
			return "many"
		}
		return "other"
	}
	if n == 1 {
		return "one"
	}
	return "other"
}

// errorKinds maps the kinds of the error page, in lower case, to the texts of
// the catalogue (wire contract, section 9.3).
var errorKinds = map[string]string{
	"configuration": "configuration",
	"accessdenied":  "access_denied",
	"verification":  "verification",
	"unavailable":   "unavailable",
}

func (r *Renderer) errorView(c *catalogue, p Error) errorView {
	kind := or(errorKinds[strings.ToLower(p.Kind)], "error")
	v := errorView{
		Heading: c.text("heading_" + kind), Text: or(p.Sentence, c.text("text_"+kind)),
		HomeURL: p.HomeURL, Reference: p.Reference, Here: r.here(p.Here, "/error"),
	}
	if kind != "configuration" { // signing in is what does not work
		v.SignInURL = or(p.SignInURL, r.base+"/signin")
	}
	return v
}

// fieldProblem returns the catalogue key for what is wrong with one field.
func fieldProblem(code string, v *fieldView) string {
	switch code {
	case "required":
		switch {
		case v.Check:
			return "field_required_check"
		case v.Select:
			return "field_required_choice"
		}
		return "field_required"
	case "bad_value":
		return badValue(v)
	case "invite":
		return "field_invite"
	case "too_short", "too_long", "pattern", "too_small", "too_large":
		return "field_" + code
	}
	return "field_other"
}

// badValue says what a value should have been, by the type of the field.
func badValue(v *fieldView) string {
	switch {
	case v.Select:
		return "field_choice"
	case v.Type == "number", v.Type == "email", v.Type == "url", v.Type == "date":
		return "field_" + v.Type
	}
	return "field_other"
}
