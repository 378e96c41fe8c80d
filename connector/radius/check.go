package radius

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
)

// Check asks every server for a sign of life (Status-Server, RFC 5997) and, where
// that is not answered, about a person that nobody is: "ostiary-check-" and
// letters of chance, a rejection of which proves as well that address, secret and
// signatures are right. The error joins what is wrong with each.
func (c *Connector) Check(ctx context.Context) error {
	servers := c.servers()
	faults := make([]error, len(servers))
	var running sync.WaitGroup
	for i, s := range servers {
		running.Go(func() { faults[i] = s.check(ctx) })
	}
	running.Wait()
	if err := errors.Join(faults...); err != nil {
		return c.unavailable(err)
	}
	return nil
}

// check asks without anybody's password.
func (s *server) check(ctx context.Context) error {
	common := s.config.common()
	if _, err := s.ask(ctx, question{code: statusServer, common: common}, min(share(ctx, 2), s.config.Timeout)); err == nil {
		return nil
	}
	name := "ostiary-check-" + strings.ToLower(rand.Text())
	_, err := s.ask(ctx, question{code: accessRequest, name: name, password: rand.Text(), common: common}, share(ctx, 1))
	return err
}
