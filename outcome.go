package ostiary

import (
	"errors"
	"fmt"
	"time"

	"github.com/ostiary/ostiary/form"
)

// A Refusal is the answer of an authorizer, or of the SignIn callback, that
// keeps a person out and says why. Its code and sentence reach the page, the
// client and the log unchanged, so they hold only what the person may know.
// Returning nil, nil from Authorize is the plain refusal that tells nothing:
// that is the right one for an unknown name and for a wrong password alike.
type Refusal struct {
	// Code is for programs, stable and short: "account_locked". Empty means
	// "credentials", the code of the plain refusal. At most 64 bytes of
	// printable text; anything else is treated as empty.
	Code string
	// Sentence is for the person, in their language if you know it. Empty
	// shows the standard sentence. It is escaped wherever it is shown and cut
	// at 300 bytes.
	Sentence string
	// RetryAfter, when positive, turns the answer into 429 with a Retry-After
	// header: too many attempts, come back later.
	RetryAfter time.Duration
	// Cause goes to the log and nowhere else. Unwrap returns it.
	Cause error
}

// Error describes the refusal for logs, cause included.
func (r *Refusal) Error() string {
	text := "refused: " + r.code()
	if r.Cause != nil {
		text += ": " + r.Cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

func (r *Refusal) code() string {
	if r == nil || r.Code == "" || len(r.Code) > maxCode || !printable(r.Code) {
		return codeCredentials
	}
	return r.Code
}

func (r *Refusal) sentence() string {
	if r == nil {
		return ""
	}
	return clip(r.Sentence, maxSentence)
}

// NextStep is what an authorizer returns as its error when the person has to
// present more: a code that was just sent, a captcha, a new password. The form
// is shown (or served as JSON), and the same authorizer is called again with
// the values of that form; it finds State with StepState. A step lives five
// minutes and is accepted once: whoever wants to allow another try returns
// another NextStep.
type NextStep struct {
	// Form declares what to ask for, like Provider.Form.
	Form form.Form
	// State is handed back to the authorizer. It travels sealed in a cookie of
	// the browser, unreadable and unforgeable, bound to the provider and to
	// this browser. At most 1 KiB.
	State []byte
	// Code tells a client program which step this is. Empty means "next_step".
	Code string
	// Title and Sentence explain the step to the person: "Check your phone",
	// "We sent a code to the number ending in 42". Empty shows standard text.
	Title, Sentence string
}

// Error says that the sign-in is not over; it names the step's code.
func (n *NextStep) Error() string { return "next step: " + n.code() }

func (n *NextStep) code() string {
	if n.Code == "" || len(n.Code) > maxCode || !printable(n.Code) {
		return "next_step"
	}
	return n.Code
}

// ErrUnavailable marks an answer that could not be had: the existing system is
// down, slow or talks nonsense. Any error of an authorizer that is neither a
// *Refusal nor a *NextStep counts as unavailable; wrap ErrUnavailable to say so
// on purpose. The person reads "try again later", the cause is in the log.
var ErrUnavailable = errors.New("user system unavailable")

// ErrAccessDenied keeps out a person who is who they say: 403, error code
// AccessDenied. The SignIn callback returns it, or an authorizer.
var ErrAccessDenied = errors.New("access denied")

// ErrEndSession is what the JWT callback returns to end the session that it was
// asked about. At sign-in no session begins.
var ErrEndSession = errors.New("end of session")

const (
	codeCredentials = "credentials"
	codeDenied      = "access_denied"
	codeExpired     = "step_expired"
	maxCode         = 64
	maxSentence     = 300
	maxStepState    = 1 << 10
)

// Unavailable wraps cause so that errors.Is(err, ErrUnavailable) holds.
func Unavailable(cause error) error { return fmt.Errorf("%w: %w", ErrUnavailable, cause) }

func printable(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return false
		}
	}
	return true
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
