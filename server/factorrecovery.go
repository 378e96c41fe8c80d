package server

import (
	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/factor/recovery"
)

// recoverySettings are the keys of factors.recovery.
type recoverySettings struct{ config recovery.Config }

func recoveryKeys() kind[recoverySettings] {
	return mapping(
		key("codes", whole(4, 20, "codes"), func(c *recoverySettings) *int { return &c.config.Codes }, "10", "How many codes are given out at once."),
	)
}

func (s *recoverySettings) keyOf(word string) string { return keyOfField(recoveryKeys(), word) }

func (s *recoverySettings) factor(*Config) (ostiary.Factor, error) {
	return asFactor(recovery.New(s.config))
}
