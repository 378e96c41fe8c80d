package radius

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// idle is how long a connection may rest and be used again. Servers close theirs
// after 30 seconds; what is sent into a closed one is lost.
const idle = 20 * time.Second

// errClosed is the answer after Close.
var errClosed = errors.New("closed")

func randomID() byte {
	var b [1]byte
	_, _ = rand.Read(b[:]) // never fails
	return b[0]
}

// link is one connection over TLS that several requests share (RFC 6614, section
// 2.5). Each has an id that no other one in flight has.
type link struct {
	conn    *tls.Conn
	writing chan struct{} // held by who writes
	ended   chan struct{} // closed with the connection
	cause   error         // why; set before ended is closed

	mu      sync.Mutex
	waiters [256]*waiter
	waiting int
	next    byte
	retired bool      // takes no more requests, and closes after the last one
	used    time.Time // when something was sent
	heard   time.Time // when a valid reply came
}

// waiter is one request in flight.
type waiter struct {
	id      byte
	request request
	reply   chan packet // takes one
	ignored error       // under the link's mu
}

func newLink(conn *tls.Conn) *link {
	l := &link{
		conn: conn, writing: make(chan struct{}, 1), ended: make(chan struct{}), next: randomID(), used: time.Now(),
	}
	go l.read()
	return l
}

// usable reports whether the link takes requests. One that rested too long is
// retired.
func (l *link) usable() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting == 0 && time.Since(l.used) > idle {
		l.retire()
	}
	return !l.retired
}

// retire is called with mu held.
func (l *link) retire() {
	l.retired = true
	if l.waiting == 0 {
		l.hangUp()
	}
}

// hangUp closes the connection below TLS: to say goodbye in TLS may take as long
// as the other side likes.
func (l *link) hangUp() { _ = l.conn.NetConn().Close() }

// end closes the connection for everybody on it.
func (l *link) end() {
	l.mu.Lock()
	l.retired = true
	l.mu.Unlock()
	l.hangUp()
}

// enter takes an id and makes the request for it.
func (l *link) enter(q question, secret []byte, lenient bool) (*waiter, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.retired || l.waiting == len(l.waiters) {
		return nil, false
	}
	for l.waiters[l.next] != nil {
		l.next++
	}
	w := &waiter{id: l.next, reply: make(chan packet, 1)}
	w.request = q.request(w.id, secret)
	w.request.lenient = lenient
	l.waiters[w.id] = w
	l.next++ // an id rests as long as can be: an answer that comes late finds nobody
	l.waiting++
	l.used = time.Now()
	return w, true
}

// leave gives the id back. A link that was silent since asked takes no more
// requests: it may lead nowhere.
func (l *link) leave(w *waiter, asked time.Time, silent bool) (ignored error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiters[w.id] = nil
	l.waiting--
	if l.retired || silent && l.heard.Before(asked) {
		l.retire()
	}
	return w.ignored
}

// ask sends one request and waits for its reply. Nothing is sent twice.
func (l *link) ask(ctx context.Context, w *waiter) (reply packet, err error) {
	asked := time.Now()
	defer func() {
		silent := err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded)
		if ignored := l.leave(w, asked, silent); err != nil && ignored != nil {
			err = silence(ignored)
		}
	}()
	if err := l.write(ctx, w.request.wire); err != nil {
		return packet{}, err
	}
	select {
	case reply := <-w.reply:
		return reply, nil
	case <-ctx.Done():
		return packet{}, silence(nil)
	case <-l.ended:
	}
	select { // it may have come just before
	case reply := <-w.reply:
		return reply, nil
	default:
		return packet{}, fmt.Errorf("the connection ended before the answer: %w", l.cause)
	}
}

// write sends one packet whole. When that fails, half of it may be on its way, and
// the connection is of no use to anybody.
func (l *link) write(ctx context.Context, wire []byte) error {
	select {
	case l.writing <- struct{}{}:
		defer func() { <-l.writing }()
	case <-ctx.Done():
		return errors.New("sending: the connection is stuck")
	}
	if until, ok := ctx.Deadline(); ok {
		_ = l.conn.SetWriteDeadline(until)
	}
	if _, err := l.conn.Write(wire); err != nil {
		l.end()
		return fmt.Errorf("sending: %w", err)
	}
	return nil
}

// read hands replies to those who wait, until the connection ends.
func (l *link) read() {
	l.cause = l.receive()
	l.end()
	close(l.ended)
}

func (l *link) receive() error {
	buffer := make([]byte, maxPacket)
	for {
		if _, err := io.ReadFull(l.conn, buffer[:headerSize]); err != nil {
			return err
		}
		length := int(binary.BigEndian.Uint16(buffer[2:]))
		if length < headerSize || length > maxPacket { // where the next one begins is not known
			return errors.New("a reply has a length that no packet has")
		}
		if _, err := io.ReadFull(l.conn, buffer[headerSize:length]); err != nil {
			return err
		}
		l.deliver(append([]byte(nil), buffer[:length]...))
	}
}

// deliver verifies one reply for whoever waits under its id. Any other is passed
// over.
func (l *link) deliver(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.waiters[b[1]]
	if w == nil {
		return
	}
	reply, err := w.request.verify(b)
	if err != nil {
		w.ignored = err
		return
	}
	l.heard = time.Now()
	select {
	case w.reply <- reply:
	default: // the same one again
	}
}
