package session

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ReaderConfig says which sessions a [Reader] takes.
type ReaderConfig struct {
	// Secrets are those of the issuer, at most four; any may open.
	Secrets Secrets

	// Format is the issuer's token format. Zero means NextAuthV4.
	Format Format

	// CookieName is the name of the session cookie. Zero means the name that
	// stock clients use, Format.CookieName(Secure).
	CookieName string

	// Secure tells that the issuer is served over HTTPS. The names without
	// __Secure- are then not read (COO-2).
	Secure bool

	// Also are further formats to read while an issuer changes over, under
	// the cookie names that stock clients give them.
	Also []Format

	// Bearer also reads "Authorization: Bearer" when there is no session
	// cookie, as getToken of the stock clients does (SES-9).
	Bearer bool

	// Salt, AcceptA256GCM, AllowNoSubject, InsecureAllowWeakSecrets and
	// MaxChunks are those of Config. Salt and AcceptA256GCM are for Format,
	// not for those of Also.
	Salt                     string
	AcceptA256GCM            bool
	AllowNoSubject           bool
	InsecureAllowWeakSecrets bool
	MaxChunks                int

	// Now is the clock. Nil means time.Now.
	Now func() time.Time `json:"-"`
}

// Reader reads sessions that somebody else made. It sees what a token says,
// not what has become of the session since: one that was ended or revoked at
// its issuer reads well until it expires. It is safe for concurrent use.
type Reader struct {
	codecs []*Codec
	bearer bool
	now    func() time.Time
}

// NewReader derives the keys. Its error joins everything that is wrong with c.
func NewReader(c ReaderConfig) (*Reader, error) {
	config := Config{
		Secrets: c.Secrets, Format: c.Format.or(), CookieName: c.CookieName, Secure: c.Secure, Salt: c.Salt,
		AcceptA256GCM: c.AcceptA256GCM, AllowNoSubject: c.AllowNoSubject,
		InsecureAllowWeakSecrets: c.InsecureAllowWeakSecrets, MaxChunks: c.MaxChunks, Now: c.Now,
	}
	first, err := New(config)
	if err != nil {
		return nil, err
	}
	r := &Reader{codecs: []*Codec{first}, bearer: c.Bearer, now: first.now}
	formats := []Format{config.Format}
	for _, format := range c.Also {
		if slices.Contains(formats, format.or()) {
			return nil, fmt.Errorf("format %s is given twice", format.or())
		}
		formats = append(formats, format.or())
		config.Format, config.CookieName, config.Salt, config.AcceptA256GCM = format, "", "", false
		codec, err := New(config)
		if err != nil {
			return nil, err
		}
		if codec.cookie == first.cookie {
			return nil, errors.New("two formats under one cookie name")
		}
		r.codecs = append(r.codecs, codec)
	}
	return r, nil
}

// Read returns the session of a request. The error is [ErrNone] when it has
// none, [ErrExpired] when it is over, and [ErrInvalid] when what it has can't
// be trusted; each means that nobody is signed in.
func (r *Reader) Read(req *http.Request) (*Token, error) {
	now, err := r.now(), ErrNone
	for _, codec := range r.codecs {
		found := codec.FromHeader(req.Header)
		if len(found.Names) == 0 && !found.Conflict {
			continue
		}
		var t *Token
		if t, err = codec.Open(found.Token, now); err == nil {
			return t, nil
		}
	}
	if err != ErrNone || !r.bearer {
		return nil, err
	}
	return r.readBearer(req.Header, now)
}

// readBearer reads the one Authorization line of a request. The word Bearer is
// case-sensitive, the token percent-encoded (contract, section 8).
func (r *Reader) readBearer(h http.Header, now time.Time) (*Token, error) {
	lines := h["Authorization"]
	if len(lines) == 0 {
		return nil, ErrNone
	}
	encoded, ok := strings.CutPrefix(lines[0], "Bearer ")
	if !ok {
		return nil, ErrNone
	}
	token, err := url.PathUnescape(encoded)
	if err != nil || len(lines) > 1 {
		return nil, ErrInvalid
	}
	err = ErrInvalid
	for _, codec := range r.codecs {
		t, failed := codec.Open(token, now)
		if failed == nil {
			return t, nil
		}
		if failed == ErrExpired {
			err = failed
		}
	}
	return nil, err
}
