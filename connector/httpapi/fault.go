package httpapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"
)

var (
	errSlow   = errors.New("no answer in time")
	errBroken = errors.New("the answer is not HTTP, or breaks off")
)

// describe keeps of a network error what helps an operator. Errors of net/http
// may quote what the endpoint sent, which may be what we sent: of those only
// the kind is told (LOG-2).
func describe(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	for _, known := range []error{errForbidden, errSlow} {
		if errors.Is(err, known) {
			return innermost(err, known)
		}
	}
	if inner := insideTLS(err); inner != nil {
		return inner
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errSlow
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op
	}
	var number syscall.Errno
	if errors.As(err, &number) {
		return number
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the endpoint closed the connection without a complete answer")
	}
	return errBroken
}

func insideTLS(err error) error {
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &certificate):
		return certificate
	case errors.As(err, &authority):
		return authority
	case errors.As(err, &invalid):
		return invalid
	case errors.As(err, &name):
		return name
	case errors.As(err, &alert):
		return alert
	case errors.As(err, &record):
		return errors.New("the endpoint does not speak TLS there")
	}
	return nil
}

// innermost unwraps err as far as it still is target, so that wrappers which
// add nothing are left behind but the reason stays.
func innermost(err, target error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil || next == target || !errors.Is(next, target) {
			return err
		}
		err = next
	}
}
