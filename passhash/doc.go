// Package passhash verifies stored password hashes of other systems.
//
// Parse recognises a stored value of Apache's kind by a strict grammar and
// refuses what would cost too much, in time or memory, before any work is done
// for it. A Hash then says whether a password is the one, in the time that its
// family and cost take. Nothing falls through to a weaker reading: what is not
// recognised is an error, and so is what stands for a locked account.
//
// A System does the same for the record of a program such as Django or
// WordPress: it knows the families which that program ever wrote, the columns it
// spreads them over, and what its form does to a password before it is hashed,
// such as WordPress's slashes or phpBB's entities. SystemNamed finds it.
//
// In one point a named System departs from Parse: bcrypt reads 72 bytes of a
// password, and programs let in whoever gets these right. So does their System,
// unless Limits.WholePassword is set; a longer password would else be locked out.
// A password with a NUL never matches.
//
// Hashing burns a core for as long as it takes. A Pool bounds how many run at
// once and how much work may wait, so that a flood of sign-ins leaves room for
// everything else. Make writes a new hash.
package passhash
