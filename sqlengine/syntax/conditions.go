package syntax

import "sort"

// Tables returns the tables of the statement's FROM clauses, subqueries
// included, in the order of the text. It leaves out the target of the statement
// and the names that a WITH gives.
func (s *Statement) Tables() []TableRef { return append([]TableRef(nil), s.shape.tables...) }

// WhereSpans returns the conditions of every WHERE and ON in the statement,
// subqueries included, in the order of the text.
func (s *Statement) WhereSpans() []Span { return append([]Span(nil), s.shape.conds...) }

// Conjuncts returns the terms of a condition that are joined by AND: all must
// hold. Parentheses round the whole are looked through, and the AND of BETWEEN is
// not one that joins. A condition joined by OR is one term. The tokens are the
// statement's.
func Conjuncts(tokens []Token, span Span) []Span {
	first, last := within(tokens, span)
	toks := tokens[first:last]
	for len(toks) > 2 && toks[0].Kind == Open && closing(toks, 0) == len(toks)-1 {
		toks = toks[1 : len(toks)-1]
	}
	if len(toks) == 0 {
		return nil
	}
	var terms []Span
	start, depth, betweens := 0, 0, 0 // depth of parentheses and CASE
	for i, tok := range toks {
		switch {
		case tok.Kind == Open:
			depth++
		case tok.Kind == Close:
			depth--
		case tok.Kind != Word || dotted(toks, i):
		case tok.Is("CASE"):
			depth++
		case tok.Is("END") && endsOperand(at(toks, i-1)) && depth > 0:
			depth--
		case depth > 0:
		case tok.Is("BETWEEN"):
			betweens++
		case tok.Is("OR"):
			return []Span{{toks[0].Start, toks[len(toks)-1].End}}
		case tok.Is("AND") && betweens > 0:
			betweens--
		case tok.Is("AND") && i > start:
			terms = append(terms, Span{toks[start].Start, toks[i-1].End})
			start = i + 1
		}
	}
	if start < len(toks) {
		terms = append(terms, Span{toks[start].Start, toks[len(toks)-1].End})
	}
	return terms
}

// within returns the indexes of the first of the tokens in the span and of the
// first after it.
func within(tokens []Token, span Span) (first, last int) {
	first = sort.Search(len(tokens), func(i int) bool { return tokens[i].Start >= span.Start })
	last = sort.Search(len(tokens), func(i int) bool { return tokens[i].Start >= span.End })
	return first, last
}
