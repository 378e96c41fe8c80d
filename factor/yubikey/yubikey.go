package yubikey

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// Kind returns "yubikey".
func (*Factor) Kind() string { return "yubikey" }

// ImportOnly reports whether there are no servers to check the first password of a
// key with.
func (f *Factor) ImportOnly() bool { return len(f.servers) == 0 }

// Form asks for the touch of a key.
func (*Factor) Form() form.Form {
	return form.Form{{Name: "code", Label: "YubiKey", Secret: true, Attributes: map[string]any{
		"required": true, "maxlength": 64, "autocomplete": "one-time-code",
	}}}
}

// Begin asks for the first password of a key. Without servers nobody can enrol a
// key: its secret must be imported.
func (f *Factor) Begin(context.Context, ostiary.Person, []ostiary.Enrolment) (*ostiary.Enrolling, error) {
	if len(f.servers) == 0 {
		return nil, &ostiary.Refusal{Code: "enrolment_closed", Cause: errors.New("no validation servers: keys are imported with their secrets")}
	}
	return &ostiary.Enrolling{Form: f.Form()}, nil
}

// Finish takes the key whose password is valid. That password is used up then.
func (f *Factor) Finish(ctx context.Context, a ostiary.Answer) (*ostiary.Enrolment, error) {
	otp, ok := parseOTP(a.Values.Get("code"))
	if !ok {
		return nil, nil
	}
	if err := f.ask(ctx, otp); err != nil {
		return nil, err
	}
	k := key{ID: otp[:idLength]}
	k.note(otp)
	data, err := json.Marshal(k)
	return &ostiary.Enrolment{Key: keyPrefix + k.ID, Data: data, Left: -1}, err
}

const keyPrefix = "yubikey:"

// key is a YubiKey as Enrolment.Data has it.
type key struct {
	ID      string   `json:"i"`           // in modhex
	Private []byte   `json:"p,omitempty"` // with Secret, of keys that are checked here
	Secret  []byte   `json:"s,omitempty"`
	Use     uint16   `json:"u,omitempty"` // the last accepted counters
	Session uint8    `json:"n,omitempty"`
	Used    [][]byte `json:"r,omitempty"` // hashes of the last accepted passwords, for the others
}

// remembered is how many accepted passwords are remembered of a key whose counters
// only the servers can read.
const remembered = 32

func (k *key) note(otp string) {
	k.Used = append(k.Used, mark(otp))
	k.Used = k.Used[max(0, len(k.Used)-remembered):]
}

func (k *key) used(otp string) bool {
	m := mark(otp)
	return slices.ContainsFunc(k.Used, func(old []byte) bool { return subtle.ConstantTimeCompare(old, m) == 1 })
}

func mark(otp string) []byte {
	sum := sha256.Sum256([]byte(otp))
	return sum[:16]
}

func decode(data []byte) (k key, err error) {
	offline := func() bool { return len(k.Private) == 6 && len(k.Secret) == 16 }
	if err := json.Unmarshal(data, &k); err != nil || len(k.ID) != idLength || !isModhex(k.ID) ||
		len(k.Private)+len(k.Secret) > 0 && !offline() {
		return k, errors.New("the stored key is damaged")
	}
	return k, nil
}

// Verify accepts a password of a key of the account, once.
func (f *Factor) Verify(ctx context.Context, a ostiary.Answer) (*ostiary.Verified, error) {
	otp, ok := parseOTP(a.Values.Get("code"))
	if !ok {
		return nil, nil
	}
	for _, e := range a.Enrolled {
		k, err := decode(e.Data)
		if err != nil {
			return nil, err
		}
		if k.ID != otp[:idLength] { // YUB-1: nobody else's key is asked for
			continue
		}
		if k.Secret != nil {
			err = k.check(otp)
		} else {
			err = f.checkOnline(ctx, &k, otp)
		}
		if err != nil {
			return nil, err
		}
		if e.Data, err = json.Marshal(k); err != nil {
			return nil, err
		}
		return &ostiary.Verified{Enrolment: e, Methods: []string{"otp", "hwk"}}, nil
	}
	return nil, nil
}

// check judges a password by the secret of the key.
func (k *key) check(otp string) error {
	t, err := openToken(otp, k.Secret)
	switch {
	case err != nil:
		return &ostiary.Refusal{Cause: err}
	case !t.isOf(k.Private):
		return &ostiary.Refusal{Cause: errToken}
	case !t.after(k.Use, k.Session):
		return spent()
	}
	k.Use, k.Session = t.use, t.session
	return nil
}

func (f *Factor) checkOnline(ctx context.Context, k *key, otp string) error {
	if k.used(otp) {
		return spent()
	}
	if err := f.ask(ctx, otp); err != nil {
		return err
	}
	k.note(otp)
	return nil
}

// spent is the refusal of a password that was used.
func spent() error {
	return &ostiary.Refusal{Code: "second_factor_spent", Cause: errors.New("the one-time password was used already")}
}

// Same reports whether two enrolments are of one key.
func (f *Factor) Same(a, b ostiary.Enrolment) bool { return a.Key == b.Key }

// Import takes a key over from another system: its public id alone, in modhex,
// which servers then check, or with its private id and AES secret in hexadecimal
// and commas between, as key servers and the tools of Yubico write them. A line of
// the latter's form may begin with a serial number and go on after the secret:
//
//	cccccccccccb
//	cccccccccccb,0a1b2c3d4e5f,000102030405060708090a0b0c0d0e0f
//	4711,cccccccccccb,0a1b2c3d4e5f,000102030405060708090a0b0c0d0e0f,,2026-11-23T00:00:00
//
// The error never holds a secret.
func (f *Factor) Import(text string) (*ostiary.Enrolment, error) {
	if len(text) > 512 {
		return nil, errors.New("the line is longer than any")
	}
	parts := strings.Split(strings.TrimSpace(text), ",")
	if len(parts) > 3 { // a serial number stands in front
		parts = parts[1:4]
	}
	for i := range parts {
		parts[i] = strings.ToLower(strings.TrimSpace(parts[i]))
	}
	k := key{ID: parts[0]}
	if len(k.ID) != idLength || !isModhex(k.ID) {
		return nil, fmt.Errorf("the public id is not %d letters of modhex (%s)", idLength, modhex)
	}
	switch len(parts) {
	case 1:
		if len(f.servers) == 0 {
			return nil, errors.New("without validation servers a key needs its private id and secret")
		}
	case 3:
		var err1, err2 error
		k.Private, err1 = hex.DecodeString(parts[1])
		k.Secret, err2 = hex.DecodeString(parts[2])
		if err1 != nil || err2 != nil || len(k.Private) != 6 || len(k.Secret) != 16 {
			return nil, errors.New("the private id has 12 and the secret 32 digits, in hexadecimal")
		}
	default:
		return nil, errors.New("neither a public id alone nor one with private id and secret")
	}
	data, err := json.Marshal(k)
	return &ostiary.Enrolment{Key: keyPrefix + k.ID, Data: data, Left: -1}, err
}
