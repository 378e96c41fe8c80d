package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strconv"

	my "github.com/go-sql-driver/mysql"
)

// mysqlDatabase reads the address of a MySQL or MariaDB server.
func mysqlDatabase(a *address, t transport) (*database, error) {
	if socket := a.take("socket"); socket != "" {
		if a.host != "" || socket[0] != '/' {
			return nil, errors.New("the parameter socket is the path of a socket, and then there is no host")
		}
		a.host = socket
	}
	wish, err := mysqlTLS(a.take("tls"))
	if err != nil {
		return nil, err
	}
	collation := a.take("collation")
	if err := a.rest(); err != nil {
		return nil, err
	}
	a.host = or(a.host, "localhost")
	secure, err := t.encryption(a.host, wish)
	if err != nil {
		return nil, err
	}
	config := my.NewConfig()
	config.User, config.Passwd, config.DBName = a.user, a.password, a.database
	config.Collation = collation
	config.Net, config.Addr = "tcp", net.JoinHostPort(a.host, a.port)
	switch {
	case a.host[0] == '/':
		config.Net, config.Addr = "unix", a.host
	case a.port == "":
		config.Addr = net.JoinHostPort(a.host, "3306")
	}
	config.TLS = secure
	config.Timeout, config.DialFunc = connectTimeout, dialCapped
	config.Logger = &my.NopLogger{} // its errors are told by whoever asked
	connector, err := my.NewConnector(config)
	if err != nil {
		return nil, errors.New("can't be read") // the error may quote it
	}
	return &database{
		engine: mysql, where: "mysql://" + a.where("3306"),
		connector: func(o options) (driver.Connector, error) { return &mysqlSession{connector, config, o}, nil },
	}, nil
}

func mysqlTLS(value string) (wish string, err error) {
	switch value {
	case "":
		return "", nil
	case "false":
		return "off", nil
	case "true":
		return "on", nil
	case "skip-verify", "preferred":
		return "", fmt.Errorf("tls=%s does not find out who answers: use tls=true, with the CA file of your server", value)
	}
	return "", fmt.Errorf("tls can't be %.40q: use tls=true", value)
}

// mysqlSession has the server itself enforce what a connection may do.
type mysqlSession struct {
	driver.Connector
	config  *my.Config
	options options
}

// unknownVariable is MySQL's number for a setting that it does not have.
const unknownVariable = 1193

// Connect opens a connection and sets its limits. MariaDB and MySQL have a
// timeout each, under another name and in another unit.
func (s *mysqlSession) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	err = s.prepare(ctx, conn.(driver.ExecerContext)) // the driver's own kind: it always is one
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func (s *mysqlSession) prepare(ctx context.Context, conn driver.ExecerContext) error {
	if !s.options.write {
		if _, err := conn.ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY", nil); err != nil {
			return err
		}
	}
	if _, err := conn.ExecContext(ctx, "SET SESSION time_zone = '+00:00'", nil); err != nil {
		return err
	}
	seconds := strconv.FormatFloat(s.options.timeout.Seconds(), 'f', 3, 64)
	_, err := conn.ExecContext(ctx, "SET SESSION max_statement_time = "+seconds, nil)
	var answer *my.MySQLError
	if errors.As(err, &answer) && answer.Number == unknownVariable {
		ms := strconv.FormatInt(s.options.timeout.Milliseconds(), 10)
		_, err = conn.ExecContext(ctx, "SET SESSION max_execution_time = "+ms, nil)
	}
	return err
}
