// Package form turns the declaration of a sign-in form into everything that is
// needed to show it and to read it back: the attributes of each control, the
// same declaration as JSON for other front ends, and the strict parsing of what
// was submitted.
//
// Declare the fields in the order of the page, check them once with [Compile],
// show [Compiled.Inputs], read the answer with [Compiled.Parse]. What comes out
// is [Values]: the submitted values of declared fields and of nothing else,
// with secrets masked however they are printed.
//
// What is checked in the browser is checked here again, in the way HTML
// specifies it, whatever client sent the values: required, type, pattern,
// lengths in UTF-16 code units, ranges, options. Values are never trimmed,
// folded or decoded: a password reaches the connector byte for byte.
//
// Everything in this package is safe for concurrent use once compiled.
package form
