package ostiary

import (
	"context"
	"log/slog"
)

// told writes what happened to a factor into the log, and tells the event.
func (s *second) told(e Enrolment, note string) {
	what := "proven"
	if e.Kind == recovery {
		what = "recovery_used"
	}
	s.tell(s.whose.account, e, what, note)
}

// tell is the one place where the life of a factor is told of (LOG-3).
func (x *exchange) tell(account Account, e Enrolment, what, note string) {
	x.s.tellFactor(x.ctx, FactorEvent{
		Account: account, Kind: e.Kind, Name: e.Name, What: what, Left: e.Left, Note: note,
		Reference: x.reference(), Addr: x.s.peers.From(x.r),
	})
}

func (s *Service) tellFactor(ctx context.Context, e FactorEvent) {
	attrs := []slog.Attr{slog.String("account", e.Account.String()), slog.String("what", e.What)}
	if e.Kind != "" {
		attrs = append(attrs, slog.String("factor", e.Kind))
	}
	if e.Name != "" {
		attrs = append(attrs, slog.String("name", e.Name))
	}
	if e.Left >= 0 {
		attrs = append(attrs, slog.Int("left", e.Left))
	}
	if e.Note != "" {
		attrs = append(attrs, slog.String("note", e.Note))
	}
	if e.Reference != "" {
		attrs = append(attrs, slog.String("reference", e.Reference))
	}
	if e.Addr.IsValid() {
		attrs = append(attrs, slog.String("client_ip", e.Addr.String()))
	}
	s.log(ctx, slog.LevelInfo, "factor", attrs...)
	event := s.config.Events.Factor
	if event == nil {
		return
	}
	defer func() {
		if cause := recover(); cause != nil {
			s.log(ctx, slog.LevelError, "panic in event", slog.String("event", "Factor"), slog.Any("cause", cause))
		}
	}()
	event(ctx, e)
}
