package ostiary_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path that our own imports start with.
const module = "github.com/ostiary/ostiary"

// mayImport says what each folder may import beside the standard library: ours
// as folders ("." is the root package, "internal/…" any folder below), others
// as module paths. Leaves import nothing of ours; imports point one way.
//
// Policy: do not widen a line to mend a build. Move the code instead.
var mayImport = map[string]struct{ ours, modules string }{
	"form":                 {},
	"session":              {},
	"passhash":             {modules: "github.com/go-crypt/crypt golang.org/x/crypto golang.org/x/text"},
	"pages":                {modules: "golang.org/x/text"},
	"store/memory":         {},
	"store/memory/factors": {ours: ". store/memory internal/…"},
	"internal/…":           {},
	"internal/account":     {modules: "golang.org/x/text"},
	"internal/bounds":      {ours: "."},

	"internal/testserver/…":        {ours: "internal/testserver/process internal/testserver/certificate"},
	"internal/testserver/postgres": {ours: "internal/testserver/process internal/testserver/certificate", modules: "github.com/jackc/pgx/v5"},
	"internal/testserver/mariadb":  {ours: "internal/testserver/process internal/testserver/certificate", modules: "github.com/go-sql-driver/mysql"},
	"internal/testserver/slapd":    {ours: "internal/testserver/process internal/testserver/certificate", modules: "github.com/go-ldap/ldap/v3"},
	"internal/testserver/samba":    {ours: "internal/testserver/process internal/testserver/certificate", modules: "github.com/go-ldap/ldap/v3"},

	".":           {ours: "form session pages store/memory internal/…"},
	"connector/…": {ours: ". form session passhash internal/…"},
	"connector/ldap": {
		ours: ". form session internal/…", modules: "github.com/go-ldap/ldap/v3 github.com/go-asn1-ber/asn1-ber",
	},
	"connector/sqldb": {
		ours:    ". form session passhash internal/…",
		modules: "github.com/jackc/pgx/v5 github.com/go-sql-driver/mysql modernc.org/sqlite golang.org/x/text",
	},
	"connector/pam": {ours: ". form session internal/…", modules: "github.com/msteinert/pam/v2"},
	"factor/…":      {ours: ". form session internal/…"},
	"factor/totp":   {ours: ". form", modules: "rsc.io/qr"},
	"factor/webauthn": {
		ours: ". form internal/…", modules: "github.com/go-webauthn/webauthn",
	},
	"store/sqlite":   {ours: ". internal/…", modules: "modernc.org/sqlite"},
	"store/postgres": {ours: ". internal/…", modules: "github.com/jackc/pgx/v5"},
	"storetest":      {ours: "."},
	"ostiarytest":    {ours: ". form internal/…", modules: "golang.org/x/text"},
	"server": {
		ours:    ". form session passhash pages internal/… connector/… factor/… store/…",
		modules: "go.yaml.in/yaml/v3",
	},
	"cmd/ostiary": {ours: ". form session passhash server", modules: "github.com/alecthomas/kong golang.org/x/term"},

	"bench/empty": {},
	"examples/…":  {ours: ". form session store/… factor/…"},
	"bench":       {ours: ". form session"},
	"bench/flood": {ours: ". form session passhash", modules: "golang.org/x/crypto"},
	"e2e":         {},
}

// TestImportsPointOneWay holds every source file, tests aside, to mayImport.
func TestImportsPointOneWay(t *testing.T) {
	for _, file := range sources(t) {
		folder := path.Dir(file.path)
		rule, ok := ruleFor(folder)
		if !ok {
			t.Errorf("%s: no line in mayImport for folder %q", file.path, folder)
			continue
		}
		for _, spec := range file.syntax.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !allowed(name, rule.ours, rule.modules) {
				t.Errorf("%s imports %s, which mayImport does not grant to %q", file.path, name, folder)
			}
		}
	}
}

// modules are all others that anything here imports, tests included, and why
// each is worth it (DEP-1). Whoever adds one writes the reason.
var modules = map[string]string{
	"github.com/alecthomas/kong":      "the command line by struct tags, no modules of its own",
	"github.com/go-crypt/crypt":       "the password hashes of existing systems",
	"golang.org/x/crypto":             "bcrypt, by the people who write Go",
	"golang.org/x/term":               "asks for a password without showing it",
	"golang.org/x/text":               "Unicode normal forms and the choice of a language",
	"go.yaml.in/yaml/v3":              "the configuration file, with line numbers and no doubled keys",
	"github.com/go-ldap/ldap/v3":      "LDAP, tried against OpenLDAP and Active Directory",
	"github.com/go-asn1-ber/asn1-ber": "what LDAP's controls are written in, of the LDAP module",
	"github.com/jackc/pgx/v5":         "PostgreSQL, the kept driver",
	"github.com/go-sql-driver/mysql":  "MySQL and MariaDB, the kept driver",
	"modernc.org/sqlite":              "SQLite without cgo",
	"github.com/go-webauthn/webauthn": "WebAuthn's checks and attestation formats, the one kept module",
	"rsc.io/qr":                       "QR codes as a matrix; their form is frozen, and so is it",
	"github.com/msteinert/pam/v2":     "PAM, behind the build tag pam",
	"github.com/go-jose/go-jose/v4":   "tests: another reader and writer of the same tokens",
	"github.com/chromedp/chromedp":    "tests: drives a browser without Node",
	"github.com/chromedp/cdproto":     "tests: the browser's protocol, for chromedp",
	"golang.org/x/net":                "tests: reads pages the way browsers do",
	"github.com/rogpeppe/go-internal": "tests: scripts that read like a terminal",
}

// TestModules holds go.mod and the imports to the list above.
func TestModules(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^\s*(replace|exclude)\b`).Match(text) {
		t.Error("DEP-1: go.mod replaces or excludes a module")
	}
	for _, file := range parse(t, func(string) bool { return true }) {
		for _, spec := range file.syntax.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if !allowed(name, ". …", strings.Join(slices.Collect(maps.Keys(modules)), " ")) {
				t.Errorf("DEP-1: %s imports %s, for which no reason is written", file.path, name)
			}
		}
	}
	for name := range modules {
		if !strings.Contains(string(text), name+" v") {
			t.Errorf("DEP-1: go.mod does not have %s any more", name)
		}
	}
}

// TestBannedNames keeps out what is never the right tool here.
func TestBannedNames(t *testing.T) {
	bannedImports := map[string]string{
		"math/rand":     "DEP-2: chance is crypto/rand",
		"math/rand/v2":  "DEP-2: chance is crypto/rand",
		"text/template": "PAG-4: pages are html/template",
		"unsafe":        "DEP-2: no memory tricks",
	}
	bannedNames := map[string]string{
		"bytes.Equal":       "IDN-7: takes longer the more is alike; crypto/subtle does not",
		"template.HTML":     "PAG-4: switches escaping off",
		"template.HTMLAttr": "PAG-4: switches escaping off",
		"template.JS":       "PAG-4: switches escaping off",
		"template.JSStr":    "PAG-4: switches escaping off",
		"template.URL":      "PAG-4: switches escaping off",
		"template.CSS":      "PAG-4: switches escaping off",
		"template.Srcset":   "PAG-4: switches escaping off",
	}
	for _, file := range sources(t) {
		for _, spec := range file.syntax.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if why, bad := bannedImports[name]; bad {
				t.Errorf("%s imports %s (%s)", file.path, name, why)
			}
		}
		ast.Inspect(file.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok {
					if why, bad := bannedNames[x.Name+"."+n.Sel.Name]; bad {
						t.Errorf("%s uses %s.%s (%s)", file.path, x.Name, n.Sel.Name, why)
					}
				}
			case *ast.Ident:
				if n.Name == "InsecureSkipVerify" {
					t.Errorf("%s uses InsecureSkipVerify (DEP-2: certificates are checked)", file.path)
				}
			}
			return true
		})
	}
}

type source struct {
	path   string // with slashes, from the root of the module
	syntax *ast.File
}

// sources parses all Go files of the module but tests, whatever their build tags.
func sources(t *testing.T) []source {
	t.Helper()
	return parse(t, func(name string) bool { return !strings.HasSuffix(name, "_test.go") })
}

func parse(t *testing.T, wanted func(name string) bool) []source {
	t.Helper()
	var found []source
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipFolder(name, entry.Name())
		}
		if !strings.HasSuffix(name, ".go") || !wanted(name) {
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		found = append(found, source{path.Clean(filepath.ToSlash(name)), syntax})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func skipFolder(name, base string) error {
	switch {
	case name == ".":
		return nil
	case base == "node_modules", base == "testdata", base == "bin", base == "dist", name == "tools":
		return filepath.SkipDir
	case strings.HasPrefix(base, "."), strings.HasPrefix(base, "_"):
		return filepath.SkipDir
	}
	return nil
}

// ruleFor finds the line of a folder: its own, or that of the nearest "parent/…".
func ruleFor(folder string) (rule struct{ ours, modules string }, ok bool) {
	if rule, ok = mayImport[folder]; ok {
		return rule, true
	}
	for parent := path.Dir(folder); parent != "."; parent = path.Dir(parent) {
		if rule, ok = mayImport[parent+"/…"]; ok {
			return rule, true
		}
	}
	return rule, false
}

func allowed(name, ours, modules string) bool {
	if name == module || strings.HasPrefix(name, module+"/") {
		folder := strings.TrimPrefix(strings.TrimPrefix(name, module), "/")
		if folder == "" {
			folder = "."
		}
		return slices.ContainsFunc(strings.Fields(ours), func(grant string) bool {
			below, wide := strings.CutSuffix(grant, "…")
			return grant == folder || wide && strings.HasPrefix(folder, below)
		})
	}
	if first, _, _ := strings.Cut(name, "/"); !strings.Contains(first, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(strings.Fields(modules), func(m string) bool {
		return name == m || strings.HasPrefix(name, m+"/")
	})
}
