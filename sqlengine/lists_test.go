package sqlengine_test

import (
	"strings"
	"testing"

	"github.com/iql-lang/iql/sqlengine"
)

// TestListsOfBothForms runs statements with lists that have a number and another
// name for it, 9004 and zoe@awk.example. SQLite compares the members of such a
// list with each other to sort them, which is no mistake; where it compares the
// same two elsewhere, rows would be missing. A statement has the rows that plain
// SQLite finds by the number, or is refused; those in which no row shows the number
// before may not be refused.
func TestListsOfBothForms(t *testing.T) {
	w := emptied(awkward(t))
	s, conn := session(t, named(w)), plain(t, w)
	shown := strings.NewReplacer("zoe@awk.example", "9004", "'me'", "'9001'", "seven@awk.example", "9010", "d:algebra", "1001")
	const list = `IN ('9004', 'zoe@awk.example')`
	for _, tt := range []struct {
		name, sql string
		answered  bool // it may not be refused
	}{
		{"one list", `SELECT id FROM invitations WHERE userId ` + list, true},
		{"one list and its numbers", `SELECT id FROM invitations WHERE userId IN ('9001', '9010', '9004', 'me', 'seven@awk.example', 'zoe@awk.example')`, true},
		{"two lists", `SELECT i.id FROM invitations i JOIN user_profiles p ON p.id = i.userId WHERE i.userId ` + list + ` AND p.id ` + list, true},
		{"arms with a list each", `SELECT id FROM invitations WHERE userId ` + list + ` UNION ALL SELECT id FROM user_profiles WHERE id ` + list, true},
		{"arm that shows a member before", `SELECT userId FROM students WHERE courseId = '1001' UNION ALL SELECT id FROM invitations WHERE userId ` + list, false},
		{"join that shows a member before", `SELECT s.userId, i.id FROM students s JOIN invitations i ON i.courseId = s.courseId AND i.userId ` + list + ` WHERE s.courseId = '1003' AND s.userId <> '9001'`, false},
		{"list for each row", `SELECT c.id, i.id FROM courses c JOIN invitations i ON i.userId IN (c.ownerId, '9004', 'zoe@awk.example')`, false},
		{"list for each row, of its number", `SELECT c.id, i.id FROM invitations c CROSS JOIN invitations i WHERE c.courseId = '1004' AND i.userId IN (c.userId, 'zoe@awk.example')`, false},
		{"list in branches of an or", `SELECT id FROM invitations WHERE userId IN ('9001', 'zoe@awk.example') OR userId IN (SELECT 'seven@awk.example' UNION SELECT userId FROM students WHERE courseId = '1001')`, false},
		{"list of an or, its number shown before", `SELECT c.id, count(*) AS n FROM courses c JOIN invitations i ON (i.courseId = '1002' OR i.courseId = 'd:algebra') AND i.role <> c.id GROUP BY c.id`, false},
		{"list in a list", `SELECT id FROM user_profiles WHERE id IN (SELECT userId FROM invitations WHERE userId ` + list + `)`, true},
		{"list of a query", `SELECT id FROM invitations WHERE userId IN (SELECT userId FROM students WHERE courseId = '1001' UNION ALL SELECT 'zoe@awk.example')`, false},
		{"list of a query, names first", `SELECT id FROM invitations WHERE userId IN (SELECT 'zoe@awk.example' UNION ALL SELECT userId FROM students WHERE courseId = '1001')`, false},
		{"list of a union", `SELECT id FROM invitations WHERE userId IN (SELECT userId FROM students WHERE courseId = '1001' UNION SELECT 'zoe@awk.example')`, false},
		{"list of values", `SELECT id FROM invitations WHERE userId IN (VALUES ('zoe@awk.example'), ('9004'))`, true},
		{"list of texts before rows", `SELECT id FROM invitations WHERE userId IN (SELECT 'zoe@awk.example' UNION ALL SELECT '9004' UNION ALL SELECT userId FROM students WHERE courseId = '1002')`, false},
		{"list of a join's table", `SELECT c.id, i.id FROM courses c JOIN invitations i ON i.courseId = c.id WHERE c.id IN ('1004', '1003') AND i.userId ` + list, true},
		{"list in exists", `SELECT c.id FROM courses c WHERE EXISTS (SELECT 1 FROM invitations i WHERE i.courseId = c.id AND i.userId ` + list + `)`, true},
		{"list before a row's number", `SELECT c.id, i.id FROM courses c CROSS JOIN invitations i WHERE i.userId ` + list + ` AND i.courseId = c.id`, true},
		{"two lists of one table", `SELECT c.id, i.id FROM courses c CROSS JOIN invitations i WHERE i.userId ` + list + ` AND i.courseId IN (c.id, '1004')`, true},
		{"list of an owner's courses", `SELECT c.id, c.ownerId, i.id FROM courses c JOIN invitations i ON i.courseId = c.id AND i.userId ` + list, true},

		{"index that SQLite makes", `SELECT i.id, p.id FROM invitations i CROSS JOIN (SELECT value AS u FROM json_each('["9001","9004","9005","9006","9007","zoe@awk.example","9015"]') LIMIT 20) t CROSS JOIN user_profiles p WHERE i.courseId = '1004' AND i.userId = t.u AND p.id IN ('9001', '9005', '9006', '9007', 'zoe@awk.example', '9015')`, false},
		{"index that SQLite makes, for rows that were kept", `WITH x AS MATERIALIZED (SELECT id, userId FROM invitations WHERE courseId = '1004' LIMIT 10) SELECT x.id, p.id FROM x CROSS JOIN (SELECT value AS u FROM json_each('["9001","9004","9005","9006","9007","zoe@awk.example","9015"]') LIMIT 20) t CROSS JOIN user_profiles p WHERE x.userId = t.u AND p.id IN ('9001', '9005', '9006', '9007', 'zoe@awk.example', '9015')`, false},
		{"list that is searched before the same list", `SELECT i.id, p.id FROM invitations i CROSS JOIN user_profiles p WHERE i.courseId = '1004' AND +i.userId IN ('9001', '9005', '9006', '9007', 'zoe@awk.example', '9015') AND p.id IN ('9001', '9005', '9006', '9007', 'zoe@awk.example', '9015')`, false},
		{"or in another arm", `SELECT i.id FROM invitations i WHERE i.courseId IN (SELECT id FROM courses) AND (i.userId = 'zoe@awk.example' OR i.userId = 'zoe@awk.example') UNION ALL SELECT p.id FROM user_profiles p WHERE p.id ` + list, false},
		{"or in an arm after", `SELECT p.id FROM user_profiles p WHERE p.id ` + list + ` UNION ALL SELECT i.id FROM invitations i WHERE i.courseId IN (SELECT id FROM courses) AND (i.userId = 'zoe@awk.example' OR i.role = 'OWNER')`, false},
		{"or, another number in the list", `SELECT i.id FROM invitations i WHERE i.courseId IN (SELECT id FROM courses) AND (i.userId = 'zoe@awk.example' OR i.userId = 'zoe@awk.example') UNION ALL SELECT p.id FROM user_profiles p WHERE p.id IN ('9001', 'zoe@awk.example')`, false},
		{"nested or", `SELECT i.id FROM invitations i WHERE i.courseId = '1004' AND (i.role = 'OWNER' OR (i.userId = 'zoe@awk.example' AND (i.role = 'TEACHER' OR i.id = 'x'))) UNION ALL SELECT p.id FROM user_profiles p WHERE p.id ` + list, false},
		{"not equal in a join", `SELECT i.id, p.id FROM invitations i JOIN user_profiles p ON p.id ` + list + ` WHERE i.courseId = '1004' AND i.userId <> 'zoe@awk.example'`, false},
		{"not equal in a cross join", `SELECT i.id, p.id FROM invitations i CROSS JOIN user_profiles p WHERE p.id ` + list + ` AND i.courseId = '1004' AND i.userId <> 'zoe@awk.example'`, false},
		{"case before a join", `SELECT i.id, p.id FROM invitations i CROSS JOIN user_profiles p WHERE p.id ` + list + ` AND i.courseId = '1004' AND CASE i.userId WHEN 'zoe@awk.example' THEN 0 ELSE 1 END`, false},
		{"materialized rows in a join", `WITH x AS MATERIALIZED (SELECT id, userId FROM invitations WHERE courseId = '1004') SELECT x.id, p.id FROM x CROSS JOIN user_profiles p WHERE p.id ` + list + ` AND x.userId <> 'zoe@awk.example'`, false},
		{"limited rows in a join", `SELECT x.id, p.id FROM (SELECT id, userId FROM invitations WHERE courseId = '1004' LIMIT 5) x CROSS JOIN user_profiles p WHERE p.id ` + list + ` AND x.userId <> 'zoe@awk.example'`, false},
		{"limited rows, seen before the join", `SELECT x.id, p.id FROM (SELECT id, userId FROM invitations WHERE courseId = '1004' LIMIT 5) x CROSS JOIN courses c CROSS JOIN user_profiles p WHERE c.id = '1004' AND p.id ` + list + ` AND c.ownerId <> x.id AND x.userId <> 'zoe@awk.example'`, false},
		{"left join", `SELECT i.id, p.id FROM invitations i LEFT JOIN user_profiles p ON p.id ` + list + ` AND i.userId <> 'zoe@awk.example' WHERE i.courseId = '1004'`, false},
		{"list that is tested", `SELECT id FROM invitations WHERE courseId = '1004' AND (userId IN ('zoe@awk.example', '9001') OR role = 'OWNER') UNION ALL SELECT p.id FROM user_profiles p WHERE p.id ` + list, false},
		{"list that is searched, with what is no name", `SELECT userId FROM students WHERE courseId = 'd:algebra' AND courseId IN (1.5, 'd:algebra', NULL)`, false},
		{"not in a list with what is no name", `SELECT id FROM invitations WHERE courseId = '1004' AND userId NOT IN ('12x', '13x', '14x', '15x', 'zoe@awk.example')`, false},
		{"list with what is no name", `SELECT id FROM invitations WHERE userId IN ('zoe@awk.example', '', '12x', 'x')`, true},
		{"not in", `SELECT id FROM invitations WHERE courseId = '1004' AND userId NOT IN ('zoe@awk.example', '9001') UNION ALL SELECT p.id FROM user_profiles p WHERE p.id ` + list, false},
		{"not in, both", `SELECT id FROM invitations WHERE courseId = '1004' AND userId NOT ` + list + ` UNION ALL SELECT p.id FROM user_profiles p WHERE p.id ` + list, false},
		{"exists before a list", `SELECT p.id FROM user_profiles p WHERE p.id ` + list + ` AND EXISTS (SELECT 1 FROM invitations i WHERE i.courseId = '1004' AND (i.userId = 'zoe@awk.example' OR i.role = 'OWNER'))`, false},
		{"exists in another arm", `SELECT c.id FROM courses c WHERE EXISTS (SELECT 1 FROM invitations i WHERE i.courseId = c.id AND (i.userId = 'zoe@awk.example' OR i.role = 'OWNER')) UNION ALL SELECT p.id FROM user_profiles p WHERE p.id ` + list, false},
		{"test in a list of a query", `SELECT id FROM user_profiles WHERE id IN (SELECT userId FROM invitations WHERE courseId IN ('1004', '1003') AND (userId = 'zoe@awk.example' OR role = 'OWNER')) UNION ALL SELECT p.id FROM user_profiles p WHERE p.id ` + list, false},
		{"test in a list that is tested", `SELECT c.id, p.id FROM courses c CROSS JOIN user_profiles p WHERE p.id ` + list + ` AND (c.ownerId NOT IN (SELECT userId FROM invitations WHERE courseId = '1004' AND userId <> 'zoe@awk.example') OR c.name = 'x')`, false},
		{"test of other rows in its own list", `SELECT id FROM invitations WHERE userId IN (SELECT 'zoe@awk.example' UNION ALL SELECT '9004' UNION ALL SELECT s.userId FROM students s JOIN invitations v ON v.courseId = '1004' WHERE s.courseId = '1002' AND v.userId <> 'zoe@awk.example')`, false},
		{"list that is searched again after its calls", `SELECT s.userId FROM (SELECT DISTINCT courseId, userId FROM students WHERE courseId IN ('1001', '1003')) AS s WHERE s.userId IN (SELECT userId FROM invitations WHERE courseId = '1001' UNION ALL SELECT 'zoe@awk.example')`, false},
		{"test of other rows in its own list, of a local table", `SELECT id FROM invitations WHERE userId IN (SELECT 'zoe@awk.example' UNION ALL SELECT '9004' UNION ALL SELECT v.column1 FROM (VALUES ('9005')) v JOIN invitations i ON i.courseId = '1004' AND i.userId <> 'zoe@awk.example')`, false},
		{"value of a WITH in a list and elsewhere", `WITH z(e) AS (VALUES ('zoe@awk.example')) SELECT i.id, p.id FROM invitations i CROSS JOIN user_profiles p WHERE p.id IN (SELECT e FROM z UNION ALL SELECT '9004') AND i.courseId = '1004' AND i.userId <> (SELECT e FROM z)`, false},
		{"list of a row's number, tested before", `SELECT c.id, i.id FROM invitations c CROSS JOIN invitations i WHERE c.courseId = '1004' AND c.userId <> 'zoe@awk.example' AND i.userId IN (c.userId, 'zoe@awk.example')`, false},
		{"union of results", `SELECT userId FROM invitations WHERE courseId = '1004' UNION SELECT id FROM user_profiles WHERE id ` + list, false},
		{"except", `SELECT userId FROM invitations WHERE courseId = '1004' EXCEPT SELECT 'zoe@awk.example' UNION ALL SELECT id FROM user_profiles WHERE id ` + list, false},
		{"case in the results", `SELECT CASE userId WHEN 'zoe@awk.example' THEN 'hers' ELSE 'not' END AS c FROM invitations WHERE courseId = '1004' UNION ALL SELECT id FROM user_profiles WHERE id ` + list, false},
		{"comparison beside a list", `SELECT userId <> 'zoe@awk.example' AS x, (SELECT count(*) FROM user_profiles WHERE id ` + list + `) AS n FROM invitations WHERE courseId = '1004'`, false},
		{"bare column of an aggregate", `SELECT max(id) AS m, userId <> 'zoe@awk.example' AS x, (SELECT count(*) FROM user_profiles WHERE id ` + list + `) AS n FROM invitations WHERE courseId = '1004'`, false},
		{"having", `SELECT userId, count(*) AS n FROM invitations WHERE courseId = '1004' GROUP BY userId HAVING userId <> 'zoe@awk.example' AND EXISTS (SELECT 1 FROM user_profiles p WHERE p.id ` + list + `)`, false},
		{"filter", `SELECT count(*) FILTER (WHERE userId = 'zoe@awk.example') AS n, (SELECT count(*) FROM user_profiles WHERE id ` + list + `) AS m FROM invitations WHERE courseId = '1004'`, false},
		{"text among the rows", `SELECT u FROM (SELECT userId AS u FROM invitations WHERE courseId = '1003' UNION ALL SELECT '9004') WHERE u <> 'zoe@awk.example' AND EXISTS (SELECT 1 FROM user_profiles WHERE id ` + list + `)`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want, err := runPlain(conn, shown.Replace(tt.sql))
			if err != nil {
				t.Fatalf("plain SQLite: %s\n%v", tt.sql, err)
			}
			for _, way := range ways {
				got, _, err := way(t, s, tt.sql)
				if err != nil {
					if p := sqlengine.Describe(err); tt.answered || p.Exit != sqlengine.ExitSQL || p.Kind != "sql" {
						t.Errorf("%s\n%s, exit %d", tt.sql, said(err), p.Exit)
					}
					continue
				}
				got.columns = want.columns
				if d := diff(want, got, false); d != "" {
					t.Errorf("%s\nneither refused nor right\n%s", tt.sql, d)
				}
			}
		})
	}
}
