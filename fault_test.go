package ostiary_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/session"
)

// TestPanics lets every piece of code that is not ours panic, where it is
// called: no session, no crash, and a line in the log (FAL-1, I3).
func TestPanics(t *testing.T) {
	const marker = "boom 8c1"
	panics := []struct {
		name   string
		change func(*ostiary.Config)
		status int  // of the JSON answer to the sign-in
		signed bool // whether the session lives on all the same
	}{
		{"authorizer", authorizing(func(context.Context, form.Values, *http.Request) (*ostiary.User, error) { panic(marker) }), 503, false},
		{"authorizer with an error", authorizing(func(context.Context, form.Values, *http.Request) (*ostiary.User, error) {
			panic(errors.New(marker))
		}), 503, false},
		{"SignIn callback", func(c *ostiary.Config) {
			c.Callbacks.SignIn = func(context.Context, ostiary.SignIn) (string, error) { panic(marker) }
		}, 503, false},
		{"JWT callback", func(c *ostiary.Config) {
			c.Callbacks.JWT = func(context.Context, *ostiary.JWT) error { panic(marker) }
		}, 503, false},
		{"SignIn event", func(c *ostiary.Config) { c.Events.SignIn = func(context.Context, ostiary.SignIn) { panic(marker) } }, 200, true},
		{"Session event", func(c *ostiary.Config) {
			c.Events.Session = func(context.Context, *ostiary.View, *session.Token) { panic(marker) }
		}, 200, true},
		{"Session callback", func(c *ostiary.Config) {
			c.Callbacks.Session = func(context.Context, *ostiary.View, *session.Token) error { panic(marker) }
		}, 200, false},
		{"JWT callback at a read", func(c *ostiary.Config) {
			c.Callbacks.JWT = func(_ context.Context, j *ostiary.JWT) error {
				if j.Trigger == "" {
					panic(marker)
				}
				return nil
			}
		}, 200, false},
		{"Lookup", func(c *ostiary.Config) {
			c.Session.Recheck = time.Nanosecond
			c.Providers[0].Lookup = func(context.Context, string) (*ostiary.User, error) { panic(marker) }
		}, 200, false},
	}
	for _, p := range panics {
		t.Run(p.name, func(t *testing.T) {
			bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
				h := open(t, wire, p.change)
				b := h.script()
				r := b.login().is(p.status)
				if r.said().URL == "" {
					t.Error("no url in the answer")
				}
				r.hides(marker, "goroutine")
				if lines := h.log.lines("sign-in"); len(lines) != 1 {
					t.Errorf("LOG-3 %d audit lines", len(lines))
				}
				h.clock.turn(time.Second)
				view := b.session()
				if (view != nil) != p.signed {
					t.Errorf("session %v", view)
				}
				if !strings.Contains(h.log.String(), marker) {
					t.Error("the cause is not in the log")
				}
			})
		})
	}
}

func TestRedirectCallbackPanics(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire, func(c *ostiary.Config) {
			c.Callbacks.Redirect = func(context.Context, string, string) string { panic("boom") }
		})
		b := h.script()
		r := b.login("callbackUrl", "/x")
		if r.sets(h) || r.StatusCode != http.StatusInternalServerError || r.Header.Get("Connection") != "close" {
			t.Errorf("FAL-1 status %d, session %v", r.StatusCode, r.sets(h))
		}
		if s := r.said(); len(s.Reference) != 8 || !strings.Contains(h.log.String(), s.Reference) {
			t.Errorf("LOG-4 said %+v", s)
		}
		r.hides("boom", "goroutine")
	})
}

func TestAbortHandlerPasses(t *testing.T) {
	h := open(t, func(c *ostiary.Config) {
		c.Callbacks.Redirect = func(context.Context, string, string) string { panic(http.ErrAbortHandler) }
	})
	defer func() {
		if cause := recover(); cause != http.ErrAbortHandler {
			t.Errorf("recovered %v", cause)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/auth/csrf?callbackUrl=/x", nil))
}

// TestSignOutEventPanics holds that a sign-out is done all the same.
func TestSignOutEventPanics(t *testing.T) {
	h := open(t, func(c *ostiary.Config) { c.Events.SignOut = func(context.Context, *session.Token) { panic("boom") } })
	b := h.script().enter()
	copied := b.clone()
	b.post("signout").is(200)
	if copied.session() != nil {
		t.Error("SES-6 the session lives on")
	}
}

// hanging is an authorizer that ignores its deadline until it is let go.
func hanging(free <-chan struct{}) ostiary.Authorizer {
	return func(context.Context, form.Values, *http.Request) (*ostiary.User, error) {
		<-free
		return jsmith(), nil
	}
}

func TestDeadline(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		synctest.Test(t, func(t *testing.T) {
			free := make(chan struct{})
			h := open(t, wire, authorizing(hanging(free)), func(c *ostiary.Config) { c.Providers[0].Timeout = 3 * time.Second })
			b := h.script()
			begun := time.Now()
			r := b.login().is(http.StatusServiceUnavailable)
			if took := time.Since(begun); took != 3*time.Second {
				t.Errorf("CON-2 answered after %v", took)
			}
			close(free) // its yes comes too late
			synctest.Wait()
			if r.sets(h) || b.session() != nil {
				t.Error("I3 signed in after the deadline")
			}
		})
	})
}

// TestLateYes holds that an authorizer which heeds its deadline but answers yes
// all the same is not believed.
func TestLateYes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, authorizing(func(ctx context.Context, _ form.Values, _ *http.Request) (*ostiary.User, error) {
			<-ctx.Done()
			return jsmith(), nil
		}))
		if b := h.script(); b.login().is(503).sets(h) {
			t.Error("CON-1 signed in after the deadline")
		}
	})
}

func TestClientGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		h := open(t, authorizing(hanging(free)))
		b := h.script()
		r := b.form("callback/credentials", "csrfToken", b.csrf(), "username", "jsmith", "password", jsmiths)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { time.Sleep(time.Second); cancel() }() // in the bubble's own time
		begun := time.Now()
		if b.send(r.WithContext(ctx)).sets(h) || time.Since(begun) != time.Second {
			t.Errorf("CON-1 waited %v for a client that went away", time.Since(begun))
		}
		close(free)
	})
}

// TestPoolFull fills the places and the queue: whoever comes then is told at
// once, and sessions are read all the while (PWD-9).
func TestPoolFull(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		synctest.Test(t, func(t *testing.T) {
			free := make(chan struct{})
			quick := true
			h := open(t, wire, func(c *ostiary.Config) {
				c.Limits = ostiary.Limits{Authorizing: 2, Waiting: 1, Wait: 5 * time.Second}
				c.Providers[0].Timeout = time.Minute
				slow := hanging(free)
				c.Providers[0].Authorize = func(ctx context.Context, v form.Values, r *http.Request) (*ostiary.User, error) {
					if quick {
						return jsmith(), nil
					}
					return slow(ctx, v, r)
				}
			})
			inside := h.script().enter()
			quick = false
			answers := make(chan *reply, 3)
			for range 3 { // two run, one waits
				b := h.script()
				r := b.form("callback/credentials", "csrfToken", b.csrf(), "username", "jsmith", "password", jsmiths)
				go func() { answers <- b.send(r) }()
			}
			synctest.Wait()
			begun := time.Now()
			r := h.script().login().is(http.StatusServiceUnavailable)
			if time.Since(begun) != 0 || r.Header.Get("Retry-After") == "" || r.sets(h) {
				t.Errorf("answered after %v with Retry-After %q", time.Since(begun), r.Header.Get("Retry-After"))
			}
			if inside.session() == nil {
				t.Error("a session can't be read while sign-ins hang")
			}
			waited := <-answers
			if waited.is(503); time.Since(begun) != 5*time.Second {
				t.Errorf("the one that waits was told after %v", time.Since(begun))
			}
			close(free)
			for range 2 {
				(<-answers).is(200)
			}
		})
	})
}

// TestPoolFrees holds that places come back, also those of calls that panicked
// or outlived their request.
func TestPoolFrees(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, func(c *ostiary.Config) {
			c.Limits = ostiary.Limits{Authorizing: 1, Waiting: 1}
			c.Providers[0].Authorize = func(ctx context.Context, v form.Values, _ *http.Request) (*ostiary.User, error) {
				switch v.Get("username") {
				case "panic":
					panic("boom")
				case "hang":
					<-ctx.Done()
				}
				return jsmith(), nil
			}
		})
		b := h.script()
		for _, name := range []string{"panic", "hang", "panic", "hang"} {
			b.post("callback/credentials", "username", name, "password", "x").is(503)
		}
		synctest.Wait()
		b.login().is(200)
	})
}

// TestFaultyStore holds that a store which can't revoke ends no session quietly,
// and that one which can't tell lets nobody in (SES-5).
func TestFaultyStore(t *testing.T) {
	store := new(faultyStore)
	h := open(t, func(c *ostiary.Config) { store.Store = newMemory(c); c.Store = store })
	b := h.script().enter()
	store.revoke = true
	r := b.post("signout").is(http.StatusServiceUnavailable)
	if s := r.said(); len(s.Reference) != 8 {
		t.Errorf("said %+v", s)
	}
	if b.session() == nil {
		t.Error("the cookie is gone although the session lives on")
	}
	if r := b.login().is(http.StatusServiceUnavailable); r.sets(h) {
		t.Error("SES-1 a new session although the old one can't be ended")
	}
	store.revoked = true
	if b.session() != nil {
		t.Error("SES-5 a session although the store can't tell")
	}
}
