// Package server turns a configuration file into a running sign-in service. It
// is the only package that knows every connector and every store.
//
// Start with Read, which reads a file and reports every fault in it at once,
// each with its line, its key and how to mend it. Config.Build makes the
// Service, and Serve runs it with the limits, the draining and the reloading
// that a server on the open network needs. Demo is all of it with a small user
// system of its own, for people who have just arrived.
//
// The keys of the file stand in one table, from which the reader, the JSON
// Schema (Schema) and the checks of the documentation (Keys) are made, so that
// the three can't drift apart.
package server
