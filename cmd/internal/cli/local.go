package cli

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/journal"
)

// localMethods returns the methods of what iql itself keeps (registry/providers/iql.yaml).
// They open no backend.
func (a *app) localMethods() provider.Methods {
	return provider.Methods{
		"local.iql.journal.list":      a.listRuns,
		"local.iql.journal_rows.list": a.listCalls,
		"local.iql.settings.list":     a.listSettings,
	}
}

// listRuns yields the changes on record.
func (a *app) listRuns(ctx context.Context, _ provider.Args) iter.Seq2[provider.Row, error] {
	return func(yield func(provider.Row, error) bool) {
		runs, err := a.runs(ctx)
		for _, run := range runs {
			c := run.Counts
			row := provider.Row{
				run.ID, moment(run.Started), moment(run.Ended), run.Verb, run.Method, int64(run.Rows),
				int64(c.Done), int64(c.There), int64(c.Failed), int64(c.Pending()), run.Complete,
				run.As, run.Backend, word(run.Profile), word(run.File), number(run.Line), word(run.Roster), run.Statement, word(run.Undid),
			}
			if !yield(row, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// listCalls yields the calls of a change, or of all. One change is read at a time.
func (a *app) listCalls(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
	return func(yield func(provider.Row, error) bool) {
		wanted := true
		err := a.withJournal(func(s *journal.Store) (err error) {
			ids := []string{args["run"]}
			if _, one := args["run"]; !one {
				runs, err := s.List(ctx)
				if err != nil {
					return err
				}
				ids = nil
				for _, run := range runs {
					ids = append(ids, run.ID)
				}
			}
			for _, id := range ids {
				if wanted, err = yieldCalls(ctx, s, id, yield); !wanted || err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && wanted {
			yield(nil, err)
		}
	}
}

// yieldCalls yields the calls of a change, none if it is not on record (any more), and
// reports whether more are wanted.
func yieldCalls(ctx context.Context, s *journal.Store, id string, yield func(provider.Row, error) bool) (more bool, err error) {
	run, calls, err := s.Show(ctx, id)
	if errors.Is(err, journal.ErrNoRun) {
		return true, nil
	}
	if err != nil {
		return true, err
	}
	m, _ := registry.Embedded().Method(run.Method)
	for _, c := range calls {
		row := provider.Row{
			run.ID, int64(c.Row), number(c.Line), string(c.State), word(c.Code), word(c.Reason), word(c.Message),
			object(c.Args), named(m, c.Answer), named(m, c.Before), moment(c.Sent), moment(c.Ended),
		}
		if !yield(row, nil) {
			return false, nil
		}
	}
	return true, nil
}

// listSettings yields what is in force.
func (a *app) listSettings(context.Context, provider.Args) iter.Seq2[provider.Row, error] {
	return func(yield func(provider.Row, error) bool) {
		for _, s := range a.config.Settings() {
			row := provider.Row{s.Key, s.Value, s.Origin.Source, word(s.Origin.File), number(s.Origin.Line)}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// moment is a time as a value, as Classroom writes times, which sorts and which SQLite's
// functions take; NULL for none.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// number is a number as a value, NULL for 0.
func number(n int) any {
	if n == 0 {
		return nil
	}
	return int64(n)
}

// named is a row of a method's resource as a JSON object, NULL for none. Columns that the
// registry has no more, and those of a method that it has not, are left out.
func named(m *registry.Method, row provider.Row) any {
	if m == nil || row == nil {
		return nil
	}
	fields := map[string]any{}
	for i, c := range m.Resource.Outputs() {
		if i < len(row) {
			fields[c.Name] = row[i]
		}
	}
	return object(fields)
}

// object is the text of a JSON object.
func object(fields any) string {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // texts, numbers and the like
	}
	return string(text)
}
