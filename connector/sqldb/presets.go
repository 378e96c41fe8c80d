package sqldb

import "github.com/ostiary/ostiary"

// presets are the systems that are known. Each entry says what sign-in needs of
// the tables that the software itself makes.
var presets = map[string]preset{
	"django":          django,
	"wordpress":       wordpress,
	"laravel":         laravel,
	"devise":          devise,
	"spring-security": springSecurity,
	"aspnet-identity": aspnetIdentity,
	"mediawiki":       mediawiki,
	"phpbb":           phpbb,
	"drupal":          drupal,
	"moodle":          moodle,
	"gitea":           gitea,
	"nextcloud":       nextcloud,
	"strapi":          strapi,
	"better-auth":     betterAuth,
	"auth-js":         authJS,
	"keycloak":        keycloak,
	"discourse":       discourse,
	"ghost":           ghost,
	"dovecot":         dovecot,
}

// The ways of naming an account that several systems share.
var (
	byUsername = login{value: "username", column: "username", ask: lower, same: exact}
	byEmail    = login{value: "email", column: "email", ask: trimmed, same: lower}
	byMail     = login{value: "email", column: "email", ask: lower, same: lower}
)

// notDeleted is for tables to which a soft delete was added.
var notDeleted = must{state: ostiary.Disabled, be: `u.deleted_at IS NULL`, where: `x.deleted_at FROM "{p}users" x`}

var django = preset{
	engines: everyEngine,
	logins:  []login{{value: "username", column: "username", ask: compatible, same: exact}},
	shapes: []shape{{
		from: `"{p}auth_user" u`,
		id:   `u.id`,
		columns: map[string]string{
			"username": `u.username`, "email": `u.email`, "hash": `u.password`,
			"first": `u.first_name`, "last": `u.last_name`,
		},
		hash:  "hash",
		match: `u.username = :username`,
		must:  []must{{state: ostiary.Disabled, be: `u.is_active`}},
		groups: []grouping{{query: `SELECT g.name FROM "{p}auth_group" g
			JOIN "{p}auth_user_groups" m ON m.group_id = g.id WHERE m.user_id = :id`}},
	}},
}

var laravel = preset{
	engines: everyEngine,
	logins:  []login{byEmail},
	values:  map[string]string{"model": `App\Models\User`, "oldmodel": `App\User`},
	shapes: []shape{{
		from:    `"{p}users" u`,
		id:      `u.id`,
		columns: map[string]string{"email": `u.email`, "name": `u.name`, "hash": `u.password`},
		hash:    "hash",
		match:   `u.email = :email`,
		must:    []must{notDeleted},
		groups: []grouping{{
			needs: `x.model_type FROM "{p}model_has_roles" x`,
			query: `SELECT r.name FROM "{p}roles" r JOIN "{p}model_has_roles" m ON m.role_id = r.id
				WHERE m.model_id = :id AND m.model_type IN (:model, :oldmodel)`,
		}},
	}},
}

var devise = preset{
	engines: everyEngine,
	logins:  []login{byMail},
	shapes: []shape{{
		from:    `"{p}users" u`,
		id:      `u.id`,
		columns: map[string]string{"email": `u.email`, "hash": `u.encrypted_password`},
		further: []further{{where: `x.password_salt FROM "{p}users" x`, name: "password_salt", read: `u.password_salt`}},
		hash:    "hash",
		match:   `u.email = :email`,
		must: []must{
			notDeleted,
			{state: ostiary.Disabled, be: `u.confirmed_at IS NOT NULL`, where: `x.confirmed_at FROM "{p}users" x`},
			{state: ostiary.Locked, be: `u.locked_at IS NULL`, where: `x.locked_at FROM "{p}users" x`},
		},
	}},
}

var springSecurity = preset{
	engines: everyEngine,
	logins:  []login{{value: "username", column: "username", ask: exact, same: lower}},
	shapes: []shape{{
		from:    `"{p}users" u`,
		id:      `u.username`,
		columns: map[string]string{"username": `u.username`, "hash": `u.password`},
		hash:    "hash",
		match:   `u.username = :username`,
		must: []must{
			{state: ostiary.Disabled, be: `u.enabled`},
			{state: ostiary.Disabled, be: `EXISTS (SELECT 1 FROM "{p}authorities" a WHERE a.username = u.username)`},
			{state: ostiary.Locked, be: `u.account_non_locked`, where: `x.account_non_locked FROM "{p}users" x`},
			{state: ostiary.Expired, be: `u.account_non_expired`, where: `x.account_non_expired FROM "{p}users" x`},
			{state: ostiary.MustChange, be: `u.credentials_non_expired`, where: `x.credentials_non_expired FROM "{p}users" x`},
		},
		groups: []grouping{{query: `SELECT a.authority FROM "{p}authorities" a WHERE a.username = :id`}},
	}},
}

var aspnetIdentity = preset{
	engines: everyEngine,
	logins:  []login{{value: "username", column: "normalized", ask: upperInvariant, same: exact}},
	shapes: []shape{{
		from: `"{p}AspNetUsers" u`,
		id:   `u."Id"`,
		columns: map[string]string{
			"normalized": `u."NormalizedUserName"`, "username": `u."UserName"`, "email": `u."Email"`, "hash": `u."PasswordHash"`,
		},
		hash:  "hash",
		match: `u."NormalizedUserName" = :username`,
		must: []must{
			{state: ostiary.Locked, be: `NOT u."LockoutEnabled" OR u."LockoutEnd" IS NULL OR u."LockoutEnd" <= {now}`},
		},
		groups: []grouping{{query: `SELECT r."Name" FROM "{p}AspNetRoles" r
			JOIN "{p}AspNetUserRoles" m ON m."RoleId" = r."Id" WHERE m."UserId" = :id`}},
	}},
}

var strapi = preset{
	engines: everyEngine,
	logins:  []login{{value: "username", column: "username", ask: trimmed, same: lower}, byMail},
	shapes: []shape{{
		from:    `"{p}up_users" u`,
		id:      `u.id`,
		columns: map[string]string{"username": `u.username`, "email": `u.email`, "name": `u.username`, "hash": `u.password`},
		hash:    "hash",
		match:   `u.username = :username OR u.email = :email`,
		only:    `u.provider = 'local'`,
		must:    []must{{state: ostiary.Disabled, be: `u.blocked IS NOT TRUE`}},
		groups: []grouping{
			{needs: `x.role_id FROM "{p}up_users_role_lnk" x`, query: `SELECT r.name FROM "{p}up_roles" r
				JOIN "{p}up_users_role_lnk" m ON m.role_id = r.id WHERE m.user_id = :id`},
			{needs: `x.role_id FROM "{p}up_users_role_links" x`, query: `SELECT r.name FROM "{p}up_roles" r
				JOIN "{p}up_users_role_links" m ON m.role_id = r.id WHERE m.user_id = :id`},
		},
	}},
}

var betterAuth = preset{
	engines: everyEngine,
	logins:  []login{byMail},
	shapes: []shape{{
		from:    `"{p}user" u JOIN "{p}account" a ON a."userId" = u.id AND a."providerId" = 'credential'`,
		id:      `u.id`,
		columns: map[string]string{"email": `u.email`, "name": `u.name`, "image": `u.image`, "hash": `a.password`},
		hash:    "hash",
		match:   `u.email = :email`,
		must: []must{
			{state: ostiary.Disabled, be: `u.banned IS NOT TRUE OR u."banExpires" < {now}`, where: `x.banned FROM "{p}user" x`, on: postgres | mysql},
			{state: ostiary.Disabled, be: `u.banned IS NOT TRUE`, where: `x.banned FROM "{p}user" x`, on: sqlite},
		},
		groups: []grouping{{
			needs: `x.role FROM "{p}user" x`,
			query: `SELECT u.role FROM "{p}user" u WHERE u.id = :id`,
			form:  commaGroups,
		}},
	}},
}

// authJS has no table of its own for passwords; these are the columns that
// projects add.
var authJS = preset{
	engines: everyEngine,
	logins:  []login{byEmail},
	shapes: []shape{
		authJSShape(`"{p}users"`, `password`),
		authJSShape(`"{p}users"`, `password_hash`),
		authJSShape(`"{p}users"`, `"hashedPassword"`),
		authJSShape(`"{p}User"`, `password`),
		authJSShape(`"{p}User"`, `"hashedPassword"`),
	},
}

func authJSShape(table, column string) shape {
	return shape{
		needs:   `x.` + column + ` FROM ` + table + ` x`,
		from:    table + ` u`,
		id:      `u.id`,
		columns: map[string]string{"email": `u.email`, "name": `u.name`, "image": `u.image`, "hash": `u.` + column},
		hash:    "hash",
		match:   `u.email = :email`,
	}
}
