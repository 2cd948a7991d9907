package sqlengine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/journal"
)

// office is a school whose changes are recorded.
type office struct {
	session *sqlengine.Session
	methods provider.Methods
	store   *journal.Store
	path    string
	backend classroom.Backend
	calls   map[string]int // by method
}

// class is a course with four pupils, two of whom are invited.
const class = `
users:
- {email: admin@example.edu, name: Alex Admin, admin: true}
- {email: a@example.edu, name: A}
- {email: b@example.edu, name: B}
- {email: c@example.edu, name: C}
- {email: d@example.edu, name: D}
courses:
- {id: "101", name: Algebra, ownerId: admin@example.edu, courseState: ACTIVE}
invitations:
- {id: ia, courseId: "101", userId: a@example.edu, role: STUDENT}
- {id: ib, courseId: "101", userId: b@example.edu, role: STUDENT}
`

// openOffice opens the office. change puts something in the place of methods.
func openOffice(t *testing.T, change func(*office, provider.Methods)) *office {
	t.Helper()
	school, err := emulator.ReadSchool("class.yaml", strings.NewReader(class))
	if err != nil {
		t.Fatal(err)
	}
	admin := caller(t, school, "")
	o := &office{path: filepath.Join(t.TempDir(), "journal.db"), calls: map[string]int{}}
	o.backend = classroom.Acting(classroom.People{
		Asker: admin,
		As:    func(address string) (classroom.Backend, error) { return admin.Delegate(address) },
	})
	if o.store, err = journal.Open(o.path); err != nil {
		t.Fatal(err)
	}
	methods := classroom.Methods(o.backend)
	for id, f := range methods {
		methods[id] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			o.calls[strings.TrimPrefix(id, schema+".")]++
			return f(ctx, args)
		}
	}
	if change != nil {
		change(o, methods)
	}
	o.methods = methods
	if o.session, err = sqlengine.Open(t.Context(), o.options()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(o.session.Close(), o.store.Close()); err != nil {
			t.Error(err)
		}
	})
	return o
}

// options are those of a session.
func (o *office) options() sqlengine.Options {
	return sqlengine.Options{
		Registry: registry.Embedded(),
		Backend:  func(context.Context) (provider.Methods, error) { return o.methods, nil },
		Journal: func(context.Context) (*journal.Store, journal.Identity, error) {
			return o.store, journal.Identity{As: "admin@example.edu", Backend: "mock:memory"}, nil
		},
		Changes: func(context.Context) (map[string]provider.Change, error) { return classroom.Changes(o.backend), nil },
	}
}

// withoutJournal returns a session whose changes are not recorded.
func (o *office) withoutJournal(t *testing.T) *sqlengine.Session {
	t.Helper()
	if err := o.session.Close(); err != nil {
		t.Fatal(err)
	}
	return sessionOf(t, o.methods, sqlengine.Options{Changes: func(context.Context) (map[string]provider.Change, error) {
		return classroom.Changes(o.backend), nil
	}})
}

// withFiles returns a session that reads files.
func (o *office) withFiles(t *testing.T, files map[string]string) *sqlengine.Session {
	t.Helper()
	s, _ := fileSession(t, o.methods, files, sqlengine.Options{})
	return s
}

// said is what the journal has of the last run: a line for each call.
func (o *office) said(t *testing.T) (run journal.Run, lines []string) {
	t.Helper()
	runs, err := o.store.List(t.Context())
	if err != nil || len(runs) == 0 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	run, calls, err := o.store.Show(t.Context(), runs[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		line := fmt.Sprintf("%d %s %s", c.Row, c.State, c.Args)
		if c.Code != "" {
			line += " " + c.Code
		}
		if c.Before != nil {
			line += fmt.Sprintf(" was %v", c.Before[:1])
		}
		if c.Answer != nil {
			line += fmt.Sprintf(" answered %v", c.Answer[3])
		}
		lines = append(lines, line)
	}
	return run, lines
}

// lost replaces a method by one that is done, but for the reply.
func lost(method string) func(*office, provider.Methods) {
	return func(_ *office, methods provider.Methods) {
		f := methods[schema+"."+method]
		methods[schema+"."+method] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				for range f(ctx, args) {
				}
				e := provider.Errorf(provider.Unavailable, "the reply was lost")
				e.Doubt = true
				yield(nil, e)
			}
		}
	}
}

func TestRecorded(t *testing.T) {
	const list, get = "invitations.list", "invitations.get"
	tests := []struct {
		name, statement string
		want            []string
		calls           map[string]int
	}{
		{
			"literal", `INSERT INTO invitations (courseId, userId, role) VALUES ('101', 'c@example.edu', 'STUDENT')`,
			[]string{"1 done courseId=101 role=STUDENT userId=c@example.edu answered STUDENT"},
			map[string]int{"invitations.create": 1},
		},
		{
			"refused", `INSERT INTO invitations (courseId, userId, role) VALUES ('101', 'a@example.edu', 'STUDENT'), ('101', 'd@example.edu', 'TEACHER')`,
			[]string{"1 failed courseId=101 role=STUDENT userId=a@example.edu ALREADY_EXISTS", "2 done courseId=101 role=TEACHER userId=d@example.edu answered TEACHER"},
			map[string]int{"invitations.create": 2},
		},
		{
			"ignored", `INSERT IGNORE INTO invitations (courseId, userId, role) VALUES ('101', 'a@example.edu', 'STUDENT')`,
			[]string{"1 there courseId=101 role=STUDENT userId=a@example.edu ALREADY_EXISTS"},
			map[string]int{"invitations.create": 1},
		},
		{
			"delete", `DELETE FROM invitations WHERE courseId = '101'`,
			[]string{"1 done id=ia was [ia]", "2 done id=ib was [ib]"},
			map[string]int{list: 1, "invitations.delete": 2},
		},
		{
			"delete by key", `DELETE FROM invitations WHERE id IN ('ia', 'none')`,
			[]string{"1 done id=ia was [ia]", "2 failed id=none NOT_FOUND"},
			map[string]int{"invitations.delete": 2},
		},
		{
			"delete returning", `DELETE FROM invitations WHERE courseId = '101' RETURNING id`,
			[]string{"1 done id=ia was [ia]", "2 done id=ib was [ib]"},
			map[string]int{list: 1, "invitations.delete": 2},
		},
		{
			"update", `UPDATE invitations SET role = 'TEACHER' WHERE courseId = '101' AND id = 'ia'`,
			[]string{"1 done courseId=101 role=TEACHER userId=115121173457061989452 was [ia] answered TEACHER"},
			map[string]int{get: 1, "invitations.delete": 1, "invitations.create": 1},
		},
		{
			"update of nothing", `UPDATE invitations SET role = 'STUDENT' WHERE courseId = '101' AND id = 'ia'`,
			[]string{"1 done courseId=101 role=STUDENT userId=115121173457061989452 was [ia] answered STUDENT"},
			map[string]int{get: 1},
		},
		{
			"fixed arguments", `EXEC invitations.create @userId IN ('c@example.edu', 'd@example.edu') @@json = '{"courseId": "101", "role": "STUDENT"}'`,
			[]string{"1 done courseId=101 role=STUDENT userId=c@example.edu answered STUDENT", "2 done courseId=101 role=STUDENT userId=d@example.edu answered STUDENT"},
			map[string]int{"invitations.create": 2},
		},
		{
			"accept", `EXEC invitations.accept SELECT id FROM invitations WHERE courseId = '101'`,
			[]string{"1 done id=ia was [ia]", "2 done id=ib was [ib]"},
			map[string]int{list: 1, "invitations.accept": 2},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := openOffice(t, nil)
			_, sum, _ := run(t.Context(), o.session, tt.statement)
			got, lines := o.said(t)
			if diff := cmp.Diff(tt.want, lines); diff != "" {
				t.Errorf("the journal has (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.calls, o.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if got.Statement != tt.statement || sum.Run != got.ID || got.Line != 1 || got.Ended.IsZero() {
				t.Errorf("the run is %+v", got)
			}
		})
	}
}

func TestNotRecorded(t *testing.T) {
	o := openOffice(t, nil)
	for _, statement := range []string{
		`SELECT id FROM invitations WHERE courseId = '101'`,
		`EXEC invitations.list @courseId = '101'`,
		`EXPLAIN DELETE FROM invitations WHERE courseId = '101'`,
		`DELETE FROM invitations WHERE courseId = '101' AND role = 'OWNER'`,
	} {
		if _, sum, err := run(t.Context(), o.session, statement); err != nil || sum.Run != "" {
			t.Errorf("%s: run %q, %v", statement, sum.Run, err)
		}
	}
	if runs, err := o.store.List(t.Context()); err != nil || len(runs) > 0 {
		t.Errorf("there are runs: %v, %v", runs, err)
	}
}

// TestRetrySettles loses the replies of changes, and goes on with them: none is
// made twice.
func TestRetrySettles(t *testing.T) {
	tests := []struct{ method, statement, want string }{
		{
			"invitations.create", `INSERT INTO invitations (courseId, userId, role) VALUES ('101', 'c@example.edu', 'STUDENT')`,
			"1 done courseId=101 role=STUDENT userId=c@example.edu answered STUDENT",
		},
		{"invitations.delete", `DELETE FROM invitations WHERE id = 'ia'`, "1 done id=ia was [ia]"},
		{"invitations.accept", `EXEC invitations.accept @id = 'ia'`, "1 done id=ia was [ia]"},
		{
			"invitations.create", `UPDATE invitations SET role = 'TEACHER' WHERE id = 'ia'`,
			"1 done courseId=101 role=TEACHER userId=115121173457061989452 was [ia] answered TEACHER",
		},
		{
			"invitations.delete", `UPDATE invitations SET role = 'TEACHER' WHERE id = 'ia'`,
			"1 done courseId=101 role=TEACHER userId=115121173457061989452 was [ia] answered TEACHER",
		},
	}
	for _, tt := range tests {
		t.Run(tt.method, func(t *testing.T) {
			o := openOffice(t, lost(tt.method))
			_, sum, err := run(t.Context(), o.session, tt.statement)
			if _, lines := o.said(t); err == nil || sum.Again != 1 || !strings.HasPrefix(lines[0], "1 unknown") {
				t.Fatalf("%v, to be made again: %d, the journal has %v", err, sum.Again, lines)
			}
			again, err := o.session.Retry(t.Context(), sum.Run, false)
			got, lines := o.said(t)
			if err != nil || again.Changed != 1 || lines[0] != tt.want || !got.Complete {
				t.Errorf("Retry() = %+v, %v, the journal has %v", again, err, lines)
			}
			if again, err := o.session.Retry(t.Context(), sum.Run, true); err != nil || again.Calls != 0 {
				t.Errorf("a second Retry() = %+v, %v", again, err)
			}
			if o.calls[tt.method] != 1 {
				t.Errorf("%d calls", o.calls[tt.method])
			}
		})
	}
}

// TestMadeOnce has several rows be about the same, and the replies to them be lost: a
// row that finds what another made counts as there already, also when it is gone on
// with.
func TestMadeOnce(t *testing.T) {
	seek := func(o *office, methods provider.Methods) {
		name := schema + ".invitations.create"
		create := methods[name]
		methods[name] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				for range create(ctx, args) { // and the reply is lost
				}
				_, answer, err := classroom.Changes(o.backend)[name].Settle(ctx, args, nil)
				yield(answer, err)
			}
		}
	}
	once := false
	doubt := func(_ *office, methods provider.Methods) {
		name := schema + ".invitations.create"
		create := methods[name]
		methods[name] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			if !once {
				once = true
				return create(ctx, args)
			}
			return func(yield func(provider.Row, error) bool) {
				yield(nil, &provider.Error{Code: provider.Unavailable, Message: "the reply was lost", Doubt: true})
			}
		}
	}
	const statement = ` INTO invitations (courseId, userId, role) VALUES ('101', 'c@example.edu', 'STUDENT'), ('101', 'C@Example.edu', 'STUDENT')`
	for _, change := range []func(*office, provider.Methods){seek, doubt} {
		o := openOffice(t, change)
		_, sum, err := run(t.Context(), o.session, "INSERT"+statement)
		if sum.Again > 0 {
			sum, err = o.session.Retry(t.Context(), sum.Run, false)
		}
		_, lines := o.said(t)
		if provider.CodeOf(err) != provider.AlreadyExists || !strings.Contains(err.Error(), "another row of the change made it") || !strings.HasSuffix(lines[0], "answered STUDENT") || !strings.HasSuffix(lines[1], "ALREADY_EXISTS") {
			t.Errorf("%s, the journal has %v", said(err), lines)
		}
	}
	o := openOffice(t, seek)
	if _, sum, err := run(t.Context(), o.session, "INSERT IGNORE"+statement); err != nil || sum.Changed != 1 || sum.Already != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestNoRetryWhereNothingChanges checks that a change on record is neither gone on
// with nor undone where only reading is allowed, nor in a dry run, which counts its calls.
func TestNoRetryWhereNothingChanges(t *testing.T) {
	for _, tt := range []struct {
		readOnly, dry bool
	}{{true, false}, {false, true}, {true, true}} {
		o := openOffice(t, func(o *office, methods provider.Methods) {
			f := methods[schema+".invitations.create"]
			methods[schema+".invitations.create"] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
				if strings.HasPrefix(args["userId"], "d") {
					return func(yield func(provider.Row, error) bool) { yield(nil, provider.Errorf(provider.Unavailable, "later")) }
				}
				return f(ctx, args)
			}
		})
		_, sum, err := run(t.Context(), o.session, `INSERT INTO invitations (courseId, userId, role)
			VALUES ('101', 'c@example.edu', 'STUDENT'), ('101', 'd@example.edu', 'STUDENT')`)
		if err == nil || sum.Again != 1 {
			t.Fatalf("%+v, %v", sum, err)
		}
		_, before := o.said(t)
		opts := o.options()
		opts.ReadOnly, opts.DryRun = tt.readOnly, tt.dry
		o.session.Use(opts)
		clear(o.calls)
		retried, retryErr := o.session.Retry(t.Context(), sum.Run, true)
		undone, undoErr := o.session.Undo(t.Context(), sum.Run)
		for what, err := range map[string]error{"Retry": retryErr, "Undo": undoErr} {
			if e, ok := errors.AsType[*sqlengine.ConsentError](err); ok == tt.dry || ok && !strings.HasSuffix(e.Message, "only reading is allowed") {
				t.Errorf("%s() = %v with %+v", what, err, tt)
			}
		}
		if tt.dry && (retried.Planned != 1 || retried.Verb != "INSERT" || undone.Planned != 1 || undone.Verb != "DELETE") {
			t.Errorf("Retry() = %+v, Undo() = %+v, want a row each", retried, undone)
		}
		if _, after := o.said(t); !slices.Equal(before, after) || len(o.calls) > 0 {
			t.Errorf("the journal has %v, and had %v; calls %v", after, before, o.calls)
		}
	}
}

// TestRetryAsks has somebody be told how many rows remain of a change before it is
// gone on with, who may not want it to.
func TestRetryAsks(t *testing.T) {
	o := openOffice(t, lost("invitations.delete"))
	_, sum, err := run(t.Context(), o.session, `DELETE FROM invitations WHERE courseId = '101'`)
	if err == nil || sum.Again != 2 {
		t.Fatalf("%+v, %v", sum, err)
	}
	var asked sqlengine.Change
	o.session.Use(sqlengine.Options{
		Registry: registry.Embedded(),
		Backend:  func(context.Context) (provider.Methods, error) { return o.methods, nil },
		Changes:  func(context.Context) (map[string]provider.Change, error) { return classroom.Changes(o.backend), nil },
		Journal: func(context.Context) (*journal.Store, journal.Identity, error) {
			return o.store, journal.Identity{}, nil
		},
		Consent: func(_ context.Context, c sqlengine.Change) error {
			asked = c
			return &sqlengine.ConsentError{Message: "too many"}
		},
	})
	clear(o.calls)
	_, err = o.session.Retry(t.Context(), sum.Run, false)
	if sqlengine.Describe(err).Exit != sqlengine.ExitConsent || asked.Rows != 2 || asked.Queried || len(o.calls) > 0 {
		t.Errorf("%s, asked %+v, calls %v", said(err), asked, o.calls)
	}
}

// TestJournalFails has the journal fail during a change: what follows is not sent.
func TestJournalFails(t *testing.T) {
	o := openOffice(t, func(o *office, methods provider.Methods) {
		methods[schema+".invitations.delete"] = func(context.Context, provider.Args) iter.Seq2[provider.Row, error] {
			return func(func(provider.Row, error) bool) {
				o.calls["deleted"]++
				db, err := sqlite3.Open(o.path)
				if err != nil {
					t.Error(err)
					return
				}
				if err := errors.Join(db.Exec(`ALTER TABLE calls RENAME TO gone`), db.Close()); err != nil {
					t.Error(err)
				}
			}
		}
	})
	_, sum, err := run(t.Context(), o.session, `DELETE FROM invitations WHERE courseId = '101'`)
	failed, ok := errors.AsType[*journal.Error](err)
	if !ok || o.calls["deleted"] != 1 || sum.Changed != 1 || sum.Again != 1 {
		t.Errorf("%v (%v) after %d calls, %+v", err, failed, o.calls["deleted"], sum)
	}
	want := "DELETE: done for 1 of 2 rows: the journal " + o.path
	if p := sqlengine.Describe(err); !strings.HasPrefix(p.Message, want) || p.Exit != sqlengine.ExitFailed || p.Hint == "" {
		t.Errorf("Describe() = %+v", p)
	}
	if len(sum.Notices) == 0 {
		t.Error("nothing says that not all is recorded")
	}
}

func TestUndo(t *testing.T) {
	o := openOffice(t, nil)
	_, sum, err := run(t.Context(), o.session, `DELETE FROM invitations WHERE courseId = '101'`)
	if err != nil {
		t.Fatal(err)
	}
	undone, err := o.session.Undo(t.Context(), sum.Run)
	got, lines := o.said(t)
	if err != nil || undone.Verb != "INSERT" || undone.Changed != 2 || got.Undid != sum.Run || got.Backend != "mock:memory" || len(lines) != 2 {
		t.Errorf("Undo() = %+v, %v, the journal has %v", undone, err, lines)
	}
	if _, err := o.session.Undo(t.Context(), sum.Run); sqlengine.Describe(err).Exit != sqlengine.ExitConsent {
		t.Errorf("a second Undo(): %v", err)
	}
	back, err := o.session.Undo(t.Context(), undone.Run)
	if err != nil || back.Verb != "DELETE" || back.Changed != 2 {
		t.Errorf("Undo() of what undid = %+v, %v", back, err)
	}
}

// TestUpdateOfTheWithdrawn has somebody else withdraw an invitation before an UPDATE
// of it: whoever tries again does not invite anew.
func TestUpdateOfTheWithdrawn(t *testing.T) {
	o := openOffice(t, func(_ *office, methods provider.Methods) {
		remove := methods[schema+".invitations.delete"]
		methods[schema+".invitations.delete"] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				for range remove(ctx, args) { // by somebody else
				}
				remove(ctx, args)(yield)
			}
		}
	})
	_, sum, err := run(t.Context(), o.session, `UPDATE invitations SET role = 'TEACHER' WHERE id = 'ia'`)
	if provider.CodeOf(err) != provider.NotFound {
		t.Fatal(said(err))
	}
	again, err := o.session.Retry(t.Context(), sum.Run, true)
	if provider.CodeOf(err) != provider.NotFound || o.calls["invitations.create"] != 0 {
		t.Errorf("Retry() = %+v, %s, %d calls of create", again, said(err), o.calls["invitations.create"])
	}
}

// An UPDATE that would make what is there already is not taken for done when it is gone
// on with: the row is as it was.
func TestUpdateOfTwoIntoOne(t *testing.T) {
	o := openOffice(t, nil)
	once := false
	name := schema + ".invitations.delete"
	remove := o.methods[name]
	o.methods[name] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
		if once {
			return remove(ctx, args)
		}
		once = true
		return func(yield func(provider.Row, error) bool) { // it never arrives
			yield(nil, &provider.Error{Code: provider.Unavailable, Doubt: true, Message: "the reply was lost"})
		}
	}
	_, sum, err := run(t.Context(), o.session, `UPDATE invitations SET userId = 'b@example.edu' WHERE id = 'ia'`)
	if sum.Unknown != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	sum, err = o.session.Retry(t.Context(), sum.Run, false)
	if provider.CodeOf(err) != provider.AlreadyExists || sum.Changed != 0 || !strings.Contains(err.Error(), "the row was made again as it was") {
		t.Errorf("Retry() = %+v, %v", sum, err)
	}
	there, _, err := run(t.Context(), o.session, `SELECT id FROM invitations WHERE courseId = '101'`)
	if err != nil || len(there.rows) != 2 {
		t.Errorf("the invitations are %v, %v", there.rows, err)
	}
}

// TestUpdateGoneForLater has an UPDATE be refused, and what it deleted too: who goes on
// with it gets the invitation back, also where that was done and the reply was lost.
// Undo tells of it before, where it is not refused for good.
func TestUpdateGoneForLater(t *testing.T) {
	for _, later := range []*provider.Error{
		provider.Errorf(provider.ResourceExhausted, "no more today"),
		provider.Errorf(provider.Unavailable, "not now"),
		provider.Errorf(provider.PermissionDenied, "not any more"),
		{Code: provider.Unavailable, Message: "the reply was lost", Doubt: true},
	} {
		forGood := later.Code == provider.PermissionDenied
		spent := true
		o := openOffice(t, func(_ *office, methods provider.Methods) {
			create := methods[schema+".invitations.create"]
			methods[schema+".invitations.create"] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
				return func(yield func(provider.Row, error) bool) {
					if args["courseId"] != "101" || !spent {
						create(ctx, args)(yield)
						return
					}
					if later.Doubt {
						for range create(ctx, args) {
						}
					}
					yield(nil, later)
				}
			}
		})
		_, sum, err := run(t.Context(), o.session, `UPDATE invitations SET courseId = 'none' WHERE id = 'ia'`)
		if (sum.Again != 1) != forGood || !strings.Contains(fmt.Sprint(err), "NOT_FOUND") || !strings.Contains(fmt.Sprint(err), "could not be made as it was (courseId=101)") {
			t.Fatalf("%v: %+v, %s", later, sum, said(err))
		}
		if undone, err := o.session.Undo(t.Context(), sum.Run); !forGood && (err != nil || len(undone.Notices) != 1 || !strings.HasPrefix(undone.Notices[0], "what became of 1 row is not settled")) {
			t.Errorf("%v: Undo() = %+v, %v", later, undone, err)
		}
		spent = false
		if _, err = o.session.Retry(t.Context(), sum.Run, forGood); provider.CodeOf(err) != provider.NotFound || !strings.Contains(err.Error(), "the row was made again as it was") {
			t.Errorf("%v: Retry() says %v", later, err)
		}
		there, _, err := run(t.Context(), o.session, `SELECT role FROM invitations WHERE courseId = '101' AND userId = 'a@example.edu'`)
		if err != nil || len(there.rows) != 1 {
			t.Errorf("%v: the invitations are %v, %v", later, there, err)
		}
	}
}

func TestUndoUpdate(t *testing.T) {
	o := openOffice(t, nil)
	_, sum, err := run(t.Context(), o.session, `UPDATE invitations SET role = 'TEACHER' WHERE courseId = '101'`)
	if err != nil {
		t.Fatal(err)
	}
	undone, err := o.session.Undo(t.Context(), sum.Run)
	got, lines := o.said(t)
	if err != nil || undone.Verb != "UPDATE" || undone.Changed != 2 || got.Undid != sum.Run || !strings.HasSuffix(lines[1], "answered STUDENT") {
		t.Errorf("Undo() = %+v, %v, the journal has %v", undone, err, lines)
	}
	there, _, err := run(t.Context(), o.session, `SELECT id FROM invitations WHERE courseId = '101' AND role = 'STUDENT'`)
	if err != nil || len(there.rows) != 2 {
		t.Errorf("the invitations of students are %v, %v", there.rows, err)
	}
}

func TestUndoTellsWhatItCannot(t *testing.T) {
	o := openOffice(t, nil)
	_, sum, err := run(t.Context(), o.session, `EXEC invitations.accept SELECT id FROM invitations WHERE courseId = '101'`)
	if err != nil {
		t.Fatal(err)
	}
	undone, err := o.session.Undo(t.Context(), sum.Run)
	want := []string{"2 rows cannot be undone: who accepted is in the course"}
	if diff := cmp.Diff(want, undone.Notices); err != nil || undone.Run != "" || diff != "" {
		t.Errorf("Undo() = %+v, %v (-want +got):\n%s", undone, err, diff)
	}
}

// TestInterrupted stops a change in the middle: what was not sent is planned, and
// is sent by Retry.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	o := openOffice(t, func(_ *office, methods provider.Methods) {
		create := methods[schema+".invitations.create"]
		methods[schema+".invitations.create"] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			defer stop()
			return create(ctx, args)
		}
	})
	_, sum, err := run(ctx, o.session, `INSERT INTO invitations (courseId, userId, role) VALUES ('101', 'c@example.edu', 'STUDENT'), ('101', 'd@example.edu', 'STUDENT')`)
	if got, _ := o.said(t); !errors.Is(err, context.Canceled) || got.Counts.Planned != 1 || sum.Again != 2 {
		t.Fatalf("%v, to be made again: %d, %+v", err, sum.Again, got.Counts)
	}
	again, err := o.session.Retry(t.Context(), sum.Run, false)
	if got, lines := o.said(t); err != nil || again.Changed == 0 || got.Counts.Done != 2 {
		t.Errorf("Retry() = %+v, %v, the journal has %v", again, err, lines)
	}
}

// A deletion that arrives late, after UPDATE was gone on with and had looked, leaves
// no row that is only deleted.
func TestUpdateLateDelete(t *testing.T) {
	once := false
	o := openOffice(t, func(_ *office, methods provider.Methods) {
		name := schema + ".invitations.delete"
		remove := methods[name]
		methods[name] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				if !once { // it was sent, and is on its way
					once = true
					yield(nil, &provider.Error{Code: provider.Unavailable, Doubt: true, Message: "the reply was lost"})
					return
				}
				for range remove(ctx, args) {
				}
				yield(nil, provider.Errorf(provider.NotFound, "it is gone"))
			}
		}
	})
	_, sum, err := run(t.Context(), o.session, `UPDATE invitations SET role = 'TEACHER' WHERE id = 'ia'`)
	if err == nil || sum.Unknown != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if sum, err = o.session.Retry(t.Context(), sum.Run, false); err != nil || sum.Changed != 1 {
		t.Errorf("retry: %+v, %v", sum, err)
	}
	if _, lines := o.said(t); !strings.Contains(lines[0], "1 done") || !strings.Contains(lines[0], "answered TEACHER") {
		t.Errorf("the journal has %s", lines)
	}
}
