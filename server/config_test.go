package server_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/server"
	"github.com/ostiary/ostiary/session"
)

const (
	goodSecret  = "G8pNq3Yw0Kc5vTz1mXr7bLs2dFh9jEu4aQi6oPx8kRw"
	otherSecret = "yT4uK9wLr2QzVb7cNf1eJh5sMd8gXp3aRo6iGt0qZlE"
)

// minimal is the least that a file needs; rows of tests put lines before or
// after it.
const minimal = `url: https://id.example.com
secrets: ["${OSTIARY_SECRET}"]
providers:
  - fields: {username: {}, password: {type: password}}
    connector: {http: {url: https://acme.internal/login}}
`

func environment(name string) string {
	return map[string]string{"OSTIARY_SECRET": goodSecret, "PORT": "8080", "HOST": "id.example.com", "WEAK": "swordfish", "LDAP_PASSWORD": "reader", "RADIUS_SECRET": "a secret for the example"}[name]
}

func parse(t *testing.T, text string) *server.Config {
	t.Helper()
	c, err := server.Parse(filepath.Join(t.TempDir(), "ostiary.yaml"), []byte(text), environment)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return c
}

func faultsOf(t *testing.T, text string) server.Faults {
	t.Helper()
	_, err := server.Parse(filepath.Join(t.TempDir(), "ostiary.yaml"), []byte(text), environment)
	var faults server.Faults
	if err != nil && !errors.As(err, &faults) {
		t.Fatalf("got %T %v, want Faults", err, err)
	}
	return faults
}

func TestMinimal(t *testing.T) {
	c := parse(t, minimal)
	s := c.Service
	if s.URL != "https://id.example.com" || s.Wire != session.NextAuthV4 || len(s.Secrets) != 1 || s.Secrets[0] != goodSecret {
		t.Errorf("got %q %q and %d secrets", s.URL, s.Wire, len(s.Secrets))
	}
	if c.Listen != "127.0.0.1:3000" || c.AdminListen != "" || c.Connections != 4096 {
		t.Errorf("got listen %q, admin %q, %d connections", c.Listen, c.AdminListen, c.Connections)
	}
	if got, want := c.SignInURL(), "https://id.example.com/api/auth/signin"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryKeyArrives(t *testing.T) {
	c := parse(t, `
url: https://id.example.com
name: Acme
listen: ":${PORT}"
base_path: /auth
wire: auth-js-v5
secrets: ["${OSTIARY_SECRET}", `+otherSecret+`]
session:
  lifetime: 7d
  absolute: 2w
  browser_lifetime: 1h30m
  cookie_domain: example.com
  cookie_name: acme.session
  cookie_path: /app
  same_site: strict
  also_accept: [next-auth-v4]
  accept_bearer: true
  expose: [id, groups]
allowed_redirects: https://shop.example.com
providers:
  - name: Acme
    fields: {username: {}, stay: {type: checkbox}}
    connector: {http: {url: https://acme.internal/login}}
    remember: stay
    timeout: 3s
pages: {sign_in: /login, sign_out: /logout, error: /oops, verify_request: /mail}
theme: {color_scheme: dark, brand_color: "#0a5c4d", button_text: white}
trusted_proxies: [10.0.0.0/8, 192.0.2.7]
log: {level: debug, format: text, login_names: true}
limits: {authorizing: 8, waiting: 9, wait: 500ms, body: 8192, connections: 77}
store: {memory: {}}
admin: {listen: 127.0.0.1:3001}
`)
	s := c.Service
	got := fmt.Sprintln(
		s.Name, c.Listen, s.BasePath, s.Wire, len(s.Secrets), s.Session.Lifetime, s.Session.Absolute, s.Session.BrowserLifetime,
		s.Session.Cookie, s.Session.AlsoAccept, s.Session.AcceptBearer, s.Session.Expose, s.AllowedRedirects,
		s.Pages, s.Theme.ColorScheme, s.Theme.BrandColor, s.Theme.ButtonText, s.TrustedProxies,
		c.Log.Level, c.Log.Text, s.LogLoginNames, s.Limits, c.Connections, c.AdminListen,
	)
	want := fmt.Sprintln(
		"Acme", ":8080", "/auth", "auth-js-v5", 2, 7*24*time.Hour, 14*24*time.Hour, 90*time.Minute,
		"{acme.session example.com /app 3}", "[next-auth-v4]", true, "[id groups]", "[https://shop.example.com]",
		"{/login /logout /oops /mail}", "dark", "#0a5c4d", "white", "[10.0.0.0/8 192.0.2.7/32]",
		"DEBUG", true, true, "{8 9 500ms 8192}", 77, "127.0.0.1:3001",
	)
	if got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// TestFaults: one row, one fault: its line, its key, and words of its mend.
func TestFaults(t *testing.T) {
	with := func(line string) string { return line + "\n" + minimal }
	provider := func(line string) string { return minimal + "    " + line + "\n" }
	field := func(attributes string) string {
		return strings.Replace(minimal, "username: {}", "username: {"+attributes+"}", 1)
	}
	tests := []struct {
		name, text string
		line       int
		path, want string
	}{
		{"FAL-5 unknown key", with("colour: red"), 1, "colour", "unknown key"},
		{"FAL-5 misspelt key", with("lissten: :80"), 1, "lissten", "did you mean listen?"},
		{"FAL-5 dash for underscore", with("base-path: /x"), 1, "base-path", "did you mean base_path?"},
		{"FAL-5 misspelt key below", with("session: {life_time: 1d}"), 1, "session.life_time", "did you mean lifetime?"},
		{"FAL-5 misspelt key in a list", provider("reamlm: x"), 6, "providers[0].reamlm", "did you mean realm?"},
		{"FAL-5 key twice", minimal + "url: https://other.example.com\n", 6, "", `"url" is here twice, first in line 1`},
		{"key of a later version", with("throttle: {}"), 1, "throttle", "not in this version"},
		{"store of a later version", with("store: {redis: {}}"), 1, "store.redis", "not in this version; it has sqlite, postgres and memory"},
		{"two stores", with("store: {sqlite: {}, memory: {}}"), 1, "store", "has 2 stores; keep one"},
		{"policy of a factor", with("factors: {policy: optionel}"), 1, "factors.policy", "did you mean optional?"},
		{"kind of a group", with("factors: {groups: {admins: {kinds: [webautn]}}}"), 1, "factors.groups.admins.kinds[0]", "did you mean webauthn?"},
		{"kind that is not declared", with("factors: {totp: {}, groups: {admins: {kinds: [recovery]}}}"), 1, "factors.groups.admins", `no factor is called "recovery"`},
		{"rule of no account", with("factors: {accounts: {acme: required}}"), 1, "factors.accounts.acme", `write it as "realm:user id"`},
		{"rule of an account of no realm", with(`factors: {accounts: {"acme:1": required}}`), 1, "factors.accounts.acme:1", `no provider has the realm "acme"`},
		{"digits of a factor", with("factors: {totp: {digits: 5}}"), 1, "factors.totp.digits", "from 6 to 8"},
		{"rule of a provider without factors", provider("factors: {kinds: [totp]}"), 6, "providers[0].factors", "none can be enrolled"},
		{"YUB-2 servers without a key", with("factors: {yubikey: {servers: https://api.example.com/verify, client_id: \"1\"}}"), 1, "factors.yubikey.api_key", "missing"},
		{"WAN-8 keys of an address", with("factors: {webauthn: {rp_id: 192.0.2.1}}"), 1, "factors.webauthn.rp_id", "is not a domain"},
		{"passkeys nobody could use", with("factors: {passkeys: true, webauthn: {}}"), 1, "factors.passkeys", "no connector can look people up"},
		{"passkeys without keys", with("factors: {passkeys: true, totp: {}}"), 1, "factors.passkeys", "needs webauthn"},
		{"connector of a later version", strings.Replace(minimal, "{http: {url: https://acme.internal/login}}", "{kerberos: {url: x}}", 1), 5, "providers[0].connector.kerberos", "unknown key; here can be http, htpasswd"},
		{"value missing", with("name:"), 1, "name", "has no value"},
		{"mapping for a value", with("name: {a: b}"), 1, "name", "must be a single value, not a mapping"},
		{"list for a mapping", with("session: [1]"), 1, "session", "must be a mapping of keys, not a list"},
		{"value for a mapping", with("session: 30d"), 1, "session", "must be a mapping of keys, not a single value"},
		{"merge key", with("session: {<<: {lifetime: 1d}}"), 1, "session", "merge keys (<<) are not supported"},
		{"no unit", with("session: {lifetime: 30}"), 1, "session.lifetime", `"30" is not a length of time; write a number and a unit`},
		{"too short", with("session: {lifetime: 5s}"), 1, "session.lifetime", "must be from 1m to 730d"},
		{"absolute before lifetime", with("session: {absolute: 1d}"), 1, "session.absolute", "can't come before"},
		{"lifetime beyond absolute", with("session: {lifetime: 91d}"), 1, "session.lifetime", "can't come before"},
		{"not a choice", with("wire: next-auth-v3"), 1, "wire", "did you mean next-auth-v4?"},
		{"nothing like a choice", with("wire: zzz"), 1, "wire", "must be auth-js-v5 or next-auth-v4"},
		{"yes is no boolean", with("insecure_http: yes"), 1, "insecure_http", `must be true or false, not "yes"`},
		{"not a number", with("limits: {body: big}"), 1, "limits.body", "must be a whole number of bytes from 1024 to 1048576"},
		{"number out of range", with("limits: {authorizing: 0}"), 1, "limits.authorizing", "from 1 to 10000"},
		{"number beyond all bounds", with("limits: {waiting: 99999999999999999999}"), 1, "limits.waiting", "from 1 to 100000"},
		{"no port", with("listen: localhost"), 1, "listen", "such as 127.0.0.1:3000"},
		{"port out of range", with(`listen: ":70000"`), 1, "listen", "from 0 to 65535"},
		{"admin at the public address", with(`admin: {listen: "127.0.0.1:3000"}`), 1, "admin.listen", "is the public address, too"},
		{"proxy", with("trusted_proxies: [10.0.0.0/8, nowhere]"), 1, "trusted_proxies[1]", "is not an address or a network"},
		{"colour", with("theme: {brand_color: crimsonish}"), 1, "theme.brand_color", "is not a CSS colour"},
		{"page", with("pages: {sign_in: login}"), 1, "pages.sign_in", "neither a path"},
		{"redirect", with("allowed_redirects: [shop]"), 1, "allowed_redirects", "shop"},
		{"base path", with("base_path: /a b"), 1, "base_path", "not a plain path"},
		{"address with a path", strings.Replace(minimal, "example.com", "example.com/x", 1), 1, "url", "has a path"},
		{"address without a scheme, and keys", strings.Replace(with("factors: {webauthn: {}}"), "https://id", "id", 1), 2, "url", "must begin with https://"},
		{"plain http abroad", strings.Replace(minimal, "https://id", "http://id", 1), 1, "url", "use https"},
		{"no providers", "url: https://id.example.com\nsecrets: ['${OSTIARY_SECRET}']\nproviders: []\n", 3, "providers", "declare at least one"},
		{"two of one id", minimal + "  - connector: {http: {url: https://b.internal/}}\n", 6, "providers[1]", "is that of providers[0], too"},
		{"bad id", provider("id: No Good"), 6, "providers[0].id", "lower-case letters"},
		{"remember without checkbox", provider("remember: stay"), 6, "providers[0].remember", "names no checkbox"},
		{"recheck without lookup", with("session: {recheck: 1h}"), 1, "session.recheck", "can't look people up"},
		{"no connector", strings.Replace(minimal, "connector: {http: {url: https://acme.internal/login}}", "name: x", 1), 4, "providers[0].connector", "is missing"},
		{"empty connector", strings.Replace(minimal, "{http: {url: https://acme.internal/login}}", "{}", 1), 5, "providers[0].connector", "must be http, htpasswd"},
		{"two connectors", strings.Replace(minimal, "login}}", "login}, htpasswd: {file: x}}", 1), 5, "providers[0].connector", "has two connectors"},
		{"chain in a chain", strings.Replace(minimal, "{http: {url: https://acme.internal/login}}", "{chain: [{name: a, on_refused: next, connector: {chain: []}}]}", 1), 5, "providers[0].connector.chain[0].connector.chain", "unknown key"},
		{"CON-4 chain that never hands on", strings.Replace(minimal, "{http: {url: https://acme.internal/login}}", "{chain: [{name: a, connector: {http: {url: https://a.internal/}}}, {name: b, connector: {http: {url: https://b.internal/}}}]}", 1), 5, "providers[0].connector.chain", "never hands on"},
		{"fault of a link", strings.Replace(minimal, "{http: {url: https://acme.internal/login}}", "{chain: [{name: a, on_refused: next, connector: {http: {url: ftp://a.internal/}}}, {name: b, connector: {http: {url: https://b.internal/}}}]}", 1), 5, "providers[0].connector.chain[0].connector.http.url", "https"},
		{"connector key", strings.Replace(minimal, "login}}", "login, urll: x}}", 1), 5, "providers[0].connector.http.urll", "did you mean url?"},
		{"connector without url", strings.Replace(minimal, "{url: https://acme.internal/login}", "{}", 1), 5, "providers[0].connector.http.url", "is missing"},
		{"HTC-1 connector over plain http", strings.Replace(minimal, "https://acme", "http://acme", 1), 5, "providers[0].connector.http.url", "use https"},
		{"PAG-3 attribute", field(`onclick: "x()"`), 4, "providers[0].fields.username.onclick", "is not allowed"},
		{"misspelt field key", field("lable: x"), 4, "providers[0].fields.username.lable", "did you mean label?"},
		{"field type", field("type: pasword"), 4, "providers[0].fields.username", "is not offered"},
		{"fields as a list", strings.Replace(minimal, "{username: {}, password: {type: password}}", "[username]", 1), 4, "providers[0].fields", "must be a mapping of names to fields"},
		{"reserved field", field("}, csrfToken: {"), 4, "providers[0].fields.csrfToken", "reserved"},
		{"JWE-10 weak secret", strings.Replace(minimal, "OSTIARY_SECRET", "WEAK", 1), 2, "secrets[0]", "has 9 bytes, at least 32 are needed"},
		{"JWE-10 sample secret", strings.Replace(minimal, "${OSTIARY_SECRET}", "change-me change-me change-me 123456789", 1), 2, "secrets[0]", "ostiary secret"},
		{"secret twice", strings.Replace(minimal, `"]`, `", "${OSTIARY_SECRET}"]`, 1), 2, "secrets[1]", "is the same secret as secrets[0]"},
		{"no secret", strings.Replace(minimal, `["${OSTIARY_SECRET}"]`, "[]", 1), 2, "secrets", "make a secret"},
		{"variable not set", with("name: ${NOPE}"), 1, "name", "the environment variable NOPE is not set"},
		{"variable not closed", with(`name: "${NOPE"`), 1, "name", "write $${ for the characters themselves"},
		{"variable with a default", with(`name: "${A:-b}"`), 1, "name", "neither the name of an environment variable"},
		{"file missing", with("name: ${file:none.txt}"), 1, "name", "the file none.txt can't be read"},
		{"aliases of aliases", with("theme: &t {logo: *t}"), 1, "theme.logo", "single value"},
		{"unknown anchor", with("name: *abc"), 1, "", "put the value in quotes"},
		{"tabs", with("session:\n\tlifetime: 1d"), 2, "", "never with tabs"},
		{"not a mapping", "- a\n- b\n", 1, "", "must be a mapping of keys, not a list"},
		{"empty", "\n# nothing\n", 1, "", "is empty"},
		{"two documents", minimal + "---\na: b\n", 6, "", "one file is one document"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			faults := faultsOf(t, test.text)
			if len(faults) != 1 && test.name != "not a mapping" {
				t.Fatalf("got %d faults, want one:\n%v", len(faults), faults)
			}
			f := faults[0]
			if f.Line != test.line || f.Path != test.path || !strings.Contains(f.Text, test.want) {
				t.Errorf("got  %v\nwant :%d: %s: …%s…", f, test.line, test.path, test.want)
			}
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	faults := faultsOf(t, `url: ftp://example.com
lissten: x
secrets: [short]
session: {lifetime: 30}
providers:
  - fields: {password: {type: password, onclick: "x()"}}
    connector: {http: {url: "${NOPE}"}}
theme: {brand_color: crimsonish}
`)
	var lines []int
	for _, f := range faults {
		lines = append(lines, f.Line)
	}
	if want := []int{1, 2, 3, 4, 6, 7, 8}; !slices.Equal(lines, want) {
		t.Errorf("got faults in lines %v, want %v:\n%v", lines, want, faults)
	}
}

func TestReferences(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret"), goodSecret+"\n", 0o600)
	write(t, filepath.Join(dir, "name"), "Acme & Sons\r\n", 0o600)
	c, err := server.Parse(filepath.Join(dir, "ostiary.yaml"), []byte(`
url: "https://${HOST}"
name: "${file:name} for $${you}, $5"
limits: {connections: "${PORT}"}
secrets: ["${file:secret}"]
providers: [{connector: {http: {url: https://acme.internal/login}}}]
`), environment)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Service.Name, "Acme & Sons for ${you}, $5"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if c.Service.URL != "https://id.example.com" || c.Connections != 8080 || c.Service.Secrets[0] != goodSecret {
		t.Errorf("got %q, %d connections", c.Service.URL, c.Connections)
	}
}

func TestPublicSecretFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // modes say nothing there
	}
	dir := t.TempDir()
	file, secretFile := filepath.Join(dir, "ostiary.yaml"), filepath.Join(dir, "secret")
	write(t, secretFile, goodSecret, 0o604)
	literal := strings.Replace(minimal, "${OSTIARY_SECRET}", goodSecret, 1)

	tests := []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"FAL-5 secret file that everybody can read", strings.Replace(minimal, "OSTIARY_SECRET", "file:secret", 1), 0o600, "can be read by everybody"},
		{"FAL-5 secret in a file that everybody can read", literal, 0o644, "a secret stands in a file that everybody"},
		{"secret in a file of one's own", literal, 0o640, ""},
		{"no secret in a public file", minimal, 0o644, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			write(t, file, test.text, test.mode)
			_, err := server.Read(file, environment)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// TestSecretsStayHidden: LOG-2, no secret in any fault, nor when a Config is printed.
func TestSecretsStayHidden(t *testing.T) {
	const canary = "canary-9f8e7d6c5b4a39281706"
	env := func(name string) string {
		if name == "CANARY" {
			return canary
		}
		return environment(name)
	}
	for _, line := range []string{
		"secrets: " + canary, "secrets: {" + canary + ": x}", "secrets: ['" + canary + "', '" + canary + "']",
		"listen: ${CANARY}", "wire: ${CANARY}", "session: {lifetime: '${CANARY}', cookie_name: '${CANARY} ;'}",
		"limits: {body: '${CANARY}'}", "log: {login_names: '${CANARY}'}", "url: 'https://a:${CANARY}@b'",
		"theme: {brand_color: '${CANARY}'}", "pages: {error: 'x${CANARY}'}", "allowed_redirects: ['${CANARY}']",
		"trusted_proxies: ['${CANARY}']", "templates: '/nowhere/${CANARY}'",
		"providers: [{id: '${CANARY} X', fields: {a: {type: '${CANARY}', title: 'x', onx: '${CANARY}'}}, connector: {http: {url: '${CANARY}'}}}]",
		"providers: [{connector: {http: {url: 'https://a:" + canary + "@b/'}}}]",
		"providers: [{connector: {http: {url: 'https://b/', headers: {'bad header': " + canary + "}}}}]",
	} {
		_, err := server.Parse("ostiary.yaml", []byte(line+"\n"), env)
		if err == nil {
			t.Fatalf("%s: no fault", line)
		}
		if strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the secret is in the faults:\n%v", line, err)
		}
	}
	c := parse(t, minimal)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{c, *c} {
			if printed := fmt.Sprintf(verb, value); strings.Contains(printed, goodSecret) {
				t.Errorf("%s prints the secret: %s", verb, printed)
			}
		}
	}
}

func TestFieldsKeepTheirOrder(t *testing.T) {
	c := parse(t, `
url: https://id.example.com
secrets: ["${OSTIARY_SECRET}"]
providers:
  - fields:
      tenant: {type: select, options: {zulu: Zulu Ltd, acme: Acme Inc}, value: acme}
      username: {label: Login, maxlength: 64, required: true}
      alpha:
      password: {type: password}
    connector: {http: {url: https://acme.internal/login}}
`)
	in, err := c.Build(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	body := get(t, in.Service, "/api/auth/providers/credentials/form")
	last := -1
	for _, word := range []string{`"tenant"`, `"zulu"`, `"acme"`, `"username"`, `"alpha"`, `"password"`} {
		at := strings.Index(body[last+1:], word) + last + 1
		if at <= last {
			t.Fatalf("%s is missing or out of order in %s", word, body)
		}
		last = at
	}
}

func write(t *testing.T, name, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}
