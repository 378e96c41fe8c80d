package webauthn_test

import (
	"crypto/x509"
	"testing"

	"github.com/ostiary/ostiary/factor/webauthn"
	"github.com/ostiary/ostiary/internal/testserver/softkey"
)

func TestPolicies(t *testing.T) {
	strict := func(c *webauthn.Config) { c.UserVerification = "required" }
	synced := func(c *webauthn.Config) { c.RefuseSynced = true }
	t.Run("WAN-3 verification required of the second factor", func(t *testing.T) {
		f, k := open(t, strict), newKey(t, "ES256")
		e := mustRegister(t, f, k)
		k.Counter++
		k.Flags = up
		if _, err := signIn(t, f, k, false, e); err == nil {
			t.Error("signed in")
		}
	})
	t.Run("WAN-7 synced keys", func(t *testing.T) {
		k := newKey(t, "ES256")
		k.Flags = up | uv | be | bs
		if _, err := register(t, open(t, synced), k); err == nil {
			t.Error("registered")
		}
		e := mustRegister(t, open(t), k)
		k.Counter++
		v, err := signIn(t, open(t), k, false, e)
		if err != nil || v.Methods[0] != "swk" {
			t.Errorf("%+v, %v", v, reason(err))
		}
		k.Counter++
		if _, err := signIn(t, open(t, synced), k, false, e); err == nil {
			t.Error("signed in")
		}
	})
	t.Run("WAN-7 a change is repaired and told of", func(t *testing.T) {
		f, k := open(t), newKey(t, "ES256")
		e := mustRegister(t, f, k)
		k.Counter++
		k.Flags = up | uv | be | bs
		v, err := signIn(t, f, k, false, e)
		if err != nil || v.Note != "backup eligibility changed; backup state changed" {
			t.Fatalf("%+v, %v", v, reason(err))
		}
		k.Counter++
		if v, err = signIn(t, f, k, false, v.Enrolment); err != nil || v.Note != "" {
			t.Errorf("again: %+v, %v", v, reason(err))
		}
	})
	t.Run("WAN-6 a counter that went backwards, accepted", func(t *testing.T) {
		f, k := open(t, func(c *webauthn.Config) { c.AcceptRegressedCounter = true }), newKey(t, "ES256")
		k.Counter = 9
		e := mustRegister(t, f, k)
		k.Counter = 3
		if v, err := signIn(t, f, k, false, e); err != nil || v.Note != "the counter went backwards" {
			t.Errorf("%+v, %v", v, reason(err))
		}
	})
	t.Run("WAN-6 no counter", func(t *testing.T) {
		f, k := open(t), newKey(t, "ES256")
		k.Counter = 0
		e := mustRegister(t, f, k)
		if _, err := signIn(t, f, k, false, e); err != nil {
			t.Error(reason(err))
		}
	})
}

func TestAttestation(t *testing.T) {
	issuer, issuerKey := softkey.NewIssuer(t)
	roots := x509.NewCertPool()
	roots.AddCert(issuer)
	trusting := func(c *webauthn.Config) { c.Attestation, c.AttestationRoots = "direct", roots }
	model := [16]byte{0x2f, 0xc0, 0x57, 0x9f, 0x81, 0x13, 0x47, 0xea, 0xb1, 0x16, 0xbb, 0x5a, 0x8d, 0xb9, 0x20, 0x2a}
	const written = "2fc0579f-8113-47ea-b116-bb5a8db9202a"
	for _, c := range []struct {
		name   string
		format string
		known  bool
		change func(*webauthn.Config)
		want   bool
	}{
		{"WAN-5 known maker", "x5c", true, trusting, true},
		{"WAN-5 unknown maker", "x5c", false, trusting, false},
		{"WAN-5 no certificate", "none", true, trusting, false},
		{"WAN-5 self attestation", "packed", true, trusting, false},
		{"WAN-5 self attestation without roots", "packed", true, func(*webauthn.Config) {}, true},
		{"U2F key of a known maker", "fido-u2f", true, trusting, true},
		{"allowed model", "x5c", true, func(c *webauthn.Config) { trusting(c); c.AllowAAGUIDs = []string{written} }, true},
		{"another model", "x5c", true, func(c *webauthn.Config) {
			trusting(c)
			c.AllowAAGUIDs = []string{"00000000-0000-0000-0000-000000000001"}
		}, false},
		{"denied model", "none", true, func(c *webauthn.Config) { c.DenyAAGUIDs = []string{written} }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKey(t, "ES256")
			k.Format, k.AAGUID = c.format, model
			if c.format == "fido-u2f" {
				k.Flags, k.AAGUID = up, [16]byte{}
			}
			if c.known {
				k.Issuer, k.IssuerKey = issuer, issuerKey
			}
			if _, err := register(t, open(t, c.change), k); (err == nil) != c.want {
				t.Errorf("registered: %v, want %v (%v)", err == nil, c.want, reason(err))
			}
		})
	}
}
