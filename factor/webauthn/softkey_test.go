package webauthn_test

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

// softKey is an authenticator in software, and the browser around it. What it
// answers with is changed by the fields, so that each check has its case.
type softKey struct {
	t       testing.TB
	signer  crypto.Signer
	cose    []byte
	id      []byte
	handle  string
	counter uint32
	aaguid  [16]byte
	format  string // "none", "packed" (self), "x5c", "fido-u2f"

	origin, rpID string
	kind         string // of the client data; "" is right
	challenge    string // "" is that of the options
	crossOrigin  bool
	topOrigin    string
	flags        byte // 0 is present and verified
	appID        string
	trailing     []byte
	change       func(reply map[string]any)
	issuer       *x509.Certificate
	issuerKey    crypto.Signer
}

const (
	up, uv, be, bs, at = 1, 4, 8, 16, 64
	testOrigin         = "https://id.example.com"
	testRPID           = "example.com"
)

func newKey(t testing.TB, algorithm string) *softKey {
	t.Helper()
	k := &softKey{t: t, origin: testOrigin, rpID: testRPID, format: "none", counter: 1, id: make([]byte, 32)}
	rand.Read(k.id)
	switch algorithm {
	case "ES256", "u2f":
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		k.must(err)
		k.signer = key
		k.cose = ec2(key.X.FillBytes(make([]byte, 32)), key.Y.FillBytes(make([]byte, 32)))
		if algorithm == "u2f" {
			k.format, k.flags = "fido-u2f", up
		}
	case "EdDSA":
		public, key, err := ed25519.GenerateKey(rand.Reader)
		k.must(err)
		k.signer = key
		k.cose = pairs(4, uintOf(1), uintOf(1), uintOf(3), intOf(-8), intOf(-1), uintOf(6), intOf(-2), bytesOf(public))
	case "RS256":
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		k.must(err)
		k.signer = key
		k.cose = pairs(4, uintOf(1), uintOf(3), uintOf(3), intOf(-257), intOf(-1), bytesOf(key.N.Bytes()), intOf(-2), bytesOf([]byte{1, 0, 1}))
	default:
		t.Fatal(algorithm)
	}
	return k
}

func ec2(x, y []byte) []byte {
	return pairs(5, uintOf(1), uintOf(2), uintOf(3), intOf(-7), intOf(-1), uintOf(1), intOf(-2), bytesOf(x), intOf(-3), bytesOf(y))
}

func (k *softKey) must(err error) {
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

func (k *softKey) clientData(kind string, options map[string]any) []byte {
	data := map[string]any{"type": kind, "challenge": options["challenge"], "origin": k.origin, "crossOrigin": k.crossOrigin}
	if k.kind != "" {
		data["type"] = k.kind
	}
	if k.challenge != "" {
		data["challenge"] = k.challenge
	}
	if k.topOrigin != "" {
		data["topOrigin"] = k.topOrigin
	}
	text, err := json.Marshal(data)
	k.must(err)
	return text
}

func (k *softKey) authData(more byte) []byte {
	of := k.rpID
	if k.appID != "" {
		of = k.appID
	}
	hash := sha256.Sum256([]byte(of))
	flags := k.flags
	if flags == 0 {
		flags = up | uv
	}
	out := append(hash[:], flags|more)
	return binary.BigEndian.AppendUint32(out, k.counter)
}

func (k *softKey) sign(data []byte) []byte {
	var signature []byte
	var err error
	if key, ok := k.signer.(ed25519.PrivateKey); ok {
		return ed25519.Sign(key, data)
	}
	sum := sha256.Sum256(data)
	signature, err = k.signer.Sign(rand.Reader, sum[:], crypto.SHA256)
	k.must(err)
	return signature
}

func parseOptions(t testing.TB, text []byte) map[string]any {
	t.Helper()
	var options map[string]any
	if err := json.Unmarshal(text, &options); err != nil {
		t.Fatal(err)
	}
	return options
}

// create answers navigator.credentials.create.
func (k *softKey) create(options []byte) string {
	k.t.Helper()
	o := parseOptions(k.t, options)
	k.handle = o["user"].(map[string]any)["id"].(string)
	client := k.clientData("webauthn.create", o)
	auth := k.authData(at)
	auth = append(auth, k.aaguid[:]...)
	auth = binary.BigEndian.AppendUint16(auth, uint16(len(k.id)))
	auth = append(append(auth, k.id...), k.cose...)
	auth = append(auth, k.trailing...)
	object := pairs(3, textOf("fmt"), textOf(map[string]string{"x5c": "packed"}[k.format]+map[bool]string{true: k.format}[k.format != "x5c"]),
		textOf("attStmt"), k.statement(auth, client), textOf("authData"), bytesOf(auth))
	return k.reply(map[string]any{
		"clientDataJSON": client, "attestationObject": object, "transports": []string{"usb"},
	})
}

func (k *softKey) statement(auth, client []byte) []byte {
	hash := sha256.Sum256(client)
	switch k.format {
	case "none":
		return pairs(0)
	case "packed":
		alg := map[bool][]byte{true: intOf(-7), false: intOf(-8)}[k.isES256()]
		return pairs(2, textOf("alg"), alg, textOf("sig"), bytesOf(k.sign(append(auth, hash[:]...))))
	case "x5c":
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		k.must(err)
		maker := &softKey{t: k.t, signer: key}
		return pairs(3, textOf("alg"), intOf(-7), textOf("sig"), bytesOf(maker.sign(append(auth, hash[:]...))),
			textOf("x5c"), listOf(bytesOf(k.certificate(&key.PublicKey, []string{"Authenticator Attestation"}))))
	}
	public := k.signer.Public().(*ecdsa.PublicKey)
	point, err := public.ECDH()
	k.must(err)
	rp := sha256.Sum256([]byte(k.rpID))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	k.must(err)
	signed := append([]byte{0}, rp[:]...)
	signed = append(append(append(signed, hash[:]...), k.id...), point.Bytes()...)
	maker := &softKey{t: k.t, signer: key}
	return pairs(2, textOf("x5c"), listOf(bytesOf(k.certificate(&key.PublicKey, nil))), textOf("sig"), bytesOf(maker.sign(signed)))
}

func (k *softKey) isES256() bool { _, ok := k.signer.(*ecdsa.PrivateKey); return ok }

// certificate is that of a batch of keys, signed by the issuer or by nobody known.
func (k *softKey) certificate(public crypto.PublicKey, unit []string) []byte {
	issuer, issuerKey := k.issuer, k.issuerKey
	if issuer == nil {
		issuer, issuerKey = newIssuer(k.t)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		Subject: pkix.Name{Country: []string{"SE"}, Organization: []string{"Test"}, OrganizationalUnit: unit, CommonName: "Test key"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, public, issuerKey)
	k.must(err)
	return der
}

func newIssuer(t testing.TB) (*x509.Certificate, crypto.Signer) {
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

// get answers navigator.credentials.get.
func (k *softKey) get(options []byte) string {
	k.t.Helper()
	client := k.clientData("webauthn.get", parseOptions(k.t, options))
	auth := append(k.authData(0), k.trailing...)
	hash := sha256.Sum256(client)
	response := map[string]any{"clientDataJSON": client, "authenticatorData": auth, "signature": k.sign(append(auth, hash[:]...))}
	if k.handle != "" {
		response["userHandle"] = k.handle
	}
	return k.reply(response)
}

// reply writes what the script sends: bytes in base64url.
func (k *softKey) reply(response map[string]any) string {
	for name, value := range response {
		if b, ok := value.([]byte); ok {
			response[name] = base64.RawURLEncoding.EncodeToString(b)
		}
	}
	id := base64.RawURLEncoding.EncodeToString(k.id)
	reply := map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}}
	if k.appID != "" {
		reply["clientExtensionResults"] = map[string]any{"appid": true}
	}
	if k.change != nil {
		k.change(reply)
	}
	text, err := json.Marshal(reply)
	k.must(err)
	return string(text)
}
