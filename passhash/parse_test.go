package passhash_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/passhash"
)

const (
	bcrypt5 = "$2y$05$Gm.bew8OoNT275wKI6V6g.v9VvSy.SkB7rySRclJ5gfRAlpridPg."
	tail    = "Gm.bew8OoNT275wKI6V6g.v9VvSy.SkB7rySRclJ5gfRAlpridPg."
)

func TestParse(t *testing.T) {
	sha256, sha512 := strings.Repeat(".", 43), strings.Repeat(".", 86)
	for _, row := range []struct {
		name, stored string
		want         error
	}{
		{"bcrypt 2y", "$2y$05$" + tail, nil},
		{"bcrypt 2a", "$2a$05$" + tail, nil},
		{"bcrypt 2b", "$2b$05$" + tail, nil},
		{"bcrypt at the greatest cost", "$2b$15$" + tail, nil},
		{"bcrypt beyond it", "$2b$16$" + tail, passhash.ErrTooCostly},
		{"bcrypt of cost 31", "$2b$31$" + tail, passhash.ErrTooCostly},
		{"bcrypt of cost 99", "$2b$99$" + tail, passhash.ErrTooCostly},
		{"bcrypt below its least cost", "$2b$03$" + tail, passhash.ErrMalformed},
		{"bcrypt 2x, the broken one", "$2x$05$" + tail, passhash.ErrUnsupported},
		{"bcrypt without a version", "$2$05$" + tail, passhash.ErrUnsupported},
		{"bcrypt cut", bcrypt5[:59], passhash.ErrMalformed},
		{"bcrypt and more", bcrypt5 + ".", passhash.ErrMalformed},
		{"bcrypt and a line end", bcrypt5 + "\r", passhash.ErrMalformed},
		{"bcrypt with one digit of cost", "$2y$5$" + tail + ".", passhash.ErrMalformed},
		{"bcrypt with a signed cost", "$2y$+5$" + tail, passhash.ErrMalformed},
		{"bcrypt with a foreign letter", "$2y$05$_" + tail[1:], passhash.ErrMalformed},
		{"bcrypt with bits to spare in the salt", "$2y$05$" + tail[:21] + "/" + tail[22:], passhash.ErrMalformed},
		{"bcrypt with bits to spare in the hash", bcrypt5[:59] + "/", passhash.ErrMalformed},

		{"SHA-256 crypt", "$5$salt$" + sha256, nil},
		{"SHA-512 crypt", "$6$salt$" + sha512, nil},
		{"SHA-crypt with rounds", "$6$rounds=1000$salt$" + sha512, nil},
		{"SHA-crypt with the most rounds", "$5$rounds=1000000$salt$" + sha256, nil},
		{"SHA-crypt beyond them", "$5$rounds=1000001$salt$" + sha256, passhash.ErrTooCostly},
		{"SHA-crypt of 999999999 rounds", "$6$rounds=999999999$salt$" + sha512, passhash.ErrTooCostly},
		{"SHA-crypt of 2^64 rounds", "$6$rounds=18446744073709551616$salt$" + sha512, passhash.ErrMalformed},
		{"SHA-crypt of 999 rounds", "$6$rounds=999$salt$" + sha512, passhash.ErrMalformed},
		{"SHA-crypt of 05000 rounds", "$6$rounds=05000$salt$" + sha512, passhash.ErrMalformed},
		{"SHA-crypt of +5000 rounds", "$6$rounds=+5000$salt$" + sha512, passhash.ErrMalformed},
		{"SHA-crypt of no rounds", "$6$rounds=$salt$" + sha512, passhash.ErrMalformed},
		{"SHA-crypt with rounds twice", "$6$rounds=1000$rounds=1000$salt$" + sha512, passhash.ErrMalformed},
		{"SHA-crypt without a salt", "$6$$" + sha512, nil},
		{"SHA-crypt with the longest salt", "$6$" + strings.Repeat("s", 16) + "$" + sha512, nil},
		{"SHA-crypt with a longer one", "$6$" + strings.Repeat("s", 17) + "$" + sha512, passhash.ErrMalformed},
		{"SHA-crypt with a blank in the salt", "$6$sa t$" + sha512, passhash.ErrMalformed},
		{"SHA-crypt with a cut hash", "$6$salt$" + sha512[1:], passhash.ErrMalformed},
		{"SHA-crypt with bits to spare", "$6$salt$" + sha512[1:] + "z", passhash.ErrMalformed},
		{"SHA-crypt with the other one's hash", "$5$salt$" + sha512, passhash.ErrMalformed},

		{"apr1", "$apr1$salt$......................", nil},
		{"apr1 without a salt", "$apr1$$......................", nil},
		{"apr1 with the longest salt", "$apr1$saltsalt$......................", nil},
		{"apr1 with a longer one", "$apr1$saltsalts$......................", passhash.ErrMalformed},
		{"apr1 with a cut hash", "$apr1$salt$.....................", passhash.ErrMalformed},
		{"apr1 with bits to spare", "$apr1$salt$.....................z", passhash.ErrMalformed},
		{"MD5 crypt", "$1$salt$......................", nil},
		{"SHA-1", "{SHA}W8r/fyL/UzygmbNAjq2HbA67qac=", nil},
		{"SHA-1 without padding", "{SHA}W8r/fyL/UzygmbNAjq2HbA67qac", passhash.ErrMalformed},
		{"SHA-1 with bits to spare", "{SHA}W8r/fyL/UzygmbNAjq2HbA67qad=", passhash.ErrMalformed},
		{"SHA-1 with a line end inside", "{SHA}W8r/fyL/UzygmbNA\njq2HbA67qac=", passhash.ErrMalformed},
		{"SHA-1 of 21 bytes", "{SHA}W8r/fyL/UzygmbNAjq2HbA67qacA", passhash.ErrMalformed},
		{"SHA-1 in small letters", "{sha}W8r/fyL/UzygmbNAjq2HbA67qac=", passhash.ErrUnsupported},

		{"DES", "4Ln5b65a85DE2", passhash.ErrUnsupported},
		{"plain text", "correct horse", passhash.ErrUnsupported},
		{"plain text in braces", "{PLAIN}correct horse", passhash.ErrUnsupported},
		{"salted SHA-1", "{SSHA}46BnfOtjjVkV2IM1YrlQPStNxk5zYWx0c2FsdA==", passhash.ErrUnsupported},
		{"yescrypt", "$y$j9T$salt$hash", passhash.ErrUnsupported},
		{"blank in front", " " + bcrypt5, passhash.ErrUnsupported},
		{"longer than any", "$6$" + strings.Repeat("s", 600), passhash.ErrMalformed},

		{"nothing", "", passhash.ErrLocked},
		{"star", "*", passhash.ErrLocked},
		{"LK", "*LK*", passhash.ErrLocked},
		{"locked hash", "!" + bcrypt5, passhash.ErrLocked},
	} {
		t.Run("PWD-5 "+row.name, func(t *testing.T) {
			h, err := passhash.Parse(row.stored, anything)
			if !errors.Is(err, row.want) {
				t.Fatalf("got %v, want %v", err, row.want)
			}
			if err != nil && (h.Family() != "" || h.Match("") || h.Match(row.stored)) {
				t.Errorf("got %v beside the error", h)
			}
			if err != nil && len(row.stored) > 3 && strings.Contains(err.Error(), row.stored) {
				t.Errorf("LOG-2: the error tells the value: %v", err)
			}
		})
	}
}

func TestWeakFamilies(t *testing.T) {
	for family, stored := range samples {
		t.Run("PWD-5 "+string(family), func(t *testing.T) {
			weak := family == passhash.APR1 || family == passhash.MD5Crypt || family == passhash.SHA1
			_, err := passhash.Parse(stored, passhash.Limits{})
			if errors.Is(err, passhash.ErrWeak) != weak || !weak && err != nil {
				t.Errorf("unless allowed: got %v", err)
			}
			if h := parse(t, stored); h.Family() != family {
				t.Errorf("got family %s", h.Family())
			}
		})
	}
	if _, err := passhash.Parse("$apr1$salt$short", passhash.Limits{}); !errors.Is(err, passhash.ErrMalformed) {
		t.Errorf("malformed and weak: got %v, want ErrMalformed", err)
	}
}

func TestUnsupportedIsExplained(t *testing.T) {
	for stored, want := range map[string]string{
		"4Ln5b65a85DE2":         "DES",
		"correct horse battery": "plain text",
		"{PLAIN}secret":         "plain text",
		"{SSHA}c2VjcmV0":        "braces",
		"$2x$05$" + tail:        "$2a$, $2b$ and $2y$",
		"$y$j9T$salt$hash":      "not known",
	} {
		_, err := passhash.Parse(stored, anything)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", stored, err, want)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, row := range []struct {
		stored string
		limits passhash.Limits
		want   error
	}{
		{"$2y$10$" + tail, passhash.Limits{BcryptCost: 10}, nil},
		{"$2y$11$" + tail, passhash.Limits{BcryptCost: 10}, passhash.ErrTooCostly},
		{"$2y$31$" + tail, passhash.Limits{BcryptCost: 99}, nil},
		{"$2y$32$" + tail, passhash.Limits{BcryptCost: 99}, passhash.ErrTooCostly},
		{"$6$salt$" + strings.Repeat(".", 86), passhash.Limits{CryptRounds: 4999}, passhash.ErrTooCostly},
	} {
		if _, err := passhash.Parse(row.stored, row.limits); !errors.Is(err, row.want) {
			t.Errorf("PWD-5 %q, %+v: got %v, want %v", row.stored, row.limits, err, row.want)
		}
	}
}

// TestCostBombs takes the best of several tries: the machine may be busy.
func TestCostBombs(t *testing.T) {
	for _, stored := range []string{
		"$2y$31$" + tail,
		"$6$rounds=999999999$salt$" + strings.Repeat(".", 86),
		"$6$rounds=4294967296$salt$" + strings.Repeat(".", 86),
		"$6$rounds=" + strings.Repeat("9", 1<<20),
		strings.Repeat("$2y$31$", 1<<20),
	} {
		t.Run("PWD-5 "+stored[:15], func(t *testing.T) {
			best, least := time.Hour, uint64(1<<40)
			for range 10 {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				begun := time.Now()
				_, err := passhash.Parse(stored, anything)
				best = min(best, time.Since(begun))
				runtime.ReadMemStats(&after)
				least = min(least, after.TotalAlloc-before.TotalAlloc)
				if err == nil {
					t.Fatal("accepted")
				}
			}
			if best > 5*time.Millisecond || least > 1<<20 {
				t.Errorf("took %v and %d bytes, want at most 5ms and 1 MiB", best, least)
			}
		})
	}
}
