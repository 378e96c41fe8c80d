package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	my "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	lite "modernc.org/sqlite"
)

// fault is what an error of a driver means here.
type fault int

const (
	otherFault    fault = iota
	missingFault        // a table or column is not there
	deniedFault         // the user may not read it
	unlikelyFault       // no such row can be there: the value does not fit the column
	brokenFault         // the connection ended; another one may do
	signInFault         // the database refused its user
	absentFault         // there is no such database
	slowFault           // the server gave up after the statement timeout
	changeFault         // the statement would change something
)

// pgFaults are codes of PostgreSQL (its manual, appendix A).
var pgFaults = map[string]fault{
	"42P01": missingFault, "42703": missingFault, "3F000": missingFault,
	"42501": deniedFault,
	"22P02": unlikelyFault, "22003": unlikelyFault, "22P05": unlikelyFault, "22021": unlikelyFault,
	"57P01": brokenFault, "57P02": brokenFault, "57P03": brokenFault, "08006": brokenFault, "08003": brokenFault,
	"28P01": signInFault, "28000": signInFault,
	"3D000": absentFault,
	"57014": slowFault, "55P03": slowFault,
	"25006": changeFault,
}

// myFaults are numbers of MySQL and MariaDB.
var myFaults = map[uint16]fault{
	1146: missingFault, 1054: missingFault,
	1142: deniedFault, 1143: deniedFault,
	1267: unlikelyFault, 1366: unlikelyFault, 3854: unlikelyFault, 1977: unlikelyFault,
	1053: brokenFault, 1927: brokenFault, 1317: brokenFault, 1152: brokenFault,
	1045: signInFault, 1698: signInFault,
	1049: absentFault, 1044: absentFault,
	1969: slowFault, 3024: slowFault, 1205: slowFault,
	1792: changeFault,
}

func classify(err error) fault {
	var pg *pgconn.PgError
	var mine *my.MySQLError
	var small *lite.Error
	var network *net.OpError
	switch {
	case errors.As(err, &pg):
		return pgFaults[pg.Code]
	case errors.As(err, &mine):
		return myFaults[mine.Number]
	case errors.As(err, &small):
		return classifySQLite(small)
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, my.ErrInvalidConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &network):
		return brokenFault
	}
	return otherFault
}

// said reports whether an error is what the database answered.
func said(err error) bool {
	var pg *pgconn.PgError
	var mine *my.MySQLError
	var small *lite.Error
	return errors.As(err, &pg) || errors.As(err, &mine) || errors.As(err, &small)
}

// classifySQLite goes by the text where the codes of SQLite don't tell.
func classifySQLite(err *lite.Error) fault {
	const (
		busy, locked, readOnly, cantOpen, auth = 5, 6, 8, 14, 23
	)
	text := err.Error()
	switch err.Code() & 0xff {
	case busy, locked:
		return slowFault
	case readOnly:
		return changeFault
	case cantOpen:
		return absentFault
	case auth:
		return deniedFault
	}
	if strings.Contains(text, "no such table") || strings.Contains(text, "no such column") {
		return missingFault
	}
	return otherFault
}

// hints say how to mend what is wrong.
var hints = map[fault]string{
	missingFault: "a table or column is not there: is it the right preset, version, table prefix, database and search path?",
	deniedFault:  "the database user may not read it: give it SELECT on every table of the preset",
	signInFault:  "the database does not take this user and password",
	absentFault:  "there is no such database, or its user may not enter it, or the file can't be opened",
	slowFault:    "the server gave up: is there an index on the column that is searched, or is somebody holding a lock?",
	changeFault:  "the statement would change something, which only a rehash may",
}

// describe says what went wrong and how to mend it. Errors of the drivers name
// user and database, but neither password nor values.
func describe(ctx context.Context, err error) error {
	var pg *pgconn.PgError
	var mine *my.MySQLError
	hint := hints[classify(err)]
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("no answer in time: %w", ctx.Err())
	case errors.As(err, &pg):
		err = fmt.Errorf("%s (%s)", pg.Message, pg.Code)
	case errors.As(err, &mine):
		err = fmt.Errorf("%s (%d)", mine.Message, mine.Number)
	}
	if hint != "" {
		return fmt.Errorf("%w: %s", err, hint)
	}
	return err
}
