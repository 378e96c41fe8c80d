package radius

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"runtime"
)

// load reads the files and makes what a connection to host needs (CON-3).
func (t *TLS) load(host string) (*tls.Config, error) {
	made := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: or(t.ServerName, host)}
	var faults []error
	if t.CAFile != "" {
		text, err := os.ReadFile(t.CAFile)
		made.RootCAs = x509.NewCertPool()
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("CAFile: %w", err))
		case !made.RootCAs.AppendCertsFromPEM(text):
			faults = append(faults, fmt.Errorf("CAFile: %s has no certificate in PEM", t.CAFile))
		}
	}
	switch {
	case (t.CertFile == "") != (t.KeyFile == ""):
		faults = append(faults, errors.New("CertFile, KeyFile: give both or none"))
	case t.CertFile != "":
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			err = fmt.Errorf("CertFile, KeyFile: %w", err)
		}
		faults = append(faults, err, checkPrivate(t.KeyFile))
		// Shown whatever authorities the server says it knows: one that does not
		// like it says so.
		made.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return made, nil
}

// checkPrivate refuses a key that everybody on the machine can read.
func checkPrivate(file string) error {
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS == "windows" { // whose modes say nothing
		return nil // reading it tells what is wrong
	}
	if info.Mode().Perm()&0o004 != 0 {
		return fmt.Errorf("KeyFile: everybody on this machine can read %s: chmod o-r", file)
	}
	return nil
}
