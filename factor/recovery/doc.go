// Package recovery is the factor of last resort: codes on paper, each good once,
// for whoever has lost the other factors.
//
// A code has 80 random bits, so its hash needs no slow function; what is stored is
// a keyed hash of each that is left. Using one removes it, and the service stores
// that before it counts, so of many who submit the same code one gets in (REC-2).
package recovery
