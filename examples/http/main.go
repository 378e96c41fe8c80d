// Command http is the smallest endpoint that Ostiary can ask.
package main

import (
	"crypto/subtle"
	"encoding/json"
	"log"
	"net/http"
	"time"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", login)
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// login answers 200 with the user, or 401.
func login(w http.ResponseWriter, r *http.Request) {
	var in struct{ Username, Password string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil {
		http.Error(w, "the body is not JSON", http.StatusBadRequest)
		return
	}
	right := subtle.ConstantTimeCompare([]byte(in.Password), []byte("open sesame"))
	w.Header().Set("Content-Type", "application/json")
	if right != 1 || in.Username != "jsmith" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	user := map[string]any{"id": 1, "name": "J Smith", "email": "jsmith@example.com"}
	if err := json.NewEncoder(w).Encode(user); err != nil {
		log.Print(err)
	}
}
