package sqldb

import "strings"

// engine is a kind of database server. Several are a set.
type engine uint8

const (
	postgres engine = 1 << iota
	mysql           // MySQL and MariaDB
	sqlite
	everyEngine = postgres | mysql | sqlite
)

var engineNames = map[engine]string{postgres: "PostgreSQL", mysql: "MySQL", sqlite: "SQLite"}

func (e engine) String() string {
	var names []string
	for _, one := range []engine{postgres, mysql, sqlite} {
		if e&one != 0 {
			names = append(names, engineNames[one])
		}
	}
	return strings.Join(names, ", ")
}
