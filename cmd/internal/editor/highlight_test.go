package editor

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var sgr = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func TestHighlight(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"keywords", "select a.\"b\" FROM t", "\x1b[1mselect\x1b[0m a.\"b\" \x1b[1mFROM\x1b[0m t"},
		{"a name that is a keyword", "t.with", "t.with"},
		{"values", "'x' 1.5 x'00' :p", "\x1b[32m'x'\x1b[0m \x1b[35m1.5\x1b[0m \x1b[32mx'00'\x1b[0m \x1b[33m:p\x1b[0m"},
		{"comments", "a -- b\n/*c\nd*/", "a \x1b[2m-- b\x1b[0m\n\x1b[2m/*c\x1b[0m\n\x1b[2md*/\x1b[0m"},
		{"an open string", "'it''s\nme", "\x1b[32m'it''s\x1b[0m\n\x1b[32mme\x1b[0m"},
		{"an open comment", "/* x", "\x1b[2m/* x\x1b[0m"},
		{"an open name", "\"x", "\"x"},
		{"no SQL", "a ! 1x", "a \x1b[31m!\x1b[0m \x1b[31m1x\x1b[0m"},
		{"nothing", "", ""},
	} {
		if got := Highlight(tt.text); got != tt.want {
			t.Errorf("%s: Highlight(%q) = %q, want %q", tt.name, tt.text, got, tt.want)
		}
	}
}

// pieces draws texts with more of SQL in them than chance would bring.
func pieces() *rapid.Generator[string] {
	piece := rapid.OneOf(rapid.SampledFrom([]string{
		"SELECT", " ", "\n", "\r\n", "'", "''", `"`, "`", "[", "]", "--", "/*", "*/", "/*+", ";", "x'0", "1e", ":a", "@@", "é", "日本", "\x00", "\xff", "\t",
	}), rapid.String())
	return rapid.Map(rapid.SliceOf(piece), func(parts []string) string {
		return strings.ReplaceAll(strings.Join(parts, ""), "\x1b", "")
	})
}

// TestHighlightKeeps checks that the text stays, and that colours end on their
// lines.
func TestHighlightKeeps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := pieces().Draw(t, "text")
		shown := Highlight(text)
		if got := sgr.ReplaceAllString(shown, ""); got != text {
			t.Errorf("Highlight(%q) without colours = %q", text, got)
		}
		for line := range strings.Lines(shown) {
			line = strings.TrimSuffix(line, "\n")
			if all := sgr.FindAllString(line, -1); len(all) > 0 && all[len(all)-1] != reset {
				t.Errorf("Highlight(%q) leaves a colour at the end of %q", text, line)
			}
		}
	})
}

// TestHighlightLong checks that the time grows with the length, not its square.
func TestHighlightLong(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"('620015', 'a@school.example', 1),\n", "'", "/*", "[", "x'", "a.b ", "\n", "--\n", ":a("} {
		text := strings.Repeat(piece, 100<<10/len(piece))
		start := time.Now()
		Highlight(text)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("Highlight of %d bytes of %q took %v", len(text), piece, took)
		}
	}
}

// TestShow checks what a terminal gets: nothing that steers it but the
// editor's own, and a continuation prompt for each line.
func TestShow(t *testing.T) {
	t.Parallel()
	ed := &terminal{opts: Options{Prompt: func() string { return "above\n\x1b[1miql> \x1b[0m" }, Continuation: continuation, Highlight: Highlight}}
	for _, tt := range []struct{ name, text, want string }{
		{"one line", "SELECT", "\x1b[1mSELECT\x1b[0m"},
		{"two", "a\nb", "a\n\r...> \x1b[0m\x1b[6Gb"},
		{"an empty one", "a\n", "a\n\r...> \x1b[0m\x1b[6G"},
		{"in a string", "'a\nb'\n\n", "\x1b[32m'a\x1b[0m\n\r'..> \x1b[0m\x1b[6G\x1b[32mb'\x1b[0m\n\r...> \x1b[0m\x1b[6G\n\r...> \x1b[0m\x1b[6G"},
		{"controls", "a\x1b[2J\t\u202e", "a\x1b[31m␛\x1b[0m[2J\t\x1b[31m�\x1b[0m"},
	} {
		if got := ed.show([]rune(tt.text)); tt.name != "controls" && got != tt.want {
			t.Errorf("%s: show(%q) = %q, want %q", tt.name, tt.text, got, tt.want)
		} else if tt.name == "controls" && strings.ContainsAny(sgr.ReplaceAllString(got, ""), "\x1b\u202e") {
			t.Errorf("%s: show(%q) = %q", tt.name, tt.text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), pieces()).Draw(t, "text")
		shown := ed.show([]rune(text))
		plain := regexp.MustCompile(`\r[^\x1b]*\x1b\[0m\x1b\[6G`).ReplaceAllString(shown, "")
		if got, want := sgr.ReplaceAllString(plain, ""), harmless(string([]rune(text))); got != want {
			t.Errorf("show(%q) has the text %q, want %q", text, got, want)
		}
		if got, want := strings.Count(shown, "\r"), strings.Count(text, "\n"); got != want {
			t.Errorf("show(%q) has %d continuation prompts, want %d", text, got, want)
		}
	})
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), pieces()).Draw(t, "text")
		got := harmless(text)
		if strings.ContainsFunc(got, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || 0x7f <= r && r <= 0x9f }) || !utf8.ValidString(got) {
			t.Errorf("harmless(%q) = %q", text, got)
		}
		if harmless(got) != got {
			t.Errorf("harmless(harmless(%q)) = %q, want %q", text, harmless(got), got)
		}
		if strings.Count(got, "\n") != strings.Count(text, "\n") || strings.Count(got, "\t") != strings.Count(text, "\t") {
			t.Errorf("harmless(%q) = %q has other lines or tabs", text, got)
		}
	})
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		prompt string
		width  int
		want   string
	}{
		{"...> ", 5, "...> "},
		{"...> ", 9, "    ...> "},
		{"/*..> ", 5, "/*.> "},
		{"\x1b[2m'...> \x1b[0m", 5, "\x1b[2m'..> \x1b[0m"},
		{"a long one> ", 5, "     "},
		{"", 3, "   "},
	} {
		if got := fit(tt.prompt, tt.width); got != tt.want {
			t.Errorf("fit(%q, %d) = %q, want %q", tt.prompt, tt.width, got, tt.want)
		}
	}
}
