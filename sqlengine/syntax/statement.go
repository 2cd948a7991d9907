package syntax

import "github.com/xwb1989/sqlparser"

// Kind says what a statement does.
type Kind int

const (
	Other          Kind = iota // a statement that begins with any other known word; see Statement.Verb
	Select                     // SELECT, WITH ... SELECT, VALUES
	Insert                     // INSERT
	Delete                     // DELETE
	Update                     // UPDATE
	Replace                    // REPLACE
	Exec                       // EXEC, EXECUTE, CALL
	Show                       // SHOW
	Describe                   // DESCRIBE, DESC, EXPLAIN with a name
	DescribeMethod             // DESCRIBE METHOD
	Explain                    // EXPLAIN with a statement
)

var kinds = [...]string{
	Other: "Other", Select: "Select", Insert: "Insert", Delete: "Delete", Update: "Update", Replace: "Replace",
	Exec: "Exec", Show: "Show", Describe: "Describe", DescribeMethod: "DescribeMethod", Explain: "Explain",
}

// String returns the kind's name in this package.
func (k Kind) String() string { return kinds[k] }

// Span is a part of a statement, in bytes from the statement's start. The zero
// Span is that of a part the statement does not have.
type Span struct{ Start, End int }

// Present reports whether the statement has the part.
func (s Span) Present() bool { return s.End > s.Start }

// Of returns the part; text is the whole statement.
func (s Span) Of(text string) string { return text[s.Start:s.End] }

// Name is a dotted name as it was written.
type Name struct {
	Parts []string // without quotes
	Span  Span     // the whole name
	Spans []Span   // each part, with its quotes
}

// Column is a name in an INSERT's list of columns.
type Column struct {
	Name string
	Span Span
}

// Arg is an argument of EXEC: @name = value, @name IN (...), or @@json = value.
type Arg struct {
	Name     string // without its sign
	NameSpan Span   // with its sign
	Value    Span   // one expression: what follows =
	List     Span   // the inside of IN (...): expressions, or a query
	JSON     bool   // the argument is @@json, the body of the call
}

// Statement is a statement with the spans of its parts. Which parts there can
// be depends on its Kind and is said at each field.
type Statement struct {
	Source  Source
	Kind    Kind
	Verb    string   // the word that makes the kind, in upper case: "INSERT" also after WITH
	Tokens  []Token  // all but blanks, comments and hints
	Hints   []string // the words of all /*+ ... */, in upper case: "AWAIT", "SHOWRESULTS", "REQUIRED"
	Target  Name     // INSERT, DELETE, UPDATE, REPLACE: the table; EXEC, DESCRIBE METHOD: the method; DESCRIBE, SHOW: what it asks of
	Alias   string   // INSERT, DELETE, UPDATE: the target's other name
	Columns []Column // INSERT, REPLACE: the list of columns; empty where there is none

	// With is the WITH clause at the statement's start, up to the word after
	// it. The queries of Rows and Where may use what it defines.
	With Span

	// Rows is a query. INSERT, REPLACE: what follows the columns. EXEC: the
	// query that follows the method, if any. It has its own WITH, or that of the
	// statement, but not both.
	Rows Span

	Set       Span // UPDATE, REPLACE: the assignments after SET
	Where     Span // DELETE, UPDATE, REPLACE, SHOW: the condition
	Returning Span // INSERT, DELETE, UPDATE, REPLACE, EXEC: the list after RETURNING
	Args      []Arg

	// Ignore says that rows which are there already are to be passed over:
	// INSERT OR IGNORE, INSERT IGNORE, ON CONFLICT DO NOTHING.
	Ignore bool

	// LocalOnly is set where the statement has a part that a table of SQLite
	// understands and a remote resource does not, such as INSERT OR REPLACE. It
	// is the error to return if Target is a resource.
	LocalOnly *Error

	What     string // SHOW: "PROVIDERS", "INSERT", "AUTH", ...; EXPLAIN: "", "QUERY PLAN" or "ANALYZE"
	Extended bool   // SHOW, DESCRIBE
	Like     string // SHOW: the pattern
	LikeSpan Span   // SHOW: the pattern with its quotes; absent where there is none

	Explained *Statement // EXPLAIN

	// Files are the files that stand for tables, in the order of the text. Those of
	// an EXPLAIN are in Explained.
	Files []FileCall

	// Parameters are those of the statement, in the order of the text. Those of an
	// EXPLAIN are in Explained too.
	Parameters []Parameter
	Given      []string // the names that have values, in order

	// Habits are what SQLite is to be told besides what was typed. Parse leaves
	// them to the session.
	Habits Habits

	// Insertions are texts that SQLite is to read after names of the statement,
	// by the offset of the name's end. They are for whoever plans the statement.
	Insertions map[int]string

	// Tree is what sqlparser makes of a lowered copy of the statement, or nil
	// where it cannot read it. EXEC: the tree of Rows. The tree of an INSERT or
	// DELETE may have a placeholder for rows or a condition it cannot read.
	//
	// It is for explaining and for hints. It has no positions, it knows SQLite's
	// operators by MySQL's, and it is never printed back as SQL.
	Tree sqlparser.Statement

	shape shape
	trees []sqlparser.Statement // of the statement's WITH
}

// All returns the span of the whole statement.
func (s *Statement) All() Span { return Span{0, s.Source.End - s.Source.Start} }
