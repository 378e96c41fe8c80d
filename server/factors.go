package server

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ostiary/ostiary"
)

// factorSettings is what stands below the key factors.
type factorSettings struct {
	config           ostiary.Factors
	groups, accounts []named[ostiary.FactorRule]
	declared         []declaredFactor
}

// declaredFactor is one kind of second factor, in the order of the file.
type declaredFactor struct {
	name   string // "totp"
	system factorSystem
}

// factorSystem is the keys of one kind of second factor.
type factorSystem interface {
	// factor makes it. It asks nothing yet.
	factor(c *Config) (ostiary.Factor, error)
	// keyOf says which key is meant when a fault begins with that word.
	keyOf(word string) string
}

func factorKeys() kind[factorSettings] {
	type config = factorSettings
	return mapping(
		key("policy", factorPolicy(), func(c *config) *ostiary.FactorPolicy { return &c.config.Policy }, "optional",
			"Who needs a second factor: nobody (off), who has enrolled one (optional), or everybody (required)."),
		key("groups", pairs(factorRule()), func(c *config) *[]named[ostiary.FactorRule] { return &c.groups }, "none",
			"Policies of groups, by the group's name: a word, or policy and kinds. Of a person's groups the strictest policy counts, and the kinds that all of them accept, before that of the provider."),
		key("accounts", pairs(factorRule()), func(c *config) *[]named[ostiary.FactorRule] { return &c.accounts }, "none",
			"Policies of single accounts, by realm:id; they count before all others."),
		key("enrolment", choice(map[string]ostiary.EnrolmentMode{
			"self": ostiary.EnrolSelf, "invite": ostiary.EnrolInvite, "closed": ostiary.EnrolClosed,
		}), func(c *config) *ostiary.EnrolmentMode { return &c.config.Enrolment }, "self",
			"Who enrols a first factor: whoever has just signed in (self), and has a code of ostiary factor invite (invite), or the operator alone (closed)."),
		key("remember_device", duration(time.Hour, year), func(c *config) *time.Duration { return &c.config.RememberDevice }, "never",
			"For how long a browser is not asked again, if its person wishes so."),
		key("passkeys", boolean(), func(c *config) *bool { return &c.config.Passkeys }, "false",
			"Offers to sign in by a passkey alone, to people of connectors that can look them up."),
		factorKey("totp", totpKeys(), "Codes of authenticator apps and of key-ring tokens (RFC 6238, RFC 4226)."),
		factorKey("webauthn", webauthnKeys(), "Security keys and passkeys (WebAuthn), the old ones of U2F among them."),
		factorKey("yubikey", yubikeyKeys(), "One-time passwords of YubiKeys."),
		factorKey("recovery", recoveryKeys(), "Codes on paper, for who has lost the other factors."),
	)
}

func factorKey[S any, P interface {
	*S
	factorSystem
}](name string, keys kind[S], doc string) member[factorSettings] {
	return member[factorSettings]{
		key: name, doc: doc, schema: keys.schema, below: keys.below,
		read: func(r *reader, at place, to *factorSettings) {
			s := new(S)
			keys.read(r, at, s)
			to.declared = append(to.declared, declaredFactor{name, P(s)})
		},
	}
}

func factorPolicy() kind[ostiary.FactorPolicy] {
	return choice(map[string]ostiary.FactorPolicy{
		"off": ostiary.FactorsOff, "optional": ostiary.FactorsOptional, "required": ostiary.FactorsRequired,
	})
}

// factorRule reads a policy as a word, or with the kinds that count.
func factorRule() kind[ostiary.FactorRule] {
	type rule = ostiary.FactorRule
	word, whole := factorPolicy(), mapping(
		key("policy", factorPolicy(), func(c *rule) *ostiary.FactorPolicy { return &c.Policy }, "that of factors", "off, optional or required."),
		key("kinds", listOf(choice(map[string]string{"totp": "totp", "webauthn": "webauthn", "yubikey": "yubikey", "recovery": "recovery"})),
			func(c *rule) *[]string { return &c.Kinds }, "all", "The factors that count; others are neither offered nor accepted."),
	)
	return kind[rule]{
		read: func(r *reader, at place, to *rule) {
			at, ok := r.resolve(at)
			switch {
			case !ok:
			case at.node.Kind == yaml.ScalarNode:
				word.read(r, at, &to.Policy)
			default:
				whole.read(r, at, to)
			}
		},
		schema: func() schema { return schema{"anyOf": []schema{word.schema(), whole.schema()}} },
	}
}

// standard are the factors of a file that names none. Browsers use keys at names
// only, and over https or on this machine.
func (c *Config) standard() []declaredFactor {
	list := []declaredFactor{{"totp", new(totpSettings)}}
	if host := c.host(); net.ParseIP(host) == nil && (c.secure() || host == "localhost") {
		list = append(list, declaredFactor{"webauthn", new(webauthnSettings)})
	}
	return append(list, declaredFactor{"recovery", new(recoverySettings)})
}

// setFactors makes the factors and puts them into the configuration of the
// service. What is wrong with them is among the faults.
func (c *Config) setFactors() {
	s := c.factors
	if s == nil {
		return
	}
	if len(s.declared) == 0 {
		s.declared = c.standard()
	}
	c.Service.Factors = s.config
	f := &c.Service.Factors
	f.Groups, f.Accounts = rules(s.groups), rules(s.accounts)
	for _, d := range s.declared {
		path := "factors." + d.name
		if c.reader.faulty(path) || d.name == "webauthn" && c.host() == "" { // url is told of for itself
			continue
		}
		made, err := d.system.factor(c)
		if err != nil {
			c.factorFaults(path, d.system, err)
			continue
		}
		f.Kinds = append(f.Kinds, made)
	}
}

func rules(list []named[ostiary.FactorRule]) map[string]ostiary.FactorRule {
	m := make(map[string]ostiary.FactorRule, len(list))
	for _, n := range list {
		m[n.name] = n.value
	}
	return m
}

// factorFaults gives each fault of a factor the line of the key that it means.
func (c *Config) factorFaults(path string, s factorSystem, err error) {
	for _, message := range messages(err) {
		at, text := path, message
		if word, rest, found := strings.Cut(message, ":"); found {
			if name := s.keyOf(word); name != "" {
				at, text = path+"."+name, strings.TrimSpace(rest)
			}
		}
		c.reader.fault(at, c.reader.lineFor(at), "%s", text)
	}
}

// checkPasskeys makes sure that somebody can come in by a passkey.
func (c *Config) checkPasskeys() {
	if c.factors == nil || !c.factors.config.Passkeys {
		return
	}
	if !slices.ContainsFunc(c.factors.declared, func(d declaredFactor) bool { return d.name == "webauthn" }) {
		c.reader.fault("factors.passkeys", c.reader.lineFor("factors.passkeys"), "needs webauthn: {} beside it")
		return
	}
	for i := range c.providers {
		if d, ok := c.providers[i].connector.one(); ok && d.system.looksUp() {
			return
		}
	}
	c.reader.fault("factors.passkeys", c.reader.lineFor("factors.passkeys"),
		"no connector can look people up without their password, so nobody could come in by a passkey alone; give one a way, or take passkeys out")
}

// host is the host of the address that people come to.
func (c *Config) host() string {
	u, err := url.Parse(c.Service.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// issuer is what authenticators show the service as.
func (c *Config) issuer() string {
	return cmp.Or(strings.ReplaceAll(c.Service.Name, ":", " "), c.host())
}

// nobody is the factors' store while a file is only checked.
type nobody struct{}

var errNobody = errors.New("the store is not open")

func (nobody) Records(context.Context, string) ([]ostiary.Record, error) { return nil, errNobody }
func (nobody) RecordByKey(context.Context, string) (ostiary.Record, error) {
	return ostiary.Record{}, errNobody
}
func (nobody) Change(context.Context, string, ostiary.Change) error { return errNobody }
func (nobody) Spend(context.Context, ...ostiary.Budget) (time.Duration, error) {
	return 0, errNobody
}
func (nobody) Accounts(context.Context, string, int) ([]string, error) { return nil, errNobody }
