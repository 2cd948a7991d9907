package sqlengine

import (
	"cmp"
	"context"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine/plan"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Check says what is wrong with a statement, as [Session.Run] would before the first
// call, and makes no call: the backend is not opened. A statement about tables of the
// session is run, on resources without rows, so that those after it find its tables;
// the files that it names are read. The notices are those of the plan.
func (s *Session) Check(ctx context.Context, src syntax.Source) (notices []string, err error) {
	s.checks = true
	defer func() {
		s.checks = false
		s.progress.Store(nil)
	}()
	stmt, err := syntax.Bind(src, s.values)
	if err != nil {
		return nil, err
	}
	p, err := plan.Build(stmt, s.opts.Registry)
	if err != nil {
		return nil, s.placeRoute(stmt, err)
	}
	if p.Explained != nil {
		p = p.Explained
	}
	r := &run{session: s, plan: p, w: nowhere{}, sum: &Summary{}}
	return p.Notices, s.placeRoute(stmt, r.verify(ctx))
}

// verify has SQLite prepare what the plan runs, and looks at the rows of a change
// that are all in the text, else at the columns of its query.
func (r *run) verify(ctx context.Context) error {
	if r.plan.Query.Empty() {
		return nil
	}
	if r.plan.Local {
		return r.query(ctx, &r.plan.Query)
	}
	if err := r.prepare(ctx, &r.plan.Query); err != nil || r.plan.Call == nil {
		return err
	}
	if err := r.prepare(ctx, &r.plan.Call.Returning); err != nil {
		return err
	}
	if stmt := r.plan.Statement; r.plan.Literal == 0 || len(stmt.Tables()) > 0 || len(stmt.Files) > 0 {
		return r.fits(ctx) // a value that is read is not known
	}
	rows := &pending{}
	err := r.collect(ctx, rows)
	return cmp.Or(err, rows.close())
}

// prepare has SQLite plan a query.
func (r *run) prepare(ctx context.Context, q *plan.Query) error {
	if q.Empty() {
		return nil
	}
	db, err := r.session.database()
	if err != nil {
		return err
	}
	_, err = db.Steps(ctx, r.vtabQuery(q))
	if err != nil && r.again(q, err) {
		_, err = db.Steps(ctx, r.vtabQuery(q))
	}
	if err != nil {
		return r.place(q, err)
	}
	return nil
}

// fits refuses a change whose query has other columns than the call has parameters.
func (r *run) fits(ctx context.Context) (err error) {
	found, err := r.start(ctx, &r.plan.Query)
	if err != nil {
		return err
	}
	defer func() { err = r.finish(found, err) }()
	_, err = r.params(found.Columns)
	return err
}

// nowhere is where rows go that nobody wants.
type nowhere struct{}

func (nowhere) Columns([]Column) error { return nil }
func (nowhere) Row(provider.Row) error { return nil }
