package radius

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"
)

// rfcSecret is the secret of the examples in RFC 2865 and RFC 5997.
var rfcSecret = []byte("xyzzy5461")

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// vectors are the exchanges of RFC 2865, sections 7.1 and 7.3, and of RFC 5997,
// section 6: requests with the password that is hidden in them, and the replies.
// None of those has a Message-Authenticator.
var vectors = []struct {
	name, password, request, reply string
	code                           code
}{
	{
		"RFC 2865 7.1 Telnet", "arctangent",
		`01 00 00 38 0f 40 3f 94 73 97 80 57 bd 83 d5 cb 98 f4 22 7a 01 06 6e 65 6d 6f 02 12 0d be 70 8d
		93 d4 13 ce 31 96 e4 3f 78 2a 0a ee 04 06 c0 a8 01 10 05 06 00 00 00 03`,
		`02 00 00 26 86 fe 22 0e 76 24 ba 2a 10 05 f6 bf 9b 55 e0 b2 06 06 00 00 00 01 0f 06 00 00 00 00
		0e 06 c0 a8 01 03`,
		accessAccept,
	},
	{
		"RFC 2865 7.3 challenge", "challenge",
		`01 02 00 39 f3 a4 7a 1f 6a 6d 76 71 0b 94 7a b9 30 41 a0 39 01 07 6d 6f 70 73 79 02 12 33 65 75
		73 77 82 89 b5 70 88 5e 15 08 48 25 c5 04 06 c0 a8 01 10 05 06 00 00 00 07`,
		`0b 02 00 4e 36 f3 c8 76 4a e8 c7 11 57 40 3c 0c 71 ff 9c 45 12 30 43 68 61 6c 6c 65 6e 67 65 20
		33 32 37 36 39 34 33 30 2e 20 20 45 6e 74 65 72 20 72 65 73 70 6f 6e 73 65 20 61 74 20 70 72 6f
		6d 70 74 2e 18 0a 33 32 37 36 39 34 33 30`,
		accessChallenge,
	},
	{
		"RFC 2865 7.3 reject", "99101462",
		`01 03 00 43 b1 22 55 6d 42 8a 13 d0 d6 25 38 07 c4 57 ec f0 01 07 6d 6f 70 73 79 02 12 69 2c 1f
		20 5f c0 81 b9 19 b9 51 95 f5 61 a5 81 04 06 c0 a8 01 10 05 06 00 00 00 07 18 0a 33 32 37 36 39
		34 33 30`,
		`03 03 00 14 a4 2f 4f ca 45 91 6c 4e 09 c8 34 0f 9e 74 6a a0`,
		accessReject,
	},
	{
		"RFC 5997 6.1 Status-Server", "",
		`0c da 00 26 8a 54 f4 68 6f b3 94 c5 28 66 e3 02 18 5d 06 23 50 12 5a 66 5e 2e 1e 84 11 f3 e2 43
		82 20 97 c8 4f a3`,
		`02 da 00 14 ef 0d 55 2a 4b f2 d6 93 ec 2b 6f e8 b5 41 1d 66`,
		accessAccept,
	},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			wire, reply := unhex(t, v.request), unhex(t, v.reply)
			p, err := parse(wire)
			if err != nil || !bytes.Equal(p.encode(), wire) {
				t.Fatalf("parse: %v; written again: %x", err, p.encode())
			}
			for _, hidden := range p.all(userPassword) {
				if got := hide([]byte(v.password), rfcSecret, p.authenticator); !bytes.Equal(got, hidden) {
					t.Errorf("hidden password: got %x, want %x", got, hidden)
				}
			}
			for _, want := range p.all(messageAuthenticator) {
				q := question{code: p.code}
				got := q.requestWith(p.id, p.authenticator, rfcSecret)
				if !bytes.Equal(got.wire[22:], want) || !bytes.Equal(got.wire, wire) {
					t.Errorf("Message-Authenticator: got %x, want %x", got.wire[22:], want)
				}
			}
			r := request{wire: wire, secret: rfcSecret, lenient: true}
			if got, err := r.verify(reply); err != nil || got.code != v.code {
				t.Errorf("verify: %v, code %d, want %d", err, got.code, v.code)
			}
			r.lenient = false
			if _, err := r.verify(reply); err != errUnsigned {
				t.Errorf("RAD-1: got %v, want %v", err, errUnsigned)
			}
		})
	}
}

// TestMAC is against test cases 1 and 2 of RFC 2202, section 2.
func TestMAC(t *testing.T) {
	for _, v := range []struct{ key, data, want string }{
		{strings.Repeat("0b", 16), hex.EncodeToString([]byte("Hi There")), "9294727a3638bb1c13f48ef8158bfc9d"},
		{hex.EncodeToString([]byte("Jefe")), hex.EncodeToString([]byte("what do ya want for nothing?")), "750c783e6ab0b503eaa86e310a5db738"},
	} {
		if got := mac(unhex(t, v.key), unhex(t, v.data)); !bytes.Equal(got, unhex(t, v.want)) {
			t.Errorf("got %x, want %s", got, v.want)
		}
	}
}

// TestLargestRequest: whatever people type, a request is a packet.
func TestLargestRequest(t *testing.T) {
	config := Config{NASIdentifier: strings.Repeat("n", maxValue), NASIPAddress: netip.MustParseAddr("::ffff:192.0.2.7")}
	q := question{
		code: accessRequest, name: strings.Repeat("n", maxValue), password: strings.Repeat("p", 128),
		state: bytes.Repeat([]byte("s"), maxValue), calling: netip.IPv6Unspecified().String(), common: config.common(),
	}
	p, err := parse(q.request(1, rfcSecret).wire)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.all(nasIPAddress); len(got) != 1 || !bytes.Equal(got[0], []byte{192, 0, 2, 7}) {
		t.Errorf("NAS-IP-Address: %v", got)
	}
	if got := p.all(userPassword); len(got) != 1 || len(got[0]) != 128 {
		t.Errorf("User-Password: %v", got)
	}
}

// TestStep: the state of a step comes back as it was, within its bounds.
func TestStep(t *testing.T) {
	want := challenged{name: strings.Repeat("<", maxValue), server: strings.Repeat("a", maxValue), state: bytes.Repeat([]byte{0}, maxValue)}
	b := want.seal()
	got, err := unseal(b)
	if err != nil || got.name != want.name || got.server != want.server || !bytes.Equal(got.state, want.state) || len(b) > 1<<10 {
		t.Errorf("got %+v, %v from %d bytes", got, err, len(b))
	}
}

// FuzzParse: nothing makes it panic, and what it accepts it writes as it was.
func FuzzParse(f *testing.F) {
	for _, v := range vectors {
		f.Add(unhex(f, v.request))
		f.Add(unhex(f, v.reply))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parse(b)
		if err != nil {
			return
		}
		if got := p.encode(); !bytes.Equal(got, b[:binary.BigEndian.Uint16(b[2:])]) {
			t.Errorf("%x was written as %x", b, got)
		}
		_ = message(p)
		for _, value := range (Config{Groups: []string{AttributeClass, AttributeFilterID}}).groups(p) {
			if !readable([]byte(value)) {
				t.Errorf("group %q", value)
			}
		}
	})
}

// FuzzVerify: no bytes are a reply, whatever the request was, unless they were made
// with the secret.
func FuzzVerify(f *testing.F) {
	secret := []byte("a secret that nobody guesses 8Zr2")
	for _, v := range vectors {
		f.Add([]byte("ada"), unhex(f, v.reply))
	}
	for _, of := range []code{accessAccept, accessReject, accessChallenge} {
		f.Add([]byte("ada"), packet{code: of, attributes: []attribute{{messageAuthenticator, make([]byte, 16)}}}.encode())
	}
	f.Fuzz(func(t *testing.T, name, b []byte) {
		if len(b) > 1 {
			r := question{code: accessRequest, name: string(name[:min(len(name), maxValue)]), password: "x"}.request(b[1], secret)
			for _, r.lenient = range []bool{false, true} {
				if p, err := r.verify(b); err == nil {
					t.Errorf("%x is a reply of code %d", b, p.code)
				}
			}
		}
	})
}

// FuzzUnseal: what is accepted is what was sealed.
func FuzzUnseal(f *testing.F) {
	f.Add(challenged{name: "ada", server: "192.0.2.7:1812", state: []byte("s")}.seal())
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := unseal(b); err == nil && !bytes.Equal(c.seal(), b) {
			t.Errorf("%x was sealed as %x", b, c.seal())
		}
	})
}
