package httpapi

import (
	"testing"
	"time"
)

// TestBreaker plays the calls of each row: s and a and u are one call each that
// ends silent, answered or unknown, x is one that is not let in, + is a second.
func TestBreaker(t *testing.T) {
	for _, row := range []struct{ name, calls string }{
		{"answers never pause", "aaaaaaaa"},
		{"three silent ones in a row pause", "sssxxx"},
		{"an answer starts the count anew", "ssassaasssx"},
		{"callers that go away say nothing", "suususxx"},
		{"a pause ends with one answer", "sssx+x+aaasssx"},
		{"and begins again with one silent try", "sssx++sx++sx++a"},
		{"a try that says nothing leaves the next one to try", "sss++uus++a"},
	} {
		t.Run("CON-2 "+row.name, func(t *testing.T) {
			b := breaker{limit: 3, pause: 2 * time.Second}
			now := time.Unix(0, 0)
			for i, call := range row.calls {
				if call == '+' {
					now = now.Add(time.Second)
					continue
				}
				probe, err := b.enter(now)
				if (err != nil) != (call == 'x') {
					t.Fatalf("call %d of %s: got %v", i, row.calls, err)
				}
				if err == nil {
					b.leave(probe, map[rune]result{'a': answered, 's': silent, 'u': unknown}[call], now)
				}
			}
		})
	}
}

func TestBreakerLetsOneTry(t *testing.T) {
	b := breaker{limit: 1, pause: time.Second}
	now := time.Unix(0, 0)
	probe, _ := b.enter(now)
	b.leave(probe, silent, now)
	now = now.Add(time.Second)
	probe, err := b.enter(now)
	if !probe || err != nil {
		t.Fatalf("CON-2 the pause is over: got %v, %v", probe, err)
	}
	if _, err := b.enter(now); err == nil {
		t.Error("CON-2 a second call beside the one that tries")
	}
	b.leave(probe, answered, now)
	if probe, err := b.enter(now); probe || err != nil {
		t.Errorf("CON-2 after an answer: got %v, %v", probe, err)
	}
}

func TestBreakerOff(t *testing.T) {
	var b breaker
	for range 100 {
		probe, err := b.enter(time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		b.leave(probe, silent, time.Unix(0, 0))
	}
}
