package filetab_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/sqlengine/filetab"
)

// text is a file, whatever its name.
type text string

func (s text) Open(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(string(s))), nil
}

// read returns all of a file: its columns and records as text, then the error.
func read(f filetab.File, content string) string {
	var out strings.Builder
	r, err := filetab.Open(context.Background(), text(content), f)
	if err != nil {
		return said(err)
	}
	fmt.Fprintf(&out, "%q", r.Columns)
	for {
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return out.String() + " " + said(err)
		}
		fmt.Fprintf(&out, " %d:", rec.Line)
		for i, v := range rec.Values {
			if i > 0 {
				out.WriteString(",")
			}
			fmt.Fprintf(&out, "%#v", v)
		}
	}
	return out.String()
}

func said(err error) string {
	e, ok := errors.AsType[*filetab.Error](err)
	if !ok {
		return "another error: " + err.Error()
	}
	if e.Hint != "" {
		return e.Error() + " (" + e.Hint + ")"
	}
	return e.Error()
}

func packed(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, s); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func TestRead(t *testing.T) {
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte('a' + rand.IntN(26))
	}
	long := packed("a,b\n1," + string(noise) + "\n")
	for _, tt := range []struct {
		name    string
		kind    filetab.Kind
		content string
		want    string
	}{
		{"plain", "csv", "a,b\n1,2\n3,\n", `["a" "b"] 2:"1","2" 3:"3",<nil>`},
		{"no last newline", "csv", "a,b\n1,2", `["a" "b"] 2:"1","2"`},
		{"windows", "csv", "\ufeffa,b\r\n1,2\r\n\r\n3,4\r\n", `["a" "b"] 2:"1","2" 4:"3","4"`},
		{"line breaks inside", "csv", "a,b\n\"1\n,\"\"2\",x\r\n3,4\n", `["a" "b"] 2:"1\n,\"2","x" 4:"3","4"`},
		{"semicolons", "csv", "a;b\n1,5;2\n", `["a" "b"] 2:"1,5","2"`},
		{"tabs", "csv", "a\tb c\n1\t2\n", `["a" "b c"] 2:"1","2"`},
		{"bars", "csv", "a|b|c\n1|2|3;4\n", `["a" "b" "c"] 2:"1","2","3;4"`},
		{"commas in the names", "csv", "Name, first;Email\nAnn;a\n", `["Name, first" "Email"] 2:"Ann","a"`},
		{"semicolons and many commas", "csv", "a;b\n1,2,3;4\n5;6,7\n", `["a" "b"] 2:"1,2,3","4" 3:"5","6,7"`},
		{"one column", "csv", "email\na@x\n", `["email"] 2:"a@x"`},
		{"blanks round names", "csv", " a , b\n 1 ,2\n", `["a" "b"] 2:" 1 ","2"`},
		{"two marks", "csv", "\ufeff\ufeff\"a\",b\n1,2\n", `["a" "b"] 2:"1","2"`},
		{"marks in names", "csv", "\"\ufeff a\",\ufeffb\n1,\ufeff2\n", `["a" "b"] 2:"1","\ufeff2"`},
		{"a mark for a name", "csv", "a,\ufeff \n1,2\n", `f:1: column 2 has no name (give it a name, or take the column out)`},
		{"only names", "csv", "a,b\n", `["a" "b"]`},
		{"empty", "csv", "", `f: the file is empty`},
		{"blank", "csv", "\n\n", `f: the file has no line of names`},
		{"short", "csv", "a,b,c\n1,2,3\n\n4,5\n", `["a" "b" "c"] 2:"1","2","3" f:4: 2 values for 3 columns`},
		{"long", "csv", "a\n1,2\n", `["a"] f:2: 2 values for 1 column`},
		{"two of a name", "csv", "id,b,ID\n", `f:1: columns 1 and 3 are both called ID (give them different names; upper and lower case are the same to SQL)`},
		{"no name", "csv", "id,,b\n", `f:1: column 2 has no name (give it a name, or take the column out)`},
		{"too many names", "csv", strings.Repeat("x,", 2000) + "y\n", `f:1: 2001 columns are too many: at most 1999`},
		{"bare quote", "csv", "a,b\n1,x\"y\n", `["a" "b"] f:2: a quote stands in a value that does not begin with one (put the whole value in quotes, and write "" for each quote inside)`},
		{"open quote", "csv", "a,b\n1,2\n3,\"y\n5,6\n", `["a" "b"] 2:"1","2" f:3: a quote opens here and is not closed as it should be, up to line 4 (write "" for a quote inside of quotes)`},
		{"after a quote", "csv", "a,b\n\"x\"y,1\n", `["a" "b"] f:2: a quote is not closed, or something stands after it (write "" for a quote inside of quotes)`},
		{"latin 1", "csv", "a,b\n1,2\n\"x\n\xe9\",4\n", `["a" "b"] 2:"1","2" f:4: byte 0xe9 is not UTF-8 (save the file as UTF-8)`},
		{"NUL", "csv", "a,b\n1,\x00\n", `["a" "b"] f:2: a NUL byte (is this a text file in UTF-8?)`},
		{"UTF-16", "csv", "\xff\xfea\x00,\x00b\x00\n\x00", `f:1: the text is UTF-16, not UTF-8 (save it as UTF-8 (in a spreadsheet: "CSV UTF-8"))`},
		{"UTF-16 without a mark", "csv", "a\x00,\x00b\x00\n\x00", `f:1: a NUL byte (is this a text file in UTF-8?)`},
		{"a line for Excel", "csv", "\ufeffsep=;\r\na;b\r\n1,5;2\r\n", `["a" "b"] 3:"1,5","2"`},
		{"a line for Excel in quotes", "csv", "\"SEP=\t\"\na;b\tc\n1\t2\n", `["a;b" "c"] 3:"1","2"`},
		{"a line for Excel, one column", "csv", "sep=,\nemail\na@x\n", `["email"] 3:"a@x"`},
		{"a line for Excel and nothing else", "csv", "sep=;", `f: the file has no line of names`},
		{"a name like the line for Excel", "csv", "sep=,b\n1,2\n", `["sep=" "b"] 2:"1","2"`},
		{"a workbook", "csv", "PK\x03\x04\x14\x00\r", `f: it is a workbook or another archive, not text (save the sheet as "CSV UTF-8")`},
		{"an old workbook", "csv", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", `f: it is a workbook or another archive, not text (save the sheet as "CSV UTF-8")`},
		{"old lines", "csv", "a,b\r1,2\r", `f:1: the lines end in a bare carriage return: "a,b" (save it with the line ends of Unix or Windows)`},
		{"ten megabytes", "csv", "a\nx\n" + strings.Repeat("y", 10<<20) + "\nz\n", `["a"] 2:"x" f:3: the record is longer than 1 MB (is a quote never closed?)`},
		{"a megabyte and more", "csv", "a\nx\n" + strings.Repeat("y", 1<<20+10) + "\nz\n", `["a"] 2:"x" f:3: the record is longer than 1 MB (is a quote never closed?)`},
		{"ten megabytes in quotes", "csv", "a\nx\n\"" + strings.Repeat("y\n", 5<<20), `["a"] 2:"x" f:3: the record is longer than 1 MB (is a quote never closed?)`},
		{"packed", "csv", packed("a,b\n1,2\n"), `["a" "b"] 2:"1","2"`},
		{"cut off", "csv", packed("a,b\n1,2\n")[:20], `["a" "b"] 2:"1","2" f: the packed file ends too early (is the file whole?)`},
		{"cut off late", "csv", long[:len(long)-1000], `["a" "b"] f: the packed file ends too early (is the file whole?)`},
		{"damaged inside", "csv", packed("a,b\n")[:10] + "\x07", `f: it cannot be unpacked: flate: corrupt input before offset 1 (is the file whole?)`},
		{"damaged", "csv", strings.Replace(packed("a,b\n1,2\n"), "\x1f\x8b\x08", "\x1f\x8b\x07", 1), `f: it cannot be unpacked: gzip: invalid header (is the file whole?)`},

		{"array", "json", "[{\"a\":1,\"b\":\"x\"},\n{\"b\":null,\"c\":true},\n\n {\"a\":-1.5e1}]\n", `["a" "b" "c"] 1:1,"x",<nil> 2:<nil>,<nil>,true 4:-15,<nil>,<nil>`},
		{"nested", "json", "[{\"a\": {\"b\": [1, 2]},\n \"c\": []}]", `["a" "c"] 1:"{\"b\":[1,2]}","[]"`},
		{
			"numbers", "json", `[{"a":9223372036854775807,"b":9223372036854775808,"c":0.1,"d":1e400,"e":0.12345678901234567890,"f":1.50}]`,
			`["a" "b" "c" "d" "e" "f"] 1:9223372036854775807,"9223372036854775808",0.1,"1e400","0.12345678901234567890",1.5`,
		},
		{"escapes", "json", `[{"a":"\u00e9\ud83d\ude00\n\\"}]`, `["a"] 1:"é😀\n\\"`},
		{"replacement is a character", "json", `[{"a":"\ufffd\\ud800"}]`, `["a"] 1:"�\\ud800"`},
		{"half a pair", "json", `[{"a":"x\ud83dy"}]`, `f:1: a: the text has half of a surrogate pair`},
		{"NUL in JSON", "json", `[{"a":"\u0000"}]`, `f:1: a: the text has a NUL`},
		{"no objects", "json", `[]`, `f: the file has no objects with keys (the columns are the keys of the objects)`},
		{"an object", "json", "\n{\"a\":1}", `f:1: the file is no array of objects (for a file with an object on each line write jsonl('...'))`},
		{"a text", "json", `"x"`, `f:1: the file is no array of objects (write [{...}, {...}])`},
		{"not objects", "json", "[{\"a\":1},\n2]", `["a"] 1:1 f:2: "2" is not an object`},
		{"open array", "json", "[{\"a\":1},\n{\"a\":2}", `["a"] 1:1 2:2 f:2: the array is never closed (is the file whole?)`},
		{"open object", "json", "[{\"a\":1},\n{\"a\":", `["a"] 1:1 f:2: the array is never closed (is the file whole?)`},
		{"something after", "json", "[{\"a\":1}]\n{}", `["a"] 1:1 f:2: something follows the array (a file is one array)`},
		{"wrong JSON", "json", "[{\"a\":1},\n{\"a\":x}]", `["a"] 1:1 f:2: it is not JSON: invalid character 'x' looking for beginning of value`},
		{"a key twice", "json", `[{"a":1,"a":2}]`, `f:1: the key "a" comes twice in an object`},
		{"a key in two cases", "json", "[{\"id\":1},\n{\"ID\":2}]", `f:2: the keys "id" and "ID" are one column (upper and lower case are the same to SQL: give the keys different names)`},
		{"a key without a name", "json", `[{"":1}]`, `f:1: a key has no name (give it a name)`},
		{"a late key", "json", "[" + strings.Repeat("{\"a\":1},\n", 1000) + `{"b":1}]`, "late"},
		{"ten megabytes of JSON", "json", "[{\"a\":1},\n{\"a\":\"" + strings.Repeat("y", 10<<20) + `"}]`, `["a"] 1:1 f:2: the record is longer than 1 MB (is a quote never closed?)`},
		{"latin 1 in JSON", "json", "[{\"a\":1},\n{\"a\":\n\"\xe9\"}]", `["a"] 1:1 f:3: byte 0xe9 is not UTF-8 (save the file as UTF-8)`},

		{"lines", "jsonl", "{\"a\":1}\r\n\n {\"b\":[ 1 ]} \n{\"a\":false}", `["a" "b"] 1:1,<nil> 3:<nil>,"[1]" 4:false,<nil>`},
		{"an array of lines", "jsonl", "[{\"a\":1}]", `f:1: "[{\"a\":1}]" is not an object`},
		{"two on a line", "jsonl", "{\"a\":1}{\"a\":2}\n", `f:1: it is not JSON: invalid character '{' after top-level value`},
		{"wrong line", "jsonl", "{\"a\":1}\n{\"a\":}\n", `["a"] 1:1 f:2: it is not JSON: invalid character '}' looking for beginning of value`},
		{"ten megabytes of a line", "jsonl", "{\"a\":1}\n{\"a\":\"" + strings.Repeat("y", 10<<20) + "\"}\n", `["a"] 1:1 f:2: the record is longer than 1 MB (a line is one object)`},
		{"packed lines", "jsonl", packed("{\"a\":1}\n"), `["a"] 1:1`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := read(filetab.File{Kind: tt.kind, Name: "f"}, tt.content)
			if tt.want == "late" {
				_, got, _ = strings.Cut(got, " f:")
				tt.want = `1001: the key "b" comes for the first time (the columns are the keys of the first 1,000 objects: give one of those the key, null will do)`
			}
			if got != tt.want {
				t.Errorf("got  %.300s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestNotPacked(t *testing.T) {
	got := read(filetab.File{Kind: filetab.CSV, Name: "r.csv.gz"}, "a\n1\n")
	want := "r.csv.gz: it is not packed by gzip (is it unpacked already? then leave .gz out of its name)"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLineColumn(t *testing.T) {
	for _, tt := range []struct {
		columns []string
		want    string
	}{
		{nil, "line"},
		{[]string{"a", "Line"}, "_line"},
		{[]string{"_line", "line"}, "__line"},
	} {
		if got := filetab.LineColumn(tt.columns); got != tt.want {
			t.Errorf("LineColumn(%q) = %s, want %s", tt.columns, got, tt.want)
		}
	}
}

// FuzzCSV checks that nothing that a file holds breaks its reading, that each
// line is one of the file's, and that what csv.Writer writes of the records is
// read back.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\ufeffa;b\r\n\"1\n\";\"\"\"\"\r\n", "a\n\"", "a\tb\n1\n", "\x1f\x8b", "\xff\xfea", "\ufeff\"\ufeff\"\n;\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		columns, records := all(t, filetab.CSV, content)
		if columns == nil {
			return
		}
		rows := [][]string{columns}
		for _, rec := range records {
			row := make([]string, len(rec.Values))
			for i, v := range rec.Values {
				row[i], _ = v.(string)
			}
			rows = append(rows, row)
		}
		var out bytes.Buffer
		if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		written := filetab.File{Kind: filetab.CSV, Name: "f", Delimiter: ','}
		r, err := filetab.Open(context.Background(), text(out.String()), written)
		if err != nil {
			if strings.Contains(out.String(), "\r") {
				return // written so, it is another file
			}
			t.Fatalf("%q: %v", out.String(), err)
		}
		for _, want := range records {
			got, err := r.Next()
			if blank(want) {
				return // csv.Writer writes a line of nothing, which is none
			}
			if err != nil {
				t.Fatalf("%q: %v", out.String(), err)
			}
			if d := cmp.Diff(want.Values, got.Values); d != "" && !strings.Contains(out.String(), "\r") {
				t.Fatalf("%q: %s", out.String(), d)
			}
		}
	})
}

func blank(rec filetab.Record) bool { return len(rec.Values) == 1 && rec.Values[0] == nil }

// FuzzJSON is FuzzCSV for arrays and lines: what json.Marshal writes of the
// records is read back.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`[{"a":1},{"b":"\ud83d\ude00"}]`, "{\"a\":[1]}\n\n{\"a\":1e5}\n", "[\n{\"a\":{\"b\":null}}\n]", "[{\"a\":\"\xff\"}]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		for _, kind := range []filetab.Kind{filetab.JSON, filetab.JSONL} {
			columns, records := all(t, kind, content)
			var objects []map[string]any
			for _, rec := range records {
				object := map[string]any{}
				for i, c := range columns {
					object[c] = rec.Values[i]
				}
				objects = append(objects, object)
			}
			written, err := json.Marshal(objects)
			if err != nil || len(objects) == 0 {
				continue
			}
			again, got := all(t, filetab.JSON, string(written))
			if len(got) != len(records) {
				t.Fatalf("%s: %d records, want %d", written, len(got), len(records))
			}
			for i, rec := range got {
				for j, c := range again {
					want := records[i].Values[slices.Index(columns, c)]
					if n, ok := want.(float64); ok && float64(int64(n)) == n {
						continue // 1.0 is written as 1
					}
					if d := cmp.Diff(want, rec.Values[j]); d != "" {
						t.Fatalf("%s: %s", written, d)
					}
				}
			}
		}
	})
}

// all reads a file as far as it can be read. Lines must grow, and be lines of the
// file.
func all(t *testing.T, kind filetab.Kind, content string) (columns []string, records []filetab.Record) {
	t.Helper()
	r, err := filetab.Open(t.Context(), text(content), filetab.File{Kind: kind, Name: "f"})
	if err != nil {
		checkError(t, content, err)
		return nil, nil
	}
	last, lines := 0, strings.Count(content, "\n")+1
	for {
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			checkError(t, content, err)
			break
		}
		if len(rec.Values) != len(r.Columns) {
			t.Fatalf("%q: %d values for %d columns", content, len(rec.Values), len(r.Columns))
		}
		if packed := strings.HasPrefix(content, "\x1f\x8b"); !packed && (rec.Line < last || rec.Line < 1 || rec.Line > lines) {
			t.Fatalf("%q: line %d after %d, of %d", content, rec.Line, last, lines)
		}
		last = rec.Line
		records = append(records, rec)
	}
	if r.Rows >= 0 && len(records) > r.Rows {
		t.Fatalf("%q: %d records, want at most %d", content, len(records), r.Rows)
	}
	return r.Columns, records
}

func checkError(t *testing.T, content string, err error) {
	t.Helper()
	e, ok := errors.AsType[*filetab.Error](err)
	if !ok {
		t.Fatalf("%q: %T %v", content, err, err)
	}
	if lines := strings.Count(content, "\n") + 1; e.Line < 0 || e.Line > lines && !strings.HasPrefix(content, "\x1f\x8b") {
		t.Fatalf("%q: %v, of %d lines", content, err, lines)
	}
}
