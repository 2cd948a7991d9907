package sqlengine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/plan"
	"github.com/iql-lang/iql/sqlengine/syntax"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// explainColumns are the columns of EXPLAIN. A row is a step, in the order in
// which the steps nest: a read is done once for each row of the reads before
// it.
var explainColumns = []string{"step", "op", "table", "method", "parameters", "calls", "detail"}

// explainCalls is the index of the calls.
const explainCalls = 5

// methodOf returns the identifier of the method that a step calls, "." for none.
func methodOf(step provider.Row) string {
	table, _ := step[2].(string)
	table, _, _ = strings.Cut(table, " ") // without its alias
	method, _ := step[3].(string)
	return table + "." + method
}

// explain shows the plan of a statement: what is read and by which method, what
// SQLite does with the rows, and the call made for each.
func (r *run) explain(ctx context.Context) error {
	of := r.plan.Explained
	e := &explainer{run: &run{session: r.session, plan: of, w: r.w, sum: r.sum}, plan: of}
	if err := e.reads(ctx); err != nil {
		return err
	}
	e.change(of.Literal)
	if len(e.rows) == 0 {
		e.add("answer", nil, nil, nil, "0", "no table is read")
	}
	return r.show(e)
}

// show writes the steps.
func (r *run) show(e *explainer) error {
	if err := r.w.Columns(columns(explainColumns)); err != nil {
		return err
	}
	for _, row := range e.rows {
		if err := r.w.Row(row); err != nil {
			return err
		}
		r.sum.Rows++
	}
	return nil
}

type explainer struct {
	run   *run
	plan  *plan.Plan
	terms []syntax.Term // conditions of the statement and of the views it reads
	rows  []provider.Row
	used  map[string][]vtab.StepParam // what became parameters, by "qualifier.column" and "column"
}

// nested is what is known of the reads that a step stands inside of.
type nested struct {
	rows int    // about how many rows they have together
	of   string // a table of the session's own among them, whose rows nobody counted
}

func (e *explainer) add(op string, table, method, parameters, calls, detail any) {
	e.rows = append(e.rows, provider.Row{int64(len(e.rows) + 1), op, table, method, parameters, calls, detail})
}

// reads adds the steps of the query.
func (e *explainer) reads(ctx context.Context) error {
	if k := e.plan.Statement.Kind; k != syntax.Select && e.plan.Call == nil && !e.plan.Local {
		e.add("answer", nil, nil, nil, "0", "iql knows it by itself")
		return nil
	}
	db, err := e.run.session.database()
	if err != nil {
		return err
	}
	q := &e.plan.Query
	steps, err := db.Steps(ctx, e.run.vtabQuery(q))
	if err != nil && e.run.again(q, err) {
		steps, err = db.Steps(ctx, e.run.vtabQuery(q))
	}
	if err != nil {
		return e.run.place(q, err)
	}
	if e.plan.Call != nil {
		e.add("query", nil, nil, nil, nil, e.plan.Query.String())
	}
	if n := e.plan.Literal; n > 0 {
		e.readEach(steps, n)
		return nil // what SQLite does with a list of values tells nobody anything
	}
	e.terms = e.allTerms()
	e.used = map[string][]vtab.StepParam{}
	nest(steps, func(s vtab.Step, in nested) {
		if s.File != nil {
			e.file(s)
			return
		}
		if s.Method == nil {
			e.local(s)
			return
		}
		e.add("read", e.table(s), s.Method.Name, e.params(s), e.calls(s, in), e.trust(s))
	})
	e.filters()
	return nil
}

// readEach adds the reads of a change whose rows are all in the text.
func (e *explainer) readEach(steps []vtab.Step, rows int) {
	for _, s := range steps {
		if s.Method == nil {
			continue
		}
		params := make([]string, len(s.Params))
		for i, p := range s.Params {
			params[i] = p.Column + " = " + p.Column + " of the row"
		}
		e.add("read", s.Method.Resource.ID, s.Method.Name, strings.Join(params, ", "), fmt.Sprint(rows), nil)
	}
}

// nest visits the steps of a plan with what is known of the reads that each
// stands inside of.
func nest(steps []vtab.Step, visit func(s vtab.Step, in nested)) {
	outer := map[int]nested{} // by parent step
	for _, s := range steps {
		in := outer[s.Parent]
		visit(s, in)
		if s.Method != nil {
			in.rows = max(in.rows, 1) * max(s.Rows, 1)
			outer[s.Parent] = in
			continue
		}
		if table, ok := strings.CutPrefix(s.Detail, "SCAN "); ok && table != "CONSTANT ROW" {
			in.of, _, _ = strings.Cut(table, " ")
		}
		outer[s.Parent] = in
		if runsInside(s) {
			outer[s.ID] = in
		}
	}
}

// estimate returns about how many calls the reads of a plan make, as EXPLAIN
// says it; a list whose length is not known counts as one value.
func estimate(steps []vtab.Step) int {
	total := 0
	nest(steps, func(s vtab.Step, in nested) {
		switch {
		case s.Method == nil:
		case slices.ContainsFunc(s.Params, func(p vtab.StepParam) bool { return !p.Known }):
			total += max(in.rows, 1)
		default:
			total++
		}
	})
	return total
}

// runsInside reports whether the steps under one of SQLite's own are done for
// each row of the reads before it; those of a materialized query are done once.
func runsInside(s vtab.Step) bool {
	for _, head := range []string{"CORRELATED ", "MULTI-INDEX OR", "INDEX "} {
		if strings.HasPrefix(s.Detail, head) {
			return true
		}
	}
	return false
}

// allTerms returns the conditions of the statement and of the views it reads.
func (e *explainer) allTerms() []syntax.Term {
	terms := e.plan.Statement.Terms()
	for _, t := range e.plan.Statement.Tables() {
		res, err := e.run.session.opts.Registry.FindResource(t.Parts)
		if err != nil || res.View == "" {
			continue
		}
		if view, err := syntax.Parse(syntax.Text(res.View)); err == nil {
			terms = append(terms, view.Terms()...)
		}
	}
	return terms
}

// local adds a step that SQLite does by itself, if it says anything.
func (e *explainer) local(s vtab.Step) {
	if strings.HasPrefix(s.Detail, "SCAN CONSTANT ROW") {
		return
	}
	e.add("local", nil, nil, nil, nil, strings.ToLower(s.Detail))
}

// file adds a step that reads a file. It makes no call.
func (e *explainer) file(s vtab.Step) {
	kind := string(s.File.Kind)
	if s.Table != kind {
		kind += " " + strings.TrimSpace(s.Table)
	}
	var by any
	if s.File.Lookup != "" {
		by = s.File.Lookup + " = " + e.source(s, vtab.StepParam{Column: s.File.Lookup}, "a value of the query")
	}
	e.add("read", kind, s.File.Shown(), by, "0", "columns "+strings.Join(s.File.Columns, ", "))
}

// table names what a step reads, with its alias.
func (e *explainer) table(s vtab.Step) string {
	id := s.Method.Resource.ID
	res := s.Method.Resource
	if s.Table == res.Name || s.Table == res.Service.Schema()+"."+res.Name {
		return id
	}
	return id + " " + strings.TrimSpace(s.Table)
}

// params says which arguments a step's calls get, and from where.
func (e *explainer) params(s vtab.Step) any {
	var out []string
	for _, p := range s.Params {
		for _, name := range []string{p.Column, s.Table + "." + p.Column} {
			e.used[name] = append(e.used[name], p)
		}
		switch {
		case p.Known:
			out = append(out, fmt.Sprintf("%s = '%s'", p.Column, p.Value))
		case p.In:
			out = append(out, p.Column+" = each of "+e.source(s, p, "a list"))
		default:
			out = append(out, p.Column+" = "+e.source(s, p, "a value of the query"))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return strings.Join(out, ", ")
}

// source says where the value of a column comes from, as the statement has it.
func (e *explainer) source(s vtab.Step, p vtab.StepParam, otherwise string) string {
	column := p.Column
	for _, t := range e.terms {
		if !strings.EqualFold(t.Column, column) || t.Qualifier != "" && !strings.EqualFold(t.Qualifier, s.Table) {
			if t.Right == s.Table+"."+column {
				return strings.TrimPrefix(t.Qualifier+"."+t.Column, ".")
			}
			continue
		}
		switch {
		case t.Op == "=" && t.Other:
			return otherwise
		case t.Right != "" && !p.In:
			return t.Right
		case p.In && t.Op == "in" && len(t.Literals) > 0:
			return fmt.Sprintf("%d values", e.values(s, column))
		}
	}
	return otherwise
}

// calls says how many calls are expected inside of the reads before.
func (e *explainer) calls(s vtab.Step, in nested) string {
	if !slices.ContainsFunc(s.Params, func(p vtab.StepParam) bool { return !p.Known }) {
		return "1" // the same call each time, which is made once
	}
	n := max(in.rows, 1)
	about := ""
	if in.rows > 1 {
		about = "about "
	}
	for _, p := range s.Params {
		if !p.In {
			continue
		}
		values := e.values(s, p.Column)
		if values == 0 {
			return "1 for each value"
		}
		n *= values
	}
	if in.of != "" {
		return fmt.Sprintf("%s%d for each row of %s", about, n, in.of)
	}
	return fmt.Sprintf("%s%d", about, n)
}

// values returns how many different literals an IN list has, 0 if that is not
// known.
func (e *explainer) values(s vtab.Step, column string) int {
	for _, t := range e.terms {
		if t.Op == "in" && strings.EqualFold(t.Column, column) && (t.Qualifier == "" || strings.EqualFold(t.Qualifier, s.Table)) {
			literals := slices.Clone(t.Literals)
			slices.Sort(literals)
			return len(slices.Compact(literals))
		}
	}
	return 0
}

// trust says which values are compared by the API and not by SQLite again.
func (e *explainer) trust(s vtab.Step) any {
	for _, p := range s.Params {
		if p.Alias && p.Known {
			return fmt.Sprintf("'%s' is another name: the API matches it", p.Value)
		}
	}
	return nil
}

// change adds the calls that are made for each row of the query; rows is how many it
// has, 0 if that is not known.
func (e *explainer) change(rows int) {
	call := e.plan.Call
	if call == nil {
		return
	}
	var params []string
	for _, p := range call.Params {
		if p != "" {
			params = append(params, p+" = "+p+" of the row")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(call.Fixed)) {
		params = append(params, fmt.Sprintf("%s = '%s'", name, call.Fixed[name]))
	}
	if len(params) == 0 {
		params = append(params, "the columns of the query")
	}
	calls := "1 for each row"
	if rows > 0 || e.run.dry() {
		calls = fmt.Sprint(rows)
	}
	if first := call.First; first != nil {
		key := first.Needs[0][0]
		e.add(strings.ToLower(string(first.Verb)), first.Resource.ID, first.Name, key+" = "+key+" of the row", calls, first.HTTP)
	}
	op := strings.ToLower(string(call.Method.Verb))
	if call.Method.Verb == registry.Select {
		op = "read"
	}
	e.add(op, call.Method.Resource.ID, call.Method.Name, strings.Join(params, ", "), calls, e.cost(call.Method, rows))
}

// cost says what a change calls, how long that takes, and what is left for others.
func (e *explainer) cost(m *registry.Method, rows int) string {
	var parts []string
	if m.HTTP != "" {
		parts = append(parts, m.HTTP)
	}
	if takes := e.run.takes(rows); takes > 0 {
		parts = append(parts, fmt.Sprintf("about %s at %g a second", takes, e.run.session.opts.Rate))
	}
	if m.Daily > 0 {
		parts = append(parts, fmt.Sprintf("%d a day for a caller", m.Daily))
	}
	return strings.Join(parts, "; ")
}
