package server

import (
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/form"
)

func providerKeys() []member[providerSettings] {
	type config = providerSettings
	return []member[config]{
		key("id", text(64), func(c *config) *string { return &c.service.ID }, "credentials",
			"Names the provider in addresses and tokens: lower-case letters, digits, - and _."),
		key("name", text(100), func(c *config) *string { return &c.service.Name }, "Credentials",
			"What people read: “Sign in with Acme”."),
		key("realm", text(200), func(c *config) *string { return &c.service.Realm }, "the id",
			"The user system that is asked; providers that ask the same one share it."),
		key("fields", formFields(), func(c *config) *form.Form { return &c.service.Form }, "none: a button",
			"What to ask for, in the order of the page: names to label, type, placeholder, options, required and any allowed HTML attribute."),
		key("connector", connectorKeys(), func(c *config) *connectorSettings { return &c.connector }, "",
			"How the user system is asked: exactly one of the keys below.").required(),
		key("remember", text(64), func(c *config) *string { return &c.service.Remember }, "none",
			"The name of a checkbox field: ticked, the session lives for session.lifetime; otherwise it ends with the browser."),
		key("factors", factorRule(), func(c *config) *ostiary.FactorRule { return &c.service.Factors }, "that of factors",
			"Who of these people needs a second factor: off, optional or required, or policy and kinds."),
		key("append_totp", boolean(), func(c *config) *bool { return &c.service.AppendedTOTP }, "false",
			"Takes six digits at the end of the password as the code of an authenticator app."),
		key("timeout", duration(100*time.Millisecond, 20*time.Second), func(c *config) *time.Duration { return &c.service.Timeout }, "10s",
			"How long one question to the user system may take, at most 20s."),
	}
}
