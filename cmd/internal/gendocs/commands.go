package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// visit calls f for a command and all below it that people are shown.
func visit(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, c := range children(cmd) {
		visit(c, f)
	}
}

// children returns the commands of a command that people are shown, by name.
func children(cmd *cobra.Command) []*cobra.Command {
	shown := slices.DeleteFunc(slices.Clone(cmd.Commands()), func(c *cobra.Command) bool { return !c.IsAvailableCommand() })
	slices.SortFunc(shown, func(a, b *cobra.Command) int { return cmp.Compare(a.Name(), b.Name()) })
	return shown
}

// pageName returns the name of a command's pages: iql-auth-login.
func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// takes returns what follows the name of a command.
func takes(cmd *cobra.Command) string {
	rest := strings.TrimPrefix(cmd.UseLine(), cmd.CommandPath())
	if len(children(cmd)) > 0 && !strings.Contains(cmd.Use, " ") {
		return " [COMMAND]" + rest
	}
	return rest
}

// about returns what a command says of itself, in Markdown: help shows it as it
// is, with a margin for what is to be typed.
func about(cmd *cobra.Command) string {
	var blocks []string
	for block := range strings.SplitSeq(cmp.Or(cmd.Long, cmd.Short+"."), "\n\n") {
		if strings.HasPrefix(block, "  ") {
			block = "```\n" + unindented(block) + "\n```"
		} else {
			block = plain(block)
		}
		blocks = append(blocks, block)
	}
	return strings.Join(blocks, "\n\n")
}

// unindented returns a text without the margin of two blanks that help gives it.
func unindented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "  ")
	}
	return strings.Join(lines, "\n")
}

// option is a flag as documentation shows it.
type option struct {
	short, long string // with their dashes; short may be ""
	value       string // what the flag takes: " FILE", "[=HOW]", or ""
	usage       string // with the default
}

// options returns the flags of a set that people are shown, by name.
func options(flags *pflag.FlagSet) []option {
	var all []option
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		o := option{long: "--" + f.Name, usage: usage + standsFor(f)}
		if f.Shorthand != "" {
			o.short = "-" + f.Shorthand
		}
		switch {
		case name != "" && f.NoOptDefVal != "":
			o.value = "[=" + name + "]"
		case name != "":
			o.value = " " + name
		}
		all = append(all, o)
	})
	return all
}

// standsFor returns the default of a flag as a remark, "" if it says nothing.
func standsFor(f *pflag.Flag) string {
	if slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue) {
		return ""
	}
	return " (default " + f.DefValue + ")"
}

// commandPages returns the pages of the commands by their paths in the
// reference, in Markdown.
func commandPages(root *cobra.Command) map[string]string {
	pages := map[string]string{}
	visit(root, func(cmd *cobra.Command) { pages["commands/"+pageName(cmd)+".md"] = commandPage(cmd) })
	return pages
}

func commandPage(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n    %s\n\n%s\n", cmd.CommandPath(), cmd.CommandPath()+takes(cmd), about(cmd))
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\n## Examples\n\n```sh\n%s\n```\n", unindented(cmd.Example))
	}
	writeFlags(&b, "Flags", options(cmd.NonInheritedFlags()))
	writeFlags(&b, "Flags of every command", options(cmd.InheritedFlags()))
	if list := children(cmd); len(list) > 0 {
		b.WriteString("\n## Commands\n\n")
		for _, c := range list {
			fmt.Fprintf(&b, "- [%s](%s.md): %s\n", c.CommandPath(), pageName(c), plain(c.Short))
		}
	}
	if cmd.HasParent() {
		fmt.Fprintf(&b, "\nA command of [%s](%s.md).\n", cmd.Parent().CommandPath(), pageName(cmd.Parent()))
	}
	b.WriteString("\n<!-- Made from cmd/internal/cli by go generate: change it there. -->\n")
	return b.String()
}

func writeFlags(b *strings.Builder, title string, flags []option) {
	if len(flags) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n| flag | |\n|---|---|\n", title)
	for _, o := range flags {
		names := "`" + o.long + o.value + "`"
		if o.short != "" {
			names = "`" + o.short + "`, " + names
		}
		fmt.Fprintf(b, "| %s | %s |\n", inCell(names), inCell(plain(o.usage)))
	}
}

// inCell returns a text that does not end its cell of a table.
func inCell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// plain returns a text of which Markdown makes nothing but the text.
func plain(text string) string { return marks.Replace(text) }

var marks = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "&", `\&`, "~", `\~`)
