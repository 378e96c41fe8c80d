// Package ostiarytest holds an authorizer to what Ostiary, and the people behind
// it, rely on: a wrong password is a refusal and an outage is not; nobody comes in
// by an empty password, an odd spelling or an injection; unknown names and wrong
// passwords look alike; nothing hangs, leaks or panics. It is for authorizers of
// your own as much as for the connectors here.
//
//	func TestConformance(t *testing.T) {
//		ostiarytest.Authorizer(t, ostiarytest.Target{
//			Authorize: mine.Authorize,
//			Right:     map[string]string{"username": "ada", "password": "open sesame"},
//			WantID:    "42",
//		})
//	}
//
// Every case is a subtest. What fails says what was expected and how to mend it.
// Time measures the difference between known and unknown names and reports it.
package ostiarytest
