package format

import (
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// cond returns the node of an expression that may be broken before its ANDs and
// ORs.
func (b *builder) cond(lo, hi int) *node {
	for _, op := range []string{"OR", "AND"} {
		if at := b.operators(lo, hi, op); len(at) > 0 {
			return b.broken(lo, hi, at)
		}
	}
	return b.inline(lo, hi)
}

// operators returns where the operator, AND or OR, stands outside parentheses,
// CASE and BETWEEN.
func (b *builder) operators(lo, hi int, op string) []int {
	var at []int
	cases, between := 0, false
	for i := lo; i < hi; i = b.next(i) {
		tok := b.toks[i]
		switch {
		case !tok.keyword:
		case tok.Is("CASE"):
			cases++
		case tok.Is("END"):
			cases--
		case cases > 0:
		case tok.Is("BETWEEN"):
			between = true
		case tok.Is("AND") && between:
			between = false
		case tok.Is(op) && i > lo && i+1 < hi:
			at = append(at, i)
		}
	}
	return at
}

// broken returns the node of an expression that may be broken at the operators.
func (b *builder) broken(lo, hi int, at []int) *node {
	var nodes []*node
	for i := range len(at) + 1 {
		from, to := lo, hi
		if i > 0 {
			from = at[i-1] + 1
			nodes = append(nodes, leaf(line, 1), b.toks[at[i-1]].node(), leaf(space, 1))
		}
		if i < len(at) {
			to = at[i]
		}
		if len(b.operators(from, to, "AND")) > 0 { // of an OR
			nodes = append(nodes, of(nest, of(group, b.cond(from, to))))
			continue
		}
		nodes = append(nodes, b.inline(from, to))
	}
	return of(concat, nodes...)
}

// inline returns the node of tokens that are broken only inside parentheses and
// CASE.
func (b *builder) inline(lo, hi int) *node {
	var nodes []*node
	for i := lo; i < hi; {
		if i > lo && b.spaced(i) {
			nodes = append(nodes, leaf(space, 1))
		}
		tok, next := b.toks[i], i+1
		switch {
		case tok.Kind == syntax.Open:
			next = b.match[i] + 1
			nodes = append(nodes, b.parens(i, group))
		case tok.keyword && tok.Is("CASE"):
			next = b.caseEnd(i, hi)
			nodes = append(nodes, b.cases(i, next))
		default:
			nodes = append(nodes, tok.node())
		}
		i = next
	}
	if len(nodes) == 1 {
		return nodes[0]
	}
	return of(concat, nodes...)
}

// parens returns the node of a parenthesis and what is in it. k is group, or
// concat if it is to be broken where what surrounds it is.
func (b *builder) parens(open int, k kind) *node {
	end := b.match[open]
	lo := open + 1
	var inner *node
	switch {
	case lo == end:
		return of(concat, b.toks[open].node(), b.toks[end].node())
	case b.opensQuery(lo):
		prev := b.at(open - 1)
		inner = b.query(lo, end, !prev.keyword || !prev.Is("IN") && !prev.Is("EXISTS"))
	case b.toks[lo].keyword && windowWords[strings.ToUpper(b.toks[lo].Text)]:
		inner = b.window(lo, end)
	case b.hasComma(lo, end):
		inner = of(fill, b.items(lo, end, b.cond)...)
	default:
		inner = b.cond(lo, end)
	}
	return of(k, b.toks[open].node(), of(nest, leaf(soft, 0), inner), leaf(soft, 0), b.toks[end].node())
}

// windowWords begin the parts of a window.
var windowWords = set("PARTITION ORDER ROWS RANGE GROUPS")

// window returns the node of a window, whose parts are lines if they do not fit
// on one.
func (b *builder) window(lo, hi int) *node {
	var parts []*node
	from := lo
	for i := lo; i <= hi; i++ {
		if i > lo && (i == hi || b.toks[i].keyword && windowWords[strings.ToUpper(b.toks[i].Text)]) {
			parts = append(parts, b.windowPart(from, i))
			from = i
		}
		if i < hi && b.toks[i].Kind == syntax.Open {
			i = b.match[i]
		}
	}
	return of(concat, between(parts, leaf(line, 1))...)
}

func (b *builder) windowPart(lo, hi int) *node {
	if b.toks[lo].Is("PARTITION") || b.toks[lo].Is("ORDER") {
		return b.listed(lo, b.afterBy(lo+1, hi), hi, b.inline)
	}
	return b.inline(lo, hi)
}

// opensQuery reports whether a query begins at i, or inside parentheses that
// begin there.
func (b *builder) opensQuery(i int) bool {
	for b.at(i).Kind == syntax.Open {
		i++
	}
	return b.at(i).beginsQuery()
}

// caseEnd returns the index of what follows the END of the CASE at i.
func (b *builder) caseEnd(i, hi int) int {
	depth := 0
	for ; i < hi; i = b.next(i) {
		switch tok := b.toks[i]; {
		case tok.keyword && tok.Is("CASE"):
			depth++
		case tok.keyword && tok.Is("END"):
			depth--
		}
		if depth == 0 {
			return i + 1
		}
	}
	return hi
}

// cases returns the node of CASE ... END, whose arms are lines if they do not fit
// on one.
func (b *builder) cases(lo, hi int) *node {
	from, end, depth := lo, hi, 0
	if b.toks[hi-1].keyword && b.toks[hi-1].Is("END") && hi-1 > lo {
		end = hi - 1
	}
	var head *node
	var arms []*node
	add := func(to int) {
		if head == nil {
			head = b.toks[from].node()
			if to > from+1 {
				head = of(concat, head, leaf(space, 1), b.inline(from+1, to))
			}
			return
		}
		arms = append(arms, leaf(line, 1), b.inline(from, to))
	}
	for i := lo; i < end; i = b.next(i) {
		switch tok := b.toks[i]; {
		case !tok.keyword:
		case tok.Is("CASE"):
			depth++
		case tok.Is("END"):
			depth--
		case depth == 1 && (tok.Is("WHEN") || tok.Is("ELSE")):
			add(i)
			from = i
		}
	}
	add(end)
	nodes := []*node{head, of(nest, arms...)}
	if end < hi {
		nodes = append(nodes, leaf(line, 1), b.toks[end].node())
	}
	return of(group, nodes...)
}

// spaced reports whether a blank stands before the token at i.
func (b *builder) spaced(i int) bool {
	tok, prev := b.toks[i], b.at(i-1)
	switch {
	case tok.Kind == syntax.Comma, tok.Kind == syntax.Close, prev.Kind == syntax.Open:
		return false
	case tok.Kind == syntax.Dot && prev.Kind != syntax.Number, prev.Kind == syntax.Dot && tok.Kind != syntax.Number:
		return false
	case tok.Kind == syntax.Number && tok.Text[0] == '.': // of v0.1.2
		return prev.End < tok.Start
	case prev.sign() && !b.at(i-2).endsOperand():
		return tok.Kind == syntax.Op // two signs would be a comment
	case tok.Kind == syntax.Open && prev.identifier():
		return b.isTarget(i - 1)
	case tok.Kind == syntax.Open && prev.keyword:
		return !prev.Is("CAST")
	}
	return true
}

// isTarget reports whether the name that ends at i is that of a table whose columns
// follow: INSERT INTO t (a), REFERENCES t (a).
func (b *builder) isTarget(i int) bool {
	for b.at(i-1).Kind == syntax.Dot {
		i -= 2
	}
	prev := b.at(i - 1)
	return prev.keyword && (prev.Is("INTO") || prev.Is("REFERENCES"))
}
