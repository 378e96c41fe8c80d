package radius

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
)

// overTLS asks over the connection that there is, or a new one (RFC 6614). What
// was sent and not answered is not sent again (CON-2).
func (s *server) overTLS(ctx context.Context, q question) (packet, error) {
	for {
		l, err := s.connect(ctx)
		if err != nil {
			return packet{}, fmt.Errorf("%w: %w", errUnsent, err)
		}
		// It may have been retired meanwhile; then nothing was sent on it.
		if w, ok := l.enter(q, s.secret, s.config.InsecureAllowMissingMessageAuthenticator); ok {
			return l.ask(ctx, w)
		}
	}
}

// connect returns the connection that there is, or makes one; others wait for it.
func (s *server) connect(ctx context.Context) (*link, error) {
	select {
	case s.dialing <- struct{}{}:
		defer func() { <-s.dialing }()
	case <-ctx.Done():
		return nil, fmt.Errorf("connecting: %w", ctx.Err())
	}
	if l, err := s.current(); l != nil || err != nil {
		return l, err
	}
	within, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(within, "tcp", s.address)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	conn := tls.Client(raw, s.trust())
	if err := conn.HandshakeContext(within); err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("connecting: TLS: %w", err)
	}
	l := newLink(conn)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		l.end()
		return nil, errClosed
	}
	s.link = l
	return l, nil
}

// current is the connection that there is, nil if none can be used.
func (s *server) current() (*link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	if s.link != nil && s.link.usable() {
		return s.link, nil
	}
	return nil, nil
}

// trust reads the files again, for certificates are renewed; what can't be read
// any more is passed over for what was read last.
func (s *server) trust() *tls.Config {
	host, _, _ := net.SplitHostPort(s.address)
	made, err := s.tls.load(host)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.trusted = made
	}
	return s.trusted
}

// close ends what is open.
func (s *server) close() {
	s.end()
	s.mu.Lock()
	s.closed = true
	l := s.link
	s.mu.Unlock()
	if l != nil {
		l.end()
		<-l.ended
	}
	s.probing.Wait()
}
