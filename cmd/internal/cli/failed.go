package cli

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/filetab"
)

// failedColumns come after the columns of the row in the file of failed rows, with
// "_" before those that the row has itself.
var failedColumns = []string{"row", "line", "code", "reason", "message"}

// writeFailed writes the rows of a change that failed to the file of
// --failed-rows, and why they failed. Rows of a file have that file's columns, so
// that the statement can be run again with the new file in its place; others have
// their arguments by the names of the parameters, and so have those of a file that is
// not as it was. It does nothing for other errors.
func (a *app) writeFailed(ctx context.Context, files *dataFiles, err error) error {
	name := a.config.FailedRows
	failed, ok := errors.AsType[*sqlengine.ChangeError](err)
	if name == "" || !ok || len(failed.Failures) == 0 {
		return nil
	}
	header, rows, err := rosterRows(ctx, files, failed.Failures)
	if err != nil {
		a.reporter().note("--failed-rows has the arguments of rows, not their columns: %v", err)
	}
	if err != nil || header == nil {
		header, rows = argumentRows(failed.Failures)
	}
	name = a.failedFile()
	if err := writeRows(name, append(header, whyColumns(header)...), rows, failed.Failures); err != nil {
		return fmt.Errorf("--failed-rows: %w", err)
	}
	a.reporter().note("%s that failed: csv('%s') reads them", count(len(failed.Failures), "row"), name)
	if failed.Untried > 0 {
		a.reporter().note("it is without %s that the change did not try", count(failed.Untried, "row"))
	}
	return nil
}

// failedFile returns the name of the next file of failed rows. A script has one for
// each statement of which rows failed: "failed.csv", then "failed-2.csv". In a shell,
// where a statement is tried until it is done, all have the same.
func (a *app) failedFile() string {
	name := a.config.FailedRows
	a.failed++
	info, err := os.Stat(name)
	if a.failed == 1 || a.inShell || err == nil && !info.Mode().IsRegular() {
		return name
	}
	suffix := filepath.Ext(name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, suffix), a.failed, suffix)
}

// argumentRows returns the names of parameters, and the arguments of each failure.
// An UPDATE has two methods.
func argumentRows(failures []sqlengine.Failure) (header []string, rows [][]string) {
	for _, f := range failures {
		for _, p := range f.Err.Method.Parameters() {
			if !slices.Contains(header, p) {
				header = append(header, p)
			}
		}
	}
	for _, f := range failures {
		var row []string
		for _, p := range header {
			row = append(row, f.Err.Args[p])
		}
		rows = append(rows, row)
	}
	return header, rows
}

// rosterRows returns the columns of the file that all failures are of, and the rows
// that they were made of; nil if they are not all of one file, if a line of it has
// several rows, or if there are no files to read. It reads the file again.
func rosterRows(ctx context.Context, files *dataFiles, failures []sqlengine.Failure) (header []string, rows [][]string, err error) {
	if files == nil {
		return nil, nil, nil
	}
	last := map[int][]string{} // by line, which may be that of several failures
	end := 0
	for _, f := range failures {
		if f.File == nil || *f.File != *failures[0].File {
			return nil, nil, nil
		}
		last[f.Line] = nil
		end = max(end, f.Line)
	}
	in, err := filetab.Open(ctx, files, *failures[0].File)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	header = ownColumns(in.Columns)
	for found := 0; ; {
		rec, err := in.Next()
		if found == len(last) && (err != nil || rec.Line > end) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s was changed meanwhile: %w", failures[0].File.Shown(), err)
		}
		before, ok := last[rec.Line]
		switch {
		case before != nil:
			return nil, nil, nil
		case ok:
			last[rec.Line] = texts(rec.Values[:len(header)])
			found++
		}
	}
	if files.changed(failures[0].File.Name) { // its lines may be about others
		return nil, nil, fmt.Errorf("%s was changed meanwhile", failures[0].File.Shown())
	}
	for _, f := range failures {
		rows = append(rows, last[f.Line])
	}
	return header, rows, nil
}

// whyColumns returns the columns that say why a row of other columns failed.
func whyColumns(columns []string) []string {
	out := slices.Clone(failedColumns)
	for i := range out {
		for slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(c, out[i]) }) {
			out[i] = "_" + out[i]
		}
	}
	return out
}

// ownColumns returns the columns of a roster without those that a file of failed
// rows has.
func ownColumns(columns []string) []string {
	if n := len(columns) - len(failedColumns); n > 0 && slices.Equal(columns[n:], whyColumns(columns[:n])) {
		columns = columns[:n]
	}
	return slices.Clone(columns)
}

// texts returns values as csv() would read them.
func texts(values []any) []string {
	out := make([]string, len(values))
	for i, v := range values {
		if v != nil {
			out[i] = fmt.Sprint(v)
		}
	}
	return out
}

// writeRows writes a file of rows with why each failed, in the place of one that may
// be the roster itself. It says who was invited where, so it is its owner's only.
func writeRows(name string, header []string, rows [][]string, failures []sqlengine.Failure) error {
	out, err := createOutput(name, 0o600)
	if err != nil {
		return err
	}
	w := csv.NewWriter(out)
	_ = w.Write(header) // what cannot be written, Error tells
	for i, of := range failures {
		_ = w.Write(append(slices.Clone(rows[i]), why(of)...))
	}
	w.Flush()
	err = w.Error()
	return errors.Join(err, out.close(err == nil))
}

// why returns the row, the line, and why the row failed.
func why(f sqlengine.Failure) []string {
	code, reason, message := "", "", f.Err.Err.Error()
	if e, ok := errors.AsType[*provider.Error](f.Err.Err); ok {
		code, reason, message = e.Code.String(), e.Reason, e.Message
	}
	return []string{fmt.Sprint(f.Row), f.From(), code, reason, message}
}
