// Package template renders .iql files as templates, as StackQL does: text/template
// with data of a block at the start of the file,
//
//	<<<jsonnet
//	{ course: std.extVar('course'), users: ['a@example.edu'] }
//	>>>
//	{{range .users}}INSERT INTO invitations ... '{{.}}' ...; {{end}}
//
// or of another file. A file without data is no template, and is left alone.
//
//	r := template.Renderer{Data: &template.Data{File: "data.jsonnet", Text: text}}
//	out, rendered, err := r.Render(ctx, "invite.iql", text) // err is a *syntax.Error with a place
//
// What a template writes becomes a part of the statements, whatever it is: a quote
// in the data ends the text that it stands in. Data of others belongs into
// parameters.
//
// Templates are a person's own programs, and bounded as programs that may have
// mistakes: in what they write, in how deep they call themselves and in time. They
// see their data, and the files beside the one that imports them; no environment and
// no network.
package template

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Bounds of a template.
const (
	maxOutput = 64 << 20 // bytes, of a text and of data
	maxTime   = 30 * time.Second
)

// CodeTemplate is the code of errors in templates and their data.
const CodeTemplate = "template"

// Data is what templates are filled with: a file of JSON or Jsonnet.
type Data struct {
	File string // its name, whose suffix says what it is
	Text string
}

// Renderer renders texts. The zero value renders those that have data of their
// own.
type Renderer struct {
	Data *Data             // for texts without data of their own; nil for none
	Vars map[string]string // std.extVar of Jsonnet
}

// Render returns a text with its template carried out, and whether it is one.
// file is the text's file, beside which its data may import others; it is a name
// in <> if there is none. The error is a [*syntax.Error], or that of ctx.
func (r Renderer) Render(ctx context.Context, file, text string) (out string, rendered bool, err error) {
	src := syntax.Source{File: file, Whole: text, End: len(text)}
	b, err := findBlock(src)
	if err != nil {
		return "", false, err
	}
	switch {
	case b == nil && r.Data == nil:
		return text, false, nil
	case b != nil && r.Data != nil:
		return "", false, problem(src, 0, "leave --iqldata or the block out", "there are data of %s and a block of data", r.Data.File)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, maxTime, errTime)
	defer cancel()
	data, err := r.data(ctx, src, b)
	if err != nil {
		return "", false, err
	}
	body := text
	if b != nil {
		body = blanked(text[:b.end]) + text[b.end:]
	}
	out, err = await(ctx, src, func() (string, error) { return execute(ctx, src, body, data) })
	if err != nil {
		return "", false, err
	}
	if b != nil {
		out = strings.TrimLeft(out, " \t\r\n")
	}
	return out, true, nil
}

// data returns the data of a block, or those of the renderer.
func (r Renderer) data(ctx context.Context, src syntax.Source, b *block) (any, error) {
	if b != nil {
		text := blanked(src.Whole[:b.start]) + src.Whole[b.start:b.stop] // its places are those of the file
		return r.parse(ctx, b.kind, src.File, text, src)
	}
	of := syntax.Source{File: r.Data.File, Whole: r.Data.Text, End: len(r.Data.Text)}
	kind := strings.TrimPrefix(strings.ToLower(filepath.Ext(r.Data.File)), ".")
	if kind == "libsonnet" {
		kind = "jsonnet"
	}
	if kind != "json" && kind != "jsonnet" {
		return nil, problem(of, 0, "name it .json or .jsonnet", "it is not known what %s holds", r.Data.File)
	}
	return r.parse(ctx, kind, r.Data.File, r.Data.Text, of)
}

// parse returns the data of a text of JSON or Jsonnet.
func (r Renderer) parse(ctx context.Context, kind, file, text string, src syntax.Source) (any, error) {
	if kind == "json" {
		return parseJSON(src, text)
	}
	out, err := await(ctx, src, func() (string, error) { return evaluate(src, file, text, r.Vars) })
	if err != nil {
		return nil, err
	}
	return parseJSON(src, out)
}

// block is the block of data at the start of a text.
type block struct {
	kind        string // json or jsonnet
	start, stop int    // of the data
	end         int    // of the block
}

var opening = regexp.MustCompile(`\A\s*<<<[ \t]*([A-Za-z0-9_]*)`)

// findBlock returns the block of data of a text, nil if there is none.
func findBlock(src syntax.Source) (*block, error) {
	at := opening.FindStringSubmatchIndex(src.Whole)
	if at == nil {
		return nil, nil
	}
	kind, start := src.Whole[at[2]:at[3]], strings.Index(src.Whole, "<<<")
	if kind != "json" && kind != "jsonnet" {
		return nil, problem(src, start, "there are <<<json and <<<jsonnet", "a block of data of no kind that is known: %q", kind)
	}
	n := strings.Index(src.Whole[at[1]:], ">>>")
	if n < 0 {
		return nil, problem(src, start, "it ends with >>>", "the block of data is never closed")
	}
	stop := at[1] + n
	return &block{kind: kind, start: at[1], stop: stop, end: stop + len(">>>")}, nil
}

// blanked returns a text of as many bytes and the same lines, which is blank.
func blanked(text string) string {
	blank := []byte(text)
	for i, c := range blank {
		if c != '\n' {
			blank[i] = ' '
		}
	}
	return string(blank)
}

// execute carries a template out.
func execute(ctx context.Context, src syntax.Source, text string, data any) (string, error) {
	if err := checkActions(src, text); err != nil {
		return "", err
	}
	t, err := texttemplate.New("iql").Option("missingkey=error").Parse(text)
	if err != nil {
		return "", placed(src, err)
	}
	b := &bounded{ctx: ctx}
	if err := t.Execute(b, data); err != nil {
		if errors.Is(err, errLong) || ctx.Err() != nil {
			return "", stopped(ctx, src, err)
		}
		return "", placed(src, err)
	}
	return b.String(), nil
}

// bounded keeps what is written to it, up to a length and while ctx lasts.
type bounded struct {
	ctx context.Context
	strings.Builder
}

var (
	errLong = fmt.Errorf("it writes more than %d MB", maxOutput>>20)
	errTime = fmt.Errorf("it takes more than %s", maxTime)
)

// Write takes what the template writes.
func (b *bounded) Write(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.Len()+len(p) > maxOutput {
		return 0, errLong
	}
	return b.Builder.Write(p)
}

// await runs f until ctx ends. Neither text/template nor Jsonnet can be stopped:
// what is left of f runs on then, and ends with the program.
func await(ctx context.Context, src syntax.Source, f func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := f()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", stopped(ctx, src, ctx.Err())
	}
}

// stopped returns why a template was stopped.
func stopped(ctx context.Context, src syntax.Source, err error) error {
	switch {
	case errors.Is(err, errLong):
		err = errLong
	case errors.Is(context.Cause(ctx), errTime):
		err = errTime
	default:
		return ctx.Err()
	}
	return problem(src, 0, "", "the template was stopped: %v", err)
}

var (
	// where is how text/template begins its errors: the line, and the column in
	// bytes, from 0, which errors of its parser do not have.
	where = regexp.MustCompile(`\Atemplate: iql:(\d+):(?:(\d+):)? `)
	// executing follows in errors of carrying out.
	executing = regexp.MustCompile(`\Aexecuting "[^"]*" at (?:<(.*?)>: )?`)
)

// placed gives an error of text/template its place in the text.
func placed(src syntax.Source, err error) error {
	text := err.Error()
	at := where.FindStringSubmatch(text)
	if at == nil {
		return problem(src, 0, "", "%s", text)
	}
	text = executing.ReplaceAllString(text[len(at[0]):], "")
	line, _ := strconv.Atoi(at[1])
	column, _ := strconv.Atoi(at[2]) // 0 if there is none
	hint := ""
	if strings.Contains(text, "map has no entry for key") {
		hint = "the data have no such name"
	}
	if strings.Contains(text, "function") && strings.Contains(text, "not defined") {
		hint = "a name of the data begins with a dot: {{ .name }}"
	}
	return problem(src, offset(src.Whole, line, column), hint, "%s", text)
}

// offset returns where a line, from 1, and a column in bytes, from 0, are in a
// text.
func offset(text string, line, column int) int {
	at := 0
	for range line - 1 {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return len(text)
		}
		at += n + 1
	}
	return min(at+column, len(text))
}

// problem returns an error about a place of a text.
func problem(src syntax.Source, at int, hint, format string, args ...any) *syntax.Error {
	err := src.Errorf(at, 1, hint, format, args...)
	err.Code = CodeTemplate
	return err
}
