package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// exec plans EXEC: its arguments are rows, and the method is called for each.
func (b *builder) exec() error {
	b.plan.Verb = "EXEC"
	m, err := b.reg.FindMethod(b.stmt.Target.Parts)
	if err != nil {
		return b.nameError(b.stmt.Target, err)
	}
	if m.Verb == registry.Select {
		b.plan.Verb = "SELECT"
	}
	b.plan.Call = &Call{Method: m, Show: m.Returns && (m.Verb == registry.Select || slices.Contains(b.stmt.Hints, "SHOWRESULTS"))}
	if err := b.execReturning(m); err != nil {
		return err
	}
	if b.stmt.Rows.Present() {
		b.withQuery(&b.plan.Query, b.stmt.Rows)
		return b.execBody()
	}
	if err := b.execBody(); err != nil {
		return err
	}
	return b.execArgs()
}

// execReturning plans the RETURNING of EXEC.
func (b *builder) execReturning(m *registry.Method) error {
	if b.stmt.Returning.Present() && m.Verb == registry.Select {
		return b.errorf(b.stmt.Returning, "SELECT has the rows of "+m.Resource.Name, "%s changes nothing that could be returned", m.ID)
	}
	return b.returning(m.Resource, !m.Returns)
}

// execBody reads @@json, whose fields are arguments of every call.
func (b *builder) execBody() error {
	for _, a := range b.stmt.Args {
		if !a.JSON {
			continue
		}
		toks := b.tokens(a.Value)
		if len(toks) != 1 || toks[0].Kind != syntax.String {
			return b.errorf(a.Value, "write @@json = '{...}'", "the body of a call is a JSON object in quotes")
		}
		if err := b.body(toks[0].Name(), a.Value); err != nil {
			return err
		}
	}
	return nil
}

// body makes arguments of the fields of a JSON object.
func (b *builder) body(text string, at syntax.Span) error {
	call := b.plan.Call
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var fields map[string]any
	if err := dec.Decode(&fields); err != nil || dec.More() {
		return b.errorf(at, "write @@json = '{\"name\": \"value\"}'", "@@json is not a JSON object")
	}
	if call.Fixed != nil {
		return b.errorf(at, "", "@@json is given twice")
	}
	call.Fixed = provider.Args{}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		p, err := b.param(call.Method, name, at)
		if err != nil {
			return err
		}
		if seen[p] {
			return b.errorf(at, "", "@@json has %s twice", p)
		}
		seen[p] = true
		switch v := fields[name].(type) {
		case nil:
		case string, json.Number, bool:
			call.Fixed[p] = fmt.Sprint(v)
		default:
			return b.errorf(at, "", "%s in @@json is not one value", name)
		}
	}
	return nil
}

// param returns the parameter of a method that a name stands for.
func (b *builder) param(m *registry.Method, name string, at syntax.Span) (string, error) {
	p, ok := m.Parameter(name)
	if ok {
		return p, nil
	}
	e := b.errorf(at, didYouMean(name, m.Parameters()), "%s takes no %s", m.ID, name)
	e.Code = "unknown_parameter"
	return "", e
}

// execArgs writes the arguments as rows: every combination of the lists.
func (b *builder) execArgs() error {
	q, call := &b.plan.Query, b.plan.Call
	have := make([]string, 0, len(b.stmt.Args))
	have = slices.AppendSeq(have, maps.Keys(call.Fixed))
	var from []string
	rows := 1
	for _, a := range b.stmt.Args {
		if a.JSON {
			continue
		}
		p, err := b.param(call.Method, a.Name, a.NameSpan)
		if err != nil {
			return err
		}
		if slices.Contains(have, p) {
			return b.errorf(a.NameSpan, "", "@%s is given twice", p)
		}
		if len(from) == 0 {
			q.write("WITH ")
		} else {
			q.write(", ")
		}
		have = append(have, p)
		from = append(from, quote("@"+p))
		call.Params = append(call.Params, p)
		rows *= b.execArg(q, p, a)
	}
	if call.Method.Satisfied(have) < 0 {
		return &registry.RouteError{Resource: call.Method.Resource, Verb: registry.Exec, Method: call.Method, Have: have}
	}
	if len(from) == 0 {
		call.Params = []string{""}
		b.plan.Literal = 1
		q.write("SELECT NULL")
		return nil
	}
	q.write(" SELECT ")
	for i, p := range call.Params {
		if i > 0 {
			q.write(", ")
		}
		q.write(from[i], ".v AS ", quote(p))
	}
	q.write(" FROM ", strings.Join(from, ", "))
	b.plan.Literal = rows
	return nil
}

// execArg writes the values of an argument as a table of one column, v, and
// returns how many they are, 0 if that is not known.
func (b *builder) execArg(q *Query, name string, a syntax.Arg) (values int) {
	q.write(quote("@"+name), "(v) AS (")
	defer func() { q.write(")") }()
	switch {
	case a.Value.Present():
		q.write("VALUES ((")
		b.splice(q, a.Value)
		q.write("))")
		return 1
	case b.isQuery(a.List):
		q.write("SELECT DISTINCT * FROM (")
		b.splice(q, a.List)
		q.write(")")
		return 0
	default:
		q.write("SELECT DISTINCT * FROM (VALUES ")
		for i, item := range b.items(a.List) {
			if i > 0 {
				q.write(", ")
			}
			q.write("((")
			b.splice(q, item)
			q.write("))")
		}
		q.write(")")
		return len(b.items(a.List))
	}
}
