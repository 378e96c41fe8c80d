package ldap_test

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/ldap"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/internal/testserver/slapd"
	"github.com/ostiary/ostiary/ostiarytest"
)

const password = "open sesame"

// directory is a server with people in it.
type directory struct {
	*slapd.Server
	config ldap.Config
}

func open(t testing.TB) *directory {
	t.Helper()
	d := &directory{Server: slapd.Start(t)}
	d.Add(t, "cn=default", "objectClass", "device", "objectClass", "pwdPolicy", "pwdAttribute", "userPassword", "pwdMustChange", "TRUE")
	d.Add(t, "cn=strict", "objectClass", "device", "objectClass", "pwdPolicy", "pwdAttribute", "userPassword",
		"pwdLockout", "TRUE", "pwdMaxFailure", "3", "pwdLockoutDuration", "600")
	d.Add(t, "cn=short", "objectClass", "device", "objectClass", "pwdPolicy", "pwdAttribute", "userPassword", "pwdMaxAge", "1")
	ada := d.Person(t, "ada", password, "mail", "ada@example.test", "employeeNumber", "7", "description", "a", "description", "b")
	d.Person(t, "bob", password)
	d.Person(t, "ürsula", "schön")
	d.Person(t, "d,o=c", password)
	d.Person(t, "twin1", password, "employeeType", "twin")
	d.Person(t, "twin2", password, "employeeType", "twin")
	staff := d.Add(t, "cn=staff", "objectClass", "groupOfNames", "member", ada)
	all := d.Add(t, "cn=all", "objectClass", "groupOfNames", "member", staff)
	d.Add(t, "cn=loop", "objectClass", "groupOfNames", "member", all, "member", "cn=loop,"+slapd.BaseDN)
	d.config = ldap.Config{
		URLs: []string{d.URL}, CAFile: d.CAFile, BaseDN: slapd.BaseDN,
		BindDN: slapd.AdminDN, BindPassword: ostiary.NewSecret(slapd.AdminPassword), Timeout: 2 * time.Second,
	}
	return d
}

func connect(t testing.TB, config ldap.Config) *ldap.Connector {
	t.Helper()
	c, err := ldap.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// values are credentials as a form sends them, bytes of every kind included.
func values(t testing.TB, name, password string) form.Values {
	t.Helper()
	compiled, err := form.Compile(form.Form{
		{Name: "username", Type: "password", AllowEmptyPassword: true, MaxBytes: form.LargestMaxBytes},
		{Name: "password", Type: "password", AllowEmptyPassword: true, MaxBytes: form.LargestMaxBytes},
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := compiled.Parse(map[string][]string{"username": {name}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func enter(t testing.TB, c *ldap.Connector, name, password string) (*ostiary.User, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Authorize(t.Context(), values(t, name, password), r)
}

func TestConformance(t *testing.T) {
	d := open(t)
	c := connect(t, d.config)
	ada, err := enter(t, c, "ada", password)
	if err != nil || ada == nil {
		t.Fatal(ada, err)
	}
	ostiarytest.Authorizer(t, ostiarytest.Target{
		Authorize: c.Authorize, Lookup: c.Lookup, Patience: 15 * time.Second,
		Right: map[string]string{"username": "ada", "password": password}, WantID: ada.ID,
		Unicode: map[string]string{"username": "ürsula", "password": "schön"},
		Stall:   func() func() { d.Freeze(); return d.Thaw },
		Stop:    func() func() { d.Kill(); return func() { d.Restart(t) } },
	})
}

func TestWaysToBind(t *testing.T) {
	d := open(t)
	for name, change := range map[string]func(*ldap.Config){
		"StartTLS":                func(*ldap.Config) {},
		"ldaps":                   func(o *ldap.Config) { o.URLs = []string{d.TLSURL} },
		"a search by anybody":     func(o *ldap.Config) { o.BindDN, o.BindPassword = "", ostiary.Secret{} },
		"one level":               func(o *ldap.Config) { o.OneLevel = true },
		"without TLS on loopback": func(o *ldap.Config) { o.InsecurePlaintextLoopback = true },
		"as the person": func(o *ldap.Config) {
			o.BindDN, o.BindPassword, o.UserDN = "", ostiary.Secret{}, "uid={username},"+slapd.BaseDN
		},
		"the second server, when the first is down": func(o *ldap.Config) { o.URLs = []string{"ldaps://127.0.0.1:1", d.TLSURL} },
	} {
		t.Run(name, func(t *testing.T) {
			config := d.config
			change(&config)
			c := connect(t, config)
			if err := c.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time on connections that were kept
				u, err := enter(t, c, "ada", password)
				if err != nil || u == nil || u.Name != "ada" || u.Email != "ada@example.test" || len(u.ID) != 36 {
					t.Fatalf("got %+v, %v", u, err)
				}
				if u, err := enter(t, c, "bob", "wrong"); u != nil || err != nil {
					t.Errorf("a wrong password: %+v, %v", u, err)
				}
			}
			if u, err := enter(t, c, "ada", ""); u != nil || err != nil {
				t.Errorf("LDP-1 an empty password: %+v, %v", u, err)
			}
			u, err := enter(t, c, "d,o=c", password)
			if err != nil || u == nil || u.Name != "d,o=c" {
				t.Errorf("LDP-2 a name with a comma: %+v, %v", u, err)
			}
		})
	}
}

func TestInjections(t *testing.T) {
	d := open(t)
	search := connect(t, d.config)
	config := d.config
	config.BindDN, config.BindPassword, config.UserDN = "", ostiary.Secret{}, "uid={username},"+slapd.BaseDN
	direct := connect(t, config)
	for _, text := range append(ostiarytest.Injections(), "ada)(uid=*", "ada,"+slapd.BaseDN, "ada+cn=ada", "*", "a*a", `\61da`, "ada\x00", "ada\xff") {
		for way, c := range map[string]*ldap.Connector{"search": search, "direct": direct} {
			if strings.ContainsRune(text, '\ufffd') || text == "ada\xff" {
				continue // no form lets it through
			}
			if u, err := enter(t, c, text, password); u != nil || err != nil {
				t.Errorf("LDP-2 %s: the name %q is %+v, %v", way, text, u, err)
			}
		}
	}
}

func TestEntries(t *testing.T) {
	d := open(t)
	t.Run("LDP-1 two entries are nobody", func(t *testing.T) {
		config := d.config
		config.Filter = "(employeeType={username})"
		if u, err := enter(t, connect(t, config), "twin", password); u != nil || err != nil {
			t.Errorf("got %+v, %v", u, err)
		}
	})
	t.Run("claims", func(t *testing.T) {
		config := d.config
		config.Claims = map[string]string{"number": "employeeNumber", "words": "description", "none": "pager"}
		u, err := enter(t, connect(t, config), "ada", password)
		if err != nil || u == nil || u.Claims["number"] != "7" || len(u.Claims) != 2 || strings.Join(u.Claims["words"].([]string), "") != "ab" {
			t.Errorf("got %+v, %v", u, err)
		}
	})
	t.Run("CON-1 an entry without an id is unavailable", func(t *testing.T) {
		config := d.config
		config.Attributes.ID = "pager"
		if u, err := enter(t, connect(t, config), "ada", password); u != nil || !errors.Is(err, ostiary.ErrUnavailable) {
			t.Errorf("got %+v, %v", u, err)
		}
	})
	t.Run("a small photo", func(t *testing.T) {
		photo := "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 100)
		d.Person(t, "pat", password, "jpegPhoto", photo)
		d.Person(t, "max", password, "jpegPhoto", photo+strings.Repeat("x", 4000))
		config := d.config
		config.Attributes.Image = "jpegPhoto"
		c := connect(t, config)
		if u, err := enter(t, c, "pat", password); err != nil || u == nil || !strings.HasPrefix(u.Image, "data:image/png;base64,") {
			t.Errorf("got %+v, %v", u, err)
		}
		if u, err := enter(t, c, "max", password); err != nil || u == nil || u.Image != "" {
			t.Errorf("got %+v, %v", u, err)
		}
	})
	t.Run("LDP-3 a referral is not followed", func(t *testing.T) {
		d.Add(t, "ou=elsewhere", "objectClass", "referral", "objectClass", "extensibleObject", "ou", "elsewhere", "ref", "ldap://127.0.0.1:1/ou=elsewhere")
		c := connect(t, d.config)
		if u, err := enter(t, c, "ada", password); err != nil || u == nil {
			t.Errorf("beside one: %+v, %v", u, err)
		}
		config := d.config
		config.BaseDN = "ou=elsewhere," + slapd.BaseDN
		if u, err := enter(t, connect(t, config), "ada", password); u != nil || !errors.Is(err, ostiary.ErrUnavailable) {
			t.Errorf("below one: %+v, %v", u, err)
		}
	})
}

func TestGroups(t *testing.T) {
	d := open(t)
	for name, row := range map[string]struct {
		change func(*ldap.Config)
		want   string
	}{
		"of memberOf":        {func(*ldap.Config) {}, "staff"},
		"nested, climbing":   {func(o *ldap.Config) { o.NestedGroups = true }, "staff all loop"},
		"by search":          {func(o *ldap.Config) { o.GroupFilter = "(member={dn})" }, "staff"},
		"nested, searching":  {func(o *ldap.Config) { o.GroupFilter, o.NestedGroups = "(member={dn})", true }, "staff all loop"},
		"none":               {func(o *ldap.Config) { o.Attributes.Groups = "-" }, ""},
		"a required one":     {func(o *ldap.Config) { o.RequireGroup = []string{"nobody", "STAFF"} }, "staff"},
		"a required one, DN": {func(o *ldap.Config) { o.RequireGroup = []string{"CN=staff, " + slapd.BaseDN} }, "staff"},
	} {
		t.Run(name, func(t *testing.T) {
			config := d.config
			row.change(&config)
			u, err := enter(t, connect(t, config), "ada", password)
			if err != nil || u == nil || strings.Join(u.Groups, " ") != row.want {
				t.Errorf("got %+v, %v, want %q", u, err, row.want)
			}
		})
	}
	config := d.config
	config.RequireGroup = []string{"staff"}
	c := connect(t, config)
	if u, err := enter(t, c, "bob", password); u != nil || !errors.Is(err, ostiary.ErrAccessDenied) {
		t.Errorf("who is in none: %+v, %v", u, err)
	}
	if u, err := enter(t, c, "bob", "wrong"); u != nil || err != nil {
		t.Errorf("IDN-4 who is in none, and does not know the password: %+v, %v", u, err)
	}
}

func TestPasswordPolicy(t *testing.T) {
	d := open(t)
	admin := d.Admin(t)
	set := func(dn, attribute, value string) {
		t.Helper()
		m := goldap.NewModifyRequest(dn, nil)
		m.Replace(attribute, []string{value})
		if err := admin.Modify(m); err != nil {
			t.Fatal(err)
		}
	}
	locked := d.Person(t, "locked", password)
	set(locked, "pwdPolicySubentry", "cn=strict,"+slapd.BaseDN)
	reset := d.Person(t, "reset", password)
	set(reset, "pwdReset", "TRUE")
	old := d.Person(t, "old", password)
	set(old, "pwdPolicySubentry", "cn=short,"+slapd.BaseDN)
	set(old, "userPassword", password) // its age counts from now
	config := d.config
	quiet := connect(t, config)
	config.Reveal = ostiary.Reveal{ostiary.Locked, ostiary.MustChange, ostiary.Expired}
	open := connect(t, config)
	for range 3 {
		if u, err := enter(t, quiet, "locked", "wrong"); u != nil || err != nil {
			t.Fatalf("got %+v, %v", u, err)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); ; { // until the password of a second's life is over
		_, err := enter(t, open, "old", password)
		var refusal *ostiary.Refusal
		if errors.As(err, &refusal) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the password does not expire: %v", err)
		}
	}
	for name, code := range map[string]string{"locked": "account_locked", "reset": "password_must_change", "old": "account_expired"} {
		if u, err := enter(t, quiet, name, password); u != nil || err != nil {
			t.Errorf("LDP-4 IDN-4 %s: got %+v, %v, want the plain refusal", name, u, err)
		}
		u, err := enter(t, open, name, password)
		var refusal *ostiary.Refusal
		if u != nil || !errors.As(err, &refusal) || refusal.Code != code {
			t.Errorf("LDP-4 %s: got %+v, %v, want code %s", name, u, err, code)
		}
	}
	if u, err := enter(t, open, "reset", "wrong"); u != nil || err != nil {
		t.Errorf("a wrong password tells no state: %+v, %v", u, err)
	}
}

func TestCheckNamesTheMend(t *testing.T) {
	d := open(t)
	for name, row := range map[string]struct {
		change func(*ldap.Config)
		want   string
	}{
		"password":    {func(o *ldap.Config) { o.BindPassword = ostiary.NewSecret("canary") }, "check BindDN and BindPassword"},
		"base":        {func(o *ldap.Config) { o.BaseDN = "ou=none," + slapd.BaseDN }, "is not there"},
		"authority":   {func(o *ldap.Config) { o.CAFile = "" }, "put the certificate of its authority into the CA file"},
		"server name": {func(o *ldap.Config) { o.ServerName = "other.example.test" }, "use the name that it is for"},
		"down":        {func(o *ldap.Config) { o.URLs = []string{"ldaps://127.0.0.1:1"} }, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			config := d.config
			row.change(&config)
			c := connect(t, config)
			if err := c.Check(t.Context()); err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("CON-3: got %v, want %q", err, row.want)
			}
			if u, err := enter(t, c, "ada", password); u != nil || !errors.Is(err, ostiary.ErrUnavailable) {
				t.Errorf("CON-1: got %+v, %v", u, err)
			}
		})
	}
}

func TestTraceShowsEveryStep(t *testing.T) {
	d := open(t)
	c := connect(t, d.config)
	var told strings.Builder
	ctx := ostiary.WithTrace(t.Context(), func(what string, facts ...slog.Attr) {
		told.WriteString(what)
		for _, f := range facts {
			told.WriteString(" " + f.String())
		}
		told.WriteString("\n")
	})
	if u, err := c.Authorize(ctx, values(t, "ada", password), nil); err != nil || u == nil {
		t.Fatal(u, err)
	}
	for _, want := range []string{"search sent", "filter=(uid=ada)", "entries=1", "bind as the person", "right=true", "groups found"} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("%q is not in\n%s", want, told.String())
		}
	}
	if strings.Contains(told.String(), password) {
		t.Error("LOG-2: the password was told")
	}
}

func BenchmarkAuthorize(b *testing.B) {
	d := open(b)
	c := connect(b, d.config)
	credentials := values(b, "ada", password)
	for b.Loop() {
		if u, err := c.Authorize(b.Context(), credentials, nil); err != nil || u == nil {
			b.Fatal(u, err)
		}
	}
}

// BenchmarkRaw is the floor: the same three answers with the library alone, on
// connections that are kept.
func BenchmarkRaw(b *testing.B) {
	d := open(b)
	search, bind := d.Admin(b), d.Admin(b)
	request := goldap.NewSearchRequest(slapd.BaseDN, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 2, 2, false, "(uid=ada)", []string{"entryUUID", "cn", "mail", "memberOf"}, nil)
	for b.Loop() {
		found, err := search.Search(request)
		if err != nil {
			b.Fatal(err)
		}
		if err := bind.Bind(found.Entries[0].DN, password); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTiming is IDN-8: known names against unknown ones. Run: make timing
func BenchmarkTiming(b *testing.B) {
	d := open(b)
	c := connect(b, d.config)
	ostiarytest.Timing(b, ostiarytest.Target{
		Authorize: c.Authorize, Right: map[string]string{"username": "ada", "password": password}, WantID: "x",
	})
}
