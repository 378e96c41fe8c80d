package webauthn

import (
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	lib "github.com/go-webauthn/webauthn/webauthn"
)

// Config says what keys are accepted. RPID and Origins are required.
type Config struct {
	// RPID is the domain that keys are bound to: "example.com". It is fixed for
	// life: another one makes every key useless (WAN-8).
	RPID string
	// RPName is the service as authenticators show it. Empty means RPID.
	RPName string
	// Origins are the addresses of the pages that use keys, exactly: scheme, host
	// and port. Each is RPID or below it, and https unless it is localhost.
	Origins []string
	// UserVerification says whether the second factor must check its owner, by PIN
	// or finger: discouraged, preferred (empty) or required. Who signs in by a
	// passkey alone is always checked (WAN-3).
	UserVerification string
	// Attestation is none (empty) or direct: whether keys are asked for proof of
	// their make, which browsers tell the person.
	Attestation string
	// AttestationRoots vouch for makes of keys. With roots, a registration without
	// a chain of certificates that leads to one of them is refused.
	AttestationRoots *x509.CertPool
	// AllowAAGUIDs and DenyAAGUIDs are models of authenticators by their AAGUID.
	// A list of allowed ones needs AttestationRoots: without these a key says what
	// it likes.
	AllowAAGUIDs, DenyAAGUIDs []string
	// RefuseSynced refuses keys that can be copied to other devices: most passkeys
	// of phones and browsers.
	RefuseSynced bool
	// AcceptRegressedCounter accepts a key whose counter went backwards, which is
	// what a copy of it looks like (WAN-6). It is told of in the log.
	AcceptRegressedCounter bool
	// AppID is what keys of the old U2F interface were registered for, an https
	// URL. Empty: there are none (WAN-9).
	AppID string
	// Timeout is what the browser is told to wait. Zero means five minutes.
	Timeout time.Duration
}

// Factor is the factor "webauthn". It is safe for concurrent use.
type Factor struct {
	config Config
	lib    *lib.WebAuthn
	allow  []aaguid
	deny   []aaguid
}

// algorithms are those that are offered, the best first.
var algorithms = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// New checks the configuration.
func New(c Config) (*Factor, error) {
	f := &Factor{config: c}
	faults := []error{c.checkOrigins(), c.checkChoices()}
	var err error
	if f.allow, err = aaguids("AllowAAGUIDs", c.AllowAAGUIDs); err != nil {
		faults = append(faults, err)
	}
	if f.deny, err = aaguids("DenyAAGUIDs", c.DenyAAGUIDs); err != nil {
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if f.config.RPName == "" {
		f.config.RPName = c.RPID
	}
	if f.config.Timeout == 0 {
		f.config.Timeout = 5 * time.Minute
	}
	if err := f.setLibrary(); err != nil {
		return nil, fmt.Errorf("RPID: %w", err)
	}
	return f, nil
}

func (f *Factor) setLibrary() (err error) {
	limits := lib.TimeoutConfig{Timeout: f.config.Timeout, TimeoutUVD: f.config.Timeout}
	f.lib, err = lib.New(&lib.Config{
		RPID: f.config.RPID, RPDisplayName: f.config.RPName, RPOrigins: f.config.Origins, EncodeUserIDAsString: true,
		AttestationPreference: protocol.ConveyancePreference(f.attestation()),
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, RequireResidentKey: protocol.ResidentKeyNotRequired(),
			UserVerification: f.verification(false),
		},
		Timeouts:                          lib.TimeoutsConfig{Login: limits, Registration: limits},
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore, // browsers add credProps and what they like
	})
	return err
}

func (f *Factor) attestation() string {
	if f.config.Attestation == "" {
		return "none"
	}
	return f.config.Attestation
}

// verification is the one value that both the question and the check come from
// (WAN-3).
func (f *Factor) verification(alone bool) protocol.UserVerificationRequirement {
	switch {
	case alone:
		return protocol.VerificationRequired
	case f.config.UserVerification == "":
		return protocol.VerificationPreferred
	}
	return protocol.UserVerificationRequirement(f.config.UserVerification)
}

func (c Config) checkOrigins() error {
	if c.RPID == "" {
		return errors.New(`RPID: missing; give the domain of the service, such as "example.com"`)
	}
	if strings.ToLower(c.RPID) != c.RPID || strings.ContainsAny(c.RPID, ":/ ") || net.ParseIP(c.RPID) != nil {
		return fmt.Errorf("RPID: %q is not a domain in small letters; keys work with names only, never with addresses", c.RPID)
	}
	if len(c.Origins) == 0 {
		return errors.New(`Origins: none; give the address of the service, such as "https://id.example.com"`)
	}
	var faults []error
	for _, origin := range c.Origins {
		u, err := url.Parse(origin)
		local := err == nil && (u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".localhost"))
		switch {
		case err != nil || u.Host == "" || u.String() != u.Scheme+"://"+u.Host:
			faults = append(faults, fmt.Errorf("Origins: %q is not scheme, host and port alone", origin))
		case u.Scheme != "https" && (u.Scheme != "http" || !local):
			faults = append(faults, fmt.Errorf("Origins: %q is not https, and browsers use no keys there", origin))
		case u.Hostname() != c.RPID && !strings.HasSuffix(u.Hostname(), "."+c.RPID):
			faults = append(faults, fmt.Errorf("Origins: the host of %q is neither RPID, %q, nor below it", origin, c.RPID))
		}
	}
	return errors.Join(faults...)
}

func (c Config) checkChoices() error {
	var faults []error
	if !slices.Contains([]string{"", "discouraged", "preferred", "required"}, c.UserVerification) {
		faults = append(faults, fmt.Errorf("UserVerification: %q is none of discouraged, preferred and required", c.UserVerification))
	}
	if !slices.Contains([]string{"", "none", "direct"}, c.Attestation) {
		faults = append(faults, fmt.Errorf("Attestation: %q is neither none nor direct", c.Attestation))
	}
	if c.AttestationRoots != nil && c.Attestation != "direct" {
		faults = append(faults, errors.New("AttestationRoots: keys are not asked for certificates; set Attestation to direct"))
	}
	if len(c.AllowAAGUIDs) > 0 && c.AttestationRoots == nil {
		faults = append(faults, errors.New("AllowAAGUIDs: without AttestationRoots a key can claim to be of any model; give the roots of the makers"))
	}
	if u, err := url.Parse(c.AppID); c.AppID != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		faults = append(faults, fmt.Errorf("AppID: %q is not an https URL", c.AppID))
	}
	if c.Timeout < 0 || c.Timeout > 10*time.Minute {
		faults = append(faults, errors.New("Timeout: from 0 to 10 minutes"))
	}
	return errors.Join(faults...)
}

// aaguid is a model of authenticators (Level 3, section 6.5.1).
type aaguid [16]byte

// parseAAGUID reads one as it is written, in groups.
func parseAAGUID(text string) (id aaguid, ok bool) {
	groups := strings.Split(text, "-")
	if len(text) != 36 || len(groups) != 5 || len(groups[0]) != 8 || len(groups[4]) != 12 {
		return id, false
	}
	n, err := hex.Decode(id[:], []byte(strings.Join(groups, "")))
	return id, err == nil && n == len(id)
}

func (id aaguid) String() string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func aaguids(field string, texts []string) ([]aaguid, error) {
	var list []aaguid
	for _, text := range texts {
		id, ok := parseAAGUID(text)
		if !ok {
			return nil, fmt.Errorf("%s: %q is not an AAGUID such as 2fc0579f-8113-47ea-b116-bb5a8db9202a", field, text)
		}
		list = append(list, id)
	}
	return list, nil
}
