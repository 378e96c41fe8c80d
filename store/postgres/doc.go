// Package postgres keeps marks, ended sessions and second factors in a PostgreSQL
// database, shared by any number of replicas. It needs PostgreSQL 12 or newer and
// the right to make tables in one schema; their names begin with "ostiary_".
//
// Time is that of the database (THR-3), so that replicas with different clocks
// agree. Everything that must hold together is one transaction, sent in one
// piece; values never become part of a statement. A database that is slow or away
// makes calls fail within seconds, and they succeed again when it is back.
//
// A connection pooler between the two must be in session mode.
package postgres
