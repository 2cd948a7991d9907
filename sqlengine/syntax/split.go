package syntax

// Split cuts a text into statements at its semicolons, but for those inside
// quotes and comments. A statement runs from its first token, or the hint before
// it, to its last: the blanks and comments round it, and the semicolon, are left out, and so are
// statements that have nothing else.
//
// What follows the last semicolon is rest. It is unfinished while a person
// types and the last statement of a file; where there is nothing it is an empty
// Source at the end of the text.
func Split(file, text string) (stmts []Source, rest Source) {
	rest = Source{File: file, Whole: text, Start: len(text), End: len(text)}
	src, hint := rest, -1 // where a hint before the statement begins
	for tok := range Scan(text) {
		switch {
		case tok.Kind == Hint && hint < 0 && src.Start == len(text):
			hint = tok.Start
		case tok.blank():
		case tok.Kind == Semicolon:
			if src.Start < len(text) {
				stmts = append(stmts, src)
			}
			src, hint = rest, -1
		case src.Start == len(text):
			src.Start, src.End = tok.Start, tok.End
			if hint >= 0 {
				src.Start = hint
			}
		default:
			src.End = tok.End
		}
	}
	return stmts, src
}
