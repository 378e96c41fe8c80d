package yubikey

import (
	"crypto/aes"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"strings"
)

// The letters of modhex are at the same place on most keyboards.
const modhex = "cbdefghijklnrtuv"

const (
	otpLength = 44
	idLength  = 12 // of which, the public id
)

// parseOTP reads what a key types: 44 letters of modhex, in either case (YUB-1).
func parseOTP(typed string) (otp string, ok bool) {
	if len(typed) != otpLength {
		return "", false
	}
	otp = strings.ToLower(typed)
	return otp, isModhex(otp)
}

func isModhex(s string) bool { return s != "" && strings.Trim(s, modhex) == "" }

// decodeModhex returns the bytes that two letters each stand for.
func decodeModhex(s string) []byte {
	out := make([]byte, len(s)/2)
	for i := range out {
		out[i] = byte(strings.IndexByte(modhex, s[2*i])<<4 | strings.IndexByte(modhex, s[2*i+1]))
	}
	return out
}

// token is what is encrypted in a one-time password.
type token struct {
	private [6]byte
	use     uint16 // how often the key was plugged in
	session uint8  // how often it was touched since
}

var errToken = errors.New("the one-time password was not made with the secret of the key")

// openToken decrypts the part of a password after the public id: one block of
// AES-128, whose checksum is that of CRC-16 with the residue 0xf0b8.
func openToken(otp string, secret []byte) (t token, err error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return t, err
	}
	plain := decodeModhex(otp[idLength:])
	block.Decrypt(plain, plain)
	if crc16(plain) != 0xf0b8 {
		return t, errToken
	}
	copy(t.private[:], plain)
	t.use, t.session = binary.LittleEndian.Uint16(plain[6:]), plain[11]
	return t, nil
}

// crc16 is the checksum of ISO 13239.
func crc16(data []byte) uint16 {
	crc := uint16(0xffff)
	for _, b := range data {
		crc ^= uint16(b)
		for range 8 {
			odd := crc&1 == 1
			crc >>= 1
			if odd {
				crc ^= 0x8408
			}
		}
	}
	return crc
}

// after reports whether a token was made later than counters that were accepted:
// by the use counter, then by that of the session (YUB-4).
func (t token) after(use uint16, session uint8) bool {
	return t.use > use || t.use == use && t.session > session
}

func (t token) isOf(private []byte) bool {
	return subtle.ConstantTimeCompare(t.private[:], private) == 1
}
