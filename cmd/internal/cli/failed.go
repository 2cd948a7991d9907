package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// failedColumns come after the arguments in the file of failed rows.
var failedColumns = []string{"row", "line", "code", "reason", "message"}

// writeFailed writes the rows of a change that failed to the file of
// --failed-rows: their arguments by the names of the parameters, so that the file
// can be read by csv() and tried again, and why they failed. It does nothing for
// other errors.
func (a *app) writeFailed(err error) error {
	name := a.config.FailedRows
	failed, ok := errors.AsType[*sqlengine.ChangeError](err)
	if name == "" || !ok || len(failed.Failures) == 0 {
		return nil
	}
	// It says who was invited where.
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("--failed-rows: %w", err)
	}
	w := csv.NewWriter(f)
	params := failed.Failures[0].Err.Method.Parameters()
	werr := w.Write(append(append([]string{}, params...), failedColumns...))
	for _, of := range failed.Failures {
		werr = errors.Join(werr, w.Write(failedRow(params, of)))
	}
	w.Flush()
	if err := errors.Join(werr, w.Error(), f.Close()); err != nil {
		return fmt.Errorf("--failed-rows: %w", err)
	}
	a.reporter().note("%s that failed: csv('%s') reads them", count(len(failed.Failures), "row"), name)
	return nil
}

// failedRow is a line of the file.
func failedRow(params []string, f sqlengine.Failure) []string {
	var row []string
	for _, p := range params {
		row = append(row, f.Err.Args[p])
	}
	code, reason, message := "", "", f.Err.Err.Error()
	if e, ok := errors.AsType[*provider.Error](f.Err.Err); ok {
		code, reason, message = e.Code.String(), e.Reason, e.Message
	}
	return append(row, fmt.Sprint(f.Row), f.From, code, reason, message)
}
