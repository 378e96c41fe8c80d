package main

import (
	"fmt"
	"slices"
)

// comparison is one goal: the CPU of a request to a server over that of the
// floor's request to an empty handler.
type comparison struct {
	goal, what string
	role       string // of the server, see serve.go
	must, aim  float64
	// request makes the request from what a signed-in browser holds; the
	// floor gets the same one if sameFloor, otherwise a GET without cookies.
	request   func(b browser) string
	sameFloor bool
}

var comparisons = []comparison{
	{"P4", "session check, next-auth-v4, full decrypt", "require v4", 1.25, 1.12, checkRequest, true},
	{"P4", "session check, auth-js-v5, full decrypt", "require v5", 1.25, 1.12, checkRequest, true},
	{"P6", "GET session, next-auth-v4", "service v4", 2.5, 1.8, sessionRequest, false},
	{"P6", "GET session, auth-js-v5", "service v5", 2.5, 1.8, sessionRequest, false},
	{"P7", "sign-in without hashing, next-auth-v4", "service v4", 2.5, 2, signInRequest, false},
	{"P7", "sign-in without hashing, auth-js-v5", "service v5", 2.5, 2, signInRequest, false},
}

const plainRequest = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

// measure returns the median of the ratios of all rounds, and the quartiles.
func (c comparison) measure(o options) (median float64, quartiles [2]float64, err error) {
	ours, err := launch(c.role)
	if err != nil {
		return 0, quartiles, err
	}
	defer ours.stop()
	floor, err := launch("floor")
	if err != nil {
		return 0, quartiles, err
	}
	defer floor.stop()
	b, err := signedIn(ours)
	if err != nil {
		return 0, quartiles, err
	}
	request := c.request(b)
	floorRequest := plainRequest
	if c.sameFloor {
		floorRequest = request
	}
	ratios := make([]float64, 0, o.rounds)
	for round := range o.rounds + 1 {
		cost, err := ours.cost(request, o.requests)
		if err != nil {
			return 0, quartiles, err
		}
		base, err := floor.cost(floorRequest, o.requests)
		if err != nil {
			return 0, quartiles, err
		}
		if round > 0 { // the first one warms up
			ratios = append(ratios, float64(cost)/float64(base))
		}
	}
	slices.Sort(ratios)
	at := func(part float64) float64 { return ratios[int(part*float64(len(ratios)-1)+0.5)] }
	return at(0.5), [2]float64{at(0.25), at(0.75)}, nil
}

func checkRequest(b browser) string {
	return "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + b.session + "\r\n\r\n"
}

func sessionRequest(b browser) string {
	return "GET /api/auth/session HTTP/1.1\r\nHost: localhost\r\nCookie: " + b.csrf + "; " + b.session + "\r\n\r\n"
}

func signInRequest(b browser) string {
	body := "username=ada&password=correct+horse&csrfToken=" + b.token + "&callbackUrl=%2Fhome&json=true"
	return "POST /api/auth/callback/credentials HTTP/1.1\r\nHost: localhost\r\nCookie: " + b.csrf + "\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nX-Auth-Return-Redirect: 1\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}
