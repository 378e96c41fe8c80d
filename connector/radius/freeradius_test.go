package radius_test

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/radius"
	"github.com/ostiary/ostiary/internal/testserver/freeradius"
)

// secure is a configuration that asks a FreeRADIUS over TLS.
func secure(s *freeradius.Server) radius.Config {
	return radius.Config{Servers: []radius.Server{{
		Address: s.TLSAddr(), TLS: &radius.TLS{CAFile: s.CAFile(), CertFile: s.CertFile(), KeyFile: s.KeyFile()},
	}}}
}

// TestFreeRADIUS asks a real server that requires Message-Authenticator, over UDP
// and over TLS.
func TestFreeRADIUS(t *testing.T) {
	s := freeradius.Start(t, freeradius.Options{RadSec: true})
	for transport, config := range map[string]radius.Config{"UDP": over(s.Addr()), "RAD-3 TLS": secure(s)} {
		t.Run(transport, func(t *testing.T) {
			c := connect(t, config)
			for _, row := range []struct{ name, password, want string }{
				{"ada", right, "user ada"},
				{"ada", "wrong", "refused"},
				{"nobody", right, "refused"},
				{"ürsula", "schön", "user ürsula"},
				{"Carla", right, "user Carla"},
				{"ada", "", "refused"},
				{"", right, "refused"},
				{"late", right, "refused"},
				{"otto", "wrong", "refused"},
				{"otto", right, "next Enter the code"},
				{"ada", strings.Repeat("x", 128), "refused"},
			} {
				expect(t, row.name+" "+row.password, outcome(signIn(t, c, row.name, row.password, 5*time.Second)), row.want)
			}
			if err := c.Check(t.Context()); err != nil {
				t.Error(err)
			}
			challenges(t, c)
			config.UserID, config.Groups, config.Reveal = radius.AttributeUserName, []string{radius.AttributeClass, radius.AttributeFilterID}, ostiary.Reveal{ostiary.Expired}
			mappings(t, config)
		})
	}
	if strings.Contains(s.Log(), "Error") {
		t.Error(s.Log())
	}
}

func challenges(t *testing.T, c *radius.Connector) {
	t.Helper()
	begin := func(name string) *ostiary.NextStep {
		_, err := signIn(t, c, name, right, 5*time.Second)
		return step(t, err)
	}
	next := begin("otto")
	if f := next.Form[0]; f.Type != "password" || !f.Secret || f.Attributes["autocomplete"] != "one-time-code" {
		t.Errorf("No-Echo: the field is %+v", f)
	}
	expect(t, "the code", outcome(answer(t, c, next.State, "123456")), "user otto")
	expect(t, "a wrong code", outcome(answer(t, c, begin("otto").State, "000000")), "refused")
	expect(t, "the password again", outcome(answer(t, c, begin("otto").State, right)), "refused")
	expect(t, "PWD-8 no code", outcome(answer(t, c, begin("otto").State, "")), "refused")

	next = begin("eva")
	if f := next.Form[0]; f.Type != "text" || !f.Secret {
		t.Errorf("Echo: the field is %+v", f)
	}
	_, err := answer(t, c, next.State, "1")
	next = step(t, err)
	expect(t, "the second challenge", next.Sentence, "And the next one")
	expect(t, "the second code", outcome(answer(t, c, next.State, "654321")), "user eva")
	expect(t, "RAD-2 somebody else's state", outcome(answer(t, c, []byte("nonsense"), "654321")), "unavailable")
}

func mappings(t *testing.T, config radius.Config) {
	t.Helper()
	all := connect(t, config)
	expect(t, "id of the reply", outcome(signIn(t, all, "Carla", right, 5*time.Second)), "user carla@example.com")
	expect(t, "CON-1 no id in the reply", outcome(signIn(t, all, "ürsula", "schön", 5*time.Second)), "unavailable")
	expect(t, "revealed", outcome(signIn(t, all, "late", right, 5*time.Second)), "refused account_expired")
	config.UserID = ""
	for prefix, want := range map[string][]string{"": {"OU=staff;", "OU=admins;", "office"}, "OU=": {"staff", "admins"}} {
		config.GroupPrefix = prefix
		user, err := signIn(t, connect(t, config), "ada", right, 5*time.Second)
		if err != nil || !slices.Equal(user.Groups, want) {
			t.Errorf("prefix %q: got %+v, %v; want groups %q", prefix, user, err, want)
		}
	}
}

// TestUnsigned: a server of before Blast-RADIUS is not believed (RAD-1).
func TestUnsigned(t *testing.T) {
	s := freeradius.Start(t, freeradius.Options{Unsigned: true})
	config := over(s.Addr())
	config.Timeout = 200 * time.Millisecond
	for _, row := range []struct{ name, password, lenient string }{
		{"ada", right, "user ada"}, {"ada", "wrong", "refused"}, {"otto", right, "next Enter the code"},
	} {
		config.InsecureAllowMissingMessageAuthenticator = false
		_, err := signIn(t, connect(t, config), row.name, row.password, 2*time.Second)
		expect(t, "RAD-1 no Message-Authenticator: "+row.name, outcome(nil, err), "unavailable")
		mentions(t, err, "no Message-Authenticator")
		config.InsecureAllowMissingMessageAuthenticator = true
		expect(t, "allowed: "+row.name, outcome(signIn(t, connect(t, config), row.name, row.password, 2*time.Second)), row.lenient)
	}
}

func TestWrongSecret(t *testing.T) {
	s := freeradius.Start(t, freeradius.Options{})
	config := over(s.Addr())
	config.Servers[0].Secret = ostiary.NewSecret("another secret that is as long")
	c := connect(t, config)
	expect(t, "RAD-1 another secret", outcome(signIn(t, c, "ada", right, time.Second)), "unavailable")
}

// TestKilledInFlood kills the server while many sign in, and brings it back.
func TestKilledInFlood(t *testing.T) {
	s := freeradius.Start(t, freeradius.Options{RadSec: true})
	for transport, config := range map[string]radius.Config{"UDP": over(s.Addr()), "TLS": secure(s)} {
		t.Run(transport, func(t *testing.T) { flood(t, s, config) })
	}
}

func flood(t *testing.T, s *freeradius.Server, config radius.Config) {
	config.Timeout, config.Pause = 300*time.Millisecond, 100*time.Millisecond
	c := connect(t, config)
	var in, out, wrongly atomic.Int64
	stop := make(chan struct{})
	var people sync.WaitGroup
	for i := range 16 {
		people.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				name, password := "ada", right
				if i%4 == 0 {
					password = "wrong"
				}
				switch got := outcome(signIn(t, c, name, password, 2*time.Second)); {
				case got == "user ada" && password == right:
					in.Add(1)
				case got == "unavailable":
					out.Add(1)
				case got != "refused" || password == right:
					wrongly.Add(1)
				}
			}
		})
	}
	reach := func(what string, n *atomic.Int64) {
		t.Helper()
		from, end := n.Load(), time.After(20*time.Second)
		for n.Load() < from+20 {
			select {
			case <-end:
				t.Errorf("%s: %d after 20 s", what, n.Load()-from)
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	reach("sign-ins before", &in)
	s.Kill()
	reach("unavailable while it is gone", &out)
	s.Restart(t)
	reach("sign-ins after", &in)
	close(stop)
	people.Wait()
	if n := wrongly.Load(); n > 0 {
		t.Errorf("CON-1: %d answers that are neither right nor unavailable", n)
	}
	t.Logf("%d signed in, %d unavailable", in.Load(), out.Load())
}
