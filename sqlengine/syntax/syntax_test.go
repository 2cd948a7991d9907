package syntax

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestStatementKinds reads a file of statements of every kind that StackQL's
// users write.
func TestStatementKinds(t *testing.T) {
	kinds := map[string]Kind{
		"SELECT": Select, "WITH": Select, "INSERT": Insert, "UPDATE": Update, "DELETE": Delete, "REPLACE": Replace,
		"EXEC": Exec, "SHOW": Show, "DESCRIBE": Describe, "DESCRIBE METHOD": DescribeMethod, "EXPLAIN": Explain,
	}
	text, err := os.ReadFile("testdata/stackql-statements.iql")
	if err != nil {
		t.Fatal(err)
	}
	stmts, rest := Split("stackql-statements.iql", string(text))
	if rest.String() != "" {
		t.Errorf("Split left %q", rest)
	}
	if len(stmts) != 100 {
		t.Errorf("Split found %d statements, want 100", len(stmts))
	}
	for _, src := range stmts {
		s, err := Parse(src)
		if err != nil {
			t.Errorf("Parse(%q): %v", src, err)
			continue
		}
		first, second := strings.ToUpper(s.Tokens[0].Text), ""
		if len(s.Tokens) > 1 {
			second = " " + strings.ToUpper(s.Tokens[1].Text)
		}
		want, ok := kinds[first+second]
		if !ok {
			want = kinds[first]
		}
		if s.Kind != want {
			t.Errorf("Parse(%q).Kind = %v, want %v", src, s.Kind, want)
		}
		if s.Tree == nil && slices.Contains([]Kind{Select, Insert, Delete, Update}, want) {
			t.Errorf("Parse(%q).Tree = nil", src)
		}
	}
}

func TestErrorPlace(t *testing.T) {
	whole := "select 1;\r\nselect 'é',\r\n\tdates\r\nfrom t"
	stmts, rest := Split("a.iql", whole)
	if len(stmts) != 1 {
		t.Fatalf("Split found %d statements", len(stmts))
	}
	place := func(at string) int { return strings.Index(rest.String(), at) }
	for _, tt := range []struct {
		name           string
		offset, length int
		want           Error
	}{
		{"characters, not bytes", place(","), 1, Error{Line: 2, Column: 11, Length: 1, Excerpt: "select 'é',", Token: ","}},
		{"a tab is one character", place("dates"), 5, Error{Line: 3, Column: 2, Length: 5, Excerpt: "\tdates", Token: "dates"}},
		{"no further than the line", place("dates"), 50, Error{Line: 3, Column: 2, Length: 5, Excerpt: "\tdates", Token: "dates"}},
		{"the end", len(rest.String()), 0, Error{Line: 4, Column: 7, Length: 1, Excerpt: "from t"}},
		{"before the start", -5, 6, Error{Line: 2, Column: 1, Length: 6, Excerpt: "select 'é',", Token: "select"}},
		{"after the end", 5000, 6, Error{Line: 4, Column: 7, Length: 1, Excerpt: "from t"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.File, tt.want.Msg, tt.want.Hint, tt.want.Code = "a.iql", "no 7", "try 8", CodeSyntax
			got := rest.Errorf(tt.offset, tt.length, "try 8", "no %d", 7)
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("Errorf(%d, %d) (-want +got)\n%s", tt.offset, tt.length, diff)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	for _, tt := range []struct {
		err  Error
		want string
	}{
		{Error{File: "a.iql", Line: 2, Column: 3, Msg: "no"}, "a.iql:2:3: no"},
		{Error{Line: 2, Column: 3, Msg: "no"}, "2:3: no"},
		{Error{File: "a.iql", Msg: "no"}, "a.iql: no"},
		{Error{Msg: "no"}, "no"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%+v.Error() = %q, want %q", tt.err, got, tt.want)
		}
	}
	if _, err := Parse(Text("select (")); !errors.As(err, new(*Error)) {
		t.Errorf("Parse's error is a %T, want *Error", err)
	}
}

func TestWindow(t *testing.T) {
	e := Error{Excerpt: "select é from a_table_of_a_long_name where x", Column: 15}
	for _, tt := range []struct {
		column, width int
		want          string
		at            int
	}{
		{15, 80, e.Excerpt, 15},
		{15, 0, e.Excerpt, 15},
		{15, 12, "rom a_table_", 5},
		{1, 8, "select é", 1},
		{45, 8, " where x", 9},
	} {
		e.Column = tt.column
		got, at := e.Window(tt.width)
		if got != tt.want || at != tt.at {
			t.Errorf("Window(%d) of column %d = %q, %d, want %q, %d", tt.width, tt.column, got, at, tt.want, tt.at)
		}
	}
}

// TestBounds gives Parse what is too long, too deep or never ends. It must say
// so: what is not linear in the length takes many minutes, on any machine.
func TestBounds(t *testing.T) {
	const mega = 1 << 20
	fill := func(piece string) string { return "select " + strings.Repeat(piece, (mega-7)/len(piece)) }
	for _, tt := range []struct {
		name, text string
		code       string // "" where it is to be read
	}{
		{"1 MB of 1,", fill("1,"), ""},
		{"1 MB of 1+", fill("1+"), ""},
		{"1 MB of a.", fill("a."), ""},
		{"1 MB of a and", fill("a and "), ""},
		{"1 MB of a or", fill("a or "), ""},
		{"1 MB of in", fill("in "), ""},
		{"1 MB of (1)", fill("(1)"), ""},
		{"1 MB of over (", fill("f() over (1)"), ""},
		{"1 MB of left join", "select 1 from a" + strings.Repeat(" left join a", 80_000), ""},
		{"1 MB of with", "with " + strings.Repeat("a as a,", 100_000), CodeSyntax},
		{"1 MB of case end", fill("case end "), CodeTooDeep},
		{"1 MB of rows", "insert into t values (1)" + strings.Repeat(",(1)", 200_000), ""},
		{"1 MB of arguments", "exec a.b " + strings.Repeat("@a=1 ", 200_000), ""},
		{"1 MB of columns", "insert into t (a" + strings.Repeat(",a", 500_000) + ") values (1)", ""},
		{"too long", fill("1,") + "1234", CodeTooLarge},
		{"1 MB of (", fill("("), CodeTooDeep},
		{"1 MB of ~", fill("~"), CodeTooDeep},
		{"1 MB of -", fill("- "), CodeTooDeep},
		{"1 MB of not", fill("not "), CodeTooDeep},
		{"1 MB of '", fill("'"), CodeSyntax},
		{"1 MB of [", fill("["), CodeSyntax},
		{"1 MB of /*", fill("/*"), CodeSyntax},
		{"1 MB of case", fill("case "), CodeTooDeep},
		{"1 MB of case end +", fill("case end + "), CodeTooDeep},
		{"1 MB of union", fill("1 union select "), CodeTooLarge},
		{"1 MB of names", "select 1" + strings.Repeat(", a as (", 1000), CodeTooLarge},
		{"1 MB of word", strings.Repeat("a", mega), CodeSyntax},
		{"150 parentheses", "select " + strings.Repeat("(", 150) + "1" + strings.Repeat(")", 150), ""},
		{"151 parentheses", "select " + strings.Repeat("(", 151) + "1" + strings.Repeat(")", 151), CodeTooDeep},
		{"150 cases", "select " + strings.Repeat("case when 1 then ", 150) + "1" + strings.Repeat(" end", 150), ""},
		{"151 cases", "select " + strings.Repeat("case when 1 then ", 151) + "1" + strings.Repeat(" end", 151), CodeTooDeep},
		{"1000 cases in a row", "select " + strings.Repeat("case when 1 then 1 end + ", 1000) + "1", ""},
		{"200 signs", "select " + strings.Repeat("-~", 100) + "1", ""},
		{"201 signs", "select ~" + strings.Repeat("-~", 100) + "1", CodeTooDeep},
		{"100 names", "with " + strings.Repeat("a as (select 1), ", 99) + "b as (select 1) select 1", ""},
		{"101 names", "with " + strings.Repeat("a as (select 1), ", 100) + "b as (select 1) select 1", CodeTooLarge},
		{"150 arms", "select 1" + strings.Repeat(" union select 1", 149), ""},
		{"151 arms", "select 1" + strings.Repeat(" union select 1", 150), CodeTooLarge},
		{"a NUL", "select 1\x00, 2", CodeSyntax},
		{"not UTF-8", "select 'caf\xe9'", CodeSyntax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			begun := time.Now()
			s, err := Parse(Text(tt.text))
			if spent := time.Since(begun); spent > time.Minute {
				t.Errorf("Parse took %v", spent)
			}
			code := ""
			if err != nil {
				code = err.(*Error).Code
			} else {
				s.SQLite(s.All(), classroom{})
				s.Terms()
			}
			if code != tt.code {
				t.Errorf("Parse = %v, want the code %q", err, tt.code)
			}
		})
	}
}

func TestEncodingErrors(t *testing.T) {
	for text, want := range map[string]string{
		"select\n'caf\xe9'": "2:5: byte 0xe9 is not UTF-8",
		"select 'é\x00'":    "1:10: a NUL byte",
	} {
		if _, err := Parse(Text(text)); err == nil || err.Error() != want {
			t.Errorf("Parse(%q) = %v, want %s", text, err, want)
		}
	}
}

func TestMisspelt(t *testing.T) {
	for _, tt := range []struct {
		text string // ^ stands before the token where SQLite stops
		want string // the word and the keyword, "" for none
	}{
		{"select id frm ^t", "frm FROM"},
		{"select id form ^t", "form FROM"},
		{"select * ^fro t", "fro FROM"},
		{"select id from t wher ^id = 1", "wher WHERE"},
		{"select id from t whre id ^= 1", "whre WHERE"},
		{"select id from t a ^gruop by id", "gruop GROUP"},
		{"select id from t odrer ^by id", "odrer ORDER"},
		{"select id from t order ^bi id", ""},
		{"select id from t order ^byy id", "byy BY"},
		{"select id from t limt ^1", "limt LIMIT"},
		{"select id from t jion ^u", "jion JOIN"},
		{"select id from t left ^jon u", "jon JOIN"},
		{"select distnct ^id", "distnct DISTINCT"},
		{"select 1 unoin ^select 2", "unoin UNION"},
		{"select id from t where a adn ^b", "adn AND"},
		{"select id from t where a btween ^1 and 2", "btween BETWEEN"},
		{"select a.frm ^b", ""},
		{"select id, ^from t", ""},
		{"select id t^", ""},
		{"^", ""},
	} {
		text, _, _ := strings.Cut(tt.text, "^")
		whole := strings.Replace(tt.text, "^", "", 1)
		var toks []Token
		at := 0
		for tok := range Scan(whole) {
			if tok.blank() {
				continue
			}
			if tok.Start < len(text) {
				at++
			}
			toks = append(toks, tok)
		}
		got := ""
		if i, keyword, ok := Misspelt(toks, at); ok {
			got = toks[i].Text + " " + keyword
		}
		if got != tt.want {
			t.Errorf("Misspelt(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestSQLiteBack(t *testing.T) {
	in := "select course_id, é from classroom.invitations where classroom.invitations.course_id = x"
	s, err := Parse(Text(in))
	if err != nil {
		t.Fatal(err)
	}
	text, back := s.SQLite(s.All(), classroom{})
	for _, tt := range []struct{ out, in string }{
		{"select", "select"},
		{"courseId AS", "course_id,"},
		{"AS course_id", "course_id,"},
		{", é", ", é"},
		{"é", "é"},
		{`googleworkspace_classroom.invitations where`, "classroom.invitations where"},
		{`googleworkspace_classroom.invitations.courseId`, "classroom.invitations.course_id"},
		{"invitations where", "classroom.invitations where"},
		{" where", " where"},
		{"where", "where"},
		{".courseId", ".course_id"},
		{"courseId = x", "course_id = x"},
		{"= x", "= x"},
		{"x", "x"},
	} {
		at := strings.LastIndex(text, tt.out)
		if got, want := back(at), strings.LastIndex(in, tt.in); at < 0 || got != want {
			t.Errorf("back(%d) of %q = %d (%q), want %d", at, tt.out, got, in[got:], want)
		}
	}
	if got := back(len(text)); got != len(in) {
		t.Errorf("back at the end = %d, want %d", got, len(in))
	}
	if got := back(len(text) + 10); got != len(in) {
		t.Errorf("back after the end = %d, want %d", got, len(in))
	}
	if got := back(-1); got != 0 {
		t.Errorf("back(-1) = %d, want 0", got)
	}
}

// TestSQLiteParts cuts spans out of statements that change things.
func TestSQLiteParts(t *testing.T) {
	for _, tt := range []struct {
		text string
		part func(*Statement) Span
		want string
	}{
		{
			"insert into classroom.invitations (courseId) select course_id from classroom.invitations returning course_id, upper(user_id)",
			func(s *Statement) Span { return s.Rows },
			`select courseId AS course_id from googleworkspace_classroom.invitations`,
		},
		{
			"insert into classroom.invitations (courseId) select course_id from classroom.invitations returning course_id, upper(user_id)",
			func(s *Statement) Span { return s.Returning },
			"courseId AS course_id, upper(userId)",
		},
		{
			"insert into invitations (courseId) (select 1) union (select 2)",
			func(s *Statement) Span { return s.Rows },
			"SELECT * FROM (select 1) union SELECT * FROM (select 2)",
		},
		{
			"delete from classroom.invitations as i where (select 1) and i.course_id in (select id from classroom.courses) returning id",
			func(s *Statement) Span { return s.Where },
			`(select 1) and i.courseId in (select id from googleworkspace_classroom.courses)`,
		},
		{
			"delete from roster where course_id = 1",
			func(s *Statement) Span { return s.Where },
			"course_id = 1",
		},
		{
			"exec invitations.accept @id in (select id from classroom.invitations)",
			func(s *Statement) Span { return s.Args[0].List },
			`select id from googleworkspace_classroom.invitations`,
		},
	} {
		s, err := Parse(Text(tt.text))
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
			continue
		}
		if got, _ := s.SQLite(tt.part(s), classroom{}); got != tt.want {
			t.Errorf("SQLite of a part of %q\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

// TestExplainedPlace checks that the places of an explained statement's errors
// are places of the whole text.
func TestExplainedPlace(t *testing.T) {
	stmts, _ := Split("a.iql", "select 1;\n explain\n  insert into t (a b) values (1);")
	_, err := Parse(stmts[1])
	if err == nil || err.Error() != "a.iql:3:20: unexpected b" {
		t.Errorf("Parse = %v", err)
	}
	s, err := Parse(Text("explain  select 1"))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Explained.Source.String(); got != "select 1" {
		t.Errorf("Explained.Source = %q", got)
	}
}

func TestHabits(t *testing.T) {
	names, joins := Habits{ResultNames: true}, Habits{InnerJoins: true}
	for _, tt := range []struct {
		habits     Habits
		text, want string // "" where nothing is edited
	}{
		{names, "select i.id, [c].[name] from i, c order by id", "select i.id AS id, [c].[name] AS [name] from i, c order by id"},
		{names, "select id, i.id x, i.id as y, upper(i.id), i.id || 'z', i.* from i", ""},
		{names, "select * from (select i.id from i)", ""},
		{names, "select i.course_id from classroom.invitations i", `select i.courseId AS course_id from googleworkspace_classroom.invitations i`},
		{joins, "select 1 from a left join b on a.x = b.x where b.y = 'z'", "select 1 from a join b on a.x = b.x where b.y = 'z'"},
		{joins, "select 1 from a left outer join b as c on 1 where c.y in ('z', 'w') and a.x", "select 1 from a join b as c on 1 where c.y in ('z', 'w') and a.x"},
		{joins, "select 1 from a left join classroom.invitations on 1 where invitations.y == 1", `select 1 from a join googleworkspace_classroom.invitations on 1 where invitations.y == 1`},
		{joins, "select 1 from a left join b on b.y = 'z'", ""},
		{joins, "select 1 from a left join b on 1 where b.y = 'z' or a.x", ""},
		{joins, "select 1 from a left join b on 1 where b.y is null and b.y <> 'z' and b.x = a.x", ""},
		{joins, "select 1 from a left join b on 1 union select 1 from b where b.y = 'z'", ""},
		{joins, "select 1 from a where a.x in (select 1 from c left join b on 1) and b.y = 'z'", ""},
		{joins, "select 1 from a left join b on 1 where b.y in (a.x, 'z')", ""},
		{joins, "select 1 from a left join", ""},
	} {
		s, err := Parse(Text(tt.text))
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
			continue
		}
		s.Habits = tt.habits
		if tt.want == "" {
			tt.want = tt.text
		}
		if got, _ := s.SQLite(s.All(), classroom{}); got != tt.want {
			t.Errorf("%+v\n got %s\nwant %s", tt.habits, got, tt.want)
		}
	}
}
