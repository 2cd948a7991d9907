package sqlengine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/sqlengine"
)

// TestOtherNamesNeverWrong compares columns with other names for what rows show
// (me is 9001 here) in all the places where SQLite compares. A statement either
// has the right rows or is refused: SQLite alone would compare 'me' with '9001'
// and find nothing.
func TestOtherNamesNeverWrong(t *testing.T) {
	s := session(t, classroom.Methods(caller(t, readSchool(t, "awkward.yaml"), "")))
	for _, tt := range []struct {
		name, sql string
		want      []string
	}{
		{"or", `SELECT id FROM invitations WHERE courseId = '1001' AND (userId = 'seven@awk.example' OR role = 'OWNER')`, []string{`"aa2"`, `"aa3"`}},
		{"not", `SELECT id FROM invitations WHERE courseId = '1003' AND NOT userId = 'me'`, []string{`"cc1"`, `"cc2"`}},
		{"not in", `SELECT id FROM invitations WHERE courseId = '1003' AND userId NOT IN ('me')`, []string{`"cc1"`, `"cc2"`}},
		{"not in, with a number", `SELECT id FROM invitations WHERE courseId = '1003' AND userId NOT IN ('me', '9005')`, []string{`"cc2"`}},
		{"is", `SELECT id FROM invitations WHERE courseId = '1003' AND userId IS 'me'`, []string{`"cc3"`}},
		{"and another", `SELECT id FROM invitations WHERE userId = 'me' AND userId = 'admin@awk.example' AND courseId = '1003'`, []string{`"cc3"`}},
		{"nocase", `SELECT id FROM invitations WHERE courseId = '1003' AND userId = 'me' COLLATE NOCASE`, []string{`"cc3"`}},
		{"nocase in the results", `SELECT userId = 'me' COLLATE NOCASE AS m FROM invitations WHERE courseId = '1003' AND role = 'TEACHER'`, []string{`1`}},
		{"nocase left", `SELECT id FROM invitations WHERE courseId = '1003' AND (userId COLLATE BINARY = 'me' OR role = 'OWNER')`, []string{`"cc3"`}},
		{"or of two addresses", `SELECT id FROM invitations WHERE courseId = '1001' AND (userId = 'me' OR userId = 'seven@awk.example')`, []string{`"aa2"`}},
		{"or of two aliases", `SELECT id FROM invitations WHERE (courseId = 'd:algebra' OR courseId = 'd:bio') AND role = 'TEACHER'`, []string{`"aa2"`, `"bb3"`}},
		{"or of one alias twice", `SELECT id FROM invitations WHERE (courseId = 'd:algebra' OR courseId = 'd:algebra') AND role = 'TEACHER'`, []string{`"aa2"`}},
		{"or of an alias and a number", `SELECT id FROM invitations WHERE (courseId = 'd:algebra' OR courseId = '1002') AND role = 'TEACHER' ORDER BY id`, []string{`"aa2"`, `"bb3"`}},
		{"or of columns", `SELECT id FROM invitations WHERE (courseId = 'd:algebra' AND role = 'OWNER') OR userId = 'me'`, []string{`"aa3"`, `"cc3"`, `"ee1"`}},
		{"the same twice", `SELECT id FROM invitations WHERE courseId = '1003' AND userId = 'me' AND 'me' = userId`, []string{`"cc3"`}},
		{"the same in on and where", `SELECT i.id FROM courses c JOIN invitations i ON i.courseId = c.id AND i.userId = 'me' WHERE i.userId = 'me' AND c.id = '1003'`, []string{`"cc3"`}},
		{"once asked, once in an or", `SELECT (SELECT count(*) FROM invitations WHERE courseId = '1003' AND userId = 'me') AS a, (SELECT count(*) FROM invitations WHERE courseId = '1003' AND (userId = 'me' OR role = 'OWNER')) AS b`, []string{`1 | 1`}},
		{"is not", `SELECT id FROM invitations WHERE courseId = '1003' AND userId IS NOT 'me'`, []string{`"cc1"`, `"cc2"`}},
		{"is distinct from", `SELECT id FROM invitations WHERE courseId = '1003' AND userId IS DISTINCT FROM 'me'`, []string{`"cc1"`, `"cc2"`}},
		{"is not distinct from", `SELECT id FROM invitations WHERE courseId = '1003' AND userId IS NOT DISTINCT FROM 'me'`, []string{`"cc3"`}},
		{"not equal", `SELECT id FROM invitations WHERE courseId = '1003' AND userId <> 'me'`, []string{`"cc1"`, `"cc2"`}},
		{"row value", `SELECT id FROM invitations WHERE courseId = '1003' AND (userId, role) = ('me', 'TEACHER')`, []string{`"cc3"`}},
		{"not a row value", `SELECT id FROM invitations WHERE courseId = '1003' AND NOT (userId, role) = ('me', 'TEACHER')`, []string{`"cc1"`, `"cc2"`}},
		{"row value in", `SELECT id FROM invitations WHERE courseId = '1003' AND (userId, role) IN (VALUES ('me', 'TEACHER'))`, []string{`"cc3"`}},
		{"in parentheses", `SELECT id FROM invitations WHERE courseId = '1003' AND userId = ('me')`, []string{`"cc3"`}},
		{"column in parentheses", `SELECT id FROM invitations WHERE courseId = '1003' AND ((userId) = 'me' OR role = 'OWNER')`, []string{`"cc3"`}},
		{"in with null", `SELECT c.id, i.id FROM courses c LEFT JOIN invitations i ON i.courseId = c.id AND (i.userId IN (NULL, 'me') OR i.role = 'OWNER') WHERE c.id = '1003'`, []string{`"1003" | "cc3"`}},
		{"in values", `SELECT id FROM invitations WHERE courseId = '1003' AND (userId IN (VALUES ('me')) OR role = 'OWNER')`, []string{`"cc3"`}},
		{"not in values", `SELECT id FROM invitations WHERE courseId = '1003' AND userId NOT IN (SELECT 'me')`, []string{`"cc1"`, `"cc2"`}},
		{"on the left of in", `SELECT id FROM invitations WHERE courseId = '1003' AND 'me' IN (userId, id)`, []string{`"cc3"`}},
		{"case in the results", `SELECT id, CASE WHEN userId = 'me' THEN 'mine' END AS m FROM invitations WHERE courseId = '1003' AND role = 'TEACHER'`, []string{`"cc3" | "mine"`}},
		{"case of a value", `SELECT id, CASE userId WHEN 'me' THEN 'mine' END AS m FROM invitations WHERE courseId = '1003' AND role = 'TEACHER'`, []string{`"cc3" | "mine"`}},
		{"iif", `SELECT iif(userId = 'admin@awk.example', 1, 0) AS m FROM invitations WHERE courseId = '1003' AND role = 'TEACHER'`, []string{`1`}},
		{"comparison in the results", `SELECT userId = 'me' AS mine FROM invitations WHERE courseId = '1003' AND role = 'TEACHER'`, []string{`1`}},
		{"sum of a comparison", `SELECT sum(courseId = 'd:algebra') AS n FROM invitations WHERE courseId IN ('1001', '1003')`, []string{`4`}},
		{"filter", `SELECT count(*) FILTER (WHERE userId = 'me') AS mine FROM invitations WHERE courseId = '1003'`, []string{`1`}},
		{"having", `SELECT userId FROM invitations WHERE courseId = '1003' GROUP BY userId HAVING userId = 'me'`, []string{`"9001"`}},
		{"order", `SELECT id FROM invitations WHERE courseId = '1003' ORDER BY userId = 'me' DESC, id LIMIT 1`, []string{`"cc3"`}},
		{"window", `SELECT id, count(*) OVER (PARTITION BY userId = 'me') AS n FROM invitations WHERE courseId = '1003' AND role = 'TEACHER' OR id = 'cc1'`, []string{`"cc1" | 1`, `"cc3" | 1`}},
		{"column of a query with a limit", `SELECT u FROM (SELECT userId AS u FROM invitations WHERE courseId = '1003' LIMIT 10) WHERE u = 'me'`, []string{`"9001"`}},
		{"column of a query", `SELECT u FROM (SELECT userId AS u FROM invitations WHERE courseId = '1003') WHERE u = 'me'`, []string{`"9001"`}},
		{"column of a distinct query", `SELECT userId FROM (SELECT DISTINCT userId, role FROM invitations WHERE courseId = '1003') WHERE userId = 'me'`, []string{`"9001"`}},
		{"column of a grouped query", `SELECT userId FROM (SELECT userId, count(*) FROM invitations WHERE courseId = '1003' GROUP BY userId) WHERE userId = 'me'`, []string{`"9001"`}},
		{"column of a compound", `SELECT userId FROM (SELECT userId FROM invitations WHERE courseId = '1003' UNION ALL SELECT userId FROM invitations WHERE courseId = '1005') WHERE userId = 'me'`, []string{`"9001"`, `"9001"`}},
		{"column of a with", `WITH x AS MATERIALIZED (SELECT * FROM invitations WHERE courseId = '1003') SELECT id FROM x WHERE userId = 'me'`, []string{`"cc3"`}},
		{"column of a with, renamed", `WITH x(i, u) AS MATERIALIZED (SELECT id, userId FROM invitations WHERE courseId = '1003') SELECT i FROM x WHERE u = 'me'`, []string{`"cc3"`}},
		{"view in a compound", `SELECT id FROM (SELECT id, userId FROM pending_invitations UNION SELECT id, userId FROM pending_invitations) WHERE userId = 'me' AND id = 'cc3'`, []string{`"cc3"`}},
		{"computed", `SELECT id FROM invitations WHERE courseId = '1003' AND (userId = lower('ME') OR role = 'OWNER')`, []string{`"cc3"`}},
		{"in a string of strings", `SELECT id FROM invitations WHERE courseId = '1003' AND (userId = 'admin' || '@awk.example' OR role = 'OWNER')`, []string{`"cc3"`}},
		{"values in an or", `SELECT id FROM invitations i WHERE courseId = '1003' AND (EXISTS (SELECT 1 FROM (VALUES ('admin@awk.example')) v WHERE v.column1 = i.userId) OR role = 'OWNER')`, []string{`"cc3"`}},
		{"values, the column first", `SELECT id FROM invitations i WHERE courseId = '1003' AND (EXISTS (SELECT 1 FROM (VALUES ('admin@awk.example')) v WHERE i.userId = v.column1) OR role = 'OWNER')`, []string{`"cc3"`}},
		{"join of a materialized side", `WITH x AS MATERIALIZED (SELECT * FROM invitations WHERE courseId = '1003'), r(e) AS (VALUES ('admin@awk.example')) SELECT x.id FROM x JOIN r ON x.userId = r.e`, []string{`"cc3"`}},
		{"except of names", `SELECT e FROM (VALUES ('1001')) AS v(e) WHERE 0 UNION SELECT id FROM courses WHERE id = 'd:algebra'`, []string{`"1001"`}},
		{"owner", `SELECT id FROM courses WHERE ownerId = 'me'`, []string{`"1010"`}},
		{"owner by address", `SELECT id FROM courses WHERE ownerId = 'admin@awk.example' AND room IS NULL`, []string{`"1010"`}},
		{"profile by its hidden column", `SELECT fullName FROM user_profiles WHERE userId = 'me' AND id = '9001'`, []string{`"Root Admin"`}},
		{"profile by both", `SELECT fullName FROM user_profiles WHERE userId = 'me' AND id = 'me'`, []string{`"Root Admin"`}},
		{"hidden column and a list", `SELECT fullName FROM user_profiles WHERE userId IN ('9001', '9002') AND userId = 'me'`, []string{`"Root Admin"`}},
		{"hidden column in an or", `SELECT fullName FROM user_profiles WHERE userId = 'me' OR userId = 'me'`, []string{`"Root Admin"`}},
		{"hidden column in the results", `SELECT userId = 'me' AS m FROM user_profiles WHERE id = '9001'`, []string{`1`}},
		{"letter case", `SELECT id FROM invitations WHERE courseId = '1003' AND (userId = 'ADMIN@awk.example' OR role = 'OWNER')`, []string{`"cc3"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, way := range ways {
				got, _, err := way(t, s, tt.sql)
				if err != nil {
					if p := sqlengine.Describe(err); p.Exit != sqlengine.ExitSQL || p.Kind != "sql" {
						t.Errorf("%s\n%s, exit %d, want the rows or exit %d", tt.sql, said(err), p.Exit, sqlengine.ExitSQL)
					}
					continue
				}
				if d := cmp.Diff(tt.want, lines(got.rows)); d != "" {
					t.Errorf("%s\nneither refused nor right (-want +got)\n%s", tt.sql, d)
				}
			}
		})
	}
}

// TestOtherNamesNeverChangeTheWrong checks the same of changes, whose queries
// are written in other ways.
func TestOtherNamesNeverChangeTheWrong(t *testing.T) {
	for _, tt := range []struct {
		name, sql string
		want      []string // calls of a change that are right
	}{
		{"delete by keys", `DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE courseId = '1003' AND userId <> 'me')`, []string{"invitations.delete id=cc1", "invitations.delete id=cc2"}},
		{"delete by keys, is not", `DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE courseId = '1003' AND userId IS NOT 'me')`, []string{"invitations.delete id=cc1", "invitations.delete id=cc2"}},
		{"delete by a condition", `DELETE FROM invitations WHERE courseId = '1003' AND userId <> 'me'`, []string{"invitations.delete id=cc1", "invitations.delete id=cc2"}},
		{"delete by a condition, alias", `DELETE FROM invitations AS i WHERE i.courseId = '1003' AND NOT (i.userId = 'me')`, []string{"invitations.delete id=cc1", "invitations.delete id=cc2"}},
		{"delete by not exists", `DELETE FROM invitations WHERE courseId = '1003' AND NOT EXISTS (SELECT 1 FROM (VALUES ('admin@awk.example')) v WHERE v.column1 = invitations.userId)`, []string{"invitations.delete id=cc1", "invitations.delete id=cc2"}},
		{"insert", `INSERT INTO invitations (courseId, userId, role) SELECT '1007', userId, 'STUDENT' FROM invitations WHERE courseId = '1003' AND userId <> 'me'`, []string{"invitations.create courseId=1007 role=STUDENT userId=9005", "invitations.create courseId=1007 role=STUDENT userId=9006"}},
		{"exec in", `EXEC invitations.delete @id IN (SELECT id FROM invitations WHERE courseId = '1003' AND NOT userId = 'me')`, []string{"invitations.delete id=cc1", "invitations.delete id=cc2"}},
		{"exec select", `EXEC invitations.delete SELECT id FROM invitations WHERE courseId = '1003' AND userId IS DISTINCT FROM 'me'`, []string{"invitations.delete id=cc1", "invitations.delete id=cc2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := &recorder{}
			s := session(t, rec.record(classroom.Methods(caller(t, readSchool(t, "awkward.yaml"), ""))))
			_, _, err := run(t.Context(), s, tt.sql)
			var changes []string
			for _, c := range rec.calls {
				if strings.HasPrefix(c, "invitations.delete") || strings.HasPrefix(c, "invitations.create") {
					changes = append(changes, c)
				}
			}
			want := tt.want
			if err != nil {
				want = nil
			}
			if d := cmp.Diff(want, changes); d != "" {
				t.Errorf("%s\n%v: wrong calls (-want +got)\n%s", tt.sql, err, d)
			}
		})
	}
}
