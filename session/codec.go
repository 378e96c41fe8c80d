package session

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// Config says how tokens are sealed, and which are opened.
type Config struct {
	// Secrets are what the keys are made of: the first seals, all open, at
	// most four. Each has at least 32 random bytes.
	Secrets Secrets

	// Format is the token format. Zero means NextAuthV4.
	Format Format

	// CookieName is the name of the session cookie. Zero means the name that
	// stock clients use, Format.CookieName(Secure).
	CookieName string

	// Secure tells that the cookies are served over HTTPS only. The names
	// without __Secure- are then not read (COO-2).
	Secure bool

	// Salt goes into the keys. Zero means what stock clients use: nothing in
	// NextAuthV4, the cookie's name in AuthJSV5.
	Salt string

	// AcceptA256GCM also opens A256GCM tokens in AuthJSV5, which that
	// generation reads but does not write.
	AcceptA256GCM bool

	// AllowNoSubject also opens tokens without sub, as next-auth makes them
	// for users without an id. Such a session names nobody.
	AllowNoSubject bool

	// InsecureAllowWeakSecrets takes secrets that can be guessed. Who guesses
	// one can be anybody. It is meant for reading what somebody else sealed,
	// until that somebody has a better secret.
	InsecureAllowWeakSecrets bool

	// MaxChunks is the greatest number of cookies that a token may come in or
	// be split into. Zero means 8 (COO-4), and 64 is the most.
	MaxChunks int

	// Now is the clock for calls that are given no time. Nil means time.Now.
	Now func() time.Time `json:"-"`
}

// Codec seals and opens the tokens of one format. It is safe for concurrent
// use, and holds keys only: the secrets are gone after [New].
type Codec struct {
	format    Format
	cookie    string
	boxes     []box // in order of the secrets; the first seals
	gcm       []box // of AuthJSV5, when A256GCM is accepted
	noSubject bool
	maxChunks int
	now       func() time.Time
}

const (
	defaultChunks = 8
	mostChunks    = 64
	maxName       = 128 // so that name and value stay below 4096 bytes (COO-5)
)

// New derives the keys. Its error joins everything that is wrong with c.
func New(c Config) (*Codec, error) {
	c.Format = c.Format.or()
	var faults []error
	if !c.Format.Valid() {
		faults = append(faults, fmt.Errorf("format %q is neither %s nor %s", string(c.Format), NextAuthV4, AuthJSV5))
	}
	if c.CookieName == "" {
		c.CookieName = c.Format.CookieName(c.Secure)
	}
	if c.MaxChunks == 0 {
		c.MaxChunks = defaultChunks
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MaxChunks < 0 || c.MaxChunks > mostChunks {
		faults = append(faults, fmt.Errorf("%d cookies for a token: between 1 and %d are possible", c.MaxChunks, mostChunks))
	}
	if c.AcceptA256GCM && c.Format == NextAuthV4 {
		faults = append(faults, fmt.Errorf("A256GCM is what %s always uses; accepting it besides is for %s", NextAuthV4, AuthJSV5))
	}
	faults = append(faults, checkName(c.CookieName), checkSecrets(c.Secrets, c.InsecureAllowWeakSecrets))
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	codec := &Codec{format: c.Format, cookie: c.CookieName, noSubject: c.AllowNoSubject, maxChunks: c.MaxChunks, now: c.Now}
	if err := codec.deriveAll(c); err != nil {
		return nil, err
	}
	return codec, nil
}

func (c *Codec) deriveAll(from Config) error {
	salt := from.Salt
	if salt == "" && c.format == AuthJSV5 {
		salt = c.cookie
	}
	add := func(to *[]box, secret string, size int) error {
		key, err := c.format.derive(secret, salt, size)
		if err != nil {
			return err
		}
		var b box
		if size == 64 {
			b, err = newCBC(key)
		} else {
			b, err = newGCM(key, c.format == AuthJSV5)
		}
		*to = append(*to, b)
		return err
	}
	for i, secret := range from.Secrets {
		size := 32
		if c.format == AuthJSV5 {
			size = 64
		}
		err := add(&c.boxes, secret, size)
		if from.AcceptA256GCM && err == nil {
			err = add(&c.gcm, secret, 32)
		}
		if err != nil {
			return fmt.Errorf("deriving the key of secret %d: %w", i+1, err)
		}
	}
	return nil
}

// Seal returns the token as text. It sets nothing by itself: the caller gives
// Expires, which with Subject is required, and the other times and ids. The
// error is [ErrReserved] when Extra has a claim that it may not have,
// [ErrTooLarge] when the result is beyond what can be opened.
func (c *Codec) Seal(t *Token) (string, error) {
	desk := desks.Get().(*desk)
	defer desks.Put(desk)
	sealed, err := c.append(desk, desk.sealed[:0], t)
	if err != nil {
		return "", err
	}
	desk.sealed = sealed
	return string(sealed), nil
}

// AppendSeal is [Codec.Seal] for whoever writes the token into a text of their own:
// it appends to dst and returns the extended slice. With an error, that is dst.
func (c *Codec) AppendSeal(dst []byte, t *Token) ([]byte, error) {
	desk := desks.Get().(*desk)
	defer desks.Put(desk)
	return c.append(desk, dst, t)
}

func (c *Codec) append(desk *desk, dst []byte, t *Token) ([]byte, error) {
	if t.Expires <= 0 {
		return dst, errors.New(`claim "exp" is missing`)
	}
	if t.Subject == "" && !c.noSubject {
		return dst, errors.New(`claim "sub" is missing`)
	}
	plain, err := t.appendClaims(desk.plain[:0])
	if err != nil {
		return dst, err
	}
	desk.plain = plain
	sealed := c.boxes[0].seal(dst, plain)
	if sealed == nil {
		return dst, errPlatform
	}
	if len(sealed)-len(dst) > maxToken {
		return dst, ErrTooLarge
	}
	return sealed, nil
}

// desk is working memory for sealing. Like a room, it is overwritten by the next.
type desk struct{ plain, sealed []byte }

var desks = sync.Pool{New: func() any { return &desk{make([]byte, 0, 1024), make([]byte, 0, 2048)} }}

// leeway is how far clocks may differ, in seconds.
const leeway = 15

// Open returns what a token says, if it is a session at the time now; the zero
// time stands for Config.Now. The error is [ErrExpired] for a session that is
// over, and [ErrInvalid] for anything else.
func (c *Codec) Open(token string, now time.Time) (*Token, error) {
	plain, ok := c.decrypt(token)
	if !ok {
		return nil, ErrInvalid
	}
	t, ok := parseClaims(plain)
	if !ok || t.Expires == 0 || t.Subject == "" && !c.noSubject {
		return nil, ErrInvalid
	}
	if now.IsZero() {
		now = c.now()
	}
	switch at := now.Unix(); {
	case t.NotBefore > at+leeway:
		return nil, ErrInvalid
	case t.Expires <= at-leeway:
		return nil, ErrExpired
	}
	return t, nil
}

// CookieName returns the name of the session cookie, without the number of a
// chunk.
func (c *Codec) CookieName() string { return c.cookie }

// String names the format and the cookie.
func (c *Codec) String() string {
	return fmt.Sprintf("session.Codec{%s, %s, %d keys}", c.format, c.cookie, len(c.boxes))
}
