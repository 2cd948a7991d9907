package format

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// builder makes nodes of a statement's tokens.
type builder struct {
	text  string // what the tokens are of
	toks  []token
	match []int // of each (, its )
}

// statement returns the node of a statement.
func statement(text string, toks []token) *node {
	b := &builder{text: text, toks: toks, match: make([]int, len(toks))}
	var open []int
	for i, tok := range toks {
		switch tok.Kind {
		case syntax.Open:
			open = append(open, i)
		case syntax.Close:
			b.match[open[len(open)-1]] = i
			open = open[:len(open)-1]
		}
	}
	return b.statement(0)
}

func (b *builder) at(i int) token {
	if i < 0 || i >= len(b.toks) {
		return token{}
	}
	return b.toks[i]
}

// statement returns the node of the statement from lo on.
func (b *builder) statement(lo int) *node {
	first, end := b.at(lo), len(b.toks)
	switch {
	case first.Is("EXPLAIN"):
		i := lo + 1
		for b.at(i).keyword && (b.at(i).Is("QUERY") || b.at(i).Is("PLAN") || b.at(i).Is("ANALYZE") || b.at(i).Is("ANALYSE")) {
			i++
		}
		if i < end && b.at(i).keyword {
			return of(concat, b.inline(lo, i), leaf(space, 1), b.statement(i))
		}
	case first.Is("EXEC"), first.Is("EXECUTE"), first.Is("CALL"):
		return b.exec(lo)
	case first.Kind == syntax.Open, first.keyword && queryVerbs[strings.ToUpper(first.Text)]:
		return b.query(lo, end, !first.Is("INSERT"))
	}
	return b.inline(lo, end)
}

// queryVerbs begin statements that have clauses.
var queryVerbs = set("SELECT WITH VALUES INSERT UPDATE DELETE REPLACE CREATE")

// exec returns the node of EXEC method, and its arguments or its query below it.
func (b *builder) exec(lo int) *node {
	i := lo + 1
	for i < len(b.toks) && b.at(i).Kind != syntax.Param && b.at(i).Kind != syntax.Open && !b.at(i).beginsQuery() {
		i++
	}
	head := b.inline(lo, i)
	switch {
	case i == len(b.toks):
		return head
	case b.at(i).Kind != syntax.Param:
		return of(concat, head, of(nest, leaf(line, 1), of(group, b.query(i, len(b.toks), true))))
	}
	nodes := []*node{leaf(line, 1)}
	from := i
	for ; i < len(b.toks); i = b.next(i) {
		if i > from && b.at(i).Kind == syntax.Param && b.at(i-1).endsOperand() {
			nodes = append(nodes, b.inline(from, i), leaf(line, 1))
			from = i
		}
		if b.at(i).Kind == syntax.Comma {
			nodes = append(nodes, b.inline(from, i+1), leaf(line, 1))
			from = i + 1
		}
	}
	nodes = append(nodes, b.inline(from, len(b.toks)))
	return of(concat, head, of(nest, nodes...))
}

// next returns the index of what follows the token at i, or the parenthesis that
// begins there.
func (b *builder) next(i int) int {
	if b.toks[i].Kind == syntax.Open {
		return b.match[i] + 1
	}
	return i + 1
}

// clauses are the keywords that begin a clause.
var clauses = set("WITH SELECT FROM WHERE GROUP HAVING WINDOW ORDER LIMIT VALUES RETURNING SET UNION EXCEPT INTERSECT JOIN LEFT RIGHT FULL INNER CROSS NATURAL OUTER")

// begins reports whether a clause begins at i; from is where the last one began.
func (b *builder) begins(i, from int) bool {
	tok, prev := b.toks[i], b.at(i-1)
	word := strings.ToUpper(tok.Text)
	switch {
	case b.joins(from, i):
		return true
	case !tok.keyword:
		return false
	case word == "ON":
		return b.at(i + 1).Is("CONFLICT")
	case !clauses[word]:
		return false
	}
	switch word {
	case "FROM":
		return !prev.Is("DISTINCT") && !prev.Is("DELETE")
	case "SET":
		return i > from && !prev.Is("UPDATE")
	}
	return !joinWords[word] || !prev.keyword || !joinWords[strings.ToUpper(prev.Text)]
}

// joins reports whether the clause from from to i is UNION or the like, which is
// a line of its own.
func (b *builder) joins(from, i int) bool {
	if !b.isSetOp(from) || i == from {
		return false
	}
	all := b.at(from + 1)
	return i == from+2 || !all.Is("ALL") && !all.Is("DISTINCT")
}

func (b *builder) isSetOp(i int) bool {
	tok := b.at(i)
	return tok.keyword && (tok.Is("UNION") || tok.Is("EXCEPT") || tok.Is("INTERSECT"))
}

// split returns where the clauses of the tokens [lo:hi) begin, and hi.
func (b *builder) split(lo, hi int) []int {
	starts := []int{lo}
	for i := lo; i < hi; i = b.next(i) {
		if last := starts[len(starts)-1]; i > last && b.begins(i, last) {
			starts = append(starts, i)
		}
	}
	return append(starts, hi)
}

// query returns the node of clauses, each a line if they do not fit on one.
// named says that the columns of its result have names that somebody sees.
func (b *builder) query(lo, hi int, named bool) *node {
	starts := b.split(lo, hi)
	if slices.ContainsFunc(starts, b.isSetOp) {
		return b.compound(starts, named)
	}
	var lines []*node
	for i, at := range starts[:len(starts)-1] {
		lines = append(lines, b.clause(at, starts[i+1], named))
	}
	return of(concat, between(lines, leaf(line, 1))...)
}

// compound returns the node of queries that UNION or the like joins: each is a
// line if all of them are short, else each of their clauses is.
func (b *builder) compound(starts []int, named bool) *node {
	var lines []*node
	var arms []*node // of lines
	for i, at := range starts[:len(starts)-1] {
		n := b.clause(at, starts[i+1], named)
		first := b.toks[at]
		switch {
		case first.Kind == syntax.Open, first.keyword && (first.Is("SELECT") || first.Is("VALUES")):
			n = of(group, n)
			lines, arms = append(lines, n), append(arms, n)
		case first.keyword && armWords[strings.ToUpper(first.Text)] && len(arms) > 0 && lines[len(lines)-1] == arms[len(arms)-1]:
			arm := arms[len(arms)-1]
			*arm = *of(group, append(arm.nodes, leaf(line, 1), n)...)
		default: // of all, such as ORDER BY, or UNION itself
			lines = append(lines, n)
		}
	}
	long := func(n *node) bool { return n.forced || n.width > shortStatement }
	if slices.ContainsFunc(arms, long) {
		for _, arm := range arms {
			arm.kind = concat
		}
	}
	return of(concat, between(lines, leaf(line, 1))...)
}

// armWords begin the clauses that belong to one of several queries.
var armWords = set("FROM WHERE GROUP HAVING WINDOW JOIN LEFT RIGHT FULL INNER CROSS NATURAL")

// between returns nodes with one between each two.
func between(nodes []*node, sep *node) []*node {
	var out []*node
	for i, n := range nodes {
		if i > 0 {
			out = append(out, sep)
		}
		out = append(out, n)
	}
	return out
}

// clause returns the node of a clause.
func (b *builder) clause(lo, hi int, named bool) *node {
	i := lo + 1
	switch first := b.toks[lo]; {
	case !first.keyword:
		return b.inline(lo, hi)
	case first.Is("SELECT"), first.Is("RETURNING"):
		named = named || first.Is("RETURNING") // also of an INSERT, of whose SELECT nobody sees the names
		for b.at(i).keyword && (b.at(i).Is("DISTINCT") || b.at(i).Is("ALL")) {
			i++
		}
		return b.listed(lo, i, hi, func(lo, hi int) *node { return b.result(lo, hi, named) })
	case first.Is("GROUP"), first.Is("ORDER"):
		return b.listed(lo, b.afterBy(i, hi), hi, b.cond)
	case first.Is("FROM") && !b.hasComma(i, hi):
		return b.inline(lo, hi)
	case first.Is("FROM"), first.Is("SET"):
		return b.listed(lo, i, hi, b.cond)
	case first.Is("VALUES"):
		return b.rows(lo, hi)
	case first.Is("WITH"):
		return b.with(lo, hi)
	case first.Is("WHERE"), first.Is("HAVING"):
		k := group
		if b.hasQuery(i, hi) {
			k = concat // it is much for a line, even where it fits
		}
		cond := b.cond(i, hi)
		if len(b.operators(i, hi, "AND"))+len(b.operators(i, hi, "OR")) > 0 {
			cond = of(nest, cond)
		}
		return of(k, b.toks[lo].node(), leaf(space, 1), cond)
	case first.Is("CREATE"):
		return b.create(lo, hi)
	}
	return b.join(lo, hi)
}

// afterBy returns the index after the BY at i, or i if it is missing.
func (b *builder) afterBy(i, hi int) int {
	if i < hi && b.at(i).Is("BY") {
		return i + 1
	}
	return i
}

// join returns the node of a table that is joined, with its condition below it if
// they do not fit on a line. It may be any other clause that has no node of its
// own.
func (b *builder) join(lo, hi int) *node {
	for i := lo; i < hi; i = b.next(i) {
		tok := b.toks[i]
		if i == lo || !tok.keyword || !tok.Is("ON") || b.at(i+1).Is("CONFLICT") {
			continue
		}
		sep := leaf(line, 1)
		if b.hasQuery(lo, i) {
			sep = leaf(space, 1)
		}
		on := of(group, tok.node(), leaf(space, 1), b.cond(i+1, hi))
		return of(group, b.inline(lo, i), of(nest, sep, on))
	}
	return b.inline(lo, hi)
}

// with returns the node of WITH, each of whose queries has lines of its own.
func (b *builder) with(lo, hi int) *node {
	i := lo + 1
	if b.at(i).keyword && b.at(i).Is("RECURSIVE") {
		i++
	}
	items := b.items(i, hi, b.named)
	return of(concat, b.inline(lo, i), leaf(space, 1), of(concat, between(items, leaf(line, 1))...))
}

// named returns the node of name (columns) AS (query).
func (b *builder) named(lo, hi int) *node {
	if hi-lo > 2 && b.toks[hi-1].Kind == syntax.Close {
		for i := lo; i < hi; i = b.next(i) {
			if b.toks[i].Kind == syntax.Open && b.match[i] == hi-1 && b.at(i+1).beginsQuery() {
				return of(concat, b.inline(lo, i), leaf(space, 1), b.parens(i, concat))
			}
		}
	}
	return b.inline(lo, hi)
}

// create returns the node of CREATE up to its query: the columns of a table
// are lines if they do not fit on one.
func (b *builder) create(lo, hi int) *node {
	for i := lo; i < hi; i = b.next(i) {
		if b.toks[i].Kind != syntax.Open || b.at(i+1).beginsQuery() || !b.at(lo+1).Is("TABLE") && !b.at(lo+2).Is("TABLE") {
			continue
		}
		end := b.match[i]
		columns := of(nest, append([]*node{leaf(soft, 0)}, between(b.items(i+1, end, b.inline), leaf(line, 1))...)...)
		nodes := []*node{b.inline(lo, i), leaf(space, 1), of(group, b.toks[i].node(), columns, leaf(soft, 0), b.toks[end].node())}
		if end+1 < hi {
			nodes = append(nodes, leaf(space, 1), b.inline(end+1, hi))
		}
		return of(concat, nodes...)
	}
	return b.inline(lo, hi)
}
