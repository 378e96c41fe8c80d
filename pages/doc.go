// Package pages draws what a person sees: the sign-in page, a further step of
// the same provider, the sign-out page, the error page, the verify-request page
// and the page of somebody who is signed in; and the pages of second factors:
// the one that asks for one, the choice of what to set up, setting one up, and
// the account page on which a person sees to theirs.
//
// Start with New, which parses the embedded templates once and checks the theme
// and the template override directory whole. A Renderer then has one method per
// page, and each takes one small struct: all that the page may show. The package
// knows nothing of requests and answers beyond the choice of a language; the
// caller sends status and headers, among them ContentSecurityPolicy, and serves
// Asset under {base}/assets/ with an immutable cache lifetime.
//
// Four things hold for every page:
//
//   - It works without JavaScript, but for security keys and passkeys, from 320 pixels of width, with a keyboard,
//     in light and dark, from left to right and from right to left.
//   - Nothing is inline, neither style nor script, and nothing comes from
//     elsewhere but the logo that the configuration names.
//   - All text from outside passes html/template, in places whose attribute
//     names are fixed in the template.
//   - Error codes select fixed sentences and are never printed themselves.
package pages
