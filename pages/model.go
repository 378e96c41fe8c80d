package pages

import "time"

// SignIn is all that the sign-in page shows.
type SignIn struct {
	// CSRFToken is written into every form as csrfToken.
	CSRFToken string
	// CallbackURL is where the person wants to go; empty leaves the hidden
	// callbackUrl out.
	CallbackURL string
	// Problem is what went wrong with the try before, nil for a first visit.
	Problem *Problem
	// Providers stand below each other in this order.
	Providers []Provider
	// Passkey offers to sign in with a passkey alone, nil for none.
	Passkey *Passkey
	// SignedInAs names the person who holds a session already: the page says so
	// and offers to sign out. Empty says nothing.
	SignedInAs string
	// Here is the address of this page for the language links, to which they
	// add lang=xx: a path with those query parameters that are worth keeping.
	// Empty means {base}/signin.
	Here string
}

// NextStep is all that the page of a further step shows: the same provider asks
// for more.
type NextStep struct {
	// CSRFToken and CallbackURL are as in SignIn.
	CSRFToken, CallbackURL string
	// Provider is the one that asks, with the fields of this step.
	Provider Provider
	// Title and Sentence explain the step, in plain text. Empty shows standard
	// text.
	Title, Sentence string
	// Problem is what went wrong with the try before, nil for none.
	Problem *Problem
	// StartURL is where "Start again" leads. Empty means {base}/signin.
	StartURL string
	// Here is as in SignIn, but empty leaves the language links out: most
	// steps can't be asked for again.
	Here string
}

// SignOut is all that the sign-out page shows.
type SignOut struct {
	// Action is where the form goes. Empty means {base}/signout.
	Action string
	// CSRFToken and CallbackURL are as in SignIn.
	CSRFToken, CallbackURL string
	// Name is the signed-in person, as they know themselves. Empty says nothing.
	Name string
	// Problem is what went wrong with the try before, nil for none.
	Problem *Problem
	// Here is as in SignIn. Empty means {base}/signout.
	Here string
}

// Error is all that the error page shows.
type Error struct {
	// Kind selects heading and text: Configuration, AccessDenied, Verification,
	// Unavailable or, for anything else, the plain error. Letter case does not
	// matter. The kind itself is never shown.
	Kind string
	// Sentence, in plain text, replaces the standard sentence. It must come
	// from the server's own state, never from a request.
	Sentence string
	// SignInURL is where "Sign in" leads. Empty means {base}/signin.
	SignInURL string
	// HomeURL is where "Back to the site" leads. Empty leaves the link out.
	HomeURL string
	// Reference is the attempt's reference number. Empty shows none.
	Reference string
	// Here is as in SignIn. Empty means {base}/error.
	Here string
}

// VerifyRequest is all that the verify-request page shows: a message was sent,
// and the person should open it.
type VerifyRequest struct {
	// HomeURL is where "Back to the site" leads. Empty leaves the link out.
	HomeURL string
	// Here is as in SignIn. Empty means {base}/verify-request.
	Here string
}

// Welcome is all that the page of a signed-in person shows. It is the landing
// page of the demonstration and of a server without an application of its own.
type Welcome struct {
	// Name and Email are the person. An empty name shows the email instead.
	Name, Email string
	// Facts are shown as a table, in this order.
	Facts []Fact
	// Panels follow the table, in this order.
	Panels []Panel
	// AccountURL is where people see to their factors. Empty leaves the link out.
	AccountURL string
	// SignOutURL is where "Sign out" leads. Empty means {base}/signout.
	SignOutURL string
	// Here is as in SignIn, but empty leaves the language links out.
	Here string
}

// Fact is one row of the table on the Welcome page.
type Fact struct{ Name, Value string }

// Panel is a titled block of text on the Welcome page. Code is shown as written,
// in a fixed-width face.
type Panel struct{ Title, Text, Code string }

// Provider is one way to sign in: a form with one button.
type Provider struct {
	// ID is the provider's id, which makes the ids of the inputs.
	ID string
	// Name is shown on the button: "Sign in with Acme".
	Name string
	// Action is where the form goes. Empty means {base}/callback/{id}.
	Action string
	// Fields are asked for in this order. None leaves a button.
	Fields []Field
}

// Field is one thing that a provider asks for.
type Field struct {
	// Name is the name under which the value is sent.
	Name string
	// Label is shown above the input. Empty shows the name.
	Label string
	// Element is "input", "select", "textarea" or "checkbox"; empty means
	// "input", and "input" with the type checkbox is a checkbox.
	Element string
	// Type is the type of an input. What is not a type we know, or must not
	// stand in a sign-in form (file, image, submit …), becomes text.
	Type string
	// Secret fields are never filled with Value. Inputs of type password are
	// secret whatever this says.
	Secret bool
	// Required marks a field that can't be left empty.
	Required bool
	// Value fills the input, or selects the option with this value. For a
	// checkbox it is the value that a ticked box sends, empty meaning "on".
	Value string
	// Checked ticks a checkbox.
	Checked bool
	// Options are the choices of a select.
	Options []Option
	// Attributes are further attributes, by their names in lower case. What is
	// neither in AttributeNames nor a data-* name of one to three plain words is
	// left out.
	Attributes []Attribute
	// Problem is the code of what is wrong with the value: required, too_short,
	// too_long, pattern, bad_value, too_small, too_large. Empty means nothing;
	// any other code shows a general sentence. Hidden fields show none.
	Problem string
}

// Option is one choice of a select. An empty label shows the value. Options
// that follow one another with the same group stand together under its name.
type Option struct {
	Value, Label, Group string
	Disabled            bool
}

// Attribute is one HTML attribute of a field. Bare ones have no value: multiple,
// readonly.
type Attribute struct {
	Name, Value string
	Bare        bool
}

// Problem is what went wrong, said in a banner.
type Problem struct {
	// Code selects a fixed sentence: an error code of the wire contract
	// (CredentialsSignin, SessionRequired …), or invalid, step_expired,
	// throttled, unavailable. Any other code shows "Unable to sign in.". It is
	// never shown itself, so it may come from a request.
	Code string
	// Sentence, in plain text, replaces the standard sentence. It must come
	// from the server's own state, never from a request.
	Sentence string
	// Reference is the attempt's reference number. Empty shows none.
	Reference string
	// Provider puts the banner above the form of the provider with this id.
	// Empty, or the id of none, puts it on top.
	Provider string
	// RetryAfter, when positive, says how long to wait. It is rounded up.
	RetryAfter time.Duration
}
