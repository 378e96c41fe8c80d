package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/ostiary/ostiary/internal/paired"
)

// Timing is how long a connector takes to refuse somebody it knows and somebody
// it does not.
type Timing struct {
	// Pairs is how many of each were asked, turn by turn.
	Pairs int
	// Known and Unknown are the medians.
	Known, Unknown time.Duration
	// Difference is the mean of unknown minus known.
	Difference time.Duration
	// T is Student's t of the pairs. Beyond 4.5 either way, the clock tells which
	// names exist.
	T float64
}

// Time measures a connector itself, without the pace by which the server evens
// out what is left. Every pair is one wrong password for the person whose name is
// in known, and one for a name that nobody has: a system that locks accounts will
// lock that one. It ends early with ctx.
func (c *Config) Time(ctx context.Context, provider string, known map[string]string, pairs int) (Timing, error) {
	p, err := c.provider(provider)
	if err != nil {
		return Timing{}, err
	}
	made, err := c.connect(p, nil)
	if err != nil {
		return Timing{}, c.reader.result()
	}
	if made.closer != nil {
		defer made.closer.Close()
	}
	run := &trialRun{provider: p, made: made}
	nameField, passwordField, err := c.nameAndPassword(p)
	if err != nil {
		return Timing{}, err
	}
	if known[nameField] == "" {
		return Timing{}, fmt.Errorf("name somebody who exists: --set %s=…", nameField)
	}
	var first, second []time.Duration
	for i := 0; i < pairs && ctx.Err() == nil; i++ {
		wrong := maps.Clone(known)
		wrong[passwordField] = rand.Text()
		a, err := run.timed(ctx, wrong)
		if err != nil {
			return Timing{}, err
		}
		wrong[nameField] = (rand.Text() + rand.Text())[:min(len(known[nameField]), 52)]
		b, err := run.timed(ctx, wrong)
		if err != nil {
			return Timing{}, err
		}
		if i > 0 { // the first one opens connections
			first, second = append(first, a), append(second, b)
		}
	}
	r := paired.Compare(first, second)
	return Timing{r.Pairs, r.First, r.Second, r.Difference, r.T}, nil
}

// timed asks once and returns how long it took.
func (t *trialRun) timed(ctx context.Context, values map[string]string) (time.Duration, error) {
	credentials, err := t.fill(t.provider.service.Form, values)
	if err != nil {
		return 0, err
	}
	t.result = TrialResult{}
	if t.question(ctx, credentials) != nil {
		return 0, errors.New("it asked for a next step after a wrong password")
	}
	switch t.result.Outcome {
	case TrialSignedIn:
		return 0, errors.New("a random password was accepted: this system lets anybody in")
	case TrialUnavailable:
		return 0, fmt.Errorf("unavailable: %w", t.result.Cause)
	}
	return t.result.Took, nil
}

// nameAndPassword finds the two fields in the form: what the connector reads, or
// else the first text and the first password.
func (c *Config) nameAndPassword(p *providerSettings) (name, password string, err error) {
	if d, ok := p.connector.one(); ok {
		for _, a := range d.system.asks() {
			switch a.key {
			case "username_field":
				name = a.field
			case "password_field":
				password = a.field
			}
		}
	}
	for _, f := range p.service.Form {
		switch {
		case f.Type == "password" && password == "":
			password = f.Name
		case (f.Type == "" || f.Type == "text" || f.Type == "email") && name == "":
			name = f.Name
		}
	}
	if name == "" || password == "" {
		return "", "", errors.New("the form has no name and password to time")
	}
	return name, password, nil
}
