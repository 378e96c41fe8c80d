package pages

import "time"

// Passkey is the button on the sign-in page that signs in with a passkey alone.
// It shows where the script runs and the browser can do it, and nowhere else.
type Passkey struct {
	// ID is the provider's id.
	ID string
	// Action is where the form goes. Empty means {base}/callback/{id}. It sends
	// action=authenticate and the browser's answer as data.
	Action string
	// Options are PublicKeyCredentialRequestOptions as JSON, bare or under
	// "publicKey", with all bytes in base64url.
	Options string
}

// FactorStep is all that the page shows which asks for a second proof.
type FactorStep struct {
	// CSRFToken and CallbackURL are as in SignIn.
	CSRFToken, CallbackURL string
	// Confirm tells that the person is signed in and proves once more that it
	// is them; else this is the second step of a sign-in.
	Confirm bool
	// Name is the person, as they know themselves. Empty says nothing.
	Name string
	// Shown is the factor that is asked for.
	Shown FactorForm
	// Others are the other ways, as links. Their addresses ask for this page.
	Others []FactorLink
	// Problem is what went wrong with the try before, nil for none.
	Problem *Problem
	// StartURL is where "Start again" leads, with Confirm "Cancel". Empty means
	// {base}/signin, and with Confirm no link.
	StartURL string
	// Here is as in SignIn, but empty leaves the language links out.
	Here string
}

// FactorForm is the form of one factor.
type FactorForm struct {
	// Kind selects the texts: totp, hotp, recovery, yubikey and webauthn have
	// their own in every language. Any other kind shows Label, and the labels of
	// its fields.
	Kind, Label string
	// Action is where the form goes.
	Action string
	// Fields are asked for in this order. The first that is seen is the code,
	// with the label of its kind; webauthn has one hidden field, data, which the
	// script fills.
	Fields []Field
	// Options are, for webauthn, PublicKeyCredentialRequestOptions as in
	// Passkey. Empty where no script is needed.
	Options string
	// RememberDays, when positive, shows the checkbox remember_device: don't
	// ask again on this device for so many days.
	RememberDays int
}

// FactorLink is another way, or a factor that can be had. Kind and Label are as
// in FactorForm.
type FactorLink struct{ Kind, Label, URL string }

// FactorChoice is all that the page shows which offers factors to set up.
type FactorChoice struct {
	// CSRFToken and CallbackURL are as in SignIn.
	CSRFToken, CallbackURL string
	// Action is where the forms go. Each sends kind, and invite if asked for.
	Action string
	// Required tells that signing in needs one of them.
	Required bool
	// Offers are what there is, in this order. Their URL is not used.
	Offers []FactorLink
	// Invite asks for the invitation code of the people who run the service.
	Invite bool
	// Problem is what went wrong with the try before, nil for none. The codes
	// invite_wrong and invite_required also mark the field.
	Problem *Problem
	// StartURL is where "Start again" leads, without Required "Cancel". Empty
	// means {base}/signin, and without Required no link.
	StartURL string
	// Here is as in SignIn, but empty leaves the language links out.
	Here string
}

// Enrol is all that the page shows on which one factor is set up.
type Enrol struct {
	// CSRFToken and CallbackURL are as in SignIn.
	CSRFToken, CallbackURL string
	// Action is where the form goes that confirms.
	Action string
	// ID names the begun enrolment; the forms send it as enrolment.
	ID string
	// Kind and Label are as in FactorForm.
	Kind, Label string
	// QRSide and QRPath are a QR code to be scanned: the dark modules as an SVG
	// path in a square of QRSide units, quiet zone included. Zero shows none.
	QRSide int
	QRPath string
	// Text is a secret to be typed; it is shown in groups of four. Empty shows
	// none.
	Text string
	// Codes are recovery codes to be kept.
	Codes []string
	// DownloadAction is where the form goes that answers with the codes as a
	// file: it sends csrfToken and enrolment. Empty leaves it out.
	DownloadAction string
	// Fields are what confirms it, as in FactorForm. A checkbox of recovery says
	// that the codes are stored.
	Fields []Field
	// Options are, for webauthn, PublicKeyCredentialCreationOptions as JSON,
	// bare or under "publicKey": all bytes in base64url, but user.id as text.
	Options string
	// AskName asks for a name that the person may give the factor.
	AskName bool
	// Problem is what went wrong with the try before, nil for none.
	Problem *Problem
	// CancelURL is where "Cancel" leads. Empty leaves the link out.
	CancelURL string
	// Here is as in SignIn, but empty leaves the language links out.
	Here string
}

// Account is all that the page shows on which a person sees to the factors of
// their own account.
type Account struct {
	// CSRFToken is as in SignIn.
	CSRFToken string
	// Name is the person, as they know themselves. Empty says nothing.
	Name string
	// Action begins the addresses of the forms: {Action}/enrol sends kind, and
	// invite if asked for; /rename sends id and name; /remove sends id; /forget
	// sends the id of a device.
	Action string
	// Factors are what the account has, in this order.
	Factors []AccountFactor
	// Offers are what can be added. Recovery, for an account that has it,
	// offers new codes. Their URL is not used.
	Offers []FactorLink
	// Devices are those on which no second factor is asked for.
	Devices []AccountDevice
	// ProofURL tells, when it is not empty, that changes need a fresh proof: a
	// notice leads there, and nothing can be changed.
	ProofURL string
	// Invite asks for the invitation code of the people who run the service
	// beside the offers.
	Invite bool
	// Notice is the code of what was done: enrolled, removed, renamed,
	// forgotten, recovery_used, codes_few, factor_needed. Any other shows
	// nothing; it is never shown itself, so it may come from a request.
	Notice string
	// Problem is what went wrong with the try before, nil for none.
	Problem *Problem
	// HomeURL is where "Back to the site" leads. Empty leaves the link out.
	HomeURL string
	// SignOutURL is where "Sign out" leads. Empty means {base}/signout.
	SignOutURL string
	// Here is as in SignIn, but empty leaves the language links out.
	Here string
}

// AccountFactor is one factor of an account.
type AccountFactor struct {
	// ID is what the forms send.
	ID string
	// Kind and Label are as in FactorForm.
	Kind, Label string
	// Name is how the person calls it. Empty shows the kind alone.
	Name string
	// Created and Used are when it was set up and last proven. Zero is never.
	Created, Used time.Time
	// Left is how many codes are left; -1 means that they are not counted.
	Left int
	// Removable tells that it may be removed.
	Removable bool
}

// AccountDevice is a device on which no second factor is asked for.
type AccountDevice struct {
	// ID is what the form sends.
	ID string
	// Name says what it is, such as "Firefox on Linux".
	Name string
	// Created, Used and Expires are when it was remembered, when that last
	// counted and when it ends. Zero shows none.
	Created, Used, Expires time.Time
	// Current marks the device that the page is shown on.
	Current bool
}
