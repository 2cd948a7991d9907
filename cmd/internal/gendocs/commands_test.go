package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

func TestCommandPage(t *testing.T) {
	root := &cobra.Command{Use: "iql", Short: "SQL"}
	root.PersistentFlags().BoolP("verbose", "v", false, "say *more*")
	cmd := &cobra.Command{
		Use:     "do THING",
		Short:   "Do a thing",
		Long:    "do does <b>.\n\n  \\x *now*\n    deeper\n\nIt ends.",
		Example: "  iql do one\n  iql do two",
		Run:     func(*cobra.Command, []string) {},
	}
	cmd.Flags().StringP("file", "f", "a.csv", "`FILE` of a|b")
	cmd.Flags().String("how", "", "say `HOW`")
	cmd.Flags().Lookup("how").NoOptDefVal = "on"
	cmd.Flags().Int("old", 0, "nothing")
	if err := cmd.Flags().MarkDeprecated("old", "gone"); err != nil {
		t.Fatal(err)
	}
	hidden := &cobra.Command{Use: "secret", Hidden: true, Run: cmd.Run}
	below := &cobra.Command{Use: "it", Short: "Do it", Run: cmd.Run}
	cmd.AddCommand(below, hidden)
	root.AddCommand(cmd)

	want := "# iql do\n\n    iql do THING [flags]\n\n" +
		"do does \\<b\\>.\n\n```\n\\x *now*\n  deeper\n```\n\nIt ends.\n" + `
## Examples

` + "```sh\niql do one\niql do two\n```\n" + `
## Flags

| flag | |
|---|---|
| ` + "`-f`, `--file FILE` | FILE of a\\|b (default a.csv) |\n| `--how[=HOW]`" + ` | say HOW |

## Flags of every command

| flag | |
|---|---|
| ` + "`-v`, `--verbose`" + ` | say \*more\* |

## Commands

- [iql do it](iql-do-it.md): Do it

A command of [iql](iql.md).

<!-- Made from cmd/internal/cli by go generate: change it there. -->
`
	if diff := cmp.Diff(want, commandPages(root)["commands/iql-do.md"]); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
}
