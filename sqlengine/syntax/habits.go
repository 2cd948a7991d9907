package syntax

// Habits are readings of a statement that other databases have and SQLite has
// not. The session asks for one when SQLite refuses the statement as it was
// typed; [Statement.SQLite] then says in SQL what the habit means.
type Habits struct {
	// ResultNames gives each plain column of the outermost list of results its
	// own name: SELECT i.id becomes SELECT i.id AS id, so that ORDER BY id means
	// the result's column.
	ResultNames bool
	// InnerJoins leaves out the LEFT of a join whose table is compared with a
	// literal by the WHERE: no row without a partner passes that.
	InnerJoins bool
}

// named gives the column that ends before token end its own name, if it is an
// item of the outermost list of results.
func (w *rewriter) named(i, end, last int) {
	toks := w.s.Tokens
	if !w.s.Habits.ResultNames || !w.s.shape.items[i] || end-i < 2 || end < last && !endsItem(toks[end]) {
		return
	}
	if w.itemsNamed(toks[end-1]) > 1 {
		return // ORDER BY could not tell them apart
	}
	w.edit(Span{toks[end-1].End, toks[end-1].End}, " AS "+toks[end-1].Text)
}

// itemsNamed counts the items of the outermost list of results that are columns
// of a name.
func (w *rewriter) itemsNamed(name Token) int {
	n := 0
	for i, begins := range w.s.shape.items {
		if !begins || !w.s.Tokens[i].identifier() {
			continue
		}
		last := chainEnd(w.s.Tokens, i) - 1
		if sameName(w.s.Tokens[last], name.Name()) {
			n++
		}
	}
	return n
}

// innerJoin edits LEFT [OUTER] JOIN at token i to JOIN where the WHERE makes it
// one, and returns the index of the JOIN; i if it leaves the text alone.
func (w *rewriter) innerJoin(i int) int {
	toks := w.s.Tokens
	if !w.s.Habits.InnerJoins || !toks[i].Is("LEFT") {
		return i
	}
	join := i + 1
	if at(toks, join).Is("OUTER") {
		join++
	}
	table := join + 1
	if !at(toks, join).Is("JOIN") || w.s.shape.roles[min(table, len(toks)-1)] != roleTable || !at(toks, table).identifier() {
		return i
	}
	end := chainEnd(toks, table)
	name := toks[end-1].Name()
	if at(toks, end).Is("AS") {
		end++
	}
	if tok := at(toks, end); tok.identifier() && w.s.shape.roles[end] == roleDefine {
		name = tok.Name()
	}
	if !w.compared(i, name) {
		return i
	}
	w.edit(Span{toks[i].Start, toks[join].Start}, "")
	return join
}

// compared reports whether the WHERE of the FROM that token i is part of has a
// condition, to be met by every row, that compares a column of the table with
// literals by = or IN.
func (w *rewriter) compared(i int, table string) bool {
	for _, term := range Conjuncts(w.s.Tokens, w.whereAfter(i)) {
		first, last := within(w.s.Tokens, term)
		toks := w.s.Tokens[first:last]
		if len(toks) < 5 || toks[1].Kind != Dot || !sameName(toks[0], table) || !toks[2].identifier() {
			continue
		}
		if (toks[3].op("=") || toks[3].op("==")) && len(toks) == 5 && isLiteral(toks[4]) {
			return true
		}
		if toks[3].Is("IN") && toks[4].Kind == Open && isLiteral(at(toks, 5)) && closing(toks, 4) == len(toks)-1 {
			return true
		}
	}
	return false
}

func isLiteral(tok Token) bool { return tok.Kind == String || tok.Kind == Number }

func sameName(tok Token, name string) bool {
	return tok.identifier() && Token{Kind: Word, Text: tok.Name()}.Is(name)
}

// whereAfter returns the WHERE condition of the query whose FROM token i is part
// of.
func (w *rewriter) whereAfter(i int) Span {
	depth := 0
	for j := i; j < len(w.s.Tokens) && depth >= 0; j++ {
		switch tok := w.s.Tokens[j]; {
		case tok.Kind == Open:
			depth++
		case tok.Kind == Close:
			depth--
		case depth > 0:
		case setOperator(tok):
			return Span{}
		case tok.Is("WHERE"):
			for _, cond := range w.s.shape.conds {
				if cond.Start == at(w.s.Tokens, j+1).Start {
					return cond
				}
			}
		}
	}
	return Span{}
}
