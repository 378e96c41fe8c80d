package returnto

import "testing"

// TestSettled holds the short way to the long one, for every short tail.
func TestSettled(t *testing.T) {
	const alphabet = "/.%2e-?=&#a"
	short := 0
	var try func(tail string, more int)
	try = func(tail string, more int) {
		if tail == "" || tail[0] == '/' || tail[0] == '?' || tail[0] == '#' { // what Resolve hands on
			want, ok := compose(tail)
			if settled(tail) {
				short++
				if !ok || want != tail {
					t.Fatalf("%q is %q, %v, and not what it was", tail, want, ok)
				}
			}
		}
		for i := 0; i < len(alphabet) && more > 0; i++ {
			try(tail+alphabet[i:i+1], more-1)
		}
	}
	try("", 5)
	if short < 1000 {
		t.Errorf("only %d went the short way", short)
	}
}
