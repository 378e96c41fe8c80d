package recovery_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/recovery"
	"github.com/ostiary/ostiary/form"
)

func values(t testing.TB, fields form.Form, given ...string) form.Values {
	t.Helper()
	compiled, err := form.Compile(fields)
	if err != nil {
		t.Fatal(err)
	}
	submitted := map[string][]string{}
	for i := 0; i+1 < len(given); i += 2 {
		submitted[given[i]] = []string{given[i+1]}
	}
	v, err := compiled.Parse(submitted)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// enrolled returns a factor, its codes and what is stored of them.
func enrolled(t testing.TB) (*recovery.Factor, []string, ostiary.Enrolment) {
	t.Helper()
	f, err := recovery.New(recovery.Config{})
	if err != nil {
		t.Fatal(err)
	}
	begun, err := f.Begin(context.Background(), ostiary.Person{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.Finish(context.Background(), ostiary.Answer{State: begun.State, Values: values(t, begun.Form, "stored", "on")})
	if err != nil || e == nil {
		t.Fatal(e, err)
	}
	return f, begun.Codes, *e
}

func verify(t testing.TB, f *recovery.Factor, code string, of ...ostiary.Enrolment) *ostiary.Verified {
	t.Helper()
	v, err := f.Verify(context.Background(), ostiary.Answer{Enrolled: of, Values: values(t, f.Form(), "code", code)})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCodes(t *testing.T) {
	f, codes, e := enrolled(t)
	if len(codes) != 10 || e.Left != 10 {
		t.Fatalf("%d codes, %d left", len(codes), e.Left)
	}
	for _, code := range codes {
		if strings.Contains(string(e.Data), strings.ReplaceAll(code, "-", "")) {
			t.Error("REC-1 a code is stored as it is")
		}
	}
	left := 10
	for _, code := range codes {
		v := verify(t, f, code, e)
		if v == nil || v.Enrolment.Left != left-1 {
			t.Fatalf("REC-2 code %d: %+v", 10-left, v)
		}
		e, left = v.Enrolment, left-1
		if verify(t, f, code, e) != nil {
			t.Error("REC-2 accepted twice")
		}
	}
}

func TestTyped(t *testing.T) {
	f, codes, e := enrolled(t)
	code := codes[3]
	for name, typed := range map[string]string{
		"as shown": code, "small": strings.ToLower(code), "without hyphens": strings.ReplaceAll(code, "-", ""),
		"with blanks": " " + strings.ReplaceAll(code, "-", "  "), "0 as O": strings.ReplaceAll(code, "0", "O"),
		"1 as l": strings.ReplaceAll(code, "1", "l"),
	} {
		if verify(t, f, typed, e) == nil {
			t.Errorf("%s: %q is refused", name, typed)
		}
	}
	_, others, _ := enrolled(t)
	for name, typed := range map[string]string{
		"REC-4 of another account": others[0], "too short": code[:18], "doubled": code + code, "nothing but hyphens": "----", "a letter that is none": "U" + code[1:],
	} {
		if verify(t, f, typed, e) != nil {
			t.Errorf("%s: %q is accepted", name, typed)
		}
	}
}

func TestRandom(t *testing.T) {
	seen, count := map[string]bool{}, map[rune]int{}
	f, err := recovery.New(recovery.Config{Codes: 20})
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		begun, err := f.Begin(context.Background(), ostiary.Person{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range begun.Codes {
			if seen[code] {
				t.Fatal("REC-1 a code twice")
			}
			seen[code] = true
			for _, c := range strings.ReplaceAll(code, "-", "") {
				count[c]++
			}
		}
	}
	// 160 000 characters, 5 000 of each expected; six deviations are 418.
	for c, n := range count {
		if len(count) != 32 || n < 4582 || n > 5418 {
			t.Errorf("REC-1 %q comes %d times of 5000 expected, among %d", c, n, len(count))
		}
	}
}

func TestNotStored(t *testing.T) {
	f, _, _ := enrolled(t)
	begun, _ := f.Begin(context.Background(), ostiary.Person{}, nil)
	if e, err := f.Finish(context.Background(), ostiary.Answer{State: begun.State}); e != nil || err != nil {
		t.Errorf("enrolled although nobody said that the codes are stored: %v, %v", e, err)
	}
	if _, err := f.Finish(context.Background(), ostiary.Answer{State: []byte("x"), Values: values(t, begun.Form, "stored", "on")}); err == nil {
		t.Error("a damaged state enrols")
	}
	if _, err := recovery.New(recovery.Config{Codes: 3}); err == nil || !strings.HasPrefix(err.Error(), "Codes: ") {
		t.Errorf("three codes: %v", err)
	}
}

// FuzzVerify holds that nothing but a code is accepted, and that damaged data is
// an error.
func FuzzVerify(f *testing.F) {
	factor, codes, e := enrolled(f)
	f.Add(codes[0], []byte(nil))
	f.Add(strings.ToLower(codes[1]), e.Data[:17])
	f.Add("ßßßß", e.Data)
	fields, err := form.Compile(factor.Form())
	if err != nil {
		f.Fatal(err)
	}
	plain := func(s string) string {
		return strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
	}
	f.Fuzz(func(t *testing.T, typed string, data []byte) {
		v, err := fields.Parse(map[string][]string{"code": {typed}})
		if err != nil {
			return
		}
		got, err := factor.Verify(context.Background(), ostiary.Answer{Enrolled: []ostiary.Enrolment{e}, Values: v})
		if err != nil {
			t.Fatal(err)
		}
		right := false
		for _, code := range codes {
			right = right || plain(typed) == plain(code)
		}
		if (got != nil) != right {
			t.Errorf("REC-2 %q: accepted %v", typed, got != nil)
		}
		damaged := ostiary.Enrolment{Data: data}
		if got, err := factor.Verify(context.Background(), ostiary.Answer{Enrolled: []ostiary.Enrolment{damaged}, Values: v}); got != nil && err == nil && string(data) != string(e.Data) {
			t.Errorf("%q is accepted by foreign data", typed)
		}
	})
}
