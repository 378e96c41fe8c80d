package sqlite

import (
	"context"
	"sync"
)

// batch is how many writers share one transaction, and one wait for the disk.
const batch = 64

// job is one thing to write.
type job struct {
	ctx  context.Context
	run  func(c *conn) error
	done chan error // has room for the answer
}

// writer owns the one connection that writes. SQLite has one writer at a time
// anyway, and what several want to write at once costs one wait for the disk.
type writer struct {
	conn *conn
	jobs chan *job
	over chan struct{} // closed when no more jobs are taken
	gone chan struct{} // closed when the connection is
	once sync.Once
	err  error
}

func newWriter(c *conn) *writer {
	w := &writer{conn: c, jobs: make(chan *job), over: make(chan struct{}), gone: make(chan struct{})}
	go w.loop()
	return w
}

// do runs a job in a transaction and returns when that is on the disk. With an
// error of the context it is not known whether it will be.
func (w *writer) do(ctx context.Context, run func(c *conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{ctx: ctx, run: run, done: make(chan error, 1)}
	select {
	case w.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.over:
		return ErrClosed
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) close() error {
	w.once.Do(func() { close(w.over) })
	<-w.gone
	return w.err
}

func (w *writer) loop() {
	defer close(w.gone)
	jobs := make([]*job, 0, batch)
	for {
		select {
		case j := <-w.jobs:
			jobs = w.gather(append(jobs[:0], j))
			w.commit(jobs)
		case <-w.over:
			w.err = w.conn.close()
			return
		}
	}
}

// gather adds those that wait by now.
func (w *writer) gather(jobs []*job) []*job {
	for len(jobs) < batch {
		select {
		case j := <-w.jobs:
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}

// commit runs jobs in one transaction. What the database itself refuses, it
// refuses to all of them, and nothing of any is kept.
func (w *writer) commit(jobs []*job) {
	answers, err := w.transact(jobs)
	for i, j := range jobs {
		if err != nil {
			j.done <- err
			continue
		}
		j.done <- answers[i]
	}
}

func (w *writer) transact(jobs []*job) (answers []error, err error) {
	if _, err := w.conn.exec("BEGIN IMMEDIATE"); err != nil {
		return nil, err
	}
	answers = make([]error, len(jobs))
	for i, j := range jobs {
		if answers[i], err = w.alone(j, len(jobs) == 1); err != nil {
			_, _ = w.conn.exec("ROLLBACK")
			return nil, err
		}
	}
	end := "COMMIT"
	if len(jobs) == 1 && answers[0] != nil {
		end = "ROLLBACK"
	}
	if _, err = w.conn.exec(end); err != nil {
		_, _ = w.conn.exec("ROLLBACK")
	}
	return answers, err
}

// alone runs one job so that its answer undoes what it did and nothing else. The
// only job of a transaction needs no savepoint for that.
func (w *writer) alone(j *job, only bool) (answer, err error) {
	if err := j.ctx.Err(); err != nil {
		return err, nil
	}
	if !only {
		if _, err := w.conn.exec("SAVEPOINT job"); err != nil {
			return nil, err
		}
	}
	answer = j.run(w.conn)
	if answer != nil && !isAnswer(answer) {
		return nil, answer
	}
	if only {
		return answer, nil
	}
	if answer != nil {
		if _, err := w.conn.exec("ROLLBACK TO job"); err != nil {
			return nil, err
		}
	}
	_, err = w.conn.exec("RELEASE job")
	return answer, err
}
