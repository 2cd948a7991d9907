package filetab

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"unicode/utf8"
)

// delimiters are what may divide the values of a line, the likeliest first.
var delimiters = []rune{',', ';', '\t', '|'}

// sampled is how many records tell the delimiter.
const sampled = 20

// sniff returns the delimiter of the text that begins so: the one by which the
// first records have the same number of values, and the most of them.
func sniff(head []byte) rune {
	best, most, steady := delimiters[0], 1, false
	for _, d := range delimiters {
		records := sample(head, d)
		if len(records) > sampled {
			records = records[:sampled]
		}
		if len(records) == 0 {
			continue
		}
		n, same := records[0], true
		for _, other := range records {
			same = same && other == n
		}
		if n > 1 && (same && !steady || same == steady && n > most) {
			best, most, steady = d, n, same
		}
	}
	return best
}

// declared returns the delimiter that the first line of a text names for Excel:
// "sep=;". The line is no row.
func declared(head []byte) (delimiter rune, ok bool) {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	line = bytes.Trim(bytes.TrimSuffix(line, []byte("\r")), `"`)
	const key = "sep="
	if len(line) <= len(key) || !bytes.EqualFold(line[:len(key)], []byte(key)) {
		return 0, false
	}
	named := []rune(string(line[len(key):]))
	return named[0], len(named) == 1 && named[0] != utf8.RuneError && named[0] != '\r'
}

// sample returns how many values each whole record of the beginning of a text
// has.
func sample(head []byte, delimiter rune) []int {
	if end := bytes.LastIndexByte(head, '\n'); len(head) == maxHead && end >= 0 {
		head = head[:end+1]
	}
	r := csv.NewReader(bytes.NewReader(head))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = delimiter, -1, true
	var out []int
	for {
		record, err := r.Read()
		if err != nil {
			return out // the end, or a record that is cut off or wrong
		}
		out = append(out, len(record))
	}
}

// count returns "1 value" or "3 values".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
