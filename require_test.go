package ostiary_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
)

// whoami is an application that shows what it knows of its visitor.
func whoami(w http.ResponseWriter, r *http.Request) {
	s, ok := ostiary.FromContext(r.Context())
	if !ok {
		w.Write([]byte("nobody"))
		return
	}
	w.Write([]byte(s.Account.Realm + " " + s.Account.UserID + " " + s.Name + " " + s.Email + " " + s.Image + " " + s.AuthTime.UTC().Format(time.RFC3339)))
}

func TestRequire(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		app := h.Require(http.HandlerFunc(whoami))
		b := h.script().enter()
		if r := get(app, b, "/x").is(200); r.body != "credentials 42 J Smith jsmith@example.com  2026-03-01T09:00:00Z" {
			t.Errorf("app says %q", r.body)
		}
		if r := get(app, b, "/x"); len(r.Cookies()) != 0 {
			t.Error("Require wrote cookies")
		}
		stranger := h.script()
		for _, row := range []struct {
			name    string
			headers []string
			page    bool
		}{
			{"browser", []string{"Sec-Fetch-Mode", "navigate", "Accept", "text/html"}, true},
			{"old browser", []string{"Accept", "text/html,application/xhtml+xml"}, true},
			{"fetch of a page", []string{"Sec-Fetch-Mode", "cors", "Accept", "text/html"}, false},
			{"program", nil, false},
			{"API", []string{"Accept", "application/json"}, false},
		} {
			r := get(app, stranger, "/a/b?c=d", row.headers...)
			if got := r.Header.Get("Cache-Control"); got != "no-store" || r.Header.Get("Vary") != "Cookie" {
				t.Errorf("PAG-2 %s: Cache-Control %q, Vary %q", row.name, got, r.Header.Get("Vary"))
			}
			if row.page {
				want := h.base + "/signin?callbackUrl=" + url.QueryEscape(external+"/a/b?c=d")
				if r.is(302).leads() != want {
					t.Errorf("%s: leads to %q, want %q", row.name, r.leads(), want)
				}
				continue
			}
			if s := r.is(401).said(); s.URL != h.base+"/signin" || s.Code != "unauthenticated" {
				t.Errorf("%s: said %+v", row.name, s)
			}
		}
	})
}

// TestRequireMethods holds that what changes something is never redirected.
func TestRequireMethods(t *testing.T) {
	h := open(t)
	app := h.Require(page("secret"))
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
		r := httptest.NewRequest(method, "/x", nil)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != 401 || w.Header().Get("Location") != "" {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/x", nil))
	if w.Code != 401 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", w.Code, w.Body.Len())
	}
}

// TestRequireTarget holds where the way back leads: the path of the request on
// our own origin, whatever it says of itself (RED-3, RED-5).
func TestRequireTarget(t *testing.T) {
	h := open(t)
	app := h.Require(page("secret"))
	for _, target := range []string{"//evil.example/x", `/\evil.example`, "https://evil.example/x", "/%09/evil.example"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if u, err := url.ParseRequestURI(target); err == nil {
			r.URL = u
		} else {
			r.URL = &url.URL{Path: target}
		}
		r.Host = "evil.example"
		r.Header.Set("X-Forwarded-Host", "evil.example")
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		at, err := url.Parse(w.Header().Get("Location"))
		if err != nil || at.Host != "app.example.com" {
			t.Fatalf("%s: Location %q", target, w.Header().Get("Location"))
		}
		back, err := url.Parse(at.Query().Get("callbackUrl"))
		if err != nil || back.Scheme != "https" || back.Host != "app.example.com" {
			t.Errorf("%s: back to %q", target, back)
		}
	}
}

// TestRequireClearsBadCookies is COO-7.
func TestRequireClearsBadCookies(t *testing.T) {
	bothWires(t, func(t *testing.T, wire func(*ostiary.Config)) {
		h := open(t, wire)
		name := h.cookieName("session")
		b := h.browser()
		b.jar[name+".0"], b.jar[name+".2"] = &http.Cookie{Value: "bad"}, &http.Cookie{Value: "worse"}
		pages := []*reply{
			get(h.Require(page("secret")), b.clone(), "/x", "Accept", "text/html").is(302),
			get(h.Require(page("secret")), b.clone(), "/x").is(401),
			b.clone().get("signin").is(200),
			b.clone().get("session").is(200),
			b.clone().get("signout").is(200),
		}
		for i, r := range pages {
			for _, each := range []string{name + ".0", name + ".2"} {
				if c := r.cookie(each); c == nil || c.MaxAge >= 0 || !c.Secure || !c.HttpOnly || c.Path != "/" {
					t.Errorf("answer %d does not delete %s: %v", i, each, c)
				}
			}
		}
	})
}

func TestRequireFresh(t *testing.T) {
	h := open(t)
	app := h.RequireFresh(5 * time.Minute)(http.HandlerFunc(whoami))
	b := h.script().enter()
	get(app, b, "/pay").is(200)
	h.clock.turn(5 * time.Minute)
	get(app, b, "/pay").is(200)
	h.clock.turn(time.Second)
	b.session() // using a session does not make its proof any fresher
	if s := get(app, b, "/pay").is(401).said(); s.Code != "reauthentication_required" {
		t.Errorf("said %+v", s)
	}
	r := get(app, b, "/pay", "Accept", "text/html").is(302)
	if want := h.base + "/signin?callbackUrl=" + url.QueryEscape(external+"/pay") + "&error=SessionRequired"; r.leads() != want {
		t.Errorf("leads to %q, want %q", r.leads(), want)
	}
	if len(r.Cookies()) != 0 {
		t.Error("the session that is only too old was deleted")
	}
	b.follow(r).is(200).shows("Please sign in to access this page.")
	b.enter()
	get(app, b, "/pay").is(200)
	if r := get(app, h.browser(), "/pay").is(401); r.said().Code != "unauthenticated" {
		t.Errorf("said %s", r.body)
	}
}

func TestLoad(t *testing.T) {
	h := open(t)
	app := h.Load(http.HandlerFunc(whoami))
	if r := get(app, h.browser(), "/").is(200); r.body != "nobody" {
		t.Errorf("app says %q", r.body)
	}
	if r := get(app, h.script().enter(), "/").is(200); r.body == "nobody" {
		t.Errorf("app says %q", r.body)
	}
	bad := h.browser()
	bad.jar[h.cookieName("session")] = &http.Cookie{Value: "bad"}
	if r := get(app, bad, "/").is(200); r.body != "nobody" {
		t.Errorf("app says %q", r.body)
	}
}

func TestRequireCustomPage(t *testing.T) {
	h := open(t, func(c *ostiary.Config) { c.Pages.SignIn = "/login?tenant=1" })
	r := get(h.Require(page("")), h.browser(), "/x", "Accept", "text/html").is(302)
	if want := external + "/login?tenant=1&callbackUrl=" + url.QueryEscape(external+"/x"); r.leads() != want {
		t.Errorf("leads to %q, want %q", r.leads(), want)
	}
}

func TestSignInURL(t *testing.T) {
	h := open(t)
	for asked, want := range map[string]string{"/x?y=1": external + "/x?y=1", "": external, "https://evil.example": external, "//evil.example": external} {
		if got := h.SignInURL(asked); got != h.base+"/signin?callbackUrl="+url.QueryEscape(want) {
			t.Errorf("SignInURL(%q) = %q", asked, got)
		}
	}
}

// TestSessionIsTheRequests holds that what one request does to its token is not
// seen by another.
func TestSessionIsTheRequests(t *testing.T) {
	h := open(t)
	b := h.script().enter()
	first := h.Session(request(b))
	first.Token.Subject, first.Groups[0] = "1", "admins"
	if second := h.Session(request(b)); second.Account.UserID != "42" || second.Groups[0] != "staff" {
		t.Errorf("second %+v", second)
	}
	if h.Session(httptest.NewRequest(http.MethodGet, "/", nil)) != nil {
		t.Error("a session from nothing")
	}
}
