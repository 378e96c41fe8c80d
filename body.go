package ostiary

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ostiary/ostiary/internal/strictjson"
)

// body is a request body taken apart: the words of the protocol by name, and
// everything else, which only the declared form may make sense of.
type body struct {
	protocol [len(protocolFields)]string // in that order
	sent     [len(protocolFields)]bool
	fields   map[string][]string
	json     bool            // "json" was the text "true" (contract, section 4)
	data     json.RawMessage // of update(data)
}

// field returns a word of the protocol, "" when it was not sent.
func (b *body) field(name string) string {
	for i, known := range protocolFields {
		if known == name {
			return b.protocol[i]
		}
	}
	return ""
}

// one returns a field that came once, "" for every other.
func (b *body) one(name string) string {
	if values := b.fields[name]; len(values) == 1 && utf8.ValidString(values[0]) {
		return values[0]
	}
	return ""
}

// without returns the fields less the named ones.
func (b *body) without(names ...string) map[string][]string {
	left := maps.Clone(b.fields)
	for _, name := range names {
		delete(left, name)
	}
	return left
}

// protocolFields are the names that clients send beside the credentials. No
// form may declare one, so none ever reaches an authorizer.
var protocolFields = [...]string{"csrfToken", "callbackUrl", "json", "redirect", "redirectTo"}

const maxFields = 128

// bodyError is a body that can't be read: its status and a sentence for
// whoever sent it.
type bodyError struct {
	status   int
	sentence string
}

func (e *bodyError) Error() string { return e.sentence }

var (
	errUnsupported = &bodyError{http.StatusUnsupportedMediaType, "Send the fields as application/x-www-form-urlencoded or application/json."}
	errMalformed   = &bodyError{http.StatusBadRequest, "The form could not be read: its encoding is damaged."}
	errTooMany     = &bodyError{http.StatusBadRequest, fmt.Sprintf("The form has more than %d fields.", maxFields)}
	errInvalidJSON = &bodyError{http.StatusBadRequest, "Invalid JSON"} // the wording of the contract, section 2
)

// readBody takes the body of a POST apart. Only the two types of the contract
// are read, each in one strict way, so that nobody can show one request to a
// check and another to the authorizer (CSR-6, CSR-9).
func (x *exchange) readBody() error {
	raw, err := x.readAll()
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return &bodyError{http.StatusRequestEntityTooLarge, fmt.Sprintf("The request is larger than %d bytes.", tooLarge.Limit)}
		}
		return errMalformed
	}
	types := x.r.Header.Values("Content-Type")
	switch {
	case len(raw) == 0:
		return nil
	case len(types) != 1 || x.r.Header.Get("Content-Encoding") != "":
		return errUnsupported
	}
	switch mediaType(types[0]) {
	case formType:
		return x.body.readForm(raw)
	case "application/json":
		return x.body.readJSON([]byte(raw), x.action == "session")
	}
	return errUnsupported
}

// readAll reads the body up to the limit. What it is read into is used again,
// and wiped before that: there may be a password in it.
func (x *exchange) readAll() (string, error) {
	buffer := bodies.Get().(*bytes.Buffer)
	defer func() {
		clear(buffer.Bytes())
		buffer.Reset()
		bodies.Put(buffer)
	}()
	_, err := buffer.ReadFrom(http.MaxBytesReader(x.w, x.r.Body, x.s.config.Limits.Body))
	return buffer.String(), err
}

var bodies = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 2048)) }}

const formType = "application/x-www-form-urlencoded"

// mediaType returns the type of a Content-Type header, "" for a malformed one.
func mediaType(header string) string {
	if header == formType {
		return formType
	}
	media, _, err := mime.ParseMediaType(header)
	if err != nil {
		return ""
	}
	return media
}

func (b *body) readForm(raw string) error {
	if strings.Count(raw, "&") >= maxFields {
		return errTooMany
	}
	b.fields = fieldMaps.Get().(map[string][]string)
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, value, err := readPair(pair)
		if err != nil {
			return errMalformed
		}
		if err := b.add(name, value); err != nil {
			return err
		}
	}
	b.json = b.field("json") == "true"
	return nil
}

// release gives the map of the fields to the next request. Nothing that leaves an
// exchange holds it.
func (b *body) release() {
	if b.fields != nil {
		clear(b.fields)
		fieldMaps.Put(b.fields)
		b.fields = nil
	}
}

var fieldMaps = sync.Pool{New: func() any { return make(map[string][]string) }}

// readJSON reads an object. An update has data beside the words of the protocol;
// elsewhere that name is a field like any other.
func (b *body) readJSON(raw []byte, update bool) error {
	object, err := strictjson.Object(raw)
	if err != nil {
		return errInvalidJSON
	}
	if len(object) > maxFields {
		return errTooMany
	}
	if update {
		b.data = object["data"]
		delete(object, "data")
	}
	values, err := strictjson.Fields(object)
	if err != nil {
		return &bodyError{http.StatusBadRequest, "Every field must be a text, a number, true, false or null."}
	}
	for i, word := range protocolFields { // none comes twice in an object
		if sent := values[word]; len(sent) > 0 {
			b.protocol[i] = sent[0]
			delete(values, word)
		}
	}
	b.fields = values
	b.json = string(object["json"]) == `"true"`
	return nil
}

// readPair decodes a name and its value (WHATWG URL, section 5.1). A semicolon
// once parted pairs, and is refused where it is not escaped (CSR-9).
func readPair(pair string) (name, value string, err error) {
	if strings.IndexByte(pair, ';') >= 0 {
		return "", "", errMalformed
	}
	name, value, _ = strings.Cut(pair, "=")
	if name, err = unescape(name); err == nil {
		value, err = unescape(value)
	}
	return name, value, err
}

func unescape(s string) (string, error) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, nil
	}
	return url.QueryUnescape(s)
}

// add keeps one name with its value, the words of the protocol aside. One of those
// that comes twice is refused: which of them counts must not be a matter of taste
// (CSR-9).
func (b *body) add(name, value string) error {
	for i, word := range protocolFields {
		if word != name {
			continue
		}
		if b.sent[i] {
			return &bodyError{http.StatusBadRequest, "The field " + name + " came more than once."}
		}
		b.protocol[i], b.sent[i] = value, true
		return nil
	}
	b.fields[name] = append(b.fields[name], value)
	return nil
}
