package yubikey_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/yubikey"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/internal/testserver/yubiserver"
)

var ctx = context.Background()

func open(t testing.TB, c yubikey.Config) *yubikey.Factor {
	t.Helper()
	f, err := yubikey.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func typed(t testing.TB, f *yubikey.Factor, otp string) form.Values {
	t.Helper()
	compiled, err := form.Compile(f.Form())
	if err != nil {
		t.Fatal(err)
	}
	v, err := compiled.Parse(map[string][]string{"code": {otp}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func verify(t testing.TB, f *yubikey.Factor, otp string, of ...ostiary.Enrolment) (*ostiary.Verified, error) {
	t.Helper()
	return f.Verify(ctx, ostiary.Answer{Enrolled: of, Values: typed(t, f, otp)})
}

// told is what an answer comes to: ok, no, spent, or a fault.
func told(v any, ok bool, err error) string {
	var refusal *ostiary.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Code == "second_factor_spent":
		return "spent"
	case errors.As(err, &refusal):
		return "no"
	case err != nil:
		return "fault"
	case !ok:
		return "no"
	}
	return "ok"
}

func answered(v *ostiary.Verified, err error) string { return told(v, v != nil, err) }

// offline is a factor without servers, and the enrolment of a key with its secret.
func offline(t testing.TB, k *yubiserver.Key) (*yubikey.Factor, ostiary.Enrolment) {
	t.Helper()
	f := open(t, yubikey.Config{})
	e, err := f.Import(fmt.Sprintf("%s,%x,%x", k.PublicID, k.Private, k.Secret))
	if err != nil {
		t.Fatal(err)
	}
	e.ID = "1"
	return f, *e
}

func TestOffline(t *testing.T) {
	k := yubiserver.NewKey("cccccccccccb")
	f, e := offline(t, k)
	if e.Key != "yubikey:cccccccccccb" || e.Left != -1 {
		t.Errorf("%+v", e)
	}
	older, first := k.Touch(), k.Touch()
	v, err := verify(t, f, strings.ToUpper(first), e)
	if answered(v, err) != "ok" || !slices.Equal(v.Methods, []string{"otp", "hwk"}) {
		t.Fatalf("%+v, %v", v, err)
	}
	e = v.Enrolment
	for name, otp := range map[string]string{"YUB-4 the same": first, "YUB-4 an older one": older} {
		if got := answered(verify(t, f, otp, e)); got != "spent" {
			t.Errorf("%s: %s", name, got)
		}
	}
	k.Use, k.Session = k.Use+1, 0 // plugged in again
	if v, err = verify(t, f, k.Touch(), e); answered(v, err) != "ok" {
		t.Fatalf("after plugging it in: %v", err)
	}
	e = v.Enrolment
	k.Use, k.Session = k.Use-1, 200
	if got := answered(verify(t, f, k.Touch(), e)); got != "spent" {
		t.Errorf("YUB-4 a session of before: %s", got)
	}
}

func TestRefused(t *testing.T) {
	k, other := yubiserver.NewKey("cccccccccccb"), yubiserver.NewKey("cccccccccccd")
	f, e := offline(t, k)
	good := k.Touch()
	stolen := yubiserver.NewKey(k.PublicID)
	private := *k
	private.Private[0]++
	for name, otp := range map[string]string{
		"YUB-1 another's key": other.Touch(), "YUB-1 too short": good[:43], "YUB-1 too long": good + "c", "YUB-1 no modhex": "a" + good[1:],
		"YUB-1 digits": strings.Repeat("1", 44), "another secret": stolen.Touch(), "another private id": private.Touch(),
		"changed": good[:43] + map[bool]string{true: "c", false: "b"}[good[43] != 'c'], "YUB-1 a blank": " " + good[1:],
	} {
		if got := answered(verify(t, f, otp, e)); got != "no" {
			t.Errorf("%s: %s", name, got)
		}
	}
	broken := e
	broken.Data = []byte(`{"i":"cccccccccccb","p":"AAAA"}`)
	if got := answered(verify(t, f, good, broken)); got != "fault" {
		t.Errorf("damaged data: %s", got)
	}
	if _, err := f.Begin(ctx, ostiary.Person{}, nil); told(nil, false, err) != "no" {
		t.Errorf("enrolment without servers: %v", err)
	}
}

// TestServer is with a real validation server.
func TestServer(t *testing.T) {
	k := yubiserver.NewKey("cccccccccccb")
	server := yubiserver.Start(t, k)
	f := open(t, yubikey.Config{Servers: []string{server.URL()}, ClientID: yubiserver.ClientID, APIKey: ostiary.NewSecret(server.APIKey), Timeout: time.Second})
	begun, err := f.Begin(ctx, ostiary.Person{}, nil)
	if err != nil || len(begun.Form) != 1 {
		t.Fatal(begun, err)
	}
	k.Touch()
	enrolling := k.Touch()
	e, err := f.Finish(ctx, ostiary.Answer{Values: typed(t, f, enrolling)})
	if err != nil || e == nil || e.Key != "yubikey:cccccccccccb" {
		t.Fatal(e, err)
	}
	e.ID = "1"
	if got := answered(verify(t, f, enrolling, *e)); got != "spent" {
		t.Errorf("YUB-4 the password that enrolled: %s", got)
	}
	next := k.Touch()
	v, err := verify(t, f, next, *e)
	if answered(v, err) != "ok" {
		t.Fatal(v, err)
	}
	if got := answered(verify(t, f, next, *e)); got != "spent" { // our own mark is not in *e: the server's word
		t.Errorf("REPLAYED_OTP: %s", got)
	}
	if got := answered(verify(t, f, next, v.Enrolment)); got != "spent" {
		t.Errorf("YUB-4 replay by our own mark: %s", got)
	}
	forged := yubiserver.NewKey(k.PublicID)
	if got := answered(verify(t, f, forged.Touch(), v.Enrolment)); got != "no" {
		t.Errorf("BAD_OTP: %s", got)
	}
	stranger := open(t, yubikey.Config{Servers: []string{server.URL()}, ClientID: "77", APIKey: ostiary.NewSecret(server.APIKey)})
	if got := answered(verify(t, stranger, k.Touch(), v.Enrolment)); got != "fault" {
		t.Errorf("NO_SUCH_CLIENT: %s", got)
	}
	wrong := open(t, yubikey.Config{Servers: []string{server.URL()}, ClientID: yubiserver.ClientID, APIKey: ostiary.NewSecret("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")})
	if got := answered(verify(t, wrong, k.Touch(), v.Enrolment)); got != "fault" {
		t.Errorf("YUB-2 another key: %s", got)
	}
	if err := f.Check(ctx); err != nil {
		t.Errorf("check: %v", err)
	}
	if err := errors.Join(stranger.Check(ctx)); err == nil || !strings.Contains(err.Error(), "; are the client id and the key those") {
		t.Errorf("check of a stranger: %v", err)
	}
	server.Freeze()
	if got := answered(verify(t, f, k.Touch(), v.Enrolment)); got != "fault" {
		t.Errorf("frozen: %s", got)
	}
	server.Thaw()
	server.Kill()
	if got := answered(verify(t, f, k.Touch(), v.Enrolment)); got != "fault" {
		t.Errorf("dead: %s", got)
	}
	server.Restart(t)
	if v, err = verify(t, f, k.Touch(), v.Enrolment); answered(v, err) != "ok" {
		t.Errorf("back again: %v", err)
	}
}

const apiKey = "bWVpbiBHZWhlaW1uaXM="

// reply is what a fake server says.
type reply func(q url.Values) map[string]string

func right(q url.Values) map[string]string {
	return map[string]string{"otp": q.Get("otp"), "nonce": q.Get("nonce"), "status": "OK", "t": "2026-11-23T08:00:00Z0123", "sl": "100"}
}

func with(name, value string) reply {
	return func(q url.Values) map[string]string {
		m := right(q)
		m[name] = value
		if value == "" {
			delete(m, name)
		}
		return m
	}
}

func signature(fields map[string]string) string {
	secret, _ := base64.StdEncoding.DecodeString(apiKey)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, name+"="+fields[name])
	}
	mac := hmac.New(sha1.New, secret)
	mac.Write([]byte(strings.Join(parts, "&")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// fake is a server that lies.
func fake(t testing.TB, say reply, change ...func(w http.ResponseWriter, body string) bool) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		h := q.Get("h")
		q.Del("h")
		sent := map[string]string{}
		for name := range q {
			sent[name] = q.Get(name)
		}
		if h != signature(sent) {
			t.Errorf("YUB-2 the request is not signed: %v", sent)
		}
		if n := len(q.Get("nonce")); n < 16 || n > 40 {
			t.Errorf("YUB-2 a nonce of %d", n)
		}
		fields := say(q)
		if _, given := fields["h"]; !given {
			fields["h"] = signature(fields)
		}
		var body strings.Builder
		for name, value := range fields {
			fmt.Fprintf(&body, "%s=%s\r\n", name, value)
		}
		for _, f := range change {
			if f(w, body.String()) {
				return
			}
		}
		fmt.Fprint(w, body.String())
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestLies(t *testing.T) {
	body := func(f func(w http.ResponseWriter, body string)) func(http.ResponseWriter, string) bool {
		return func(w http.ResponseWriter, text string) bool { f(w, text); return true }
	}
	for _, c := range []struct {
		name   string
		say    reply
		change func(http.ResponseWriter, string) bool
		want   string
	}{
		{"honest", right, nil, "ok"},
		{"YUB-2 forged signature", with("h", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="), nil, "fault"},
		{"YUB-2 another nonce", with("nonce", "aaaaaaaaaaaaaaaaaaaaaaaaaa"), nil, "fault"},
		{"YUB-2 no nonce", with("nonce", ""), nil, "fault"},
		{"YUB-2 another password", with("otp", strings.Repeat("c", 44)), nil, "fault"},
		{"YUB-2 status with more", with("status", "OK AND MORE"), nil, "fault"},
		{"YUB-2 status in small letters", with("status", "ok"), nil, "fault"},
		{"YUB-2 no status", with("status", ""), nil, "fault"},
		{"replayed", with("status", "REPLAYED_OTP"), nil, "spent"},
		{"replayed request", with("status", "REPLAYED_REQUEST"), nil, "spent"},
		{"bad", with("status", "BAD_OTP"), nil, "no"},
		{"not enough answers", with("status", "NOT_ENOUGH_ANSWERS"), nil, "fault"},
		{"YUB-2 a key twice", right, body(func(w http.ResponseWriter, text string) { fmt.Fprint(w, text+"status=OK\r\n") }), "fault"},
		{"YUB-2 a line that is none", right, body(func(w http.ResponseWriter, text string) { fmt.Fprint(w, text+"hello\r\n") }), "fault"},
		{"YUB-3 huge", right, body(func(w http.ResponseWriter, text string) { fmt.Fprint(w, text+"x="+strings.Repeat("y", 1<<20)) }), "fault"},
		{"YUB-3 redirect", right, body(func(w http.ResponseWriter, _ string) { w.Header().Set("Location", "/elsewhere"); w.WriteHeader(302) }), "fault"},
		{"YUB-3 an error", right, body(func(w http.ResponseWriter, text string) { w.WriteHeader(500); fmt.Fprint(w, text) }), "fault"},
		{"split in two", right, body(func(w http.ResponseWriter, text string) {
			fmt.Fprint(w, text[:20])
			w.(http.Flusher).Flush()
			fmt.Fprint(w, text[20:])
		}), "ok"},
		{"empty", right, body(func(http.ResponseWriter, string) {}), "fault"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var changes []func(http.ResponseWriter, string) bool
			if c.change != nil {
				changes = append(changes, c.change)
			}
			f := open(t, yubikey.Config{Servers: []string{fake(t, c.say, changes...)}, ClientID: "1", APIKey: ostiary.NewSecret(apiKey), Timeout: 2 * time.Second})
			e, err := f.Import("cccccccccccb")
			if err != nil {
				t.Fatal(err)
			}
			e.ID = "1"
			got := answered(verify(t, f, yubiserver.NewKey("cccccccccccb").Touch(), *e))
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestSeveralServers(t *testing.T) {
	never := make(chan struct{})
	stalls := func(url.Values) map[string]string { <-never; return map[string]string{} }
	dead := httptest.NewServer(nil)
	dead.Close()
	forged := with("h", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	for _, c := range []struct {
		name string
		says []reply
		dead bool
		want string
	}{
		{"YUB-3 one answers, one stalls", []reply{stalls, right}, true, "ok"},
		{"YUB-3 one lies, one answers", []reply{forged, right}, false, "ok"},
		{"YUB-3 a replay and a lie", []reply{with("status", "REPLAYED_OTP"), forged}, false, "spent"},
		{"YUB-3 all lie", []reply{forged, with("nonce", "x")}, true, "fault"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var servers []string
			for _, say := range c.says {
				servers = append(servers, fake(t, say))
			}
			if c.dead {
				servers = append(servers, dead.URL)
			}
			f := open(t, yubikey.Config{Servers: servers, ClientID: "1", APIKey: ostiary.NewSecret(apiKey), Timeout: 2 * time.Second})
			e, _ := f.Import("cccccccccccb")
			e.ID = "1"
			if got := answered(verify(t, f, yubiserver.NewKey("cccccccccccb").Touch(), *e)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if strings.Contains(c.name, "stalls") { // lets its server end
				close(never)
			}
		})
	}
}

// TestNobodyElseIsAsked holds that a password of a key that is not the account's
// never leaves the machine.
func TestNobodyElseIsAsked(t *testing.T) {
	var asked atomic.Int64
	f := open(t, yubikey.Config{
		Servers: []string{fake(t, func(q url.Values) map[string]string { asked.Add(1); return right(q) })}, ClientID: "1", APIKey: ostiary.NewSecret(apiKey),
	})
	e, _ := f.Import("cccccccccccb")
	e.ID = "1"
	if got := answered(verify(t, f, yubiserver.NewKey("cccccccccccd").Touch(), *e)); got != "no" || asked.Load() != 0 {
		t.Errorf("YUB-1 %s, asked %d times", got, asked.Load())
	}
	// A window of accepted passwords is remembered.
	k := yubiserver.NewKey("cccccccccccb")
	var otps []string
	for range 32 {
		otps = append(otps, k.Touch())
		v, err := verify(t, f, otps[len(otps)-1], *e)
		if answered(v, err) != "ok" {
			t.Fatal(err)
		}
		*e = v.Enrolment
	}
	for _, otp := range otps {
		if got := answered(verify(t, f, otp, *e)); got != "spent" {
			t.Fatalf("YUB-4 used again: %s", got)
		}
	}
	if len(e.Data) > 2<<10 {
		t.Errorf("%d bytes are kept", len(e.Data))
	}
}

func TestImport(t *testing.T) {
	f := open(t, yubikey.Config{})
	for _, good := range []string{
		"cccccccccccb,0a1b2c3d4e5f,000102030405060708090a0b0c0d0e0f", " CCCCCCCCCCCB , 0A1B2C3D4E5F , 000102030405060708090A0B0C0D0E0F ",
		"4711,cccccccccccb,0a1b2c3d4e5f,000102030405060708090a0b0c0d0e0f,,2026-11-23T00:00:00,",
	} {
		if e, err := f.Import(good); err != nil || e.Key != "yubikey:cccccccccccb" {
			t.Errorf("%q: %+v, %v", good, e, err)
		}
	}
	for _, bad := range []string{
		"", "cccccccccccb", "cccccccccccb,0a1b2c3d4e5f", "ccccccccccc1,0a1b2c3d4e5f,000102030405060708090a0b0c0d0e0f",
		"cccccccccccb,0a1b,000102030405060708090a0b0c0d0e0f", "cccccccccccb,0a1b2c3d4e5f,secretsecretsecretsecretsecretse", strings.Repeat("c", 600),
	} {
		if _, err := f.Import(bad); err == nil || strings.Contains(err.Error(), "secretsecret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestConfig(t *testing.T) {
	good := yubikey.Config{Servers: []string{"https://api.example.com/wsapi/2.0/verify"}, ClientID: "1", APIKey: ostiary.NewSecret(apiKey)}
	for _, c := range []struct {
		name   string
		change func(*yubikey.Config)
		want   string
	}{
		{"YUB-3 plain http", func(c *yubikey.Config) { c.Servers = []string{"http://api.example.com/"} }, "Servers: api.example.com is not https"},
		{"a user in the address", func(c *yubikey.Config) { c.Servers = []string{"https://a:b@api.example.com/"} }, "Servers: one is not"},
		{"YUB-2 no key", func(c *yubikey.Config) { c.APIKey = ostiary.Secret{} }, "APIKey: missing"},
		{"a key that is none", func(c *yubikey.Config) { c.APIKey = ostiary.NewSecret("?") }, "APIKey: not base64"},
		{"no client", func(c *yubikey.Config) { c.ClientID = "" }, "ClientID: missing"},
		{"no file", func(c *yubikey.Config) { c.CAFile = "/nonexistent.pem" }, "CAFile: "},
		{"time", func(c *yubikey.Config) { c.Timeout = time.Hour }, "Timeout: "},
	} {
		changed := good
		c.change(&changed)
		if _, err := yubikey.New(changed); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s…", c.name, err, c.want)
		}
	}
	f := open(t, good)
	if text := fmt.Sprintf("%v %+v %#v", f, f, f); strings.Contains(text, apiKey) || strings.Contains(text, "Geheimnis") {
		t.Error("CON-5 the key is printed")
	}
}

// FuzzVerify holds that only what the key types is accepted.
func FuzzVerify(f *testing.F) {
	k := yubiserver.NewKey("cccccccccccb")
	factor, e := offline(f, k)
	good := k.Touch()
	f.Add(good)
	f.Add(strings.ToUpper(good))
	f.Add(good[:12] + strings.Repeat("c", 32))
	fields, err := form.Compile(factor.Form())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, otp string) {
		v, err := fields.Parse(map[string][]string{"code": {otp}})
		if err != nil {
			return
		}
		got, err := factor.Verify(ctx, ostiary.Answer{Enrolled: []ostiary.Enrolment{e}, Values: v})
		if answer := answered(got, err); answer == "fault" || answer == "ok" && !strings.EqualFold(otp, good) {
			t.Errorf("%q: %s", otp, answer)
		}
	})
}

// FuzzImport holds that what is imported can be asked for.
func FuzzImport(f *testing.F) {
	factor := open(f, yubikey.Config{})
	f.Add("cccccccccccb,0a1b2c3d4e5f,000102030405060708090a0b0c0d0e0f")
	f.Add("1,cccccccccccb,0a1b2c3d4e5f,000102030405060708090a0b0c0d0e0f,x")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := factor.Import(text)
		if err != nil {
			return
		}
		if got := answered(verify(t, factor, strings.Repeat("c", 44), *e)); got == "fault" {
			t.Errorf("%q is imported and damaged", text)
		}
	})
}
