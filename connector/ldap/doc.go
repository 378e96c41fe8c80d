// Package ldap signs people in against a directory: OpenLDAP, Active Directory,
// FreeIPA and others that speak LDAPv3.
//
// There are two ways. With a BindDN the connector searches for the person as that
// account, and then binds as the one entry it found, on another connection. With a
// UserDN it binds as the person at once and reads the entry with their own rights.
// A connection on which somebody has bound is never used for a search of anybody
// else (LDP-1).
//
// Every connection is encrypted before anything is sent: ldaps, or ldap with
// StartTLS, with the certificate verified (LDP-3). Referrals are not followed.
// Only the result code success is a success; a password policy that says "expired"
// or "must change" with it makes a refusal (LDP-4), and Config.Reveal decides
// whether the person learns of it.
//
// Values reach filters and names escaped, each by the rules of its own, in types
// that can't be mixed up (LDP-2). Servers are tried in their order; one that is
// down is left alone for a while. A password is sent once: what failed is not tried
// elsewhere.
package ldap
