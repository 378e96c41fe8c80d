package sqldb_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ostiary/ostiary/connector/sqldb"
	"github.com/ostiary/ostiary/internal/testserver/mariadb"
	"github.com/ostiary/ostiary/internal/testserver/postgres"
)

// victim is a server that a test may kill.
type victim interface {
	Kill()
	Restart(tb testing.TB)
	Freeze()
	Thaw()
}

// victims start a server each, with people in it.
var victims = map[string]func(t *testing.T) (victim, *base){
	"postgres": func(t *testing.T) (victim, *base) {
		s := postgres.Start(t)
		s.Exec(t, "postgres", "CREATE ROLE reader LOGIN")
		b := postgresBase(t, s)
		people(b)
		return s, b
	},
	"mysql": func(t *testing.T) (victim, *base) {
		s := mariadb.Start(t)
		s.Exec(t, "", "CREATE USER reader@'127.0.0.1' IDENTIFIED BY '"+readerPassword+"'")
		b := mariadbBase(t, s)
		people(b)
		return s, b
	},
}

// patience is how long an attempt has, and margin how much longer it may take
// on a busy machine.
const (
	patience = 3 * time.Second
	margin   = 2 * time.Second
)

// flood signs people in, some with the wrong password, until it is stopped.
type flood struct {
	wait      sync.WaitGroup
	stop      chan struct{}
	in, out   atomic.Int64 // right answers
	away      atomic.Int64 // unavailable
	let, slow atomic.Int64 // what must not be
	text      atomic.Value
}

func begin(t *testing.T, c *sqldb.Connector, workers int) *flood {
	f := &flood{stop: make(chan struct{})}
	right, wrong := credentials(t, "ada", password), credentials(t, "ada", "wrong")
	for n := range workers {
		f.wait.Go(func() {
			for i := n; ; i++ {
				select {
				case <-f.stop:
					return
				default:
				}
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				begun := time.Now()
				values := right
				if i%2 == 0 {
					values = wrong
				}
				u, err := c.Authorize(ctx, values, nil)
				cancel()
				if time.Since(begun) > patience+margin {
					f.slow.Add(1)
				}
				switch got := verdict(u, err); {
				case strings.HasPrefix(got, "unavailable"):
					f.away.Add(1)
				case i%2 == 0 && got == "refused":
					f.out.Add(1)
				case i%2 == 1 && got == "user 1":
					f.in.Add(1)
				default:
					f.let.Add(1)
					f.text.Store(got)
				}
			}
		})
	}
	return f
}

// until waits for a counter to grow by some.
func (f *flood) until(t *testing.T, what string, counter *atomic.Int64, by int64) {
	t.Helper()
	end := time.Now().Add(30 * time.Second)
	for from := counter.Load(); counter.Load() < from+by; {
		if time.Now().After(end) {
			t.Errorf("CON-2 %s: did not happen within 30 s", what)
			return
		}
		<-time.After(5 * time.Millisecond)
	}
}

func (f *flood) end(t *testing.T) {
	t.Helper()
	close(f.stop)
	f.wait.Wait()
	if f.let.Load() > 0 || f.slow.Load() > 0 {
		t.Errorf("CON-1 CON-2: %d wrong answers (%v), %d beyond the deadline", f.let.Load(), f.text.Load(), f.slow.Load())
	}
	t.Logf("%d let in, %d refused, %d unavailable", f.in.Load(), f.out.Load(), f.away.Load())
}

// TestKilled kills the server in the middle of a flood, twice, and starts it
// again: nobody is let in by it, nobody waits beyond the deadline, and sign-in
// works again by itself.
func TestKilled(t *testing.T) {
	for engine, start := range victims {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			server, b := start(t)
			config := own(b)
			config.StatementTimeout = 2 * time.Second
			c := connect(t, config)
			f := begin(t, c, 8)
			for range 2 {
				f.until(t, "sign-in", &f.in, 20)
				server.Kill()
				f.until(t, "unavailable", &f.away, 20)
				server.Restart(t)
				f.until(t, "sign-in after the restart", &f.in, 20)
				f.until(t, "refusal after the restart", &f.out, 20)
			}
			f.end(t)
		})
	}
}

// TestFrozen stops the server without ending it: it takes connections and never
// answers.
func TestFrozen(t *testing.T) {
	for engine, start := range victims {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			server, b := start(t)
			config := own(b)
			config.StatementTimeout = 500 * time.Millisecond
			c := connect(t, config)
			f := begin(t, c, 8)
			f.until(t, "sign-in", &f.in, 20)
			server.Freeze()
			f.until(t, "unavailable", &f.away, 30)
			server.Thaw()
			f.until(t, "sign-in after the thaw", &f.in, 20)
			f.end(t)
		})
	}
}

// TestConnectionKilled ends single connections in the middle of a statement, as
// an operator or a load balancer does.
func TestConnectionKilled(t *testing.T) {
	for _, row := range []struct{ engine, query, waiting, kill string }{
		{
			"postgres", `SELECT id, login AS username, pw AS hash, pg_sleep(0.3)::text AS z FROM people WHERE login = :username`,
			`pg_sleep`, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.3)%' AND pid <> pg_backend_pid() AND state = 'active'`,
		},
		{
			"mysql", `SELECT id, login AS username, pw AS hash, SLEEP(0.3) AS z FROM people WHERE login = :username`,
			`sleep`, `BEGIN NOT ATOMIC DECLARE n INT; SELECT MAX(id) INTO n FROM information_schema.processlist WHERE info LIKE '%SLEEP(0.3)%' AND id <> CONNECTION_ID(); IF n IS NOT NULL THEN KILL n; END IF; END`,
		},
	} {
		t.Run(row.engine, func(t *testing.T) {
			t.Parallel()
			_, b := victims[row.engine](t)
			config := own(b)
			config.Query, config.Columns = row.query, sqldb.Columns{}
			c := connect(t, config)
			f := begin(t, c, 4)
			for range 10 {
				f.until(t, "an answer", &f.out, 1)
				if err := b.run(row.kill); err != nil && !strings.Contains(err.Error(), "Unknown thread") {
					t.Fatal(err)
				}
			}
			f.until(t, "sign-in afterwards", &f.in, 4)
			f.end(t)
		})
	}
}

// TestBackendKilled kills a process of PostgreSQL with signal 9 in the middle of a
// statement: all connections break, and the server recovers.
func TestBackendKilled(t *testing.T) {
	server := postgres.Start(t)
	server.Exec(t, "postgres", "CREATE ROLE reader LOGIN")
	b := postgresBase(t, server)
	people(b)
	config := own(b)
	config.Query, config.Columns = `SELECT id, login AS username, pw AS hash, pg_sleep(0.2)::text AS z FROM people WHERE login = :username`, sqldb.Columns{}
	c := connect(t, config)
	f := begin(t, c, 4)
	f.until(t, "sign-in", &f.in, 2)
	if err := server.KillBackend(t, "pg_sleep(0.2)"); err != nil {
		t.Fatal(err)
	}
	f.until(t, "sign-in afterwards", &f.in, 4)
	f.end(t)
}

// TestDeadlines: a slow statement ends with the context and with the statement
// timeout, here and on the server.
func TestDeadlines(t *testing.T) {
	for engine, sleep := range map[string]string{"postgres": `pg_sleep(20)::text`, "mysql": `SLEEP(20)`} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			b := newBase(t, engine)
			people(b)
			config := own(b)
			config.Query = fmt.Sprintf(`SELECT id, login AS username, pw AS hash, %s AS z FROM people WHERE login = :username`, sleep)
			config.Columns = sqldb.Columns{}
			config.StatementTimeout = 300 * time.Millisecond
			c := connect(t, config)
			for _, limit := range []time.Duration{patience, 100 * time.Millisecond} {
				ctx, cancel := context.WithTimeout(context.Background(), limit)
				begun := time.Now()
				got := verdict(c.Authorize(ctx, credentials(t, "ada", password), nil))
				cancel()
				if !strings.HasPrefix(got, "unavailable") || time.Since(begun) > margin {
					t.Errorf("CON-2 SQL-3 within %v: got %s after %v", limit, got, time.Since(begun))
				}
			}
		})
	}
}

// TestLockedTable: whoever holds a lock on the table keeps nobody waiting beyond
// the timeout.
func TestLockedTable(t *testing.T) {
	b := newBase(t, "sqlite")
	people(b)
	config := own(b)
	config.StatementTimeout = 200 * time.Millisecond
	c := connect(t, config)
	b.must(`PRAGMA locking_mode = EXCLUSIVE`)
	b.must(`BEGIN EXCLUSIVE`)
	begun := time.Now()
	if got := signIn(t, c, "ada", password); !strings.HasPrefix(got, "unavailable") || time.Since(begun) > margin {
		t.Errorf("CON-2 got %s after %v", got, time.Since(begun))
	}
}

// TestManyAtOnce: more people than connections wait their turn.
func TestManyAtOnce(t *testing.T) {
	b := newBase(t, "postgres")
	people(b)
	config := own(b)
	config.MaxConns = 2
	c := connect(t, config)
	f := begin(t, c, 32)
	f.until(t, "sign-ins", &f.in, 100)
	f.end(t)
	if f.away.Load() > 0 {
		t.Errorf("CON-2 %d were told that it is unavailable", f.away.Load())
	}
}
