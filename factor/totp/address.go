package totp

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Address is the content of the QR code that apps scan: the key with whose it is
// (the otpauth format of Google Authenticator's wiki).
type Address struct {
	Key Key
	// Issuer is the service, Account the person at it. Neither has a colon.
	Issuer, Account string
	// Counter is set for codes by counter, and is the next one then.
	Counter *int64
}

// String writes the address. It holds the secret: it is for one person's eyes.
func (a Address) String() string {
	label := strings.ReplaceAll(a.Account, ":", " ")
	issuer := strings.ReplaceAll(a.Issuer, ":", " ")
	if issuer != "" {
		label = issuer + ":" + label
	}
	q := "secret=" + encoding.EncodeToString(a.Key.Secret.bytes())
	if issuer != "" {
		q += "&issuer=" + escape(issuer)
	}
	if a.Key.Algorithm != "" && a.Key.Algorithm != SHA1 {
		q += "&algorithm=" + string(a.Key.Algorithm)
	}
	if n := a.Key.digits(); n != 6 {
		q += "&digits=" + strconv.Itoa(n)
	}
	kind := "totp"
	if a.Counter != nil {
		kind = "hotp"
		q += "&counter=" + strconv.FormatInt(*a.Counter, 10)
	} else if p := a.Key.period(); p != 30 {
		q += "&period=" + strconv.FormatInt(p, 10)
	}
	return "otpauth://" + kind + "/" + escape(label) + "?" + q
}

// escape writes blanks as %20: apps show a plus.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// ParseAddress reads an otpauth address, for keys that are taken over from other
// systems. The error names the part that is wrong and never holds the secret.
func ParseAddress(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil || len(text) > 2048 || u.Scheme != "otpauth" {
		return Address{}, errors.New(`an address of a key begins with "otpauth://"`)
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Address{}, errors.New("the parameters of the address are damaged")
	}
	for name, values := range q {
		if len(values) > 1 {
			return Address{}, fmt.Errorf("%q comes twice in the address", name)
		}
	}
	a := Address{Account: strings.TrimPrefix(u.Path, "/")}
	if issuer, account, found := strings.Cut(a.Account, ":"); found {
		a.Issuer, a.Account = issuer, strings.TrimLeft(account, " ")
	}
	if issuer := q.Get("issuer"); issuer != "" {
		a.Issuer = issuer
	}
	if a.Key.Secret, err = ParseSecret(q.Get("secret")); err != nil {
		return Address{}, err
	}
	a.Key.Algorithm = Algorithm(strings.ToUpper(q.Get("algorithm")))
	if err := a.numbers(u.Host, q); err != nil {
		return Address{}, err
	}
	if err := a.Key.Check(); err != nil {
		return Address{}, err
	}
	return a, nil
}

func (a *Address) numbers(kind string, q url.Values) error {
	digits, err := number(q, "digits", 6)
	if err != nil {
		return err
	}
	a.Key.Digits = int(digits)
	switch kind {
	case "totp":
		period, err := number(q, "period", 30)
		if err != nil || period == 0 {
			return errors.New(`"period" must be a whole number of seconds`)
		}
		a.Key.Period = time.Duration(period) * time.Second
		return nil
	case "hotp":
		counter, err := number(q, "counter", -1)
		if err != nil || counter < 0 {
			return errors.New(`"counter" must be a whole number`)
		}
		a.Counter = &counter
		return nil
	}
	return errors.New("the address is neither of totp nor of hotp")
}

func number(q url.Values, name string, fallback int64) (int64, error) {
	text := q.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return 0, fmt.Errorf("%q must be a whole number", name)
	}
	return n, nil
}
