package pages

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ContentSecurityPolicy returns the policy that the pages need and nothing
// more: no script, style or picture but our own files and the logo, forms to
// this origin only, no framing. It is the value of the header
// Content-Security-Policy for every page and asset.
func (r *Renderer) ContentSecurityPolicy() string { return r.policy }

func (r *Renderer) setPolicy(c Config) error {
	images := "'self'"
	if u, err := url.Parse(r.logo); err == nil && u.Host != "" {
		images += " " + u.Scheme + "://" + u.Host
	}
	forms := "'self'"
	var faults []error
	for _, target := range c.FormTargets {
		u, err := url.Parse(target)
		if err != nil || !plainHost(u.Host) || (u.Scheme != "https" && u.Scheme != "http") {
			faults = append(faults, fmt.Errorf("form target %q: must be an origin such as https://app.example.com", target))
			continue
		}
		forms += " " + u.Scheme + "://" + u.Host
	}
	r.policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src " + images +
		"; form-action " + forms + "; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
	return errors.Join(faults...)
}

// plainHost reports whether a host can stand in a policy: what url.Parse lets
// pass includes the marks that end a directive.
func plainHost(host string) bool {
	return host != "" && strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]_") == ""
}
