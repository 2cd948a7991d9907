package sqlengine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// desk makes invitations, each after a time, and refuses some.
type desk struct {
	latency time.Duration
	refuse  func(user string) error
	made    atomic.Int64
	under   atomic.Int64
	most    atomic.Int64
}

func (d *desk) create(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
	return func(yield func(provider.Row, error) bool) {
		n := d.under.Add(1)
		defer d.under.Add(-1)
		d.most.Store(max(d.most.Load(), n))
		user := args["userId"]
		wait := d.latency
		if strings.HasSuffix(user, "7") {
			wait *= 2 // so that answers come out of order
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			yield(nil, ctx.Err())
			return
		}
		if d.refuse != nil {
			if err := d.refuse(user); err != nil {
				yield(nil, err)
				return
			}
		}
		d.made.Add(1)
		yield(provider.Row{"i" + user, args["courseId"], user, args["role"]}, nil)
	}
}

// invite is an INSERT of n rows.
func invite(n int) string {
	return fmt.Sprintf(`INSERT INTO invitations (courseId, userId, role)
		WITH RECURSIVE n(k) AS (SELECT 1000 UNION ALL SELECT k + 1 FROM n WHERE k < %d) SELECT '1', CAST(k AS TEXT), 'STUDENT' FROM n
		RETURNING userId`, 999+n)
}

func (d *desk) session(t *testing.T, parallel int) *sqlengine.Session {
	return sessionOf(t, provider.Methods{schema + ".invitations.create": d.create}, sqlengine.Options{ParallelChanges: parallel})
}

// TestChangesAtOnce counts the rounds that changes take, and has their results
// come in the order of the rows.
func TestChangesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{latency: 50 * time.Millisecond}
		start := time.Now()
		got, sum, err := run(t.Context(), d.session(t, 32), invite(320))
		if err != nil || sum.Changed != 320 || len(got.rows) != 320 || d.most.Load() != 32 {
			t.Fatalf("%d rows, %d changed, %d at once, %v, want 320 and 32", len(got.rows), sum.Changed, d.most.Load(), err)
		}
		if took := time.Since(start); took > 13*d.latency {
			t.Errorf("320 changes took %v, 32 at once", took)
		}
		for i, row := range got.rows {
			if row[0] != fmt.Sprint(1000+i) {
				t.Fatalf("row %d is %v", i, row)
			}
		}
	})
}

// TestChangesRefused has some rows refused: the others are done, and all is told
// in order.
func TestChangesRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{latency: time.Millisecond, refuse: func(user string) error {
			switch user {
			case "1007", "1011", "1090":
				return provider.Errorf(provider.NotFound, "nobody is %s", user)
			}
			return nil
		}}
		_, sum, err := run(t.Context(), d.session(t, 8), invite(100))
		failed, ok := errors.AsType[*sqlengine.ChangeError](err)
		if !ok || failed.Done != 97 || failed.Untried != 0 || sum.Changed != 97 || sum.Failed != 3 || sum.Calls != 100 {
			t.Fatalf("%+v, %v", sum, err)
		}
		for i, want := range []int{8, 12, 91} {
			if f := failed.Failures[i]; f.Row != want || f.Err.Args["userId"] != fmt.Sprint(999+want) {
				t.Errorf("failure %d is of row %d, %v, want %d", i, f.Row, f.Err.Args, want)
			}
		}
	})
}

// TestChangesStopped has the credentials go: what has not begun is not tried.
func TestChangesStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{latency: time.Millisecond, refuse: func(user string) error {
			if user >= "1020" {
				return provider.Errorf(provider.Unauthenticated, "revoked")
			}
			return nil
		}}
		_, _, err := run(t.Context(), d.session(t, 8), invite(100))
		failed, ok := errors.AsType[*sqlengine.ChangeError](err)
		if !ok || failed.Done != 20 || failed.Done+len(failed.Failures)+failed.Untried != 100 || failed.Untried < 70 {
			t.Fatalf("%v", err)
		}
		if p := sqlengine.Describe(err); !strings.Contains(p.Message, fmt.Sprintf("and %d were not tried", failed.Untried)) {
			t.Errorf("it says %q", p.Message)
		}
	})
}

// TestChangesCanceled has a person stop a change: nothing runs on.
func TestChangesCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{latency: time.Second}
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, _, err := run(ctx, d.session(t, 10), invite(100))
		if took := time.Since(start); took != 2500*time.Millisecond {
			t.Errorf("it stopped after %v", took)
		}
		if p := sqlengine.Describe(err); p.Exit == sqlengine.ExitDone || d.under.Load() != 0 {
			t.Errorf("%s (exit %d), %d under way", said(err), p.Exit, d.under.Load())
		}
	})
}

// TestStoppedTellsRefused stops a change after a row was refused: the row is told.
func TestStoppedTellsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{latency: time.Second, refuse: func(user string) error {
			if user == "1001" {
				return provider.Errorf(provider.NotFound, "nobody is %s", user)
			}
			return nil
		}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2500*time.Millisecond, cancel)
		_, sum, err := run(ctx, d.session(t, 10), invite(100))
		p := sqlengine.Describe(err)
		if p.Exit != sqlengine.ExitInterrupted || len(p.Details) != 1 || !strings.Contains(p.Details[0].Text, "nobody is 1001") || sum.Failed != 1 {
			t.Errorf("%+v, %+v", p, sum)
		}
		if failed, ok := errors.AsType[*sqlengine.ChangeError](err); !ok || len(failed.Failures) != 1 {
			t.Errorf("--failed-rows would have %+v", failed)
		}
	})
}

// TestManyReasons has many rows fail for few reasons: each is told once, with its
// first rows.
func TestManyReasons(t *testing.T) {
	d := &desk{refuse: func(user string) error {
		switch {
		case user < "1030":
			return provider.Errorf(provider.PermissionDenied, "not you")
		case user == "1040":
			return provider.Errorf(provider.NotFound, "nobody")
		}
		return nil
	}}
	_, _, err := run(t.Context(), d.session(t, 1), invite(100))
	p := sqlengine.Describe(err)
	if len(p.Details) != 2 || p.Details[0].Label != "30 rows" || p.Details[1].Label != "row 41" {
		t.Fatalf("details are %+v", p.Details)
	}
	for _, words := range []string{"invitations.create: 403 PERMISSION_DENIED: not you (row 1 courseId=1 role=STUDENT userId=1000; row 2 ", "; and 20 more)"} {
		if !strings.Contains(p.Details[0].Text, words) {
			t.Errorf("it says %q, want it to say %q", p.Details[0].Text, words)
		}
	}
}

// TestChangesInOrder has two rows be about the same person: the second waits for
// the first, whatever else is made at once.
func TestChangesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		invited := map[string]string{}
		times := map[string]time.Duration{"STUDENT": 100 * time.Millisecond, "TEACHER": 50 * time.Millisecond}
		s := sessionOf(t, provider.Methods{schema + ".invitations.create": func(_ context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				time.Sleep(times[args["role"]])
				user := strings.ToLower(args["userId"])
				if invited[user] != "" {
					yield(nil, provider.Errorf(provider.AlreadyExists, "there is one"))
					return
				}
				invited[user] = args["role"]
				yield(provider.Row{"i", args["courseId"], args["userId"], args["role"]}, nil)
			}
		}}, sqlengine.Options{ParallelChanges: 8})
		_, sum, err := run(t.Context(), s, `INSERT OR IGNORE INTO invitations (courseId, userId, role) VALUES ('1', 'a@b.c', 'STUDENT'), ('1', 'A@B.C', 'TEACHER')`)
		if err != nil || sum.Changed != 1 || sum.Already != 1 || invited["a@b.c"] != "STUDENT" {
			t.Errorf("a@b.c is invited as %s, %+v, %v, want STUDENT, the first row", invited["a@b.c"], sum, err)
		}
	})
}

// Who stops a change whose rows are all over is not told that it was stopped.
func TestStoppedTooLate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := &desk{refuse: func(user string) error {
		if user == "1001" {
			cancel()
			return provider.Errorf(provider.AlreadyExists, "there is one")
		}
		return nil
	}}
	sql := strings.Replace(invite(2), "INSERT", "INSERT IGNORE", 1)
	_, sum, err := run(ctx, d.session(t, 1), sql[:strings.Index(sql, "RETURNING")])
	if err != nil || sum.Changed != 1 || sum.Already != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestProgressOfChange looks at what became of the rows of a change each time that one
// is sent.
func TestProgressOfChange(t *testing.T) {
	var s *sqlengine.Session
	var got []sqlengine.Progress
	s = (&desk{refuse: func(user string) error {
		got = append(got, s.Progress())
		switch user {
		case "1001":
			return provider.Errorf(provider.AlreadyExists, "there is one")
		case "1002", "1003":
			return provider.Errorf(provider.NotFound, "there is no such user")
		}
		return nil
	}}).session(t, 1)
	sql, _, _ := strings.Cut(strings.Replace(invite(5), "INSERT", "INSERT IGNORE", 1), "RETURNING")
	if _, sum, err := run(t.Context(), s, sql); err == nil || sum.Changed != 2 {
		t.Errorf("%+v, %v", sum, err)
	}
	want := []sqlengine.Progress{
		{Verb: "INSERT", Calls: 5},
		{Verb: "INSERT", Calls: 5, Over: 1, Done: 1},
		{Verb: "INSERT", Calls: 5, Over: 2, Done: 1, Already: 1},
		{Verb: "INSERT", Calls: 5, Over: 3, Done: 1, Already: 1, Failed: 1},
		{Verb: "INSERT", Calls: 5, Over: 4, Done: 1, Already: 1, Failed: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if after := s.Progress(); after != (sqlengine.Progress{}) {
		t.Errorf("after it there is %+v", after)
	}
}
