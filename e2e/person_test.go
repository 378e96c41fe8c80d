package e2e

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What a person does with a page, in the words of the tests.

// fill types into the field of a form, replacing what stands there.
func (b *tab) fill(name, text string) {
	b.t.Helper()
	field := chromedp.CSS(fmt.Sprintf("[name=%q]", name))
	b.do(chromedp.Clear(field), chromedp.SendKeys(field, text))
}

// submit presses the n-th button of the page that sends a form, from 0, and
// waits for the page after it.
func (b *tab) submit(n int) {
	b.t.Helper()
	b.leave(chromedp.Click(chromedp.JSPath(fmt.Sprintf(`document.querySelectorAll("form [type=submit]")[%d]`, n))))
}

// signIn fills in the form and sends it.
func (b *tab) signIn(username, password string) {
	b.t.Helper()
	b.fill("username", username)
	b.fill("password", password)
	b.submit(0)
}

// tabTo presses Tab until the field of that name has the focus.
func (b *tab) tabTo(selector string) {
	b.t.Helper()
	for range 20 {
		if eval[bool](b, fmt.Sprintf("document.activeElement.matches(%s)", quote(selector))) {
			return
		}
		b.do(chromedp.KeyEvent(kb.Tab))
	}
	b.t.Fatalf("20 presses of Tab do not reach %s", selector)
}

// at visits an address and returns the tab.
func (b *tab) at(address string) *tab {
	b.t.Helper()
	b.visit(address)
	return b
}

// forgetCookies deletes all cookies, as a person may, or time does.
func (b *tab) forgetCookies() {
	b.t.Helper()
	b.call(func() error {
		_, err := chromedp.Call(b.ctx, network.ClearBrowserCookies, struct{}{})
		return err
	})
}

// cookies returns what the browser would send to an address.
func (b *tab) cookies(address string) []*network.Cookie {
	b.t.Helper()
	found, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{address}})
	if err != nil {
		b.t.Fatal(err)
	}
	return found.Cookies
}

// value returns what a field holds.
func (b *tab) value(name string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf("document.querySelector(%s).value", quote("[name="+name+"]")))
}

// text returns the text of the first element that matches, "" without one.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return strings.TrimSpace(eval[string](b, fmt.Sprintf("document.querySelector(%s)?.textContent ?? ''", quote(selector))))
}

// has reports whether an element matches.
func (b *tab) has(selector string) bool {
	b.t.Helper()
	return eval[bool](b, fmt.Sprintf("document.querySelector(%s) !== null", quote(selector)))
}

// scheme makes the person prefer "light" or "dark".
func (b *tab) scheme(name string) {
	b.t.Helper()
	b.call(func() error {
		_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return err
	})
}

// language makes the browser ask for a language.
func (b *tab) language(tags string) {
	b.t.Helper()
	b.call(func() error {
		_, err := chromedp.Call(b.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
			Headers: network.Headers{"Accept-Language": tags},
		})
		return err
	})
}

// withoutScripts switches JavaScript off in pages.
func (b *tab) withoutScripts() {
	b.t.Helper()
	b.call(func() error {
		_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
}

// size sets the size of the window in CSS pixels and its density.
func (b *tab) size(width, height int64, scale float64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height, chromedp.EmulateScale(scale)))
}

func (b *tab) call(f func() error) {
	b.t.Helper()
	if err := f(); err != nil {
		b.t.Fatal(err)
	}
}

// quote writes a string as JavaScript does.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // no string does this
	}
	return string(text)
}
