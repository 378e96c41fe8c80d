package ostiary

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ostiary/ostiary/form"
)

// Factor is one kind of second proof. The packages below factor make them; a
// kind of your own satisfies this interface. Its methods are called
// concurrently, keep nothing between two calls and write nothing: what is to be
// remembered they return, and the service stores it sealed.
//
// An error that is a *Refusal means that the proof is wrong; any other error
// means that it could not be judged, which signs nobody in either (I3).
type Factor interface {
	// Kind names the factor in addresses, on the wire and in the store: "totp".
	// Lower-case letters and digits; no provider may have it as its id.
	Kind() string
	// Form declares what a person who has the factor is asked for.
	Form() form.Form
	// Verify judges an answer against what the account has enrolled of this
	// kind. Nil and nil is the plain refusal.
	Verify(ctx context.Context, a Answer) (*Verified, error)
	// Begin starts an enrolment. Nothing of it counts before Finish.
	Begin(ctx context.Context, p Person, enrolled []Enrolment) (*Enrolling, error)
	// Finish judges the answer that confirms an enrolment, and returns it: Key,
	// Data and perhaps a Name; the rest is the service's. Nil and nil is the
	// plain refusal, after which the same enrolment may be tried again.
	Finish(ctx context.Context, a Answer) (*Enrolment, error)
}

// Scripted is a Factor that a script of the page speaks with: WebAuthn.
type Scripted interface {
	Factor
	// Options returns what the script calls the browser with. For a person
	// without an account in it (the zero Person) anybody is asked for: whoever
	// answers is found by the key.
	Options(ctx context.Context, p Person, enrolled []Enrolment) (*Options, error)
	// KeyOf returns the key of the enrolment that an answer names, so that
	// whose it is can be looked up before it is judged; "" when there is none.
	KeyOf(v form.Values) string
}

// Importer is a Factor that takes enrolments over from other systems.
type Importer interface {
	// Import reads one enrolment in the notation that the package of the factor
	// documents. The error never holds a secret.
	Import(text string) (*Enrolment, error)
	// Same reports whether two enrolments are of one thing. Nobody has it twice:
	// each of them would accept what the other has used up (OTP-1).
	Same(a, b Enrolment) bool
}

// ImportOnly is a Factor that people may not be able to enrol themselves.
type ImportOnly interface {
	// ImportOnly reports whether that is so; then it is not offered.
	ImportOnly() bool
}

// Person is whom a factor belongs to.
type Person struct {
	Account Account
	// Name is how the person knows the account, for an authenticator to show:
	// an email address or a login name. DisplayName is their own name.
	Name, DisplayName string
}

// Answer is what came back from the person.
type Answer struct {
	Person   Person
	Enrolled []Enrolment // of this kind, of this account, never anyone else's
	Values   form.Values
	// State is what Begin or Options returned with the question.
	State []byte
	// Alone tells that nothing else was proven: the answer must be good for two
	// factors, or be refused (WAN-3).
	Alone bool
	// Now is the time to judge by.
	Now time.Time
}

// Enrolment is one factor that an account has.
type Enrolment struct {
	// ID is random and never changes.
	ID string
	// Kind is that of the Factor.
	Kind string
	// Name is how the person calls it: "Phone". Empty shows the kind.
	Name string
	// Key is what no two enrolments of this kind have in common, whosever they
	// are, such as a WebAuthn credential id. Empty where there is no such thing.
	Key string
	// Data is the factor's own, at most 8 KiB. It is stored sealed, bound to the
	// account (OTP-5).
	Data []byte
	// Left is how often it can still be used, where that is counted; else -1.
	Left int
	// Created and Used are when it was enrolled and last proven; the zero Time
	// for never.
	Created, Used time.Time

	version int64
}

// Verified is a good answer.
type Verified struct {
	// Enrolment is the one that was proven, with Data as it is to be stored now.
	// It counts when storing that succeeded, and nobody else used it meanwhile
	// (I4).
	Enrolment Enrolment
	// Methods are the authentication methods for the session's amr (RFC 8176).
	Methods []string
	// Fleeting tells that the answer is worth nothing to anybody a few minutes
	// from now: a code of the time, the signature of a challenge (Change.Fleeting).
	Fleeting bool
	// Note is for the log, about what was odd but allowed.
	Note string
}

// Enrolling is a begun enrolment.
type Enrolling struct {
	// Form declares what confirms it.
	Form form.Form
	// State is handed to Finish, at most 8 KiB. It is kept sealed on our side and
	// no longer than ten minutes (MFA-7).
	State []byte
	// What the person is shown; each may be empty.
	QR      QR              // to be scanned
	Text    string          // to be typed
	Codes   []string        // to be kept
	Options json.RawMessage `json:",omitempty"` // for the script, null for none
}

// QR is a QR code as a picture: the dark modules as an SVG path in a square of
// Side × Side, the quiet zone included.
type QR struct {
	Side int
	Path string
}

// Options is a question for the script of a page.
type Options struct {
	// JSON is what the script calls the browser with.
	JSON json.RawMessage
	// State is handed to Verify or Finish, at most 1 KiB.
	State []byte
}
