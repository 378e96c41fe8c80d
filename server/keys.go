package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/ostiary/ostiary"
	"github.com/ostiary/ostiary/pages"
	"github.com/ostiary/ostiary/session"
)

// This file is the table of keys. Reader, JSON Schema and documentation test
// are made from it: a key that is not here does not exist.

func fileKeys() []member[Config] {
	return []member[Config]{
		key("url", text(300), func(c *Config) *string { return &c.Service.URL }, "",
			"The one external address, scheme and host, such as https://id.example.com; its scheme decides cookie security.").required(),
		key("name", text(100), func(c *Config) *string { return &c.Service.Name }, "",
			"What people sign in to, for the heading of the pages: “Sign in to Acme”."),
		key("listen", text(300), func(c *Config) *string { return &c.Listen }, "127.0.0.1:3000",
			"The address and port to serve at; :3000 is every address of the machine."),
		key("base_path", text(200), func(c *Config) *string { return &c.Service.BasePath }, "/api/auth",
			"The path that pages and endpoints live below."),
		key("wire", wireFormat(), func(c *Config) *session.Format { return &c.Service.Wire }, "next-auth-v4",
			"The protocol and token format that is spoken: which generation of clients."),
		key("secrets", listOf(hiddenText()), func(c *Config) *[]secret { return &c.secrets }, "",
			"What seals and opens everything, at least 32 random bytes each (`ostiary secret` makes one); the first seals, all open.").required(),
		key("session", sessionKeys(), func(c *Config) *ostiary.SessionConfig { return &c.Service.Session }, "",
			"How long sessions live and how their cookie is written."),
		key("allowed_redirects", listOf(text(300)), func(c *Config) *[]string { return &c.Service.AllowedRedirects }, "none",
			"Further origins, such as https://shop.example.com, that a person may be sent back to."),
		key("providers", listOf(mapping(providerKeys()...)), func(c *Config) *[]providerSettings { return &c.providers }, "",
			"The ways to sign in, in the order of the page; at least one.").required(),
		key("pages", pageKeys(), func(c *Config) *ostiary.Pages { return &c.Service.Pages }, "",
			"Pages of your own instead of the built-in ones: each a path on our origin or a URL."),
		key("theme", themeKeys(), func(c *Config) *pages.Theme { return &c.Service.Theme }, "",
			"The look of the built-in pages."),
		key("templates", text(1000), func(c *Config) *string { return &c.Service.TemplateDir }, "",
			"A folder with templates, styles and catalogues that replace built-in ones of the same file name."),
		key("trusted_proxies", listOf(text(100)), func(c *Config) *[]string { return &c.proxies }, "none",
			"Addresses and networks of reverse proxies whose X-Forwarded-For counts, such as 10.0.0.0/8."),
		key("log", logKeys(), func(c *Config) *Config { return c }, "",
			"What is written to standard error."),
		key("limits", limitKeys(), func(c *Config) *Config { return c }, "",
			"Bounds on what is done at once."),
		key("factors", optional(factorKeys()), func(c *Config) **factorSettings { return &c.factors }, "none",
			"Second factors: which there are and who needs one; {} is authenticator apps, security keys and recovery codes for whoever wants."),
		key("store", storeKeys(), func(c *Config) *storeSettings { return &c.store }, "sqlite: {}",
			"Where used steps, ended sessions and enrolled factors are kept: exactly one of the keys below."),
		key("admin", adminKeys(), func(c *Config) *Config { return c }, "",
			"The listener for health checks."),
		key("insecure_http", boolean(), func(c *Config) *bool { return &c.Service.InsecureHTTP }, "false",
			"Permits a plain http url that is not loopback: sessions can then be read by anybody on the way."),
	}
}

func wireFormat() kind[session.Format] {
	return choice(map[string]session.Format{
		string(session.NextAuthV4): session.NextAuthV4, string(session.AuthJSV5): session.AuthJSV5,
	})
}

func sessionKeys() kind[ostiary.SessionConfig] {
	type config = ostiary.SessionConfig
	return mapping(
		key("lifetime", duration(time.Minute, 2*year), func(c *config) *time.Duration { return &c.Lifetime }, "30d",
			"How long an unused session lives; every use renews it."),
		key("absolute", duration(time.Minute, 10*year), func(c *config) *time.Duration { return &c.Absolute }, "90d",
			"How long after the sign-in a session ends, however much it is used."),
		key("browser_lifetime", duration(time.Minute, 2*year), func(c *config) *time.Duration { return &c.BrowserLifetime }, "12h",
			"How long an unused session lives that ends with the browser (providers[].remember)."),
		key("cookie_domain", text(253), func(c *config) *string { return &c.Cookie.Domain }, "this host only",
			"Shares the session cookie with all hosts below this domain."),
		key("cookie_name", text(64), func(c *config) *string { return &c.Cookie.Name }, "that of the wire",
			"The name of the session cookie; with wire auth-js-v5 it is part of the key, too."),
		key("cookie_path", text(200), func(c *config) *string { return &c.Cookie.Path }, "/",
			"The path that the session cookie is sent to."),
		key("same_site", choice(map[string]http.SameSite{"lax": http.SameSiteLaxMode, "strict": http.SameSiteStrictMode}),
			func(c *config) *http.SameSite { return &c.Cookie.SameSite }, "lax",
			"Whether the session cookie comes along when a link on another site leads to us."),
		key("also_accept", listOf(wireFormat()), func(c *config) *[]session.Format { return &c.AlsoAccept }, "none",
			"Further token formats to read, for the time of a migration."),
		key("accept_bearer", boolean(), func(c *config) *bool { return &c.AcceptBearer }, "false",
			"Also reads sessions from the header Authorization: Bearer."),
		key("expose", listOf(text(64)), func(c *config) *[]string { return &c.Expose }, "none",
			"Claims, besides name, email and image, that GET session shows under user: id, groups, your own."),
		key("recheck", duration(time.Second, year), func(c *config) *time.Duration { return &c.Recheck }, "never",
			"Asks the user system again when its last answer about a person is older than this, and ends the session of who is gone."),
	)
}

func pageKeys() kind[ostiary.Pages] {
	type config = ostiary.Pages
	return mapping(
		key("sign_in", text(1000), func(c *config) *string { return &c.SignIn }, "built-in", "The sign-in page."),
		key("sign_out", text(1000), func(c *config) *string { return &c.SignOut }, "built-in", "The page that asks whether to sign out."),
		key("error", text(1000), func(c *config) *string { return &c.Error }, "built-in", "The page for what can't be shown beside a form."),
		key("verify_request", text(1000), func(c *config) *string { return &c.VerifyRequest }, "built-in", "The page that asks people to look at their mail."),
	)
}

func themeKeys() kind[pages.Theme] {
	type config = pages.Theme
	return mapping(
		key("color_scheme", choice(map[string]string{"auto": "auto", "light": "light", "dark": "dark"}), func(c *config) *string { return &c.ColorScheme }, "auto",
			"Light, dark, or what the browser prefers."),
		key("logo", text(1000), func(c *config) *string { return &c.Logo }, "none",
			"An https URL, a path on the same site, or the name of an image file in templates."),
		key("brand_color", text(64), func(c *config) *string { return &c.BrandColor }, "ours",
			"The colour of buttons, as CSS: #0a5c4d, rgb(), hsl(), oklch() or a name."),
		key("button_text", text(64), func(c *config) *string { return &c.ButtonText }, "black or white, whichever reads better",
			"The colour of the text on buttons, as CSS."),
	)
}

func logKeys() kind[Config] {
	return mapping(
		key("level", choice(map[string]slog.Level{
			"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
		}), func(c *Config) *slog.Level { return &c.Log.Level }, "info", "The least severe level that is written; secrets are written at none."),
		key("format", choice(map[string]bool{"json": false, "text": true}), func(c *Config) *bool { return &c.Log.Text }, "json",
			"One JSON object a line for programs, or text for people."),
		key("login_names", boolean(), func(c *Config) *bool { return &c.Service.LogLoginNames }, "false",
			"Also writes the login name of refused attempts; people type passwords there by mistake."),
	)
}

func limitKeys() kind[Config] {
	return mapping(
		key("authorizing", whole(1, 10_000, "sign-ins"), func(c *Config) *int { return &c.Service.Limits.Authorizing }, "64",
			"How many sign-ins ask the user system at the same time."),
		key("waiting", whole(1, 100_000, "sign-ins"), func(c *Config) *int { return &c.Service.Limits.Waiting }, "128",
			"How many more may wait for their turn; beyond it the answer is 503 at once."),
		key("wait", duration(time.Millisecond, 5*time.Second), func(c *Config) *time.Duration { return &c.Service.Limits.Wait }, "2s",
			"How long one of them may wait, at most 5s."),
		key("body", whole[int64](1<<10, 1<<20, "bytes"), func(c *Config) *int64 { return &c.Service.Limits.Body }, "65536",
			"The greatest request body, in bytes."),
		key("hashing_workers", whole(1, 1024, "hashes"), func(c *Config) *int { return &c.hashing.Workers }, "as many as processors; elsewhere than on Linux one less",
			"How many passwords are hashed at the same time in the whole process; a reload does not change it."),
		key("hashing_memory", whole[int64](8<<20, 1<<40, "bytes"), func(c *Config) *int64 { return &c.hashing.Memory }, "a quarter of what the process may use",
			"How many bytes all hashes that run may hold together; a reload does not change it."),
		key("connections", whole(1, 1_000_000, "connections"), func(c *Config) *int { return &c.Connections }, "4096",
			"How many connections are served at once; further ones wait in the system's queue."),
	)
}

func adminKeys() kind[Config] {
	return mapping(
		key("listen", text(300), func(c *Config) *string { return &c.AdminListen }, "none",
			"The address for GET /healthz (the process lives) and GET /readyz (the user systems answer, in detail); never the public one."),
	)
}
