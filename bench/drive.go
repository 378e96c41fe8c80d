package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// connections are used side by side, as by a proxy in front of a server.
const connections = 4

// server is a child process with keep-alive connections to it.
type server struct {
	address string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
	conns   []*connection
}

type connection struct {
	net.Conn
	answers *bufio.Reader
}

func launch(role string) (*server, error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, in: in, out: bufio.NewScanner(out)}
	if !s.out.Scan() {
		s.stop()
		return nil, fmt.Errorf("the %s server did not start", role)
	}
	s.address = s.out.Text()
	for range connections {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			s.stop()
			return nil, err
		}
		s.conns = append(s.conns, &connection{conn, bufio.NewReader(conn)})
	}
	return s, nil
}

func (s *server) stop() {
	for _, c := range s.conns {
		c.Close()
	}
	s.in.Close() // the child ends with its input
	s.cmd.Wait()
}

// used asks the child for its CPU time.
func (s *server) used() (time.Duration, error) {
	if _, err := io.WriteString(s.in, "\n"); err != nil {
		return 0, err
	}
	if !s.out.Scan() {
		return 0, fmt.Errorf("the server is gone: %w", io.ErrUnexpectedEOF)
	}
	micros, err := strconv.ParseInt(s.out.Text(), 10, 64)
	return time.Duration(micros) * time.Microsecond, err
}

// cost sends n requests and returns the CPU time of the server for one.
func (s *server) cost(request string, n int) (time.Duration, error) {
	before, err := s.used()
	if err != nil {
		return 0, err
	}
	faults := make([]error, len(s.conns))
	var all sync.WaitGroup
	for i, c := range s.conns {
		all.Go(func() { faults[i] = c.send(request, n/len(s.conns)) })
	}
	all.Wait()
	for _, err := range faults {
		if err != nil {
			return 0, err
		}
	}
	after, err := s.used()
	return (after - before) / time.Duration(n), err
}

func (c *connection) send(request string, n int) error {
	for range n {
		if _, err := io.WriteString(c, request); err != nil {
			return err
		}
		answer, err := http.ReadResponse(c.answers, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return err
		}
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("status %s instead of 200", answer.Status)
		}
	}
	return nil
}

// browser is what a signed-in browser holds, as Cookie headers: after a sign-in here,
// and after one in an application of next-auth.
type browser struct{ csrf, token, session, stock string }

// signedIn signs in by hand and keeps the cookies. A floor has none to give.
func signedIn(s *server) (b browser, err error) {
	answer, err := http.Get("http://" + s.address + "/api/auth/csrf")
	if err != nil {
		return b, err
	}
	answer.Body.Close()
	b.csrf = cookieOf(answer, "csrf-token")
	_, value, _ := strings.Cut(b.csrf, "=")
	if value, err = url.PathUnescape(value); err != nil {
		return b, err
	}
	b.token, _, _ = strings.Cut(value, "|")
	c := s.conns[0]
	if _, err := io.WriteString(c, signInRequest(b)); err != nil {
		return b, err
	}
	if answer, err = http.ReadResponse(c.answers, nil); err != nil {
		return b, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return b, err
	}
	if b.session = cookieOf(answer, "session-token"); b.session == "" {
		return b, fmt.Errorf("no session: %s %s", answer.Status, body)
	}
	return b, nil
}

func cookieOf(answer *http.Response, name string) string {
	for _, c := range answer.Cookies() {
		if strings.HasSuffix(c.Name, name) {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}
