package pages

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

func checkTheme(t Theme) error {
	var faults []error
	if !slices.Contains([]string{"", "auto", "light", "dark"}, t.ColorScheme) {
		faults = append(faults, fmt.Errorf("theme colour scheme %q: must be auto, light or dark", t.ColorScheme))
	}
	for _, c := range []struct{ name, value string }{{"brand colour", t.BrandColor}, {"button text colour", t.ButtonText}} {
		if _, ok := luminance(c.value); c.value != "" && !ok {
			faults = append(faults, fmt.Errorf("theme %s %q: is not a CSS colour such as #0a5c4d, rgb(10 92 77), hsl(169 80%% 20%%), oklch(0.4 0.08 175) or teal",
				c.name, c.value))
		}
	}
	return errors.Join(faults...)
}

// themeStyle writes the theme's style sheet, "" for our own colours. The values
// have passed luminance, so nothing but a colour can be in them.
func themeStyle(t Theme) string {
	brand, text := strings.TrimSpace(t.BrandColor), strings.TrimSpace(t.ButtonText)
	if brand == "" && text == "" {
		return ""
	}
	if text == "" {
		text = readableOn(brand)
	}
	css := ":root{"
	if brand != "" {
		css += "--brand-color:" + brand + ";--ring:var(--text);"
	}
	return css + "--button-text-color:" + text + "}\n"
}

// readableOn returns the better of black and white on a colour: the one whose
// contrast is greater (WCAG 2.2, definition of contrast ratio).
func readableOn(colour string) string {
	l, _ := luminance(colour)
	if 1.05/(l+0.05) >= (l+0.05)/0.05 {
		return "#fff"
	}
	return "#000"
}

// luminance reads a CSS colour and returns its relative luminance (WCAG 2.2),
// from 0, black, to 1, white. It is false for what is not a colour that we
// know how to read: only letters, digits, blanks and # % . , / ( ) - pass, in
// the forms of CSS Color 4 for hex, rgb, hsl, oklch and names.
func luminance(colour string) (float64, bool) {
	s := strings.ToLower(strings.TrimSpace(colour))
	if hex, ok := strings.CutPrefix(s, "#"); ok {
		return hexLuminance(hex)
	}
	name, arguments, found := strings.Cut(s, "(")
	if !found {
		hex, ok := namedColours[name]
		if !ok {
			return 0, false
		}
		return hexLuminance(hex)
	}
	arguments, closed := strings.CutSuffix(arguments, ")")
	values, ok := components(arguments)
	if !closed || !ok {
		return 0, false
	}
	return functionLuminance(name, values)
}

func functionLuminance(name string, v []component) (float64, bool) {
	switch name {
	case "rgb", "rgba":
		r, ok1 := v[0].scaled(255)
		g, ok2 := v[1].scaled(255)
		b, ok3 := v[2].scaled(255)
		return relative(r, g, b), ok1 && ok2 && ok3
	case "hsl", "hsla":
		h, ok1 := v[0].angle()
		s, ok2 := v[1].scaled(100)
		l, ok3 := v[2].scaled(100)
		return hslLuminance(h, s, l), ok1 && ok2 && ok3
	case "oklch":
		l, ok1 := v[0].scaled(1)
		_, ok2 := v[1].scaled(0.4)
		_, ok3 := v[2].angle()
		return l * l * l, ok1 && ok2 && ok3 // of a grey; near enough to choose black or white
	}
	return 0, false
}

// component is one number of a colour function with its unit.
type component struct {
	value float64
	unit  string
}

// scaled returns the component as a share of whole, held between 0 and 1.
func (c component) scaled(whole float64) (float64, bool) {
	switch c.unit {
	case "%":
		return min(max(c.value/100, 0), 1), true
	case "":
		return min(max(c.value/whole, 0), 1), true
	}
	return 0, false
}

// angle returns the component in degrees.
func (c component) angle() (float64, bool) {
	switch c.unit {
	case "", "deg":
		return c.value, true
	case "turn":
		return c.value * 360, true
	case "rad":
		return c.value * 180 / math.Pi, true
	}
	return 0, false
}

// components reads "1 2 3", "1 2 3 / 4" or "1, 2, 3, 4": three numbers and
// perhaps an opacity.
func components(s string) ([]component, bool) {
	var parts []string
	if strings.Contains(s, ",") {
		if strings.Contains(s, "/") {
			return nil, false
		}
		parts = strings.Split(s, ",")
	} else {
		colour, opacity, found := strings.Cut(s, "/")
		parts = strings.Fields(colour)
		if len(parts) != 3 {
			return nil, false
		}
		if found {
			parts = append(parts, opacity)
		}
	}
	if len(parts) != 3 && len(parts) != 4 {
		return nil, false
	}
	out := make([]component, len(parts))
	for i, part := range parts {
		part = strings.TrimSpace(part)
		end := len(strings.TrimRight(part, "%abcdefghijklmnopqrstuvwxyz"))
		if number := part[:end]; number == "" || len(number) > 12 || strings.Trim(number, "0123456789.-") != "" {
			return nil, false
		}
		value, err := strconv.ParseFloat(part[:end], 64)
		if err != nil {
			return nil, false
		}
		out[i] = component{value, part[end:]}
	}
	if len(out) == 4 {
		if _, ok := out[3].scaled(1); !ok {
			return nil, false
		}
	}
	return out, true
}

// hexLuminance reads the digits of #rgb, #rgba, #rrggbb and #rrggbbaa.
func hexLuminance(digits string) (float64, bool) {
	if len(digits) == 3 || len(digits) == 4 {
		long := make([]byte, 0, 8)
		for i := range len(digits) {
			long = append(long, digits[i], digits[i])
		}
		digits = string(long)
	}
	if len(digits) != 6 && len(digits) != 8 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return 0, false
	}
	if len(digits) == 8 {
		n >>= 8
	}
	return relative(float64(n>>16&0xff)/255, float64(n>>8&0xff)/255, float64(n&0xff)/255), true
}

// hslLuminance converts by CSS Color 4, section 7.1; the hue is in degrees.
func hslLuminance(hue, saturation, lightness float64) float64 {
	if math.IsInf(hue, 0) || math.IsNaN(hue) {
		return 0
	}
	channel := func(n float64) float64 {
		k := math.Mod(n+math.Mod(hue, 360)/30+12, 12)
		a := saturation * min(lightness, 1-lightness)
		return lightness - a*max(-1, min(k-3, 9-k, 1))
	}
	return relative(channel(0), channel(8), channel(4))
}

// relative returns the relative luminance of sRGB channels from 0 to 1.
func relative(r, g, b float64) float64 {
	linear := func(c float64) float64 {
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}
