package ostiary

import (
	"fmt"
	"io"
	"log/slog"
)

// mask is what every secret prints as, whatever its length.
const mask = "***"

// Secret is a text that must not be seen: a password of a connector's own, a DSN, a
// header's value. However it is printed, logged or encoded, it shows as *** (CON-5).
// The zero value is an empty text. It is safe for concurrent use.
type Secret struct {
	// Behind a function: fmt can't call methods on an unexported field of another
	// structure and prints what it finds, but of a function never more than an
	// address.
	open func() string
}

// NewSecret returns text as a Secret.
func NewSecret(text string) Secret { return Secret{func() string { return text }} }

// Reveal returns the text, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.open == nil {
		return ""
	}
	return s.open()
}

// String returns ***.
func (Secret) String() string { return mask }

// GoString returns the type and ***.
func (Secret) GoString() string { return "ostiary.Secret(" + mask + ")" }

// Format prints *** for every verb.
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		_, _ = io.WriteString(f, s.GoString())
		return
	}
	_, _ = io.WriteString(f, mask)
}

// LogValue returns ***.
func (Secret) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText returns ***, also for JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }
