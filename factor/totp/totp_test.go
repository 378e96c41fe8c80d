package totp_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/totp"
)

func key(t *testing.T, secret string, change func(*totp.Key)) totp.Key {
	t.Helper()
	s, err := totp.SecretFromBytes([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	k := totp.Key{Secret: s}
	if change != nil {
		change(&k)
	}
	if err := k.Check(); err != nil {
		t.Fatal(err)
	}
	return k
}

const (
	seed20 = "12345678901234567890"
	seed32 = seed20 + "123456789012"
	seed64 = seed20 + seed20 + seed20 + "1234"
)

// RFC 6238, appendix B.
func TestTimeVectors(t *testing.T) {
	for _, row := range []struct {
		at                   int64
		sha1, sha256, sha512 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1111111111, "14050471", "67062674", "99943326"},
		{1234567890, "89005924", "91819424", "93441116"},
		{2000000000, "69279037", "90698825", "38618901"},
		{20000000000, "65353130", "77737706", "47863826"},
	} {
		for _, c := range []struct {
			algorithm    totp.Algorithm
			secret, want string
		}{{totp.SHA1, seed20, row.sha1}, {totp.SHA256, seed32, row.sha256}, {totp.SHA512, seed64, row.sha512}} {
			k := key(t, c.secret, func(k *totp.Key) { k.Digits, k.Algorithm = 8, c.algorithm })
			if got := k.At(time.Unix(row.at, 0)); got != c.want {
				t.Errorf("OTP-6 %s at %d: got %s, want %s", c.algorithm, row.at, got, c.want)
			}
		}
	}
}

// RFC 4226, appendix D.
func TestCounterVectors(t *testing.T) {
	k := key(t, seed20, nil)
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := k.Code(int64(counter)); got != want {
			t.Errorf("OTP-6 counter %d: got %s, want %s", counter, got, want)
		}
	}
}

func TestFarFuture(t *testing.T) {
	k := key(t, seed20, nil)
	for _, at := range []int64{1<<31 + 5, 1<<32 + 5, 30 * (1<<32 + 1)} {
		if _, ok := k.Verify(k.At(time.Unix(at, 0)), time.Unix(at, 0), totp.State{}); !ok {
			t.Errorf("OTP-6: not good at %d", at)
		}
	}
	if k.Code(1<<32) == k.Code(0) {
		t.Error("OTP-6: counters are cut to 32 bits")
	}
}

func TestWindow(t *testing.T) {
	k := key(t, seed20, nil)
	now := time.Unix(1_700_000_010, 0) // in the middle of its step
	step := now.Unix() / 30
	for _, row := range []struct {
		name    string
		of      int64 // step of the code, from now
		state   totp.State
		good    bool
		drifted int
	}{
		{"now", 0, totp.State{}, true, 0},
		{"OTP-3 one before", -1, totp.State{}, true, -1},
		{"OTP-3 one after", 1, totp.State{}, true, 1},
		{"OTP-3 two before", -2, totp.State{}, false, 0},
		{"OTP-3 two after", 2, totp.State{}, false, 0},
		{"OTP-3 a clock that is known to be ahead", 2, totp.State{Drift: 1}, true, 2},
		{"OTP-3 drift moves the window", -1, totp.State{Drift: 1}, false, 0},
		{"OTP-3 drift is bounded", 6, totp.State{Drift: 5}, false, 0},
		{"OTP-3 nonsense for drift", 0, totp.State{Drift: math.MaxInt}, false, 0},
		{"OTP-1 the last step again", 0, totp.State{Last: step}, false, 0},
		{"OTP-1 before the last step", -1, totp.State{Last: step}, false, 0},
		{"OTP-1 after the last step", 1, totp.State{Last: step}, true, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			state, good := k.Verify(k.Code(step+row.of), now, row.state)
			if good != row.good {
				t.Fatalf("good: %t", good)
			}
			if !good && state != row.state {
				t.Errorf("the state changed to %+v", state)
			}
			if good && (state.Last != step+row.of || state.Drift != row.drifted) {
				t.Errorf("state %+v", state)
			}
			if good {
				if _, again := k.Verify(k.Code(step+row.of), now, state); again {
					t.Error("OTP-1: good twice")
				}
			}
		})
	}
}

func TestGrammar(t *testing.T) {
	k := key(t, seed20, nil)
	now := time.Unix(59, 0)
	code := k.At(now)
	for typed, good := range map[string]bool{
		code:                           true,
		code[:3] + " " + code[3:]:      true,
		"":                             false,
		" " + code:                     false,
		code + " ":                     false,
		code + "\n":                    false,
		code[:2] + " " + code[2:]:      false,
		code[:3] + "\u00a0" + code[3:]: false,
		code[:3] + "-" + code[3:]:      false,
		"+" + code[1:]:                 false,
		"0" + code:                     false,
		code[:5]:                       false,
		strings.Map(func(c rune) rune { return c - '0' + '٠' }, code):      false,
		strings.Map(func(c rune) rune { return c - '0' + '\uff10' }, code): false,
	} {
		if _, got := k.Verify(typed, now, totp.State{}); got != good {
			t.Errorf("OTP-2 %q: %t", typed, got)
		}
	}
}

func TestCounterCodes(t *testing.T) {
	k := key(t, seed20, nil)
	state, good := k.VerifyCounter(k.Code(0), totp.State{})
	if !good || state.Last != 1 {
		t.Fatalf("the first code: %t, %+v", good, state)
	}
	if _, good := k.VerifyCounter(k.Code(0), state); good {
		t.Error("OTP-1: good twice")
	}
	if state, good = k.VerifyCounter(k.Code(9), state); !good || state.Last != 10 {
		t.Errorf("some were shown to nobody: %t, %+v", good, state)
	}
	if _, good := k.VerifyCounter(k.Code(21), state); good {
		t.Error("too far ahead")
	}
	if _, good := k.VerifyCounter(k.Code(0), totp.State{Last: -1}); good {
		t.Error("a counter below zero")
	}
}

func TestFaultyKeys(t *testing.T) {
	secret := totp.NewSecret(totp.SHA1)
	for name, k := range map[string]totp.Key{
		"Secret":    {},
		"Algorithm": {Secret: secret, Algorithm: "MD5"},
		"Digits":    {Secret: secret, Digits: 5},
		"Period":    {Secret: secret, Period: time.Second},
	} {
		if err := k.Check(); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if k.Code(1) != "" || k.At(time.Unix(59, 0)) != "" {
			t.Errorf("%s: it makes codes", name)
		}
		if _, good := k.Verify("", time.Unix(59, 0), totp.State{}); good {
			t.Errorf("%s: nothing is good", name)
		}
		if _, good := k.VerifyCounter("", totp.State{}); good {
			t.Errorf("%s: nothing is good", name)
		}
	}
}

func TestSecrets(t *testing.T) {
	for algorithm, size := range map[totp.Algorithm]int{"": 20, totp.SHA1: 20, totp.SHA256: 32, totp.SHA512: 64} {
		a, b := totp.NewSecret(algorithm), totp.NewSecret(algorithm)
		if len(a.Bytes()) != size || string(a.Bytes()) == string(b.Bytes()) {
			t.Errorf("OTP-5 %s: %d bytes", algorithm, len(a.Bytes()))
		}
		back, err := totp.ParseSecret(a.Text())
		if err != nil || string(back.Bytes()) != string(a.Bytes()) {
			t.Errorf("%s: what was written does not read back: %v", algorithm, err)
		}
	}
	for _, text := range []string{"", "A", "JBSWY3DP", "JBSWY3DPEHPK3PX1", strings.Repeat("A", 1000)} {
		if _, err := totp.ParseSecret(text); err == nil || text != "" && len(text) > 1 && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"JBSWY3DPEHPK3PXP", "jbsw y3dp-ehpk 3pxp", "JBSWY3DPEHPK3PXP===="} {
		if _, err := totp.ParseSecret(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSecretsHide(t *testing.T) {
	k := key(t, "canary-canary-canary", nil)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("key", "key", k, "secret", k.Secret)
	encoded, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %s %x %v %#v", k, k, k, k.Secret, k.Secret, &k, k.Secret) + log.String() + string(encoded)
	for _, leak := range []string{"canary", "63616e617279", "Y2FuYXJ5", "MNQW4YLSPE"} {
		if strings.Contains(all, leak) {
			t.Errorf("CON-5: %q shows in %s", leak, all)
		}
	}
}

func TestAddresses(t *testing.T) {
	seven := int64(7)
	for _, row := range []struct {
		a    totp.Address
		want string
	}{
		{
			totp.Address{Key: key(t, seed20, nil), Issuer: "Acme & Söhne", Account: "ada@example.com"},
			"otpauth://totp/Acme%20%26%20S%C3%B6hne%3Aada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%26%20S%C3%B6hne",
		},
		{
			totp.Address{Key: key(t, seed32, func(k *totp.Key) { k.Algorithm, k.Digits, k.Period = totp.SHA256, 8, time.Minute }), Account: "a:b"},
			"otpauth://totp/a%20b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA&algorithm=SHA256&digits=8&period=60",
		},
		{
			totp.Address{Key: key(t, seed20, nil), Account: "token", Counter: &seven},
			"otpauth://hotp/token?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=7",
		},
	} {
		if got := row.a.String(); got != row.want {
			t.Errorf("got  %s\nwant %s", got, row.want)
		}
		back, err := totp.ParseAddress(row.want)
		if err != nil || back.String() != row.want {
			t.Errorf("%s reads as %s, %v", row.want, back, err)
		}
	}
}

func TestFaultyAddresses(t *testing.T) {
	const good = "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP"
	for text, want := range map[string]string{
		"":                                       "begins with",
		"https://example.com/?secret=JBSWY3DP":   "begins with",
		"otpauth://totp/a":                       "a secret",
		"otpauth://totp/a?secret=canary1":        "base32",
		good + "&secret=JBSWY3DPEHPK3PXP":        "twice",
		good + "&digits=9":                       "Digits",
		good + "&digits=-6":                      "digits",
		good + "&period=0":                       "period",
		good + "&period=9999999999999999999999":  "period",
		good + "&algorithm=MD5":                  "Algorithm",
		strings.Replace(good, "totp", "xotp", 1): "neither",
		strings.Replace(good, "totp", "hotp", 1): "counter",
		good + "&a=%zz":                          "damaged",
	} {
		if _, err := totp.ParseAddress(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// The picture is read back by zbarimg in the browser tests; here its form counts.
func TestSVG(t *testing.T) {
	a := totp.Address{Key: key(t, seed20, nil), Issuer: "Acme", Account: "<ada>"}
	svg, err := a.SVG()
	if err != nil {
		t.Fatal(err)
	}
	text := string(svg)
	if !strings.HasPrefix(text, "<svg ") || !strings.HasSuffix(text, "</svg>") || strings.ContainsAny(strings.Trim(text, "<>"), "&'") || strings.Contains(text, "ada") {
		t.Errorf("got %.200s", text)
	}
	a.Account = strings.Repeat("x", 4000)
	if _, err := a.SVG(); err == nil {
		t.Error("an endless address has a picture")
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("287082", int64(59), int64(0), 0)
	f.Add("287 082", int64(-59), int64(-1), 99)
	secret, err := totp.SecretFromBytes([]byte(seed20))
	if err != nil {
		f.Fatal(err)
	}
	k := totp.Key{Secret: secret}
	f.Fuzz(func(t *testing.T, typed string, at, last int64, drift int) {
		at %= 1 << 40
		state := totp.State{Last: last, Drift: drift}
		next, good := k.Verify(typed, time.Unix(at, 0), state)
		if !good {
			if next != state {
				t.Error("a wrong code changes the state")
			}
			return
		}
		if next.Last <= last || next.Drift < -4 || next.Drift > 4 {
			t.Errorf("from %+v to %+v", state, next)
		}
		if _, again := k.Verify(typed, time.Unix(at, 0), next); again {
			t.Error("OTP-1: good twice")
		}
	})
}

func FuzzParseAddress(f *testing.F) {
	f.Add("otpauth://totp/Acme:ada?secret=JBSWY3DPEHPK3PXP&issuer=Acme&digits=8&period=60&algorithm=SHA512")
	f.Add("otpauth://hotp/a?secret=JBSWY3DPEHPK3PXP&counter=1")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := totp.ParseAddress(text)
		if err != nil {
			return
		}
		if err := a.Key.Check(); err != nil {
			t.Fatal(err)
		}
		again, err := totp.ParseAddress(a.String())
		if err != nil || string(again.Key.Secret.Bytes()) != string(a.Key.Secret.Bytes()) || again.Key.Digits != 6 && again.Key.Digits != a.Key.Digits {
			t.Errorf("%q becomes %q, %v", text, a, err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	k := totp.Key{Secret: totp.NewSecret(totp.SHA1)}
	now := time.Unix(1_700_000_000, 0)
	for b.Loop() {
		k.Verify("000000", now, totp.State{})
	}
}

// TestSame is OTP-1: however a key is written, whoever has it has it once.
func TestSame(t *testing.T) {
	f, err := totp.New(totp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	enrolment := func(text string) ostiary.Enrolment {
		e, err := f.Import(text)
		if err != nil {
			t.Fatal(err)
		}
		return *e
	}
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	one := enrolment(secret)
	for text, want := range map[string]bool{
		"jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp":            true,
		"otpauth://totp/Acme:ada?digits=8&secret=" + secret:  true,
		"otpauth://hotp/Acme:ada?counter=7&secret=" + secret: true,
		"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXQ":                   false,
	} {
		if f.Same(one, enrolment(text)) != want {
			t.Errorf("%s: want %v", text, want)
		}
	}
	if f.Same(ostiary.Enrolment{}, ostiary.Enrolment{}) {
		t.Error("damaged ones are the same")
	}
}
