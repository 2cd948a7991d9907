package live_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
	"github.com/iql-lang/iql/provider/classroom/live"
)

const (
	admin   = "a@dom.edu"
	owner   = "o@dom.edu"
	invitee = "i@dom.edu"
)

// school has a course of many invitations, of which MTAx is invitee's.
func school(people int) string {
	var b strings.Builder
	b.WriteString(`
domains:
- {name: dom.edu, edition: paid}
users:
- {id: 9001, email: a@dom.edu, admin: true}
- {id: 9002, email: o@dom.edu}
- {id: 9003, email: t@dom.edu}
- {id: 9004, email: s@dom.edu}
- {id: 9005, email: i@dom.edu}
`)
	for i := range people {
		fmt.Fprintf(&b, "- {id: %d, email: p%d@dom.edu}\n", 20000+i, i)
	}
	b.WriteString(`courses:
- {id: 101, name: Maths, ownerId: o@dom.edu, teachers: [o@dom.edu, t@dom.edu], students: [s@dom.edu], aliases: ["d:math"]}
- {id: 102, name: Latin, ownerId: o@dom.edu}
invitations:
- {id: MTAx, courseId: 101, userId: i@dom.edu, role: STUDENT}
`)
	for i := range people {
		fmt.Fprintf(&b, "- {id: P%d, courseId: 102, userId: p%d@dom.edu, role: STUDENT}\n", i, i)
	}
	return b.String()
}

// clock is a time that passes when somebody waits for it.
type clock struct {
	mu   sync.Mutex
	time time.Time     // guarded by mu, as all here
	wait time.Duration // in all
}

func newClock() *clock { return &clock{time: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
	c.wait += d
	return ctx.Err()
}

// on puts a client on the clock.
func (c *clock) on(opts live.Options) live.Options {
	opts.Now, opts.Sleep = c.now, c.sleep
	return opts
}

// verbs are the methods of a Backend: a call, and what must be so after it.
var verbs = []struct {
	method string
	call   func(ctx context.Context, w *world) error
	done   func(ctx context.Context, w *world) error // nil for reads
}{
	{"invitations.get", func(ctx context.Context, w *world) error {
		inv, err := w.client.As(admin).GetInvitation(ctx, "MTAx")
		return want(err, inv, func() bool { return inv.CourseID == "101" && inv.Role == classroom.Student })
	}, nil},
	{"invitations.list", func(ctx context.Context, w *world) error {
		ids, err := w.all(ctx, "102")
		return want(err, len(ids), func() bool { slices.Sort(ids); return len(slices.Compact(ids)) == people })
	}, nil},
	{"invitations.create", func(ctx context.Context, w *world) error {
		inv, err := w.client.As(owner).CreateInvitation(ctx, classroom.Invitation{CourseID: "d:math", UserID: "s@dom.edu", Role: classroom.Teacher})
		return want(err, inv, func() bool {
			return inv.ID != "" && inv.CourseID == "101" && inv.UserID == "9004" && inv.Role == classroom.Teacher
		})
	}, func(ctx context.Context, w *world) error {
		ids, err := w.all(ctx, "101")
		return want(err, ids, func() bool { return len(ids) == 2 })
	}},
	{"invitations.delete", func(ctx context.Context, w *world) error {
		return w.client.As(owner).DeleteInvitation(ctx, "MTAx")
	}, func(ctx context.Context, w *world) error {
		ids, err := w.all(ctx, "101")
		return want(err, ids, func() bool { return len(ids) == 0 })
	}},
	{"invitations.accept", func(ctx context.Context, w *world) error {
		me := w.client.As(invitee)
		if _, _, err := me.ListInvitations(ctx, classroom.InvitationQuery{UserID: "me"}); err != nil {
			return err
		}
		return me.AcceptInvitation(ctx, "MTAx")
	}, func(ctx context.Context, w *world) error {
		_, err := w.client.As(owner).GetStudent(ctx, "101", invitee)
		return err
	}},
	{"courses.get", func(ctx context.Context, w *world) error {
		c, err := w.client.As(admin).GetCourse(ctx, "d:math")
		return want(err, c, func() bool { return c.ID == "101" && c.Name == "Maths" && c.OwnerID == "9002" })
	}, nil},
	{"courses.list", func(ctx context.Context, w *world) error {
		c, _, err := w.client.As(admin).ListCourses(ctx, classroom.CourseQuery{TeacherID: owner, States: []string{"ACTIVE", "ARCHIVED"}})
		return want(err, len(c), func() bool { return len(c) == 2 })
	}, nil},
	{"courses.aliases.list", func(ctx context.Context, w *world) error {
		a, _, err := w.client.As(admin).ListCourseAliases(ctx, "101", classroom.Page{})
		return want(err, a, func() bool { return len(a) == 1 && a[0] == "d:math" })
	}, nil},
	{"courses.students.get", func(ctx context.Context, w *world) error {
		m, err := w.client.As(admin).GetStudent(ctx, "101", "s@dom.edu")
		return want(err, m, func() bool { return m.UserID == "9004" && m.Profile.EmailAddress == "s@dom.edu" })
	}, nil},
	{"courses.students.list", func(ctx context.Context, w *world) error {
		m, _, err := w.client.As(admin).ListStudents(ctx, "101", classroom.Page{Size: 500})
		return want(err, m, func() bool { return len(m) == 1 })
	}, nil},
	{"courses.teachers.get", func(ctx context.Context, w *world) error {
		m, err := w.client.As(admin).GetTeacher(ctx, "101", "9003")
		return want(err, m, func() bool { return m.UserID == "9003" })
	}, nil},
	{"courses.teachers.list", func(ctx context.Context, w *world) error {
		m, _, err := w.client.As(admin).ListTeachers(ctx, "101", classroom.Page{Size: 500})
		return want(err, m, func() bool { return len(m) == 2 })
	}, nil},
	{"userProfiles.get", func(ctx context.Context, w *world) error {
		p, err := w.client.As(admin).GetUserProfile(ctx, "s@dom.edu")
		return want(err, p, func() bool { return p.ID == "9004" })
	}, nil},
}

// worked reports whether a fault comes after the work is done.
func worked(f rest.Fault) bool {
	return f.Kind == rest.Reset || f.Kind == rest.Lost || f.Kind == rest.Malformed
}

// people are those who are invited to course 102.
const people = 7

// want is err, or one of its own unless ok.
func want(err error, got any, ok func() bool) error {
	if err == nil && !ok() {
		return fmt.Errorf("got %+v", got)
	}
	return err
}

// all returns the invitations to a course, by pages of three.
func (w *world) all(ctx context.Context, course string) (ids []string, err error) {
	q := classroom.InvitationQuery{CourseID: course, Page: classroom.Page{Size: 3}}
	for {
		page, next, err := w.client.As(admin).ListInvitations(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, inv := range page {
			ids = append(ids, inv.ID)
		}
		if q.Token = next; next == "" {
			return ids, nil
		}
	}
}

// ways are faults that pass, and endless what those come to that do not.
var (
	ways    = []string{"503:2", "429:2", "500:2", "502:1", "504:1", "reset:1", "reset:2", "lost:1", "lost:2", "malformed:2", "hang:1"}
	endless = map[string]provider.Code{
		"503": provider.Unavailable, "429": provider.ResourceExhausted, "500": provider.Internal,
		"reset": provider.Unavailable, "lost": provider.Unavailable, "malformed": provider.Unavailable,
		"hang": provider.DeadlineExceeded, "403": provider.PermissionDenied, "401": provider.Unauthenticated,
	}
)

// fault puts a fault in force, and counts from 0.
func (w *world) fault(t *testing.T, text string) rest.Fault {
	t.Helper()
	f, err := rest.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	body := strings.NewReader(`{"faults": ["` + text + `"]}`)
	resp, err := w.http.Post(w.client.Endpoint()+"_emulator/faults", "application/json", body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("POST /_emulator/faults = %v, %v", resp, err)
	}
	resp.Body.Close()
	w.server.Reset()
	return f
}

// TestFaults calls every method while it fails in every way, for a while: the
// call is done, once.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, v := range verbs {
		live.InBubble(t, v.method, func(t *testing.T) {
			opts := newClock().on(live.Options{Rate: -1, Timeout: time.Second})
			var w *world
			for _, way := range ways {
				if w == nil || v.done != nil {
					w = openPiped(t, school(people), rest.Options{}, opts)
				}
				f := w.fault(t, v.method+"="+way)
				if err := v.call(t.Context(), w); err != nil {
					t.Fatalf("with %v: %v", f, err)
				}
				if v.done == nil {
					continue
				}
				stats := w.server.Stats()
				if err := v.done(t.Context(), w); err != nil {
					t.Errorf("with %v: after it: %v", f, err)
				}
				wantCalls := f.Count + 1
				if worked(f) { // what was done is not sent again
					wantCalls = 1
				}
				if got := stats.Requests[v.method]; got != wantCalls {
					t.Errorf("with %v: %d calls, want %d: %v", f, got, wantCalls, stats)
				}
			}
		})
	}
}

// TestFaultsForEver calls every method while it fails without end: there is an
// error, and never a part of an answer.
func TestFaultsForEver(t *testing.T) {
	t.Parallel()
	for _, v := range verbs {
		live.InBubble(t, v.method, func(t *testing.T) {
			opts := newClock().on(live.Options{Rate: -1, Retries: 2, Timeout: 200 * time.Millisecond})
			var w *world
			for way, code := range endless {
				if w == nil || v.done != nil {
					w = openPiped(t, school(people), rest.Options{}, opts)
				}
				f := w.fault(t, v.method+"="+way)
				err := v.call(t.Context(), w)
				if v.done != nil && worked(f) {
					if err != nil { // for it was found to be done
						t.Errorf("with %v: %v", f, err)
					}
					continue
				}
				if provider.CodeOf(err) != code {
					t.Errorf("with %v: %v, want %v", f, err, code)
				}
			}
		})
	}
}

// TestEveryPage has the page of a list fail that nobody expects to.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"reset", "lost", "malformed", "503"} {
		f, err := rest.ParseFault("invitations.list=" + kind + ":0.4")
		if err != nil {
			t.Fatal(err)
		}
		w := open(t, school(40), rest.Options{Faults: []rest.Fault{f}}, newClock().on(live.Options{Rate: -1, Retries: 30}))
		for range 5 {
			ids, err := w.all(t.Context(), "102")
			slices.Sort(ids)
			if ids = slices.Compact(ids); err != nil || len(ids) != 40 {
				t.Errorf("with %v: %d invitations, %v, want 40", f, len(ids), err)
			}
		}
		// Without repetitions it is all or nothing.
		impatient := dial(t, newClock().on(live.Options{Endpoint: w.client.Endpoint(), Rate: -1, Retries: -1}))
		for range 20 {
			page, _, err := impatient.As(admin).ListInvitations(t.Context(), classroom.InvitationQuery{CourseID: "102"})
			if err == nil && len(page) != 40 || err != nil && len(page) != 0 {
				t.Errorf("with %v: %d invitations, %v", f, len(page), err)
			}
		}
	}
}

// TestLast has the quotas of a day, which no waiting mends.
func TestLast(t *testing.T) {
	t.Parallel()
	text := school(600)
	text = text[:strings.Index(text, "invitations:")]
	w := open(t, text, rest.Options{}, live.Options{Rate: -1})
	ctx := t.Context()
	var err error
	n := 0
	for ; err == nil; n++ {
		_, err = w.client.As(owner).CreateInvitation(ctx, classroom.Invitation{
			CourseID: "102", UserID: fmt.Sprintf("p%d@dom.edu", n), Role: classroom.Student,
		})
	}
	e, ok := errors.AsType[*provider.Error](err)
	if !ok || e.Reason != "UserInvitationQuotaExhausted" || n != 501 || w.server.Stats().Requests["invitations.create"] != 501 {
		t.Errorf("after %d: %v, %v", n, err, w.server.Stats())
	}
}

// noQuota returns a trace that fails the test if a quota is used up.
func noQuota(t *testing.T) func(live.Event) {
	return func(e live.Event) {
		if e.Err != nil && strings.Contains(e.Err.Error(), "Quota exceeded") {
			t.Errorf("%s: %v", e.URL, e.Err)
		}
	}
}

// TestPace asks as fast as the client lets it, as one person and as many.
func TestPace(t *testing.T) {
	t.Parallel()
	for name, callers := range map[string][]string{
		"one":  {admin},
		"many": {admin, owner, invitee, "t@dom.edu", "s@dom.edu"},
	} {
		n := 1500
		if name == "many" {
			n = 3500
		}
		time := newClock()
		start := time.now()
		w := open(t, school(0), rest.Options{Quota: rest.GoogleQuota, Now: time.now}, time.on(live.Options{Trace: noQuota(t)}))
		for i := range n {
			as := callers[i%len(callers)]
			if _, err := w.client.As(as).GetUserProfile(t.Context(), "me"); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		took := time.now().Sub(start).Seconds()
		rate := float64(n) / took
		if name == "one" && (rate < 17 || rate > 20) || name == "many" && (rate < 44 || rate > 50) {
			t.Errorf("%s: %.1f requests a second", name, rate)
		}
	}
}

// TestBulk invites 2,000 people while the service turns one in ten away, many
// at once: each is invited once, and no request is above Google's quota.
func TestBulk(t *testing.T) {
	t.Parallel()
	for name, batch := range map[string]int{"alone": -1, "batched": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bulk(t, batch)
		})
	}
}

func bulk(t *testing.T, batch int) {
	const n, teachers, parallel = 2000, 5, 64
	var b strings.Builder
	b.WriteString("domains:\n- {name: dom.edu, edition: paid}\nusers:\n")
	for i := range teachers {
		fmt.Fprintf(&b, "- {email: t%d@dom.edu}\n", i)
	}
	for i := range n {
		fmt.Fprintf(&b, "- {email: p%d@dom.edu}\n", i)
	}
	b.WriteString("courses:\n")
	for i := range teachers {
		fmt.Fprintf(&b, "- {id: %d, name: Maths, ownerId: t%d@dom.edu}\n", 100+i, i)
	}
	time := newClock()
	w := open(t, b.String(), rest.Options{
		Quota: rest.GoogleQuota, Now: time.now,
		Faults: []rest.Fault{
			{Method: "invitations.create", Status: 429, Rate: 0.05},
			{Method: "invitations.create", Status: 503, Rate: 0.05},
			{Method: "invitations.create", Kind: rest.Lost, Rate: 0.02},
		},
	}, time.on(live.Options{Batch: batch, Trace: noQuota(t)}))
	invite := func(i int) error {
		course, user := fmt.Sprint(100+i%teachers), fmt.Sprintf("p%d@dom.edu", i)
		inv, err := w.client.As(fmt.Sprintf("t%d@dom.edu", i%teachers)).CreateInvitation(t.Context(), classroom.Invitation{
			CourseID: course, UserID: user, Role: classroom.Student,
		})
		return want(err, inv, func() bool { return inv.CourseID == course && inv.ID != "" })
	}
	work := make(chan int)
	var g sync.WaitGroup
	for range parallel {
		g.Go(func() {
			for i := range work {
				if err := invite(i); err != nil {
					t.Errorf("invite %d: %v", i, err)
				}
			}
		})
	}
	for _, i := range rand.Perm(n) {
		work <- i
	}
	close(work)
	g.Wait()
	stats := w.server.Stats()
	for i := range teachers {
		page, next, err := w.client.As(fmt.Sprintf("t%d@dom.edu", i)).ListInvitations(t.Context(), classroom.InvitationQuery{CourseID: fmt.Sprint(100 + i)})
		if err != nil || len(page) != n/teachers || next != "" {
			t.Errorf("course %d: %d invitations, %v, want %d", 100+i, len(page), err, n/teachers)
		}
	}
	if stats.Statuses["409"] != 0 {
		t.Errorf("sent twice: %v", stats)
	}
	if batched := stats.HTTPRequests < stats.Requests["invitations.create"]; batched != (batch == 0) || stats.MaxInFlight > live.DefaultInFlight {
		t.Errorf("batches of %d: %v", batch, stats)
	}
	t.Logf("%v, waited %v", stats, time.wait)
}
