package ostiary

import (
	"context"
	"net/netip"
)

// facts are the request facts that travel in a context: put there by the
// Service, read by the typed functions below.
type facts struct {
	reference string
	addr      netip.Addr
	step      []byte
	inStep    bool
}

type factsKey struct{}

func withFacts(ctx context.Context, f *facts) context.Context {
	return context.WithValue(ctx, factsKey{}, f)
}

// StepState returns the State of the NextStep that an authorizer is called
// again for, and whether it is called for a step at all.
func StepState(ctx context.Context) (state []byte, ok bool) {
	f, _ := ctx.Value(factsKey{}).(*facts)
	if f == nil || !f.inStep {
		return nil, false
	}
	return f.step, true
}

// WithStepState returns a context in which StepState answers with state: for an
// authorizer that hands a step on to another one, and for tests of authorizers.
func WithStepState(ctx context.Context, state []byte) context.Context {
	var here facts
	if f, _ := ctx.Value(factsKey{}).(*facts); f != nil {
		here = *f
	}
	here.step, here.inStep = state, true
	return withFacts(ctx, &here)
}

// ClientAddr returns the address of the browser, found through trusted proxies
// only (Config.TrustedProxies). The zero Addr means unknown.
func ClientAddr(ctx context.Context) netip.Addr {
	if f, _ := ctx.Value(factsKey{}).(*facts); f != nil {
		return f.addr
	}
	return netip.Addr{}
}

// Reference returns the reference number of the attempt that is being decided,
// or "" outside of one. It is on the page, in the JSON answer and in the log.
func Reference(ctx context.Context) string {
	if f, _ := ctx.Value(factsKey{}).(*facts); f != nil {
		return f.reference
	}
	return ""
}
