package live

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/backendtest"
)

// inner is a part of a batch as a service gets it.
type inner struct {
	id  string // Content-ID
	req *http.Request
}

// readInner reads the parts of a batch.
func readInner(t *testing.T, r *http.Request) []inner {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t.Errorf("Content-Type of a batch: %v", err)
	}
	var parts []inner
	for reader := multipart.NewReader(r.Body, params["boundary"]); ; {
		p, err := reader.NextRawPart()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Errorf("part %d of a batch: %v", len(parts), err)
			return parts
		}
		req, err := http.ReadRequest(bufio.NewReader(p))
		if err != nil {
			t.Errorf("part %d of a batch: %v", len(parts), err)
			return parts
		}
		text, err := io.ReadAll(req.Body)
		if err != nil {
			t.Errorf("body of part %d of a batch: %v", len(parts), err)
		}
		req.Body = io.NopCloser(bytes.NewReader(text))
		parts = append(parts, inner{p.Header.Get("Content-Id"), req})
	}
}

// outer is the answer to a batch.
type outer struct {
	bytes.Buffer
	w *multipart.Writer
}

func newOuter() *outer {
	o := &outer{}
	o.w = multipart.NewWriter(&o.Buffer)
	return o
}

// add adds an answer to the part that was called id.
func (o *outer) add(id string, answer http.HandlerFunc, req *http.Request) {
	id = strings.Replace(id, "<", "<response-", 1)
	rec := httptest.NewRecorder()
	answer(rec, req)
	var text bytes.Buffer
	_ = rec.Result().Write(&text) // a buffer takes all
	o.raw(id, text.String())
}

// raw adds a part as it is.
func (o *outer) raw(id, text string) {
	p, err := o.w.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/http"}, "Content-Id": {id}})
	if err != nil {
		panic(err) // a buffer takes all
	}
	_, _ = io.WriteString(p, text)
}

// sendTo sends the answer, but for the last bytes.
func (o *outer) sendTo(w http.ResponseWriter, without int) {
	_ = o.w.Close()
	w.Header().Set("Content-Type", "multipart/mixed; boundary="+o.w.Boundary())
	_, _ = w.Write(o.Bytes()[:o.Len()-without])
}

// serveCourse answers courses.get with the course that was asked for.
func serveCourse(w http.ResponseWriter, r *http.Request) {
	says(200, fmt.Sprintf(`{"id":%q}`, strings.TrimPrefix(r.URL.Path, "/v1/courses/")))(w, r)
}

// service answers batches by one function and all else by another, and counts.
type service struct {
	client         *Client
	alone, batches atomic.Int32
	waits          []time.Duration // guarded by mu
	events         []Event         // guarded by mu
	mu             sync.Mutex
}

func serve(t *testing.T, opts Options, alone http.HandlerFunc, batch func(http.ResponseWriter, *http.Request, []inner)) *service {
	t.Helper()
	s, pipes := &service{}, backendtest.NewPipes()
	front := ServePiped(pipes, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/batch" {
			s.alone.Add(1)
			alone(w, r)
			return
		}
		s.batches.Add(1)
		batch(w, r, readInner(t, r))
	}))
	t.Cleanup(front.Close)
	opts.Endpoint, opts.InFlight, opts.Rate = front.URL, 1, -1
	opts.Sleep = func(ctx context.Context, d time.Duration) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waits = append(s.waits, d)
		return ctx.Err()
	}
	opts.Trace = func(e Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, e)
	}
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	c.Through(pipes)
	s.client = c
	return s
}

// hold takes the only place, so that calls wait.
func (c *Client) hold() {
	c.flight.mu.Lock()
	defer c.flight.mu.Unlock()
	c.flight.free--
}

// queued waits until so many calls wait for a place.
func (c *Client) queued(n int) {
	for {
		c.flight.mu.Lock()
		waiting := len(c.flight.waiting)
		c.flight.mu.Unlock()
		if waiting == n {
			return
		}
		runtime.Gosched()
	}
}

// together makes calls at once, so that they are one batch, in this order.
func together(c *Client, calls ...func() error) []error {
	errs := make([]error, len(calls))
	var g sync.WaitGroup
	c.hold()
	for i, call := range calls {
		g.Go(func() { errs[i] = call() })
		c.queued(i + 1)
	}
	c.flight.land()
	g.Wait()
	return errs
}

// askEach returns calls for courses 0, 1, ...: an answer of another is an error.
func askEach(ctx context.Context, c *Client, n int) []func() error {
	var calls []func() error
	for i := range n {
		calls = append(calls, func() error {
			got, err := c.As(fmt.Sprintf("p%d@dom.edu", i)).GetCourse(ctx, itoa(i))
			if err == nil && got.ID != itoa(i) {
				err = fmt.Errorf("course %d is %+v", i, got)
			}
			return err
		})
	}
	return calls
}

// TestBatchAnswers has answers to a batch of four in all forms: each call gets
// its own answer, in the batch or, if it is not there, alone.
func TestBatchAnswers(t *testing.T) {
	t.Parallel()
	good := func(o *outer, parts ...inner) {
		for _, p := range parts {
			o.add(p.id, serveCourse, p.req)
		}
	}
	html := says(502, "<title>Error 502</title>", "Content-Type", "text/html")
	for _, tt := range []struct {
		name    string
		answer  func(w http.ResponseWriter, r *http.Request, parts []inner)
		alone   int32 // requests after it
		batches int32
		waits   int
		most    int // parts of a batch after it
	}{
		{"in order", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			good(o, p...)
			o.sendTo(w, 0)
		}, 0, 1, 0, maxParts},
		{"out of order", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			slices.Reverse(p)
			good(o, p...)
			o.sendTo(w, 0)
		}, 0, 1, 0, maxParts},
		{"escaped", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			for _, p := range p {
				o.add(url.PathEscape("<response-"+strings.Trim(p.id, "<>")+">"), serveCourse, p.req)
			}
			o.sendTo(w, 0)
		}, 0, 1, 0, maxParts},
		{"without brackets", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			for _, p := range p {
				o.add("response-"+strings.Trim(p.id, "<>"), serveCourse, p.req)
			}
			o.sendTo(w, 0)
		}, 0, 1, 0, maxParts},
		{"one missing", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			good(o, p[0], p[2], p[3])
			o.sendTo(w, 0)
		}, 1, 1, 1, maxParts},
		{"one twice", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			good(o, p...)
			o.add(p[1].id, serveCourse, p[2].req)
			o.sendTo(w, 0)
		}, 1, 1, 1, maxParts},
		{"one thrice", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			good(o, p[0], p[0], p[0], p[1], p[2])
			o.sendTo(w, 0)
		}, 2, 1, 2, maxParts},
		{"a foreign one", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			good(o, p[0], p[1], p[2])
			o.add("<x>", serveCourse, p[3].req)
			o.sendTo(w, 0)
		}, 1, 1, 1, maxParts},
		{"one without a name", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			good(o, p[0], p[1], p[2])
			o.add("", serveCourse, p[3].req)
			o.sendTo(w, 0)
		}, 1, 1, 1, maxParts},
		{"one that is no answer", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			o.raw(strings.Replace(p[0].id, "<", "<response-", 1), `{"id":"0"}`)
			good(o, p[1], p[2], p[3])
			o.sendTo(w, 0)
		}, 1, 1, 1, maxParts},
		{"one that is half an answer", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			o.raw(strings.Replace(p[0].id, "<", "<response-", 1), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":\"0\"")
			good(o, p[1], p[2], p[3])
			o.sendTo(w, 0)
		}, 1, 1, 1, maxParts},
		{"truncated", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			good(o, p...)
			o.sendTo(w, len(o.w.Boundary())+12) // in the last body
		}, 1, 1, 1, maxParts},
		{"without an end", func(w http.ResponseWriter, _ *http.Request, p []inner) {
			o := newOuter()
			good(o, p...)
			o.sendTo(w, 4)
		}, 0, 1, 0, maxParts},
		{"reset", func(http.ResponseWriter, *http.Request, []inner) { panic(http.ErrAbortHandler) }, 4, 1, 4, maxParts},
		{"no answer", func(_ http.ResponseWriter, r *http.Request, _ []inner) { <-r.Context().Done() }, 4, 1, 4, 2},
		{"502", func(w http.ResponseWriter, r *http.Request, _ []inner) { html(w, r) }, 4, 1, 4, maxParts},
		{"404", func(w http.ResponseWriter, r *http.Request, _ []inner) { says(404, "")(w, r) }, 4, 1, 0, 1},
		{"405", func(w http.ResponseWriter, r *http.Request, _ []inner) { says(405, "")(w, r) }, 4, 1, 0, 1},
		{"501", func(w http.ResponseWriter, r *http.Request, _ []inner) { says(501, "")(w, r) }, 4, 1, 0, 1},
		{"moved", func(w http.ResponseWriter, r *http.Request, _ []inner) { says(302, "", "Location", "/x")(w, r) }, 4, 1, 0, 1},
		{"a page", func(w http.ResponseWriter, r *http.Request, _ []inner) {
			says(200, "<p>", "Content-Type", "text/html")(w, r)
		}, 4, 1, 4, 1},
		{"empty", func(w http.ResponseWriter, _ *http.Request, _ []inner) { newOuter().sendTo(w, 0) }, 4, 1, 4, 1},
	} {
		InBubble(t, tt.name, func(t *testing.T) {
			s := serve(t, Options{Timeout: time.Second}, serveCourse, tt.answer)
			for i, err := range together(s.client, askEach(t.Context(), s.client, 4)...) {
				if err != nil {
					t.Errorf("call %d: %v", i, err)
				}
			}
			if s.alone.Load() != tt.alone || s.batches.Load() != tt.batches || len(s.waits) != tt.waits || s.client.flight.most != tt.most {
				t.Errorf("%d alone, %d batches, %d waits, then batches of %d, want %d, %d, %d, %d",
					s.alone.Load(), s.batches.Load(), len(s.waits), s.client.flight.most, tt.alone, tt.batches, tt.waits, tt.most)
			}
		})
	}
}

// TestBatchTurnedAway has a batch be refused for a while.
func TestBatchTurnedAway(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		refusal http.HandlerFunc
		wait    time.Duration
	}{
		{says(503, `{"error":{"status":"UNAVAILABLE"}}`), 0},
		{says(429, `{"error":{"status":"RESOURCE_EXHAUSTED"}}`, "Retry-After", "7"), 7 * time.Second},
	} {
		var done atomic.Bool
		s := serve(t, Options{}, serveCourse, func(w http.ResponseWriter, r *http.Request, parts []inner) {
			if !done.Swap(true) {
				tt.refusal(w, r)
				return
			}
			o := newOuter()
			for _, p := range parts {
				o.add(p.id, serveCourse, p.req)
			}
			o.sendTo(w, 0)
		})
		for i, err := range together(s.client, askEach(t.Context(), s.client, 4)...) {
			if err != nil {
				t.Errorf("call %d: %v", i, err)
			}
		}
		if len(s.waits) != 4 || slices.Min(s.waits) < tt.wait || s.client.flight.most != maxParts {
			t.Errorf("waited %v, then batches of %d", s.waits, s.client.flight.most)
		}
	}
}

// TestBatchLost has the answer to changes be lost: what was done is not done
// again.
func TestBatchLost(t *testing.T) {
	t.Parallel()
	found := says(200, `{"invitations":[{"id":"x","courseId":"1","userId":"2","role":"STUDENT"}]}`)
	var creates atomic.Int32
	s := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			creates.Add(1)
		}
		found(w, r)
	}, func(w http.ResponseWriter, _ *http.Request, parts []inner) {
		o := newOuter()
		for _, p := range parts {
			if p.req.Method == http.MethodGet {
				o.add(p.id, found, p.req)
			}
		}
		o.sendTo(w, 0)
	})
	create := func() error {
		_, err := s.client.As("a@dom.edu").CreateInvitation(t.Context(), classroom.Invitation{CourseID: "1", UserID: "2", Role: classroom.Student})
		return err
	}
	for i, err := range together(s.client, create, create, create) {
		if err != nil {
			t.Errorf("create %d: %v", i, err)
		}
	}
	if creates.Load() != 0 {
		t.Errorf("%d were sent again", creates.Load())
	}
}

// TestPartAsAlone has refusals mean the same in a batch and alone, waits
// included.
func TestPartAsAlone(t *testing.T) {
	t.Parallel()
	scope := `Bearer realm="x", error="insufficient_scope", scope="https://www.googleapis.com/auth/a"`
	for name, answer := range map[string]http.HandlerFunc{
		"good":       says(200, `{"id":"1","name":"Maths"}`),
		"400":        says(400, `{"error":{"status":"FAILED_PRECONDITION","message":"@CourseNotActive no"}}`),
		"401":        says(401, `{"error":{"status":"UNAUTHENTICATED","message":"who"}}`),
		"403":        says(403, `{"error":{"status":"PERMISSION_DENIED","message":"no"}}`, "Www-Authenticate", scope),
		"404":        says(404, `{"error":{"status":"NOT_FOUND","message":"none"}}`),
		"409":        says(409, `{"error":{"status":"ALREADY_EXISTS","message":"there"}}`),
		"429":        says(429, `{"error":{"status":"RESOURCE_EXHAUSTED","message":"slow"}}`, "Retry-After", "600"),
		"503":        says(503, `{"error":{"status":"UNAVAILABLE","message":"later"}}`, "Retry-After", "600"),
		"503 page":   says(503, "<title>No</title>", "Content-Type", "text/html", "Retry-After", "600"),
		"500":        says(500, "", "Retry-After", "600"),
		"no content": says(204, ""),
		"no answer":  says(200, `{"id":`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type result struct {
				Course  *classroom.Course
				Error   *provider.Error
				Forgot  int32
				Waits   int
				Status  int
				Unknown string
			}
			get := func(s *service, tokens *counting) result {
				var r result
				calls := []func() error{
					func() error { _, err := s.client.As("b@dom.edu").GetCourse(t.Context(), "other"); return err },
					func() (err error) {
						r.Course, err = s.client.As("a@dom.edu").GetCourse(t.Context(), "1")
						return err
					},
				}
				err := together(s.client, calls...)[1]
				if e, ok := err.(*provider.Error); ok {
					r.Error = &provider.Error{Code: e.Code, Message: strings.ReplaceAll(e.Message, s.client.base.Host, "HOST"), Reason: e.Reason, Scopes: e.Scopes, Caller: e.Caller}
				} else if err != nil {
					r.Unknown = err.Error()
				}
				r.Forgot, r.Waits = tokens.n.Load(), len(s.waits)
				for _, e := range s.events {
					if e.Subject == "a@dom.edu" {
						r.Status = e.Status
					}
				}
				return r
			}
			either := func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/other") {
					serveCourse(w, r)
					return
				}
				answer(w, r)
			}
			inBatch := func(w http.ResponseWriter, _ *http.Request, parts []inner) {
				o := newOuter()
				for _, p := range parts {
					o.add(p.id, either, p.req)
				}
				o.sendTo(w, 0)
			}
			var tokens, batchTokens counting
			alone := get(serve(t, Options{Batch: -1, Retries: -1, Tokens: &tokens}, either, inBatch), &tokens)
			batched := serve(t, Options{Retries: -1, Tokens: &batchTokens}, either, inBatch)
			if diff := cmp.Diff(alone, get(batched, &batchTokens)); diff != "" {
				t.Errorf("-alone +in a batch\n%s", diff)
			}
			if batched.batches.Load() != 1 {
				t.Errorf("%d batches", batched.batches.Load())
			}
		})
	}
}

// TestBatchToken has the outer refusal of a token reach those whose token it is,
// and them alone.
func TestBatchToken(t *testing.T) {
	t.Parallel()
	var tokens counting
	s := serve(t, Options{Tokens: &tokens}, serveCourse, func(w http.ResponseWriter, r *http.Request, parts []inner) {
		if token := r.Header.Get("Authorization"); token != parts[0].req.Header.Get("Authorization") || strings.HasPrefix(token, "Bearer 0-p0@") {
			says(401, "")(w, r)
			return
		}
		o := newOuter()
		for _, p := range parts {
			o.add(p.id, serveCourse, p.req)
		}
		o.sendTo(w, 0)
	})
	for i, err := range together(s.client, askEach(t.Context(), s.client, 4)...) {
		if err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if tokens.n.Load() != 1 || s.client.flight.most != maxParts {
		t.Errorf("forgot %d tokens, then batches of %d", tokens.n.Load(), s.client.flight.most)
	}
}

// TestBatchWire has a batch be as Google's guide has it, and its trace.
func TestBatchWire(t *testing.T) {
	t.Parallel()
	var lines []string
	s := serve(t, Options{UserAgent: "iql/1"}, serveCourse, func(w http.ResponseWriter, r *http.Request, parts []inner) {
		lines = append(lines, r.Method+" "+r.URL.String()+" "+r.Header.Get("Authorization")+" "+r.UserAgent())
		o := newOuter()
		for _, p := range parts {
			text, _ := io.ReadAll(p.req.Body)
			lines = append(lines, p.req.Method+" "+p.req.RequestURI+" "+p.req.Header.Get("Authorization")+" "+p.req.UserAgent()+" "+p.req.Header.Get("Content-Type")+" "+string(text))
			o.add(p.id, says(200, `{"id":"x"}`), p.req)
		}
		o.sendTo(w, 0)
	})
	errs := together(
		s.client,
		func() error { _, err := s.client.As("a@dom.edu").GetCourse(t.Context(), "d:x/y"); return err },
		func() error { return s.client.As("b@dom.edu").AcceptInvitation(t.Context(), "x") },
		func() error {
			_, err := s.client.As("a@dom.edu").CreateInvitation(t.Context(), classroom.Invitation{CourseID: "1", UserID: "me", Role: classroom.Student})
			return err
		},
	)
	want := []string{
		"POST /batch Bearer a@dom.edu iql/1",
		"GET /v1/courses/d%3Ax%2Fy?prettyPrint=false Bearer a@dom.edu iql/1  ",
		"POST /v1/invitations/x:accept?prettyPrint=false Bearer b@dom.edu iql/1  ",
		`POST /v1/invitations?prettyPrint=false Bearer a@dom.edu iql/1 application/json {"userId":"me","courseId":"1","role":"STUDENT"}`,
	}
	if diff := cmp.Diff(want, lines); diff != "" || slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
		t.Errorf("%v, -want +got\n%s", errs, diff)
	}
	for _, e := range s.events {
		if e.Batch != 3 || e.Status != 200 || e.Duration <= 0 || e.Header.Get("Authorization") != "Bearer REDACTED" || !strings.HasPrefix(e.URL, s.client.Endpoint()+"v1/") {
			t.Errorf("%+v", e)
		}
	}
	if len(s.events) != 3 {
		t.Errorf("%d events", len(s.events))
	}
}

// TestBatchTooLong has an answer be too long for a batch: it is asked for alone.
func TestBatchTooLong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	s := serve(t, Options{}, serveCourse, func(w http.ResponseWriter, _ *http.Request, parts []inner) {
		o := newOuter()
		o.add(parts[0].id, serveCourse, parts[0].req)
		o.raw(strings.Replace(parts[1].id, "<", "<response-", 1), "HTTP/1.1 200 OK\r\n\r\n")
		w.Header().Set("Content-Type", "multipart/mixed; boundary="+o.w.Boundary())
		_, _ = w.Write(o.Bytes())
		for range 70 {
			if _, err := io.WriteString(w, long); err != nil {
				return
			}
		}
	})
	for i, err := range together(s.client, askEach(t.Context(), s.client, 3)...) {
		if err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if s.alone.Load() != 2 {
		t.Errorf("%d alone, want 2", s.alone.Load())
	}
}

// TestPrefix has an endpoint with a path, which gets no batches.
func TestPrefix(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	front := httptest.NewServer(http.StripPrefix("/classroom", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		serveCourse(w, r)
	})))
	defer front.Close()
	c, err := New(Options{Endpoint: front.URL + "/classroom", InFlight: 1, Rate: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i, err := range together(c, askEach(t.Context(), c, 4)...) {
		if err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if n.Load() != 4 {
		t.Errorf("%d requests", n.Load())
	}
}

// TestLeaving has callers leave while they wait, and while a batch is under way.
func TestLeaving(t *testing.T) {
	t.Parallel()
	under, answer, gone := make(chan int), make(chan struct{}), make(chan struct{})
	s := serve(t, Options{}, serveCourse, func(w http.ResponseWriter, r *http.Request, parts []inner) {
		under <- len(parts)
		select {
		case <-answer:
		case <-r.Context().Done():
			close(gone)
			return
		}
		o := newOuter()
		for _, p := range parts {
			o.add(p.id, serveCourse, p.req)
		}
		o.sendTo(w, 0)
	})
	start := func(n int) (cancels []context.CancelFunc, errs []chan error) {
		for i := range n {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			cancels, errs = append(cancels, cancel), append(errs, done)
			go func() { done <- askEach(ctx, s.client, n)[i]() }()
			s.client.queued(i + 1)
		}
		return cancels, errs
	}
	s.client.hold()
	cancels, errs := start(5)
	cancels[1]() // while it waits
	if err := <-errs[1]; err != context.Canceled {
		t.Errorf("call 1: %v", err)
	}
	s.client.flight.land()
	if n := <-under; n != 4 {
		t.Errorf("%d parts, want 4", n)
	}
	cancels[3]() // while it is under way
	if err := <-errs[3]; err != context.Canceled {
		t.Errorf("call 3: %v", err)
	}
	close(answer)
	for _, i := range []int{0, 2, 4} {
		if err := <-errs[i]; err != nil {
			t.Errorf("call %d: %v", i, err)
		}
		cancels[i]()
	}
	// All leave: the request ends, and its place is free again.
	s.client.flight.batches.Wait()
	answer = make(chan struct{})
	s.client.hold()
	cancels, errs = start(3)
	s.client.flight.land()
	<-under
	for i, cancel := range cancels {
		cancel()
		if err := <-errs[i]; err != context.Canceled {
			t.Errorf("call %d: %v", i, err)
		}
	}
	<-gone
	if _, err := s.client.As("a@dom.edu").GetCourse(t.Context(), "1"); err != nil {
		t.Error(err)
	}
	s.client.flight.batches.Wait()
	if s.client.flight.free != 1 {
		t.Errorf("%d places are free", s.client.flight.free)
	}
}

// TestInFlight makes many calls at once, and then has callers leave at any
// moment: there are never more requests or connections than there are places,
// and no place is lost.
func TestInFlight(t *testing.T) {
	t.Parallel()
	for name, batch := range map[string]int{"alone": -1, "batched": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFlight(t, batch)
		})
	}
}

// peak is how many there are now of something, and were at most.
type peak struct{ now, most atomic.Int32 }

func (p *peak) begin() {
	n := p.now.Add(1)
	for old := p.most.Load(); n > old && !p.most.CompareAndSwap(old, n); old = p.most.Load() {
	}
}

func (p *peak) end() { p.now.Add(-1) }

// counted is a connection whose end is counted.
type counted struct {
	net.Conn
	end func()
}

func (c *counted) Close() error {
	c.end()
	return c.Conn.Close()
}

func inFlight(t *testing.T, batch int) {
	const places = 4
	var requests, connections peak
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.begin()
		defer requests.end()
		if r.URL.Path != "/batch" {
			serveCourse(w, r)
			return
		}
		o := newOuter()
		for _, p := range readInner(t, r) {
			o.add(p.id, serveCourse, p.req)
		}
		o.sendTo(w, 0)
	}))
	defer front.Close()
	c, err := New(Options{Endpoint: front.URL, InFlight: places, Batch: batch, Rate: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// On a busy machine a connection may be left for another, so that all that there
	// were are no measure.
	transport := c.http.Transport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		connections.begin()
		conn, err := dial(ctx, network, address)
		if err != nil {
			connections.end()
			return nil, err
		}
		return &counted{conn, sync.OnceFunc(connections.end)}, nil
	}
	call := func(ctx context.Context, i int) {
		got, err := c.As("a@dom.edu").GetCourse(ctx, itoa(i))
		if err == nil && got.ID != itoa(i) || err != nil && ctx.Err() == nil {
			t.Errorf("course %d is %+v, %v", i, got, err)
		}
	}
	var g sync.WaitGroup
	for i := range 1000 {
		g.Go(func() { call(t.Context(), i) })
	}
	g.Wait()
	if connections.most.Load() > places || requests.most.Load() > places {
		t.Errorf("%d connections, %d requests at once, want %d", connections.most.Load(), requests.most.Load(), places)
	}
	for i := range 500 {
		ctx, cancel := context.WithCancel(t.Context())
		g.Go(func() { call(ctx, i) })
		if i%3 > 0 {
			g.Go(func() {
				for range rand.IntN(100) {
					runtime.Gosched()
				}
				cancel()
			})
		} else {
			t.Cleanup(cancel)
		}
	}
	g.Wait()
	c.flight.batches.Wait()
	if c.flight.free != places || len(c.flight.waiting) != 0 {
		t.Errorf("%d places are free, %d calls wait", c.flight.free, len(c.flight.waiting))
	}
}

// TestStale has a call wait so long for a place that it is counted again.
func TestStale(t *testing.T) {
	t.Parallel()
	for waited, want := range map[time.Duration]float64{time.Second: 50, 10 * time.Second: 49} {
		now := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
		var mu sync.Mutex
		s := serve(t, Options{Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }}, serveCourse, nil)
		l := limiter(10, userQuota)
		s.client.users["p0@dom.edu"], s.client.all, s.client.opts.Rate = l, limiter(clientRate, clientQuota), 10
		s.client.hold()
		var g sync.WaitGroup
		g.Go(func() {
			if err := askEach(t.Context(), s.client, 1)[0](); err != nil {
				t.Error(err)
			}
		})
		s.client.queued(1)
		mu.Lock()
		now = now.Add(waited)
		mu.Unlock()
		s.client.flight.land()
		g.Wait()
		if got := l.TokensAt(now); got != want {
			t.Errorf("after %v there are %v left, want %v", waited, got, want)
		}
	}
}

// TestReadParts reads answers to batches of any order, with parts missing,
// foreign and twice.
func TestReadParts(t *testing.T) {
	for range 500 {
		ids := make([]string, 1+rand.IntN(6))
		for i := range ids {
			ids[i] = "a-" + itoa(i)
		}
		o := newOuter()
		times := map[string]int{}
		for range rand.IntN(12) {
			id := "a-" + itoa(rand.IntN(len(ids)+2))
			times[id]++
			o.add("<"+id+">", says(200, id), nil)
		}
		_ = o.w.Close()
		parts, err := readParts("multipart/mixed; boundary="+o.w.Boundary(), &o.Buffer, ids)
		for _, id := range ids {
			if text := textOf(parts[id]); (text == id) != (times[id] == 1) || text != "" && text != id {
				t.Errorf("%s, which is there %d times, is %q", id, times[id], text)
			}
		}
		if err != nil && len(times) > 0 {
			t.Error(err)
		}
	}
}

// textOf is the body of an answer, "" for none.
func textOf(resp *http.Response) string {
	if resp == nil {
		return ""
	}
	text, _ := io.ReadAll(resp.Body)
	return string(text)
}

// FuzzParts checks that whatever answers a batch, there are answers to its parts
// only, no more than were there.
func FuzzParts(f *testing.F) {
	const one = "--b\r\nContent-Type: application/http\r\nContent-ID: <response-a-0>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}\r\n"
	f.Add("multipart/mixed; boundary=b", one+"--b--")
	f.Add("multipart/mixed; boundary=b", one+one+"--b--\r\nend")
	f.Add("multipart/mixed; boundary=b", "before\n"+strings.ReplaceAll(one, "a-0", "a-1")+one[:40])
	f.Add("multipart/mixed; boundary=b", strings.ReplaceAll(one, "<response-a-0>", "%3Cresponse-a-0%3E")+"--b--")
	f.Add("multipart/mixed; boundary=b", strings.ReplaceAll(one, "Content-Length: 2", "Transfer-Encoding: chunked")+"--b--")
	f.Add("multipart/mixed", "")
	f.Add("text/html", "<p>")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		ids := []string{"a-0", "a-1"}
		parts, _ := readParts(contentType, strings.NewReader(body), ids)
		for id, resp := range parts {
			if !slices.Contains(ids, id) {
				t.Errorf("an answer to %q", id)
			}
			if resp.StatusCode < 0 || len(textOf(resp)) > len(body) {
				t.Errorf("an answer to %q is %+v", id, resp)
			}
			if n := strings.Count(body, "HTTP/"); n < len(parts) {
				t.Errorf("%d answers of %d", len(parts), n)
			}
		}
	})
}
