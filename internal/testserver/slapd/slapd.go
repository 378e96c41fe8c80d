// Package slapd runs a real OpenLDAP server for tests: on free ports of this
// machine, in a directory of its own, with a certificate of its own, memberOf and
// password policies. It needs the Debian package slapd.
package slapd

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary/internal/testserver/certificate"
	"github.com/ostiary/ostiary/internal/testserver/process"
)

// The tree that every server has, and who may do everything in it.
const (
	BaseDN        = "dc=example,dc=test"
	AdminDN       = "cn=admin," + BaseDN
	AdminPassword = "t0p"
)

// patience is how long a server may take to start, in the end.
const patience = 20 * time.Second

// Server is one server. Its methods are for one goroutine.
type Server struct {
	// URL is the address without TLS, where StartTLS is offered; TLSURL the one
	// with it.
	URL, TLSURL string
	// CAFile has the certificate of the authority that vouches for the server.
	CAFile string

	folder  string
	process *exec.Cmd
	ended   chan struct{}
}

// Start starts a server that ends with the test. lines are added to the end of its
// configuration.
func Start(tb testing.TB, lines ...string) *Server {
	tb.Helper()
	if _, err := os.Stat("/usr/sbin/slapd"); err != nil {
		tb.Fatal("slapd is missing: apt-get install slapd")
	}
	s := &Server{folder: tb.TempDir(), URL: "ldap://" + freeAddress(tb), TLSURL: "ldaps://" + freeAddress(tb)}
	if err := os.Mkdir(filepath.Join(s.folder, "db"), 0o700); err != nil {
		tb.Fatal(err)
	}
	s.CAFile = certificate.Make(tb, s.folder, "localhost", "127.0.0.1").CA
	write(tb, filepath.Join(s.folder, "slapd.conf"), s.config(lines))
	base := "dn: " + BaseDN + "\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n"
	add := exec.Command("/usr/sbin/slapadd", "-f", filepath.Join(s.folder, "slapd.conf"))
	add.Stdin = strings.NewReader(base)
	if out, err := add.CombinedOutput(); err != nil {
		tb.Fatalf("slapadd: %v\n%s", err, out)
	}
	tb.Cleanup(s.Kill)
	s.Restart(tb)
	return s
}

func (s *Server) config(lines []string) string {
	return strings.Join(append([]string{
		"include /etc/ldap/schema/core.schema", "include /etc/ldap/schema/cosine.schema", "include /etc/ldap/schema/inetorgperson.schema",
		"modulepath /usr/lib/ldap", "moduleload back_mdb", "moduleload memberof", "moduleload ppolicy",
		"pidfile " + s.folder + "/pid", "argsfile " + s.folder + "/args",
		"TLSCACertificateFile " + s.CAFile, "TLSCertificateFile " + s.folder + "/server.pem", "TLSCertificateKeyFile " + s.folder + "/server.key",
		"database mdb", `suffix "` + BaseDN + `"`, `rootdn "` + AdminDN + `"`, "rootpw " + AdminPassword, "directory " + s.folder + "/db",
		"access to attrs=userPassword by anonymous auth by * none", "access to * by * read",
		"overlay memberof", "overlay ppolicy", `ppolicy_default "cn=default,` + BaseDN + `"`, "ppolicy_use_lockout",
	}, lines...), "\n") + "\n"
}

// Restart starts the server again, after Kill.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.process = exec.Command("/usr/sbin/slapd", "-f", filepath.Join(s.folder, "slapd.conf"), "-h", s.URL+"/ "+s.TLSURL+"/", "-d", "0")
	if err := s.process.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	s.ended = ended
	go func() { _ = s.process.Wait(); close(ended) }()
	for deadline := time.Now().Add(patience); ; {
		conn, err := goldap.DialURL(s.URL)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("slapd did not start: %v", err)
		}
		select {
		case <-ended:
			tb.Fatal("slapd ended at once; look at its configuration with slaptest -f")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Kill ends the server as kill -9 does.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	<-s.ended
	s.process = nil
}

// Freeze stops the server without ending it: it accepts connections and answers
// nothing.
func (s *Server) Freeze() { process.Freeze(s.process.Process.Pid) }

// Thaw lets it go on.
func (s *Server) Thaw() { process.Thaw(s.process.Process.Pid) }

// Admin returns a connection that may do everything.
func (s *Server) Admin(tb testing.TB) *goldap.Conn {
	tb.Helper()
	conn, err := goldap.DialURL(s.TLSURL, goldap.DialWithTLSConfig(&tls.Config{RootCAs: certificate.Authority(tb, s.CAFile)}))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	if err := conn.Bind(AdminDN, AdminPassword); err != nil {
		tb.Fatal(err)
	}
	return conn
}

// Add adds an entry. The name below the base comes first, then pairs of attribute
// and value.
func (s *Server) Add(tb testing.TB, rdn string, pairs ...string) (dn string) {
	tb.Helper()
	dn = rdn + "," + BaseDN
	request := goldap.NewAddRequest(dn, nil)
	values := map[string][]string{}
	var names []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if values[pairs[i]] == nil {
			names = append(names, pairs[i])
		}
		values[pairs[i]] = append(values[pairs[i]], pairs[i+1])
	}
	for _, name := range names {
		request.Attribute(name, values[name])
	}
	if err := s.Admin(tb).Add(request); err != nil {
		tb.Fatalf("adding %s: %v", dn, err)
	}
	return dn
}

// Person adds somebody with a password.
func (s *Server) Person(tb testing.TB, uid, password string, pairs ...string) (dn string) {
	tb.Helper()
	return s.Add(tb, "uid="+goldap.EscapeDN(uid), append([]string{
		"objectClass", "inetOrgPerson", "uid", uid, "cn", uid, "sn", uid, "userPassword", password,
	}, pairs...)...)
}

func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func write(tb testing.TB, file, text string) {
	tb.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(fmt.Errorf("%s: %w", file, err))
	}
}
