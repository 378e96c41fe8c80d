package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ostiary/ostiary/session"
)

type sessionCommand struct {
	Open openCommand `cmd:"" help:"Open a session token and print what it says, or say why it does not open."`
}

type openCommand struct {
	Token      string `arg:"" optional:"" help:"The token, or a whole Cookie header. Read from standard input when left out or -."`
	Config     string `name:"config" short:"c" placeholder:"FILE" help:"Take secrets, wire and cookie name from this configuration."`
	SecretFile string `name:"secret-file" placeholder:"FILE" help:"Take the secret from this file; one a line if there are several."`
	Wire       string `name:"wire" placeholder:"WIRE" help:"next-auth-v4 or auth-js-v5. Left out: what the token looks like."`
	CookieName string `name:"cookie-name" placeholder:"NAME" help:"The name of the session cookie, which is part of the key in auth-js-v5. Left out: the usual names."`
}

// Help tells where the secret comes from.
func (*openCommand) Help() string {
	return "Without --config and --secret-file the secret is taken from the environment variable OSTIARY_SECRET."
}

// maxInput is how much is read from standard input: more than any browser sends.
const maxInput = 256 << 10

// Run opens the token.
func (o *openCommand) Run(a *surroundings) error {
	with, err := o.keys(a)
	if err != nil {
		return err
	}
	input, err := o.input(a)
	if err != nil {
		return err
	}
	token, why := with.open(input)
	if token != nil {
		encoder := json.NewEncoder(a.stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(token.Claims()); err != nil {
			return err
		}
	}
	return why
}

// keys are what a token is tried with.
type keys struct {
	secrets []string
	formats []session.Format
	asked   bool   // somebody chose the formats
	cookie  string // "" for the usual names
}

func (o *openCommand) keys(a *surroundings) (keys, error) {
	k := keys{formats: []session.Format{session.NextAuthV4, session.AuthJSV5}}
	if o.Config != "" && o.SecretFile != "" {
		return k, usageError{"--config and --secret-file exclude each other"}
	}
	if err := k.takeSecrets(o, a); err != nil {
		return k, err
	}
	if o.Wire != "" {
		if !session.Format(o.Wire).Valid() {
			return k, usageError{"--wire must be next-auth-v4 or auth-js-v5"}
		}
		k.formats, k.asked = []session.Format{session.Format(o.Wire)}, true
	}
	if o.CookieName != "" {
		k.cookie = o.CookieName
	}
	return k, nil
}

// takeSecrets finds the secrets, and with a configuration what else it says.
func (k *keys) takeSecrets(o *openCommand, a *surroundings) error {
	if o.Config != "" {
		c, err := configFlag{o.Config}.read(a)
		if err != nil {
			return err
		}
		k.secrets, k.cookie = c.Service.Secrets, c.Service.Session.Cookie.Name
		k.formats, k.asked = append([]session.Format{c.Service.Wire}, c.Service.Session.AlsoAccept...), true
		return nil
	}
	if o.SecretFile != "" {
		content, err := os.ReadFile(o.SecretFile)
		k.secrets = strings.Fields(string(content))
		return err
	}
	if secret := a.getenv("OSTIARY_SECRET"); secret != "" {
		k.secrets = []string{secret}
		return nil
	}
	return usageError{"no secret: set OSTIARY_SECRET, or give --secret-file or --config"}
}

func (o *openCommand) input(a *surroundings) (string, error) {
	if o.Token != "" && o.Token != "-" {
		return strings.TrimSpace(o.Token), nil
	}
	content, err := io.ReadAll(io.LimitReader(a.stdin, maxInput))
	if err != nil {
		return "", fmt.Errorf("reading standard input: %w", err)
	}
	input := firstLine(string(content))
	if input == "" {
		return "", usageError{"no token: give it as argument or on standard input"}
	}
	return input, nil
}

// open tries what the token can be: each format, under each usual name. A
// session that is over is returned with the error that says so.
func (k *keys) open(input string) (*session.Token, error) {
	header := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(input, "Cookie:"), "cookie:"))
	seen := ""
	for _, c := range k.candidates() {
		codec, err := session.New(session.Config{
			Secrets: k.secrets, Format: c.format, CookieName: c.cookie, Secure: strings.HasPrefix(c.cookie, "__"),
			AllowNoSubject: true, InsecureAllowWeakSecrets: true, AcceptA256GCM: c.format == session.AuthJSV5,
		})
		if err != nil {
			return nil, err
		}
		token, err := tokenIn(header, codec)
		if err != nil {
			return nil, err
		}
		if token == "" {
			continue
		}
		seen = token
		if t, err := codec.Open(token, time.Time{}); err == nil {
			return t, nil
		} else if errors.Is(err, session.ErrExpired) {
			return expired(codec, token)
		}
	}
	if seen == "" {
		return nil, fmt.Errorf("the Cookie header holds no session cookie; looked for %s", k.cookieNames())
	}
	return nil, k.whyNot(seen)
}

// tokenIn returns the token of a Cookie header, "" when it has none. What is no
// Cookie header is the token itself.
func tokenIn(header string, codec *session.Codec) (string, error) {
	if !strings.Contains(header, "=") {
		return header, nil
	}
	found := codec.FromHeader(http.Header{"Cookie": {header}})
	if found.Conflict {
		return "", fmt.Errorf("the cookies of %s contradict each other: two of one name, or a whole one and chunks", codec.CookieName())
	}
	return found.Token, nil
}

// expired opens a session that is over, to show what it was.
func expired(codec *session.Codec, token string) (*session.Token, error) {
	t, err := codec.Open(token, time.Unix(1, 0))
	if err != nil {
		return nil, errors.New("the session is over")
	}
	return t, fmt.Errorf("the session was over at %s", time.Unix(t.Expires, 0).UTC().Format(time.RFC3339))
}

// candidate is one way that a token may have been made.
type candidate struct {
	format session.Format
	cookie string
}

func (k *keys) candidates() []candidate {
	var all []candidate
	for _, f := range k.formats {
		if k.cookie != "" {
			all = append(all, candidate{f, k.cookie})
		}
		all = append(all, candidate{f, f.CookieName(false)}, candidate{f, f.CookieName(true)})
	}
	return all
}

func (k *keys) cookieNames() string {
	var names []string
	for _, c := range k.candidates() {
		names = append(names, c.cookie)
	}
	return strings.Join(names, ", ")
}

// whyNot says as much as can be seen from outside about a token that did not
// open under any key.
func (k *keys) whyNot(token string) error {
	parts := strings.Split(token, ".")
	if len(parts) != 5 {
		return fmt.Errorf("this is not a session token: it has %s, a token has five with dots between", count(len(parts), "part"))
	}
	var head struct{ Alg, Enc string }
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil || json.Unmarshal(raw, &head) != nil {
		return errors.New("this is not a session token: its header is not base64url of JSON")
	}
	enc := map[string]session.Format{"A256GCM": session.NextAuthV4, "A256CBC-HS512": session.AuthJSV5}
	format, known := enc[head.Enc]
	switch {
	case head.Alg != "dir" || !known:
		return errors.New("this is a token, but of neither session format: alg must be dir, enc A256GCM or A256CBC-HS512")
	case k.asked && !slices.Contains(k.formats, format):
		return fmt.Errorf("this is a token of %s (enc %s), and %s was asked for", format, head.Enc, k.formats[0])
	case format == session.AuthJSV5:
		return errors.New("it does not open: another secret sealed it, its cookie has another name (--cookie-name), or it was altered")
	}
	return errors.New("it does not open: another secret sealed it, or it was altered")
}
