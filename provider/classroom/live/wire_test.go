package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/registry"
)

func TestRefusals(t *testing.T) {
	const v2 = `{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND"}}`
	for _, tt := range []struct {
		name    string
		status  int
		typ     string
		body    string
		code    provider.Code
		reason  string
		message string
	}{
		{"v2", 404, "application/json", v2, provider.NotFound, "", "Requested entity was not found."},
		{"v1", 409, "application/json", `{"error":{"code":409,"message":"Requested entity already exists","errors":[{"message":"Requested entity already exists","domain":"global","reason":"alreadyExists"}]}}`, provider.AlreadyExists, "", "Requested entity already exists"},
		{"v1 and status", 409, "", `{"error":{"message":"x","status":"ABORTED","errors":[{"reason":"alreadyExists"}]}}`, provider.Aborted, "", "x"},
		{"v1 without a message", 403, "", `{"error":{"errors":[{"message":"Insufficient Permission","reason":"insufficientPermissions"}]}}`, provider.PermissionDenied, "", "Insufficient Permission"},
		{"v1 rate", 403, "", `{"error":{"message":"slow","errors":[{"reason":"userRateLimitExceeded"}]}}`, provider.ResourceExhausted, "", "slow"},
		{"in a list", 404, "", "[" + v2 + "]", provider.NotFound, "", "Requested entity was not found."},
		{"reason", 400, "", `{"error":{"message":"@IneligibleOwner Only a co-teacher","status":"FAILED_PRECONDITION"}}`, provider.FailedPrecondition, "IneligibleOwner", "Only a co-teacher"},
		{"reason alone", 400, "", `{"error":{"message":"@PendingInvitationExists","status":"FAILED_PRECONDITION"}}`, provider.FailedPrecondition, "PendingInvitationExists", "Bad Request"},
		{"no reason", 400, "", `{"error":{"message":"@ home, @a-b"}}`, provider.InvalidArgument, "", "@ home, @a-b"},
		{"token service", 400, "", `{"error":"invalid_grant","error_description":"Invalid email"}`, provider.InvalidArgument, "", "invalid_grant: Invalid email"},
		{"unknown status", 500, "", `{"error":{"message":"x","status":"STRANGE"}}`, provider.Internal, "", "x"},
		{"status OK", 403, "", `{"error":{"message":"x","status":"OK"}}`, provider.PermissionDenied, "", "x"},
		{"cancelled", 499, "", `{"error":{"message":"x","status":"CANCELLED"}}`, provider.InvalidArgument, "", "x"},
		{"html", 502, "text/html", "<!DOCTYPE html><title>Error 502 (Server Error)!!1</title><p>That’s an error.", provider.Unavailable, "", "Error 502 (Server Error)!!1"},
		{"html without a title", 504, "text/html", "<style>p{}</style><p>Gone\n &amp; lost</p>", provider.DeadlineExceeded, "", "Gone & lost"},
		{"plain", 503, "text/plain", "quota exceeded for the current request\n", provider.Unavailable, "", "quota exceeded for the current request"},
		{"plain rate", 403, "text/plain", "Request rate higher than configured", provider.ResourceExhausted, "", "Request rate higher than configured"},
		{"escapes", 500, "text/plain", "a\x1b[31mb\x00\xff\u202ec", provider.Internal, "", "a[31mbc"},
		{"half JSON", 500, "application/json", v2[:40], provider.Internal, "", v2[:40]},
		{"empty", 503, "", "", provider.Unavailable, "", "Service Unavailable"},
		{"null", 401, "", `{"error":null}`, provider.Unauthenticated, "", `{"error":null}`},
		{"no JSON of ours", 418, "", `[]`, provider.InvalidArgument, "", "[]"},
		{"moved", 302, "", "", provider.Unknown, "", "Found"},
		{"strange", 599, "", "", provider.Unavailable, "", "the service answered 599"},
	} {
		got := parseRefusal(tt.status, tt.typ, []byte(tt.body))
		want := &provider.Error{Code: tt.code, Reason: tt.reason, Message: tt.message}
		if diff := cmp.Diff(want, got.Error); diff != "" {
			t.Errorf("%s: parseRefusal(%d, %q): -want +got\n%s", tt.name, tt.status, tt.body, diff)
		}
	}
}

// FuzzRefusal checks that whatever a body holds, there is one line for a person.
func FuzzRefusal(f *testing.F) {
	f.Add(404, "application/json", `{"error":{"message":"@A b","status":"NOT_FOUND","errors":[{"reason":"x"}]}}`)
	f.Add(502, "text/html", "<html><title>x</title>")
	f.Add(403, "", "[{\"error\":\"a\"}]")
	f.Add(0, "", "\x1b]0;x\x07")
	f.Fuzz(func(t *testing.T, status int, typ, body string) {
		e := parseRefusal(status, typ, []byte(body)).Error
		if e.Message == "" || e.Code == provider.OK || e.Code == provider.Canceled || !utf8.ValidString(e.Message) {
			t.Errorf("%d %q: %+v", status, body, e)
		}
		if i := strings.IndexFunc(e.Message+e.Reason, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%d %q: %q is not printable at %d", status, body, e.Message, i)
		}
	})
}

func TestMissingScopes(t *testing.T) {
	header := `Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="https://www.googleapis.com/auth/a https://www.googleapis.com/auth/b"`
	got := missingScopes([]string{"Basic", header})
	if want := []string{scopePrefix + "a", scopePrefix + "b"}; !slices.Equal(got, want) {
		t.Errorf("missingScopes = %q, want %q", got, want)
	}
	if got := missingScopes([]string{`Bearer error="invalid_token", scope="x"`}); got != nil {
		t.Errorf("missingScopes of another error = %q", got)
	}
}

// TestScopes compares with the registry, which people read.
func TestScopes(t *testing.T) {
	registered := map[string]*registry.Method{}
	for _, res := range registry.Embedded().Resources() {
		for _, m := range res.Methods {
			if !res.Local() {
				registered[m.HTTP] = m
			}
		}
	}
	if len(methods) != len(registered) {
		t.Errorf("there are %d methods, and %d in the registry", len(methods), len(registered))
	}
	for _, m := range methods {
		var doc *registry.Method
		for http, r := range registered {
			verb, path, _ := strings.Cut(http, " /")
			if parts := strings.Split(path, "{"); len(parts) > 1 {
				for i, p := range parts[1:] {
					_, after, _ := strings.Cut(p, "}")
					parts[i+1] = "}" + after
				}
				path = strings.Join(parts, "{")
			}
			if verb == m.verb && path == m.path {
				doc = r
			}
		}
		if doc == nil {
			t.Errorf("%s %s is not in the registry", m.verb, m.path)
			continue
		}
		if !slices.Equal(doc.Scopes, m.scopes) {
			t.Errorf("%s: scopes are %q, and %q in the registry", m.name, m.scopes, doc.Scopes)
		}
		for _, s := range m.asked() {
			if !slices.Contains(m.scopes, s) {
				t.Errorf("%s asks for %s", m.name, s)
			}
			if !slices.Contains(Scopes(), s) || !slices.Contains(ScopesOf(m.name), s) {
				t.Errorf("%s of %s is not in %q, or not in %q", s, m.name, Scopes(), ScopesOf(m.name))
			}
		}
	}
	if got := ScopesOf("invitations.like"); got != nil {
		t.Errorf("ScopesOf no method = %q", got)
	}
}

// TestHints has refusals that concern whoever asks: they say what to do.
func TestHints(t *testing.T) {
	insufficient := `Bearer error="insufficient_scope", scope="` + rosters + `"`
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"no scope", says(403, `{"error":{"status":"PERMISSION_DENIED","message":"no"}}`, "Www-Authenticate", insufficient), "iql auth login"},
		{"API off for the user", says(403, `{"error":{"message":"@ClassroomApiDisabled no"}}`), "Data access"},
		{"Classroom off", says(403, `{"error":{"message":"@ClassroomDisabled no"}}`), "Service status"},
		{"API off for the project", says(403, `{"error":{"message":"no","details":[{"reason":"SERVICE_DISABLED"}]}}`), "Cloud console > APIs & Services"},
		{"bad token", says(401, `{"error":{"status":"UNAUTHENTICATED","message":"no"}}`), "iql doctor"},
		{"nothing of the sort", says(403, `{"error":{"message":"no"}}`), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := stub(t, Options{Retries: -1}, tt.answer, tt.answer)
			_, err := c.GetInvitation(t.Context(), "x")
			e, ok := errors.AsType[*provider.Error](err)
			if !ok || !strings.Contains(e.Hint, tt.want) || tt.want == "" && e.Hint != "" {
				t.Errorf("GetInvitation = %+v, want a hint with %q", err, tt.want)
			}
		})
	}
}

func TestURL(t *testing.T) {
	base, err := parseEndpoint("https://h.example/prefix")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"Mz/x+=": "Mz%2Fx%2B%3D:accept", "..": "%2E%2E:accept", ".": "%2E:accept",
		"a b?c#d": "a%20b%3Fc%23d:accept", "x:accept": "x%3Aaccept:accept", "d:math 1": "d%3Amath%201:accept", "é": "%C3%A9:accept",
	} {
		got := (&request{method: &acceptInvitation, args: []string{id}}).url(base)
		want = "https://h.example/prefix/v1/invitations/" + want + "?prettyPrint=false"
		if got != want {
			t.Errorf("url of %q = %s, want %s", id, got, want)
		}
		u, err := url.Parse(got)
		if err != nil || u.Path != "/prefix/v1/invitations/"+id+":accept" {
			t.Errorf("url of %q = %v, %v", id, u, err)
		}
	}
}

func TestEndpoint(t *testing.T) {
	for _, bad := range []string{"classroom", "ftp://h/", "https://", "http://u:secret@h/", "https://h/?key=secret", "https://h/#x", "http://h:x/", "://"} {
		if _, err := New(Options{Endpoint: bad}); err == nil || strings.Contains(err.Error(), "u:secret") {
			t.Errorf("New(%q) = %v", bad, err)
		}
	}
	var tokens struct{ Tokens }
	if _, err := New(Options{Endpoint: "http://school.example/", Tokens: &tokens}); err == nil {
		t.Error("access tokens would go out in plain text")
	}
	for _, good := range []string{"http://127.0.0.1:80", "http://[::1]/", "http://localhost:8085/x", "https://school.example"} {
		if _, err := New(Options{Endpoint: good, Tokens: &tokens}); err != nil {
			t.Errorf("New(%q) = %v", good, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "99999999999999999999": 0,
		"Mon, 05 Jan 2026 08:00:30 GMT": 30 * time.Second, "Mon, 05 Jan 2026 07:00:00 GMT": 0,
	} {
		h := http.Header{"Retry-After": {text}}
		if got := retryAfter(h, now); got != want {
			t.Errorf("retryAfter(%q) = %v, want %v", text, got, want)
		}
	}
	// A clock of ours that is wrong by an hour.
	h := http.Header{"Retry-After": {"Mon, 05 Jan 2026 08:00:30 GMT"}, "Date": {"Mon, 05 Jan 2026 08:00:20 GMT"}}
	if got := retryAfter(h, now.Add(-time.Hour)); got != 10*time.Second {
		t.Errorf("retryAfter = %v, want 10s", got)
	}
}

// stub serves answers one after another, the last for ever, and counts.
func stub(t *testing.T, opts Options, answers ...http.HandlerFunc) (*Caller, *atomic.Int32) {
	t.Helper()
	var n atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := int(n.Add(1)) - 1
		answers[min(i, len(answers)-1)](w, r)
	}))
	t.Cleanup(s.Close)
	opts.Endpoint = s.URL
	if opts.Sleep == nil {
		opts.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.As("a@dom.edu"), &n
}

func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestWaits(t *testing.T) {
	var waits []time.Duration
	opts := Options{Rate: -1, Sleep: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }}
	c, n := stub(t, opts, says(429, "", "Retry-After", "7"), says(503, "{}"), says(200, `{"id":"1"}`))
	if _, err := c.GetCourse(t.Context(), "1"); err != nil || n.Load() != 3 {
		t.Errorf("after %d: %v", n.Load(), err)
	}
	if len(waits) != 2 || waits[0] != 7*time.Second || waits[1] < 500*time.Millisecond || waits[1] > 1500*time.Millisecond {
		t.Errorf("waited %v", waits)
	}
	// More than anybody waits.
	waits = nil
	c, n = stub(t, opts, says(429, "", "Retry-After", "3600"))
	_, err := c.GetCourse(t.Context(), "1")
	if n.Load() != 1 || len(waits) != 0 || provider.CodeOf(err) != provider.ResourceExhausted || !strings.Contains(err.Error(), "1h0m0s") {
		t.Errorf("after %d and %v: %v", n.Load(), waits, err)
	}
}

// TestBadAnswers has answers with status 200 that are none.
func TestBadAnswers(t *testing.T) {
	for _, body := range []string{
		"", "{", "null", "[]", `"x"`, "<html>sign in</html>", `{"invitations":[{"id":"1"}`, `{"invitations":[{"id":"1"}]}}`,
		`{"invitations":{}}`, `{"invitations":[{"id":1}]}`, `{"invitations":[{"id":"1"},]}`, `{"nextPageToken":5}`,
	} {
		c, n := stub(t, Options{Rate: -1, Retries: 2}, says(200, body))
		page, next, err := c.ListInvitations(t.Context(), classroom.InvitationQuery{CourseID: "1"})
		if provider.CodeOf(err) != provider.Unavailable || page != nil || next != "" || n.Load() != 3 {
			t.Errorf("list of %q after %d = %v, %q, %v", body, n.Load(), page, next, err)
		}
	}
	for _, body := range []string{"{}", `{"invitations":null}`, `{"other":[{"x":[1]}],"invitations":[]}`} {
		c, _ := stub(t, Options{Rate: -1}, says(200, body))
		if page, next, err := c.ListInvitations(t.Context(), classroom.InvitationQuery{CourseID: "1"}); err != nil || page != nil || next != "" {
			t.Errorf("list of %q = %v, %q, %v", body, page, next, err)
		}
	}
	c, _ := stub(t, Options{Rate: -1}, says(204, ""))
	if err := c.DeleteInvitation(t.Context(), "1"); err != nil {
		t.Errorf("an empty answer to delete: %v", err)
	}
	c, n := stub(t, Options{Rate: -1}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"x":"`)
		for range 65 << 4 {
			if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
				return
			}
		}
	})
	if _, err := c.GetCourse(t.Context(), "1"); !errors.Is(err, errTooLong) || n.Load() != 1 {
		t.Errorf("an endless answer after %d: %v", n.Load(), err)
	}
	// A token does not follow an answer to elsewhere.
	c, n = stub(t, Options{Rate: -1, Retries: 2}, says(302, "", "Location", "/v1/courses/2"))
	if _, err := c.GetCourse(t.Context(), "1"); err == nil || n.Load() != 1 {
		t.Errorf("moved after %d: %v", n.Load(), err)
	}
}

// counting are tokens that count.
type counting struct {
	n    atomic.Int32
	fail error
}

func (c *counting) Token(_ context.Context, subject string, scopes []string) (string, error) {
	return fmt.Sprintf("%d-%s-%d", c.n.Load(), subject, len(scopes)), c.fail
}
func (c *counting) Forget(string, string) { c.n.Add(1) }

func TestTokens(t *testing.T) {
	var tokens counting
	auth := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer 0-a@dom.edu-1" {
			says(401, "")(w, r)
			return
		}
		says(200, `{"id":"1"}`)(w, r)
	}
	var seen []Event
	c, n := stub(t, Options{Rate: -1, Tokens: &tokens, Retries: -1, Trace: func(e Event) { seen = append(seen, e) }}, auth)
	if _, err := c.GetCourse(t.Context(), "1"); err != nil || n.Load() != 2 || tokens.n.Load() != 1 {
		t.Errorf("an old token, after %d: %v", n.Load(), err)
	}
	if text := fmt.Sprintf("%+v", seen); len(seen) != 2 || seen[1].Answered != int64(len(`{"id":"1"}`)) || strings.Contains(text, "0-a@") || !strings.Contains(text, "REDACTED") {
		t.Errorf("trace: %s", text)
	}
	c, n = stub(t, Options{Rate: -1, Tokens: &tokens}, says(401, ""))
	if _, err := c.GetCourse(t.Context(), "1"); provider.CodeOf(err) != provider.Unauthenticated || n.Load() != 2 {
		t.Errorf("a token that never does, after %d: %v", n.Load(), err)
	}
	broken := counting{fail: errors.New("no key")}
	c, n = stub(t, Options{Rate: -1, Tokens: &broken}, says(200, "{}"))
	if _, err := c.GetCourse(t.Context(), "1"); provider.CodeOf(err) != provider.Unauthenticated || n.Load() != 0 || broken.n.Load() != 0 {
		t.Errorf("no token, after %d: %v", n.Load(), err)
	}
}

// TestSettled has what a look finds after the answer to a change is lost.
func TestSettled(t *testing.T) {
	inv := classroom.Invitation{CourseID: "1", UserID: "2", Role: classroom.Student}
	lose := says(500, "")
	missing := says(404, `{"error":{"status":"NOT_FOUND","message":"gone"}}`)
	found := says(200, `{"invitations":[{"id":"x","courseId":"1","userId":"2","role":"STUDENT"}]}`)
	other := says(200, `{"invitations":[{"id":"x","courseId":"1","userId":"2","role":"TEACHER"}]}`)
	exists := says(409, `{"error":{"status":"ALREADY_EXISTS","message":"there"}}`)
	create := func(c *Caller) error { _, err := c.CreateInvitation(t.Context(), inv); return err }
	accept := func(role classroom.Role) func(*Caller) error {
		return func(c *Caller) error {
			c.client.seen.Add(&classroom.Invitation{ID: "i", CourseID: "1", UserID: "2", Role: role})
			return c.AcceptInvitation(t.Context(), "i")
		}
	}
	blind := func(c *Caller) error { return c.AcceptInvitation(t.Context(), "MTAxKjVaWg==") }
	owned := says(200, `{"id":"1","ownerId":"2"}`)
	remove := func(c *Caller) error { return c.DeleteInvitation(t.Context(), "x") }
	for _, tt := range []struct {
		name    string
		call    func(*Caller) error
		answers []http.HandlerFunc
		code    provider.Code
		n       int32
	}{
		{"create, done", create, []http.HandlerFunc{lose, found}, provider.OK, 2},
		{"create, not done", create, []http.HandlerFunc{lose, says(200, "{}"), says(200, `{"id":"x"}`)}, provider.OK, 3},
		{"create, another's", create, []http.HandlerFunc{lose, other, exists, other}, provider.AlreadyExists, 4},
		{"create, done late", create, []http.HandlerFunc{lose, says(200, "{}"), exists, found}, provider.OK, 4},
		{"create, there before", create, []http.HandlerFunc{exists}, provider.AlreadyExists, 1},
		{"create, turned away", create, []http.HandlerFunc{says(503, `{"error":{}}`), exists}, provider.AlreadyExists, 2},
		{"create, no look", create, []http.HandlerFunc{lose, says(403, "")}, provider.Unavailable, 2},
		{"accept, not done", accept(classroom.Student), []http.HandlerFunc{lose, says(200, "{}"), says(200, "{}")}, provider.OK, 3},
		{"accept, a student now", accept(classroom.Student), []http.HandlerFunc{lose, missing, says(200, "{}")}, provider.OK, 3},
		{"accept, a teacher now", accept(classroom.Teacher), []http.HandlerFunc{lose, missing, says(200, "{}")}, provider.OK, 3},
		{"accept, the owner now", accept(classroom.Owner), []http.HandlerFunc{lose, missing, owned, says(200, `{"id":"2"}`)}, provider.OK, 4},
		{"accept, a teacher still", accept(classroom.Owner), []http.HandlerFunc{lose, missing, owned, says(200, `{"id":"3"}`)}, provider.NotFound, 4},
		{"accept, withdrawn", accept(classroom.Student), []http.HandlerFunc{lose, missing}, provider.NotFound, 3},
		{"accept, no roster", accept(classroom.Teacher), []http.HandlerFunc{lose, missing, says(403, "")}, provider.Unavailable, 3},
		{"accept, no course", blind, []http.HandlerFunc{lose, missing}, provider.Unavailable, 2},
		{"delete, done", remove, []http.HandlerFunc{lose, missing}, provider.OK, 2},
		{"delete, turned away", remove, []http.HandlerFunc{says(503, `{"error":{}}`), missing}, provider.NotFound, 2},
	} {
		c, n := stub(t, Options{Rate: -1}, tt.answers...)
		err := tt.call(c)
		if provider.CodeOf(err) != tt.code || n.Load() != tt.n {
			t.Errorf("%s: %v after %d requests, want %v after %d", tt.name, err, n.Load(), tt.code, tt.n)
		}
	}
}

// TestDown has nobody listen, and nobody who is known.
func TestDown(t *testing.T) {
	for _, endpoint := range []string{"http://127.0.0.1:9/", "https://127.0.0.1:9/"} {
		n := 0
		c, err := New(Options{Endpoint: endpoint, Trace: func(Event) { n++ }})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.As("a@dom.edu").CreateInvitation(t.Context(), classroom.Invitation{CourseID: "1", UserID: "2", Role: classroom.Student})
		if provider.CodeOf(err) != provider.Unavailable || n != 1 || strings.Contains(err.Error(), "not known") {
			t.Errorf("%s after %d: %v", endpoint, n, err)
		}
	}
	// Another's certificate.
	s := httptest.NewUnstartedServer(says(200, "{}"))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	n := 0
	c, err := New(Options{Endpoint: s.URL, Trace: func(Event) { n++ }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.As("a@dom.edu").GetCourse(t.Context(), "1"); provider.CodeOf(err) != provider.Unavailable || n != 1 {
		t.Errorf("a certificate that nobody knows, after %d: %v", n, err)
	}
}

// TestHTTP2 has many calls at once on one connection.
func TestHTTP2(t *testing.T) {
	var protocols, connections sync.Map
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols.Store(r.Proto+" "+r.Header.Get("Accept-Encoding"), true)
		connections.Store(r.RemoteAddr, true)
		says(200, `{"id":"1"}`)(w, r)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	c, err := New(Options{Endpoint: s.URL, Rate: -1, InFlight: 64, Batch: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.http.Transport.(*http.Transport).TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig
	if _, err := c.As("a@dom.edu").GetCourse(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	var g sync.WaitGroup
	for range 64 {
		g.Go(func() {
			if _, err := c.As("a@dom.edu").GetCourse(t.Context(), "1"); err != nil {
				t.Error(err)
			}
		})
	}
	g.Wait()
	n := 0
	connections.Range(func(any, any) bool { n++; return true })
	if _, ok := protocols.Load("HTTP/2.0 gzip"); !ok || n != 1 {
		protocols.Range(func(p, _ any) bool { t.Log(p); return true })
		t.Errorf("%d connections, want one of HTTP/2 with gzip", n)
	}
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, n := stub(t, Options{Rate: -1}, func(w http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	if _, err := c.GetCourse(ctx, "1"); err != context.Canceled || n.Load() != 1 {
		t.Errorf("after %d: %v, want that the context ended", n.Load(), err)
	}
}
