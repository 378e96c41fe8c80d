package pages_test

import (
	"bytes"
	"fmt"
	"log"
	"strings"

	"github.com/ostiary/ostiary/pages"
)

func Example() {
	renderer, err := pages.New(pages.Config{
		Theme: pages.Theme{BrandColor: "#0a5c4d"},
	})
	if err != nil {
		log.Fatal(err)
	}
	var page bytes.Buffer
	err = renderer.SignIn(&page, "fr", pages.SignIn{
		CSRFToken: "8ba4…",
		Providers: []pages.Provider{{
			ID: "credentials", Name: "Acme",
			Fields: []pages.Field{
				{Name: "username", Label: "Identifiant", Type: "text"},
				{Name: "password", Label: "Mot de passe", Type: "password"},
			},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(page.String()) {
		if strings.Contains(line, "<label") || strings.Contains(line, "<button") {
			fmt.Print(line)
		}
	}
	// Output:
	// <label class="section-header" for="input-username-for-credentials-provider">Identifiant</label>
	// <label class="section-header" for="input-password-for-credentials-provider">Mot de passe</label>
	// <button type="submit">Se connecter avec Acme</button>
}

func ExampleRenderer_FactorStep() {
	renderer, err := pages.New(pages.Config{})
	if err != nil {
		log.Fatal(err)
	}
	var page bytes.Buffer
	err = renderer.FactorStep(&page, "es", pages.FactorStep{
		Shown: pages.FactorForm{
			Kind: "totp", Action: "/api/auth/callback/totp", RememberDays: 30,
			Fields: []pages.Field{{Name: "code", Type: "text", Required: true}},
		},
		Others: []pages.FactorLink{{Kind: "recovery", URL: "/api/auth/factor?factor=recovery"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(page.String()) {
		if strings.Contains(line, "<h1") || strings.Contains(line, "<label") || strings.Contains(line, "<li><a") {
			fmt.Print(line)
		}
	}
	// Output:
	// <h1>Escriba su código</h1>
	// <label class="section-header" for="input-code-for-totp-provider">Código de la aplicación</label>
	// <label for="input-remember_device-for-totp-provider">No volver a preguntar en este dispositivo durante 30 días</label></div>
	// <li><a href="/api/auth/factor?factor=recovery">Usar un código de recuperación</a></li>
}

func ExampleRenderer_ContentSecurityPolicy() {
	renderer, err := pages.New(pages.Config{Theme: pages.Theme{Logo: "https://cdn.example.com/logo.svg"}})
	if err != nil {
		log.Fatal(err)
	}
	for directive := range strings.SplitSeq(renderer.ContentSecurityPolicy(), "; ") {
		fmt.Println(directive)
	}
	// Output:
	// default-src 'none'
	// style-src 'self'
	// script-src 'self'
	// img-src 'self' https://cdn.example.com
	// form-action 'self'
	// base-uri 'none'
	// object-src 'none'
	// frame-ancestors 'none'
}
