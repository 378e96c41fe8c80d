package webauthn

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	lib "github.com/go-webauthn/webauthn/webauthn"
	"github.com/ostiary/ostiary"
)

// Kind returns "webauthn".
func (*Factor) Kind() string { return "webauthn" }

// Begin asks for a new key. The user handle is random, the same for all keys of
// an account, and says nothing about it (WAN-8).
func (f *Factor) Begin(_ context.Context, p ostiary.Person, enrolled []ostiary.Enrolment) (*ostiary.Enrolling, error) {
	all, err := decodeAll(enrolled)
	if err != nil {
		return nil, err
	}
	u := owner(p, all)
	if !isHandle(u.handle) {
		random := make([]byte, handleSize/2)
		rand.Read(random) // crypto/rand never fails
		u.handle = hex.EncodeToString(random)
	}
	exclude := make([]protocol.CredentialDescriptor, len(u.keys))
	for i, key := range u.keys {
		exclude[i] = key.Descriptor()
	}
	extensions := []lib.ExtensionOption{lib.WithExtensionCredProps()}
	if f.config.AppID != "" {
		extensions = append(extensions, lib.WithExtensionAppIDExclude(f.config.AppID))
	}
	creation, session, err := f.lib.BeginRegistration(
		u, lib.WithExclusions(exclude), lib.WithCredentialParameters(algorithms), lib.WithExtensions(extensions...),
	)
	if err != nil {
		return nil, err
	}
	options, err := json.Marshal(creation.Response)
	if err != nil {
		return nil, err
	}
	state, err := json.Marshal(session)
	return &ostiary.Enrolling{Form: f.Form(), Options: options, State: state}, err
}

// Finish checks the new key (Level 3, section 7.1).
func (f *Factor) Finish(_ context.Context, a ostiary.Answer) (*ostiary.Enrolment, error) {
	var session lib.SessionData
	if err := json.Unmarshal(a.State, &session); err != nil {
		return nil, fmt.Errorf("the begun registration is damaged: %w", err)
	}
	text, id, _, err := reply(a.Values.Get(dataField))
	if err != nil {
		return nil, refused(err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(text)
	if err != nil {
		return nil, refused(err)
	}
	u := user{handle: string(session.UserID), person: a.Person}
	made, err := f.lib.CreateCredential(u, session, parsed)
	if err != nil {
		return nil, refused(err)
	}
	if !slices.Equal(id, made.ID) {
		return nil, refused(errors.New("the id of the reply is not that of the key"))
	}
	c := stored(made, u.handle)
	if err := errors.Join(c.check(), f.accept(c, parsed)); err != nil {
		return nil, refused(err)
	}
	data, err := c.encode()
	return &ostiary.Enrolment{Key: keyOf(c.ID), Data: data, Left: -1}, err
}

func stored(made *lib.Credential, handle string) credential {
	c := credential{
		ID: made.ID, PublicKey: made.PublicKey, Counter: made.Authenticator.SignCount, Verified: made.Flags.UserVerified,
		Eligible: made.Flags.BackupEligible, BackedUp: made.Flags.BackupState, AAGUID: made.Authenticator.AAGUID,
		Format: made.AttestationFormat, Handle: handle,
	}
	for _, t := range made.Transport {
		if len(t) <= 16 && len(c.Transports) < 8 {
			c.Transports = append(c.Transports, string(t))
		}
	}
	return c
}

// accept holds a new key against the policy of the operator.
func (f *Factor) accept(c credential, parsed *protocol.ParsedCredentialCreationData) error {
	if f.config.RefuseSynced && c.Eligible {
		return errors.New("the key can be copied to other devices")
	}
	if f.config.AttestationRoots != nil {
		if err := f.trusted(parsed.Response.AttestationObject); err != nil {
			return err
		}
	}
	var model aaguid
	copy(model[:], c.AAGUID)
	switch {
	case len(f.allow) > 0 && !slices.Contains(f.allow, model):
		return fmt.Errorf("the model %s is not among those allowed", model)
	case slices.Contains(f.deny, model):
		return fmt.Errorf("the model %s is denied", model)
	}
	return nil
}

// trusted follows the certificates of an attestation to a root. The library has
// checked what they signed.
func (f *Factor) trusted(a protocol.AttestationObject) error {
	chain, _ := a.AttStatement["x5c"].([]any)
	if len(chain) == 0 || len(chain) > 8 {
		return errors.New("the key shows no certificate of its maker")
	}
	between := x509.NewCertPool()
	var leaf *x509.Certificate
	for i, item := range chain {
		der, _ := item.([]byte)
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return fmt.Errorf("certificate of the key: %w", err)
		}
		if i == 0 {
			leaf = certificate
		} else {
			between.AddCert(certificate)
		}
	}
	leaf.UnhandledCriticalExtensions = nil // the extensions of attestation are the library's business
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: f.config.AttestationRoots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err
}

// refused is the refusal of a reply, with the reason for the log.
func refused(why error) error {
	var fault *protocol.Error
	if errors.As(why, &fault) {
		why = fmt.Errorf("%s %s", fault.Details, fault.DevInfo)
	}
	return &ostiary.Refusal{Code: "key_failed", Cause: why}
}
