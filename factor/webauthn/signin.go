package webauthn

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	lib "github.com/go-webauthn/webauthn/webauthn"
	"github.com/ostiary/ostiary"
)

// Options asks for one of the keys of a person, or, for the zero Person, for a
// passkey of anybody. A person without keys is an error (WAN-4).
func (f *Factor) Options(_ context.Context, p ostiary.Person, enrolled []ostiary.Enrolment) (*ostiary.Options, error) {
	alone := p.Account == (ostiary.Account{})
	asked := lib.WithUserVerification(f.verification(alone))
	var assertion *protocol.CredentialAssertion
	var session *lib.SessionData
	var err error
	if alone {
		assertion, session, err = f.lib.BeginDiscoverableLogin(asked)
	} else {
		var all []credential
		if all, err = decodeAll(enrolled); err != nil {
			return nil, err
		}
		options := []lib.LoginOption{asked}
		if f.config.AppID != "" && slices.ContainsFunc(all, func(c credential) bool { return c.Format == formatU2F }) {
			options = append(options, lib.WithAssertionExtensions(lib.WithExtensionAppID(f.config.AppID)))
		}
		assertion, session, err = f.lib.BeginLogin(owner(p, all), options...)
	}
	if err != nil {
		return nil, err
	}
	session.UserID, session.AllowedCredentialIDs = nil, nil // what the account has then is what counts
	out := new(ostiary.Options)
	if out.JSON, err = json.Marshal(assertion.Response); err != nil {
		return nil, err
	}
	out.State, err = json.Marshal(session)
	return out, err
}

// Verify checks an assertion (Level 3, section 7.2).
func (f *Factor) Verify(_ context.Context, a ostiary.Answer) (*ostiary.Verified, error) {
	var session lib.SessionData
	if err := json.Unmarshal(a.State, &session); err != nil {
		return nil, fmt.Errorf("the question is damaged: %w", err)
	}
	all, err := decodeAll(a.Enrolled)
	if err != nil {
		return nil, err
	}
	text, id, handle, err := reply(a.Values.Get(dataField))
	if err != nil {
		return nil, refused(err)
	}
	at := slices.IndexFunc(all, func(c credential) bool { return slices.Equal(c.ID, id) })
	if at < 0 { // WAN-4
		return nil, refused(errors.New("the key is not one of this account"))
	}
	c := &all[at]
	if err := owns(c.Handle, handle, a.Alone); err != nil {
		return nil, refused(err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(text)
	if err != nil {
		return nil, refused(err)
	}
	if c.Handle == "" { // imported without one: there is nothing to compare
		parsed.Response.UserHandle = nil
	}
	notes, err := f.repair(c, parsed.Response.AuthenticatorData.Flags)
	if err != nil {
		return nil, refused(err)
	}
	session.UserVerification, session.UserID = f.verification(a.Alone), []byte(c.Handle)
	proven, err := f.lib.ValidateLogin(user{handle: c.Handle, person: a.Person, keys: []lib.Credential{c.library()}}, session, parsed)
	if err != nil {
		return nil, refused(err)
	}
	if proven.Authenticator.CloneWarning { // the library sets the flag and leaves the rest to us (WAN-6)
		if !f.config.AcceptRegressedCounter {
			return nil, refused(errors.New("the counter of the key went backwards: it may have been copied"))
		}
		notes = append(notes, "the counter went backwards")
	}
	c.Counter, c.BackedUp = proven.Authenticator.SignCount, proven.Flags.BackupState
	return verified(a.Enrolled[at], *c, notes)
}

func verified(e ostiary.Enrolment, c credential, notes []string) (*ostiary.Verified, error) {
	var err error
	if e.Data, err = c.encode(); err != nil {
		return nil, err
	}
	v := &ostiary.Verified{Enrolment: e, Methods: []string{"hwk", "user"}, Note: strings.Join(notes, "; "), Fleeting: true}
	if c.Eligible {
		v.Methods[0] = "swk"
	}
	return v, nil
}

// owns compares the user handle of a reply with that of the key: where it is all
// that says who it is, it must be there (Level 3, section 7.2, step 6).
func owns(stored, sent string, alone bool) error {
	switch {
	case alone && (stored == "" || sent == ""):
		return errors.New("the key does not say whose it is")
	case sent != "" && stored != "" && subtle.ConstantTimeCompare([]byte(stored), []byte(sent)) != 1:
		return errors.New("the key says that it is somebody else's")
	}
	return nil
}

// repair follows a change of the flags for backup. A key can't become eligible for
// backup later, says the specification (section 6.1.3), but some have, with an
// update of their software: rather than a dead key, the change is recorded.
func (f *Factor) repair(c *credential, flags protocol.AuthenticatorFlags) (notes []string, err error) {
	if f.config.RefuseSynced && flags.HasBackupEligible() {
		return nil, errors.New("the key can be copied to other devices")
	}
	if c.Eligible != flags.HasBackupEligible() {
		notes = append(notes, "backup eligibility changed")
		c.Eligible = flags.HasBackupEligible()
		c.BackedUp = c.BackedUp && c.Eligible
	}
	if c.BackedUp != flags.HasBackupState() {
		notes = append(notes, "backup state changed")
	}
	return notes, nil
}
