package sqlengine_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/journal"
)

// looking has look say what became of calls, in the place of the backend. method is
// "create" or "delete", role that of the arguments.
func (o *office) looking(look func(method, role string) (provider.Fate, error)) {
	changes := maps.Clone(classroom.Changes(o.backend))
	for id, change := range changes {
		change.Settle = func(_ context.Context, args provider.Args, before provider.Row) (provider.Fate, provider.Row, error) {
			fate, err := look(strings.TrimPrefix(id, schema+".invitations."), args["role"])
			return fate, before, err
		}
		changes[id] = change
	}
	o.session.Use(sqlengine.Options{
		Registry: registry.Embedded(),
		Backend:  func(context.Context) (provider.Methods, error) { return o.methods, nil },
		Changes:  func(context.Context) (map[string]provider.Change, error) { return changes, nil },
		Journal: func(context.Context) (*journal.Store, journal.Identity, error) {
			return o.store, journal.Identity{}, nil
		},
	})
}

// TestRetryLooks goes on with a change whose reply was lost, for all that the look for
// it may find: no call is made where it cannot be told whether there is one already.
func TestRetryLooks(t *testing.T) {
	const (
		insert = `INSERT INTO invitations (courseId, userId, role) VALUES ('101', 'c@example.edu', 'STUDENT')`
		update = `UPDATE invitations SET role = 'TEACHER' WHERE id = 'ia'`
	)
	always := func(fate provider.Fate, err error) func(string, string) (provider.Fate, error) {
		return func(string, string) (provider.Fate, error) { return fate, err }
	}
	later := provider.Errorf(provider.Unavailable, "not now")
	for _, tt := range []struct {
		name, statement, lost string
		look                  func(method, role string) (provider.Fate, error)
		calls                 int
		state, says           string
	}{
		{"not done", insert, "invitations.create", always(provider.Undone, nil), 1, "unknown", "the reply was lost"},
		{"unclear", insert, "invitations.create", always(provider.Unclear, later), 0, "unknown", "cannot be told: UNAVAILABLE"},
		{"lost", insert, "invitations.create", always(provider.Lost, provider.Errorf(provider.NotFound, "it was withdrawn")), 0, "failed", "it was withdrawn"},
		{"update, unclear", update, "invitations.delete", always(provider.Unclear, later), 0, "unknown", "cannot be told"},
		{"update, deletion unclear", update, "invitations.delete", func(method, _ string) (provider.Fate, error) {
			if method == "delete" {
				return provider.Unclear, later
			}
			return provider.Undone, nil
		}, 0, "unknown", "cannot be told"},
		{"update, as it was unclear", update, "invitations.delete", func(method, role string) (provider.Fate, error) {
			switch {
			case method == "delete":
				return provider.Done, nil
			case role == "STUDENT":
				return provider.Unclear, later
			}
			return provider.Undone, nil
		}, 0, "unknown", "cannot be told"},
		{"update, made by another", update, "invitations.delete", func(method, _ string) (provider.Fate, error) {
			if method == "delete" {
				return provider.Undone, nil
			}
			return provider.Done, nil
		}, 1, "unknown", "the reply was lost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := openOffice(t, lost(tt.lost))
			_, sum, err := run(t.Context(), o.session, tt.statement)
			if sum.Unknown != 1 {
				t.Fatalf("%+v, %v", sum, err)
			}
			o.looking(tt.look)
			clear(o.calls)
			_, err = o.session.Retry(t.Context(), sum.Run, false)
			_, lines := o.said(t)
			if !strings.HasPrefix(lines[0], "1 "+tt.state+" ") || !strings.Contains(fmt.Sprint(err), tt.says) {
				t.Errorf("Retry() = %v, the journal has %v, want it %s, and %q", err, lines, tt.state, tt.says)
			}
			if got := o.calls["invitations.create"] + o.calls["invitations.delete"]; got != tt.calls {
				t.Errorf("%v were made, want %d", o.calls, tt.calls)
			}
		})
	}
}

// TestRetryLateCreate has an invitation arrive late, after it was looked for: who is
// refused for it looks again, but not where the refusal says nothing of it.
func TestRetryLateCreate(t *testing.T) {
	for _, tt := range []struct {
		refusal provider.Code
		looks   int
		state   string
	}{{provider.AlreadyExists, 2, "done"}, {provider.Unavailable, 1, "failed"}} {
		o := openOffice(t, lost("invitations.create"))
		_, sum, err := run(t.Context(), o.session, `INSERT INTO invitations (courseId, userId, role) VALUES ('101', 'c@example.edu', 'STUDENT')`)
		if sum.Unknown != 1 {
			t.Fatalf("%+v, %v", sum, err)
		}
		o.methods[schema+".invitations.create"] = func(context.Context, provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) { yield(nil, provider.Errorf(tt.refusal, "no")) }
		}
		looks := 0
		o.looking(func(string, string) (provider.Fate, error) {
			if looks++; looks == 1 {
				return provider.Undone, nil
			}
			return provider.Done, nil
		})
		_, err = o.session.Retry(t.Context(), sum.Run, false)
		if _, lines := o.said(t); looks != tt.looks || !strings.HasPrefix(lines[0], "1 "+tt.state) {
			t.Errorf("after %v: %d looks, %v, the journal has %v", tt.refusal, looks, err, lines)
		}
	}
}

// TestRetryOfRefused goes on with an INSERT IGNORE of what is there. It counts as made
// by the change only where the refusal may have been followed by it.
func TestRetryOfRefused(t *testing.T) {
	for refusal, want := range map[provider.Code]journal.State{
		provider.ResourceExhausted: journal.There,
		provider.Unauthenticated:   journal.There,
		provider.Unavailable:       journal.Done,
	} {
		refused := true
		o := openOffice(t, func(_ *office, methods provider.Methods) {
			create := methods[schema+".invitations.create"]
			methods[schema+".invitations.create"] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
				if !refused {
					return create(ctx, args)
				}
				return func(yield func(provider.Row, error) bool) { yield(nil, provider.Errorf(refusal, "not now")) }
			}
		})
		_, sum, err := run(t.Context(), o.session, `INSERT IGNORE INTO invitations (courseId, userId, role) VALUES ('101', 'a@example.edu', 'STUDENT')`)
		if sum.Again != 1 {
			t.Fatalf("%+v, %v", sum, err)
		}
		refused = false
		sum, err = o.session.Retry(t.Context(), sum.Run, false)
		if got, lines := o.said(t); err != nil || !strings.HasPrefix(lines[0], "1 "+string(want)) || !got.Complete {
			t.Errorf("%v: Retry() = %+v, %v, the journal has %v, want %s", refusal, sum, err, lines, want)
		}
	}
}

// What was there before an INSERT IGNORE stays when that is undone.
func TestUndoLeavesWhatWasThere(t *testing.T) {
	o := openOffice(t, nil)
	_, sum, err := run(t.Context(), o.session, `INSERT IGNORE INTO invitations (courseId, userId, role) VALUES ('101', 'a@example.edu', 'STUDENT'), ('101', 'c@example.edu', 'STUDENT')`)
	if err != nil || sum.Already != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	undone, err := o.session.Undo(t.Context(), sum.Run)
	if err != nil || undone.Changed != 1 || len(undone.Notices) > 0 {
		t.Errorf("Undo() = %+v, %v", undone, err)
	}
	there, _, err := run(t.Context(), o.session, `SELECT id FROM invitations WHERE courseId = '101' ORDER BY id`)
	if got := strings.Join(lines(there.rows), "; "); err != nil || got != `"ia"; "ib"` {
		t.Errorf("the invitations are %s, %v", got, err)
	}
}
