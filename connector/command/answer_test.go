//go:build unix

package command_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/command"
	"github.com/ostiary/ostiary/form"
)

const pureSh = `cat >/dev/null
`

func TestAnswers(t *testing.T) {
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	for name, row := range map[string]struct{ text, want string }{
		"a user":                           {`echo '{"id":"7","name":"J"}'`, "user 7"},
		"blanks around it":                 {`printf '\n\t {"id":"7"}\r\n '`, "user 7"},
		"nulls":                            {`echo '{"id":"7","name":null,"groups":null,"claims":null}'`, "user 7"},
		"as large as may be":               {`printf '{"id":"7","name":"'; head -c 65514 /dev/zero | tr '\0' x; printf '"}'`, "user 7"},
		"refused":                          {`exit 1`, "refused"},
		"refused, and not JSON":            {`echo Traceback; exit 1`, "refused"},
		"refused, and a user":              {`echo '{"id":"7"}'; exit 1`, "refused"},
		"refused with a code":              {`echo '{"code":"locked"}'; exit 1`, "refused: locked"},
		"refused with a code twice":        {`echo '{"code":"locked","code":"x"}'; exit 1`, "refused"},
		"a next step":                      {`echo '{"next":{"code":"sms"}}'; exit 2`, "next: sms"},
		"CON-1 a next step and exit 0":     {`echo '{"next":{"code":"sms"}}'`, "unavailable"},
		"CON-1 exit 2 alone":               {`exit 2`, "unavailable"},
		"CON-1 exit 2 and a user":          {`echo '{"id":"7"}'; exit 2`, "unavailable"},
		"CON-1 exit 3":                     {`echo '{"id":"7"}'; exit 3`, "unavailable"},
		"CON-1 exit 255":                   {`echo '{"id":"7"}'; exit 255`, "unavailable"},
		"CON-1 dies by SIGKILL":            {`echo '{"id":"7"}'; kill -9 $$`, "unavailable"},
		"CON-1 dies by SIGSEGV":            {`echo '{"id":"7"}'; kill -11 $$`, "unavailable"},
		"CON-1 no output":                  {`exit 0`, "unavailable"},
		"CON-1 no id":                      {`echo '{"name":"J"}'`, "unavailable"},
		"CON-1 an empty id":                {`echo '{"id":""}'`, "unavailable"},
		"CON-1 an id of blanks":            {`echo '{"id":"  "}'`, "unavailable"},
		"CON-1 an id of control":           {`echo '{"id":"a\u0000b"}'`, "unavailable"},
		"CON-1 an id that is a number":     {`echo '{"id":7}'`, "unavailable"},
		"CON-1 an id that is null":         {`echo '{"id":null}'`, "unavailable"},
		"CON-1 an id that is a list":       {`echo '{"id":["7"]}'`, "unavailable"},
		"CON-1 an id twice":                {`echo '{"id":"7","id":"8"}'`, "unavailable"},
		"CON-1 an id twice, once escaped":  {`echo '{"id":"7","\u0069d":"8"}'`, "unavailable"},
		"CON-1 a claim twice":              {`echo '{"id":"7","claims":{"a":1,"a":2}}'`, "unavailable"},
		"CON-1 two objects":                {`echo '{"id":"7"}{"id":"8"}'`, "unavailable"},
		"CON-1 two lines":                  {`echo '{"id":"7"}'; echo '{"id":"8"}'`, "unavailable"},
		"CON-1 text before it":             {`echo 'welcome'; echo '{"id":"7"}'`, "unavailable"},
		"CON-1 an unknown member":          {`echo '{"id":"7","group":["staff"]}'`, "unavailable"},
		"CON-1 Id":                         {`echo '{"Id":"7"}'`, "unavailable"},
		"CON-1 a list":                     {`echo '[{"id":"7"}]'`, "unavailable"},
		"CON-1 null":                       {`echo null`, "unavailable"},
		"CON-1 NaN":                        {`echo '{"id":"7","claims":{"a":NaN}}'`, "unavailable"},
		"CON-1 deep":                       {`echo '{"id":"7","claims":{"a":` + deep + `}}'`, "unavailable"},
		"CON-1 very deep":                  {`printf '{"id":"7","claims":{"a":'; head -c 60000 /dev/zero | tr '\0' '['`, "unavailable"},
		"CON-1 not UTF-8":                  {`printf '{"id":"7","name":"\377"}'`, "unavailable"},
		"CON-1 half a surrogate":           {`echo '{"id":"7","name":"\ud800"}'`, "unavailable"},
		"CON-1 a byte order mark":          {`printf '\357\273\277{"id":"7"}'`, "unavailable"},
		"CON-1 a name that is a number":    {`echo '{"id":"7","name":7}'`, "unavailable"},
		"CON-1 groups that are a text":     {`echo '{"id":"7","groups":"staff"}'`, "unavailable"},
		"CON-1 groups with a number":       {`echo '{"id":"7","groups":["a",1]}'`, "unavailable"},
		"CON-1 groups with null":           {`echo '{"id":"7","groups":[null]}'`, "unavailable"},
		"CON-1 claims that are a list":     {`echo '{"id":"7","claims":[]}'`, "unavailable"},
		"CON-1 an object that breaks off":  {`printf '{"id":"7"'`, "unavailable"},
		"CON-2 a byte more than may be":    {`printf '{"id":"7","name":"'; head -c 65517 /dev/zero | tr '\0' x; printf '"}'`, "unavailable"},
		"closes its input early":           {`exec <&-; echo '{"id":"7"}'`, "user 7"},
		"leaves its input unread":          {`echo '{"id":"7"}'; exec >&-`, "user 7"},
		"a state larger than may be kept":  {`printf '{"next":{"state":"'; head -c 1023 /dev/zero | tr '\0' x; printf '"}}'; exit 2`, "unavailable"},
		"a state as large as may be kept":  {`printf '{"next":{"state":"'; head -c 1022 /dev/zero | tr '\0' x; printf '"}}'; exit 2`, "next: "},
		"a step that is a text":            {`echo '{"next":"sms"}'; exit 2`, "unavailable"},
		"a step with an unknown member":    {`echo '{"next":{"form":[]}}'; exit 2`, "unavailable"},
		"a step with a field that is none": {`echo '{"next":{"fields":[{"name":"a","type":"nonsense"}]}}'; exit 2`, "unavailable"},
		"a step with a field twice":        {`echo '{"next":{"fields":[{"name":"a"},{"name":"a"}]}}'; exit 2`, "unavailable"},
		"a step with fields in a text":     {`echo '{"next":{"fields":"otp"}}'; exit 2`, "unavailable"},
		"a step with a number as title":    {`echo '{"next":{"title":1}}'; exit 2`, "unavailable"},
		"a step with a field of nothing":   {`echo '{"next":{"fields":[null]}}'; exit 2`, "unavailable"},
		"a step with 65 fields":            {`printf '{"next":{"fields":{"a":{}'; for i in $(seq 64); do printf ',"a%d":{}' $i; done; printf '}}}'; exit 2`, "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			user, err := ask(t, command.Config{Argv: script(t, row.text)})
			if got := outcome(user, err); got != row.want {
				t.Errorf("got %s (%v), want %s", got, err, row.want)
			}
			if err != nil && strings.Contains(err.Error(), "c4n") {
				t.Errorf("LOG-2: the error tells the password: %v", err)
			}
		})
	}
}

func TestUser(t *testing.T) {
	user, err := ask(t, command.Config{Argv: script(t, pureSh+`cat <<'END'
{"id":"007","name":"J Smith","email":"j@example.com","image":"https://example.com/j.png","groups":["staff","ops"],
 "claims":{"tenant":"acme","level":3,"list":[1,null,{"a":true}]}}
END`)})
	if err != nil {
		t.Fatal(err)
	}
	claims := fmt.Sprint(user.Claims)
	user.Claims = nil
	want := &ostiary.User{
		ID: "007", Name: "J Smith", Email: "j@example.com", Image: "https://example.com/j.png", Groups: []string{"staff", "ops"},
	}
	if !reflect.DeepEqual(user, want) {
		t.Errorf("got %+v, want %+v", user, want)
	}
	if want := "map[level:3 list:[1 <nil> map[a:true]] tenant:acme]"; claims != want {
		t.Errorf("claims: got %s, want %s", claims, want)
	}
	user, err = ask(t, command.Config{Argv: script(t, `echo '{"id":"7","image":"javascript:alert(1)"}'`)})
	if err != nil || user.Image != "" {
		t.Errorf("an image that is no address: got %+v, %v", user, err)
	}
}

func TestRefusal(t *testing.T) {
	_, err := ask(t, command.Config{Argv: script(t, `printf '%s' '{"code":"locked","message":"Too\nmany.","retry_after":90}'; exit 1`)})
	refusal, ok := errors.AsType[*ostiary.Refusal](err)
	if !ok {
		t.Fatalf("got %v, want a refusal", err)
	}
	if refusal.Code != "locked" || refusal.Sentence != "Too many." || refusal.RetryAfter != 90*time.Second {
		t.Errorf("got %+v", refusal)
	}
	for name, text := range map[string]string{
		"an unprintable code": `{"code":"a\u0007"}`, "a long code": `{"code":"` + strings.Repeat("x", 65) + `"}`,
		"a code of another type": `{"code":1,"message":[],"retry_after":"x"}`, "a negative wait": `{"retry_after":-1}`,
	} {
		if user, err := ask(t, command.Config{Argv: script(t, "echo '"+text+"'; exit 1")}); user != nil || err != nil {
			t.Errorf("IDN-4 %s: got %v, %v, want the plain refusal", name, user, err)
		}
	}
	_, err = ask(t, command.Config{Argv: script(t, `echo '{"retry_after":9223372036854775807}'; exit 1`)})
	if refusal, ok := errors.AsType[*ostiary.Refusal](err); !ok || refusal.RetryAfter != 24*time.Hour {
		t.Errorf("a wait without end: got %v, want a day", err)
	}
}

// TestStep goes two steps: what the program sends along comes back.
func TestStep(t *testing.T) {
	c := connect(t, command.Config{Argv: script(t, `read -r request
case $request in
*'"state":{"transaction":"8f14e4","left":2}'*'"fields"'*) exit 3 ;;
*'"otp":"123456"'*'"state":{"transaction":"8f14e4","left":2}'*) echo '{"id":"7"}' ;;
*'"password":'*) cat <<'END'
{"next": {"code": "sms", "title": "Check your phone", "message": "We sent a code.",
 "fields": {"otp": {"label": "Code", "pattern": "[0-9]{6}"}, "again": {"type": "checkbox"}}, "state": {"transaction": "8f14e4", "left": 2}}}
END
exit 2 ;;
*) exit 1 ;;
esac`)})
	_, err := c.Authorize(t.Context(), values(t, "jsmith", canary), nil)
	step, ok := errors.AsType[*ostiary.NextStep](err)
	if !ok {
		t.Fatalf("got %v, want a next step", err)
	}
	if step.Code != "sms" || step.Title != "Check your phone" || step.Sentence != "We sent a code." || len(step.Form) != 2 ||
		step.Form[0].Name != "otp" || step.Form[1].Name != "again" || string(step.State) != `{"transaction":"8f14e4","left":2}` {
		t.Errorf("got %+v", step)
	}
	compiled, err := form.Compile(step.Form)
	if err != nil {
		t.Fatal(err)
	}
	typed, err := compiled.Parse(map[string][]string{"otp": {"123456"}})
	if err != nil {
		t.Fatal(err)
	}
	user, err := c.Authorize(ostiary.WithStepState(t.Context(), step.State), typed, nil)
	if got := outcome(user, err); got != "user 7" {
		t.Errorf("the second step: got %s (%v), want user 7", got, err)
	}
	user, err = c.Authorize(ostiary.WithStepState(t.Context(), []byte("{")), typed, nil)
	if got := outcome(user, err); got != "unavailable" {
		t.Errorf("a state that is not JSON: got %s, want unavailable", got)
	}
}

func TestLookup(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"there":                           {`read -r r; test "$r" = '{"version":1,"action":"lookup","id":"7"}' && echo '{"id":"7"}'`, "user 7"},
		"gone":                            {`echo '{}'; exit 1`, "refused"},
		"gone, and why":                   {`echo '{"code":"left"}'; exit 1`, "refused"},
		"a crash signs nobody out":        {`echo Traceback >&2; exit 1`, "unavailable"},
		"a crash that talks":              {`echo Traceback; exit 1`, "unavailable"},
		"IDN-2 somebody else":             {`echo '{"id":"8"}'`, "unavailable"},
		"a next step":                     {`echo '{"next":{}}'; exit 2`, "unavailable"},
		"nothing at all":                  {`exit 0`, "unavailable"},
		"a program that does not know it": {`exit 64`, "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, command.Config{Argv: script(t, row.text), Lookup: true})
			if got := outcome(c.Lookup(t.Context(), "7")); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
	c := connect(t, command.Config{Argv: []string{"/bin/true"}})
	if got := outcome(c.Lookup(t.Context(), "7")); got != "unavailable" || c.CanLookup() {
		t.Errorf("without Lookup: got %s, want unavailable", got)
	}
	c = connect(t, command.Config{Argv: []string{"/bin/false"}, Lookup: true})
	if got := outcome(c.Lookup(t.Context(), "a\x00")); got != "refused" {
		t.Errorf("an id that can't be: got %s, want nobody", got)
	}
}
