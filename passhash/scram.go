package passhash

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"encoding"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// parseSCRAM reads rounds, salt, stored key and server key between commas
// (RFC 5802, section 3).
func parseSCRAM(family Family, f prf) scheme {
	return func(rest string, limits Limits, _ Record) (Hash, error) {
		parts := strings.Split(rest, ",")
		if len(parts) != 4 {
			return Hash{}, malformed("%s has four parts", family)
		}
		rounds, isNumber := number(parts[0])
		salt, isSalt := unbase64(base64.StdEncoding, parts[1])
		stored, isStored := unbase64(base64.StdEncoding, parts[2])
		server, isServer := unbase64(base64.StdEncoding, parts[3])
		if !isNumber || !isSalt || !isStored || !isServer || len(stored) != f.size || len(server) != f.size || len(salt) == 0 {
			return Hash{}, malformed("%s has rounds, salt and two keys of %d bytes", family, f.size)
		}
		h, err := f.parsed(limits, rounds, salt, stored)
		if err != nil {
			return Hash{}, err
		}
		h.family = family
		h.matches = func(password string) bool {
			salted, err := pbkdf2.Key(f.hash, password, salt, int(rounds), f.size)
			if err != nil {
				return false
			}
			client := f.hash()
			client.Write(f.mac(salted, "Client Key"))
			return equal(client.Sum(nil), stored) && equal(f.mac(salted, "Server Key"), server)
		}
		return h, nil
	}
}

func (f prf) mac(key []byte, text string) []byte {
	h := hmac.New(f.hash, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// parseCRAMMD5 reads the two states of an HMAC-MD5 behind its keys, outer first.
func parseCRAMMD5(rest string, limits Limits, _ Record) (Hash, error) {
	want, ok := unhex(rest)
	if !ok || len(want) != 2*md5.Size {
		return Hash{}, malformed("%s is 64 hexadecimal digits", CRAMMD5)
	}
	return limits.admit(CRAMMD5, Cost{1, 600, 512}, func(password string) bool {
		key := make([]byte, md5.BlockSize)
		if sum := md5.Sum([]byte(password)); len(password) > len(key) {
			copy(key, sum[:])
		} else {
			copy(key, password)
		}
		return equal(append(md5State(key, 0x5c), md5State(key, 0x36)...), want)
	})
}

// md5State returns the four words of MD5 after one block, low byte first.
func md5State(key []byte, pad byte) []byte {
	h := md5.New()
	for _, c := range key {
		h.Write([]byte{c ^ pad})
	}
	var out []byte
	if state, is := h.(encoding.BinaryMarshaler); is {
		const mark = 4 // letters in front of the words
		if text, err := state.MarshalBinary(); err == nil && len(text) > mark+md5.Size {
			for i := range 4 {
				out = binary.LittleEndian.AppendUint32(out, binary.BigEndian.Uint32(text[mark+4*i:]))
			}
		}
	}
	return out
}
