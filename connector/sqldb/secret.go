package sqldb

import (
	"fmt"
	"io"
	"log/slog"
)

// mask is what every secret prints as, whatever its length.
const mask = "***"

// Secret is a text that must not be seen: the DSN with its password, a pepper.
// However it is printed, logged or encoded, it shows as ***. The zero value is
// an empty text.
type Secret struct {
	// Behind a function: fmt cannot call methods on an unexported field of
	// another structure and prints what it finds, but of a function never more
	// than an address.
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
func (Secret) GoString() string { return "sqldb.Secret(" + mask + ")" }

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
