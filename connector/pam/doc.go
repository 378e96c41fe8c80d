// Package pam asks the machine's own PAM stack whether a name and a password are
// right: the accounts of a Unix system, and whatever else its modules know.
//
//	c, err := pam.New(pam.Config{Service: "ostiary"})
//	…
//	provider := ostiary.Provider{Name: "Acme", Form: fields, Authorize: c.Authorize, HonorsContext: true}
//
// libpam is C, so it is not in an ordinary build: "go build -tags pam" with cgo and
// the headers of libpam (Debian: libpam0g-dev). In any other build New returns
// ErrNotBuilt.
//
// # What is asked
//
// The service of the configuration, /etc/pam.d/ostiary for "ostiary": first its
// auth lines, then its account lines. Sessions are not opened, credentials not
// set, passwords not changed. Modules see the browser's address as PAM_RHOST and
// "ostiary" as PAM_TTY.
//
// The password answers the first question that is asked without echo. A stack that
// asks anything else, a code of a second factor for example, refuses everybody: a
// conversation can't wait for another request without keeping either the password
// or a half-open stack. The log then says so.
//
// # What it answers
//
//	auth and account succeed                          the user
//	wrong password, unknown name                      refused
//	too many failures                                 refused, state locked
//	the account lines deny access                     refused, state disabled
//	account or password ran out                       refused, state expired
//	a new password is required                        refused, state must_change
//	everything else, and no answer in time            unavailable
//
// The id and name of the user is what the stack made of the name, which some
// modules write in another way. PAM knows no other id: who reuses names lets the
// successor into the accounts of the former user.
//
// # Time
//
// A call of PAM can't be cancelled. When its context ends, Authorize returns, and
// the call goes on in the background, where it takes one of the places of
// Config.MaxConcurrent until it ends. Modules wait two seconds after a failure
// unless their line says nodelay; that, too, takes a place. With nodelay a name that
// nobody has is refused sooner than a wrong password, because nothing is hashed: so
// refusals are given at whole multiples of Config.RefusalStep only.
package pam
