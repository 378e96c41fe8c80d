package sqldb

import "github.com/ostiary/ostiary"

var gitea = preset{
	engines: everyEngine,
	logins: []login{
		{value: "username", column: "login", ask: lower, same: exact},
		{value: "email", column: "login_email", ask: lower, same: exact},
	},
	shapes: []shape{{
		from: `"{p}user" u`,
		id:   `u.id`,
		columns: map[string]string{
			"login": `u.lower_name`, "username": `u.name`, "name": `COALESCE(NULLIF(u.full_name, ''), u.name)`, "email": `u.email`,
			"login_email": `(SELECT MIN(e.lower_email) FROM "{p}email_address" e
				WHERE e.uid = u.id AND e.lower_email = :email AND e.is_activated)`,
			"passwd": `u.passwd`, "salt": `u.salt`, "passwd_hash_algo": `u.passwd_hash_algo`,
		},
		hash: "passwd",
		match: `u.lower_name = :username OR u.id IN (SELECT e.uid FROM "{p}email_address" e
			WHERE e.lower_email = :email AND e.is_activated)`,
		must: []must{
			{state: ostiary.Disabled, be: `u.type = 0 AND u.login_type <= 1`},
			{state: ostiary.Disabled, be: `u.is_active AND NOT u.prohibit_login`},
			{state: ostiary.MustChange, be: `NOT u.must_change_password`},
		},
		groups: []grouping{{query: `SELECT o.name, t.name FROM "{p}team_user" m JOIN "{p}team" t ON t.id = m.team_id
			JOIN "{p}user" o ON o.id = t.org_id WHERE m.uid = :id`}},
	}},
}

var keycloak = preset{
	engines: postgres | mysql,
	logins: []login{
		byUsername,
		byMail,
	},
	shapes: []shape{
		keycloakShape(keycloakTables{"user_entity", "realm", "credential", "user_required_action", "keycloak_group", "user_group_membership"}),
		keycloakShape(keycloakTables{"USER_ENTITY", "REALM", "CREDENTIAL", "USER_REQUIRED_ACTION", "KEYCLOAK_GROUP", "USER_GROUP_MEMBERSHIP"}),
	},
}

// keycloakTables are names of tables. MySQL on Linux tells small and capital
// letters apart, and Keycloak makes capital ones there.
type keycloakTables struct{ user, realm, credential, action, group, membership string }

func keycloakShape(t keycloakTables) shape {
	return shape{
		needs: `x.secret_data FROM "{p}` + t.credential + `" x`,
		from: `"{p}` + t.user + `" u JOIN "{p}` + t.realm + `" r ON r.id = u.realm_id
			JOIN "{p}` + t.credential + `" c ON c.user_id = u.id AND c.type = 'password'`,
		id: `u.id`,
		columns: map[string]string{
			"username": `u.username`, "email": `u.email`, "first": `u.first_name`, "last": `u.last_name`,
			"secret_data": `c.secret_data`, "credential_data": `c.credential_data`,
		},
		hash:  "secret_data",
		match: `u.username = :username OR u.email = :email`,
		only: `(r.name = :realm OR :norealm = '1' AND r.name <> 'master') AND NOT EXISTS (SELECT 1 FROM "{p}` + t.credential + `" d
			WHERE d.user_id = c.user_id AND d.type = 'password' AND d.priority < c.priority)`,
		must: []must{
			{state: ostiary.Disabled, be: `u.enabled AND r.enabled`},
			{state: ostiary.Disabled, be: `u.federation_link IS NULL AND u.service_account_client_link IS NULL`},
			{state: ostiary.MustChange, be: `NOT EXISTS (SELECT 1 FROM "{p}` + t.action + `" a
				WHERE a.user_id = u.id AND a.required_action = 'UPDATE_PASSWORD')`},
			{state: ostiary.Disabled, be: `NOT EXISTS (SELECT 1 FROM "{p}` + t.action + `" a WHERE a.user_id = u.id)`},
		},
		groups: []grouping{{query: `SELECT g.name FROM "{p}` + t.group + `" g
			JOIN "{p}` + t.membership + `" m ON m.group_id = g.id WHERE m.user_id = :id`}},
	}
}

// dovecot is the table that PostfixAdmin made usual; Dovecot has none.
var dovecot = preset{
	engines: everyEngine,
	logins:  []login{byUsername},
	shapes: []shape{{
		from: `"{p}mailbox" u JOIN "{p}domain" d ON d.domain = u.domain`,
		id:   `u.username`,
		columns: map[string]string{
			"username": `u.username`, "email": `u.username`, "name": `u.name`, "hash": `u.password`,
		},
		hash:  "hash",
		match: `u.username = :username`,
		must:  []must{{state: ostiary.Disabled, be: `u.active AND d.active`}},
	}},
}
