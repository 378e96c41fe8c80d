package radius_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"testing"

	"github.com/ostiary/ostiary/connector/radius"
)

// BenchmarkAuthorize is one sign-in before a server that does nothing but answer,
// and the bare round trip of the same packet to the same server. What is between
// them is the connector: a socket of its own for each request, chance, six sums of
// MD5, the user.
func BenchmarkAuthorize(b *testing.B) {
	f := serve(b, always(draft{code: accept, attributes: attr(25, "OU=staff;")}))
	b.Run("UDP round trip", func(b *testing.B) {
		conn, err := net.Dial("udp", f.addr())
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		trips(b, conn)
	})
	config := over(f.addr())
	config.Groups = []string{radius.AttributeClass}
	b.Run("UDP connector", func(b *testing.B) { signIns(b, config) })

	secured := serveTLS(b, "radius.example.test", func(conn net.Conn) {
		for r, ok := next(conn); ok; r, ok = next(conn) {
			_, _ = conn.Write(draft{code: accept, attributes: attr(25, "OU=staff;")}.to(r, "radsec"))
		}
	})
	b.Run("TLS round trip", func(b *testing.B) {
		roots := x509.NewCertPool()
		text, err := os.ReadFile(secured.caFile)
		if err != nil || !roots.AppendCertsFromPEM(text) {
			b.Fatal(err)
		}
		conn, err := tls.Dial("tcp", secured.addr, &tls.Config{RootCAs: roots, ServerName: "radius.example.test"})
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		trips(b, conn)
	})
	b.Run("TLS connector", func(b *testing.B) { signIns(b, secured.config()) })
}

// trips sends a request of the usual size and reads the reply.
func trips(b *testing.B, conn net.Conn) {
	b.Helper()
	wire := make([]byte, 20)
	wire[0] = 1
	for kind, value := range map[byte]string{signature: string(make([]byte, 16)), userName: "ada", userPassword: string(make([]byte, 16)), 32: "ostiary"} {
		wire = append(wire, attr(kind, value)...)
	}
	wire[3] = byte(len(wire))
	reply := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(wire); err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Read(reply); err != nil {
			b.Fatal(err)
		}
	}
}

func signIns(b *testing.B, config radius.Config) {
	b.Helper()
	c, err := radius.New(config)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	typed := fields(b, "username", "ada", "password", right)
	b.ReportAllocs()
	for b.Loop() {
		if user, err := c.Authorize(b.Context(), typed, nil); user == nil || err != nil {
			b.Fatal(user, err)
		}
	}
}
