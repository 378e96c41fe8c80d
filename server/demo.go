package server

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/ostiary/ostiary/pages"
	"github.com/ostiary/ostiary/session"
)

// DemoOptions say how Demo runs. The zero value listens at 127.0.0.1:3000 and
// speaks with next-auth v4.
type DemoOptions struct {
	// Listen is the address and port. Empty means 127.0.0.1:3000.
	Listen string
	// Wire is the protocol and token format. Zero means session.NextAuthV4.
	Wire session.Format
	// Out is where the address and the users are printed. Nil means nowhere.
	Out io.Writer
	// Log is where log lines go. Nil means nowhere.
	Log io.Writer
	// Ready, if not nil, is told the address once connections are accepted.
	Ready func(net.Addr)
	// Idle is that of Options.
	Idle func()
}

// Demo runs everything with no configuration and no network: a sample user
// system on a loopback port, the service that asks it, and a protected page. It
// returns nil when ctx ends.
func Demo(ctx context.Context, o DemoOptions) error {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:3000"
	}
	if o.Wire == "" {
		o.Wire = session.NextAuthV4
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if err := checkAddress(o.Listen); err != nil {
		return fmt.Errorf("--listen %s: %w", o.Listen, err)
	}
	public, err := listen(ctx, o.Listen, "give --listen 127.0.0.1:0 for any free port")
	if err != nil {
		return err
	}
	system, err := startSampleSystem(ctx, o.Out)
	if err != nil {
		return errors.Join(err, public.Close())
	}
	defer func() { _ = system.Close() }() // the process ends; there is nobody to tell

	d := demo{url: demoURL(public.Addr(), o.Listen), wire: o.Wire, endpoint: system.url}
	config, err := d.config(o.Listen)
	if err != nil {
		return errors.Join(err, public.Close())
	}
	return Serve(ctx, Options{
		Config: config, Log: o.Log, listener: public, Idle: o.Idle, panels: d.panels(), around: d.atOneName,
		Ready: func(at net.Addr) {
			d.print(o.Out)
			if o.Ready != nil {
				o.Ready(at)
			}
		},
	})
}

// demo is what the demonstration runs with.
type demo struct {
	url      string // "http://localhost:3000"
	wire     session.Format
	endpoint string // of the sample user system
}

// demoURL is the address for the browser: localhost, unless the port is open on
// one other address only.
func demoURL(at net.Addr, asked string) string {
	_, port, _ := net.SplitHostPort(at.String())
	host, _, _ := net.SplitHostPort(asked)
	if ip := net.ParseIP(host); host == "" || host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		return "http://localhost:" + port
	}
	return "http://" + net.JoinHostPort(host, port)
}

//go:embed demo/ostiary.yaml
var demoYAML string

//go:embed demo/main.go.txt
var demoGo string

// yaml is the configuration that the demonstration really runs with, and that
// its page shows.
func (d *demo) yaml() string { return d.fill(demoYAML) }

func (d *demo) fill(text string) string {
	return strings.NewReplacer("{URL}", d.url, "{WIRE}", string(d.wire), "{ENDPOINT}", d.endpoint,
		"{LOOKUP}", strings.TrimSuffix(d.endpoint, "/login")+"/people/{id}", "{FACTORS}", d.factors()).Replace(text)
}

// factors has passkeys where browsers use keys: not at an address of numbers.
func (d *demo) factors() string {
	if strings.HasPrefix(d.url, "http://localhost") {
		return "{passkeys: true, remember_device: 30d}"
	}
	return "{remember_device: 30d}"
}

func (d *demo) config(listen string) (*Config, error) {
	var random [32]byte
	rand.Read(random[:]) // crypto/rand never fails
	secret := base64.RawURLEncoding.EncodeToString(random[:])
	c, err := Parse("demo.yaml", []byte(d.yaml()), func(name string) string {
		if name == "OSTIARY_SECRET" {
			return secret
		}
		return ""
	})
	if err != nil {
		return nil, err
	}
	c.Listen = listen
	c.Log.Text = true
	return c, nil
}

func (d *demo) panels() []pages.Panel {
	return []pages.Panel{
		{
			Title: "How this was configured",
			Text:  "Save this as ostiary.yaml, point it at an endpoint of yours, and run “ostiary serve”. The endpoint gets the fields as JSON and answers with the user.",
			Code:  strings.TrimSpace(d.yaml()),
		},
		{
			Title: "The same as a Go program",
			Text:  "The library is an http.Handler. Authorize asks your system; everything else is what you see here.",
			Code:  strings.TrimSpace(d.fill(demoGo)),
		},
	}
}

func (d *demo) print(w io.Writer) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `
  Ostiary is running at  %s

  Sign in as   jsmith   password  open sesame
       or as   ada      password  open sesame, then the code  %s

  Second factors of your own:  %s/api/auth/account

  The user system that it asks is a sample at %s.
  Nothing is stored. Stop with Ctrl-C.

`, d.url, sampleCode, d.url, d.endpoint)
	_, _ = w.Write(b.Bytes()) // a closed terminal is no reason to stop
}

// atOneName leads browsers that came by another name of this machine to the one
// in the configuration: cookies and the check of origins know only that.
func (d *demo) atOneName(next http.Handler) http.Handler {
	_, name, _ := strings.Cut(d.url, "://")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		other := r.Host != name && err == nil && net.ParseIP(host) != nil
		if other && r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
			plainHeaders(w.Header())
			w.Header().Set("Location", d.url+r.URL.RequestURI())
			w.WriteHeader(http.StatusFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}
