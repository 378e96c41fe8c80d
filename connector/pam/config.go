package pam

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
)

// ErrNotBuilt is what New returns in a build without PAM.
var ErrNotBuilt = errors.New("built without PAM: CGO_ENABLED=1 go build -tags pam")

// Config says which PAM service is asked. Service is required.
type Config struct {
	// Service is the name of the PAM service, which is that of a file in
	// /etc/pam.d: lower-case letters, digits, '-', '_' and '.'.
	Service string
	// ConfDir is a folder that has the service's file, with an absolute path,
	// instead of the places of the system. It needs Linux-PAM 1.4. Empty means
	// those of the system.
	ConfDir string
	// UsernameField and PasswordField are the form's fields. Empty means
	// "username" and "password".
	UsernameField, PasswordField string
	// Groups also takes the groups and the full name of a user from the system's
	// account database (getpwnam, getgrouplist). Who is not in it has none.
	Groups bool
	// MaxConcurrent is how many calls of PAM may be under way. As many again may
	// wait for one to end; beyond that the answer is unavailable at once. Zero
	// means 8.
	MaxConcurrent int
	// RefusalStep hides how long the modules took to refuse: the answer is held back
	// until a whole multiple of it has passed. pam_unix hashes nothing for a name that
	// nobody has, so that the clock would tell (PWD-6, IDN-8). It should be longer
	// than a hash takes. Zero means 100 milliseconds, negative holds nothing back.
	RefusalStep time.Duration
	// Reveal lists the states that a person may learn of. Apart from
	// ostiary.Locked they are told after the right password only.
	Reveal ostiary.Reveal
	// Logger hears of stacks that ask for more than a password. Nil is silent.
	Logger *slog.Logger
}

const (
	defaultConcurrent = 8
	maxConcurrent     = 1024
	defaultStep       = 100 * time.Millisecond
	maxStep           = 5 * time.Second
)

func (c Config) settled() Config {
	c.UsernameField = or(c.UsernameField, "username")
	c.PasswordField = or(c.PasswordField, "password")
	if c.MaxConcurrent == 0 {
		c.MaxConcurrent = defaultConcurrent
	}
	if c.RefusalStep == 0 {
		c.RefusalStep = defaultStep
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// check returns every fault of a settled Config.
func (c Config) check() error {
	var faults []error
	switch {
	case c.Service == "":
		faults = append(faults, errors.New("Service: is missing"))
	case !isService(c.Service):
		faults = append(faults, fmt.Errorf("Service: %q is not a name of lower-case letters, digits, -, _ and .", c.Service))
	}
	if c.ConfDir != "" && (!filepath.IsAbs(c.ConfDir) || strings.ContainsRune(c.ConfDir, 0)) {
		faults = append(faults, fmt.Errorf("ConfDir: %q is not an absolute path", c.ConfDir))
	}
	if c.UsernameField == c.PasswordField {
		faults = append(faults, fmt.Errorf("PasswordField: %q is the UsernameField, too", c.PasswordField))
	}
	if c.MaxConcurrent < 0 || c.MaxConcurrent > maxConcurrent {
		faults = append(faults, fmt.Errorf("MaxConcurrent: %d is not from 1 to %d", c.MaxConcurrent, maxConcurrent))
	}
	if c.RefusalStep > maxStep {
		faults = append(faults, fmt.Errorf("RefusalStep: %v is more than %v", c.RefusalStep, maxStep))
	}
	return errors.Join(faults...)
}

// isService refuses what libpam would read as another name: it takes paths apart
// and folds letters.
func isService(s string) bool {
	return len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == "" && strings.Trim(s, ".") != ""
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
