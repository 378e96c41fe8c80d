package server

import (
	"errors"
	"net/netip"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/connector/radius"
)

// radiusSettings are the keys of connector.radius.
type radiusSettings struct {
	config  radius.Config
	one     radiusServer // its keys stand beside the others
	servers []radiusServer
	nas     string
	states  []named[ostiary.State]
}

// radiusServer is one server of the file.
type radiusServer struct {
	address string
	secret  secret
	tls     *radius.TLS
}

func radiusServerKeys[T any](of func(*T) *radiusServer) []member[T] {
	return []member[T]{
		key("address", text(300), func(c *T) *string { return &of(c).address }, "none",
			"The server, host and port; without a port 1812, with tls 2083."),
		key("secret", hiddenText(), func(c *T) *secret { return &of(c).secret }, "radsec with tls",
			"What the server has for this machine in its list of clients; at least 16 random characters."),
		key("tls", optional(radiusTLSKeys()), func(c *T) **radius.TLS { return &of(c).tls }, "UDP",
			"Asks over TLS (RadSec); {} trusts the authorities of the system and shows no certificate."),
	}
}

func radiusTLSKeys() kind[radius.TLS] {
	type config = radius.TLS
	return mapping(
		key("ca_file", text(1000), func(c *config) *string { return &c.CAFile }, "those of the system",
			"The certificates, in PEM, that may vouch for the server."),
		key("cert_file", text(1000), func(c *config) *string { return &c.CertFile }, "none",
			"The certificate, in PEM, that we show; most servers want one."),
		key("key_file", text(1000), func(c *config) *string { return &c.KeyFile }, "none", "Its key, in PEM."),
		key("server_name", text(253), func(c *config) *string { return &c.ServerName }, "the host of address",
			"The name that the server's certificate must have."),
	)
}

func radiusKeys() kind[radiusSettings] {
	type config = radiusSettings
	one := radiusServerKeys(func(c *config) *radiusServer { return &c.one })
	each := radiusServerKeys(func(s *radiusServer) *radiusServer { return s })
	return mapping(append(
		one,
		key("servers", listOf(mapping(each...)), func(c *config) *[]radiusServer { return &c.servers }, "the one above",
			"Several servers, asked in order."),
		key("calling_station", boolean(), func(c *config) *bool { return &c.config.CallingStation }, "false",
			"Sends the address of the browser as Calling-Station-Id."),
		key("nas_identifier", text(253), func(c *config) *string { return &c.config.NASIdentifier }, "ostiary",
			"What we call ourselves."),
		key("nas_ip_address", text(45), func(c *config) *string { return &c.nas }, "none",
			"The address, of IPv4, that we give for ourselves."),
		key("timeout", duration(10*time.Millisecond, 20*time.Second), func(c *config) *time.Duration { return &c.config.Timeout }, "2s",
			"How long one try waits for an answer."),
		key("retries", radiusRetries(), func(c *config) *int { return &c.config.Retries }, "2",
			"How often the same packet is sent again over UDP; or never."),
		key("pause", duration(time.Second, time.Hour), func(c *config) *time.Duration { return &c.config.Pause }, "30s",
			"How long a server that gave no valid answer is left out."),
		key("user_id", choice(map[string]string{"typed": "", radius.AttributeUserName: radius.AttributeUserName}), func(c *config) *string { return &c.config.UserID }, "typed",
			"What the id of a person is: the name as it was typed, or User-Name of the server's reply."),
		key("groups", listOf(choice(map[string]string{radius.AttributeClass: radius.AttributeClass, radius.AttributeFilterID: radius.AttributeFilterID})),
			func(c *config) *[]string { return &c.config.Groups }, "none", "Attributes of the reply whose values are groups."),
		key("group_prefix", text(200), func(c *config) *string { return &c.config.GroupPrefix }, "none",
			"What a value must begin with to be a group; it is taken off."),
		key("reveal", revealed(), func(c *config) *ostiary.Reveal { return &c.config.Reveal }, "nothing",
			"States that a person may learn of: locked, disabled, expired, must_change; states says which message means which."),
		key("states", pairs(oneState()), func(c *config) *[]named[ostiary.State] { return &c.states }, "password has expired: expired",
			"Texts in the Reply-Message of a rejection, and the state that each means."),
		key("answer_label", text(100), func(c *config) *string { return &c.config.AnswerLabel }, "Code",
			"The label of the field for the answer to a challenge."),
		key("insecure_allow_missing_message_authenticator", boolean(), func(c *config) *bool { return &c.config.InsecureAllowMissingMessageAuthenticator }, "false",
			"Believes replies without Message-Authenticator: who is between us and a server over UDP can then sign in as anybody."),
		key("username_field", text(64), func(c *config) *string { return &c.config.UsernameField }, "username",
			"The field of the form with the name."),
		key("password_field", text(64), func(c *config) *string { return &c.config.PasswordField }, "password",
			"The field of the form with the password."),
	)...)
}

// radiusRetries reads a number from 1, or the word never as -1.
func radiusRetries() kind[int] { return countOrNever(10) }

func (s *radiusSettings) keyOf(word string) string {
	switch word {
	case "NASIPAddress":
		return "nas_ip_address"
	case "Servers":
		if s.one.address != "" {
			return "address"
		}
		return "servers"
	}
	return keyOfField(radiusKeys(), word)
}

func (s *radiusSettings) looksUp() bool { return false } // RADIUS has no question without a password

func (s *radiusSettings) asks() []asked {
	return nameAndPassword(s.config.UsernameField, s.config.PasswordField)
}

func (s *radiusSettings) connect(w wiring) (connected, error) {
	config := s.config
	config.Logger = w.logger
	all := s.servers
	if s.one.address != "" {
		all = append([]radiusServer{s.one}, all...)
	}
	for _, one := range all {
		config.Servers = append(config.Servers, one.made(w))
	}
	if s.nas != "" {
		address, err := netip.ParseAddr(s.nas)
		if err != nil {
			return connected{}, errors.New("NASIPAddress: is not an address such as 192.0.2.1")
		}
		config.NASIPAddress = address
	}
	for _, state := range s.states {
		if config.States == nil {
			config.States = make(map[string]ostiary.State, len(s.states))
		}
		config.States[state.name] = state.value
	}
	connector, err := radius.New(config)
	if err != nil {
		return connected{}, err
	}
	return asConnected(connector), nil
}

func (s radiusServer) made(w wiring) radius.Server {
	server := radius.Server{Address: s.address, Secret: ostiary.NewSecret(s.secret.text)}
	if s.tls == nil {
		return server
	}
	files := *s.tls
	for _, file := range []*string{&files.CAFile, &files.CertFile, &files.KeyFile} {
		if *file != "" {
			*file = w.path(*file)
		}
	}
	server.TLS = &files
	return server
}
