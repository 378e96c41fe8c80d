// Package sqlite keeps marks, ended sessions and second factors in one SQLite
// file: for services of one machine, in one process or in several.
//
// What was acknowledged survives the end of every process, and but for three things
// the loss of power (FAL-2, FAL-3): the file is in WAL mode with synchronous=FULL,
// and answers wait for the disk. Those that wait at the same time share one
// transaction. The three things are tries of budgets, sign-ins that have just
// begun, and changes that are fleeting, such as the use of a code of the time:
// without power the last of them are forgotten, and nobody waits for them.
// The file belongs on a local disk: network file systems know no
// locks that would do. Copy it with "VACUUM INTO" or with the service stopped,
// together with its -wal file.
package sqlite
