package ldap_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/ldap"
)

// TestCutResults: of a search that the server cuts off, the one entry that is left
// is not the only one; and more entries than were asked for are not collected.
func TestCutResults(t *testing.T) {
	for name, row := range map[string]struct {
		entries     int
		code        int64
		unavailable bool
	}{
		"LDP-1 cut after one":       {1, goldap.LDAPResultSizeLimitExceeded, true},
		"LDP-1 two, and cut":        {2, goldap.LDAPResultSizeLimitExceeded, false},
		"LDP-1 two":                 {2, 0, false},
		"CON-2 as many as it likes": {5000, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, func(id int64, o *ber.Packet) (out []*ber.Packet) {
				if o.Tag != goldap.ApplicationSearchRequest { // every name but those that were found is nobody
					code := int64(goldap.LDAPResultInvalidCredentials)
					if o.Children[1].Data.String() == "uid=ada,dc=example" {
						code = 0
					}
					return []*ber.Packet{says(id, goldap.ApplicationBindResponse, code)}
				}
				for range row.entries {
					out = append(out, entry(id, "uid=ada,dc=example", "entryUUID", "id-ada"))
				}
				return append(out, says(id, goldap.ApplicationSearchResultDone, row.code))
			})
			c := connect(t, ldap.Config{URLs: []string{f.url}, BaseDN: "dc=example", InsecurePlaintextLoopback: true, Timeout: 5 * time.Second})
			u, err := enter(t, c, "ada", password)
			if u != nil || errors.Is(err, ostiary.ErrUnavailable) != row.unavailable {
				t.Errorf("got %+v, %v", u, err)
			}
		})
	}
}

// TestSomebodyElsesPrincipalName: who bears another's name as user principal name
// is bound with their own password, and is not that other.
func TestSomebodyElsesPrincipalName(t *testing.T) {
	f := newFake(t, func(id int64, o *ber.Packet) []*ber.Packet {
		if o.Tag != goldap.ApplicationSearchRequest {
			return []*ber.Packet{says(id, goldap.ApplicationBindResponse, 0)}
		}
		out := []*ber.Packet{entry(id, "cn=ada,dc=example", "objectGUID", "0123456789abcdef")}
		filter, err := goldap.DecompileFilter(o.Children[6])
		if err == nil && filter == "(|(&(objectCategory=person)(objectClass=user)(|(sAMAccountName=ada)(userPrincipalName=ada)))(userPrincipalName=ada@example.test))" {
			out = append(out, entry(id, "cn=mallory,dc=example", "objectGUID", "fedcba9876543210"))
		}
		return append(out, says(id, goldap.ApplicationSearchResultDone, 0))
	})
	c := connect(t, ldap.Config{
		URLs: []string{f.url}, Preset: "active-directory", BaseDN: "dc=example", UserDN: "{username}@example.test",
		InsecurePlaintextLoopback: true, Timeout: 5 * time.Second,
	})
	if u, err := enter(t, c, "ada", "mallory's"); u != nil || !errors.Is(err, ostiary.ErrUnavailable) {
		t.Errorf("IDN-2: got %+v, %v", u, err)
	}
}

// TestCheckAsksForAnybody: a filter that finds nobody, and an id that is not there,
// refuse everybody; only a check tells why.
func TestCheckAsksForAnybody(t *testing.T) {
	d := open(t)
	if err := connect(t, d.config).Check(t.Context()); err != nil {
		t.Errorf("a directory as it should be: %v", err)
	}
	for want, change := range map[string]func(*ldap.Config){
		"finds nobody":         func(o *ldap.Config) { o.Filter = "(sAMAccountName={username})" },
		"has no nsUniqueId":    func(o *ldap.Config) { o.Attributes.ID = "nsUniqueId" },
		"check Filter, Preset": func(o *ldap.Config) { o.Preset = "active-directory" },
	} {
		config := d.config
		change(&config)
		if err := connect(t, config).Check(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
