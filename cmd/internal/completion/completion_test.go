package completion_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/iql-lang/iql/cmd/internal/completion"
	"github.com/iql-lang/iql/registry"
)

// source is a Source that knows a little of everything.
func source() *completion.Source {
	return &completion.Source{
		Registry: registry.Embedded(),
		Commands: []completion.Command{
			{Name: `\i`, Args: []completion.Arg{{Kind: completion.File}}, About: "run a file"},
			{Name: `\if`, Args: []completion.Arg{{Kind: completion.Rest}}},
			{Name: `\f`, Args: []completion.Arg{{Kind: completion.Format}}},
			{Name: `\x`, Args: []completion.Arg{{Kind: completion.Choice, Words: []string{"on", "off", "auto"}}}},
			{Name: `\d`, Args: []completion.Arg{{Kind: completion.Resource}}},
			{Name: `\unset`, Args: []completion.Arg{{Kind: completion.Variable}}},
			{Name: `\last`, Args: []completion.Arg{{Kind: completion.Format}, {Kind: completion.File}}},
			{Name: `\q`},
			{Name: `\gx`, Args: []completion.Arg{{Kind: completion.File}}, Ends: true},
			{Name: ".read", Args: []completion.Arg{{Kind: completion.File}}},
		},
		Values:    known,
		Files:     folder,
		Variables: func() []string { return []string{"course", "me"} },
		Tables: func() map[string][]string {
			return map[string][]string{"roster": {"email", "First name", "course"}, "My list": {"id"}}
		},
	}
}

// known is what can be looked up.
func known(kind completion.Kind) []completion.Value {
	switch kind.Of {
	case completion.Courses:
		if kind.Course != "" {
			return nil // they are of no course
		}
		return []completion.Value{{Text: "101", Also: []string{"Algebra"}}, {Text: "102", Also: []string{"Biology"}}}
	case completion.Users:
		if kind.Course == "102" {
			return []completion.Value{{Text: "9", Also: []string{"bo@example.edu", "Bo"}}}
		}
		return []completion.Value{{Text: "7", Also: []string{"ada@example.edu", "Ada"}}, {Text: "9", Also: []string{"bo@example.edu", "Bo"}}}
	case completion.Invitations:
		return []completion.Value{{Text: "inv" + kind.Course}}
	}
	return nil
}

// folder is a file system.
func folder(dir string) ([]completion.Entry, error) {
	entries, ok := map[string][]completion.Entry{
		"":      {{Name: "data", Dir: true}, {Name: "roster.csv"}, {Name: "rows.json"}, {Name: "run.iql"}, {Name: "it's here.csv"}, {Name: ".hidden"}},
		"data/": {{Name: "a.csv"}, {Name: "b.txt"}},
		"~/":    {{Name: "home.csv"}, {Name: "run.iql"}},
	}[dir]
	if !ok {
		return nil, errors.New("no such folder")
	}
	return entries, nil
}

// at cuts a text at its |, which is the cursor.
func at(text string) (string, int) {
	before, after, ok := strings.Cut(text, "|")
	if !ok {
		panic("no cursor in " + text)
	}
	return before + after, len(before)
}

// offered returns the texts of the candidates: those of a group divided by blanks
// after its name.
func offered(s *completion.Source, text string) string {
	candidates, _ := s.At(at(text))
	var groups []string
	last := ""
	for _, c := range candidates {
		if c.Group != last {
			groups = append(groups, c.Group+":")
			last = c.Group
		}
		groups[len(groups)-1] += " " + c.Text
	}
	return strings.Join(groups, "; ")
}

// TestOwnColumns offers the columns of a table of the session as they are: those of
// resources can be written otherwise too.
func TestOwnColumns(t *testing.T) {
	t.Parallel()
	s := source()
	s.Tables = func() map[string][]string { return map[string][]string{"t": {"courseId", "user_Id"}} }
	for text, want := range map[string]string{
		"SELECT course_| FROM t": "", "SELECT courseI| FROM t": "columns: courseId", "SELECT user_| FROM t": "columns: user_Id",
		"WITH q AS (SELECT 1 AS user_Id) SELECT user_| FROM q": "columns: user_Id",
	} {
		if got := offered(s, text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestAt shows what is offered where. The cursor is |, and ... stands for whatever
// follows.
func TestAt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"|", "keywords: SELECT INSERT INTO DELETE FROM UPDATE EXEC SHOW DESCRIBE EXPLAIN WITH REPLACE INTO VALUES CREATE TABLE CREATE TEMP VIEW DROP TABLE DROP VIEW ALTER TABLE"},
		{"sel|", "keywords: select"},
		{"SELECT | FROM courses", "columns: id name section descriptionHeading description room ownerId courseState creationTime updateTime enrollmentCode alternateLink; keywords: DISTINCT"},
		{"SELECT c|", "columns: courseId courseState creationTime courseName; functions: ceil( char( coalesce( concat( concat_ws( count(; keywords: case cast("},
		{"SELECT co| FROM invitations", "columns: courseId; functions: coalesce( concat( concat_ws( count("},
		{"SELECT i.| FROM invitations i", "columns: id courseId userId role"},
		{"SELECT i.co| FROM courses c JOIN invitations i ON i.courseId = c.id", "columns: courseId"},
		{"SELECT co| FROM courses_aliases a JOIN invitations i ON i.courseId = a.courseId", "columns: a.courseId i.courseId; functions: coalesce( concat( concat_ws( count("},
		{"SELECT * FROM |", `tables: "My list" roster invitations courses students teachers user_profiles courses_aliases pending_invitations; files: csv(' json(' jsonl('`},
		{"SELECT * FROM inv|", "tables: invitations"},
		{"SELECT * FROM goog|", "tables: googleworkspace.classroom.invitations googleworkspace.classroom.courses googleworkspace.classroom.students ..."},
		{"SELECT * FROM googleworkspace.|", "tables: classroom"},
		{"SELECT * FROM googleworkspace.classroom.inv|", "tables: invitations"},
		{"SELECT * FROM classroom.|", "tables: invitations courses students teachers user_profiles courses_aliases pending_invitations"},
		{"SELECT * FROM ro|", "tables: roster"},
		{`SELECT * FROM "My|`, `tables: "My list"`},
		{"SELECT * FROM invitations |", "keywords: WHERE AS JOIN LEFT JOIN INNER JOIN CROSS JOIN GROUP BY ORDER BY LIMIT UNION UNION ALL EXCEPT INTERSECT"},
		{"SELECT * FROM invitations WHERE |", "required: courseId userId id; columns: role; keywords: NOT"},
		{"select * from invitations wh|", "keywords: where"},
		{"SELECT * FROM invitations WHERE co|", "required: courseId; functions: coalesce( concat( concat_ws( count("},
		{"SELECT * FROM invitations WHERE courseId = '1' AND |", "columns: id courseId userId role; keywords: NOT"},
		{"SELECT * FROM invitations WHERE role = |", "values: 'STUDENT' 'TEACHER' 'OWNER'; columns: id courseId userId role"},
		{"SELECT * FROM invitations WHERE role = 'ST|", "values: 'STUDENT'"},
		{"SELECT * FROM invitations WHERE role = 'ST|'", "values: 'STUDENT"},
		{"SELECT * FROM invitations WHERE role = 'ST|' AND courseId = '101'", "values: 'STUDENT"},
		{"SELECT * FROM invitations WHERE role = ST|", "values: 'STUDENT'; functions: STRFTIME( STRING_AGG("},
		{"SELECT * FROM invitations WHERE role IN ('STUDENT', '|", "values: 'STUDENT' 'TEACHER' 'OWNER'"},
		{"SELECT * FROM invitations WHERE role NOT IN (|", "values: 'STUDENT' 'TEACHER' 'OWNER'; columns: id courseId userId role; keywords: SELECT"},
		{"SELECT * FROM invitations WHERE courseId = |", "values: '101' '102'; columns: id courseId userId role"},
		{"SELECT * FROM invitations WHERE courseId = '|", "values: '101' '102'"},
		{"SELECT * FROM invitations WHERE courseId = 'alg|", "values: '101'"},
		{"SELECT * FROM invitations WHERE courseId = 10|", "values: '101' '102'"},
		{"SELECT * FROM invitations WHERE userId = 'a|", "values: 'ada@example.edu'"},
		{"SELECT * FROM invitations WHERE courseId = '102' AND userId = '|", "values: '9'"},
		{"SELECT * FROM invitations WHERE courseId = '102' OR courseId = '|", "values: '101' '102'"},
		{"SELECT * FROM invitations WHERE courseId = '102' AND userId IN (SELECT id FROM user_profiles WHERE id = '|", "values: '7' '9'"},
		{"SELECT * FROM invitations WHERE role = 'ST|''", "values: 'STUDENT'"},
		{"DESCRIBE METHOD EXTENDED invitations.ac|", "methods: accept"},
		{"SELECT * FROM invitations WHERE courseId = '101' AND id = '|", "values: 'inv101'"},
		{"SELECT * FROM invitations WHERE courseId = '101' |", "keywords: AND OR IN LIKE IS NULL IS NOT NULL NOT IN NOT LIKE BETWEEN GLOB REGEXP COLLATE NOCASE GROUP BY ORDER BY LIMIT UNION UNION ALL EXCEPT INTERSECT"},
		{"SELECT * FROM invitations WHERE name LIKE '|", ""},
		{"INSERT |", "keywords: INTO OR IGNORE INTO"},
		{"INSERT INTO |", `tables: "My list" roster invitations`},
		{"INSERT INTO invitations |", "keywords: VALUES SELECT AS WITH"},
		{"INSERT INTO invitations (|", "required: courseId userId role"},
		{"INSERT INTO invitations (courseId, |", "required: userId role"},
		{"INSERT INTO invitations (courseId, userId, role) VALUES (|", "values: '101' '102'"},
		{"INSERT INTO invitations (courseId, userId, role) VALUES ('101', '7', '|", "values: 'STUDENT' 'TEACHER' 'OWNER'"},
		{"INSERT INTO invitations (courseId, userId, role) VALUES ('101', '7', 'STUDENT'), ('101', '|", "values: '7' '9'"},
		{"INSERT INTO invitations (courseId, userId, role) SELECT '101', email, '| FROM roster", "values: 'STUDENT' 'TEACHER' 'OWNER'"},
		{"INSERT INTO invitations (courseId, userId, role) SELECT '101', | FROM roster", `values: '7' '9'; columns: email "First name" course`},
		{"INSERT INTO invitations (courseId, userId, role) VALUES ('101', '7', 'STUDENT') |", "keywords: RETURNING ON CONFLICT DO NOTHING"},
		{"DELETE |", "keywords: FROM"},
		{"DELETE FROM |", `tables: "My list" roster invitations`},
		{"DELETE FROM invitations WHERE |", "required: courseId userId id; columns: role; keywords: NOT"},
		{"DELETE FROM invitations WHERE id = |", "values: 'inv'; columns: id courseId userId role"},
		{"DELETE FROM invitations WHERE courseId = '101' RETURNING |", "columns: id courseId userId role"},
		{"UPDATE |", `tables: "My list" roster invitations`},
		{"UPDATE invitations |", "keywords: SET AS"},
		{"UPDATE invitations SET |", "columns: courseId userId role"},
		{"UPDATE invitations SET role = |", "values: 'STUDENT' 'TEACHER' 'OWNER'; columns: id courseId userId role"},
		{"UPDATE invitations SET role = 'TEACHER' |", "keywords: WHERE FROM RETURNING"},
		{"EXEC |", "methods: invitations.accept invitations.get invitations.list invitations.create invitations.delete courses.get courses.list ..."},
		{"EXEC invitations.|", "methods: accept get list create delete"},
		{"EXEC invitations.accept |", "required: @id; keywords: SELECT VALUES WITH"},
		{"EXEC invitations.accept @|", "required: @id"},
		{"EXEC invitations.accept @id = |", "values: 'inv'"},
		{"EXEC invitations.accept @id = '|", "values: 'inv'"},
		{"EXEC invitations.list @courseId = '101' @|", "arguments: @userId"},
		{"EXEC invitations.create @courseId = '101', |", "required: @userId @role"},
		{"SHOW |", "keywords: PROVIDERS SERVICES IN RESOURCES IN METHODS IN INSERT INTO AUTH VERSION EXTENDED"},
		{"SHOW METHODS IN |", "tables: invitations courses students teachers user_profiles courses_aliases"},
		{"SELECT * FROM j|", "tables: journal journal_rows; files: json(' jsonl('"},
		{"SELECT * FROM iql.|", "tables: journal journal_rows settings"},
		{"SELECT sta| FROM iql.journal", "columns: started statement"},
		{"SHOW RESOURCES IN |", "tables: classroom iql"},
		{"SHOW SERVICES IN |", "tables: googleworkspace local"},
		{"DESCRIBE |", "tables: invitations courses students teachers user_profiles courses_aliases pending_invitations; keywords: METHOD EXTENDED"},
		{"DESCRIBE METHOD invitations.|", "methods: accept get list create delete"},
		{"EXPLAIN |", "keywords: SELECT INSERT INTO DELETE FROM UPDATE EXEC WITH QUERY PLAN ANALYZE"},
		{"EXPLAIN SELECT * FROM invitations WHERE |", "required: courseId userId id; columns: role; keywords: NOT"},
		{"WITH x AS (SELECT id, name AS n FROM courses) SELECT | FROM x", "columns: id n; keywords: DISTINCT"},
		{"WITH x AS (SELECT id, name AS n FROM courses) |", "keywords: SELECT INSERT INTO DELETE FROM UPDATE"},
		{"SELECT * FROM courses c JOIN (SELECT courseId, role FROM invitations) x ON x.|", "columns: courseId role"},
		{"SELECT * FROM csv('|", "files: 'it''s here.csv' 'roster.csv' 'data/ 'rows.json' 'run.iql'"},
		{"SELECT * FROM csv('data/|", "files: 'data/a.csv' 'data/b.txt'"},
		{"SELECT * FROM csv('it|", "files: 'it''s here.csv'"},
		{"SELECT * FROM csv('ro|') r", "files: 'roster.csv 'rows.json"},
		{`\|`, `commands: \i \if \f \x \d \unset \last \q \gx`},
		{`SELECT 1 \|`, `commands: \gx`},
		{`SELECT 1; \q|`, `commands: \q`},
		{"SELECT 1 \\gx\n\\q|", `commands: \q`},
		{`SELECT 1 \gx ro|`, "files: roster.csv rows.json"},
		{`\x on o|`, ""},
		{`\i |`, "files: run.iql data/ 'it''s here.csv' roster.csv rows.json"},
		{`\i ~/|`, "files: ~/run.iql ~/home.csv"},
		{"SELECT * FROM csv('~/|", ""},
		{`\i ro|`, "files: roster.csv rows.json"},
		{`\i it|`, "files: 'it''s here.csv'"},
		{`\f j|`, "arguments: json jsonl"},
		{`\x |`, "arguments: on off auto"},
		{`\last json |`, "files: run.iql data/ 'it''s here.csv' roster.csv rows.json"},
		{`\if SELECT * FROM inv|`, "tables: invitations"},
		{`\d inv|`, "arguments: invitations"},
		{"\\i x\nSELECT * FROM cours|", "tables: courses courses_aliases"},
		{".re|", "commands: .read"},
		{"SELECT 1; SELECT * FROM tea|; SELECT 2", "tables: teachers"},
		{"SELECT 'abc|", ""},
		{"SELECT 1 -- co|", ""},
		{"SELECT 1 /* co|", ""},
		{"SELECT * FROM invitations WHERE courseId = :|", "variables: :course :me"},
		{"SELECT count(| FROM courses", "columns: id name section descriptionHeading description room ownerId courseState creationTime updateTime enrollmentCode alternateLink; keywords: DISTINCT"},
		{"SELECT * FROM courses ORDER |", "keywords: BY"},
		{"SELECT * FROM courses ORDER BY na|", "columns: name"},
		{"SELECT * FROM courses ORDER BY name |", "keywords: COLLATE NOCASE DESC ASC LIMIT NULLS FIRST NULLS LAST"},
		{`SELECT "cour| FROM invitations`, `columns: "courseId"`},
		{"SELECT course_| FROM invitations", "columns: course_id"},
		{"SELECT id AS offset, na| FROM courses", "columns: name"},
		{"SELECT * FROM courses WHERE name IS DISTINCT FROM na|", "columns: name"},
		{"SELECT * FROM courses c JOIN invitations i ON |", "required: courseId userId i.id; columns: c.id name section descriptionHeading description room ownerId courseState creationTime ..."},
		{"SELECT * FROM courses c JOIN invitations i USING (|", "columns: id"},
		{"SELECT * FROM courses c LEFT |", "keywords: JOIN OUTER JOIN"},
		{"SELECT * FROM courses c WHERE id IN (SELECT | FROM invitations)", "columns: id courseId userId role name section descriptionHeading description room ownerId courseState creationTime updateTime ..."},
		{"SELECT * FROM courses c WHERE id IN (SELECT courseId FROM invitations WHERE |)", "required: courseId userId id; columns: role name section descriptionHeading description room ownerId courseState creationTime ..."},
		{"SELECT * FROM courses WHERE name IS |", "keywords: NULL NOT NULL"},
		{`SELECT "First| FROM roster`, `columns: "First name"`},
		{"SELECT Fi| FROM roster", `columns: "First name"; functions: first_value(`},
		{"CREATE TABLE x AS SELECT na| FROM courses", "columns: name"},
		{"SELECT * FROM courses c WHERE c.|", "columns: id name section descriptionHeading description room ownerId courseState creationTime updateTime enrollmentCode alternateLink teacherId studentId"},
		{"SELECT * FROM courses WHERE te|", "columns: teacherId"},
		{"SELECT te| FROM courses", ""},
		{"SELECT * FROM invitations i WHERE i.role = '|", "values: 'STUDENT' 'TEACHER' 'OWNER'"},
		{"SELECT * FROM invitations WHERE NOT (role = '|", "values: 'STUDENT' 'TEACHER' 'OWNER'"},
		{"SELECT * FROM invitations WHERE `ro|", "columns: `role`"},
		{"SELECT * FROM invitations WHERE [ro|", "columns: [role]"},
		{`SELECT * FROM invitations WHERE "courseId" = '101' AND |`, "columns: id courseId userId role; keywords: NOT"},
		{"SELECT * FROM `invitations` WHERE co|", "required: courseId; functions: coalesce( concat( concat_ws( count("},
		{"SELECT id FROM invitations WHERE courseId = '101' UNION SELECT | FROM courses_aliases", "columns: courseId alias; keywords: DISTINCT"},
		{"SELECT * FROM students WHERE |", "required: courseId; columns: userId fullName givenName familyName emailAddress photoUrl; keywords: NOT"},
		{"SELECT * FROM students WHERE courseId IN ('101') AND |", "columns: courseId userId fullName givenName familyName emailAddress photoUrl; keywords: NOT"},
		{"SELECT * FROM user_profiles WHERE |", "required: userId id; columns: fullName givenName familyName emailAddress photoUrl verifiedTeacher; keywords: NOT"},
		{"SELECT * FROM pending_invitations WHERE |", "columns: id courseId courseName courseState role userId email fullName; keywords: NOT"},
		{"SELECT * FROM courses c JOIN students s ON s.courseId = c.id WHERE |", "columns: id name section descriptionHeading description room ownerId courseState creationTime updateTime enrollmentCode ..."},
		{"SELECT * FROM courses WHERE courseState = 'ACTIVE' AND courseState IN ('A|", "values: 'ACTIVE' 'ARCHIVED'"},
		{"SELECT r.| FROM invitations i, roster r", `columns: email "First name" course`},
		{"SELECT | WHERE 1", "keywords: DISTINCT"},
		{"SELECT '|' FROM courses", ""},
		{"SELECT * FROM invitations WHERE role = 'STUDENT'|", ""},
		{"SELECT * FROM invitations WHERE lower(role) = '|", ""},
		{"SELECT * FROM courses GROUP BY courseState |", "keywords: HAVING ORDER BY LIMIT UNION UNION ALL EXCEPT INTERSECT"},
		{"SELECT * FROM courses WHERE name NOT |", "keywords: IN LIKE BETWEEN GLOB REGEXP"},
		{"SELECT CASE WHEN name = 'a' |", "keywords: THEN WHEN ELSE END AND OR IN LIKE IS NULL IS NOT NULL"},
		{"SELECT u| FROM courses", "columns: updateTime; functions: unicode( unixepoch( upper("},
		{"SELECT U| FROM courses", "columns: updateTime; functions: UNICODE( UNIXEPOCH( UPPER("},
		{"select cou|(*) FROM courses", "columns: courseState; functions: count"},
		{"SELECT * FROM courses WHERE id = 1 LIMIT 5 |", "keywords: OFFSET"},
		{"DELETE FROM invitations |", "keywords: WHERE RETURNING"},
		{"DELETE FROM invitations i WHERE i.|", "columns: id courseId userId role"},
		{"REPLACE INTO |", `tables: "My list" roster invitations`},
		{"DROP TABLE |", `tables: "My list" roster`},
		{"CREATE TABLE t (|", ""},
		{"WITH |", "keywords: RECURSIVE"},
		{"WITH x|", ""},
		{"WITH x (a, b) AS (SELECT 1, 2) SELECT | FROM x", "columns: a b; keywords: DISTINCT"},
		{"WITH RECURSIVE x AS (SELECT * FROM x) SELECT x.| FROM x", ""},
		{"SELECT * FROM (|", `tables: "My list" roster invitations courses students teachers user_profiles courses_aliases pending_invitations; files: csv(' ...`},
		{"SELECT * FROM courses, |", `tables: "My list" roster invitations courses students teachers user_profiles courses_aliases pending_invitations; files: csv(' json(' jsonl('`},
		{"SELECT * FROM nothing WHERE |", "keywords: NOT"},
		{"SELECT * FROM a.b.c.|", ""},
		{".|", "commands: .read"},
		{"EXECUTE invitations.acc|", "methods: accept"},
		{"EXEC invitations.accept @id IN ('|", "values: 'inv'"},
		{"EXEC invitations.nothing @|", ""},
		{"SHOW METHODS IN googleworkspace.classroom.|", "tables: invitations courses students teachers user_profiles courses_aliases"},
		{"SHOW EXTENDED res|", "keywords: resources in"},
		{"SHOW INSERT INTO |", "tables: invitations"},
		{"SHOW METHODS IN invitations |", "keywords: LIKE WHERE"},
		{"DESC EXTENDED inv|", "tables: invitations"},
		{"DESCRIBE invitations |", "keywords: EXTENDED"},
		{"INSERT INTO roster (|", `columns: email "First name" course`},
		{"INSERT INTO roster (email, |) VALUES (1)", `columns: "First name" course`},
		{"INSERT OR IGNORE INTO inv|", "tables: invitations"},
		{"INSERT INTO invitations (courseId, userId, role) SELECT '101', | ", "values: '7' '9'"},
		{"UPDATE roster SET email = 'x', |", `columns: email "First name" course`},
		{`\last csv data/|`, "files: data/a.csv data/b.txt"},
		{`\i 'it|`, "files: 'it''s here.csv'"},
		{`\i nowhere/|`, ""},
		{`\unset c|`, "arguments: course"},
		{`\q |`, ""},
		{`\nothing |`, ""},
		{`\if \i |`, ""},
		{"\\i it's\nSELECT * FROM inv|", "tables: invitations"},
		{"SELECT classroom.invitations.| FROM classroom.invitations", "columns: id courseId userId role"},
		{"SELECT * FROM googleworkspace.classroom.invitations WHERE classroom.invitations.role = '|", "values: 'STUDENT' 'TEACHER' 'OWNER'"},
		{"SELECT invitations.ro| FROM courses", "columns: role"},
		{"WITH x AS (SELECT id AS a FROM courses UNION SELECT courseId AS b FROM invitations) SELECT x.| FROM x", "columns: a"},
		{"WITH x AS (SELECT * FROM roster UNION SELECT 1) SELECT x.| FROM x", `columns: email "First name" course`},
		{"WITH x |", "keywords: AS"},
		{"WITH x AS |", "keywords: MATERIALIZED NOT MATERIALIZED"},
		{"WITH x (a) |", "keywords: AS"},
		{"WITH x AS (|", "keywords: SELECT VALUES WITH"},
		{"WITH xy AS (SELECT 1) SELECT * FROM x|", "tables: xy"},
		{"SELECT * FROM courses CROSS |", "keywords: JOIN"},
		{"SELECT * FROM courses c JOIN teachers t |", "keywords: ON USING WHERE AS JOIN LEFT JOIN ..."},
		{"SELECT * FROM courses c JOIN teachers t USING (courseId) wh|", "keywords: where"},
		{"SELECT * FROM courses c JOIN teachers t ON t.courseId = c.id JOIN |", `tables: "My list" roster invitations ...`},
		{"SELECT * FROM courses AS |", ""},
		{"SELECT courseState, count(*) FROM courses GROUP BY courseState HAVING count(*) > 1 |", "keywords: AND OR IN LIKE ..."},
		{"SELECT CASE WHEN 1 THEN 2 END fr|", "keywords: from"},
		{"SELECT * FROM courses WHERE name = 'a' ORDER BY na|me", "columns: name"},
		{"DELETE FROM invitations WHERE id = 'a' |", "keywords: AND OR IN LIKE IS NULL IS NOT NULL NOT IN NOT LIKE BETWEEN GLOB REGEXP COLLATE NOCASE RETURNING"},
		{"INSERT INTO invitations (courseId) VALUES ('1') RETURNING co|", "columns: courseId; functions: coalesce( concat( concat_ws( count("},
		{"INSERT INTO invitations (courseId, userId) |", "keywords: VALUES SELECT WITH"},
		{"INSERT INTO roster (email) SELECT | FROM user_profiles", "columns: id userId fullName givenName familyName emailAddress photoUrl verifiedTeacher; keywords: DISTINCT"},
		{"DROP |", "keywords: TABLE VIEW TABLE IF EXISTS"},
		{"ALTER |", "keywords: TABLE"},
		{"SHOW INSERT |", "keywords: INTO"},
		{"SHOW RESOURCES |", "keywords: IN FROM"},
		{"SHOW RESOURCES IN googleworkspace.|", "tables: classroom"},
		{"SHOW VERSION |", ""},
		{"SHOW EXTENDED METHODS IN tea|", "tables: teachers"},
		{"EXEC invitations.accept @id |", "keywords: IN"},
		{"EXEC invitations.accept sel|", "keywords: select"},
		{"VALUES (1) |", "keywords: ORDER BY LIMIT UNION UNION ALL EXCEPT INTERSECT"},
		{"SELECT * FROM courses UNION |", "keywords: SELECT ALL VALUES"},
		{"SELECT ?|", ""},
		{"SELECT 12|", ""},
		{"SELECT x'0|", ""},
		{"SELECT ..|", ""},
		{"SELECT * FROM courses WHERE name = 'é' AND courseState = 'ac|", "values: 'ACTIVE'"},
		{"SELECT * FROM csv('|', ';')", "files: 'it''s here.csv 'roster.csv 'data/ 'rows.json 'run.iql"},
		{"SELECT * FROM csv('roster.csv', '|", ""},
		{"SELECT * FROM csv(|", ""},
	} {
		got := offered(source(), tt.text)
		if begin, open := strings.CutSuffix(tt.want, " ..."); got != tt.want && !(open && strings.HasPrefix(got, begin+" ")) {
			t.Errorf("At(%q) = %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

// TestCursor checks that a cursor outside the text, or inside a character, is
// taken for the nearest place.
func TestCursor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text          string
		cursor, start int
		offers        bool
	}{
		{"sel", 99, 0, true},
		{"sel", -1, 0, true},
		{"SELECT 'é", 8, 8, false},
		{"SELECT é", 8, 7, true},
	} {
		candidates, start := source().At(tt.text, tt.cursor)
		if start != tt.start || len(candidates) > 0 != tt.offers {
			t.Errorf("At(%q, %d) = %v, %d, want start %d and candidates: %t", tt.text, tt.cursor, candidates, start, tt.start, tt.offers)
		}
	}
}
