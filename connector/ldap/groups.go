package ldap

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary"
)

const (
	deepest    = 10  // levels of groups in groups
	mostGroups = 500 // of one person
	// inChain finds the members of the members (MS-ADTS, section 3.1.1.3.4.4.3).
	inChain = "1.2.840.113556.1.4.1941"
)

// asker asks one search, as whoever may.
type asker func(context.Context, question) ([]*goldap.Entry, error)

// groups returns the names of the groups' entries.
func (c *Connector) groups(ctx context.Context, ask asker, entry *goldap.Entry) (dns []string, err error) {
	switch {
	case c.config.NestedGroups && c.preset.chain:
		dns, err = c.chained(ctx, ask, entry.DN)
	case c.group != nil:
		dns, err = c.searched(ctx, ask, entry.DN)
	case c.config.NestedGroups:
		dns, err = c.climbed(ctx, ask, c.listed(entry))
	default:
		dns = c.listed(entry)
	}
	if err != nil {
		return nil, fmt.Errorf("groups: %w", err)
	}
	ostiary.Trace(ctx, "groups found", slog.Any("groups", dns))
	return dns, nil
}

// listed are the groups that the entry itself names.
func (c *Connector) listed(entry *goldap.Entry) []string {
	if c.attributes.Groups == "" {
		return nil
	}
	return firstOf(entry.GetEqualFoldAttributeValues(c.attributes.Groups), mostGroups)
}

func firstOf(list []string, n int) []string { return list[:min(len(list), n)] }

// chained has Active Directory find groups of groups itself.
func (c *Connector) chained(ctx context.Context, ask asker, dn string) ([]string, error) {
	filter := "(member:" + inChain + ":=" + string(inFilter(dn)) + ")"
	return c.groupNames(ctx, ask, filter)
}

// searched finds the groups by the filter, and those that they are in.
func (c *Connector) searched(ctx context.Context, ask asker, dn string) ([]string, error) {
	levels := 1
	if c.config.NestedGroups {
		levels = deepest
	}
	var all []string
	for at, level := []string{dn}, 0; level < levels && len(at) > 0; level++ {
		var above []string
		for _, dn := range at {
			filter, _ := c.group.fill(func(string) string { return dn }, func(s string) string { return string(inFilter(s)) })
			found, err := c.groupNames(ctx, ask, filter)
			if err != nil {
				return nil, err
			}
			for _, group := range found {
				if len(all) < mostGroups && !hasDN(all, group) { // a group may be in itself
					all, above = append(all, group), append(above, group)
				}
			}
		}
		at = above
	}
	return all, nil
}

// climbed reads the groups that groups name, entry by entry.
func (c *Connector) climbed(ctx context.Context, ask asker, direct []string) ([]string, error) {
	all := slices.Clone(direct)
	for at, level := direct, 1; level < deepest && len(at) > 0; level++ {
		var above []string
		for _, dn := range at {
			entries, err := ask(ctx, question{base: dn, scope: goldap.ScopeBaseObject, filter: "(objectClass=*)", most: 1})
			if goldap.IsErrorWithCode(err, goldap.LDAPResultNoSuchObject) {
				continue // named, and gone
			}
			if err != nil {
				return nil, err
			}
			for _, entry := range entries {
				for _, group := range c.listed(entry) {
					if len(all) < mostGroups && !hasDN(all, group) {
						all, above = append(all, group), append(above, group)
					}
				}
			}
		}
		at = above
	}
	return all, nil
}

func (c *Connector) groupNames(ctx context.Context, ask asker, filter string) ([]string, error) {
	entries, err := ask(ctx, question{
		base: or(c.config.GroupBaseDN, c.config.BaseDN), scope: goldap.ScopeWholeSubtree, filter: filter, most: mostGroups,
	})
	if err != nil {
		return nil, err
	}
	dns := make([]string, 0, len(entries))
	for _, e := range entries {
		dns = append(dns, e.DN)
	}
	return firstOf(dns, mostGroups), nil
}

func hasDN(list []string, dn string) bool {
	return slices.ContainsFunc(list, func(other string) bool { return sameDN(other, dn) })
}

// sameDN compares names as directories do, letter case and blanks aside.
func sameDN(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	left, err := goldap.ParseDN(a)
	if err != nil {
		return false
	}
	right, err := goldap.ParseDN(b)
	return err == nil && left.EqualFold(right)
}

// groupName is the first value of a DN: staff of cn=staff,ou=groups,dc=example.
func groupName(dn string) string {
	parsed, err := goldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 || len(parsed.RDNs[0].Attributes) == 0 {
		return dn
	}
	return parsed.RDNs[0].Attributes[0].Value
}

// allowed reports whether the groups have one that is required.
func (c *Connector) allowed(dns []string) bool {
	if len(c.config.RequireGroup) == 0 {
		return true
	}
	return slices.ContainsFunc(c.config.RequireGroup, func(wanted string) bool {
		if strings.Contains(wanted, "=") {
			return hasDN(dns, wanted)
		}
		return slices.ContainsFunc(dns, func(dn string) bool { return strings.EqualFold(groupName(dn), wanted) })
	})
}
