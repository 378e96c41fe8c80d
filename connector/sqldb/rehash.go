package sqldb

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"

	"github.com/ostiary/ostiary/passhash"
)

// rehash replaces hashes that are weaker than today's, after the sign-in, in a
// goroutine of its own and one at a time: when one is under way, the next
// sign-in of the person is early enough. A nil rehash does nothing.
type rehash struct {
	pool    *pool
	change  statement
	hashing *hashing
	logger  *slog.Logger
	turn    chan struct{}
	wait    sync.WaitGroup
}

// begin begins a rehash if one is due. It never blocks.
func (r *rehash) begin(p *person, hash passhash.Hash, password string) {
	if r == nil || !r.hashing.system.RehashDue(hash) {
		return
	}
	select {
	case r.turn <- struct{}{}:
	default:
		return
	}
	r.wait.Go(func() {
		defer func() { <-r.turn }()
		r.run(p, hash, password)
	})
}

// run makes a new hash and stores it if the row still has the old one (PWD-7).
func (r *rehash) run(p *person, hash passhash.Hash, password string) {
	fresh, err := r.make(p, hash, password)
	if err != nil {
		r.logger.Warn("sql: no rehash", slog.String("id", p.user.ID), slog.Any("cause", err))
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), r.pool.timeout)
	defer cancel()
	values := r.change.fill(map[string]string{"id": p.user.ID, "hash": fresh, "old": p.record.Stored})
	result, err := r.pool.db.ExecContext(ctx, r.change.text, values...)
	if err != nil {
		r.logger.Error("sql: rehash not stored", slog.String("id", p.user.ID), slog.Any("cause", describe(ctx, err)))
		return
	}
	changed, _ := result.RowsAffected()
	switch changed {
	case 0:
		r.logger.Info("sql: the hash was changed meanwhile; rehash not stored", slog.String("id", p.user.ID))
	case 1:
		r.logger.Info("sql: rehash stored", slog.String("id", p.user.ID), slog.String("old", hash.String()))
	default:
		r.logger.Error("sql: the statement of the rehash changed more than one row", slog.Int64("rows", changed))
	}
}

func (r *rehash) close() error {
	if r == nil {
		return nil
	}
	r.wait.Wait()
	return r.pool.close()
}

// spelling is how a system writes bcrypt.
type spelling struct{ before, version string }

// spellings are the systems that read bcrypt without being set up for it. Own
// queries without a system are read by whoever wrote them.
var spellings = map[string]spelling{
	"":                {"", "$2y$"},
	"auth-js":         {"", "$2a$"},
	"devise":          {"", "$2a$"},
	"dovecot":         {"{BLF-CRYPT}", "$2y$"},
	"drupal":          {"", "$2y$"},
	"ghost":           {"", "$2a$"},
	"laravel":         {"", "$2y$"}, // its check refuses the others
	"spring-security": {"{bcrypt}", "$2a$"},
	"strapi":          {"", "$2a$"},
}

// errNotBetter keeps the old hash.
var errNotBetter = errors.New("a new hash would not be one that the system reads, or not be stronger")

// make hashes a password anew, and makes sure that it can be read again as the
// system does, and is not due for a rehash itself.
func (r *rehash) make(p *person, old passhash.Hash, password string) (string, error) {
	stored, err := passhash.Make(passhash.Bcrypt, password)
	if err != nil {
		return "", err
	}
	as := spellings[r.hashing.system.String()]
	stored = as.before + as.version + strings.TrimPrefix(stored, "$2a$")
	record := p.record
	record.Stored = stored
	fresh, err := r.hashing.system.Parse(record, r.hashing.options)
	if err != nil || r.hashing.system.RehashDue(fresh) || fresh.Cost().Time < old.Cost().Time || !fresh.Match(password) {
		return "", errNotBetter
	}
	return stored, nil
}
