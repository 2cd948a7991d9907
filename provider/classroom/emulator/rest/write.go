package rest

import (
	"strconv"
	"unicode/utf8"
)

// writer writes one JSON value the way Google's front end does: two blanks a
// level or all on one line, without the fields that are empty, and without
// those that the request's mask leaves out.
type writer struct {
	buf    []byte
	pretty bool
	masks  []*mask // of the objects that are open, innermost last; nil lets all through
	depth  int
	first  bool // nothing stands in the innermost object or list yet
}

// begin opens an object: the whole value, or an item of a list.
func (w *writer) begin() {
	if w.depth > 0 {
		w.next()
	}
	w.push('{')
}

// end closes the innermost object.
func (w *writer) end() { w.pop('}') }

// open opens an object in a field, unless the mask leaves it out.
func (w *writer) open(name string) bool { return w.enter(name, '{') }

// list opens a list in a field, unless the mask leaves it out.
func (w *writer) list(name string) bool { return w.enter(name, '[') }

// close closes what open or list has opened, which knows its own bracket.
func (w *writer) close(bracket byte) {
	w.pop(bracket)
	w.masks = w.masks[:len(w.masks)-1]
}

// text writes a field that holds a string, unless that is empty.
func (w *writer) text(name, value string) {
	if value == "" || !w.key(name) {
		return
	}
	w.buf = quote(w.buf, value)
}

// flag writes a field that holds true.
func (w *writer) flag(name string, value bool) {
	if value && w.key(name) {
		w.buf = append(w.buf, "true"...)
	}
}

// truth writes a field that holds true or false.
func (w *writer) truth(name string, value bool) {
	if w.key(name) {
		w.buf = strconv.AppendBool(w.buf, value)
	}
}

// number writes a field that holds a number, zero included.
func (w *writer) number(name string, value int64) {
	if w.key(name) {
		w.buf = strconv.AppendInt(w.buf, value, 10)
	}
}

// finish ends the value and the text.
func (w *writer) finish() []byte {
	w.buf = append(w.buf, '\n')
	return w.buf
}

func (w *writer) enter(name string, bracket byte) bool {
	inner := w.mask().of(name)
	if !w.key(name) {
		return false
	}
	w.masks = append(w.masks, inner)
	w.push(bracket)
	return true
}

// mask is that of the innermost object.
func (w *writer) mask() *mask {
	if len(w.masks) == 0 {
		return nil
	}
	return w.masks[len(w.masks)-1]
}

// key begins a field, unless the mask leaves it out.
func (w *writer) key(name string) bool {
	if !w.mask().has(name) {
		return false
	}
	w.next()
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '"', ':')
	if w.pretty {
		w.buf = append(w.buf, ' ')
	}
	return true
}

// next begins a field or an item.
func (w *writer) next() {
	if !w.first {
		w.buf = append(w.buf, ',')
	}
	w.first = false
	w.line()
}

func (w *writer) push(bracket byte) {
	w.buf = append(w.buf, bracket)
	w.depth++
	w.first = true
}

func (w *writer) pop(bracket byte) {
	w.depth--
	if !w.first {
		w.line()
	}
	w.buf = append(w.buf, bracket)
	w.first = false
}

func (w *writer) line() {
	if !w.pretty {
		return
	}
	w.buf = append(w.buf, '\n')
	for range w.depth {
		w.buf = append(w.buf, ' ', ' ')
	}
}

// plain are the bytes that stand in a JSON string as they are, inside of HTML
// too.
var plain = func() (p [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		p[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0x7f
	}
	return p
}()

// quote appends a JSON string that is safe inside of HTML, as Google's are.
// What is not UTF-8 becomes U+FFFD.
func quote(b []byte, s string) []byte {
	b = append(b, '"')
	for s != "" {
		n := 0
		for n < len(s) && plain[s[n]] {
			n++
		}
		b = append(b, s[:n]...)
		if s = s[n:]; s == "" {
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		b = escape(b, r)
		s = s[size:]
	}
	return append(b, '"')
}

// escape appends a letter that is not plain.
func escape(b []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	switch {
	case r == '"' || r == '\\':
		return append(b, '\\', byte(r))
	case r == '\n':
		return append(b, '\\', 'n')
	case r == '\r':
		return append(b, '\\', 'r')
	case r == '\t':
		return append(b, '\\', 't')
	case r < utf8.RuneSelf:
		return append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
	case r == '\u2028' || r == '\u2029':
		return append(b, '\\', 'u', '2', '0', '2', hex[r&15])
	}
	return utf8.AppendRune(b, r)
}
