package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// OtherName is a value that the statement compares with a column whose rows
// show it by another name, such as userId = 'me'.
type OtherName struct{ Column, Value string }

// otherNames finds the other names in the statement: literals that are compared
// with such a column of a resource. They are asked of the API where they can be;
// SQLite would compare them with what rows show and find nothing. Where it does,
// the column's collation notices ([registry.Column.Mixed]), if SQLite compares by
// that collation: see to it that it does, or refuse the statement.
func (b *builder) otherNames() error {
	toks := b.stmt.Tokens
	for i := range toks {
		if toks[i].Kind != syntax.Word && toks[i].Kind != syntax.Quoted || toks[i].Reserved() || at(toks, i+1).Kind == syntax.Dot {
			continue
		}
		start := i
		for at(toks, start-1).Kind == syntax.Dot && start >= 2 {
			start -= 2
		}
		col := b.aliasColumn(toks[start:i+1], syntax.Span{})
		if col == nil {
			b.collate(toks, start, i)
			if col = b.identifier(toks[start : i+1]); col == nil || start != i {
				continue
			}
			if err := b.bare(col, toks, start, i); err != nil { // it may be the resource's
				return err
			}
			continue
		}
		if err := b.compared(col, toks, start, i); err != nil {
			return err
		}
		if err := b.bare(col, toks, start, i); err != nil {
			return err
		}
	}
	b.collateArms(toks)
	return nil
}

// bare refuses a change whose condition computes something of the column: what
// is computed of a number can be compared with an address, and nobody notices.
// There the column may only be compared as it is.
func (b *builder) bare(col *registry.Column, toks []syntax.Token, start, end int) error {
	if b.stmt.Kind == syntax.Select || b.stmt.Kind == syntax.Explain || !b.inCondition(toks[start], toks[end]) {
		return nil
	}
	next := end + 1
	if at(toks, next).Is("NOT") {
		next++
	}
	paren := open(toks, start)
	function, query := at(toks, paren-1), at(toks, paren+1)
	inCall := function.Kind == syntax.Word && !query.Is("SELECT") && !query.Is("WITH") && !function.Reserved() && !function.Is("FILTER") && !function.Is("OVER") && !function.Is("count")
	computed := operator(at(toks, start-1)) || operator(at(toks, end+1)) || likes(at(toks, next)) || at(toks, end+1).Is("COLLATE")
	if !inCall && !computed {
		return nil
	}
	e := b.errorf(syntax.Span{Start: toks[start].Start, End: toks[end].End}, "compare it as it is, with =, <> or IN; a SELECT may compute what it likes",
		"the condition of a change computes something of %s", col.Name)
	e.Code = "computed_condition"
	return e
}

// operator reports whether a token computes a value of what stands beside it.
func operator(t syntax.Token) bool {
	return t.Kind == syntax.Op && !comparison(t) && t.Text != "<" && t.Text != ">" && t.Text != "<=" && t.Text != ">="
}

// inCondition reports whether tokens stand in a WHERE or ON.
func (b *builder) inCondition(first, last syntax.Token) bool {
	return slices.ContainsFunc(b.stmt.WhereSpans(), func(s syntax.Span) bool { return s.Start <= first.Start && last.End <= s.End })
}

// open returns the index of the parenthesis that token i is in, -1 if it is in
// none.
func open(toks []syntax.Token, i int) int {
	depth := 0
	for i--; i >= 0; i-- {
		switch {
		case toks[i].Kind == syntax.Close:
			depth++
		case toks[i].Kind == syntax.Open && depth == 0:
			return i
		case toks[i].Kind == syntax.Open:
			depth--
		}
	}
	return -1
}

func at(toks []syntax.Token, i int) syntax.Token {
	if i < 0 || i >= len(toks) {
		return syntax.Token{}
	}
	return toks[i]
}

// compared notes the other names that the column, whose name is the tokens from
// start to end, is compared with.
func (b *builder) compared(col *registry.Column, toks []syntax.Token, start, end int) error {
	right, left := end+1, start-1
	if at(toks, right).Is("COLLATE") {
		right += 2
	}
	if comparison(at(toks, right)) && col.OtherName(at(toks, right+1).Name()) {
		if right != end+1 || at(toks, right+2).Is("COLLATE") {
			return b.collated(col, at(toks, right+1))
		}
		b.note(col, at(toks, right+1))
	}
	if comparison(at(toks, left)) {
		if at(toks, left-2).Is("COLLATE") && col.OtherName(at(toks, left-3).Name()) {
			return b.collated(col, at(toks, left-3))
		}
		b.note(col, at(toks, left-1))
	}
	if t, ok := b.hidden(col, toks, start, end); ok {
		hint := "compare " + col.Name + " itself, with = or IN"
		if key := b.reg.KeyNamed(strings.ReplaceAll(t.Name(), "%", "x")); key != nil {
			hint += fmt.Sprintf("; for a part of it join %s, whose %s rows show, and compare what it shows", key.Name, key.Key[0])
		}
		e := b.errorf(syntax.Span{Start: t.Start, End: t.End}, hint, "'%s' is another name for what rows show, and never equal to it", t.Name())
		e.Code = "other_name"
		return e
	}
	in := end + 1
	if at(toks, in).Is("NOT") {
		in++
	}
	if at(toks, in).Is("IN") && at(toks, in+1).Kind == syntax.Open {
		for j := in + 2; at(toks, j).Kind == syntax.String || at(toks, j).Kind == syntax.Comma || at(toks, j).Kind == syntax.Number; j++ {
			b.note(col, at(toks, j))
		}
	}
	return b.inList(col, toks, start)
}

// hidden finds another name that a condition compares with the column in a way
// that neither the API nor the column's collation sees: by LIKE and its kin, as
// an argument beside the column, or with a function of the column.
func (b *builder) hidden(col *registry.Column, toks []syntax.Token, start, end int) (syntax.Token, bool) {
	if !b.inCondition(toks[start], toks[end]) {
		return syntax.Token{}, false
	}
	other := func(t syntax.Token) bool { return t.Kind == syntax.String && partOfOther(col, t.Name()) }
	next := end + 1
	if at(toks, next).Is("NOT") {
		next++
	}
	if likes(at(toks, next)) && other(at(toks, next+1)) {
		return toks[next+1], true
	}
	open := open(toks, start)
	if function := at(toks, open-1); open < 1 || function.Kind != syntax.Word || function.Reserved() || function.Is("OVER") || function.Is("FILTER") {
		return syntax.Token{}, false
	}
	call := within(toks, open)
	for i := open; i < len(toks) && toks[i].Start < call.End; i++ {
		if other(toks[i]) {
			return toks[i], true
		}
		isName := (toks[i].Kind == syntax.Word || toks[i].Kind == syntax.Quoted) && !toks[i].Reserved()
		if isName && at(toks, i+1).Kind != syntax.Open && at(toks, i+1).Kind != syntax.Dot && !strings.EqualFold(toks[i].Name(), toks[end].Name()) {
			return syntax.Token{}, false // of another column too, which may be equal
		}
		next = i + 1
	}
	if at(toks, next).Is("NOT") {
		next++
	}
	switch {
	case (comparison(at(toks, next)) || likes(at(toks, next))) && other(at(toks, next+1)):
		return toks[next+1], true
	case at(toks, next).Is("IN") && at(toks, next+1).Kind == syntax.Open:
		for i := next + 2; i < len(toks) && toks[i].Kind != syntax.Close; i++ {
			if other(toks[i]) {
				return toks[i], true
			}
		}
	case comparison(at(toks, open-2)) && other(at(toks, open-3)):
		return toks[open-3], true
	}
	return syntax.Token{}, false
}

// partOfOther reports whether a text, or the pattern of one, has the form of
// another name or of a part of it: '%@example.edu'.
func partOfOther(col *registry.Column, text string) bool {
	if len(text) < 4 { // instr(userId, '@') asks nothing of anybody
		return col.OtherName(text)
	}
	return col.OtherName(text) || col.OtherName("x"+text) || col.OtherName(text+"x") || col.OtherName("x"+text+"x")
}

func likes(t syntax.Token) bool {
	return t.Is("LIKE") || t.Is("GLOB") || t.Is("REGEXP") || t.Is("MATCH")
}

// collated refuses another name that is compared by a collation of the
// statement's own.
func (b *builder) collated(col *registry.Column, t syntax.Token) error {
	e := b.errorf(syntax.Span{Start: t.Start, End: t.End}, "leave COLLATE out", "%s '%s' cannot be compared by another collation", col.Name, t.Name())
	e.Code = "other_name"
	return e
}

// inList refuses the column as a member of a list that a literal is looked for
// in: 'me' IN (userId, ownerId).
func (b *builder) inList(col *registry.Column, toks []syntax.Token, i int) error {
	depth := 0
	for i--; i > 1; i-- {
		switch toks[i].Kind {
		case syntax.Close:
			depth++
		case syntax.Open:
			depth--
		}
		if depth < 0 {
			break
		}
	}
	value := at(toks, i-2)
	if value.Is("NOT") {
		value = at(toks, i-3)
	}
	if depth >= 0 || !at(toks, i-1).Is("IN") || value.Kind != syntax.String || !col.OtherName(value.Name()) || at(toks, i+1).Is("SELECT") {
		return nil
	}
	e := b.errorf(syntax.Span{Start: value.Start, End: value.End}, fmt.Sprintf("write %s = '%s'", col.Name, value.Name()),
		"'%s' is looked for in %s, where rows show another name", value.Name(), col.Name)
	e.Code = "other_name"
	return e
}

// collate gives a column of another table, whose name is the tokens from start
// to end, the collation of the resource's column that it is compared with:
// SQLite compares by that of the left side. To give it to one that is compared
// with anything else of that name does no harm.
func (b *builder) collate(toks []syntax.Token, start, end int) {
	next := end + 1
	for i := start - 1; at(toks, i).Kind == syntax.Open && at(toks, next).Kind == syntax.Close; i-- {
		next++ // (r.email)
	}
	isCompared := comparison(at(toks, next))
	if at(toks, next).Is("NOT") {
		next++
	}
	switch {
	case isCompared:
		next++
	case at(toks, next).Is("IN") && at(toks, next+1).Kind == syntax.Open && at(toks, next+2).Is("SELECT"):
		next += 3
	default:
		return
	}
	for at(toks, next).Kind == syntax.Open || at(toks, next).Is("DISTINCT") || at(toks, next).Is("ALL") || at(toks, next).Text == "+" {
		next++
	}
	if !b.ofResource(toks[start : end+1]) {
		b.insertCollation(toks[end], b.identifier(name(toks, next)), "")
	}
}

// collateArms does so for the column of a query that EXCEPT or INTERSECT
// compares with one of a resource.
func (b *builder) collateArms(toks []syntax.Token) {
	for i := range toks {
		if !toks[i].Is("EXCEPT") && !toks[i].Is("INTERSECT") {
			continue
		}
		right := i + 1
		if at(toks, right).Is("SELECT") {
			right++
		}
		col := b.identifier(name(toks, right))
		for j, depth := i-1, 0; j >= 0 && depth >= 0 && col != nil; j-- {
			switch {
			case toks[j].Kind == syntax.Close:
				depth++
			case toks[j].Kind == syntax.Open:
				depth--
			case depth == 0 && toks[j].Is("SELECT"):
				left := name(toks, j+1)
				if len(left) > 0 && !b.ofResource(left) && at(toks, j+1+len(left)).Is("FROM") {
					last := left[len(left)-1]
					b.insertCollation(last, col, " AS "+last.Text)
				}
				depth = -1
			}
		}
	}
}

// identifier returns the column with other names for its values that a dotted
// name may stand for, of any resource that the statement reads.
func (b *builder) identifier(toks []syntax.Token) *registry.Column {
	if len(toks) == 0 || toks[len(toks)-1].Reserved() {
		return nil
	}
	if col := b.aliasColumn(toks, syntax.Span{}); col != nil {
		return col
	}
	column := toks[len(toks)-1].Name()
	for _, t := range b.tables() {
		res, err := b.reg.FindResource(t.Parts)
		if err != nil {
			continue
		}
		if c, ok := res.Column(column); ok && c.Canonical != "" {
			return c
		}
	}
	return nil
}

// ofResource reports whether a dotted name may stand for a column of a resource
// that the statement reads, one without other names for its values: a collation
// would keep it from becoming an argument.
func (b *builder) ofResource(toks []syntax.Token) bool {
	for _, t := range b.tables() {
		res, err := b.reg.FindResource(t.Parts)
		if err != nil || len(toks) > 1 && !strings.EqualFold(callName(t), toks[len(toks)-3].Name()) {
			continue
		}
		if c, ok := res.Column(toks[len(toks)-1].Name()); ok && c.Canonical == "" {
			return true
		}
	}
	return false
}

// insertCollation lets SQLite read a collation after a name, and more.
func (b *builder) insertCollation(after syntax.Token, col *registry.Column, more string) {
	if col == nil {
		return
	}
	if b.stmt.Insertions == nil {
		b.stmt.Insertions = map[int]string{}
	}
	b.stmt.Insertions[after.End] = " COLLATE " + quote(col.Collation()) + more
}

// name returns the tokens of the dotted name at i, none if there is none.
func name(toks []syntax.Token, i int) []syntax.Token {
	end := i
	for at(toks, end).Kind == syntax.Word || at(toks, end).Kind == syntax.Quoted {
		end++
		if at(toks, end).Kind != syntax.Dot {
			return toks[i:end]
		}
		end++
	}
	return nil
}

// within returns the span of the parenthesis that token i opens.
func within(toks []syntax.Token, i int) syntax.Span {
	depth := 0
	for j := i; j < len(toks); j++ {
		switch toks[j].Kind {
		case syntax.Open:
			depth++
		case syntax.Close:
			depth--
		}
		if depth == 0 {
			return syntax.Span{Start: toks[i].Start, End: toks[j].End}
		}
	}
	return syntax.Span{Start: toks[i].Start, End: toks[len(toks)-1].End}
}

func comparison(t syntax.Token) bool {
	switch t.Text {
	case "=", "==", "<>", "!=":
		return true
	}
	return t.Is("IS")
}

// note keeps a literal that is another name for a value of the column.
func (b *builder) note(col *registry.Column, t syntax.Token) {
	name := OtherName{Column: col.Name, Value: t.Name()}
	if t.Kind == syntax.String && col.OtherName(name.Value) && !slices.Contains(b.plan.Names, name) {
		b.plan.Names = append(b.plan.Names, name)
	}
}

// aliasColumn returns the column that a dotted name stands for, if it is one of
// a resource that has other names for its values. A name without a table counts
// only if all tables are resources: those of the statement, or of the part of it
// that is given.
func (b *builder) aliasColumn(toks []syntax.Token, part syntax.Span) *registry.Column {
	if len(toks) == 0 {
		return nil
	}
	column := toks[len(toks)-1].Name()
	var found *registry.Column
	for _, t := range b.tables() {
		if part.Present() && (t.Span.Start < part.Start || t.Span.End > part.End) {
			continue
		}
		if len(toks) > 1 && !strings.EqualFold(callName(t), toks[len(toks)-3].Name()) {
			continue
		}
		res, err := b.reg.FindResource(t.Parts)
		if err != nil {
			return nil
		}
		if c, ok := res.Column(column); ok && c.Canonical != "" {
			found = c
		}
	}
	return found
}

// callName is how a statement calls a table.
func callName(t syntax.TableRef) string {
	if t.Alias != "" {
		return t.Alias
	}
	return t.Parts[len(t.Parts)-1]
}

// names returns the names of columns.
func names(columns []*registry.Column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name
	}
	return out
}
