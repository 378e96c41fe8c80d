package pages

import (
	"fmt"
	"html"
	"html/template"
	"text/template/parse"
)

// words are the functions of the templates that stand for something fixed: a
// text in the page's language, the address of an asset, the direction. Where
// our own templates call them, baker puts the result in place of the call
// before html/template looks at the tree, so that it costs nothing at run time.
// In a template of the operator's they stay calls, escaped for wherever they
// stand.
type words struct {
	catalogue *catalogue
	renderer  *Renderer
}

// funcs returns the functions for the templates of one language.
func (w words) funcs() template.FuncMap {
	call := func(name string) func() (any, error) {
		return func() (any, error) { return w.word(name, "") }
	}
	with := func(name string) func(string) (any, error) {
		return func(arg string) (any, error) { return w.word(name, arg) }
	}
	m := template.FuncMap{}
	for _, name := range []string{"lang", "direction", "rtl", "scheme", "canvas", "themed", "base", "service", "logo", "logo_alt", "several"} {
		m[name] = call(name)
	}
	for _, name := range []string{"t", "before", "after", "asset", "is"} {
		m[name] = with(name)
	}
	return m
}

// word returns a string or a bool.
func (w words) word(name, arg string) (any, error) {
	c, r := w.catalogue, w.renderer
	switch name {
	case "lang":
		return c.tag, nil
	case "is":
		return c.tag == arg, nil
	case "direction":
		return c.direction(), nil
	case "rtl":
		return c.rtl, nil
	case "scheme":
		return r.scheme, nil
	case "canvas":
		if r.scheme == "auto" {
			return "light dark", nil
		}
		return r.scheme, nil
	case "themed":
		return r.assets.has("theme.css"), nil
	case "base":
		return r.base, nil
	case "service":
		return r.service, nil
	case "logo":
		return r.logo, nil
	case "logo_alt":
		return or(r.service, "Logo"), nil
	case "several":
		return len(r.catalogues) > 1, nil
	case "asset":
		return r.assetURL(arg)
	}
	if _, ok := c.texts()[arg]; !ok {
		return nil, fmt.Errorf("there is no text %q", arg)
	}
	before, after := c.around(arg)
	switch name {
	case "before":
		return before, nil
	case "after":
		return after, nil
	}
	return c.text(arg), nil
}

// baker replaces calls of words in parse trees by what they return.
type baker struct {
	words words
	err   error
}

func (b *baker) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	out := make([]parse.Node, 0, len(l.Nodes))
	for _, n := range l.Nodes {
		out = b.node(out, n)
	}
	l.Nodes = out
}

// node appends what n becomes to out.
func (b *baker) node(out []parse.Node, n parse.Node) []parse.Node {
	switch n := n.(type) {
	case *parse.TextNode:
		return appendText(out, n)
	case *parse.ActionNode:
		if v, ok := b.fixed(n.Pipe); ok {
			return appendText(out, &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(html.EscapeString(fmt.Sprint(v)))})
		}
	case *parse.IfNode:
		if v, ok := b.fixed(n.Pipe); ok {
			return b.branch(out, n, v != false && v != "")
		}
		b.list(n.List)
		b.list(n.ElseList)
	case *parse.WithNode:
		b.list(n.List)
		b.list(n.ElseList)
	case *parse.RangeNode:
		b.list(n.List)
		b.list(n.ElseList)
	}
	return append(out, n)
}

// branch appends the branch of n that will always be taken.
func (b *baker) branch(out []parse.Node, n *parse.IfNode, yes bool) []parse.Node {
	taken := n.List
	if !yes {
		taken = n.ElseList
	}
	if taken == nil {
		return out
	}
	for _, inner := range taken.Nodes {
		out = b.node(out, inner)
	}
	return out
}

// appendText joins a text with the one before it.
func appendText(out []parse.Node, n *parse.TextNode) []parse.Node {
	if len(n.Text) == 0 {
		return out
	}
	if len(out) > 0 {
		if last, ok := out[len(out)-1].(*parse.TextNode); ok {
			last.Text = append(last.Text, n.Text...)
			return out
		}
	}
	return append(out, n)
}

// fixed returns what a pipeline always yields, when it is one call of a word.
func (b *baker) fixed(p *parse.PipeNode) (any, bool) {
	if p == nil || len(p.Cmds) != 1 || len(p.Decl) != 0 || len(p.Cmds[0].Args) > 2 {
		return nil, false
	}
	args := p.Cmds[0].Args
	name, ok := args[0].(*parse.IdentifierNode)
	if !ok {
		return nil, false
	}
	arg := ""
	if len(args) == 2 {
		text, ok := args[1].(*parse.StringNode)
		if !ok {
			return nil, false
		}
		arg = text.Text
	}
	if !wordNames[name.Ident] {
		return nil, false
	}
	v, err := b.words.word(name.Ident, arg)
	if err != nil {
		if b.err == nil {
			b.err = err
		}
		return nil, false
	}
	return v, true
}

var wordNames = map[string]bool{
	"lang": true, "direction": true, "rtl": true, "scheme": true, "canvas": true, "themed": true, "base": true, "service": true, "logo": true,
	"logo_alt": true, "several": true, "t": true, "before": true, "after": true, "asset": true, "is": true,
}
