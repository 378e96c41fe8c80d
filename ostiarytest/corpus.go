package ostiarytest

import "strings"

// Injections are values that mean something to a language in which people build
// questions: SQL, LDAP filters and names, shells, headers, templates, paths. As a
// name or a password they must be nobody's.
func Injections() []string {
	return []string{
		`' OR '1'='1`, `' OR 1=1 -- `, `" OR ""="`, `') OR ('1'='1`, `'; DROP TABLE users; -- `, `admin'/*`, `\' OR 1=1 -- `,
		`' UNION SELECT 1,'x','x' -- `, "' OR 1=1 #", "`", `1; SELECT pg_sleep(10)`, `' || (SELECT 1) || '`, `%`, `_%`, `:username`, `$1`, `?`,
		`*`, `*)(uid=*`, `*)(|(uid=*`, `admin)(&)`, `)(cn=*))(|(cn=*`, `\2a`, `\28\29`, `a\00b`, `(|(uid=*))`, `cn=admin,dc=example,dc=com`, `a,b`, `a+b=c`, `#1234`,
		`$(id)`, "`id`", `;id`, `|id`, `&& id`, `-h`, `--help`, `~root`, `../../etc/passwd`, `/etc/passwd`, `C:\Windows`,
		"a\r\nX-Injected: 1", "a\nb", "a\tb", "\x1b[31m", `<script>alert(1)</script>`, `{{.}}`, `${7*7}`, `#{7*7}`, `%s%n%x`, `%00`, `%0d%0a`,
		`null`, `undefined`, `true`, `0`, `-1`, `1e309`, `NaN`, `[]`, `{}`, `{"$ne": null}`, `{"$gt": ""}`, `a]]>b`,
	}
}

// spellings are names that look like another one, and are that person's or
// nobody's.
func spellings(name string) []string {
	all := []string{
		" " + name, name + " ", "\t" + name, name + "\n", "\u00a0" + name, name + "\u200b", "\ufeff" + name, name + "\u202e",
		name + "\x00", name + "\x00x", name + "@", "@" + name, name + ".", name + "\\", "\\" + name, name + "/", name + "*", name + "%",
		strings.ToUpper(name), strings.ToLower(name), strings.ToTitle(name), wide(name), name + "\u0301",
	}
	if len(name) > 1 {
		all = append(all, name[:len(name)-1]+"*", name[:len(name)-1]+"%", name[:len(name)-1]+"_", name[:len(name)-1])
	}
	return all
}

// wide spells ASCII in its full-width forms, which NFKC takes back.
func wide(s string) string {
	return strings.Map(func(c rune) rune {
		if c > ' ' && c < 0x7f {
			return c - ' ' + 0xff00
		}
		return c
	}, s)
}
