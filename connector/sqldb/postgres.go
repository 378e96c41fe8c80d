package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// connectTimeout is how long a connection may take to come about, TLS and
// sign-in at the database included.
const connectTimeout = 5 * time.Second

// postgresDatabase reads the address of a PostgreSQL server.
func postgresDatabase(a *address, t transport) (*database, error) {
	if socket := a.take("host"); socket != "" {
		if a.host != "" || !strings.HasPrefix(socket, "/") {
			return nil, errors.New("the parameter host is for the folder of a socket alone")
		}
		a.host = socket
	}
	mode, err := postgresMode(a.take("default_query_exec_mode"))
	if err != nil {
		return nil, err
	}
	wish, err := postgresTLS(a.take("sslmode"))
	if err != nil {
		return nil, err
	}
	t.caFile = or(t.caFile, a.take("sslrootcert"))
	settings := postgresSettings(a)
	if err := a.rest(); err != nil {
		return nil, err
	}
	a.host = or(a.host, "localhost")
	secure, err := t.encryption(a.host, wish)
	if err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig(a.postgresURL())
	if err != nil {
		return nil, errors.New("can't be read") // the error may quote it
	}
	config.TLSConfig, config.Fallbacks, config.ValidateConnect = secure, nil, nil
	config.DefaultQueryExecMode = mode
	config.ConnectTimeout, config.DialFunc = connectTimeout, dialCapped
	return &database{
		engine: postgres, where: "postgres://" + a.where("5432"),
		connector: func(o options) (driver.Connector, error) {
			return &pgConnector{config: postgresSession(config, settings, o)}, nil
		},
	}, nil
}

// postgresSettings takes the settings of a session that an operator may choose.
func postgresSettings(a *address) map[string]string {
	settings := map[string]string{"application_name": "ostiary"}
	for _, name := range []string{"application_name", "search_path", "role"} {
		if value := a.take(name); value != "" {
			settings[name] = value
		}
	}
	return settings
}

// postgresURL is the address without anything that the environment or a
// parameter could change.
func (a *address) postgresURL() string {
	port := a.port
	if port == "" {
		port = "5432"
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(a.user, a.password), Path: "/" + a.database,
		RawQuery: url.Values{"sslmode": {"disable"}, "host": {a.host}, "port": {port}}.Encode(),
	}
	return u.String()
}

// where names a server and its database.
func (a *address) where(port string) string {
	if strings.HasPrefix(a.host, "/") {
		return a.host + "/" + a.database
	}
	if a.port != "" {
		port = a.port
	}
	return net.JoinHostPort(a.host, port) + "/" + a.database
}

// postgresSession has the server itself enforce what a connection may do.
func postgresSession(config *pgx.ConnConfig, settings map[string]string, o options) *pgx.ConnConfig {
	config = config.Copy()
	config.RuntimeParams = map[string]string{} // whatever the environment says
	for name, value := range settings {
		config.RuntimeParams[name] = value
	}
	ms := strconv.FormatInt(o.timeout.Milliseconds(), 10)
	config.RuntimeParams["statement_timeout"] = ms
	config.RuntimeParams["lock_timeout"] = ms
	config.RuntimeParams["timezone"] = "UTC"
	if !o.write {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	return config
}

// postgresMode reads how statements are sent. All of them keep values apart;
// some fit connection poolers in front of the server.
func postgresMode(name string) (pgx.QueryExecMode, error) {
	switch name {
	case "", "cache_statement":
		return pgx.QueryExecModeCacheStatement, nil
	case "cache_describe":
		return pgx.QueryExecModeCacheDescribe, nil
	case "describe_exec":
		return pgx.QueryExecModeDescribeExec, nil
	case "exec":
		return pgx.QueryExecModeExec, nil
	case "simple_protocol":
		return 0, errors.New("the parameter default_query_exec_mode=simple_protocol is refused: values are never written into the statement")
	}
	return 0, fmt.Errorf("the parameter default_query_exec_mode can't be %.40q", name)
}

func postgresTLS(mode string) (wish string, err error) {
	switch mode {
	case "":
		return "", nil
	case "disable":
		return "off", nil
	case "verify-full":
		return "on", nil
	case "allow", "prefer", "require", "verify-ca":
		return "", fmt.Errorf("sslmode=%s does not find out who answers: use verify-full, with the CA file of your server", mode)
	}
	return "", fmt.Errorf("sslmode can't be %.40q: use verify-full", mode)
}

// pgConnector opens connections through pgx itself: all values come as text,
// also those that Go has no value for, such as the end of time.
type pgConnector struct{ config *pgx.ConnConfig }

func (c *pgConnector) Driver() driver.Driver { return pgDriver{} }

func (c *pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, c.config)
	if err != nil {
		return nil, err
	}
	return &pgConn{conn}, nil
}
