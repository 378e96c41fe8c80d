// Package htpasswd signs people in against a password file of the Apache HTTP
// server, as its program htpasswd writes it. What nginx reads besides, {SSHA} and
// {PLAIN}, is not accepted.
//
// The person's id and name are the name in the file, compared byte for byte: no
// letter case, no Unicode form and no blank is ever taken for another. Whoever is
// given the name of somebody who left is, to everything here, that person.
//
// At the start every line must be in order, and New names those that are not.
// Afterwards the file is looked at with a sign-in, at most once a second, and read
// anew when it changed:
//
//   - Whoever was added, removed or given another password, is so at once.
//   - A person whose new hash can't be used, or is locked with ! or *, can't sign
//     in; everybody else of the new file counts. The log says why.
//   - A file that is gone, unreadable, half written or no password file at all is
//     in the log, and the people of the last good one stay. So does whoever should
//     have been removed by it: mend it, or stop the service.
//   - An empty file counts when it is still empty a second later, for htpasswd
//     empties a file before it writes it anew.
//
// Links are followed, and what is checked is the file at their end, after it was
// opened. Whoever may write to its directory can put another one in its place.
package htpasswd
