package yubiserver

import (
	"crypto/aes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Key is a YubiKey in software.
type Key struct {
	PublicID string // 12 letters of modhex
	Private  [6]byte
	Secret   [16]byte
	Use      uint16
	Session  uint8
	clock    uint32 // 24 bits, eight a second
}

// NewKey returns a key with a secret of its own, as it comes from the shop.
func NewKey(publicID string) *Key {
	k := &Key{PublicID: publicID, Use: 1}
	rand.Read(k.Private[:])
	rand.Read(k.Secret[:])
	return k
}

// Touch returns the next one-time password.
func (k *Key) Touch() string {
	if k.Session++; k.Session == 0 {
		k.Use++
	}
	plain := make([]byte, 16)
	copy(plain, k.Private[:])
	binary.LittleEndian.PutUint16(plain[6:], k.Use)
	k.clock += 16 // two seconds between touches
	plain[8], plain[9], plain[10] = byte(k.clock), byte(k.clock>>8), byte(k.clock>>16)
	plain[11] = k.Session
	rand.Read(plain[12:14])
	binary.LittleEndian.PutUint16(plain[14:], ^checksum(plain[:14]))
	block, err := aes.NewCipher(k.Secret[:])
	if err != nil {
		panic(err) // 16 bytes are a key
	}
	block.Encrypt(plain, plain)
	return k.PublicID + modhex(plain)
}

func modhex(b []byte) string {
	return strings.NewReplacer(
		"0", "c", "1", "b", "2", "d", "3", "e", "4", "f", "5", "g", "6", "h", "7", "i",
		"8", "j", "9", "k", "a", "l", "b", "n", "c", "r", "d", "t", "e", "u", "f", "v",
	).Replace(hex.EncodeToString(b))
}

// checksum is the CRC of ISO 13239, computed with the polynomial from the top.
func checksum(data []byte) uint16 {
	crc := uint16(0xffff)
	for _, b := range data {
		for bit := range 8 {
			feed := (crc ^ uint16(b>>bit)) & 1
			crc >>= 1
			crc ^= 0x8408 * feed
		}
	}
	return crc
}
