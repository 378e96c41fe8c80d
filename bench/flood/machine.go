package main

import (
	"os"
	"strconv"
	"strings"
)

// ticks a second in what the kernel counts of processor time.
const ticks = 100

// peakMemory reads the largest resident memory that a process ever had, 0 where
// there is no /proc.
func peakMemory(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10
		}
	}
	return 0
}

// othersBusy is how many seconds the processors of the machine have worked for
// programs that are neither this one nor the server, 0 where there is no /proc.
func othersBusy(server int) float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	all, _, _ := strings.Cut(string(text), "\n")
	busy := 0.0
	for i, field := range strings.Fields(strings.TrimPrefix(all, "cpu")) {
		if i != 3 && i != 4 && i < 8 { // not idle, not waiting for disks; guests are in user
			busy += number(field)
		}
	}
	return (busy - used("self") - used(strconv.Itoa(server))) / ticks
}

// used is what a process has used, in user and kernel mode.
func used(process string) float64 {
	text, err := os.ReadFile("/proc/" + process + "/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	return number(fields[11]) + number(fields[12])
}

func number(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64)
	return n
}
