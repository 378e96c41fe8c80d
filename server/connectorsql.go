package server

import (
	"net/url"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/sqldb"
	"github.com/ostiary/ostiary/passhash"
)

// sqlSettings are the keys of connector.sql.
type sqlSettings struct {
	config   sqldb.Config
	dsn      secret
	pepper   secret
	peppers  []secret
	siteSalt secret
}

func sqlKeys() kind[sqlSettings] {
	type config = sqlSettings
	return mapping(
		key("dsn", dsn(), func(c *config) *secret { return &c.dsn }, "",
			"The database: postgres://user:password@host/name, mysql://… or sqlite:/path/to/file.").required(),
		key("preset", text(64), func(c *config) *string { return &c.config.Preset }, "none",
			"The system whose tables these are, such as django or wordpress; or else query and columns."),
		key("table_prefix", text(64), func(c *config) *string { return &c.config.TablePrefix }, "that of the preset",
			"What the names of a preset's tables begin with; \"-\" for nothing."),
		key("keycloak_realm", text(255), func(c *config) *string { return &c.config.Realm }, "any but master",
			"The realm of Keycloak whose users sign in, by its name."),
		key("query", text(8000), func(c *config) *string { return &c.config.Query }, "that of the preset",
			"One SELECT that finds a person by :username; the password has no place in it."),
		key("columns", columnKeys(), func(c *config) *sqldb.Columns { return &c.config.Columns }, "",
			"What is what in the row of query."),
		key("groups_query", text(8000), func(c *config) *string { return &c.config.GroupsQuery }, "that of the preset",
			"Finds the groups of :id, a row each."),
		key("lookup_query", text(8000), func(c *config) *string { return &c.config.LookupQuery }, "that of the preset",
			"Finds a person by :id, with the columns of query, for session.recheck."),
		key("hash_system", text(64), func(c *config) *string { return &c.config.HashSystem }, "by the look of the hash",
			"The system whose way of storing passwords the table of query has."),
		key("rehash", text(8000), func(c *config) *string { return &c.config.Rehash }, "nothing is written",
			"The consent to write: an UPDATE that sets :hash where the id is :id and the hash still :old, run after a sign-in with a weak one."),
		key("pepper", hiddenText(), func(c *config) *secret { return &c.pepper }, "none",
			"The site's own secret in its hashes: Devise's pepper, the newest of Moodle's passwordpeppers, Spring's secret."),
		key("old_peppers", listOf(hiddenText()), func(c *config) *[]secret { return &c.peppers }, "none",
			"The other passwordpeppers of Moodle."),
		key("site_salt", hiddenText(), func(c *config) *secret { return &c.siteSalt }, "none",
			"Moodle's passwordsaltmain or Nextcloud's passwordsalt, for hashes of old versions."),
		key("default_scheme", text(64), func(c *config) *string { return &c.config.DefaultScheme }, "that of the system",
			"The scheme of hashes that name none: Dovecot's default_pass_scheme, or devise-encryptable's encryptor."),
		key("stretches", whole(1, 1_000_000, "rounds"), func(c *config) *int { return &c.config.Stretches }, "10",
			"The rounds of devise-encryptable."),
		key("limits", hashLimitKeys(), func(c *config) *passhash.Limits { return &c.config.Limits }, "",
			"What a stored hash may cost, and which kinds count."),
		key("reveal", revealed(), func(c *config) *ostiary.Reveal { return &c.config.Reveal }, "nothing",
			"States that a person may learn of: locked, disabled, expired, must_change. Otherwise all look like a wrong password."),
		key("max_connections", whole(1, 1000, "connections"), func(c *config) *int { return &c.config.MaxConns }, "16",
			"How many connections to the database there may be at once."),
		key("statement_timeout", duration(10*time.Millisecond, 20*time.Second), func(c *config) *time.Duration { return &c.config.StatementTimeout }, "5s",
			"How long a statement may take; the server is told, too."),
		key("ca_file", text(1000), func(c *config) *string { return &c.config.CAFile }, "those of the system",
			"The certificates, in PEM, that may vouch for the server."),
		key("insecure_transport", boolean(), func(c *config) *bool { return &c.config.InsecureTransport }, "false",
			"Permits a connection without TLS to another machine: anybody on the way can then read the hashes, and answer in the server's place."),
		key("username_field", text(64), func(c *config) *string { return &c.config.UsernameField }, "username",
			"The field of the form with the name."),
		key("password_field", text(64), func(c *config) *string { return &c.config.PasswordField }, "password",
			"The field of the form with the password."),
	)
}

func columnKeys() kind[sqldb.Columns] {
	type config = sqldb.Columns
	column := func(name string, into func(*config) *string, def, doc string) member[config] {
		return key(name, text(128), into, def, doc)
	}
	return mapping(
		column("id", func(c *config) *string { return &c.ID }, "id", "The immutable id."),
		column("hash", func(c *config) *string { return &c.Hash }, "hash", "The stored password."),
		column("salt", func(c *config) *string { return &c.Salt }, "as the system has it", "The salt, where it has a column of its own."),
		column("algorithm", func(c *config) *string { return &c.Algorithm }, "as the system has it", "The algorithm, where it has a column of its own."),
		column("username", func(c *config) *string { return &c.Username }, "username", "The login name, which must be what was typed."),
		column("name", func(c *config) *string { return &c.Name }, "name", "The name for showing."),
		column("email", func(c *config) *string { return &c.Email }, "email", "The e-mail address; what was typed may also be this."),
		column("image", func(c *config) *string { return &c.Image }, "image", "The address of a picture."),
		column("active", func(c *config) *string { return &c.Active }, "none", "True, or a number other than 0, for who may sign in."),
		column("locked", func(c *config) *string { return &c.Locked }, "none", "NULL, false, 0, empty or a time that has passed for who may sign in."),
	)
}

// hashLimitKeys bound the hashes of a table.
func hashLimitKeys() kind[passhash.Limits] {
	type config = passhash.Limits
	return mapping(
		key("bcrypt_cost", whole(4, 31, ""), func(c *config) *int { return &c.BcryptCost }, "15",
			"The greatest cost of bcrypt; each more doubles the time."),
		key("crypt_rounds", whole(1000, 999_999_999, "rounds"), func(c *config) *int { return &c.CryptRounds }, "1000000",
			"The most rounds of SHA-crypt."),
		key("time", duration(time.Millisecond, 20*time.Second), func(c *config) *time.Duration { return &c.Time }, "2s",
			"The most time that a hash of any other family may take, as estimated from its parameters."),
		key("memory", whole[int64](1<<20, 4<<30, "bytes"), func(c *config) *int64 { return &c.Memory }, "268435456",
			"The most memory that a hash may take, in bytes."),
		key("whole_password", boolean(), func(c *config) *bool { return &c.WholePassword }, "false",
			"Refuses passwords that bcrypt would cut off, after 72 bytes, also where the preset's system lets them in."),
		key("allow_md5_and_sha1", boolean(), func(c *config) *bool { return &c.AllowMD5AndSHA1 }, "false",
			"Also accepts hashes that whoever gets the table can try at millions to billions a second."),
		key("allow_des", boolean(), func(c *config) *bool { return &c.AllowDES }, "false",
			"Also accepts the DES of crypt(3), which reads eight characters of a password."),
		key("allow_plain_text", boolean(), func(c *config) *bool { return &c.AllowPlainText }, "false",
			"Also accepts stored passwords."),
	)
}

// revealed reads states of accounts.
func revealed() kind[ostiary.Reveal] {
	states := listOf(oneState())
	return kind[ostiary.Reveal]{
		read:   func(r *reader, at place, to *ostiary.Reveal) { states.read(r, at, (*[]ostiary.State)(to)) },
		schema: states.schema,
	}
}

func oneState() kind[ostiary.State] {
	return choice(map[string]ostiary.State{
		string(ostiary.Locked): ostiary.Locked, string(ostiary.Disabled): ostiary.Disabled,
		string(ostiary.Expired): ostiary.Expired, string(ostiary.MustChange): ostiary.MustChange,
	})
}

// dsn reads the address of a database: a secret when there is a password in it.
func dsn() kind[secret] {
	return hidden(func(text string) bool {
		u, err := url.Parse(text)
		if err != nil {
			return true
		}
		_, password := u.User.Password()
		return password
	})
}

func (s *sqlSettings) keyOf(word string) string {
	switch word {
	case "MaxConns":
		return "max_connections"
	case "DSN":
		return "dsn"
	case "Realm":
		return "keycloak_realm"
	}
	return keyOfField(sqlKeys(), word)
}

func (s *sqlSettings) looksUp() bool { return s.config.Preset != "" || s.config.LookupQuery != "" }

func (s *sqlSettings) asks() []asked {
	return nameAndPassword(s.config.UsernameField, s.config.PasswordField)
}

func (s *sqlSettings) connect(w wiring) (connected, error) {
	config := s.config
	config.DSN, config.Logger, config.Pool = ostiary.NewSecret(inFolder(s.dsn.text, w)), w.logger, w.pool()
	config.Pepper, config.SiteSalt = passhash.Pepper(s.pepper.text), passhash.Pepper(s.siteSalt.text)
	for _, old := range s.peppers {
		config.OldPeppers = append(config.OldPeppers, passhash.Pepper(old.text))
	}
	if config.CAFile != "" {
		config.CAFile = w.path(config.CAFile)
	}
	connector, err := sqldb.New(config)
	if err != nil {
		return connected{}, err
	}
	made := asConnected(connector)
	if connector.CanLookup() {
		made.lookup = connector.Lookup
	}
	return made, nil
}

// inFolder makes the file of SQLite count from the folder of the configuration.
func inFolder(dsn string, w wiring) string {
	file, ok := strings.CutPrefix(dsn, "sqlite:")
	if !ok || file == "" || strings.HasPrefix(file, "/") || strings.HasPrefix(file, ":") {
		return dsn
	}
	return "sqlite:" + w.path(file)
}
