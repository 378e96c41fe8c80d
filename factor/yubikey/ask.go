package yubikey

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ostiary/ostiary"
)

// largestReply is how many bytes of an answer are read. Real ones have some 200.
const largestReply = 4 << 10

// answer is what came of one server.
type answer struct {
	status string // of a valid reply
	err    error  // why there is none
}

// ask has the servers judge a password, all at once. The first valid reply decides:
// nil for a good one, a *ostiary.Refusal for a bad one. A reply that is late,
// unsigned, forged, or to another question is none (YUB-2). When nobody answers
// validly, the error says so and is no refusal.
func (f *Factor) ask(ctx context.Context, otp string) error {
	if len(f.servers) == 0 {
		return errors.New("there are no validation servers to ask")
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	nonce := rand.Text() // 26 letters and digits
	answers := make(chan answer, len(f.servers))
	for _, server := range f.servers {
		go func() { answers <- f.askOne(ctx, server, otp, nonce) }()
	}
	var faults []error
	for range f.servers {
		a := <-answers
		if a.err == nil {
			return f.judge(a.status, answers)
		}
		faults = append(faults, a.err)
	}
	return ostiary.Unavailable(errors.Join(faults...))
}

// judge turns a status into an answer. A replay that another server already told
// of outweighs an OK (YUB-3).
func (f *Factor) judge(status string, more <-chan answer) error {
	for {
		select {
		case a := <-more:
			if a.err == nil && isReplay(a.status) {
				status = a.status
			}
			continue
		default:
		}
		switch {
		case status == "OK":
			return nil
		case isReplay(status):
			return spent()
		}
		return &ostiary.Refusal{Cause: fmt.Errorf("the validation server says %s", status)}
	}
}

func isReplay(status string) bool { return status == "REPLAYED_OTP" || status == "REPLAYED_REQUEST" }

// verdicts are the states that judge the password. Others speak of our request or
// of the server, and are no answer to the question.
var verdicts = []string{"OK", "BAD_OTP", "REPLAYED_OTP", "REPLAYED_REQUEST", "DELAYED_OTP"}

func (f *Factor) askOne(ctx context.Context, server *url.URL, otp, nonce string) answer {
	query := map[string]string{"id": f.client, "otp": otp, "nonce": nonce}
	if f.secret != nil {
		query["h"] = sign(query, f.secret())
	}
	values := url.Values{}
	for name, value := range query {
		values.Set(name, value)
	}
	address := *server
	address.RawQuery = values.Encode()
	fail := func(err error) answer { return answer{err: fmt.Errorf("%s: %w", server.Host, plain(err))} }
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return fail(err)
	}
	response, err := f.http.Do(request)
	if err != nil {
		return fail(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, largestReply+1))
	switch {
	case err != nil:
		return fail(err)
	case response.StatusCode != http.StatusOK:
		return fail(fmt.Errorf("status %d", response.StatusCode))
	}
	status, err := f.readReply(body, otp, nonce)
	if err == nil && !slices.Contains(verdicts, status) {
		err = fmt.Errorf("it says %s", status)
	}
	if err != nil {
		return fail(err)
	}
	return answer{status: status}
}

// Check asks every server something that it must refuse, and says what is wrong
// with those that don't answer as they should.
func (f *Factor) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	var faults []error
	for _, server := range f.servers {
		a := f.askOne(ctx, server, strings.Repeat("c", otpLength), rand.Text())
		if a.err != nil {
			faults = append(faults, fmt.Errorf("%w; are the client id and the key those of this server?", a.err))
		}
	}
	return errors.Join(faults...)
}

// plain takes the address, which holds the password, out of an error.
func plain(err error) error {
	var fault *url.Error
	if errors.As(err, &fault) {
		return fault.Err
	}
	return err
}

// readReply reads a reply and believes it only if it is whole, signed, and to our
// question (YUB-2).
func (f *Factor) readReply(body []byte, otp, nonce string) (status string, err error) {
	fields, err := parseReply(body)
	if err != nil {
		return "", err
	}
	signature := fields["h"]
	delete(fields, "h")
	if f.secret != nil && !equal(signature, sign(fields, f.secret())) {
		return "", errors.New("the signature of the reply is wrong")
	}
	status = fields["status"]
	if !isStatus(status) {
		return "", errors.New("the reply has no status")
	}
	if !slices.Contains(verdicts, status) { // then the others may be missing
		return status, nil
	}
	if !equal(fields["otp"], otp) || !equal(fields["nonce"], nonce) {
		return "", errors.New("the reply is to another question")
	}
	return status, nil
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func isStatus(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == ""
}

// parseReply reads lines of name and value, each name once.
func parseReply(body []byte) (map[string]string, error) {
	if len(body) > largestReply {
		return nil, errors.New("the reply is larger than any")
	}
	fields := make(map[string]string)
	for line := range strings.Lines(string(body)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		if _, twice := fields[name]; !found || twice || name == "" {
			return nil, errors.New("the reply is damaged")
		}
		fields[name] = value
	}
	return fields, nil
}

// sign is the signature of the protocol: HMAC-SHA-1 of the fields in the order of
// their names.
func sign(fields map[string]string, secret []byte) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, name+"="+fields[name])
	}
	mac := hmac.New(sha1.New, secret)
	mac.Write([]byte(strings.Join(parts, "&")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
