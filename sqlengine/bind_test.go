package sqlengine_test

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// parametrized returns a statement with a parameter in the place of each text and
// number, and the values of these.
func parametrized(sql string) (string, map[string]any) {
	var out strings.Builder
	values := map[string]any{}
	var last syntax.Token
	for tok := range syntax.Scan(sql) {
		name := fmt.Sprintf("p%04d", len(values)+1)
		switch {
		case tok.Kind == syntax.String && !last.Is("AS"):
			values[name] = tok.Name()
			out.WriteString(":" + name)
		default:
			out.WriteString(tok.Text)
		}
		if tok.Kind != syntax.Space {
			last = tok
		}
	}
	return out.String(), values
}

// bound runs a statement with parameters for its texts.
func bound(t *testing.T, s *sqlengine.Session, sql string) (*table, sqlengine.Summary, error) {
	t.Helper()
	text, values := parametrized(sql)
	s.Bind(values)
	defer s.Bind(nil)
	got, sum, err := run(t.Context(), s, text)
	for i, name := range got.columns {
		got.columns[i] = unplaced(name, values)
	}
	return got, sum, err
}

// TestBoundAsTyped runs statements twice: as they are, and with parameters in the
// place of their texts. The rows, the calls, and what is wrong are the same.
func TestBoundAsTyped(t *testing.T) {
	for _, sql := range []string{
		`SELECT id FROM invitations WHERE courseId = '1003' ORDER BY id`,
		`SELECT id FROM invitations WHERE '1003' = courseId ORDER BY id`,
		`SELECT id FROM invitations WHERE courseId IS '1003' ORDER BY id`,
		`SELECT id FROM invitations WHERE courseId = 'd:algebra' AND userId = 'me'`,
		`SELECT id FROM invitations WHERE courseId = 'no such course'`,
		`SELECT id FROM invitations WHERE courseId = 'o''clock'`,
		`SELECT id FROM invitations WHERE courseId = ''`,
		`SELECT id FROM invitations WHERE courseId = '1003' AND userId = 'o''brien@awk.example'`,
		`SELECT id FROM invitations WHERE courseId = '1003' AND userId IN ('o''brien@awk.example', 'me')`,
		`SELECT u.id FROM user_profiles u WHERE u.userId = 'me'`,
		`SELECT name FROM courses WHERE id = '1003' OR id = '1001' ORDER BY name`,
		`SELECT name FROM courses WHERE id BETWEEN '1001' AND '1003' ORDER BY name`,
		`SELECT name FROM courses WHERE name LIKE 'A%' ORDER BY name`,
		`SELECT id FROM invitations WHERE courseId = '1003' AND userId LIKE '%@awk.example'`,
		`DELETE FROM invitations WHERE courseId = '1003' AND userId <> 'admin@awk.example'`,
		`INSERT INTO invitations (courseId, userId, role) SELECT id, 'seven@awk.example', 'STUDENT' FROM courses WHERE id = '1003'`,
		`SELECT * FROM invitations WHERE id = 'cc3'`,
		`SELECT * FROM invitations WHERE id = 'nope'`,
		`SELECT id FROM invitations WHERE courseId IN ('1001', '1003') ORDER BY id`,
		`SELECT c.id, i.id FROM courses c JOIN invitations i ON i.courseId = c.id WHERE c.courseState = 'ACTIVE' ORDER BY 1, 2`,
		`SELECT c.id, i.id FROM courses c JOIN invitations i ON i.courseId = c.id AND i.userId = 'me' WHERE c.id = '1003'`,
		`SELECT (SELECT name FROM courses WHERE id = '1003') AS name`,
		`SELECT (SELECT name FROM courses WHERE id = '1003')`,
		`SELECT id FROM invitations WHERE courseId = '1003' AND role = 'STUDNT'`,
		`SELECT 'a;b--c' AS x, upper('x') AS y`,
		`SELECT upper('x'), 'x' || 'y'`,
		`EXPLAIN SELECT id FROM invitations WHERE courseId = '1003' AND role = 'STUDENT'`,
		`SHOW METHODS IN invitations WHERE MethodName = 'get'`,
		`INSERT INTO invitations (courseId, userId, role) VALUES ('1003', 'nobody@else.example', 'STUDENT') RETURNING courseId, role, 'new' AS mark`,
		`INSERT INTO invitations (courseId, userId, role) VALUES ('1003', 'nobody@else.example', 'PUPIL')`,
		`DELETE FROM invitations WHERE id = 'cc3' RETURNING id, 'gone' AS mark`,
		`DELETE FROM invitations WHERE id IN ('cc3', 'cc2')`,
		`DELETE FROM invitations WHERE courseId = '1003' AND role = 'TEACHER' RETURNING id`,
		`UPDATE invitations SET role = 'TEACHER' WHERE id = 'cc1'`,
		`EXEC invitations.delete @id = 'cc3'`,
		`EXEC invitations.delete @id IN ('cc3', 'cc2')`,
		`EXEC invitations.create @@json = '{"courseId": "1003", "userId": "nobody@else.example", "role": "STUDENT"}'`,
		`CREATE TABLE made AS SELECT 'x' AS a`,
	} {
		t.Run(sql, func(t *testing.T) {
			t.Parallel()
			var reports [2]string
			for i, run := range []func(*testing.T, *sqlengine.Session, string) (*table, sqlengine.Summary, error){typed, bound} {
				rec := &recorder{}
				s := session(t, rec.record(classroom.Methods(caller(t, readSchool(t, "awkward.yaml"), ""))))
				got, sum, err := run(t, s, sql)
				var b strings.Builder
				write(&b, got, sum, rec.calls, err)
				text, values := parametrized(sql)
				reports[i] = strings.NewReplacer(text, sql).Replace(unplaced(b.String(), values))
			}
			if d := cmp.Diff(reports[0], reports[1]); d != "" {
				t.Errorf("%s\nwith parameters (-typed +bound)\n%s", sql, d)
			}
		})
	}
}

func typed(t *testing.T, s *sqlengine.Session, sql string) (*table, sqlengine.Summary, error) {
	t.Helper()
	return run(t.Context(), s, sql)
}

// unplaced returns a report with texts in the place of parameters, and without the
// places of errors, which are others.
func unplaced(report string, values map[string]any) string {
	for name, value := range values {
		report = strings.ReplaceAll(report, ":"+name, "'"+strings.ReplaceAll(value.(string), "'", "''")+"'")
	}
	return regexp.MustCompile(`(?m)^  at .*\n`).ReplaceAllString(report, "")
}

// TestBoundNeverAlters binds any text in places where it could do harm if it were
// more than a value.
func TestBoundNeverAlters(t *testing.T) {
	s := demo(t)
	if _, _, err := run(t.Context(), s, `CREATE TABLE kept(x TEXT)`); err != nil {
		t.Fatal(err)
	}
	awkward := rapid.SampledFrom([]string{
		"'", "''", "';DROP TABLE kept;--", "\x00", "a\x00b", "--", "/*", "*/", ":x", "\xff\xfe", "", "\ufeff", "]", "\"", "`", "\\", "\n", "é", "漢字", "0", "1e5",
	})
	rapid.Check(t, func(rt *rapid.T) {
		x := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9@.:_+-]{0,20}`)).Draw(rt, "x")
		x = awkward.Draw(rt, "before") + x + awkward.Draw(rt, "after")
		s.Bind(map[string]any{"x": x})
		for _, sql := range []string{
			`SELECT :x AS x`,
			`WITH v(x) AS (VALUES (:x)) SELECT x FROM v`,
			`WITH v(x) AS (SELECT :x) SELECT x FROM v WHERE x = :x`,
			`WITH v(x) AS (SELECT :x) SELECT x FROM v WHERE :x = x AND x IS :x AND x IN (:x)`,
			`SELECT x FROM (SELECT :x AS x)WHERE x=:x`,
		} {
			got, _, err := run(t.Context(), s, sql)
			if err != nil {
				rt.Fatalf("%s with %q: %s", sql, x, said(err))
			}
			if len(got.rows) != 1 || got.rows[0][0] != x {
				rt.Fatalf("%s with %q = %q", sql, x, got.rows)
			}
		}
		for _, sql := range []string{`SELECT id FROM courses WHERE id = :x`, `SELECT 1 FROM kept WHERE x = :x`} {
			if got, _, err := run(t.Context(), s, sql); err == nil && len(got.rows) > 0 {
				rt.Fatalf("%s with %q has %q", sql, x, got.rows)
			}
		}
	})
}

func TestBoundTypes(t *testing.T) {
	s := demo(t)
	long := strings.Repeat("x", 1<<20)
	s.Bind(map[string]any{
		"n": int64(2), "least": int64(math.MinInt64), "f": 1.5, "yes": true, "none": nil, "text": "2", "long": long, "blob": []byte{0xff},
	})
	for _, tt := range []struct {
		sql  string
		want []string
	}{
		{`SELECT :n + 1, :least, :f, :yes, :none`, []string{`3 | -9223372036854775808 | 1.5f | 1 | NULL`}},
		{`SELECT typeof(:n), typeof(:f), typeof(:none), typeof(:text), typeof(:blob)`, []string{`"integer" | "real" | "null" | "text" | "blob"`}},
		{`SELECT id FROM courses ORDER BY id LIMIT :n`, []string{`"101"`, `"620015"`}},
		{`SELECT id FROM courses ORDER BY id LIMIT :text`, []string{`"101"`, `"620015"`}},
		{`SELECT length(:long)`, []string{`1048576`}},
		{`SELECT value FROM json_each('[3,1,2]') ORDER BY :n`, []string{`3`, `1`, `2`}},
	} {
		got, _, err := run(t.Context(), s, tt.sql)
		if err != nil {
			t.Errorf("%s: %s", tt.sql, said(err))
			continue
		}
		if d := cmp.Diff(tt.want, lines(got.rows)); d != "" {
			t.Errorf("%s (-want +got)\n%s", tt.sql, d)
		}
	}
}

func TestUnbound(t *testing.T) {
	s := demo(t)
	s.Bind(map[string]any{"course": "101", "user": "me"})
	for _, tt := range []struct{ sql, want string }{
		{`SELECT id FROM courses WHERE id = :corse`, `1:35: there is no value for :corse; did you mean :course?`},
		{`SELECT :zzz`, `1:8: there is no value for :zzz; give it one: --param zzz=VALUE; there is :course, :user`},
		{"SELECT 1,\n ?", `2:2: there is no value for ?; a parameter is a colon and a name, such as :course, and has its value by that name`},
		{`SELECT $course`, `1:8: there is no value for $course; a parameter is a colon and a name, such as :course, and has its value by that name`},
		{`SELECT @course`, `1:8: there is no value for @course; a parameter begins with a colon: :course; @name is an argument of EXEC`},
		{`SELECT @rows`, `1:8: there is no value for @rows; a parameter begins with a colon: :rows; @name is an argument of EXEC`},
		{`EXPLAIN SELECT :zz`, `1:16: there is no value for :zz; give it one: --param zz=VALUE; there is :course, :user`},
		{`SELECT * FROM csv(:zz)`, `1:19: there is no value for :zz; give it one: --param zz=VALUE; there is :course, :user`},
		{`EXEC invitations.accept @id = :zz`, `1:31: there is no value for :zz; give it one: --param zz=VALUE; there is :course, :user`},
		{`SELECT id FROM :course`, `1:16: unexpected :course; `},
		{`CREATE TEMP VIEW v AS SELECT :course AS c`, `1:30: a view cannot have a parameter; write the value, or CREATE TABLE ... AS SELECT, which keeps the rows`},
	} {
		_, _, err := run(t.Context(), s, tt.sql)
		e, ok := errors.AsType[*syntax.Error](err)
		if !ok {
			t.Errorf("%s: %v, want an error with a place", tt.sql, err)
			continue
		}
		if got := e.Error() + "; " + e.Hint; got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.sql, got, tt.want)
		}
	}
}

// TestTextForNumber has comparisons of a count with a text, which no row passes.
func TestTextForNumber(t *testing.T) {
	s := demo(t)
	for _, tt := range []struct {
		sql   string
		value any
		notes int
	}{
		{`SELECT role FROM invitations WHERE courseId = '620015' GROUP BY role HAVING count(*) > :n`, "1", 1},
		{`SELECT role FROM invitations WHERE courseId = '620015' GROUP BY role HAVING :n < count(*)`, "1", 1},
		{`SELECT role FROM invitations WHERE courseId = '620015' GROUP BY role HAVING count(*) > :n`, int64(1), 0},
		{`SELECT role FROM invitations WHERE courseId = :n GROUP BY role`, "620015", 0},
		{`SELECT substr('101', 1) = :n`, "101", 0},
	} {
		s.Bind(map[string]any{"n": tt.value})
		_, sum, err := run(t.Context(), s, tt.sql)
		if err != nil || len(sum.Notices) != tt.notes {
			t.Errorf("%s with %#v: notes %q, %v, want %d", tt.sql, tt.value, sum.Notices, err, tt.notes)
		}
	}
}
