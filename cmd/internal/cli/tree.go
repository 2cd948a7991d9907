package cli

import "github.com/spf13/cobra"

// Topic is a page of iql docs that is not about a resource.
type Topic struct {
	Name, About string
	Page        string // Markdown, with a title
}

// Tree returns the commands of iql and their flags, for those who write
// documentation: it is the same wherever it is made, and its commands are not
// to be run.
func Tree() *cobra.Command {
	a := &app{Env: Env{Getenv: func(string) string { return "" }}}
	root := a.root()
	root.InitDefaultVersionFlag()
	addHelpFlags(root)
	return root
}

// addHelpFlags registers --help, which cobra does for a command that runs, with
// a command and all below it.
func addHelpFlags(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	for _, c := range cmd.Commands() {
		addHelpFlags(c)
	}
}

// Topics returns the topics of iql docs, in the order in which it lists them.
func Topics() []Topic {
	root := Tree()
	var all []Topic
	for _, t := range topics {
		all = append(all, Topic{Name: t.name, About: t.about, Page: t.page(root)})
	}
	return all
}
