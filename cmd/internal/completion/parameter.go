package completion

import (
	"cmp"
	"slices"
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// required adds the columns that the condition must still fix for a method of
// the resource to be reached: those of the method with the most rows first.
func (l *list) required() {
	for _, t := range l.own(l.frame().scope) {
		res := l.resource(t)
		if res == nil {
			continue
		}
		names, alternatives := missing(res, l.fixed(t, res))
		for _, name := range names {
			c, _ := res.Column(name)
			about := sentence(c.Description)
			if alternatives {
				others := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
				about = "or " + strings.Join(others, " or ") + ". " + about
			}
			l.column(t, column{name: name, about: about}, Required)
		}
	}
}

// missing returns the parameters without which nothing can be read of a resource,
// given those that there are; none if it can. alternatives says that they are of
// several sets, of which one suffices.
func missing(res *registry.Resource, have []string) (names []string, alternatives bool) {
	methods := slices.DeleteFunc(slices.Clone(res.Methods), func(m *registry.Method) bool { return m.Verb != registry.Select })
	slices.SortStableFunc(methods, func(a, b *registry.Method) int { return b.Rows - a.Rows })
	var sets [][]string
	for _, m := range methods {
		if m.Satisfied(have) >= 0 {
			return nil, false
		}
		for _, set := range m.Needs {
			lacks := slices.DeleteFunc(slices.Clone(set), func(name string) bool { return contains(have, name) })
			more := func(other []string) bool { // lacks has all of it
				return !slices.ContainsFunc(other, func(name string) bool { return !contains(lacks, name) })
			}
			if !slices.ContainsFunc(sets, more) {
				sets = append(sets, lacks)
				names = append(names, lacks...)
			}
		}
	}
	return names, len(sets) > 1
}

func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// fixed returns the columns of a table that the statement compares with something.
func (l *list) fixed(t table, res *registry.Resource) []string {
	var names []string
	for _, c := range l.conditions {
		if c.scope != t.scope || len(c.path) == 0 {
			continue
		}
		before := c.path[:len(c.path)-1]
		ours := len(before) == 0 || strings.EqualFold(before[len(before)-1], t.name())
		if col, ok := res.Column(c.path[len(c.path)-1]); ok && ours {
			names = append(names, col.Name)
		}
	}
	return names
}

// insertable adds the columns of an INSERT that are not in its list yet: those
// that the method needs first.
func (l *list) insertable() {
	for _, t := range l.changed() {
		if res := l.resource(t); res != nil {
			if m := methodOf(res, registry.Insert); m != nil {
				l.parameters(m, l.reading.columns, "")
			}
			continue
		}
		for _, c := range l.columnsIn(t) {
			if !contains(l.reading.columns, c.name) {
				l.column(table{}, c, Columns)
			}
		}
	}
}

// methodOf returns the first method of a resource with the verb, nil if there is
// none.
func methodOf(res *registry.Resource, v registry.Verb) *registry.Method {
	for _, m := range res.Methods {
		if m.Verb == v {
			return m
		}
	}
	return nil
}

// parameters adds those parameters of a method that there are not yet, with a
// sign before each: those that it needs under a heading of their own.
func (l *list) parameters(m *registry.Method, have []string, sign string) {
	optional, whole := m.Optional(), m.Satisfied(have) >= 0
	for _, name := range m.Parameters() {
		c, _ := m.Resource.Column(name)
		if slices.ContainsFunc(have, func(n string) bool { p, _ := m.Parameter(n); return p == name }) {
			continue
		}
		group := Required
		if whole || slices.Contains(optional, name) {
			group = Arguments
		}
		switch text := sign + name; {
		case sign == "" && group == Arguments:
			l.column(table{}, column{name: name, about: sentence(c.Description)}, Columns)
		case sign == "":
			l.column(table{}, column{name: name, about: sentence(c.Description)}, group)
		case hasPrefix(text, l.text):
			l.add(Candidate{Text: text, Group: group, About: sentence(c.Description)})
		}
	}
}

// assignments adds what may stand after SET: a column of the target, its value, or
// what follows that.
func (l *list) assignments(f frame) {
	prev := l.before(1)
	if f.inner || !prev.Is("SET") && prev.Kind != syntax.Comma {
		l.expression(f)
		return
	}
	for _, t := range l.changed() {
		fits := func(string) bool { return true }
		if res := l.resource(t); res != nil {
			// Where there is no method for it, an update makes the row anew.
			m := cmp.Or(methodOf(res, registry.Update), methodOf(res, registry.Insert))
			fits = func(name string) bool { return m != nil && slices.Contains(m.Parameters(), name) }
		}
		for _, c := range l.columnsIn(t) {
			if fits(c.name) {
				l.column(table{}, c, Columns)
			}
		}
	}
}

// called returns the method of EXEC.
func (l *list) called() (*registry.Method, bool) {
	m, err := l.src.Registry.FindMethod(l.method)
	return m, err == nil
}

// argumentNames adds the arguments of EXEC that there are not yet.
func (l *list) argumentNames() {
	if m, ok := l.called(); ok {
		l.parameters(m, l.arguments, "@")
	}
}

// argumentsNext adds what may stand among the arguments of EXEC.
func (l *list) argumentsNext(f frame) {
	switch prev := l.before(1); {
	case prev.Kind == syntax.Op:
		l.values(l.subject(f))
		l.functions()
	case prev.Kind == syntax.Param:
		l.keywords("IN")
	case l.prefix == "":
		l.argumentNames()
		fallthrough
	default:
		if len(l.arguments) == 0 {
			l.keywords("SELECT", "VALUES", "WITH")
		}
	}
}

// variables adds the names that a colon may stand before.
func (l *list) variables() {
	if l.src.Variables == nil {
		return
	}
	for _, name := range l.src.Variables() {
		if text := ":" + name; hasPrefix(text, l.text) {
			l.add(Candidate{Text: text, Group: Variables})
		}
	}
}
