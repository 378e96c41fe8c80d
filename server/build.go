package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/ostiary/ostiary"
)

// Instance is a running configuration: the service and what it asks.
type Instance struct {
	// Service answers everything below the base path.
	Service *ostiary.Service

	config     *Config
	connectors []connected
}

// Build makes the service. Faults that only show now are of type Faults. The
// store outlives the instance, so that a reload forgets nothing; nil means one
// of its own. A nil logger is silent.
func (c *Config) Build(logger *slog.Logger, store ostiary.Store) (*Instance, error) {
	built := c.Service
	built.Logger, built.Store = logger, store
	built.Providers = make([]ostiary.Provider, len(c.providers))
	in := &Instance{config: c}
	r := c.reader
	r.faults = nil
	for i := range c.providers {
		p := &c.providers[i]
		built.Providers[i] = p.service
		made, err := c.connect(p, logger)
		if err != nil {
			continue // it is among the faults
		}
		to := &built.Providers[i]
		to.Authorize, to.Lookup, to.HonorsContext = made.authorize, made.lookup, true
		in.connectors = append(in.connectors, made)
	}
	if err := r.result(); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	service, err := ostiary.New(built)
	if err != nil {
		return nil, errors.Join(c.located(err), in.Close())
	}
	in.Service = service
	return in, nil
}

// connect makes the connector of a provider. Its fault, if any, is noted.
func (c *Config) connect(p *providerSettings, logger *slog.Logger) (connected, error) {
	d, ok := p.connector.one()
	if !ok {
		return connected{}, errors.New("there is no connector")
	}
	path := p.at + ".connector." + d.name
	made, err := d.system.connect(c.wiring(logger))
	if err != nil {
		c.connectorFaults(path, d.system, err)
		return connected{}, err
	}
	made.provider, made.path = p.id(), path
	return made, nil
}

func (p *providerSettings) id() string {
	if p.service.ID == "" {
		return "credentials"
	}
	return p.service.ID
}

// Check asks every user system whether it can be reached. The error is of type
// Faults, with the line of the connector that can't. It must not be called from
// several goroutines at once; Health may.
func (in *Instance) Check(ctx context.Context) error {
	r := in.config.reader
	r.faults = nil
	for _, h := range in.Health(ctx) {
		if h.err == nil {
			continue
		}
		mend := ""
		if strings.HasSuffix(h.path, ".http") {
			mend = "; is it running, and reachable from this machine?"
		}
		r.fault(h.path, r.lineFor(h.path), "%v%s", h.err, mend)
	}
	in.checkFactors(ctx)
	return r.result()
}

// checkFactors asks those that ask somebody themselves.
func (in *Instance) checkFactors(ctx context.Context) {
	for _, k := range in.config.Service.Factors.Kinds {
		asks, ok := k.(interface{ Check(context.Context) error })
		if !ok {
			continue
		}
		if err := guardedCheck(ctx, asks.Check); err != nil {
			path := "factors." + k.Kind()
			in.config.reader.fault(path, in.config.reader.lineFor(path), "%v", err)
		}
	}
}

// Health is whether the user system behind one provider can be reached.
type Health struct {
	Provider string `json:"provider"`
	OK       bool   `json:"ok"`
	Problem  string `json:"problem,omitempty"`

	path string
	err  error
}

// Health asks every user system at the same time, each for at most five seconds.
func (in *Instance) Health(ctx context.Context) []Health {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	found := make([]Health, len(in.connectors))
	var group sync.WaitGroup
	for i, c := range in.connectors {
		group.Go(func() {
			err := guardedCheck(ctx, c.check)
			found[i] = Health{Provider: c.provider, OK: err == nil, path: c.path, err: err}
			if err != nil {
				found[i].Problem = in.config.reader.redact(err.Error())
			}
		})
	}
	group.Wait()
	return found
}

func guardedCheck(ctx context.Context, check func(context.Context) error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the check panicked: %v", cause)
		}
	}()
	return check(ctx)
}

// Close lets go of connections and files. The service must not be used after.
func (in *Instance) Close() error {
	var errs []error
	for _, c := range in.connectors {
		if c.closer != nil {
			errs = append(errs, c.closer.Close())
		}
	}
	return errors.Join(errs...)
}
