package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
)

// BenchmarkSignIn does what a sign-in with a one-time code asks of a store: the
// records are read, a pending sign-in is added, the records are read again, a try
// is taken from two budgets, and at last the step is used up, the pending sign-in
// removed and the tries given back.
func BenchmarkSignIn(b *testing.B, s Store) {
	b.Helper()
	code := ostiary.Record{ID: rand.Text(), Kind: "totp", Data: make([]byte, 350), Created: time.Now()}
	if err := s.Change(b.Context(), ada, ostiary.Change{Add: []ostiary.Record{code}}); err != nil {
		b.Fatal(err)
	}
	code.Version = 1
	b.ReportAllocs()
	for b.Loop() {
		if err := signIn(b.Context(), s, code); err != nil {
			b.Fatal(err)
		}
		code.Version++
	}
}

func signIn(ctx context.Context, s Store, code ostiary.Record) error {
	if _, err := s.Records(ctx, ada); err != nil {
		return err
	}
	now := time.Now()
	pending := ostiary.Record{ID: rand.Text(), Kind: ".pending", Data: make([]byte, 500), Created: now, Expires: now.Add(5 * time.Minute)}
	if err := s.Change(ctx, ada, ostiary.Change{Add: []ostiary.Record{pending}}); err != nil {
		return err
	}
	if _, err := s.Records(ctx, ada); err != nil {
		return err
	}
	account := ostiary.Budget{Key: "account:" + ada, Limit: 5, Window: time.Minute}
	network := ostiary.Budget{Key: "network:192.0.2.0", Limit: 50, Window: time.Hour}
	if wait, err := s.Spend(ctx, account, network); wait > 0 || err != nil {
		return fmt.Errorf("wait %v: %w", wait, err)
	}
	pending.Version = 1
	return s.Change(ctx, ada, ostiary.Change{
		Update: []ostiary.Record{code}, Remove: []ostiary.Record{pending}, Refund: []string{account.Key, network.Key},
	})
}
