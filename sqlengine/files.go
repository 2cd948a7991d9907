package sqlengine

import (
	"fmt"
	"strings"

	"github.com/iql-lang/iql/sqlengine/filetab"
	"github.com/iql-lang/iql/sqlengine/plan"
	"github.com/iql-lang/iql/sqlengine/syntax"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// codeFile is the code of an error about a file.
const codeFile = "file"

// files returns the files that a query of the plan reads.
func (r *run) files(text string) []vtab.File {
	var out []vtab.File
	for _, f := range r.plan.Files {
		if !strings.Contains(text, strings.ReplaceAll(f.Table(), `"`, `""`)) {
			continue // RETURNING reads it, or it is not RETURNING that does
		}
		file := filetab.File{Kind: filetab.Kind(f.Kind), Name: f.Name, Delimiter: f.Delimiter}
		out = append(out, vtab.File{File: file, Table: f.Table()})
	}
	return out
}

// placeFile gives an error about a file its place: where the statement names it.
func (r *run) placeFile(e *filetab.Error) error {
	at := syntax.Span{}
	for _, f := range r.plan.Files {
		if f.Name == e.File.Name && f.Kind == string(e.File.Kind) && !at.Present() {
			at = f.NameSpan
		}
	}
	out := r.plan.Statement.Source.Errorf(at.Start, at.End-at.Start, e.Hint, "%s", e.Error())
	out.Code, out.Err = codeFile, e
	return out
}

// maxShown is how many columns of a file a hint lists.
const maxShown = 16

// fileColumns says which columns the files of a statement have, where it asks for
// one that there is none of.
func fileColumns(e *vtab.Error) string {
	if e.Kind != vtab.UnknownColumn || len(e.Files) != 1 || len(e.Files[0].Columns) > maxShown {
		return ""
	}
	f := e.Files[0]
	return fmt.Sprintf("%s has %s", f.Shown(), plan.Join(f.Columns, "and"))
}
