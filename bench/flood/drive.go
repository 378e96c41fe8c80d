package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ostiary/ostiary/passhash"
)

// target is the server process, and who is signed in to it.
type target struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	workers int // of its pool
	origin  string
	client  *http.Client
	pair    string // the CSRF cookie
	token   string // its token
	session string // the session cookie
}

func launch(design, stored string) (*target, error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), designVariable+"="+design, storedVariable+"="+stored)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	var address string
	var workers int
	if _, err := fmt.Sscan(line, &workers, &address); err != nil {
		return nil, err
	}
	t := &target{
		cmd: cmd, in: in, workers: workers, origin: "http://localhost" + address[strings.LastIndexByte(address, ':'):],
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	return t, t.enter()
}

func (t *target) stop() {
	t.in.Close()
	_ = t.cmd.Wait() // it ends by the end of its input
}

// enter takes a CSRF pair and signs the prober in.
func (t *target) enter() error {
	answer, err := t.client.Get(t.origin + "/api/auth/csrf")
	if err != nil {
		return err
	}
	answer.Body.Close()
	for _, c := range answer.Cookies() {
		if strings.HasSuffix(c.Name, "csrf-token") {
			t.pair = c.Name + "=" + c.Value
			value, err := url.PathUnescape(c.Value)
			if err != nil {
				return err
			}
			t.token, _, _ = strings.Cut(value, "|")
		}
	}
	status, cookies, err := t.signIn(context.Background(), "probe")
	if err != nil || status != http.StatusOK {
		return fmt.Errorf("signing in: status %d, %w", status, err)
	}
	for _, c := range cookies {
		if strings.Contains(c.Name, "session-token") {
			t.session = c.Name + "=" + c.Value
		}
	}
	return nil
}

func (t *target) signIn(ctx context.Context, name string) (int, []*http.Cookie, error) {
	body := url.Values{"csrfToken": {t.token}, "username": {name}, "password": {password}, "json": {"true"}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.origin+"/api/auth/callback/credentials", strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", t.origin)
	r.Header.Set("Cookie", t.pair)
	answer, err := t.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, answer.Cookies(), err
}

// check is one session check.
func (t *target) check() error {
	r, err := http.NewRequest(http.MethodGet, t.origin+"/", nil)
	if err != nil {
		return err
	}
	r.Header.Set("Cookie", t.session)
	answer, err := t.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("session check: %s", answer.Status)
	}
	return nil
}

// probe checks the session fifty times a second, whether or not the last answer
// is there, and returns the 99th percentile, counted from when each was due.
func (t *target) probe(length time.Duration) (time.Duration, error) {
	const every = 20 * time.Millisecond
	n := int(length / every)
	took, faults := make([]time.Duration, n), make([]error, n)
	var all sync.WaitGroup
	begun := time.Now()
	for i := range n {
		due := begun.Add(time.Duration(i) * every)
		time.Sleep(time.Until(due))
		all.Go(func() {
			faults[i] = t.check()
			took[i] = time.Since(due)
		})
	}
	all.Wait()
	slices.Sort(took)
	return took[n*99/100], errors.Join(faults...)
}

// measure runs one design: idle first, then the flood.
func measure(design, family string, people int, length time.Duration) (r result, err error) {
	stored, err := passhash.Make(passhash.Family(family), password)
	if err != nil {
		return r, err
	}
	before, memory, err := oneHash(stored)
	if err != nil {
		return r, err
	}
	t, err := launch(design, stored)
	if err != nil {
		return r, err
	}
	defer t.stop()
	r.workers, r.hashMemory = t.workers, memory
	if _, err := t.probe(time.Second); err != nil { // warm
		return r, err
	}
	if r.idle, err = t.probe(length / 2); err != nil {
		return r, err
	}
	ctx, end := context.WithCancel(context.Background())
	var all sync.WaitGroup
	var signedIn, shed atomic.Int64
	begun, busy := time.Now(), othersBusy(t.cmd.Process.Pid)
	for i := range people {
		all.Go(func() { t.again(ctx, i, &signedIn, &shed) })
	}
	r.flood, err = t.probe(length)
	r.lasted, r.signedIn, r.shed = time.Since(begun), int(signedIn.Load()), int(shed.Load())
	r.others = (othersBusy(t.cmd.Process.Pid) - busy) / r.lasted.Seconds()
	r.peak = peakMemory(t.cmd.Process.Pid)
	end()
	all.Wait()
	t.stop()
	after, _, fault := oneHash(stored)
	r.oneHash = (before + after) / 2
	return r, errors.Join(err, fault)
}

// oneHash is how long one takes on a core of its own, and its memory.
func oneHash(stored string) (time.Duration, int64, error) {
	hash, err := parse(stored)
	if err != nil {
		return 0, 0, err
	}
	const times = 3
	begun := time.Now()
	for range times {
		if !hash.Match(password) {
			return 0, 0, fmt.Errorf("%v does not match", hash)
		}
	}
	return time.Since(begun) / times, hash.Cost().Memory, nil
}

// again signs one person in until the end. Who is sent away comes back after a while
// of their own, as people do.
func (t *target) again(ctx context.Context, person int, signedIn, shed *atomic.Int64) {
	pause := time.Second + time.Duration(person%64)*2*time.Second/64
	for ctx.Err() == nil {
		status, _, err := t.signIn(ctx, fmt.Sprint("person", person))
		switch {
		case err != nil:
		case status == http.StatusOK:
			signedIn.Add(1)
			continue
		default:
			shed.Add(1)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}
