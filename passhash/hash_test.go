package passhash_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/passhash"
)

func TestMatch(t *testing.T) {
	for family, stored := range samples {
		h := parse(t, stored)
		for _, row := range []struct {
			name, password string
			want           bool
		}{
			{"the password", "open sesame", true},
			{"PWD-1 other case", "Open sesame", false},
			{"PWD-1 blank behind", "open sesame ", false},
			{"PWD-1 blank in front", " open sesame", false},
			{"PWD-1 escaped", "open&#32;sesame", false},
			{"PWD-3 NUL behind", "open sesame\x00", false},
			{"PWD-3 NUL and the same again", "open sesame\x00open sesame", false},
			{"HTP-1 the stored value", stored, false},
			{"nothing", "", false},
			{"begin", "open", false},
		} {
			if got := h.Match(row.password); got != row.want {
				t.Errorf("%s, %s: got %v", family, row.name, got)
			}
		}
	}
}

// TestBcryptBeyond72 has the hash that Apache wrote for a password of 73 bytes.
func TestBcryptBeyond72(t *testing.T) {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	h := parse(t, "$2y$05$AyQyKWSdRp.puRGKH4WnbeRkrKVtCfZgGVTKirvkhwm2W9EDWkc2e")
	if !h.Match(digits) {
		t.Error("PWD-3: 72 bytes do not match")
	}
	for _, password := range []string{digits + "!", digits + "\x00", digits[:71] + "\x00", digits + digits} {
		if h.Match(password) {
			t.Errorf("PWD-3: %d bytes match", len(password))
		}
	}
}

func TestLongPasswords(t *testing.T) {
	for _, family := range []passhash.Family{passhash.SHA512Crypt, passhash.APR1, passhash.SHA1} {
		h := parse(t, samples[family])
		begun := time.Now()
		if h.Match(strings.Repeat("a", 16<<20)) {
			t.Errorf("PWD-2 %s: matched", family)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("PWD-2 %s: 16 MiB took %v", family, took)
		}
	}
}

// TestEqualTime compares the quickest of interleaved tries, which other work on
// the machine slows least; a shortcut would be off by a factor of hundreds.
func TestEqualTime(t *testing.T) {
	h := parse(t, samples[passhash.Bcrypt])
	tries := map[string]func() bool{
		"PWD-3 beyond 72 bytes": func() bool { return h.Match(strings.Repeat("a", 73)) },
		"PWD-3 NUL":             func() bool { return h.Match("open\x00sesame") },
		"PWD-6 dummy":           func() bool { return h.Dummy().Match("open sesame") },
		"wrong":                 func() bool { return h.Match("open") },
	}
	took := map[string][]time.Duration{}
	for range 40 {
		for name, try := range tries {
			begun := time.Now()
			if try() {
				t.Fatalf("%s: matched", name)
			}
			took[name] = append(took[name], time.Since(begun))
		}
	}
	quickest := func(name string) float64 { return slices.Min(took[name]).Seconds() }
	for name := range tries {
		if ratio := quickest(name) / quickest("wrong"); ratio < 0.5 || ratio > 2 {
			t.Errorf("%s takes %.2f times as long as a wrong password", name, ratio)
		}
	}
}

func TestDummy(t *testing.T) {
	h := parse(t, bcrypt5)
	d := h.Dummy()
	if d.Match("open sesame") || d.Family() != h.Family() || d.Cost() != h.Cost() || d.String() != h.String() {
		t.Errorf("PWD-6: got %v of %v", d, h)
	}
	if !h.Match("open sesame") {
		t.Error("the hash itself does not match any more")
	}
}

func TestZeroHash(t *testing.T) {
	var h passhash.Hash
	if h.Match("") || h.Dummy().Match("") || h.Family() != "" || h.Cost() != (passhash.Cost{}) {
		t.Errorf("got %v", h)
	}
}

func TestCost(t *testing.T) {
	for stored, want := range map[string]int{
		"$2y$05$" + tail: 5, "$2y$12$" + tail: 12,
		"$5$rounds=1234$s$" + strings.Repeat(".", 43): 1234,
		"$6$s$" + strings.Repeat(".", 86):             5000,
		samples[passhash.APR1]:                        1000,
		samples[passhash.SHA1]:                        1,
	} {
		c := parse(t, stored).Cost()
		if c.Factor != want || c.Time <= 0 || c.Memory <= 0 || c.Memory > 1<<20 {
			t.Errorf("%q: got %+v, want factor %d", stored, c, want)
		}
	}
	if slow, fast := parse(t, "$2y$15$"+tail).Cost().Time, parse(t, "$2y$05$"+tail).Cost().Time; slow != 1024*fast {
		t.Errorf("bcrypt of 15 and 5 are estimated at %v and %v", slow, fast)
	}
}

func TestHashIsNotPrinted(t *testing.T) {
	h := parse(t, bcrypt5)
	inside := struct {
		name string
		h    passhash.Hash
		P    *passhash.Hash
	}{"ada", h, &h}
	encoded, err := json.Marshal(inside)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(encoded)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		texts = append(texts, fmt.Sprintf(verb, h), fmt.Sprintf(verb, &h), fmt.Sprintf(verb, inside))
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "hash", h, "inside", inside)
	for _, text := range append(texts, log.String()) {
		for _, part := range []string{"6V6g", "lpridPg", fmt.Sprintf("%x", "lpridPg")} {
			if strings.Contains(text, part) {
				t.Errorf("CON-5: printed as %s", text)
			}
		}
	}
	if got, want := h.String(), "passhash.Hash{bcrypt, cost 5}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
