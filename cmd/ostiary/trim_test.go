package main

import (
	"slices"
	"strings"
	"testing"
)

func TestUnchanged(t *testing.T) {
	const smaps = `00400000-01014000 r-xp 00000000 fe:00 1001                               /usr/bin/ostiary
Size:              12368 kB
Rss:               10512 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
01014000-01d3a000 r--p 00c14000 fe:00 1001                               /usr/bin/ostiary
Rss:                8536 kB
Anonymous:             4 kB
01d3a000-01d3b000 r--p 0193a000 fe:00 1001                               /usr/bin/ostiary
Anonymous:             0 kB
01d3b000-01df0000 rw-p 0193b000 fe:00 1001                               /usr/bin/ostiary
Anonymous:             0 kB
01df0000-03e44000 rw-p 00000000 00:00 0
Anonymous:             0 kB
7ffbe0d5a000-7ffbe0eb0000 r-xp 00026000 fe:00 2002                       /usr/lib/libc.so.6
Anonymous:             0 kB
7ffbe0eb0000-7ffbe0ec0000 r-xp 00026000 fe:00 2003                       /elsewhere/usr/bin/ostiary
Anonymous:             0 kB
xyz-7ffb r-xp 00026000 fe:00 1001                                        /usr/bin/ostiary
Anonymous:             0 kB

7ffbe0f28000-7ffbe0f2a000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
`
	got := unchanged(strings.NewReader(smaps), "/usr/bin/ostiary")
	if want := []mapping{{0x400000, 0x1014000}, {0x1d3a000, 0x1d3b000}}; !slices.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}
