package radius

import (
	"crypto/md5"
	"errors"
	"fmt"
)

// attributeType numbers an attribute.
type attributeType byte

// The attributes that are sent or read (RFC 2865, section 5; RFC 2869, section 5).
const (
	userName             attributeType = 1
	userPassword         attributeType = 2
	nasIPAddress         attributeType = 4
	filterID             attributeType = 11
	replyMessage         attributeType = 18
	state                attributeType = 24
	class                attributeType = 25
	callingStationID     attributeType = 31
	nasIdentifier        attributeType = 32
	proxyState           attributeType = 33
	nasPortType          attributeType = 61
	prompt               attributeType = 76
	messageAuthenticator attributeType = 80
)

// maxValue is the longest value of an attribute, in bytes: its length counts two
// more in one byte.
const maxValue = 253

// attribute is one of a packet. The value shares memory with the packet.
type attribute struct {
	kind  attributeType
	value []byte
}

// splitAttributes reads a list of attributes to its end (RFC 2865, section 5).
func splitAttributes(b []byte) ([]attribute, error) {
	var list []attribute
	for len(b) > 0 {
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return nil, errors.New("an attribute does not fit into its packet")
		}
		list = append(list, attribute{attributeType(b[0]), b[2:b[1]]})
		b = b[b[1]:]
	}
	return list, nil
}

// appendAttribute adds one attribute. Values are held to their length where they
// come from; a longer one here is a fault of ours.
func appendAttribute(b []byte, kind attributeType, value []byte) []byte {
	if len(value) > maxValue {
		panic(fmt.Sprintf("radius: %d bytes for attribute %d", len(value), kind))
	}
	return append(append(b, byte(kind), byte(2+len(value))), value...)
}

// hide covers a password the way of RFC 2865, section 5.2: padded with NUL to
// blocks of 16 bytes, each of them xor MD5(secret + what came before). It takes
// from 1 to 128 bytes.
func hide(password, secret []byte, authenticator [16]byte) []byte {
	hidden := make([]byte, (len(password)+15)/16*16)
	copy(hidden, password)
	previous := authenticator[:]
	for block := hidden; len(block) > 0; block = block[16:] {
		pad := digest(secret, previous)
		for i := range pad {
			block[i] ^= pad[i]
		}
		previous = block[:16]
	}
	return hidden
}

// digest is MD5 over its parts: what the protocol is made of.
func digest(parts ...[]byte) (sum [md5.Size]byte) {
	h := md5.New()
	for _, part := range parts {
		_, _ = h.Write(part)
	}
	h.Sum(sum[:0])
	return sum
}
