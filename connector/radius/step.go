package radius

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// stepVersion begins the state of a step.
const stepVersion = 1

// codeChallenge is the code of the step.
const codeChallenge = "challenge"

// challenged is what the answer to a challenge needs: it goes to the server that
// asked, with the name and the State of then (RFC 2865, section 4.4).
type challenged struct {
	name, server string
	state        []byte
}

// seal writes it for ostiary.NextStep.State, which seals it: at most 1 + 3×254
// bytes.
func (c challenged) seal() []byte {
	b := []byte{stepVersion}
	for _, part := range []string{c.name, string(c.state), c.server} {
		b = append(append(b, byte(len(part))), part...)
	}
	return b
}

func unseal(b []byte) (challenged, error) {
	fault := errors.New("the state of a step is not one of ours")
	if len(b) == 0 || b[0] != stepVersion {
		return challenged{}, fault
	}
	b = b[1:]
	var parts [3]string
	for i := range parts {
		if len(b) == 0 || len(b) <= int(b[0]) {
			return challenged{}, fault
		}
		end := 1 + int(b[0])
		parts[i], b = string(b[1:end]), b[end:]
	}
	if len(b) > 0 || parts[0] == "" || len(parts[1]) > maxValue {
		return challenged{}, fault
	}
	return challenged{name: parts[0], state: []byte(parts[1]), server: parts[2]}, nil
}

// nextStep makes the form for the answer. Prompt says whether it may be seen while
// it is typed (RFC 2869, section 5.10); without one it may not.
func (c *Connector) nextStep(name, server string, reply packet) *ostiary.NextStep {
	field := form.Field{
		Name: answerField, Label: c.config().AnswerLabel, Type: "password", Required: true, Secret: true,
		Attributes: map[string]any{"autocomplete": "one-time-code", "autofocus": true},
	}
	if shown := reply.all(prompt); len(shown) == 1 && string(shown[0]) == "\x00\x00\x00\x01" {
		field.Type = "text"
		field.Attributes["autocapitalize"], field.Attributes["spellcheck"] = "none", false
	}
	step := challenged{name: name, server: server}
	if states := reply.all(state); len(states) > 0 {
		step.state = states[0]
	}
	return &ostiary.NextStep{
		Form: form.Form{field}, State: step.seal(), Code: codeChallenge, Sentence: message(reply),
	}
}

// message is what the server says to the person, on one line.
func message(reply packet) string {
	var b strings.Builder
	for _, part := range reply.all(replyMessage) {
		b.Write(part)
	}
	line := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, !unicode.IsPrint(r):
			return -1
		}
		return r
	}, b.String())
	return strings.Join(strings.Fields(line), " ")
}
