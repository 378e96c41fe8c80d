package pam

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ostiary/ostiary"
)

// folders are where Linux-PAM and OpenPAM look for the file of a service.
var folders = []string{"/etc/pam.d", "/usr/lib/pam.d", "/usr/share/pam.d", "/usr/local/etc/pam.d"}

// Check looks for the file of the service, without which PAM asks "other", which
// refuses everybody, and begins a transaction without asking anything.
func (c *Connector) Check(ctx context.Context) error {
	r := c.ask(ctx, func() result { return result{err: c.check(c.target(ctx, "root"))} })
	if r.err != nil {
		return ostiary.Unavailable(fmt.Errorf("PAM service %s: %w", c.config.Service, r.err))
	}
	return nil
}

func (c *Connector) check(to target) error {
	if err := findService(to.service, to.confDir); err != nil {
		return err
	}
	to.answer = new(conversation).refuse
	s, err := c.open(to)
	if err != nil {
		return err
	}
	s.end()
	return nil
}

func findService(service, confDir string) error {
	look := folders
	if confDir != "" {
		look = []string{confDir}
	}
	for _, folder := range look {
		info, err := os.Stat(filepath.Join(folder, service))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		switch {
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s: is not a file", filepath.Join(folder, service))
		case info.Mode().Perm()&0o002 != 0:
			return fmt.Errorf("%s: everybody may write it: chmod o-w", filepath.Join(folder, service))
		}
		return nil
	}
	return fmt.Errorf("there is no %s: write it, with a line for auth and one for account", filepath.Join(look[0], service))
}
