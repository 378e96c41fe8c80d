package session_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/session"
)

func TestWeakSecrets(t *testing.T) {
	for _, row := range []struct {
		name   string
		secret string
		want   bool
	}{
		{"random characters", secretA, true},
		{"32 bytes in hex", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", true},
		{"16 bytes in hex", "9f86d081884c7d659a2feaa0c55ad015", true},
		{"32 bytes in base64", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", true},
		{"40 digits", "8271640395518264730194625537081946273058", true},
		{"32 raw bytes", "\x9f\x86\xd0\x81\x88\x4c\x7d\x65\x9a\x2f\xea\xa0\xc5\x5a\xd0\x15\xa3\xbf\x4f\x1b\x2b\x0b\x82\x2c\xd1\x5d\x6c\x15\xb0\xf0\x0a\x08", true},
		{"words", "correct horse battery staple and more", true},
		{"JWE-10 empty", "", false},
		{"JWE-10 31 bytes", secretA[:31], false},
		{"JWE-10 one byte", strings.Repeat("x", 64), false},
		{"JWE-10 two bytes", strings.Repeat("ab", 20), false},
		{"JWE-10 few bytes", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaabcdefgh", false},
		{"JWE-10 a word over and over", "password-password-password-password", false},
		{"JWE-10 a long word over and over", "supersecretphrasesupersecretphrase", false},
		{"JWE-10 the alphabet", "abcdefghijklmnopqrstuvwxyz0123456789", false},
		{"JWE-10 digits in order", "0123456789012345678901234567890123456789", false},
		{"JWE-10 backwards", "zyxwvutsrqponmlkjihgfedcba9876543210", false},
		{"JWE-10 sample", "Change_Me-please-9f86d081884c7d659a2feaa0", false},
		{"JWE-10 other sample", "your-secret-here-9f86d081884c7d659a2feaa0", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := session.New(session.Config{Secrets: []string{secretB, row.secret}})
			if (err == nil) != row.want {
				t.Fatalf("got %v, want ok %v", err, row.want)
			}
			if err != nil && (!strings.Contains(err.Error(), "secret 2") || row.secret != "" && strings.Contains(err.Error(), row.secret)) {
				t.Errorf("got %q", err)
			}
			_, err = session.New(session.Config{Secrets: []string{row.secret}, InsecureAllowWeakSecrets: true})
			if (err == nil) != (row.secret != "") {
				t.Errorf("allowed: got %v", err)
			}
		})
	}
}

func TestConfigFaults(t *testing.T) {
	_, err := session.New(session.Config{
		Secrets: []string{"short", secretA, secretA, secretB, secretC}, Format: "v6", CookieName: "a b", MaxChunks: 65,
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"v6", "a b", "65", "5 secrets", "secret 1 has 5 bytes", "secret 3 is the same as secret 2"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
	for name, c := range map[string]session.Config{
		"no secrets":        {},
		"negative chunks":   {Secrets: []string{secretA}, MaxChunks: -1},
		"long name":         {Secrets: []string{secretA}, CookieName: strings.Repeat("a", 129)},
		"name with =":       {Secrets: []string{secretA}, CookieName: "a=b"},
		"name with ;":       {Secrets: []string{secretA}, CookieName: "a;b"},
		"name beyond ASCII": {Secrets: []string{secretA}, CookieName: "\u00e9"},
		"A256GCM in v4":     {Secrets: []string{secretA}, AcceptA256GCM: true},
	} {
		if c, err := session.New(c); err == nil || c != nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSecretsStayHidden(t *testing.T) {
	config := session.Config{Secrets: []string{secretA, secretB}}
	codec := newCodec(t, config)
	reader := newReader(t, session.ReaderConfig{Secrets: config.Secrets})
	key, _ := session.NextAuthV4.Derive(secretA, "")
	things := []any{
		config, &config,
		struct{ C session.Config }{config},
		config.Secrets,
		[]any{config},
		session.ReaderConfig{Secrets: config.Secrets},
		codec, *codec,
		struct{ C *session.Codec }{codec},
		reader, *reader,
	}
	var out bytes.Buffer
	text, js := slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))
	for _, thing := range things {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t"} {
			fmt.Fprintf(&out, verb+"\n", thing)
		}
		text.Info("x", "thing", thing)
		js.Info("x", "thing", thing)
		data, _ := json.Marshal(thing)
		out.Write(data)
	}
	for _, secret := range []string{secretA, secretB, secretA[:8], fmt.Sprintf("%x", secretA[:8]), fmt.Sprintf("%X", secretA[:8]), fmt.Sprintf("%x", key[:8]), fmt.Sprint(key[:4])[1:12]} {
		if at := strings.Index(out.String(), secret); at >= 0 {
			t.Errorf("CON-5: %q shows in %q", secret, out.String()[max(0, at-200):at])
		}
	}
}
