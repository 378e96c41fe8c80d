package e2e

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is the one Chromium of all tests. Each test gets a tab with cookies of
// its own.
var browser struct {
	once sync.Once
	ctx  context.Context
	stop context.CancelFunc
	err  error
}

func openBrowser(t *testing.T) context.Context {
	t.Helper()
	path := need(t, "chromium")
	browser.once.Do(func() {
		options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
			chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.IgnoreCertErrors,
			chromedp.WindowSize(1280, 900), chromedp.Flag("lang", "en-US"))
		if os.Getuid() == 0 {
			options = append(options, chromedp.NoSandbox)
		}
		allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, stop := chromedp.NewContext(allocator)
		browser.ctx, browser.stop = ctx, func() { stop(); stopAllocator() }
		browser.err = chromedp.Do(ctx)
	})
	if browser.err != nil {
		t.Fatalf("starting %s: %v", path, browser.err)
	}
	return browser.ctx
}

func closeBrowser() {
	if browser.stop != nil {
		browser.stop()
	}
}

// tab is one window of a person: its own cookies, and a list of everything
// that the browser complained about.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// openTab fails the test at its end when the browser complained: of a violated
// Content-Security-Policy, an error in a script, a file that was not there.
func openTab(t *testing.T) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(openBrowser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	b := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	limited, cancel := context.WithTimeout(ctx, 60*time.Second)
	t.Cleanup(cancel)
	b.ctx = limited
	t.Cleanup(func() {
		for _, text := range b.heard() {
			t.Errorf("the browser complains: %s", text)
		}
	})
	return b
}

func (b *tab) hear(event any) {
	var text string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level != log.EntryLevelError && e.Entry.Level != log.EntryLevelWarning {
			return
		}
		text = e.Entry.Text + " " + e.Entry.URL
		// The status of an answer is the test's business, not a complaint.
		if e.Entry.Source == log.EntrySourceNetwork && strings.Contains(text, "the server responded with a status of") {
			return
		}
	case *runtime.EventExceptionThrown:
		text = e.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeError && e.Type != runtime.ConsoleAPICalledTypeWarning {
			return
		}
		for _, arg := range e.Args {
			text += " " + string(arg.Value) + arg.Description
		}
	default:
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, strings.TrimSpace(text))
}

func (b *tab) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.complaints
}

// expectComplaints takes the complaints that hold the text off the list.
func (b *tab) expectComplaints(text string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.complaints)
	b.complaints = slices.DeleteFunc(b.complaints, func(c string) bool { return strings.Contains(c, text) })
	if len(b.complaints) == before {
		b.t.Errorf("the browser does not complain of %q", text)
	}
}

// do runs steps in the tab.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// visit loads an address.
func (b *tab) visit(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
}

// leave runs steps that lead to another page, waits for it, and returns its
// status.
func (b *tab) leave(steps ...chromedp.Action[chromedp.Void]) int64 {
	b.t.Helper()
	answer, err := chromedp.RunResponse(b.ctx, steps...)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.Status
}

// eval returns the value of an expression, awaited if it is a promise.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// focuses reports whether the focus is on what the selector names, or gets there
// with the next pictures of the page: browsers apply autofocus when they draw.
func (b *tab) focuses(selector string) bool {
	b.t.Helper()
	return eval[bool](b, fmt.Sprintf(`new Promise(done => {
		const look = left => document.activeElement.matches(%s) ? done(true)
			: left > 0 ? requestAnimationFrame(() => look(left - 1)) : done(false)
		look(60)
	})`, quote(selector)))
}

func (b *tab) location() string {
	b.t.Helper()
	return eval[string](b, "location.href")
}
