package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/format"
)

// layout is what iql fmt does with a file that it would lay out otherwise.
type layout struct{ write, list, diff, check bool }

// fmt returns the command that lays out .iql files.
func (a *app) fmt() *cobra.Command {
	var do layout
	cmd := &cobra.Command{
		Use:   "fmt [FILE...]",
		Short: "Lay out .iql files",
		Long: `fmt lays out the statements of files, or of standard input, and prints them:
keywords in capitals, a line for each clause, long lists and conditions broken. A
statement that fits on a short line stays on one. Comments, texts, names and
command lines stay as they are, and so does a result that has no name, since its
text is the name of its column.`,
		Example: `  iql fmt -w invite.iql
  iql fmt --check scripts/*.iql
  iql fmt < invite.iql`,
		RunE: func(cmd *cobra.Command, files []string) error {
			if len(files) == 0 {
				if do.write {
					return &config.UsageError{Message: "-w has no file to write to", Hint: "name one: iql fmt -w FILE"}
				}
				if isTerminal(a.Stdin) {
					return &config.UsageError{Message: "there is nothing to lay out", Hint: "name a file: iql fmt FILE, or give a pipe"}
				}
				files = []string{config.Stdin}
			}
			return a.layOut(cmd.Context(), files, do)
		},
		ValidArgsFunction: cobra.FixedCompletions(scriptSuffixes, cobra.ShellCompDirectiveFilterFileExt),
	}
	fs := cmd.Flags()
	fs.BoolVarP(&do.write, "write", "w", false, "write to the file, not to standard output")
	fs.BoolVarP(&do.list, "list", "l", false, "print the names of files that would change")
	fs.BoolVarP(&do.diff, "diff", "d", false, "print what would change")
	fs.BoolVar(&do.check, "check", false, "change nothing: list files that would change, and exit with 9 if there are any")
	return cmd
}

// layOut lays out files. One that is wrong does not keep the others from it; the
// exit code is that of the first.
func (a *app) layOut(ctx context.Context, files []string, do layout) error {
	report, exit, changed := a.reporter(), 0, 0
	for _, file := range files {
		differs, err := a.layOutFile(ctx, file, do)
		if f, ok := errors.AsType[*failure](err); ok {
			return f
		}
		if err != nil && ctx.Err() != nil {
			return err // somebody stopped it
		}
		if err != nil {
			p := describe(&failure{err: err})
			report.problem(p, 0)
			if exit == 0 {
				exit = p.Exit
			}
		}
		if differs {
			changed++
		}
	}
	if exit == 0 && do.check && changed > 0 {
		report.note("%s would change: iql fmt -w does it", count(changed, "file"))
		exit = sqlengine.ExitExpect
	}
	if exit != 0 {
		return &failure{err: errors.New("not all files are laid out"), told: exit}
	}
	return nil
}

// layOutFile lays out a file and reports whether that changes it.
func (a *app) layOutFile(ctx context.Context, file string, do layout) (differs bool, err error) {
	name, text, err := a.read(ctx, file)
	if err != nil {
		return false, err
	}
	laid, err := format.Source(name, text)
	if err != nil {
		return false, err
	}
	if !do.write && !do.list && !do.diff && !do.check {
		return false, a.show(laid)
	}
	if laid == text {
		return false, nil
	}
	if do.list || do.check {
		err = a.show(name + "\n")
	}
	if err == nil && do.diff {
		err = a.show(string(diff.Diff(name+".orig", []byte(text), name, []byte(laid))))
	}
	if err == nil && do.write && !do.check {
		err = writeWhole(file, laid)
	}
	return true, err
}

// show prints a text that somebody else may have written.
func (a *app) show(text string) error {
	if a.shownOn(a.Stdout) {
		text = output.HarmlessLines(text)
	}
	return a.print(text)
}

// writeWhole replaces what is in a file, whose mode stays. It is the old file or
// the new one, whole, at any time.
func writeWhole(file, text string) error {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target // what a link points to is replaced, not the link
	}
	info, err := os.Stat(file)
	if err != nil {
		return &config.UsageError{Message: err.Error()}
	}
	if !info.Mode().IsRegular() {
		return &config.UsageError{Message: file + " is not a file that can be replaced", Hint: "leave -w out"}
	}
	if err := maybe.WriteFile(file, []byte(text), info.Mode().Perm()); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
