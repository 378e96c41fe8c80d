package sqldb

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
)

// database is where the users are, and how it is reached.
type database struct {
	engine engine
	// where names the server for messages, without user and password.
	where string
	// connector returns a source of connections. Those of a reader can't change
	// anything.
	connector func(o options) (driver.Connector, error)
}

// options of a connection.
type options struct {
	timeout time.Duration // of a statement, on the server
	write   bool
}

// transport says what a connection to another machine has to be.
type transport struct {
	caFile   string
	insecure bool
}

var errScheme = errors.New("must begin with postgres://, mysql://, mariadb:// or sqlite:")

// parseDSN reads a DSN. Its faults never quote it: it may hold a password.
func parseDSN(text string, t transport) (*database, error) {
	scheme, rest, found := strings.Cut(text, ":")
	switch scheme = strings.ToLower(scheme); {
	case text == "":
		return nil, errors.New("is missing")
	case !found:
		return nil, errScheme
	case scheme == "sqlite":
		return sqliteDatabase(rest)
	case scheme != "postgres" && scheme != "postgresql" && scheme != "mysql" && scheme != "mariadb":
		return nil, errScheme
	}
	a, err := parseAddress(text)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(scheme, "postgres") {
		return postgresDatabase(a, t)
	}
	return mysqlDatabase(a, t)
}

// address is what the URLs of both servers have in common.
type address struct {
	user, password string
	host, port     string // of a socket: host alone, a path
	database       string
	parameters     map[string]string
}

func parseAddress(text string) (*address, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil && strings.Contains(text, ","):
		return nil, errors.New("can't be read as a URL; it may have one host only")
	case err != nil:
		return nil, errors.New("can't be read as a URL; special characters of a password are written as %40 for @, %2F for /, %23 for #, %3F for ?")
	case u.Opaque != "" || u.Fragment != "" || strings.Contains(text, "#"):
		return nil, errors.New("must look like postgres://user:password@host/database; a # in a password is written %23")
	case strings.Contains(u.Host, ","):
		return nil, errors.New("may have one host only")
	}
	a := &address{host: u.Hostname(), port: u.Port(), database: strings.TrimPrefix(u.Path, "/"), parameters: map[string]string{}}
	if u.User != nil {
		a.user = u.User.Username()
		a.password, _ = u.User.Password()
	}
	pairs, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("has parameters that can't be read")
	}
	for name, values := range pairs {
		if len(values) > 1 {
			return nil, fmt.Errorf("has %s twice", parameter(name))
		}
		a.parameters[name] = values[0]
	}
	return a, a.check()
}

func (a *address) check() error {
	switch {
	case a.database == "" || strings.Contains(a.database, "/"):
		return errors.New("must name a database: postgres://user:password@host/database")
	case a.user == "":
		return errors.New("must name a user: postgres://user:password@host/database")
	case strings.ContainsRune(a.host+a.user+a.password+a.database, 0):
		return errors.New("has a NUL in it")
	case strings.Contains(a.host, "%"):
		return errors.New("has a network zone in the host")
	}
	return nil
}

// take returns a parameter and counts it as known.
func (a *address) take(name string) string {
	value := a.parameters[name]
	delete(a.parameters, name)
	return value
}

// refused are parameters that would undo what a connector promises.
var refused = map[string]string{
	"multistatements":          "several statements in one would let values become statements",
	"interpolateparams":        "values are never written into the statement",
	"allowallfiles":            "the server could read files here",
	"allowcleartextpasswords":  "the password would be shown to whoever answers",
	"allowoldpasswords":        "that scheme is broken",
	"allowfallbacktoplaintext": "whoever is on the way could switch TLS off",
	"options":                  "it can undo the limits of the session",
	"service":                  "a service file can undo what is checked here",
	"servicefile":              "a service file can undo what is checked here",
	"statement_timeout":        "use the statement timeout of the connector",
	"prefer_simple_protocol":   "values are never written into the statement",
}

// rest refuses the parameters that nobody took.
func (a *address) rest() error {
	var faults []error
	for name := range a.parameters {
		if why := refused[strings.ToLower(name)]; why != "" {
			faults = append(faults, fmt.Errorf("the parameter %s is refused: %s", name, why))
		} else {
			faults = append(faults, fmt.Errorf("%s is not known here", parameter(name)))
		}
	}
	return errors.Join(faults...)
}

// parameter names a parameter, if its name is a word: what follows a question
// mark may also be the rest of a password.
func parameter(name string) string {
	if len(name) > 40 || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "a parameter"
	}
	return "the parameter " + name
}

// local reports whether a host is this machine: a socket, or a loopback address.
func local(host string) bool {
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "" || strings.HasPrefix(host, "/") || name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// encryption decides on TLS. wish is "", "off" or "on". It returns nil where
// nothing is encrypted (CON-3).
func (t transport) encryption(host, wish string) (*tls.Config, error) {
	if wish == "" && t.caFile == "" && local(host) || wish == "off" && (local(host) || t.insecure) {
		return nil, nil
	}
	if wish == "off" {
		return nil, fmt.Errorf("without TLS, anybody between here and %s reads the hashes and writes answers: leave TLS on", host)
	}
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if t.caFile == "" {
		return config, nil
	}
	text, err := os.ReadFile(t.caFile)
	if err != nil {
		return nil, fmt.Errorf("the CA file: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("the CA file %s has no certificate in it", t.caFile)
	}
	return config, nil
}
