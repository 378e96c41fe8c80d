package pam

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

const canary = `c4n"ary & pass'wörd`

// script is a stack that a test writes.
type script struct {
	to         target
	prompts    []bool // with or without echo
	auth, acct error
	left       string // the name at the end; empty leaves it
	wait       <-chan struct{}
	ended      *int
}

func (s *script) authenticate() error {
	if s.wait != nil {
		<-s.wait
	}
	for i, echo := range s.prompts {
		answer, err := s.to.answer(echo)
		if err != nil {
			return fmt.Errorf("question %d: %w", i, err)
		}
		if i == 0 && answer != canary {
			return &denial{cause: errors.New("wrong")}
		}
	}
	return s.auth
}

func (s *script) account() error {
	if s.wait != nil {
		<-s.wait
	}
	return s.acct
}

func (s *script) user() (string, error) { return or(s.left, s.to.name), nil }

func (s *script) end() {
	if s.ended != nil {
		*s.ended++
	}
}

func (s script) open(to target) (stack, error) {
	s.to = to
	return &s, nil
}

func connect(t *testing.T, config Config, open opener) *Connector {
	t.Helper()
	config.Service = or(config.Service, "ostiary")
	if config.RefusalStep == 0 {
		config.RefusalStep = -1
	}
	c, err := newConnector(config, open)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func values(t *testing.T, username, password string) form.Values {
	t.Helper()
	compiled, err := form.Compile(form.Form{
		{Name: "username", MaxBytes: 4096}, {Name: "password", Type: "password", MaxBytes: 4096, AllowEmptyPassword: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := compiled.Parse(map[string][]string{"username": {username}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func outcome(user *ostiary.User, err error) string {
	var refusal *ostiary.Refusal
	switch {
	case user != nil && err == nil:
		return "user " + user.ID
	case user == nil && err == nil:
		return "refused"
	case user == nil && errors.As(err, &refusal):
		return "refused: " + refusal.Code
	case user == nil && errors.Is(err, ostiary.ErrUnavailable):
		return "unavailable"
	}
	return fmt.Sprintf("of no kind: %v, %v", user, err)
}

func TestAuthorize(t *testing.T) {
	wrong := &denial{cause: errors.New("wrong")}
	password := []bool{false}
	for name, row := range map[string]struct {
		stack       script
		name, typed string
		want        string
	}{
		"right":                                   {script{prompts: password}, "ada", canary, "user ada"},
		"wrong":                                   {script{prompts: password}, "ada", "guess", "refused"},
		"unknown":                                 {script{prompts: password, auth: wrong}, "bob", canary, "refused"},
		"PWD-8 an empty password":                 {script{prompts: password}, "ada", "", "refused"},
		"PWD-3 a longer password than is read":    {script{prompts: password}, "ada", strings.Repeat("x", 512), "refused"},
		"an empty name":                           {script{prompts: password}, "", canary, "refused"},
		"a name that is a path":                   {script{prompts: password}, "../ada", canary, "refused"},
		"a name that is an option":                {script{prompts: password}, "-ada", canary, "refused"},
		"a name with a field of its own":          {script{prompts: password}, "ada:0", canary, "refused"},
		"a name with a blank at its end":          {script{prompts: password}, "ada ", canary, "refused"},
		"a long name":                             {script{prompts: password}, strings.Repeat("a", 257), canary, "refused"},
		"IDN-2 a name that a module writes anew":  {script{prompts: password, left: "ada@corp"}, "ADA", canary, "user ada@corp"},
		"a name that a module spoils":             {script{prompts: password, left: "a/b"}, "ada", canary, "unavailable"},
		"asks a second time":                      {script{prompts: []bool{false, false}}, "ada", canary, "refused"},
		"asks a second time, with echo":           {script{prompts: []bool{false, true}}, "ada", canary, "refused"},
		"asks with echo first":                    {script{prompts: []bool{true, false}}, "ada", canary, "refused"},
		"asks a second time after a wrong one":    {script{prompts: []bool{false, false}}, "ada", "guess", "refused"},
		"CON-1 does not ask":                      {script{}, "ada", canary, "unavailable"},
		"CON-1 a fault of auth":                   {script{prompts: password, auth: errors.New("no directory")}, "ada", canary, "unavailable"},
		"CON-1 a fault of account":                {script{prompts: password, acct: errors.New("no directory")}, "ada", canary, "unavailable"},
		"IDN-4 denied":                            {script{prompts: password, acct: wrong}, "ada", canary, "refused"},
		"IDN-4 disabled":                          {script{prompts: password, acct: &denial{state: ostiary.Disabled}}, "ada", canary, "refused"},
		"expired is revealed":                     {script{prompts: password, acct: &denial{state: ostiary.Expired}}, "ada", canary, "refused: account_expired"},
		"IDN-4 expired, with a wrong password":    {script{prompts: password, acct: &denial{state: ostiary.Expired}}, "ada", "guess", "refused"},
		"a password to be changed is revealed":    {script{prompts: password, acct: &denial{state: ostiary.MustChange}}, "ada", canary, "refused: password_must_change"},
		"IDN-5 locked, whatever the password was": {script{auth: &denial{state: ostiary.Locked}}, "ada", "guess", "refused: account_locked"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			var ended int
			row.stack.ended = &ended
			opened := 0
			c := connect(t, Config{
				Reveal: ostiary.Reveal{ostiary.Expired, ostiary.Locked, ostiary.MustChange}, Logger: slog.New(slog.NewTextHandler(&log, nil)),
			}, func(to target) (stack, error) { opened++; return row.stack.open(to) })
			ctx := ostiary.WithTrace(t.Context(), func(what string, facts ...slog.Attr) { fmt.Fprintln(&log, what, facts) })
			user, err := c.Authorize(ctx, values(t, row.name, row.typed), nil)
			if got := outcome(user, err); got != row.want {
				t.Errorf("got %s (%v), want %s", got, err, row.want)
			}
			if ended != opened {
				t.Errorf("%d transactions opened, %d ended", opened, ended)
			}
			if asked := strings.Contains(log.String(), "more than a password"); asked != (len(row.stack.prompts) == 2 && row.typed == canary) {
				t.Errorf("log: %s", &log)
			}
			if strings.Contains(log.String()+fmt.Sprint(err), "c4n") {
				t.Errorf("LOG-2: %s, %v", &log, err)
			}
		})
	}
}

func TestLookup(t *testing.T) {
	for name, row := range map[string]struct {
		stack script
		id    string
		want  string
	}{
		"there":                           {script{}, "ada", "user ada"},
		"gone":                            {script{acct: &denial{cause: errors.New("unknown")}}, "ada", "refused"},
		"ended":                           {script{acct: &denial{state: ostiary.Expired}}, "ada", "refused"},
		"has to change the password":      {script{acct: &denial{state: ostiary.MustChange}}, "ada", "user ada"},
		"a fault signs nobody out":        {script{acct: errors.New("no directory")}, "ada", "unavailable"},
		"IDN-2 somebody else":             {script{left: "bob"}, "ada", "unavailable"},
		"an id that we never gave out":    {script{}, "a/b", "refused"},
		"an id that no C program can see": {script{}, "ada\x00", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := outcome(connect(t, Config{}, row.stack.open).Lookup(t.Context(), row.id)); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

// TestHangs has a stack that does not come back: who asks is not held up, as many
// as may wait do, and when it comes back all works again.
func TestHangs(t *testing.T) {
	wait := make(chan struct{})
	c := connect(t, Config{MaxConcurrent: 2}, script{prompts: []bool{false}, wait: wait}.open)
	ask := func(ctx context.Context) string { return outcome(c.Authorize(ctx, values(t, "ada", canary), nil)) }
	short, leave := context.WithCancel(t.Context())
	answers := make(chan string, 8)
	for range cap(answers) {
		go func() { answers <- ask(short) }()
	}
	next := func(want string) {
		t.Helper()
		if got := <-answers; got != want {
			t.Errorf("CON-1, PWD-9: got %s, want %s", got, want)
		}
	}
	for range 4 { // two hang and two wait
		next("unavailable")
	}
	leave()
	for range 4 {
		next("unavailable")
	}
	if got := ask(short); got != "unavailable" {
		t.Errorf("a context that is over: got %s", got)
	}
	close(wait)
	if got := ask(t.Context()); got != "user ada" {
		t.Errorf("afterwards: got %s, want user ada", got)
	}
}

// TestSteps gives stacks different times to refuse: the clock shows steps only.
func TestSteps(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{
		0: 100 * time.Millisecond, time.Millisecond: 100 * time.Millisecond, 99 * time.Millisecond: 100 * time.Millisecond,
		130 * time.Millisecond: 200 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			c := connect(t, Config{RefusalStep: 100 * time.Millisecond}, func(to target) (stack, error) {
				return script{prompts: []bool{false}, wait: after(took)}.open(to)
			})
			for name, typed := range map[string]string{"a refusal": "guess", "a user": canary} {
				began := time.Now()
				_, err := c.Authorize(t.Context(), values(t, "ada", typed), nil)
				passed := time.Since(began)
				if err != nil || typed == "guess" && passed != want || typed == canary && passed < took {
					t.Errorf("PWD-6, IDN-8: %s that took %v came after %v, %v", name, took, passed, err)
				}
			}
			short, over := context.WithTimeout(t.Context(), took+50*time.Millisecond)
			defer over()
			if got := outcome(c.Authorize(short, values(t, "ada", "guess"), nil)); took < 50*time.Millisecond && got != "unavailable" {
				t.Errorf("CON-1: no time for the step: got %s, want unavailable", got)
			}
		})
	}
}

// after is closed when d has passed.
func after(d time.Duration) <-chan struct{} {
	done := make(chan struct{})
	time.AfterFunc(d, func() { close(done) })
	return done
}

func TestConfig(t *testing.T) {
	for name, row := range map[string]struct {
		config Config
		want   string
	}{
		"nothing":         {Config{}, "Service: is missing"},
		"a path":          {Config{Service: "../login"}, "Service: "},
		"capitals":        {Config{Service: "Login"}, "Service: "},
		"dots":            {Config{Service: ".."}, "Service: "},
		"relative":        {Config{Service: "ostiary", ConfDir: "pam.d"}, "ConfDir: "},
		"one field only":  {Config{Service: "ostiary", UsernameField: "x", PasswordField: "x"}, "PasswordField: "},
		"negative":        {Config{Service: "ostiary", MaxConcurrent: -1}, "MaxConcurrent: "},
		"too long a step": {Config{Service: "ostiary", RefusalStep: time.Minute}, "RefusalStep: "},
		"all of it":       {Config{ConfDir: "x", MaxConcurrent: 5000}, "\nMaxConcurrent: "},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := newConnector(row.config, script{}.open)
			if c != nil || err == nil || !strings.Contains("\n"+err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	c := connect(t, Config{ConfDir: dir}, script{}.open)
	want := func(want string) {
		t.Helper()
		err := c.Check(t.Context())
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	want("there is no " + filepath.Join(dir, "ostiary"))
	file := filepath.Join(dir, "ostiary")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want("")
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	want("everybody may write it")
	c = connect(t, Config{Service: "no-such-service"}, script{}.open)
	want("there is no /etc/pam.d/no-such-service")
	c = connect(t, Config{ConfDir: dir}, func(target) (stack, error) { return nil, errors.New("no library") })
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	want("no library")
}

func TestGroups(t *testing.T) {
	c := connect(t, Config{Groups: true}, script{prompts: []bool{false}}.open)
	got, err := c.Authorize(t.Context(), values(t, "root", canary), nil)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := user.LookupGroupId("0")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Groups) == 0 || got.Groups[0] != gid.Name || got.ID != "root" || got.Name == "" {
		t.Errorf("got %+v", got)
	}
	got, err = c.Authorize(t.Context(), values(t, "no-such-account", canary), nil)
	if err != nil || got.ID != "no-such-account" || got.Groups != nil {
		t.Errorf("an account that the system does not know: got %+v, %v", got, err)
	}
}
