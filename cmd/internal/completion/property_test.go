package completion_test

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/cmd/internal/completion"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pieces are what texts are made of that could go wrong.
var pieces = []string{
	"SELECT ", "* ", "FROM ", "WHERE ", "invitations ", "invitations", "courses c ", "i.", "i", "JOIN ", "ON ", "= ", "IN (", "(", ")", ", ",
	"courseId ", "role ", "role = ", "'", "''", "\"", "`", "[", "]", "ST", "'ST", "INSERT INTO ", "(courseId, role) ", "VALUES ", "EXEC ", "accept ",
	"@", "@id ", ":", "WITH x AS ", "UNION ", "SET ", "UPDATE ", "DELETE FROM ", "RETURNING ", "SHOW ", "METHODS IN ", "DESCRIBE ", "csv('", "csv(",
	"--", "\n", "/*", "*/", ";", "\\", "\\i ", "\\f ", ".", ".read ", "é", "日本", "\xff", "10", "0x", "AS ", "LEFT ", "CASE ", "GROUP BY ", "\"My", "x'0",
}

// checkAt checks what holds of every text and cursor.
func checkAt(t rapid.TB, text string, cursor int) {
	t.Helper()
	s := source()
	candidates, start := s.At(text, cursor)
	if again, from := s.At(text, cursor); from != start || !reflect.DeepEqual(again, candidates) {
		t.Fatalf("At(%q, %d) is %v, %d, then %v, %d", text, cursor, candidates, start, again, from)
	}
	place := min(max(cursor, 0), len(text))
	if start < 0 || start > place || start < len(text) && place == cursor && utf8.ValidString(text) && !utf8.RuneStart(text[start]) {
		t.Fatalf("At(%q, %d) starts at %d", text, cursor, start)
	}
	if place < len(text) && !utf8.RuneStart(text[place]) {
		return // the cursor was moved
	}
	typed, seen := text[start:place], map[string]bool{}
	for _, c := range candidates {
		if c.Text == "" || c.Group == "" || seen[c.Text] {
			t.Fatalf("At(%q, %d) offers %+v", text, cursor, c)
		}
		seen[c.Text] = true
		if !begins(c, typed) {
			t.Fatalf("At(%q, %d) offers %+v for %q", text, cursor, c, typed)
		}
		if c.Group == completion.Values {
			checkValue(t, text[:start]+c.Text+text[place:], start, c)
		}
	}
}

// begins reports whether a candidate may take the place of what was typed: it is
// its beginning, or that of the column's name in it, or of the name that gets quotes
// in it, with its own quotes doubled already or not yet.
func begins(c completion.Candidate, typed string) bool {
	fold := func(text, typed string) bool {
		return len(text) >= len(typed) && strings.EqualFold(text[:len(typed)], typed)
	}
	if _, column, _ := strings.Cut(c.Text, "."); c.Group == completion.Values || fold(c.Text, typed) || fold(column, typed) {
		return true
	}
	for _, quote := range []string{`"`, "'"} {
		if inner, ok := strings.CutPrefix(c.Text, quote); ok {
			name := strings.TrimPrefix(typed, quote)
			return fold(inner, name) || fold(strings.ReplaceAll(inner, quote+quote, quote), name)
		}
	}
	return false
}

// checkValue checks that a value is one text where it has been put.
func checkValue(t rapid.TB, text string, start int, c completion.Candidate) {
	t.Helper()
	for tok := range syntax.Scan(text[start:]) {
		if tok.Kind != syntax.String {
			t.Fatalf("%+v makes %q, which has no text at %d", c, text, start)
		}
		return
	}
}

func TestEveryText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 14).Draw(t, "pieces"), "")
		checkAt(t, text, rapid.IntRange(-1, len(text)+1).Draw(t, "cursor"))
	})
}

func FuzzAt(f *testing.F) {
	f.Add("SELECT i. FROM invitations i WHERE role = '", 9)
	f.Add("INSERT INTO invitations (courseId) VALUES ('é", 45)
	f.Add("\\i it's\n.read x", 12)
	f.Add("\\i it's", 79)
	f.Add("\\i 'it's", 79)
	f.Add("INSERT INTO invitations (courseId) VALUES ('", 43)
	f.Add("INSERT INTO invitations (courseId) VALUES (''''", 44)
	f.Fuzz(func(t *testing.T, text string, cursor int) { checkAt(t, text, cursor) })
}

// TestLong checks that a text of half a megabyte is no trouble, whatever it
// repeats: steps that grow with its square would take minutes.
func TestLong(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, begin, repeat, end string }{
		{"parentheses", "SELECT ", "(", ""},
		{"queries", "SELECT * FROM ", "(SELECT * FROM ", ""},
		{"tables", "SELECT * FROM courses", ", courses", " WHERE co"},
		{"unknown tables", "SELECT * FROM x", " JOIN y ON a = b", " WHERE co"},
		{"names", "SELECT a", ".a", ". FROM courses"},
		{"columns", "SELECT ", "name, ", ""},
		{"inserted", "INSERT INTO invitations (", "courseId,", ""},
		{"conditions", "SELECT * FROM invitations WHERE ", "id = 'x' OR ", ""},
		{"commands", "", "\\if ", ""},
		{"lines", "", "\\q '\n", "SELECT "},
		{"statements", "", "SELECT 1;", "SELECT "},
		{"quotes", "SELECT * FROM courses WHERE courseState = '", "''", ""},
		{"negations", "SELECT * FROM courses WHERE name ", "NOT ", ""},
		{"unions", "", "SELECT * FROM courses UNION ", "SELECT "},
		{"stars", "WITH a AS (SELECT * FROM courses) ", ", a AS (SELECT * FROM a, a, a, a, a, a, a, a)", " SELECT * FROM a WHERE "},
		{"arguments", "EXEC invitations.list ", "@courseId = 1, ", ""},
		{"cases", "SELECT ", "CASE WHEN ", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := tt.begin + strings.Repeat(tt.repeat, 1<<19/len(tt.repeat)) + tt.end
			began := time.Now()
			for _, cursor := range []int{len(text), len(tt.begin), len(text) / 2} {
				source().At(text, cursor)
			}
			if took := time.Since(began); took > 2*time.Minute {
				t.Errorf("At took %v", took)
			}
		})
	}
}

// TestDeepStars checks that tables which stand for many others cannot make the
// work grow by powers.
func TestDeepStars(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("WITH t0 AS (SELECT * FROM nothing)")
	for i := range 30 {
		name := string(rune('a' + i))
		last := string(rune('a' + i - 1))
		if i == 0 {
			last = "t0"
		}
		b.WriteString(", " + name + " AS (SELECT * FROM " + strings.Repeat(last+",", 63) + last + ")")
	}
	if got := offered(source(), b.String()+" SELECT x| FROM a, b, c"); got != "" {
		t.Errorf("At(...) = %s, want nothing", got)
	}
}

func TestNothingToAsk(t *testing.T) {
	t.Parallel()
	s := &completion.Source{Registry: source().Registry}
	for text, want := range map[string]string{
		`\i |`:                          "",
		"FROM csv('|":                   "",
		"SELECT :|":                     "",
		"SELECT * FROM classroom.cour|": "tables: courses courses_aliases",
		"SELECT * FROM invitations WHERE courseId = '|":  "",
		"SELECT * FROM invitations WHERE role = 'T|":     "values: 'TEACHER'",
		"DELETE FROM invitations WHERE invitations.use|": "columns: userId",
	} {
		if got := offered(s, text); got != want {
			t.Errorf("At(%q) = %s, want %s", text, got, want)
		}
	}
}

// TestHarmless checks that names from elsewhere cannot steer a terminal.
func TestHarmless(t *testing.T) {
	t.Parallel()
	s := source()
	s.Values = func(completion.Kind) []completion.Value {
		return []completion.Value{{Text: "1\x1b[2J"}, {Text: "101", Also: []string{"Al\x1b]0;gebra"}}}
	}
	s.Files = func(string) ([]completion.Entry, error) {
		return []completion.Entry{{Name: "a\x07.csv"}, {Name: "b.csv"}}, nil
	}
	for text, want := range map[string]string{
		"SELECT * FROM invitations WHERE courseId = '|": "values: '101'",
		"SELECT * FROM csv('|":                          "files: 'b.csv'",
	} {
		candidates, _ := s.At(at(text))
		if got := offered(s, text); got != want {
			t.Errorf("At(%q) = %s, want %s", text, got, want)
		}
		for _, c := range candidates {
			if strings.ContainsAny(c.Text+c.Display+c.About, "\x1b\x07") {
				t.Errorf("At(%q) offers %+q", text, c)
			}
		}
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		want  completion.Candidate
		start int
	}{
		{"SELECT * FROM invitations WHERE cour|", completion.Candidate{
			Text: "courseId", Group: completion.Required, About: "or userId or id. Course to join",
		}, 32},
		{"SELECT * FROM invitations WHERE courseId = 'al|'", completion.Candidate{
			Text: "'101", Display: "101", Group: completion.Values, About: "Algebra",
		}, 43},
		{"SELECT coun|", completion.Candidate{
			Text: "count(", Display: "count(x)", Group: completion.Functions, About: "rows of the group in which x is not NULL; * counts all",
		}, 7},
		{`\i da|`, completion.Candidate{Text: "data/", Display: "data/", Group: completion.Files}, 3},
		{"SELECT * FROM csv('data/a|", completion.Candidate{Text: "'data/a.csv'", Display: "a.csv", Group: completion.Files}, 18},
		{"EXEC invitations.ac|", completion.Candidate{
			Text: "accept", Group: completion.Methods, About: "Makes the invited user a member of the course, in the role of the invitation, which is gone afterwards",
		}, 17},
	} {
		candidates, start := source().At(at(tt.text))
		if len(candidates) == 0 || candidates[0] != tt.want || start != tt.start {
			t.Errorf("At(%q) = %+v, %d, want %+v, %d", tt.text, candidates, start, tt.want, tt.start)
		}
	}
}
