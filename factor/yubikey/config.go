package yubikey

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
)

// Config says who checks one-time passwords. The zero value is nobody: keys then
// need to be imported with their secrets.
type Config struct {
	// Servers are addresses of the validation protocol 2.0, such as
	// "https://api.yubico.com/wsapi/2.0/verify". All are asked at once and the
	// first valid answer decides.
	Servers []string
	// ClientID is what the servers know us by, a number.
	ClientID string
	// APIKey is the shared key that requests and answers are signed with, in
	// base64. It is required with Servers (YUB-2).
	APIKey ostiary.Secret
	// UnsignedReplies accepts answers that nobody signed: whoever is on the way can
	// then make every password valid.
	UnsignedReplies bool
	// CAFile has the certificates, in PEM, that may vouch for the servers. Empty
	// means those of the system.
	CAFile string
	// InsecureHTTP permits servers without TLS.
	InsecureHTTP bool
	// Timeout is how long all of it may take. Zero means 5 seconds.
	Timeout time.Duration
}

// Factor is the factor "yubikey". It is safe for concurrent use.
type Factor struct {
	servers []*url.URL
	client  string
	secret  func() []byte // nil without one; behind a function, so that nothing prints it
	timeout time.Duration
	http    *http.Client
}

// New checks the configuration. It asks nothing yet.
func New(c Config) (*Factor, error) {
	f := &Factor{client: c.ClientID, timeout: c.Timeout}
	if f.timeout == 0 {
		f.timeout = 5 * time.Second
	}
	faults := []error{f.setServers(c), f.setSecret(c), f.setClient(c)}
	if c.Timeout < 0 || c.Timeout > 20*time.Second {
		faults = append(faults, errors.New("Timeout: from 0 to 20 seconds"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *Factor) setServers(c Config) error {
	var faults []error
	for _, address := range c.Servers {
		u, err := url.Parse(address)
		switch {
		case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
			faults = append(faults, errors.New(`Servers: one is not an address such as "https://api.yubico.com/wsapi/2.0/verify"`))
		case u.Scheme != "https" && (u.Scheme != "http" || !c.InsecureHTTP && !loopback(u.Hostname())):
			faults = append(faults, fmt.Errorf("Servers: %s is not https", u.Host))
		default:
			f.servers = append(f.servers, u)
		}
	}
	if len(c.Servers) > 8 {
		faults = append(faults, errors.New("Servers: more than 8"))
	}
	if len(c.Servers) > 0 && (c.ClientID == "" || len(c.ClientID) > 20 || strings.Trim(c.ClientID, "0123456789") != "") {
		faults = append(faults, errors.New("ClientID: missing or not a number; the servers give it out together with the key"))
	}
	return errors.Join(faults...)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (f *Factor) setSecret(c Config) error {
	text := c.APIKey.Reveal()
	if text == "" {
		if len(c.Servers) > 0 && !c.UnsignedReplies {
			return errors.New("APIKey: missing; without it anybody on the way could answer for the servers (UnsignedReplies permits that)")
		}
		return nil
	}
	secret, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(secret) < 8 {
		return errors.New("APIKey: not base64, as the servers give it out")
	}
	f.secret = func() []byte { return secret }
	return nil
}

// setClient makes a client that follows no redirects, knows no proxies from the
// environment and trusts what the operator says (YUB-3).
func (f *Factor) setClient(c Config) error {
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return fmt.Errorf("CAFile: %w", err)
		}
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("CAFile: there is no certificate in %s", c.CAFile)
		}
	}
	f.http = &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: trust, MaxResponseHeaderBytes: 8 << 10, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
			TLSHandshakeTimeout: 3 * time.Second, DialContext: (&net.Dialer{Timeout: 3 * time.Second}).DialContext, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return nil
}
