package sqldb_test

import (
	"fmt"
	"strings"

	"github.com/ostiary/ostiary"
)

func ada(n int) string  { return fmt.Sprintf("ada%d", n) }
func mail(n int) string { return ada(n) + "@example.com" }

func byName(n int) []string   { return []string{ada(n)} }
func byMail(n int) []string   { return []string{mail(n), strings.ToUpper(mail(n)), " " + mail(n) + " "} }
func asStored(n int) []string { return []string{mail(n), " " + mail(n) + " "} }

// presetCases are all presets, and the older layouts of some.
var presetCases = []presetCase{
	{
		preset: "django", file: "django", engines: engines, logins: byName,
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
				VALUES (?, false, ?, 'Ada', 'Lovelace', ?, false, true, '2020-01-01 00:00:00')`, orEmpty(v), ada(n), mail(n))}
		},
		member: []string{
			`INSERT INTO auth_group (name) VALUES ('staff')`, `INSERT INTO auth_group (name) VALUES ('no')`,
			`INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 1)`,
		},
		states: []state{{"not active", `UPDATE auth_user SET is_active = false WHERE id = ?`, ostiary.Disabled}},
		user:   ostiary.User{ID: "1", Name: "Ada Lovelace", Email: mail(0), Groups: []string{"staff"}},
	},
	{
		preset: "wordpress", file: "wordpress", engines: []string{"mysql", "sqlite"},
		logins: func(n int) []string { return []string{ada(n), mail(n), " " + ada(n)} },
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO wp_users (user_login, user_pass, user_email, user_registered, display_name)
				VALUES (?, ?, ?, '2020-01-01 00:00:00', 'Ada Lovelace')`, ada(n), v.stored(), mail(n))}
		},
		member: []string{`INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (1, 'wp_capabilities', 'a:2:{s:6:{quote}editor{quote};b:1;s:13:{quote}administrator{quote};b:0;}')`},
		states: []state{
			{"spam", `UPDATE wp_users SET spam = 1 WHERE "ID" = ?`, ostiary.Disabled},
			{"deleted", `UPDATE wp_users SET deleted = 1 WHERE "ID" = ?`, ostiary.Disabled},
			{"the historical status", `UPDATE wp_users SET user_status = 1 WHERE "ID" = ?`, ""},
		},
		user: ostiary.User{ID: "1", Name: "Ada Lovelace", Email: mail(0), Groups: []string{"editor"}},
	},
	{
		preset: "laravel", file: "laravel", engines: engines, logins: asStored,
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO users (name, email, password) VALUES ('Ada Lovelace', ?, ?)`, mail(n), v.stored())}
		},
		member: []string{
			`INSERT INTO roles (name, guard_name) VALUES ('writer', 'web')`,
			`INSERT INTO model_has_roles (role_id, model_type, model_id) VALUES (1, REPLACE('App/Models/User', '/', {backslash}), 1)`,
		},
		states: []state{{"deleted", `UPDATE users SET deleted_at = '2020-01-01 00:00:00' WHERE id = ?`, ostiary.Disabled}},
		user:   ostiary.User{ID: "1", Name: "Ada Lovelace", Email: mail(0), Groups: []string{"writer"}},
	},
	{
		preset: "devise", file: "rails-devise", engines: engines, logins: byMail,
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO users (email, encrypted_password, password_salt, confirmed_at) VALUES (?, ?, ?, '2020-01-01 00:00:00')`,
				mail(n), v.stored(), v.column("password_salt"))}
		},
		states: []state{
			{"not confirmed", `UPDATE users SET confirmed_at = NULL WHERE id = ?`, ostiary.Disabled},
			{"locked", `UPDATE users SET locked_at = '2020-01-01 00:00:00' WHERE id = ?`, ostiary.Locked},
		},
		user: ostiary.User{ID: "1", Email: mail(0)},
	},
	{
		preset: "spring-security", file: "spring-security", engines: engines, logins: byName, key: ada,
		insert: func(n int, v *vector) []command {
			return []command{
				sqlOf(`INSERT INTO users (username, password, enabled) VALUES (?, ?, true)`, ada(n), v.stored()),
				sqlOf(`INSERT INTO authorities (username, authority) VALUES (?, 'ROLE_USER')`, ada(n)),
			}
		},
		states: []state{
			{"not enabled", `UPDATE users SET enabled = false WHERE username = ?`, ostiary.Disabled},
			{"no authority", `DELETE FROM authorities WHERE username = ?`, ostiary.Disabled},
		},
		user: ostiary.User{ID: "ada0", Name: "ada0", Groups: []string{"ROLE_USER"}},
	},
	{
		preset: "aspnet-identity", file: "aspnet-identity", engines: engines, key: func(n int) string { return "id-" + ada(n) },
		logins: func(n int) []string { return []string{ada(n), strings.ToUpper(ada(n)), "aDA" + ada(n)[3:]} },
		filter: func(v *vector) bool { return len(v.Columns) == 0 },
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO "AspNetUsers" ("Id", "UserName", "NormalizedUserName", "Email", "EmailConfirmed", "PasswordHash", "PhoneNumberConfirmed",
				"TwoFactorEnabled", "LockoutEnabled", "AccessFailedCount") VALUES (?, ?, ?, ?, false, ?, false, false, true, 0)`,
				"id-"+ada(n), ada(n), strings.ToUpper(ada(n)), mail(n), v.stored())}
		},
		member: []string{`INSERT INTO "AspNetRoles" ("Id", "Name") VALUES ('r1', 'Admin')`, `INSERT INTO "AspNetUserRoles" ("UserId", "RoleId") VALUES ('id-ada0', 'r1')`},
		states: []state{
			{"locked out", `UPDATE "AspNetUsers" SET "LockoutEnd" = '2999-01-02 03:04:05' WHERE "Id" = ?`, ostiary.Locked},
			{"locked out before", `UPDATE "AspNetUsers" SET "LockoutEnd" = '2020-01-02 03:04:05' WHERE "Id" = ?`, ""},
			{"not to be locked out", `UPDATE "AspNetUsers" SET "LockoutEnd" = '2999-01-02 03:04:05', "LockoutEnabled" = false WHERE "Id" = ?`, ""},
		},
		user: ostiary.User{ID: "id-ada0", Name: "ada0", Email: mail(0), Groups: []string{"Admin"}},
	},
	{
		preset: "mediawiki", file: "mediawiki", engines: engines,
		logins: func(n int) []string {
			return []string{fmt.Sprintf("Ada L %d", n), fmt.Sprintf("ada_L_%d", n), fmt.Sprintf(" ada  L %d_", n)}
		},
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO "user" (user_name, user_real_name, user_password, user_newpassword, user_email) VALUES (?, 'Ada Lovelace', ?, '', ?)`,
				fmt.Sprintf("Ada L %d", n), v.stored(), mail(n))}
		},
		member: []string{
			`INSERT INTO user_groups VALUES (1, 'sysop', NULL)`, `INSERT INTO user_groups VALUES (1, 'former', '20200101000000')`,
			`INSERT INTO user_groups VALUES (1, 'future', '29990101000000')`,
		},
		states: []state{
			{"password expired", `UPDATE "user" SET user_password_expires = '20200101000000' WHERE user_id = ?`, ostiary.MustChange},
			{"password expires", `UPDATE "user" SET user_password_expires = '29990101000000' WHERE user_id = ?`, ""},
		},
		user: ostiary.User{ID: "1", Name: "Ada Lovelace", Email: mail(0), Groups: []string{"future", "sysop"}},
	},
	{
		preset: "phpbb", file: "phpbb", engines: engines, logins: func(n int) []string { return []string{ada(n), strings.ToUpper(ada(n)), "ａDA" + ada(n)[3:] + " "} },
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO phpbb_users (username, username_clean, user_password, user_email) VALUES (?, ?, ?, ?)`,
				"Ada"+ada(n)[3:], ada(n), v.stored(), mail(n))}
		},
		member: []string{
			`INSERT INTO phpbb_groups (group_name) VALUES ('REGISTERED')`, `INSERT INTO phpbb_groups (group_name) VALUES ('PENDING')`,
			`INSERT INTO phpbb_user_group VALUES (1, 1, 0)`, `INSERT INTO phpbb_user_group VALUES (2, 1, 1)`,
		},
		states: []state{
			{"inactive", `UPDATE phpbb_users SET user_type = 1 WHERE user_id = ?`, ostiary.Disabled},
			{"a bot", `UPDATE phpbb_users SET user_type = 2 WHERE user_id = ?`, ostiary.Disabled},
			{"a founder", `UPDATE phpbb_users SET user_type = 3 WHERE user_id = ?`, ""},
			{"banned for ever", `INSERT INTO phpbb_banlist (ban_userid) VALUES (?)`, ostiary.Locked},
			{"banned for long", `INSERT INTO phpbb_banlist (ban_userid, ban_end) VALUES (?, 2147483647)`, ostiary.Locked},
			{"banned before", `INSERT INTO phpbb_banlist (ban_userid, ban_end) VALUES (?, 1000000000)`, ""},
			{"exempt from bans", `INSERT INTO phpbb_banlist (ban_userid, ban_exclude) VALUES (?, 1)`, ""},
		},
		user: ostiary.User{ID: "1", Name: "Ada0", Email: mail(0), Groups: []string{"REGISTERED"}},
	},
	{
		preset: "drupal", file: "drupal", engines: engines, logins: func(n int) []string { return []string{ada(n), strings.ToUpper(ada(n))} },
		insert: func(n int, v *vector) []command {
			return []command{
				sqlOf(`INSERT INTO users_field_data (uid, langcode, name, pass, mail, status, default_langcode) VALUES (?, 'en', ?, ?, ?, 1, 1)`, n+1, ada(n), v.stored(), mail(n)),
				sqlOf(`INSERT INTO users_field_data (uid, langcode, name, pass, mail, status, default_langcode) VALUES (?, 'de', ?, ?, ?, 1, 0)`, n+1, ada(n), v.stored(), mail(n)),
			}
		},
		member: []string{
			`INSERT INTO user__roles (entity_id, revision_id, delta, roles_target_id) VALUES (1, 1, 0, 'editor')`,
			`INSERT INTO user__roles (entity_id, revision_id, delta, roles_target_id, deleted) VALUES (1, 1, 1, 'gone', 1)`,
		},
		states: []state{
			{"blocked", `UPDATE users_field_data SET status = 0 WHERE uid = ?`, ostiary.Disabled},
			{"no status", `UPDATE users_field_data SET status = NULL WHERE uid = ?`, ostiary.Disabled},
		},
		user: ostiary.User{ID: "1", Name: "ada0", Email: mail(0), Groups: []string{"editor"}},
	},
	{
		preset: "drupal", schemas: "drupal7", file: "drupal", engines: engines, logins: byName,
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO users (uid, name, pass, mail, status) VALUES (?, ?, ?, ?, 1)`, n+1, ada(n), orEmpty(v), mail(n))}
		},
		member: []string{`INSERT INTO role (name) VALUES ('editor')`, `INSERT INTO users_roles VALUES (1, 1)`},
		states: []state{{"blocked", `UPDATE users SET status = 0 WHERE uid = ?`, ostiary.Disabled}},
		user:   ostiary.User{ID: "1", Name: "ada0", Email: mail(0), Groups: []string{"editor"}},
	},
	{
		preset: "moodle", file: "moodle", engines: []string{"postgres", "mysql"}, logins: func(n int) []string { return []string{ada(n), strings.ToUpper(ada(n))} },
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO mdl_user (confirmed, mnethostid, username, password, firstname, lastname, email) VALUES (1, 1, ?, ?, 'Ada', 'Lovelace', ?)`,
				ada(n), v.stored(), mail(n))}
		},
		member: []string{`INSERT INTO mdl_cohort (name) VALUES ('year 1')`, `INSERT INTO mdl_cohort_members (cohortid, userid) VALUES (1, 1)`},
		states: []state{
			{"deleted", `UPDATE mdl_user SET deleted = 1 WHERE id = ?`, ostiary.Disabled},
			{"suspended", `UPDATE mdl_user SET suspended = 1 WHERE id = ?`, ostiary.Disabled},
			{"not confirmed", `UPDATE mdl_user SET confirmed = 0 WHERE id = ?`, ostiary.Disabled},
			{"no sign-in", `UPDATE mdl_user SET auth = 'nologin' WHERE id = ?`, ostiary.Disabled},
			{"another plug-in", `UPDATE mdl_user SET auth = 'ldap' WHERE id = ?`, ostiary.Disabled},
			{"by e-mail", `UPDATE mdl_user SET auth = 'email' WHERE id = ?`, ""},
			{"of another host", `UPDATE mdl_user SET mnethostid = 2 WHERE id = ?`, none},
		},
		user: ostiary.User{ID: "1", Name: "Ada Lovelace", Email: mail(0), Groups: []string{"year 1"}},
	},
	{
		preset: "gitea", file: "gitea", engines: engines,
		logins: func(n int) []string {
			return []string{ada(n), strings.ToUpper(ada(n)), "ada.second" + ada(n)[3:] + "@Example.com"}
		},
		insert: func(n int, v *vector) []command {
			return []command{
				sqlOf(`INSERT INTO "user" (lower_name, name, full_name, email, passwd, passwd_hash_algo, salt, type, login_type, is_active)
					VALUES (?, ?, 'Ada Lovelace', ?, ?, ?, ?, 0, 0, true)`, ada(n), "Ada"+ada(n)[3:], mail(n), v.stored(), v.column("passwd_hash_algo"), v.column("salt")),
				sqlOf(`INSERT INTO email_address (uid, email, lower_email, is_activated) VALUES (?, ?, ?, true)`, n+1, "Ada.Second", "ada.second"+ada(n)[3:]+"@example.com"),
				sqlOf(`INSERT INTO email_address (uid, email, lower_email, is_activated) VALUES (?, ?, ?, false)`, n+1, "x", ada(n)+"x"),
			}
		},
		member: []string{
			`INSERT INTO "user" (id, lower_name, name, email, passwd, type) VALUES (1000, 'acme', 'Acme', '', '', 1)`,
			`INSERT INTO team (org_id, lower_name, name) VALUES (1000, 'owners', 'Owners')`, `INSERT INTO team_user (org_id, team_id, uid) VALUES (1000, 1, 1)`,
		},
		states: []state{
			{"an organisation", `UPDATE "user" SET type = 1 WHERE id = ?`, ostiary.Disabled},
			{"from elsewhere", `UPDATE "user" SET login_type = 2 WHERE id = ?`, ostiary.Disabled},
			{"not active", `UPDATE "user" SET is_active = false WHERE id = ?`, ostiary.Disabled},
			{"active or not", `UPDATE "user" SET is_active = NULL WHERE id = ?`, ostiary.Disabled},
			{"prohibited", `UPDATE "user" SET prohibit_login = true WHERE id = ?`, ostiary.Disabled},
			{"must change", `UPDATE "user" SET must_change_password = true WHERE id = ?`, ostiary.MustChange},
		},
		user: ostiary.User{ID: "1", Name: "Ada Lovelace", Email: mail(0), Groups: []string{"Acme/Owners"}},
	},
	{
		preset: "nextcloud", file: "laravel", engines: engines, key: func(n int) string { return "Ada" + ada(n)[3:] },
		logins: func(n int) []string { return []string{ada(n), strings.ToUpper(ada(n)), strings.ToUpper(mail(n))} },
		filter: func(v *vector) bool {
			return v.Stored != nil && strings.HasPrefix(*v.Stored, "$2y$") && len(*v.Stored) == 60 && v.Kind != "malformed" && v.Kind != "nul" && v.Kind != "long"
		},
		insert: func(n int, v *vector) []command {
			return []command{
				sqlOf(`INSERT INTO oc_users (uid, displayname, password, uid_lower) VALUES (?, NULL, ?, ?)`, "Ada"+ada(n)[3:], "1|"+*v.Stored, ada(n)),
				sqlOf(`INSERT INTO oc_preferences (userid, appid, configkey, configvalue) VALUES (?, 'settings', 'email', ?)`, "Ada"+ada(n)[3:], "A"+mail(n)[1:]),
			}
		},
		member: []string{`INSERT INTO oc_group_user (gid, uid) VALUES ('admin', 'Ada0')`},
		states: []state{
			{"disabled", `INSERT INTO oc_preferences (userid, appid, configkey, configvalue) VALUES (?, 'core', 'enabled', 'false')`, ostiary.Disabled},
			{"enabled", `INSERT INTO oc_preferences (userid, appid, configkey, configvalue) VALUES (?, 'core', 'enabled', 'true')`, ""},
		},
		user: ostiary.User{ID: "Ada0", Name: "Ada0", Email: "Ada0@example.com", Groups: []string{"admin"}},
	},
	{
		preset: "strapi", file: "strapi", engines: engines, logins: func(n int) []string { return []string{ada(n), mail(n), strings.ToUpper(mail(n))} },
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO up_users (username, email, provider, password, confirmed) VALUES (?, ?, 'local', ?, false)`, ada(n), mail(n), v.stored())}
		},
		member: []string{`INSERT INTO up_roles (name, type) VALUES ('Authenticated', 'authenticated')`, `INSERT INTO up_users_role_lnk (user_id, role_id) VALUES (1, 1)`},
		states: []state{
			{"blocked", `UPDATE up_users SET blocked = true WHERE id = ?`, ostiary.Disabled},
			{"blocked or not", `UPDATE up_users SET blocked = NULL WHERE id = ?`, ""},
			{"of another provider", `UPDATE up_users SET provider = 'google' WHERE id = ?`, none},
		},
		user: ostiary.User{ID: "1", Name: "ada0", Email: mail(0), Groups: []string{"Authenticated"}},
	},
	{
		preset: "better-auth", file: "better-auth", engines: engines, logins: byMail, key: func(n int) string { return "id-" + ada(n) },
		insert: func(n int, v *vector) []command {
			return []command{
				sqlOf(`INSERT INTO "user" (id, name, email, "emailVerified", image, role) VALUES (?, 'Ada Lovelace', ?, false, 'https://example.com/ada.png', 'user,admin')`, "id-"+ada(n), mail(n)),
				sqlOf(`INSERT INTO account (id, "accountId", "providerId", "userId", password) VALUES (?, ?, 'credential', ?, ?)`, "a-"+ada(n), ada(n), "id-"+ada(n), v.stored()),
				sqlOf(`INSERT INTO account (id, "accountId", "providerId", "userId") VALUES (?, ?, 'github', ?)`, "b-"+ada(n), ada(n), "id-"+ada(n)),
			}
		},
		states: []state{
			{"banned", `UPDATE "user" SET banned = true WHERE id = ?`, ostiary.Disabled},
			{"banned for long", `UPDATE "user" SET banned = true, "banExpires" = '2999-01-01 00:00:00' WHERE id = ?`, ostiary.Disabled},
			{"no password", `DELETE FROM account WHERE "userId" = ?`, none},
		},
		user: ostiary.User{ID: "id-ada0", Name: "Ada Lovelace", Email: mail(0), Image: "https://example.com/ada.png", Groups: []string{"admin", "user"}},
	},
	{
		preset: "auth-js", file: "authjs-bcryptjs", engines: engines, logins: asStored,
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO users (name, email, image, password) VALUES ('Ada Lovelace', ?, '/ada.png', ?)`, mail(n), v.stored())}
		},
		states: []state{{"no password", `UPDATE users SET password = NULL WHERE id = ?`, none}},
		user:   ostiary.User{ID: "1", Name: "Ada Lovelace", Email: mail(0), Image: "/ada.png"},
	},
	{
		preset: "keycloak", file: "keycloak", engines: []string{"postgres", "mysql"}, key: func(n int) string { return "id-" + ada(n) },
		logins: func(n int) []string {
			return []string{ada(n), strings.ToUpper(ada(n)), mail(n), strings.ToUpper(mail(n))}
		},
		prepare: []string{`INSERT INTO realm VALUES ('r1', 'acme', true)`, `INSERT INTO realm VALUES ('r0', 'master', true)`, `INSERT INTO realm VALUES ('r2', 'off', false)`},
		insert: func(n int, v *vector) []command {
			return []command{
				sqlOf(`INSERT INTO user_entity (id, realm_id, username, email, email_constraint, email_verified, enabled, first_name, last_name)
					VALUES (?, 'r1', ?, ?, ?, false, true, 'Ada', 'Lovelace')`, "id-"+ada(n), ada(n), mail(n), mail(n)),
				sqlOf(`INSERT INTO credential (id, user_id, type, secret_data, credential_data, priority) VALUES (?, ?, 'password', ?, ?, 10)`,
					"c-"+ada(n), "id-"+ada(n), v.column("secret_data"), v.column("credential_data")),
				sqlOf(`INSERT INTO credential (id, user_id, type, secret_data, credential_data, priority) VALUES (?, ?, 'otp', '{}', '{}', 5)`, "o-"+ada(n), "id-"+ada(n)),
			}
		},
		member: []string{`INSERT INTO keycloak_group (id, name) VALUES ('g1', 'staff')`, `INSERT INTO user_group_membership VALUES ('g1', 'id-ada0')`},
		states: []state{
			{"not enabled", `UPDATE user_entity SET enabled = false WHERE id = ?`, ostiary.Disabled},
			{"in a realm that is off", `UPDATE user_entity SET realm_id = 'r2' WHERE id = ?`, ostiary.Disabled},
			{"in the realm master", `UPDATE user_entity SET realm_id = 'r0' WHERE id = ?`, none},
			{"federated", `UPDATE user_entity SET federation_link = 'ldap' WHERE id = ?`, ostiary.Disabled},
			{"a service", `UPDATE user_entity SET service_account_client_link = 'x' WHERE id = ?`, ostiary.Disabled},
			{"must change", `INSERT INTO user_required_action VALUES (?, 'UPDATE_PASSWORD')`, ostiary.MustChange},
			{"must verify", `INSERT INTO user_required_action VALUES (?, 'VERIFY_EMAIL')`, ostiary.Disabled},
			{"no password", `DELETE FROM credential WHERE type = 'password' AND user_id = ?`, none},
		},
		user: ostiary.User{ID: "id-ada0", Name: "Ada Lovelace", Email: mail(0), Groups: []string{"staff"}},
	},
	discourseCase("discourse", func(n int, v *vector) command {
		return sqlOf(`INSERT INTO user_passwords (user_id, password_hash, password_salt, password_algorithm) VALUES (?, ?, ?, ?)`,
			n+1, v.column("password_hash"), v.column("password_salt"), v.column("password_algorithm"))
	}, state{"password expired", `UPDATE user_passwords SET password_expired_at = '2020-01-01' WHERE user_id = ?`, ostiary.MustChange}),
	discourseCase("discourse2023", func(n int, v *vector) command {
		return sqlOf(`UPDATE users SET password_hash = ?, salt = ?, password_algorithm = ? WHERE id = ?`,
			v.column("password_hash"), v.column("password_salt"), v.column("password_algorithm"), n+1)
	}),
	{
		preset: "ghost", file: "ghost", engines: []string{"mysql", "sqlite"}, logins: asStored, key: func(n int) string { return "id-" + ada(n) },
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO users (id, name, slug, password, email) VALUES (?, 'Ada Lovelace', ?, ?, ?)`, "id-"+ada(n), ada(n), v.stored(), mail(n))}
		},
		member: []string{`INSERT INTO roles VALUES ('r1', 'Owner')`, `INSERT INTO roles_users VALUES ('m1', 'r1', 'id-ada0')`},
		states: []state{
			{"inactive", `UPDATE users SET status = 'inactive' WHERE id = ?`, ostiary.Disabled},
			{"locked", `UPDATE users SET status = 'locked' WHERE id = ?`, ostiary.Locked},
			{"warned", `UPDATE users SET status = 'warn-2' WHERE id = ?`, ""},
			{"of a status to come", `UPDATE users SET status = 'frozen' WHERE id = ?`, ostiary.Disabled},
		},
		user: ostiary.User{ID: "id-ada0", Name: "Ada Lovelace", Email: mail(0), Groups: []string{"Owner"}},
	},
	{
		preset: "dovecot", file: "dovecot", engines: engines, logins: byMail, key: mail,
		prepare: []string{`INSERT INTO domain VALUES ('example.com', true)`, `INSERT INTO domain VALUES ('off.example', false)`},
		insert: func(n int, v *vector) []command {
			return []command{sqlOf(`INSERT INTO mailbox VALUES (?, ?, 'Ada Lovelace', 'example.com', true)`, mail(n), v.stored())}
		},
		states: []state{
			{"not active", `UPDATE mailbox SET active = false WHERE username = ?`, ostiary.Disabled},
			{"of a domain that is off", `UPDATE mailbox SET domain = 'off.example' WHERE username = ?`, ostiary.Disabled},
			{"of no domain", `UPDATE mailbox SET domain = 'elsewhere' WHERE username = ?`, none},
		},
		user: ostiary.User{ID: mail(0), Name: "Ada Lovelace", Email: mail(0)},
	},
}

func discourseCase(schemas string, hash func(n int, v *vector) command, further ...state) presetCase {
	return presetCase{
		preset: "discourse", schemas: schemas, file: "discourse", engines: []string{"postgres"},
		logins: func(n int) []string {
			return []string{ada(n), strings.ToUpper(ada(n)), strings.ToUpper(mail(n)), "second." + mail(n)}
		},
		insert: func(n int, v *vector) []command {
			return []command{
				sqlOf(`INSERT INTO users (username, username_lower, name, active) VALUES (?, ?, 'Ada Lovelace', true)`, "Ada"+ada(n)[3:], ada(n)),
				sqlOf(`INSERT INTO user_emails (user_id, email, "primary") VALUES (?, ?, true)`, n+1, mail(n)),
				sqlOf(`INSERT INTO user_emails (user_id, email) VALUES (?, ?)`, n+1, "second."+mail(n)),
				hash(n, v),
			}
		},
		member: []string{`INSERT INTO groups (name) VALUES ('staff')`, `INSERT INTO group_users VALUES (1, 1)`},
		states: append([]state{
			{"not active", `UPDATE users SET active = false WHERE id = ?`, ostiary.Disabled},
			{"staged", `UPDATE users SET staged = true WHERE id = ?`, ostiary.Disabled},
			{"suspended", `UPDATE users SET suspended_till = '2999-01-01' WHERE id = ?`, ostiary.Locked},
			{"suspended before", `UPDATE users SET suspended_till = '2020-01-01' WHERE id = ?`, ""},
			{"silenced", `UPDATE users SET silenced_till = '2999-01-01' WHERE id = ?`, ""},
		}, further...),
		user: ostiary.User{ID: "1", Name: "Ada Lovelace", Email: mail(0), Groups: []string{"staff"}},
	}
}

// orEmpty is for columns that can't be NULL.
func orEmpty(v *vector) any {
	if v.Stored == nil {
		return ""
	}
	return *v.Stored
}
