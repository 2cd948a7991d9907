package sqlengine_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/format"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// TestLaidOut runs what users of StackQL type in two sessions, in one of them as
// iql fmt lays it out. The names of the columns, the rows and the errors are the
// same.
func TestLaidOut(t *testing.T) {
	text, err := os.ReadFile("testdata/stackql-statements.iql")
	if err != nil {
		t.Fatal(err)
	}
	typed, laid := demo(t), demo(t)
	stmts, _ := syntax.Split("typed", string(text))
	for _, src := range stmts {
		out, err := format.Source("laid", src.String())
		if err != nil {
			t.Fatalf("Source(%q): %v", src, err)
		}
		again, _ := syntax.Split("laid", out)
		if len(again) != 1 {
			t.Fatalf("Source(%q) = %q: %d statements", src, out, len(again))
		}
		var want, got table
		_, wantErr := typed.Run(t.Context(), src, &want)
		_, gotErr := laid.Run(t.Context(), again[0], &got)
		if w, g := sqlengine.Describe(wantErr).Message, sqlengine.Describe(gotErr).Message; w != g {
			t.Errorf("%s\n\tfails as it is laid out: %q, want %q", out, g, w)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(table{})); diff != "" && !strings.Contains(strings.ToLower(out), "version") {
			t.Errorf("%s\n\tdoes otherwise (-typed +laid out):\n%s", out, diff)
		}
	}
}

// TestLaidOutRandom does it for random queries on plain tables, their words in
// small letters.
func TestLaidOutRandom(t *testing.T) {
	conn := plain(t, emptied(awkward(t)))
	rapid.Check(t, func(t *rapid.T) {
		sql := small(randomQuery(t))
		out, err := format.Source("", sql)
		if err != nil {
			t.Fatalf("Source(%q): %v", sql, err)
		}
		want, wantErr := runFor(time.Second, conn, sql)
		if errors.Is(wantErr, sqlite3.INTERRUPT) {
			return // a product of too many tables
		}
		got, gotErr := runFor(time.Minute, conn, out)
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("%s\n\t%v\n%s\n\t%v", sql, wantErr, out, gotErr)
		}
		if wantErr != nil {
			return
		}
		if diff := cmp.Diff(want.columns, got.columns); diff != "" {
			t.Fatalf("%s\n\thas other columns (-typed +laid out):\n%s\n%s", sql, diff, out)
		}
		if len(want.rows) != len(got.rows) {
			t.Fatalf("%s\n\thas %d rows, and %d as it is laid out:\n%s", sql, len(want.rows), len(got.rows), out)
		}
	})
}

// small returns a query with its words in small letters, those in quotes apart.
func small(sql string) string {
	var b strings.Builder
	for tok := range syntax.Scan(sql) {
		if tok.Kind == syntax.Word {
			tok.Text = strings.ToLower(tok.Text)
		}
		b.WriteString(tok.Text)
	}
	return b.String()
}
