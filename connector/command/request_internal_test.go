package command

import (
	"errors"
	"testing"
)

// TestText is about what a form never lets through.
func TestText(t *testing.T) {
	for name, s := range map[string]string{
		"a NUL byte": "root\x00x", "not UTF-8": "a\xffb", "half a character": "j\xc3", "a surrogate": "j\xed\xa0\x80",
	} {
		if isText(s) {
			t.Errorf("%s passes for text", name)
		}
		if _, err := lookupRequest(t.Context(), s); !errors.Is(err, errNotText) {
			t.Errorf("%s: got %v, want errNotText", name, err)
		}
	}
	if !isText("") || !isText("ä\u2028\U0001f511") {
		t.Error("text does not pass")
	}
}
