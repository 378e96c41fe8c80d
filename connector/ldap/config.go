package ldap

import (
	"log/slog"
	"time"

	"github.com/ostiary/ostiary"
)

// Config says where the directory is and how people are found in it. URLs, and
// either BindDN, UserDN or a directory that lets anybody search, are required;
// with a search, BaseDN too. New checks it whole.
type Config struct {
	// URLs are the servers, in the order in which they are tried:
	// "ldaps://ldap.example.com" or "ldap://ldap.example.com:389". With ldap,
	// StartTLS comes before anything else.
	URLs []string
	// CAFile has the certificates, in PEM, that may vouch for the servers. Empty
	// means those of the system.
	CAFile string
	// ServerName is the name that their certificates must have. Empty means the
	// host of each URL.
	ServerName string
	// InsecurePlaintextLoopback leaves StartTLS out for a server on this machine:
	// whoever can listen there reads every password.
	InsecurePlaintextLoopback bool

	// BindDN and BindPassword are the account that searches. Empty means that
	// anybody may search. Its rights: to read the entries below BaseDN and the
	// attributes named here, and nothing else.
	BindDN       string
	BindPassword ostiary.Secret
	// UserDN binds as the person at once instead:
	// "uid={username},ou=people,dc=example,dc=com", or for Active Directory
	// "{username}@example.com". Then there is no Lookup.
	UserDN string

	// Preset gives Filter and Attributes the values of a directory: "openldap",
	// "active-directory" or "freeipa". Empty means openldap.
	Preset string
	// BaseDN is below what people are searched.
	BaseDN string
	// Filter finds one person: "(uid={username})". {field} is the value of a field
	// of the form, escaped. Empty means that of the preset.
	Filter string
	// OneLevel searches only directly below BaseDN, not in its whole tree.
	OneLevel bool
	// Attributes says where in an entry things are.
	Attributes Attributes
	// Claims takes further attributes into the session: claim to attribute.
	Claims map[string]string

	// GroupBaseDN and GroupFilter find groups by search, for directories whose
	// entries don't name them: "(member={dn})", where {dn} is the name of the
	// person or, with NestedGroups, of a group. Empty GroupBaseDN means BaseDN;
	// empty GroupFilter means that Attributes.Groups is read instead.
	GroupBaseDN, GroupFilter string
	// NestedGroups also takes the groups that those groups are in: in Active
	// Directory by its matching rule, elsewhere search by search, at most ten
	// levels and 500 groups.
	NestedGroups bool
	// RequireGroup lets in only who is in one of these groups, by name or DN.
	RequireGroup []string

	// Reveal lists the states that a person may learn of. Empty means none.
	Reveal ostiary.Reveal
	// PoolSize is how many connections there may be for searches, and as many
	// again for passwords. Zero means 8.
	PoolSize int
	// Timeout is how long one question to one server may take. Zero means 5
	// seconds.
	Timeout time.Duration
	// UsernameField and PasswordField are the form's fields. Empty means
	// "username" and "password".
	UsernameField, PasswordField string

	// Logger hears of servers that go and come. Nil is silent.
	Logger *slog.Logger
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// Attributes are the names of attributes. Empty means that of the preset, "-"
// nothing.
type Attributes struct {
	// ID never changes: entryUUID, objectGUID or ipaUniqueID.
	ID string
	// Name and Email are for showing. Image is a URL, or a photo of at most 2 KiB,
	// because it travels in the session.
	Name, Email, Image string
	// Groups has the names of groups: memberOf.
	Groups string
}

// preset is what differs between directories.
type preset struct {
	filter     string
	attributes Attributes
	guid       bool // the id is sixteen bytes in the order of Windows
	chain      bool // the matching rule for nested groups is there
}

var presets = map[string]preset{
	"openldap": {
		filter:     "(uid={username})",
		attributes: Attributes{ID: "entryUUID", Name: "cn", Email: "mail", Image: "-", Groups: "memberOf"},
	},
	"active-directory": {
		filter:     "(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={username})(userPrincipalName={username})))",
		attributes: Attributes{ID: "objectGUID", Name: "displayName", Email: "mail", Image: "-", Groups: "memberOf"},
		guid:       true, chain: true,
	},
	"freeipa": {
		filter:     "(&(objectClass=posixAccount)(uid={username}))",
		attributes: Attributes{ID: "ipaUniqueID", Name: "cn", Email: "mail", Image: "-", Groups: "memberOf"},
	},
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func (a Attributes) orThose(d Attributes) Attributes {
	chosen := func(s, fallback string) string {
		if s == "-" {
			return ""
		}
		if s = or(s, fallback); s == "-" {
			return ""
		}
		return s
	}
	return Attributes{
		ID: chosen(a.ID, d.ID), Name: chosen(a.Name, d.Name), Email: chosen(a.Email, d.Email),
		Image: chosen(a.Image, d.Image), Groups: chosen(a.Groups, d.Groups),
	}
}
