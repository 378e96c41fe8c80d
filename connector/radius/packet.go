package radius

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/binary"
	"errors"
)

// code says what a packet is.
type code byte

// The codes that mean something here (RFC 2865, section 4; RFC 5997).
const (
	accessRequest   code = 1
	accessAccept    code = 2
	accessReject    code = 3
	accessChallenge code = 11
	statusServer    code = 12
)

// Sizes of a packet, in bytes.
const (
	headerSize = 20
	maxPacket  = 4096
)

// packet is one that was read. Its attributes share memory with what was read.
type packet struct {
	code          code
	id            byte
	authenticator [16]byte
	attributes    []attribute
}

// parse reads a packet (RFC 2865, section 3). What is behind its length is padding
// and left out.
func parse(b []byte) (p packet, err error) {
	if len(b) < headerSize {
		return p, errors.New("it is shorter than a packet")
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	if length < headerSize || length > maxPacket || length > len(b) {
		return p, errors.New("its length is not that of a packet")
	}
	p = packet{code: code(b[0]), id: b[1], authenticator: [16]byte(b[4:headerSize])}
	p.attributes, err = splitAttributes(b[headerSize:length])
	return p, err
}

// encode writes a packet. What parse accepted comes out as it was, without padding.
func (p packet) encode() []byte {
	b := make([]byte, headerSize, 256)
	b[0], b[1] = byte(p.code), p.id
	copy(b[4:], p.authenticator[:])
	for _, a := range p.attributes {
		b = appendAttribute(b, a.kind, a.value)
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

// all returns the values of every attribute of a kind, in order.
func (p packet) all(kind attributeType) (values [][]byte) {
	for _, a := range p.attributes {
		if a.kind == kind {
			values = append(values, a.value)
		}
	}
	return values
}

// question is what a request asks, before it has an id, an authenticator and a
// secret, which differ from server to server.
type question struct {
	code     code
	name     string // empty for Status-Server
	password string
	state    []byte // of the challenge that is answered
	calling  string
	common   []attribute // NAS-Identifier and others that are always the same
}

// request is what is sent and what a reply is held against.
type request struct {
	wire   []byte
	secret []byte
	// lenient accepts replies that have no Message-Authenticator.
	lenient bool
}

// request makes the packet for one try: a new authenticator from the system's
// source of chance, the password under it, and Message-Authenticator as the first
// attribute, so that nobody can put anything before it (RAD-1, RAD-2).
func (q question) request(id byte, secret []byte) request {
	var authenticator [16]byte
	_, _ = rand.Read(authenticator[:]) // never fails
	return q.requestWith(id, authenticator, secret)
}

func (q question) requestWith(id byte, authenticator [16]byte, secret []byte) request {
	p := packet{code: q.code, id: id, authenticator: authenticator}
	add := func(kind attributeType, value []byte) {
		p.attributes = append(p.attributes, attribute{kind, value})
	}
	add(messageAuthenticator, make([]byte, md5.Size))
	if q.name != "" {
		add(userName, []byte(q.name))
		add(userPassword, hide([]byte(q.password), secret, authenticator))
	}
	if len(q.state) > 0 {
		add(state, q.state)
	}
	if q.calling != "" {
		add(callingStationID, []byte(q.calling))
	}
	p.attributes = append(p.attributes, q.common...)
	wire := p.encode()
	copy(wire[headerSize+2:], mac(secret, wire))
	return request{wire: wire, secret: secret}
}

// mac is the value of Message-Authenticator: over the packet with that value zero
// (RFC 3579, section 3.2).
func mac(secret []byte, parts ...[]byte) []byte {
	h := hmac.New(md5.New, secret)
	for _, part := range parts {
		_, _ = h.Write(part)
	}
	return h.Sum(nil)
}
