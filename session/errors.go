package session

import "errors"

var (
	// ErrInvalid is returned for a token that is not a session: malformed,
	// sealed under another key, altered, not yet valid, or without the claims
	// that a session needs. It does not tell which (JWE-5).
	ErrInvalid = errors.New("invalid session token")

	// ErrExpired is returned for a token that was a session and is over. It is
	// also an [ErrInvalid].
	ErrExpired error = expired{}

	// ErrNone is returned by [Reader.Read] for a request without a session.
	ErrNone = errors.New("no session token")

	// ErrTooLarge is returned for a session that does not fit into cookies.
	ErrTooLarge = errors.New("session token too large")
)

type expired struct{}

func (expired) Error() string        { return "expired session token" }
func (expired) Is(target error) bool { return target == ErrInvalid }
