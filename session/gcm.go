package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"sync"
)

const (
	gcmIV  = 12
	gcmTag = 16
)

// gcmBox is "dir" with A256GCM (RFC 7518, section 5.3).
type gcmBox struct {
	aead cipher.AEAD
	heading
	aad   []byte // the heading
	print string
}

// newGCM returns a box for a 32-byte key. The kid goes into the header only if
// named is set.
func newGCM(key []byte, named bool) (box, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	b := &gcmBox{aead: aead, print: thumbprint(key), heading: newHeading(`{"alg":"dir","enc":"A256GCM`, "")}
	if named {
		b.heading = newHeading(`{"alg":"dir","enc":"A256GCM","kid":"`, b.print)
	}
	b.aad = []byte(b.all)
	return b, nil
}

func (b *gcmBox) kid() string { return b.print }

func (b *gcmBox) open(head, iv, ciphertext, tag string) (string, bool) {
	n, ok := decodedLen(len(ciphertext))
	if !ok {
		return "", false
	}
	room := rooms.Get().(*room)
	defer rooms.Put(room)
	nonce, sealed := room.take(gcmIV, n+gcmTag)
	if !decode(nonce, iv) || !decode(sealed[:n], ciphertext) || !decode(sealed[n:], tag) {
		return "", false
	}
	aad := b.aad
	if head != b.all {
		aad = []byte(head)
	}
	plain, err := b.aead.Open(sealed[:0], nonce, sealed, aad)
	if err != nil {
		return "", false
	}
	return string(plain), true
}

func (b *gcmBox) seal(dst, plain []byte) []byte {
	room := rooms.Get().(*room)
	defer rooms.Put(room)
	nonce, sealed := room.take(gcmIV, len(plain)+gcmTag)
	rand.Read(nonce) // crypto/rand never fails
	b.aead.Seal(sealed[:0], nonce, plain, b.aad)
	return compact(dst, b.all, nonce, sealed[:len(plain)], sealed[len(plain):])
}

// compact appends the five parts of a token; the encrypted key is empty.
func compact(dst []byte, head string, iv, ciphertext, tag []byte) []byte {
	dst = append(append(dst, head...), '.', '.')
	dst = append(b64.AppendEncode(dst, iv), '.')
	dst = append(b64.AppendEncode(dst, ciphertext), '.')
	return b64.AppendEncode(dst, tag)
}

// room is working memory for one token. What it held is overwritten by the
// next; nothing that leaves the package points into it.
type room struct{ buf []byte }

var rooms = sync.Pool{New: func() any { return &room{make([]byte, 2048)} }}

// take returns two adjoining pieces of the room.
func (r *room) take(first, second int) (a, b []byte) {
	if n := first + second; n > len(r.buf) {
		r.buf = make([]byte, n)
	}
	return r.buf[:first:first], r.buf[first : first+second : first+second]
}
