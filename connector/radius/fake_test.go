package radius_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"encoding/binary"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/ostiary/ostiary/internal/testserver/freeradius"
)

// Codes and attributes, as the RFCs number them.
const (
	accept, reject, challenge             = 2, 3, 11
	userName, userPassword, proxyState    = 1, 2, 33
	replyMessage, stateAttribute, callers = 18, 24, 31
	signature                             = 80
)

// request is one that a fake server got.
type request struct {
	wire   []byte
	from   net.Addr
	number int // from 1
}

// values are those of every attribute of a kind.
func (r request) values(kind byte) (list [][]byte) {
	for b := r.wire[20:]; len(b) > 1; b = b[b[1]:] {
		if b[0] == kind {
			list = append(list, b[2:b[1]])
		}
	}
	return list
}

// draft is a reply that is written apart from the code that reads it.
type draft struct {
	code       byte
	attributes []byte // encoded
	unsigned   bool   // has no Message-Authenticator
	trailing   bool   // has it as the last one
}

func attr(kind byte, value string) []byte {
	return append([]byte{kind, byte(len(value) + 2)}, value...)
}

// to writes the reply to a request, both authenticators made with the secret.
func (d draft) to(r request, secret string) []byte {
	signed := attr(signature, string(make([]byte, 16)))
	body := d.attributes
	switch {
	case d.trailing:
		body = slices.Concat(d.attributes, signed)
	case !d.unsigned:
		body = slices.Concat(signed, d.attributes)
	}
	b := make([]byte, 20, 20+len(body))
	b[0], b[1] = d.code, r.wire[1]
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(body)))
	copy(b[4:], r.wire[4:20])
	b = append(b, body...)
	if !d.unsigned {
		h := hmac.New(md5.New, []byte(secret))
		h.Write(b)
		at := 22
		if d.trailing {
			at = len(b) - 16
		}
		copy(b[at:], h.Sum(nil))
	}
	return reseal(b, r, secret)
}

// reseal makes the Response Authenticator anew.
func reseal(b []byte, r request, secret string) []byte {
	sum := md5.Sum(slices.Concat(b[:4], r.wire[4:20], b[20:], []byte(secret)))
	copy(b[4:20], sum[:])
	return b
}

// fake is a server over UDP that answers as a test has it.
type fake struct {
	conn *net.UDPConn
	mu   sync.Mutex
	seen []request
}

// serve starts one: reply returns what is sent back, each from the server's own
// port.
func serve(t testing.TB, reply func(f *fake, r request) [][]byte) *fake {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{conn: conn}
	var done sync.WaitGroup
	t.Cleanup(func() { _ = conn.Close(); done.Wait() })
	done.Go(func() {
		buffer := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			f.mu.Lock()
			r := request{wire: bytes.Clone(buffer[:n]), from: from, number: len(f.seen) + 1}
			f.seen = append(f.seen, r)
			f.mu.Unlock()
			for _, b := range reply(f, r) {
				_, _ = conn.WriteTo(b, from)
			}
		}
	})
	return f
}

func (f *fake) addr() string { return f.conn.LocalAddr().String() }

// requests are those that came so far.
func (f *fake) requests() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
}

// always answers every request with the same draft.
func always(d draft) func(*fake, request) [][]byte {
	return func(_ *fake, r request) [][]byte { return [][]byte{d.to(r, freeradius.Secret)} }
}

// never answers nothing.
func never(*fake, request) [][]byte { return nil }
