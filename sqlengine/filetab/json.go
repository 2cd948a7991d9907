package filetab

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Keys are looked for in this many objects, and in no more bytes than this.
const (
	keyObjects = 1000
	keyBytes   = 16 << 20
)

// object is an object of a file.
type object struct {
	line   int
	keys   []string
	values []any
}

// jsonFile reads objects of a format.
type jsonFile struct {
	in      *input
	objects interface{ next() (object, error) }
	columns map[string]int
	ahead   []object // that were read to find the columns
	err     error    // what came after them
}

// newJSON finds the columns: the keys of the first objects, in the order in which
// they come.
func newJSON(in *input) (_ records, columns []string, rows int, err error) {
	j := &jsonFile{in: in, columns: map[string]int{}}
	if in.file.Kind == JSONL {
		j.objects = newLines(in)
	} else if j.objects, err = newArray(in); err != nil {
		return nil, nil, 0, err
	}
	for len(j.ahead) < keyObjects && in.read < keyBytes && j.err == nil {
		o, err := j.objects.next()
		if err != nil {
			j.err = err
			break
		}
		j.ahead = append(j.ahead, o)
		columns, j.err = j.learn(columns, o)
		if j.err != nil {
			return nil, nil, 0, j.err
		}
	}
	if len(columns) == 0 && j.err != nil && j.err != io.EOF {
		return nil, nil, 0, j.err
	}
	if len(columns) == 0 {
		return nil, nil, 0, in.errorf(0, "the columns are the keys of the objects", "the file has no objects with keys")
	}
	rows = -1
	if j.err == io.EOF {
		rows = len(j.ahead)
	}
	return j, columns, rows, nil
}

// learn adds the keys of an object that are new to the columns.
func (j *jsonFile) learn(columns []string, o object) ([]string, error) {
	for _, key := range o.keys {
		if _, ok := j.columns[key]; ok {
			continue
		}
		for _, other := range columns {
			if strings.EqualFold(other, key) {
				return nil, j.in.errorf(o.line, "upper and lower case are the same to SQL: give the keys different names", "the keys %q and %q are one column", other, key)
			}
		}
		if key == "" {
			return nil, j.in.errorf(o.line, "give it a name", "a key has no name")
		}
		if len(columns) == MaxColumns {
			return nil, j.in.errorf(o.line, "", "there are too many different keys: at most %d", MaxColumns)
		}
		j.columns[key] = len(columns)
		columns = append(columns, key)
	}
	return columns, nil
}

// next returns the next object as a record.
func (j *jsonFile) next() (Record, error) {
	o, err := j.object()
	if err != nil {
		return Record{}, err
	}
	values := make([]any, len(j.columns))
	for i, key := range o.keys {
		at, ok := j.columns[key]
		if !ok {
			return Record{}, j.in.errorf(o.line, "the columns are the keys of the first 1,000 objects: give one of those the key, null will do", "the key %q comes for the first time", key)
		}
		values[at] = o.values[i]
	}
	return Record{Line: o.line, Values: values}, nil
}

func (j *jsonFile) object() (object, error) {
	if len(j.ahead) > 0 {
		o := j.ahead[0]
		j.ahead = j.ahead[1:]
		return o, nil
	}
	if j.err == nil {
		j.ahead = nil
		var o object
		o, j.err = j.objects.next()
		return o, j.err
	}
	return object{}, j.err
}

// lineFile reads an object from each line, and passes over empty lines.
type lineFile struct {
	in   *input
	scan *bufio.Scanner
	line int
}

func newLines(in *input) *lineFile {
	l := &lineFile{in: in, scan: bufio.NewScanner(in)}
	l.scan.Buffer(make([]byte, 0, 4096), MaxRecord)
	return l
}

func (l *lineFile) next() (object, error) {
	for {
		l.in.record()
		if !l.scan.Scan() {
			return object{}, l.ended()
		}
		l.line++
		if text := bytes.TrimSpace(l.scan.Bytes()); len(text) > 0 {
			return l.in.object(l.line, text)
		}
	}
}

func (l *lineFile) ended() error {
	switch err := l.scan.Err(); {
	case err == nil:
		return io.EOF
	case errors.Is(err, bufio.ErrTooLong):
		return l.in.errorf(l.line+1, "a line is one object", "%v", errTooLong)
	default:
		return l.in.broken(l.line+1, err)
	}
}

// arrayFile reads the objects of an array.
type arrayFile struct {
	in  *input
	dec *json.Decoder
}

func newArray(in *input) (*arrayFile, error) {
	in.lines = &lines{}
	a := &arrayFile{in: in, dec: json.NewDecoder(in)}
	head, err := in.head()
	if err != nil {
		return nil, err
	}
	if head = bytes.TrimLeft(head, " \t\r\n"); len(head) > 0 && head[0] == '{' {
		return nil, in.errorf(1, "for a file with an object on each line write jsonl('...')", "the file is no array of objects")
	}
	open, err := a.dec.Token()
	if err != nil && err != io.EOF {
		return nil, a.failed(err)
	}
	if open != json.Delim('[') {
		return nil, in.errorf(1, "write [{...}, {...}]", "the file is no array of objects")
	}
	return a, nil
}

func (a *arrayFile) next() (object, error) {
	a.in.record()
	if !a.dec.More() {
		return object{}, a.end()
	}
	var text json.RawMessage
	if err := a.dec.Decode(&text); err != nil {
		return object{}, a.failed(err)
	}
	line := a.in.lines.at(a.dec.InputOffset() - int64(len(text)))
	if len(text) > MaxRecord {
		return object{}, a.in.broken(line, errTooLong)
	}
	return a.in.object(line, text)
}

// end returns [io.EOF] if the array is closed and nothing follows it.
func (a *arrayFile) end() error {
	if _, err := a.dec.Token(); err != nil {
		return a.failed(err)
	}
	_, err := a.dec.Token()
	if err == io.EOF && a.in.err == nil {
		return io.EOF
	}
	if a.in.err != nil {
		return a.failed(err)
	}
	return a.in.errorf(a.line(), "a file is one array", "something follows the array")
}

func (a *arrayFile) failed(err error) error {
	if a.in.err != nil {
		return a.in.broken(a.line(), a.in.err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return a.in.errorf(a.line(), "is the file whole?", "the array is never closed")
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return a.in.errorf(a.line(), "", "it is not JSON: %s", says(e))
	}
	return a.in.broken(a.line(), err)
}

// line returns the line of what could not be read: where the object begins that
// it is part of.
func (a *arrayFile) line() int {
	at := a.dec.InputOffset()
	rest, _ := io.ReadAll(io.LimitReader(a.dec.Buffered(), 4096)) // it is in memory
	blank := len(rest) - len(bytes.TrimLeft(rest, ", \t\r\n"))
	return a.in.lines.at(at + int64(blank))
}

// says returns what is wrong with JSON, without the package's name.
func says(e *json.SyntaxError) string { return strings.TrimPrefix(e.Error(), "json: ") }

// object reads an object that begins in a line.
func (in *input) object(line int, text []byte) (object, error) {
	if err := in.check(line, string(text)); err != nil {
		return object{}, err
	}
	if text[0] != '{' {
		return object{}, in.errorf(line, "", "%.40q is not an object", text)
	}
	o := object{line: line}
	if !json.Valid(text) {
		var any json.RawMessage
		err := json.Unmarshal(text, &any)
		if e, ok := errors.AsType[*json.SyntaxError](err); ok {
			at := min(max(int(e.Offset)-1, 0), len(text))
			return o, in.errorf(line+bytes.Count(text[:at], []byte("\n")), "", "it is not JSON: %s", says(e))
		}
		return o, in.errorf(line, "", "it is not JSON: %v", err)
	}
	return o, in.fields(&o, text)
}

// fields reads the keys and values of an object in their order.
func (in *input) fields(o *object, text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return in.broken(o.line, err)
	}
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return in.broken(o.line, err)
		}
		key, _ := token.(string)
		if seen[key] {
			return in.errorf(o.line, "", "the key %q comes twice in an object", key)
		}
		seen[key] = true
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return in.broken(o.line, err)
		}
		value, err := value(raw)
		if err != nil {
			return in.errorf(o.line, "", "%s: %v", key, err)
		}
		o.keys, o.values = append(o.keys, key), append(o.values, value)
	}
	return nil
}

var (
	errNUL       = errors.New("the text has a NUL")
	errSurrogate = errors.New("the text has half of a surrogate pair")
)

// value returns a value of JSON as one of SQL: objects and arrays are their text.
func value(raw json.RawMessage) (any, error) {
	switch raw[0] {
	case 'n':
		return nil, nil
	case 't', 'f':
		return raw[0] == 't', nil
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, err
		}
		if strings.ContainsRune(text, 0) {
			return nil, errNUL
		}
		if strings.ContainsRune(text, '\ufffd') && loneSurrogate(raw) {
			return nil, errSurrogate
		}
		return text, nil
	case '{', '[':
		var compact bytes.Buffer
		err := json.Compact(&compact, raw)
		return compact.String(), err
	}
	return number(string(raw)), nil
}

// loneSurrogate reports whether a string of JSON has an escape that is half of a
// pair, for which the decoder puts U+FFFD.
func loneSurrogate(raw []byte) bool {
	unit := func(s []byte) (rune, bool) {
		if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
			return 0, false
		}
		n, err := strconv.ParseUint(string(s[2:6]), 16, 16)
		return rune(n), err == nil
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		r, ok := unit(raw[i:])
		if !ok {
			i++ // \n and the like
			continue
		}
		i += 5
		if !utf16.IsSurrogate(r) {
			continue
		}
		low, ok := unit(raw[i+1:])
		if !ok || utf16.DecodeRune(r, low) == '\ufffd' {
			return true
		}
		i += 6
	}
	return false
}
