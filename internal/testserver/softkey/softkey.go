// Package softkey is a security key in software, for tests: it answers what a page
// would ask of a browser (WebAuthn, level 3), rightly or with one thing wrong.
package softkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"testing"
	"time"
)

// Key is an authenticator in software, and the browser around it. What it answers
// with is changed by the fields, so that each check has its case. It is for one
// goroutine at a time.
type Key struct {
	t       testing.TB
	Signer  crypto.Signer
	COSE    []byte // the public key (RFC 9053)
	ID      []byte
	Handle  string // the user handle, once it is registered
	Counter uint32
	AAGUID  [16]byte
	Format  string // of the attestation: "none", "packed" (self), "x5c", "fido-u2f"

	Origin, RPID string
	Kind         string // of the client data; "" is right
	Challenge    string // "" is that of the options
	CrossOrigin  bool
	TopOrigin    string
	Flags        byte // 0 is present and verified
	AppID        string
	Trailing     []byte // after the authenticator data
	Change       func(reply map[string]any)
	Issuer       *x509.Certificate // of attestation; nil is nobody known
	IssuerKey    crypto.Signer
}

// Flags of authenticator data (WebAuthn, section 6.1).
const (
	Present        = 1
	Verified       = 4
	BackupEligible = 8
	BackedUp       = 16

	attested = 64
)

// New makes a key for "ES256", "EdDSA", "RS256" or "u2f" and the browser at origin.
func New(t testing.TB, algorithm, origin, rpID string) *Key {
	t.Helper()
	k := &Key{t: t, Origin: origin, RPID: rpID, Format: "none", Counter: 1, ID: make([]byte, 32)}
	rand.Read(k.ID)
	switch algorithm {
	case "ES256", "u2f":
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		k.must(err)
		k.Signer = key
		k.COSE = EC2(key.X.FillBytes(make([]byte, 32)), key.Y.FillBytes(make([]byte, 32)))
		if algorithm == "u2f" {
			k.Format, k.Flags = "fido-u2f", Present
		}
	case "EdDSA":
		public, key, err := ed25519.GenerateKey(rand.Reader)
		k.must(err)
		k.Signer = key
		k.COSE = pairs(4, uintOf(1), uintOf(1), uintOf(3), intOf(-8), intOf(-1), uintOf(6), intOf(-2), bytesOf(public))
	case "RS256":
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		k.must(err)
		k.Signer = key
		k.COSE = pairs(4, uintOf(1), uintOf(3), uintOf(3), intOf(-257), intOf(-1), bytesOf(key.N.Bytes()), intOf(-2), bytesOf([]byte{1, 0, 1}))
	default:
		t.Fatal(algorithm)
	}
	return k
}

// EC2 is a key on the curve P-256.
func EC2(x, y []byte) []byte {
	return pairs(5, uintOf(1), uintOf(2), uintOf(3), intOf(-7), intOf(-1), uintOf(1), intOf(-2), bytesOf(x), intOf(-3), bytesOf(y))
}

func (k *Key) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// The few forms of CBOR that are needed (RFC 8949).

func head(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 256:
		return []byte{major<<5 | 24, byte(n)}
	}
	return []byte{major<<5 | 25, byte(n >> 8), byte(n)}
}

func uintOf(n int) []byte     { return head(0, n) }
func intOf(n int) []byte      { return head(1, -1-n) }
func bytesOf(b []byte) []byte { return append(head(2, len(b)), b...) }
func textOf(s string) []byte  { return append(head(3, len(s)), s...) }
func listOf(items ...[]byte) []byte {
	out := head(4, len(items))
	for _, item := range items {
		out = append(out, item...)
	}
	return out
}

func pairs(n int, items ...[]byte) []byte {
	out := head(5, n)
	for _, item := range items {
		out = append(out, item...)
	}
	return out
}

func (k *Key) clientData(kind string, options map[string]any) []byte {
	data := map[string]any{"type": kind, "challenge": options["challenge"], "origin": k.Origin, "crossOrigin": k.CrossOrigin}
	if k.Kind != "" {
		data["type"] = k.Kind
	}
	if k.Challenge != "" {
		data["challenge"] = k.Challenge
	}
	if k.TopOrigin != "" {
		data["topOrigin"] = k.TopOrigin
	}
	text, err := json.Marshal(data)
	k.must(err)
	return text
}

func (k *Key) authData(more byte) []byte {
	of := k.RPID
	if k.AppID != "" {
		of = k.AppID
	}
	hash := sha256.Sum256([]byte(of))
	flags := k.Flags
	if flags == 0 {
		flags = Present | Verified
	}
	out := append(hash[:], flags|more)
	return binary.BigEndian.AppendUint32(out, k.Counter)
}

func (k *Key) sign(data []byte) []byte {
	var signature []byte
	var err error
	if key, ok := k.Signer.(ed25519.PrivateKey); ok {
		return ed25519.Sign(key, data)
	}
	sum := sha256.Sum256(data)
	signature, err = k.Signer.Sign(rand.Reader, sum[:], crypto.SHA256)
	k.must(err)
	return signature
}

// Options reads what a page would call the browser with.
func Options(t testing.TB, text []byte) map[string]any {
	t.Helper()
	var options map[string]any
	if err := json.Unmarshal(text, &options); err != nil {
		t.Fatal(err)
	}
	return options
}

// Create answers navigator.credentials.create.
func (k *Key) Create(options []byte) string {
	k.t.Helper()
	o := Options(k.t, options)
	k.Handle = o["user"].(map[string]any)["id"].(string)
	client := k.clientData("webauthn.create", o)
	auth := k.authData(attested)
	auth = append(auth, k.AAGUID[:]...)
	auth = binary.BigEndian.AppendUint16(auth, uint16(len(k.ID)))
	auth = append(append(auth, k.ID...), k.COSE...)
	auth = append(auth, k.Trailing...)
	object := pairs(3, textOf("fmt"), textOf(map[string]string{"x5c": "packed"}[k.Format]+map[bool]string{true: k.Format}[k.Format != "x5c"]),
		textOf("attStmt"), k.statement(auth, client), textOf("authData"), bytesOf(auth))
	return k.reply(map[string]any{
		"clientDataJSON": client, "attestationObject": object, "transports": []string{"usb"},
	})
}

func (k *Key) statement(auth, client []byte) []byte {
	hash := sha256.Sum256(client)
	switch k.Format {
	case "none":
		return pairs(0)
	case "packed":
		alg := map[bool][]byte{true: intOf(-7), false: intOf(-8)}[k.isES256()]
		return pairs(2, textOf("alg"), alg, textOf("sig"), bytesOf(k.sign(append(auth, hash[:]...))))
	case "x5c":
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		k.must(err)
		maker := &Key{t: k.t, Signer: key}
		return pairs(3, textOf("alg"), intOf(-7), textOf("sig"), bytesOf(maker.sign(append(auth, hash[:]...))),
			textOf("x5c"), listOf(bytesOf(k.certificate(&key.PublicKey, []string{"Authenticator Attestation"}))))
	}
	public := k.Signer.Public().(*ecdsa.PublicKey)
	point, err := public.ECDH()
	k.must(err)
	rp := sha256.Sum256([]byte(k.RPID))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	k.must(err)
	signed := append([]byte{0}, rp[:]...)
	signed = append(append(append(signed, hash[:]...), k.ID...), point.Bytes()...)
	maker := &Key{t: k.t, Signer: key}
	return pairs(2, textOf("x5c"), listOf(bytesOf(k.certificate(&key.PublicKey, nil))), textOf("sig"), bytesOf(maker.sign(signed)))
}

func (k *Key) isES256() bool { _, ok := k.Signer.(*ecdsa.PrivateKey); return ok }

// certificate is that of a batch of keys, signed by the issuer or by nobody known.
func (k *Key) certificate(public crypto.PublicKey, unit []string) []byte {
	issuer, issuerKey := k.Issuer, k.IssuerKey
	if issuer == nil {
		issuer, issuerKey = NewIssuer(k.t)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		Subject: pkix.Name{Country: []string{"SE"}, Organization: []string{"Test"}, OrganizationalUnit: unit, CommonName: "Test key"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, public, issuerKey)
	k.must(err)
	return der
}

// NewIssuer makes a maker of keys.
func NewIssuer(t testing.TB) (*x509.Certificate, crypto.Signer) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test maker"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// Get answers navigator.credentials.get.
func (k *Key) Get(options []byte) string {
	k.t.Helper()
	client := k.clientData("webauthn.get", Options(k.t, options))
	auth := append(k.authData(0), k.Trailing...)
	hash := sha256.Sum256(client)
	response := map[string]any{"clientDataJSON": client, "authenticatorData": auth, "signature": k.sign(append(auth, hash[:]...))}
	if k.Handle != "" {
		response["userHandle"] = k.Handle
	}
	return k.reply(response)
}

// reply writes what the script sends: bytes in base64url.
func (k *Key) reply(response map[string]any) string {
	for name, value := range response {
		if b, ok := value.([]byte); ok {
			response[name] = base64.RawURLEncoding.EncodeToString(b)
		}
	}
	id := base64.RawURLEncoding.EncodeToString(k.ID)
	reply := map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}}
	if k.AppID != "" {
		reply["clientExtensionResults"] = map[string]any{"appid": true}
	}
	if k.Change != nil {
		k.Change(reply)
	}
	text, err := json.Marshal(reply)
	k.must(err)
	return string(text)
}
