package plan_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/plan"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

var update = flag.Bool("update", false, "write what came into the golden files")

// TestBuild plans the statements of testdata/*.txtar. Each file of an archive
// is a case: a statement, a line "=>", and its plan.
func TestBuild(t *testing.T) {
	names, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range names {
		if entry.IsDir() {
			continue
		}
		file := "testdata/" + entry.Name()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		archive := txtar.Parse(text)
		for i, f := range archive.Files {
			t.Run(strings.TrimSuffix(entry.Name(), ".txtar")+"/"+f.Name, func(t *testing.T) {
				sql, want, _ := strings.Cut(string(f.Data), "=>\n")
				got := printed(strings.TrimRight(sql, "\n"))
				if *update {
					archive.Files[i].Data = []byte(sql + "=>\n" + got)
					return
				}
				if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); d != "" {
					t.Errorf("%s\n(-want +got)\n%s", sql, d)
				}
			})
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// printed returns the plan of a statement as text, or its error.
func printed(sql string) string {
	stmt, err := syntax.Parse(syntax.Text(sql))
	if err != nil {
		return "parse: " + failure(err)
	}
	p, err := plan.Build(stmt, registry.Embedded())
	if err != nil {
		return failure(err)
	}
	var b strings.Builder
	show(&b, p)
	return b.String()
}

func failure(err error) string {
	out := fmt.Sprintf("error %T: %v\n", err, err)
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		out += fmt.Sprintf("  %s, %q, hint %q\n", e.Code, e.Token, e.Hint)
	}
	return out
}

func show(b *strings.Builder, p *plan.Plan) {
	fmt.Fprintln(b, "verb", p.Verb)
	line := func(name string, value any, present bool) {
		if present {
			fmt.Fprintln(b, name, value)
		}
	}
	if p.Explained != nil {
		fmt.Fprint(b, "of ")
		show(b, p.Explained)
	}
	line("fact", p.Fact, p.Fact != plan.NoFact)
	line("query", p.Query.String(), !p.Query.Empty())
	line("rows", p.Literal, p.Literal > 0)
	line("local", p.Local, p.Local)
	for _, f := range p.Files {
		fmt.Fprintln(b, "file", f.Kind, f.Name, f.Alias)
	}
	for _, n := range p.Names {
		fmt.Fprintln(b, "name", n.Column, n.Value)
	}
	line("notice", p.Notices, len(p.Notices) > 0)
	if p.Call == nil {
		return
	}
	fmt.Fprintf(b, "call %s %q\n", p.Call.Method.ID, p.Call.Params)
	line("fixed", p.Call.Fixed, len(p.Call.Fixed) > 0)
	line("ignore", p.Call.Ignore, p.Call.Ignore)
	line("show", p.Call.Show, p.Call.Show)
	line("before", p.Call.Before, p.Call.Before)
	line("returning", p.Call.Returning.String(), !p.Call.Returning.Empty())
}

// TestPlace maps words of queries back to the statement; a name that was edited
// comes from its start.
func TestPlace(t *testing.T) {
	for _, tt := range []struct {
		sql   string
		words []string // each stands once in the statement and once in the query
	}{
		{`SELECT course_id FROM googleworkspace.classroom.invitations WHERE courseId = 'é1' AND roles = 'STUDENT'`, []string{"'é1'", "roles", "'STUDENT'", "SELECT", "WHERE"}},
		{`DELETE FROM classroom.invitations AS i WHERE i.course_id = '1' AND length(i.rol) > 3 RETURNING *`, []string{"length", "rol)", "'1'"}},
		{`INSERT INTO invitations (courseId, userId, role) SELECT idd, 'me', 'STUDENT' FROM classroom.courses`, []string{"idd", "'me'", "FROM"}},
		{`WITH x AS (SELECT 17) INSERT INTO invitations (courseId, userId, role) SELECT * FROM xx`, []string{"17", "xx"}},
		{`EXEC invitations.accept @id IN ('a', 'b' || 'c')`, []string{"'a'", "||", "'c'"}},
		{`DELETE FROM invitations WHERE id IN (SELECT idd FROM courses)`, []string{"idd", "courses"}},
		{`SHOW RESOURCES IN classroom WHERE nam LIKE 'x'`, []string{"nam ", "'x'"}},
	} {
		stmt, err := syntax.Parse(syntax.Text(tt.sql))
		if err != nil {
			t.Fatal(tt.sql, err)
		}
		p, err := plan.Build(stmt, registry.Embedded())
		if err != nil {
			t.Fatal(tt.sql, err)
		}
		query := p.Query.String()
		for _, word := range tt.words {
			got, ok := p.Query.Place(strings.LastIndex(query, word))
			if want := strings.LastIndex(tt.sql, word); got != want || !ok {
				t.Errorf("%s\n%s\nPlace of %s = %d, %v, want %d", tt.sql, query, word, got, ok, want)
			}
		}
	}
}
