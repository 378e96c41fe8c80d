package radius

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
)

// Server is one RADIUS server. Its Address is required, and without TLS its
// Secret.
type Server struct {
	// Address is host and port. Without a port it is 1812, with TLS 2083.
	Address string
	// Secret is what the server has for this machine in its list of clients. With
	// TLS, empty means "radsec" (RFC 6614, section 2.3).
	Secret ostiary.Secret
	// TLS, when not nil, asks over TLS (RadSec). Nil is UDP.
	TLS *TLS
}

// TLS says whom to trust, and who we are. Its zero value trusts the authorities of
// the system and shows no certificate; most servers want one.
type TLS struct {
	// CAFile has the authorities, in PEM, that the server's certificate must come
	// from. Empty means those of the system.
	CAFile string
	// CertFile and KeyFile are the certificate that we show, in PEM. Files are
	// read again for each new connection.
	CertFile, KeyFile string
	// ServerName is the name that the server's certificate must have. Empty means
	// the host of Address.
	ServerName string
}

// Names of attributes, for Config.UserID and Config.Groups.
const (
	AttributeUserName = "User-Name"
	AttributeClass    = "Class"
	AttributeFilterID = "Filter-Id"
)

// Config says which servers are asked, and how. Servers is required.
type Config struct {
	// Servers are asked in order. The next one is asked at once when nothing
	// listens at one, or no connection over TLS comes about. One that is silent
	// costs the attempts that it got, which are unavailable and go nowhere else; it
	// is then left out until it answers a question without a password.
	Servers []Server
	// NASIdentifier is what we call ourselves. Empty means "ostiary".
	NASIdentifier string
	// NASIPAddress is the address that we give for ourselves. The zero value
	// gives none.
	NASIPAddress netip.Addr
	// CallingStation sends the address of the person's browser as
	// Calling-Station-Id.
	CallingStation bool

	// Timeout is how long one try waits for an answer, and how long a connection
	// over TLS may take. Zero means 2 seconds.
	Timeout time.Duration
	// Retries is how often the same packet is sent again over UDP. Over TLS
	// nothing is sent twice, and the waiting is as long. Zero means twice, negative
	// never.
	Retries int
	// Pause is how long a server that gave no valid answer is left out before it is
	// asked, in the background, whether it is back. Zero means 30 seconds.
	Pause time.Duration

	// UserID is what the id of a person is. Empty means the name as it was typed;
	// AttributeUserName takes that of the server's reply, without which nobody is
	// let in. Take it where the server accepts a name in several spellings.
	UserID string
	// Groups are attributes of the reply whose values are groups: AttributeClass,
	// AttributeFilterID. Empty means that there are none.
	Groups []string
	// GroupPrefix, when not empty, is what a value must begin with to be a group.
	// It is taken off, and so is a semicolon at the end: "OU=staff;" is "staff" by
	// the prefix "OU=".
	GroupPrefix string
	// Reveal lists the states that a person may learn of. RADIUS has no word for
	// them: States finds them.
	Reveal ostiary.Reveal
	// States are texts in the Reply-Message of a rejection, in any letter case, and
	// what they mean. Nil means "password has expired" for ostiary.Expired, which
	// FreeRADIUS says.
	States map[string]ostiary.State

	// AnswerLabel is the label of the field for the answer to a challenge. Empty
	// means "Code".
	AnswerLabel string
	// UsernameField and PasswordField are the form's fields. Empty means
	// "username" and "password".
	UsernameField, PasswordField string

	// InsecureAllowMissingMessageAuthenticator believes replies without a
	// Message-Authenticator. Somebody between us and a server over UDP can then
	// turn a refusal into an accept (Blast-RADIUS, CVE-2024-3596).
	InsecureAllowMissingMessageAuthenticator bool

	// Logger hears of servers that give no answer, and when they do again. Nil is
	// silent.
	Logger *slog.Logger
	// Now is the clock for Pause. Nil means time.Now.
	Now func() time.Time
}

const (
	defaultTimeout = 2 * time.Second
	defaultRetries = 2
	defaultPause   = 30 * time.Second
	maxRetries     = 10
	answerField    = "answer"
)

// settled returns a copy with the defaults in it.
func (c Config) settled() Config {
	c.Servers = slices.Clone(c.Servers)
	for i := range c.Servers {
		c.Servers[i] = c.Servers[i].settled()
	}
	c.Groups, c.Reveal = slices.Clone(c.Groups), slices.Clone(c.Reveal)
	c.NASIdentifier = or(c.NASIdentifier, "ostiary")
	c.AnswerLabel = or(c.AnswerLabel, "Code")
	c.UsernameField, c.PasswordField = or(c.UsernameField, "username"), or(c.PasswordField, "password")
	c.Timeout, c.Retries, c.Pause = or(c.Timeout, defaultTimeout), or(c.Retries, defaultRetries), or(c.Pause, defaultPause)
	c.Retries = max(c.Retries, 0)
	if c.States = maps.Clone(c.States); c.States == nil {
		c.States = map[string]ostiary.State{"password has expired": ostiary.Expired}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (s Server) settled() Server {
	port := "1812"
	if s.TLS != nil {
		settings := *s.TLS
		s.TLS, port = &settings, "2083"
		if s.Secret.Reveal() == "" {
			s.Secret = ostiary.NewSecret("radsec")
		}
	}
	if _, _, err := net.SplitHostPort(s.Address); err != nil && s.Address != "" {
		s.Address = net.JoinHostPort(strings.Trim(s.Address, "[]"), port)
	}
	return s
}

// or returns the first value unless it is zero.
func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// check returns every fault of a settled Config.
func (c Config) check() error {
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	fault(len(c.Servers) == 0, "Servers: at least one is needed")
	for i, s := range c.Servers {
		fault(slices.ContainsFunc(c.Servers[:i], func(o Server) bool { return o.Address == s.Address }),
			"Servers: %s is there twice", s.Address)
		faults = append(faults, s.check())
	}
	fault(len(c.NASIdentifier) > maxValue, "NASIdentifier: has more than %d bytes", maxValue)
	fault(c.NASIPAddress.IsValid() && !c.NASIPAddress.Unmap().Is4(), "NASIPAddress: %v is not of IPv4", c.NASIPAddress)
	fault(c.Timeout < 0, "Timeout: %v is negative", c.Timeout)
	fault(c.Retries > maxRetries, "Retries: %d is more than %d", c.Retries, maxRetries)
	fault(c.Pause < 0, "Pause: %v is negative", c.Pause)
	fault(c.UserID != "" && c.UserID != AttributeUserName, "UserID: %q is neither empty nor %s", c.UserID, AttributeUserName)
	for _, name := range c.Groups {
		fault(groupAttribute(name) == 0, "Groups: %q is neither %s nor %s", name, AttributeClass, AttributeFilterID)
	}
	fault(c.GroupPrefix != "" && len(c.Groups) == 0, "GroupPrefix: says nothing without Groups")
	for _, text := range slices.Sorted(maps.Keys(c.States)) {
		fault(text == "", "States: an empty text is in every message")
		fault(c.States[text].Code() == "", "States: %q is no state", c.States[text])
	}
	return errors.Join(faults...)
}

func (s Server) check() error {
	host, port, err := net.SplitHostPort(s.Address)
	number, portErr := strconv.ParseUint(port, 10, 16)
	switch {
	case s.Address == "":
		return errors.New("Servers: an address is missing")
	case err != nil || host == "" || portErr != nil || number == 0 || len(s.Address) > maxValue:
		return fmt.Errorf("Servers: %q is not a host and a port", s.Address)
	case s.Secret.Reveal() == "":
		return fmt.Errorf("Servers: %s: the secret is missing", s.Address)
	case s.TLS == nil:
		return nil
	}
	if _, err := s.TLS.load(host); err != nil {
		return fmt.Errorf("Servers: %s: %w", s.Address, err)
	}
	return nil
}

// groupAttribute is the number of an attribute that may hold groups, or 0.
func groupAttribute(name string) attributeType {
	switch name {
	case AttributeClass:
		return class
	case AttributeFilterID:
		return filterID
	}
	return 0
}

// common are the attributes that every request has (RFC 2865, section 4.1).
func (c Config) common() []attribute {
	list := []attribute{
		{nasIdentifier, []byte(c.NASIdentifier)},
		{nasPortType, []byte{0, 0, 0, 5}}, // Virtual
	}
	if c.NASIPAddress.IsValid() {
		list = append(list, attribute{nasIPAddress, c.NASIPAddress.Unmap().AsSlice()})
	}
	return list
}

// warnings are what is allowed and better changed (RAD-3).
func (c Config) warnings() (list []string) {
	for _, s := range c.Servers {
		if s.TLS != nil {
			continue
		}
		if !loopback(s.Address) {
			list = append(list, s.Address+" is asked over UDP, where the shared secret and MD5 alone protect passwords: "+
				"use TLS (RadSec), or a network that nobody else is on")
		}
		if len(s.Secret.Reveal()) < 16 {
			list = append(list, s.Address+": its secret is shorter than 16 characters; who records one sign-in can guess it, and then all passwords")
		}
	}
	if c.InsecureAllowMissingMessageAuthenticator {
		list = append(list, "replies without Message-Authenticator are believed: who is between us and a server can sign in as anybody (CVE-2024-3596)")
	}
	return list
}

func loopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
