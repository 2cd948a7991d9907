package rest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iql-lang/iql/provider/classroom/backendtest"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// TestSlowClients are cut off: those that never finish their headers, their
// body, or to read the answer.
func TestSlowClients(t *testing.T) {
	for name, first := range map[string]string{
		"headers": "GET /v1/courses HTTP/1.1\r\nHost: x\r\n",
		"body":    "POST /v1/invitations?access_token=o@dom.edu HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
		"idle":    "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
		"nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				school, err := emulator.ReadSchool("school", strings.NewReader(school))
				if err != nil {
					t.Fatal(err)
				}
				store, err := emulator.Open(t.Context(), emulator.Options{Seed: school})
				if err != nil {
					t.Fatal(err)
				}
				defer store.Close()
				server := rest.HTTPServer(rest.New(store, rest.Options{}))
				listener := backendtest.NewPipes()
				served := make(chan error)
				go func() { served <- server.Serve(listener) }()
				conn, err := listener.Dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				if _, err := io.WriteString(conn, first); err != nil {
					t.Fatal(err)
				}
				_, err = io.Copy(io.Discard, conn) // until the server has enough
				if took := time.Since(start); err != nil || took > 3*time.Minute {
					t.Errorf("cut off after %v, %v", took, err)
				}
				conn.Close()
				if err := server.Shutdown(context.Background()); err != nil {
					t.Error(err)
				}
				if err := <-served; !errors.Is(err, http.ErrServerClosed) {
					t.Error(err)
				}
			})
		})
	}
}

// endless is a body without an end.
type endless struct{ read atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read.Add(int64(len(p)))
	return len(p), nil
}

func TestHugeRequests(t *testing.T) {
	w := open(t, rest.Options{})
	for _, c := range []struct{ name, path, kind string }{
		{"a body", "/v1/invitations", "application/json"},
		{"a batch", "/batch", "multipart/mixed; boundary=b"},
		{"a token", "/token", "application/x-www-form-urlencoded"},
		{"faults", "/_emulator/faults", "application/json"},
		{"a body of accept", "/v1/invitations/x:accept", "application/json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := &endless{}
			req, err := http.NewRequest(http.MethodPost, w.url+c.path, body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", c.kind)
			req.Header.Set("Authorization", "Bearer "+owner)
			resp, err := w.http.Do(req)
			if err == nil { // or the server has gone, which is as well
				resp.Body.Close()
				if resp.StatusCode != http.StatusBadRequest {
					t.Errorf("status %d, want 400", resp.StatusCode)
				}
			}
			if n := body.read.Load(); n > 64<<20 {
				t.Errorf("%d MB were read", n>>20)
			}
		})
	}

	req, err := http.NewRequest(http.MethodGet, w.url+"/v1/courses", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		req.Header.Set(fmt.Sprintf("X-Flood-%d", i), strings.Repeat("x", 100))
	}
	resp, err := w.http.Do(req)
	if err == nil {
		resp.Body.Close()
		if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("headers: status %d, want 431", resp.StatusCode)
		}
	}
}

// TestBadHTTP sends what no client would.
func TestBadHTTP(t *testing.T) {
	w := open(t, rest.Options{})
	for _, text := range []string{
		"GET * HTTP/1.1\r\nHost: x\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
		"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET http://elsewhere/v1/courses HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /v1/invitations/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /batch HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
		"\x16\x03\x01\x00\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode < 400 && resp.StatusCode != 200 {
			t.Errorf("%q: %v, %v", text, resp, err)
		} else {
			resp.Body.Close()
		}
		conn.Close()
	}
}

// TestManyClients has 64 clients invite, accept and delete at once: one accept
// wins, and the others hear why not.
func TestManyClients(t *testing.T) {
	const clients = 64
	w := open(t, rest.Options{}, func(s *emulator.School) { s.Limits.InvitationsPerDay = -1 })
	var mu sync.Mutex
	statuses := map[string]int{}
	tell := func(what string, status int) {
		mu.Lock()
		defer mu.Unlock()
		statuses[fmt.Sprintf("%s %d", what, status)]++
	}
	var clientsDone sync.WaitGroup
	for range clients {
		clientsDone.Go(func() {
			a := w.send(request{as: owner, do: create, body: invite("101", "5", "STUDENT")})
			tell("create", a.status)
			list := w.send(request{as: invitee, do: "GET /v1/invitations?userId=me&fields=invitations/id&prettyPrint=false"})
			tell("list", list.status)
			_, rest, ok := strings.Cut(list.body, `"id":"`)
			if !ok {
				return
			}
			id, _, _ := strings.Cut(rest, `"`)
			tell("accept", w.send(request{as: invitee, do: "POST /v1/invitations/" + id + ":accept"}).status)
			tell("delete", w.send(request{as: invitee, do: "DELETE /v1/invitations/" + id}).status)
		})
	}
	clientsDone.Wait()
	if statuses["create 200"] != 1 || statuses["accept 200"] != 1 || statuses["list 200"] != clients || statuses["delete 200"] != 0 {
		t.Errorf("statuses %v", statuses)
	}
	for what := range statuses {
		switch what {
		case "create 200", "create 409", "create 400", "list 200", "accept 200", "accept 404", "delete 404":
		default:
			t.Errorf("statuses %v", statuses)
		}
	}
	stats := w.server.Stats()
	if stats.Requests["invitations.create"] != clients || stats.HTTPRequests < 2*clients || stats.MaxInFlight < 1 {
		t.Errorf("stats %+v", stats)
	}
}
