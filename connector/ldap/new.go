package ldap

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
)

// Connector is an authorizer with a lookup. It is safe for concurrent use. It
// connects when it is asked something.
type Connector struct {
	config     Config
	preset     preset
	attributes Attributes
	filter     filterTemplate
	user       *nameTemplate // bind as the person, nil to search first
	group      *filterTemplate
	servers    []*server
	searches   *pool // bound as the account
	passwords  *pool // bound as this person or that
}

// New checks the configuration and returns every fault it found, joined; each
// begins with the field.
func New(config Config) (*Connector, error) {
	c := &Connector{config: config}
	c.defaults()
	roots, err := c.roots()
	faults := []error{err, c.setPreset(), c.setServers(roots), c.setTemplates(), c.checkRest()}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	c.searches = newPool(c.config.PoolSize, c.dialAsAccount)
	c.passwords = newPool(c.config.PoolSize, c.dial)
	return c, nil
}

func (c *Connector) defaults() {
	o := &c.config
	o.UsernameField, o.PasswordField = or(o.UsernameField, "username"), or(o.PasswordField, "password")
	if o.PoolSize == 0 {
		o.PoolSize = 8
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

func (c *Connector) roots() (*x509.CertPool, error) {
	if c.config.CAFile == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.config.CAFile)
	if err != nil {
		return nil, fmt.Errorf("CAFile: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("CAFile: there is no certificate in PEM in %s", c.config.CAFile)
	}
	return roots, nil
}

func (c *Connector) setPreset() error {
	p, ok := presets[or(c.config.Preset, "openldap")]
	if !ok {
		return fmt.Errorf("Preset: %q is none of openldap, active-directory and freeipa", c.config.Preset)
	}
	c.preset, c.attributes = p, c.config.Attributes.orThose(p.attributes)
	c.preset.guid = p.guid && strings.EqualFold(c.attributes.ID, "objectGUID")
	if c.attributes.ID == "" {
		return errors.New("Attributes.ID: an id is required")
	}
	return nil
}

func (c *Connector) setServers(roots *x509.CertPool) error {
	if len(c.config.URLs) == 0 {
		return errors.New("URLs: is missing: name a server, such as ldaps://ldap.example.com")
	}
	var faults []error
	for _, text := range c.config.URLs {
		s, err := c.parseServer(text, roots)
		if err != nil {
			faults = append(faults, fmt.Errorf("URLs: %w", err))
			continue
		}
		c.servers = append(c.servers, s)
	}
	return errors.Join(faults...)
}

func (c *Connector) parseServer(text string, roots *x509.CertPool) (*server, error) {
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return nil, errors.New("an address is a scheme and a host, such as ldaps://ldap.example.com; everything else has a field of its own")
	}
	s := &server{url: u.Scheme + "://" + u.Host}
	port := ""
	switch u.Scheme {
	case "ldaps":
		s.tls, port = true, "636"
	case "ldap":
		port = "389"
	default:
		return nil, fmt.Errorf("%q does not begin with ldaps:// or ldap://", s.url)
	}
	if u.Hostname() == "" {
		return nil, errors.New("the host is missing")
	}
	s.address = net.JoinHostPort(u.Hostname(), or(u.Port(), port))
	if c.config.InsecurePlaintextLoopback {
		if !isLoopback(u.Hostname()) {
			return nil, fmt.Errorf("%s is another machine: without TLS anybody on the way reads every password", s.url)
		}
		s.plain = !s.tls
	}
	s.config = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, ServerName: or(c.config.ServerName, u.Hostname())}
	return s, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (c *Connector) setTemplates() error {
	var faults []error
	var err error
	if c.filter, err = parseFilter(or(c.config.Filter, c.preset.filter)); err != nil {
		faults = append(faults, fmt.Errorf("Filter: %w", err))
	}
	if c.config.UserDN != "" {
		user, err := parseName(c.config.UserDN)
		if err != nil {
			faults = append(faults, fmt.Errorf("UserDN: %w", err))
		}
		c.user = &user
	}
	if c.config.GroupFilter != "" {
		group, err := parseFilter(c.config.GroupFilter)
		if err == nil && (len(group.fields) != 1 || group.fields[0] != "dn") {
			err = errors.New("its one place is {dn}: (member={dn})")
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("GroupFilter: %w", err))
		}
		c.group = &group
	}
	return errors.Join(faults...)
}

func (c *Connector) checkRest() error {
	o := &c.config
	var faults []error
	add := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, dn := range []struct{ field, text string }{{"BaseDN", o.BaseDN}, {"BindDN", o.BindDN}, {"GroupBaseDN", o.GroupBaseDN}} {
		if _, err := goldap.ParseDN(dn.text); err != nil && (dn.field != "BindDN" || strings.Contains(dn.text, "=")) {
			add("%s: it is not a name such as dc=example,dc=com: %w", dn.field, err)
		}
	}
	if o.BaseDN == "" && (c.user == nil || !c.user.dn) {
		add("BaseDN: is missing: say below what people are, such as ou=people,dc=example,dc=com")
	}
	if o.BindDN != "" && o.BindPassword.Reveal() == "" {
		add("BindPassword: is missing: a bind with a name and no password is anonymous (RFC 4513, section 5.1.2)")
	}
	if o.BindDN != "" && o.UserDN != "" {
		add("UserDN: with a BindDN people are searched first; take one of the two out")
	}
	if o.PoolSize < 0 || o.PoolSize > 1000 {
		add("PoolSize: %d is not from 1 to 1000", o.PoolSize)
	}
	if o.Timeout < 0 {
		add("Timeout: %v is negative", o.Timeout)
	}
	return errors.Join(faults...)
}
