package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/cmd/internal/cli"
)

// TestManPages checks that each command and topic has a page, and that man can
// show it.
func TestManPages(t *testing.T) {
	root, topics := cli.Tree(), cli.Topics()
	pages := manPages(root, topics)
	var want []string
	visit(root, func(cmd *cobra.Command) { want = append(want, pageName(cmd)+".1") })
	for _, topic := range topics {
		want = append(want, "iql-"+topic.Name+".7")
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(pages))); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	for name, page := range pages {
		for _, sentence := range mistakes(page) {
			t.Errorf("%s: %s", name, sentence)
		}
	}
	refer := regexp.MustCompile(`\\fB(iql[a-z-]*)\\fP\(([17])\)`)
	for name, page := range pages {
		for _, m := range refer.FindAllStringSubmatch(page, -1) {
			if _, ok := pages[m[1]+"."+m[2]]; !ok {
				t.Errorf("%s refers to %s(%s), which is not there", name, m[1], m[2])
			}
		}
	}
}

// requests are those of the man macros that the pages use, with what ends those
// that must be ended. A table would be .TS: they are lists.
var requests = map[string]string{
	".nh": "", ".TH": "", ".SH": "", ".SS": "", ".PP": "", ".TP": "", ".IP": "", ".br": "",
	".EX": ".EE", ".EE": "", ".RS": ".RE", ".RE": "",
}

var escapes = regexp.MustCompile(`\\(f[BIRP]|[-&\\]|\(bu|\[la\]|\[ra\])`)

// mistakes returns a sentence for all that is not roff in a man page.
func mistakes(page string) []string {
	var wrong []string
	if !regexp.MustCompile(`^\.nh\n\.TH "IQL[A-Z-]*" "[17]" "" "iql" "[A-Za-z ]+"\n\n\.SH NAME\niql[a-z-]* \\- \S`).MatchString(page) {
		wrong = append(wrong, fmt.Sprintf("it begins with %.60q", page))
	}
	var open []string
	for i, line := range strings.Split(page, "\n") {
		say := func(format string, args ...any) {
			wrong = append(wrong, fmt.Sprintf("line %d: ", i+1)+fmt.Sprintf(format, args...))
		}
		if strings.Contains(escapes.ReplaceAllString(line, ""), `\`) {
			say("%q has an escape that is not known", line)
		}
		if !strings.HasPrefix(line, ".") && !strings.HasPrefix(line, "'") {
			continue
		}
		name, _, _ := strings.Cut(line, " ")
		end, ok := requests[name]
		switch {
		case !ok:
			say("%q is no request", line)
		case end != "":
			open = append(open, end)
		case slices.Contains(slices.Collect(maps.Values(requests)), name):
			if len(open) == 0 || open[len(open)-1] != name {
				say("%s ends nothing", name)
				continue
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		wrong = append(wrong, fmt.Sprintf("there is no %s", strings.Join(open, ", ")))
	}
	return wrong
}

func TestMistakes(t *testing.T) {
	const head = ".nh\n.TH \"IQL-X\" \"1\" \"\" \"iql\" \"Commands of iql\"\n\n.SH NAME\niql-x \\- about\n"
	tests := []struct{ page, want string }{
		{head, ""},
		{head + ".EX\n\\&.dot \\\\n\n.EE\n", ""},
		{"iql", `it begins with "iql"`},
		{strings.Replace(head, `""`, `"May 2026"`, 1), "it begins with"},
		{head + ".dot", `line 6: ".dot" is no request`},
		{head + "'s", `line 6: "'s" is no request`},
		{head + ".TS", `line 6: ".TS" is no request`},
		{head + `a \n b`, `line 6: "a \\n b" has an escape`},
		{head + ".EX\na", "there is no .EE"},
		{head + ".RS\n.EE", "line 7: .EE ends nothing"},
	}
	for _, tt := range tests {
		got := strings.Join(mistakes(tt.page), "\n")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("mistakes(%q) = %q, want %q", tt.page, got, tt.want)
		}
	}
}

// shown returns what a reader sees of a page, without its margins.
func shown(page string) string {
	return strings.NewReplacer(`\\`, `\`, `\-`, "-", `\&`, "", `\fB`, "", `\fI`, "", `\fR`, "", `\fP`, "").Replace(page)
}

// TestFlagsAreShown compares a command's page with its flags.
func TestFlagsAreShown(t *testing.T) {
	root := cli.Tree()
	pages := manPages(root, nil)
	visit(root, func(cmd *cobra.Command) {
		page := shown(pages[pageName(cmd)+".1"])
		for _, o := range append(options(cmd.NonInheritedFlags()), options(cmd.InheritedFlags())...) {
			if want := o.long + o.value + "\n" + o.usage + "\n"; !strings.Contains(page, want) {
				t.Errorf("the page of %s does not have %q", cmd.CommandPath(), want)
			}
		}
		if !strings.Contains(page, ".EX\n"+unindented(cmd.Example)+"\n.EE\n") {
			t.Errorf("the page of %s does not have its examples", cmd.CommandPath())
		}
	})
}

// TestPlainIsShown gives any text to a command's page: a reader must see it as
// it is, and man must not take it for a request.
func TestPlainIsShown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching("[A-Za-z]([ -~]{0,20}[a-z.'])?").Draw(t, "text")
		text = strings.Join(strings.Fields(text), " ")
		page := roff(manHead("iql-x", "about", "1", "Commands of iql") + "\n# OPTIONS\n\n**--x**\n: " + plain(text) + "\n\n.end\n")
		if wrong := mistakes(page); wrong != nil {
			t.Fatalf("page of %q: %q\n%s", text, wrong, page)
		}
		if got := shown(page); !strings.Contains(got, text) {
			t.Fatalf("%q is not in\n%s", text, got)
		}
	})
}

func TestTopicMan(t *testing.T) {
	got := shown(roff(topicMan(cli.Topic{Name: "things", About: "of any kind", Page: `# Things

Some <b> and ` + "`\\set <x>`\n" + `is \t.

## More

    code <c>
    .dot

| name | | when |
|---|---|---|
| a | b \| c | |
| .d | | now <e> |
| f | | |
`})))
	want := `.nh
.TH "IQL-THINGS" "7" "" "iql" "Topics of iql"

.SH NAME
iql-things - of any kind


.SH DESCRIPTION
Some <b> and \set <x>
is \t.

.SS More
.EX
code <c>
.dot
.EE

.TP
a
b | c

.TP
.d
when: now <e>

.PP
f


.SH SEE ALSO
iql(1), iql-docs(1)
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
}
