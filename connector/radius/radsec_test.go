package radius_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/radius"
	"github.com/ostiary/ostiary/internal/testserver/freeradius"
)

// tlsFake is a server over TLS that answers as a test has it.
type tlsFake struct {
	addr, caFile string
	connections  atomic.Int32
}

// serveTLS starts one; handle has each connection to itself.
func serveTLS(t testing.TB, name string, handle func(conn net.Conn)) *tlsFake {
	t.Helper()
	pair, caFile := selfSigned(t, name)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	f := &tlsFake{addr: listener.Addr().String(), caFile: caFile}
	var done sync.WaitGroup
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop); _ = listener.Close(); done.Wait() })
	done.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f.connections.Add(1)
			done.Go(func() {
				defer conn.Close()
				handled := make(chan struct{})
				go func() {
					select {
					case <-stop:
						_ = conn.Close()
					case <-handled:
					}
				}()
				handle(conn)
				close(handled)
			})
		}
	})
	return f
}

func selfSigned(t testing.TB, name string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, made, made, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// config asks the fake, for the name that its certificate has.
func (f *tlsFake) config() radius.Config {
	return radius.Config{Servers: []radius.Server{{
		Address: f.addr, TLS: &radius.TLS{CAFile: f.caFile, ServerName: "radius.example.test"},
	}}, Timeout: 250 * time.Millisecond, Retries: -1}
}

// next reads one request.
func next(conn net.Conn) (request, bool) {
	b := make([]byte, 4096)
	if _, err := io.ReadFull(conn, b[:20]); err != nil {
		return request{}, false
	}
	n := binary.BigEndian.Uint16(b[2:])
	if _, err := io.ReadFull(conn, b[20:n]); err != nil {
		return request{}, false
	}
	return request{wire: b[:n]}, true
}

// TestTLSFaults are servers over TLS that are slow, lie or go away (CON-2).
func TestTLSFaults(t *testing.T) {
	for name, handle := range map[string]func(net.Conn, request){
		"silent": func(net.Conn, request) {},
		"a trickle": func(conn net.Conn, r request) {
			for _, b := range (draft{code: accept}).to(r, "radsec") {
				if _, err := conn.Write([]byte{b}); err != nil {
					return
				}
				<-time.After(20 * time.Millisecond)
			}
		},
		"half a reply": func(conn net.Conn, r request) {
			_, _ = conn.Write(draft{code: accept}.to(r, "radsec")[:25])
		},
		"closed": func(conn net.Conn, _ request) { _ = conn.Close() },
		"half a reply, closed": func(conn net.Conn, r request) {
			_, _ = conn.Write(draft{code: accept}.to(r, "radsec")[:25])
			_ = conn.Close()
		},
		"noise": func(conn net.Conn, _ request) { _, _ = conn.Write(make([]byte, 4096)) },
		"a length beyond all packets": func(conn net.Conn, r request) {
			b := draft{code: accept}.to(r, "radsec")
			binary.BigEndian.PutUint16(b[2:], 65535)
			_, _ = conn.Write(b)
		},
		"RAD-1 unsigned": func(conn net.Conn, r request) {
			_, _ = conn.Write(draft{code: accept, unsigned: true}.to(r, "radsec"))
		},
		"RAD-1 another secret": func(conn net.Conn, r request) {
			_, _ = conn.Write(draft{code: accept}.to(r, "another"))
		},
		"RAD-1 another id": func(conn net.Conn, r request) {
			r.wire[1]++
			_, _ = conn.Write(draft{code: accept}.to(r, "radsec"))
		},
		"RAD-2 an unknown code": func(conn net.Conn, r request) {
			_, _ = conn.Write(draft{code: 42}.to(r, "radsec"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var good atomic.Bool
			f := serveTLS(t, "radius.example.test", func(conn net.Conn) {
				for {
					r, ok := next(conn)
					if !ok {
						return
					}
					if good.Load() {
						_, _ = conn.Write(draft{code: accept}.to(r, "radsec"))
						continue
					}
					handle(conn, r)
				}
			})
			c := connect(t, f.config())
			for range 2 {
				expect(t, "at once", outcome(signIn(t, c, "ada", right, 5*time.Second)), "unavailable")
			}
			good.Store(true)
			got := ""
			for end := time.Now().Add(10 * time.Second); got != "user ada" && time.Now().Before(end); {
				got = outcome(signIn(t, c, "ada", right, 5*time.Second))
			}
			expect(t, "by itself again", got, "user ada")
		})
	}
}

// TestTLSNotSentTwice: a connection that ends without an answer took the attempt
// with it.
func TestTLSNotSentTwice(t *testing.T) {
	var requests atomic.Int32
	f := serveTLS(t, "radius.example.test", func(conn net.Conn) {
		if _, ok := next(conn); ok {
			requests.Add(1)
		}
	})
	expect(t, "CON-2", outcome(signIn(t, connect(t, f.config()), "ada", right, 5*time.Second)), "unavailable")
	if n := requests.Load(); n != 1 {
		t.Errorf("CON-2: sent %d times", n)
	}
}

// TestTLSShared: many requests share one connection, each gets its own answer, in
// whatever order they come, and no two in flight have one id.
func TestTLSShared(t *testing.T) {
	const people = 300 // more than there are ids
	f := serveTLS(t, "radius.example.test", func(conn net.Conn) {
		var held []request
		inFlight := map[byte]bool{}
		for {
			r, ok := next(conn)
			if !ok {
				return
			}
			if inFlight[r.wire[1]] {
				t.Errorf("id %d is used twice", r.wire[1])
			}
			inFlight[r.wire[1]] = true
			if held = append(held, r); len(held) < 4 {
				continue
			}
			for i := range held {
				r := held[len(held)-1-i]
				delete(inFlight, r.wire[1])
				reply := draft{code: accept, attributes: attr(userName, "of "+string(r.values(userName)[0]))}.to(r, "radsec")
				_, _ = conn.Write(append(reply, reply...)) // what comes twice is heard once
			}
			held = nil
		}
	})
	config := f.config()
	config.Timeout, config.UserID = 10*time.Second, radius.AttributeUserName
	c := connect(t, config)
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			name := fmt.Sprint("person", i)
			expect(t, name, outcome(signIn(t, c, name, right, 10*time.Second)), "user of "+name)
		})
	}
	all.Wait()
	if n := f.connections.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// TestTLSLate: an answer that comes late is nobody's, least of all the next person's.
func TestTLSLate(t *testing.T) {
	var late []byte
	f := serveTLS(t, "radius.example.test", func(conn net.Conn) {
		for r, ok := next(conn); ok; r, ok = next(conn) {
			if late == nil {
				late = draft{code: accept}.to(r, "radsec")
				continue
			}
			b := bytes.Clone(late)
			b[1] = r.wire[1] // whichever id it has
			_, _ = conn.Write(append(b, draft{code: reject}.to(r, "radsec")...))
		}
	})
	c := connect(t, f.config())
	expect(t, "silence", outcome(signIn(t, c, "ada", right, 5*time.Second)), "unavailable")
	got := "unavailable"
	for end := time.Now().Add(10 * time.Second); got == "unavailable" && time.Now().Before(end); {
		got = outcome(signIn(t, c, "eve", "guess", 5*time.Second))
	}
	expect(t, "RAD-1 somebody else's accept", got, "refused")
}

// TestTLSTrust: nobody else's certificate will do (CON-3).
func TestTLSTrust(t *testing.T) {
	var asked atomic.Int32
	f := serveTLS(t, "radius.example.test", func(conn net.Conn) {
		for {
			r, ok := next(conn)
			if !ok {
				return
			}
			asked.Add(1)
			_, _ = conn.Write(draft{code: accept}.to(r, "radsec"))
		}
	})
	_, other := selfSigned(t, "radius.example.test")
	for what, settings := range map[string]radius.TLS{
		"CON-3 another authority":   {CAFile: other, ServerName: "radius.example.test"},
		"CON-3 those of the system": {ServerName: "radius.example.test"},
		"CON-3 another name":        {CAFile: f.caFile, ServerName: "example.test"},
		"CON-3 the address":         {CAFile: f.caFile},
	} {
		config := f.config()
		config.Timeout = 5 * time.Second
		config.Servers[0].TLS = &settings
		_, err := signIn(t, connect(t, config), "ada", right, 5*time.Second)
		expect(t, what, outcome(nil, err), "unavailable")
		mentions(t, err, "certificate")
	}
	if asked.Load() > 0 {
		t.Error("the password was sent")
	}
	config := f.config()
	config.Timeout = 5 * time.Second
	expect(t, "the right one", outcome(signIn(t, connect(t, config), "ada", right, 5*time.Second)), "user ada")
}

// TestTLSClosed: after Close nothing is asked any more.
func TestTLSClosed(t *testing.T) {
	f := serveTLS(t, "radius.example.test", func(conn net.Conn) { _, _ = next(conn); _, _ = next(conn) })
	config := f.config()
	config.Timeout = 5 * time.Second
	c := connect(t, config)
	done := make(chan string)
	go func() { done <- outcome(signIn(t, c, "ada", right, 5*time.Second)) }()
	for f.connections.Load() == 0 {
		<-time.After(time.Millisecond)
	}
	_ = c.Close()
	expect(t, "who waits", <-done, "unavailable")
	expect(t, "who comes later", outcome(signIn(t, c, "ada", right, 5*time.Second)), "unavailable")
}

// TestClientCertificate: FreeRADIUS takes nobody without one.
func TestClientCertificate(t *testing.T) {
	s := freeradius.Start(t, freeradius.Options{RadSec: true})
	config := secure(s)
	config.Servers[0].TLS.CertFile, config.Servers[0].TLS.KeyFile = "", ""
	expect(t, "no certificate", outcome(signIn(t, connect(t, config), "ada", right, 5*time.Second)), "unavailable")
	expect(t, "the right one", outcome(signIn(t, connect(t, secure(s)), "ada", right, 5*time.Second)), "user ada")
}
