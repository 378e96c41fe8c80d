package passhash

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"

	"golang.org/x/crypto/argon2"
)

// TestStreebog has the second example of RFC 6986, section 10.1.2, and what
// libxcrypt and others agree on for nothing at all.
func TestStreebog(t *testing.T) {
	m1, err := hex.DecodeString("323130393837363534333231303938373635343332313039383736353433323130393837363534333231303938373635343332313039383736353433323130")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(m1) // the RFC writes numbers, the last byte first
	for _, row := range []struct {
		name    string
		message []byte
		want    string
	}{
		{"RFC 6986, 10.1.2", m1, "00557be5e584fd52a449b16b0251d05d27f94ab76cbaa6da890b59d8ef1e159d"},
		{"nothing", nil, "bbe19c8d2025d99f943a932a0b365a822aa36a4c479d22cc02c8973e219a533f"},
	} {
		sum := streebog256(row.message)
		slices.Reverse(sum[:])
		if got := hex.EncodeToString(sum[:]); got != row.want {
			t.Errorf("%s: got %s, want %s", row.name, got, row.want)
		}
	}
}

// TestOldArgon2 holds our own code to x/crypto's where both can. Version 0x10 and
// variant d are one branch each beside that.
func TestOldArgon2(t *testing.T) {
	for _, row := range []struct{ memory, passes, lanes, size int64 }{
		{8, 1, 1, 16}, {64, 3, 1, 32}, {67, 2, 2, 50}, {600, 3, 3, 64}, {2100, 1, 4, 65}, {96, 2, 1, 96}, {64, 1, 1, 128},
	} {
		for _, family := range []Family{Argon2i, Argon2id} {
			a := argon2Spec{
				family: family, version: 0x13, memory: row.memory, passes: row.passes, lanes: row.lanes,
				salt: []byte("saltsaltsalt"), key: make([]byte, row.size),
			}
			want := argon2.Key
			if family == Argon2id {
				want = argon2.IDKey
			}
			if got := oldArgon2(a, []byte("open sesame")); !bytes.Equal(got,
				want([]byte("open sesame"), a.salt, uint32(a.passes), uint32(a.memory), uint8(a.lanes), uint32(row.size))) {
				t.Errorf("%s %+v: got %x", family, row, got)
			}
		}
	}
}
