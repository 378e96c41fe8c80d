package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// Check connects to every configured endpoint, with TLS where the URL says so,
// and sends nothing: neither credentials nor headers. The error joins what is
// wrong with each, and is ostiary.ErrUnavailable.
func (c *Connector) Check(ctx context.Context) error {
	endpoints := []*endpoint{c.signIn}
	if c.lookup != nil && c.lookup.url.Host != c.signIn.url.Host {
		endpoints = append(endpoints, c.lookup)
	}
	var faults []error
	for _, e := range endpoints {
		if err := c.reach(ctx, e); err != nil {
			faults = append(faults, c.unavailable(e, describe(ctx, err)))
		}
	}
	return errors.Join(faults...)
}

func (c *Connector) reach(ctx context.Context, e *endpoint) error {
	open, port := c.dialer.plain, "80"
	if e.url.Scheme == "https" {
		open, port = c.dialer.secure, "443"
	}
	if p := e.url.Port(); p != "" {
		port = p
	}
	conn, err := open(ctx, "tcp", net.JoinHostPort(e.url.Hostname(), port))
	if err != nil {
		return err
	}
	defer conn.Close()
	if e.url.Scheme == "https" && c.dialer.trust.certFile != "" {
		return welcome(conn)
	}
	return nil
}

// objection is how long an endpoint may take to object to our certificate.
const objection = 300 * time.Millisecond

// welcome waits for an objection: in TLS 1.3 the server's verdict about the
// certificate of the client comes after the handshake (RFC 8446, section 4.4.2).
func welcome(conn net.Conn) error {
	if err := conn.SetReadDeadline(time.Now().Add(objection)); err != nil {
		return err
	}
	_, err := conn.Read(make([]byte, 1))
	var timeout net.Error
	if err == nil || errors.As(err, &timeout) && timeout.Timeout() {
		return nil
	}
	return fmt.Errorf("after the handshake: %w", err)
}
