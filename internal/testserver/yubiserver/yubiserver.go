// Package yubiserver runs a real validation server for YubiKey one-time passwords
// for tests, and has a YubiKey in software. It needs the Debian package yubiserver.
package yubiserver

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/internal/testserver/process"
)

// patience is how long the server may take to start.
const patience = 20 * time.Second

// ClientID is the client that the server knows.
const ClientID = "1"

// Server is one server. Its methods are for one goroutine.
type Server struct {
	// APIKey is the key of the client, in base64.
	APIKey string

	folder string
	port   int
}

// Start starts a server that knows the given keys and ends with the test. The test
// fails when the program is missing.
func Start(tb testing.TB, keys ...*Key) *Server {
	tb.Helper()
	for _, program := range []string{"yubiserver", "yubiserver-admin"} {
		if _, err := exec.LookPath(program); err != nil {
			tb.Fatalf("%v (Debian package yubiserver)", err)
		}
	}
	folder, err := os.MkdirTemp("", "yubiserver")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(folder) })
	s := &Server{folder: folder}
	empty, err := os.ReadFile("/etc/yubiserver/yubiserver.sqlite.init")
	if err == nil {
		err = os.WriteFile(s.database(), empty, 0o666)
	}
	if err != nil {
		tb.Fatal(err)
	}
	for i, k := range keys {
		s.admin(tb, "-y", "-a", "key"+strconv.Itoa(i), k.PublicID, fmt.Sprintf("%x", k.Private), fmt.Sprintf("%x", k.Secret))
	}
	told := s.admin(tb, "-p", "-a", "test", "12345678901234567890")
	for _, word := range strings.Fields(told) {
		if word = strings.Trim(word, "'\""); len(word) == 28 && strings.HasSuffix(word, "=") {
			s.APIKey = word
		}
	}
	if s.APIKey == "" {
		tb.Fatalf("no key for the client in %q", told)
	}
	// The server gives up being root and must still be able to write.
	for _, path := range []string{folder, s.database()} {
		if err := os.Chmod(path, 0o777); err != nil {
			tb.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	tb.Cleanup(s.Kill)
	s.Restart(tb)
	return s
}

func (s *Server) database() string { return filepath.Join(s.folder, "keys.sqlite") }

// URL is the address of the protocol.
func (s *Server) URL() string { return fmt.Sprintf("http://127.0.0.1:%d/wsapi/2.0/verify", s.port) }

func (s *Server) admin(tb testing.TB, arguments ...string) string {
	tb.Helper()
	out, err := exec.Command("yubiserver-admin", append([]string{"-b", s.database()}, arguments...)...).CombinedOutput()
	if err != nil {
		tb.Fatalf("yubiserver-admin: %v: %s", err, out)
	}
	return string(out)
}

// Restart starts the server, which goes to the background, and waits for it.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	log := filepath.Join(s.folder, "log")
	// It goes to the background with the output that it was given, so it gets none.
	if err := exec.Command("yubiserver", "-d", s.database(), "-p", strconv.Itoa(s.port), "-l", log).Run(); err != nil {
		tb.Fatalf("yubiserver: %v", err)
	}
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		response, err := http.Get(s.URL() + "?id=1")
		if err == nil {
			response.Body.Close()
			return
		}
		if time.Now().After(end) {
			tb.Fatalf("yubiserver does not answer: %v", err)
		}
	}
}

// Kill ends the server without a word to it.
func (s *Server) Kill() {
	for _, pid := range s.pids() {
		process.Kill(pid)
	}
}

// Freeze stops it in whatever it does; Thaw lets it go on.
func (s *Server) Freeze() {
	for _, pid := range s.pids() {
		process.Freeze(pid)
	}
}

// Thaw lets a frozen server go on.
func (s *Server) Thaw() {
	for _, pid := range s.pids() {
		process.Thaw(pid)
	}
}

// pids finds the server by its command line: it has left its parent.
func (s *Server) pids() (found []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, _ := os.ReadFile(file)
		if bytes.HasPrefix(line, []byte("yubiserver\x00")) && bytes.Contains(line, []byte(s.database())) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
				found = append(found, pid)
			}
		}
	}
	return found
}
