package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/server"
)

type tryCommand struct {
	configFlag
	Provider string            `name:"provider" placeholder:"ID" help:"The provider to try. Left out: the only one."`
	Set      map[string]string `name:"set" placeholder:"FIELD=VALUE" mapsep:"none" help:"A field of the form; repeat it for more. What is missing is asked for, or read from standard input, a line each: passwords belong there, not here."`
	Timing   int               `name:"timing" placeholder:"PAIRS" help:"Compare instead how long wrong passwords take for the user of --set and for unknown names, in so many pairs. Beware of systems that lock accounts."`
	JSON     bool              `name:"json" help:"Print JSON."`
}

// Run makes one attempt and shows every step of it.
func (t *tryCommand) Run(a *surroundings) error {
	config, err := t.read(a)
	if err != nil {
		return err
	}
	if t.Timing > 0 {
		return t.time(a, config)
	}
	ask := &asker{in: bufio.NewReader(a.stdin), out: a.stderr}
	if file, ok := a.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		ask.terminal = file
	}
	show := &trialView{out: a.stdout, json: t.JSON}
	result, err := config.Try(a.ctx, server.Trial{Provider: t.Provider, Values: t.Set, Ask: ask.value, Tell: show.step})
	if err != nil {
		return err
	}
	if err := show.result(result); err != nil {
		return err
	}
	if result.Outcome != server.TrialSignedIn {
		return errTold
	}
	return nil
}

// time prints the report on unknown and known names.
func (t *tryCommand) time(a *surroundings, config *server.Config) error {
	r, err := config.Time(a.ctx, t.Provider, t.Set, t.Timing+1)
	if err != nil {
		return err
	}
	if t.JSON {
		return json.NewEncoder(a.stdout).Encode(map[string]any{
			"pairs": r.Pairs, "known_us": r.Known.Microseconds(), "unknown_us": r.Unknown.Microseconds(),
			"difference_us": float64(r.Difference.Nanoseconds()) / 1000, "t": r.T,
		})
	}
	verdict := "no difference that a clock could tell"
	if r.T > 4.5 || r.T < -4.5 {
		verdict = "the connector alone tells known from unknown names; the server evens it out where people sign in"
	}
	_, err = fmt.Fprintf(a.stdout, "wrong passwords, %d pairs\n  known user    %s\n  unknown user  %s\n  difference    %s, t = %.1f: %s\n",
		r.Pairs, r.Known, r.Unknown, r.Difference, r.T, verdict)
	return err
}

// asker asks for fields: at a terminal with a prompt, secrets unseen; otherwise
// by lines.
type asker struct {
	in       *bufio.Reader
	out      io.Writer
	terminal *os.File // nil when nobody sits there
}

func (a *asker) value(in form.Input) (string, error) {
	if a.terminal == nil {
		line, err := a.in.ReadString('\n')
		if err != nil && line == "" {
			return "", fmt.Errorf("field %s: standard input has no line for it; give --set %s=…", in.Name, in.Name)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	fmt.Fprintf(a.out, "%s: ", printable(in.Label))
	if in.Secret {
		secret, err := term.ReadPassword(int(a.terminal.Fd()))
		fmt.Fprintln(a.out)
		return string(secret), err
	}
	line, err := a.in.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err
}

// trialView shows a trial.
type trialView struct {
	out   io.Writer
	json  bool
	steps []map[string]any
}

func (v *trialView) step(s server.TrialStep) {
	if v.json {
		facts := make(map[string]any, len(s.Facts))
		for _, f := range s.Facts {
			facts[f.Key] = shown(f.Value)
		}
		v.steps = append(v.steps, map[string]any{"after_ms": millis(s.After), "what": s.What, "facts": facts})
		return
	}
	var b strings.Builder
	for _, f := range s.Facts {
		fmt.Fprintf(&b, "  %s=%s", f.Key, printable(fmt.Sprint(shown(f.Value))))
	}
	fmt.Fprintf(v.out, "%9.1f ms  %s%s\n", millis(s.After), printable(s.What), b.String())
}

func (v *trialView) result(r server.TrialResult) error {
	if v.json {
		return v.resultJSON(r)
	}
	fmt.Fprintf(v.out, "%9.1f ms  %s\n", millis(r.Took), strings.ReplaceAll(r.Outcome, "_", " "))
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(v.out, "  %-10s %s\n", name, printable(value))
		}
	}
	if u := r.User; u != nil {
		line("account", r.Account.String())
		line("name", u.Name)
		line("email", u.Email)
		line("image", clip(u.Image, 80))
		line("groups", strings.Join(u.Groups, ", "))
		for _, name := range slices.Sorted(maps.Keys(u.Claims)) {
			line("claim "+name, fmt.Sprint(u.Claims[name]))
		}
	}
	line("code", r.Code)
	line("sentence", r.Sentence)
	if r.Cause != nil {
		line("cause", r.Cause.Error())
	}
	return nil
}

func (v *trialView) resultJSON(r server.TrialResult) error {
	out := map[string]any{"outcome": r.Outcome, "took_ms": millis(r.Took), "steps": v.steps}
	if u := r.User; u != nil {
		out["account"] = r.Account.String()
		out["user"] = map[string]any{
			"id": u.ID, "name": u.Name, "email": u.Email, "image": u.Image, "groups": u.Groups, "claims": u.Claims,
		}
	}
	for name, value := range map[string]string{"code": r.Code, "sentence": r.Sentence} {
		if value != "" {
			out[name] = value
		}
	}
	if r.Cause != nil {
		out["cause"] = r.Cause.Error()
	}
	return json.NewEncoder(v.out).Encode(out)
}

// shown is the value of a fact as it may be shown.
func shown(v slog.Value) any {
	switch v = v.Resolve(); v.Kind() {
	case slog.KindDuration:
		return v.Duration().String()
	case slog.KindAny:
		return fmt.Sprint(v.Any())
	}
	return v.Any()
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// printable keeps what comes from elsewhere from steering the terminal (LOG-1).
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 || c == '\u2028' || c == '\u2029' || c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069' {
			return '\uFFFD'
		}
		return c
	}, s)
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
