package server

import (
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/yubikey"
)

// yubikeySettings are the keys of factors.yubikey.
type yubikeySettings struct {
	config yubikey.Config
	apiKey secret
}

func yubikeyKeys() kind[yubikeySettings] {
	type config = yubikeySettings
	return mapping(
		key("servers", listOf(text(300)), func(c *config) *[]string { return &c.config.Servers }, "none: keys are imported with their secrets",
			"Validation servers (protocol 2.0), such as https://api.yubico.com/wsapi/2.0/verify; all are asked at once."),
		key("client_id", text(20), func(c *config) *string { return &c.config.ClientID }, "none", "What the servers know us by, a number."),
		key("api_key", hiddenText(), func(c *config) *secret { return &c.apiKey }, "none",
			"The key, in base64, that requests and answers are signed with; required with servers."),
		key("unsigned_replies", boolean(), func(c *config) *bool { return &c.config.UnsignedReplies }, "false",
			"Accepts answers that nobody signed: whoever is on the way can then make every password valid."),
		key("ca_file", text(1000), func(c *config) *string { return &c.config.CAFile }, "those of the system",
			"The certificates, in PEM, that may vouch for the servers."),
		key("insecure_http", boolean(), func(c *config) *bool { return &c.config.InsecureHTTP }, "false",
			"Permits servers that are asked without TLS."),
		key("timeout", duration(100*time.Millisecond, 20*time.Second), func(c *config) *time.Duration { return &c.config.Timeout }, "5s",
			"How long asking may take, at most 20s."),
	)
}

func (s *yubikeySettings) keyOf(word string) string {
	switch word { // that the rule for names gets wrong
	case "ClientID":
		return "client_id"
	case "APIKey":
		return "api_key"
	}
	return keyOfField(yubikeyKeys(), word)
}

func (s *yubikeySettings) factor(c *Config) (ostiary.Factor, error) {
	config := s.config
	config.APIKey = ostiary.NewSecret(s.apiKey.text)
	if config.CAFile != "" {
		config.CAFile = c.reader.path(config.CAFile)
	}
	return asFactor(yubikey.New(config))
}
