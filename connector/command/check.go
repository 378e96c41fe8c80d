package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ostiary/ostiary/form"
)

// Check looks at the program's file and folders as New does. With Config.CheckArgs
// it also runs the program, with nothing to read: exit 0 says that all is well, and
// of anything else the first line of its standard error is told.
func (c *Connector) Check(ctx context.Context) error {
	config := c.config()
	if err := errors.Join(checkProgram(config.Argv), checkDir(config.Dir)); err != nil {
		return err
	}
	if len(config.CheckArgs) == 0 {
		return nil
	}
	argv := append(config.Argv[:1:1], config.CheckArgs...)
	done, err := c.start(ctx, argv, nil, secretsOf(ctx, form.Values{}, config.Env))
	if err == nil && done.status != 0 {
		err = fmt.Errorf("%s: exit status %d", strings.Join(config.CheckArgs, " "), done.status)
	}
	if err != nil && len(done.said) > 0 {
		err = fmt.Errorf("%w: %s", err, done.said[0])
	}
	if err != nil {
		return c.unavailable(err)
	}
	return nil
}
