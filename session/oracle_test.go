package session_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"reflect"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/ostiary/ostiary/session"
)

// gcmSeal and cbcSeal are RFC 7518, sections 5.3 and 5.2.5, written down
// without any of the short cuts of the package.

func gcmSeal(t testing.TB, key []byte, head string, iv, plain []byte) (text, tag []byte) {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	sealed := aead.Seal(nil, iv, plain, []byte(head))
	return sealed[:len(plain)], sealed[len(plain):]
}

func cbcSeal(t testing.TB, key []byte, head string, iv, plain []byte) (text, tag []byte) {
	t.Helper()
	block, err := aes.NewCipher(key[32:])
	if err != nil {
		t.Fatal(err)
	}
	pad := 16 - len(plain)%16
	return cbcTag(block, key, head, iv, append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...))
}

// cbcTag encrypts whole blocks, well padded or not.
func cbcTag(block cipher.Block, key []byte, head string, iv, padded []byte) (text, tag []byte) {
	text = make([]byte, len(padded))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, padded)
	mac := hmac.New(sha512.New, key[:32])
	mac.Write([]byte(head))
	mac.Write(iv)
	mac.Write(text)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(head))*8))
	return text, mac.Sum(nil)[:32]
}

func TestPadding(t *testing.T) {
	key, err := session.AuthJSV5.Derive(secretA, "authjs.session-token")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := aes.NewCipher(key[32:])
	codec := newCodec(t, session.Config{Format: session.AuthJSV5})
	head := raw64.EncodeToString([]byte(headerOf(session.AuthJSV5, "")))
	iv := make([]byte, 16)
	for name, row := range map[string]struct {
		end  []byte
		want bool
	}{
		"JWE-5 right":       {[]byte{4, 4, 4, 4}, true},
		"JWE-5 uneven":      {[]byte{4, 4, 3, 4}, false},
		"JWE-5 zero":        {[]byte{4, 4, 4, 0}, false},
		"JWE-5 over 16":     {[]byte{17, 17, 17, 17}, false},
		"JWE-5 a block":     {append([]byte("    "), bytes.Repeat([]byte{16}, 16)...), true},
		"JWE-5 beyond all":  {bytes.Repeat([]byte{255}, 4), false},
		"JWE-5 nothing cut": {[]byte("    "), false},
	} {
		t.Run(name, func(t *testing.T) {
			text, tag := cbcTag(block, key, head, iv, append([]byte(good), row.end...))
			token := head + ".." + raw64.EncodeToString(iv) + "." + raw64.EncodeToString(text) + "." + raw64.EncodeToString(tag)
			if _, err := codec.Open(token, start); (err == nil) != row.want {
				t.Errorf("got %v, want ok %v", err, row.want)
			}
		})
	}
}

// TestAgainstGoJose seals here and opens there, and the reverse.
func TestAgainstGoJose(t *testing.T) {
	for _, r := range rivals(t) {
		t.Run("JWE-12 "+r.name, func(t *testing.T) {
			for size := range 70 {
				want := &session.Token{Subject: "1", Name: session.String(string(bytes.Repeat([]byte("\u00fc"), size))), Expires: start.Unix() + 60}
				sealed, err := r.codec.Seal(want)
				if err != nil {
					t.Fatal(err)
				}
				plain := joseOpen(t, r, sealed)
				if got, err := r.codec.Open(joseSeal(t, r, plain), start); err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("size %d: got %+v, %v, want %+v", size, got, err, want)
				}
			}
		})
	}
}

func joseOpen(t testing.TB, r rival, token string) []byte {
	t.Helper()
	obj, err := jose.ParseEncryptedCompact(token, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{r.enc})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := obj.Decrypt(r.key)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func joseSeal(t testing.TB, r rival, plain []byte) string {
	t.Helper()
	e, err := jose.NewEncrypter(r.enc, jose.Recipient{Algorithm: jose.DIRECT, Key: r.key}, new(jose.EncrypterOptions).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	obj, err := e.Encrypt(plain)
	if err != nil {
		t.Fatal(err)
	}
	token, err := obj.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
