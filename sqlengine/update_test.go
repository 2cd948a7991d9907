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

// board is one invitation, which is deleted and made. refuse says which cannot be
// made; then is called after each call.
type board struct {
	row    provider.Row
	calls  []string
	refuse func(role string) error
	then   func(call string)
}

func (b *board) methods() provider.Methods {
	method := func(name string, f func(ctx context.Context, args provider.Args) (provider.Row, error)) provider.Func {
		return func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				b.calls = append(b.calls, strings.TrimSpace(name+" "+args["role"]))
				row, err := f(ctx, args)
				if b.then != nil {
					b.then(name)
				}
				if row != nil || err != nil {
					yield(row, err)
				}
			}
		}
	}
	return provider.Methods{
		schema + ".invitations.get": method("get", func(context.Context, provider.Args) (provider.Row, error) {
			return b.row, nil
		}),
		schema + ".invitations.delete": method("delete", func(context.Context, provider.Args) (provider.Row, error) {
			b.row = nil
			return nil, nil
		}),
		schema + ".invitations.create": method("create", func(ctx context.Context, args provider.Args) (provider.Row, error) {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if b.refuse != nil {
				if err := b.refuse(args["role"]); err != nil {
					return nil, err
				}
			}
			b.row = provider.Row{"new", args["courseId"], args["userId"], args["role"]}
			return b.row, nil
		}),
	}
}

// TestUpdate has a row be made anew, be refused, and be stopped in between.
func TestUpdate(t *testing.T) {
	const sql = `UPDATE invitations SET role = 'TEACHER' WHERE id = 'old'`
	refused := provider.Errorf(provider.FailedPrecondition, "not this one")
	for _, tt := range []struct {
		name   string
		refuse func(role string) error
		stop   string // after this call the person stops
		calls  string
		role   any // that the invitation has in the end, nil for no invitation
		says   string
	}{
		{"done", nil, "", "get, delete, create TEACHER", "TEACHER", ""},
		{"stopped after the delete", nil, "delete", "get, delete, create TEACHER", "TEACHER", ""},
		{"refused", func(role string) error {
			if role == "TEACHER" {
				return refused
			}
			return nil
		}, "", "get, delete, create TEACHER, create STUDENT", "STUDENT", "not this one; the row was made again as it was"},
		{"refused both ways", func(string) error { return refused }, "", "get, delete, create TEACHER, create STUDENT", nil, "the row is gone, and could not be made as it was (role=STUDENT)"},
		{"stopped before", nil, "get", "get", "STUDENT", "canceled"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := &board{row: provider.Row{"old", "1", "5", "STUDENT"}, refuse: tt.refuse}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b.then = func(call string) {
				if call == tt.stop {
					cancel()
				}
			}
			_, sum, err := run(ctx, session(t, b.methods()), sql)
			if got := strings.Join(b.calls, ", "); got != tt.calls {
				t.Errorf("calls are %s, want %s", got, tt.calls)
			}
			if sum.Calls != len(b.calls) {
				t.Errorf("the summary has %d calls (%v), want %d", sum.Calls, sum.Methods, len(b.calls))
			}
			if b.row == nil && tt.role != nil || b.row != nil && b.row[3] != tt.role {
				t.Errorf("the invitation is %v, want %v", b.row, tt.role)
			}
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, %+v, want it to say %q", err, sum, tt.says)
			}
			if tt.stop == "get" && !errors.Is(err, context.Canceled) {
				t.Errorf("it ends with %v", err)
			}
		})
	}
}

// RETURNING has a row that was made again as it was under its new key.
func TestUpdateRestoredKey(t *testing.T) {
	b := &board{row: provider.Row{"old", "1", "5", "STUDENT"}, refuse: func(role string) error {
		if role == "TEACHER" {
			return provider.Errorf(provider.FailedPrecondition, "not this one")
		}
		return nil
	}}
	got, _, _ := run(t.Context(), session(t, b.methods()), `UPDATE invitations SET role = 'TEACHER' WHERE id = 'old' RETURNING id, role, status`)
	if diff := cmp.Diff([]provider.Row{{"new", "STUDENT", "refused"}}, got.rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// An UPDATE wants a yes if a query says which rows, and none if the text does.
func TestUpdateConsent(t *testing.T) {
	for sql, want := range map[string]bool{
		`UPDATE invitations SET role = 'TEACHER' WHERE id = 'old'`:                     false,
		`UPDATE invitations SET role = 'TEACHER' WHERE id IN ('old')`:                  false,
		`UPDATE invitations SET role = 'TEACHER' WHERE id = 'old' AND role <> 'OWNER'`: true,
	} {
		b := &board{row: provider.Row{"old", "1", "5", "STUDENT"}}
		var asked *sqlengine.Change
		s := sessionOf(t, b.methods(), sqlengine.Options{Consent: func(_ context.Context, c sqlengine.Change) error {
			asked = &c
			return nil
		}})
		if _, _, err := run(t.Context(), s, sql); err != nil {
			t.Errorf("%s\n%s", sql, said(err))
		}
		if asked == nil || asked.Queried != want || asked.Rows != 1 || asked.Verb != "UPDATE" {
			t.Errorf("%s: asked about %+v, want queried = %v", sql, asked, want)
		}
	}
}

// A deletion that was under way when the person stopped may have been done: the
// row is made anew, also where the second deletion finds nothing.
func TestUpdateUnsure(t *testing.T) {
	for _, second := range []error{nil, provider.Errorf(provider.NotFound, "it is gone")} {
		b := &board{row: provider.Row{"old", "1", "5", "STUDENT"}}
		ctx, cancel := context.WithCancel(t.Context())
		methods := b.methods()
		once := false
		methods[schema+".invitations.delete"] = func(ctx context.Context, _ provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				b.row = nil
				cancel()
				err := second
				if !once {
					once, err = true, fmt.Errorf("%w: %w", ctx.Err(), provider.ErrUnsure)
				} else if ctx.Err() != nil {
					err = ctx.Err()
				}
				if err != nil {
					yield(nil, err)
				}
			}
		}
		_, _, err := run(ctx, session(t, methods), `UPDATE invitations SET role = 'TEACHER' WHERE id = 'old'`)
		if b.row == nil || b.row[3] != "TEACHER" {
			t.Errorf("second deletion %v: the invitation is %v, %v", second, b.row, err)
		}
	}
}

// What a stopped UPDATE has deleted, and nobody knows to be made anew, is not told
// of as a row that was not tried.
func TestUpdateStoppedGone(t *testing.T) {
	for _, lost := range []error{
		context.DeadlineExceeded, // nobody waited for longer
		&provider.Error{Code: provider.Unavailable, Doubt: true, Message: "the reply was lost"},
	} {
		b := &board{row: provider.Row{"old", "1", "5", "STUDENT"}, refuse: func(string) error { return lost }}
		ctx, cancel := context.WithCancel(t.Context())
		b.then = func(string) {
			if b.row == nil {
				cancel()
			}
		}
		_, sum, err := run(ctx, session(t, b.methods()), `UPDATE invitations SET role = 'TEACHER' WHERE id = 'old' RETURNING status`)
		if got, want := strings.Join(b.calls, ", "), "get, delete, create TEACHER"; got != want {
			t.Errorf("%v: calls are %s, want %s", lost, got, want)
		}
		p := sqlengine.Describe(err)
		if sum.Untried != 0 || sum.Unknown != 1 || p.Exit != sqlengine.ExitInterrupted || !strings.Contains(p.Message, "1 more rows") {
			t.Errorf("%v: %+v, %+v, want that it is not known", lost, sum, p)
		}
	}
}

// A deletion that was sent, and whose second sending is refused too, is in doubt.
func TestUpdateUnsureTwice(t *testing.T) {
	for _, second := range []error{context.DeadlineExceeded, provider.Errorf(provider.Unavailable, "the network is gone")} {
		b := &board{row: provider.Row{"old", "1", "5", "STUDENT"}}
		ctx, cancel := context.WithCancel(t.Context())
		methods := b.methods()
		methods[schema+".invitations.delete"] = func(ctx context.Context, _ provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				if ctx.Err() == nil && b.row == nil {
					yield(nil, second)
					return
				}
				b.row = nil
				cancel()
				yield(nil, fmt.Errorf("%w: %w", ctx.Err(), provider.ErrUnsure))
			}
		}
		_, sum, err := run(ctx, session(t, methods), `UPDATE invitations SET role = 'TEACHER' WHERE id = 'old'`)
		if sum.Untried != 0 || sum.Failed != 0 || sum.Unknown != 1 || sqlengine.Describe(err).Exit != sqlengine.ExitInterrupted {
			t.Errorf("%v: %+v, %s, want that it is not known", second, sum, said(err))
		}
	}
}

// TestUpdateGone has creations be refused from some on, as they are when the quota of
// the day is used up: no more rows are lost than were under way, and of the first that
// does not stay as it is, which goes alone, none but that.
func TestUpdateGone(t *testing.T) {
	const rows, most = 100, 8
	for _, tt := range []struct{ same, quota, lost int }{{0, 0, 1}, {3, 0, 1}, {0, 40, most}, {0, rows - 1, 1}} {
		synctest.Test(t, func(t *testing.T) {
			var deleted, created atomic.Int64
			all := invited("1", rows)
			for i := range tt.same {
				all[i][3] = "TEACHER"
			}
			methods := made(map[string][]provider.Row{"invitations": all}).methods
			methods[schema+".invitations.delete"] = func(context.Context, provider.Args) iter.Seq2[provider.Row, error] {
				return func(func(provider.Row, error) bool) {
					deleted.Add(1)
					time.Sleep(time.Millisecond)
				}
			}
			methods[schema+".invitations.create"] = func(_ context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
				return func(yield func(provider.Row, error) bool) {
					time.Sleep(time.Millisecond)
					if created.Add(1) > int64(tt.quota) {
						yield(nil, provider.Errorf(provider.ResourceExhausted, "no more today"))
						return
					}
					yield(provider.Row{"new", args["courseId"], args["userId"], args["role"]}, nil)
				}
			}
			s := sessionOf(t, methods, sqlengine.Options{ParallelChanges: 1000})
			_, sum, err := run(t.Context(), s, `UPDATE invitations SET role = 'TEACHER' WHERE courseId = '1'`)
			lost := int(deleted.Load()) - tt.quota
			if lost < 1 || lost > tt.lost || sum.Changed != tt.same+tt.quota || sum.Failed != lost || sum.Untried != rows-sum.Changed-lost {
				t.Errorf("after %d creations %d rows are lost: %+v", tt.quota, lost, sum)
			}
			if err == nil || !strings.Contains(err.Error(), "could not be made as it was (role=STUDENT): RESOURCE_EXHAUSTED") {
				t.Errorf("after %d creations it says %v", tt.quota, err)
			}
		})
	}
}

// An UPDATE of which it is not known whether a row is gone deletes no other.
func TestUpdateInDoubtStops(t *testing.T) {
	lost := &provider.Error{Code: provider.Unavailable, Doubt: true, Message: "the reply was lost"}
	for _, tt := range []struct {
		method string
		err    error
		calls  string
	}{
		{"create", errors.New("the answer came too late"), "delete, create"},
		{"create", lost, "delete, create"},
		{"delete", lost, "delete"},
	} {
		var calls []string
		methods := made(map[string][]provider.Row{"invitations": invited("1", 3)}).methods
		for _, name := range []string{"delete", "create"} {
			methods[schema+".invitations."+name] = func(context.Context, provider.Args) iter.Seq2[provider.Row, error] {
				return func(yield func(provider.Row, error) bool) {
					calls = append(calls, name)
					if name == tt.method {
						yield(nil, tt.err)
					}
				}
			}
		}
		_, sum, err := run(t.Context(), session(t, methods), `UPDATE invitations SET role = 'TEACHER' WHERE courseId = '1'`)
		if got := strings.Join(calls, ", "); got != tt.calls {
			t.Errorf("%s, %v: calls are %s, want %s", tt.method, tt.err, got, tt.calls)
		}
		if err == nil || sum.Unknown != 1 || sum.Untried != 2 {
			t.Errorf("%s, %v: %+v, %v, want one that is not known, and two not tried", tt.method, tt.err, sum, err)
		}
	}
}
