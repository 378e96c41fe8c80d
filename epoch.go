package ostiary

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ostiary/ostiary/session"
)

// An account has an epoch, which counts how often all its sessions were ended at
// once: when a factor was removed, or all of them by the operator (SES-6). Each
// session says of which epoch it is, and an epoch is ended like a session: so that
// it is known to every replica, and checked from memory.

// turnEpoch makes a change with which the next epoch of the account begins. What
// follows is endEpoch. The epoch is the version of a record with nothing in it, 0
// before there is one. All who begin the first one at once give that record the
// same id, so that one of them does; to the others it is a conflict.
func (s *Service) turnEpoch(ctx context.Context, k *kept, c Change) error {
	now := seconds(s.now())
	if old := k.all(epochKind); len(old) > 0 {
		r := old[0]
		r.Used = now
		c.Update = append(c.Update, r)
	} else {
		c.Add = append(c.Add, Record{ID: epochID(k.account), Account: k.account, Kind: epochKind, Created: now, Used: now})
	}
	err := s.factors.Store.Change(ctx, k.account, c)
	if errors.Is(err, ErrKeyTaken) {
		return ErrConflict
	}
	return err
}

// endEpoch ends all sessions of the epoch that is over, once the change is made.
func (s *Service) endEpoch(ctx context.Context, account string, epoch int64) error {
	until := s.now().Add(s.config.Session.Absolute + time.Minute)
	if err := s.config.Store.Revoke(ctx, epochKey(account, epoch), until); err != nil {
		return fmt.Errorf("ending the other sessions: %w", err)
	}
	return nil
}

// loadKept is load, and makes up for what came between a change and the end of
// the sessions: a crash, or a store that could not be reached (FAL-2).
func (s *Service) loadKept(ctx context.Context, account string) (*kept, error) {
	k, err := s.factors.load(ctx, account)
	if err != nil {
		return nil, err
	}
	return k, s.mendEpoch(ctx, k)
}

func (s *Service) mendEpoch(ctx context.Context, k *kept) error {
	if k.epoch == 0 || !s.now().Before(k.turned.Add(s.config.Session.Absolute)) || s.config.Store.Revoked(epochKey(k.account, k.epoch-1)) {
		return nil
	}
	return s.endEpoch(ctx, k.account, k.epoch-1)
}

// epochOver reports whether all sessions of the token's epoch were ended.
func (s *Service) epochOver(t *session.Token) bool {
	if s.factors == nil {
		return false
	}
	account := Account{t.Realm, t.Subject}.String()
	return account != "" && s.config.Store.Revoked(epochKey(account, t.Epoch))
}

// epochID is the id of the account's record.
func epochID(account string) string {
	sum := sha256.Sum256([]byte(account))
	return "epoch-" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// epochKey names an epoch in the list of ended sessions, where no session has a
// blank in its name.
func epochKey(account string, epoch int64) string {
	if len(account) > 256 {
		sum := sha256.Sum256([]byte(account))
		account = hex.EncodeToString(sum[:])
	}
	return "epoch " + strconv.FormatInt(epoch, 10) + " " + account
}
