package httpapi_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/httpapi"
)

// authority issues certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	serial      int64
}

func newAuthority(t *testing.T, name string) *authority {
	a := &authority{}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.certificate, a.key = a.sign(t, template)
	return a
}

func (a *authority) sign(t *testing.T, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.serial++
	template.SerialNumber = big.NewInt(a.serial)
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	parent, signer := a.certificate, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// issue makes a certificate for a name, or for 127.0.0.1 when it is "".
func (a *authority) issue(t *testing.T, name string, expires time.Time) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if !expires.IsZero() {
		template.NotBefore, template.NotAfter = expires.Add(-time.Hour), expires
	}
	if name == "" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	} else {
		template.DNSNames = []string{name}
	}
	certificate, key := a.sign(t, template)
	return tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key, Leaf: certificate}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// file writes the authority's own certificate.
func (a *authority) file(t *testing.T) string {
	t.Helper()
	return write(t, filepath.Join(t.TempDir(), "ca.pem"), 0o644, &pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

func write(t *testing.T, name string, mode os.FileMode, block *pem.Block) string {
	t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(block), mode); err != nil {
		t.Fatal(err)
	}
	return name
}

// pairFiles writes certificate and key into a folder.
func pairFiles(t *testing.T, folder string, pair tls.Certificate) (cert, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert = write(t, filepath.Join(folder, "client.pem"), 0o644, &pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
	return cert, write(t, filepath.Join(folder, "client.key"), 0o600, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// serveTLS is an endpoint whose user is the name in the client's certificate.
func serveTLS(t *testing.T, config *tls.Config) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			id = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		says(200, jsonType, `{"id":"`+id+`"}`)(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	good := ours.issue(t, "", time.Time{})
	named := ours.issue(t, "acme.internal", time.Time{})
	for _, row := range []struct {
		name   string
		server *tls.Config
		config httpapi.Config
		want   string // "" for yes, else a part of the error
	}{
		{"own CA", &tls.Config{Certificates: []tls.Certificate{good}}, httpapi.Config{CAFile: ours.file(t)}, ""},
		{"CON-3 not our CA", &tls.Config{Certificates: []tls.Certificate{good}}, httpapi.Config{CAFile: theirs.file(t)}, "unknown authority"},
		{"CON-3 no CA that the system knows", &tls.Config{Certificates: []tls.Certificate{good}}, httpapi.Config{}, "certificate"},
		{"CON-3 expired", &tls.Config{Certificates: []tls.Certificate{ours.issue(t, "", time.Now().Add(-time.Minute))}}, httpapi.Config{CAFile: ours.file(t)}, "expired"},
		{"CON-3 the name of somebody else", &tls.Config{Certificates: []tls.Certificate{named}}, httpapi.Config{CAFile: ours.file(t)}, "127.0.0.1"},
		{"CON-3 the configured name", &tls.Config{Certificates: []tls.Certificate{named}}, httpapi.Config{CAFile: ours.file(t), ServerName: "acme.internal"}, ""},
		{"CON-3 not the configured name", &tls.Config{Certificates: []tls.Certificate{good}}, httpapi.Config{CAFile: ours.file(t), ServerName: "acme.internal"}, "acme.internal"},
		{"CON-3 TLS 1.1", &tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, httpapi.Config{CAFile: ours.file(t)}, "protocol version"},
		{"TLS 1.2", &tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS12}, httpapi.Config{CAFile: ours.file(t)}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.config.URL = serveTLS(t, row.server)
			c := connect(t, row.config)
			user, err := authorize(t, c)
			checked := c.Check(context.Background())
			silent(t, err)
			if row.want == "" {
				if got := verdict(user, err); got != "user nobody" || checked != nil {
					t.Errorf("got %s, want user nobody: %v, %v", got, err, checked)
				}
				return
			}
			if got := verdict(user, err); got != "unavailable" || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %s, want unavailable because of %s: %v", got, row.want, err)
			}
			if checked == nil || !strings.Contains(checked.Error(), row.want) {
				t.Errorf("Check: got %v, want %s", checked, row.want)
			}
		})
	}
}

func TestPlainServerBehindHTTPS(t *testing.T) {
	address := serve(t, says(200, jsonType, `{"id":"1"}`)).URL
	c := connect(t, httpapi.Config{URL: strings.Replace(address, "http:", "https:", 1)})
	user, err := authorize(t, c)
	if got := verdict(user, err); got != "unavailable" || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("got %s: %v", got, err)
	}
}

func TestSlowHandshake(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	c := connect(t, httpapi.Config{URL: "https://" + listener.Addr().String(), Timeout: short})
	user, err := authorize(t, c)
	if got := verdict(user, err); got != "unavailable" || !strings.Contains(err.Error(), "no answer in time") {
		t.Errorf("CON-2 got %s: %v", got, err)
	}
	if err := c.Check(context.Background()); err == nil || !strings.Contains(err.Error(), "no answer in time") {
		t.Errorf("CON-2 Check: got %v", err)
	}
}

func TestClientCertificate(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	address := serveTLS(t, &tls.Config{
		Certificates: []tls.Certificate{ours.issue(t, "", time.Time{})},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: ours.pool(),
	})
	config := httpapi.Config{URL: address, CAFile: ours.file(t)}
	if got := verdict(authorize(t, connect(t, config))); got != "unavailable" {
		t.Errorf("without a certificate: got %s, want unavailable", got)
	}

	folder := t.TempDir()
	config.CertFile, config.KeyFile = pairFiles(t, folder, ours.issue(t, "ostiary-1", time.Time{}))
	c := connect(t, config)
	if got := verdict(authorize(t, c)); got != "user ostiary-1" {
		t.Errorf("got %s, want user ostiary-1", got)
	}
	if err := c.Check(context.Background()); err != nil {
		t.Errorf("Check: %v", err)
	}

	pairFiles(t, folder, theirs.issue(t, "stranger", time.Time{}))
	config.CAFile = ours.file(t)
	err := connect(t, config).Check(context.Background())
	if err == nil {
		t.Error("Check: a certificate that the endpoint does not accept went unnoticed")
	}
	silent(t, err)
}

// TestRotation replaces files while the connector lives.
func TestRotation(t *testing.T) {
	ours, next := newAuthority(t, "ours"), newAuthority(t, "next")
	endpoint := func(a *authority) string {
		return serveTLS(t, &tls.Config{
			Certificates: []tls.Certificate{a.issue(t, "", time.Time{})},
			ClientAuth:   tls.RequireAnyClientCert,
		})
	}
	folder := t.TempDir()
	cert, key := pairFiles(t, folder, ours.issue(t, "ostiary-1", time.Time{}))
	ca := ours.file(t)
	c := connect(t, httpapi.Config{CAFile: ca, CertFile: cert, KeyFile: key, URL: endpoint(ours), LookupURL: endpoint(next) + "/{id}"})
	if got := verdict(authorize(t, c)); got != "user ostiary-1" {
		t.Fatalf("got %s, want user ostiary-1", got)
	}
	lookup := func(what, id, want string) {
		t.Helper()
		later(t, ca, cert, key)
		user, err := c.Lookup(context.Background(), id)
		if got := verdict(user, err); got != want {
			t.Errorf("%s: got %s, want %s: %v", what, got, want, err)
		}
	}
	lookup("CON-3 another authority", "ostiary-1", "unavailable")
	write(t, ca, 0o644, &pem.Block{Type: "NOTHING"})
	write(t, cert, 0o644, &pem.Block{Type: "NOTHING"})
	lookup("faulty files are passed over", "ostiary-1", "unavailable")
	write(t, ca, 0o644, &pem.Block{Type: "CERTIFICATE", Bytes: next.certificate.Raw})
	pairFiles(t, folder, ours.issue(t, "ostiary-2", time.Time{}))
	lookup("new files", "ostiary-2", "user ostiary-2")
}

// later makes files look changed: clocks of file systems are coarse.
func later(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if at := info.ModTime().Add(time.Minute); os.Chtimes(name, at, at) != nil {
			t.Fatalf("%s keeps its time", name)
		}
	}
}

func TestKeyThatEverybodyReads(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // no such modes
	}
	ours := newAuthority(t, "ours")
	cert, key := pairFiles(t, t.TempDir(), ours.issue(t, "ostiary", time.Time{}))
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := httpapi.New(httpapi.Config{URL: "https://acme.internal", CertFile: cert, KeyFile: key})
	if err == nil || !strings.Contains(err.Error(), "everybody") {
		t.Errorf("FAL-5 got %v", err)
	}
}
