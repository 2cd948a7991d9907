package live

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/backendtest"
)

// What is created for nobody is not what is found of somebody else.
func TestSettledOfAnother(t *testing.T) {
	victim := says(200, `{"invitations":[{"id":"victim","courseId":"1","userId":"2","role":"STUDENT"}]}`)
	for _, inv := range []classroom.Invitation{
		{CourseID: "1", Role: classroom.Student},
		{UserID: "2", Role: classroom.Student},
		{CourseID: "1", UserID: "3", Role: classroom.Student},
		{CourseID: "7", UserID: "2", Role: classroom.Student},
	} {
		c, _ := stub(t, Options{Rate: -1, Retries: 2}, says(502, ""), victim, says(400, `{"error":{"status":"INVALID_ARGUMENT","message":"no"}}`))
		if made, err := c.CreateInvitation(t.Context(), inv); err == nil {
			t.Errorf("CreateInvitation(%+v) = %+v, another's", inv, made)
		}
	}
}

// That a look finds no such user says nothing of what was created: a list knows
// nobody outside the domain.
func TestSettledOfStranger(t *testing.T) {
	c, _ := stub(t, Options{Rate: -1, Retries: 2}, says(502, ""), says(404, `{"error":{"status":"NOT_FOUND","message":"gone"}}`))
	_, err := c.CreateInvitation(t.Context(), classroom.Invitation{CourseID: "1", UserID: "eve@ext.org", Role: classroom.Student})
	if provider.CodeOf(err) != provider.Unavailable || !strings.Contains(err.Error(), "not known") {
		t.Errorf("CreateInvitation = %v, want that it is not known", err)
	}
}

// A page of a proxy says nothing of what was asked for.
func TestPagesOfOthers(t *testing.T) {
	for _, status := range []int{400, 403, 404, 409, 410} {
		page := says(status, "<title>Blocked</title>", "Content-Type", "text/html")
		c, _ := stub(t, Options{Rate: -1}, page)
		_, err := c.GetInvitation(t.Context(), "1")
		if provider.CodeOf(err) != provider.Unknown {
			t.Errorf("get with a page of status %d = %v", status, err)
		}
		c, _ = stub(t, Options{Rate: -1}, says(502, ""), page)
		if err := c.DeleteInvitation(t.Context(), "1"); err == nil {
			t.Errorf("deleted, as a page of status %d says", status)
		}
	}
}

// A deletion of which one answer was lost is in doubt, whatever came later.
func TestDeletedPerhaps(t *testing.T) {
	for _, later := range []http.HandlerFunc{says(429, "{}"), says(503, `{"error":{}}`), says(403, `{"error":{}}`), says(401, "")} {
		c, _ := stub(t, Options{Rate: -1, Retries: 2}, says(502, ""), later)
		if err := c.DeleteInvitation(t.Context(), "1"); err == nil || !strings.Contains(err.Error(), "not known") {
			t.Errorf("DeleteInvitation = %v, want that it is not known", err)
		}
	}
}

// An error with a good status is no empty list, no row, and nothing done.
func TestErrorWithGoodStatus(t *testing.T) {
	c, _ := stub(t, Options{Rate: -1, Retries: 1}, says(200, `{"error": {"code": 403, "status": "PERMISSION_DENIED"}}`))
	if page, _, err := c.ListInvitations(t.Context(), classroom.InvitationQuery{CourseID: "1"}); err == nil {
		t.Errorf("ListInvitations = %v", page)
	}
	if course, err := c.GetCourse(t.Context(), "1"); err == nil {
		t.Errorf("GetCourse = %v", course)
	}
	if err := c.DeleteInvitation(t.Context(), "1"); err == nil {
		t.Error("DeleteInvitation succeeded")
	}
}

// An invitation without an identifier is none.
func TestNameless(t *testing.T) {
	c, _ := stub(t, Options{Rate: -1, Retries: 1}, says(200, "{}"))
	if inv, err := c.GetInvitation(t.Context(), "1"); err == nil {
		t.Errorf("GetInvitation = %+v", inv)
	}
	if inv, err := c.CreateInvitation(t.Context(), classroom.Invitation{CourseID: "1", UserID: "2", Role: classroom.Student}); err == nil {
		t.Errorf("CreateInvitation = %+v", inv)
	}
}

// A person has one quota, however they are written.
func TestPaceOfOne(t *testing.T) {
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.As("A@dom.edu").limits()[0] != c.As("a@DOM.edu").limits()[0] {
		t.Error("A@dom.edu and a@DOM.edu have a bucket each")
	}
}

// Nothing is sent that a quota of a day has refused just now; for another person
// it is, and later.
func TestQuotaOfDay(t *testing.T) {
	now := time.Now()
	c, n := stub(t, Options{Rate: -1, Now: func() time.Time { return now }},
		says(429, `{"error":{"status":"RESOURCE_EXHAUSTED","message":"@UserInvitationQuotaExhausted no"}}`))
	create := func(c *Caller) {
		t.Helper()
		_, err := c.CreateInvitation(t.Context(), classroom.Invitation{CourseID: "1", UserID: "2", Role: classroom.Student})
		if e, ok := errors.AsType[*provider.Error](err); !ok || e.Reason != "UserInvitationQuotaExhausted" {
			t.Errorf("CreateInvitation = %v", err)
		}
	}
	for range 100 {
		create(c)
	}
	if n.Load() != 1 {
		t.Errorf("%d requests, want 1", n.Load())
	}
	create(c.client.As("b@dom.edu"))
	now = now.Add(time.Hour)
	create(c)
	if n.Load() != 3 {
		t.Errorf("%d requests, want 3", n.Load())
	}
}

// Who leaves a change that was sent is told that it is in doubt, and who leaves
// one that was not is not.
func TestLeftInDoubt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := stub(t, Options{Rate: -1}, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	if err := c.DeleteInvitation(ctx, "1"); !errors.Is(err, provider.ErrUnsure) || !errors.Is(err, context.Canceled) {
		t.Errorf("DeleteInvitation = %v, want that it is not known", err)
	}
	c, _ = stub(t, Options{Rate: -1, InFlight: 1}, says(200, "{}"))
	c.client.hold()
	ctx, cancel = context.WithCancel(t.Context())
	go func() { c.client.queued(1); cancel() }()
	if err := c.DeleteInvitation(ctx, "1"); err != context.Canceled {
		t.Errorf("DeleteInvitation = %v, want that it was stopped before it was sent", err)
	}
}

// mute is a connection over which nothing goes any more, once it is told so.
type mute struct {
	net.Conn
	dead atomic.Bool
}

func (m *mute) Write(p []byte) (int, error) {
	if m.dead.Load() {
		return len(p), nil
	}
	return m.Conn.Write(p)
}

// A connection over which nothing comes any more is left for another.
func TestDeadConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pipes := backendtest.NewPipes()
		s := &httptest.Server{Listener: pipes, EnableHTTP2: true, Config: &http.Server{Handler: says(200, `{"id":"1"}`)}}
		s.StartTLS()
		defer s.Close()
		c, err := New(Options{
			Endpoint: s.URL, Rate: -1, Retries: 2, Timeout: time.Second,
			Sleep: func(context.Context, time.Duration) error { return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Through(pipes)
		transport := c.http.Transport.(*http.Transport)
		transport.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig
		dial := transport.DialContext
		var mu sync.Mutex
		var conns []*mute // guarded by mu
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			mu.Lock()
			defer mu.Unlock()
			conns = append(conns, &mute{Conn: conn})
			return conns[len(conns)-1], nil
		}
		if _, err := c.As("a@dom.edu").GetCourse(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		for _, conn := range conns {
			conn.dead.Store(true)
		}
		mu.Unlock()
		if _, err := c.As("a@dom.edu").GetCourse(t.Context(), "1"); err != nil || len(conns) != 2 {
			t.Errorf("after %d connections: %v", len(conns), err)
		}
	})
}

// Whoever waits for the quota of all does not exceed their own after it.
func TestPaceAfterOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Second)
		defer cancel()
		var sent []time.Time
		begin := time.Now()
		var mu sync.Mutex
		var g sync.WaitGroup
		rows := make(chan string)
		for range 400 { // -j 8, in batches of 50
			g.Go(func() {
				for who := range rows {
					a := c.As(who)
					if a.pace(ctx, a.limits()) == nil && who == "a" {
						mu.Lock()
						sent = append(sent, time.Now())
						mu.Unlock()
					}
				}
			})
		}
		for i := range 4000 { // of three owners in turn, and then of one
			rows <- map[bool]string{true: "a", false: []string{"a", "b", "c", "d"}[i%4]}[i >= 1500]
		}
		close(rows)
		g.Wait()
		most := 0
		for i := range sent {
			j := i
			for j < len(sent) && sent[j].Sub(sent[i]) < time.Minute {
				j++
			}
			most = max(most, j-i)
		}
		t.Logf("%d at most, in %v", most, time.Since(begin))
		if most > userQuota {
			t.Errorf("%d requests of one person in a minute", most)
		}
	})
}

// Who leaves while a change is looked for, whose answer was lost, leaves it in doubt.
func TestLeftWhileLooking(t *testing.T) {
	for name, change := range map[string]func(context.Context, *Caller) error{
		"delete": func(ctx context.Context, c *Caller) error { return c.DeleteInvitation(ctx, "1") },
		"accept": func(ctx context.Context, c *Caller) error { return c.AcceptInvitation(ctx, "1") },
		"create": func(ctx context.Context, c *Caller) error {
			_, err := c.CreateInvitation(ctx, classroom.Invitation{CourseID: "1", UserID: "2", Role: classroom.Student})
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		c, _ := stub(t, Options{Rate: -1, Retries: 2}, says(502, ""),
			func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
		if err := change(ctx, c); !errors.Is(err, provider.ErrUnsure) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s = %v, want that it is not known", name, err)
		}
	}
}
