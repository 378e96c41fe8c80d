package htpasswd_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/htpasswd"
)

const tick = time.Second // how often the file is looked at

func TestReload(t *testing.T) {
	ada, zoe := "ada:"+horseBcr, "zoë:"+sesameBcr
	for _, row := range []struct {
		name   string
		change func(b *bed)
		want   map[string]string // by the name; the password is horse
		log    string            // once, "" for nothing
	}{
		{
			"somebody is added", func(b *bed) { b.write(ada, zoe, "eve:"+horseBcr) },
			map[string]string{"ada": "user ada", "eve": "user eve"},
			`"msg":"htpasswd file read"`,
		},
		{
			"HTP-1 somebody is removed", func(b *bed) { b.write(zoe) },
			map[string]string{"ada": "refused"},
			`"people":1`,
		},
		{
			"a password is changed", func(b *bed) { b.write("ada:"+sesameBcr, "zoë:"+horseBcr) },
			map[string]string{"ada": "refused", "zoë": "user zoë"},
			`"people":2`,
		},
		{
			"HTP-1 somebody is locked", func(b *bed) { b.write("ada:!"+horseBcr, zoe) },
			map[string]string{"ada": "refused"},
			`"msg":"htpasswd file read"`,
		},
		{
			"PWD-5 a hash that can't be used keeps out its person alone", func(b *bed) { b.write("ada:"+horseAPR1, "eve:"+horseBcr) },
			map[string]string{"ada": "refused", "eve": "user eve"},
			`line 1: user \"ada\": weak password hash`,
		},
		{
			"PWD-5 a plain password keeps out its person alone", func(b *bed) { b.write("ada:"+horse, "eve:"+horseBcr) },
			map[string]string{"ada": "refused", "eve": "user eve"},
			`line 1: user \"ada\": unsupported password hash`,
		},
		{
			"HTP-1 a line that is none changes nothing", func(b *bed) { b.write("eve:"+horseBcr, "rubbish") },
			map[string]string{"ada": "user ada", "eve": "refused"},
			"line 2: there is no colon",
		},
		{
			"HTP-1 a last line that is cut off changes nothing", func(b *bed) { b.raw("eve:" + horseBcr + "\nada:" + horseBcr[:30]) },
			map[string]string{"ada": "user ada", "eve": "refused"},
			`line 2: user \"ada\": malformed password hash`,
		},
		{
			"HTP-1 a last name that is cut off changes nothing", func(b *bed) { b.raw("eve:" + horseBcr + "\nad") },
			map[string]string{"ada": "user ada", "eve": "refused"},
			"line 2: there is no colon",
		},
		{
			"HTP-1 a file that is gone changes nothing", func(b *bed) { must(b.t, os.Remove(b.file)) },
			map[string]string{"ada": "user ada"},
			"no such file or directory",
		},
		{
			"HTP-1 a file that becomes a directory changes nothing", func(b *bed) {
				must(b.t, os.Remove(b.file))
				must(b.t, os.Mkdir(b.file, 0o700))
			},
			map[string]string{"ada": "user ada"},
			"is not a regular file",
		},
		{
			"HTP-1 a file beyond 16 MiB changes nothing", func(b *bed) { b.raw("eve:" + horseBcr + "\n" + strings.Repeat("#", 16<<20)) },
			map[string]string{"ada": "user ada", "eve": "refused"},
			"is larger than 16 MiB",
		},
		{
			"HTP-1 another file takes its place", func(b *bed) {
				next := b.file + ".next"
				must(b.t, os.WriteFile(next, []byte("eve:"+horseBcr+"\n"), 0o600))
				must(b.t, os.Rename(next, b.file))
				b.touch()
			},
			map[string]string{"ada": "refused", "eve": "user eve"},
			`"people":1`,
		},
		{
			"nothing but the time changed", func(b *bed) { b.touch() },
			map[string]string{"ada": "user ada"},
			"",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t, htpasswd.Config{}, ada, zoe)
			before := b.log.String()
			b.clock.pass(time.Minute)
			row.change(b)
			for range 3 {
				for name, want := range row.want {
					b.says(name, horse, want)
				}
				b.clock.pass(5 * tick)
			}
			if row.log != "" {
				b.logged(row.log, 1)
			} else if got := b.log.String(); got != before {
				t.Errorf("the log has %s", got)
			}
			b.logged(horse, 0)
			b.logged(horseBcr[7:20], 0)
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestLookEvery looks at the file once a second, and at once when the clock is
// set back.
func TestLookEvery(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
	b.clock.pass(tick - time.Nanosecond)
	b.write("eve:" + horseBcr)
	b.says("eve", horse, "refused")
	b.clock.pass(time.Nanosecond)
	b.says("eve", horse, "user eve")

	b.write("joe:" + horseBcr)
	b.clock.pass(-time.Hour)
	b.says("joe", horse, "user joe")
}

// TestSameTime changes a file twice within one grain of its file system's clock:
// neither time nor size tells.
func TestSameTime(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
	b.clock.pass(time.Minute)
	b.write("eve:" + horseBcr)
	written := b.clock.Now()
	b.clock.pass(tick)
	b.says("eve", horse, "user eve")
	b.write("joe:" + horseBcr)
	must(t, os.Chtimes(b.file, written, written))
	b.clock.pass(tick)
	b.says("joe", horse, "user joe")
	b.says("eve", horse, "refused")
}

// TestEmptied copies over a file the way htpasswd does: for a moment it is empty.
func TestEmptied(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
	b.clock.pass(time.Minute)
	b.raw("")
	b.says("ada", horse, "user ada")
	b.write("eve:" + horseBcr)
	b.clock.pass(tick)
	b.says("ada", horse, "refused")
	b.says("eve", horse, "user eve")

	b.clock.pass(time.Minute)
	b.raw("")
	b.says("eve", horse, "user eve")
	b.clock.pass(tick)
	b.says("eve", horse, "refused")
	b.logged("it is empty", 2)
	b.logged(`"people":0`, 1)
}

// TestMended says so in the log, once, when what was wrong is over.
func TestMended(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
	b.clock.pass(time.Minute)
	aside := b.file + ".aside"
	must(t, os.Rename(b.file, aside))
	for range 3 {
		b.says("ada", horse, "user ada")
		b.clock.pass(tick)
	}
	b.logged("htpasswd file not read", 1)
	must(t, os.Rename(aside, b.file)) // the same file, to all looks
	for range 3 {
		b.says("ada", horse, "user ada")
		b.clock.pass(tick)
	}
	b.logged("htpasswd file is in order again", 1)

	must(t, os.Remove(b.file))
	b.says("ada", horse, "user ada")
	b.logged("htpasswd file not read", 2)
	b.write("eve:" + horseBcr)
	b.clock.pass(tick)
	b.says("eve", horse, "user eve")
	b.says("ada", horse, "refused")
}

// TestLogNames has names in the log escaped and by their line (LOG-1).
func TestLogNames(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
	b.clock.pass(time.Minute)
	b.write("a\u202edmin\": \"x:"+horse, strings.Repeat("n", 300)+":"+horse, "ada:"+horseBcr)
	b.says("ada", horse, "user ada")
	b.logged("\u202e", 0)
	b.logged(strings.Repeat("n", 256), 0)
	b.logged(horse, 0)
	b.logged("line 2: the name must have 1 to 255 bytes", 1)
}

// TestReloadDuringSignIns changes the file under many sign-ins: somebody who
// stays is never refused, and nobody is ever let in by a wrong password.
func TestReloadDuringSignIns(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
	var changes, signIns sync.WaitGroup
	stop := make(chan struct{})
	changes.Go(func() {
		texts := []string{"ada:" + horseBcr + "\n", "eve:" + sesameBcr + "\nada:" + horseBcr + "\n", "", "rubbish\n", "ada:" + horseBcr[:20]}
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := os.WriteFile(b.file, []byte(texts[i%len(texts)]), 0o600); err != nil {
				t.Error(err)
				return
			}
			b.clock.pass(tick)
		}
	})
	for range 4 {
		signIns.Go(func() {
			for range 25 {
				b.says("ada", sesame, "refused")
				b.says("eve", horse, "refused")
				if got := verdict(b.Lookup(t.Context(), "nobody")); got != "refused" {
					t.Errorf("Lookup: got %s", got)
				}
				if got := b.try("ada", horse); got != "user ada" && got != "refused" {
					t.Errorf("ada: got %s", got)
				}
			}
		})
	}
	signIns.Wait()
	close(stop)
	changes.Wait()
	b.write("eve:" + sesameBcr)
	b.clock.pass(tick)
	b.says("eve", sesame, "user eve")
}

// TestWholeReplacements is the same by renaming, as configuration managers do it:
// nobody who stays is ever refused.
func TestWholeReplacements(t *testing.T) {
	b := newBed(t, htpasswd.Config{}, "ada:"+horseBcr)
	var changes sync.WaitGroup
	stop := make(chan struct{})
	next := filepath.Join(filepath.Dir(b.file), "next")
	changes.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			text := strings.Repeat("eve:"+sesameBcr+"\n", i%3) + "ada:" + horseBcr + "\n"
			if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
				t.Error(err)
				return
			}
			if err := os.Rename(next, b.file); err != nil {
				t.Error(err)
				return
			}
			b.clock.pass(tick)
		}
	})
	for range 40 {
		b.says("ada", horse, "user ada")
		b.says("ada", sesame, "refused")
	}
	close(stop)
	changes.Wait()
	b.logged("not read", 0)
}
