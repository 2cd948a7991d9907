package syntax

import (
	"fmt"
	"strings"

	"github.com/xwb1989/sqlparser"
)

// Bounds of what is given to sqlparser, beside those of a statement: its parser
// keeps a state for each outer join that is open, and the placeholder for rows
// is as good as rows that nobody looks at.
const (
	maxJoins = 100
	maxLower = 1 << 16 // tokens
)

// grow sets the statement's trees.
func (s *Statement) grow() {
	joins := 0
	for _, tok := range s.Tokens {
		if tok.Is("JOIN") {
			joins++
		}
	}
	if joins > maxJoins || len(s.Tokens) > maxLower {
		return
	}
	for _, body := range s.withBodies() {
		if tree := treeOf(s.lower(body)); tree != nil {
			s.trees = append(s.trees, tree)
		}
	}
	switch s.Kind {
	case Select:
		s.Tree = treeOf(s.lower(Span{s.With.End, s.All().End}))
	case Exec:
		s.Tree = treeOf(s.lower(s.Rows))
	case Insert, Replace:
		s.Tree = s.insertTree()
	case Delete, Update:
		s.Tree = s.deleteTree()
	}
}

// lower lowers the tokens of a span.
func (s *Statement) lower(span Span) string {
	first, last := within(s.Tokens, span)
	return lower(s.Tokens[first:last], s.shape.roles[first:last])
}

// withBodies returns the queries of the statement's WITH.
func (s *Statement) withBodies() []Span {
	var bodies []Span
	for i := 0; i < len(s.Tokens) && s.Tokens[i].Start < s.With.End; i++ {
		if s.Tokens[i].Kind != Open {
			continue
		}
		end := closing(s.Tokens, i)
		if prev := s.Tokens[i-1]; (prev.Is("AS") || prev.Is("MATERIALIZED")) && end > i+1 {
			bodies = append(bodies, Span{s.Tokens[i+1].Start, s.Tokens[end-1].End})
		}
		i = end
	}
	return bodies
}

// insertTree returns the tree of an INSERT or a REPLACE. Its table and columns
// are always there; rows that sqlparser cannot read, and lists of values, are
// replaced by one empty row.
func (s *Statement) insertTree() sqlparser.Statement {
	if !s.Rows.Present() { // REPLACE table SET ...
		return treeOf(s.lower(Span{s.With.End, s.All().End}))
	}
	columns := make([]string, len(s.Columns))
	for i, column := range s.Columns {
		columns[i] = backquote(column.Name)
	}
	head := strings.ToLower(s.Verb) + " into " + backquote(strings.Join(s.Target.Parts, "."))
	if len(columns) > 0 {
		head += " (" + strings.Join(columns, ", ") + ")"
	}
	if rows := s.lower(s.Rows); strings.HasPrefix(rows, "select ") {
		if tree := treeOf(head + " " + rows); tree != nil {
			return tree
		}
	}
	return treeOf(head + " values (null)")
}

// deleteTree returns the tree of a DELETE or an UPDATE, without a condition that
// sqlparser cannot read.
func (s *Statement) deleteTree() sqlparser.Statement {
	table := backquote(strings.Join(s.Target.Parts, "."))
	head := "delete from " + table
	if s.Kind == Update {
		head = fmt.Sprintf("update %s set `_` = null", table)
	}
	if s.Where.Present() {
		if tree := treeOf(head + " where " + s.lower(s.Where)); tree != nil {
			return tree
		}
	}
	return treeOf(head)
}

// treeOf returns what sqlparser makes of a text, or nil. A panic of sqlparser is
// a text that it cannot read.
func treeOf(text string) (tree sqlparser.Statement) {
	defer func() {
		if recover() != nil {
			tree = nil
		}
	}()
	tree, err := sqlparser.ParseStrictDDL(text) // Parse prints to standard error
	if err != nil {
		return nil
	}
	return tree
}

// Term is a comparison of a column, one of the conditions that must all hold.
type Term struct {
	Qualifier string   // what stands before the column and its dot, or ""
	Column    string   // as written
	Op        string   // "=", "<>", "<", "<=", ">", ">=", "in", "not in", "like", "not like", "is", "is null", "between", ...
	Literals  []string // the values of the right side, if it is one literal or a list or range of them
	Right     string   // the right side if it is a column: "alias.column" or "column"
	Other     bool     // the right side is something else: a parameter, an expression, a query
}

// Terms returns the comparisons of columns in all WHERE and ON conditions,
// subqueries included, as far as sqlparser can read the statement. It leaves out
// those that need not hold, such as one side of an OR. It is for explaining, and
// never decides which rows come out.
func (s *Statement) Terms() []Term {
	var terms []Term
	visit := func(node sqlparser.SQLNode) (bool, error) {
		switch node := node.(type) {
		case *sqlparser.Where:
			if node != nil && node.Type == sqlparser.WhereStr {
				terms = appendTerms(terms, node.Expr)
			}
		case sqlparser.JoinCondition:
			terms = appendTerms(terms, node.On)
		}
		return true, nil
	}
	for _, tree := range s.trees {
		sqlparser.Walk(visit, tree) // visit returns no error
	}
	if s.Tree != nil {
		sqlparser.Walk(visit, s.Tree)
	}
	return terms
}

// appendTerms appends the terms of a condition.
func appendTerms(terms []Term, expr sqlparser.Expr) []Term {
	switch e := expr.(type) {
	case *sqlparser.ParenExpr:
		return appendTerms(terms, e.Expr)
	case *sqlparser.AndExpr:
		return appendTerms(appendTerms(terms, e.Left), e.Right)
	case *sqlparser.ComparisonExpr:
		return appendComparison(terms, e)
	case *sqlparser.RangeCond:
		if column, ok := e.Left.(*sqlparser.ColName); ok {
			return append(terms, termOf(column, e.Operator, sqlparser.ValTuple{e.From, e.To}))
		}
	case *sqlparser.IsExpr:
		if column, ok := e.Expr.(*sqlparser.ColName); ok {
			return append(terms, termOf(column, e.Operator, sqlparser.ValTuple{}))
		}
	}
	return terms
}

// mirrored has the comparisons that may be read from right to left.
var mirrored = map[string]string{"=": "=", "!=": "!=", "<=>": "<=>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

func appendComparison(terms []Term, e *sqlparser.ComparisonExpr) []Term {
	if column, ok := e.Left.(*sqlparser.ColName); ok {
		return append(terms, termOf(column, e.Operator, e.Right))
	}
	if column, ok := e.Right.(*sqlparser.ColName); ok && mirrored[e.Operator] != "" {
		return append(terms, termOf(column, mirrored[e.Operator], e.Left))
	}
	return terms
}

// termOf makes a Term of a column, MySQL's operator and the right side.
func termOf(column *sqlparser.ColName, op string, right sqlparser.Expr) Term {
	switch op {
	case "!=":
		op = "<>"
	case "<=>":
		op = "is"
	}
	t := Term{Qualifier: column.Qualifier.Name.String(), Column: column.Name.String(), Op: op}
	switch right := right.(type) {
	case *sqlparser.ColName:
		t.Right = right.Name.String()
		if q := right.Qualifier.Name.String(); q != "" {
			t.Right = q + "." + t.Right
		}
	case sqlparser.ValTuple:
		for _, value := range right {
			text, ok := literal(value)
			if !ok {
				t.Literals, t.Other = nil, true
				break
			}
			t.Literals = append(t.Literals, text)
		}
	default:
		text, ok := literal(right)
		if ok {
			t.Literals = []string{text}
		}
		t.Other = !ok
	}
	return t
}

// literal returns the value of a string or a number.
func literal(expr sqlparser.Expr) (string, bool) {
	value, ok := expr.(*sqlparser.SQLVal)
	if !ok || value.Type == sqlparser.ValArg {
		return "", false
	}
	return string(value.Val), true
}
