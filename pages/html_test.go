package pages_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/ostiary/ostiary/pages"
)

// newRenderer makes a renderer or ends the test.
func newRenderer(t testing.TB, c pages.Config) *pages.Renderer {
	t.Helper()
	r, err := pages.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// node wraps a parsed page with the few questions that the tests ask.
type node struct{ *html.Node }

func parsePage(t testing.TB, page []byte) node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return node{root}
}

// all returns the elements of that name, in order; "*" means every element.
func (n node) all(name string) []node {
	var out []node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (name == "*" || d.Data == name) {
			out = append(out, node{d})
		}
	}
	return out
}

// class returns the elements with that class.
func (n node) class(name string) []node {
	var out []node
	for _, e := range n.all("*") {
		for _, c := range strings.Fields(e.attr("class")) {
			if c == name {
				out = append(out, e)
			}
		}
	}
	return out
}

func (n node) id(id string) node {
	for _, e := range n.all("*") {
		if e.attr("id") == id {
			return e
		}
	}
	return node{&html.Node{}}
}

func (n node) attr(name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (n node) has(name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func (n node) text() string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// shape lists elements and attribute names, without any value: what hostile
// text must not be able to change.
func (n node) shape() string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(d *html.Node) {
		switch d.Type {
		case html.ElementNode:
			b.WriteString("<" + d.Data)
			for _, a := range d.Attr {
				b.WriteString(" " + a.Key)
			}
			b.WriteString(">")
		case html.CommentNode:
			b.WriteString("<!---->")
		}
		for c := d.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if d.Type == html.ElementNode {
			b.WriteString("</" + d.Data + ">")
		}
	}
	walk(n.Node)
	return b.String()
}

// every draws each page of a renderer with s as every text that may come from
// outside, and gives it to check by name.
func every(t testing.TB, r *pages.Renderer, lang, s string, check func(name string, page []byte)) {
	t.Helper()
	everySignInPage(t, r, lang, s, check)
	everyFactorPage(t, r, lang, s, check)
}

// drawer returns a function that draws a page and has it checked.
func drawer(t testing.TB, s string, check func(name string, page []byte)) func(string, func(*bytes.Buffer) error) {
	return func(name string, render func(*bytes.Buffer) error) {
		t.Helper()
		var b bytes.Buffer
		if err := render(&b); err != nil {
			t.Fatalf("%s with %q: %v", name, s, err)
		}
		check(name, b.Bytes())
	}
}

func everySignInPage(t testing.TB, r *pages.Renderer, lang, s string, check func(name string, page []byte)) {
	t.Helper()
	problem := &pages.Problem{Code: s, Sentence: s, Reference: s, Provider: s}
	provider := pages.Provider{ID: s, Name: s, Action: s, Fields: everyField(s)}
	other := provider
	other.ID += "2"
	facts, panels := []pages.Fact{{Name: s, Value: s}}, []pages.Panel{{Title: s, Text: s, Code: s}}
	draw := drawer(t, s, check)
	draw("sign-in", func(b *bytes.Buffer) error {
		return r.SignIn(b, lang, pages.SignIn{CSRFToken: s, CallbackURL: s, Problem: problem, Providers: []pages.Provider{provider, other}, SignedInAs: s, Here: s})
	})
	draw("sign-in, passkey", func(b *bytes.Buffer) error {
		passkey := &pages.Passkey{ID: s, Action: s, Options: s}
		return r.SignIn(b, lang, pages.SignIn{CSRFToken: s, CallbackURL: s, Providers: []pages.Provider{provider}, Passkey: passkey})
	})
	draw("sign-in, one provider", func(b *bytes.Buffer) error {
		return r.SignIn(b, lang, pages.SignIn{CSRFToken: s, CallbackURL: s, Problem: &pages.Problem{Code: s}, Providers: []pages.Provider{provider}})
	})
	draw("next step", func(b *bytes.Buffer) error {
		return r.NextStep(b, lang, pages.NextStep{CSRFToken: s, CallbackURL: s, Provider: provider, Title: s, Sentence: s, Problem: problem, StartURL: s, Here: s})
	})
	draw("sign-out", func(b *bytes.Buffer) error {
		return r.SignOut(b, lang, pages.SignOut{Action: s, CSRFToken: s, CallbackURL: s, Name: s, Problem: problem, Here: s})
	})
	draw("error", func(b *bytes.Buffer) error {
		return r.Error(b, lang, pages.Error{Kind: s, SignInURL: s, HomeURL: s, Reference: s, Sentence: s, Here: s})
	})
	draw("verify request", func(b *bytes.Buffer) error {
		return r.VerifyRequest(b, lang, pages.VerifyRequest{HomeURL: s, Here: s})
	})
	draw("welcome", func(b *bytes.Buffer) error {
		return r.Welcome(b, lang, pages.Welcome{Name: s, Email: s, Facts: facts, Panels: panels, AccountURL: s, SignOutURL: s, Here: s})
	})
}

// everyField returns a field of each kind, with every attribute that there is.
func everyField(s string) []pages.Field {
	var attributes []pages.Attribute
	for _, name := range pages.AttributeNames() {
		attributes = append(attributes, pages.Attribute{Name: name, Value: s})
	}
	attributes = append(attributes,
		pages.Attribute{Name: "data-one", Value: s}, pages.Attribute{Name: "data-one-two-three", Value: s}, pages.Attribute{Name: "data-bare", Bare: true},
		pages.Attribute{Name: s, Value: s}, pages.Attribute{Name: "data-" + s, Value: s})
	options := []pages.Option{{Value: s, Label: s, Group: s}, {Value: "b" + s, Label: s, Disabled: true}}
	field := func(name, element, kind string) pages.Field {
		return pages.Field{Name: s + name, Label: s, Element: element, Type: kind, Value: s, Checked: true, Required: true, Options: options, Attributes: attributes, Problem: s}
	}
	return []pages.Field{
		field("1", "input", "text"), field("2", "", "password"), field("3", "input", "hidden"), field("4", "select", ""),
		field("5", "textarea", ""), field("6", "input", "checkbox"), field("7", s, s), field("8", "", "number"),
	}
}
