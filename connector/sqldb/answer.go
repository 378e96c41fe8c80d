package sqldb

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
)

// mostBytes is how much a server may answer to what was sent to it. A person
// with a thousand groups takes a few dozen kilobytes.
const mostBytes = 8 << 20

var errTooMuch = errors.New("the answer is larger than 8 MiB")

// capped is a connection whose other end can't fill our memory: between two
// writes only so much can be read (CON-2).
type capped struct {
	net.Conn
	read atomic.Int64
}

// dialCapped opens one.
func dialCapped(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &capped{Conn: conn}, nil
}

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.read.Add(int64(n)) > mostBytes {
		return 0, errTooMuch
	}
	return n, err
}

func (c *capped) Write(p []byte) (int, error) {
	c.read.Store(0)
	return c.Conn.Write(p)
}

// SyscallConn lets the driver of MySQL look whether the other end is still there.
func (c *capped) SyscallConn() (syscall.RawConn, error) {
	if raw, ok := c.Conn.(syscall.Conn); ok {
		return raw.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}
