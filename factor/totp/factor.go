package totp

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// Config says what new keys are like. The zero value is what every app knows:
// SHA-1, six digits, thirty seconds.
type Config struct {
	// Issuer is the service, as apps show it above the code. Empty shows the
	// account alone.
	Issuer string
	// Algorithm, Digits and Period are those of new keys, as in Key. Keys that
	// were enrolled or imported with others keep theirs.
	Algorithm Algorithm
	Digits    int
	Period    time.Duration
}

// Factor is the second factor "totp". It is safe for concurrent use.
type Factor struct{ config Config }

// New checks the configuration.
func New(c Config) (*Factor, error) {
	trial := Key{Secret: NewSecret(c.Algorithm), Algorithm: c.Algorithm, Digits: c.Digits, Period: c.Period}
	faults := []error{trial.Check()}
	if strings.Contains(c.Issuer, ":") {
		faults = append(faults, errors.New("Issuer: apps cut it at a colon; write it without"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Factor{c}, nil
}

// Kind returns "totp".
func (*Factor) Kind() string { return "totp" }

// Form asks for the code that the app shows now.
func (*Factor) Form() form.Form {
	return form.Form{{Name: "code", Label: "Code", Attributes: map[string]any{
		"autocomplete": "one-time-code", "inputmode": "numeric", "required": true, "maxlength": 16,
	}, Secret: true}}
}

// Begin makes a new key. It counts once a code of it was typed.
func (f *Factor) Begin(_ context.Context, p ostiary.Person, _ []ostiary.Enrolment) (*ostiary.Enrolling, error) {
	key := Key{Secret: NewSecret(f.config.Algorithm), Algorithm: f.config.Algorithm, Digits: f.config.Digits, Period: f.config.Period}
	address := Address{Key: key, Issuer: f.config.Issuer, Account: p.Name}
	qr, err := address.QR()
	if err != nil {
		return nil, err
	}
	return &ostiary.Enrolling{Form: f.Form(), State: []byte(address.String()), QR: qr, Text: key.Secret.Text()}, nil
}

// Finish takes the key if the code is one of it. That code is used up then
// (OTP-4).
func (f *Factor) Finish(_ context.Context, a ostiary.Answer) (*ostiary.Enrolment, error) {
	address, err := ParseAddress(string(a.State))
	if err != nil {
		return nil, err
	}
	state, ok := address.Key.Verify(a.Values.Get("code"), a.Now, State{})
	if !ok {
		return nil, nil
	}
	data, err := encode(address.Key, state, false)
	return &ostiary.Enrolment{Data: data, Left: -1}, err
}

// Verify accepts the code of any key of the account.
func (f *Factor) Verify(_ context.Context, a ostiary.Answer) (*ostiary.Verified, error) {
	var found *ostiary.Verified
	var refusal error
	for _, e := range a.Enrolled {
		key, state, counted, err := decode(e.Data)
		if err != nil {
			return nil, err
		}
		verify := func(s State) (State, bool) { return key.Verify(a.Values.Get("code"), a.Now, s) }
		if counted {
			verify = func(s State) (State, bool) { return key.VerifyCounter(a.Values.Get("code"), s) }
		}
		next, ok := verify(state)
		if !ok {
			if _, once := verify(State{Drift: state.Drift}); once && !counted {
				refusal = spent
			}
			continue
		}
		if e.Data, err = encode(key, next, counted); err != nil {
			return nil, err
		}
		found = &ostiary.Verified{Enrolment: e, Methods: []string{"otp"}, Fleeting: !counted}
	}
	if found == nil {
		return nil, refusal
	}
	return found, nil
}

// spent is the refusal of a code that was right and is used up, which its owner
// may know: who types it has it from the app.
var spent = &ostiary.Refusal{Code: "second_factor_spent", Cause: errors.New("the code was used already")}

// Import takes a key over from another system. It reads what that put into its
// QR code, an otpauth address, or a secret in base32 alone, which is a key like
// new ones.
func (f *Factor) Import(text string) (*ostiary.Enrolment, error) {
	text = strings.TrimSpace(text)
	var a Address
	var err error
	if strings.HasPrefix(text, "otpauth:") {
		a, err = ParseAddress(text)
	} else {
		a.Key = Key{Algorithm: f.config.Algorithm, Digits: f.config.Digits, Period: f.config.Period}
		a.Key.Secret, err = ParseSecret(text)
	}
	if err != nil {
		return nil, err
	}
	var state State
	if a.Counter != nil {
		state.Last = *a.Counter
	}
	data, err := encode(a.Key, state, a.Counter != nil)
	return &ostiary.Enrolment{Name: a.Issuer, Data: data, Left: -1}, err
}

// Same reports whether two enrolments have one secret. One whose data is damaged is
// like no other.
func (f *Factor) Same(a, b ostiary.Enrolment) bool {
	one, _, _, err := decode(a.Data)
	other, _, _, err2 := decode(b.Data)
	return err == nil && err2 == nil && subtle.ConstantTimeCompare(one.Secret.bytes(), other.Secret.bytes()) == 1
}

// stored is a key with its state, as Enrolment.Data has it.
type stored struct {
	Secret    []byte    `json:"s"`
	Algorithm Algorithm `json:"a,omitempty"`
	Digits    int       `json:"d,omitempty"`
	Period    int64     `json:"p,omitempty"` // seconds
	Counted   bool      `json:"c,omitempty"`
	Last      int64     `json:"l,omitempty"`
	Drift     int       `json:"r,omitempty"`
}

func encode(k Key, s State, counted bool) ([]byte, error) {
	return json.Marshal(stored{
		Secret: k.Secret.bytes(), Algorithm: k.Algorithm, Digits: k.Digits, Period: int64(k.Period / time.Second),
		Counted: counted, Last: s.Last, Drift: s.Drift,
	})
}

func decode(data []byte) (Key, State, bool, error) {
	var d stored
	if err := json.Unmarshal(data, &d); err != nil {
		return Key{}, State{}, false, errors.New("the stored key is damaged")
	}
	secret, err := SecretFromBytes(d.Secret)
	if err != nil {
		return Key{}, State{}, false, fmt.Errorf("the stored key is damaged: %w", err)
	}
	key := Key{Secret: secret, Algorithm: d.Algorithm, Digits: d.Digits, Period: time.Duration(d.Period) * time.Second}
	if err := key.Check(); err != nil {
		return Key{}, State{}, false, fmt.Errorf("the stored key is damaged: %w", err)
	}
	return key, State{Last: d.Last, Drift: d.Drift}, d.Counted, nil
}
