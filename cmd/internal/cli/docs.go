package cli

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/cmd/internal/shell"
	"github.com/iql-lang/iql/registry"
)

//go:embed topics/*.md
var topicFiles embed.FS

// topic is a page of docs that is not about a resource.
type topic struct {
	name, about string
	page        func(root *cobra.Command) string
}

var topics = []topic{
	{"auth", "who iql is to Google, and where credentials are looked for", func(*cobra.Command) string { return topicFile("auth") }},
	{"exit-codes", "what iql's exit code says", func(*cobra.Command) string { return topicFile("exit-codes") }},
	{"journal", "changes on record: to go on with them, and to undo them", func(*cobra.Command) string { return topicFile("journal") }},
	{"formats", "the formats of rows", func(*cobra.Command) string { return formatsPage() }},
	{"scripts", "files of statements, their commands and parameters", func(*cobra.Command) string { return topicFile("scripts") }},
	{"shell", "the commands of iql shell", func(*cobra.Command) string { return shellPage() }},
	{"files", "rows from files, as tables", func(*cobra.Command) string { return topicFile("files") }},
	{"environment", "the variables that iql reads", environmentPage},
	{"templates", "files that are filled with data", func(*cobra.Command) string { return topicFile("templates") }},
	{"stackql", "what is as in StackQL, and what is not", stackQLPage},
	{"configuration", "the configuration file, and what wins over what", func(*cobra.Command) string { return configurationPage() }},
}

// docs returns the command that prints pages of the reference.
func (a *app) docs() *cobra.Command {
	reg := registry.Embedded()
	return &cobra.Command{
		Use:   "docs [RESOURCE|TOPIC]",
		Short: "Print the reference of a resource",
		Long: `docs prints a page of the reference: that of a resource, or of a topic such as
exit-codes. Without an argument it lists them. docs/man of iql's sources has the
topics and the commands as man pages.`,
		Example: `  iql docs invitations
  iql docs exit-codes`,
		Args: atMost(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var words []string
			for _, res := range reg.Resources() {
				words = append(words, res.Name+"\t"+res.Title, res.ID+"\t"+res.Title)
			}
			for _, t := range topics {
				words = append(words, t.name+"\t"+t.about)
			}
			return words, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.print(docsIndex(reg))
			}
			page, err := docsPage(cmd.Root(), reg, args[0])
			if err != nil {
				return err
			}
			return a.print(page)
		},
	}
}

// docsPage returns the page of a topic or a resource.
func docsPage(root *cobra.Command, reg *registry.Registry, name string) (string, error) {
	var known []string
	for _, t := range topics {
		if t.name == name {
			return t.page(root), nil
		}
		known = append(known, t.name)
	}
	res, err := reg.FindResource(strings.Split(name, "."))
	if err == nil {
		return registry.Page(res), nil
	}
	for _, res := range reg.Resources() {
		known = append(known, res.Name)
	}
	hint := config.DidYouMean(name, known)
	if notFound, ok := errors.AsType[*registry.NameError](err); ok && strings.Contains(name, ".") && len(notFound.Known) > 0 {
		hint = "choose from " + strings.Join(notFound.Known, ", ")
	}
	return "", &config.UsageError{Message: fmt.Sprintf("docs has no page %q", name), Hint: hint}
}

func docsIndex(reg *registry.Registry) string {
	var b strings.Builder
	b.WriteString("Resources:\n")
	for _, res := range reg.Resources() {
		name := res.Name
		if res.Local() { // journal alone is a topic
			name = res.Service.Name + "." + name
		}
		fmt.Fprintf(&b, "  %-20s %s\n", name, res.Title)
	}
	b.WriteString("\nTopics:\n")
	for _, t := range topics {
		fmt.Fprintf(&b, "  %-20s %s\n", t.name, t.about)
	}
	b.WriteString("\niql docs NAME prints one of them.\n")
	return b.String()
}

func topicFile(name string) string {
	text, err := topicFiles.ReadFile("topics/" + name + ".md")
	if err != nil {
		panic(err) // it is built in
	}
	return string(text)
}

func shellPage() string { return topicFile("shell") + "\n" + shell.Page() }

func formatsPage() string {
	var b strings.Builder
	b.WriteString("# Formats\n\n`-o` chooses how rows are written; so does the suffix of the file of `-f`.\n\n")
	b.WriteString("| format | other names | suffixes | |\n|---|---|---|---|\n")
	for _, f := range output.Formats() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.Name, strings.Join(f.Aliases, " "), strings.Join(f.Suffixes, " "),
			strings.NewReplacer("|", `\|`).Replace(f.About))
	}
	return b.String() + "\n" + topicFile("formats")
}

func environmentPage(root *cobra.Command) string {
	all := flags(root)
	slices.SortFunc(all, func(a, b *pflag.Flag) int { return cmp.Compare(a.Name, b.Name) })
	var b strings.Builder
	b.WriteString("# Environment\n\nA variable stands for a flag that is not given.\n\n| variable | flag |\n|---|---|\n")
	for _, f := range all {
		fmt.Fprintf(&b, "| %s | --%s |\n", config.Variable(f.Name), f.Name)
	}
	return b.String() + "\n" + topicFile("environment")
}

// stackQLPage returns what becomes of the flags of StackQL below the topic.
func stackQLPage(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(topicFile("stackql") + "\n## Flags\n\nThese mean what they mean in StackQL:\n")
	for _, f := range flags(root) {
		if config.OfStackQL(f.Name) {
			_, about := pflag.UnquoteUsage(f)
			fmt.Fprintf(&b, "\n- `--%s`: %s", f.Name, about)
		}
	}
	taken, refusals := config.Habits()
	b.WriteString("\n- `--dryrun`: as --dry-run=render\n- `--execution.concurrency.limit`: as --concurrency\n")
	b.WriteString("\nThese are taken, and do nothing. -v notes them; `--http.response.maxResults` is always\nnoted if it asks for fewer rows than there are:\n\n")
	habitList(&b, taken)
	b.WriteString("\nThese are errors, since to pass over them would do something else than they say:\n\n")
	habitList(&b, refusals)
	return b.String()
}

func habitList(b *strings.Builder, habits []config.Habit) {
	for _, h := range habits {
		fmt.Fprintf(b, "- `--%s`", h.Flag)
		if h.Instead != "" {
			b.WriteString(": " + h.Instead)
		}
		b.WriteString("\n")
	}
}

func configurationPage() string {
	var b strings.Builder
	b.WriteString(topicFile("configuration") + "\n| key | flag | |\n|---|---|---|\n")
	for _, key := range config.Keys() {
		fmt.Fprintf(&b, "| %s | --%s | %s |\n", key.Name, key.Flag, key.About)
	}
	return b.String()
}
