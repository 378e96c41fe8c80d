package ostiary_test

import (
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/store/memory/factors"
)

func TestRules(t *testing.T) {
	rule := func(p ostiary.FactorPolicy) ostiary.FactorRule { return ostiary.FactorRule{Policy: p} }
	for _, c := range []struct {
		name   string
		change func(*ostiary.Config)
		want   string // the code that is asked for, "" for none
	}{
		{"optional without a factor", func(*ostiary.Config) {}, ""},
		{"required by the provider", func(c *ostiary.Config) { c.Providers[0].Factors = rule("required") }, "enrolment_required"},
		{"required by a group", func(c *ostiary.Config) {
			c.Factors.Groups = map[string]ostiary.FactorRule{"staff": rule("required")}
		}, "enrolment_required"},
		{"the strictest of two groups", func(c *ostiary.Config) {
			c.Factors.Groups = map[string]ostiary.FactorRule{"staff": rule("required"), "everybody": rule("off")}
			answering(&ostiary.User{ID: "42", Groups: []string{"everybody", "staff"}}, nil)(c)
		}, "enrolment_required"},
		{"the group before the provider", func(c *ostiary.Config) {
			c.Factors.Groups = map[string]ostiary.FactorRule{"staff": rule("off")}
			c.Providers[0].Factors = rule("required")
		}, ""},
		{"the account before all", func(c *ostiary.Config) {
			required(c)
			c.Factors.Accounts = map[string]ostiary.FactorRule{smithAccount: rule("off")}
		}, ""},
		{"off", func(c *ostiary.Config) { c.Factors.Policy = ostiary.FactorsOff }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := guarded(t, c.change)
			b := h.script()
			r := b.login()
			if c.want == "" && !r.sets(h) {
				t.Errorf("not in: %s", r.body)
			}
			if c.want != "" {
				b.waits(r, c.want)
			}
		})
	}
}

// TestGroupsTogether is MFA-12 for members of several groups: the order in which the
// user system lists them decides nothing, and none undoes what another demands.
func TestGroupsTogether(t *testing.T) {
	type rules = map[string]ostiary.FactorRule
	keys, apps := []string{"webauthn"}, []string{"totp"}
	for _, c := range []struct {
		name   string
		rules  rules
		closed bool
		want   string // after the code of an app
	}{
		{name: "kinds of one", rules: rules{"staff": {Policy: "required"}, "admins": {Policy: "required", Kinds: keys}}, want: "enrolment_required"},
		{name: "kinds of the less strict", rules: rules{"staff": {Policy: "required"}, "admins": {Policy: "optional", Kinds: keys}}, want: "enrolment_required"},
		{name: "kinds of both", rules: rules{"staff": {Policy: "required", Kinds: apps}, "admins": {Policy: "required", Kinds: []string{"webauthn", "totp"}}}},
		{name: "kinds of one that is off", rules: rules{"staff": {Policy: "required"}, "admins": {Policy: "off", Kinds: keys}}},
		{name: "no kind in common", rules: rules{"staff": {Policy: "required", Kinds: apps}, "admins": {Policy: "required", Kinds: keys}}, want: "factor_missing"},
		{name: "nothing to enrol", rules: rules{"admins": {Policy: "required", Kinds: keys}}, closed: true, want: "factor_missing"},
	} {
		for _, groups := range [][]string{{"staff", "admins"}, {"admins", "staff"}} {
			t.Run(c.name+", "+groups[0]+" first", func(t *testing.T) {
				h := enrolled(t, func(config *ostiary.Config) {
					config.Factors.Kinds = append(config.Factors.Kinds, echo{})
					config.Factors.Groups = c.rules
					if c.closed {
						config.Factors.Enrolment = ostiary.EnrolClosed
					}
				}, answering(&ostiary.User{ID: "42", Groups: groups}, nil))
				b := h.script()
				b.waits(b.login(), "second_factor")
				r := b.post("callback/totp", "code", h.code(appSecret))
				if c.want == "" {
					if !r.sets(h) {
						t.Errorf("not in: %s", r.body)
					}
					return
				}
				b.waits(r, c.want)
				if c.want == "factor_missing" {
					person := h.browser()
					person.login()
					h.clock.turn(time.Minute)
					person.follow(person.post("callback/totp", "code", h.code(appSecret))).shows("ask the people who run this service", `name="password"`)
				}
			})
		}
	}
}

// TestRulesChangeMeanwhile opens the page of a pending sign-in when the rules that it
// began under are no more: it starts again, and never in a circle.
func TestRulesChangeMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		now   func(*ostiary.Config)
		shows string
	}{
		"off": {func(c *ostiary.Config) { c.Factors.Policy = ostiary.FactorsOff }, `name="password"`},
		"nothing that could be enrolled": {func(c *ostiary.Config) {
			required(c)
			c.Factors.Enrolment = ostiary.EnrolClosed
		}, "ask the people who run this service"},
	} {
		t.Run(name, func(t *testing.T) {
			shared := factors.New((&clock{at: dayOne}).now)
			use := func(c *ostiary.Config) { c.Store = shared }
			b := guarded(t, use, required).browser()
			b.waits(b.login(), "enrolment_required")
			b.h = guarded(t, use, c.now)
			b.handler = b.h
			b.follow(b.get("factor")).is(200).shows(c.shows)
			if b.session() != nil {
				t.Error("a session")
			}
		})
	}
}
