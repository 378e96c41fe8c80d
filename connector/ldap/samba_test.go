package ldap_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/ldap"
	"github.com/ostiary/ostiary/internal/testserver/samba"
	"github.com/ostiary/ostiary/ostiarytest"
)

const strong = "Open-Sesame-1"

// domain is Active Directory with people in it.
func domain(t *testing.T) (*samba.Server, ldap.Config) {
	t.Helper()
	s := samba.Start(t, func(s *samba.Server) {
		s.Tool(t, "domain", "passwordsettings", "set", "--account-lockout-threshold=3", "--account-lockout-duration=30")
		for _, name := range []string{"ada", "bob", "gone", "fresh", "stuck"} {
			s.Tool(t, "user", "create", name, strong, "--given-name="+strings.ToUpper(name[:1])+name[1:], "--mail-address="+name+"@example.test")
		}
		s.Tool(t, "user", "disable", "gone")
		s.Tool(t, "user", "setpassword", "fresh", "--newpassword="+strong, "--must-change-at-next-login")
		for _, group := range []string{"inner", "outer"} {
			s.Tool(t, "group", "add", group)
		}
		s.Tool(t, "group", "addmembers", "inner", "ada")
		s.Tool(t, "group", "addmembers", "outer", "inner")
	})
	return s, ldap.Config{
		URLs: []string{s.URL}, CAFile: s.CAFile, ServerName: s.ServerName, Preset: "active-directory", BaseDN: samba.BaseDN,
		BindDN: samba.AdminName, BindPassword: ostiary.NewSecret(samba.AdminPassword), Timeout: 5 * time.Second,
	}
}

// TestActiveDirectory is one test, because a domain takes a while to come up.
func TestActiveDirectory(t *testing.T) {
	s, config := domain(t)
	guid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	var id string
	for name, change := range map[string]func(*ldap.Config){
		"ldaps":    func(*ldap.Config) {},
		"StartTLS": func(o *ldap.Config) { o.URLs = []string{s.StartURL} },
		"as person": func(o *ldap.Config) {
			o.BindDN, o.BindPassword, o.UserDN = "", ostiary.Secret{}, "{username}@"+samba.Domain
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := config
			change(&config)
			c := connect(t, config)
			if err := c.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			u, err := enter(t, c, "ada", strong)
			if err != nil || u == nil || !guid.MatchString(u.ID) || u.Email != "ada@example.test" || strings.Join(u.Groups, " ") != "inner" {
				t.Fatalf("got %+v, %v", u, err)
			}
			id = u.ID
			for _, text := range ostiarytest.Injections() {
				if u, err := enter(t, c, text, strong); u != nil || err != nil {
					t.Errorf("LDP-2: the name %q is %+v, %v", text, u, err)
				}
			}
		})
	}
	t.Run("by user principal name, and by another letter case", func(t *testing.T) {
		c := connect(t, config)
		for _, name := range []string{"ada@example.test", "ADA"} {
			if u, err := enter(t, c, name, strong); err != nil || u == nil || u.ID != id {
				t.Errorf("%s: got %+v, %v, want id %s", name, u, err, id)
			}
		}
	})
	t.Run("lookup", func(t *testing.T) {
		c := connect(t, config)
		if u, err := c.Lookup(t.Context(), id); err != nil || u == nil || u.ID != id {
			t.Errorf("got %+v, %v", u, err)
		}
		for _, other := range []string{strings.ToUpper(id), id[:35] + "0", "*", ""} {
			if u, err := c.Lookup(t.Context(), other); u != nil && u.ID != other || err != nil {
				t.Errorf("%q: got %+v, %v", other, u, err)
			}
		}
	})
	t.Run("nested groups by the matching rule", func(t *testing.T) {
		config := config
		config.NestedGroups, config.RequireGroup = true, []string{"outer"}
		u, err := enter(t, connect(t, config), "ada", strong)
		if err != nil || u == nil || !strings.Contains(strings.Join(u.Groups, " "), "inner") || !strings.Contains(strings.Join(u.Groups, " "), "outer") {
			t.Errorf("got %+v, %v", u, err)
		}
		if u, err := enter(t, connect(t, config), "bob", strong); u != nil || !errors.Is(err, ostiary.ErrAccessDenied) {
			t.Errorf("who is in none: %+v, %v", u, err)
		}
	})
	t.Run("states", func(t *testing.T) { activeDirectoryStates(t, config) })
	t.Run("LDP-3 a password without TLS", func(t *testing.T) {
		conn, err := goldap.DialURL(s.StartURL)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.Bind(samba.AdminName, samba.AdminPassword); !goldap.IsErrorWithCode(err, goldap.LDAPResultStrongAuthRequired) {
			t.Errorf("the server takes it: %v", err) // then this test bed proves nothing about TLS
		}
	})
	t.Run("killed in mid-flood", func(t *testing.T) {
		through(t, connect(t, config), strong, id, s.Kill, func() { s.Restart(t) })
	})
	t.Run("conformance", func(t *testing.T) {
		c := connect(t, config)
		ostiarytest.Authorizer(t, ostiarytest.Target{
			Authorize: c.Authorize, Lookup: c.Lookup, Patience: 40 * time.Second, LocksAfter: 3,
			Right: map[string]string{"username": "ada", "password": strong}, WantID: id,
			Stall: func() func() { s.Freeze(); return s.Thaw },
			Stop:  func() func() { s.Kill(); return func() { s.Restart(t) } },
		})
	})
}

func activeDirectoryStates(t *testing.T, config ldap.Config) {
	t.Helper()
	quiet := connect(t, config)
	config.Reveal = ostiary.Reveal{ostiary.Locked, ostiary.Disabled, ostiary.MustChange}
	open := connect(t, config)
	for range 3 {
		if u, err := enter(t, quiet, "stuck", "wrong"); u != nil || err != nil {
			t.Fatalf("got %+v, %v", u, err)
		}
	}
	for name, code := range map[string]string{"gone": "account_disabled", "fresh": "password_must_change", "stuck": "account_locked"} {
		if u, err := enter(t, quiet, name, strong); u != nil || err != nil {
			t.Errorf("LDP-4 IDN-4 %s: got %+v, %v, want the plain refusal", name, u, err)
		}
		u, err := enter(t, open, name, strong)
		var refusal *ostiary.Refusal
		if u != nil || !errors.As(err, &refusal) || refusal.Code != code {
			t.Errorf("LDP-4 %s: got %+v, %v, want code %s", name, u, err, code)
		}
	}
}
