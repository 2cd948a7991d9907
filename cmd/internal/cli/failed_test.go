package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/filetab"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// TestFailedRowsOfAChangedFile checks that rows that failed are not lost where the file
// that they were made of is not as it was.
func TestFailedRowsOfAChangedFile(t *testing.T) {
	t.Parallel()
	m, ok := registry.Embedded().Method("googleworkspace.classroom.invitations.delete")
	if !ok {
		t.Fatal("there is no such method")
	}
	for name, change := range map[string]func(file string) error{
		"other lines": func(file string) error { return os.WriteFile(file, []byte("id\nanother\n"), 0o600) },
		"fewer lines": func(file string) error { return os.WriteFile(file, []byte("id\n"), 0o600) },
		"none":        os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			roster, out := filepath.Join(t.TempDir(), "roster.csv"), filepath.Join(t.TempDir(), "failed.csv")
			if err := os.WriteFile(roster, []byte("id\nx1\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			files := &dataFiles{}
			read(t, files, roster)
			if err := change(roster); err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			a := &app{Env: Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }}, screen: &screen{w: &said}}
			a.config.FailedRows = out
			err := a.writeFailed(t.Context(), files, &sqlengine.ChangeError{Failures: []sqlengine.Failure{{
				Row: 1, Line: 2, File: &filetab.File{Name: roster, Kind: filetab.CSV},
				Err: &vtab.CallError{Method: m, Args: provider.Args{"id": "x1"}, Err: errors.New("no")},
			}}})
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(out)
			if err != nil || !strings.Contains(string(got), "\nx1,") {
				t.Errorf("the file is %q, %v", got, err)
			}
			if !strings.Contains(said.String(), "has the arguments of rows") {
				t.Errorf("it says %q", said.String())
			}
		})
	}
}
