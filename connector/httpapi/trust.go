package httpapi

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

// trust makes the TLS configuration of each connection from files that may
// change: certificates are renewed while we run. What can't be read any more
// is passed over in favour of the last good state.
type trust struct {
	caFile, certFile, keyFile string
	serverName                string
	now                       func() time.Time

	mu    sync.Mutex
	roots *x509.CertPool // nil means those of the system
	pair  *tls.Certificate
	seen  [3]stamp // of caFile, certFile, keyFile
}

// stamp tells one content of a file from the next.
type stamp struct {
	modified time.Time
	size     int64
}

// load reads all files and reports what is wrong with them.
func (t *trust) load() error {
	var faults []error
	if t.caFile != "" {
		faults = append(faults, t.loadRoots())
	}
	switch {
	case t.certFile != "" && t.keyFile == "":
		faults = append(faults, errors.New("certificate file: the key file is missing: give both or none"))
	case t.certFile == "" && t.keyFile != "":
		faults = append(faults, errors.New("key file: the certificate file is missing: give both or none"))
	case t.certFile != "":
		faults = append(faults, checkPrivate(t.keyFile), t.loadPair())
	}
	t.seen = t.stamps()
	return errors.Join(faults...)
}

func (t *trust) loadRoots() error {
	text, err := os.ReadFile(t.caFile)
	if err != nil {
		return fmt.Errorf("CA file: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return fmt.Errorf("CA file: %s has no certificate in PEM", t.caFile)
	}
	t.roots = roots
	return nil
}

func (t *trust) loadPair() error {
	pair, err := tls.LoadX509KeyPair(t.certFile, t.keyFile)
	if err != nil {
		return fmt.Errorf("certificate file: with its key: %w", err)
	}
	t.pair = &pair
	return nil
}

// checkPrivate refuses a key that everybody on the machine can read (FAL-5).
func checkPrivate(file string) error {
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS == "windows" { // whose modes say nothing
		return nil // reading it tells what is wrong
	}
	if info.Mode().Perm()&0o004 != 0 {
		return fmt.Errorf("key file: everybody on this machine can read %s: chmod o-r", file)
	}
	return nil
}

func (t *trust) stamps() (s [3]stamp) {
	for i, name := range []string{t.caFile, t.certFile, t.keyFile} {
		if name == "" {
			continue
		}
		if info, err := os.Stat(name); err == nil {
			s[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return s
}

// config returns the TLS configuration for a connection to host.
func (t *trust) config(host string) *tls.Config {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.stamps(); now != t.seen {
		if now[0] != t.seen[0] {
			_ = t.loadRoots()
		}
		if now[1] != t.seen[1] || now[2] != t.seen[2] {
			_ = t.loadPair()
		}
		t.seen = now
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, RootCAs: t.roots, Time: t.now}
	if t.serverName != "" {
		c.ServerName = t.serverName
	}
	if pair := t.pair; pair != nil {
		// Shown whatever authorities the server says it knows; an endpoint that
		// does not like it says so, which tells more than showing none.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return pair, nil }
	}
	return c
}
