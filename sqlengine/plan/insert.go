package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// insert plans INSERT: the rows are a query, and each is created.
func (b *builder) insert() error {
	b.plan.Verb = "INSERT"
	res, err := b.target()
	if err != nil {
		return err
	}
	params, err := b.insertParams(res)
	if err != nil {
		return err
	}
	m, err := res.Route(registry.Insert, params)
	if err != nil {
		return err
	}
	for i, p := range params {
		if !slices.Contains(m.Parameters(), p) {
			return b.errorf(b.stmt.Columns[i].Span, fmt.Sprintf("%s takes %s", m.Name, Join(m.Parameters(), "and")),
				"%s is not given when %s is called: it is set by the service", p, m.Name)
		}
	}
	b.plan.Call = &Call{Method: m, Params: params, Ignore: b.stmt.Ignore}
	b.withQuery(&b.plan.Query, b.stmt.Rows)
	if b.plan.Literal, err = b.checkValues(); err != nil {
		return err
	}
	return b.returning(res, false)
}

// checkValues returns how many rows a VALUES has, 0 for another query. Each must
// have a value for each column.
func (b *builder) checkValues() (int, error) {
	rows := valueRows(b.stmt)
	for _, row := range rows {
		if n := len(cells(b.stmt, row)); n != len(b.stmt.Columns) {
			return 0, b.errorf(row, "", "%d values for %d columns", n, len(b.stmt.Columns))
		}
	}
	return len(rows), nil
}

// valueRows returns the spans of the rows of a VALUES, none for another query.
func valueRows(s *syntax.Statement) []syntax.Span {
	toks := tokens(s, s.Rows)
	if len(toks) == 0 || !toks[0].Is("VALUES") {
		return nil
	}
	rows := items(toks[1:])
	for _, row := range rows {
		if inside := tokens(s, row); inside[0].Kind != syntax.Open || !closes(inside) {
			return nil // it goes on after the list
		}
	}
	return rows
}

// cells returns the spans of the values of a row in parentheses.
func cells(s *syntax.Statement, row syntax.Span) []syntax.Span {
	toks := tokens(s, row)
	return items(toks[1 : len(toks)-1])
}

// Cell returns where the value of a column stands for a row of the query, both
// counted from 0: its place in a VALUES, else that of the whole query.
func (p *Plan) Cell(row, column int) syntax.Span {
	rows := valueRows(p.Statement)
	if row >= len(rows) {
		return p.Statement.Rows
	}
	values := cells(p.Statement, rows[row])
	if column < 0 || column >= len(values) {
		return rows[row]
	}
	return values[column]
}

// withQuery writes a query of the statement, after the statement's own WITH.
func (b *builder) withQuery(q *Query, rows syntax.Span) {
	if b.stmt.With.Present() {
		b.splice(q, b.stmt.With)
		q.write(" ")
	}
	b.splice(q, rows)
}

// insertParams returns the parameters that the columns of an INSERT name.
func (b *builder) insertParams(res *registry.Resource) ([]string, error) {
	if len(b.stmt.Columns) == 0 {
		return nil, b.errorf(b.stmt.Target.Span, b.insertExample(res), "INSERT INTO %s needs a list of columns", res.Name)
	}
	var params []string
	for _, c := range b.stmt.Columns {
		col, err := b.column(res, c.Name, c.Span)
		if err != nil {
			return nil, err
		}
		if slices.Contains(params, col.Name) {
			return nil, b.errorf(c.Span, "", "column %s is named twice", col.Name)
		}
		params = append(params, col.Name)
	}
	return params, nil
}

func (b *builder) insertExample(res *registry.Resource) string {
	for _, m := range res.Methods {
		if m.Verb == registry.Insert {
			return fmt.Sprintf("write INSERT INTO %s (%s) VALUES ...", res.Name, strings.Join(m.Parameters(), ", "))
		}
	}
	return ""
}
