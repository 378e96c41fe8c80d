package sqlite

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	batch   = 64              // jobs that share one transaction, and one wait for the disk
	waiting = 5 * time.Second // for the write of another process
)

// job is one thing to write.
type job struct {
	ctx  context.Context
	run  func(c *conn) error
	done chan error // has room for the answer
	// brief is what need not survive a loss of power: it is then as if it had
	// happened a moment later. The file is whole in any case.
	brief bool
}

// writer owns the one connection that writes. SQLite has one writer at a time
// anyway. Who comes while nobody writes does so itself; those that come meanwhile
// wait, and are then written together.
type writer struct {
	conn *conn
	lazy bool          // whether the connection answers before the disk does
	over chan struct{} // closed when no more jobs are taken
	idle chan struct{} // closed when, after that, nobody writes any more

	mu    sync.Mutex
	queue []*job
	busy  bool // somebody has the connection
}

func newWriter(c *conn) *writer {
	return &writer{conn: c, over: make(chan struct{}), idle: make(chan struct{})}
}

// do runs a job in a transaction and returns when that is on the disk. With an
// error of the context it is not known whether it will be.
func (w *writer) do(ctx context.Context, brief bool, run func(c *conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{ctx: ctx, run: run, brief: brief, done: make(chan error, 1)}
	mine, err := w.enter(j)
	if err != nil {
		return err
	}
	if mine {
		w.lead(j)
	}
	select {
	case err := <-j.done:
		return err
	default:
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter takes the connection for a job when nobody has it, and else puts the job
// into the queue.
func (w *writer) enter(j *job) (mine bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.over:
		return false, ErrClosed
	default:
	}
	if w.busy {
		w.queue = append(w.queue, j)
		return false, nil
	}
	w.busy = true
	return true, nil
}

// lead writes one job, unless that would mean to wait for another process, and
// leaves the rest to a goroutine: the caller wants to go on.
func (w *writer) lead(j *job) {
	jobs := []*job{j}
	if w.commit(jobs) {
		jobs = w.next()
	}
	if jobs != nil {
		go w.drain(jobs)
	}
}

// drain writes until nobody waits.
func (w *writer) drain(jobs []*job) {
	for ; jobs != nil; jobs = w.next() {
		begun := time.Now()
		for pause := time.Millisecond; !w.commit(jobs); pause = min(2*pause, 20*time.Millisecond) {
			if time.Since(begun) > waiting {
				answer(jobs, errors.New("another process holds the database"))
				break
			}
			<-time.After(pause)
		}
	}
}

// next returns the jobs that wait by now, and lets go of the connection when
// there is none.
func (w *writer) next() []*job {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.queue), batch)
	if n == 0 {
		w.release()
		return nil
	}
	jobs := append([]*job(nil), w.queue[:n]...)
	w.queue = append(w.queue[:0], w.queue[n:]...)
	return jobs
}

func (w *writer) release() {
	w.busy = false
	select {
	case <-w.over:
		close(w.idle)
	default:
	}
}

// close takes no more jobs, waits for those that were taken, and closes the
// connection. Close it once.
func (w *writer) close() error {
	w.mu.Lock()
	close(w.over)
	if !w.busy {
		close(w.idle)
	}
	w.mu.Unlock()
	<-w.idle
	return w.conn.close()
}

// commit runs jobs in one transaction. What the database itself refuses, it
// refuses to all of them, and nothing of any is kept. It returns false, and has
// done nothing, while another process writes.
func (w *writer) commit(jobs []*job) bool {
	err := w.pace(jobs)
	if err == nil {
		_, err = w.conn.exec("BEGIN IMMEDIATE")
	}
	if err != nil {
		if isCode(err, codeBusy) {
			return false
		}
		answer(jobs, err)
		return true
	}
	answers, err := w.transact(jobs)
	if err != nil {
		_, _ = w.conn.exec("ROLLBACK") // if SQLite has not done so itself
		answer(jobs, err)
		return true
	}
	for i, j := range jobs {
		j.done <- answers[i]
	}
	return true
}

// pace has the next transaction wait for the disk unless all of its jobs are
// brief.
func (w *writer) pace(jobs []*job) error {
	lazy := true
	for _, j := range jobs {
		lazy = lazy && j.brief
	}
	if lazy == w.lazy {
		return nil
	}
	pragma := "PRAGMA synchronous = FULL"
	if lazy {
		pragma = "PRAGMA synchronous = NORMAL"
	}
	if err := w.conn.script(pragma); err != nil {
		return err
	}
	w.lazy = lazy
	return nil
}

func answer(jobs []*job, err error) {
	for _, j := range jobs {
		j.done <- err
	}
}

func (w *writer) transact(jobs []*job) (answers []error, err error) {
	answers = make([]error, len(jobs))
	for i, j := range jobs {
		if answers[i], err = w.alone(j, len(jobs) == 1); err != nil {
			return nil, err
		}
	}
	end := "COMMIT"
	if len(jobs) == 1 && answers[0] != nil {
		end = "ROLLBACK"
	}
	_, err = w.conn.exec(end)
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
