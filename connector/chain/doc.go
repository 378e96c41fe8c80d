// Package chain asks several user systems behind one form, one after the other:
// for people who are moving from one to the next.
//
// The order is fixed. By default the first system has the only word; each link
// says when the next one is asked (CON-4):
//
//   - OnRefused: when this system refuses without a reason, as connectors do for
//     an unknown name and a wrong password alike. It then does so for a person who
//     is locked here, too: remove them from the systems behind, or have the
//     connector reveal the state, for a refusal with a code always ends the chain.
//   - OnUnavailable: when this system can't be asked. Whoever can bring it down then
//     chooses which of the systems decides. Between copies of one system that is
//     no matter; let no weaker one stand behind.
//
// A next step belongs to the system that asked for it, and so does its answer.
//
// The ids of different systems have nothing to do with each other: 42 here and 42
// there are two people. So the id of a user gets the name of the link in front,
// unless the link says that its ids are those of the realm.
package chain
