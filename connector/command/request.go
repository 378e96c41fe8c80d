package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// version is that of what the program reads.
const version = "1"

// errNotText is a value that can't be typed: no program could tell it from
// another one.
var errNotText = errors.New("a value is not text")

// isText reports whether JSON and the program's language carry s as it is. Behind
// a NUL byte much of what is written in C and every shell stops reading.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// authorizeRequest is what the program reads at sign-in. The error is errNotText,
// or a fault of the state.
func authorizeRequest(ctx context.Context, values form.Values) ([]byte, error) {
	var b bytes.Buffer
	begin(&b, "authorize")
	b.WriteString(`,"fields":{`)
	for i, name := range values.Names() {
		value := values.Get(name)
		if !isText(value) {
			return nil, errNotText
		}
		if i > 0 {
			b.WriteByte(',')
		}
		writeText(&b, name)
		b.WriteByte(':')
		writeText(&b, value)
	}
	b.WriteByte('}')
	if state, ok := ostiary.StepState(ctx); ok && len(state) > 0 {
		if !json.Valid(state) {
			return nil, errors.New("the state of the step is not JSON")
		}
		b.WriteString(`,"state":`)
		b.Write(state)
	}
	finish(ctx, &b)
	return b.Bytes(), nil
}

// lookupRequest is what the program reads when a user is looked up.
func lookupRequest(ctx context.Context, id string) ([]byte, error) {
	if !isText(id) {
		return nil, errNotText
	}
	var b bytes.Buffer
	begin(&b, "lookup")
	b.WriteString(`,"id":`)
	writeText(&b, id)
	finish(ctx, &b)
	return b.Bytes(), nil
}

func begin(b *bytes.Buffer, action string) {
	b.Grow(256) // most requests, in one piece
	b.WriteString(`{"version":` + version + `,"action":`)
	writeText(b, action)
}

func finish(ctx context.Context, b *bytes.Buffer) {
	if addr := ostiary.ClientAddr(ctx); addr.IsValid() {
		b.WriteString(`,"client":{"address":`)
		writeText(b, addr.WithZone("").String())
		b.WriteByte('}')
	}
	if reference := ostiary.Reference(ctx); reference != "" {
		b.WriteString(`,"reference":`)
		writeText(b, reference)
	}
	b.WriteString("}\n")
}

func writeText(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false) // a program with a simple parser sees what was typed
	_ = e.Encode(s)        // a string and a buffer don't fail
	b.Truncate(b.Len() - 1)
}
