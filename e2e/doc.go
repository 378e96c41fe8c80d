// Package e2e drives a running service from outside: with the unmodified
// next-auth clients of both generations, in Node and in Chromium, and with a
// browser on the built-in pages. It has tests only. `make e2e` fetches what they
// need and runs them.
package e2e
