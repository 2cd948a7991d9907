package plan

import (
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Query is a text for SQLite made of the plan's own words and of parts of the
// statement, as the person typed them but for names.
type Query struct {
	text   string
	pieces []piece
}

// piece is a part of a query that comes from the statement.
type piece struct {
	start, end int // in the query
	back       func(offset int) int
}

// String returns the text.
func (q *Query) String() string { return q.text }

// Empty reports whether there is nothing to run.
func (q *Query) Empty() bool { return q.text == "" }

// Place returns where in the statement an offset of the query comes from, and
// whether it comes from there at all.
func (q *Query) Place(offset int) (int, bool) {
	for _, p := range q.pieces {
		if offset >= p.start && offset <= p.end {
			return p.back(offset - p.start), true
		}
	}
	return 0, false
}

func (q *Query) write(parts ...string) { q.text += strings.Join(parts, "") }

// splice adds a part of the statement.
func (b *builder) splice(q *Query, span syntax.Span) {
	text, back := b.stmt.SQLite(span, b.reg)
	start := len(q.text)
	q.text += text
	q.pieces = append(q.pieces, piece{start, len(q.text), back})
}

// quote returns an identifier in double quotes.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal returns a value as SQL.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case bool:
		if v {
			return "1"
		}
		return "0"
	}
	panic("plan: a registry table has a value that is no text")
}

// list writes a query whose rows are known: WITH "name"(columns) AS (VALUES
// ...) SELECT * FROM "name".
func (q *Query) list(name string, columns []string, rows [][]any) {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = quote(c)
	}
	q.write("WITH ", quote(name), "(", strings.Join(quoted, ", "), ") AS (")
	if len(rows) == 0 {
		q.write("SELECT ", strings.TrimSuffix(strings.Repeat("NULL, ", len(columns)), ", "), " WHERE 0")
	}
	for i, row := range rows {
		if i == 0 {
			q.write("VALUES ")
		} else {
			q.write(", ")
		}
		values := make([]string, len(row))
		for j, v := range row {
			values[j] = literal(v)
		}
		q.write("(", strings.Join(values, ", "), ")")
	}
	q.write(") SELECT * FROM ", quote(name))
}
