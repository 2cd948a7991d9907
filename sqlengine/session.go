package sqlengine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/filetab"
	"github.com/iql-lang/iql/sqlengine/journal"
	"github.com/iql-lang/iql/sqlengine/plan"
	"github.com/iql-lang/iql/sqlengine/syntax"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// Session runs statements, one after the other. It must not be used from two
// goroutines at once.
type Session struct {
	opts    Options
	db      *vtab.DB       // nil until the first statement that needs it
	partial bool           // there may be views of the session that leave rows unread
	anew    bool           // the statement under way found the connection broken
	values  map[string]any // of parameters
	checks  bool           // the statement under way is only looked at: no call is made

	progress atomic.Pointer[func() Progress] // of the statement under way; nil for none

	mu      sync.Mutex
	methods provider.Methods // guarded by mu; nil until the first call
	cut     map[string]int   // guarded by mu: calls that had more pages than are read, by method
	opening error            // guarded by mu; why the backend could not be opened for the statement under way
}

// Open returns a session. SQLite is opened at once, the backend by the first
// statement that needs it.
func Open(_ context.Context, opts Options) (*Session, error) {
	s := &Session{opts: opts, cut: map[string]int{}}
	_, err := s.database()
	return s, err
}

// Close ends the session. The backend is its owner's to close.
func (s *Session) Close() error {
	if s.db == nil {
		return nil
	}
	db := s.db
	s.db = nil
	return db.Close()
}

// Bind gives the parameters of statements their values, from the next statement on:
// a string, int64, float64, bool, []byte or nil, which is NULL, for each name
// without its sign. They replace those that were given before.
func (s *Session) Bind(values map[string]any) { s.values = maps.Clone(values) }

// Run runs one statement and writes its result, if it has one, to w. The
// summary counts what was done, also where an error ended it. The error is one
// that [Describe] knows, or what w returned.
func (s *Session) Run(ctx context.Context, src syntax.Source, w RowWriter) (sum Summary, err error) {
	start := time.Now()
	defer func() { sum.Elapsed = time.Since(start) }()
	stmt, err := syntax.Bind(src, s.values)
	if err != nil {
		return sum, err
	}
	p, err := plan.Build(stmt, s.opts.Registry)
	if err != nil {
		return sum, s.placeRoute(stmt, err)
	}
	if s.opts.Explain {
		p = p.Explain()
	}
	r := &run{session: s, plan: p, w: noted{w, &sum}, sum: &sum}
	sum.Verb = p.Verb
	sum.Notices = append(sum.Notices, p.Notices...)
	s.anew = false
	err = r.run(ctx)
	s.progress.Store(nil)
	s.whatWasCut(&sum)
	if s.anew {
		sum.Notices = append(sum.Notices, "the SQL engine was started anew: tables of the session are gone")
	}
	if opening := s.whyNotOpened(); opening != nil {
		return sum, opening // no call was made
	}
	return sum, s.placeRoute(stmt, err)
}

// noted is a RowWriter of which the summary tells whether it had a result.
type noted struct {
	RowWriter
	sum *Summary
}

// Columns notes how many columns there are.
func (n noted) Columns(columns []Column) error {
	n.sum.Columns = len(columns)
	return n.RowWriter.Columns(columns)
}

// Progress is how far a statement has come: the calls that it has made or knows
// that it will make, those that are over, and the rows that they brought. More
// calls may follow from the rows.
type Progress struct {
	Calls, Over, Rows int

	Verb                  string // of a change; "" where the calls read
	Done, Already, Failed int    // what became of those that are over, of a change
}

// Progress returns how far the statement under way has come, zeros for none. It
// may be called from any goroutine.
func (s *Session) Progress() Progress {
	if of := s.progress.Load(); of != nil {
		return (*of)()
	}
	return Progress{}
}

// follow says what tells how far the statement under way has come.
func (s *Session) follow(of func() Progress) { s.progress.Store(&of) }

// run is one statement that is running.
type run struct {
	session *Session
	plan    *plan.Plan
	w       RowWriter
	sum     *Summary

	origin   *filetab.File // that rows of a change were made of; nil for none
	returned string        // what RETURNING reads: see plan.Call.Returning

	record  *journal.Record            // of a change; nil for none
	changed map[string]provider.Change // what can be told about the methods of a change
	made    made                       // by the rows of a change
}

func (r *run) run(ctx context.Context) error {
	switch {
	case r.plan.Explained != nil:
		return r.explain(ctx)
	case r.plan.Fact != plan.NoFact:
		return r.fact(ctx)
	case r.plan.Call != nil:
		return r.change(ctx)
	case r.plan.Query.Empty():
		return nil
	}
	return r.query(ctx, &r.plan.Query)
}

// query runs a query and writes its rows as they come.
func (r *run) query(ctx context.Context, q *plan.Query) (err error) {
	rows, err := r.start(ctx, q)
	if err != nil {
		return err
	}
	defer func() { err = r.finish(rows, err) }()
	if len(rows.Columns) > 0 {
		if err := r.w.Columns(columns(r.asTyped(rows.Columns))); err != nil {
			return err
		}
	}
	for {
		row, err := rows.Next()
		if err != nil {
			return r.place(q, err)
		}
		if row == nil {
			return nil
		}
		if err := r.w.Row(row); err != nil {
			return err
		}
		r.sum.Rows++
	}
}

// asTyped returns the names of columns as the statement has them: SQLite names
// an expression by its text, with what was put into it for SQLite alone.
func (r *run) asTyped(names []string) []string {
	for _, text := range r.plan.Statement.Insertions {
		for i := range names {
			names[i] = strings.ReplaceAll(names[i], text, "")
		}
	}
	for _, f := range r.plan.Files {
		for i := range names {
			names[i] = strings.ReplaceAll(names[i], f.SQLite(), f.Span.Of(r.plan.Statement.Source.String()))
		}
	}
	shown := map[string]bool{"": true}
	for _, p := range r.plan.Statement.Parameters {
		if shown[p.Shown()] {
			continue
		}
		shown[p.Shown()] = true
		for i := range names {
			names[i] = strings.ReplaceAll(names[i], " "+p.Shown()+" ", p.Span.Of(r.plan.Statement.Source.String()))
		}
	}
	return names
}

func columns(names []string) []Column {
	out := make([]Column, len(names))
	for i, n := range names {
		out[i] = Column{Name: n}
	}
	return out
}

// start starts a query; an error has its place in the statement.
func (r *run) start(ctx context.Context, q *plan.Query) (*vtab.Rows, error) {
	db, err := r.session.database()
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, r.vtabQuery(q))
	if err != nil && r.again(q, err) {
		if second, secondErr := db.Query(ctx, r.vtabQuery(q)); secondErr == nil {
			rows, err = second, nil
		}
	}
	if err != nil {
		return nil, r.place(q, err)
	}
	if err := r.agreed(ctx, rows); err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	r.session.follow(func() Progress {
		p := rows.Progress()
		return Progress{Calls: p.Calls, Over: p.Over, Rows: p.Rows}
	})
	return rows, nil
}

// agreed asks whether a query may run that seems to make more calls than it may.
func (r *run) agreed(ctx context.Context, rows *vtab.Rows) error {
	most, ask := r.session.opts.MaxCalls, r.session.opts.TooMany
	if n := estimate(rows.Steps()); most > 0 && n > most && ask != nil && !r.session.checks {
		return ask(ctx, n)
	}
	return nil
}

// again prepares the plan's query for a second try, where SQLite refused the
// statement for something that other databases read otherwise, and reports
// whether it did.
func (r *run) again(q *plan.Query, err error) bool {
	if q != &r.plan.Query {
		return false
	}
	var habits syntax.Habits
	if e, ok := errors.AsType[*vtab.Error](err); ok && e.Kind == vtab.Ambiguous {
		habits.ResultNames = true
	}
	if _, ok := errors.AsType[*registry.RouteError](err); ok {
		habits.InnerJoins = true
	}
	if habits == (syntax.Habits{}) {
		return false
	}
	before := q.String()
	stmt := *r.plan.Statement
	stmt.Habits = habits
	p, err := plan.Build(&stmt, r.session.opts.Registry)
	if err != nil || p.Query.String() == before {
		return false
	}
	r.plan.Query = p.Query
	return true
}

// vtabQuery returns a query as package vtab takes it.
func (r *run) vtabQuery(q *plan.Query) vtab.Query {
	out := vtab.Query{Text: q.String(), Params: r.bindings(), Local: r.plan.Local}
	out.Limited = limited(out.Text) || r.session.partial
	if r.plan.Local && out.Limited {
		r.session.partial = true // it may be a view, which others read from now on
	}
	out.Files = r.files(out.Text)
	if q == &r.plan.Query {
		for _, n := range r.plan.Names {
			out.Names = append(out.Names, vtab.OtherName(n))
		}
	}
	return out
}

// bindings returns the values of the parameters of the plan's queries.
func (r *run) bindings() map[string]any {
	out := map[string]any{plan.ReturnedRows: cmp.Or(r.returned, "[]")}
	for _, p := range r.plan.Statement.Parameters {
		out[p.Span.Of(r.plan.Statement.Source.String())] = p.Value
	}
	return out
}

// limited reports whether a query may leave rows unread: it has a LIMIT, an
// EXISTS, or a query in the place of a value. A query in parentheses after one of
// these words is read to its end.
func limited(text string) bool {
	whole := []string{"IN", "FROM", "JOIN", "AS", "MATERIALIZED", "UNION", "ALL"}
	var last, before syntax.Token
	from := []bool{false} // in a FROM clause, by depth of parentheses
	for token := range syntax.Scan(text) {
		if token.Kind == syntax.Space || token.Kind == syntax.Comment || token.Kind == syntax.Hint {
			continue
		}
		if token.Is("LIMIT") || token.Is("EXISTS") {
			return true
		}
		query := (token.Is("SELECT") || token.Is("WITH")) && last.Kind == syntax.Open
		table := from[max(len(from)-2, 0)] && (before.Kind == syntax.Comma || before.Kind == syntax.Open)
		if query && !slices.ContainsFunc(whole, before.Is) && !table {
			return true
		}
		at := len(from) - 1
		switch {
		case token.Kind == syntax.Open:
			joined := last.Is("FROM") || last.Is("JOIN") || from[at] && (last.Kind == syntax.Comma || last.Kind == syntax.Open)
			from = append(from, joined)
		case token.Kind == syntax.Close:
			from = from[:max(at, 1)]
		case token.Is("FROM"), token.Is("JOIN"):
			from[at] = true
		case slices.ContainsFunc([]string{"SELECT", "WHERE", "GROUP", "HAVING", "ORDER", "WINDOW"}, token.Is):
			from[at] = false
		}
		last, before = token, last
	}
	return false
}

// finish closes a query and notes what it did.
func (r *run) finish(rows *vtab.Rows, err error) error {
	for id, n := range rows.Calls() {
		r.called(id, n)
	}
	r.sum.Changed += rows.Changes()
	r.sum.Notices = append(r.sum.Notices, rows.Notices()...)
	if cerr := rows.Close(); err == nil {
		return cerr
	}
	return err
}

// called counts calls.
func (r *run) called(method string, n int) {
	r.sum.Calls += n
	if r.sum.Methods == nil {
		r.sum.Methods = map[string]int{}
	}
	r.sum.Methods[method] += n
}

// Tables returns the tables and views that statements of the session have made, each with
// the names of its columns. It is not for use while a statement is under way.
func (s *Session) Tables() (map[string][]string, error) {
	if s.db == nil || s.db.Broken() {
		return nil, nil
	}
	return s.db.Own()
}

// database returns the session's connection, a new one if there is none or the
// last one broke.
func (s *Session) database() (*vtab.DB, error) {
	if s.db != nil && !s.db.Broken() {
		return s.db, nil
	}
	s.anew = s.db != nil
	db, err := vtab.Open(s.opts.Registry, vtab.Options{
		Call: s.call, Parallel: s.opts.Parallel, MaxCalls: s.opts.MaxCalls, ScoutAfter: s.opts.ScoutAfter,
		Files: s.opts.Files,
	})
	if err != nil {
		return nil, fmt.Errorf("open the SQL engine: %w", err)
	}
	s.db = db
	return db, nil
}

// call is the [vtab.Call] of the session: it calls the backend, which it opens
// for the first call.
func (s *Session) call(ctx context.Context, m *registry.Method, args provider.Args) iter.Seq2[provider.Row, error] {
	return func(yield func(provider.Row, error) bool) {
		if s.checks {
			return // as if there were no rows
		}
		f, err := s.method(ctx, m)
		if err != nil {
			yield(nil, err)
			return
		}
		s.pages(m, f(ctx, args))(yield)
	}
}

// pages returns what a call yields, up to the last page that is read.
func (s *Session) pages(m *registry.Method, all iter.Seq2[provider.Row, error]) iter.Seq2[provider.Row, error] {
	if s.opts.MaxPages <= 0 {
		return all
	}
	return func(yield func(provider.Row, error) bool) {
		page := 1
		for row, err := range all {
			if row == nil && err == nil { // there is another page
				if page++; page > s.opts.MaxPages {
					s.mu.Lock()
					defer s.mu.Unlock()
					s.cut[m.ID]++
					return
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// whatWasCut notes the lists of which pages were left out since it was called last.
func (s *Session) whatWasCut(sum *Summary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.cut)) {
		sum.Cut += s.cut[id]
		sum.Notices = append(sum.Notices, fmt.Sprintf("%s has more than was read for %d of its calls: only %d pages of a list are", id, s.cut[id], s.opts.MaxPages))
	}
	s.cut = map[string]int{}
}

// whyNotOpened returns why the backend could not be opened for the statement that
// has ended, nil if it was or was not needed.
func (s *Session) whyNotOpened() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.opening
	s.opening = nil
	return err
}

// method returns the function of a method. The backend is opened if it needs one.
func (s *Session) method(ctx context.Context, m *registry.Method) (provider.Func, error) {
	if f, ok := s.opts.Local[m.ID]; ok {
		return f, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.methods == nil {
		methods, err := s.opts.Backend(ctx)
		if err != nil {
			s.opening = err
			return nil, err
		}
		s.methods = methods
	}
	f, ok := s.methods[m.ID]
	if !ok {
		return nil, provider.Errorf(provider.Unimplemented, "this backend has no method %s", m.ID)
	}
	return f, nil
}
