package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding"
	"encoding/binary"
	"errors"
	"hash"
	"sync"
)

const (
	cbcIV  = aes.BlockSize
	cbcTag = 32
)

// cbcBox is "dir" with A256CBC-HS512 (RFC 7518, section 5.2.5).
//
// The authentication code is HMAC-SHA-512 (RFC 2104) resumed from saved states
// of the hash: after the inner key, after the inner key and our own header,
// and after the outer key. That spares three of seven blocks for a usual token.
type cbcBox struct {
	block cipher.Block
	heading
	print             string
	inner, own, outer []byte
	pool              sync.Pool // *cbcWork
}

// cbcWork is what one token is worked on with.
type cbcWork struct {
	buf  []byte
	hash resumable
	sum  []byte
	open blockMode
	seal blockMode
}

type resumable interface {
	hash.Hash
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

type blockMode interface {
	cipher.BlockMode
	SetIV(iv []byte)
}

var errPlatform = errors.New("this Go release lacks what the cipher needs")

// newCBC returns a box for a 64-byte key: 32 for the code, 32 for the cipher.
func newCBC(key []byte) (box, error) {
	block, err := aes.NewCipher(key[32:])
	if err != nil {
		return nil, err
	}
	b := &cbcBox{block: block, print: thumbprint(key)}
	b.heading = newHeading(`{"alg":"dir","enc":"A256CBC-HS512","kid":"`, b.print)
	w, err := b.newWork()
	if err != nil {
		return nil, err
	}
	if err := b.saveStates(w.hash, key[:32]); err != nil {
		return nil, err
	}
	b.pool.New = func() any {
		w, err := b.newWork()
		if err != nil {
			return nil
		}
		return w
	}
	return b, nil
}

func (b *cbcBox) newWork() (*cbcWork, error) {
	w := &cbcWork{buf: make([]byte, 2048), sum: make([]byte, 0, sha512.Size)}
	var iv [cbcIV]byte
	var ok1, ok2, ok3 bool
	w.hash, ok1 = sha512.New().(resumable)
	w.open, ok2 = cipher.NewCBCDecrypter(b.block, iv[:]).(blockMode)
	w.seal, ok3 = cipher.NewCBCEncrypter(b.block, iv[:]).(blockMode)
	if !ok1 || !ok2 || !ok3 {
		return nil, errPlatform
	}
	return w, nil
}

// saveStates keeps the states of the hash that every code begins with.
func (b *cbcBox) saveStates(h resumable, key []byte) (err error) {
	save := func(fill byte, more string) []byte {
		pad := make([]byte, h.BlockSize())
		copy(pad, key)
		for i := range pad {
			pad[i] ^= fill
		}
		h.Reset()
		h.Write(pad)
		h.Write([]byte(more))
		state, failed := h.MarshalBinary()
		err = errors.Join(err, failed)
		return state
	}
	b.inner, b.own, b.outer = save(0x36, ""), save(0x36, b.all), save(0x5c, "")
	return err
}

func (b *cbcBox) kid() string { return b.print }

// code returns the tag of ivAndText under the header head. It is valid until
// the work is used again.
func (b *cbcBox) code(w *cbcWork, head string, ivAndText []byte) ([]byte, bool) {
	state := b.own
	if head != b.all {
		state = b.inner
	}
	if w.hash.UnmarshalBinary(state) != nil {
		return nil, false
	}
	if head != b.all {
		w.hash.Write([]byte(head))
	}
	w.hash.Write(ivAndText)
	w.sum = binary.BigEndian.AppendUint64(w.sum[:0], uint64(len(head))*8)
	w.hash.Write(w.sum)
	w.sum = w.hash.Sum(w.sum[:0])
	if w.hash.UnmarshalBinary(b.outer) != nil {
		return nil, false
	}
	w.hash.Write(w.sum)
	w.sum = w.hash.Sum(w.sum[:0])
	return w.sum[:cbcTag], true
}

func (b *cbcBox) open(head, iv, ciphertext, tag string) (string, bool) {
	n, ok := decodedLen(len(ciphertext))
	if !ok || n == 0 || n%aes.BlockSize != 0 {
		return "", false
	}
	w, ok := b.pool.Get().(*cbcWork)
	if !ok {
		return "", false
	}
	defer b.pool.Put(w)
	sealed := w.take(cbcIV + n + cbcTag)
	text, got := sealed[cbcIV:cbcIV+n], sealed[cbcIV+n:]
	if !decode(sealed[:cbcIV], iv) || !decode(text, ciphertext) || !decode(got, tag) {
		return "", false
	}
	want, ok := b.code(w, head, sealed[:cbcIV+n])
	if !ok || subtle.ConstantTimeCompare(got, want) != 1 {
		return "", false
	}
	w.open.SetIV(sealed[:cbcIV])
	w.open.CryptBlocks(text, text)
	return unpad(text)
}

// unpad removes the padding of PKCS #7. Only who has the key gets this far, so
// there is nothing that its time could tell.
func unpad(text []byte) (string, bool) {
	pad := int(text[len(text)-1])
	if pad < 1 || pad > aes.BlockSize {
		return "", false
	}
	end := len(text) - pad
	for _, c := range text[end:] {
		if int(c) != pad {
			return "", false
		}
	}
	return string(text[:end]), true
}

func (b *cbcBox) seal(dst, plain []byte) []byte {
	w, ok := b.pool.Get().(*cbcWork)
	if !ok {
		return nil
	}
	defer b.pool.Put(w)
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	n := len(plain) + pad
	sealed := w.take(cbcIV + n)
	iv, text := sealed[:cbcIV], sealed[cbcIV:]
	rand.Read(iv) // crypto/rand never fails
	for i := copy(text, plain); i < n; i++ {
		text[i] = byte(pad)
	}
	w.seal.SetIV(iv)
	w.seal.CryptBlocks(text, text)
	tag, ok := b.code(w, b.all, sealed)
	if !ok {
		return nil
	}
	return compact(dst, b.all, iv, text, tag)
}

func (w *cbcWork) take(n int) []byte {
	if n > len(w.buf) {
		w.buf = make([]byte, n)
	}
	return w.buf[:n:n]
}
