// Package syntax reads SQL: it scans a text, splits it into statements, finds
// the parts of a statement, and puts the names of resources into the form that
// SQLite knows.
//
// The words a person types are kept. A [Statement] is a set of spans of the
// text, found by a scanner that follows SQLite's rules, and SQLite runs those
// spans as they stand, but for what [Statement.SQLite] edits: names, and a few
// words that SQLite lacks.
//
// The parser of [github.com/xwb1989/sqlparser] reads a lowered copy of the
// statement, for what a tree shows better than spans do: [Statement.Tree] and
// [Statement.Terms]. It knows MySQL and not all of SQLite, so its tree may be
// missing and never decides which rows come out.
//
// From text to statement:
//
//	stmts, rest := syntax.Split("invite.iql", text)
//	for _, src := range stmts {
//		stmt, err := syntax.Bind(src, values) // err is a *syntax.Error with a place
//		...
//		query, back := stmt.SQLite(stmt.Rows, names)
//	}
//
// Everything here is linear in the length of the text and safe for text from
// strangers: see [Parse] for the bounds.
package syntax
