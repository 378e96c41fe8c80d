package httpapi

import (
	"net/netip"
	"time"

	"github.com/ostiary/ostiary"
)

// Config says where the endpoint is and how it speaks. URL is required;
// everything else has a safe zero value. New checks it whole.
type Config struct {
	// URL is asked at sign-in, always with POST. It must be https, unless the
	// host is this machine (localhost, 127.0.0.1, [::1]) or InsecureHTTP is set.
	// A name and password in it are refused: put them into Headers.
	URL string
	// LookupURL finds a user by id, without a password. With "{id}" as part of
	// its path it is asked with GET; without, the id is posted as the field
	// "id". The answer is read like that of URL, but only 404, 410, null and
	// false say that there is no such user. Empty means no lookup.
	LookupURL string
	// Encoding is how the fields are sent: JSON (zero) or Form.
	Encoding Encoding
	// Headers are sent with every request, to URL and LookupURL alike.
	Headers map[string]ostiary.Secret
	// ClientIPHeader names the header that tells the endpoint the address of
	// the browser, such as "X-Forwarded-For". Empty sends none.
	ClientIPHeader string
	// ReferenceHeader names the header that tells the endpoint the reference
	// number of the attempt, for its own log. Empty sends none.
	ReferenceHeader string
	// Fields renames fields: name in the form to name in the request. A field
	// that is renamed to "" is not sent. Others keep their name.
	Fields map[string]string
	// Map says where in the answer things are.
	Map Map
	// SuccessStatus are the statuses of a yes, from 200 to 299. Empty means all
	// of these.
	SuccessStatus []int

	// Timeout is how long each stage may take: connecting, the TLS handshake,
	// the wait for the answer, its body. Zero means 5 seconds. All of them
	// together end with the context, too.
	Timeout time.Duration
	// MaxConns is how many connections there may be to the endpoint at once;
	// further calls wait. Zero means 64.
	MaxConns int
	// BreakAfter is how many calls in a row must fail without an answer before
	// a pause begins, in which nothing is sent. Zero means 5, negative never.
	BreakAfter int
	// BreakFor is how long such a pause lasts before one call may try. Zero
	// means 5 seconds.
	BreakFor time.Duration

	// CAFile has the certificates, in PEM, that may vouch for the endpoint.
	// Empty means those of the system; with a file, they don't count.
	CAFile string
	// CertFile and KeyFile are the certificate and key, in PEM, that we show
	// the endpoint. These files and CAFile are read again when they change; a
	// faulty new one is passed over. The key may not be readable by everybody.
	CertFile, KeyFile string
	// ServerName is the name that the endpoint's certificate must have. Empty
	// means the host of the URL.
	ServerName string

	// AllowedNetworks, if any, are the only ones that may be connected to. One
	// of loopback addresses also permits a name that resolves to this machine.
	// Empty means every network but loopback. Link-local addresses, metadata
	// services, multicast and the unspecified address are always refused.
	AllowedNetworks []netip.Prefix
	// InsecureHTTP permits an http URL to another machine: passwords are then
	// readable by anybody on the way.
	InsecureHTTP bool

	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// Encoding is how fields are sent.
type Encoding string

// The encodings. The zero value means JSON.
const (
	JSON Encoding = "json" // application/json, an object of strings
	Form Encoding = "form" // application/x-www-form-urlencoded
)

// Map says where in the JSON object of an answer things are, as dotted paths:
// "data.user.id". A segment that is a number counts into a list from 0, * takes
// every element ("roles.*.name"), and a backslash before a dot makes it part of
// the name. Where a field has a default, "-" takes nothing.
//
// What a default path does not find, or finds in another type, is unknown. A
// path given here may find nothing, too, but another type is a fault of the
// endpoint: unavailable.
type Map struct {
	// ID is the immutable id: a text, or a whole number other than 0, whose
	// digits are kept as they are. Empty means "id". It is required.
	ID string
	// Name, Email and Image are for showing. Empty means "name", "email" and
	// "image" or else "picture". An image is an http or https URL or a path;
	// anything else is left out.
	Name, Email, Image string
	// Groups is a list of texts or whole numbers, or a single one of them.
	// Empty means "groups".
	Groups string
	// Claims are further claims of the session, name to path. Reserved names
	// are refused. Nothing that is not named here is copied.
	Claims map[string]string
	// OK is where an explicit true must stand before anything else counts as a
	// yes; false there is a refusal. Empty means that there is no such thing.
	OK string
	// Code and Message say why somebody is refused, for programs and for the
	// person. Empty means "code" and "message".
	Code, Message string
	// Next is the next step. Empty means "next".
	Next string
}
