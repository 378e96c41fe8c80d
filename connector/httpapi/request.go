package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

// stateName is the member that carries the state of a next step.
const stateName = "state"

// facts are what a request tells beside the fields.
type facts struct {
	addr      netip.Addr
	reference string
	state     []byte // JSON, of the step that is being answered; nil without
}

func factsFrom(ctx context.Context) facts {
	f := facts{addr: ostiary.ClientAddr(ctx), reference: ostiary.Reference(ctx)}
	if state, ok := ostiary.StepState(ctx); ok && len(state) > 0 {
		f.state = state
	}
	return f
}

// pair is a field on its way.
type pair struct{ name, value string }

// pairs are the fields under the names of the endpoint, in the order of the
// form.
func (c *Connector) pairs(values form.Values) ([]pair, error) {
	names := values.Names()
	out := make([]pair, 0, len(names))
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		sent, renamed := c.fields[name]
		if renamed && sent == "" {
			continue
		}
		if !renamed {
			sent = name
		}
		if seen[sent] {
			return nil, fmt.Errorf("two fields are sent under the name %q: rename one of them", sent)
		}
		seen[sent] = true
		out = append(out, pair{sent, values.Get(name)})
	}
	return out, nil
}

// body encodes the fields and the state, byte for byte (PWD-1).
func (c *Connector) body(pairs []pair, state []byte) ([]byte, error) {
	if state != nil {
		for _, p := range pairs {
			if p.name == stateName {
				return nil, fmt.Errorf("a field is sent under the name %q, which the state of a step needs: rename it", stateName)
			}
		}
		if !json.Valid(state) {
			return nil, errors.New("the state of the step is not JSON")
		}
	}
	if c.encoding == Form {
		return encodeForm(pairs, state), nil
	}
	return encodeJSON(pairs, state)
}

func encodeForm(pairs []pair, state []byte) []byte {
	var b strings.Builder
	add := func(name, value string) {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(name) + "=" + url.QueryEscape(value))
	}
	for _, p := range pairs {
		add(p.name, p.value)
	}
	if state != nil {
		add(stateName, string(state))
	}
	return []byte(b.String())
}

func encodeJSON(pairs []pair, state []byte) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	add := func(name string) {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		writeString(&b, name)
		b.WriteByte(':')
	}
	for _, p := range pairs {
		if !utf8.ValidString(p.value) {
			return nil, errNotText
		}
		add(p.name)
		writeString(&b, p.value)
	}
	if state != nil {
		add(stateName)
		b.Write(state)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// errNotText is a value that JSON can't carry as it is. No user of an endpoint
// that reads JSON can have such a password.
var errNotText = errors.New("a value is not UTF-8")

func writeString(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false) // an endpoint with a simple parser sees what was typed
	_ = e.Encode(s)        // a string and a buffer don't fail
	b.Truncate(b.Len() - 1)
}

// post makes the request that asks e. There is no way to get the body again, so
// that no layer below can send it twice (CON-2).
func (c *Connector) post(e *endpoint, body []byte, f facts) *http.Request {
	r := c.request(http.MethodPost, e.url, f)
	r.Header["Content-Type"] = []string{c.encoding.mediaType()}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	return r
}

func (c *Connector) request(method string, to *url.URL, f facts) *http.Request {
	h := c.header()
	if c.ipHeader != "" && f.addr.IsValid() {
		h[c.ipHeader] = []string{f.addr.WithZone("").String()}
	}
	if c.referenceHeader != "" && f.reference != "" {
		h[c.referenceHeader] = []string{f.reference}
	}
	return &http.Request{
		Method: method, URL: to, Host: to.Host, Header: h,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}

func (e Encoding) mediaType() string {
	if e == Form {
		return "application/x-www-form-urlencoded"
	}
	return "application/json"
}
