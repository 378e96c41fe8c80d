package ostiarytest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/ostiary/ostiary"
)

// cases are all of them, in the order in which they run.
var cases = []check{
	{
		name: "the right password signs in", run: right,
		mend: "Right must sign in as WantID, each time it is asked. The id must be printable text that never changes.",
	},
	{
		name: "many at once", run: parallel,
		mend: "An authorizer is called from many goroutines at once: share nothing that is not locked. Whoever has no time returns an error, but not to all.",
	},
	{
		name: "a wrong password is refused", run: wrong,
		mend: "Return nil, nil for a wrong password. An error means that the system can't be asked.",
	},
	{
		name: "an unknown name is refused", run: unknown,
		mend: "Return nil, nil for a name that nobody has. Most libraries report it as an error: tell that one apart.",
	},
	{
		name: "unknown and wrong look alike", run: alike,
		mend: "Answer an unknown name and a wrong password with the same code and sentence: nil, nil does. Otherwise anybody learns who is known (IDN-4).",
	},
	{
		name: "empty is refused", run: empty,
		mend: "Refuse an empty name and an empty password before anything is asked: many systems take an empty password for an anonymous visitor (PWD-8).",
	},
	{
		name: "a missing field is refused", run: missing,
		mend: "A field that was not sent is an empty one: refuse it before anything is asked (PWD-8).",
	},
	{
		name: "nobody is somebody else", run: spelled,
		mend: "Compare the name that the system found with the one that was typed: another spelling is the same person or nobody (IDN-2, SQL-2).",
	},
	{
		name: "name and password are two things", run: apart,
		mend: "Compare and hash the password alone: in a text of both, and in the key of a cache, nobody knows where the name ends (PWD-4).",
	},
	{
		name: "long values are refused", run: long,
		mend: "A value of ten thousand bytes is a wrong one, not a fault (PWD-2).",
	},
	{
		name: "control characters are refused", run: control,
		mend: "NUL and its like are part of no password that was stored: a value that is cut off at one is another value.",
	},
	{
		name: "injections find nobody", run: injected,
		mend: "Hand values to the system as parameters, escaped by the library that knows its language, never as part of a text.",
	},
	{
		name: "Unicode is one of two things", run: unicode, applies: func(t Target) bool { return t.Unicode != nil },
		mend: "The same name in another normal form is the same person or nobody, and the form that was stored signs in.",
	},
	{
		name: "an ended context signs nobody in", run: ended,
		mend: "Pass the context on to whatever waits, and return its error; where nothing waits, begin with ctx.Err().",
	},
	{
		name: "a stalled system is unavailable", run: stalled, applies: func(t Target) bool { return t.Stall != nil },
		mend: "Give up when the context ends, and return an error, from Lookup too: a system that does not answer has refused nobody, and nobody has left it.",
	},
	{
		name: "a dead system is unavailable", run: stopped, applies: func(t Target) bool { return t.Stop != nil },
		mend: "Return an error when the system can't be reached, from Lookup too, and try again at the next question: connections go bad, and come back.",
	},
	{
		name: "secrets stay inside", run: secrets,
		mend: "Put no password into an error, a refusal, a user or a trace: they are logged and shown (LOG-2).",
	},
	{
		name: "lookup finds the same person", run: lookup, applies: func(t Target) bool { return t.Lookup != nil },
		mend: "Lookup takes the id that Authorize gave, finds exactly that person, and answers nil, nil for nobody.",
	},
	{
		name: "nothing is left behind", run: leaks,
		mend: "A goroutine must end with its question, whatever the answer is: close bodies, rows and connections.",
	},
}

func right(ctx context.Context, e *examiner) {
	for _, what := range []string{"once", "and again"} {
		e.admitted(ctx, what, e.Right)
	}
	if (ostiary.Account{Realm: "realm", UserID: e.WantID}).String() == "" {
		e.note("the id %q can't be an account: it must be printable text of at most 512 bytes", e.WantID)
	}
}

func parallel(ctx context.Context, e *examiner) {
	const many = 64
	admitted := 0
	for i, a := range e.atOnce(ctx, many) {
		switch kind := a.kind(); {
		case kind == "a user" && i%4 != 3 && a.user.ID == e.WantID:
			admitted++
		case kind == "unavailable": // it may have too much to do
		case i%4 == 3 && kind != "a refusal":
			e.note("a name that nobody has: the answer was %s", a)
		case i%4 != 3 && (kind != "a user" || a.user.ID != e.WantID):
			e.note("the right password: the answer was %s, want the user with id %q", a, e.WantID)
		}
	}
	if admitted == 0 && len(e.found) == 0 {
		e.note("of %d people with the right password nobody came in", many*3/4)
	}
}

// atOnce asks so many times at once, every fourth time for a name that nobody
// has, and notes when answers do not come.
func (e *examiner) atOnce(ctx context.Context, many int) []answer {
	ctx, cancel := context.WithTimeout(ctx, 4*e.patience())
	defer cancel()
	got := make([]chan answer, many)
	for i := range got {
		fields := e.Right
		if i%4 == 3 {
			fields = e.with(nobody(), rand.Text())
		}
		got[i] = make(chan answer, 1)
		go func() { got[i] <- e.ask(ctx, fields) }()
	}
	answers := make([]answer, 0, many)
	for i := range got {
		a, ok := e.await(4*e.patience(), func() answer { return <-got[i] })
		if !ok {
			return nil
		}
		answers = append(answers, a)
	}
	return answers
}

// nobody is a name that nobody has.
func nobody() string { return "n" + strings.ToLower(rand.Text()) }

// wrongly is the name for cases that try many wrong passwords.
func (e *examiner) wrongly() string {
	if e.LocksAfter > 0 {
		return nobody()
	}
	return e.Right[e.username()]
}

func wrong(ctx context.Context, e *examiner) {
	name, password := e.Right[e.username()], e.Right[e.password()]
	e.refused(ctx, "another password", e.with(name, rand.Text()))
	if e.LocksAfter > 0 {
		e.admitted(ctx, "the right one after that", e.Right)
		return
	}
	e.refused(ctx, "the password and a letter", e.with(name, password+"x"))
	e.refused(ctx, "the password without its last letter", e.with(name, password[:len(password)-1]))
	e.refused(ctx, "the name as password", e.with(name, name+"!"))
	for _, other := range []string{strings.ToUpper(password), strings.ToLower(password)} {
		if other != password {
			e.refused(ctx, "the password in letters of another case", e.with(name, other))
		}
	}
	e.admitted(ctx, "the right one after that", e.Right)
}

func unknown(ctx context.Context, e *examiner) {
	e.refused(ctx, "a name that nobody has", e.with(nobody(), rand.Text()))
	e.refused(ctx, "a name that nobody has, with the password of somebody", e.with(nobody(), e.Right[e.password()]))
}

func alike(ctx context.Context, e *examiner) {
	a, ok := e.refused(ctx, "a wrong password", e.with(e.Right[e.username()], rand.Text()))
	b, also := e.refused(ctx, "a name that nobody has", e.with(nobody(), rand.Text()))
	if ok && also && a.public() != b.public() {
		e.note("a wrong password answers %s, an unknown name %s", a.public(), b.public())
	}
	e.admitted(ctx, "the right one after that", e.Right)
}

func empty(ctx context.Context, e *examiner) {
	name, password := e.Right[e.username()], e.Right[e.password()]
	e.refused(ctx, "no password", e.with(name, ""))
	e.refused(ctx, "no name", e.with("", password))
	e.refused(ctx, "neither", e.with("", ""))
	e.refused(ctx, "a blank for password", e.with(name, " "))
	e.refused(ctx, "no password for a name that nobody has", e.with(nobody(), ""))
}

func missing(ctx context.Context, e *examiner) {
	for what, left := range map[string][]string{
		"no field for the name": {e.username()}, "no field for the password": {e.password()},
		"neither field": {e.username(), e.password()},
	} {
		fields := maps.Clone(e.Right)
		for _, name := range left {
			delete(fields, name)
		}
		e.refused(ctx, what, fields)
	}
}

func spelled(ctx context.Context, e *examiner) {
	for _, name := range spellings(e.Right[e.username()]) {
		a, ok := e.soon(ctx, e.with(name, e.Right[e.password()]))
		switch {
		case !ok:
			return
		case a.kind() == "a user" && a.user.ID == e.WantID, a.kind() == "a refusal":
		default:
			e.note("the name %q: the answer was %s, want a refusal or the user with id %q", name, a, e.WantID)
		}
	}
}

func apart(ctx context.Context, e *examiner) {
	name, password := []rune(e.Right[e.username()]), []rune(e.Right[e.password()])
	e.admitted(ctx, "the right password", e.Right) // for a cache to have it
	last := len(name) - 1
	e.refused(ctx, "the first letter of the password behind the name", e.with(string(name)+string(password[:1]), string(password[1:])))
	e.refused(ctx, "the last letter of the name before the password", e.with(string(name[:last]), string(name[last:])+string(password)))
	if string(name) != string(password) {
		e.refused(ctx, "the name where the password is, and the reverse", e.with(string(password), string(name)))
	}
}

func long(ctx context.Context, e *examiner) {
	const size = 10_000
	name := e.wrongly()
	e.refused(ctx, "a name of 10 000 bytes", e.with(strings.Repeat("x", size), rand.Text()))
	e.refused(ctx, "a password of 10 000 bytes", e.with(name, strings.Repeat("x", size)))
	e.refused(ctx, "the password ten thousand bytes long", e.with(name, e.Right[e.password()]+strings.Repeat("x", size)))
	e.refused(ctx, "letters of four bytes", e.with(strings.Repeat("𝔵", size/4), strings.Repeat("𝔵", size/4)))
}

func control(ctx context.Context, e *examiner) {
	name, password := e.wrongly(), e.Right[e.password()]
	for _, extra := range []string{"\x00", "\x00x", "\x01", "\x7f", "\u0085", "\u2028"} {
		e.refused(ctx, fmt.Sprintf("the password and %q", extra), e.with(name, password+extra))
	}
	for _, odd := range []string{"\x00", "\x00" + e.Right[e.username()], "\x1b[2J", "\u202e", "\ufffd"} {
		e.refused(ctx, fmt.Sprintf("the name %q", odd), e.with(odd, password))
	}
}

func injected(ctx context.Context, e *examiner) {
	name := e.wrongly()
	for _, text := range Injections() {
		if _, ok := e.refused(ctx, fmt.Sprintf("the name %q", text), e.with(text, e.Right[e.password()])); !ok {
			continue
		}
		e.refused(ctx, fmt.Sprintf("the password %q", text), e.with(name, text))
	}
	e.admitted(ctx, "the right one after that", e.Right)
}

func unicode(ctx context.Context, e *examiner) {
	name, password := e.Unicode[e.username()], e.Unicode[e.password()]
	stored, ok := e.soon(ctx, e.with(name, password))
	if !ok {
		return
	}
	if stored.kind() != "a user" {
		e.note("as it is stored: the answer was %s, want a user", stored)
		return
	}
	for _, f := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
		for what, fields := range map[string]map[string]string{
			"the name":     e.with(f.String(name), password),
			"the password": e.with(name, f.String(password)),
			"both":         e.with(f.String(name), f.String(password)),
		} {
			a, ok := e.soon(ctx, fields)
			if ok && a.kind() != "a refusal" && (a.kind() != "a user" || a.user.ID != stored.user.ID) {
				e.note("%s in form %d: the answer was %s, want a refusal or the user with id %q", what, f, a, stored.user.ID)
			}
		}
	}
}

func ended(ctx context.Context, e *examiner) {
	over, cancel := context.WithCancel(ctx)
	cancel()
	switch a, ok := e.within(over, 0, e.Right); {
	case !ok, a.kind() == "unavailable":
	case a.kind() == "a refusal":
		e.note("with a context that is over: the answer was %s, want the error of the context: nobody was refused", a)
	default:
		e.note("with a context that is over: the answer was %s, want the error of the context", a)
	}
	for _, after := range []time.Duration{time.Nanosecond, time.Millisecond} {
		ending, cancel := context.WithTimeout(ctx, after)
		a, ok := e.within(ending, after, e.Right)
		cancel()
		if ok && (a.kind() == "a panic" || a.kind() == "a user and an error") {
			e.note("with a context that ends after %v: the answer was %s", after, a)
		}
	}
	e.admitted(ctx, "the right one after that", e.Right)
}

func secrets(ctx context.Context, e *examiner) {
	canary := "canary" + rand.Text()
	for what, fields := range map[string]map[string]string{
		"a wrong password":       e.with(e.Right[e.username()], canary),
		"a name that nobody has": e.with(nobody(), canary),
		"an odd password":        e.with(e.wrongly(), canary+"\x00'\""),
	} {
		e.silent(ctx, what, fields, canary)
	}
	e.silent(ctx, "the right password", e.Right, e.Right[e.password()])
	over, cancel := context.WithCancel(ctx)
	cancel()
	e.silent(over, "an ended context", e.with(e.wrongly(), canary), canary)
}

// silent asks and looks for a secret in everything that comes back.
func (e *examiner) silent(ctx context.Context, what string, fields map[string]string, secret string) {
	var told strings.Builder
	traced := ostiary.WithTrace(ctx, func(step string, facts ...slog.Attr) {
		fmt.Fprint(&told, step, facts)
	})
	a, ok := e.within(traced, e.patience(), fields)
	if !ok {
		return
	}
	seen := map[string]string{"the trace": told.String()}
	if a.err != nil && !a.hollow() {
		seen["the error"] = a.err.Error() + a.public()
	}
	if a.user != nil {
		seen["the user"] = fmt.Sprintf("%+v", *a.user)
	}
	for where, text := range seen {
		if strings.Contains(text, secret) && !strings.Contains(fields[e.username()], secret) {
			e.note("%s: the password is in %s", what, where)
		}
	}
}

func lookup(ctx context.Context, e *examiner) {
	if a := e.find(ctx, e.WantID); a.kind() != "a user" || a.user.ID != e.WantID {
		e.note("the id %q: the answer was %s, want that user", e.WantID, a)
	}
	others := append(Injections(), "", nobody(), e.WantID+" ", " "+e.WantID, e.WantID+"\x00", e.WantID+"x", strings.Repeat("9", 400))
	for _, id := range others {
		if id == e.WantID {
			continue
		}
		a := e.find(ctx, id) // an error may be: the system never gave that id
		if a.user != nil && (a.user.ID != id || id == "") || a.panicked != nil {
			e.note("the id %q: the answer was %s, want nil and nil", id, a)
		}
	}
	if a := e.find(ctx, nobody()); a.kind() != "a refusal" {
		e.note("the id of nobody: the answer was %s, want nil and nil", a)
	}
}

func leaks(ctx context.Context, e *examiner) {
	over, cancel := context.WithCancel(ctx)
	cancel()
	const rounds, slack = 12, 8 // connections that are kept, and timers on their way
	before := settled(ctx)
	for range rounds {
		_, in := e.soon(ctx, e.Right)
		_, out := e.soon(ctx, e.with(nobody(), rand.Text()))
		_, ended := e.within(over, 0, e.Right)
		if !in || !out || !ended {
			return
		}
	}
	deadline := time.Now().Add(e.patience())
	for runtime.NumGoroutine() > before+slack {
		if time.Now().After(deadline) {
			e.note("%d goroutines before %d questions, %d after them", before, 3*rounds, runtime.NumGoroutine())
			return
		}
		pause(ctx, 10*time.Millisecond)
	}
}

// settled counts the goroutines once no more of them end, for at most a second:
// those of earlier questions would hide what these leave behind.
func settled(ctx context.Context) int {
	n := runtime.NumGoroutine()
	for calm, i := 0, 0; calm < 5 && i < 100; i++ {
		pause(ctx, 10*time.Millisecond)
		calm++
		if now := runtime.NumGoroutine(); now != n {
			n, calm = now, 0
		}
	}
	return n
}
