package session

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
)

// Secrets is a list of secrets that doesn't show them, however it is printed
// (CON-5). A []string can be assigned to it as it is.
type Secrets []string

// String tells how many secrets there are.
func (s Secrets) String() string { return fmt.Sprintf("[%d secrets]", len(s)) }

// Format prints String for every verb.
func (s Secrets) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// LogValue keeps the secrets out of logs.
func (s Secrets) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps the secrets out of JSON and the like.
func (s Secrets) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

const (
	maxSecrets     = 4  // what a token without kid may cost to try (JWE-4)
	minSecretBytes = 32 // JWE-10
	minSecretBits  = 80 // by frequency of bytes: far below what a random secret has
)

// checkSecrets returns every fault of the list. It names secrets by position,
// never by value.
func checkSecrets(secrets Secrets, weak bool) error {
	var faults []error
	switch {
	case len(secrets) == 0:
		faults = append(faults, errors.New("no secret is given"))
	case len(secrets) > maxSecrets:
		faults = append(faults, fmt.Errorf("%d secrets are given, at most %d are tried", len(secrets), maxSecrets))
	}
	seen := make(map[string]int, len(secrets))
	for i, secret := range secrets {
		if first, ok := seen[secret]; ok {
			faults = append(faults, fmt.Errorf("secret %d is the same as secret %d", i+1, first))
			continue
		}
		seen[secret] = i + 1
		if why := weakness(secret); why != "" && (secret == "" || !weak) {
			faults = append(faults, fmt.Errorf("secret %d %s; make one of 32 random bytes", i+1, why))
		}
	}
	return errors.Join(faults...)
}

// weakness says why a secret can't be trusted to be random, or "".
func weakness(secret string) string {
	switch {
	case secret == "":
		return "is empty"
	case len(secret) < minSecretBytes:
		return fmt.Sprintf("has %d bytes, at least %d are needed", len(secret), minSecretBytes)
	case bits(secret) < minSecretBits || repeats(secret) || climbs(secret):
		return "is not random"
	case placeholder(secret):
		return "is a sample value"
	}
	return ""
}

// bits estimates the information in s from how often each byte occurs.
func bits(s string) float64 {
	var count [256]int
	for i := range len(s) {
		count[s[i]]++
	}
	var sum float64
	for _, n := range count {
		if n > 0 {
			sum -= float64(n) * math.Log2(float64(n)/float64(len(s)))
		}
	}
	return sum
}

// repeats reports whether s is one short piece over and over.
func repeats(s string) bool {
	for period := 1; period <= len(s)/2; period++ {
		if s[period:] == s[:len(s)-period] {
			return true
		}
	}
	return false
}

// climbs reports whether s mostly counts up or down, as keyboards do.
func climbs(s string) bool {
	steps := 0
	for i := 1; i < len(s); i++ {
		if d := int(s[i]) - int(s[i-1]); d >= -1 && d <= 1 {
			steps++
		}
	}
	return steps > len(s)/2
}

func placeholder(s string) bool {
	s = strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	for _, word := range []string{"changeme", "changethis", "replaceme", "replacethis", "yoursecret", "insertsecret"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}
