package format

import "github.com/iql-lang/iql/sqlengine/syntax"

// listed returns a clause whose keywords end at i and whose items follow.
func (b *builder) listed(lo, i, hi int, item func(lo, hi int) *node) *node {
	head := b.inline(lo, i)
	if i >= hi {
		return head
	}
	return of(concat, head, leaf(space, 1), of(align, of(fill, b.items(i, hi, item)...)))
}

// hasQuery reports whether a query stands in parentheses there.
func (b *builder) hasQuery(lo, hi int) bool {
	for i := lo; i < hi; i = b.next(i) {
		if b.toks[i].Kind == syntax.Open && b.opensQuery(i) {
			return true
		}
	}
	return false
}

// items returns the nodes of a list, each with the comma after it.
func (b *builder) items(lo, hi int, item func(lo, hi int) *node) []*node {
	var nodes []*node
	from := lo
	for i := lo; i < hi; i = b.next(i) {
		if b.toks[i].Kind != syntax.Comma {
			continue
		}
		if i == from {
			nodes = append(nodes, b.toks[i].node())
		} else {
			nodes = append(nodes, of(concat, item(from, i), b.toks[i].node()))
		}
		from = i + 1
	}
	if from < hi {
		nodes = append(nodes, item(from, hi))
	}
	return nodes
}

// result returns the node of an item of a list of results. One that is an
// expression without a name has its own text for a name, so it is kept as it is.
func (b *builder) result(lo, hi int, named bool) *node {
	if !named || b.hasName(lo, hi) {
		return b.inline(lo, hi)
	}
	nodes := append([]*node{}, b.toks[lo].before...)
	nodes = append(nodes, words(b.text[b.toks[lo].Start:b.toks[hi-1].End]))
	return of(concat, append(nodes, b.toks[hi-1].after...)...)
}

// hasName reports whether a result is a column, *, or has an alias.
func (b *builder) hasName(lo, hi int) bool {
	simple := true
	for i, tok := range b.toks[lo:hi] {
		if i%2 == 0 && !tok.identifier() && !(tok.Kind == syntax.Op && tok.Text == "*") || i%2 == 1 && tok.Kind != syntax.Dot {
			simple = false
			break
		}
	}
	last, prev := b.at(hi-1), b.at(hi-2)
	switch {
	case simple:
		return true
	case hi-lo < 2 || !last.identifier() && last.Kind != syntax.String:
		return false
	}
	return prev.Is("AS") && prev.keyword || prev.endsOperand()
}

// rows returns the node of VALUES: its rows are lines, unless each is one value.
func (b *builder) rows(lo, hi int) *node {
	if lo+1 >= hi {
		return b.inline(lo, hi)
	}
	items := b.items(lo+1, hi, b.inline)
	kind := fill
	for i := lo + 1; i < hi; i = b.next(i) {
		if b.toks[i].Kind == syntax.Open && b.hasComma(i+1, b.match[i]) {
			kind = concat
		}
	}
	if kind == concat {
		items = between(items, leaf(line, 1))
	}
	return of(concat, b.toks[lo].node(), leaf(space, 1), of(align, of(kind, items...)))
}

func (b *builder) hasComma(lo, hi int) bool {
	for i := lo; i < hi; i = b.next(i) {
		if b.toks[i].Kind == syntax.Comma {
			return true
		}
	}
	return false
}
