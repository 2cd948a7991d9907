package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// pupils is how many rows the changes of these tests have.
const pupils = 500

// bulk is a change of a class, and how to tell what became of it.
type bulk struct {
	name      string
	invited   bool // the pupils have invitations at first
	statement string
	called    func(*http.Request) bool
	// left returns how many rows are not done.
	left func(counts) int
}

// counts are how many there are in the course.
type counts struct{ invitations, teachers, students int } // teachers are invited ones

var bulks = []bulk{
	{
		name: "create", statement: invitePupils(),
		called: func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/invitations")
		},
		left: func(c counts) int { return pupils - c.invitations },
	},
	{
		name: "delete", invited: true, statement: `DELETE FROM invitations WHERE courseId = '101'`,
		called: func(r *http.Request) bool { return r.Method == http.MethodDelete },
		left:   func(c counts) int { return c.invitations },
	},
	{
		name: "accept", invited: true, statement: `EXEC invitations.accept SELECT id FROM invitations WHERE courseId = '101'`,
		called: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, ":accept") },
		left:   func(c counts) int { return pupils - c.students },
	},
	{
		name: "update", invited: true, statement: `UPDATE invitations SET role = 'TEACHER' WHERE courseId = '101'`,
		called: func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/invitations")
		},
		left: func(c counts) int { return pupils - c.teachers },
	},
}

func pupil(i int) string { return fmt.Sprintf("p%d@example.edu", i) }

func invitePupils() string {
	var rows []string
	for i := range pupils {
		rows = append(rows, fmt.Sprintf("('101', '%s', 'STUDENT')", pupil(i)))
	}
	return "INSERT INTO invitations (courseId, userId, role) VALUES " + strings.Join(rows, ", ")
}

// class is a course of many pupils behind the REST face, which counts the changes
// that were done, and a home folder.
type class struct {
	store    *emulator.Store
	server   *rest.Server
	endpoint string
	home     string
	began    chan struct{} // gets an element when a change is called
	hung     chan struct{} // gets one when a change hangs

	mu   sync.Mutex
	done int // guarded by mu
	most int // guarded by mu: changes after so many hang until who called leaves; 0 for none
}

// openClass opens a class for a change.
func openClass(t *testing.T, of bulk, latency rest.Latency) *class {
	t.Helper()
	school := &emulator.School{
		Users:   []emulator.SeedUser{{Email: "admin@example.edu", Name: "Alex Admin", Admin: true}},
		Courses: []emulator.SeedCourse{{ID: "101", Name: "Algebra", OwnerID: "admin@example.edu", CourseState: "ACTIVE"}},
		Limits:  emulator.Limits{InvitationsPerDay: 10 * pupils},
	}
	for i := range pupils {
		school.Users = append(school.Users, emulator.SeedUser{Email: pupil(i), Name: fmt.Sprintf("Pupil %d", i)})
		if of.invited {
			school.Invitations = append(school.Invitations, emulator.SeedInvitation{CourseID: "101", UserID: pupil(i), Role: "STUDENT"})
		}
	}
	store, err := emulator.Open(t.Context(), emulator.Options{Seed: school})
	if err != nil {
		t.Fatal(err)
	}
	c := &class{store: store, server: rest.New(store, rest.Options{Latency: latency}), home: t.TempDir(), began: make(chan struct{}, 1), hung: make(chan struct{}, 1)}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(of, w, r) }))
	c.endpoint = front.URL
	t.Cleanup(func() {
		front.CloseClientConnections()
		front.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// serve counts the changes that are done, whether or not their answers arrive.
func (c *class) serve(of bulk, w http.ResponseWriter, r *http.Request) {
	one, some := of.called(r), strings.HasPrefix(r.URL.Path, "/batch")
	if one || some {
		select {
		case c.began <- struct{}{}:
		default:
		}
	}
	if !one {
		c.server.ServeHTTP(w, r)
		return
	}
	if c.full() {
		c.hang(r)
		return
	}
	noted := &status{ResponseWriter: w}
	c.server.ServeHTTP(noted, r)
	if noted.code == http.StatusOK {
		c.mu.Lock()
		c.done++
		c.mu.Unlock()
	}
}

// full reports whether changes hang.
func (c *class) full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most > 0 && c.done >= c.most
}

// fill has changes hang after so many; 0 is never.
func (c *class) fill(most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.most = most
}

// hang waits until who called has left.
func (c *class) hang(r *http.Request) {
	select {
	case c.hung <- struct{}{}:
	default:
	}
	_, _ = io.Copy(io.Discard, r.Body) // else it is not noticed
	<-r.Context().Done()
}

// status notes the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

func (s *status) Write(p []byte) (int, error) {
	if s.code == 0 {
		s.code = http.StatusOK
	}
	return s.ResponseWriter.Write(p)
}

func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// state counts what is there.
func (c *class) state(t *testing.T) (found counts) {
	t.Helper()
	admin, err := c.store.As("admin@example.edu")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for token := "-"; token != ""; {
		var page []*classroom.Invitation
		page, token, err = admin.ListInvitations(ctx, classroom.InvitationQuery{CourseID: "101", Page: classroom.Page{Size: 500, Token: strings.Trim(token, "-")}})
		if err != nil {
			t.Fatal(err)
		}
		found.invitations += len(page)
		for _, i := range page {
			if i.Role == classroom.Teacher {
				found.teachers++
			}
		}
	}
	for token := "-"; token != ""; {
		var page []*classroom.Member
		page, token, err = admin.ListStudents(ctx, "101", classroom.Page{Size: 500, Token: strings.Trim(token, "-")})
		if err != nil {
			t.Fatal(err)
		}
		found.students += len(page)
	}
	return found
}

// command returns an iql process that asks the class.
func (c *class) command(args ...string) *exec.Cmd {
	cmd := exec.Command("iql", args...)
	cmd.Env = append(os.Environ(), "HOME="+c.home, "XDG_STATE_HOME="+filepath.Join(c.home, "state"), "IQL_BACKEND=live",
		"IQL_ENDPOINT="+c.endpoint, "IQL_AUTH=none", "IQL_AS=admin@example.edu", "IQL_RATE=100000/s", "IQL_YES=true", "IQL_PROGRESS=off")
	return cmd
}

// outcome runs iql and returns its exit code and what it says.
func (c *class) outcome(args ...string) (code int, stdout, stderr string) {
	var out, problems bytes.Buffer
	cmd := c.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		code = 1
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			code = exit.ExitCode()
		}
	}
	return code, out.String(), problems.String()
}

// listed is a row of iql journal list.
type listed struct {
	ID                          string
	Rows, Done, Failed, Pending int
}

// listed returns the only run, and whether there is one.
func (c *class) listed(t *testing.T) (run listed, ok bool) {
	t.Helper()
	code, stdout, stderr := c.outcome("journal", "list", "-o", "json")
	var runs []listed
	if err := json.Unmarshal([]byte(stdout), &runs); err != nil || code != 0 || len(runs) > 1 {
		t.Fatalf("journal list: %d, %v, %s%s", code, err, stdout, stderr)
	}
	if len(runs) == 0 {
		return listed{}, false
	}
	return runs[0], true
}

// killed runs iql and kills it a while after it has begun to change something. It
// reports whether it came to that.
func (c *class) killed(t *testing.T, most time.Duration, args ...string) bool {
	t.Helper()
	select {
	case <-c.began:
	default:
	}
	cmd := c.command(args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	select {
	case <-c.began:
	case <-over:
		return false
	}
	select {
	case <-time.After(rand.N(most)):
	case <-over:
		return false
	}
	_ = cmd.Process.Kill() // it may be over
	<-over
	return true
}

// TestKilled kills a change of many rows, and what goes on with it, until it is
// done, and counts with the service: every row was changed once.
func TestKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no SIGKILL")
	}
	for _, of := range bulks {
		t.Run(of.name, func(t *testing.T) {
			t.Parallel()
			killUntil(t, of, 14, "-j", "8", "--no-batch")
		})
		t.Run(of.name+" in batches", func(t *testing.T) {
			t.Parallel()
			killUntil(t, of, 3, "-j", "2")
		})
	}
}

// killUntil makes as many changes as it takes to kill so many processes.
func killUntil(t *testing.T, of bulk, kills int, flags ...string) {
	for kills > 0 {
		c := openClass(t, of, rest.Latency{Mean: 2 * time.Millisecond, Spread: 2 * time.Millisecond})
		kills -= c.killAndGoOn(t, of, kills, flags)
	}
}

// killAndGoOn makes a change that is killed up to most times, and checks what
// became of it. It returns how often it was killed.
func (c *class) killAndGoOn(t *testing.T, of bulk, most int, flags []string) (kills int) {
	t.Helper()
	args := append([]string{"exec", of.statement}, flags...)
	for kills < most {
		if !c.killed(t, 40*time.Millisecond, args...) {
			break
		}
		kills++
		run, ok := c.listed(t)
		if !ok {
			t.Fatal("a change was called for that is not on record")
		}
		if run.Pending+run.Failed == 0 {
			break
		}
		args = append([]string{"journal", "retry", run.ID}, flags...)
	}
	run, _ := c.listed(t)
	code, _, stderr := c.outcome(append([]string{"journal", "retry", run.ID}, append(flags, "-j", "64")...)...)
	if code != 0 {
		t.Fatalf("at last: %d, %s", code, stderr)
	}
	run, _ = c.listed(t)
	found := c.state(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	once := c.done == pupils || !slices.Contains(flags, "--no-batch") // parts of batches are not counted
	if left := of.left(found); !once || left != 0 || run.Done != pupils || run.Pending+run.Failed != 0 {
		t.Errorf("after %d kills %d changes were made, %d are left, the journal says %+v", kills, c.done, left, run)
	}
	t.Logf("%d kills", kills)
	return kills
}

// TestStoppedChange stops a change as a person does, in the middle of it: it says how
// to go on.
func TestStoppedChange(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	of := bulks[0]
	c := openClass(t, of, rest.Latency{})
	c.fill(pupils / 10)
	var stderr bytes.Buffer
	cmd := c.command("exec", "-j", "8", "--no-batch", of.statement)
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	select {
	case <-c.hung:
	case <-time.After(2 * time.Minute):
		t.Fatal("it has not come so far")
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	c.fill(0)
	run, _ := c.listed(t)
	const stopped = "\nerror: stopped while calls were under way: "
	want := "\nnote: go on with: iql journal retry " + run.ID + "\n"
	said := stderr.String()
	if got := cmd.ProcessState.ExitCode(); got != 130 || !strings.Contains(said, stopped) || !strings.HasSuffix(said, want) {
		t.Errorf("exit code %d and %q, want 130, %q and %q", got, said, stopped, want)
	}
	if code, _, stderr := c.outcome("journal", "retry", run.ID, "--no-batch"); code != 0 {
		t.Errorf("retry: %d, %s", code, stderr)
	}
	if found := c.state(t); found.invitations != pupils || c.done != pupils {
		t.Errorf("%d invitations, %d made", found.invitations, c.done)
	}
}

// TestFaults has one request in five fail in some way, and compares what the
// journal counts with what is there, until all is done.
func TestFaults(t *testing.T) {
	for _, of := range bulks {
		t.Run(of.name, func(t *testing.T) {
			t.Parallel()
			c := openClass(t, of, rest.Latency{})
			var faults []string
			for _, kind := range []string{"429", "500", "503", "reset", "lost", "malformed"} {
				faults = append(faults, "*="+kind+":0.035")
			}
			c.fail(t, faults)
			args := []string{"exec", "-j", "64", "--retries", "0", "--no-batch", of.statement}
			for try := 0; ; try++ {
				code, _, stderr := c.outcome(args...)
				run, ok := c.listed(t)
				if !ok && try < 20 {
					continue // the reading failed
				}
				left := of.left(c.state(t))
				if run.Pending+run.Failed < left || run.Done > pupils-left || run.Failed > left {
					t.Fatalf("%d rows are not done, and the journal says %+v\n%s", left, run, stderr)
				}
				t.Logf("exit code %d: %d are not done, the journal says %+v", code, left, run)
				if code == 0 {
					if left != 0 || run.Done != pupils {
						t.Fatalf("%d rows are not done, and the journal says %+v", left, run)
					}
					return
				}
				if try == 50 {
					_, shown, _ := c.outcome("journal", "show", run.ID, "-o", "csv")
					t.Fatalf("still not done: %s%s", stderr, shown)
				}
				args = []string{"journal", "retry", run.ID, "-j", "64", "--retries", "0", "--no-batch"}
			}
		})
	}
}

// TestReport has one request in five fail in some way, and compares what the report
// of a change counts with what is there: what was lost on the way was looked for.
func TestReport(t *testing.T) {
	for _, of := range bulks {
		t.Run(of.name, func(t *testing.T) {
			t.Parallel()
			c := openClass(t, of, rest.Latency{})
			var faults []string
			for _, kind := range []string{"429", "503", "reset", "lost", "malformed"} {
				faults = append(faults, "*="+kind+":0.035")
			}
			for _, change := range []string{"create", "delete", "accept"} { // who looks is not refused
				faults = append(faults, "invitations."+change+"=403:0.035")
			}
			c.fail(t, faults)
			args := []string{"exec", "-j", "64", "--error-format", "json", of.statement}
			code, _, stderr := c.outcome(args...)
			for try := 0; try < 20 && !strings.Contains(stderr, `"summary"`); try++ {
				code, _, stderr = c.outcome(args...) // the reading failed
			}
			var said struct {
				Summary struct {
					Changed, Failed, Unknown int
					NotTried                 int `json:"not_tried"`
				}
			}
			line, _, _ := strings.Cut(stderr[max(strings.Index(stderr, `{"summary"`), 0):], "\n")
			if err := json.Unmarshal([]byte(line), &said); err != nil {
				t.Fatalf("%v: %s", err, stderr)
			}
			got, done := said.Summary, pupils-of.left(c.state(t))
			mayStop := of.name == "update" // where a row that was deleted could not be made again
			if got.Changed != done || got.Failed+got.NotTried != pupils-done || got.Failed == 0 || got.Unknown > 0 || got.NotTried > 0 && !mayStop || code != 6 {
				t.Errorf("exit code %d: it says %+v, and %d are done", code, got, done)
			}
		})
	}
}

// fail puts faults in force.
func (c *class) fail(t *testing.T, faults []string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"faults": faults})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(c.endpoint+"/_emulator/faults", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("faults: %s", resp.Status)
	}
}
