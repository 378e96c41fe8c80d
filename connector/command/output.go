package command

import (
	"errors"
	"io"
)

// maxAnswer is the most that a program may answer, in bytes.
const maxAnswer = 64 << 10

// answer takes the standard output.
type answer struct {
	text     []byte
	ended    bool   // all of it is there
	overflow func() // called when there is too much
}

// Write is for the interface: os/exec reads through ReadFrom.
func (a *answer) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

// ReadFrom reads up to the end. It stops at too much, which closes the pipe.
func (a *answer) ReadFrom(r io.Reader) (int64, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxAnswer+1))
	n := int64(len(text))
	if err != nil {
		return n, err
	}
	if n > maxAnswer {
		a.overflow()
		return n, errHuge
	}
	a.text, a.ended = text, true
	return n, nil
}

const (
	// maxShown is the most of the standard error that is logged, in bytes.
	maxShown = 4 << 10
	// maxHeard is the most of it that is looked at.
	maxHeard = 16 << 10
)

// chatter takes the standard error. What is beyond the limit is read and
// forgotten: nobody is killed for talking.
type chatter struct {
	text []byte
	cut  bool
}

func (c *chatter) Write(p []byte) (int, error) {
	n := min(len(p), maxHeard-len(c.text))
	c.text = append(c.text, p[:n]...)
	c.cut = c.cut || n < len(p)
	return len(p), nil
}
