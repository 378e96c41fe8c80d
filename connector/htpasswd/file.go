package htpasswd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/ostiary/ostiary/passhash"
)

const (
	maxFile = 16 << 20 // bytes
	maxName = 255      // bytes
)

// people are the names of one reading of the file with their hashes.
type people struct {
	hashes map[string]passhash.Hash
	dummy  passhash.Hash // of the commonest family and cost
	info   fs.FileInfo
}

// unchanged reports whether the file still is the one that was read.
func (p *people) unchanged(file string) bool {
	info, err := os.Stat(file)
	return err == nil && same(p.info, info)
}

func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// read reads the file whole. One that changes meanwhile is an error.
func read(file string, limits passhash.Limits) (*people, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return nil, err
	}
	switch {
	case !before.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", file)
	case before.Size() > maxFile:
		return nil, fmt.Errorf("%s is larger than %d MiB", file, maxFile>>20)
	case writableByAll(before):
		return nil, fmt.Errorf("%s can be written by everybody; run chmod o-w", file)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	after, err := f.Stat()
	if err != nil || !same(before, after) || int64(len(text)) != after.Size() {
		return nil, fmt.Errorf("%s changed while it was read", file)
	}
	p, err := parse(text, limits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	p.info = after
	return p, nil
}

// parse reads the lines: name, colon, hash. Blank lines and those that begin with
// # are passed over; of a name that comes twice the first counts, as in Apache.
func parse(text []byte, limits passhash.Limits) (*people, error) {
	p := &people{hashes: map[string]passhash.Hash{}}
	var faults []error
	type kind struct {
		family passhash.Family
		cost   passhash.Cost
	}
	seen := map[kind]int{}
	for n, line := range bytes.Split(text, []byte("\n")) {
		name, hash, err := parseLine(string(bytes.TrimSuffix(line, []byte("\r"))), limits)
		switch {
		case err != nil:
			if faults = append(faults, fmt.Errorf("line %d: %w", n+1, err)); len(faults) == 20 {
				return nil, errors.Join(append(faults, errors.New("and perhaps more"))...)
			}
			continue
		case name == "":
			continue
		}
		if _, twice := p.hashes[name]; twice {
			continue
		}
		p.hashes[name] = hash
		k := kind{hash.Family(), hash.Cost()}
		if seen[k]++; seen[k] > seen[kind{p.dummy.Family(), p.dummy.Cost()}] {
			p.dummy = hash.Dummy()
		}
	}
	return p, errors.Join(faults...)
}

// parseLine reads one line; the name is empty for one without a person.
func parseLine(line string, limits passhash.Limits) (name string, hash passhash.Hash, err error) {
	if strings.TrimSpace(line) == "" || line[0] == '#' {
		return "", passhash.Hash{}, nil
	}
	name, stored, found := strings.Cut(line, ":")
	switch {
	case !found:
		return "", passhash.Hash{}, errors.New("there is no colon between name and hash")
	case name == "" || len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, control):
		return "", passhash.Hash{}, fmt.Errorf("the name must have 1 to %d bytes and no control characters", maxName)
	}
	hash, err = passhash.Parse(stored, limits)
	if errors.Is(err, passhash.ErrWeak) {
		err = fmt.Errorf("%w; write it anew with htpasswd -B, or allow weak hashes on purpose", err)
	}
	if err != nil {
		return "", passhash.Hash{}, fmt.Errorf("user %q: %w", name, err)
	}
	return name, hash, nil
}

func control(r rune) bool { return r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 }
