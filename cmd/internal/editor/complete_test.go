package editor

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/reeflective/readline"
	"pgregory.net/rapid"
)

// TestCompletions does what the library does with what it is given: it takes
// as many letters as PREFIX has bytes, and writes the candidate.
func TestCompletions(t *testing.T) {
	t.Parallel()
	word := rapid.StringOfN(rapid.SampledFrom([]rune("aBÜü日😀'")), 0, 4, -1)
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.StringOfN(rapid.SampledFrom([]rune("x (\n'Ü")), 0, 5, -1).Draw(t, "before")
		typed := word.Draw(t, "typed")
		after := word.Draw(t, "after")
		texts := rapid.SliceOfN(rapid.OneOf(word, rapid.Map(word, func(w string) string { return typed + w })), 0, 4).Draw(t, "texts")
		ed := New(Options{}).(*terminal)
		ed.SetCompleter(func(text string, cursor int) ([]Candidate, int) {
			if text != before+typed+after || cursor != len(before+typed) {
				t.Fatalf("asked for %q with the cursor at %d", text, cursor)
			}
			var candidates []Candidate
			for _, c := range texts {
				candidates = append(candidates, Candidate{Text: c})
			}
			return candidates, len(before)
		})
		line, pos := []rune(before+typed+after), len([]rune(before+typed))
		offered := ed.completions(line, pos)
		if offered.PREFIX == "" && before+typed != "" {
			t.Fatal("PREFIX is empty: the library would use the word before the cursor")
		}
		var got, want []string
		offered.EachValue(func(c readline.Completion) readline.Completion {
			if !beginsWith(c.Value, offered.PREFIX) && !strings.HasPrefix(c.Value, offered.PREFIX) {
				t.Errorf("the library would leave out %q, for %q", c.Value, offered.PREFIX)
			}
			got = append(got, string(line[:pos-len(offered.PREFIX)])+c.Value+string(line[pos:]))
			return c
		})
		for _, text := range texts {
			if beginsWith(text, typed) {
				want = append(want, before+text+after)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("the lines would be %q, want %q", got, want)
		}
	})
}

func TestBeginsWith(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, typed string
		want        bool
	}{
		{"courseId", "", true},
		{"courseId", "COURSE", true},
		{"courseId", "courseIds", false},
		{"'Übung'", "'Ü", true},
		{"'Übung'", "'ü", false},
		{"Ü", "x", false},
		{"", "x", false},
	} {
		if got := beginsWith(tt.text, tt.typed); got != tt.want {
			t.Errorf("beginsWith(%q, %q) = %t, want %t", tt.text, tt.typed, got, tt.want)
		}
	}
}

func TestCommonPrefix(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ a, b, want string }{
		{"", "a", ""},
		{"a", "", ""},
		{"course", "courseId", "course"},
		{"courseId", "course", "course"},
		{"courseId", "courseName", "course"},
		{"Ü", "Û", ""}, // their first bytes are the same
		{"日本", "日曜", "日"},
	} {
		if got := commonPrefix(tt.a, tt.b); got != tt.want {
			t.Errorf("commonPrefix(%q, %q) = %q, want %q", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	got := labels([]Candidate{
		{Text: "日本", Group: "a", About: "x\n"},
		{Text: "b", Group: "a", About: "y"},
		{Text: "c", Display: "c\x1b", Group: "a"},
		{Text: "d", Group: "b", About: "z"},
	})
	want := []string{"日本  x⏎", "b     y", "c␛", "d  z"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("labels (-want +got)\n%s", diff)
	}
}
