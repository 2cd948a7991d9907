package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/cmd/internal/template"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// renderedName follows the name of a file in the places of errors, when they are
// those of what its template has written.
const renderedName = " (rendered)"

// renderer returns what carries out the templates of files.
func (a *app) renderer(ctx context.Context) (*template.Renderer, error) {
	if a.templates != nil {
		return a.templates, nil
	}
	r := &template.Renderer{Vars: a.config.Vars}
	if a.config.Data != "" {
		name, text, err := a.read(ctx, a.config.Data)
		if err != nil {
			return nil, err
		}
		r.Data = &template.Data{File: name, Text: text}
	}
	a.templates = r
	return r, nil
}

// readScript returns the text of a file of statements, with its template carried
// out, and what to call it.
func (a *app) readScript(ctx context.Context, file string) (name, text string, err error) {
	r, err := a.renderer(ctx)
	if err != nil {
		return "", "", err
	}
	if name, text, err = a.read(ctx, file); err != nil {
		return "", "", err
	}
	text, rendered, err := r.Render(ctx, name, text)
	if rendered {
		a.rendered = true
		name += renderedName
	}
	return name, text, err
}

// unusedVars refuses variables that nothing has read.
func (a *app) unusedVars() error {
	if a.rendered || !a.config.Given("var") {
		return nil
	}
	return &config.UsageError{Message: "there is --var and nothing that has variables", Hint: "give data in Jsonnet: --iqldata FILE.jsonnet"}
}

// noTemplate refuses data for statements that are no files.
func (a *app) noTemplate() error {
	for _, flag := range []string{"iqldata", "var"} {
		if a.config.Given(flag) {
			return &config.UsageError{
				Message: "--" + flag + " is for the templates of files, not for queries of the command line",
				Hint:    "give a file: -i FILE",
			}
		}
	}
	return nil
}

// printRendered prints the statements that a command was given, and runs none.
func (a *app) printRendered(ctx context.Context, inputs []config.Input) (err error) {
	var texts []string
	for _, in := range inputs {
		text := in.SQL
		if in.File != "" {
			if _, text, err = a.readScript(ctx, in.File); err != nil {
				return err
			}
		}
		texts = append(texts, text)
	}
	if err := a.unusedVars(); err != nil {
		return err
	}
	out, err := a.openOutput()
	if err != nil {
		return &failure{err: err, output: true}
	}
	for _, text := range texts {
		if !strings.HasSuffix(text, "\n") && text != "" {
			text += "\n"
		}
		if out.terminal {
			text = output.HarmlessLines(text)
		}
		if _, werr := out.Write([]byte(text)); werr != nil {
			err = errors.Join(err, werr)
		}
	}
	if err = errors.Join(err, out.close(err == nil)); err != nil {
		return &failure{err: err, output: true}
	}
	return nil
}

// wasRendered reports whether an error has its place in what a template wrote.
func wasRendered(err error) bool {
	wrong, ok := errors.AsType[*syntax.Error](err)
	return ok && strings.HasSuffix(wrong.File, renderedName)
}
