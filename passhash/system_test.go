package passhash_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/passhash"
)

func named(t testing.TB, name string) passhash.System {
	t.Helper()
	s, err := passhash.SystemNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSystemNames(t *testing.T) {
	want := "aspnet-identity auth-js better-auth devise discourse django dovecot drupal ghost gitea htpasswd " +
		"keycloak laravel mediawiki moodle nextcloud openldap phpbb shadow spring-security strapi wordpress"
	if got := strings.Join(passhash.SystemNames(), " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := passhash.SystemNamed("joomla"); err == nil || !strings.Contains(err.Error(), "django") {
		t.Errorf("got %v, want the names there are", err)
	}
	if s := named(t, ""); s != (passhash.System{}) {
		t.Errorf("got %v, want the zero System", s)
	}
}

// TestWeakAndPlainAreOff: what zero limits refuse, beside what all refuse, is weak,
// DES or plain text.
func TestWeakAndPlainAreOff(t *testing.T) {
	refused := 0
	for file := range leastVectors {
		system, list := systemVectors(t, file)
		for _, v := range list {
			h, allowed := system.Parse(v.record(), v.options(everything))
			_, err := system.Parse(v.record(), v.options(passhash.Limits{}))
			if allowed != nil || err == nil {
				continue
			}
			refused++
			want := passhash.ErrWeak
			if h.Family() == passhash.DES || h.Family() == passhash.Plain {
				want = passhash.ErrUnsupported
			}
			if !errors.Is(err, want) {
				t.Errorf("PWD-5 %s, %v: got %v, want %v", v.ID, h, err, want)
			}
		}
	}
	if refused < 100 {
		t.Errorf("PWD-5: only %d were refused", refused)
	}
}

// TestWholePassword: where the vectors and PWD-3 disagree, the system has the last
// word by default. Each departure is a bcrypt that the system cuts after 72 bytes,
// and the limit undoes it.
func TestWholePassword(t *testing.T) {
	whole := everything
	whole.WholePassword = true
	departures := 0
	for file := range leastVectors {
		system, list := systemVectors(t, file)
		for _, v := range list {
			if len(v.Password) <= 60 || !v.Match {
				continue
			}
			cut, err := system.Parse(v.record(), v.options(everything))
			uncut, other := system.Parse(v.record(), v.options(whole))
			if err != nil || other != nil {
				t.Fatalf("%s: %v, %v", v.ID, err, other)
			}
			if cut.Cost().Time > 20*time.Millisecond || uncut.Match(v.Password) {
				continue
			}
			departures++
			if len(v.Password) <= 72 || cut.Family() != passhash.Bcrypt || !cut.Match(v.Password) {
				t.Errorf("PWD-3 %s: %v departs", v.ID, cut)
			}
		}
	}
	if departures < 10 {
		t.Errorf("PWD-3: only %d departures", departures)
	}
}

func TestHabits(t *testing.T) {
	const sesame = "$2y$04$vit2jmW4nmiQ6xMJWIjPXe1mM3Au5xBMZZ1W2/2G6NVfZ0HipI3y2"
	for _, row := range []struct {
		system, stored, typed string
		want                  bool
	}{
		{"wordpress", sesame, "\t open sesame\n", true},
		{"phpbb", sesame, " open sesame ", true},
		{"laravel", sesame, " open sesame", false},
		{"laravel", sesame, "open sesame", true},
		{"", sesame, "open sesame ", false},
		{"", sesame, "open sesame", true},
		{"phpbb", sesame, "open sesame\xff", false},
		{"wordpress", sesame, "open sesame\x00", false},
		{"drupal", sesame, "open sesame\x00", false},
	} {
		h, err := named(t, row.system).Parse(passhash.Record{Stored: row.stored}, passhash.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Match(row.typed); got != row.want {
			t.Errorf("PWD-1 %s, %q: got %v, want %v", row.system, row.typed, got, row.want)
		}
	}
}

func TestNothingTyped(t *testing.T) {
	empty := "{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=" // of nothing at all
	for _, name := range []string{"openldap", "dovecot", "htpasswd", ""} {
		h, err := named(t, name).Parse(passhash.Record{Stored: empty}, passhash.Options{Limits: everything})
		if err != nil || h.Match("") {
			t.Errorf("PWD-8 %s: got %v, %v", name, h, err)
		}
	}
	wordpress, err := named(t, "wordpress").Parse(passhash.Record{Stored: "d41d8cd98f00b204e9800998ecf8427e"}, passhash.Options{Limits: everything})
	if err != nil || wordpress.Match("") || wordpress.Match("  ") {
		t.Errorf("PWD-8 nothing but blanks: got %v, %v", wordpress, err)
	}
}

// TestNextcloud has no vectors: versions in front, and the salt of the site.
func TestNextcloud(t *testing.T) {
	const sesame = "$2y$04$vit2jmW4nmiQ6xMJWIjPXe1mM3Au5xBMZZ1W2/2G6NVfZ0HipI3y2"
	argon := "$argon2id$v=19$m=8192,t=2,p=1$YjZCMFdCT2FBNTNIRTc5ZQ$ltcSdXSQeh3hGE6fsS67YdPjTWgIbw0Ebk0AxM2MjWo"
	for _, row := range []struct {
		stored, typed, salt string
		want                bool
		err                 error
	}{
		{"1|" + sesame, "open sesame", "", true, nil},
		{"1|" + sesame, "open", " sesame", false, nil},
		{sesame, "open", " sesame", true, nil},
		{sesame, "open sesame", " sesame", false, nil},
		{"3|" + argon, "correct horse battery staple", "", true, nil},
		{"9|" + argon, "", "", false, passhash.ErrUnsupported},
		{"1|", "", "", false, passhash.ErrUnsupported},
	} {
		o := passhash.Options{SiteSalt: passhash.Pepper(row.salt)}
		h, err := named(t, "nextcloud").Parse(passhash.Record{Stored: row.stored}, o)
		if !errors.Is(err, row.err) || h.Match(row.typed) != row.want {
			t.Errorf("%s: got %v, %v, want %v, %v", row.stored, h, err, row.want, row.err)
		}
	}
}

// TestAny takes all that tells what it is, without a name, and as it was typed.
func TestAny(t *testing.T) {
	known, tried := 0, 0
	for file := range leastVectors {
		_, list := systemVectors(t, file)
		for _, v := range list {
			if v.MayRefuse || v.MayAccept || v.Kind == "locked" || len(v.Password) > 200 {
				continue // of these forms alone refuse
			}
			h, err := passhash.System{}.Parse(v.record(), v.options(everything))
			if h.Cost().Time > 20*time.Millisecond {
				continue // TestSystemVectors has those
			}
			got := err == nil && h.Match(v.Password)
			if got && !v.Match {
				t.Errorf("PWD-5 %s accepted (%s)", v.ID, v.Notes)
			}
			if v.Match {
				tried++
				if got {
					known++
				}
			}
		}
	}
	if known*100 < tried*80 {
		t.Errorf("got %d of %d that match", known, tried)
	}
}

func TestDigestMD5(t *testing.T) {
	r := passhash.Record{Stored: "{DIGEST-MD5}939e7578ed9e3c518a452acee763bce9", Username: "Mufasa@testrealm@host.com"}
	// The password and the sum of RFC 2617, section 3.5, whose realm has an @ itself.
	h, err := named(t, "dovecot").Parse(r, passhash.Options{Limits: everything})
	if err != nil || !h.Match("Circle Of Life") || h.Match("circle of life") {
		t.Errorf("got %v, %v", h, err)
	}
	r.Username = ""
	if _, err := named(t, "dovecot").Parse(r, passhash.Options{Limits: everything}); !errors.Is(err, passhash.ErrMalformed) {
		t.Errorf("without a name: got %v", err)
	}
}

func TestDefault(t *testing.T) {
	for _, name := range append(passhash.SystemNames(), "") {
		s := named(t, name)
		h := s.Default(passhash.Options{Pepper: "pepper"})
		switch {
		case h.Family() == "" || h.Cost().Time <= 0 || h.Cost().Memory <= 0:
			t.Errorf("PWD-6 %s: got %v, %+v", name, h, h.Cost())
		case h.Cost().Time < 20*time.Millisecond && h.Match(""), s.RehashDue(h):
			t.Errorf("PWD-6 %s: %v matches, or is due to be hashed again", name, h)
		case h.Cost().Time > 2*time.Second || h.Cost().Memory > 256<<20:
			t.Errorf("PWD-5 %s: %v is beyond the limits", name, h)
		}
	}
}

func TestRehashDue(t *testing.T) {
	const tail = "$abcdefghijklmnopqrstuu..............................."
	for _, row := range []struct {
		system, stored string
		want           bool
	}{
		{"django", "pbkdf2_sha256$260000$lahQQ4TUZgG8EHWqgokPih$cg1wAHJ0laWs2TSA+Tg7T32LMjW3DWvH8nx/ujQOV8Y=", true},
		{"django", "pbkdf2_sha256$1200000$lahQQ4TUZgG8EHWqgokPih$cg1wAHJ0laWs2TSA+Tg7T32LMjW3DWvH8nx/ujQOV8Y=", false},
		{"django", "argon2$argon2id$v=19$m=102400,t=2,p=8$WWhVTHVGdm5tSzNPVFhPUUt0REZqZA$2cEQ+R5wf2jASKJj8PGLVA", false},
		{"django", "bcrypt_sha256$$2b$12" + tail, false},
		{"django", "bcrypt_sha256$$2b$06" + tail, true},
		{"django", "sha1$$abf7aad6438836dbe526aa231abde2d0eef74d42", true},
		{"laravel", "$2y$10" + tail, true},
		{"laravel", "$2y$12" + tail, false},
		{"laravel", "$2y$13" + tail, false},
		{"wordpress", "$P$BdI7NC3uU7O3Z0lRy5KeEZxzZwjqzy/", true},
		{"wordpress", "$wp$2y$10" + tail, false},
		{"keycloak", "", true},
	} {
		r := passhash.Record{Stored: row.stored}
		if row.system == "keycloak" {
			r.Stored = `{"value":"ppsXnjrdPB4KryJ6DrOqKqhkWrhv7PbKAMF1Eml8cZ4=","salt":"AAECAwQFBgcICQoLDA0ODw=="}`
			r.Columns = map[string]string{"credential_data": `{"hashIterations":1000,"algorithm":"pbkdf2-sha256"}`}
		}
		h, err := named(t, row.system).Parse(r, passhash.Options{Limits: everything})
		if err != nil {
			t.Errorf("%s: %v", row.stored, err)
		} else if got := named(t, row.system).RehashDue(h); got != row.want {
			t.Errorf("PWD-7 %s %s: got %v, want %v", row.system, row.stored, got, row.want)
		}
	}
}

// TestSystemBombs: a bomb is refused with next to no work, which the memory that it
// takes stands for.
func TestSystemBombs(t *testing.T) {
	tried := 0
	for file := range leastVectors {
		system, list := systemVectors(t, file)
		for _, v := range list {
			if v.Kind != "cost" {
				continue
			}
			tried++
			r, o := v.record(), v.options(everything)
			parse := func() {
				if _, err := system.Parse(r, o); err == nil {
					t.Errorf("PWD-5 %s: accepted", v.ID)
				}
			}
			if n := testing.AllocsPerRun(10, parse); n > 200 {
				t.Errorf("PWD-5 %s: %v allocations", v.ID, n)
			}
			if n := allocated(parse); n > 64<<10 {
				t.Errorf("PWD-5 %s: %d bytes", v.ID, n)
			}
		}
	}
	if tried < 35 {
		t.Errorf("only %d bombs", tried)
	}
}

// allocated is the least of several tries, in bytes: others may run beside.
func allocated(f func()) uint64 {
	least := uint64(1 << 62)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

func TestSystemLimits(t *testing.T) {
	const (
		gitea = "scrypt$65536$16$2$50"
		argon = "$argon2id$v=19$m=65536,t=3,p=1$YjZCMFdCT2FBNTNIRTc5ZQ$ltcSdXSQeh3hGE6fsS67YdPjTWgIbw0Ebk0AxM2MjWo"
	)
	scrypt := passhash.Record{Stored: strings.Repeat("0", 100), Columns: map[string]string{
		"passwd_hash_algo": gitea, "salt": strings.Repeat("0", 32),
	}}
	for _, row := range []struct {
		name   string
		system string
		record passhash.Record
		limits passhash.Limits
		want   error
	}{
		{"Gitea's 128 MiB", "gitea", scrypt, passhash.Limits{}, nil},
		{"less memory", "gitea", scrypt, passhash.Limits{Memory: 64 << 20}, passhash.ErrTooCostly},
		{"less time", "gitea", scrypt, passhash.Limits{Time: time.Millisecond}, passhash.ErrTooCostly},
		{"64 MiB", "laravel", passhash.Record{Stored: argon}, passhash.Limits{}, nil},
		{"as much memory", "laravel", passhash.Record{Stored: argon}, passhash.Limits{Memory: 64 << 20}, nil},
		{"a byte less", "laravel", passhash.Record{Stored: argon}, passhash.Limits{Memory: 64<<20 - 1}, passhash.ErrTooCostly},
		{"257 MiB", "laravel", passhash.Record{Stored: strings.Replace(argon, "65536", "263168", 1)}, passhash.Limits{}, passhash.ErrTooCostly},
		{"a long column", "gitea", passhash.Record{Stored: "0", Columns: map[string]string{"salt": strings.Repeat("0", 5000)}}, passhash.Limits{}, passhash.ErrMalformed},
		{"a long value", "laravel", passhash.Record{Stored: strings.Repeat("$2y$", 2000)}, passhash.Limits{}, passhash.ErrMalformed},
	} {
		_, err := named(t, row.system).Parse(row.record, passhash.Options{Limits: row.limits})
		if !errors.Is(err, row.want) {
			t.Errorf("PWD-5 %s: got %v, want %v", row.name, err, row.want)
		}
	}
}

func TestRecordAndPepperAreNotPrinted(t *testing.T) {
	r := passhash.Record{Stored: "the-hash", Columns: map[string]string{"salt": "the-hash"}}
	o := passhash.Options{Pepper: "the-hash", SiteSalt: "the-hash", OldPeppers: []passhash.Pepper{"the-hash"}}
	var texts []string
	for _, value := range []any{r, &r, o, &o, struct{ R passhash.Record }{r}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			texts = append(texts, fmt.Sprintf(verb, value))
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(encoded))
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "r", r, "o", o, "p", o.Pepper)
	for _, text := range append(texts, log.String()) {
		if strings.Contains(text, "the-hash") {
			t.Errorf("CON-5: printed as %s", text)
		}
	}
}

func TestMake(t *testing.T) {
	for _, family := range []passhash.Family{passhash.Bcrypt, passhash.Argon2id} {
		stored, err := passhash.Make(family, "open sesame")
		if err != nil {
			t.Fatalf("%s: %v", family, err)
		}
		h, err := passhash.System{}.Parse(passhash.Record{Stored: stored}, passhash.Options{})
		if err != nil || h.Family() != family || !h.Match("open sesame") {
			t.Errorf("%s: got %v, %v", family, h, err)
		}
		if strings.Contains(stored, "open sesame") {
			t.Errorf("%s: the password is in %s", family, stored)
		}
	}
	if first, second := salted(t), salted(t); first == second {
		t.Errorf("the same salt twice: %s", first)
	}
	for _, row := range []struct {
		family   passhash.Family
		password string
		want     error
	}{
		{passhash.Bcrypt, "", passhash.ErrPassword},
		{passhash.Bcrypt, strings.Repeat("a", 73), passhash.ErrPassword},
		{passhash.Argon2id, "a\x00b", passhash.ErrPassword},
		{passhash.Argon2id, strings.Repeat("a", passhash.MaxPassword+1), passhash.ErrPassword},
		{passhash.MD5, "open sesame", passhash.ErrUnsupported},
	} {
		if stored, err := passhash.Make(row.family, row.password); !errors.Is(err, row.want) || stored != "" {
			t.Errorf("%s: got %q, %v, want %v", row.family, stored, err, row.want)
		}
	}
}

func salted(t *testing.T) string {
	stored, err := passhash.Make(passhash.Argon2id, "open sesame")
	if err != nil {
		t.Fatal(err)
	}
	return stored
}
