package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// contentTypes are the files that may be assets, by extension.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif", ".avif": "image/avif",
}

// assets are the files under {base}/assets/, by the names that carry the hash
// of their content: a file never changes under its name.
type assets struct {
	named  map[string]string // page.css → page-1a2b3c4d5e6f.css
	hashed map[string]asset
}

type asset struct {
	content     []byte
	contentType string
}

// Asset returns the file that the pages call {base}/assets/{name}, to be sent
// with "Cache-Control: public, max-age=31536000, immutable" and nosniff: the
// content never changes under its name. Callers must not change the bytes.
// What is not there is not ok; ask the name as it stands in the path.
func (r *Renderer) Asset(name string) (content []byte, contentType string, ok bool) {
	a, ok := r.assets.hashed[name]
	return a.content, a.contentType, ok
}

// StyleSheets returns the addresses of the style sheets, in their order, for
// pages of one's own that should look like these.
func (r *Renderer) StyleSheets() []string {
	var out []string
	for _, name := range []string{"page.css", "theme.css"} {
		if r.assets.has(name) {
			out = append(out, r.base+"/assets/"+r.assets.named[name])
		}
	}
	return out
}

func (a *assets) has(name string) bool { _, ok := a.named[name]; return ok }

// add puts a file in and gives it its lasting name.
func (a *assets) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	extension := filepath.Ext(name)
	hashed := strings.TrimSuffix(name, extension) + "-" + hex.EncodeToString(sum[:6]) + extension
	a.named[name] = hashed
	a.hashed[hashed] = asset{content, contentTypes[strings.ToLower(extension)]}
}

// assetURL returns the address of an asset.
func (r *Renderer) assetURL(name string) (string, error) {
	hashed, ok := r.assets.named[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return r.base + "/assets/" + hashed, nil
}

// setAssets reads the style sheet, the script and the pictures, and makes the
// theme's style sheet. Pictures come first: the style sheet names them.
func (r *Renderer) setAssets(f files, t Theme) error {
	r.assets = &assets{named: map[string]string{}, hashed: map[string]asset{}}
	pictures := []string{"eye.svg", "eye-off.svg"}
	for _, name := range f.names {
		if contentTypes[strings.ToLower(filepath.Ext(name))] != "" && !slices.Contains(pictures, name) &&
			!slices.Contains([]string{"page.css", "factor.css", "page.js", "webauthn.js", "theme.css"}, name) {
			pictures = append(pictures, name)
		}
	}
	var faults []error
	for _, name := range append(pictures, "page.js", "webauthn.js", "page.css", "factor.css") {
		l, err := f.read(name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		content := l.content
		if filepath.Ext(name) == ".css" {
			content = r.assets.linked(content)
		}
		r.assets.add(name, content)
	}
	if css := themeStyle(t); css != "" {
		r.assets.add("theme.css", []byte(css))
	}
	return errors.Join(append(faults, r.setLogo(f, t.Logo))...)
}

// linked replaces the plain names in url() by the lasting ones.
func (a *assets) linked(css []byte) []byte {
	for name, hashed := range a.named {
		css = bytes.ReplaceAll(css, []byte("url("+name+")"), []byte("url("+hashed+")"))
	}
	return css
}

// setLogo resolves the theme's logo to an address.
func (r *Renderer) setLogo(f files, logo string) error {
	switch {
	case logo == "":
		return nil
	case strings.HasPrefix(logo, "/") && !strings.HasPrefix(logo, "//") && !strings.ContainsAny(logo, "\\\x00\r\n\t"):
		r.logo = logo
		return nil
	case strings.Contains(logo, "://"):
		u, err := url.Parse(logo)
		if err != nil || u.Scheme != "https" || !plainHost(u.Host) || u.User != nil {
			return fmt.Errorf("theme logo %q: must be an https address, a path that begins with /, or a file of the template directory", logo)
		}
		r.logo = u.String()
		return nil
	}
	if !strings.HasPrefix(contentTypes[strings.ToLower(filepath.Ext(logo))], "image/") {
		return fmt.Errorf("theme logo %q: must be an https address, a path that begins with /, or a picture in the template directory", logo)
	}
	l, err := f.read(logo)
	if err != nil {
		return fmt.Errorf("theme logo %q: there is no such file in the template directory", logo)
	}
	r.assets.add(logo, l.content)
	r.logo, err = r.assetURL(logo)
	return err
}
