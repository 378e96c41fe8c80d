package htpasswd

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ostiary/ostiary/passhash"
)

const (
	// lookEvery is how often the file is looked at, at most.
	lookEvery = time.Second
	// settling is how long a file counts as being written to: so coarse may the
	// clock of its file system be, two changes within it leave one time.
	settling = 2 * time.Second
)

// source is the file with the people of its last good reading.
type source struct {
	file   string
	reader func(file string) ([]byte, fs.FileInfo, error)
	limits passhash.Limits
	logger *slog.Logger
	now    func() time.Time
	people atomic.Pointer[people]

	mu      sync.Mutex        // guards what follows
	looked  time.Time         // when the file was last looked at
	info    fs.FileInfo       // of the last reading, good or not
	settled bool              // whether another change would show in info
	text    [sha256.Size]byte // the digest of the last good reading
	fault   string            // what was last complained of
}

// open reads the file for the first time; every line must be in order.
func (s *source) open() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = s.now()
	text, err := s.read()
	if err != nil {
		return err
	}
	people, wrong := parse(text, s.limits)
	if err := wrong.all(s.file); err != nil {
		return err
	}
	s.text = sha256.Sum256(text)
	s.people.Store(people)
	if readableByAll(s.info) {
		s.logger.Warn("htpasswd file can be read by everybody; run chmod o-r on it", slog.String("file", s.file))
	}
	return nil
}

// check reads the file as open does, and keeps nothing of it.
func (s *source) check() error {
	text, _, err := s.reader(s.file)
	if err != nil {
		return fmt.Errorf("File: %w", err)
	}
	_, wrong := parse(text, s.limits)
	return wrong.all(s.file)
}

// current returns the people, read anew if the file changed. While one caller
// waits for that, until ctx ends, the others go on with those that are known:
// nothing can stop a file system that hangs.
func (s *source) current(ctx context.Context) *people {
	if !s.mu.TryLock() {
		return s.people.Load()
	}
	now := s.now()
	if since := now.Sub(s.looked); since >= 0 && since < lookEvery {
		s.mu.Unlock()
		return s.people.Load()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer s.mu.Unlock()
		s.look(now)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	return s.people.Load()
}

// look reads the file if it may have changed.
func (s *source) look(now time.Time) {
	s.looked = now
	if info, err := os.Stat(s.file); err == nil && s.settled && same(info, s.info) {
		return
	}
	text, err := s.read()
	if err != nil {
		s.complain(err)
		return
	}
	if digest := sha256.Sum256(text); digest == s.text {
		s.mended()
	} else if s.replace(text) {
		s.text = digest
	}
}

// read reads the file and remembers which one that was. After a failure the next
// look reads again, whatever the file looks like then.
func (s *source) read() ([]byte, error) {
	text, info, err := s.reader(s.file)
	if err != nil {
		s.settled = false
		return nil, fmt.Errorf("File: %w", err)
	}
	s.info, s.settled = info, s.looked.Sub(info.ModTime()) > settling
	return text, nil
}

// replace makes the people of a new text those that count. It does not when a
// line is none of a password file, or the last one is cut off.
func (s *source) replace(text []byte) bool {
	people, wrong := parse(text, s.limits)
	if err := wrong.worst(s.file); err != nil {
		s.complain(err)
		return false
	}
	if len(people.all) == 0 && !s.stillEmpty() {
		return false
	}
	s.people.Store(people)
	s.fault = ""
	s.logger.Info("htpasswd file read", slog.String("file", s.file), slog.Int("people", len(people.all)))
	if err := wrong.all(s.file); err != nil {
		s.logger.Warn("htpasswd file has people who can't sign in", slog.String("file", s.file), slog.Any("cause", err))
	}
	return true
}

// errEmpty is the fault of a file that has nobody any more.
var errEmpty = errors.New("it is empty; if it stays so, nobody can sign in")

// stillEmpty reports whether the file was found empty by the last look, too.
// Programs empty a file before they write it anew: htpasswd copies over it.
func (s *source) stillEmpty() bool {
	if s.fault == errEmpty.Error() {
		return true
	}
	s.complain(errEmpty)
	s.settled = false
	return false
}

// complain logs what is wrong, once.
func (s *source) complain(err error) {
	if fault := fmt.Sprint(err); fault != s.fault {
		s.fault = fault
		s.logger.Error("htpasswd file not read; the people of the last good one count", slog.String("file", s.file), slog.Any("cause", err))
	}
}

// mended says that the text that counts is back.
func (s *source) mended() {
	if s.fault != "" {
		s.fault = ""
		s.logger.Info("htpasswd file is in order again", slog.String("file", s.file))
	}
}
