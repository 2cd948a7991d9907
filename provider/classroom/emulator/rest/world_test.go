package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The people of the school that the tests use.
const (
	admin    = "a@dom.edu"
	owner    = "o@dom.edu"
	coteach  = "t@dom.edu"
	pupil    = "s@dom.edu"
	invitee  = "i@dom.edu"
	outsider = "x@dom.edu"
	off      = "d@dom.edu"
	external = "e@ext.org"
)

// school is what every test begins with.
const school = `
domains:
- {name: dom.edu, edition: paid}
users:
- {id: 1, email: a@dom.edu, name: Ann Admin, admin: true}
- {id: 2, email: o@dom.edu, name: Olu Owner, photoUrl: "https://photos.example/o"}
- {id: 3, email: t@dom.edu, name: Tia Teacher}
- {id: 4, email: s@dom.edu, name: Sam Student}
- {id: 5, email: i@dom.edu, name: Ines Invitee}
- {id: 6, email: x@dom.edu, name: Xu Outsider}
- {id: 7, email: d@dom.edu, name: Dee Disabled, disabled: true}
- {id: 8, email: e@ext.org, name: Eve External}
- {id: 9, email: noapi@dom.edu, name: No API, apiDisabled: true}
- {id: 10, email: noroom@dom.edu, name: No Classroom, classroomDisabled: true}
courses:
- {id: 101, name: Maths, ownerId: o@dom.edu, teachers: [t@dom.edu], students: [s@dom.edu], aliases: ["d:math"], creationTime: "2026-01-01T00:00:00Z"}
- {id: 102, name: Old, ownerId: o@dom.edu, courseState: ARCHIVED, creationTime: "2026-01-02T00:00:00Z"}
- {id: 103, name: Planned, ownerId: o@dom.edu, courseState: PROVISIONED, creationTime: "2026-01-03T00:00:00Z"}
`

// world is a school with a server before it.
type world struct {
	t      testing.TB
	store  *emulator.Store
	server *rest.Server
	url    string
	http   *http.Client

	mu  sync.Mutex
	now time.Time
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// open starts a server over the school, changed by each of the functions.
func open(t testing.TB, opts rest.Options, change ...func(*emulator.School)) *world {
	t.Helper()
	s, err := emulator.ReadSchool("school", strings.NewReader(school))
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range change {
		fn(s)
	}
	w := &world{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	opts.Now = w.clock
	w.store, err = emulator.Open(context.Background(), emulator.Options{Seed: s, Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	w.server = rest.New(w.store, opts)
	front := httptest.NewUnstartedServer(nil)
	front.Config = rest.HTTPServer(w.server)
	front.Start()
	w.url = front.URL
	w.http = front.Client()
	w.http.Transport.(*http.Transport).DisableCompression = true
	w.http.Transport.(*http.Transport).MaxIdleConnsPerHost = 100
	t.Cleanup(func() {
		if err := w.server.Close(); err != nil {
			t.Error(err)
		}
		front.Close()
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// request is one request and what is expected of its answer.
type request struct {
	as     string // bearer token; "-" sends none
	do     string // "GET /v1/..."; $1 is the id that the first answer had, escaped
	body   string
	header string // "Name: value", more after a |
	times  int    // how often; a %d in do and body is the number

	// want is the status, then nothing, JSON in which "*" is any string, or an
	// error's status and message. A message that ends in … goes on somehow.
	// Empty is any success.
	want string
	has  []string // texts in the body
	not  []string // texts that are not in it
	head string   // "Name: text" that the header has, more after a |; a value of - is absence
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// field returns a string of the JSON body, by path.
func (a answer) field(path ...string) string {
	var v any
	_ = json.Unmarshal([]byte(a.body), &v)
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

// send makes one request.
func (w *world) send(r request) answer {
	w.t.Helper()
	method, path, _ := strings.Cut(r.do, " ")
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	req, err := http.NewRequest(method, w.url+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("User-Agent", "curl/8")
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.as != "-" && r.as != "" {
		req.Header.Set("Authorization", "Bearer "+r.as)
	}
	for line := range strings.SplitSeq(r.header, "|") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			req.Header.Set(name, value)
		}
	}
	resp, err := w.http.Do(req)
	if err != nil {
		w.t.Fatalf("%s: %v", r.do, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatalf("%s: %v", r.do, err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// run makes requests one after the other and checks their answers, which it
// returns.
func (w *world) run(requests []request) []answer {
	w.t.Helper()
	var ids []string
	var all []answer
	put := func(s string, escape func(string) string, n int) string {
		for i, id := range ids {
			s = strings.ReplaceAll(s, "$"+strconv.Itoa(i+1), escape(id))
		}
		return strings.ReplaceAll(s, "%d", strconv.Itoa(n))
	}
	plain := func(s string) string { return s }
	for _, r := range requests {
		for n := range max(1, r.times) {
			one := r
			one.do = put(r.do, url.PathEscape, n)
			one.body = put(r.body, plain, n)
			one.want = put(r.want, plain, n)
			a := w.send(one)
			w.check(one, a)
			all = append(all, a)
			if id := a.field("id"); id != "" && n == 0 {
				ids = append(ids, id)
			}
			if token := a.field("nextPageToken"); token != "" {
				ids = append(ids, token)
			}
		}
	}
	return all
}

var errorWords = regexp.MustCompile(`^[A-Z_]+ `)

func (w *world) check(r request, a answer) {
	w.t.Helper()
	call := fmt.Sprintf("%s as %s with %s", r.do, r.as, r.body)
	status, rest, _ := strings.Cut(r.want, " ")
	switch {
	case r.want == "" && a.status != 200, r.want != "" && strconv.Itoa(a.status) != status:
		w.t.Errorf("%s: status %d, want %s\n%s", call, a.status, status, a.body)
		return
	case strings.HasPrefix(rest, "{"):
		if diff := diffJSON(w.t, rest, a.body); diff != "" {
			w.t.Errorf("%s: (-want +got)\n%s", call, diff)
		}
	case errorWords.MatchString(rest):
		word, message, _ := strings.Cut(rest, " ")
		w.checkError(call, a, word, message)
	case rest != "":
		w.t.Fatalf("want %q says nothing", r.want)
	}
	for _, text := range r.has {
		if !strings.Contains(a.body, text) {
			w.t.Errorf("%s: %q is not in\n%s", call, text, a.body)
		}
	}
	for _, text := range r.not {
		if strings.Contains(a.body, text) {
			w.t.Errorf("%s: %q is in\n%s", call, text, a.body)
		}
	}
	for line := range strings.SplitSeq(r.head, "|") {
		name, value, ok := strings.Cut(line, ": ")
		got := strings.Join(a.header.Values(name), ", ")
		switch {
		case !ok:
		case value == "-" && got != "":
			w.t.Errorf("%s: header %s: %s, want none", call, name, got)
		case value != "-" && !strings.Contains(got, value):
			w.t.Errorf("%s: header %s: %q, want %q in it", call, name, got, value)
		}
	}
}

// checkError compares an error's code, status and message, and nothing else.
func (w *world) checkError(call string, a answer, word, message string) {
	w.t.Helper()
	var got struct {
		Error struct {
			Code            int
			Message, Status string
		}
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		w.t.Errorf("%s: %v in %s", call, err, a.body)
		return
	}
	e := got.Error
	prefix, open := strings.CutSuffix(message, "…")
	if e.Code != a.status || e.Status != word || e.Message != message && (!open || !strings.HasPrefix(e.Message, prefix)) {
		w.t.Errorf("%s: %d %s %q, want %d %s %q", call, e.Code, e.Status, e.Message, a.status, word, message)
	}
}

// diffJSON compares values; "*" in want is any string.
func diffJSON(t testing.TB, want, got string) string {
	t.Helper()
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("%v in %s", err, want)
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		return fmt.Sprintf("%v in %s", err, got)
	}
	return cmp.Diff(w, g, cmp.FilterValues(func(x, y string) bool { return x == "*" || y == "*" },
		cmp.Comparer(func(x, y string) bool { return true })))
}

// token returns an access token for some scopes, as a client gets it.
func (w *world) token(user string, scopes ...string) string {
	w.t.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {user}, "scope": {fullScopes(scopes)}}
	return w.exchange(form, 200).field("access_token")
}

func fullScopes(scopes []string) string {
	full := make([]string, len(scopes))
	for i, s := range scopes {
		full[i] = "https://www.googleapis.com/auth/" + s
	}
	return strings.Join(full, " ")
}

// exchange posts a form to the token endpoint.
func (w *world) exchange(form url.Values, status int) answer {
	w.t.Helper()
	a := w.send(request{
		do: "POST /token", body: form.Encode(),
		header: "Content-Type: application/x-www-form-urlencoded",
	})
	if a.status != status {
		w.t.Fatalf("token %v: %d, want %d: %s", form, a.status, status, a.body)
	}
	return a
}

// invite is the body of an invitation.
func invite(course, user, role string) string {
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(map[string]string{"courseId": course, "userId": user, "role": role})
	return b.String()
}
