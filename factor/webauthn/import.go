package webauthn

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/internal/strictjson"
)

// foreign is a key as other systems write it: of U2F, of WebAuthn, or a row of the
// table of authenticators that adapters of Auth.js keep. Bytes are base64 of
// either alphabet, with padding or without.
type foreign struct {
	Type string `json:"type"`
	Name string `json:"name"`

	KeyHandle string `json:"key_handle"` // of U2F

	CredentialID   string   `json:"credential_id"`
	PublicKey      string   `json:"public_key"`
	Counter        uint32   `json:"counter"`
	Transports     []string `json:"transports"`
	UserHandle     string   `json:"user_handle"`
	AAGUID         string   `json:"aaguid"`
	BackupEligible bool     `json:"backup_eligible"`
	BackupState    bool     `json:"backup_state"`

	AuthID         string `json:"credentialID"` // of Auth.js
	AuthKey        string `json:"credentialPublicKey"`
	AuthDevice     string `json:"credentialDeviceType"`
	AuthBackedUp   bool   `json:"credentialBackedUp"`
	AuthTransports string `json:"-"`
}

// Import takes a key over from another system. It reads one JSON object:
//
//	{"type": "u2f", "key_handle": …, "public_key": …, "counter": 7, "name": "Blue key"}
//	{"type": "webauthn", "credential_id": …, "public_key": …, "counter": 7, "transports": ["usb"],
//	 "user_handle": …, "aaguid": …, "backup_eligible": false}
//	{"credentialID": …, "credentialPublicKey": …, "counter": 7, "credentialDeviceType": "singleDevice",
//	 "credentialBackedUp": false, "transports": "usb,nfc"}
//
// The public key of U2F is the point of 65 bytes, or a SubjectPublicKeyInfo, in
// base64 or PEM; that of the others is COSE. Keys of U2F need Config.AppID when
// they were registered for another address than the domain of today.
func (f *Factor) Import(text string) (*ostiary.Enrolment, error) {
	in, err := readForeign(text)
	if err != nil {
		return nil, err
	}
	var c credential
	switch {
	case in.Type == "u2f":
		c, err = in.u2f()
	case in.Type == "webauthn":
		c, err = in.webauthn()
	case in.Type == "" && in.AuthID != "":
		c, err = in.authJS()
	default:
		return nil, errors.New(`"type" is neither u2f nor webauthn`)
	}
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, err
	}
	data, err := c.encode()
	name := in.Name
	if len(name) > 64 {
		name = ""
	}
	return &ostiary.Enrolment{Name: name, Key: keyOf(c.ID), Data: data, Left: -1}, err
}

func readForeign(text string) (in foreign, err error) {
	if len(text) > largestReply {
		return in, errors.New("the key is larger than any")
	}
	members, err := strictjson.Object([]byte(text))
	if err != nil {
		return in, errors.New("not one JSON object")
	}
	if raw := members["transports"]; len(raw) > 0 && raw[0] == '"' {
		_ = json.Unmarshal(raw, &in.AuthTransports) // a text that was checked
		delete(members, "transports")
	}
	rest, err := json.Marshal(members)
	if err != nil || json.Unmarshal(rest, &in) != nil {
		return in, errors.New("a member of the object is not of its type")
	}
	return in, nil
}

func (in foreign) u2f() (credential, error) {
	id, err := anyBase64("key_handle", in.KeyHandle)
	if err != nil {
		return credential{}, err
	}
	key, err := in.point()
	return credential{ID: id, PublicKey: key, Counter: in.Counter, Transports: short(in.Transports), Format: formatU2F}, err
}

// Same reports whether two enrolments are of one key.
func (f *Factor) Same(a, b ostiary.Enrolment) bool { return a.Key == b.Key }

// point is the public key of U2F as it was registered.
func (in foreign) point() ([]byte, error) {
	var raw []byte
	if block, _ := pem.Decode([]byte(in.PublicKey)); block != nil {
		raw = block.Bytes
	} else {
		var err error
		if raw, err = anyBase64("public_key", in.PublicKey); err != nil {
			return nil, err
		}
	}
	if len(raw) == 65 {
		_, err := ecdh.P256().NewPublicKey(raw)
		if err != nil {
			err = errors.New(`"public_key" is no point of P-256`)
		}
		return raw, err
	}
	parsed, err := x509.ParsePKIXPublicKey(raw)
	key, ok := parsed.(*ecdsa.PublicKey)
	if err != nil || !ok || key.Curve != elliptic.P256() {
		return nil, errors.New(`"public_key" is neither a point of 65 bytes nor a SubjectPublicKeyInfo of P-256`)
	}
	point, err := key.ECDH()
	if err != nil {
		return nil, err
	}
	return point.Bytes(), nil
}

func (in foreign) webauthn() (c credential, err error) {
	if c.ID, err = anyBase64("credential_id", in.CredentialID); err != nil {
		return c, err
	}
	if c.PublicKey, err = anyBase64("public_key", in.PublicKey); err != nil {
		return c, err
	}
	c.Counter, c.Transports, c.Eligible, c.BackedUp, c.Format = in.Counter, short(in.Transports), in.BackupEligible, in.BackupState, "none"
	if in.AAGUID != "" {
		model, ok := parseAAGUID(in.AAGUID)
		if !ok {
			return c, errors.New(`"aaguid" is no AAGUID`)
		}
		c.AAGUID = model[:]
	}
	c.Handle = plainHandle(in.UserHandle)
	return c, nil
}

func (in foreign) authJS() (c credential, err error) {
	if c.ID, err = anyBase64("credentialID", in.AuthID); err != nil {
		return c, err
	}
	if c.PublicKey, err = anyBase64("credentialPublicKey", in.AuthKey); err != nil {
		return c, err
	}
	c.Counter, c.Eligible, c.BackedUp, c.Format = in.Counter, in.AuthDevice == "multiDevice", in.AuthBackedUp, "none"
	if in.AuthTransports != "" {
		c.Transports = short(strings.Split(in.AuthTransports, ","))
	}
	return c, nil
}

func short(transports []string) []string {
	var kept []string
	for _, t := range transports {
		if len(t) <= 16 && len(kept) < 8 {
			kept = append(kept, t)
		}
	}
	return kept
}

// anyBase64 reads base64 of either alphabet. The error never holds the text.
func anyBase64(member, text string) ([]byte, error) {
	plain := strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(text)
	raw, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil || len(raw) == 0 || len(raw) > 4096 {
		return nil, fmt.Errorf("%q is not base64", member)
	}
	return raw, nil
}
