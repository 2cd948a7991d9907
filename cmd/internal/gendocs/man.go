package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/cli"
)

// manPages returns the man pages by the names of their files: section 1 has the
// commands, section 7 the topics of iql docs.
func manPages(root *cobra.Command, topics []cli.Topic) map[string]string {
	pages := map[string]string{}
	visit(root, func(cmd *cobra.Command) { pages[pageName(cmd)+".1"] = roff(commandMan(cmd, topics)) })
	for _, t := range topics {
		pages["iql-"+t.Name+".7"] = roff(topicMan(t))
	}
	return pages
}

func roff(markdown string) string { return string(md2man.Render([]byte(markdown))) }

// manHead begins a man page. It has no date, for that would make another page of
// it every day.
func manHead(name, about, section, manual string) string {
	return fmt.Sprintf("%% \"%s\" \"%s\" \"\" \"iql\" \"%s\"\n\n# NAME\n\n%s - %s\n", strings.ToUpper(name), section, manual, name, plain(about))
}

// commandMan returns the man page of a command, in the Markdown of md2man.
func commandMan(cmd *cobra.Command, topics []cli.Topic) string {
	var b strings.Builder
	b.WriteString(manHead(pageName(cmd), cmd.Short, "1", "Commands of iql"))
	fmt.Fprintf(&b, "\n# SYNOPSIS\n\n**%s**%s\n", cmd.CommandPath(), plain(takes(cmd)))
	fmt.Fprintf(&b, "\n# DESCRIPTION\n\n%s\n", about(cmd))
	if list := children(cmd); len(list) > 0 {
		b.WriteString("\n# COMMANDS\n")
		for _, c := range list {
			fmt.Fprintf(&b, "\n**%s**\n: %s\n", c.CommandPath(), plain(c.Short))
		}
	}
	writeOptions(&b, "OPTIONS", options(cmd.NonInheritedFlags()))
	writeOptions(&b, "OPTIONS OF EVERY COMMAND", options(cmd.InheritedFlags()))
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\n# EXAMPLES\n\n```\n%s\n```\n", unindented(cmd.Example))
	}
	fmt.Fprintf(&b, "\n# SEE ALSO\n\n%s\n", strings.Join(related(cmd, topics), ", "))
	return b.String()
}

func writeOptions(b *strings.Builder, title string, flags []option) {
	if len(flags) == 0 {
		return
	}
	fmt.Fprintf(b, "\n# %s\n", title)
	for _, o := range flags {
		names := "**" + o.long + "**" + plain(o.value)
		if o.short != "" {
			names = "**" + o.short + "**, " + names
		}
		fmt.Fprintf(b, "\n%s\n: %s\n", names, plain(o.usage))
	}
}

// related returns the pages that a command's page names: those above and below
// it, and the topics.
func related(cmd *cobra.Command, topics []cli.Topic) []string {
	var pages []string
	if cmd.HasParent() {
		pages = append(pages, reference(pageName(cmd.Parent()), "1"))
	}
	for _, c := range children(cmd) {
		pages = append(pages, reference(pageName(c), "1"))
	}
	for _, t := range topics {
		pages = append(pages, reference("iql-"+t.Name, "7"))
	}
	return pages
}

func reference(page, section string) string { return fmt.Sprintf("**%s**(%s)", page, section) }

// topicMan returns the man page of a topic, in the Markdown of md2man. Tables
// become lists, since one that is wider than the terminal cannot be read there.
func topicMan(t cli.Topic) string {
	var b strings.Builder
	b.WriteString(manHead("iql-"+t.Name, t.About, "7", "Topics of iql"))
	b.WriteString("\n# DESCRIPTION\n\n")
	_, text, _ := strings.Cut(t.Page, "\n") // without the title, which NAME has
	for block := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		switch {
		case strings.HasPrefix(block, "## "):
			b.WriteString("#" + block)
		case strings.HasPrefix(block, "    "):
			b.WriteString(block)
		case strings.HasPrefix(block, "|"):
			b.WriteString(tableMan(strings.Split(block, "\n")))
		default:
			b.WriteString(tags(block))
		}
		b.WriteString("\n\n")
	}
	fmt.Fprintf(&b, "# SEE ALSO\n\n%s, %s\n", reference("iql", "1"), reference("iql-docs", "1"))
	return b.String()
}

// tableMan returns a Markdown table as a list: what is in the first cell of a
// row is explained by the others, by their headings where there are several.
func tableMan(lines []string) string {
	var b strings.Builder
	heads := cells(lines[0])
	for _, line := range lines[2:] { // below the rule
		row := cells(line)
		var rest []string
		for i, text := range row[1:] {
			if text == "" {
				continue
			}
			if head := heads[i+1]; len(row) > 2 && head != "" {
				text = head + ": " + text
			}
			rest = append(rest, text)
		}
		b.WriteString(tags(row[0]) + "\n")
		if len(rest) > 0 {
			b.WriteString(": " + tags(strings.Join(rest, "; ")) + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// cells returns the cells of a line of a table.
func cells(line string) []string {
	const bar = "\x00" // one that divides nothing
	line = strings.ReplaceAll(line, `\|`, bar)
	texts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|")
	for i, text := range texts {
		texts[i] = strings.TrimSpace(strings.ReplaceAll(text, bar, "|"))
	}
	return texts
}

// codeSpan is a text between backquotes.
var codeSpan = regexp.MustCompile("`[^`]*`")

// tags returns Markdown in which <words> and backslashes outside of code stand
// for themselves.
func tags(text string) string {
	var b strings.Builder
	at := 0
	for _, span := range codeSpan.FindAllStringIndex(text, -1) {
		b.WriteString(literal.Replace(text[at:span[0]]))
		b.WriteString(text[span[0]:span[1]])
		at = span[1]
	}
	return b.String() + literal.Replace(text[at:])
}

var literal = strings.NewReplacer("<", `\<`, ">", `\>`, `\`, `\\`)
