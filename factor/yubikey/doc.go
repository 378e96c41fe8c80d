// Package yubikey is the factor of one-time passwords that a YubiKey types when it
// is touched: 44 letters, of which twelve say which key it is.
//
// A password is checked either here, with the secret of the key, or by servers
// that speak Yubico's validation protocol 2.0. Which key it is is compared with
// those of the account before anything leaves the machine, and an accepted
// password is remembered on our side, whatever a server forgets (YUB-4).
package yubikey
