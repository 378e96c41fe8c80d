package main

import (
	"fmt"
	"slices"
	"time"
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
	{"P4", "the same with a session of ours, next-auth-v4", "require v4", 1.25, 1.12, checkOwnRequest, true},
	{"P4", "the same with a session of ours, auth-js-v5", "require v5", 1.25, 1.12, checkOwnRequest, true},
	{"P6", "GET session, next-auth-v4", "service v4", 2.5, 1.8, sessionRequest, false},
	{"P6", "GET session, auth-js-v5", "service v5", 2.5, 1.8, sessionRequest, false},
	{"P7", "sign-in without hashing, next-auth-v4", "service v4", 2.5, 2, signInRequest, false},
	{"P7", "sign-in without hashing, auth-js-v5", "service v5", 2.5, 2, signInRequest, false},
}

// common are the headers that every client sends.
const common = "Host: localhost\r\nUser-Agent: ostiary-bench\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n"

const plainRequest = "GET / HTTP/1.1\r\n" + common + "\r\n"

// result is the median of the ratios of all rounds, their quartiles, what the
// floor cost at the median, and the ratio of the quietest tenth of each: other
// work on the machine only ever adds.
type result struct {
	ratio, lower, upper, quiet float64
	floor                      time.Duration
}

// measure runs the rounds: ours, the floor, ours, the floor.
func (c comparison) measure(o options) (result, error) {
	ours, err := launch(c.role)
	if err != nil {
		return result{}, err
	}
	defer ours.stop()
	floor, err := launch("floor")
	if err != nil {
		return result{}, err
	}
	defer floor.stop()
	b, err := signedIn(ours)
	if err != nil {
		return result{}, err
	}
	if b.stock, err = stockCookie(c.role); err != nil {
		return result{}, err
	}
	request := c.request(b)
	floorRequest := plainRequest
	if c.sameFloor {
		floorRequest = request
	}
	var ratios []float64
	var costs, floors []time.Duration
	for round := range o.rounds + 1 {
		cost, err := ours.cost(request, o.requests)
		if err != nil {
			return result{}, err
		}
		base, err := floor.cost(floorRequest, o.requests)
		if err != nil {
			return result{}, err
		}
		if round > 0 { // the first one warms up
			ratios = append(ratios, float64(cost)/float64(base))
			costs, floors = append(costs, cost), append(floors, base)
		}
	}
	slices.Sort(ratios)
	slices.Sort(costs)
	slices.Sort(floors)
	n := len(ratios)
	quiet := float64(costs[n/10]) / float64(floors[n/10])
	return result{ratios[n/2], ratios[n/4], ratios[n*3/4], quiet, floors[n/2]}, nil
}

func checkRequest(b browser) string {
	return "GET / HTTP/1.1\r\n" + common + "Cookie: " + b.stock + "\r\n\r\n"
}

func checkOwnRequest(b browser) string {
	return "GET / HTTP/1.1\r\n" + common + "Cookie: " + b.session + "\r\n\r\n"
}

func sessionRequest(b browser) string {
	return "GET /api/auth/session HTTP/1.1\r\n" + common + "Cookie: " + b.csrf + "; " + b.session + "\r\n\r\n"
}

func signInRequest(b browser) string {
	body := "username=ada&password=correct+horse&csrfToken=" + b.token + "&callbackUrl=%2Fhome&json=true"
	return "POST /api/auth/callback/credentials HTTP/1.1\r\n" + common + "Cookie: " + b.csrf + "\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nX-Auth-Return-Redirect: 1\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}
