package htpasswd_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/htpasswd"
	"github.com/ostiary/ostiary/internal/paired"
	"github.com/ostiary/ostiary/passhash"
)

func TestWhoSignsIn(t *testing.T) {
	b := newBed(
		t, htpasswd.Config{},
		"# the office", "",
		"ada:"+horseBcr,
		"zoë:"+sesameBcr,
		"jean luc:"+horse256,
		"locked:!"+horseBcr, "star:*", "bare:",
		"ada:"+sesameBcr,
		"more:"+horseBcr+":More Of Them:/home/more",
	)
	for _, row := range []struct{ name, user, password, want string }{
		{"the right password", "ada", horse, "user ada"},
		{"a wrong password", "ada", horse + "r", "refused"},
		{"HTP-1 of doubled names the first counts", "ada", sesame, "refused"},
		{"HTP-1 names differ in case", "Ada", horse, "refused"},
		{"HTP-1 a blank behind a name is part of it", "ada ", horse, "refused"},
		{"HTP-1 the beginning of a name is none", "ad", horse, "refused"},
		{"HTP-1 a name is not a line", "ada:" + horseBcr, horse, "refused"},
		{"HTP-1 a stored hash is no password", "ada", horseBcr, "refused"},
		{"HTP-1 nor is it with its scheme taken for a name", "ada", "$2y$05$", "refused"},
		{"HTP-1 a comment is nobody", "# the office", horse, "refused"},
		{"a name in the other Unicode form is another", "zoe\u0308", sesame, "refused"},
		{"a name beyond ASCII", "zoë", sesame, "user zoë"},
		{"a name with a blank inside", "jean luc", horse, "user jean luc"},
		{"what follows another colon does not count", "more", horse, "user more"},
		{"an unknown name", "nobody", horse, "refused"},
		{"a name with a NUL", "ada\x00", horse, "refused"},
		{"a name of 10 kB", strings.Repeat("ada", 3500), horse, "refused"},
		{"PWD-3 a password with a NUL", "ada", horse + "\x00", "refused"},
		{"PWD-2 a password of 10 kB", "ada", strings.Repeat("p", 10_000), "refused"},
		{"PWD-1 a blank behind a password counts", "ada", horse + " ", "refused"},
		{"PWD-8 an empty password", "ada", "", "refused"},
		{"PWD-8 an empty password for a line without hash", "bare", "", "refused"},
		{"PWD-8 an empty name", "", horse, "refused"},
		{"PWD-5 a hash behind ! is locked", "locked", horse, "refused"},
		{"PWD-5 a star is locked", "star", "*", "refused"},
		{"PWD-5 no hash is locked", "bare", horse, "refused"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := b.try(row.user, row.password); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
	t.Run("LOG-2 nothing of it is in the log", func(t *testing.T) { b.logged(horse, 0); b.logged(horseBcr[7:], 0) })
}

func TestLookup(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr, "locked:!"+horseBcr)
	for name, want := range map[string]string{
		"ada": "user ada", "Ada": "refused", "locked": "refused", "nobody": "refused", "": "refused", "ada\x00": "refused", "ada\xff": "refused",
	} {
		if got := verdict(b.Lookup(t.Context(), name)); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

// TestFields reads the form's other fields.
func TestFields(t *testing.T) {
	b := newBed(t, htpasswd.Config{UsernameField: "password", PasswordField: "username"}, "ada:"+horseBcr)
	b.says(horse, "ada", "user ada")
	b.says("ada", horse, "refused")
}

// TestWeakHashes has every family that is off unless it is allowed (PWD-5).
func TestWeakHashes(t *testing.T) {
	for _, row := range []struct {
		name, stored string
		allow        htpasswd.Config
		why          string
	}{
		{"$apr1$", horseAPR1, htpasswd.Config{AllowMD5AndSHA1: true}, "weak password hash: apr1; write it anew with htpasswd -B"},
		{"$1$", "$1$PAjc96Cs$8fF.2NzyvrrCbukAb4zM6/", htpasswd.Config{AllowMD5AndSHA1: true}, "weak password hash: md5-crypt"},
		{"{SHA}", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", htpasswd.Config{AllowMD5AndSHA1: true}, "weak password hash: sha1"},
		{"DES", horseDES, htpasswd.Config{AllowDES: true}, "unsupported password hash: DES, which reads 8 characters"},
		{"plain text", sesame, htpasswd.Config{}, "unsupported password hash"},
		{"{PLAIN}", "{PLAIN}" + sesame, htpasswd.Config{}, "unsupported password hash"},
		{"bcrypt of cost 31", "$2y$31$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", htpasswd.Config{}, "beyond the cost limit"},
		{"SHA-crypt of 999999999 rounds", "$5$rounds=999999999$" + horse256[3:], htpasswd.Config{}, "beyond the cost limit"},
		{"a cut bcrypt", horseBcr[:40], htpasswd.Config{}, "malformed password hash"},
	} {
		t.Run("PWD-5 "+row.name+" is off", func(t *testing.T) {
			b := newBed(t, htpasswd.Config{})
			b.write("ada:" + row.stored)
			config := htpasswd.Config{File: b.file}
			_, err := htpasswd.New(config)
			if err == nil || !strings.Contains(err.Error(), `line 1: user "ada": `) || !strings.Contains(err.Error(), row.why) {
				t.Errorf("got %v, want %q", err, row.why)
			}
			if err != nil && strings.Contains(err.Error(), row.stored[3:]) {
				t.Errorf("LOG-2: the error tells the hash: %v", err)
			}
			_, err = htpasswd.New(htpasswd.Config{File: b.file, AllowMD5AndSHA1: row.allow.AllowMD5AndSHA1, AllowDES: row.allow.AllowDES})
			if allowed := row.allow.AllowDES || row.allow.AllowMD5AndSHA1; allowed != (err == nil) {
				t.Errorf("with what is allowed: %v", err)
			}
		})
	}
}

func TestReveal(t *testing.T) {
	lines := []string{"ada:" + horseBcr, "locked:!" + horseBcr}
	for _, row := range []struct {
		name   string
		reveal ostiary.Reveal
		want   string
	}{
		{"IDN-4 a lock is not told", nil, "refused"},
		{"IDN-4 another state is not a lock", ostiary.Reveal{ostiary.Expired}, "refused"},
		{"a lock is told when it is listed", ostiary.Reveal{ostiary.Locked}, "refused account_locked"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t, htpasswd.Config{Reveal: row.reveal}, lines...)
			b.says("locked", horse, row.want)
			b.says("nobody", horse, "refused")
			b.says("ada", "wrong", "refused")
			b.says("ada", horse, "user ada")
		})
	}
}

// steps are what a sign-in told whoever listens.
func steps(b *bed, name, password string) []string {
	var told []string
	ctx := ostiary.WithTrace(b.t.Context(), func(what string, facts ...slog.Attr) {
		told = append(told, fmt.Sprint(what, facts))
	})
	_, _ = b.Authorize(ctx, credentials(b.t, name, password), nil)
	return told
}

// TestDummy hears which hash is verified for whom (PWD-6).
func TestDummy(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "one:"+horse256, "ada:"+horseBcr, "zoë:"+sesameBcr, "locked:*")
	b.clock.pass(time.Minute)
	b.write("one:"+horse256, "ada:"+horseBcr, "zoë:"+sesameBcr, "locked:*", "weak:"+horseAPR1)
	const (
		stranger = "password verified[family=bcrypt cost=5 dummy=true match=false]"
		bcrypt   = "password verified[family=bcrypt cost=5 dummy=false match="
	)
	for _, row := range []struct{ name, user, password, want string }{
		{"the right password", "ada", horse, bcrypt + "true]"},
		{"a wrong password", "ada", sesame, bcrypt + "false]"},
		{"another family", "one", horse, "password verified[family=sha256-crypt cost=5000 dummy=false match=true]"},
		{"PWD-6 an unknown name takes the commonest hash", "nobody", horse, stranger},
		{"PWD-6 so does a locked one", "locked", horse, stranger},
		{"PWD-6 so does one whose hash is not supported", "weak", horse, stranger},
		{"PWD-6 so does a name that can't be", "ada\x00", horse, stranger},
	} {
		t.Run(row.name, func(t *testing.T) {
			told := steps(b, row.user, row.password)
			if got := told[len(told)-1]; got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
			if all := strings.Join(told, "\n"); strings.Contains(all, row.password) || strings.Contains(all, horseBcr[7:]) || strings.Contains(all, horseAPR1[7:]) {
				t.Errorf("LOG-2: a trace tells a secret: %s", all)
			}
		})
	}
	if told := strings.Join(steps(b, "weak", horse), "\n"); !strings.Contains(told, "hash not usable[line=5 cause=weak password hash: apr1") ||
		!strings.Contains(told, "people=5 found=true]") {
		t.Errorf("the trace does not tell why: %s", told)
	}
	if told := steps(b, "", horse); told != nil {
		t.Errorf("PWD-8: something was done without a name: %v", told)
	}
}

// TestEqualTime compares medians of interleaved tries; a shortcut would be off by
// a factor of hundreds (PWD-6).
func TestEqualTime(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr, "zoë:"+sesameBcr, "locked:!")
	names := []string{"nobody", "locked", "ada\x00"}
	known, others := make([]time.Duration, 15), make([][]time.Duration, len(names))
	for i := range known {
		known[i] = taken(b, "ada")
		for n, name := range names {
			others[n] = append(others[n], taken(b, name))
		}
	}
	for n, name := range names {
		r := paired.Compare(known, others[n])
		if ratio := r.Second.Seconds() / r.First.Seconds(); ratio < 0.4 || ratio > 2.5 {
			t.Errorf("PWD-6 %q takes %.2f times as long as a wrong password", name, ratio)
		}
	}
}

func taken(b *bed, name string) time.Duration {
	typed := credentials(b.t, name, "wrong")
	begun := time.Now()
	_, _ = b.Authorize(b.t.Context(), typed, nil)
	return time.Since(begun)
}

// TestOverload has a context that is over, and a file without anybody.
func TestOverload(t *testing.T) {
	b := newBed(t, htpasswd.Config{Pool: passhash.NewPool(1)}, "ada:"+horseBcr)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"ada", "nobody"} {
		user, err := b.Authorize(over, credentials(t, name, horse), nil)
		if user != nil || !errors.Is(err, ostiary.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("CON-1 %s: got %v, %v", name, user, err)
		}
	}
	nobody := newBed(t, htpasswd.Config{}, "# nobody yet")
	nobody.says("ada", horse, "refused")
}

func TestConfig(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
	b.write("ada:"+horseBcr, "zoë", "jean:"+horseAPR1)
	for _, row := range []struct {
		name string
		file string
		want []string
	}{
		{"no file", "", []string{"File: is missing"}},
		{"a file that is not there", b.file + "x", []string{"File: open " + b.file + "x: no such file or directory"}},
		{"every bad line", b.file, []string{
			"File: " + b.file + ": line 2: there is no colon between name and hash",
			"File: " + b.file + `: line 3: user "jean": weak password hash: apr1; write it anew with htpasswd -B, or allow MD5 and SHA-1 on purpose`,
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, err := htpasswd.New(htpasswd.Config{File: row.file})
			if c != nil || err == nil {
				t.Fatalf("got %v, %v", c, err)
			}
			if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
	if err := b.Check(t.Context()); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("Check: got %v", err)
	}
	b.write("ada:" + horseBcr)
	if err := b.Check(t.Context()); err != nil {
		t.Errorf("Check: got %v", err)
	}
}
