package completion

import (
	"maps"
	"slices"
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// tableNames adds the tables that the clause may name: those of WITH and of the
// session, resources, and the functions that read files.
func (l *list) tableNames(f frame) {
	if len(l.path) == 0 {
		if f.clause == inFrom {
			for _, name := range slices.Sorted(maps.Keys(l.queries)) {
				l.identifier(name, Tables, "of this statement")
			}
		}
		for _, name := range slices.Sorted(maps.Keys(l.sessionTables())) {
			l.identifier(name, Tables, "of this session")
		}
	}
	l.resources(func(res *registry.Resource) bool { return f.clause == inFrom || changes(res, l.verb) })
	if f.clause != inFrom || l.quote != 0 || len(l.path) > 0 {
		return
	}
	for _, kind := range []string{"csv", "json", "jsonl"} {
		if hasPrefix(kind, l.prefix) && !l.call {
			l.add(Candidate{Text: kind + "('", Display: kind + "('FILE')", Group: Files, About: "rows of a file"})
		}
	}
}

// changes reports whether a statement with the verb can change the resource.
func changes(res *registry.Resource, verb string) bool {
	has := func(v registry.Verb) bool {
		return slices.ContainsFunc(res.Methods, func(m *registry.Method) bool { return m.Verb == v })
	}
	switch verb {
	case "INSERT", "REPLACE":
		return has(registry.Insert)
	case "DELETE":
		return has(registry.Delete)
	}
	return has(registry.Update) || has(registry.Insert) && has(registry.Delete)
}

// sessionTables returns the tables of the session.
func (l *list) sessionTables() map[string][]string {
	if l.session == nil && l.src.Tables != nil {
		l.session = l.src.Tables()
	}
	return l.session
}

// resources adds the names of resources that fit: short ones, and where something was
// typed also iql's own and full ones; after a dot the next part.
func (l *list) resources(fit func(*registry.Resource) bool) {
	for _, res := range l.src.Registry.Resources() {
		if fit(res) && (l.prefix != "" || !res.Local()) {
			l.part(res.Name, Tables, res.Description)
		}
	}
	for _, res := range l.src.Registry.Resources() {
		if fit(res) {
			l.longer(res.ID, Tables, res.Description)
		}
	}
}

// part adds a name that has no dots before it, where none were typed.
func (l *list) part(name, group, about string) {
	if len(l.path) == 0 {
		l.identifier(name, group, sentence(about))
	}
}

// longer adds the full name of something where something was typed, or the part of
// it that comes after those that were.
func (l *list) longer(id, group, about string) {
	if len(l.path) == 0 {
		if l.prefix != "" && l.quote == 0 && hasPrefix(id, l.prefix) {
			l.add(Candidate{Text: id, Group: group, About: sentence(about)})
		}
		return
	}
	parts := strings.Split(id, ".")
	for i := range parts {
		next := i + len(l.path)
		if next >= len(parts) || !slices.EqualFunc(parts[i:next], l.path, strings.EqualFold) {
			continue
		}
		if next < len(parts)-1 {
			about = ""
		}
		l.identifier(parts[next], group, sentence(about))
		return
	}
}

// methods adds the names of methods, those that only EXEC reaches first.
func (l *list) methods() {
	var all, others []*registry.Method
	for _, res := range l.src.Registry.Resources() {
		for _, m := range res.Methods {
			if m.Verb == registry.Exec {
				all = append(all, m)
			} else {
				others = append(others, m)
			}
		}
	}
	all = append(all, others...)
	for _, m := range all {
		if short := m.Resource.Name + "." + m.Name; len(l.path) == 0 && l.quote == 0 && hasPrefix(short, l.prefix) {
			l.add(Candidate{Text: short, Group: Methods, About: sentence(m.Description)})
		}
	}
	for _, m := range all {
		l.longer(m.ID, Methods, m.Description)
	}
}

// identifier adds a name, in quotes if it was begun with one or needs them.
func (l *list) identifier(name, group, about string) {
	text := l.quoted(name)
	if group == Methods && l.quote == 0 {
		text = name // delete, after a dot, is no keyword
	}
	if l.fits(name) {
		l.add(Candidate{Text: text, Group: group, About: about})
	}
}

// fits reports whether what is typed may become the name. A bracket cannot be
// written between brackets.
func (l *list) fits(name string) bool {
	return hasPrefix(name, l.prefix) && (l.quote != '[' || !strings.Contains(name, "]"))
}

// quoted returns a name as it is written at the cursor.
func (l *list) quoted(name string) string {
	quote := l.quote
	if quote == 0 {
		if ordinary(name) {
			return name
		}
		quote = '"'
	}
	end := closing(quote)
	text := string(quote) + strings.ReplaceAll(name, string(end), string(end)+string(end))
	if !l.closed {
		text += string(end)
	}
	return text
}

// ordinary reports whether a name needs no quotes.
func ordinary(name string) bool {
	for tok := range syntax.Scan(name) {
		return tok.Kind == syntax.Word && tok.Text == name && !tok.Reserved()
	}
	return false
}

// sentence returns the first sentence of a description, without its full stop.
func sentence(description string) string {
	first, _, _ := strings.Cut(description, ". ")
	return strings.TrimSuffix(first, ".")
}

// resource returns the resource that a table of the statement is, or nil.
func (l *list) resource(t table) *registry.Resource {
	if t.path == nil || t.query != nil || t.function {
		return nil
	}
	if len(t.path) == 1 {
		if _, ok := fold(l.sessionTables(), t.path[0]); ok {
			return nil
		}
	}
	res, err := l.src.Registry.FindResource(t.path)
	if err != nil {
		return nil
	}
	return res
}

// fold returns the value of a key in any letter case.
func fold[V any](m map[string]V, key string) (V, bool) {
	for k, v := range m {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	var none V
	return none, false
}

// name returns what columns of the table may have before them.
func (t table) name() string {
	switch {
	case t.alias != "":
		return t.alias
	case len(t.path) > 0:
		return t.path[len(t.path)-1]
	}
	return ""
}
