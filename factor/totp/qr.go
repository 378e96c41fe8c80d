package totp

import (
	"fmt"
	"strings"

	"github.com/ostiary/ostiary"
	"rsc.io/qr"
)

// quiet is the light margin around a QR code, in modules (ISO/IEC 18004).
const quiet = 4

// QR returns the address as a QR code. The picture holds the secret like the
// address does.
func (a Address) QR() (ostiary.QR, error) {
	code, err := qr.Encode(a.String(), qr.M)
	if err != nil {
		return ostiary.QR{}, fmt.Errorf("the address is too long for a QR code: %w", err)
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
	return ostiary.QR{Side: code.Size + 2*quiet, Path: path.String()}, nil
}

// SVG returns the address as a QR code in a file: black on white in light and in
// dark, and as large as its place.
func (a Address) SVG() ([]byte, error) {
	code, err := a.QR()
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="%[2]s"/></svg>`, code.Side, code.Path), nil
}
