package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/filetab"
	"github.com/iql-lang/iql/sqlengine/script"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// check returns the command that says what is wrong with files of statements.
func (a *app) check() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Say what is wrong with files of statements, and run none",
		Long: `check reads files of statements and says all that is wrong with them: syntax, names of
resources and columns, missing parameters, values that a column never has, files of \i.
It goes through all branches of every \if. Nothing is sent, and no backend is opened;
parameters need values, as they do when the files are run. Each file is looked at by
itself, with the tables that it makes.`,
		Example: `  iql check *.iql
  iql check invite.iql --param course=620015`,
		RunE: func(cmd *cobra.Command, args []string) error {
			inputs, err := fileInputs(args)
			if err != nil {
				return err
			}
			values, err := a.params(cmd.Context())
			if err != nil {
				return err
			}
			c := &checker{app: a, report: a.reporter(), values: values}
			for _, in := range inputs {
				if err := c.file(cmd.Context(), in.File); err != nil {
					return err
				}
			}
			if err := a.unusedVars(); err != nil {
				return err
			}
			if c.wrong > 0 {
				return &failure{err: errors.New("not all is well"), told: sqlengine.ExitSQL}
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions(scriptSuffixes, cobra.ShellCompDirectiveFilterFileExt),
	}
	a.config.Parameters(cmd.Flags())
	a.config.Templates(cmd.Flags())
	complete(cmd, "param")
	completeTemplates(cmd)
	return cmd
}

// checker looks at scripts, each with a session of its own.
type checker struct {
	app    *app
	report *reporter
	values map[string]any
	wrong  int // what was told

	runner  script.Runner
	session *sqlengine.Session
	unmade  map[string]bool // tables that were not made, in lower case
}

// file looks at a script. The error is one that ends all.
func (c *checker) file(ctx context.Context, file string) (err error) {
	s, errs, err := c.app.fileScript(ctx, file)
	if err != nil {
		return err
	}
	for _, e := range errs {
		c.tell(e)
	}
	if len(errs) > 0 {
		return nil // what it would run is not known
	}
	files := &dataFiles{stdin: c.app.Stdin, script: true}
	c.session, err = sqlengine.Open(ctx, sqlengine.Options{Registry: registry.Embedded(), Files: files})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.session.Close(), files.Close()) }()
	c.unmade = map[string]bool{}
	c.runner = script.Runner{Values: c.values, Run: c.statement, Read: readFile, GoOn: c.tell, Check: true}
	return c.runner.Exec(ctx, s)
}

// tell tells what is wrong, and goes on unless it is not the script that is wrong. That
// a parameter has no value is not wrong where an \if asks for it: a note says so.
func (c *checker) tell(err error) bool {
	if e, ok := errors.AsType[*syntax.Error](err); ok && e.Code == syntax.CodeUnbound && c.runner.Supposed(strings.TrimPrefix(e.Token, ":")) {
		c.report.note("%s: not checked: %s", place(e), e.Msg)
		return true
	}
	p := describe(&failure{err: err})
	if p.Exit != sqlengine.ExitSQL && p.Exit != sqlengine.ExitUsage {
		return false
	}
	c.wrong++
	c.report.problem(p, 0)
	return true
}

// statement looks at a statement. One that cannot be looked at is left alone, and a
// note says so: about a file that is not there, about a table that was not made, or one
// that makes a table which another branch of an \if makes.
func (c *checker) statement(ctx context.Context, stmt syntax.Source, values map[string]any) error {
	c.session.Bind(values)
	notices, err := c.session.Check(ctx, stmt)
	for _, n := range notices {
		c.report.note("%s: %s", place(stmt.Errorf(0, 0, "", "")), n)
	}
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return err
	}
	name := made(stmt)
	twice := name != "" && c.runner.Branch && strings.HasSuffix(e.Msg, "already exists")
	if name != "" && !twice {
		c.unmade[name] = true
	}
	_, file := errors.AsType[*filetab.Error](err)
	unmade := e.Code == syntax.CodeUnknownTable && c.unmade[strings.ToLower(e.Token)]
	if !file && !unmade && !twice {
		return err
	}
	c.report.note("%s: not checked: %s", place(e), e.Msg)
	return nil
}

// place is where an error is: "a.iql:3:1".
func place(e *syntax.Error) string {
	at := *e
	at.Msg = ""
	return strings.TrimSuffix(at.Error(), ": ")
}

// made returns the table that a statement makes, in lower case, "" for none.
func made(stmt syntax.Source) string {
	var last syntax.Token
	for tok := range syntax.Scan(stmt.String()) {
		switch {
		case tok.Kind == syntax.Space || tok.Kind == syntax.Comment:
			continue
		case last.Text == "" && !tok.Is("CREATE"):
			return ""
		case tok.Is("AS") || tok.Kind == syntax.Open:
			return strings.ToLower(last.Name())
		}
		last = tok
	}
	return ""
}
