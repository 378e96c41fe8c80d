package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/ostiary/ostiary/store/sqlite"
)

func TestSite(t *testing.T) {
	store, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "factors.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	handler, err := site("of the test: Kq7Xv2Zr9Lm4Tw1Yb6Nd8Pf3", store)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/": http.StatusUnauthorized, "/payroll": http.StatusUnauthorized, "/api/auth/signin": http.StatusOK} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("GET %s: %d, want %d", path, w.Code, want)
		}
	}
}
