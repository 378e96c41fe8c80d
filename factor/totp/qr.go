package totp

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is the light margin around a QR code, in modules (ISO/IEC 18004).
const quiet = 4

// SVG returns the address as a QR code: black on white in light and in dark, and
// as large as its place. The picture holds the secret like the address does.
func (a Address) SVG() ([]byte, error) {
	code, err := qr.Encode(a.String(), qr.M)
	if err != nil {
		return nil, fmt.Errorf("the address is too long for a QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			run := 1
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
			x += run
		}
	}
	side := code.Size + 2*quiet
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`, side, side, side, side, path.String()), nil
}
