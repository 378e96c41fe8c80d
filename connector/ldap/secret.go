package ldap

import (
	"fmt"
	"io"
	"log/slog"
)

const mask = "***"

// Secret is a password that shows as *** however it is printed, logged or encoded.
// The zero value is an empty one.
type Secret struct {
	// Behind a function: fmt prints what it finds in an unexported field of
	// another structure, but of a function never more than an address.
	open func() string
}

// NewSecret returns text as a Secret.
func NewSecret(text string) Secret { return Secret{func() string { return text }} }

func (s Secret) reveal() string {
	if s.open == nil {
		return ""
	}
	return s.open()
}

// String returns ***.
func (Secret) String() string { return mask }

// GoString returns the type and ***.
func (Secret) GoString() string { return "ldap.Secret(" + mask + ")" }

// Format prints *** for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// LogValue returns ***.
func (Secret) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText returns ***, also for JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }
