package cookies

import (
	"net/http"
	"strings"
)

// Bounds of the Cookie header, far above what browsers keep for one host (180
// cookies of 4 KiB in theory, a handful in practice) and below what would cost
// us time (COO-6).
const (
	maxHeader  = 64 << 10 // bytes
	maxCookies = 512
)

// Read returns the value of the first cookie with exactly this name, and how
// many there are: a caller for whom the first must not simply win, refuses when
// n > 1 (COO-3). The value is percent-decoded, or left as it is where that
// fails. A Cookie header beyond 64 KiB or 512 cookies counts as none.
func Read(h http.Header, name string) (value string, n int) {
	lines := h["Cookie"]
	if tooMuch(lines) {
		return "", 0
	}
	raw := ""
	for _, line := range lines {
		for more := true; more; {
			for line != "" && isBlank(line[0]) {
				line = line[1:]
			}
			end := strings.IndexByte(line, ';')
			if more = end >= 0; !more {
				end = len(line)
			}
			if strings.HasPrefix(line, name) && len(name) < end && line[len(name)] == '=' {
				if n++; n == 1 {
					raw = strings.TrimRight(line[len(name)+1:end], " \t")
				}
			}
			line = line[min(end+1, len(line)):]
		}
	}
	return unescape(raw), n
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func tooMuch(lines []string) bool {
	size, count := 0, len(lines)
	for _, line := range lines {
		if size += len(line); size > maxHeader {
			return true
		}
	}
	if size+count <= maxCookies { // there is no room for more
		return false
	}
	for _, line := range lines {
		count += strings.Count(line, ";")
	}
	return count > maxCookies
}
