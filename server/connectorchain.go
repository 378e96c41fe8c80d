package server

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ostiary/ostiary/connector/chain"
)

// chainSettings are the links below connector.chain.
type chainSettings struct{ links []linkSettings }

type linkSettings struct {
	link      chain.Link
	connector connectorSettings
}

func chainKeys() kind[chainSettings] {
	links := listOf(mapping(linkKeys()...))
	return kind[chainSettings]{
		read:   func(r *reader, at place, to *chainSettings) { links.read(r, at, &to.links) },
		schema: links.schema, below: links.below,
	}
}

func linkKeys() []member[linkSettings] {
	type config = linkSettings
	below := oneOf(singleKeys())
	below.below = nil // the keys are those of connector, and stand there
	below.schema = func() schema { return schema{"$ref": "#/properties/providers/items/properties/connector"} }
	handsOn := choice(map[string]bool{"next": true, "stop": false})
	return []member[config]{
		key("name", text(32), func(c *config) *string { return &c.link.Name }, "",
			"Tells the system from the others; it is part of the ids of its users and must stay what it is.").required(),
		key("connector", below, func(c *config) *connectorSettings { return &c.connector }, "",
			"How this system is asked: one of those above, not another chain.").required(),
		key("on_refused", handsOn, func(c *config) *bool { return &c.link.OnRefused }, "stop",
			"Whether the next system is asked when this one refuses without a reason: next or stop."),
		key("on_unavailable", handsOn, func(c *config) *bool { return &c.link.OnUnavailable }, "stop",
			"Whether the next system is asked when this one can't be: next lets whoever brings it down choose who decides."),
		key("realm_ids", boolean(), func(c *config) *bool { return &c.link.RealmIDs }, "false",
			"The ids of this system are those of the realm; otherwise they get its name in front, for 42 here is not 42 there."),
	}
}

func (s *chainSettings) connect(w wiring) (connected, error) {
	var all links
	built := make([]chain.Link, 0, len(s.links))
	for i, l := range s.links {
		d, ok := l.connector.one()
		if !ok {
			return connected{}, errors.Join(fmt.Errorf("link %d has no connector", i+1), all.Close())
		}
		made, err := d.system.connect(w)
		if err != nil {
			return connected{}, errors.Join(fmt.Errorf("link %s: %w", l.link.Name, err), all.Close())
		}
		all = append(all, link{l.link.Name, made})
		l.link.Authorize, l.link.Lookup = made.authorize, made.lookup
		built = append(built, l.link)
	}
	c, err := chain.New(built...)
	if err != nil {
		return connected{}, errors.Join(err, all.Close())
	}
	whole := connected{authorize: c.Authorize, check: all.check, closer: io.Closer(all)}
	if c.CanLookUp() {
		whole.lookup = c.Lookup
	}
	return whole, nil
}

func (s *chainSettings) asks() []asked { return nil } // its links say so themselves

func (s *chainSettings) keyOf(string) string { return "" }

func (s *chainSettings) looksUp() bool {
	for _, l := range s.links {
		if d, ok := l.connector.one(); !ok || !d.system.looksUp() {
			return false
		}
	}
	return true
}

// links are the connectors of a chain.
type links []link

type link struct {
	name string
	connected
}

func (all links) check(ctx context.Context) error {
	var errs []error
	for _, l := range all {
		if err := guardedCheck(ctx, l.connected.check); err != nil {
			errs = append(errs, fmt.Errorf("link %s: %w", l.name, err))
		}
	}
	return errors.Join(errs...)
}

// Close implements io.Closer.
func (all links) Close() error {
	var errs []error
	for _, l := range all {
		if l.closer != nil {
			errs = append(errs, l.closer.Close())
		}
	}
	return errors.Join(errs...)
}
