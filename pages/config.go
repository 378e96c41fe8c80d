package pages

// Config says how the pages look and where they live. The zero value is usable.
type Config struct {
	// Base is the path under which the pages are served. Empty means
	// "/api/auth"; a trailing slash is dropped.
	Base string
	// Name is the service that a person signs in to, shown in the heading:
	// "Sign in to Acme". Empty shows "Sign in".
	Name string
	// Theme is the look. Zero is ours.
	Theme Theme
	// Dir is a directory with files that replace embedded ones of the same
	// name, and with further languages (it.json). Empty means none.
	Dir string
	// DefaultLanguage is used for people none of whose languages we have.
	// Empty means "en".
	DefaultLanguage string
	// Languages are those offered, in the order of the language links. Nil
	// means all: the embedded ones and those in Dir.
	Languages []string
	// FormTargets are other origins to which the answer to a form may redirect
	// (browsers hold redirects against form-action too): "https://app.example".
	FormTargets []string
}

// Theme is the look as the wire contract names it.
type Theme struct {
	// ColorScheme is "light", "dark" or "auto", which follows the browser.
	// Empty means auto.
	ColorScheme string
	// Logo is an https URL, a path on the same site, or the name of an image
	// file in Config.Dir. Empty means none.
	Logo string
	// BrandColor is the colour of buttons, as CSS: #0b5, rgb(), hsl(), oklch()
	// or a name. Empty means ours.
	BrandColor string
	// ButtonText is the colour of the text on buttons. Empty means ours or, with
	// a BrandColor, black or white, whichever reads better on it.
	ButtonText string
}
