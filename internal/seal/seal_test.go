package seal_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/internal/seal"
)

const (
	newSecret = "test-only-new-secret-of-32-bytes-"
	oldSecret = "test-only-old-secret-of-32-bytes-"
)

func box(t testing.TB, purpose string, secrets ...string) *seal.Box {
	t.Helper()
	b, err := seal.New(secrets, purpose)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sealed(t testing.TB, b *seal.Box, plain, ad string) string {
	t.Helper()
	text, err := b.Seal([]byte(plain), []byte(ad))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSealAndOpen(t *testing.T) {
	b := box(t, "test", newSecret)
	for _, plain := range []string{"", "x", "state \x00 \xff", strings.Repeat("p", seal.MaxPlain)} {
		text := sealed(t, b, plain, "ada")
		if strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("%.40q is not safe in a URL", text)
		}
		got, err := b.Open(text, []byte("ada"))
		if err != nil || string(got) != plain {
			t.Errorf("opened %.40q (%v), want %.40q", got, err, plain)
		}
		if sealed(t, b, plain, "ada") == text {
			t.Errorf("%.40q is sealed alike twice", plain)
		}
	}
	if _, err := b.Seal(make([]byte, seal.MaxPlain+1), nil); err == nil {
		t.Error("more than MaxPlain bytes are sealed")
	}
}

// TestCrossOpen is the matrix of JWE-6: purposes, secrets, bindings.
func TestCrossOpen(t *testing.T) {
	text := sealed(t, box(t, "pending", newSecret), "state", "ada")
	for _, c := range []struct {
		name  string
		box   *seal.Box
		ad    string
		opens bool
	}{
		{"the same", box(t, "pending", newSecret), "ada", true},
		{"JWE-6 another purpose", box(t, "memo", newSecret), "ada", false},
		{"JWE-6 a purpose that begins alike", box(t, "pending ", newSecret), "ada", false},
		{"another binding", box(t, "pending", newSecret), "grace", false},
		{"no binding", box(t, "pending", newSecret), "", false},
		{"JWE-9 another secret", box(t, "pending", oldSecret), "ada", false},
		{"JWE-9 a newer secret before it", box(t, "pending", oldSecret, newSecret), "ada", true},
		{"JWE-9 an older secret after it", box(t, "pending", newSecret, oldSecret), "ada", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			plain, err := c.box.Open(text, []byte(c.ad))
			if c.opens && (err != nil || string(plain) != "state") {
				t.Errorf("opened %q, %v", plain, err)
			}
			if !c.opens && (plain != nil || !errors.Is(err, seal.ErrInvalid)) {
				t.Errorf("opened %q, %v, want ErrInvalid", plain, err)
			}
		})
	}
	rotated := sealed(t, box(t, "pending", newSecret, oldSecret), "state", "")
	if _, err := box(t, "pending", newSecret).Open(rotated, nil); err != nil {
		t.Errorf("JWE-9 it is not the first secret that seals: %v", err)
	}
}

// TestNoSessionKey tries the keys of session tokens, as either generation
// derives them, on a text of ours.
func TestNoSessionKey(t *testing.T) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed(t, box(t, "pending", newSecret), "state", ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []struct{ salt, info string }{
		{"", "NextAuth.js Generated Encryption Key"},
		{"authjs.session-token", "Auth.js Generated Encryption Key (authjs.session-token)"},
		{"", "Ostiary pending"},
	} {
		derived, err := hkdf.Key(sha256.New, []byte(newSecret), []byte(key.salt), key.info, 32)
		if err != nil {
			t.Fatal(err)
		}
		block, err := aes.NewCipher(derived)
		if err != nil {
			t.Fatal(err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := aead.Open(nil, raw[1:13], raw[13:], nil); err == nil {
			t.Errorf("JWE-6 opens with the key of salt %q and info %q", key.salt, key.info)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	b := box(t, "test", newSecret)
	good := sealed(t, b, "state", "")
	raw, _ := base64.RawURLEncoding.DecodeString(good)
	other := bytes.Clone(raw)
	other[0]++
	for name, text := range map[string]string{
		"nothing":                     "",
		"a short text":                "AQ",
		"JWE-5 a tag cut off":         good[:len(good)-4],
		"a character more":            good + "A",
		"JWE-1 padding":               good + "=",
		"JWE-1 a line feed":           good + "\n",
		"JWE-1 a line end inside":     good[:8] + "\r\n" + good[8:],
		"JWE-1 the other alphabet":    base64.RawStdEncoding.EncodeToString(append([]byte{1, 0xfb, 0xff}, raw...)),
		"JWE-1 bits left over":        leftover(good),
		"an unknown version":          base64.RawURLEncoding.EncodeToString(other),
		"more than is ever sealed":    strings.Repeat("A", 1<<20),
		"a version and nothing sound": base64.RawURLEncoding.EncodeToString(append([]byte{1}, make([]byte, 40)...)),
	} {
		t.Run(name, func(t *testing.T) {
			if plain, err := b.Open(text, nil); plain != nil || !errors.Is(err, seal.ErrInvalid) {
				t.Errorf("opened %q, %v, want ErrInvalid", plain, err)
			}
		})
	}
	for bit := range 8 * len(raw) {
		changed := bytes.Clone(raw)
		changed[bit/8] ^= 1 << (bit % 8)
		if _, err := b.Open(base64.RawURLEncoding.EncodeToString(changed), nil); !errors.Is(err, seal.ErrInvalid) {
			t.Errorf("JWE-5 opened with bit %d changed (%v)", bit, err)
		}
	}
}

// leftover spells a text, whose length is no multiple of four, with other
// unused bits in its last character.
func leftover(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, text[len(text)-1])
	return text[:len(text)-1] + string(alphabet[last^1])
}

func TestNew(t *testing.T) {
	for name, c := range map[string]struct {
		secrets []string
		purpose string
	}{
		"no secret":       {nil, "test"},
		"an empty secret": {[]string{newSecret, ""}, "test"},
		"no purpose":      {[]string{newSecret}, ""},
	} {
		if b, err := seal.New(c.secrets, c.purpose); err == nil || b != nil {
			t.Errorf("%s: %v, %v, want an error", name, b, err)
		}
	}
}

func TestBoxHidesItsKeys(t *testing.T) {
	b := box(t, "test", newSecret)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{b, *b} {
			if got := fmt.Sprintf(verb, value); got != "seal.Box" {
				t.Errorf("LOG-2 %s prints %q", verb, got)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	// Sealed once and written down: fuzzing runs this in several processes, and
	// each would seal another text.
	const text = "AajTKnSOA3H4yddcViZHrGAqBu93c1N-J3ClJUuXTf-GsQ"
	b := box(f, "fuzz", newSecret)
	f.Add(text)
	f.Add(text[:len(text)-1])
	f.Add(text + "\n")
	f.Add("")
	f.Add("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, candidate string) {
		plain, err := b.Open(candidate, nil)
		if err == nil && candidate != text {
			t.Errorf("opened %q, which was never sealed, as %q", candidate, plain)
		}
		if err != nil && (plain != nil || !errors.Is(err, seal.ErrInvalid)) {
			t.Errorf("Open(%q) = %q, %v", candidate, plain, err)
		}
	})
}

func FuzzSeal(f *testing.F) {
	b := box(f, "fuzz", newSecret)
	f.Add([]byte("state"), []byte("ada"))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, plain, ad []byte) {
		text, err := b.Seal(plain, ad)
		if err != nil {
			if len(plain) <= seal.MaxPlain {
				t.Error(err)
			}
			return
		}
		if got, err := b.Open(text, ad); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("opened %q, %v, want %q", got, err, plain)
		}
		if _, err := b.Open(text, append(ad, 0)); err == nil {
			t.Errorf("opens under another binding than %q", ad)
		}
	})
}
