package htpasswd

import (
	"fmt"
	"io"
	"io/fs"
	"os"
)

const maxFile = 16 << 20 // bytes

// read reads the file whole. One that changes meanwhile is an error.
func read(file string) (text []byte, info fs.FileInfo, err error) {
	// Not to wait for whoever writes into a pipe; that it is one is found below.
	f, err := os.OpenFile(file, os.O_RDONLY|dontWait, 0)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if fault := unfit(before); fault != "" {
		return nil, nil, fmt.Errorf("%s %s", file, fault)
	}
	text, err = io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, nil, err
	}
	after, err := f.Stat()
	if err != nil || !same(before, after) || int64(len(text)) != after.Size() {
		return nil, nil, fmt.Errorf("%s changed while it was read", file)
	}
	return text, after, nil
}

// unfit says what keeps a file from being read, "" for nothing.
func unfit(info fs.FileInfo) string {
	switch {
	case !info.Mode().IsRegular():
		return "is not a regular file"
	case info.Size() > maxFile:
		return fmt.Sprintf("is larger than %d MiB", maxFile>>20)
	case writableByAll(info):
		return "can be written by everybody; run chmod o-w on it"
	}
	return ""
}

// same reports whether a file is the one it was, going by what is not its text.
func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}
