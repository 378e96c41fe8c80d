package session_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/session"
)

// openClaims forges a token with the claims and opens it.
func openClaims(t testing.TB, codec *session.Codec, claims string) (*session.Token, error) {
	t.Helper()
	return codec.Open(forge(t, session.NextAuthV4, headerOf(session.NextAuthV4, ""), claims), start)
}

// claimRow is one set of claims and what becomes of a token that has it.
type claimRow struct {
	name, claims string
	want         error
}

func with(more string) string { return `{"sub":"x","exp":1768478460` + more + `}` }
func exp(value string) string { return `{"sub":"x","exp":` + value + `}` }

func TestTimeAndSubject(t *testing.T) {
	openRows(t, []claimRow{
		{"the least", with(""), nil},
		{"JWE-7 no exp", `{"sub":"x"}`, session.ErrInvalid},
		{"JWE-7 exp null", exp("null"), session.ErrInvalid},
		{"JWE-7 exp zero", exp("0"), session.ErrInvalid},
		{"JWE-7 exp string", exp(`"1768478460"`), session.ErrInvalid},
		{"JWE-7 exp fraction", exp("1768478460.5"), session.ErrInvalid},
		{"JWE-7 exp whole fraction", exp("1768478460.0"), session.ErrInvalid},
		{"JWE-7 exp exponent", exp("2e9"), session.ErrInvalid},
		{"JWE-7 exp negative", exp("-1"), session.ErrInvalid},
		{"JWE-7 exp in a list", exp("[1768478460]"), session.ErrInvalid},
		{"JWE-7 exp greatest", exp("9223372036854775807"), nil},
		{"JWE-7 exp too great", exp("9223372036854775808"), session.ErrInvalid},
		{"JWE-7 exp far too great", exp("99999999999999999999"), session.ErrInvalid},
		{"JWE-7 exp leading zero", exp("01768478460"), session.ErrInvalid},
		{"JWE-7 exp now", exp("1768478400"), nil},
		{"JWE-7 exp 14 s ago", exp("1768478386"), nil},
		{"JWE-7 exp 15 s ago", exp("1768478385"), session.ErrExpired},
		{"JWE-7 exp long ago", exp("1"), session.ErrExpired},
		{"JWE-7 nbf in 15 s", with(`,"nbf":1768478415`), nil},
		{"JWE-7 nbf in 16 s", with(`,"nbf":1768478416`), session.ErrInvalid},
		{"JWE-7 nbf greatest", with(`,"nbf":9223372036854775807`), session.ErrInvalid},
		{"JWE-7 nbf string", with(`,"nbf":"1"`), session.ErrInvalid},
		{"JWE-7 iat in the future", with(`,"iat":1868478416`), nil},
		{"JWE-7 iat string", with(`,"iat":"1"`), session.ErrInvalid},
		{"JWE-7 no sub", `{"exp":1768478460}`, session.ErrInvalid},
		{"JWE-7 sub empty", `{"sub":"","exp":1768478460}`, session.ErrInvalid},
		{"JWE-7 sub null", `{"sub":null,"exp":1768478460}`, session.ErrInvalid},
		{"JWE-7 sub number", `{"sub":7,"exp":1768478460}`, session.ErrInvalid},
		{"JWE-7 sub half a character", `{"sub":"\ud83e","exp":1768478460}`, session.ErrInvalid},
		{"JWE-7 sub whole character", `{"sub":"\ud83e\udd8a\\u","exp":1768478460}`, nil},
		{"JWE-7 nbf null", with(`,"nbf":null`), session.ErrInvalid},
		{"JWE-7 iat null", with(`,"iat":null`), session.ErrInvalid},
	})
	if !errors.Is(session.ErrExpired, session.ErrInvalid) {
		t.Error("ErrExpired is no ErrInvalid")
	}
}

func TestClaims(t *testing.T) {
	openRows(t, []claimRow{
		{"JWE-8 sub twice", with(`,"sub":"y"`), session.ErrInvalid},
		{"JWE-8 sub twice alike", with(`,"sub":"x"`), session.ErrInvalid},
		{"JWE-8 sub twice, once escaped", with(`,"s\u0075b":"y"`), session.ErrInvalid},
		{"JWE-8 extra twice", with(`,"a":1,"a":2`), session.ErrInvalid},
		{"JWE-8 twice further in", with(`,"a":{"b":{"c":1,"c":1}}`), session.ErrInvalid},
		{"JWE-8 twice in a list", with(`,"a":[{"b":1,"b":1}]`), session.ErrInvalid},
		{"JWE-8 twice among many", with(`,"a":{` + many(40) + `,"k1":0}`), session.ErrInvalid},
		{"JWE-8 many", with(`,"a":{` + many(40) + `}`), nil},
		{"JWE-8 another case is another claim", `{"Sub":"x","EXP":1768478460}`, session.ErrInvalid},
		{"JWE-8 another case beside it", with(`,"SUB":"y","Exp":1`), nil},
		{"JWE-8 not UTF-8", with(",\"a\":\"\xff\""), session.ErrInvalid},
		{"JWE-8 name not UTF-8", with(",\"\xc3\":1"), session.ErrInvalid},
		{"JWE-8 surrogates in UTF-8", with(",\"a\":\"\xed\xa0\x80\""), session.ErrInvalid},
		{"JWE-8 depth 32", with(`,"a":` + strings.Repeat("[", 31) + strings.Repeat("]", 31)), nil},
		{"JWE-8 depth 33", with(`,"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32)), session.ErrInvalid},
		{"JWE-8 depth 33 of objects", with(`,"a":` + strings.Repeat(`{"a":`, 32) + "1" + strings.Repeat("}", 32)), session.ErrInvalid},
		{"JWE-8 no object", `["sub"]`, session.ErrInvalid},
		{"JWE-8 null", `null`, session.ErrInvalid},
		{"JWE-8 nothing", ` `, session.ErrInvalid},
		{"JWE-8 cut off", `{"sub":"x","exp":1768478460`, session.ErrInvalid},
		{"JWE-8 something after", with("") + "x", session.ErrInvalid},
		{"JWE-8 another object after", with("") + with(""), session.ErrInvalid},
		{"JWE-8 byte order mark", "\ufeff" + with(""), session.ErrInvalid},
		{"JWE-8 comma too many", with(","), session.ErrInvalid},
		{"JWE-8 control byte", with(",\"a\":\"\n\""), session.ErrInvalid},
		{"JWE-8 single quotes", with(`,'a':1`), session.ErrInvalid},
		{"white space", " {\n\t\"sub\" : \"x\" ,\r\n \"exp\" : 1768478460 } \n", nil},
		{"SES-10 sid number", with(`,"sid":1`), session.ErrInvalid},
		{"SES-10 realm list", with(`,"realm":[]`), session.ErrInvalid},
		{"SES-10 amr string", with(`,"amr":"otp"`), session.ErrInvalid},
		{"SES-10 amr of numbers", with(`,"amr":[1]`), session.ErrInvalid},
		{"SES-10 orig_iat string", with(`,"orig_iat":"1"`), session.ErrInvalid},
		{"SES-10 transient string", with(`,"transient":"true"`), session.ErrInvalid},
		{"null is absent", with(`,"jti":null,"sid":null,"auth_time":null,"transient":null,"amr":null,"groups":null,"aud":null,"x":null`), nil},
		{"null is null", with(`,"name":null,"email":null,"picture":null`), nil},
		{"aud and iss unchecked", with(`,"aud":["x"],"iss":"y"`), nil},
		{"odd display claims", with(`,"name":{"a":1},"email":7,"picture":false,"groups":{"x":[]}`), nil},
	})
}

func openRows(t *testing.T, rows []claimRow) {
	codec := newCodec(t, session.Config{})
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if _, err := openClaims(t, codec, row.claims); err != row.want {
				t.Errorf("got %v, want %v", err, row.want)
			}
			sameVerdict(t, row.claims)
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"k%d":%d`, i, i)
	}
	return b.String()[1:]
}

// sameVerdict holds the scanner against the ordinary decoder.
func sameVerdict(t testing.TB, claims string) {
	t.Helper()
	scanned, ok := session.ScanClaims(claims)
	want, valid := session.DecodeClaims([]byte(claims))
	if ok && !valid {
		t.Fatalf("JWE-8: the scanner took what is refused: %q", claims)
	}
	if ok && !reflect.DeepEqual(scanned, want) {
		t.Fatalf("the scanner read %+v, the decoder %+v, from %q", scanned, want, claims)
	}
	parsed, good := session.ParseClaims(claims)
	if good != valid || good && !reflect.DeepEqual(parsed, want) {
		t.Fatalf("together %+v, %v; the decoder %+v, %v; from %q", parsed, good, want, valid, claims)
	}
}

// TestScannerIsUsed keeps the fast way from being lost unnoticed.
func TestScannerIsUsed(t *testing.T) {
	own := full()
	own.Groups = []string{"a b", "c"}
	own.Name = session.String("Grete M\u00fc\u00dfig \U0001f98a")
	own.Extra.Set("deep", json.RawMessage(`{"a":[1,-2.5e-3,{"b":null}],"c":[[],{}]}`))
	sealed, err := json.Marshal(own.Claims())
	if err != nil {
		t.Fatal(err)
	}
	for _, claims := range []string{fixture, string(sealed), "{}"} {
		if _, ok := session.ScanClaims(claims); !ok {
			t.Errorf("left to the decoder: %s", claims)
		}
	}
}

func TestAllowNoSubject(t *testing.T) {
	codec := newCodec(t, session.Config{AllowNoSubject: true})
	for claims, want := range map[string]bool{
		`{"exp":1768478460}`: true, `{"sub":null,"exp":1768478460}`: true, `{"sub":"","exp":1768478460}`: true,
		`{"sub":7,"exp":1768478460}`: false, `{}`: false,
	} {
		if _, err := openClaims(t, codec, claims); (err == nil) != want {
			t.Errorf("%s: got %v, want ok %v", claims, err, want)
		}
	}
}

func TestClockOfConfig(t *testing.T) {
	now := start
	codec := newCodec(t, session.Config{Now: func() time.Time { return now }})
	token, err := codec.Seal(&session.Token{Subject: "1", Expires: start.Unix() + 60})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := codec.Open(token, time.Time{}); err != nil {
		t.Error(err)
	}
	now = start.Add(75 * time.Second)
	if _, err := codec.Open(token, time.Time{}); err != session.ErrExpired {
		t.Errorf("got %v, want %v", err, session.ErrExpired)
	}
}

func TestExtraIsNotShared(t *testing.T) {
	codec := newCodec(t, session.Config{})
	got, err := openClaims(t, codec, `{"sub":"xyz","exp":1768478460,"a":"1","b":"`+strings.Repeat("2", 200)+`","c":"3"}`)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(got.Extra.Get("a"), "overwritten, and quite far beyond its end"...)
	clear(got.Extra.Get("b"))
	if got.Subject != "xyz" || string(got.Extra.Get("c")) != `"3"` {
		t.Errorf("got %q, %q", got.Subject, got.Extra.Get("c"))
	}
}

func TestSet(t *testing.T) {
	var token session.Token
	for _, name := range []string{
		"sub", "name", "email", "picture", "groups", "iat", "exp", "nbf", "jti", "iss", "aud", "sid", "realm", "provider",
		"auth_time", "orig_iat", "max_age", "checked_at", "transient", "amr", "factors", "factor_time", "epoch",
	} {
		if err := token.Set(name, "x"); !errors.Is(err, session.ErrReserved) {
			t.Errorf("SES-10: %s: got %v, want %v", name, err, session.ErrReserved)
		}
		if display := name == "name" || name == "email" || name == "picture" || name == "groups"; session.Reserved(name) == display {
			t.Errorf("SES-10: Reserved(%q) = %v", name, !display)
		}
	}
	if err := token.Set("bad", func() {}); err == nil || token.Extra.Len() != 0 {
		t.Error("a function was taken for JSON")
	}
	if err := errors.Join(token.Set("role", "a<b"), token.Set("n", 1<<60), token.Set("role", "c&d")); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"role": "c&d", "n": json.Number("1152921504606846976")}
	if got := token.Claims(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestText(t *testing.T) {
	type card struct {
		Name session.Text `json:"name,omitzero"`
	}
	for want, text := range map[string]session.Text{`{}`: {}, `{"name":null}`: session.Null(), `{"name":""}`: session.String(""), `{"name":"Ada"}`: session.String("Ada")} {
		data, err := json.Marshal(card{text})
		if err != nil || string(data) != want {
			t.Errorf("got %s, %v, want %s", data, err, want)
		}
		var back card
		if err := json.Unmarshal(data, &back); err != nil || back.Name != text {
			t.Errorf("%s: got %#v, %v", want, back, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"name":7}`), new(card)); err == nil {
		t.Error("a number was taken for a text")
	}
	if s := fmt.Sprint(session.String("Ada"), session.Null(), session.Text{}); s != "Ada  " {
		t.Errorf("got %q", s)
	}
}
