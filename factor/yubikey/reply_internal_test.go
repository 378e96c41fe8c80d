package yubikey

import (
	"encoding/hex"
	"testing"
)

// TestToken opens a password of Yubico's documentation of the format.
func TestToken(t *testing.T) {
	secret, _ := hex.DecodeString("ecde18dbe76fbd0c33330f1c354871db")
	got, err := openToken("cccccccccccc"+"dcihgvrhjeucvrinhdfddbjhfjftjdei", secret)
	if err == nil && got.use == 0 {
		t.Errorf("%+v", got)
	}
	if crc16([]byte("123456789")) != ^uint16(0x906e) {
		t.Errorf("the checksum of 123456789 is %04x, want %04x", crc16([]byte("123456789")), ^uint16(0x906e))
	}
}

// FuzzReply holds that nothing is believed but what is signed, and to our question.
func FuzzReply(f *testing.F) {
	secret := []byte("a secret of the client")
	factor := &Factor{secret: func() []byte { return secret }}
	const otp, nonce = "ccccccccccccdcihgvrhjeucvrinhdfddbjhfjftjdei", "aaaaaaaaaaaaaaaaaaaaaaaaaa"
	fields := map[string]string{"otp": otp, "nonce": nonce, "status": "OK"}
	good := "h=" + sign(fields, secret) + "\r\notp=" + otp + "\r\nnonce=" + nonce + "\r\nstatus=OK\r\n"
	if status, err := factor.readReply([]byte(good), otp, nonce); status != "OK" || err != nil {
		f.Fatal(status, err)
	}
	f.Add([]byte(good))
	f.Add([]byte("status=OK"))
	f.Add([]byte("h=\r\nstatus=OK\r\nstatus=OK"))
	f.Fuzz(func(t *testing.T, body []byte) {
		status, err := factor.readReply(body, otp, nonce)
		if err != nil {
			return
		}
		fields, err := parseReply(body)
		if err != nil {
			t.Fatal(err)
		}
		h := fields["h"]
		delete(fields, "h")
		if h != sign(fields, secret) {
			t.Errorf("YUB-2 believed %q: %s", body, status)
		}
	})
}
