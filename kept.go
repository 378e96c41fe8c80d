package ostiary

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kinds of records that are no factors.
const (
	heldKind      = ".pending"   // a sign-in that waits for its factor
	enrollingKind = ".enrolling" // an enrolment that is not confirmed yet
	deviceKind    = ".device"    // a browser that is not asked again
	inviteKind    = ".invite"    // leave to enrol a first factor
	ruleKind      = ".rule"      // what the operator demands of the account
	epochKind     = ".epoch"     // how often all its sessions were ended
)

// kept is what the store has of an account, as it was a moment ago.
type kept struct {
	account   string
	records   []Record
	enrolled  []Enrolment // the factors, opened
	mustEnrol bool        // the operator wants a factor to be enrolled
	epoch     int64       // of the account: sessions of an earlier one are over
	turned    time.Time   // when it began
}

// load reads and opens what is kept of an account. A factor that does not open
// makes it fail: an account whose factors can't be read has not none (MFA-3).
func (f *factors) load(ctx context.Context, account string) (*kept, error) {
	records, err := f.Store.Records(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("reading the factors: %w", err)
	}
	k := &kept{account: account, records: records}
	for _, r := range records {
		switch {
		case r.Account != account:
			return nil, errors.New("the store answered a record of another account")
		case r.Kind == ruleKind:
			k.mustEnrol = true
		case r.Kind == epochKind:
			k.epoch, k.turned = r.Version, r.Used
		case !strings.HasPrefix(r.Kind, "."):
			e, err := f.openEnrolment(r)
			if err != nil {
				return nil, err
			}
			k.enrolled = append(k.enrolled, e)
		}
	}
	return k, nil
}

// ids are the ids of all factors, as the condition of a Change wants them.
func (k *kept) ids() []string {
	ids := make([]string, len(k.enrolled))
	for i, e := range k.enrolled {
		ids[i] = e.ID
	}
	return ids
}

// of returns the enrolments of a kind.
func (k *kept) of(kind string) []Enrolment {
	var list []Enrolment
	for _, e := range k.enrolled {
		if e.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}

// has reports whether a proof of the kind could be given.
func (k *kept) has(kind string) bool {
	return slices.ContainsFunc(k.enrolled, func(e Enrolment) bool { return e.Kind == kind && e.Left != 0 })
}

// real reports whether there is a factor that rule counts. Recovery codes stand
// in for one and are none.
func (k *kept) real(rule FactorRule) bool {
	return slices.ContainsFunc(k.enrolled, func(e Enrolment) bool { return e.Kind != recovery && rule.allows(e.Kind) })
}

// find returns the record with an id and kind.
func (k *kept) find(kind, id string) (Record, bool) {
	for _, r := range k.records {
		if r.Kind == kind && r.ID == id {
			return r, true
		}
	}
	return Record{}, false
}

// all returns the records of a kind.
func (k *kept) all(kind string) []Record {
	var list []Record
	for _, r := range k.records {
		if r.Kind == kind {
			list = append(list, r)
		}
	}
	return list
}

// fingerprint names the set of factors: it changes when one is added or removed.
func (k *kept) fingerprint() string {
	ids := k.ids()
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, " ")))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// bound is what a record is sealed to: nobody can carry it to another account,
// kind or id (OTP-5).
func bound(account, kind, id string) []byte { return []byte(account + "\x00" + kind + "\x00" + id) }

// seal makes the record of a state of ours.
func (f *factors) seal(account, kind, id string, content any) (Record, error) {
	plain, err := json.Marshal(content)
	if err != nil {
		return Record{}, err
	}
	data, err := f.records.SealBytes(plain, bound(account, kind, id))
	return Record{ID: id, Account: account, Kind: kind, Data: data}, err
}

// open reads a state of ours.
func (f *factors) open(r Record, content any) error {
	plain, err := f.records.OpenBytes(r.Data, bound(r.Account, r.Kind, r.ID))
	if err == nil {
		err = json.Unmarshal(plain, content)
	}
	if err != nil {
		return fmt.Errorf("record %s of kind %s: %w", r.ID, r.Kind, err)
	}
	return nil
}

// An enrolment is stored as: length of the name, name, Left + 1, data.

func (f *factors) sealEnrolment(account string, e Enrolment) (Record, error) {
	if e.ID == "" {
		e.ID = rand.Text()
	}
	plain := binary.AppendUvarint(make([]byte, 0, len(e.Name)+len(e.Data)+16), uint64(len(e.Name)))
	plain = append(plain, e.Name...)
	plain = binary.AppendUvarint(plain, uint64(e.Left+1))
	plain = append(plain, e.Data...)
	data, err := f.records.SealBytes(plain, bound(account, e.Kind, e.ID))
	return Record{
		ID: e.ID, Account: account, Kind: e.Kind, Key: e.Key, Data: data, Version: e.version, Created: e.Created, Used: e.Used,
	}, err
}

func (f *factors) openEnrolment(r Record) (Enrolment, error) {
	e := Enrolment{ID: r.ID, Kind: r.Kind, Key: r.Key, Created: r.Created, Used: r.Used, version: r.Version}
	plain, err := f.records.OpenBytes(r.Data, bound(r.Account, r.Kind, r.ID))
	if err != nil {
		return e, fmt.Errorf("factor %s of kind %s does not open; is a secret missing that it was sealed with?", r.ID, r.Kind)
	}
	length, n := binary.Uvarint(plain)
	if n <= 0 || length > uint64(len(plain)-n) {
		return e, fmt.Errorf("factor %s of kind %s is damaged", r.ID, r.Kind)
	}
	plain = plain[n:]
	e.Name, plain = string(plain[:length]), plain[length:]
	left, n := binary.Uvarint(plain)
	if n <= 0 || left > 1<<20 {
		return e, fmt.Errorf("factor %s of kind %s is damaged", r.ID, r.Kind)
	}
	e.Left, e.Data = int(left)-1, plain[n:]
	return e, nil
}

// seconds cuts a time to what a record keeps.
func seconds(t time.Time) time.Time { return time.Unix(t.Unix(), 0) }
