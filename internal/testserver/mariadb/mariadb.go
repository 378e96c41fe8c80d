// Package mariadb runs a real MariaDB server for tests: on a free port of this
// machine, in a directory of its own, as the user mysql when the test is root. It
// needs the Debian package mariadb-server.
package mariadb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/ostiary/ostiary/internal/testserver/process"
)

// patience is how long a server may take to start, in the end.
const patience = 30 * time.Second

// Server is one server. Its methods are for one goroutine.
type Server struct {
	folder   string
	port     int
	settings []string
	process  *exec.Cmd
	ended    chan struct{}
	count    atomic.Int64
}

// Start starts a server that ends with the test. settings are further flags
// without their dashes, such as "max-connections=20". The test fails when the
// programs of MariaDB are missing.
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
	folder, err := os.MkdirTemp("", "mariadb-")
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
	for _, program := range []string{"mariadb-install-db", "mariadbd"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("%s is missing: apt-get install mariadb-server", program)
		}
	}
	s := &Server{folder: folder, settings: settings}
	if err := os.MkdirAll(s.data(), 0o700); err != nil {
		return nil, err
	}
	attributes, err := owner(folder, s.data())
	if err != nil {
		return nil, err
	}
	install := exec.Command("mariadb-install-db",
		"--no-defaults", "--datadir="+s.data(), "--auth-root-authentication-method=normal", "--skip-test-db")
	install.SysProcAttr, install.Dir = attributes, folder
	if out, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	return s, s.start()
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// owner gives the folders to the user that the server runs as: it refuses root.
func owner(folders ...string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return new(syscall.SysProcAttr), nil
	}
	u, err := user.Lookup("mysql")
	if err != nil {
		return nil, fmt.Errorf("%w: apt-get install mariadb-server", err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	for _, folder := range folders {
		if err := os.Chown(folder, uid, gid); err != nil {
			return nil, err
		}
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
	args := []string{
		"--no-defaults", "--datadir=" + s.data(), "--socket=" + filepath.Join(s.folder, "s.sock"),
		"--port=" + strconv.Itoa(s.port), "--bind-address=127.0.0.1", "--pid-file=" + filepath.Join(s.folder, "pid"),
		"--skip-log-bin", "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=32M",
	}
	attributes, err := owner()
	if err != nil {
		return err
	}
	dieWithParent(attributes)
	for _, setting := range s.settings {
		args = append(args, "--"+setting)
	}
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	process := exec.Command("mariadbd", args...)
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
	db, err := s.connect("")
	if err != nil {
		return err
	}
	defer db.Close()
	end := time.Now().Add(patience)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err = db.PingContext(ctx)
		cancel()
		var answer *mysql.MySQLError
		if err == nil || errors.As(err, &answer) {
			return err
		}
		select {
		case <-s.ended:
			text, _ := os.ReadFile(s.log())
			return fmt.Errorf("mariadbd ended at once: %s", tail(string(text)))
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(end) {
			s.Kill()
			return fmt.Errorf("mariadbd does not answer: %w", err)
		}
	}
}

func tail(text string) string { return text[max(0, len(text)-2000):] }

// connect opens a database as root.
func (s *Server) connect(database string) (*sql.DB, error) {
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr, config.DBName = "root", "tcp", s.Addr(), database
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// Addr is the address of the server, host and port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Socket is the path of the server's socket.
func (s *Server) Socket() string { return filepath.Join(s.folder, "s.sock") }

// DSN is the URL of a database, for root.
func (s *Server) DSN(database string) string { return s.DSNAs("root", "", database) }

// DSNAs is the URL of a database for another user.
func (s *Server) DSNAs(user, password, database string) string {
	u := url.URL{Scheme: "mysql", Host: s.Addr(), Path: "/" + database, User: url.UserPassword(user, password)}
	return u.String()
}

// Database makes a database that no other test has, runs statements in it as
// root, and returns its name.
func (s *Server) Database(tb testing.TB, statements ...string) string {
	tb.Helper()
	name := "test_" + strconv.FormatInt(s.count.Add(1), 10)
	s.Exec(tb, "", "CREATE DATABASE "+name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci")
	s.Exec(tb, name, statements...)
	return name
}

// Exec runs statements in a database as root.
func (s *Server) Exec(tb testing.TB, database string, statements ...string) {
	tb.Helper()
	db, err := s.connect(database)
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			tb.Fatalf("%v\n%s", err, statement)
		}
	}
}

// Kill ends the server without a word to it.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	_ = syscall.Kill(s.process.Process.Pid, syscall.SIGKILL)
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
