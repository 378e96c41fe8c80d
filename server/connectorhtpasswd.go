package server

import (
	"cmp"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/htpasswd"
)

// htpasswdSettings are the keys of connector.htpasswd.
type htpasswdSettings struct{ config htpasswd.Config }

func htpasswdKeys() kind[htpasswdSettings] {
	type config = htpasswdSettings
	return mapping(
		key("file", text(1000), func(c *config) *string { return &c.config.File }, "",
			"The password file; not writable by everybody.").required(),
		key("allow_md5_and_sha1", boolean(), func(c *config) *bool { return &c.config.AllowMD5AndSHA1 }, "false",
			"Also accepts $apr1$ and {SHA}, which whoever gets the file can try at billions a second."),
		key("allow_des", boolean(), func(c *config) *bool { return &c.config.AllowDES }, "false",
			"Also accepts the DES of crypt(3), which reads eight characters of a password."),
		key("reveal", revealed(), func(c *config) *ostiary.Reveal { return &c.config.Reveal }, "nothing",
			"States that a person may learn of; here only locked, for a hash behind ! or *. Otherwise it looks like a wrong password."),
		key("username_field", text(64), func(c *config) *string { return &c.config.UsernameField }, "username",
			"The field of the form with the name."),
		key("password_field", text(64), func(c *config) *string { return &c.config.PasswordField }, "password",
			"The field of the form with the password."),
	)
}

func (s *htpasswdSettings) keyOf(word string) string { return keyOfField(htpasswdKeys(), word) }
func (s *htpasswdSettings) looksUp() bool            { return true }

func (s *htpasswdSettings) asks() []asked {
	return nameAndPassword(s.config.UsernameField, s.config.PasswordField)
}

// nameAndPassword are the two fields that most connectors read.
func nameAndPassword(username, password string) []asked {
	return []asked{
		{"username_field", cmp.Or(username, "username")},
		{"password_field", cmp.Or(password, "password")},
	}
}

func (s *htpasswdSettings) connect(w wiring) (connected, error) {
	config := s.config
	config.File, config.Logger, config.Pool = w.path(config.File), w.logger, w.pool()
	connector, err := htpasswd.New(config)
	if err != nil {
		return connected{}, err
	}
	made := asConnected(connector)
	made.lookup = connector.Lookup
	return made, nil
}
