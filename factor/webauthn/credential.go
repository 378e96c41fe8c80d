package webauthn

import (
	"crypto/ecdh"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	lib "github.com/go-webauthn/webauthn/webauthn"
	"github.com/ostiary/ostiary"
)

// credential is a key as Enrolment.Data has it.
type credential struct {
	ID         []byte   `json:"i"`
	PublicKey  []byte   `json:"k"` // COSE; of an imported U2F key, the point
	Counter    uint32   `json:"n,omitempty"`
	Verified   bool     `json:"uv,omitempty"`
	Eligible   bool     `json:"be,omitempty"` // for backup
	BackedUp   bool     `json:"bs,omitempty"`
	Transports []string `json:"t,omitempty"`
	AAGUID     []byte   `json:"a,omitempty"`
	Format     string   `json:"f,omitempty"` // of the attestation
	Handle     string   `json:"h,omitempty"` // the user handle, as text
}

const (
	longestID  = 1023 // bytes (Level 3, section 4)
	formatU2F  = "fido-u2f"
	keyPrefix  = "webauthn:"
	handleSize = 64
)

func (c credential) encode() ([]byte, error) { return json.Marshal(c) }

// decode reads a stored key and holds it against what is ever stored.
func decode(data []byte) (credential, error) {
	var c credential
	if err := json.Unmarshal(data, &c); err != nil || c.check() != nil {
		return c, errors.New("the stored key is damaged")
	}
	return c, nil
}

func (c credential) check() error {
	switch {
	case len(c.ID) == 0 || len(c.ID) > longestID:
		return fmt.Errorf("the id of the credential has %d bytes, 1 to %d are allowed", len(c.ID), longestID)
	case c.Handle != "" && !isHandle(c.Handle) && len(c.Handle) > handleSize:
		return errors.New("the user handle is too long")
	case c.BackedUp && !c.Eligible:
		return errors.New("the key says that it is backed up and can't be")
	}
	return checkKey(c.PublicKey)
}

// checkKey refuses keys of other algorithms than those that are offered, and
// points that are not on their curve (WAN-5).
func checkKey(key []byte) error {
	if len(key) == 65 && key[0] == 4 { // of U2F, not in COSE
		_, err := ecdh.P256().NewPublicKey(key)
		return err
	}
	parsed, err := webauthncose.ParsePublicKey(key)
	if err != nil {
		return errors.New("the public key is not COSE")
	}
	switch k := parsed.(type) {
	case webauthncose.EC2PublicKeyData:
		if k.Algorithm != int64(webauthncose.AlgES256) || len(k.XCoord) != 32 || len(k.YCoord) != 32 {
			return errors.New("an elliptic key is of another algorithm than ES256")
		}
		_, err = ecdh.P256().NewPublicKey(slices.Concat([]byte{4}, k.XCoord, k.YCoord))
		return err
	case webauthncose.OKPPublicKeyData:
		if k.Algorithm != int64(webauthncose.AlgEdDSA) || len(k.XCoord) != 32 {
			return errors.New("an Edwards key is of another algorithm than EdDSA")
		}
		return nil
	case webauthncose.RSAPublicKeyData:
		if k.Algorithm != int64(webauthncose.AlgRS256) || len(k.Modulus) < 256 || len(k.Modulus) > 512 {
			return errors.New("an RSA key is of another algorithm than RS256, or has not 2048 to 4096 bits")
		}
		return nil
	}
	return errors.New("the public key is of a kind that was not offered")
}

// library is the key as the library wants it.
func (c credential) library() lib.Credential {
	transports := make([]protocol.AuthenticatorTransport, len(c.Transports))
	for i, t := range c.Transports {
		transports[i] = protocol.AuthenticatorTransport(t)
	}
	return lib.Credential{
		ID: c.ID, PublicKey: c.PublicKey, AttestationFormat: c.Format, Transport: transports,
		Flags: lib.CredentialFlags{
			UserPresent: true, UserVerified: c.Verified, BackupEligible: c.Eligible, BackupState: c.BackedUp,
		},
		Authenticator: lib.Authenticator{AAGUID: c.AAGUID, SignCount: c.Counter},
	}
}

// user is somebody with keys, as the library wants them.
type user struct {
	handle string
	person ostiary.Person
	keys   []lib.Credential
}

func (u user) WebAuthnID() []byte                    { return []byte(u.handle) }
func (u user) WebAuthnName() string                  { return u.person.Name }
func (u user) WebAuthnDisplayName() string           { return u.person.DisplayName }
func (u user) WebAuthnCredentials() []lib.Credential { return u.keys }

// decodeAll reads the keys of an account.
func decodeAll(enrolled []ostiary.Enrolment) ([]credential, error) {
	all := make([]credential, len(enrolled))
	for i, e := range enrolled {
		var err error
		if all[i], err = decode(e.Data); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func owner(person ostiary.Person, all []credential) user {
	u := user{person: person}
	for _, c := range all {
		if u.handle == "" {
			u.handle = c.Handle
		}
		u.keys = append(u.keys, c.library())
	}
	return u
}

// isHandle reports whether text is a user handle that we made.
func isHandle(text string) bool {
	if len(text) != handleSize {
		return false
	}
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
