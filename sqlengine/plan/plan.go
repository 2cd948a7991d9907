// Package plan turns a statement into a [Plan]: a query, and a method to call
// for each of its rows. [Build] is pure: it reads the statement and the
// registry and asks nobody else, so a plan can be printed (EXPLAIN) or run.
//
//	statement                          query                                  call for each row
//	SELECT, SHOW, DESCRIBE             the person's text, or a list of rows   none: the rows are the answer
//	INSERT ... VALUES / SELECT         what follows the column list           create(courseId, userId, role)
//	DELETE ... WHERE                   SELECT the key columns ... WHERE       delete(id)
//	UPDATE ... SET ... WHERE           what a row is to be, and what it is    delete(id), create(courseId, userId, role)
//	EXEC m @id = 'x' / @id IN / SELECT the arguments as rows                  accept(id)
//
// There is one file for each kind of statement.
package plan

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Plan is what a statement does.
type Plan struct {
	Verb      string // "SELECT", "INSERT", ...
	Statement *syntax.Statement
	Query     Query             // what SQLite runs; empty if the statement has nothing to run
	Named     bool              // the statement names the keys of all rows itself
	Literal   int               // how many rows the query has if they are all in the text, else 0
	Call      *Call             // the call for each row of the query; nil for a read
	Names     []OtherName       // values in the query that may be other names for what rows show
	Files     []syntax.FileCall // the files that the statement reads
	Local     bool              // the query changes tables of the session's own
	Notices   []string
	Explained *Plan // EXPLAIN: the plan to show instead of running it
	Fact      Fact  // the statement asks for something that only the session knows
}

// Fact is something that a session knows about itself.
type Fact int

// The facts that statements ask for.
const (
	NoFact          Fact = iota
	Version              // SHOW VERSION: version
	ExtendedVersion      // SHOW EXTENDED VERSION: version, commit, build_date, platform
	Auth                 // SHOW AUTH: principal, type, source
)

// Call is the call that a change makes for each row of its query.
type Call struct {
	Method *registry.Method
	// First is called before Method for each row, with the row's key, and undone if
	// Method is refused: a row that is changed is deleted and made anew. Nil if there
	// is none. The query's columns after Params are the row as it was.
	First *registry.Method
	// Params are the method's parameters that the columns of the query become,
	// in the order of the columns; "" for a column that is no parameter. Nil if
	// the columns say so by their names.
	Params []string
	// Fixed are arguments that every call gets.
	Fixed provider.Args
	// Ignore says that a row which is there already is no failure.
	Ignore bool
	// Show says that the rows of the methods' answers are the result.
	Show bool
	// Returning is the query over the changed rows that is the result. Its parameter
	// [ReturnedRows] is a JSON array of the rows, each an array in the order of the
	// resource's output columns. Empty if the statement has none.
	Returning Query
	// Whole says that the query's columns after Params are the rows as they were
	// read, all NULL where there was none.
	Whole bool
	// Outcomes says that Returning is about all rows, also those that were refused, and
	// that what became of each comes after the resource's columns: its state, and the
	// code and the message of the error.
	Outcomes bool
	// Before says that Returning is about those. Otherwise it is about the rows that the
	// method answered with.
	Before bool
}

// ReturnedRows is the parameter of [Call.Returning]. No statement can have it.
const ReturnedRows = "@rows"

// Build returns the plan of a statement. The error is a [*syntax.Error] with
// its place, or a [*registry.RouteError] where a method would need more.
func Build(s *syntax.Statement, reg *registry.Registry) (*Plan, error) {
	stmt := *s // the plan has insertions of its own
	b := &builder{stmt: &stmt, reg: reg, plan: &Plan{Verb: s.Verb, Statement: &stmt, Files: stmt.Files}}
	if err := b.build(); err != nil {
		return nil, err
	}
	return b.plan, nil
}

type builder struct {
	stmt *syntax.Statement
	reg  *registry.Registry
	plan *Plan
}

func (b *builder) build() error {
	if err := b.checkParams(); err != nil {
		return err
	}
	if err := b.checkNumbers(); err != nil {
		return err
	}
	if err := b.checkTables(); err != nil {
		return err
	}
	if err := b.otherNames(); err != nil {
		return err
	}
	if err := b.checkEnums(); err != nil {
		return err
	}
	switch b.stmt.Kind {
	case syntax.Insert, syntax.Delete, syntax.Update, syntax.Replace:
		if b.isLocal() {
			return b.local()
		}
	}
	switch b.stmt.Kind {
	case syntax.Select:
		b.plan.Verb = "SELECT"
		b.splice(&b.plan.Query, b.stmt.All())
		return nil
	case syntax.Insert:
		return b.insert()
	case syntax.Delete:
		return b.delete()
	case syntax.Update, syntax.Replace:
		return b.update()
	case syntax.Exec:
		return b.exec()
	case syntax.Show:
		return b.show()
	case syntax.Describe:
		return b.describe()
	case syntax.DescribeMethod:
		return b.describeMethod()
	case syntax.Explain:
		return b.explain()
	}
	return b.other()
}

// checkNumbers refuses integers that SQLite would take for floating-point numbers,
// which have fewer digits: an identifier written so would be another one.
func (b *builder) checkNumbers() error {
	for i, t := range b.stmt.Tokens {
		if t.Text == "9223372036854775808" && at(b.stmt.Tokens, i-1).Text == "-" {
			continue // the least integer
		}
		if t.Kind != syntax.Number || strings.Trim(t.Text, "0123456789") != "" {
			continue
		}
		if _, err := strconv.ParseInt(t.Text, 10, 64); err != nil {
			e := b.errorf(syntax.Span{Start: t.Start, End: t.End}, "write it in quotes: '"+t.Text+"'", "%s is too large for a number", t.Text)
			e.Code = "number"
			return e
		}
	}
	return nil
}

func (b *builder) explain() error {
	p, err := Build(b.stmt.Explained, b.reg)
	if err != nil {
		return err
	}
	b.plan.Verb = "EXPLAIN"
	b.plan.Explained = p
	return nil
}

// Explain returns the plan that shows this one instead of running it. A plan that shows
// what is known anyway, or is about the session's own tables, is returned as it is.
func (p *Plan) Explain() *Plan {
	switch p.Verb {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "EXEC":
		if !p.Local {
			return &Plan{Verb: "EXPLAIN", Statement: p.Statement, Explained: p, Notices: p.Notices}
		}
	}
	return p
}

// target returns the resource that a change is made to.
func (b *builder) target() (*registry.Resource, error) {
	res, err := b.reg.FindResource(b.stmt.Target.Parts)
	if err != nil {
		return nil, b.nameError(b.stmt.Target, err)
	}
	if b.stmt.LocalOnly != nil {
		return nil, b.stmt.LocalOnly
	}
	return res, nil
}

// column returns the column of a resource that a name in the statement stands
// for. StackQL writes the fields of a body with data__ before them.
func (b *builder) column(res *registry.Resource, name string, at syntax.Span) (*registry.Column, error) {
	plain, prefixed := name, false
	if len(name) > len(bodyPrefix) && strings.EqualFold(name[:len(bodyPrefix)], bodyPrefix) {
		plain, prefixed = name[len(bodyPrefix):], true
	}
	if c, ok := res.Column(plain); ok && (prefixed || plain == name) {
		return c, nil
	}
	return nil, b.unknownColumn(res.ID, plain, at, columnNames(res))
}

const bodyPrefix = "data__"

func (b *builder) unknownColumn(owner, name string, at syntax.Span, known []string) error {
	e := b.errorf(at, didYouMean(name, known), "%s has no column %s", owner, name)
	e.Code = syntax.CodeUnknownColumn
	return e
}

func columnNames(res *registry.Resource) []string {
	out := make([]string, len(res.Columns))
	for i, c := range res.Columns {
		out[i] = c.Name
	}
	return out
}

// errorf returns an error about a part of the statement.
func (b *builder) errorf(at syntax.Span, hint, format string, args ...any) *syntax.Error {
	return b.stmt.Source.Errorf(at.Start, at.End-at.Start, hint, format, args...)
}

// nameError gives an error of the registry its place in a name.
func (b *builder) nameError(n syntax.Name, err error) error {
	e, ok := errors.AsType[*registry.NameError](err)
	if !ok {
		return err
	}
	at, written := n.Span, ""
	if e.Part < len(n.Spans) {
		at, written = n.Spans[e.Part], n.Parts[e.Part]
	}
	out := b.errorf(at, didYouMean(written, e.Known), "%s", e.Error())
	if hint := FileHint(strings.Join(n.Parts, ".")); hint != "" && n.Span != b.stmt.Target.Span { // it is read
		out.Hint = hint
	}
	out.Code = "unknown_" + e.What
	if e.What == "resource" {
		out.Code = syntax.CodeUnknownTable
	}
	return out
}

// FileHint says how to read the file that stands in the place of a table, "" for a name
// that is none of a file.
func FileHint(name string) string {
	kind := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	if kind == name || !slices.Contains([]string{"csv", "json", "jsonl"}, kind) {
		return ""
	}
	return fmt.Sprintf("a file is a table as %s('%s')", kind, name)
}

// Spelled is a name as a statement has it: in quotes, where it must have them.
func Spelled(name string) string {
	for t := range syntax.Scan(name) {
		if t.Kind == syntax.Word && t.Text == name && !t.Reserved() {
			return name
		}
	}
	return quote(name)
}

// didYouMean returns a hint: the known word that a word may have been meant to
// be, or else all of them if they are few.
func didYouMean(word string, known []string) string {
	if near, ok := provider.Nearest(word, known); ok {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if len(known) == 0 || len(known) > 16 {
		return ""
	}
	return "there is " + Join(known, "and")
}

// Join lists words, with a word of its own before the last: "a, b and c".
func Join(words []string, last string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
}

// tokens returns the statement's tokens within a span.
func (b *builder) tokens(span syntax.Span) []syntax.Token { return tokens(b.stmt, span) }

func tokens(s *syntax.Statement, span syntax.Span) []syntax.Token {
	var out []syntax.Token
	for _, t := range s.Tokens {
		if t.Start >= span.Start && t.End <= span.End {
			out = append(out, t)
		}
	}
	return out
}

// items returns the spans of the expressions in a list, divided by commas.
func (b *builder) items(list syntax.Span) []syntax.Span { return items(b.tokens(list)) }

func items(toks []syntax.Token) []syntax.Span {
	var out []syntax.Span
	depth, start, end := 0, -1, 0
	for _, t := range toks {
		switch {
		case t.Kind == syntax.Comma && depth == 0:
			out = append(out, syntax.Span{Start: start, End: end})
			start = -1
			continue
		case t.Kind == syntax.Open:
			depth++
		case t.Kind == syntax.Close:
			depth--
		}
		if start < 0 {
			start = t.Start
		}
		end = t.End
	}
	if start < 0 {
		return out
	}
	return append(out, syntax.Span{Start: start, End: end})
}

// isQuery reports whether a span is a SELECT, VALUES or WITH.
func (b *builder) isQuery(span syntax.Span) bool {
	toks := b.tokens(span)
	return len(toks) > 0 && (toks[0].Is("SELECT") || toks[0].Is("VALUES") || toks[0].Is("WITH"))
}
