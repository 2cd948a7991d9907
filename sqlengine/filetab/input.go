package filetab

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	// maxHead is how much of a file is looked at before it is read.
	maxHead = 64 << 10
	// slack is how much more than a record may be read to find its end.
	slack = 64 << 10
	// mark is the byte order mark of a text in UTF-8.
	mark = "\ufeff"
	// zipped and compound begin workbooks: of today, and of Excel before 2007.
	zipped, compound = "PK\x03\x04", "\xd0\xcf\x11\xe0"
)

// input is a file as text: unpacked, without a byte order mark, and bounded for
// each record.
type input struct {
	file  File
	from  io.Closer
	text  *bufio.Reader
	left  int    // bytes that may be read before the next record
	lines *lines // of what was read, if the format does not count them itself
	read  int64  // bytes so far
	err   error  // why the text ended, where that is not its end
}

// open opens a file for reading its text.
func open(ctx context.Context, from Opener, f File) (*input, error) {
	if from == nil {
		return nil, &Error{File: f, Msg: "files cannot be read here"}
	}
	raw, err := from.Open(ctx, f.Name)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, opening(f, err)
	}
	in := &input{file: f, from: raw, left: MaxRecord + slack}
	if err := in.unpack(raw); err != nil {
		_ = raw.Close() // it was only read
		return nil, err
	}
	return in, nil
}

// opening gives an error of an [Opener] the file.
func opening(f File, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return &Error{File: f, Msg: err.Error(), Err: err}
	}
	placed := *e
	placed.File = f
	return &placed
}

// Close closes the file.
func (in *input) Close() error { return in.from.Close() }

// unpack finds out what the bytes are: gzip, a workbook, UTF-16, or text after a byte
// order mark.
func (in *input) unpack(raw io.Reader) error {
	bytes := bufio.NewReaderSize(raw, maxHead)
	magic, err := peek(bytes, 4)
	if err != nil {
		return in.errorf(0, "", "%v", err)
	}
	switch {
	case strings.HasPrefix(string(magic), "\x1f\x8b"):
		packed, err := gzip.NewReader(bytes)
		if err != nil {
			return in.packed(err)
		}
		in.text = bufio.NewReaderSize(packed, maxHead)
	case strings.HasSuffix(strings.ToLower(in.file.Name), ".gz") && len(magic) > 0:
		return in.errorf(0, "is it unpacked already? then leave .gz out of its name", "it is not packed by gzip")
	case string(magic) == zipped || string(magic) == compound:
		return in.errorf(0, `save the sheet as "CSV UTF-8"`, "it is a workbook or another archive, not text")
	default:
		in.text = bytes
	}
	return in.skipMark()
}

// peek returns the next n bytes, or as many as there are.
func peek(r *bufio.Reader, n int) ([]byte, error) {
	head, err := r.Peek(n)
	if err == io.EOF || err == bufio.ErrBufferFull {
		err = nil
	}
	return head, err
}

// skipMark passes over a byte order mark, or over several: programs that put one
// before a text do not look whether it has one.
func (in *input) skipMark() error {
	head, err := in.head()
	if err != nil {
		return err
	}
	switch {
	case len(head) == 0:
		return in.errorf(0, "", "the file is empty")
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return in.errorf(1, "save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")", "the text is UTF-16, not UTF-8")
	}
	_, err = in.text.Discard(len(head) - len(bytes.TrimLeft(head, mark)))
	return err
}

// head returns the beginning of what is left of the text, without reading it.
func (in *input) head() ([]byte, error) {
	head, err := peek(in.text, maxHead)
	if err != nil && len(head) == 0 {
		return nil, in.broken(0, err)
	}
	return head, nil
}

// Read reads at most a few thousand bytes, and fails where a record is longer
// than it may be.
func (in *input) Read(p []byte) (int, error) {
	if in.left <= 0 {
		in.err = errTooLong
		return 0, in.err
	}
	n, err := in.text.Read(p[:min(len(p), 4096)])
	if in.lines != nil {
		in.lines.add(in.read, p[:n])
	}
	in.left -= n
	in.read += int64(n)
	if err != nil && err != io.EOF {
		in.err = err
	}
	return n, err
}

var errTooLong = fmt.Errorf("the record is longer than %d MB", MaxRecord>>20)

// record says that a record begins: from here on it may be so long.
func (in *input) record() { in.left = MaxRecord + slack }

// broken returns the error of a text that could not be read on: the record that
// begins in the line is too long, or the bytes themselves cannot be read.
func (in *input) broken(line int, err error) error {
	switch {
	case errors.Is(err, errTooLong):
		return in.errorf(line, "is a quote never closed?", "%v", err)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return in.packed(err)
	}
	if _, corrupt := errors.AsType[flate.CorruptInputError](err); corrupt {
		return in.packed(err)
	}
	e := in.errorf(line, "", "%v", err)
	e.Err = err
	return e
}

// packed returns the error of a file that cannot be unpacked.
func (in *input) packed(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return in.errorf(0, "is the file whole?", "the packed file ends too early")
	}
	return in.errorf(0, "is the file whole?", "it cannot be unpacked: %v", err)
}

func (in *input) errorf(line int, hint, format string, args ...any) *Error {
	return &Error{File: in.file, Line: line, Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// check refuses text that is not UTF-8 or has a NUL; it begins in the line.
func (in *input) check(line int, text string) error {
	nul := strings.IndexByte(text, 0)
	if nul < 0 && utf8.ValidString(text) {
		return nil
	}
	if nul >= 0 {
		line += strings.Count(text[:nul], "\n")
		return in.errorf(line, "is this a text file in UTF-8?", "a NUL byte")
	}
	at := 0
	for {
		r, size := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return in.errorf(line+strings.Count(text[:at], "\n"), "save the file as UTF-8", "byte %#x is not UTF-8", text[at])
}

// lines knows in which line an offset is, of offsets that only grow.
type lines struct {
	passed int     // lines that ended before the offset asked for last
	ends   []int64 // offsets of the newlines after it
}

func (l *lines) add(from int64, text []byte) {
	for at := 0; ; {
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 {
			return
		}
		at += n + 1
		l.ends = append(l.ends, from+int64(at)-1)
	}
}

// at returns the line of an offset, which is not less than any asked for before.
func (l *lines) at(offset int64) int {
	n := 0
	for n < len(l.ends) && l.ends[n] < offset {
		n++
	}
	l.passed += n
	l.ends = append(l.ends[:0], l.ends[n:]...)
	return l.passed + 1
}
