package syntax

import (
	"iter"
	"strings"
)

// TokenKind says what a token is.
type TokenKind uint8

const (
	Bad       TokenKind = iota // what SQLite could not read: an illegal byte, a quote or comment that is never closed
	Space                      // blanks, newlines, a byte order mark
	Comment                    // -- to the end of the line, or /* ... */
	Hint                       // /*+ ... */; a comment to SQLite
	Word                       // a keyword or an identifier without quotes
	Quoted                     // an identifier in quotes: "x", `x` or [x]
	String                     // 'x'
	Blob                       // x'00ff'
	Number                     // 1, 1.5e3, 0xff, 1_000
	Param                      // ?, ?1, :x, @x, $x, and @@x
	Op                         // an operator, such as = or ||
	Comma                      // ,
	Dot                        // .
	Open                       // (
	Close                      // )
	Semicolon                  // ;
)

var kindNames = [...]string{
	Bad: "Bad", Space: "Space", Comment: "Comment", Hint: "Hint", Word: "Word", Quoted: "Quoted", String: "String",
	Blob: "Blob", Number: "Number", Param: "Param", Op: "Op", Comma: "Comma", Dot: "Dot", Open: "Open", Close: "Close",
	Semicolon: "Semicolon",
}

// String returns the kind's name in this package.
func (k TokenKind) String() string { return kindNames[k] }

// Token is a piece of a text: Text is the text's [Start:End], in bytes.
type Token struct {
	Kind       TokenKind
	Start, End int
	Text       string
}

// Is reports whether the token is the keyword, in any letter case. A quoted
// identifier is never a keyword.
func (t Token) Is(word string) bool {
	return t.Kind == Word && strings.EqualFold(t.Text, word)
}

// Reserved reports whether the token is a word that SQLite never takes for a
// name.
func (t Token) Reserved() bool { return t.Kind == Word && reserved[strings.ToUpper(t.Text)] }

// Name returns what the token names or holds: an identifier or a string without
// its quotes, a parameter without its sign, any other token as it is.
func (t Token) Name() string {
	switch t.Kind {
	case Quoted, String:
		inner := t.Text[1 : len(t.Text)-1]
		if t.Text[0] == '[' {
			return inner
		}
		quote := t.Text[:1]
		return strings.ReplaceAll(inner, quote+quote, quote)
	case Param:
		return strings.TrimLeft(t.Text, "?:@$")
	}
	return t.Text
}

// identifier reports whether the token may be a name.
func (t Token) identifier() bool { return t.Kind == Word || t.Kind == Quoted }

// reserved reports whether the token is a word that is never a name by itself.
func (t Token) reserved() bool { return t.Kind == Word && reserved[strings.ToUpper(t.Text)] }

// op reports whether the token is the operator.
func (t Token) op(text string) bool { return t.Kind == Op && t.Text == text }

// blank reports whether SQLite passes over the token.
func (t Token) blank() bool { return t.Kind == Space || t.Kind == Comment || t.Kind == Hint }

// Scan cuts the text into tokens by SQLite's rules (https://sqlite.org/lang_keywords.html,
// and sqlite3GetToken in its tokenize.c). Every byte belongs to a token: the
// tokens' texts, joined, are the text.
//
// It differs from SQLite in three ways. @@x is a parameter, a comment that is
// never closed is [Bad], and so is a NUL byte, where SQLite stops reading.
func Scan(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		for start := 0; start < len(text); {
			kind, n := next(text[start:])
			end := start + n
			if !yield(Token{kind, start, end, text[start:end]}) {
				return
			}
			start = end
		}
	}
}

// next returns the kind and the length of the first token of s, which is not empty.
func next(s string) (TokenKind, int) {
	switch c := s[0]; c {
	case ' ', '\t', '\n', '\f', '\r':
		return Space, 1 + span(s[1:], isSpace)
	case '\'':
		return quoted(s, String)
	case '"', '`':
		return quoted(s, Quoted)
	case '[':
		if end := strings.IndexByte(s, ']'); end > 0 {
			return Quoted, end + 1
		}
		return Bad, len(s)
	case '(':
		return Open, 1
	case ')':
		return Close, 1
	case ',':
		return Comma, 1
	case ';':
		return Semicolon, 1
	case '?':
		return Param, 1 + span(s[1:], isDigit)
	case ':', '@', '$':
		return param(s)
	case '-', '/', '<', '>', '=', '|', '!', '+', '*', '%', '&', '~':
		return operator(s)
	case '.':
		if len(s) > 1 && isDigit(s[1]) {
			return number(s)
		}
		return Dot, 1
	case 'x', 'X':
		if len(s) > 1 && s[1] == '\'' {
			return blob(s)
		}
	}
	switch {
	case isDigit(s[0]):
		return number(s)
	case strings.HasPrefix(s, "\ufeff"):
		return Space, len("\ufeff")
	case isWord(s[0]) && s[0] != '$':
		return Word, span(s, isWord)
	}
	return Bad, 1
}

// quoted scans a string or an identifier whose quote is doubled inside.
func quoted(s string, kind TokenKind) (TokenKind, int) {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		end := strings.IndexByte(s[i:], quote)
		if end < 0 {
			break
		}
		i += end + 1
		if i == len(s) || s[i] != quote {
			return kind, i
		}
	}
	return Bad, len(s)
}

// operator scans an operator or a comment.
func operator(s string) (TokenKind, int) {
	switch {
	case strings.HasPrefix(s, "--"):
		if end := strings.IndexByte(s, '\n'); end > 0 {
			return Comment, end
		}
		return Comment, len(s)
	case strings.HasPrefix(s, "/*"):
		end := strings.Index(s[2:], "*/")
		if end < 0 {
			return Bad, len(s)
		}
		if s[2] == '+' {
			return Hint, end + 4
		}
		return Comment, end + 4
	}
	for _, op := range [...]string{"->>", "->", "||", "<=", "<>", "<<", ">=", ">>", "==", "!="} {
		if strings.HasPrefix(s, op) {
			return Op, len(op)
		}
	}
	if s[0] == '!' {
		return Bad, 1
	}
	return Op, 1
}

// param scans a named parameter. SQLite lets its name end in (...), for Tcl.
func param(s string) (TokenKind, int) {
	if strings.HasPrefix(s, "@@") {
		if n := span(s[2:], isWord); n > 0 {
			return Param, 2 + n
		}
		return Bad, 2
	}
	i, letters := 1, 0
scan:
	for ; i < len(s); i++ {
		switch {
		case isWord(s[i]):
			letters++
		case s[i] == '(' && letters > 0:
			i += span(s[i:], func(c byte) bool { return c != ')' && !isSpace(c) })
			if i < len(s) && s[i] == ')' {
				return Param, i + 1
			}
			return Bad, i
		case strings.HasPrefix(s[i:], "::"):
			i++
		default:
			break scan
		}
	}
	if letters == 0 {
		return Bad, i
	}
	return Param, i
}

// number scans a number. One that runs into letters is Bad as a whole.
func number(s string) (TokenKind, int) {
	i, digits := 0, func(s string) int { return span(s, func(c byte) bool { return isDigit(c) || c == '_' }) }
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' && isHex(s[2]) {
		i = 2 + span(s[2:], func(c byte) bool { return isHex(c) || c == '_' })
	} else {
		i = digits(s)
		if i < len(s) && s[i] == '.' {
			i++
			i += digits(s[i:])
		}
		if n := exponent(s[i:]); n > 0 {
			i += n + digits(s[i+n:])
		}
	}
	if n := span(s[i:], isWord); n > 0 {
		return Bad, i + n
	}
	return Number, i
}

// exponent returns the length of an e and its sign, where a digit follows.
func exponent(s string) int {
	n := 0
	if len(s) > 0 && s[0]|0x20 == 'e' {
		n++
	} else {
		return 0
	}
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	if n < len(s) && isDigit(s[n]) {
		return n
	}
	return 0
}

// blob scans x'...', which holds an even number of hexadecimal digits.
func blob(s string) (TokenKind, int) {
	digits := span(s[2:], isHex)
	end := 2 + digits
	if end < len(s) && s[end] == '\'' && digits%2 == 0 {
		return Blob, end + 1
	}
	if quote := strings.IndexByte(s[end:], '\''); quote >= 0 {
		return Bad, end + quote + 1
	}
	return Bad, len(s)
}

// span returns the length of the prefix of s whose bytes are all in the class.
func span(s string, class func(byte) bool) int {
	n := 0
	for n < len(s) && class(s[n]) {
		n++
	}
	return n
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isHex(c byte) bool   { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// isWord reports whether the byte may stand in an identifier. It may not begin
// one when it is a digit or a dollar sign.
func isWord(c byte) bool {
	return c >= 0x80 || c == '_' || c == '$' || isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z'
}
