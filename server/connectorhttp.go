package server

import (
	"net/netip"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/httpapi"
)

// httpSettings are the keys of connector.http.
type httpSettings struct {
	config  httpapi.Config
	headers []named[secret]
	fields  []named[string]
	claims  []named[string]
}

func httpKeys() kind[httpSettings] {
	type config = httpSettings
	return mapping(
		key("url", text(2000), func(c *config) *string { return &c.config.URL }, "",
			"The endpoint, always asked with POST; https, unless it is this machine.").required(),
		key("lookup_url", text(2000), func(c *config) *string { return &c.config.LookupURL }, "none",
			"Finds a user by id without a password, for session.recheck; with {id} in its path it is asked with GET."),
		key("encoding", choice(map[string]httpapi.Encoding{"json": httpapi.JSON, "form": httpapi.Form}),
			func(c *config) *httpapi.Encoding { return &c.config.Encoding }, "json", "How the fields are sent."),
		key("headers", pairs(hiddenText()), func(c *config) *[]named[secret] { return &c.headers }, "none",
			"Headers that are sent with every request, such as Authorization; their values are secrets."),
		key("client_ip_header", text(100), func(c *config) *string { return &c.config.ClientIPHeader }, "none",
			"The header that tells the endpoint the browser's address, such as X-Forwarded-For."),
		key("reference_header", text(100), func(c *config) *string { return &c.config.ReferenceHeader }, "none",
			"The header that tells the endpoint the reference number of the attempt."),
		key("fields", pairs(text(100)), func(c *config) *[]named[string] { return &c.fields }, "as in the form",
			"Renames fields: name in the form to name in the request; \"\" keeps a field from being sent."),
		key("map", mapKeys(), func(c *config) *config { return c }, "",
			"Where in the answer things are, as dotted paths such as data.user.id."),
		key("success_status", listOf(whole(200, 299, "")), func(c *config) *[]int { return &c.config.SuccessStatus }, "200 to 299",
			"The statuses of a yes."),
		key("timeout", duration(10*time.Millisecond, 20*time.Second), func(c *config) *time.Duration { return &c.config.Timeout }, "5s",
			"How long each stage of a call may take; providers[].timeout bounds the whole."),
		key("max_connections", whole(1, 10_000, "connections"), func(c *config) *int { return &c.config.MaxConns }, "64",
			"How many connections to the endpoint there may be at once."),
		key("break_after", countOrNever(1000), func(c *config) *int { return &c.config.BreakAfter }, "5",
			"After so many calls in a row without an answer nothing is sent for a while; or never."),
		key("break_for", duration(100*time.Millisecond, 10*time.Minute), func(c *config) *time.Duration { return &c.config.BreakFor }, "5s",
			"How long that pause lasts."),
		key("ca_file", text(1000), func(c *config) *string { return &c.config.CAFile }, "those of the system",
			"The certificates, in PEM, that may vouch for the endpoint."),
		key("cert_file", text(1000), func(c *config) *string { return &c.config.CertFile }, "none",
			"The certificate, in PEM, that we show the endpoint."),
		key("key_file", text(1000), func(c *config) *string { return &c.config.KeyFile }, "none",
			"The key of cert_file, in PEM; not readable by everybody."),
		key("server_name", text(253), func(c *config) *string { return &c.config.ServerName }, "the host of url",
			"The name that the endpoint's certificate must have."),
		key("allowed_networks", listOf(network()), func(c *config) *[]netip.Prefix { return &c.config.AllowedNetworks }, "all but loopback",
			"The only networks that may be connected to."),
		key("insecure_http", boolean(), func(c *config) *bool { return &c.config.InsecureHTTP }, "false",
			"Permits a plain http url to another machine: passwords can then be read by anybody on the way."),
	)
}

func mapKeys() kind[httpSettings] {
	type config = httpSettings
	path := func(name string, into func(*httpapi.Map) *string, def, doc string) member[config] {
		return key(name, text(200), func(c *config) *string { return into(&c.config.Map) }, def, doc)
	}
	return mapping(
		path("id", func(m *httpapi.Map) *string { return &m.ID }, "id", "The immutable id of the user; required in the answer."),
		path("name", func(m *httpapi.Map) *string { return &m.Name }, "name", "The name for showing; \"-\" takes nothing."),
		path("email", func(m *httpapi.Map) *string { return &m.Email }, "email", "The e-mail address; \"-\" takes nothing."),
		path("image", func(m *httpapi.Map) *string { return &m.Image }, "image or picture", "The address of a picture; \"-\" takes nothing."),
		path("groups", func(m *httpapi.Map) *string { return &m.Groups }, "groups", "The names of groups; \"-\" takes nothing."),
		key("claims", pairs(text(200)), func(c *config) *[]named[string] { return &c.claims }, "none",
			"Further claims of the session: name to path. Nothing that is not named here is copied."),
		path("ok", func(m *httpapi.Map) *string { return &m.OK }, "none", "Where an explicit true must stand before anything counts as a yes."),
		path("code", func(m *httpapi.Map) *string { return &m.Code }, "code", "Why somebody is refused, for programs."),
		path("message", func(m *httpapi.Map) *string { return &m.Message }, "message", "Why somebody is refused, for the person."),
		path("next", func(m *httpapi.Map) *string { return &m.Next }, "next", "The next step."),
	)
}

// httpWords say which key the connector means by its own words.
var httpWords = map[string]string{
	"URL": "url", "lookup URL": "lookup_url", "encoding": "encoding", "headers": "headers",
	"client IP header": "client_ip_header", "reference header": "reference_header", "fields": "fields",
	"map": "map", "success status": "success_status", "timeout": "timeout", "pause": "break_for",
	"allowed networks": "allowed_networks", "CA file": "ca_file", "certificate file": "cert_file", "key file": "key_file",
}

func (s *httpSettings) keyOf(word string) string { return httpWords[word] }
func (s *httpSettings) asks() []asked            { return nil } // it sends whatever is there
func (s *httpSettings) looksUp() bool            { return s.config.LookupURL != "" }

func (s *httpSettings) connect(w wiring) (connected, error) {
	config := s.config
	config.Headers = make(map[string]ostiary.Secret, len(s.headers))
	for _, h := range s.headers {
		config.Headers[h.name] = ostiary.NewSecret(h.value.text)
	}
	config.Fields, config.Map.Claims = asMap(s.fields), asMap(s.claims)
	for _, file := range []*string{&config.CAFile, &config.CertFile, &config.KeyFile} {
		if *file != "" {
			*file = w.path(*file)
		}
	}
	connector, err := httpapi.New(config)
	if err != nil {
		return connected{}, err
	}
	made := asConnected(connector)
	if s.looksUp() {
		made.lookup = connector.Lookup
	}
	return made, nil
}

// countOrNever reads a number from 1, or the word never as -1.
func countOrNever(highest int) kind[int] {
	number := whole(1, highest, "calls")
	return kind[int]{
		read: func(r *reader, at place, to *int) {
			if at.node.Value == "never" {
				*to = -1
				return
			}
			number.read(r, at, to)
		},
		schema: func() schema {
			return schema{"anyOf": []schema{number.schema(), {"const": "never"}}}
		},
	}
}

// network reads an address or a network.
func network() kind[netip.Prefix] {
	return one(schema{"type": "string"}, func(s scalar) (netip.Prefix, error) {
		list, err := ostiary.ParseProxies([]string{s.text})
		if err != nil || len(list) != 1 {
			return netip.Prefix{}, errNetwork
		}
		return list[0], nil
	})
}

// named is one pair of a mapping whose names the person chooses.
type named[V any] struct {
	name  string
	value V
}

// pairs reads a mapping with names that are not in any table.
func pairs[V any](k kind[V]) kind[[]named[V]] {
	return kind[[]named[V]]{
		read: func(r *reader, at place, to *[]named[V]) {
			at, ok := r.resolve(at)
			if !ok {
				return
			}
			names, values, ok := r.entries(at, "names to values")
			if !ok {
				return
			}
			for i, name := range names {
				var v V
				k.read(r, values[i], &v)
				*to = append(*to, named[V]{name, v})
			}
		},
		schema: func() schema { return schema{"type": "object", "additionalProperties": k.schema()} },
	}
}

func asMap(list []named[string]) map[string]string {
	if len(list) == 0 {
		return nil
	}
	m := make(map[string]string, len(list))
	for _, n := range list {
		m[n.name] = n.value
	}
	return m
}
