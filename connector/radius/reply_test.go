package radius_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"encoding/binary"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/radius"
	"github.com/ostiary/ostiary/internal/testserver/freeradius"
)

// quick is a configuration for servers that never give a valid answer.
func quick(addresses ...string) radius.Config {
	config := over(addresses...)
	config.Timeout, config.Retries = 250*time.Millisecond, -1
	return config
}

// forgeries are replies that nobody with the secret sent to this request; each
// would let somebody in if it counted.
var forgeries = []struct {
	name   string
	reply  func(r request) []byte
	reason string
}{
	{"RAD-1 no Message-Authenticator", func(r request) []byte {
		return draft{code: accept, unsigned: true}.to(r, freeradius.Secret)
	}, "no Message-Authenticator"},
	{"RAD-1 a Message-Authenticator of another secret", func(r request) []byte {
		return reseal(draft{code: accept}.to(r, "another"), r, freeradius.Secret)
	}, "Message-Authenticator is wrong"},
	{"RAD-1 a Response Authenticator of another secret", func(r request) []byte {
		return reseal(draft{code: accept}.to(r, freeradius.Secret), r, "another")
	}, "authenticator is wrong"},
	{"RAD-1 a Message-Authenticator for another code", func(r request) []byte {
		b := draft{code: reject}.to(r, freeradius.Secret)
		b[0] = accept
		return reseal(b, r, freeradius.Secret)
	}, "Message-Authenticator is wrong"},
	{"RAD-1 two Message-Authenticators", func(r request) []byte {
		return draft{code: accept, attributes: attr(signature, strings.Repeat("\x00", 16))}.to(r, freeradius.Secret)
	}, "more than one"},
	{"RAD-1 a Message-Authenticator that is short", func(r request) []byte {
		return draft{code: accept, unsigned: true, attributes: attr(signature, "")}.to(r, freeradius.Secret)
	}, "Message-Authenticator is wrong"},
	{"RAD-1 a Message-Authenticator inside of another attribute", func(r request) []byte {
		inner := string(attr(signature, strings.Repeat("\x00", 16)))
		return draft{code: accept, unsigned: true, attributes: attr(26, inner)}.to(r, freeradius.Secret)
	}, "no Message-Authenticator"},
	{"RAD-1 one signed as a request is", func(r request) []byte {
		b := draft{code: accept}.to(r, freeradius.Secret)
		copy(b[4:20], bytes.Repeat([]byte{0}, 16))
		copy(b[22:38], make([]byte, 16))
		h := hmac.New(md5.New, []byte(freeradius.Secret))
		h.Write(b)
		copy(b[22:], h.Sum(nil))
		return reseal(b, r, freeradius.Secret)
	}, "Message-Authenticator is wrong"},
	{"RAD-1 the answer to another request", func(r request) []byte {
		other := request{wire: bytes.Clone(r.wire)}
		other.wire[10] ^= 1
		return draft{code: accept}.to(other, freeradius.Secret)
	}, "authenticator is wrong"},
	{"RAD-1 another id", func(r request) []byte {
		other := request{wire: bytes.Clone(r.wire)}
		other.wire[1]++
		return draft{code: accept}.to(other, freeradius.Secret)
	}, "another request"},
	{"RAD-2 Proxy-State that nobody sent", func(r request) []byte {
		return draft{code: accept, attributes: attr(proxyState, "x")}.to(r, freeradius.Secret)
	}, "Proxy-State"},
	{"RAD-2 the code of a request", func(r request) []byte { return draft{code: 1}.to(r, freeradius.Secret) }, "code"},
	{"RAD-2 an unknown code", func(r request) []byte { return draft{code: 42}.to(r, freeradius.Secret) }, "code"},
	{"RAD-2 an accounting answer", func(r request) []byte { return draft{code: 5}.to(r, freeradius.Secret) }, "code"},
	{"RAD-2 the request itself", func(r request) []byte { return r.wire }, "code"},
	{"RAD-2 the request with the code of an accept", func(r request) []byte {
		b := bytes.Clone(r.wire)
		b[0] = accept
		return b
	}, "authenticator is wrong"},
	{"cut off", func(r request) []byte {
		return draft{code: accept}.to(r, freeradius.Secret)[:30]
	}, "length"},
	{"a header alone", func(r request) []byte {
		return draft{code: accept}.to(r, freeradius.Secret)[:20]
	}, "length"},
	{"nothing", func(request) []byte { return nil }, "shorter"},
	{"a length of zero", func(r request) []byte {
		b := draft{code: accept}.to(r, freeradius.Secret)
		binary.BigEndian.PutUint16(b[2:], 0)
		return b
	}, "length"},
	{"an attribute without length", func(r request) []byte {
		return draft{code: accept, attributes: []byte{1, 0}}.to(r, freeradius.Secret)
	}, "attribute"},
	{"an attribute beyond the end", func(r request) []byte {
		return draft{code: accept, attributes: []byte{1, 200, 0}}.to(r, freeradius.Secret)
	}, "attribute"},
}

// TestForgeries: what is not valid is no answer, and does not keep the true one
// from being heard.
func TestForgeries(t *testing.T) {
	for _, row := range forgeries {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			alone := serve(t, func(_ *fake, r request) [][]byte { return [][]byte{row.reply(r)} })
			_, err := signIn(t, connect(t, quick(alone.addr())), "ada", right, 5*time.Second)
			expect(t, "alone", outcome(nil, err), "unavailable")
			mentions(t, err, row.reason)
			for want, truth := range map[string]draft{"refused": {code: reject}, "user ada": {code: accept}} {
				both := serve(t, func(_ *fake, r request) [][]byte {
					return [][]byte{row.reply(r), truth.to(r, freeradius.Secret)}
				})
				expect(t, "before the truth", outcome(signIn(t, connect(t, over(both.addr())), "ada", right, 5*time.Second)), want)
			}
		})
	}
}

// TestLenientForgeries: without the need for Message-Authenticator, what Blast-RADIUS
// needs is still not believed, nor is a wrong one.
func TestLenientForgeries(t *testing.T) {
	for _, row := range forgeries {
		if row.reason == "no Message-Authenticator" {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, func(_ *fake, r request) [][]byte { return [][]byte{row.reply(r)} })
			config := quick(f.addr())
			config.InsecureAllowMissingMessageAuthenticator = true
			expect(t, row.name, outcome(signIn(t, connect(t, config), "ada", right, 5*time.Second)), "unavailable")
		})
	}
	blast := serve(t, always(draft{code: accept, unsigned: true, attributes: attr(proxyState, strings.Repeat("x", 200))}))
	config := quick(blast.addr())
	config.InsecureAllowMissingMessageAuthenticator = true
	expect(t, "RAD-1 Blast-RADIUS", outcome(signIn(t, connect(t, config), "ada", right, 5*time.Second)), "unavailable")
}

// TestEveryByte: of a valid accept no byte can be another.
func TestEveryByte(t *testing.T) {
	f := serve(t, func(_ *fake, r request) (wrong [][]byte) {
		good := draft{code: accept, attributes: attr(25, "OU=staff")}.to(r, freeradius.Secret)
		for i := range good {
			for _, bit := range []byte{1, 0x80} {
				b := bytes.Clone(good)
				b[i] ^= bit
				wrong = append(wrong, b)
			}
		}
		return append(wrong, draft{code: reject}.to(r, freeradius.Secret))
	})
	expect(t, "RAD-1", outcome(signIn(t, connect(t, over(f.addr())), "ada", right, 5*time.Second)), "refused")
}

// TestElsewhere: a valid reply from another port, or another address, is not heard.
func TestElsewhere(t *testing.T) {
	for _, from := range []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(127, 0, 0, 2)} {
		spoof, err := net.ListenUDP("udp", &net.UDPAddr{IP: from})
		if err != nil {
			t.Fatal(err)
		}
		defer spoof.Close()
		f := serve(t, func(_ *fake, r request) [][]byte {
			_, _ = spoof.WriteTo(draft{code: accept}.to(r, freeradius.Secret), r.from)
			return nil
		})
		expect(t, "RAD-1 from "+spoof.LocalAddr().String(), outcome(signIn(t, connect(t, quick(f.addr())), "ada", right, 5*time.Second)), "unavailable")
	}
}

// TestValid are replies that may look odd and count.
func TestValid(t *testing.T) {
	for name, reply := range map[string]func(*fake, request) [][]byte{
		"Message-Authenticator at the end": always(draft{code: accept, trailing: true, attributes: attr(25, "x")}),
		"padding behind it": func(_ *fake, r request) [][]byte {
			return [][]byte{append(draft{code: accept}.to(r, freeradius.Secret), 0, 0, 0)}
		},
		"twice": func(_ *fake, r request) [][]byte {
			b := draft{code: accept}.to(r, freeradius.Secret)
			return [][]byte{b, b}
		},
		"the first of two": func(_ *fake, r request) [][]byte {
			return [][]byte{draft{code: accept}.to(r, freeradius.Secret), draft{code: reject}.to(r, freeradius.Secret)}
		},
	} {
		expect(t, name, outcome(signIn(t, connect(t, over(serve(t, reply).addr())), "ada", right, 5*time.Second)), "user ada")
	}
}

// TestRequests looks at what is sent.
func TestRequests(t *testing.T) {
	f := serve(t, func(f *fake, r request) [][]byte {
		if r.number < 3 {
			return nil
		}
		return always(draft{code: accept})(f, r)
	})
	config := over(f.addr())
	config.Timeout = 200 * time.Millisecond
	c := connect(t, config)
	expect(t, "the third try", outcome(signIn(t, c, "ada", right, 5*time.Second)), "user ada")
	expect(t, "another attempt", outcome(signIn(t, c, "ada", right, 5*time.Second)), "user ada")
	seen := f.requests()
	if len(seen) != 4 {
		t.Fatalf("%d requests, want 4", len(seen))
	}
	for _, r := range seen[:3] {
		if !bytes.Equal(r.wire, seen[0].wire) || r.from.String() != seen[0].from.String() {
			t.Error("RAD-2: what was sent again differs")
		}
	}
	if bytes.Equal(seen[3].wire[4:20], seen[0].wire[4:20]) || bytes.Equal(seen[3].wire[22:38], seen[0].wire[22:38]) {
		t.Error("RAD-2: another attempt has the same authenticator")
	}
	for _, r := range seen {
		checkRequest(t, r)
	}
}

func checkRequest(t *testing.T, r request) {
	t.Helper()
	if r.wire[0] != 1 || r.wire[20] != signature || len(r.values(signature)) != 1 {
		t.Errorf("RAD-1: Message-Authenticator is not the first attribute: %x", r.wire)
	}
	plain := bytes.Clone(r.wire)
	copy(plain[22:38], make([]byte, 16))
	h := hmac.New(md5.New, []byte(freeradius.Secret))
	h.Write(plain)
	if !hmac.Equal(h.Sum(nil), r.wire[22:38]) {
		t.Error("RAD-1: Message-Authenticator is wrong")
	}
	if bytes.Contains(r.wire, []byte(right)) {
		t.Error("the password can be read")
	}
	if !slices.EqualFunc(r.values(32), []string{"ostiary"}, func(b []byte, s string) bool { return string(b) == s }) {
		t.Errorf("NAS-Identifier: %q", r.values(32))
	}
	if r.values(callers) != nil {
		t.Error("Calling-Station-Id is there")
	}
}

// TestDelayed: the answer to the first packet counts after the second was sent, for
// they are one request.
func TestDelayed(t *testing.T) {
	var first []byte
	f := serve(t, func(_ *fake, r request) [][]byte {
		if r.number == 1 {
			first = draft{code: accept}.to(r, freeradius.Secret)
			return nil
		}
		return [][]byte{first, draft{code: reject}.to(r, freeradius.Secret)}
	})
	config := over(f.addr())
	config.Timeout = 200 * time.Millisecond
	c := connect(t, config)
	expect(t, "delayed", outcome(signIn(t, c, "ada", right, 5*time.Second)), "user ada")
	expect(t, "RAD-1 the same for somebody else", outcome(signIn(t, c, "eve", "guess", 5*time.Second)), "refused")
}

// TestNotSent: what the protocol can't carry is refused, and nobody is asked.
func TestNotSent(t *testing.T) {
	f := serve(t, always(draft{code: accept}))
	c := connect(t, over(f.addr()))
	for _, row := range []struct{ what, name, password string }{
		{"PWD-8 no password", "ada", ""},
		{"no name", "", right},
		{"RAD-2 a password of 129 bytes", "ada", strings.Repeat("x", 129)},
		{"RAD-2 a NUL in the password", "ada", right + "\x00"},
		{"RAD-2 a NUL alone", "ada", "\x00"},
		{"a NUL in the name", "ada\x00", right},
		{"a name of 254 bytes", strings.Repeat("x", 254), right},
	} {
		expect(t, row.what, outcome(signIn(t, c, row.name, row.password, time.Second)), "refused")
	}
	if n := len(f.requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
	for _, name := range []string{strings.Repeat("x", 253), "a"} {
		expect(t, "just so", outcome(signIn(t, c, name, strings.Repeat("x", 128), time.Second)), "user "+name)
	}
}
