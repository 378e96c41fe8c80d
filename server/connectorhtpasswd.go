package server

import (
	"cmp"
	"log/slog"
	"slices"
	"sync"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/htpasswd"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/passhash"
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
		key("username_field", text(64), func(c *config) *string { return &c.config.UsernameField }, "username",
			"The field of the form with the name."),
		key("password_field", text(64), func(c *config) *string { return &c.config.PasswordField }, "password",
			"The field of the form with the password."),
	)
}

// hashes bounds the hashing of passwords in the whole process: reloads and
// several providers share the same cores.
var hashes = sync.OnceValue(func() *passhash.Pool { return passhash.NewPool(0) })

func (s *htpasswdSettings) connect(c *Config, logger *slog.Logger, p *ostiary.Provider) (connected, error) {
	config := s.config
	config.File, config.Logger, config.Pool = c.reader.path(config.File), logger, hashes()
	connector, err := htpasswd.New(config)
	if err != nil {
		return connected{}, err
	}
	p.Authorize, p.Lookup = connector.Authorize, connector.Lookup
	return asConnected(connector), nil
}

// checkFields makes sure that the form asks for what the connector reads.
func (s *htpasswdSettings) checkFields(r *reader, p *providerSettings) {
	for _, want := range []struct{ key, name string }{
		{"username_field", cmp.Or(s.config.UsernameField, "username")},
		{"password_field", cmp.Or(s.config.PasswordField, "password")},
	} {
		if !slices.ContainsFunc(p.service.Form, func(f form.Field) bool { return f.Name == want.name }) {
			path := p.at + ".connector.htpasswd." + want.key
			r.fault(path, r.lineFor(path), "the form has no field %s; declare it, or name another one here", want.name)
		}
	}
}
