package sqldb_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/sqldb"
	"github.com/ostiary/ostiary/form"
)

// The table of an existing system, with a query of one's own.
func Example() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	existingSystem(filepath.Join(folder, "app.db"))

	c, err := sqldb.New(sqldb.Config{
		DSN:     ostiary.NewSecret("sqlite:" + filepath.Join(folder, "app.db")),
		Query:   `SELECT id, login AS username, pw AS hash, enabled FROM people WHERE login = :username`,
		Columns: sqldb.Columns{Active: "enabled"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	fields, err := form.Compile(form.Form{{Name: "username", Label: "Username"}, {Name: "password", Label: "Password", Type: "password"}})
	if err != nil {
		log.Fatal(err)
	}
	for _, typed := range [][2]string{{"ada", "correct horse"}, {"ada", "wrong"}, {"ada' OR '1'='1", "correct horse"}} {
		values, err := fields.Parse(map[string][]string{"username": {typed[0]}, "password": {typed[1]}})
		if err != nil {
			log.Fatal(err)
		}
		user, err := c.Authorize(context.Background(), values, nil)
		fmt.Println(typed[0], user != nil, err)
	}
	// Output:
	// ada true <nil>
	// ada false <nil>
	// ada' OR '1'='1 false <nil>
}

// existingSystem makes a table with one user.
func existingSystem(file string) {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		`CREATE TABLE people (id integer PRIMARY KEY, login text, pw text, enabled integer)`,
		`INSERT INTO people VALUES (1, 'ada', '` + cheapHash + `', 1)`,
	} {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			log.Fatal(err)
		}
	}
}

func ExamplePresets() {
	fmt.Println(sqldb.Presets()[:3], len(sqldb.Presets()))
	// Output: [aspnet-identity auth-js better-auth] 19
}
