package syntax

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// namesNothing has no names of resources.
type namesNothing struct{}

func (namesNothing) Service([]string) (string, bool)     { return "", false }
func (namesNothing) Table(string, string) (string, bool) { return "", false }
func (namesNothing) Column(snake string) (string, bool)  { return "", false }

func TestBind(t *testing.T) {
	values := map[string]any{
		"id": "x1", "mail": "a.b+c@d-e.example", "quote": "o'b", "n": int64(5), "minus": int64(-5), "none": nil, "f": 1.5,
		"long": strings.Repeat("x", maxShown+1), "nul": "a\x00", "bytes": []byte("x"), "bad": "\xff", "empty": "",
	}
	for _, tt := range []struct{ sql, want string }{
		{`SELECT :id`, `SELECT :id`},
		{`SELECT a FROM t WHERE a = :id`, `SELECT a FROM t WHERE a =  'x1' `},
		{`SELECT a FROM t WHERE a=:mail AND b==:n`, `SELECT a FROM t WHERE a= 'a.b+c@d-e.example'  AND b== 5 `},
		{`SELECT a FROM t WHERE :id=a OR (:n = t.a)`, `SELECT a FROM t WHERE  'x1' =a OR ( 5  = t.a)`},
		{`SELECT a FROM t JOIN u ON t.a IS :id`, `SELECT a FROM t JOIN u ON t.a IS  'x1' `},
		{`SELECT (SELECT 1 FROM t WHERE a = :id) FROM t`, `SELECT (SELECT 1 FROM t WHERE a =  'x1' ) FROM t`},
		{`SELECT a = :id FROM t`, `SELECT a = :id FROM t`},
		{`SELECT a FROM t ORDER BY a = :id LIMIT :n`, `SELECT a FROM t ORDER BY a = :id LIMIT :n`},
		{`SELECT a FROM t WHERE a <> :id AND a > :n AND a IN (:id) AND a LIKE :id`, `SELECT a FROM t WHERE a <> :id AND a > :n AND a IN (:id) AND a LIKE :id`},
		{`SELECT a FROM t WHERE a = :quote OR a = :minus OR a = :none OR a = :f`, `SELECT a FROM t WHERE a = :quote OR a = :minus OR a = :none OR a = :f`},
		{`SELECT a FROM t WHERE a = :long OR a = :nul OR a = :bytes OR a = :bad OR a = :empty`, `SELECT a FROM t WHERE a = :long OR a = :nul OR a = :bytes OR a = :bad OR a = :empty`},
		{`SELECT a FROM t WHERE f(a) = :id AND 1 = :n`, `SELECT a FROM t WHERE f(a) = :id AND 1 = :n`},
		{`SELECT a FROM t WHERE a + :n = b`, `SELECT a FROM t WHERE a + :n = b`},
		{`SELECT a FROM t WHERE a BETWEEN :id AND :id = b`, `SELECT a FROM t WHERE a BETWEEN :id AND  'x1'  = b`},
		{`SELECT a FROM csv(:id) WHERE a = :id`, `SELECT a FROM files."csv('x1')" AS csv WHERE a =  'x1' `},
	} {
		s, err := Bind(Text(tt.sql), values)
		if err != nil {
			t.Errorf("Bind(%s) = %v", tt.sql, err)
			continue
		}
		got, back := s.SQLite(s.All(), namesNothing{})
		if got != tt.want {
			t.Errorf("Bind(%s)\n got %s\nwant %s", tt.sql, got, tt.want)
		}
		for _, p := range s.Parameters {
			if at := strings.Index(got, p.Span.Of(tt.sql)); at >= 0 && p.Shown() == "" && !strings.HasPrefix(tt.sql[back(at):], ":"+p.Name) {
				t.Errorf("Bind(%s): :%s is at %d of the statement", tt.sql, p.Name, back(at))
			}
		}
	}
}

// TestBindTokens has what a plan finds in the place of parameters.
func TestBindTokens(t *testing.T) {
	sql := `EXEC m.n @id = :id, @n = :n, @x IN (:quote, :none, :unbound, ?)`
	s, err := Bind(Text(sql), map[string]any{"id": "x", "n": int64(5), "quote": "o'b", "none": nil})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tok := range s.Tokens[4:] {
		got = append(got, fmt.Sprintf("%s %s %s", tok.Kind, tok.Text, sql[tok.Start:tok.End]))
	}
	want := []string{
		"Param @id @id", "Op = =", "String 'x' :id", "Comma , ,", "Param @n @n", "Op = =", "Number 5 :n", "Comma , ,", "Param @x @x", "Word IN IN",
		"Open ( (", "String 'o''b' :quote", "Comma , ,", "Param :none :none", "Comma , ,", "Param :unbound :unbound", "Comma , ,", "Param ? ?", "Close ) )",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("tokens of %s (-want +got)\n%s", sql, d)
	}
	bound := map[string]bool{}
	for _, p := range s.Parameters {
		bound[string(p.Sign)+p.Name] = p.Bound
	}
	wantBound := map[string]bool{":id": true, ":n": true, ":quote": true, ":none": true, ":unbound": false, "?": false}
	if d := cmp.Diff(wantBound, bound); d != "" {
		t.Errorf("parameters of %s (-want +got)\n%s", sql, d)
	}
}

// TestBindIsLinear has as many parameters, conditions and arguments as a statement can
// hold.
func TestBindIsLinear(t *testing.T) {
	for _, part := range []string{`(SELECT 1 FROM t WHERE a=:x),`, `:x,`} {
		n := (maxText - 100) / len(part)
		sql := "SELECT " + strings.Repeat(part, n) + "1"
		start := time.Now()
		s, err := Bind(Text(sql), map[string]any{"x": "v"})
		if err != nil {
			t.Fatal(err)
		}
		s.SQLite(s.All(), namesNothing{})
		if took := time.Since(start); took > 2*time.Minute || len(s.Parameters) != n {
			t.Errorf("Bind of %d parameters of %q took %v and found %d", n, part, took, len(s.Parameters))
		}
	}
}

// FuzzBind gives parameters of any statement a value: what SQLite is to read has the same
// tokens as the text, but for a literal in the place of one.
func FuzzBind(f *testing.F) {
	f.Add(`SELECT a FROM t WHERE a = :x`, "v")
	f.Add(`SELECT a FROM t WHERE :x=a AND(b=:x)`, "a@b")
	f.Add(`SELECT a FROM csv(:x)WHERE a=:x'y'`, "o'b")
	f.Fuzz(func(t *testing.T, sql, value string) {
		plain, err := Parse(Text(sql))
		s, berr := Bind(Text(sql), map[string]any{"x": value})
		if err != nil || berr != nil {
			return
		}
		if len(plain.Files) != len(s.Files) {
			return // a file that the value names
		}
		was, _ := plain.SQLite(plain.All(), namesNothing{})
		got, _ := s.SQLite(s.All(), namesNothing{})
		a, b := significant(was), significant(got)
		if len(a) != len(b) {
			t.Fatalf("Bind(%q, %q): %q has other tokens than %q", sql, value, got, was)
		}
		for i := range a {
			shown := a[i].Kind == Param && a[i].Text == ":x" && b[i].Kind == String && b[i].Name() == value
			if a[i].Text != b[i].Text && !shown {
				t.Fatalf("Bind(%q, %q): %q stands for %q", sql, value, b[i].Text, a[i].Text)
			}
		}
	})
}

// significant returns the tokens that SQLite reads.
func significant(text string) (toks []Token) {
	for tok := range Scan(text) {
		if !tok.blank() {
			toks = append(toks, tok)
		}
	}
	return toks
}
