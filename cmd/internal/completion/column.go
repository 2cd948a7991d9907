package completion

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/registry"
)

// column is a column of a table of the statement.
type column struct {
	name, about string
	input       bool // it only passes a parameter
	own         bool // of a table of the session: it has no other spelling
}

// Bounds on what is looked at, both SQLite's own: the tables of a join, and the
// columns of a table.
const (
	maxTables  = 64
	maxColumns = 2000
)

// columnsIn returns the columns of a table.
func (l *list) columnsIn(t table) []column {
	if t.query != nil {
		return l.columnsOfQuery(t.query)
	}
	var all []column
	if res := l.resource(t); res != nil {
		for _, c := range res.Columns {
			all = append(all, column{name: c.Name, about: sentence(c.Description), input: c.Input})
		}
	} else if len(t.path) == 1 {
		names, _ := fold(l.sessionTables(), t.path[0])
		for _, name := range names {
			all = append(all, column{name: name, own: true})
		}
	}
	return all
}

// columnsOfQuery returns the columns of a query that stands for a table, which
// may be among its own tables.
func (l *list) columnsOfQuery(q *query) []column {
	if q.known {
		return q.all
	}
	q.known = true
	var all []column
	for _, name := range q.columns {
		all = append(all, column{name: name})
	}
	if q.star {
		for _, t := range first(l.scopes[q.scope], maxTables) {
			all = append(all, l.columnsIn(t)...)
		}
	}
	q.all = first(all, maxColumns)
	return q.all
}

// first returns the first n of some things, or all.
func first[T any](all []T, n int) []T { return all[:min(n, len(all))] }

// visible returns the tables whose columns the cursor can name, those of the
// innermost query first.
func (l *list) visible() []table {
	var all []table
	last := -1
	for _, f := range slices.Backward(l.frames) {
		if f.scope != last && len(all) < maxTables {
			all = append(all, l.own(f.scope)...)
		}
		last = f.scope
	}
	return first(all, maxTables)
}

// own returns the tables of the query with a scope. The target of an INSERT is no
// table of a query.
func (l *list) own(scope int) []table {
	if scope == 0 && l.inserts() {
		return nil
	}
	return first(l.scopes[scope], maxTables)
}

func (l *list) inserts() bool { return l.verb == "INSERT" || l.verb == "REPLACE" }

// columnNames adds the columns of the statement's tables, and the tables' names
// where there are several. Where no table is named yet, it adds those columns of
// all resources that what is typed may become.
func (l *list) columnNames(f frame) {
	tables := l.visible()
	if len(tables) == 0 {
		if f.clause == inResults && l.prefix != "" {
			l.anyColumn()
		}
		return
	}
	for _, t := range tables {
		for _, c := range l.columnsIn(t) {
			if !c.input || f.clause == inWhere {
				l.column(t, c, Columns)
			}
		}
	}
	if len(tables) < 2 || l.quote != 0 {
		return
	}
	for _, t := range tables {
		if name := t.name(); name != "" && hasPrefix(name, l.prefix) {
			l.add(Candidate{Text: l.quoted(name) + ".", Group: Tables})
		}
	}
}

// shared reports whether several tables of the innermost query have a column.
func (l *list) shared(name string) bool {
	if l.counts == nil {
		l.counts = map[string]int{}
		for _, t := range l.own(l.frame().scope) {
			for _, c := range l.columnsIn(t) {
				l.counts[strings.ToLower(c.name)]++
			}
		}
	}
	return l.counts[strings.ToLower(name)] > 1
}

// column adds a column of a table, with the table's name before it if others have
// one of its name. The zero table is that of a column that needs none.
func (l *list) column(t table, c column, group string) {
	name := c.name
	if !c.own && strings.Contains(l.prefix, "_") && !hasPrefix(name, l.prefix) {
		name = registry.Snake(name) // it can be written so too
	}
	if !l.fits(name) {
		return
	}
	text := l.quoted(name)
	if l.quote == 0 && t.name() != "" && l.shared(c.name) {
		text = l.quoted(t.name()) + "." + text
	}
	l.add(Candidate{Text: text, Group: group, About: c.about})
}

// anyColumn adds the columns of all resources but iql's own.
func (l *list) anyColumn() {
	for _, res := range l.src.Registry.Resources() {
		if res.Local() {
			continue
		}
		for _, c := range res.Outputs() {
			l.identifier(c.Name, Columns, "of "+res.Name)
		}
	}
}

// columnsOf adds the columns of the table that a path names: by its other name, or
// by its own.
func (l *list) columnsOf(f frame, path []string) {
	t, ok := l.tableOf(path)
	if !ok {
		return
	}
	for _, c := range l.columnsIn(t) {
		if !c.input || f.clause == inWhere {
			l.column(table{}, c, Columns)
		}
	}
}

// tableOf returns the table that columns with this path before them are of: one of
// the statement, or a resource.
func (l *list) tableOf(path []string) (table, bool) {
	for _, t := range append(l.visible(), l.changed()...) {
		if len(path) == 1 && strings.EqualFold(t.name(), path[0]) || t.alias == "" && suffix(t.path, path) {
			return t, true
		}
	}
	t := table{path: path}
	return t, l.resource(t) != nil
}

// suffix reports whether a name ends with the parts of another.
func suffix(name, parts []string) bool {
	left := len(name) - len(parts)
	return left >= 0 && len(parts) > 0 && slices.EqualFunc(name[left:], parts, strings.EqualFold)
}

// changed returns the table that the statement changes, if it has one.
func (l *list) changed() []table {
	if l.target < 0 {
		return nil
	}
	return l.tables[l.target : l.target+1]
}

// targetColumns adds the columns of the table that is changed.
func (l *list) targetColumns() {
	for _, t := range l.changed() {
		for _, c := range l.columnsIn(t) {
			if !c.input {
				l.column(table{}, c, Columns)
			}
		}
	}
}

// joinable adds the columns for USING: those that several tables have.
func (l *list) joinable(f frame) {
	if !f.inner {
		l.next(f)
		return
	}
	for _, t := range l.own(f.scope) {
		for _, c := range l.columnsIn(t) {
			if l.shared(c.name) {
				l.column(table{}, c, Columns)
			}
		}
	}
}
