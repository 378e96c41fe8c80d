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
			var pair string
			pair, line, more = strings.Cut(line, ";")
			got, ok := strings.CutPrefix(strings.Trim(pair, " \t"), name)
			if !ok || got == "" || got[0] != '=' {
				continue
			}
			if n++; n == 1 {
				raw = got[1:]
			}
		}
	}
	return unescape(raw), n
}

func tooMuch(lines []string) bool {
	size, count := 0, len(lines)
	for _, line := range lines {
		if size += len(line); size > maxHeader {
			return true
		}
		count += strings.Count(line, ";")
	}
	return count > maxCookies
}
