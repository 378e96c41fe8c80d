package htpasswd

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestHangingFileSystem has one that answers no more: who looks gives up with
// their context, everybody else goes on with the people that are known, and it
// counts again when it is back (CON-2).
func TestHangingFileSystem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "people")
	if err := os.WriteFile(file, []byte("ada:!\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c, err := New(Config{File: file, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	hangs, answers := make(chan struct{}, 2), make(chan struct{})
	c.source.mu.Lock()
	c.source.settled = false
	c.source.reader = func(file string) ([]byte, fs.FileInfo, error) {
		hangs <- struct{}{}
		<-answers
		return read(file)
	}
	now = now.Add(time.Minute)
	c.source.mu.Unlock()
	if err := os.WriteFile(file, []byte("eve:!\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	patient, giveUp := context.WithCancel(t.Context())
	gaveUp := make(chan *people)
	go func() { gaveUp <- c.source.current(patient) }()
	<-hangs
	if _, listed := c.source.current(t.Context()).find("ada"); !listed {
		t.Error("CON-2: another sign-in does not have the known people")
	}
	giveUp()
	if _, listed := (<-gaveUp).find("ada"); !listed {
		t.Error("CON-2: who gave up does not have the known people")
	}
	if err := c.Check(patient); !errors.Is(err, context.Canceled) {
		t.Errorf("CON-2 Check: got %v", err)
	}
	close(answers)
	c.source.mu.Lock() // the look is over
	fault := c.source.fault
	c.source.mu.Unlock()
	if fault != "" {
		t.Errorf("got the fault %s", fault)
	}
	if _, listed := c.source.current(t.Context()).find("eve"); !listed {
		t.Error("the file does not count although its system answers again")
	}
}
