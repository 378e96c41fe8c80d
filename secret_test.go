package ostiary_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
)

// CON-5: whatever prints a secret, or a structure with one in it, prints ***.
func TestSecretHides(t *testing.T) {
	type config struct {
		Open   ostiary.Secret
		closed ostiary.Secret
	}
	s := ostiary.NewSecret("canary")
	c := config{s, s}
	var log strings.Builder
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(handler).Info("x", "secret", s, "config", c, "pointer", &c)
	}
	encoded, err := json.Marshal(map[string]any{"secret": s, "config": c, "list": []ostiary.Secret{s}})
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %s %q %x %d %v %+v %#v %v", s, s, s, s, s, s, s, c, c, c, c.closed) + log.String() + string(encoded)
	for _, leak := range []string{"canary", "63616e617279", "99 97 110"} {
		if strings.Contains(all, leak) {
			t.Errorf("CON-5: %q shows in %s", leak, all)
		}
	}
	if s.Reveal() != "canary" || (ostiary.Secret{}).Reveal() != "" {
		t.Error("the text is lost")
	}
}
