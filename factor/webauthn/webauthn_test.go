package webauthn_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/webauthn"
	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/internal/testserver/softkey"
)

const (
	up, uv, be, bs = softkey.Present, softkey.Verified, softkey.BackupEligible, softkey.BackedUp
	testOrigin     = "https://id.example.com"
	testRPID       = "example.com"
)

func newKey(t testing.TB, algorithm string) *softkey.Key {
	t.Helper()
	return softkey.New(t, algorithm, testOrigin, testRPID)
}

func open(t testing.TB, changes ...func(*webauthn.Config)) *webauthn.Factor {
	t.Helper()
	c := webauthn.Config{RPID: testRPID, RPName: "Example", Origins: []string{testOrigin}}
	for _, change := range changes {
		change(&c)
	}
	f, err := webauthn.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var ada = ostiary.Person{Account: ostiary.Account{Realm: "acme", UserID: "42"}, Name: "ada@example.com", DisplayName: "Ada"}

func data(t testing.TB, f *webauthn.Factor, text string) form.Values {
	t.Helper()
	compiled, err := form.Compile(f.Form())
	if err != nil {
		t.Fatal(err)
	}
	v, err := compiled.Parse(map[string][]string{"data": {text}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var ctx = context.Background()

// register enrols a key.
func register(t testing.TB, f *webauthn.Factor, k *softkey.Key, had ...ostiary.Enrolment) (ostiary.Enrolment, error) {
	t.Helper()
	begun, err := f.Begin(ctx, ada, had)
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.Finish(ctx, ostiary.Answer{Person: ada, Enrolled: had, State: begun.State, Values: data(t, f, k.Create(begun.Options))})
	if err != nil {
		return ostiary.Enrolment{}, err
	}
	e.ID, e.Kind = "1", "webauthn"
	return *e, nil
}

func mustRegister(t testing.TB, f *webauthn.Factor, k *softkey.Key) ostiary.Enrolment {
	t.Helper()
	e, err := register(t, f, k)
	if err != nil {
		t.Fatal(reason(err))
	}
	return e
}

// signIn asks for a key of the account, or for anybody's, and judges the answer.
func signIn(t testing.TB, f *webauthn.Factor, k *softkey.Key, alone bool, of ...ostiary.Enrolment) (*ostiary.Verified, error) {
	t.Helper()
	person, enrolled := ada, of
	if alone {
		person, enrolled = ostiary.Person{}, nil
	}
	asked, err := f.Options(ctx, person, enrolled)
	if err != nil {
		t.Fatal(err)
	}
	if len(asked.State) > 1<<10 {
		t.Errorf("the state has %d bytes", len(asked.State))
	}
	return f.Verify(ctx, ostiary.Answer{Person: person, Enrolled: of, State: asked.State, Alone: alone, Values: data(t, f, k.Get(asked.JSON))})
}

// reason is why something was refused.
func reason(err error) string {
	var refusal *ostiary.Refusal
	if errors.As(err, &refusal) {
		return fmt.Sprint(refusal.Cause)
	}
	return fmt.Sprint(err)
}

func TestKeys(t *testing.T) {
	for _, algorithm := range []string{"ES256", "EdDSA", "RS256", "u2f"} {
		t.Run(algorithm, func(t *testing.T) {
			f, k := open(t), newKey(t, algorithm)
			e := mustRegister(t, f, k)
			if want := "webauthn:" + base64.RawURLEncoding.EncodeToString(k.ID); e.Key != want || e.Left != -1 {
				t.Errorf("key %q, want %q; left %d", e.Key, want, e.Left)
			}
			for range 2 {
				k.Counter++
				v, err := signIn(t, f, k, false, e)
				if err != nil {
					t.Fatal(reason(err))
				}
				if !slices.Equal(v.Methods, []string{"hwk", "user"}) || v.Note != "" || string(v.Enrolment.Data) == string(e.Data) {
					t.Errorf("%+v", v)
				}
				e = v.Enrolment
			}
			if algorithm == "u2f" {
				return
			}
			k.Counter++
			if _, err := signIn(t, f, k, true, e); err != nil {
				t.Errorf("as a passkey: %v", reason(err))
			}
		})
	}
}

func TestOptions(t *testing.T) {
	f, k := open(t), newKey(t, "ES256")
	begun, err := f.Begin(ctx, ada, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := softkey.Options(t, begun.Options)
	u := o["user"].(map[string]any)
	if handle := u["id"].(string); len(handle) != 64 || strings.Contains(handle, "ada") || u["name"] != "ada@example.com" {
		t.Errorf("WAN-8 user %v", u)
	}
	if len(o["challenge"].(string)) != 43 {
		t.Errorf("WAN-1 the challenge %v has not 32 bytes", o["challenge"])
	}
	var offered []float64
	for _, p := range o["pubKeyCredParams"].([]any) {
		offered = append(offered, p.(map[string]any)["alg"].(float64))
	}
	if !slices.Equal(offered, []float64{-8, -7, -257}) || o["attestation"] != "none" || o["timeout"] != 300000.0 {
		t.Errorf("%v", o)
	}
	e := mustRegister(t, f, k)
	second, err := f.Begin(ctx, ada, []ostiary.Enrolment{e})
	if err != nil {
		t.Fatal(err)
	}
	o = softkey.Options(t, second.Options)
	excluded := o["excludeCredentials"].([]any)
	if len(excluded) != 1 || excluded[0].(map[string]any)["id"] != strings.TrimPrefix(e.Key, "webauthn:") || o["user"].(map[string]any)["id"] != k.Handle {
		t.Errorf("WAN-5 excluded %v, user %v", excluded, o["user"])
	}
	for name, c := range map[string]struct {
		person ostiary.Person
		want   string
	}{"WAN-3 second factor": {ada, "preferred"}, "WAN-3 alone": {ostiary.Person{}, "required"}} {
		asked, err := f.Options(ctx, c.person, []ostiary.Enrolment{e})
		if err != nil {
			t.Fatal(err)
		}
		o := softkey.Options(t, asked.JSON)
		if _, listed := o["allowCredentials"]; o["userVerification"] != c.want || listed != (c.person == ada) || o["rpId"] != testRPID {
			t.Errorf("%s: %v", name, o)
		}
	}
	if _, err := f.Options(ctx, ada, nil); err == nil {
		t.Error("WAN-4 an account without keys is asked for one")
	}
}

// TestOneFieldWrong changes one thing of a good answer each.
func TestOneFieldWrong(t *testing.T) {
	stranger := newKey(t, "ES256")
	for _, c := range []struct {
		name   string
		create bool // at registration, too
		change func(k *softkey.Key)
	}{
		{"WAN-2 type", true, func(k *softkey.Key) { k.Kind = "webauthn.other" }},
		{"WAN-2 challenge", true, func(k *softkey.Key) { k.Challenge = base64.RawURLEncoding.EncodeToString(make([]byte, 32)) }},
		{"WAN-2 scheme of the origin", true, func(k *softkey.Key) { k.Origin = "http://id.example.com" }},
		{"WAN-2 host of the origin", true, func(k *softkey.Key) { k.Origin = "https://id.example.com.evil.test" }},
		{"WAN-2 sibling of the origin", true, func(k *softkey.Key) { k.Origin = "https://www.example.com" }},
		{"WAN-2 port of the origin", true, func(k *softkey.Key) { k.Origin = "https://id.example.com:8443" }},
		{"WAN-2 relying party", true, func(k *softkey.Key) { k.RPID = "example.org" }},
		{"WAN-2 cross-origin", true, func(k *softkey.Key) { k.CrossOrigin = true }},
		{"WAN-2 top origin", true, func(k *softkey.Key) { k.TopOrigin = "https://evil.test" }},
		{"WAN-3 nobody present", true, func(k *softkey.Key) { k.Flags = uv }},
		{"WAN-7 backed up without being eligible", true, func(k *softkey.Key) { k.Flags = up | uv | bs }},
		{"WAN-10 trailing bytes", true, func(k *softkey.Key) { k.Trailing = []byte{0} }},
		{"WAN-10 no object", true, func(k *softkey.Key) { k.Change = func(r map[string]any) { r["response"] = 7 } }},
		{"WAN-10 another type", true, func(k *softkey.Key) { k.Change = func(r map[string]any) { r["type"] = "password" } }},
		{"WAN-10 no id", true, func(k *softkey.Key) { k.Change = func(r map[string]any) { delete(r, "id") } }},
		{"WAN-5 id and raw id differ", true, func(k *softkey.Key) {
			k.Change = func(r map[string]any) { r["rawId"] = base64.RawURLEncoding.EncodeToString(stranger.ID) }
		}},
		{"WAN-2 signature", false, func(k *softkey.Key) { k.Signer = stranger.Signer }},
		{"WAN-4 another key", false, func(k *softkey.Key) { k.ID = stranger.ID }},
		{"WAN-4 another owner", false, func(k *softkey.Key) { k.Handle = strings.Repeat("0", 64) }},
		{"WAN-6 counter below", false, func(k *softkey.Key) { k.Counter -= 2 }},
		{"WAN-6 counter the same", false, func(k *softkey.Key) { k.Counter-- }},
		{"WAN-9 appid of a key of FIDO2", false, func(k *softkey.Key) { k.AppID = "https://old.example.com/app-id.json" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := open(t, func(c *webauthn.Config) { c.AppID = "https://old.example.com/app-id.json" })
			k := newKey(t, "ES256")
			k.Counter = 10
			if c.create {
				bad := *k
				c.change(&bad)
				if _, err := register(t, f, &bad); err == nil {
					t.Error("registered")
				} else if refusal := new(ostiary.Refusal); !errors.As(err, &refusal) || refusal.Code != "key_failed" {
					t.Errorf("a fault instead of a refusal: %v", err)
				}
			}
			e := mustRegister(t, f, k)
			k.Counter++
			c.change(k)
			if v, err := signIn(t, f, k, false, e); err == nil {
				t.Errorf("signed in: %+v", v)
			} else if refusal := new(ostiary.Refusal); !errors.As(err, &refusal) {
				t.Errorf("a fault instead of a refusal: %v", err)
			}
		})
	}
}

func TestRegistrationRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		key    string
		change func(k *softkey.Key)
	}{
		{"WAN-5 off the curve", "ES256", func(k *softkey.Key) { k.COSE = softkey.EC2(make([]byte, 32), slices.Repeat([]byte{7}, 32)) }},
		{"WAN-5 algorithm that was not offered", "ES256", func(k *softkey.Key) { k.COSE[4] = 0x38; k.COSE = slices.Insert(k.COSE, 5, 35) }},
		{"WAN-5 id beyond 1023 bytes", "ES256", func(k *softkey.Key) { k.ID = make([]byte, 1024) }},
		{"WAN-5 signature of self attestation", "ES256", func(k *softkey.Key) {
			k.Format = "packed"
			k.Signer = newKey(t, "ES256").Signer
		}},
		{"WAN-5 signature of U2F attestation", "u2f", func(k *softkey.Key) { k.Signer = newKey(t, "ES256").Signer }},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKey(t, c.key)
			c.change(k)
			if e, err := register(t, open(t), k); err == nil {
				t.Errorf("registered: %+v", e)
			} else if refusal := new(ostiary.Refusal); !errors.As(err, &refusal) {
				t.Errorf("a fault instead of a refusal: %v", err)
			}
		})
	}
}

func TestAlone(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(k *softkey.Key)
	}{
		{"WAN-3 user not verified", func(k *softkey.Key) { k.Flags = up }},
		{"WAN-4 without a user handle", func(k *softkey.Key) { k.Handle = "" }},
		{"WAN-4 with another's user handle", func(k *softkey.Key) { k.Handle = strings.Repeat("a", 64) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, k := open(t), newKey(t, "ES256")
			e := mustRegister(t, f, k)
			k.Counter++
			c.change(k)
			if _, err := signIn(t, f, k, true, e); err == nil {
				t.Error("signed in")
			}
		})
	}
	t.Run("user handle in base64url", func(t *testing.T) {
		f, k := open(t), newKey(t, "ES256")
		e := mustRegister(t, f, k)
		k.Counter++
		k.Handle = base64.RawURLEncoding.EncodeToString([]byte(k.Handle))
		if _, err := signIn(t, f, k, true, e); err != nil {
			t.Error(reason(err))
		}
	})
	t.Run("WAN-1 a question for one is no answer for all", func(t *testing.T) {
		f, k := open(t), newKey(t, "ES256")
		k.Flags = up
		e := mustRegister(t, f, k)
		k.Counter++
		asked, err := f.Options(ctx, ada, []ostiary.Enrolment{e})
		if err != nil {
			t.Fatal(err)
		}
		answer := ostiary.Answer{Enrolled: []ostiary.Enrolment{e}, State: asked.State, Alone: true, Values: data(t, f, k.Get(asked.JSON))}
		if _, err := f.Verify(ctx, answer); err == nil {
			t.Error("WAN-3 verified by the policy of the second factor")
		}
	})
}

func TestConfig(t *testing.T) {
	good := webauthn.Config{RPID: "example.com", Origins: []string{"https://id.example.com"}}
	for _, c := range []struct {
		name   string
		change func(*webauthn.Config)
		want   string
	}{
		{"WAN-8 no RP ID", func(c *webauthn.Config) { c.RPID = "" }, "RPID: missing"},
		{"WAN-8 an address", func(c *webauthn.Config) { c.RPID = "192.0.2.1" }, "RPID: "},
		{"WAN-2 no origin", func(c *webauthn.Config) { c.Origins = nil }, "Origins: none"},
		{"WAN-2 plain http", func(c *webauthn.Config) { c.Origins = []string{"http://id.example.com"} }, "Origins: "},
		{"WAN-2 a path", func(c *webauthn.Config) { c.Origins = []string{"https://id.example.com/"} }, "Origins: "},
		{"WAN-2 another domain", func(c *webauthn.Config) { c.Origins = []string{"https://badexample.com"} }, "Origins: "},
		{"WAN-3 verification", func(c *webauthn.Config) { c.UserVerification = "maybe" }, "UserVerification: "},
		{"attestation", func(c *webauthn.Config) { c.Attestation = "enterprise" }, "Attestation: "},
		{"WAN-5 models without roots", func(c *webauthn.Config) { c.AllowAAGUIDs = []string{"2fc0579f-8113-47ea-b116-bb5a8db9202a"} }, "AllowAAGUIDs: "},
		{"AAGUID", func(c *webauthn.Config) { c.DenyAAGUIDs = []string{"2fc0579f"} }, "DenyAAGUIDs: "},
		{"WAN-9 AppID", func(c *webauthn.Config) { c.AppID = "http://x" }, "AppID: "},
	} {
		changed := good
		c.change(&changed)
		if _, err := webauthn.New(changed); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s…", c.name, err, c.want)
		}
	}
	if _, err := webauthn.New(webauthn.Config{RPID: "localhost", Origins: []string{"http://localhost:3000"}}); err != nil {
		t.Error(err)
	}
}

func TestDamaged(t *testing.T) {
	f, k := open(t), newKey(t, "ES256")
	e := mustRegister(t, f, k)
	asked, err := f.Options(ctx, ada, []ostiary.Enrolment{e})
	if err != nil {
		t.Fatal(err)
	}
	v := data(t, f, k.Get(asked.JSON))
	broken := e
	broken.Data = []byte(`{"i":"AA=="}`)
	for name, a := range map[string]ostiary.Answer{
		"state": {Enrolled: []ostiary.Enrolment{e}, State: []byte("x"), Values: v}, "key": {Enrolled: []ostiary.Enrolment{broken}, State: asked.State, Values: v},
	} {
		refusal := new(ostiary.Refusal)
		if got, err := f.Verify(ctx, a); got != nil || err == nil || errors.As(err, &refusal) {
			t.Errorf("%s: %v, %v; want a fault", name, got, err)
		}
	}
	if key := f.KeyOf(data(t, f, "nonsense")); key != "" {
		t.Errorf("nonsense names the key %q", key)
	}
}

// FuzzVerify gives what came back from a browser to everything that reads it:
// nothing but the one good answer is ever accepted, and nothing is a fault.
func FuzzVerify(f *testing.F) {
	factor, k := open(f), newKey(f, "ES256")
	e := mustRegister(f, factor, k)
	k.Counter++
	asked, err := factor.Options(ctx, ada, []ostiary.Enrolment{e})
	if err != nil {
		f.Fatal(err)
	}
	begun, err := factor.Begin(ctx, ada, nil)
	if err != nil {
		f.Fatal(err)
	}
	good := k.Get(asked.JSON)
	f.Add(good)
	f.Add(k.Create(begun.Options))
	f.Add(`{"id":"AA","rawId":"AA","type":"public-key","response":{"userHandle":null}}`)
	fields, err := form.Compile(factor.Form())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := fields.Parse(map[string][]string{"data": {text}})
		if err != nil {
			return
		}
		factor.KeyOf(v)
		refusal := new(ostiary.Refusal)
		got, err := factor.Verify(ctx, ostiary.Answer{Person: ada, Enrolled: []ostiary.Enrolment{e}, State: asked.State, Values: v})
		if err != nil && !errors.As(err, &refusal) {
			t.Errorf("WAN-10 a fault: %v", err)
		}
		if got != nil && !strings.Contains(text, "signature") {
			t.Errorf("accepted %q", text)
		}
		_, err = factor.Finish(ctx, ostiary.Answer{Person: ada, State: begun.State, Values: v})
		if err != nil && !errors.As(err, &refusal) {
			t.Errorf("WAN-10 a fault: %v", err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	f, k := open(b), newKey(b, "ES256")
	e := mustRegister(b, f, k)
	k.Counter++
	asked, err := f.Options(ctx, ada, []ostiary.Enrolment{e})
	if err != nil {
		b.Fatal(err)
	}
	answer := ostiary.Answer{Person: ada, Enrolled: []ostiary.Enrolment{e}, State: asked.State, Values: data(b, f, k.Get(asked.JSON))}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Verify(ctx, answer); err != nil {
			b.Fatal(err)
		}
	}
}
