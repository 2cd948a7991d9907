// Package importtest checks which package may import which, so that data goes
// one way through iql and each foreign library stays behind one door.
package importtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/scanner"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/iql-lang/iql/"
	root   = "../../.."
	sqlite = "github.com/ncruces/go-sqlite3/..."
	yaml   = "go.yaml.in/yaml/v3"
)

// may says what each package may import besides the standard library and
// golang.org/x/sync. Packages of this module go without its path; "p/..." is p
// and all below it, "..." is anything. The first row that fits a package holds.
var may = []struct{ pkg, imports string }{
	{"cmd/...", "..."},
	{"examples/...", "..."},
	{"sqlengine", "sqlengine/... registry provider"},
	{"sqlengine/syntax", "provider github.com/xwb1989/sqlparser/..."},
	{"sqlengine/plan", "sqlengine/syntax registry provider"},
	{"sqlengine/vtab", "sqlengine/filetab registry provider " + sqlite},
	{"sqlengine/filetab", ""},
	{"sqlengine/journal", "provider " + sqlite},
	{"sqlengine/script", "sqlengine/syntax provider"},
	{"sqlengine/format", "sqlengine/syntax"},
	{"registry", yaml},
	{"provider", ""},
	{"provider/credentials", "provider golang.org/x/oauth2/... github.com/zalando/go-keyring github.com/google/renameio/v2/..."},
	{"provider/classroom", "provider"},
	{"provider/classroom/emulator/...", "provider provider/classroom provider/classroom/emulator/... " + yaml + " " + sqlite},
	{"provider/classroom/live/...", "provider provider/classroom provider/classroom/live/... golang.org/x/... github.com/cenkalti/backoff/v5"},
	{"provider/classroom/backendtest", "provider provider/classroom github.com/google/go-cmp/..."},
}

// only says who may import something directly, whatever the rows above allow.
var only = []struct{ imports, pkgs string }{
	{"github.com/xwb1989/sqlparser/...", "sqlengine/syntax"},
	{sqlite, "sqlengine/vtab sqlengine/journal provider/classroom/emulator/..."},
	{"database/sql/...", "provider/classroom/emulator/..."},
	{yaml, "registry cmd/internal/output provider/classroom/emulator/..."},
	{"github.com/olekukonko/tablewriter/...", "cmd/internal/output"},
	{"github.com/spf13/...", "cmd/..."},
	{"github.com/spf13/cobra/doc/...", ""}, // it would bring md2man into the program
	{"github.com/cpuguy83/go-md2man/...", "cmd/internal/gendocs"},
	{"github.com/pelletier/go-toml/v2/...", "cmd/internal/config"},
	{"github.com/google/go-jsonnet/...", "cmd/internal/template"},
	{"net/http/...", "cmd/... examples/... provider/classroom/... provider/credentials"},
	{"golang.org/x/oauth2/...", "provider/credentials"},
	{"github.com/zalando/go-keyring", "provider/credentials"},
	{"github.com/cenkalti/backoff/...", "provider/classroom/live"},
	{"golang.org/x/sys/...", "cmd/internal/cli"},
	{"golang.org/x/time/...", "provider/classroom/live"},
	{"github.com/reeflective/readline/...", "cmd/internal/editor"},
	{"github.com/gofrs/flock", "cmd/internal/editor"},
	{"github.com/creack/pty", "cmd/internal/ptytest"},
	{"github.com/hinshun/vt10x", "cmd/internal/ptytest"},
	{"testing/...", "provider/classroom/backendtest cmd/internal/ptytest"},
}

// pkg is a package as go list prints it. Imports are those of its own files,
// without tests.
type pkg struct {
	ImportPath string
	Imports    []string
}

// forbidden returns a sentence for each import that the tables do not allow.
func forbidden(pkgs []pkg) []string {
	var wrong []string
	for _, p := range pkgs {
		name := strings.TrimPrefix(p.ImportPath, module)
		i := slices.IndexFunc(may, func(r struct{ pkg, imports string }) bool { return fits(name, r.pkg) })
		if i < 0 {
			wrong = append(wrong, name+" has no row in the table of imports")
			continue
		}
		for _, imp := range p.Imports {
			imp = strings.TrimPrefix(imp, module)
			ok := standard(imp) || fits(imp, "golang.org/x/sync/... "+may[i].imports)
			for _, r := range only {
				if fits(imp, r.imports) && !fits(name, r.pkgs) {
					ok = false
				}
			}
			if !ok {
				wrong = append(wrong, name+" must not import "+imp)
			}
		}
	}
	return wrong
}

// fits reports whether name is one of the packages that patterns, divided by
// blanks, stand for.
func fits(name, patterns string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(pattern string) bool {
		below, ok := strings.CutSuffix(pattern, "...")
		return name == pattern || ok && strings.HasPrefix(name+"/", below)
	})
}

// standard reports whether a package is of the standard library. imp is without
// the path of this module, whose top folders no standard package shares.
func standard(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	ours := []string{"cmd", "examples", "provider", "registry", "sqlengine"}
	return !strings.Contains(first, ".") && !slices.Contains(ours, first)
}

func TestImports(t *testing.T) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) < 5 {
		t.Fatalf("go list found %d packages", len(pkgs))
	}
	for _, sentence := range forbidden(pkgs) {
		t.Error(sentence)
	}
}

func TestForbidden(t *testing.T) {
	for _, tt := range []struct {
		pkg, imp string
		ok       bool
	}{
		{"cmd/iql", "sqlengine/vtab", true},
		{"cmd/iql", "net/http", true},
		{"cmd/internal/cli", "github.com/spf13/cobra", true},
		{"cmd/internal/cli", "github.com/spf13/cobra/doc", false},
		{"cmd/internal/cli", "github.com/cpuguy83/go-md2man/v2/md2man", false},
		{"cmd/internal/gendocs", "github.com/cpuguy83/go-md2man/v2/md2man", true},
		{"cmd/internal/output", "github.com/olekukonko/tablewriter/tw", true},
		{"cmd/internal/shell", "github.com/olekukonko/tablewriter", false},
		{"cmd/internal/cli", "github.com/reeflective/readline", false},
		{"cmd/internal/editor", "github.com/reeflective/readline/inputrc", true},
		{"cmd/internal/editor", "testing", false},
		{"cmd/internal/cli", "github.com/ncruces/go-sqlite3", false},
		{"cmd/internal/config", "go.yaml.in/yaml/v3", false},
		{"cmd/internal/config", "github.com/pelletier/go-toml/v2/unstable", true},
		{"cmd/internal/cli", "github.com/pelletier/go-toml/v2", false},
		{"sqlengine", "sqlengine/plan", true},
		{"sqlengine", "cmd/internal/cli", false},
		{"sqlengine", "provider/classroom", false},
		{"sqlengine", "github.com/ncruces/go-sqlite3", false},
		{"sqlengine", "github.com/spf13/cobra", false},
		{"sqlengine", "net/http", false},
		{"sqlengine", "golang.org/x/sync/errgroup", true},
		{"sqlengine/plan", "sqlengine/syntax", true},
		{"sqlengine/plan", "sqlengine", false},
		{"sqlengine/plan", "sqlengine/vtab", false},
		{"sqlengine/syntax", "github.com/xwb1989/sqlparser", true},
		{"sqlengine/syntax", "registry", false},
		{"sqlengine/plan", "github.com/xwb1989/sqlparser", false},
		{"sqlengine/vtab", "github.com/ncruces/go-sqlite3/vfs", true},
		{"sqlengine/vtab", "database/sql", false},
		{"sqlengine/vtab", "sqlengine/syntax", false},
		{"sqlengine/script", "registry", false},
		{"sqlengine/format", "sqlengine/plan", false},
		{"cmd/internal/template", "github.com/google/go-jsonnet/ast", true},
		{"cmd/internal/cli", "github.com/google/go-jsonnet", false},
		{"sqlengine/other", "fmt", false}, // no row
		{"registry", "go.yaml.in/yaml/v3", true},
		{"registry", "provider", false},
		{"provider", "errors", true},
		{"provider", "registry", false},
		{"provider", "golang.org/x/text", false},
		{"provider/classroom", "provider", true},
		{"provider/classroom", "registry", false},
		{"provider/classroom", "net/http", true},
		{"provider/classroom/emulator", "provider/classroom/live", false},
		{"provider/classroom/emulator", "database/sql", true},
		{"provider/classroom/live", "provider/classroom/emulator", false},
		{"provider/classroom/live", "golang.org/x/oauth2", false},
		{"provider/classroom/live", "golang.org/x/time/rate", true},
		{"provider/credentials", "golang.org/x/oauth2/jwt", true},
		{"provider/credentials", "github.com/google/renameio/v2/maybe", true},
		{"provider/credentials", "net/http", true},
		{"provider/credentials", "provider/classroom/live", false},
		{"provider/credentials", "provider/classroom/emulator", false},
		{"provider/classroom/live", "github.com/cenkalti/backoff/v5", true},
		{"provider/classroom/live", "testing", false},
		{"provider/classroom/backendtest", "testing", true},
		{"provider/classroom/backendtest", "provider/classroom/emulator", false},
	} {
		path := tt.imp
		if !standard(path) && !strings.Contains(path, ".") {
			path = module + path
		}
		got := forbidden([]pkg{{module + tt.pkg, []string{path}}})
		if ok := len(got) == 0; ok != tt.ok {
			t.Errorf("forbidden(%s imports %s) = %q, want none: %t", tt.pkg, tt.imp, got, tt.ok)
		}
	}
}

// TestWords checks that the SQL side knows no resource: what it knows comes
// from the registry's documents.
func TestWords(t *testing.T) {
	for _, dir := range []string{"sqlengine", "registry"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(file string, d fs.DirEntry, err error) error {
			if err != nil || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
				return err
			}
			src, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			for _, sentence := range words(file, src) {
				t.Error(sentence)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	src := "package p\n\n// of a classroom\nconst x = \"Invitations\" // invitation\n\nvar classRoom int\n"
	got := words("p.go", []byte(src))
	want := []string{`p.go:4:11: "Invitations" is a word of one provider`, `p.go:6:5: classRoom is a word of one provider`}
	if !slices.Equal(got, want) {
		t.Errorf("words(%q) = %q, want %q", src, got, want)
	}
}

// words returns a sentence for each word of a provider in the code, comments
// apart.
func words(file string, src []byte) []string {
	var wrong []string
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile(file, -1, len(src)), src, nil, 0)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return wrong
		}
		lower := strings.ToLower(lit)
		if strings.Contains(lower, "classroom") || strings.Contains(lower, "invitation") {
			wrong = append(wrong, fmt.Sprintf("%s: %s is a word of one provider", fset.Position(pos), lit))
		}
	}
}
