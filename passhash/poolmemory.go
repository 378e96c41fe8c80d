package passhash

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// fewMemory is what a process is thought to have where nothing can be read.
const fewMemory = 1 << 30

// usableMemory is how many bytes the process may use: the least of what Go was
// told, what its control group allows, and what the machine has.
func usableMemory() int64 {
	least := int64(math.MaxInt64)
	for _, limit := range []int64{
		debug.SetMemoryLimit(-1),
		controlGroupLimit("/proc/self/cgroup", "/sys/fs/cgroup"),
		machineMemory("/proc/meminfo"),
	} {
		if limit > 0 {
			least = min(least, limit)
		}
	}
	if least == math.MaxInt64 {
		return fewMemory
	}
	return least
}

// controlGroupLimit reads the limit of the process's control group, and of those
// around it, in either version; 0 for none.
func controlGroupLimit(membership, mount string) int64 {
	text, err := os.ReadFile(membership)
	if err != nil {
		return 0
	}
	least := int64(0)
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		root, file := mount, "memory.max" // version 2
		if parts[1] != "" {
			if !strings.Contains(","+parts[1]+",", ",memory,") {
				continue
			}
			root, file = mount+"/memory", "memory.limit_in_bytes"
		}
		for path := parts[2]; ; path = path[:max(strings.LastIndexByte(path, '/'), 0)] {
			if n := readNumber(root + strings.TrimSuffix(path, "/") + "/" + file); n > 0 && n < 1<<60 && (least == 0 || n < least) {
				least = n
			}
			if strings.Trim(path, "/") == "" {
				break
			}
		}
	}
	return least
}

// machineMemory reads MemTotal, 0 where there is none.
func machineMemory(meminfo string) int64 {
	text, err := os.ReadFile(meminfo)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err == nil && kib < 1<<50 {
				return kib << 10
			}
		}
	}
	return 0
}

// readNumber reads a file with one number, 0 for everything else.
func readNumber(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
