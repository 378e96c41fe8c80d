package ldap_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/ldap"
)

// fake is a server for faults that no real one has. It speaks without TLS.
type fake struct {
	url string

	mu    sync.Mutex
	binds []string // who tried to bind
}

// answer makes the packets that answer a request, none to leave it unanswered.
type answer func(id int64, operation *ber.Packet) []*ber.Packet

func newFake(t *testing.T, answers answer) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	f := &fake{url: "ldap://" + l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go f.serve(conn, answers)
		}
	}()
	return f
}

func (f *fake) serve(conn net.Conn, answers answer) {
	for {
		packet, err := ber.ReadPacket(conn)
		if err != nil || len(packet.Children) < 2 {
			return
		}
		id, _ := packet.Children[0].Value.(int64)
		operation := packet.Children[1]
		if operation.Tag == goldap.ApplicationBindRequest {
			f.mu.Lock()
			f.binds = append(f.binds, operation.Children[1].Data.String())
			f.mu.Unlock()
		}
		for _, out := range answers(id, operation) {
			if _, err := conn.Write(out.Bytes()); err != nil {
				return
			}
		}
	}
}

func (f *fake) bound() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.binds...)
}

// says is an answer with a result code.
func says(id int64, tag ber.Tag, code int64) *ber.Packet {
	out := ber.NewSequence("message")
	out.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, "id"))
	body := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "answer")
	body.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, "code"))
	for range 2 {
		body.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "", "text"))
	}
	out.AppendChild(body)
	return out
}

// entry is an entry of a search.
func entry(id int64, dn, attribute, value string) *ber.Packet {
	out := ber.NewSequence("message")
	out.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, "id"))
	body := ber.Encode(ber.ClassApplication, ber.TypeConstructed, goldap.ApplicationSearchResultEntry, nil, "entry")
	body.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, dn, "dn"))
	attributes := ber.NewSequence("attributes")
	one := ber.NewSequence("attribute")
	one.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, attribute, "name"))
	values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "values")
	values.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, value, "value"))
	one.AppendChild(values)
	attributes.AppendChild(one)
	body.AppendChild(attributes)
	out.AppendChild(body)
	return out
}

// found answers a search with one entry of that name.
func found(id int64, dn string) []*ber.Packet {
	return []*ber.Packet{entry(id, dn, "entryUUID", "id-ada"), says(id, goldap.ApplicationSearchResultDone, 0)}
}

// TestStrippedStartTLS: whatever takes the encryption away gets nothing else.
func TestStrippedStartTLS(t *testing.T) {
	for name, code := range map[string]int64{"refused": 2, "unavailable": 52, "accepted, and not done": 0, "a referral": 10} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, func(id int64, operation *ber.Packet) []*ber.Packet {
				if operation.Tag != goldap.ApplicationExtendedRequest {
					return []*ber.Packet{says(id, operation.Tag+1, 0)}
				}
				return []*ber.Packet{says(id, goldap.ApplicationExtendedResponse, code), says(id, goldap.ApplicationExtendedResponse, code)}
			})
			c := connect(t, ldap.Config{
				URLs: []string{f.url}, BaseDN: "dc=example", BindDN: "cn=reader,dc=example", BindPassword: ostiary.NewSecret("canary"), Timeout: time.Second,
			})
			u, err := enter(t, c, "ada", password)
			if u != nil || !errors.Is(err, ostiary.ErrUnavailable) || !strings.Contains(err.Error(), "StartTLS") || strings.Contains(err.Error(), "canary") {
				t.Errorf("LDP-3: got %+v, %v", u, err)
			}
			if who := f.bound(); len(who) > 0 {
				t.Errorf("LDP-3: a password was sent as %q", who)
			}
		})
	}
}

// TestLies: nobody is let in by a server that answers something else.
func TestLies(t *testing.T) {
	honest := func(id int64, operation *ber.Packet, dn string, code int64) []*ber.Packet {
		if operation.Tag == goldap.ApplicationSearchRequest {
			return found(id, dn)
		}
		return []*ber.Packet{says(id, goldap.ApplicationBindResponse, code)}
	}
	for name, row := range map[string]struct {
		answers answer
		refused bool // a plain no; otherwise unavailable
	}{
		"LDP-1 an entry without a name": {func(id int64, o *ber.Packet) []*ber.Packet { return honest(id, o, "", 49) }, true},
		"LDP-1 a name of blanks":        {func(id int64, o *ber.Packet) []*ber.Packet { return honest(id, o, " ", 49) }, true},
		"LDP-4 a referral for an answer": {func(id int64, o *ber.Packet) []*ber.Packet {
			return honest(id, o, "uid=ada,dc=example", 10)
		}, false},
		"LDP-4 a code that is none": {func(id int64, o *ber.Packet) []*ber.Packet { return honest(id, o, "uid=ada,dc=example", 4711) }, false},
		"an answer to another question": {func(id int64, o *ber.Packet) []*ber.Packet {
			if o.Tag == goldap.ApplicationBindRequest {
				id += 100
			}
			return honest(id, o, "uid=ada,dc=example", 0)
		}, false},
		"no answer": {func(id int64, o *ber.Packet) []*ber.Packet {
			if o.Tag == goldap.ApplicationBindRequest {
				return nil
			}
			return honest(id, o, "uid=ada,dc=example", 0)
		}, false},
		"no end of a search": {func(id int64, o *ber.Packet) []*ber.Packet {
			return found(id, "uid=ada,dc=example")[:1]
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, row.answers)
			c := connect(t, ldap.Config{URLs: []string{f.url}, BaseDN: "dc=example", InsecurePlaintextLoopback: true, Timeout: 300 * time.Millisecond})
			u, err := enter(t, c, "ada", password)
			if u != nil || row.refused && err != nil || !row.refused && !errors.Is(err, ostiary.ErrUnavailable) {
				t.Errorf("got %+v, %v", u, err)
			}
		})
	}
}

// TestDeadline: an answer that does not come is not waited for beyond the context.
func TestDeadline(t *testing.T) {
	f := newFake(t, func(int64, *ber.Packet) []*ber.Packet { return nil })
	c := connect(t, ldap.Config{URLs: []string{f.url}, BaseDN: "dc=example", InsecurePlaintextLoopback: true, Timeout: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	u, err := c.Authorize(ctx, values(t, "ada", password), nil)
	if u != nil || !errors.Is(err, ostiary.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("CON-2: got %+v, %v", u, err)
	}
}

// TestFailOver: a server that is down is left alone for a while, and asked again
// when there is no other.
func TestFailOver(t *testing.T) {
	d := open(t)
	now := time.Now()
	config := d.config
	config.Now = func() time.Time { return now }
	down := "ldap://127.0.0.1:1"
	config.URLs = []string{down, d.URL}
	c := connect(t, config)
	for range 3 {
		if u, err := enter(t, c, "ada", password); err != nil || u == nil {
			t.Fatalf("got %+v, %v", u, err)
		}
	}
	config.URLs = []string{down}
	alone := connect(t, config)
	for range 2 {
		if u, err := enter(t, alone, "ada", password); u != nil || !errors.Is(err, ostiary.ErrUnavailable) || !strings.Contains(err.Error(), down) {
			t.Errorf("CON-1: got %+v, %v", u, err)
		}
	}
}

// TestPasswordIsSentOnce: a bind that fails on the way is not tried again (CON-2).
func TestPasswordIsSentOnce(t *testing.T) {
	f := newFake(t, func(id int64, o *ber.Packet) []*ber.Packet {
		if o.Tag == goldap.ApplicationSearchRequest {
			return found(id, "uid=ada,dc=example")
		}
		return nil
	})
	second := newFake(t, func(id int64, o *ber.Packet) []*ber.Packet {
		return []*ber.Packet{says(id, goldap.ApplicationBindResponse, 0)}
	})
	c := connect(t, ldap.Config{
		URLs: []string{f.url, second.url}, BaseDN: "dc=example", InsecurePlaintextLoopback: true, Timeout: 200 * time.Millisecond,
	})
	if u, err := enter(t, c, "ada", password); u != nil || !errors.Is(err, ostiary.ErrUnavailable) {
		t.Errorf("got %+v, %v", u, err)
	}
	if n := len(f.bound()) + len(second.bound()); n != 1 {
		t.Errorf("CON-2: the password was sent %d times", n)
	}
}
