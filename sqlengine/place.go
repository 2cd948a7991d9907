package sqlengine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/filetab"
	"github.com/iql-lang/iql/sqlengine/plan"
	"github.com/iql-lang/iql/sqlengine/syntax"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// place gives an error of SQLite its place in the statement, and a hint.
func (r *run) place(q *plan.Query, err error) error {
	if e, ok := errors.AsType[*filetab.Error](err); ok {
		return r.placeFile(e)
	}
	e, ok := errors.AsType[*vtab.Error](err)
	if !ok || e.Kind == vtab.TooManyCalls {
		return err
	}
	offset := -1
	if e.Offset >= 0 {
		if at, ok := q.Place(e.Offset); ok {
			offset = at
		}
	}
	if e.Kind == vtab.Syntax {
		return r.syntaxError(e, offset)
	}
	at, known := r.locate(e.Name, offset)
	if e.Kind == vtab.Unasked {
		at, known = r.literal(e.Name)
	}
	if first := r.plan.Statement.Tokens; !known && len(first) > 0 {
		at = syntax.Span{Start: first[0].Start, End: first[0].End}
	}
	words, code := r.known(e)
	hint := r.hint(e, words)
	out := r.plan.Statement.Source.Errorf(at.Start, at.End-at.Start, hint, "%s", r.sentence(e))
	out.Code = code
	return out
}

// placeRoute gives the error of a table that no method answers for, or of a
// method that lacks something, its place: where the statement names it.
func (s *Session) placeRoute(stmt *syntax.Statement, err error) error {
	e, ok := err.(*registry.RouteError)
	if !ok {
		return s.describesOwn(stmt, err)
	}
	if stmt.Explained != nil {
		stmt = stmt.Explained
	}
	at := syntax.Span{}
	for _, t := range append(stmt.Tables(), syntax.TableRef{Parts: stmt.Target.Parts, Span: stmt.Target.Span}) {
		res, err := s.opts.Registry.FindResource(t.Parts)
		if m, merr := s.opts.Registry.FindMethod(t.Parts); merr == nil {
			res, err = m.Resource, nil
		}
		if err == nil && res == e.Resource && !at.Present() {
			at = t.Span
		}
	}
	if !at.Present() {
		return err // it is named in a view
	}
	p := describeRoute(e)
	if stmt.Kind == syntax.Delete && e.Verb == registry.Select && len(stmt.Tables()) == 0 {
		p.Hint = fmt.Sprintf("DELETE reads what it deletes: add WHERE %s = '...'", likely(readers(e.Resource)))
	}
	out := stmt.Source.Errorf(at.Start, at.End-at.Start, p.Hint, "%s", p.Message)
	out.Code, out.Err = p.Code, e
	return out
}

// describesOwn says which columns a table of the session has that DESCRIBE names: only
// resources have a description.
func (s *Session) describesOwn(stmt *syntax.Statement, err error) error {
	e, ok := err.(*syntax.Error)
	if !ok || stmt.Kind != syntax.Describe || len(stmt.Target.Parts) != 1 {
		return err
	}
	tables, terr := s.Tables()
	for name, columns := range tables {
		if terr == nil && len(columns) > 0 && strings.EqualFold(name, stmt.Target.Parts[0]) {
			e.Msg = name + " is a table of the session, not a resource"
			e.Hint = "it has " + plan.Join(columns, "and")
		}
	}
	return e
}

// sentence says what is wrong in our words.
func (r *run) sentence(e *vtab.Error) string {
	for _, res := range r.session.opts.Registry.Resources() {
		e.Name = strings.Replace(e.Name, res.Service.Schema()+".", res.Service.ID+".", 1)
	}
	switch e.Kind {
	case vtab.UnknownTable:
		return "there is no table " + strings.TrimPrefix(e.Name, "main.")
	case vtab.UnknownColumn:
		return "there is no column " + e.Name
	case vtab.UnknownFunction:
		return "there is no function " + e.Name
	case vtab.Ambiguous:
		return fmt.Sprintf("%s is a column of more than one table", e.Name)
	}
	return e.Msg
}

// syntaxError says where SQLite's parser stopped, and which keyword it may have
// missed.
func (r *run) syntaxError(e *vtab.Error, offset int) error {
	s := r.plan.Statement
	if offset < 0 {
		offset = s.All().End
	}
	i := tokenAt(s.Tokens, offset)
	if bad, keyword, ok := syntax.Misspelt(s.Tokens, i); ok {
		t := s.Tokens[bad]
		return s.Source.Errorf(t.Start, t.End-t.Start, "did you mean "+keyword+"?", "unexpected %s", t.Text)
	}
	if i >= len(s.Tokens) {
		return s.Source.Errorf(offset, 0, "", "the statement ends too early")
	}
	t := s.Tokens[i]
	hint := ""
	if i > 0 && beginsStatement(t) && endsStatement(s.Tokens[i-1]) {
		hint = "end the statement before it with ;"
	}
	return s.Source.Errorf(t.Start, t.End-t.Start, hint, "unexpected %s", s.Source.String()[t.Start:t.End])
}

// beginsStatement reports whether a token is a word that statements begin with.
func beginsStatement(t syntax.Token) bool {
	return slices.ContainsFunc([]string{"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "EXEC", "SHOW", "DESCRIBE", "CREATE", "DROP"}, t.Is)
}

// endsStatement reports whether a token may be the last of a statement.
func endsStatement(t syntax.Token) bool {
	switch t.Kind {
	case syntax.Word:
		return !t.Reserved()
	case syntax.Quoted, syntax.String, syntax.Number, syntax.Param, syntax.Close:
		return true
	}
	return false
}

// tokenAt returns the index of the token at an offset, or of the first after it.
func tokenAt(tokens []syntax.Token, offset int) int {
	for i, t := range tokens {
		if offset < t.End {
			return i
		}
	}
	return len(tokens)
}

// locate returns the span of the token at an offset, or else of the first that
// has the name.
func (r *run) locate(name string, offset int) (syntax.Span, bool) {
	toks := r.plan.Statement.Tokens
	if i := tokenAt(toks, offset); offset >= 0 && i < len(toks) {
		return chain(toks, i), true
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	for _, t := range toks {
		if (t.Kind == syntax.Word || t.Kind == syntax.Quoted) && strings.EqualFold(t.Name(), last) && name != "" {
			return syntax.Span{Start: t.Start, End: t.End}, true
		}
	}
	for _, t := range toks { // a table may be named in quotes, with points
		if (t.Kind == syntax.String || t.Kind == syntax.Quoted) && t.Name() == name && name != "" {
			return syntax.Span{Start: t.Start, End: t.End}, true
		}
	}
	return syntax.Span{}, false
}

// literal returns the span of the first literal with a value.
func (r *run) literal(value string) (syntax.Span, bool) {
	for _, t := range r.plan.Statement.Tokens {
		if t.Kind == syntax.String && t.Name() == value {
			return syntax.Span{Start: t.Start, End: t.End}, true
		}
	}
	return syntax.Span{}, false
}

// chain returns the span of the dotted name that the token begins.
func chain(toks []syntax.Token, i int) syntax.Span {
	span := syntax.Span{Start: toks[i].Start, End: toks[i].End}
	for i+2 < len(toks) && toks[i+1].Kind == syntax.Dot {
		i += 2
		span.End = toks[i].End
	}
	return span
}

// known returns the words that could stand where one is unknown, and the code
// of the error.
func (r *run) known(e *vtab.Error) (words []string, code string) {
	switch e.Kind {
	case vtab.UnknownColumn:
		return r.columnNames(e.Files), syntax.CodeUnknownColumn
	case vtab.UnknownTable:
		for _, res := range r.session.opts.Registry.Resources() {
			words = append(words, res.Name)
		}
		return words, syntax.CodeUnknownTable
	case vtab.UnknownFunction:
		return r.session.db.Functions(), "unknown_function"
	case vtab.Ambiguous:
		return nil, "ambiguous_column"
	case vtab.UnreadInput:
		return nil, "input_column"
	case vtab.Unasked:
		return nil, "other_name"
	}
	return nil, "sql"
}

// columnNames returns the columns of the tables that the statement names, its
// files among them, of all tables if it names none.
func (r *run) columnNames(files []vtab.FileStep) []string {
	reg := r.session.opts.Registry
	var of []*registry.Resource
	names := r.plan.Statement.Tables()
	if t := r.plan.Statement.Target; len(t.Parts) > 0 && (r.plan.Statement.Kind != syntax.Insert || len(files) == 0) {
		names = append(names, syntax.TableRef{Parts: t.Parts})
	}
	for _, t := range names {
		if res, err := reg.FindResource(t.Parts); err == nil {
			of = append(of, res)
		}
	}
	if len(of) == 0 && len(files) == 0 {
		of = reg.Resources()
	}
	var out []string
	for _, f := range files {
		out = append(out, f.Columns...)
	}
	for _, res := range of {
		for _, c := range res.Columns {
			out = append(out, c.Name)
		}
	}
	return out
}
