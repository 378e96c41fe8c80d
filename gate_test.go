package ostiary_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestOneGate reads the source of this package and holds I1 to it: only
// what the factor policy was asked about makes a proof, only attempt.mint turns one
// into a new token,
// only those that renew or mint seal a token, and only two functions write
// session cookies (MFA-1).
func TestOneGate(t *testing.T) {
	made, called := map[string][]string{}, map[string][]string{}
	for _, file := range rootFiles(t) {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				noProofOutside(t, decl)
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CompositeLit:
					made[typeName(n.Type)] = append(made[typeName(n.Type)], f.Name.Name)
				case *ast.CallExpr:
					name := calledName(n.Fun)
					called[name] = append(called[name], f.Name.Name)
					if name == "new" && len(n.Args) == 1 {
						made[typeName(n.Args[0])] = append(made[typeName(n.Args[0])], f.Name.Name)
					}
				case *ast.ValueSpec:
					made[typeName(n.Type)] = append(made[typeName(n.Type)], f.Name.Name)
				}
				return true
			})
		}
	}
	hold := func(what string, got []string, want ...string) {
		t.Helper()
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("I1 %s in %q, want %q", what, got, want)
		}
	}
	hold("a proof is made", made["proof"], "again", "alone", "complete", "first")
	hold("prove is called", called["prove"], "decide")
	hold("the first proof is taken", called["first"], "prove")
	hold("the second proof is taken", called["complete"], "enrol", "finish")
	hold("a session is proven again", called["again"], "enrol", "finish", "removed")
	hold("a passkey is taken", called["alone"], "passkey")
	hold("a token begins", called["newToken"], "mint")
	hold("mint is called", called["mint"], "letIn")
	hold("letIn is called", called["letIn"], "decide", "enrol", "finish", "removed", "settleAlone")
	hold("tokens are sealed", called["sealToken"], "mint", "renew")
	hold("the codec seals", append(called["Seal"], called["AppendSeal"]...), "leave", "pose", "sealToken", "sendHeld", "suspend")
	hold("session cookies are written", called["writeSession"], "expire", "renew", "sendSession")
	for _, maker := range made["Token"] { // session.Token
		if maker != "newToken" && maker != "expire" {
			t.Errorf("I1 %s makes a session.Token", maker)
		}
	}
}

func noProofOutside(t *testing.T, decl ast.Decl) {
	t.Helper()
	ast.Inspect(decl, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok && typeName(lit.Type) == "proof" {
			t.Error("I1 a proof is made outside of any function")
		}
		return true
	})
}

func rootFiles(t *testing.T) (files []*ast.File) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.StarExpr:
		return "" // a pointer is no value yet
	}
	return ""
}

func calledName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
