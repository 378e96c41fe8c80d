package radius

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ostiary/ostiary"
)

// judge turns a reply that was verified into what an authorizer answers. Nothing
// but an Access-Accept is a user (RAD-2).
func (c *Connector) judge(ctx context.Context, name, server string, reply packet) (*ostiary.User, error) {
	switch reply.code {
	case accessAccept:
		return c.user(ctx, name, server, reply)
	case accessChallenge:
		ostiary.Trace(ctx, "challenged", slog.String("server", server), slog.String("message", message(reply)))
		return nil, c.nextStep(name, server, reply)
	case accessReject:
		ostiary.Trace(ctx, "rejected", slog.String("server", server), slog.String("message", message(reply)))
		return nil, c.rejected(message(reply))
	}
	return nil, c.unavailable(fmt.Errorf("%s: code %d", server, reply.code))
}

// rejected tells of a state when the server named one and Reveal lists it.
func (c *Connector) rejected(said string) error {
	config := c.config()
	said = strings.ToLower(said)
	for _, text := range slices.Sorted(maps.Keys(config.States)) {
		if strings.Contains(said, strings.ToLower(text)) {
			return config.Reveal.Refuse(config.States[text], errors.New(said))
		}
	}
	return nil
}

func (c *Connector) user(ctx context.Context, name, server string, reply packet) (*ostiary.User, error) {
	config := c.config()
	user := &ostiary.User{ID: name, Name: name, Groups: config.groups(reply)}
	if config.UserID == AttributeUserName {
		names := reply.all(userName)
		if len(names) != 1 || !readable(names[0]) {
			return nil, c.unavailable(fmt.Errorf("%s: the accept does not have one User-Name, which is to be the id", server))
		}
		user.ID, user.Name = string(names[0]), string(names[0])
	}
	ostiary.Trace(ctx, "accepted", slog.String("server", server), slog.String("id", user.ID), slog.Any("groups", user.Groups))
	return user, nil
}

// groups are the values that are text and begin with the prefix, each once. Some
// servers put bytes of their own into Class: those are none.
func (c Config) groups(reply packet) (list []string) {
	for _, name := range c.Groups {
		for _, value := range reply.all(groupAttribute(name)) {
			group, ok := strings.CutPrefix(string(value), c.GroupPrefix)
			if c.GroupPrefix != "" {
				group = strings.TrimSuffix(group, ";")
			}
			if ok && readable([]byte(group)) && !slices.Contains(list, group) {
				list = append(list, group)
			}
		}
	}
	return list
}

// readable reports whether b is a text that a person could read.
func readable(b []byte) bool {
	return len(b) > 0 && utf8.Valid(b) && !strings.ContainsFunc(string(b), func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsPrint(r)
	})
}
