package completion

import (
	"strings"

	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Kind says which values are looked up.
type Kind struct {
	Of Of
	// Course is the course whose users or invitations they are, as the statement
	// names it; "" where it names none.
	Course string
}

// Of is what values are the ids of.
type Of string

// What values can be the ids of.
const (
	Courses     Of = "courses"
	Users       Of = "users"
	Invitations Of = "invitations"
)

// Value is an id that can be typed.
type Value struct {
	Text string   // as rows show it
	Also []string // other names for it, the best first: a course's name, a user's e-mail
}

// kindOf returns the kind of a column's values, if they are ids that can be
// looked up.
func kindOf(res *registry.Resource, c *registry.Column) (Of, bool) {
	switch c.Name {
	case "courseId":
		return Courses, true
	case "userId", "ownerId", "teacherId", "studentId":
		return Users, true
	case "id":
		of, ok := map[string]Of{
			"courses": Courses, "user_profiles": Users, "invitations": Invitations, "pending_invitations": Invitations,
		}[res.Name]
		return of, ok
	}
	return "", false
}

// subject is the column that a value at the cursor is for.
type subject struct {
	path   []string // as it was written
	res    *registry.Resource
	column *registry.Column
	course string // that the statement names
}

// subject returns what a value at the cursor would be compared with or put into.
// Its column is nil if that is no column of a resource.
func (l *list) subject(f frame) subject {
	switch {
	case f.clause == inList:
		return l.compared(f.of)
	case f.clause == inRow:
		return l.inserted(f.item)
	case f.clause == inResults && l.inserts() && len(l.frames) == 1 && l.startsItem():
		return l.inserted(f.item)
	}
	prev, i := l.before(1), l.cursor-1
	if prev.Is("NOT") {
		prev, i = l.before(2), l.cursor-2
	}
	if !prev.Is("IS") && (prev.Kind != syntax.Op || !strings.Contains(" = == <> != < > <= >= ", " "+prev.Text+" ")) {
		return subject{}
	}
	if f.clause == inSet {
		if col := l.chainBefore(i); len(col) == 1 && l.target >= 0 {
			return l.ofTable(l.tables[l.target], col)
		}
	}
	return l.compared(l.operandBefore(i))
}

// startsItem reports whether an item of a list begins at the cursor.
func (l *list) startsItem() bool {
	prev := l.before(1)
	return prev.Kind == syntax.Comma || prev.Is("SELECT") || prev.Is("DISTINCT")
}

// compared returns what is compared with an operand.
func (l *list) compared(o operand) subject {
	if o.argument != "" {
		m, ok := l.called()
		if !ok {
			return subject{}
		}
		c, ok := m.Resource.Column(o.argument)
		if !ok {
			return subject{}
		}
		return subject{path: []string{o.argument}, res: m.Resource, column: c}
	}
	if len(o.path) == 0 {
		return subject{}
	}
	qualifier, name := o.path[:len(o.path)-1], o.path[len(o.path)-1:]
	if len(qualifier) > 0 {
		t, ok := l.tableOf(qualifier)
		if !ok {
			return subject{path: o.path}
		}
		return l.ofTable(t, name)
	}
	for _, t := range l.visible() {
		if s := l.ofTable(t, name); s.column != nil {
			return s
		}
	}
	return subject{path: o.path}
}

// ofTable returns a column of a table as what a value is for.
func (l *list) ofTable(t table, name []string) subject {
	s := subject{path: name}
	res := l.resource(t)
	if res == nil {
		return s
	}
	if c, ok := res.Column(name[0]); ok {
		s.res, s.column, s.course = res, c, l.courseOf(t)
	}
	return s
}

// courseOf returns the course that the statement compares a column of the table
// with, or "".
func (l *list) courseOf(t table) string {
	for _, c := range l.conditions {
		if c.scope == t.scope && c.value != "" && strings.EqualFold(c.path[len(c.path)-1], "courseId") {
			return c.value
		}
	}
	return ""
}

// inserted returns the column of an INSERT that the value at a place in the row is
// for.
func (l *list) inserted(item int) subject {
	if l.target < 0 || item >= len(l.reading.columns) {
		return subject{}
	}
	return l.ofTable(l.tables[l.target], l.reading.columns[item:item+1])
}

// values adds the values that a column may have: those of an enumeration, and ids
// that are looked up.
func (l *list) values(s subject) {
	if s.column == nil || l.joined || l.quote != 0 && l.quote != '\'' {
		return
	}
	for _, v := range s.column.Enum {
		if hasPrefix(v, l.prefix) {
			l.value(v, "", s.column.Name)
		}
	}
	of, ok := kindOf(s.res, s.column)
	if !ok || l.src.Values == nil {
		return
	}
	kind := Kind{Of: of}
	if of != Courses {
		kind.Course = s.course
	}
	for _, v := range l.src.Values(kind) {
		l.lookedUp(v, s.column)
	}
}

// lookedUp adds a value by its id, or by that other name of it which was begun
// and which the column takes in its place.
func (l *list) lookedUp(v Value, c *registry.Column) {
	display, about := v.Text, output.Harmless(strings.Join(v.Also, ", "))
	if hasPrefix(v.Text, l.prefix) {
		l.value(v.Text, display, about)
		return
	}
	for _, also := range v.Also {
		switch {
		case !hasPrefix(also, l.prefix):
		case c.OtherName(also):
			l.value(also, "", v.Text)
			return
		default:
			l.value(v.Text, display, about)
			return
		}
	}
}

// value adds a value as SQL has it.
func (l *list) value(v, display, about string) {
	text := "'" + strings.ReplaceAll(v, "'", "''") + "'"
	if l.closed {
		text = text[:len(text)-1]
	}
	l.add(Candidate{Text: text, Display: display, Group: Values, About: about})
}
