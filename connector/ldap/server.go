package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
)

// server is one server, and whether it was there when it was last asked.
type server struct {
	url     string
	address string
	tls     bool // from the first byte
	plain   bool // never
	config  *tls.Config

	mu   sync.Mutex
	back time.Time // when to ask again, zero for a server that works
}

// rest is how long a server that is down is left alone.
const rest = 10 * time.Second

func (s *server) rests(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.back)
}

// note remembers whether the server was there, and reports whether that is news.
func (s *server) note(there bool, now time.Time) (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.back.IsZero()
	if there {
		s.back = time.Time{}
	} else {
		s.back = now.Add(rest)
	}
	return was != there
}

// link is a connection with what it can be cut off by.
type link struct {
	*goldap.Conn
	raw  net.Conn
	used time.Time
}

// during runs a question on a connection. When ctx ends the connection is cut,
// which ends the question; nothing is sent on it after that.
func (l *link) during(ctx context.Context, ask func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = l.raw.Close() })
	err := ask()
	if !stop() {
		return context.Cause(ctx)
	}
	return err
}

// dial connects to the first server that is there, encrypted, and binds as nobody.
func (c *Connector) dial(ctx context.Context) (*link, error) {
	var faults []error
	now := c.config.Now()
	for _, s := range c.inTurn(now) {
		l, err := c.connect(ctx, s)
		if ctx.Err() != nil {
			return nil, errors.Join(append(faults, fmt.Errorf("%s: %w", s.url, context.Cause(ctx)))...)
		}
		if s.note(err == nil, c.config.Now()) {
			c.tell(s, err)
		}
		if err == nil {
			return l, nil
		}
		faults = append(faults, fmt.Errorf("%s: %w", s.url, err))
	}
	return nil, errors.Join(faults...)
}

// inTurn are the servers in the order in which they are tried: those that rest only
// when nobody else is there.
func (c *Connector) inTurn(now time.Time) []*server {
	var working, resting []*server
	for _, s := range c.servers {
		if s.rests(now) {
			resting = append(resting, s)
		} else {
			working = append(working, s)
		}
	}
	return append(working, resting...)
}

func (c *Connector) tell(s *server, err error) {
	if err != nil {
		c.config.Logger.Warn("ldap: a server is down", slog.String("server", s.url), slog.Any("cause", err))
		return
	}
	c.config.Logger.Info("ldap: a server is back", slog.String("server", s.url))
}

func (c *Connector) connect(ctx context.Context, s *server) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, err
	}
	if s.tls {
		secured := tls.Client(raw, s.config)
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, describeTLS(err)
		}
		raw = secured
	}
	l := &link{Conn: goldap.NewConn(raw, s.tls), raw: raw}
	l.Start()
	l.SetTimeout(c.config.Timeout)
	if s.tls || s.plain {
		return l, nil
	}
	if err := l.during(ctx, func() error { return l.StartTLS(s.config) }); err != nil { // LDP-3: nothing goes on without it
		_ = l.Close()
		return nil, fmt.Errorf("StartTLS: %w", describeTLS(err))
	}
	if state, ok := l.TLSConnectionState(); !ok || !state.HandshakeComplete {
		_ = l.Close()
		return nil, errors.New("StartTLS: the connection is not encrypted")
	}
	return l, nil
}

// describeTLS says how to mend what is wrong with a certificate.
func describeTLS(err error) error {
	if strings.Contains(err.Error(), "x509:") { // the library does not wrap it
		return fmt.Errorf("%w; put the certificate of its authority into the CA file, or use the name that it is for", err)
	}
	return err
}

// dialAsAccount is dial, bound as the account that searches.
func (c *Connector) dialAsAccount(ctx context.Context) (*link, error) {
	l, err := c.dial(ctx)
	if err != nil || c.config.BindDN == "" {
		return l, err
	}
	err = l.during(ctx, func() error { return l.Bind(c.config.BindDN, c.config.BindPassword.Reveal()) })
	if err != nil {
		_ = l.raw.Close()
		if goldap.IsErrorWithCode(err, goldap.LDAPResultInvalidCredentials) {
			return nil, fmt.Errorf("the bind as %s was refused: check BindDN and BindPassword", c.config.BindDN)
		}
		return nil, fmt.Errorf("the bind as %s: %w", c.config.BindDN, err)
	}
	return l, nil
}
