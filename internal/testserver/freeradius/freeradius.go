// Package freeradius runs a real FreeRADIUS server for tests: on free ports of
// this machine, with a configuration of its own. It needs the Debian package
// freeradius.
package freeradius

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/ostiary/ostiary/internal/testserver/process"
)

// patience is how long a server may take to start.
const patience = 30 * time.Second

// Options say what the server is to do.
type Options struct {
	// Unsigned leaves Message-Authenticator out of replies, as servers did before
	// they were brought up to date.
	Unsigned bool
	// RadSec also listens over TLS, with certificates made for it.
	RadSec bool
}

// Server is one server. Its methods are for one goroutine.
//
// It knows these people, by name and password:
//
//	ada     open sesame   Class OU=staff; and OU=admins; and one of bytes, Filter-Id office
//	ürsula  schön         a name and a password beyond ASCII
//	Carla   open sesame   its reply has the User-Name carla@example.com
//	late    open sesame   rejected with "Password Has Expired"
//	otto    open sesame   challenged ("Enter the code", not to be shown), then 123456
//	eva     open sesame   challenged as otto is, may be shown, then challenged again, then 654321
type Server struct {
	options   Options
	folder    string
	port, tls int
	process   *exec.Cmd
	ended     chan struct{}
}

// Secret is what the server shares with its clients over UDP.
const Secret = "a secret of more than sixteen characters"

// Start starts a server that ends with the test. The test fails when the program
// is missing.
func Start(tb testing.TB, options Options) *Server {
	tb.Helper()
	if _, err := exec.LookPath("freeradius"); err != nil {
		tb.Fatalf("%v (Debian package freeradius)", err)
	}
	s := &Server{options: options, folder: tb.TempDir()}
	var err error
	if s.port, err = freePort("udp"); err != nil {
		tb.Fatal(err)
	}
	if s.tls, err = freePort("tcp"); err != nil {
		tb.Fatal(err)
	}
	if options.RadSec {
		if err := makeCertificates(s.folder); err != nil {
			tb.Fatal(err)
		}
	}
	for name, text := range map[string]string{"radiusd.conf": s.configuration(), "users": users, "dictionary": dictionary} {
		if err := os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	tb.Cleanup(s.Kill)
	s.Restart(tb)
	return s
}

// Addr is the address over UDP, host and port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// TLSAddr is the address over TLS, host and port.
func (s *Server) TLSAddr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.tls)) }

// CAFile has the authority of the server's certificate and of its clients'.
func (s *Server) CAFile() string { return filepath.Join(s.folder, "ca.pem") }

// CertFile has a certificate that the server takes.
func (s *Server) CertFile() string { return filepath.Join(s.folder, "client.pem") }

// KeyFile has the key of CertFile.
func (s *Server) KeyFile() string { return filepath.Join(s.folder, "client.key") }

// Log is what the server wrote.
func (s *Server) Log() string {
	text, _ := os.ReadFile(s.log())
	return string(text)
}

func (s *Server) log() string { return filepath.Join(s.folder, "log") }

// Kill ends the server at once.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	<-s.ended
	s.process = nil
}

// Freeze stops the server without ending it: it hears and answers nothing. Thaw
// lets it go on.
func (s *Server) Freeze() { process.Freeze(s.process.Process.Pid) }

// Thaw ends a Freeze.
func (s *Server) Thaw() { process.Thaw(s.process.Process.Pid) }

// Restart starts a server that was killed, on the same ports, and waits until it
// is ready.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	end := time.Now().Add(patience)
	for {
		err := s.launch()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			tb.Fatal(err)
		}
	}
}

func (s *Server) launch() error {
	_ = os.Remove(s.log())
	var said bytes.Buffer
	program := exec.Command("freeradius", "-f", "-d", s.folder, "-l", s.log())
	program.Stdout, program.Stderr = &said, &said
	program.SysProcAttr = dieWithParent()
	if err := program.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = program.Wait(); close(ended) }()
	s.process, s.ended = program, ended
	end := time.After(patience)
	for {
		if bytes.Contains([]byte(s.Log()), []byte("Ready to process requests")) {
			return nil
		}
		select {
		case <-ended:
			s.process = nil
			return fmt.Errorf("freeradius ended at once: %s\n%s", said.String(), s.Log())
		case <-end:
			s.Kill()
			return fmt.Errorf("freeradius does not get ready: %s", s.Log())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func freePort(network string) (int, error) {
	if network == "udp" {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return 0, err
		}
		defer conn.Close()
		return conn.LocalAddr().(*net.UDPAddr).Port, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
