package ldap

import (
	"errors"
	"regexp"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/ostiary/ostiary"
)

// verdict is what a bind as a person comes down to.
type verdict struct {
	right bool          // the password is the one, and nothing keeps them out
	state ostiary.State // what keeps them out, "" for a plain no
	err   error         // nobody can tell
}

// judge reads the answer to a bind: only success is success, and not even that when
// the password policy says so (LDP-4; RFC 4511, section 4.2.2; the password policy
// of draft-behera-ldap-password-policy-10).
func judge(result *goldap.SimpleBindResult, err error) verdict {
	state := policy(result)
	if err == nil {
		return verdict{right: state == "", state: state}
	}
	var answer *goldap.Error
	if !errors.As(err, &answer) || answer.ResultCode >= 200 {
		return verdict{err: err}
	}
	switch answer.ResultCode {
	case goldap.LDAPResultInvalidCredentials:
		if state == "" {
			state = ofActiveDirectory(answer)
		}
		return verdict{state: state}
	case goldap.LDAPResultUnwillingToPerform: // how 389 and FreeIPA say that an account is inactive
		return verdict{state: ostiary.Disabled}
	case goldap.LDAPResultConstraintViolation: // and that there were too many failures
		return verdict{state: ostiary.Locked}
	case goldap.LDAPResultNoSuchObject, goldap.LDAPResultInvalidDNSyntax, goldap.LDAPResultInappropriateAuthentication,
		goldap.LDAPResultInsufficientAccessRights:
		return verdict{}
	}
	return verdict{err: err}
}

// policy reads the control of the password policy.
func policy(result *goldap.SimpleBindResult) ostiary.State {
	if result == nil {
		return ""
	}
	for _, control := range result.Controls {
		switch said := control.(type) {
		case *goldap.ControlBeheraPasswordPolicy:
			switch {
			case said.Error == 1:
				return ostiary.Locked
			case said.Error == 2:
				return ostiary.MustChange
			case said.Error == 0, said.Grace >= 0: // a grace login is one with an expired password
				return ostiary.Expired
			}
		case *goldap.ControlVChuPasswordMustChange:
			if said.MustChange {
				return ostiary.MustChange
			}
		}
	}
	return ""
}

// ofAD finds the code in "80090308: LdapErr: DSID-…, comment: …, data 52e, v4563".
var ofAD = regexp.MustCompile(`\bdata ([0-9a-f]{3}),`)

// ofActiveDirectory reads Windows' reason for refusing a bind.
func ofActiveDirectory(answer *goldap.Error) ostiary.State {
	m := ofAD.FindStringSubmatch(answer.Error())
	if m == nil {
		return ""
	}
	switch m[1] {
	case "530", "531", "533", "534": // hours, workstation, disabled, kind of logon
		return ostiary.Disabled
	case "532", "701": // password, account
		return ostiary.Expired
	case "773":
		return ostiary.MustChange
	case "775":
		return ostiary.Locked
	}
	return "" // 52e wrong password, 525 no such user
}
