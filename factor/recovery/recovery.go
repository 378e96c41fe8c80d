package recovery

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// Config says how many codes there are.
type Config struct {
	// Codes is how many are given out at once, 4 to 20. Zero means 10.
	Codes int
}

// Factor is the factor "recovery". It is safe for concurrent use.
type Factor struct{ codes int }

// New checks the configuration.
func New(c Config) (*Factor, error) {
	if c.Codes == 0 {
		c.Codes = 10
	}
	if c.Codes < 4 || c.Codes > 20 {
		return nil, fmt.Errorf("Codes: %d is not from 4 to 20", c.Codes)
	}
	return &Factor{c.Codes}, nil
}

// Kind returns "recovery".
func (*Factor) Kind() string { return "recovery" }

// Form asks for one of the codes.
func (*Factor) Form() form.Form {
	return form.Form{{Name: "code", Label: "Recovery code", Secret: true, Attributes: map[string]any{
		"required": true, "maxlength": 4 * length, "autocapitalize": "characters", "autocomplete": "off",
	}}}
}

// Begin makes new codes. They count, and the old ones end, once the person said
// that they are in safe keeping.
func (f *Factor) Begin(context.Context, ostiary.Person, []ostiary.Enrolment) (*ostiary.Enrolling, error) {
	codes := make([]string, f.codes)
	for i := range codes {
		codes[i] = newCode()
	}
	stored := form.Form{{Name: "stored", Label: "I have stored these codes", Type: "checkbox", Required: true}}
	return &ostiary.Enrolling{Form: stored, State: []byte(strings.Join(codes, " ")), Codes: codes}, nil
}

// Finish returns the codes as hashes (REC-1).
func (f *Factor) Finish(_ context.Context, a ostiary.Answer) (*ostiary.Enrolment, error) {
	if !a.Values.Bool("stored") {
		return nil, nil
	}
	codes := strings.Fields(string(a.State))
	if len(codes) == 0 {
		return nil, errors.New("the begun enrolment holds no codes")
	}
	data := make([]byte, saltSize, saltSize+len(codes)*hashSize)
	rand.Read(data) // crypto/rand never fails
	for _, shown := range codes {
		code, ok := parse(shown)
		if !ok {
			return nil, errors.New("the begun enrolment holds a damaged code")
		}
		data = append(data, hash(data[:saltSize], code)...)
	}
	return &ostiary.Enrolment{Data: data, Left: len(codes)}, nil
}

// The stored form is a salt and the hashes that are left.
const (
	saltSize = 16
	hashSize = 16
)

func hash(salt []byte, code string) []byte {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(code))
	return mac.Sum(nil)[:hashSize]
}

// Verify accepts a code that is left, and takes it away. All are compared,
// whichever it is (REC-4).
func (f *Factor) Verify(_ context.Context, a ostiary.Answer) (*ostiary.Verified, error) {
	code, ok := parse(a.Values.Get("code"))
	var found *ostiary.Verified
	for _, e := range a.Enrolled {
		if len(e.Data) < saltSize || (len(e.Data)-saltSize)%hashSize != 0 {
			return nil, errors.New("the stored codes are damaged")
		}
		salt, at := e.Data[:saltSize], -1
		typed := hash(salt, code)
		for i := saltSize; i < len(e.Data); i += hashSize {
			if subtle.ConstantTimeCompare(typed, e.Data[i:i+hashSize]) == 1 {
				at = i
			}
		}
		if ok && at >= 0 {
			e.Data = slices.Delete(slices.Clone(e.Data), at, at+hashSize)
			e.Left = (len(e.Data) - saltSize) / hashSize
			found = &ostiary.Verified{Enrolment: e, Methods: []string{"otp"}, Note: fmt.Sprintf("recovery code used, %d left", e.Left)}
		}
	}
	return found, nil
}
