package cookies_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/internal/cookies"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		value string
		n     int
	}{
		{"no header", nil, "", 0},
		{"an empty header", []string{""}, "", 0},
		{"alone", []string{"x=1"}, "1", 1},
		{"among others", []string{"a=0; x=1; b=2"}, "1", 1},
		{"without blanks", []string{"a=0;x=1;b=2"}, "1", 1},
		{"with tabs", []string{"a=0;\tx=1\t;b=2"}, "1", 1},
		{"empty", []string{"x="}, "", 1},
		{"with equals signs", []string{"x=a=b="}, "a=b=", 1},
		{"contract 6: percent-decoded", []string{"x=a%7Cb%C3%BC"}, "a|bü", 1},
		{"quotes are part of the value", []string{`x="1"`}, `"1"`, 1},
		{"a plus is a plus", []string{"x=a+b"}, "a+b", 1},
		{"contract 6: left as is when it can't be decoded", []string{"x=50%"}, "50%", 1},
		{"the same for what is no UTF-8", []string{"x=%FF%20"}, "%FF%20", 1},
		{"contract 6: the first of equal names wins", []string{"x=1; x=2"}, "1", 2},
		{"COO-3 equal names are counted", []string{"x=1; y=0", "x=2; x=1"}, "1", 3},
		{"in a second header line", []string{"a=0", "x=1"}, "1", 1},
		{"COO-6 another letter case", []string{"X=1"}, "", 0},
		{"COO-6 a blank before the equals sign", []string{"x =1"}, "", 0},
		{"COO-6 a blank of Unicode before the name", []string{"\u00a0x=1; \u2003x=2"}, "", 0},
		{"COO-6 a control byte before the name", []string{"\x0bx=1"}, "", 0},
		{"a name that ends alike", []string{"__Host-x=1"}, "", 0},
		{"a name that begins alike", []string{"x.0=1; xx=2"}, "", 0},
		{"a name without a value", []string{"x; x"}, "", 0},
		{"COO-6 as many as are read", []string{strings.Repeat("a=0;", 511) + "x=1"}, "1", 1},
		{"COO-6 one more", []string{strings.Repeat("a=0;", 512) + "x=1"}, "", 0},
		{"COO-6 5 000 cookies", []string{"x=1; " + strings.Repeat("a=0; ", 5000)}, "", 0},
		{"COO-6 5 000 lines", slices.Repeat([]string{"x=1"}, 5000), "", 0},
		{"COO-6 64 KiB", []string{"x=1; a=" + strings.Repeat("0", 64<<10-7)}, "1", 1},
		{"COO-6 more than 64 KiB", []string{"x=1; a=" + strings.Repeat("0", 64<<10)}, "", 0},
		{"COO-6 more than 64 KiB in two lines", []string{"x=1", "a=" + strings.Repeat("0", 64<<10)}, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			value, n := cookies.Read(http.Header{"Cookie": c.lines}, "x")
			if value != c.value || n != c.n {
				t.Errorf("got %q, %d, want %q, %d", value, n, c.value, c.n)
			}
		})
	}
}

// FuzzRoundTrip writes a value and reads it back among foreign cookies.
func FuzzRoundTrip(f *testing.F) {
	f.Add("abc|def", "a=b; c=d")
	f.Add("50%", "x")
	f.Add("ü\x00;= ", ";;=;\"")
	f.Add("http://localhost:3000/?a=b#c", "")
	f.Fuzz(func(t *testing.T, value, foreign string) {
		if strings.Contains(foreign, "mine=") || len(foreign) > 1<<10 || strings.Count(foreign, ";") > 100 || len(value) > 1<<10 {
			return
		}
		line := cookies.Cookie{Name: "mine"}.String(value)
		pair, _, _ := strings.Cut(line, ";")
		got, n := cookies.Read(http.Header{"Cookie": {foreign + "; " + pair + "; " + foreign}}, "mine")
		want := value
		if strings.ToValidUTF8(value, "") != value { // stays as it is on the wire
			want = cookies.Escape(value)
		}
		if got != want || n != 1 {
			t.Errorf("wrote %q, read %q (%d)", value, got, n)
		}
		parsed, err := http.ParseSetCookie(line)
		if err != nil || parsed.Value != cookies.Escape(value) || parsed.Path != "/" || len(parsed.Unparsed) > 0 {
			t.Errorf("%q reads as %+v (%v)", line, parsed, err)
		}
	})
}

// FuzzRead holds Read against the plain way to do it. (net/http is no measure:
// it takes a name without a value for a cookie and drops values with a quote.)
func FuzzRead(f *testing.F) {
	f.Add("a=0; x=1; x=2")
	f.Add("x=\"quoted\"; x =1;=;x")
	f.Add("x=%zz;\tx=a%20b")
	f.Fuzz(func(t *testing.T, line string) {
		if len(line) > 1<<10 || strings.Count(line, ";") > 500 {
			return
		}
		var plain []string
		for _, pair := range strings.Split(line, ";") {
			if name, value, found := strings.Cut(strings.Trim(pair, " \t"), "="); found && name == "x" {
				plain = append(plain, value)
			}
		}
		header := http.Header{"Cookie": {line}}
		value, n := cookies.Read(header, "x")
		if n != len(plain) || n == 0 && value != "" || n > 0 && !strings.Contains(plain[0], "%") && value != plain[0] {
			t.Errorf("%q: got %q, %d, want %q", line, value, n, plain)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	header := http.Header{"Cookie": {
		"_ga=GA1.2.1234567890.1234567890; theme=dark; next-auth.callback-url=http%3A%2F%2Flocalhost%3A3000; " +
			"next-auth.csrf-token=" + strings.Repeat("0f", 32) + "%7C" + strings.Repeat("1e", 32) + "; next-auth.session-token=" + strings.Repeat("eyJhbGciOi", 41),
	}}
	b.ReportAllocs()
	for b.Loop() {
		cookies.Read(header, "next-auth.session-token")
	}
}
