package ostiary

import (
	"context"
	"log/slog"
)

type traceKey struct{}

// WithTrace returns a context whose authorizers tell listen what they do, step
// by step: what "ostiary try" shows. listen may be called from several
// goroutines, one after the other as long as the authorizer uses one.
func WithTrace(ctx context.Context, listen func(what string, facts ...slog.Attr)) context.Context {
	return context.WithValue(ctx, traceKey{}, listen)
}

// Trace tells whoever listens with WithTrace what a connector just did: the
// filter it sent, the rows it found, the family and cost of a hash. It is for the
// operator's eyes and must never hold a secret. Nobody listens to an attempt of a
// client; it then costs one look into the context. Facts that are not at hand are
// made only when Traced says so.
func Trace(ctx context.Context, what string, facts ...slog.Attr) {
	if listen, ok := ctx.Value(traceKey{}).(func(string, ...slog.Attr)); ok && listen != nil {
		listen(what, facts...)
	}
}

// Traced reports whether somebody listens.
func Traced(ctx context.Context) bool {
	listen, ok := ctx.Value(traceKey{}).(func(string, ...slog.Attr))
	return ok && listen != nil
}
