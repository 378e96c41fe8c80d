package form

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// addDefaults fills in the attributes that password managers and phones want,
// where the declaration says nothing. On a sign-in page the field that holds
// the account's name is "username" even if it is an e-mail address: that is
// what managers look for beside the password (HTML, section 4.10.18.7).
func addDefaults(f Form, sets []attributeSet) {
	named := slices.ContainsFunc(sets, func(s attributeSet) bool {
		return slices.Contains(strings.Fields(s.value("autocomplete")), "username")
	})
	named = named || slices.ContainsFunc(f, isUsername)
	for i := range f {
		of, err := kindOf(f[i].Type)
		if err != nil {
			continue
		}
		set := sets[i]
		switch {
		case of&proofs != 0, of&textual != 0 && looksLikeCode(f[i], of):
			codeDefaults(f[i], set)
		case of == kindPassword:
			set.set("autocomplete", "current-password")
			plain(set)
		case of&textual != 0 && isUsername(f[i]):
			set.set("autocomplete", "username")
			keyboard(of, set)
			plain(set)
		case of == kindEmail || (of == kindText && isEmail(f[i])):
			token := "email"
			if !named {
				token, named = "username", true
			}
			set.set("autocomplete", token)
			set.set("inputmode", "email")
			plain(set)
		case of == kindTel:
			set.set("autocomplete", "tel")
			set.set("inputmode", "tel")
		case of == kindURL:
			set.set("inputmode", "url")
			plain(set)
		case of == kindNumber:
			numberDefaults(set)
		}
	}
}

// keyboard asks for the keyboard that goes with the type.
func keyboard(of kind, set attributeSet) {
	switch of {
	case kindEmail:
		set.set("inputmode", "email")
	case kindTel:
		set.set("inputmode", "tel")
	}
}

// plain keeps phones from capitalising and correcting, and browsers from
// sending what is typed to a spelling service: a password shown with the
// page's button is ordinary text to them.
func plain(set attributeSet) {
	set.set("autocapitalize", "none")
	set.set("autocorrect", "off")
	set.set("spellcheck", "false")
}

func codeDefaults(f Field, set attributeSet) {
	set.set("autocomplete", "one-time-code")
	// A code from a key or from paper has letters in it.
	if !strings.EqualFold(f.Type, kindYubiKey.String()) && !mentions(f, "yubikey", "recovery", "backup") {
		set.set("inputmode", "numeric")
	}
	plain(set)
}

// numberDefaults asks for digits, with a decimal point where fractions count,
// and for the full keyboard where a minus sign may be needed.
func numberDefaults(set attributeSet) {
	step, negative := set.value("step"), strings.HasPrefix(set.value("min"), "-")
	switch {
	case negative:
	case step == "any" || strings.Contains(step, "."):
		set.set("inputmode", "decimal")
	default:
		set.set("inputmode", "numeric")
	}
}

var usernames = []string{
	"username", "user", "userid", "login", "loginid", "loginname", "uid", "upn", "account", "accountname", "accountid",
	"samaccountname", "identifier",
}

func isUsername(f Field) bool { return slices.Contains(usernames, squeeze(f.Name)) }

func isEmail(f Field) bool {
	return slices.Contains([]string{"email", "mail", "emailaddress", "useremail"}, squeeze(f.Name))
}

// looksLikeCode recognises a field for a one-time code. A password field does
// so only by an unmistakable name: many systems call their password a PIN.
func looksLikeCode(f Field, of kind) bool {
	name := squeeze(f.Name)
	if slices.Contains([]string{"otp", "totp", "hotp", "otpcode", "totpcode", "onetimecode", "onetimepassword", "mfacode", "smscode", "2facode", "twofactorcode"}, name) {
		return true
	}
	if of&(kindPassword|kindEmail|kindURL) != 0 {
		return false
	}
	return slices.Contains([]string{"code", "token", "pin", "passcode", "mfa", "twofactor", "verificationcode"}, name) ||
		mentions(f, "one-time", "one time", "verification code", "authenticator", "security code", "otp")
}

// mentions reports whether name or label hold one of the phrases as words.
func mentions(f Field, phrases ...string) bool {
	text := " " + strings.ToLower(f.Name+" "+f.Label) + " "
	return slices.ContainsFunc(phrases, func(p string) bool {
		i := strings.Index(text, p)
		return i > 0 && !isLetter(text[i-1]) && !isLetter(text[i+len(p)])
	})
}

func squeeze(name string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name))
}

// autofillNames are the field names of HTML's autofill (section 4.10.18.7.1)
// that can stand on a sign-in form; payment cards have no place there.
var autofillNames = []string{
	"username", "new-password", "current-password", "one-time-code", "name", "honorific-prefix", "given-name", "additional-name",
	"family-name", "honorific-suffix", "nickname", "organization-title", "organization", "street-address", "address-line1",
	"address-line2", "address-line3", "address-level1", "address-level2", "address-level3", "address-level4", "country",
	"country-name", "postal-code", "language", "bday", "bday-day", "bday-month", "bday-year", "sex", "url", "photo", "tel",
	"tel-country-code", "tel-national", "tel-area-code", "tel-local", "tel-extension", "email", "impp",
}

// autocomplete reads autofill tokens: on, off, or a name with an optional
// section, place and kind before it and webauthn behind it.
func autocomplete(value any) (Attr, bool, error) {
	attr, keep, err := text(value)
	if !keep {
		return attr, keep, err
	}
	tokens := strings.Fields(strings.ToLower(attr.Value))
	attr.Value = strings.Join(tokens, " ")
	if attr.Value == "on" || attr.Value == "off" {
		return attr, true, nil
	}
	if n := len(tokens); n > 1 && tokens[n-1] == "webauthn" {
		tokens = tokens[:n-1]
	}
	for len(tokens) > 1 && (strings.HasPrefix(tokens[0], "section-") ||
		slices.Contains([]string{"shipping", "billing", "home", "work", "mobile"}, tokens[0])) {
		tokens = tokens[1:]
	}
	if len(tokens) != 1 || !slices.Contains(autofillNames, tokens[0]) {
		return Attr{}, false, errors.New("is not known to HTML's autofill: choose username, email, tel, current-password, one-time-code, …")
	}
	return attr, true, nil
}

// checkPasswordAutofill keeps password managers working on password fields.
func checkPasswordAutofill(of kind, set attributeSet) error {
	a := set["autocomplete"]
	if of != kindPassword || (a == nil && !set.has("autocomplete")) {
		return nil
	}
	if a != nil {
		for _, token := range strings.Fields(a.Value) {
			if slices.Contains([]string{"current-password", "new-password", "one-time-code"}, token) {
				return nil
			}
		}
	}
	return fmt.Errorf("attribute %s keeps password managers from helping: leave it out, or give current-password, new-password or one-time-code", strconv.Quote("autocomplete"))
}
