package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"net/url"
	"strconv"
	"strings"

	lite "modernc.org/sqlite"
)

// sqliteDatabase reads what follows "sqlite:": the path of a file.
func sqliteDatabase(path string) (*database, error) {
	path = strings.TrimPrefix(path, "//")
	switch {
	case path == "" || path == ":memory:":
		return nil, errors.New("must name a file: sqlite:/var/lib/app/app.db")
	case strings.ContainsAny(path, "?\x00"):
		return nil, errors.New("takes no parameters: sqlite:/var/lib/app/app.db")
	case strings.HasPrefix(path, "file:"):
		return nil, errors.New("is the path of a file, not a URI: sqlite:/var/lib/app/app.db")
	}
	return &database{
		engine: sqlite, where: "sqlite:" + path,
		connector: func(o options) (driver.Connector, error) { return sqliteConnector(sqliteURI(path, o)), nil },
	}, nil
}

// sqliteURI opens a file that is there, and only reads it (sqlite.org/uri.html).
func sqliteURI(path string, o options) string {
	mode, readOnly := "ro", "1"
	if o.write {
		mode, readOnly = "rw", "0"
	}
	parameters := url.Values{"mode": {mode}, "_pragma": {
		"busy_timeout(" + strconv.FormatInt(o.timeout.Milliseconds(), 10) + ")",
		"query_only(" + readOnly + ")", "trusted_schema(0)",
	}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters.Encode()
}

// sqliteConnector opens connections to a URI.
type sqliteConnector string

func (c sqliteConnector) Driver() driver.Driver { return new(lite.Driver) }

func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	return new(lite.Driver).Open(string(c))
}
