package sqlengine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// rosterOf is what the statements of these tests find besides the resources: the
// admin, whose number is 9001 and who is invited to 1003 by cc3, by address.
const rosterOf = `CREATE TABLE roster(email TEXT); INSERT INTO roster VALUES ('admin@awk.example')`

func withRoster(t *testing.T) *sqlengine.Session {
	t.Helper()
	s := session(t, classroom.Methods(caller(t, readSchool(t, "awkward.yaml"), "")))
	stmts, rest := syntax.Split("", rosterOf)
	for _, src := range append(stmts, rest) {
		if _, err := s.Run(t.Context(), src, &table{}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestRefused has statements that would touch or tell of rows that nobody meant:
// each must be refused, as wrong SQL, with a place.
func TestRefused(t *testing.T) {
	for _, tt := range []struct{ name, sql, code string }{
		{"key of another table", `DELETE FROM invitations WHERE courses.id = 'cc3'`, "unknown_column"},
		{"key of the target's name beside its alias", `DELETE FROM invitations AS i WHERE invitations.id = 'cc3'`, "unknown_column"},
		{"group by after the condition", `DELETE FROM invitations WHERE courseId = '1003' GROUP BY role`, "syntax"},
		{"union after the condition", `DELETE FROM invitations WHERE courseId = '1003' UNION SELECT id FROM invitations WHERE courseId = '1001'`, "syntax"},
		{"number that loses digits", `DELETE FROM invitations WHERE courseId = '1003' AND userId <> 100182274223822627753`, "number"},
		{"numbers that lose digits", `DELETE FROM invitations WHERE courseId = '1003' AND userId NOT IN (100182274223822627753)`, "number"},
		{"number for a user", `INSERT INTO invitations (courseId, userId, role) VALUES ('1003', 100182274223822627753, 'STUDENT')`, "number"},
		{"fraction for a user", `INSERT INTO invitations (courseId, userId, role) VALUES ('1003', 9001.5, 'STUDENT')`, "number"},
		{"pattern", `DELETE FROM invitations WHERE courseId = '1003' AND userId NOT REGEXP '@awk[.]example$'`, "other_name"},
		{"like", `DELETE FROM invitations WHERE courseId = '1003' AND userId NOT LIKE '%@awk.example'`, "other_name"},
		{"like in parentheses", `DELETE FROM invitations WHERE courseId = '1003' AND userId NOT LIKE ('%@awk.example')`, "computed_condition"},
		{"function", `DELETE FROM invitations WHERE courseId = '1003' AND lower(userId) <> 'admin@awk.example'`, "other_name"},
		{"function in parentheses", `DELETE FROM invitations WHERE courseId = '1003' AND (lower(userId)) <> 'admin@awk.example'`, "computed_condition"},
		{"function of a query", `DELETE FROM invitations WHERE courseId = '1003' AND lower(userId) NOT IN (SELECT lower(email) FROM roster)`, "computed_condition"},
		{"coalesce", `DELETE FROM invitations WHERE courseId = '1003' AND coalesce(userId, '') <> 'admin@awk.example'`, "other_name"},
		{"concatenation", `DELETE FROM invitations WHERE courseId = '1003' AND userId || '' <> 'admin@awk.example'`, "computed_condition"},
		{"instr", `DELETE FROM invitations WHERE courseId = '1003' AND instr(userId, 'admin@awk.example') = 0`, "other_name"},
		{"collate", `DELETE FROM invitations WHERE courseId = '1003' AND userId COLLATE NOCASE <> 'admin@awk.example'`, "other_name"},
		{"in an or", `SELECT id FROM invitations WHERE courseId = '1003' AND (userId = 'me' OR role = 'OWNER')`, "other_name"},
		{"not equal", `DELETE FROM invitations WHERE courseId = '1003' AND userId <> 'me'`, "other_name"},
		{"list and a comparison", `DELETE FROM invitations WHERE courseId = '1003' AND userId IN ('admin@awk.example', '9001') AND userId <> 'admin@awk.example'`, "other_name"},
		{"roster not in", `SELECT email FROM roster WHERE email NOT IN (SELECT userId FROM invitations WHERE courseId = '1003')`, "other_name"},
		{"roster not in, in parentheses", `SELECT r.email FROM roster r WHERE (r.email) NOT IN (SELECT userId FROM invitations WHERE courseId = '1003')`, "other_name"},
		{"roster not in a with", `WITH inv AS (SELECT userId FROM invitations WHERE courseId = '1003') SELECT r.email FROM roster r WHERE r.email NOT IN (SELECT userId FROM inv)`, "other_name"},
		{"roster except", `SELECT email FROM roster EXCEPT SELECT userId FROM invitations WHERE courseId = '1003'`, "other_name"},
		{"roster joined from the left", `SELECT i.id FROM invitations i LEFT JOIN roster r ON r.email = i.userId WHERE i.courseId = '1003' AND r.email IS NULL`, "other_name"},
		{"roster joined in parentheses", `SELECT i.id FROM invitations i LEFT JOIN roster r ON (r.email) = i.userId WHERE i.courseId = '1003' AND r.email IS NULL`, "other_name"},
		{"no roster row", `DELETE FROM invitations WHERE courseId = '1003' AND NOT EXISTS (SELECT 1 FROM roster r WHERE r.email = invitations.userId)`, "other_name"},
		{"parameter", `DELETE FROM invitations WHERE id = :x`, "unbound_parameter"},
		{"parameter of a query", `SELECT id FROM invitations WHERE courseId = ?`, "unbound_parameter"},
		{"enum of a delete", `DELETE FROM invitations WHERE courseId = '1003' AND role = 'STUDNT'`, "unknown_value"},
		{"table of a resource's name", `CREATE TABLE main.invitations(id)`, "syntax"},
		{"view of a resource's name", `CREATE TEMP VIEW temp.invitations AS SELECT 'cc3' AS id`, "syntax"},
		{"field twice", `EXEC invitations.create @@json = '{"courseId": "1003", "courseid": "1001", "userId": "9004", "role": "STUDENT"}'`, "syntax"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, way := range ways {
				got, sum, err := way(t, withRoster(t), tt.sql)
				p := sqlengine.Describe(err)
				if p.Code != tt.code || p.Exit != sqlengine.ExitSQL || p.Line == 0 {
					t.Errorf("%s\n%d rows, code %q, exit %d, line %d: %s; want code %q, exit %d and a place",
						tt.sql, len(got.rows), p.Code, p.Exit, p.Line, p.Message, tt.code, sqlengine.ExitSQL)
				}
				if sum.Changed > 0 {
					t.Errorf("%s\n%d rows were changed", tt.sql, sum.Changed)
				}
			}
		})
	}
}

// TestAnswered has statements that stand close to those of TestRefused and mean
// what they say.
func TestAnswered(t *testing.T) {
	for _, tt := range []struct {
		name, sql string
		want      []string
	}{
		{"target under a with of its name", `WITH invitations AS (SELECT 'cc3' AS id, '1001' AS courseId) DELETE FROM invitations WHERE courseId = '1001' AND role = 'OWNER' RETURNING id`, []string{`"aa3"`}},
		{"addresses and a number in a list", `SELECT id FROM invitations WHERE courseId = '1003' AND userId IN ('admin@awk.example', '9001', '9004') AND role = 'TEACHER'`, []string{`"cc3"`}},
		{"aliases and a number in a list", `SELECT id FROM courses WHERE id IN ('d:algebra', '1001')`, []string{`"1001"`}},
		{"roster by address", `SELECT i.id FROM roster r JOIN invitations i ON r.email = i.userId WHERE i.courseId = '1003'`, []string{`"cc3"`}},
		{"roster that is invited", `SELECT r.email FROM roster r LEFT JOIN invitations i ON i.courseId = '1003' AND i.userId = r.email WHERE i.id IS NULL`, []string{}},
		{"address of another column", `SELECT i.id FROM invitations i JOIN user_profiles p ON p.userId = i.userId WHERE i.courseId = '1003' AND coalesce(p.emailAddress, i.userId) = 'admin@awk.example'`, []string{`"cc3"`}},
		{"union with addresses", `SELECT userId || '' AS u FROM invitations WHERE courseId = '1003' AND role = 'TEACHER' UNION SELECT email FROM roster`, []string{`"9001"`, `"admin@awk.example"`}},
		{"role of a with", `WITH x AS (SELECT lower(role) AS role, id FROM invitations WHERE courseId = '1003') SELECT id FROM x WHERE role = 'teacher'`, []string{`"cc3"`}},
		{"least integer", `SELECT -9223372036854775808`, []string{`-9223372036854775808`}},
		{"delete by address", `DELETE FROM invitations WHERE courseId = '1003' AND userId = 'admin@awk.example' RETURNING id`, []string{`"cc3"`}},
		{"delete all but one", `DELETE FROM invitations WHERE courseId = '1003' AND userId <> '9001' AND role = 'OWNER' RETURNING id`, []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, way := range ways {
				got, _, err := way(t, withRoster(t), tt.sql)
				if err != nil {
					t.Fatalf("%s\n%s", tt.sql, said(err))
				}
				if d := cmp.Diff(tt.want, lines(got.rows)); d != "" {
					t.Errorf("%s (-want +got)\n%s", tt.sql, d)
				}
			}
		})
	}
}
