package main

import (
	"bufio"
	"io"
	"runtime/debug"
	"strconv"
	"strings"
)

// trim gives back what a process at rest has no use for: the garbage of the heap
// and, where the system can, the pages of the program itself that have been read so
// far. Most of these belong to the start, to drivers that nobody configured and to
// the neighbours of what was called; those that are asked for again come from the
// kernel's cache. It is only ever a saving: whatever fails, nothing happens.
func trim() {
	program := programPages()
	debug.FreeOSMemory()
	drop(program)
}

// mapping is a part of the address space.
type mapping struct{ from, to uint64 }

// unchanged reads the kernel's description of the address space (proc(5),
// /proc/pid/smaps) and returns the parts of file that can't be written and have no
// page that differs from it: one that was relocated, or that a debugger set a mark
// in, exists nowhere else.
func unchanged(smaps io.Reader, file string) []mapping {
	var found []mapping
	var here *mapping
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "Anonymous:"):
			if here != nil && strings.Join(strings.Fields(line), " ") == "Anonymous: 0 kB" {
				found = append(found, *here)
			}
			here = nil
		case line != "" && (line[0] < 'A' || line[0] > 'Z'):
			here = readOnly(line, file)
		}
	}
	return found
}

// readOnly takes the line apart that begins a mapping,
//
//	00400000-01014000 r-xp 00000000 fe:00 1234    /usr/bin/ostiary
//
// and returns nil unless it is a part of file that is read or run only.
func readOnly(line, file string) *mapping {
	span, rest, _ := strings.Cut(line, " ")
	if !strings.HasPrefix(rest, "r-") || !strings.HasSuffix(rest, " "+file) {
		return nil
	}
	from, to, _ := strings.Cut(span, "-")
	var m mapping
	var faults [2]error
	m.from, faults[0] = strconv.ParseUint(from, 16, 64)
	m.to, faults[1] = strconv.ParseUint(to, 16, 64)
	if faults != [2]error{} || m.to <= m.from {
		return nil
	}
	return &m
}
