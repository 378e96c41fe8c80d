// Package sqlite keeps marks, ended sessions and second factors in one SQLite
// file: for services of one machine, in one process or in several.
//
// What was acknowledged survives a crash of the process, of the system and of the
// power supply (FAL-2, FAL-3): the file is in WAL mode with synchronous=FULL, and
// every answer waits for the disk. Those that wait at the same time share one
// transaction. The file belongs on a local disk: network file systems know no
// locks that would do. Copy it with "VACUUM INTO" or with the service stopped,
// together with its -wal file.
package sqlite
