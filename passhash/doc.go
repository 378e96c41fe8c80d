// Package passhash verifies stored password hashes of other systems.
//
// Parse recognises a stored value by a strict grammar and refuses what would
// cost too much before any work is done for it. A Hash then says whether a
// password is the one, in the time that its family and cost take. Nothing falls
// through to a weaker reading: what is not recognised is an error, and so is
// what stands for a locked account.
//
// Hashing burns a core for as long as it takes. A Pool bounds how many run at
// once and how much work may wait, so that a flood of sign-ins leaves room for
// everything else.
package passhash
