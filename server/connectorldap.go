package server

import (
	"strings"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/ldap"
)

// ldapSettings are the keys of connector.ldap.
type ldapSettings struct {
	config   ldap.Config
	password secret
	claims   []named[string]
}

func ldapKeys() kind[ldapSettings] {
	type config = ldapSettings
	return mapping(
		key("url", listOf(text(300)), func(c *config) *[]string { return &c.config.URLs }, "",
			"The server, ldaps://host or ldap://host with StartTLS; a list is tried in its order.").required(),
		key("preset", choice(map[string]string{"openldap": "openldap", "active-directory": "active-directory", "freeipa": "freeipa"}),
			func(c *config) *string { return &c.config.Preset }, "openldap", "The directory whose filter and attributes are taken."),
		key("base_dn", text(1000), func(c *config) *string { return &c.config.BaseDN }, "",
			"Below what people are searched: dc=example,dc=com."),
		key("bind_dn", text(1000), func(c *config) *string { return &c.config.BindDN }, "anybody may search",
			"The account that searches."),
		key("bind_password", hiddenText(), func(c *config) *secret { return &c.password }, "none", "Its password."),
		key("user_dn", text(1000), func(c *config) *string { return &c.config.UserDN }, "people are searched",
			"Binds as the person at once: uid={username},ou=people,dc=example,dc=com or {username}@example.com."),
		key("filter", text(2000), func(c *config) *string { return &c.config.Filter }, "that of the preset",
			"Finds one person: (uid={username}); {field} is what was typed, escaped."),
		key("one_level", boolean(), func(c *config) *bool { return &c.config.OneLevel }, "false",
			"Searches only directly below base_dn."),
		key("attributes", ldapAttributeKeys(), func(c *config) *ldap.Attributes { return &c.config.Attributes }, "",
			"Where in an entry things are."),
		key("claims", pairs(text(200)), func(c *config) *[]named[string] { return &c.claims }, "none",
			"Further claims of the session: name to attribute."),
		key("require_group", listOf(text(1000)), func(c *config) *[]string { return &c.config.RequireGroup }, "none",
			"Lets in only who is in one of these groups, by name or DN."),
		key("nested_groups", boolean(), func(c *config) *bool { return &c.config.NestedGroups }, "false",
			"Also takes the groups that those groups are in."),
		key("group_base_dn", text(1000), func(c *config) *string { return &c.config.GroupBaseDN }, "base_dn",
			"Below what groups are searched."),
		key("group_filter", text(2000), func(c *config) *string { return &c.config.GroupFilter }, "the attribute of the entry is read",
			"Finds groups by search: (member={dn})."),
		key("reveal", revealed(), func(c *config) *ostiary.Reveal { return &c.config.Reveal }, "nothing",
			"States that a person may learn of: locked, disabled, expired, must_change. Otherwise all look like a wrong password."),
		key("timeout", duration(10*time.Millisecond, 20*time.Second), func(c *config) *time.Duration { return &c.config.Timeout }, "5s",
			"How long one question to one server may take."),
		key("pool_size", whole(1, 1000, "connections"), func(c *config) *int { return &c.config.PoolSize }, "8",
			"How many connections there may be for searches, and as many again for passwords."),
		key("ca_file", text(1000), func(c *config) *string { return &c.config.CAFile }, "those of the system",
			"The certificates, in PEM, that may vouch for the servers."),
		key("server_name", text(253), func(c *config) *string { return &c.config.ServerName }, "the host of url",
			"The name that their certificates must have."),
		key("insecure_plaintext_loopback", boolean(), func(c *config) *bool { return &c.config.InsecurePlaintextLoopback }, "false",
			"Leaves StartTLS out for a server on this machine."),
		key("username_field", text(64), func(c *config) *string { return &c.config.UsernameField }, "username",
			"The field of the form with the name."),
		key("password_field", text(64), func(c *config) *string { return &c.config.PasswordField }, "password",
			"The field of the form with the password."),
	)
}

func ldapAttributeKeys() kind[ldap.Attributes] {
	type config = ldap.Attributes
	attribute := func(name string, into func(*config) *string, doc string) member[config] {
		return key(name, text(200), into, "that of the preset", doc)
	}
	return mapping(
		attribute("id", func(c *config) *string { return &c.ID }, "The immutable id: entryUUID, objectGUID or ipaUniqueID."),
		attribute("name", func(c *config) *string { return &c.Name }, "The name for showing; \"-\" takes nothing."),
		attribute("email", func(c *config) *string { return &c.Email }, "The e-mail address; \"-\" takes nothing."),
		attribute("image", func(c *config) *string { return &c.Image }, "A URL, or a photo of at most 2 KiB; \"-\" takes nothing."),
		attribute("groups", func(c *config) *string { return &c.Groups }, "The names of groups; \"-\" takes nothing."),
	)
}

func (s *ldapSettings) keyOf(word string) string {
	switch {
	case word == "URLs":
		return "url"
	case strings.HasPrefix(word, "Attributes."):
		return "attributes"
	case word == "BindPassword":
		return "bind_password"
	}
	return keyOfField(ldapKeys(), word)
}

func (s *ldapSettings) looksUp() bool { return s.config.UserDN == "" }

func (s *ldapSettings) asks() []asked {
	return nameAndPassword(s.config.UsernameField, s.config.PasswordField)
}

func (s *ldapSettings) connect(w wiring) (connected, error) {
	config := s.config
	config.BindPassword, config.Claims, config.Logger = ostiary.NewSecret(s.password.text), asMap(s.claims), w.logger
	if config.CAFile != "" {
		config.CAFile = w.path(config.CAFile)
	}
	connector, err := ldap.New(config)
	if err != nil {
		return connected{}, err
	}
	made := asConnected(connector)
	if connector.CanLookup() {
		made.lookup = connector.Lookup
	}
	return made, nil
}
