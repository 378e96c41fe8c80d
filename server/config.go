package server

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/passhash"
	"github.com/ostiary/ostiary/session"
)

// Config is a configuration file that was read and checked. It holds secrets
// and prints as the name of the file alone.
type Config struct {
	// File is the name that the file was read by.
	File string
	// Listen is the address to serve at: "127.0.0.1:3000".
	Listen string
	// AdminListen is the address of the health endpoints. Empty means none.
	AdminListen string
	// Log says what is logged and how.
	Log LogConfig
	// Connections is how many connections are served at once.
	Connections int
	// Service is the configuration of the service, without the authorizers:
	// Build makes those.
	Service ostiary.Config

	secrets   []secret
	proxies   []string
	providers []providerSettings
	store     storeSettings
	factors   *factorSettings // nil without any
	hashing   passhash.PoolConfig
	reader    *reader // knows the line of every key, and what must not be printed
}

// LogConfig says what is logged and how.
type LogConfig struct {
	// Level is the least severe level that is written. Zero is info.
	Level slog.Level
	// Text writes lines for people instead of JSON.
	Text bool
}

// String returns the name of the file and none of what is in it.
func (c Config) String() string { return "configuration " + c.File }

// SignInURL is where people sign in.
func (c *Config) SignInURL() string {
	return strings.TrimSuffix(c.Service.URL, "/") + c.base() + "/signin"
}

func (c *Config) secure() bool { return strings.HasPrefix(strings.ToLower(c.Service.URL), "https:") }

// GoString hides the contents from %#v too.
func (c Config) GoString() string { return c.String() }

// LogValue hides the contents from logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// providerSettings is one entry of providers.
type providerSettings struct {
	at        string // the path of keys that leads here
	service   ostiary.Provider
	connector connectorSettings
}

// Read reads the file and checks it whole. The error is of type Faults when the
// file could be opened. getenv resolves ${NAME}; nil means that there are no
// environment variables.
func Read(file string, getenv func(string) string) (*Config, error) {
	content, public, err := readLimited(file, maxConfig)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return read(file, content, public, getenv)
}

// Parse is Read for a file whose content is at hand. Relative paths in it count
// from the folder of file, which need not exist.
func Parse(file string, content []byte, getenv func(string) string) (*Config, error) {
	return read(file, content, false, getenv)
}

func read(file string, content []byte, public bool, getenv func(string) string) (*Config, error) {
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	r := &reader{
		file: file, dir: filepath.Dir(file), getenv: getenv, public: public, lines: make(map[string]int),
	}
	c := &Config{File: file, reader: r, Listen: "127.0.0.1:3000", Connections: 4096}
	root, fault := parse(content)
	if fault != nil {
		fault.File = r.file
		return nil, Faults{*fault}
	}
	readMapping(r, place{"", root}, c, fileKeys())
	c.finish()
	c.setFactors()
	c.check()
	if err := r.result(); err != nil {
		return nil, err
	}
	return c, nil
}

// result returns the faults, cleared of everything that must not be printed.
func (r *reader) result() error {
	for i := range r.faults {
		r.faults[i].Text = r.redact(r.faults[i].Text)
		r.faults[i].Path = r.redact(r.faults[i].Path)
	}
	return r.faults.orNil()
}

// finish carries over what could not be read into place directly.
func (c *Config) finish() {
	for _, s := range c.secrets {
		c.Service.Secrets = append(c.Service.Secrets, s.text)
	}
	if dir := c.Service.TemplateDir; dir != "" {
		c.Service.TemplateDir = c.reader.path(dir)
	}
	if c.Service.Wire == "" {
		c.Service.Wire = session.NextAuthV4
	}
	for i := range c.providers {
		c.providers[i].at = fmt.Sprintf("providers[%d]", i)
	}
}
