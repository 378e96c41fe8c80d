package ldap_test

import (
	"fmt"
	"os"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/ldap"
)

func Example() {
	people, err := ldap.New(ldap.Config{
		URLs:         []string{"ldaps://dc1.example.com", "ldaps://dc2.example.com"},
		Preset:       "active-directory",
		BaseDN:       "dc=example,dc=com",
		BindDN:       "cn=ostiary,ou=services,dc=example,dc=com",
		BindPassword: ostiary.NewSecret(os.Getenv("LDAP_PASSWORD") + "x"),
		RequireGroup: []string{"Staff"},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(people) // its Authorize and Lookup go into an ostiary.Provider
	// Output: ldap ldaps://dc1.example.com
}
