package server

import (
	"cmp"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/totp"
)

// totpSettings are the keys of factors.totp.
type totpSettings struct{ config totp.Config }

func totpKeys() kind[totpSettings] {
	type config = totpSettings
	return mapping(
		key("issuer", text(64), func(c *config) *string { return &c.config.Issuer }, "name, or the host of url",
			"What apps show above the code."),
		key("algorithm", choice(map[string]totp.Algorithm{"sha1": totp.SHA1, "sha256": totp.SHA256, "sha512": totp.SHA512}),
			func(c *config) *totp.Algorithm { return &c.config.Algorithm }, "sha1", "The hash of new keys; many apps know sha1 alone."),
		key("digits", whole(6, 8, "digits"), func(c *config) *int { return &c.config.Digits }, "6", "How long the codes of new keys are."),
		key("period", duration(15*time.Second, 2*time.Minute), func(c *config) *time.Duration { return &c.config.Period }, "30s",
			"How long a code of new keys is good."),
	)
}

func (s *totpSettings) keyOf(word string) string { return keyOfField(totpKeys(), word) }

func (s *totpSettings) factor(c *Config) (ostiary.Factor, error) {
	config := s.config
	config.Issuer = cmp.Or(config.Issuer, c.issuer())
	return asFactor(totp.New(config))
}

// asFactor keeps a nil of a type from looking like a factor.
func asFactor[F ostiary.Factor](f F, err error) (ostiary.Factor, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}
