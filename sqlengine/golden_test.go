package sqlengine_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/sqlengine"
)

var update = flag.Bool("update", false, "write what came into the golden files")

// TestGolden runs the statements of testdata/golden/*.txtar. Each file of an
// archive is a case: one statement to a line that ends in a semicolon, run one
// after another in a new session over the school of testdata/awkward.yaml, then
// a line "=>" and for each statement its result, the calls that were made, in
// order, and the error as Describe tells it. A first line "as ADDRESS" says who
// asks.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			archive := txtar.Parse(text)
			for i, f := range archive.Files {
				ran := t.Run(f.Name, func(t *testing.T) {
					in, want, _ := strings.Cut(string(f.Data), "=>\n")
					got := goldenCase(t, in)
					if *update {
						archive.Files[i].Data = []byte(in + "=>\n" + got)
						return
					}
					if d := gocmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); d != "" {
						t.Errorf("%s\n(-want +got)\n%s", in, d)
					}
				})
				if !ran && *update {
					t.Fatal("not written")
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func goldenCase(t *testing.T, in string) string {
	t.Helper()
	user := ""
	if line, rest, _ := strings.Cut(in, "\n"); strings.HasPrefix(line, "as ") {
		user, in = strings.TrimPrefix(line, "as "), rest
	}
	rec := &recorder{}
	s := session(t, rec.record(classroom.Methods(caller(t, readSchool(t, "awkward.yaml"), user))))
	var out strings.Builder
	for i, sql := range strings.Split(strings.TrimRight(in, "\n"), ";\n") {
		if i > 0 {
			out.WriteString("\n")
		}
		rec.calls = nil
		got, sum, err := run(t.Context(), s, strings.TrimSuffix(sql, ";"))
		write(&out, got, sum, rec.calls, err)
	}
	return out.String()
}

// write writes what became of a statement.
func write(out *strings.Builder, got *table, sum sqlengine.Summary, calls []string, err error) {
	if got.columns != nil {
		fmt.Fprintln(out, strings.Join(got.columns, " | "))
		for _, line := range lines(got.rows) {
			fmt.Fprintln(out, "  "+line)
		}
	}
	for _, c := range inOrder(calls) {
		fmt.Fprintln(out, "call "+c)
	}
	if sum.Changed+sum.Already+sum.Failed > 0 {
		fmt.Fprintf(out, "%s: %d changed, %d already, %d failed\n", sum.Verb, sum.Changed, sum.Already, sum.Failed)
	}
	for _, n := range sum.Notices {
		fmt.Fprintln(out, "notice "+n)
	}
	if err == nil {
		return
	}
	p := sqlengine.Describe(err)
	fmt.Fprintf(out, "error %s, exit %d: %s\n", p.Code, p.Exit, p.Message)
	if p.Line > 0 {
		fmt.Fprintf(out, "  at %d:%d+%d %q\n", p.Line, p.Column, p.Length, p.Token)
	}
	if p.Hint != "" {
		fmt.Fprintln(out, "  hint "+p.Hint)
	}
	for _, d := range p.Details {
		fmt.Fprintf(out, "  %s: %s\n", cmp.Or(d.Label, "..."), d.Text)
	}
}

// recorder notes the calls that are made.
type recorder struct {
	mu    sync.Mutex
	calls []string // guarded by mu
}

// inOrder returns calls with those that read sorted between the changes: reads
// are made at once.
func inOrder(calls []string) []string {
	out, reads := slices.Clone(calls), 0
	for i, call := range out {
		name, _, _ := strings.Cut(call, " ")
		if strings.HasSuffix(name, ".list") || strings.HasSuffix(name, ".get") {
			slices.Sort(out[reads : i+1])
			continue
		}
		reads = i + 1
	}
	return out
}

// record returns methods that note each call, at its first row.
func (r *recorder) record(methods provider.Methods) provider.Methods {
	out := provider.Methods{}
	for id, f := range methods {
		name := strings.TrimPrefix(id, schema+".")
		out[id] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				r.mu.Lock()
				r.calls = append(r.calls, strings.TrimSpace(name+" "+args.String()))
				r.mu.Unlock()
				f(ctx, args)(yield)
			}
		}
	}
	return out
}
