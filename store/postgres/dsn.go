package postgres

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	connectTimeout   = 3 * time.Second
	statementTimeout = "3000" // milliseconds
)

// settings reads a DSN into the settings of a pool.
func settings(dsn string, conns int) (*pgxpool.Config, error) {
	if dsn == "" {
		return nil, errors.New("DSN: is empty; for example postgres://ostiary:password@db.example.com/ostiary?sslmode=verify-full")
	}
	c, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// The error may quote it.
		return nil, errors.New("DSN: can't be read; it is like postgres://user:password@host/database?sslmode=verify-full")
	}
	if c.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol {
		return nil, errors.New("DSN: default_query_exec_mode=simple_protocol is refused: values are never written into the statement")
	}
	if err := secure(&c.ConnConfig.Config); err != nil {
		return nil, fmt.Errorf("DSN: %w", err)
	}
	c.ConnConfig.ConnectTimeout = connectTimeout
	for name, value := range map[string]string{
		"statement_timeout": statementTimeout, "lock_timeout": statementTimeout,
		"idle_in_transaction_session_timeout": statementTimeout,
		// Each statement of a transaction sees what was committed before it, not
		// before the wait for its lock.
		"default_transaction_isolation": "read committed",
		"default_transaction_read_only": "off",
	} {
		c.ConnConfig.RuntimeParams[name] = value
	}
	if c.ConnConfig.RuntimeParams["application_name"] == "" {
		c.ConnConfig.RuntimeParams["application_name"] = "ostiary"
	}
	c.MaxConns = int32(min(conns, 1000))
	return c, nil
}

// secure makes sure that the server at the other end of a network is the right
// one, whatever sslmode says (CON-3). All servers of a DSN are in the list of
// fallbacks, with TLS and without it.
func secure(c *pgconn.Config) error {
	all := append([]*pgconn.FallbackConfig{{Host: c.Host, Port: c.Port, TLSConfig: c.TLSConfig}}, c.Fallbacks...)
	var servers []*pgconn.FallbackConfig
	byName := map[string]*pgconn.FallbackConfig{}
	plain := map[string]bool{}
	for _, f := range all {
		name := f.Host + " " + strconv.Itoa(int(f.Port))
		plain[name] = plain[name] || f.TLSConfig == nil
		known := byName[name]
		switch {
		case known == nil:
			byName[name] = f
			servers = append(servers, f)
		case known.TLSConfig == nil:
			known.TLSConfig = f.TLSConfig
		}
	}
	for _, f := range servers {
		switch {
		case local(f.Host):
			if plain[f.Host+" "+strconv.Itoa(int(f.Port))] {
				f.TLSConfig = nil
			}
		case f.TLSConfig == nil:
			return fmt.Errorf("without TLS, anybody between here and %s writes answers: sslmode must be verify-full", f.Host)
		default:
			f.TLSConfig = &tls.Config{
				ServerName: f.Host, MinVersion: tls.VersionTLS12,
				RootCAs: f.TLSConfig.RootCAs, Certificates: f.TLSConfig.Certificates,
			}
		}
	}
	c.Host, c.Port, c.TLSConfig, c.Fallbacks = servers[0].Host, servers[0].Port, servers[0].TLSConfig, servers[1:]
	return nil
}

// local reports whether a host is this machine: a socket, or a loopback address.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || ip != nil && ip.IsLoopback()
}
