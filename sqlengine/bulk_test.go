package sqlengine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// TestPlannedInLittleMemory plans a change of a hundred thousand rows: what is in
// memory does not grow with them.
func TestPlannedInLittleMemory(t *testing.T) {
	heap := func(rows int) (used int64) {
		s := sessionOf(t, awkward(t).methods, sqlengine.Options{
			Files: &madeRoster{lines: rows},
			Consent: func(_ context.Context, c sqlengine.Change) error {
				if c.Rows != rows {
					t.Errorf("%d rows are planned, want %d", c.Rows, rows)
				}
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				used = int64(m.HeapAlloc)
				return &sqlengine.ConsentError{Message: "not now"}
			},
		})
		_, _, err := run(t.Context(), s, `INSERT INTO invitations (courseId, userId, role) SELECT course, email, role FROM csv('-')`)
		if sqlengine.Describe(err).Exit != sqlengine.ExitConsent {
			t.Fatal(said(err))
		}
		return used
	}
	few := heap(2000)
	if grown := heap(100_000) - few; grown > 4<<20 {
		t.Errorf("98,000 more rows take %d MB", grown>>20)
	}
}

// TestManyRowsInOrder has more rows than are kept in memory: each is called for
// once, and told of in order, those that are recorded as well.
func TestManyRowsInOrder(t *testing.T) {
	const rows = 5000
	d := &desk{refuse: func(user string) error {
		if strings.HasSuffix(user, "000") {
			return provider.Errorf(provider.NotFound, "nobody is %s", user)
		}
		return nil
	}}
	o := openOffice(t, func(_ *office, methods provider.Methods) { methods[schema+".invitations.create"] = d.create })
	got, sum, err := run(t.Context(), o.session, invite(rows))
	failed, ok := errors.AsType[*sqlengine.ChangeError](err)
	if !ok || len(failed.Failures) != 5 || failed.Failures[4].Row != 4001 || sum.Changed != rows-5 || d.made.Load() != rows-5 || !failed.Returned {
		t.Fatalf("%+v, %d made, %v", sum, d.made.Load(), err)
	}
	for i, row := range got.rows {
		if want := fmt.Sprint(1001 + i + i/999); row[0] != want {
			t.Fatalf("row %d is %v, want %s", i, row, want)
		}
	}
	if run, lines := o.said(t); run.Counts.Done != rows-5 || run.Counts.Failed != 5 || !strings.HasPrefix(lines[4000], "4001 failed") {
		t.Errorf("the journal has %+v", run.Counts)
	}
}

// What is known of a row is known of those that wait in a file too: what it was, and
// its line of a roster.
func TestManyRowsKnown(t *testing.T) {
	const rows = 1100
	all := made(map[string][]provider.Row{"invitations": invited("1", rows)}).methods
	all[schema+".invitations.delete"] = func(_ context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
		return func(func(provider.Row, error) bool) {}
	}
	all[schema+".invitations.create"] = func(_ context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
		return func(yield func(provider.Row, error) bool) {
			yield(nil, provider.Errorf(provider.NotFound, "nobody is %s", args["userId"]))
		}
	}
	out, _, err := run(t.Context(), sessionOf(t, all, sqlengine.Options{}), `DELETE FROM invitations WHERE courseId = '1' RETURNING courseId`)
	if err != nil || len(out.rows) != rows || out.rows[rows-1][0] != "1" {
		t.Errorf("%d rows, the last of course %v, %v", len(out.rows), out.rows[len(out.rows)-1], err)
	}
	s := sessionOf(t, all, sqlengine.Options{Files: &madeRoster{lines: rows}})
	_, _, err = run(t.Context(), s, `INSERT INTO invitations (courseId, userId, role) SELECT course, email, role FROM csv('-')`)
	failed, ok := errors.AsType[*sqlengine.ChangeError](err)
	if !ok || len(failed.Failures) != rows || !strings.HasSuffix(failed.Failures[rows-1].From(), fmt.Sprint(":", rows+1)) {
		t.Errorf("%s", said(err))
	}
}

// TestReturningOutcomes asks what became of each row.
func TestReturningOutcomes(t *testing.T) {
	for _, tt := range []struct{ name, sql, want, err string }{
		{
			"insert", `INSERT INTO invitations (courseId, userId, role) VALUES ('101', 'c@example.edu', 'STUDENT'), ('101', 'a@example.edu', 'STUDENT')
				RETURNING userId LIKE '1%', status, error_code, error_message`,
			`1 | "done" | NULL | NULL; 0 | "refused" | "ALREADY_EXISTS" | "Requested entity already exists"`, "ALREADY_EXISTS",
		},
		{
			"already there", `INSERT IGNORE INTO invitations (courseId, userId, role) VALUES ('101', 'a@example.edu', 'STUDENT') RETURNING STATUS, "error_code"`,
			`"already there" | "ALREADY_EXISTS"`, "",
		},
		{
			"star", `DELETE FROM invitations WHERE id IN ('ia', 'none') RETURNING *, i.status`, "", "unknown_column",
		},
		{
			"star and more", `DELETE FROM invitations AS i WHERE id IN ('ia', 'none') RETURNING id, i.role, i.status s`,
			`"ia" | "STUDENT" | "done"; "none" | NULL | "refused"`, "NOT_FOUND",
		},
		{
			"star alone", `DELETE FROM invitations WHERE id = 'ia' RETURNING *`,
			`"ia" | "101" | "115121173457061989452" | "STUDENT"`, "",
		},
		{
			"star beside", `DELETE FROM invitations WHERE id = 'ia' RETURNING *, status`,
			`"ia" | "101" | "115121173457061989452" | "STUDENT" | "done"`, "",
		},
		{
			"exec", `EXEC invitations.accept @id IN ('ia', 'none') RETURNING id, courseId, status, error_code`,
			`"ia" | "101" | "done" | NULL; "none" | NULL | "refused" | "NOT_FOUND"`, "NOT_FOUND",
		},
		{
			"exec of a query", `EXEC invitations.accept SELECT id FROM invitations WHERE courseId = '101' RETURNING id, role`,
			`"ia" | "STUDENT"; "ib" | "STUDENT"`, "",
		},
		{
			"exec in parentheses", `EXEC invitations.accept (SELECT id FROM invitations WHERE courseId = '101' AND id = 'ib') RETURNING *`,
			`"ib" | "101" | "116254824458857976265" | "STUDENT"`, "",
		},
		{"update", `UPDATE invitations SET role = 'TEACHER' WHERE courseId = '101' RETURNING role, status`, `"TEACHER" | "done"; "TEACHER" | "done"`, ""},
		{
			"star of a table", `DELETE FROM invitations AS i WHERE id = 'ia' RETURNING i.*, status, "i" . *`,
			`"ia" | "101" | "115121173457061989452" | "STUDENT" | "done" | "ia" | "101" | "115121173457061989452" | "STUDENT"`, "",
		},
		{"a name that is given", `DELETE FROM invitations WHERE id IN ('ia', 'none') RETURNING id AS status`, `"ia"`, "NOT_FOUND"},
		{"given and asked", `DELETE FROM invitations WHERE id IN ('ia', 'none') RETURNING id AS error_code, status AS s`, `"ia" | "done"; "none" | "refused"`, "NOT_FOUND"},
		{"nothing to return", `EXEC invitations.list @courseId = '101' RETURNING id`, "", "syntax"},
		{"no list", `EXEC invitations.accept @id = 'ia' RETURNING`, "", "syntax"},
		{"all refused", `DELETE FROM invitations WHERE id IN ('x', 'y') RETURNING id, status`, `"x" | "refused"; "y" | "refused"`, "NOT_FOUND"},
		{"all refused, without", `DELETE FROM invitations WHERE id IN ('x', 'y') RETURNING id`, ``, "NOT_FOUND"},
	} {
		for _, recorded := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, journal %v", tt.name, recorded), func(t *testing.T) {
				o := openOffice(t, nil)
				if !recorded {
					o.session = o.withoutJournal(t)
				}
				out, _, err := run(t.Context(), o.session, tt.sql)
				if got := strings.Join(lines(out.rows), "; "); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
				if code := sqlengine.Describe(err).Code; code != tt.err {
					t.Errorf("%s, want %q", said(err), tt.err)
				}
			})
		}
	}
}

// TestListedInPart calls a method that lists, which is refused for one of its
// arguments: the rows of the others are there.
func TestListedInPart(t *testing.T) {
	o := openOffice(t, nil)
	out, _, err := run(t.Context(), o.session, `EXEC invitations.list @courseId IN ('101', '999')`)
	if e := sqlengine.Describe(err); len(out.rows) != 2 || e.Exit != sqlengine.ExitPartial {
		t.Errorf("%d rows, %s (exit code %d)", len(out.rows), said(err), e.Exit)
	}
	out, _, err = run(t.Context(), o.session, `EXEC invitations.list @courseId = '101', @userId = 'd@example.edu'`)
	if err != nil || len(out.rows) != 0 {
		t.Errorf("of who is not invited: %v, %v", out.rows, err)
	}
}

// TestStopAtFailure has the first refused row be the last that is sent.
func TestStopAtFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{latency: time.Millisecond, refuse: func(user string) error {
			if user == "1003" {
				return provider.Errorf(provider.NotFound, "nobody")
			}
			return nil
		}}
		s := sessionOf(t, provider.Methods{schema + ".invitations.create": d.create}, sqlengine.Options{StopAtFailure: true, ParallelChanges: 32})
		out, sum, err := run(t.Context(), s, invite(100)+", status")
		if d.made.Load() != 3 || sum.Changed != 3 || sum.Failed != 1 || sum.Untried != 96 || sum.Calls != 4 {
			t.Errorf("%d made, %+v", d.made.Load(), sum)
		}
		if p := sqlengine.Describe(err); p.Exit != sqlengine.ExitPartial || p.Message != "INSERT: 1 of 100 rows failed, and 96 were not tried" {
			t.Errorf("%s", said(err))
		}
		if got := lines(out.rows); len(got) != 100 || got[3] != `"1003" | "refused"` || got[99] != `"1099" | "not tried"` {
			t.Errorf("it returned %d rows, %q", len(got), got)
		}
	})
}

// TestBadRosters reads rosters as people save them: what is wrong is told by its
// line before anything is sent.
func TestBadRosters(t *testing.T) {
	const roster = `INSERT INTO invitations (courseId, userId, role) SELECT course, email, role FROM csv('r.csv')`
	long := "course,email,role\n101,a@example.edu,STUDENT\n101," + strings.Repeat("x", 10<<20) + ",STUDENT\n"
	for _, tt := range []struct{ name, text, want string }{
		{"a column is missing", "course,email\n101,c@example.edu\n", "unknown_column: there is no column role (r.csv has course and email)"},
		{"a column is called otherwise", "course,e-mail,role\n101,c@example.edu,STUDENT\n", "unknown_column: there is no column email (did you mean \"e-mail\"?)"},
		{"no header", "101,c@example.edu,STUDENT\n", "unknown_column: there is no column course (r.csv has 101, c@example.edu and STUDENT)"},
		{"empty", "", "file: r.csv: the file is empty"},
		{"blank ids", "course,email,role\n101,,STUDENT\n101,c@example.edu,STUDENT\n,d@example.edu,STUDENT\n", "missing_parameter: row 1 (r.csv:2): userId is NULL; also row 3 (r.csv:4): courseId is NULL"},
		{"wrong roles", "course,email,role\n101,c@example.edu,PUPIL\n101,d@example.edu,student\n", "unknown_value: row 1 (r.csv:2): role cannot be PUPIL; also row 2 (r.csv:3): role cannot be student"},
		{"a value is missing", "course,email,role\n101,c@example.edu\n", "file: r.csv:2: 2 values for 3 columns"},
		{"a quote is not closed", "course,email,role\n101,\"c@example.edu,STUDENT\n", "file: r.csv:2: a quote is not closed, or something stands after it"},
		{"a line of 10 MB", long, "file: r.csv:3: the record is longer than 1 MB"},
		{"not UTF-8", "course,email,role\n101,M\xfcller,STUDENT\n", "file: r.csv:2: byte 0xfc is not UTF-8"},
		{"Windows", "\xef\xbb\xbfcourse;email;role\r\n101;\"c@example.edu\";STUDENT\r\n", ""},
		{"quotes with a line break", "course,email,role,note\r\n101,c@example.edu,STUDENT,\"a \"\"b\"\"\r\nc\"\r\n101,,STUDENT,\r\n", "missing_parameter: row 2 (r.csv:4): userId is NULL"},
		{
			"duplicates and strangers", "course,email,role\n101,a@example.edu,STUDENT\n101,c@example.edu,STUDENT\n101,c@example.edu,STUDENT\n101,x@example.edu,STUDENT\n999,c@example.edu,TEACHER\n",
			"ALREADY_EXISTS: INSERT: 4 of 5 rows failed; " +
				"2 rows invitations.create: 409 ALREADY_EXISTS: Requested entity already exists (row 1 (r.csv:2) courseId=101 role=STUDENT userId=a@example.edu; row 3 (r.csv:4) courseId=101 role=STUDENT userId=c@example.edu); " +
				"2 rows invitations.create: 404 NOT_FOUND: Requested entity was not found. (row 4 (r.csv:5) courseId=101 role=STUDENT userId=x@example.edu; row 5 (r.csv:6) courseId=999 role=TEACHER userId=c@example.edu)",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := openOffice(t, nil)
			s := o.withFiles(t, map[string]string{"r.csv": tt.text})
			_, sum, err := run(t.Context(), s, roster)
			p := sqlengine.Describe(err)
			got := ""
			if err != nil {
				got = p.Code + ": " + p.Message
			}
			for _, d := range p.Details {
				got += "; " + d.Label + " " + d.Text
			}
			if p.Code == "unknown_column" {
				got += " (" + p.Hint + ")"
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if sent := o.calls["invitations.create"]; (p.Exit == sqlengine.ExitSQL) != (sent == 0) {
				t.Errorf("%d calls, %+v, exit code %d", sent, sum, p.Exit)
			}
		})
	}
}

// TestLineOfJoinedRow has rows be made of a file and of what the API says.
func TestLineOfJoinedRow(t *testing.T) {
	const files = "course,email\n101,c@example.edu\n102,d@example.edu\n101,\n"
	for _, query := range []string{
		`SELECT r.course, r.email, 'STUDENT' FROM csv('r.csv') r JOIN courses c ON c.id = r.course`,
		`SELECT r.course, r.email, 'STUDENT' FROM csv('r.csv') r WHERE r.course IN (SELECT id FROM courses)`,
		`SELECT r.course, r.email, 'STUDENT' FROM csv('r.csv') r WHERE NOT EXISTS (SELECT 1 FROM invitations i WHERE i.courseId = '101' AND i.userId = r.email) AND course = '101'`,
		`SELECT r.course, r.email, CASE (SELECT count(*) FROM students s WHERE s.courseId = '101') WHEN 0 THEN 'STUDENT' END FROM csv('r.csv') r WHERE course = '101'`,
	} {
		o := openOffice(t, nil)
		_, _, err := run(t.Context(), o.withFiles(t, map[string]string{"r.csv": files}), `INSERT INTO invitations (courseId, userId, role) `+query)
		if got, want := said(err), "missing_parameter: row 2 (r.csv:4): userId is NULL (create needs it; nothing was sent)"; got != want {
			t.Errorf("%s\ngot  %s\nwant %s", query, got, want)
		}
	}
}

// Who stops a change is told so, whatever it was to return.
func TestStoppedReturning(t *testing.T) {
	for _, returning := range []string{"", "RETURNING userId", "RETURNING userId, status"} {
		for _, made := range []int64{0, 1} {
			d := &desk{}
			ctx, cancel := context.WithCancel(t.Context())
			d.refuse = func(string) error {
				if d.made.Load() < made {
					return nil
				}
				cancel()
				return ctx.Err()
			}
			_, sum, err := run(ctx, d.session(t, 1), `INSERT INTO invitations (courseId, userId, role)
				VALUES ('1', '2', 'STUDENT'), ('1', '3', 'STUDENT'), ('1', '4', 'STUDENT') `+returning)
			if sqlengine.Describe(err).Exit != sqlengine.ExitInterrupted || sum.Changed != int(made) || sum.Untried != 3-int(made) {
				t.Errorf("%s, %d made: %+v, %s", returning, made, sum, said(err))
			}
		}
	}
}

// While a change is under way the file of its rows has no name that a process that
// is killed would leave behind, where the system knows such files.
func TestRowsLeftBehind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	var during []os.DirEntry
	s := sessionOf(t, provider.Methods{schema + ".invitations.create": (&desk{}).create}, sqlengine.Options{
		Consent: func(context.Context, sqlengine.Change) (err error) {
			during, err = os.ReadDir(folder)
			return err
		},
	})
	if _, sum, err := run(t.Context(), s, invite(2000)); err != nil || sum.Changed != 2000 {
		t.Fatalf("%+v, %v", sum, err)
	}
	after, err := os.ReadDir(folder)
	if err != nil || len(after) > 0 || len(during) > 0 && runtime.GOOS != "windows" {
		t.Errorf("%v during, %v after, %v", during, after, err)
	}
}

// TestTimeAndQuota plans changes at the pace of a backend: how long they take, and how
// many of them there may be in a day.
func TestTimeAndQuota(t *testing.T) {
	const roster = `INSERT INTO invitations (courseId, userId, role) SELECT course, email, role FROM csv('-')`
	for _, tt := range []struct {
		name, sql string
		dry       bool
		calls     string
		want      string
	}{
		{"dry run", roster, true, "1184", "POST /v1/invitations; about 1m6s at 18 a second; 500 a day for a caller"},
		{"explain", `EXPLAIN ` + roster, false, "1 for each row", "POST /v1/invitations; 500 a day for a caller"},
		{
			"explain of rows in the text", `EXPLAIN INSERT INTO invitations (courseId, userId, role) VALUES ('1', '2', 'STUDENT'), ('1', '3', 'STUDENT')`,
			false, "2", "POST /v1/invitations; about 1s at 18 a second; 500 a day for a caller",
		},
		{
			"two calls a row", `UPDATE invitations SET role = 'TEACHER' WHERE id IN ('bb1', 'bb2')`,
			true, "", "about 1s at 18 a second",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calls := 0
			methods := awkward(t).methods
			for id := range methods {
				if strings.HasSuffix(id, "create") || strings.HasSuffix(id, "delete") {
					methods[id] = func(context.Context, provider.Args) iter.Seq2[provider.Row, error] {
						calls++
						return func(func(provider.Row, error) bool) {}
					}
				}
			}
			s := sessionOf(t, methods, sqlengine.Options{Rate: 18, DryRun: tt.dry, Files: &madeRoster{lines: 1184}})
			out, _, err := run(t.Context(), s, tt.sql)
			if err != nil || len(out.rows) == 0 {
				t.Fatal(said(err))
			}
			last := out.rows[len(out.rows)-1]
			if got := fmt.Sprint(last[6]); !strings.Contains(got, tt.want) || tt.calls != "" && last[5] != tt.calls || calls > 0 {
				t.Errorf("the change is %v for %v calls, want %s for %s; %d were made", got, last[5], tt.want, tt.calls, calls)
			}
		})
	}
	var asked sqlengine.Change
	s := sessionOf(t, awkward(t).methods, sqlengine.Options{Rate: 18, Files: &madeRoster{lines: 1184}, Consent: func(_ context.Context, c sqlengine.Change) error {
		asked = c
		return &sqlengine.ConsentError{}
	}})
	if _, _, err := run(t.Context(), s, roster); sqlengine.Describe(err).Exit != sqlengine.ExitConsent || asked.Takes != 66*time.Second {
		t.Errorf("asked %+v, %s", asked, said(err))
	}
}
