package server

import (
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/pam"
)

// pamSettings are the keys of connector.pam.
type pamSettings struct{ config pam.Config }

func pamKeys() kind[pamSettings] {
	type config = pamSettings
	return mapping(
		key("service", text(64), func(c *config) *string { return &c.config.Service }, "",
			"The PAM service, a file in /etc/pam.d. It needs a build with `go build -tags pam`.").required(),
		key("conf_dir", text(1000), func(c *config) *string { return &c.config.ConfDir }, "those of the system",
			"A folder that has the service's file instead."),
		key("groups", boolean(), func(c *config) *bool { return &c.config.Groups }, "false",
			"Also takes the groups and the full name from the system's account database."),
		key("max_concurrent", whole(1, 1024, "calls"), func(c *config) *int { return &c.config.MaxConcurrent }, "8",
			"How many calls of PAM may be under way."),
		key("refusal_step", duration(time.Millisecond, 5*time.Second), func(c *config) *time.Duration { return &c.config.RefusalStep }, "100ms",
			"Refusals leave at whole multiples of this, because PAM's modules take their time for known names only."),
		key("reveal", revealed(), func(c *config) *ostiary.Reveal { return &c.config.Reveal }, "nothing",
			"States that a person may learn of: locked, disabled, expired, must_change. Otherwise all look like a wrong password."),
		key("username_field", text(64), func(c *config) *string { return &c.config.UsernameField }, "username",
			"The field of the form with the name."),
		key("password_field", text(64), func(c *config) *string { return &c.config.PasswordField }, "password",
			"The field of the form with the password."),
	)
}

func (s *pamSettings) keyOf(word string) string { return keyOfField(pamKeys(), word) }
func (s *pamSettings) looksUp() bool            { return true }

func (s *pamSettings) asks() []asked {
	return nameAndPassword(s.config.UsernameField, s.config.PasswordField)
}

func (s *pamSettings) connect(w wiring) (connected, error) {
	config := s.config
	config.Logger = w.logger
	if config.ConfDir != "" {
		config.ConfDir = w.path(config.ConfDir)
	}
	connector, err := pam.New(config)
	if err != nil {
		return connected{}, err
	}
	made := asConnected(connector)
	made.lookup = connector.Lookup
	return made, nil
}
