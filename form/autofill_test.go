package form_test

import (
	"strings"
	"testing"

	"github.com/ostiary/ostiary/form"
)

func TestDefaults(t *testing.T) {
	const plain = " autocapitalize=none autocorrect=off spellcheck=false"
	username, email := form.Field{Name: "username"}, form.Field{Name: "email", Type: "email"}
	password := form.Field{Name: "password", Type: "password"}
	tests := []struct {
		name string
		form form.Form
		want string // of the last field
	}{
		{"PAG-7 username", form.Form{username}, "autocomplete=username" + plain},
		{"PAG-7 login", form.Form{{Name: "Login-ID"}}, "autocomplete=username" + plain},
		{"PAG-7 phone as the account", form.Form{{Name: "user", Type: "tel"}}, "autocomplete=username" + plain + " inputmode=tel"},
		{"PAG-7 e-mail is the account", form.Form{email}, "autocomplete=username" + plain + " inputmode=email"},
		{"PAG-7 e-mail by name", form.Form{{Name: "E-Mail"}}, "autocomplete=username" + plain + " inputmode=email"},
		{"PAG-7 second e-mail", form.Form{{Name: "e-mail"}, {Name: "mail"}}, "autocomplete=email" + plain + " inputmode=email"},
		{"PAG-7 e-mail beside a username", form.Form{username, email}, "autocomplete=email" + plain + " inputmode=email"},
		{"PAG-7 e-mail before a username", form.Form{username, {Name: "mail"}, email}, "autocomplete=email" + plain + " inputmode=email"},
		{"PAG-7 e-mail beside a declared username", form.Form{{Name: "x", Attributes: map[string]any{"autocomplete": "username webauthn"}}, email}, "autocomplete=email" + plain + " inputmode=email"},
		{"PAG-7 password", form.Form{username, password}, "autocomplete=current-password" + plain},
		{"PAG-7 PIN that is a password", form.Form{{Name: "pin", Type: "password"}}, "autocomplete=current-password" + plain},
		{"one-time code", form.Form{{Name: "code"}}, "autocomplete=one-time-code" + plain + " inputmode=numeric"},
		{"one-time code by label", form.Form{{Name: "x", Label: "Verification code"}}, "autocomplete=one-time-code" + plain + " inputmode=numeric"},
		{"one-time code, masked", form.Form{{Name: "otp", Type: "password"}}, "autocomplete=one-time-code" + plain + " inputmode=numeric"},
		{"one-time code in words of a name", form.Form{{Name: "my-otp"}}, "autocomplete=one-time-code" + plain + " inputmode=numeric"},
		{"code of a key has letters", form.Form{{Name: "otp", Label: "YubiKey OTP"}}, "autocomplete=one-time-code" + plain},
		{"recovery code has letters", form.Form{{Name: "code", Label: "Recovery code"}}, "autocomplete=one-time-code" + plain},
		{"laptop is no otp", form.Form{{Name: "laptop"}}, ""},
		{"postal code is none", form.Form{{Name: "postcode", Label: "Postal code"}}, ""},
		{"tel", form.Form{{Name: "phone", Type: "tel"}}, "autocomplete=tel inputmode=tel"},
		{"url", form.Form{{Name: "home", Type: "url"}}, strings.TrimSpace(plain) + " inputmode=url"},
		{"number", form.Form{{Name: "n", Type: "number"}}, "inputmode=numeric"},
		{"number with fractions", form.Form{typed("number", "step", 0.5)}, "step=0.5 inputmode=decimal"},
		{"number with a sign", form.Form{typed("number", "min", -5)}, "min=-5"},
		{"plain text", form.Form{{Name: "company"}}, ""},
		{"select", form.Form{typed("select", "class", "x")}, "class=x"},
		{"checkbox", form.Form{{Name: "user", Type: "checkbox"}}, ""},
		{"hidden", form.Form{{Name: "user", Type: "hidden"}}, ""},
		{"declared wins", form.Form{{Name: "username", Attributes: map[string]any{"autocomplete": "email", "spellcheck": true, "inputmode": "text"}}}, "autocomplete=email autocapitalize=none autocorrect=off spellcheck=true inputmode=text"},
		{"false leaves a default out", form.Form{{Name: "n", Type: "number", Attributes: map[string]any{"inputmode": false}}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inputs := compile(t, tt.form...).Inputs()
			in := inputs[len(inputs)-1]
			wanted := strings.FieldsFunc(tt.want, func(r rune) bool { return r == ' ' })
			if len(in.Attrs) != len(wanted) {
				t.Errorf("got %v, want %v", in.Attrs, wanted)
			}
			for _, w := range wanted {
				name, value, _ := strings.Cut(w, "=")
				if a, ok := in.Attr(name); !ok || a.Value != value {
					t.Errorf("got %v, want %s", in.Attrs, w)
				}
			}
		})
	}
}
