package ostiary

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ostiary/ostiary/session"
)

// current is the session that a request came with, as far as it has one.
type current struct {
	token *session.Token // nil: signed out
	names []string       // the cookies that it was, or should have been, in
	why   error          // why a cookie that was there is no session
}

// find opens the session of a request: cookies first, in the formats that are
// accepted, then a bearer token if that is allowed. It costs no round trip.
func (s *Service) find(r *http.Request) current {
	var c current
	now := s.now()
	for _, codec := range s.codecs {
		found := codec.FromHeader(r.Header)
		if c.names == nil {
			c.names = found.Names // the usual case, without a copy
		} else {
			c.names = append(c.names, found.Names...)
		}
		if c.token != nil || len(found.Names) == 0 {
			continue
		}
		c.token, c.why = s.open(codec, found, now)
	}
	if c.token == nil && s.config.Session.AcceptBearer && len(c.names) == 0 {
		c.token, c.why = s.bearer(r, now)
	}
	return c
}

func (s *Service) open(codec *session.Codec, found session.Found, now time.Time) (*session.Token, error) {
	if found.Conflict || found.Token == "" {
		return nil, session.ErrInvalid
	}
	return s.openToken(codec, found.Token, now)
}

func (s *Service) openToken(codec *session.Codec, token string, now time.Time) (*session.Token, error) {
	t, err := codec.Open(token, now)
	if err != nil {
		return nil, err
	}
	if err := s.live(t, now); err != nil {
		return nil, err
	}
	return t, nil
}

// live tells what is over although its token still opens: revoked sessions,
// and those beyond the absolute end (SES-2, SES-3).
func (s *Service) live(t *session.Token, now time.Time) error {
	switch {
	case s.config.Store.Revoked(sessionID(t)), s.epochOver(t):
		return errRevoked
	case t.Started > 0 && !now.Before(time.Unix(t.Started, 0).Add(s.config.Session.Absolute)):
		return session.ErrExpired
	}
	return nil
}

// bearer opens a token from the Authorization header, percent-decoded like the
// clients' getToken does (contract, section 8).
func (s *Service) bearer(r *http.Request, now time.Time) (*session.Token, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return nil, nil
	}
	raw, ok := strings.CutPrefix(values[0], "Bearer ")
	if !ok {
		return nil, nil
	}
	token, err := url.PathUnescape(raw)
	if err != nil {
		return nil, session.ErrInvalid
	}
	for _, codec := range s.codecs {
		t, oerr := s.openToken(codec, token, now)
		if oerr == nil {
			return t, nil
		}
		err = oerr
	}
	return nil, err
}

var errRevoked = errors.New("the session was ended")
