package ldap

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary"
)

func bound(controls ...goldap.Control) *goldap.SimpleBindResult {
	return &goldap.SimpleBindResult{Controls: controls}
}

func policyControl(change func(*goldap.ControlBeheraPasswordPolicy)) goldap.Control {
	c := goldap.NewControlBeheraPasswordPolicy()
	change(c)
	return c
}

func refusedWith(code uint16, text string) error { return goldap.NewError(code, errors.New(text)) }

// TestJudge is the table of LDP-4.
func TestJudge(t *testing.T) {
	const ad = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data %s, v4563"
	for _, row := range []struct {
		name   string
		result *goldap.SimpleBindResult
		err    error
		want   string // "yes", "no", a state, or "unavailable"
	}{
		{"success", bound(), nil, "yes"},
		{"no result at all", nil, nil, "yes"},
		{"a warning that it expires soon", bound(policyControl(func(c *goldap.ControlBeheraPasswordPolicy) { c.Expire = 60 })), nil, "yes"},
		{"success, must change", bound(policyControl(func(c *goldap.ControlBeheraPasswordPolicy) { c.Error = 2 })), nil, "must_change"},
		{"success, by grace", bound(policyControl(func(c *goldap.ControlBeheraPasswordPolicy) { c.Grace = 2 })), nil, "expired"},
		{"success, old control", bound(&goldap.ControlVChuPasswordMustChange{MustChange: true}), nil, "must_change"},
		{"49", bound(), refusedWith(49, "x"), "no"},
		{"49, locked", bound(policyControl(func(c *goldap.ControlBeheraPasswordPolicy) { c.Error = 1 })), refusedWith(49, "x"), "locked"},
		{"49, expired", bound(policyControl(func(c *goldap.ControlBeheraPasswordPolicy) { c.Error = 0 })), refusedWith(49, "x"), "expired"},
		{"AD wrong password", nil, refusedWith(49, fmt.Sprintf(ad, "52e")), "no"},
		{"AD no such user", nil, refusedWith(49, fmt.Sprintf(ad, "525")), "no"},
		{"AD hours", nil, refusedWith(49, fmt.Sprintf(ad, "530")), "disabled"},
		{"AD disabled", nil, refusedWith(49, fmt.Sprintf(ad, "533")), "disabled"},
		{"AD password expired", nil, refusedWith(49, fmt.Sprintf(ad, "532")), "expired"},
		{"AD account expired", nil, refusedWith(49, fmt.Sprintf(ad, "701")), "expired"},
		{"AD must change", nil, refusedWith(49, fmt.Sprintf(ad, "773")), "must_change"},
		{"AD locked", nil, refusedWith(49, fmt.Sprintf(ad, "775")), "locked"},
		{"inactive in 389 and FreeIPA", nil, refusedWith(53, "Account inactivated. Contact system administrator."), "disabled"},
		{"too many failures in 389", nil, refusedWith(19, "Exceed password retry limit. Please try later."), "locked"},
		{"no such object", nil, refusedWith(32, "x"), "no"},
		{"no password there", nil, refusedWith(48, "x"), "no"},
		{"a name that is none", nil, refusedWith(34, "x"), "no"},
		{"busy", nil, refusedWith(51, "x"), "unavailable"},
		{"stronger authentication", nil, refusedWith(8, "x"), "unavailable"},
		{"a referral", nil, refusedWith(10, "x"), "unavailable"},
		{"SASL in progress", nil, refusedWith(14, "x"), "unavailable"},
		{"network", nil, refusedWith(goldap.ErrorNetwork, "x"), "unavailable"},
		{"another error", nil, errors.New("x"), "unavailable"},
	} {
		v := judge(row.result, row.err)
		got := "no"
		switch {
		case v.err != nil:
			got = "unavailable"
		case v.right:
			got = "yes"
		case v.state != "":
			got = string(v.state)
		}
		if got != row.want || v.right && (v.state != "" || v.err != nil) {
			t.Errorf("LDP-4 %s: got %s (%+v), want %s", row.name, got, v, row.want)
		}
	}
}

func TestGUID(t *testing.T) {
	raw := []byte{0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	const want = "00112233-4455-6677-8899-aabbccddeeff"
	got, err := guidText(raw)
	if err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	back, err := guidBytes(want)
	if err != nil || string(back) != string(raw) {
		t.Errorf("got %x, %v", back, err)
	}
	for _, text := range []string{"", "x", want + "0", strings.ToUpper(want), strings.ReplaceAll(want, "-", ""), "{" + want + "}"} {
		if _, err := guidBytes(text); err == nil {
			t.Errorf("%q is another spelling", text)
		}
	}
}

func TestTemplates(t *testing.T) {
	for text, want := range map[string]string{
		"(uid={username})": "", "(&(objectClass=person)(|(uid={username})(mail={username})))": "", "(a:caseExactMatch:={username})": "",
		"(uid=*)":        "no place",
		"({username}=x)": "after the equals sign",
		"uid={username}": "RFC 4515", "(uid={username}": "RFC 4515",
		"(&(x={a})(y={b c}))": "brace",
	} {
		if _, err := parseFilter(text); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"uid={username},dc=example": "", "{username}@example.test": "", `EXAMPLE\{username}`: "",
		"uid=ada": "no place", "uid={username},,": "RFC 4514",
	} {
		if _, err := parseName(text); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestNewNamesEveryFault(t *testing.T) {
	good := Config{URLs: []string{"ldaps://ldap.example.test"}, BaseDN: "dc=example"}
	for want, change := range map[string]func(*Config){
		"URLs: is missing":             func(c *Config) { c.URLs = nil },
		"does not begin with ldaps://": func(c *Config) { c.URLs = []string{"https://x"} },
		"has a field of its own":       func(c *Config) { c.URLs = []string{"ldaps://u:canary@x/dc=x"} },
		"the host is missing":          func(c *Config) { c.URLs = []string{"ldaps://:636"} },
		"is another machine":           func(c *Config) { c.URLs, c.InsecurePlaintextLoopback = []string{"ldap://ldap.example.test"}, true },
		"CAFile: ":                     func(c *Config) { c.CAFile = "/nowhere" },
		"Preset: ":                     func(c *Config) { c.Preset = "edirectory" },
		"BaseDN: is missing":           func(c *Config) { c.BaseDN = "" },
		"BaseDN: it is not a name":     func(c *Config) { c.BaseDN = "example.com" },
		"BindPassword: is missing":     func(c *Config) { c.BindDN = "cn=x,dc=example" },
		"UserDN: with a BindDN": func(c *Config) {
			c.BindDN, c.BindPassword, c.UserDN = "cn=x", ostiary.NewSecret("canary"), "uid={username},dc=x"
		},
		"Filter: it has no place":       func(c *Config) { c.Filter = "(uid=*)" },
		"GroupFilter: its one place is": func(c *Config) { c.GroupFilter = "(member={username})" },
		"Attributes.ID":                 func(c *Config) { c.Attributes.ID = "-" },
		"PoolSize: ":                    func(c *Config) { c.PoolSize = -1 },
		"Timeout: ":                     func(c *Config) { c.Timeout = -1 },
	} {
		config := good
		change(&config)
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}

func TestSecretsHide(t *testing.T) {
	c, err := New(Config{URLs: []string{"ldaps://ldap.example.test"}, BaseDN: "dc=example", BindDN: "cn=x", BindPassword: ostiary.NewSecret("canary")})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "connector", c, "secret", c.config.BindPassword)
	if all := fmt.Sprintf("%v %+v %#v %s %v %#v", c, c, c, c, c.config, c.config) + log.String(); strings.Contains(all, "canary") || !strings.Contains(all, "ldaps://ldap.example.test") {
		t.Errorf("CON-5: %s", all)
	}
}

func TestRequiredGroups(t *testing.T) {
	c := &Connector{config: Config{RequireGroup: []string{"Staff", "cn=ops, dc=x"}}}
	for dn, want := range map[string]bool{
		"cn=staff,dc=x": true, "CN=STAFF,OU=a,DC=x": true, "cn=ops,dc=X": true, "cn=ops,dc=y": false, "cn=staffers,dc=x": false, "cn=x,ou=staff": false, "": false,
	} {
		if got := c.allowed([]string{"cn=other", dn}); got != want {
			t.Errorf("%q: %t", dn, got)
		}
	}
}

// FuzzFilter: whatever was typed, the filter has the one assertion of the
// template, and its value is what was typed (LDP-2).
func FuzzFilter(f *testing.F) {
	for _, text := range []string{"ada", "*", "ada)(uid=*", `\2a`, "a\x00b", "ü", "(", ")", "\\", "a*b(c)d\\"} {
		f.Add(text)
	}
	t0, err := parseFilter("(&(objectClass=person)(uid={username}))")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, value string) {
		filter, ok := t0.fill(func(string) string { return value }, func(s string) string { return string(inFilter(s)) })
		if ok != usable(value) {
			t.Fatalf("%q: %t", value, ok)
		}
		if !ok {
			return
		}
		packet, err := goldap.CompileFilter(filter)
		if err != nil {
			t.Fatalf("%q makes %q: %v", value, filter, err)
		}
		if len(packet.Children) != 2 || len(packet.Children[1].Children) != 2 {
			t.Fatalf("%q makes another filter: %q", value, filter)
		}
		if got := packet.Children[1].Children[1].Data.String(); got != value {
			t.Errorf("%q became %q", value, got)
		}
	})
}

// FuzzDN: whatever was typed, the name has the parts of the template, and its
// value is what was typed (LDP-2).
func FuzzDN(f *testing.F) {
	for _, text := range []string{"ada", "a,dc=evil", "a+b=c", " a ", "#a", `a\`, `"`, "a;b", "a=b", "ü", "\x01"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !usable(value) {
			return
		}
		dn, err := goldap.ParseDN("uid=" + string(inDN(value)) + ",dc=example")
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		if len(dn.RDNs) != 2 || len(dn.RDNs[0].Attributes) != 1 || dn.RDNs[0].Attributes[0].Value != value {
			t.Errorf("%q makes %v", value, dn)
		}
	})
}

// FuzzGUID: what reads as an id is written alike.
func FuzzGUID(f *testing.F) {
	f.Add("00112233-4455-6677-8899-aabbccddeeff")
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := guidBytes(text)
		if err != nil {
			return
		}
		if again, err := guidText(raw); err != nil || again != text {
			t.Errorf("%q becomes %q, %v", text, again, err)
		}
	})
}
