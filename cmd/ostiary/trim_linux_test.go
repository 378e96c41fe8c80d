package main

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestTrim: the pages are out of the process, and the program goes on.
func TestTrim(t *testing.T) {
	pages := programPages()
	if len(pages) == 0 {
		t.Fatal("no part of the program was found in /proc/self/smaps")
	}
	before := programResident(t)
	trim()
	if after := programResident(t); after >= before {
		t.Errorf("%d kB of the program's file are resident, before %d", after, before)
	}
}

// programResident reads how much of mapped files is resident, in kB.
func programResident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	value, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.Atoi(value)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
