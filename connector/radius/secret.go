package radius

import (
	"fmt"
	"io"
	"log/slog"
)

// mask is what every secret prints as, whatever its length.
const mask = "***"

// Secret is what a server and its clients share. However it is printed, logged or
// encoded, it shows as ***. The zero value is none.
type Secret struct {
	// Behind a function: fmt can't call the methods of an unexported field of
	// another structure, and of a function it prints an address at most.
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
func (Secret) GoString() string { return "radius.Secret(" + mask + ")" }

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
