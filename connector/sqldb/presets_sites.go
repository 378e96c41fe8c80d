package sqldb

import "github.com/ostiary/ostiary"

var wordpress = preset{
	engines: mysql | sqlite,
	prefix:  "wp_",
	logins: []login{
		{value: "username", column: "username", ask: trimmed, same: lower},
		byEmail,
	},
	shapes: []shape{{
		from: `"{p}users" u`,
		id:   `u."ID"`,
		columns: map[string]string{
			"username": `u.user_login`, "email": `u.user_email`, "name": `u.display_name`, "hash": `u.user_pass`,
		},
		hash:  "hash",
		match: `u.user_login = :username OR u.user_email = :email`,
		must: []must{ // the columns of a network of sites
			{state: ostiary.Disabled, be: `u.spam = 0`, where: `x.spam FROM "{p}users" x`},
			{state: ostiary.Disabled, be: `u.deleted = 0`, where: `x.deleted FROM "{p}users" x`},
		},
		groups: []grouping{{
			query: `SELECT m.meta_value FROM "{p}usermeta" m WHERE m.user_id = :id AND m.meta_key = '{p}capabilities'`,
			form:  phpGroups,
		}},
	}},
}

var mediawiki = preset{
	engines: everyEngine,
	logins:  []login{{value: "username", column: "username", ask: wikiName, same: exact}},
	shapes: []shape{{
		from: `"{p}user" u`,
		id:   `u.user_id`,
		columns: map[string]string{
			"username": `u.user_name`, "email": `u.user_email`, "name": `u.user_real_name`, "hash": `u.user_password`,
		},
		hash:  "hash",
		match: `u.user_name = :username`,
		must: []must{
			{state: ostiary.MustChange, be: `u.user_password_expires IS NULL OR u.user_password_expires > {wikinow}`},
		},
		groups: []grouping{{query: `SELECT m.ug_group FROM "{p}user_groups" m
			WHERE m.ug_user = :id AND (m.ug_expiry IS NULL OR m.ug_expiry > {wikinow})`}},
	}},
}

var phpbb = preset{
	engines: everyEngine,
	prefix:  "phpbb_",
	logins:  []login{{value: "username", column: "clean", ask: cleanName, same: exact}},
	shapes: []shape{{
		from: `"{p}users" u`,
		id:   `u.user_id`,
		columns: map[string]string{
			"clean": `u.username_clean`, "username": `u.username`, "name": `u.username`, "email": `u.user_email`, "hash": `u.user_password`,
		},
		hash:  "hash",
		match: `u.username_clean = :username`,
		must: []must{
			{state: ostiary.Disabled, be: `u.user_type IN (0, 3)`},
			{state: ostiary.Locked, be: `NOT EXISTS (SELECT 1 FROM "{p}banlist" b WHERE b.ban_userid = u.user_id
				AND b.ban_exclude = 0 AND (b.ban_end = 0 OR b.ban_end > {unixnow}))`},
		},
		groups: []grouping{{query: `SELECT g.group_name FROM "{p}groups" g
			JOIN "{p}user_group" m ON m.group_id = g.group_id WHERE m.user_id = :id AND m.user_pending = 0`}},
	}},
}

// drupalLogin: Drupal compares names without regard to letter case.
var drupalLogin = login{value: "username", column: "username", ask: lower, same: lower}

var drupal = preset{
	engines: everyEngine,
	logins:  []login{drupalLogin},
	shapes: []shape{
		{ // since 8
			needs: `x.pass FROM "{p}users_field_data" x`,
			from:  `"{p}users_field_data" u`,
			id:    `u.uid`,
			columns: map[string]string{
				"username": `u.name`, "name": `u.name`, "email": `u.mail`, "hash": `u.pass`,
			},
			hash:  "hash",
			match: `{lower}(u.name) = :username`,
			only:  `u.uid > 0 AND u.default_langcode = 1`,
			must:  []must{{state: ostiary.Disabled, be: `u.status = 1`}},
			groups: []grouping{{query: `SELECT m.roles_target_id FROM "{p}user__roles" m
				WHERE m.entity_id = :id AND m.deleted = 0`}},
		},
		{ // 7
			needs: `x.pass FROM "{p}users" x`,
			from:  `"{p}users" u`,
			id:    `u.uid`,
			columns: map[string]string{
				"username": `u.name`, "name": `u.name`, "email": `u.mail`, "hash": `u.pass`,
			},
			hash:  "hash",
			match: `{lower}(u.name) = :username`,
			only:  `u.uid > 0`,
			must:  []must{{state: ostiary.Disabled, be: `u.status = 1`}},
			groups: []grouping{{query: `SELECT r.name FROM "{p}role" r
				JOIN "{p}users_roles" m ON m.rid = r.rid WHERE m.uid = :id`}},
		},
	},
}

var moodle = preset{
	engines: postgres | mysql,
	prefix:  "mdl_",
	logins:  []login{byUsername},
	shapes: []shape{{
		from: `"{p}user" u`,
		id:   `u.id`,
		columns: map[string]string{
			"username": `u.username`, "email": `u.email`, "first": `u.firstname`, "last": `u.lastname`, "hash": `u.password`,
		},
		hash:  "hash",
		match: `u.username = :username`,
		only:  `u.mnethostid = 1`,
		must: []must{
			{state: ostiary.Disabled, be: `u.deleted = 0 AND u.suspended = 0 AND u.confirmed = 1`},
			{state: ostiary.Disabled, be: `u.auth IN ('manual', 'email') AND u.username <> 'guest'`},
		},
		groups: []grouping{{query: `SELECT c.name FROM "{p}cohort" c
			JOIN "{p}cohort_members" m ON m.cohortid = c.id WHERE m.userid = :id`}},
	}},
}

var nextcloud = preset{
	engines: everyEngine,
	prefix:  "oc_",
	logins: []login{
		{value: "username", column: "login", ask: lower, same: exact},
		byMail,
	},
	shapes: []shape{{
		from: `"{p}users" u`,
		id:   `u.uid`,
		columns: map[string]string{
			"login": `u.uid_lower`, "username": `u.uid`, "name": `COALESCE(NULLIF(u.displayname, ''), u.uid)`, "hash": `u.password`,
			"email": `(SELECT p.configvalue FROM "{p}preferences" p
				WHERE p.userid = u.uid AND p.appid = 'settings' AND p.configkey = 'email')`,
		},
		hash: "hash",
		match: `u.uid_lower = :username OR u.uid IN (SELECT MIN(p.userid) FROM "{p}preferences" p
			WHERE p.appid = 'settings' AND p.configkey = 'email' AND lower(p.configvalue) = :email HAVING COUNT(*) = 1)`,
		must: []must{{state: ostiary.Disabled, be: `NOT EXISTS (SELECT 1 FROM "{p}preferences" p WHERE p.userid = u.uid
			AND p.appid = 'core' AND p.configkey = 'enabled' AND CAST(p.configvalue AS {text}) = 'false')`}},
		groups: []grouping{{query: `SELECT m.gid FROM "{p}group_user" m WHERE m.uid = :id`}},
	}},
}

var discourse = preset{
	engines: postgres,
	logins: []login{
		byUsernameLower,
		{value: "email", column: "login_email", ask: lower, same: lower},
	},
	shapes: []shape{
		discourseShape(`x.password_hash FROM "{p}user_passwords" x`,
			`"{p}users" u LEFT JOIN "{p}user_passwords" s ON s.user_id = u.id`,
			map[string]string{"password_hash": `s.password_hash`, "password_salt": `s.password_salt`, "password_algorithm": `s.password_algorithm`},
			must{state: ostiary.MustChange, be: `s.password_expired_at IS NULL`}),
		discourseShape(`x.password_hash FROM "{p}users" x`, `"{p}users" u`,
			map[string]string{"password_hash": `u.password_hash`, "password_salt": `u.salt`, "password_algorithm": `u.password_algorithm`}),
	},
}

var byUsernameLower = login{value: "username", column: "login", ask: lower, same: exact}

// discourseShape is the layout since 2024 or the one before, which differ in
// where the hash is.
func discourseShape(needs, from string, hash map[string]string, further ...must) shape {
	s := shape{
		needs: needs, from: from, id: `u.id`, hash: "password_hash",
		columns: map[string]string{
			"login": `u.username_lower`, "username": `u.username`, "name": `u.name`,
			"email":       `(SELECT MIN(e.email) FROM "{p}user_emails" e WHERE e.user_id = u.id AND e."primary")`,
			"login_email": `(SELECT MIN(e.email) FROM "{p}user_emails" e WHERE e.user_id = u.id AND lower(e.email) = :email)`,
		},
		match: `u.username_lower = :username OR u.id IN (SELECT e.user_id FROM "{p}user_emails" e WHERE lower(e.email) = :email)`,
		only:  `u.id > 0`,
		must: append([]must{
			{state: ostiary.Disabled, be: `u.active AND NOT u.staged`},
			{state: ostiary.Locked, be: `u.suspended_till IS NULL OR u.suspended_till < {utcnow}`},
		}, further...),
		groups: []grouping{{query: `SELECT g.name FROM "{p}groups" g
			JOIN "{p}group_users" m ON m.group_id = g.id WHERE m.user_id = :id`}},
	}
	for name, column := range hash {
		s.columns[name] = column
	}
	return s
}

var ghost = preset{
	engines: mysql | sqlite,
	logins:  []login{byEmail},
	shapes: []shape{{
		from:    `"{p}users" u`,
		id:      `u.id`,
		columns: map[string]string{"email": `u.email`, "name": `u.name`, "hash": `u.password`},
		hash:    "hash",
		match:   `u.email = :email`,
		must: []must{
			{state: ostiary.Locked, be: `u.status <> 'locked'`},
			{state: ostiary.Disabled, be: `u.status IN ('active', 'warn-1', 'warn-2', 'warn-3', 'warn-4')`},
		},
		groups: []grouping{{query: `SELECT r.name FROM "{p}roles" r
			JOIN "{p}roles_users" m ON m.role_id = r.id WHERE m.user_id = :id`}},
	}},
}
