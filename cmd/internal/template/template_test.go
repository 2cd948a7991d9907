package template_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/iql-lang/iql/cmd/internal/template"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRender(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text, data, dataFile string
		vars                       map[string]string
		want                       string
		rendered                   bool
	}{
		{name: "no data", text: "SELECT '{{ .x }}'", want: "SELECT '{{ .x }}'"},
		{name: "empty", text: "", want: ""},
		{name: "a block not at the start", text: "SELECT 1;\n<<<json {} >>>", want: "SELECT 1;\n<<<json {} >>>"},
		{name: "json", text: "SELECT '{{ .x }}'", dataFile: "d.json", data: `{"x": "é"}`, want: "SELECT 'é'", rendered: true},
		{
			name: "numbers", text: "{{ .a }} {{ .b }} {{ .c }} {{ if eq .a 620015 }}yes{{ end }}", dataFile: "D.JSON", data: `{"a": 620015, "b": 1.5, "c": 123456789012345678901234567890}`,
			want: "620015 1.5 123456789012345678901234567890 yes", rendered: true,
		},
		{name: "jsonnet", text: "{{ range .users }}'{{ . }}'{{ end }}", dataFile: "d.jsonnet", data: "local n = 2; { users: ['u%d' % i for i in std.range(1, n)] }", want: "'u1''u2'", rendered: true},
		{name: "variables", text: "{{ .x }}", dataFile: "d.jsonnet", data: "{ x: std.extVar('x') }", vars: map[string]string{"x": "it's"}, want: "it's", rendered: true},
		{name: "a block", text: "\n <<<jsonnet\n{ x: 1 + 1 }\n>>>\n\nSELECT {{ .x }};\n", want: "SELECT 2;\n", rendered: true},
		{name: "a block on a line", text: `<<<json {"a": {"b": [7]}} >>>SELECT {{ index .a.b 0 }}`, want: "SELECT 7", rendered: true},
		{name: "a block is no text", text: "<<<json {\"a\": \"{{ nonsense\"} >>>{{- .a }}", want: "{{ nonsense", rendered: true},
		{name: "a quote ends a text", text: "'{{ .x }}'", dataFile: "d.json", data: `{"x": "a'; DROP TABLE t; --"}`, want: "'a'; DROP TABLE t; --'", rendered: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := template.Renderer{Vars: tt.vars}
			if tt.dataFile != "" {
				r.Data = &template.Data{File: tt.dataFile, Text: tt.data}
			}
			got, rendered, err := r.Render(t.Context(), "a.iql", tt.text)
			if err != nil || got != tt.want || rendered != tt.rendered {
				t.Errorf("Render(%q) = %q, %t, %v, want %q, %t", tt.text, got, rendered, err, tt.want, tt.rendered)
			}
		})
	}
}

func TestRenderErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, dataFile, data, want string }{
		{"a name that is not there", "SELECT 1;\nSELECT '{{ .x.y }}'", "d.json", "{}", `a.iql:2:14: map has no entry for key "x"`},
		{"a template that is none", "SELECT 1;\n  {{ if }}", "d.json", "{}", "a.iql:2:1: missing value for if"},
		{"a name without a dot", "{{ project }}", "d.json", "{}", `a.iql:1:1: function "project" not defined`},
		{"the wrong kind", "é {{ range .x }}{{ end }}", "d.json", `{"x": true}`, "a.iql:1:12: range can't iterate over true"},
		{"not closed", "-- x\n<<<json {}", "", "", ""},
		{"a block that is not closed", "\n <<<json {}", "", "", "a.iql:2:2: the block of data is never closed"},
		{"a block of nothing", "<<<yaml x >>>", "", "", `a.iql:1:1: a block of data of no kind that is known: "yaml"`},
		{"data twice", "<<<json {} >>>", "d.json", "{}", "a.iql:1:1: there are data of d.json and a block of data"},
		{"a file of no kind", "x", "d.yaml", "{}", "d.yaml:1:1: it is not known what d.yaml holds"},
		{"not json", "<<<json\n{\n  x: 1}\n>>>", "", "", "a.iql:3:3: the data are not JSON: invalid character 'x' looking for beginning of object key string"},
		{"half of json", "x", "d.json", "{\n  \"x\": [", "d.json:2:9: the data end too early"},
		{"two of json", "x", "d.json", "{}\n{}", "d.json:2:1: there is more after the data"},
		{"not jsonnet", "<<<jsonnet\n{ x: }\n>>>", "", "", "a.iql:2:6: Unexpected: \"}\" while parsing terminal"},
		{"an error of jsonnet", "<<<jsonnet\n{ x: 1,\n  y: error 'no é' }\n>>> {{ .y }}", "", "", "a.iql:3:6: no é"},
		{"a variable that is not given", "x", "d.jsonnet", "{ x: std.extVar('n') }", "d.jsonnet:1:6: Undefined external variable: n"},
		{"too deep", "x", "d.jsonnet", "local f(n) = 1 + f(n + 1);\nf(1)", "d.jsonnet:1:18: max stack frames exceeded."},
		{"nothing to import", "x", "d.jsonnet", "import '/etc/passwd'", "d.jsonnet:1:1: /etc/passwd is not in the folder of the template"},
		{"too long", "x", "d.jsonnet", strings.Repeat("[", 1<<20+1), "d.jsonnet:1:1: d.jsonnet is more than 1 MB of Jsonnet"},
		{"brackets", "x", "d.jsonnet", strings.Repeat("[", 501), "d.jsonnet:1:501: too much, one in another"},
		{"signs", "x", "d.jsonnet", strings.Repeat("- ", 501) + "1", "d.jsonnet:1:1001: too much, one in another"},
		{"words", "x", "d.jsonnet", strings.Repeat("function(x) ", 5001), "d.jsonnet:1:60001: too much, one in another"},
		{"actions", strings.Repeat("{{ if 1 }}", 501), "d.json", "{}", "a.iql:1:5001: too much, one in another"},
		{"alternatives", "{{ if 1 }}" + strings.Repeat("{{ else if 1 }}", 5001), "d.json", "{}", "a.iql:1:75011: too much, one in another"},
		{"parentheses", "{{ " + strings.Repeat("(", 501), "d.json", "{}", "a.iql:1:504: too much, one in another"},
		{"a template without end", `{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}`, "d.json", "{}", "a.iql:1:29: exceeded maximum template depth (100000)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var r template.Renderer
			if tt.dataFile != "" {
				r.Data = &template.Data{File: tt.dataFile, Text: tt.data}
			}
			_, _, err := r.Render(t.Context(), "a.iql", tt.text)
			if tt.want == "" {
				if err != nil {
					t.Errorf("Render(%q) = %v", tt.text, err)
				}
				return
			}
			wrong, ok := errors.AsType[*syntax.Error](err)
			if !ok || wrong.Error() != tt.want || wrong.Code != template.CodeTemplate {
				t.Errorf("Render(%q) = %v\nwant %s", tt.text, err, tt.want)
			}
		})
	}
}

// TestImports checks which files Jsonnet may read.
func TestImports(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "dir")
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("secret.libsonnet", "'secret'")
	write("dir/lib/a.libsonnet", "(import 'b.libsonnet') + (import '../c.libsonnet') + importstr 'd.txt'")
	write("dir/lib/b.libsonnet", "'b'")
	write("dir/lib/d.txt", "d")
	write("dir/c.libsonnet", "'c'")
	write("dir/wrong.libsonnet", "{ x: }")
	if err := os.Symlink("../secret.libsonnet", filepath.Join(dir, "link.libsonnet")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ code, want, problem string }{
		{"import 'lib/a.libsonnet'", "bcd", ""},
		{"import './lib/../c.libsonnet'", "c", ""},
		{"import '../secret.libsonnet'", "", "is not in the folder of the template"},
		{"import '../dir/c.libsonnet'", "c", ""},
		{"import '" + filepath.Join(root, "secret.libsonnet") + "'", "", "is not in the folder of the template"},
		{"import 'link.libsonnet'", "", "escapes"},
		{"import 'lib'", "", "is no file"},
		{"import 'none.libsonnet'", "", "no such file"},
		{"import 'wrong.libsonnet'", "", "wrong.libsonnet:1:6"},
	} {
		for _, where := range []string{"block", "file"} {
			r, text := template.Renderer{}, "<<<jsonnet\n{ x: "+tt.code+" }\n>>>{{ .x }}"
			if where == "file" {
				r.Data = &template.Data{File: filepath.Join(dir, "d.jsonnet"), Text: "{ x: " + tt.code + " }"}
				text = "{{ .x }}"
			}
			got, _, err := r.Render(t.Context(), filepath.Join(dir, "a.iql"), text)
			if got != tt.want || (err == nil) != (tt.problem == "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("Render of %s in a %s = %q, %v, want %q, %q", tt.code, where, got, err, tt.want, tt.problem)
			}
		}
	}
	got, _, err := template.Renderer{}.Render(t.Context(), "<stdin>", "<<<jsonnet import 'template.go' >>>")
	if err == nil || !strings.Contains(err.Error(), "is in no folder") {
		t.Errorf("Render of standard input that imports = %q, %v", got, err)
	}
}

func TestRenderBounds(t *testing.T) {
	t.Parallel()
	data := &template.Data{File: "d.json", Text: `{"x": "` + strings.Repeat("x", 1<<20) + `"}`}
	_, _, err := template.Renderer{Data: data}.Render(t.Context(), "a.iql", "{{ $x := .x }}{{ range 65 }}{{ $x }}{{ end }}")
	if err == nil || !strings.Contains(err.Error(), "it writes more than 64 MB") {
		t.Errorf("Render of 65 MB: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = template.Renderer{Data: data}.Render(ctx, "a.iql", "{{ .x }}")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Render that is stopped: %v", err)
	}
}

func FuzzRender(f *testing.F) {
	f.Add("<<<jsonnet\n{ x: std.extVar('x') }\n>>>SELECT '{{ .x }}'", "")
	f.Add("{{ range .x }}{{ . }}{{ end }}", `{"x": [1, 2.5, null, "a"]}`)
	f.Add("<<<json {\"x\": 1} >>>{{ .y }}", "")
	f.Add("{{ printf \"%d\" .x | len }}", "local x = 1; { x: x }")
	f.Fuzz(func(t *testing.T, text, data string) {
		if len(text)+len(data) > 4096 || strings.Contains(text, "range") && strings.Contains(text, "9") {
			return // it may take its time
		}
		r := template.Renderer{Vars: map[string]string{"x": "y"}}
		if data != "" {
			r.Data = &template.Data{File: "<d>.jsonnet", Text: data}
		}
		_, _, err := r.Render(t.Context(), "<stdin>", text)
		wrong, ok := errors.AsType[*syntax.Error](err)
		if err != nil && (!ok || wrong.Line < 1 || wrong.Code != template.CodeTemplate) {
			t.Errorf("Render(%q, %q): %v has no place", text, data, err)
		}
	})
}
