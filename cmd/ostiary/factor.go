package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/server"
)

// factorCommand is what an operator does with the second factors of others.
type factorCommand struct {
	List   factorListCommand   `cmd:"" help:"List the factors of an account, or the accounts that have any."`
	Reset  factorResetCommand  `cmd:"" help:"Remove all factors and remembered devices of an account."`
	Invite factorInviteCommand `cmd:"" help:"Print a code with which an account may enrol its first factor, once."`
	Import factorImportCommand `cmd:"" help:"Take factors over from another system, one JSON object a line from standard input."`
	Reseal factorResealCommand `cmd:"" help:"Seal everything with the first secret, so that an older one can be taken away."`
}

// admin runs f with the store of the configuration open.
func (f configFlag) admin(a *surroundings, do func(*ostiary.FactorAdmin) error) error {
	c, err := f.read(a)
	if err != nil {
		return err
	}
	admin, closeAll, err := server.OpenFactors(a.ctx, c, slog.New(slog.NewJSONHandler(a.stderr, nil)))
	if err != nil {
		return err
	}
	return errors.Join(do(admin), closeAll())
}

type accountArgument struct {
	Account string `arg:"" placeholder:"ACCOUNT" help:"Whose: the realm and the user id, such as acme:42."`
}

type factorListCommand struct {
	configFlag
	Account string `arg:"" optional:"" placeholder:"ACCOUNT" help:"Whose: the realm and the user id, such as acme:42. Without it all accounts are listed."`
	JSON    bool   `name:"json" help:"Print JSON, one object a line."`
}

// listed is a factor as --json prints it.
type listed struct {
	Account string    `json:"account"`
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Name    string    `json:"name,omitempty"`
	Left    *int      `json:"left,omitempty"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero"`
}

// Run lists one account or all.
func (c *factorListCommand) Run(a *surroundings) error {
	return c.admin(a, func(admin *ostiary.FactorAdmin) error {
		out := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
		show := func(account string) error { return c.show(a, admin, out, account) }
		var err error
		if c.Account != "" {
			err = show(c.Account)
		} else {
			err = admin.Accounts(a.ctx, show)
		}
		return errors.Join(err, out.Flush())
	})
}

func (c *factorListCommand) show(a *surroundings, admin *ostiary.FactorAdmin, out io.Writer, account string) error {
	list, err := admin.List(a.ctx, account)
	if err != nil {
		return err
	}
	for _, e := range list {
		kind := strings.TrimPrefix(e.Kind, ".")
		if c.JSON {
			line := listed{Account: account, ID: e.ID, Kind: kind, Name: e.Name, Created: e.Created.UTC(), Used: e.Used.UTC()}
			if e.Used.IsZero() {
				line.Used = time.Time{}
			}
			if e.Left >= 0 {
				line.Left = &e.Left
			}
			text, _ := json.Marshal(line) // texts, numbers and times
			fmt.Fprintf(a.stdout, "%s\n", text)
			continue
		}
		used := "never used"
		if !e.Used.IsZero() {
			used = "used " + e.Used.UTC().Format(time.DateTime)
		}
		if e.Left >= 0 {
			used += fmt.Sprintf(", %d left", e.Left)
		}
		fmt.Fprintf(out, "%s\t%s\t%q\tsince %s\t%s\n", account, kind, e.Name, e.Created.UTC().Format(time.DateOnly), used)
	}
	return nil
}

type factorResetCommand struct {
	configFlag
	accountArgument
	MustEnrol bool `name:"must-enrol" help:"Let the account in only after it enrolled a factor again, whatever the policy says."`
}

// Run removes the factors.
func (c *factorResetCommand) Run(a *surroundings) error {
	return c.admin(a, func(admin *ostiary.FactorAdmin) error {
		n, err := admin.Reset(a.ctx, c.Account, c.MustEnrol)
		if err == nil {
			fmt.Fprintf(a.stdout, "%s: %s removed\n", c.Account, count(n, "factor"))
		}
		return err
	})
}

type factorInviteCommand struct {
	configFlag
	accountArgument
	For time.Duration `name:"for" default:"168h" help:"How long the code is good (${default})."`
}

// Run prints the code.
func (c *factorInviteCommand) Run(a *surroundings) error {
	if c.For < time.Minute || c.For > 90*24*time.Hour {
		return usageError{"--for must be from 1m to 2160h"}
	}
	return c.admin(a, func(admin *ostiary.FactorAdmin) error {
		code, err := admin.Invite(a.ctx, c.Account, c.For)
		if err == nil {
			fmt.Fprintln(a.stdout, code)
		}
		return err
	})
}

type factorResealCommand struct{ configFlag }

// Run seals everything anew.
func (c *factorResealCommand) Run(a *surroundings) error {
	return c.admin(a, func(admin *ostiary.FactorAdmin) error {
		accounts, records := 0, 0
		err := admin.Accounts(a.ctx, func(account string) error {
			n, err := admin.Reseal(a.ctx, account)
			if errors.Is(err, ostiary.ErrConflict) { // somebody signed in meanwhile
				n, err = admin.Reseal(a.ctx, account)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", account, err)
			}
			if n > 0 {
				accounts, records = accounts+1, records+n
			}
			return nil
		})
		fmt.Fprintf(a.stdout, "%s of %s sealed anew\n", count(records, "record"), count(accounts, "account"))
		return err
	})
}

type factorImportCommand struct {
	configFlag
}

// Help is the notation.
func (c *factorImportCommand) Help() string {
	return `Each line is {"account": "acme:42", "kind": "totp", "factor": "otpauth://totp/…"}.
"factor" is for totp an otpauth address or a secret in base32; for webauthn an object with the
credential of another system; for yubikey "publicid" or "publicid,privateid,aeskey". A line that
can't be taken is told of with its number, and the others are taken all the same. What an account has
already is counted and left alone, so that an import that broke off can be run again.`
}

// imported is one line.
type imported struct {
	Account string          `json:"account"`
	Kind    string          `json:"kind"`
	Factor  json.RawMessage `json:"factor"`
}

// Run takes every line that it can.
func (c *factorImportCommand) Run(a *surroundings) error {
	return c.admin(a, func(admin *ostiary.FactorAdmin) error {
		lines := bufio.NewScanner(a.stdin)
		lines.Buffer(nil, 64<<10)
		taken, there, refused := 0, 0, 0
		for n := 1; lines.Scan(); n++ {
			line := bytes.TrimSpace(lines.Bytes())
			if len(line) == 0 {
				continue
			}
			switch err := takeLine(a.ctx, admin, line); {
			case err == nil:
				taken++
			case errors.Is(err, ostiary.ErrEnrolled):
				there++
			default:
				refused++
				fmt.Fprintf(a.stderr, "line %d: %v\n", n, err)
			}
		}
		fmt.Fprintf(a.stdout, "%s taken over, %d there already, %d refused\n", count(taken, "factor"), there, refused)
		if err := lines.Err(); err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		if refused > 0 {
			return errTold
		}
		return nil
	})
}

// takeLine imports one line. The error holds nothing of the factor.
func takeLine(ctx context.Context, admin *ostiary.FactorAdmin, line []byte) error {
	var in imported
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil || in.Account == "" || in.Kind == "" || len(in.Factor) == 0 {
		return errors.New(`not an object with "account", "kind" and "factor"`)
	}
	text := string(in.Factor)
	var plain string
	if json.Unmarshal(in.Factor, &plain) == nil {
		text = plain
	}
	_, err := admin.Import(ctx, in.Account, in.Kind, text)
	return err
}
