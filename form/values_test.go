package form_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ostiary/ostiary/form"
)

const canary = "CANARY-open-sesame"

func secrets(t *testing.T) form.Values {
	t.Helper()
	c := compile(t, form.Field{Name: "user"}, form.Field{Name: "pw", Type: "password"}, form.Field{Name: "pin", Secret: true},
		form.Field{Name: "site", Type: "select", Secret: true, Options: []form.Option{{Value: canary}}})
	v, err := c.Parse(map[string][]string{"user": {"ada"}, "pw": {canary}, "pin": {canary}, "site": {canary}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSecretsDoNotPrint(t *testing.T) {
	v := secrets(t)
	type exported struct {
		V form.Values
		P *form.Values
		A any
		M map[string]form.Values
		S []form.Values
	}
	type unexported struct {
		v form.Values
		p *form.Values
		a any
		m map[string]form.Values
		s []*form.Values
	}
	type embedded struct{ form.Values }
	in := exported{v, &v, v, map[string]form.Values{"k": v}, []form.Values{v}}
	un := unexported{v, &v, v, map[string]form.Values{"k": v}, []*form.Values{&v}}
	holders := []any{v, &v, in, &in, un, &un, embedded{v}, &embedded{v}, []any{v, &v}, map[string]any{"v": v}}
	for _, holder := range holders {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T", "%10.3s", "%!"} {
			if got := fmt.Sprintf(verb, holder); leaks(got) {
				t.Errorf("CON-5 LOG-2 %s of %T prints %s", verb, holder, got)
			}
		}
		encoded, err := json.Marshal(holder)
		if err != nil || leaks(string(encoded)) {
			t.Errorf("CON-5 json of %T gives %s %v", holder, encoded, err)
		}
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b bytes.Buffer
			slog.New(handler(&b)).Info("attempt", "holder", holder)
			if leaks(b.String()) {
				t.Errorf("CON-5 slog of %T gives %s", holder, b.String())
			}
		}
	}
	if leaks(fmt.Sprint(v, &v)) || leaks(fmt.Errorf("with %v", v).Error()) || leaks(v.String()) || leaks(v.GoString()) {
		t.Error("CON-5 leaks")
	}
}

// leaks looks for the secret as it is and in hexadecimal.
func leaks(s string) bool {
	return strings.Contains(s, "CANARY") || strings.Contains(strings.ToLower(s), fmt.Sprintf("%x", "CANARY"))
}

func TestValuesPrint(t *testing.T) {
	v := secrets(t)
	if got, want := fmt.Sprint(v), `{user:"ada" pw:*** pin:*** site:***}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := fmt.Sprintf("%#v", v), `form.Values{user:"ada" pw:*** pin:*** site:***}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	encoded, err := json.Marshal(v)
	if got, want := string(encoded), `{"user":"ada","pw":"***","pin":"***","site":"***"}`; got != want || err != nil {
		t.Errorf("got %s %v, want %s", got, err, want)
	}
	if got, want := v.LogValue().String(), `[user=ada pw=*** pin=*** site=***]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	long, _ := send(t, form.Field{Name: "f"}, strings.Repeat("é", 500))
	if got := fmt.Sprint(long); got != `{f:"`+strings.Repeat("é", 32)+`…"}` {
		t.Errorf("got %s, want it shortened", got)
	}
	if got := fmt.Sprint(form.Values{}); got != "{}" {
		t.Errorf("got %s, want {}", got)
	}
}

func TestValues(t *testing.T) {
	v := secrets(t)
	if v.Get("pw") != canary || v.Get("PW") != "" || v.Get("none") != "" || !v.Has("pin") || v.Has("none") || v.Bool("user") {
		t.Errorf("got %q %q %q", v.Get("pw"), v.Get("PW"), v.Get("none"))
	}
	if got := strings.Join(v.Names(), " "); got != "user pw pin site" {
		t.Errorf("names in the order %s", got)
	}
	if got := v.Reveal(); len(got) != 4 || got["pw"] != canary {
		t.Errorf("revealed %v", got)
	}
	if got := fmt.Sprint(v.Keep()); got != "map[user:ada]" {
		t.Errorf("PAG-5 kept %s", got)
	}
	var zero form.Values
	if zero.Get("a") != "" || zero.Has("a") || zero.Bool("a") || len(zero.Names())+len(zero.Reveal())+len(zero.Keep()) != 0 {
		t.Error("the zero value holds something")
	}
}

func TestCheckbox(t *testing.T) {
	box := form.Field{Name: "f", Type: "checkbox", Value: "30d"}
	for value, want := range map[string]bool{"30d": true, "true": true, "false": false, "": false} {
		v, _ := send(t, box, value)
		if v.Bool("f") != want || v.Has("f") != want || (v.Get("f") == "30d") != want || (len(v.Keep()) == 1) != want {
			t.Errorf("%q: got %v %v %q %v, want %v", value, v.Bool("f"), v.Has("f"), v.Get("f"), v.Keep(), want)
		}
	}
	if v, _ := send(t, box); v.Bool("f") || v.Has("f") {
		t.Error("ticked without being submitted")
	}
}
