package ostiary

import (
	"context"
	"errors"
	"time"
)

// FactorStore keeps what belongs to accounts beyond one request: enrolled
// factors, remembered devices, sign-ins between two steps. What it keeps is
// sealed; it can neither read nor forge it. All methods are called concurrently,
// from several processes when the engine is shared, and package storetest says
// what each must do.
type FactorStore interface {
	// Records returns what is kept of an account, in the order of creation.
	// Expired records are as good as gone.
	Records(ctx context.Context, account string) ([]Record, error)
	// RecordByKey returns the one record that has the key. The error is
	// ErrNoRecord when there is none.
	RecordByKey(ctx context.Context, key string) (Record, error)
	// Change does everything that c says or nothing, durably: when it returned
	// nil, a crash does not undo it. The error is ErrConflict when a condition
	// does not hold, ErrKeyTaken when a record to add has the key or the id of
	// another.
	Change(ctx context.Context, account string, c Change) error
	// Spend takes one try from each of the budgets, or from none: wait is then
	// how long until the first moment at which it could be otherwise. Of many
	// calls at once never more succeed than the limit says (THR-2).
	Spend(ctx context.Context, budgets ...Budget) (wait time.Duration, err error)
	// Accounts returns accounts that have records, in byte order, those after
	// the given one and at most limit of them.
	Accounts(ctx context.Context, after string, limit int) ([]string, error)
}

// Record is what a FactorStore keeps. Its times are whole seconds.
type Record struct {
	ID      string // unique among all records; at most 64 bytes of printable ASCII
	Account string // canonical; at most 3200 bytes
	Kind    string // of a factor; with a dot in front: no factor, but state of ours
	Key     string // "" or unique among all records; at most 2048 bytes of ASCII
	Data    []byte // at most 16 KiB
	Version int64  // 1 when it was added, and one more with each update
	Created time.Time
	Used    time.Time // the zero Time: never
	Expires time.Time // the zero Time: never; from then on the record is gone
}

// Change is what is to happen together, to records of one account. The zero
// Change does nothing.
type Change struct {
	// Factors, unless nil, is a condition: exactly these are the ids of the
	// account's records that are factors, in any order.
	Factors []string
	// Add are new records; Version is not looked at.
	Add []Record
	// Update replaces Data, Used and Expires of records whose Version is still
	// the given one, and counts it up.
	Update []Record
	// Remove removes records whose Version is still the given one; 0 is any.
	Remove []Record
	// Once are marks, as TakeOnce makes them, all of which must be first.
	Once []Mark
	// Refund gives one try back to each of these budgets (by Key) that has any
	// spent.
	Refund []string
	// Fleeting tells that nothing is lost when a loss of power undoes the change,
	// because what it notes is worth nothing by the time the machine is up again.
	// The end of a process undoes it no more than any other. A store that can
	// save the wait for the disk may do so.
	Fleeting bool
}

// Mark is the use of something that can be used once.
type Mark struct {
	Key   string
	Until time.Time // when it can be forgotten
}

// Budget is how often something may be tried: Limit times within Window,
// counted from the first.
type Budget struct {
	Key    string // at most 512 bytes
	Limit  int
	Window time.Duration // whole seconds
}

// Errors of a FactorStore.
var (
	// ErrNoRecord says that no record has the key.
	ErrNoRecord = errors.New("no such record")
	// ErrConflict says that a condition of a Change does not hold: somebody else
	// was faster. Nothing was changed.
	ErrConflict = errors.New("the record was changed or used meanwhile")
	// ErrKeyTaken says that another record has the key or the id. Nothing was
	// changed.
	ErrKeyTaken = errors.New("another record has this key")
)
