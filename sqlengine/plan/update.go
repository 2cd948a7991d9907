package plan

import (
	"fmt"
	"slices"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// update plans UPDATE of a resource whose rows cannot be changed in place: a query
// finds the rows and what they are to be, and each is deleted and made anew.
func (b *builder) update() error {
	b.plan.Verb = string(registry.Update)
	res, err := b.target()
	if err != nil {
		return err
	}
	known := names(res.Outputs())
	remove, noDelete := res.Route(registry.Delete, known)
	create, noInsert := res.Route(registry.Insert, known)
	if b.stmt.Kind == syntax.Replace || noDelete != nil || noInsert != nil {
		return b.noUpdate(res, noDelete == nil && noInsert == nil)
	}
	params := create.Needs[create.Satisfied(known)]
	set, err := b.assignments(res, params)
	if err != nil {
		return err
	}
	if keys, ok := b.keyed(res, remove.Needs[remove.Satisfied(known)]); ok {
		b.plan.Named = len(keys.values) > 0
	}
	b.plan.Call = &Call{Method: create, First: remove, Params: params}
	b.updateWhere(res, params, set)
	return b.returning(res, false)
}

// noUpdate is the error of a resource whose rows cannot be changed so.
func (b *builder) noUpdate(res *registry.Resource, possible bool) error {
	e := b.errorf(b.stmt.Target.Span, "", "%s has no method for %s", res.ID, b.stmt.Verb)
	e.Code = "no_method"
	if possible {
		e.Hint = "write UPDATE ... SET, which deletes a row and makes it anew"
		return e
	}
	e.Hint = "SHOW METHODS IN " + res.ID + " tells what there is"
	if of := res.Behind(registry.Delete); of != nil && b.stmt.Kind == syntax.Update {
		e.Hint = ChangeBehind(res, of, registry.Update)
	}
	return e
}

// ChangeBehind says how to change the rows of a view: those of the resource that it reads.
func ChangeBehind(view, of *registry.Resource, v registry.Verb) string {
	switch where := fmt.Sprintf("WHERE %s IN (SELECT %[1]s FROM %s WHERE ...)", of.Key[0], view.Name); v {
	case registry.Insert:
		return "write INSERT INTO " + of.Name
	case registry.Delete:
		return "write DELETE FROM " + of.Name + " " + where
	default:
		return "write UPDATE " + of.Name + " SET ... " + where
	}
}

// assignments returns the expressions after SET by the parameter they are for.
func (b *builder) assignments(res *registry.Resource, params []string) (map[string]syntax.Span, error) {
	set := map[string]syntax.Span{}
	for _, item := range b.items(b.stmt.Set) {
		toks := b.tokens(item)
		if len(toks) < 3 || toks[0].Kind != syntax.Word && toks[0].Kind != syntax.Quoted || toks[1].Text != "=" {
			return nil, b.errorf(item, "write SET "+params[len(params)-1]+" = ...", "SET takes column = value")
		}
		name := syntax.Span{Start: toks[0].Start, End: toks[0].End}
		col, ok := res.Column(toks[0].Name())
		switch {
		case !ok:
			e := b.errorf(name, "there is "+Join(params, "and"), "%s has no column %s", res.ID, toks[0].Name())
			e.Code = "unknown_column"
			return nil, e
		case !slices.Contains(params, col.Name):
			return nil, b.errorf(name, "what can be set is "+Join(params, "and"), "%s of %s cannot be set", col.Name, res.Name)
		case set[col.Name].Present():
			return nil, b.errorf(name, "", "%s is set twice", col.Name)
		}
		value := syntax.Span{Start: toks[2].Start, End: item.End}
		if text := toks[2]; len(toks) == 3 && text.Kind == syntax.String && len(col.Enum) > 0 && !slices.Contains(col.Enum, text.Name()) {
			return nil, b.never(value, col, text.Name())
		}
		set[col.Name] = value
	}
	return set, nil
}

// updateWhere writes SELECT what the row is to be, all columns as they are FROM
// target WHERE condition.
func (b *builder) updateWhere(res *registry.Resource, params []string, set map[string]syntax.Span) {
	q := &b.plan.Query
	if b.stmt.With.Present() {
		b.splice(q, b.stmt.With)
		q.write(" ")
	}
	q.write("SELECT ")
	for i, p := range params {
		if i > 0 {
			q.write(", ")
		}
		if !set[p].Present() {
			q.write(quote(p))
			continue
		}
		q.write("(")
		b.splice(q, set[p])
		q.write(")")
	}
	for _, c := range res.Outputs() {
		q.write(", ", quote(c.Name))
	}
	b.fromTarget(q, res)
}
