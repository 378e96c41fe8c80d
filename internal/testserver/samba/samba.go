// Package samba runs a real Active Directory domain controller for tests: Samba's,
// on an address of this machine's loopback network of its own, because its ports
// can't be chosen. It needs to run as root, and the Debian packages samba,
// samba-ad-provision, samba-dsdb-modules, samba-vfs-modules, winbind and
// python3-samba.
package samba

import (
	"crypto/rand"
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

// The domain that every server has, and who may do everything in it.
const (
	BaseDN        = "DC=example,DC=test"
	Domain        = "example.test"
	AdminName     = "Administrator@example.test"
	AdminPassword = "T0p-secret-of-tests"
)

// patience is how long a server may take to start, in the end.
const patience = 60 * time.Second

// Server is one domain controller. Its methods are for one goroutine.
type Server struct {
	// URL is the address with TLS, StartURL the one where StartTLS is offered.
	URL, StartURL string
	// CAFile vouches for the server, by the name ServerName.
	CAFile, ServerName string

	folder, ip string
	process    *exec.Cmd
	ended      chan struct{}
}

// Start provisions a domain, lets prepare put people into it, and starts the
// server, which ends with the test.
func Start(tb testing.TB, prepare func(s *Server)) *Server {
	tb.Helper()
	for _, program := range []string{"samba", "samba-tool"} {
		if _, err := exec.LookPath(program); err != nil {
			tb.Fatalf("%s is missing: apt-get install samba samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind python3-samba", program)
		}
	}
	var b [3]byte
	rand.Read(b[:]) // crypto/rand never fails
	s := &Server{folder: tb.TempDir(), ip: fmt.Sprintf("127.%d.%d.%d", b[0]|1, b[1], b[2]|2)}
	s.URL, s.StartURL = "ldaps://"+s.ip, "ldap://"+s.ip
	s.ServerName = "dc1.example.test"
	s.run(tb, "samba-tool", "domain", "provision", "--realm=EXAMPLE.TEST", "--domain=EXAMPLE", "--adminpass="+AdminPassword,
		"--server-role=dc", "--dns-backend=NONE", "--use-rfc2307", "--targetdir="+s.folder, "--host-name=dc1", "--host-ip="+s.ip,
		"--option=interfaces="+s.ip+"/8", "--option=bind interfaces only=yes", "--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb")
	files := certificate.Make(tb, s.folder, s.ServerName, s.ip)
	s.CAFile = files.CA
	s.configure(tb, files)
	if prepare != nil {
		prepare(s)
	}
	tb.Cleanup(s.Kill)
	s.Restart(tb)
	return s
}

func (s *Server) config() string { return filepath.Join(s.folder, "etc/smb.conf") }

// configure leaves everything out that the tests don't ask, and gives the server a
// certificate that names it: its own have none of the names that are looked at.
func (s *Server) configure(tb testing.TB, files certificate.Files) {
	tb.Helper()
	text, err := os.ReadFile(s.config())
	if err != nil {
		tb.Fatal(err)
	}
	lines := "[global]\n\tpid directory = " + s.folder + "\n\tserver services = ldap\n\ttls cafile = " + files.CA + "\n\ttls certfile = " + files.Cert + "\n\ttls keyfile = " + files.Key
	changed := strings.Replace(string(text), "[global]", lines, 1)
	if err := os.WriteFile(s.config(), []byte(changed), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// Tool runs samba-tool on the domain: Tool(tb, "user", "create", "ada", password).
func (s *Server) Tool(tb testing.TB, args ...string) {
	tb.Helper()
	s.run(tb, "samba-tool", append(args, "--configfile="+s.config(), "-H", filepath.Join(s.folder, "private/sam.ldb"))...)
}

func (s *Server) run(tb testing.TB, program string, args ...string) {
	tb.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		tb.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}

// Restart starts the server again, after Kill.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	log, err := os.Create(filepath.Join(s.folder, "log"))
	if err != nil {
		tb.Fatal(err)
	}
	defer log.Close()
	s.process = exec.Command("samba", "-i", "-M", "single", "--configfile="+s.config(), "--debug-stdout")
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	s.ended = ended
	go func() { _ = s.process.Wait(); close(ended) }()
	for deadline := time.Now().Add(patience); !s.ready(tb); {
		select {
		case <-ended:
			s.fail(tb, "ended at once")
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			s.fail(tb, "did not start")
		}
	}
}

func (s *Server) ready(tb testing.TB) bool {
	tb.Helper()
	dialer := &net.Dialer{Timeout: time.Second}
	conn, err := tls.DialWithDialer(dialer, "tcp", s.ip+":636", &tls.Config{ServerName: s.ServerName, RootCAs: certificate.Authority(tb, s.CAFile)})
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func (s *Server) fail(tb testing.TB, what string) {
	tb.Helper()
	log, _ := os.ReadFile(filepath.Join(s.folder, "log"))
	tb.Fatalf("samba %s:\n%s", what, log[max(0, len(log)-4000):])
}

// Kill ends the server as kill -9 does.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	process.Kill(s.process.Process.Pid)
	<-s.ended
	s.process = nil
}

// Freeze stops the server without ending it.
func (s *Server) Freeze() { process.Freeze(s.process.Process.Pid) }

// Thaw lets it go on.
func (s *Server) Thaw() { process.Thaw(s.process.Process.Pid) }

// Admin returns a connection that may do everything.
func (s *Server) Admin(tb testing.TB) *goldap.Conn {
	tb.Helper()
	conn, err := goldap.DialURL(s.URL, goldap.DialWithTLSConfig(&tls.Config{ServerName: s.ServerName, RootCAs: certificate.Authority(tb, s.CAFile)}))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	if err := conn.Bind(AdminName, AdminPassword); err != nil {
		tb.Fatal(err)
	}
	return conn
}
