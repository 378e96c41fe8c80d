package ostiary

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/ostiary/ostiary/session"
)

// view is what GET session shows: name, email and image, the claims that are
// exposed, and what the Session callback makes of it.
func (s *Service) view(ctx context.Context, t *session.Token) (*View, error) {
	v := &View{User: make(map[string]any, 4), Expires: time.Unix(t.Expires, 0)}
	show := func(name string, value session.Text) {
		if value.Present() {
			v.User[name] = value
		}
	}
	show("name", t.Name)
	show("email", t.Email)
	show("image", t.Picture)
	for _, name := range s.config.Session.Expose {
		switch {
		case name == "id":
			v.User["id"] = t.Subject
		case name == "groups":
			v.User["groups"] = t.Groups
		default:
			if raw := t.Extra.Get(name); raw != nil {
				v.User[name] = raw
			}
		}
	}
	if s.config.Callbacks.Session == nil {
		return v, nil
	}
	return v, s.callSession(ctx, v, t)
}

func (s *Service) callSession(ctx context.Context, v *View, t *session.Token) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("Session callback panicked: %v", cause)
		}
	}()
	return s.config.Callbacks.Session(ctx, v, t)
}

// MarshalJSON writes the view as the clients read it.
func (v *View) MarshalJSON() ([]byte, error) {
	if len(v.Extra) == 0 {
		return json.Marshal(struct {
			User    map[string]any `json:"user"`
			Expires string         `json:"expires"`
		}{v.User, stamp(v.Expires)})
	}
	all := maps.Clone(v.Extra)
	all["user"], all["expires"] = v.User, stamp(v.Expires)
	return json.Marshal(all)
}

// plainView is the view of a session that nobody changes, written in one go.
func plainView(t *session.Token) []byte {
	out := append(make([]byte, 0, 256), `{"user":{`...)
	show := func(name string, value session.Text) {
		if !value.Present() {
			return
		}
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), name...), '"', ':')
		if value.IsNull() {
			out = append(out, "null"...)
		} else {
			out = appendText(out, value.Value())
		}
	}
	show("name", t.Name)
	show("email", t.Email)
	show("image", t.Picture)
	out = append(out, `},"expires":"`...)
	out = time.Unix(t.Expires, 0).UTC().AppendFormat(out, stampLayout)
	return append(out, `"}`...)
}

// appendText writes a JSON string. Only what needs escaping, which names and
// addresses seldom do, goes to encoding/json.
func appendText(out []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			text, _ := json.Marshal(s) // a string can't fail
			return append(out, text...)
		}
	}
	return append(append(append(out, '"'), s...), '"')
}
