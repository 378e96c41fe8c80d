package radius

import (
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// Why a reply is ignored. What an operator can do about it stands in the text.
var (
	errID                = errors.New("it answers another request")
	errCode              = errors.New("its code is none of an answer")
	errAuthenticator     = errors.New("its authenticator is wrong: is the secret the same on both sides?")
	errUnsigned          = errors.New("it has no Message-Authenticator: the server must be brought up to date, or told to send one")
	errSignature         = errors.New("its Message-Authenticator is wrong: is the secret the same on both sides?")
	errUnsolicitedProxy  = errors.New("it has a Proxy-State, which nobody sent")
	errSeveralSignatures = errors.New("it has more than one Message-Authenticator")
)

// verify reads a reply and holds it against the request (RAD-1, RAD-2): id, code,
// Response Authenticator (RFC 2865, section 3) and Message-Authenticator (RFC
// 3579, section 3.2). Whoever can't make both without the secret is not heard.
//
// The Response Authenticator alone is not enough: it is MD5(packet + request's
// authenticator + packet + secret), which Blast-RADIUS forges by a collision
// (CVE-2024-3596). That needs a Proxy-State that is echoed; no reply to us has one.
func (r request) verify(b []byte) (packet, error) {
	p, err := parse(b)
	if err != nil {
		return packet{}, err
	}
	if p.id != r.wire[1] {
		return packet{}, errID
	}
	if p.code != accessAccept && p.code != accessReject && p.code != accessChallenge {
		return packet{}, errCode
	}
	b = b[:binary.BigEndian.Uint16(b[2:])]
	sum := digest(b[:4], r.authenticator(), b[headerSize:], r.secret)
	if subtle.ConstantTimeCompare(sum[:], p.authenticator[:]) != 1 {
		return packet{}, errAuthenticator
	}
	if err := r.verifySignature(p, b); err != nil {
		return packet{}, err
	}
	if len(p.all(proxyState)) > 0 {
		return packet{}, errUnsolicitedProxy
	}
	return p, nil
}

// authenticator is that of the request.
func (r request) authenticator() []byte { return r.wire[4:headerSize] }

func (r request) verifySignature(p packet, b []byte) error {
	signatures := p.all(messageAuthenticator)
	switch {
	case len(signatures) == 0 && r.lenient:
		return nil
	case len(signatures) == 0:
		return errUnsigned
	case len(signatures) > 1:
		return errSeveralSignatures
	case len(signatures[0]) != 16:
		return errSignature
	}
	at := headerSize // of the value
	for _, a := range p.attributes {
		if at += 2; a.kind == messageAuthenticator {
			break
		}
		at += len(a.value)
	}
	var zero [16]byte
	want := mac(r.secret, b[:4], r.authenticator(), b[headerSize:at], zero[:], b[at+16:])
	if subtle.ConstantTimeCompare(want, signatures[0]) != 1 {
		return errSignature
	}
	return nil
}
