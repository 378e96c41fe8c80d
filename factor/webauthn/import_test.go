package webauthn_test

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/webauthn"
	"github.com/ostiary/ostiary/internal/testserver/softkey"
)

func TestU2F(t *testing.T) {
	const appID = "https://old.example.com/app-id.json"
	f := open(t, func(c *webauthn.Config) { c.AppID = appID })
	k := newKey(t, "u2f")
	point, err := k.Signer.Public().(*ecdsa.PublicKey).ECDH()
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(k.Signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]string{
		"point": base64.RawURLEncoding.EncodeToString(point.Bytes()), "SubjectPublicKeyInfo": base64.StdEncoding.EncodeToString(spki),
	} {
		t.Run(name, func(t *testing.T) {
			text, _ := json.Marshal(map[string]any{
				"type": "u2f", "key_handle": base64.RawURLEncoding.EncodeToString(k.ID), "public_key": key, "counter": 5, "name": "Blue key",
			})
			e, err := f.Import(string(text))
			if err != nil || e.Name != "Blue key" {
				t.Fatal(e, err)
			}
			e.ID = "1"
			asked, err := f.Options(ctx, ada, []ostiary.Enrolment{*e})
			if err != nil {
				t.Fatal(err)
			}
			extensions, _ := softkey.Options(t, asked.JSON)["extensions"].(map[string]any)
			if extensions["appid"] != appID {
				t.Errorf("WAN-9 extensions %v", extensions)
			}
			old := *k
			old.AppID, old.Counter = appID, 6
			if _, err := signIn(t, f, &old, false, *e); err != nil {
				t.Errorf("WAN-9 with appid: %v", reason(err))
			}
			unasked := open(t)
			if _, err := signIn(t, unasked, &old, false, *e); err == nil {
				t.Error("WAN-9 appid that was not asked for")
			}
		})
	}
	t.Run("WAN-9 not sent without a key of U2F", func(t *testing.T) {
		modern := newKey(t, "ES256")
		e := mustRegister(t, f, modern)
		asked, err := f.Options(ctx, ada, []ostiary.Enrolment{e})
		if err != nil {
			t.Fatal(err)
		}
		if _, there := softkey.Options(t, asked.JSON)["extensions"]; there {
			t.Error("sent")
		}
	})
}

func TestImport(t *testing.T) {
	f, k := open(t), newKey(t, "ES256")
	id, key := base64.StdEncoding.EncodeToString(k.ID), base64.StdEncoding.EncodeToString(k.COSE)
	handle := strings.Repeat("b", 64)
	for name, text := range map[string]string{
		"WebAuthn": `{"type":"webauthn","credential_id":"` + id + `","public_key":"` + key + `","counter":3,"transports":["usb"],"user_handle":"` + handle + `"}`,
		"Auth.js":  `{"credentialID":"` + id + `","credentialPublicKey":"` + key + `","counter":3,"credentialDeviceType":"singleDevice","credentialBackedUp":false,"transports":"usb,nfc","userId":"7","providerAccountId":"x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			e, err := f.Import(text)
			if err != nil {
				t.Fatal(err)
			}
			e.ID = "1"
			k := *k
			k.Counter, k.Handle = 4, handle
			if _, err := signIn(t, f, &k, false, *e); err != nil {
				t.Error(reason(err))
			}
		})
	}
	for name, text := range map[string]string{
		"no object": `[1]`, "no type": `{"public_key":"` + key + `"}`, "another type": `{"type":"x"}`, "twice": `{"type":"u2f","type":"u2f"}`,
		"WAN-5 no curve": `{"type":"u2f","key_handle":"AAAA","public_key":"BA` + strings.Repeat("A", 85) + `"}`,
		"no base64":      `{"type":"webauthn","credential_id":"*","public_key":"` + key + `"}`,
		"no key":         `{"type":"webauthn","credential_id":"` + id + `","public_key":"AAAA"}`,
		"counter":        `{"type":"webauthn","credential_id":"` + id + `","public_key":"` + key + `","counter":-1}`,
	} {
		if e, err := f.Import(text); err == nil {
			t.Errorf("%s: imported %+v", name, e)
		}
	}
}

// FuzzImport holds that what is imported can be asked for.
func FuzzImport(f *testing.F) {
	factor, k := open(f), newKey(f, "ES256")
	f.Add(`{"type":"webauthn","credential_id":"AAAA","public_key":"` + base64.StdEncoding.EncodeToString(k.COSE) + `"}`)
	f.Add(`{"type":"u2f","key_handle":"AAAA","public_key":"BA"}`)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := factor.Import(text)
		if err != nil {
			return
		}
		if _, err := factor.Options(ctx, ada, []ostiary.Enrolment{*e}); err != nil {
			t.Errorf("%q is imported and can't be asked for: %v", text, err)
		}
	})
}
