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
	b := w.buf
	if w.depth > 0 {
		b = w.next(b)
	}
	w.push(b, '{')
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
	if value == "" || !w.mask().has(name) {
		return
	}
	w.buf = quote(w.key(w.buf, name), value)
}

// flag writes a field that holds true.
func (w *writer) flag(name string, value bool) {
	if value {
		w.truth(name, value)
	}
}

// truth writes a field that holds true or false.
func (w *writer) truth(name string, value bool) {
	if w.mask().has(name) {
		w.buf = strconv.AppendBool(w.key(w.buf, name), value)
	}
}

// number writes a field that holds a number, zero included.
func (w *writer) number(name string, value int64) {
	if w.mask().has(name) {
		w.buf = strconv.AppendInt(w.key(w.buf, name), value, 10)
	}
}

// finish ends the value and the text.
func (w *writer) finish() []byte {
	w.buf = append(w.buf, '\n')
	return w.buf
}

func (w *writer) enter(name string, bracket byte) bool {
	outer := w.mask()
	if !outer.has(name) {
		return false
	}
	w.masks = append(w.masks, outer.of(name))
	w.push(w.key(w.buf, name), bracket)
	return true
}

// mask is that of the innermost object.
func (w *writer) mask() *mask {
	if len(w.masks) == 0 {
		return nil
	}
	return w.masks[len(w.masks)-1]
}

// What follows appends to b, which becomes the writer's text when all of a
// field is there: lists have thousands of fields.

// key begins a field.
func (w *writer) key(b []byte, name string) []byte {
	b = append(w.next(b), '"')
	b = append(b, name...)
	if w.pretty {
		return append(b, '"', ':', ' ')
	}
	return append(b, '"', ':')
}

// next begins a field or an item.
func (w *writer) next(b []byte) []byte {
	if !w.first {
		b = append(b, ',')
	}
	w.first = false
	if w.pretty {
		b = w.line(b)
	}
	return b
}

func (w *writer) push(b []byte, bracket byte) {
	w.buf = append(b, bracket)
	w.depth++
	w.first = true
}

func (w *writer) pop(bracket byte) {
	b := w.buf
	w.depth--
	if !w.first && w.pretty {
		b = w.line(b)
	}
	w.buf = append(b, bracket)
	w.first = false
}

// line begins a line of text that is to be pretty.
func (w *writer) line(b []byte) []byte {
	b = append(b, '\n')
	for range w.depth {
		b = append(b, ' ', ' ')
	}
	return b
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
	for {
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
