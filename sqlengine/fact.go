package sqlengine

import (
	"context"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine/plan"
)

// Build says which build of iql is running.
type Build struct{ Version, Commit, Date, Platform string }

// Identity says who asks the backend.
type Identity struct {
	Principal string // the user: an e-mail address
	Type      string // how the user is known: "mock"
	Source    string // where that comes from, such as the name of a file
}

// fact answers SHOW VERSION and SHOW AUTH.
func (r *run) fact(ctx context.Context) error {
	build := r.session.opts.Build
	switch r.plan.Fact {
	case plan.Version:
		return r.one([]string{"version"}, build.Version)
	case plan.ExtendedVersion:
		return r.one([]string{"version", "commit", "build_date", "platform"}, build.Version, build.Commit, build.Date, build.Platform)
	}
	id, err := r.session.opts.Identity(ctx)
	if err != nil {
		return err
	}
	return r.one([]string{"principal", "type", "source"}, id.Principal, id.Type, id.Source)
}

// one writes a result of one row.
func (r *run) one(names []string, values ...any) error {
	if err := r.w.Columns(columns(names)); err != nil {
		return err
	}
	r.sum.Rows++
	return r.w.Row(provider.Row(values))
}
