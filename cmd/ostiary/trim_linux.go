package main

import (
	"os"
	"syscall"
)

// programPages finds what of the program can be read again from its file.
func programPages() []mapping {
	file, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil
	}
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil
	}
	defer smaps.Close()
	return unchanged(smaps, file)
}

// drop takes pages out of the process (madvise(2), MADV_DONTNEED).
func drop(pages []mapping) {
	for _, p := range pages {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, uintptr(p.from), uintptr(p.to-p.from), syscall.MADV_DONTNEED)
	}
}
