package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Requests to the HTTP API, with time-outs and repeats. One is sent again when its answer is 502, 503 or 504 or does not come: every request that is
// made here may be, since what writes carries an Idempotency-Key, under which a repetition has no second effect and gets the first
// one's outcome. Between two tries there is a pause that doubles, from 0.1 s to 2 s, each with a random part of up to a half; a Retry-After
// makes it longer.

const (
	firstPause, longestPause = 100 * time.Millisecond, 2 * time.Second
	answerWithin             = 15 * time.Second // of one try, beside what the API was asked to wait
	callWithin               = 30 * time.Second // of all tries, beside that
	shownBytes               = 200              // of an answer that is not the API's
	idleFor                  = 30 * time.Second // the API closes a connection after 60
)

// An Error is what the API refused, or that it could not be asked.
type Error struct {
	Status  int    // of HTTP; 0: no answer came, and Unwrap says why
	Detail  string // the API's own words
	Code    string // the outcome's symbol where the scheduler refused a command, such as STALE_REVISION; "": none
	Pointer string // the JSON pointer of the member that is wrong, such as /schedules/0/expression; "": none
	Column  int    // the place in a text, from 1; 0: none
	Hint    string // the way out; "": none
	cause   error
}

func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Detail
	}
	return e.Detail + " (" + e.Hint + ")"
}

// Unwrap is why no answer came.
func (e *Error) Unwrap() error { return e.cause }

type request struct {
	method, target string // path and query, behind the URL's own path
	body           []byte // JSON
	headers        map[string]string
	wait           time.Duration // that the API was asked to wait before it answers
}

type answer struct {
	status     int
	retryAfter string
	body       []byte
}

// problemOf an answer that is no success.
func problemOf(a *answer) *Error {
	var said struct {
		Title, Detail, Code, Pointer, Hint string
		Column                             int
	}
	if err := json.Unmarshal(a.body, &said); err != nil || said.Detail+said.Title == "" {
		text := strings.TrimSpace(strings.ToValidUTF8(string(a.body[:min(len(a.body), shownBytes)]), "\ufffd"))
		return &Error{Status: a.status, Detail: fmt.Sprintf("not an answer of the API, but of status %d: %s", a.status, text)}
	}
	detail := said.Detail
	if detail == "" {
		detail = said.Title
	}
	return &Error{Status: a.status, Detail: detail, Code: said.Code, Pointer: said.Pointer, Column: said.Column, Hint: said.Hint}
}

// pauseAfter so many tries; chance: 0 to 1. A Retry-After that is no number is not heeded.
func pauseAfter(tries int, retryAfter string, chance float64) time.Duration {
	pause := longestPause
	if tries <= 5 {
		pause = min(firstPause<<(tries-1), longestPause)
	}
	pause += time.Duration(float64(pause) * chance / 2)
	if seconds, err := strconv.ParseUint(retryAfter, 10, 16); err == nil {
		pause = max(pause, time.Duration(seconds)*time.Second)
	}
	return pause
}

type transport struct {
	base    *url.URL // without user
	user    *url.Userinfo
	headers http.Header
	within  time.Duration // of a call with all its repeats
	http    *http.Client
}

func newTransport(text string, headers http.Header, within time.Duration) (*transport, error) {
	base, err := url.Parse(text)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Hostname() == "" || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("url: '%s' is no address of an API; it is like %s", shown(text), DefaultURL)
	}
	t := &transport{base: base, user: base.User, headers: headers, within: within}
	base.User = nil
	t.http = &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: idleFor, MaxIdleConnsPerHost: 16, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return t, nil
}

// shown is a URL for messages: without user and password.
func shown(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "", text
	} else {
		scheme += "://"
	}
	return scheme + rest[strings.LastIndex(rest, "@")+1:]
}

// call returns a successful answer; the error is an *Error.
func (t *transport) call(ctx context.Context, r *request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, t.within+r.wait)
	defer cancel()
	for tries := 1; ; tries++ {
		a, err := t.try(ctx, r)
		switch {
		case err == nil && a.status >= 200 && a.status < 300:
			return a, nil
		case err == nil && a.status != http.StatusBadGateway && a.status != http.StatusServiceUnavailable && a.status != http.StatusGatewayTimeout:
			return nil, problemOf(a)
		}
		retryAfter := ""
		if a != nil {
			retryAfter = a.retryAfter
		}
		if !mayTryAgain(err) || !pause(ctx, pauseAfter(tries, retryAfter, rand.Float64())) {
			if a != nil {
				return nil, problemOf(a)
			}
			return nil, t.unreachable(tries, err)
		}
	}
}

func mayTryAgain(err error) bool {
	_, isCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	return !isCertificate
}

// pause is false where there is no time left for it.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (t *transport) try(ctx context.Context, r *request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin+r.wait)
	defer cancel()
	asked, err := http.NewRequestWithContext(ctx, r.method, strings.TrimRight(t.base.String(), "/")+r.target, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	for name, values := range t.headers {
		asked.Header[name] = values
	}
	for name, value := range r.headers {
		asked.Header.Set(name, value)
	}
	if t.user != nil && asked.Header.Get("Authorization") == "" {
		password, _ := t.user.Password()
		asked.SetBasicAuth(t.user.Username(), password)
	}
	found, err := t.http.Do(asked)
	if err != nil {
		return nil, err
	}
	defer found.Body.Close()
	body, err := io.ReadAll(found.Body)
	if err != nil {
		return nil, err
	}
	return &answer{found.StatusCode, found.Header.Get("Retry-After"), body}, nil
}

func (t *transport) unreachable(tries int, why error) *Error {
	if failed, ok := errors.AsType[*url.Error](why); ok {
		why = failed.Err // its text has the URL
	}
	return &Error{
		Detail: fmt.Sprintf("could not ask %s: %v", t.base, why), cause: why,
		Hint: fmt.Sprintf("tried %d times; the API's address is the url, or CRONOBS_URL", tries),
	}
}
