package ostiary

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ostiary/ostiary/internal/cookies"
)

// memo is what the page needs to know about the attempt that just failed: it
// bridges the redirect from the form's target back to the form. It is sealed
// in a cookie, so nothing of it can be put into the page by a link (PAG-5),
// and never holds a secret.
type memo struct {
	Kind      kind
	Provider  string
	Code      string            `json:",omitempty"`
	Sentence  string            `json:",omitempty"`
	Reference string            `json:",omitempty"`
	Wait      time.Duration     `json:",omitempty"`
	Target    string            `json:",omitempty"` // where the person wanted to go, if the browser does not know
	Typed     map[string]string `json:",omitempty"`
	Faulty    map[string]string `json:",omitempty"` // field → code
	Expires   int64
}

const (
	memoLife  = 2 * time.Minute
	maxTyped  = 1 << 10 // bytes of typed values that are kept
	memoBound = "memo"
)

// remember keeps the failed attempt for the page that the browser is sent to.
func (a *attempt) remember() {
	m := memo{
		Kind: a.verdict.kind, Provider: a.provider.id(), Code: a.verdict.code, Sentence: a.verdict.sentence,
		Reference: a.reference(), Typed: a.typed(), Expires: a.s.now().Add(memoLife).Unix(),
	}
	if a.factor != nil { // a code is worth nothing a second time, and a secret before
		m.Typed = nil
	}
	if a.moved {
		m.Target = a.target
	}
	if a.outcome.refusal != nil {
		m.Wait = a.outcome.refusal.RetryAfter
	}
	for _, p := range a.problems {
		if m.Faulty == nil {
			m.Faulty = make(map[string]string)
		}
		if len(m.Faulty) < 16 && len(p.Field) <= 64 {
			m.Faulty[p.Field] = string(p.Code)
		}
	}
	a.leave(m)
}

// leave keeps a memo for the next page.
func (x *exchange) leave(m memo) {
	plain, err := json.Marshal(m)
	if err != nil {
		return
	}
	if sealed, err := x.s.memo.Seal(plain, []byte(memoBound)); err == nil && len(sealed) <= maxCookieValue {
		x.set(x.s.jar.memo.StringFor(sealed, memoLife))
	}
}

// typed returns the values to refill the form with: declared ones, no secrets,
// and not more than a cookie holds, the short ones first.
func (a *attempt) typed() map[string]string {
	kept, size := a.values.Keep(), 0
	byLength := func(x, y string) int {
		return cmp.Or(cmp.Compare(len(kept[x]), len(kept[y])), strings.Compare(x, y))
	}
	for _, name := range slices.SortedFunc(maps.Keys(kept), byLength) {
		if size += len(name) + len(kept[name]); size > maxTyped {
			delete(kept, name)
		}
	}
	return kept
}

// recall returns the memo that the browser holds, nil if there is none.
func (x *exchange) recall() *memo {
	sealed, ok := x.cookie(x.s.jar.memo.Name)
	if !ok {
		return nil
	}
	plain, err := x.s.memo.Open(sealed, []byte(memoBound))
	if err != nil {
		return nil
	}
	m := new(memo)
	if json.Unmarshal(plain, m) != nil || x.s.now().Unix() >= m.Expires {
		return nil
	}
	return m
}

// forget deletes a cookie of ours if the browser sent it.
func (x *exchange) forget(name string, c cookies.Cookie) {
	if _, ok := x.cookie(name); ok {
		x.set(c.Deletion())
	}
}
