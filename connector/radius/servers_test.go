package radius_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/radius"
	"github.com/ostiary/ostiary/internal/testserver/freeradius"
)

// passwords counts the requests that had somebody's password in them.
func (f *fake) passwords() (n int) {
	for _, r := range f.requests() {
		if names := r.values(userName); len(names) == 1 && string(names[0]) == "ada" {
			n++
		}
	}
	return n
}

// TestFailOver: a silent server is left out, and asked without anybody's password
// whether it is back; an attempt that it got goes to no other one.
func TestFailOver(t *testing.T) {
	var mute atomic.Bool
	first := serve(t, func(f *fake, r request) [][]byte {
		if mute.Load() {
			return nil
		}
		return always(draft{code: reject})(f, r)
	})
	second := serve(t, always(draft{code: accept}))
	var clock atomic.Int64
	var log record
	config := over(first.addr(), second.addr())
	config.Timeout, config.Retries, config.Logger = 200*time.Millisecond, -1, log.logger()
	config.Now = func() time.Time { return time.Unix(clock.Load(), 0) }
	c := connect(t, config)
	for _, row := range []struct {
		what, want    string
		at            int64
		mute          bool
		await         string // in the log
		first, second int    // passwords since the beginning
	}{
		{"CON-4 a refusal is the answer", "refused", 0, false, "", 1, 0},
		{"CON-2 silence", "unavailable", 0, true, "no valid answer", 2, 0},
		{"left out", "user ada", 1, true, "", 2, 1},
		{"left out to the end of the pause", "user ada", 29, true, "", 2, 2},
		{"asked without a password", "user ada", 30, true, "", 2, 3},
		{"left out again", "user ada", 31, true, "", 2, 4},
		{"asked without a password again", "user ada", 60, false, "answers again", 2, 5},
		{"back", "refused", 60, false, "", 3, 5},
	} {
		clock.Store(row.at)
		mute.Store(row.mute)
		expect(t, row.what, outcome(signIn(t, c, "ada", right, 2*time.Second)), row.want)
		if a, b := first.passwords(), second.passwords(); a != row.first || b != row.second {
			t.Errorf("%s: %d and %d passwords, want %d and %d", row.what, a, b, row.first, row.second)
		}
		for end := time.Now().Add(5 * time.Second); !strings.Contains(log.String(), row.await); <-time.After(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %q is not in the log: %s", row.what, row.await, log.String())
			}
		}
	}
	for _, words := range []string{"gives no valid answer", "answers again"} {
		if strings.Count(log.String(), words) != 1 {
			t.Errorf("want %q once in the log: %s", words, log.String())
		}
	}
}

// TestNextAtOnce: where nothing listens nobody has read the password, so that the
// next server gets it.
func TestNextAtOnce(t *testing.T) {
	second := serve(t, always(draft{code: accept}))
	config := over(free(t, "udp"), second.addr())
	secured := radius.Server{Address: free(t, "tcp"), TLS: new(radius.TLS)}
	config.Servers = append([]radius.Server{secured}, config.Servers...)
	expect(t, "at once", outcome(signIn(t, connect(t, config), "ada", right, 5*time.Second)), "user ada")
}

// free is an address at which nothing listens.
func free(t *testing.T, network string) string {
	t.Helper()
	if network == "tcp" {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		return listener.Addr().String()
	}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}

// TestAllSilent: when no server answers they are tried in turns, none for longer
// than there is time.
func TestAllSilent(t *testing.T) {
	one, two := serve(t, never), serve(t, never)
	c := connect(t, quick(one.addr(), two.addr()))
	for _, f := range []*fake{one, two, one, two} {
		_, err := signIn(t, c, "ada", right, 2*time.Second)
		expect(t, "CON-2", outcome(nil, err), "unavailable")
		mentions(t, err, f.addr())
	}
	_, err := signIn(t, connect(t, over(one.addr())), "ada", right, 500*time.Millisecond)
	mentions(t, err, "no answer")
}

// TestNobodyListens: a port that nobody has is found out at once.
func TestNobodyListens(t *testing.T) {
	gone := free(t, "udp")
	begin := time.Now()
	_, err := signIn(t, connect(t, over(gone)), "ada", right, 5*time.Second)
	mentions(t, err, "nothing listens")
	expect(t, "nobody listens", outcome(nil, err), "unavailable")
	if time.Since(begin) > time.Second {
		t.Error("it took as long as silence does")
	}
	mentions(t, connect(t, over(gone)).Check(t.Context()), "nothing listens")
}

// TestGivenUp: whoever leaves is not waited for, and no server is blamed for it.
func TestGivenUp(t *testing.T) {
	var c *radius.Connector
	ctx, cancel := context.WithCancel(t.Context())
	f := serve(t, func(f *fake, r request) [][]byte {
		if r.number == 1 {
			cancel()
			return nil
		}
		return always(draft{code: accept})(f, r)
	})
	other := serve(t, always(draft{code: reject}))
	c = connect(t, over(f.addr(), other.addr()))
	user, err := c.Authorize(ctx, fields(t, "username", "ada", "password", right), nil)
	expect(t, "CON-1 given up", outcome(user, err), "unavailable")
	expect(t, "the next one", outcome(signIn(t, c, "ada", right, 5*time.Second)), "user ada")
	if len(other.requests()) > 0 {
		t.Error("the second server was asked")
	}
}

// TestChallengeStaysWithServer: the answer goes to the server that asked, with its
// State as it was, and to no other even if it is silent.
func TestChallengeStaysWithServer(t *testing.T) {
	state := "\x00\xff<&>" + strings.Repeat("s", 248)
	asks := serve(t, func(f *fake, r request) [][]byte {
		if got := r.values(stateAttribute); r.number == 1 {
			text := attr(replyMessage, "Code\r\nfor\x1b[31m you")
			return [][]byte{draft{code: challenge, attributes: append(text, attr(stateAttribute, state)...)}.to(r, freeradius.Secret)}
		} else if len(got) != 1 || string(got[0]) != state || string(r.values(userName)[0]) != "ada" {
			t.Errorf("State %q of %q", got, r.values(userName))
		}
		return nil
	})
	other := serve(t, always(draft{code: accept}))
	config := over(asks.addr(), other.addr())
	config.Timeout, config.Retries = 100*time.Millisecond, -1
	c := connect(t, config)
	_, err := signIn(t, c, "ada", right, 5*time.Second)
	next := step(t, err)
	expect(t, "the sentence", next.Sentence, "Code for[31m you")
	if len(next.State) > 1<<10 {
		t.Errorf("a state of %d bytes", len(next.State))
	}
	user, err := answer(t, c, next.State, "123456")
	expect(t, "CON-2 the silent server", outcome(user, err), "unavailable")
	if n := len(other.requests()); n > 0 {
		t.Errorf("CON-2: another server was asked %d times", n)
	}
	_, err = answer(t, connect(t, over(other.addr())), next.State, "123456")
	mentions(t, err, "not among the servers")
}

// TestCheck: Status-Server, and a made-up person where that is not known.
func TestCheck(t *testing.T) {
	for name, row := range map[string]struct {
		reply    func(*fake, request) [][]byte
		requests int
		fault    string
	}{
		"Status-Server": {always(draft{code: accept}), 1, ""},
		"not known": {func(f *fake, r request) [][]byte {
			if r.wire[0] == 12 {
				return nil
			}
			return always(draft{code: reject})(f, r)
		}, 2, ""},
		"silence":  {never, 2, "no answer"},
		"unsigned": {always(draft{code: accept, unsigned: true}), 2, "no Message-Authenticator"},
		"another secret": {func(_ *fake, r request) [][]byte {
			return [][]byte{draft{code: accept}.to(r, "another")}
		}, 2, "is the secret the same"},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, row.reply)
			err := connect(t, quick(f.addr())).Check(t.Context())
			if row.fault == "" && err != nil {
				t.Error(err)
			} else if row.fault != "" {
				mentions(t, err, row.fault)
				mentions(t, err, f.addr())
			}
			if n := len(f.requests()); n != row.requests {
				t.Errorf("%d requests, want %d", n, row.requests)
			}
		})
	}
}

// TestTrace: what an operator sees of an attempt has no secret in it.
func TestTrace(t *testing.T) {
	f := serve(t, func(_ *fake, r request) [][]byte {
		return [][]byte{
			draft{code: accept}.to(r, "another"),
			draft{code: accept, attributes: attr(25, "staff")}.to(r, freeradius.Secret),
		}
	})
	var log record
	config := over(f.addr())
	config.Groups = []string{radius.AttributeClass}
	logger := log.logger()
	ctx := ostiary.WithTrace(t.Context(), func(what string, facts ...slog.Attr) {
		logger.LogAttrs(t.Context(), slog.LevelInfo, what, facts...)
	})
	user, err := connect(t, config).Authorize(ctx, fields(t, "username", "ada", "password", right), nil)
	expect(t, "traced", outcome(user, err), "user ada")
	for _, words := range []string{"request sent", "reply ignored", "accepted", "staff", f.addr()} {
		if !strings.Contains(log.String(), words) {
			t.Errorf("%q is not in %s", words, log.String())
		}
	}
	if strings.Contains(log.String(), right) || strings.Contains(log.String(), freeradius.Secret) {
		t.Errorf("CON-5: a secret is in %s", log.String())
	}
}
