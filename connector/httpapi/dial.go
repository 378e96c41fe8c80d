package httpapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// dialer opens connections to the addresses that policy lets through.
type dialer struct {
	timeout  time.Duration // of each stage
	policy   policy
	trust    *trust
	resolver *net.Resolver // nil is that of the system
}

func (d *dialer) plain(ctx context.Context, network, hostport string) (net.Conn, error) {
	host := hostOf(hostport)
	nd := net.Dialer{
		Timeout: d.timeout, Resolver: d.resolver,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("%w: it can't be read", errForbidden)
			}
			return d.policy.check(host, ap.Addr())
		},
	}
	return nd.DialContext(ctx, network, hostport)
}

func (d *dialer) secure(ctx context.Context, network, hostport string) (net.Conn, error) {
	raw, err := d.plain(ctx, network, hostport)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, d.timeout, errSlow)
	defer cancel()
	conn := tls.Client(raw, d.trust.config(hostOf(hostport)))
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		if cause := context.Cause(ctx); errors.Is(cause, errSlow) {
			return nil, fmt.Errorf("TLS handshake: %w", cause)
		}
		return nil, err
	}
	return conn, nil
}

// idleLife is how long an unused connection is kept. It is shorter than the 5 s
// after which Node.js closes its end: a sign-in that meets a connection being
// closed is lost, since it is never sent twice.
const idleLife = 4 * time.Second

// transport speaks HTTP/1.1 over those connections. There is no client around
// it: nobody follows redirects, keeps cookies or asks a proxy.
func (d *dialer) transport(maxConns int) *http.Transport {
	return &http.Transport{
		DialContext: d.plain, DialTLSContext: d.secure,
		DisableCompression:     true, // nothing to bomb us with
		MaxConnsPerHost:        maxConns,
		MaxIdleConnsPerHost:    maxConns,
		IdleConnTimeout:        idleLife,
		ResponseHeaderTimeout:  d.timeout,
		MaxResponseHeaderBytes: 32 << 10,
	}
}
