package ostiary

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/ostiary/ostiary/session"
)

// An account has an epoch, which counts how often all its sessions were ended at
// once: when a factor was removed, or all of them by the operator (SES-6). Each
// session says of which epoch it is, and an epoch is ended like a session: so that
// it is known to every replica, and checked from memory.

// nextEpoch adds to a change that the next epoch of the account begins. It is the
// version of a record with nothing in it: 0 before there is one.
func nextEpoch(c *Change, k *kept, now time.Time) {
	if old := k.all(epochKind); len(old) > 0 {
		c.Update = append(c.Update, old[0])
		return
	}
	c.Add = append(c.Add, Record{ID: rand.Text(), Account: k.account, Kind: epochKind, Created: seconds(now)})
}

// endEpoch ends all sessions of the epoch that is over, once the change is made.
func (s *Service) endEpoch(ctx context.Context, k *kept) error {
	until := s.now().Add(s.config.Session.Absolute + time.Minute)
	if err := s.config.Store.Revoke(ctx, epochKey(k.account, k.epoch), until); err != nil {
		return fmt.Errorf("ending the other sessions: %w", err)
	}
	return nil
}

// epochOver reports whether all sessions of the token's epoch were ended.
func (s *Service) epochOver(t *session.Token) bool {
	if s.factors == nil {
		return false
	}
	account := Account{t.Realm, t.Subject}.String()
	return account != "" && s.config.Store.Revoked(epochKey(account, t.Epoch))
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
