package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ostiary/ostiary"
)

// maxAnswer is the greatest body of an answer in bytes (HTC-3).
const maxAnswer = 64 << 10

// endpoint is one address that is asked.
type endpoint struct {
	url     *url.URL
	breaker breaker
}

// reply is an answer as it came.
type reply struct {
	status int
	retry  string // the Retry-After header
	body   []byte // of an answer that says it is JSON
	fault  error  // why there is no body to read
}

// call sends one request, once, unless the endpoint is in a pause. The error
// means that there was no answer, or none as far as its status.
func (c *Connector) call(ctx context.Context, e *endpoint, r *http.Request) (answer *reply, err error) {
	probe, err := e.breaker.enter(c.now())
	if err != nil {
		return nil, err
	}
	outcome := unknown
	defer func() { e.breaker.leave(probe, outcome, c.now()) }()
	ostiary.Trace(ctx, "asking the endpoint", slog.String("method", r.Method), slog.String("url", r.URL.Redacted()))
	answer, err = c.exchange(ctx, r)
	switch {
	case err == nil:
		outcome = answered
		ostiary.Trace(ctx, "the endpoint answered", slog.Int("status", answer.status), slog.Int("bytes", len(answer.body)))
	case !errors.Is(ctx.Err(), context.Canceled):
		outcome = silent
	}
	return answer, err
}

// exchange sends the request and reads the answer, each stage within the
// timeout and all of it within the context.
func (c *Connector) exchange(ctx context.Context, r *http.Request) (*reply, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Waiting for a free connection, connecting, TLS and the header have a
	// timeout each, where there is one; this one holds for all four.
	timer := time.AfterFunc(4*c.timeout, func() { cancel(errSlow) })
	defer timer.Stop()
	response, err := c.transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return nil, describe(ctx, err)
	}
	defer response.Body.Close()
	timer.Reset(c.timeout)
	answer := &reply{status: response.StatusCode, retry: response.Header.Get("Retry-After")}
	if answer.fault = readable(response); answer.fault != nil {
		return answer, nil
	}
	answer.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, describe(ctx, err)
	case len(answer.body) > maxAnswer:
		answer.body, answer.fault = nil, errTooLarge
	}
	return answer, nil
}

var errTooLarge = fmt.Errorf("the answer is larger than %d bytes", maxAnswer)

// readable says why the body is not to be read, or nil.
func readable(r *http.Response) error {
	types := r.Header.Values("Content-Type")
	if len(types) != 1 {
		return errors.New("the answer has no Content-Type, or several; it must be application/json")
	}
	media, parameters, err := mime.ParseMediaType(types[0])
	if err != nil || !isJSON(media) {
		return errors.New("the answer's Content-Type is not application/json")
	}
	if charset := parameters["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return errors.New("the answer is not in UTF-8")
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return errors.New("the answer is compressed, although we did not ask for it")
	}
	if r.ContentLength > maxAnswer {
		return errTooLarge
	}
	return nil
}

// isJSON knows application/json and the suffix +json (RFC 6839, section 3.1).
func isJSON(media string) bool {
	return media == "application/json" || strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")
}
