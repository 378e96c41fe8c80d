package passhash_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/ostiary/ostiary/passhash"
)

// TestOpenSSL judges what another implementation wrote (openssl passwd -apr1,
// -1, -5 and -6, version 3.0), for passwords around the block sizes of the
// digests: the crypt algorithms loop over length in odd ways.
func TestOpenSSL(t *testing.T) {
	raw, err := os.ReadFile("testdata/openssl.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Password, Stored string }
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		h, err := passhash.Parse(row.Stored, anything)
		if err != nil {
			t.Errorf("%q: %v", row.Stored, err)
			continue
		}
		t.Run(fmt.Sprintf("%s of %d bytes", h.Family(), len(row.Password)), func(t *testing.T) {
			if !h.Match(row.Password) {
				t.Errorf("%q does not match %q", row.Stored, row.Password)
			}
			for _, other := range []string{row.Password + "x", row.Password[1:], row.Password + "\x00", ""} {
				if h.Match(other) {
					t.Errorf("%q matches %q, too", row.Stored, other)
				}
			}
		})
	}
}
