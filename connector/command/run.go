package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"time"

	"github.com/ostiary/ostiary"
)

var (
	errBusy   = errors.New("as many programs run and wait as may")
	errClosed = errors.New("the connector is closed")
	errHuge   = fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	errHeld   = errors.New("the program ended, but a process that it left behind holds its standard output: " +
		"start it with the output redirected")
)

// pipeDelay is how long the pipes may stay open once the program is gone: only a
// process that left its group can hold them.
const pipeDelay = 200 * time.Millisecond

// finished is a run that came to its own end.
type finished struct {
	status int
	output []byte
	said   []string // on its standard error, fit for a log
	err    error    // why it is none
}

// run asks the program once, and returns when ctx ends or the time is over, even
// though the program may need longer to die: that is waited for in the background,
// and its place is taken for as long.
func (c *Connector) run(ctx context.Context, request []byte, secrets secrets) (finished, error) {
	return c.start(ctx, c.config().Argv, request, secrets)
}

func (c *Connector) start(ctx context.Context, argv []string, request []byte, secrets secrets) (finished, error) {
	if err := c.acquire(ctx); err != nil {
		return finished{status: -1}, err
	}
	limit := c.config().Timeout
	timed, over := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %v", limit))
	defer over()
	running, stop := context.WithCancelCause(timed)
	defer stop(nil)
	p := &process{
		cmd: c.command(argv), request: request, ctx: running, stop: stop,
		grace: c.config().Grace, closing: c.closing,
	}
	done := make(chan finished, 1)
	began := time.Now()
	go func() {
		defer c.running.Done()
		defer func() { <-c.slots }()
		f := p.run()
		f.said = p.log.lines(secrets)
		c.report(ctx, argv[0], f)
		done <- f
	}()
	f, err := wait(running, done)
	ostiary.Trace(ctx, "program run", slog.String("program", argv[0]), slog.Int("exit", f.status),
		slog.Int("bytes", len(f.output)), slog.Duration("took", time.Since(began)))
	return f, err
}

// wait prefers an answer to the end of the time when both are there.
func wait(ctx context.Context, done <-chan finished) (finished, error) {
	none := finished{status: -1}
	select {
	case f := <-done:
		return f, f.err
	case <-ctx.Done():
	}
	select {
	case f := <-done:
		return f, f.err
	default:
		return none, context.Cause(ctx)
	}
}

// acquire takes a place, which the end of the run gives back, and counts the run
// as one that Close waits for.
func (c *Connector) acquire(ctx context.Context) error {
	select {
	case c.slots <- struct{}{}:
	default:
		if err := c.queue(ctx); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || ctx.Err() != nil {
		<-c.slots
		if c.closed {
			return errClosed
		}
		return context.Cause(ctx)
	}
	c.running.Add(1)
	return nil
}

func (c *Connector) queue(ctx context.Context) error {
	defer c.waiting.Add(-1)
	if c.waiting.Add(1) > int64(cap(c.slots)) {
		return errBusy
	}
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errBusy, context.Cause(ctx))
	case <-c.closing:
		return errClosed
	}
}

// command is the program before it runs, without a shell and with nothing of our
// own environment.
func (c *Connector) command(argv []string) *exec.Cmd {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = c.config().environment()
	cmd.Dir = c.config().Dir
	cmd.WaitDelay = pipeDelay
	setGroup(cmd)
	return cmd
}

// process is one run of a program.
type process struct {
	cmd     *exec.Cmd
	request []byte
	ctx     context.Context
	stop    context.CancelCauseFunc
	grace   time.Duration
	closing <-chan struct{}

	out answer
	log chatter
}

// run returns when the program and its group are gone.
func (p *process) run() finished {
	if err := checkFile(p.cmd.Path); err != nil {
		return finished{status: -1, err: err}
	}
	p.out.overflow = func() { p.stop(errHuge) }
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = bytes.NewReader(p.request), &p.out, &p.log
	if err := p.cmd.Start(); err != nil {
		return finished{status: -1, err: err}
	}
	g := newGroup(p.cmd)
	ended := make(chan error, 1)
	go func() { ended <- g.wait() }()
	return p.judge(p.watch(g, ended))
}

// watch ends the program when it is time, first politely.
func (p *process) watch(g *group, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-p.closing:
		p.stop(errClosed)
	case <-p.ctx.Done():
	}
	g.terminate()
	patience := time.NewTimer(p.grace)
	defer patience.Stop()
	select {
	case err := <-ended:
		return err
	case <-patience.C:
		g.kill()
		return <-ended
	}
}

// judge turns what became of the program into an answer or a reason.
func (p *process) judge(err error) finished {
	f := finished{status: p.cmd.ProcessState.ExitCode(), output: p.out.text}
	var exit *exec.ExitError
	switch {
	case context.Cause(p.ctx) != nil:
		f.err = context.Cause(p.ctx)
	case f.status < 0:
		f.err = fmt.Errorf("the program ended by itself: %s", p.cmd.ProcessState)
	case !p.out.ended:
		f.err = errHeld
	case err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay):
		f.err = errors.New("the program could not be talked to")
	}
	return f
}

// report logs what the program wrote to its standard error.
func (c *Connector) report(ctx context.Context, program string, f finished) {
	if len(f.said) == 0 {
		return
	}
	level := slog.LevelInfo
	if f.err != nil || f.status != statusUser {
		level = slog.LevelWarn
	}
	c.config().Logger.LogAttrs(ctx, level, "program wrote to its standard error",
		slog.String("program", program), slog.Int("exit", f.status),
		slog.String("reference", ostiary.Reference(ctx)), slog.Any("stderr", f.said))
}
