// Package radius asks RADIUS servers whether credentials are right.
//
//	c, err := radius.New(radius.Config{Servers: []radius.Server{
//		{Address: "radius1.example.com", TLS: &radius.TLS{CAFile: "ca.pem", CertFile: "own.pem", KeyFile: "own.key"}},
//		{Address: "192.0.2.7:1812", Secret: ostiary.NewSecret(os.Getenv("RADIUS_SECRET"))},
//	}})
//	…
//	provider := ostiary.Provider{Name: "Acme", Form: fields, Authorize: c.Authorize, HonorsContext: true}
//
// The password travels as PAP (RFC 2865): the server gets it and does with it what
// it does. Every request has Message-Authenticator as its first attribute (RFC
// 3579), and every reply must have a valid one; a reply that has not, that answers
// another request or that comes from elsewhere is passed over as if it had not
// come. Over UDP the same packet is sent again when there is no answer (RFC 5080).
// Over TLS (RadSec, RFC 6614) requests share a connection.
//
// An Access-Challenge becomes the next step of the sign-in, so that a server of
// one-time codes is a second step as it is. The answer goes to the server that
// asked.
//
// A server that gives no valid answer is left out, and the next one asked, until
// it answers again; a password that it may have read goes to no other one. When
// there is no answer, the outcome is ostiary.ErrUnavailable: never a user, and
// never a refusal.
package radius
