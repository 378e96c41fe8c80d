// Package postgres runs a real PostgreSQL server for tests: on a free port of
// this machine, in a directory of its own, as the user postgres when the test is
// root. It needs the Debian package postgresql.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ostiary/ostiary/internal/testserver/process"
)

// patience is how long a server may take to start, in the end.
const patience = 30 * time.Second

// Server is one server. Its methods are for one goroutine.
type Server struct {
	folder   string
	programs string
	port     int
	settings []string
	process  *exec.Cmd
	ended    chan struct{}
	count    atomic.Int64
}

// Start starts a server that ends with the test. settings are further
// parameters of its configuration, such as "max_connections=20". The test fails
// when the programs of PostgreSQL are missing.
func Start(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	folder := tb.TempDir()
	if err := os.Chmod(filepath.Dir(folder), 0o711); err != nil { // the server's user must get through
		tb.Fatal(err)
	}
	s, err := open(folder, settings)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Kill)
	return s
}

// Open starts a server for a whole test binary: TestMain, or a sync.Once, opens
// it, and TestMain closes it.
func Open(settings ...string) (*Server, error) {
	folder, err := os.MkdirTemp("", "postgres-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(folder, 0o711); err != nil { // the server's user must get through
		return nil, err
	}
	s, err := open(filepath.Join(folder, "server"), settings)
	if err != nil {
		_ = os.RemoveAll(folder)
	}
	return s, err
}

// Close ends a server of Open and removes its directory.
func (s *Server) Close() error {
	s.Kill()
	return os.RemoveAll(filepath.Dir(s.folder))
}

func open(folder string, settings []string) (*Server, error) {
	programs, err := find()
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder, programs: programs, settings: settings}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	attributes, err := owner(folder)
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(programs, "initdb"),
		"-D", s.data(), "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C")
	initdb.SysProcAttr, initdb.Dir = attributes, folder
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return s, s.start()
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// find returns the folder of the newest version's programs.
func find() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.Sort(found)
	if len(found) == 0 {
		if path, err := exec.LookPath("initdb"); err == nil {
			return filepath.Dir(path), nil
		}
		return "", errors.New("initdb is missing: apt-get install postgresql")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// owner gives the folder to the user that the server runs as: it refuses root.
func owner(folder string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return new(syscall.SysProcAttr), nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("%w: apt-get install postgresql", err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(folder, uid, gid); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil // ids fit
}

// start runs the server until it answers. Whatever a killed one left behind may
// keep a new one from starting for a moment.
func (s *Server) start() error {
	end := time.Now().Add(patience)
	for {
		err := s.launch()
		if err == nil || time.Now().After(end) {
			return err
		}
	}
}

func (s *Server) launch() error {
	if s.port == 0 {
		port, err := freePort()
		if err != nil {
			return err
		}
		s.port = port
	}
	attributes, err := owner(s.folder)
	if err != nil {
		return err
	}
	args := []string{
		"-D", s.data(), "-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "-k", s.folder,
		// What was committed outlives the process, if not the machine.
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB",
	}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	process := exec.Command(filepath.Join(s.programs, "postgres"), args...)
	dieWithParent(attributes)
	process.SysProcAttr, process.Dir = attributes, s.folder
	process.Stdout, process.Stderr = log, log
	if err := process.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = process.Wait(); close(ended) }()
	s.process, s.ended = process, ended
	return s.await()
}

func (s *Server) log() string { return s.folder + ".log" }

// await waits for the first answer.
func (s *Server) await() error {
	end := time.Now().Add(patience)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		conn, err := pgx.Connect(ctx, s.DSN("postgres"))
		cancel()
		if err == nil {
			return conn.Close(context.Background())
		}
		select {
		case <-s.ended:
			text, _ := os.ReadFile(s.log())
			return fmt.Errorf("postgres ended at once: %s", tail(string(text)))
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(end) {
			s.Kill()
			return fmt.Errorf("postgres does not answer: %w", err)
		}
	}
}

func tail(text string) string { return text[max(0, len(text)-2000):] }

// Addr is the address of the server, host and port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Folder is where the server's socket is.
func (s *Server) Folder() string { return s.folder }

// DSN is the URL of a database, for its superuser.
func (s *Server) DSN(database string) string { return s.DSNAs("postgres", "", database) }

// DSNAs is the URL of a database for another user.
func (s *Server) DSNAs(user, password, database string) string {
	u := url.URL{Scheme: "postgres", Host: s.Addr(), Path: "/" + database, User: url.UserPassword(user, password)}
	return u.String()
}

// Database makes a database that no other test has, runs statements in it as
// the superuser, and returns its name.
func (s *Server) Database(tb testing.TB, statements ...string) string {
	tb.Helper()
	name := "test_" + strconv.FormatInt(s.count.Add(1), 10)
	s.Exec(tb, "postgres", "CREATE DATABASE "+name)
	s.Exec(tb, name, statements...)
	return name
}

// Exec runs statements in a database as the superuser.
func (s *Server) Exec(tb testing.TB, database string, statements ...string) {
	tb.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.DSN(database))
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			tb.Fatalf("%v\n%s", err, statement)
		}
	}
}

// Kill ends the server and everything that it started, without a word to it.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	process.Kill(s.process.Process.Pid)
	<-s.ended
	s.process = nil
}

// Restart starts a killed server again, on the same port, with the same data.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		tb.Fatal(err)
	}
}

// KillBackend kills, without a word to it, the process that runs a statement with
// this text in it. The server then ends all others and recovers.
func (s *Server) KillBackend(tb testing.TB, text string) error {
	tb.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var pid int
	const find = `SELECT pid FROM pg_stat_activity WHERE state = 'active' AND position($1 in query) > 0 AND pid <> pg_backend_pid() LIMIT 1`
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if err := conn.QueryRow(ctx, find, text).Scan(&pid); err == nil {
			return syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return fmt.Errorf("no statement with %q is running", text)
}

// Freeze stops the server without ending it: it takes connections and never
// answers. Thaw lets it go on.
func (s *Server) Freeze() { process.Freeze(s.process.Process.Pid) }

// Thaw ends a Freeze.
func (s *Server) Thaw() { process.Thaw(s.process.Process.Pid) }

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
