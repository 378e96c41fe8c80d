package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"

	"github.com/ostiary/ostiary"
)

// connectorSettings is the connector of a provider: exactly one of them is set.
type connectorSettings struct {
	http     *httpSettings
	htpasswd *htpasswdSettings
}

func connectorKeys() kind[connectorSettings] {
	k := mapping(
		key("http", optional(httpKeys()), func(c *connectorSettings) **httpSettings { return &c.http }, "",
			"Posts the fields to an HTTP endpoint; 2xx and a JSON object is the user, 4xx a refusal."),
		key("htpasswd", optional(htpasswdKeys()), func(c *connectorSettings) **htpasswdSettings { return &c.htpasswd }, "",
			"Looks names and passwords up in a file as Apache's htpasswd writes it; changes count at once."),
	)
	anyOfThem := k.schema
	k.schema = func() schema {
		one := anyOfThem()
		one["minProperties"], one["maxProperties"] = 1, 1
		return one
	}
	return k
}

// checkConnector makes sure that there is exactly one, and lets it check itself
// as far as it can without a network.
func (c *Config) checkConnector(p *providerSettings) {
	path := p.at + ".connector"
	line, there := c.reader.lines[path]
	switch s := p.connector; {
	case !there:
		return // reported as missing
	case s.http != nil && s.htpasswd != nil:
		c.reader.fault(path, line, "has two connectors; a provider asks one user system, declare a second provider")
		return
	case s.http == nil && s.htpasswd == nil:
		if !c.reader.faulty(path) {
			c.reader.fault(path, line, "is empty; it must be http or htpasswd")
		}
		return
	}
	if c.reader.faulty(path) {
		return
	}
	if s := p.connector.htpasswd; s != nil && !c.reader.faulty(p.at+".fields") {
		s.checkFields(c.reader, p)
	}
	var probe ostiary.Provider
	made, err := p.connector.connect(c, nil, &probe)
	if err != nil {
		c.connectorFaults(p, err)
		return
	}
	if made.closer != nil {
		_ = made.closer.Close() // nothing was asked through it
	}
}

// faulty reports whether there is a fault at a path or below it.
func (r *reader) faulty(path string) bool { return r.faultyBefore(path, len(r.faults)) }

// faultyBefore asks the same of the first n faults.
func (r *reader) faultyBefore(path string, n int) bool {
	for _, f := range r.faults[:n] {
		if strings.HasPrefix(f.Path, path) {
			return true
		}
	}
	return false
}

// connectorFaults gives what a connector says about its configuration the lines
// and keys of the file.
func (c *Config) connectorFaults(p *providerSettings, err error) {
	at := p.at + ".connector." + p.connector.name()
	for _, message := range messages(err) {
		path, text := at, message
		if p.connector.htpasswd != nil {
			path += ".file"
		} else if name, rest, found := strings.Cut(message, ": "); found && httpKeyOf[name] != "" {
			path, text = at+"."+httpKeyOf[name], rest
		}
		c.reader.fault(path, c.reader.lineFor(path), "%s", text)
	}
}

func (s connectorSettings) name() string {
	if s.http != nil {
		return "http"
	}
	return "htpasswd"
}

// canLookUp reports whether people can be looked up without their password.
func (s connectorSettings) canLookUp() bool {
	return s.htpasswd != nil || s.http != nil && s.http.config.LookupURL != ""
}

// connect makes the connector and gives the provider its functions.
func (s connectorSettings) connect(c *Config, logger *slog.Logger, p *ostiary.Provider) (connected, error) {
	switch {
	case s.http != nil:
		return s.http.connect(c, p)
	case s.htpasswd != nil:
		return s.htpasswd.connect(c, logger, p)
	}
	return connected{}, errors.New("there is no connector")
}

// checker is a connector that can say whether its user system is there.
type checker interface {
	Check(ctx context.Context) error
}

func asConnected(connector any) connected {
	made := connected{check: func(context.Context) error { return nil }}
	if k, ok := connector.(checker); ok {
		made.check = k.Check
	}
	made.closer, _ = connector.(io.Closer)
	return made
}
