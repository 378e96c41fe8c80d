package webauthn

import (
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/ostiary/ostiary/form"
	"github.com/ostiary/ostiary/internal/strictjson"
)

const (
	dataField    = "data"
	largestReply = 16 << 10 // bytes
)

var errReply = errors.New("what came back is not the reply of a key")

// Form has the one hidden field that the script fills.
func (f *Factor) Form() form.Form {
	return form.Form{{Name: dataField, Type: "hidden", Required: true, MaxBytes: largestReply, Secret: true}}
}

// reply takes the browser's reply apart as far as needed to put the user handle
// into the form that the library reads, base64url: clients send it as text, later
// ones in base64url. Everything is bounded before (WAN-10).
func reply(text string) (rewritten []byte, id []byte, handle string, err error) {
	if text == "" || len(text) > largestReply {
		return nil, nil, "", errReply
	}
	members, err := strictjson.Object([]byte(text))
	if err != nil {
		return nil, nil, "", errReply
	}
	var name string
	if json.Unmarshal(members["id"], &name) != nil {
		return nil, nil, "", errReply
	}
	if id, err = base64url.DecodeString(name); err != nil || len(id) == 0 || len(id) > longestID {
		return nil, nil, "", errReply
	}
	inner, err := strictjson.Object(members["response"])
	if err != nil {
		return nil, nil, "", errReply
	}
	if raw, there := inner["userHandle"]; there && string(raw) != "null" {
		if json.Unmarshal(raw, &handle) != nil {
			return nil, nil, "", errReply
		}
		handle = plainHandle(handle)
		inner["userHandle"], _ = json.Marshal(base64url.EncodeToString([]byte(handle))) // a text can't fail
	}
	if handle == "" {
		delete(inner, "userHandle")
	}
	if members["response"], err = json.Marshal(inner); err != nil {
		return nil, nil, "", errReply
	}
	rewritten, err = json.Marshal(members)
	return rewritten, id, handle, err
}

var base64url = base64.RawURLEncoding.Strict()

// plainHandle undoes base64url where it is that of a handle of ours, or of any text
// that is not one as it stands.
func plainHandle(text string) string {
	if isHandle(text) {
		return text
	}
	if plain, err := base64url.DecodeString(text); err == nil && isHandle(string(plain)) {
		return string(plain)
	}
	return text
}

// KeyOf returns the key of the enrolment that a reply names.
func (f *Factor) KeyOf(v form.Values) string {
	_, id, _, err := reply(v.Get(dataField))
	if err != nil {
		return ""
	}
	return keyOf(id)
}

func keyOf(id []byte) string { return keyPrefix + base64url.EncodeToString(id) }
