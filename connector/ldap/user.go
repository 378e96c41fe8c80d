package ldap

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary"
)

// userOf makes a user of an entry.
func (c *Connector) userOf(entry *goldap.Entry, groups []string) (*ostiary.User, error) {
	id, err := c.id(entry)
	if err != nil {
		return nil, err
	}
	a := c.attributes
	u := &ostiary.User{ID: id, Name: text(entry, a.Name), Email: text(entry, a.Email), Image: picture(entry, a.Image)}
	for _, dn := range groups {
		u.Groups = append(u.Groups, groupName(dn))
	}
	for claim, name := range c.config.Claims {
		switch values := texts(entry, name); len(values) {
		case 0:
		case 1:
			c.claim(u, claim, values[0])
		default:
			c.claim(u, claim, values)
		}
	}
	return u, nil
}

func (c *Connector) claim(u *ostiary.User, name string, value any) {
	if u.Claims == nil {
		u.Claims = make(map[string]any, len(c.config.Claims))
	}
	u.Claims[name] = value
}

// id is the immutable id of an entry as text.
func (c *Connector) id(entry *goldap.Entry) (string, error) {
	values := entry.GetEqualFoldRawAttributeValues(c.attributes.ID)
	if len(values) != 1 || len(values[0]) == 0 {
		return "", fmt.Errorf("the entry has no %s, or the account may not read it", c.attributes.ID)
	}
	if c.preset.guid {
		return guidText(values[0])
	}
	if !utf8.Valid(values[0]) {
		return "", fmt.Errorf("%s is not text", c.attributes.ID)
	}
	return string(values[0]), nil
}

// idFilter is the value by which an id is searched; ok is false for what is no id.
func (c *Connector) idFilter(id string) (value filterText, ok bool) {
	if !c.preset.guid {
		return inFilter(id), usable(id)
	}
	raw, err := guidBytes(id)
	return bytesInFilter(raw), err == nil
}

// guidText writes sixteen bytes as Windows shows them: the first three parts with
// their bytes turned round (MS-DTYP, section 2.3.4).
func guidText(b []byte) (string, error) {
	if len(b) != 16 {
		return "", errors.New("objectGUID does not have sixteen bytes")
	}
	turned := []byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]}
	h := hex.EncodeToString(append(turned, b[8:]...))
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}

// guidBytes reads what guidText wrote, and nothing else.
func guidBytes(text string) ([]byte, error) {
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(b) != 16 {
		return nil, errors.New("not a GUID")
	}
	raw := append([]byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]}, b[8:]...)
	if again, err := guidText(raw); err != nil || again != text {
		return nil, errors.New("not a GUID as it is written here")
	}
	return raw, nil
}

// text is the first value of an attribute.
func text(entry *goldap.Entry, name string) string {
	if values := texts(entry, name); len(values) > 0 {
		return values[0]
	}
	return ""
}

func texts(entry *goldap.Entry, name string) []string {
	if name == "" {
		return nil
	}
	var all []string
	for _, value := range entry.GetEqualFoldAttributeValues(name) {
		if utf8.ValidString(value) {
			all = append(all, value)
		}
	}
	return all
}

// largestPhoto is how many bytes of a photo travel in the session.
const largestPhoto = 2 << 10

// picture is a URL, or a small photo as one.
func picture(entry *goldap.Entry, name string) string {
	if name == "" {
		return ""
	}
	values := entry.GetEqualFoldRawAttributeValues(name)
	if len(values) == 0 || len(values[0]) == 0 {
		return ""
	}
	value := values[0]
	if s := string(value); strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return s
	}
	kind := http.DetectContentType(value)
	if len(value) > largestPhoto || !strings.HasPrefix(kind, "image/") {
		return ""
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(value)
}
