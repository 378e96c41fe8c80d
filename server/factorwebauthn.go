package server

import (
	"cmp"
	"crypto/x509"
	"errors"
	"net/url"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/webauthn"
)

// webauthnSettings are the keys of factors.webauthn.
type webauthnSettings struct {
	config webauthn.Config
	roots  string
}

func webauthnKeys() kind[webauthnSettings] {
	type config = webauthnSettings
	return mapping(
		key("rp_id", text(253), func(c *config) *string { return &c.config.RPID }, "the host of url",
			"The domain that keys are bound to, for ever; another one makes every key useless."),
		key("rp_name", text(64), func(c *config) *string { return &c.config.RPName }, "name, or the host of url",
			"What authenticators show the service as."),
		key("origins", listOf(text(300)), func(c *config) *[]string { return &c.config.Origins }, "url",
			"The addresses of the pages that use keys, scheme, host and port; front ends of your own among them."),
		key("user_verification", choice(map[string]string{"discouraged": "discouraged", "preferred": "preferred", "required": "required"}),
			func(c *config) *string { return &c.config.UserVerification }, "preferred",
			"Whether a key must check its owner, by PIN or finger, when it is the second factor; as the only one it always must."),
		key("attestation", choice(map[string]string{"none": "none", "direct": "direct"}), func(c *config) *string { return &c.config.Attestation }, "none",
			"Whether keys are asked for proof of their make, of which browsers tell the person."),
		key("attestation_roots", text(1000), func(c *config) *string { return &c.roots }, "none",
			"A file with the certificates, in PEM, of makers whose keys alone are registered; needs attestation: direct."),
		key("allow_aaguids", listOf(text(64)), func(c *config) *[]string { return &c.config.AllowAAGUIDs }, "all",
			"The models of keys that may be registered, by AAGUID; needs attestation_roots."),
		key("deny_aaguids", listOf(text(64)), func(c *config) *[]string { return &c.config.DenyAAGUIDs }, "none",
			"Models of keys that may not be registered."),
		key("refuse_synced", boolean(), func(c *config) *bool { return &c.config.RefuseSynced }, "false",
			"Refuses keys that can be copied to other devices: most passkeys of phones and browsers."),
		key("accept_regressed_counter", boolean(), func(c *config) *bool { return &c.config.AcceptRegressedCounter }, "false",
			"Accepts a key whose counter went backwards, which is what a copy of it looks like."),
		key("app_id", text(300), func(c *config) *string { return &c.config.AppID }, "none",
			"What imported keys of the old U2F interface were registered for, an https URL."),
		key("timeout", duration(10*time.Second, 10*time.Minute), func(c *config) *time.Duration { return &c.config.Timeout }, "5m",
			"How long the browser waits for the key."),
	)
}

func (s *webauthnSettings) keyOf(word string) string {
	switch word { // that the rule for names gets wrong
	case "RPID":
		return "rp_id"
	case "RPName":
		return "rp_name"
	case "AllowAAGUIDs":
		return "allow_aaguids"
	case "DenyAAGUIDs":
		return "deny_aaguids"
	}
	return keyOfField(webauthnKeys(), word)
}

func (s *webauthnSettings) factor(c *Config) (ostiary.Factor, error) {
	config := s.config
	config.RPID, config.RPName = cmp.Or(config.RPID, c.host()), cmp.Or(config.RPName, c.issuer())
	if len(config.Origins) == 0 {
		if u, err := url.Parse(c.Service.URL); err == nil {
			config.Origins = []string{u.Scheme + "://" + u.Host}
		}
	}
	if s.roots != "" {
		pem, _, err := readLimited(c.reader.path(s.roots), maxConfig)
		if err != nil {
			return nil, errors.New("AttestationRoots: " + err.Error())
		}
		config.AttestationRoots = x509.NewCertPool()
		if !config.AttestationRoots.AppendCertsFromPEM(pem) {
			return nil, errors.New("AttestationRoots: there is no certificate in the file")
		}
	}
	return asFactor(webauthn.New(config))
}
