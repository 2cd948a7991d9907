package template

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Bounds of Jsonnet.
const (
	maxStack = 500     // calls in calls
	maxCode  = 1 << 20 // bytes of a text: its parser takes stack for each bracket in another
)

// evaluate returns the JSON that a text of Jsonnet stands for. text has the places
// of src, and may import the files beside file.
func evaluate(src syntax.Source, file, text string, vars map[string]string) (string, error) {
	if len(text) > maxCode {
		return "", problem(src, 0, "keep what is long in a file of JSON", "%s is more than %d MB of Jsonnet", file, maxCode>>20)
	}
	vm := jsonnet.MakeVM()
	vm.MaxStack = maxStack
	vm.SetTraceOut(io.Discard)
	for name, value := range vars {
		vm.ExtVar(name, value)
	}
	files := &importer{dir: filepath.Dir(file), contents: map[string]jsonnet.Contents{}}
	if strings.HasPrefix(file, "<") {
		files.dir = "" // standard input has no folder
	}
	defer files.close()
	vm.Importer(files)
	if err := checkNesting(src, text); err != nil {
		return "", err
	}
	node, err := parse(file, text)
	if err != nil {
		return "", located(src, file, err)
	}
	out, err := vm.Evaluate(node)
	if err != nil {
		return "", located(src, file, err)
	}
	if len(out) > maxOutput {
		return "", problem(src, 0, "", "the data are more than %d MB", maxOutput>>20)
	}
	return out, nil
}

// parse returns the tree of a text of Jsonnet. The library does not catch its own
// mistakes there, as it does in evaluation.
func parse(file, text string) (node ast.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("this cannot be read as Jsonnet: %v", r)
		}
	}()
	return jsonnet.SnippetToAST(file, text)
}

// located gives an error of Jsonnet its place: where it came about in src, or
// where src called for what is in an imported file.
func located(src syntax.Source, file string, err error) error {
	if static, ok := errors.AsType[interface {
		error
		Loc() ast.LocationRange
	}](err); ok {
		loc := static.Loc()
		_, message, cut := strings.Cut(static.Error(), loc.String()+" ")
		if !cut {
			message = static.Error()
		}
		return jsonnetProblem(src, file, loc, message)
	}
	runtime, ok := errors.AsType[jsonnet.RuntimeError](err)
	if !ok {
		return problem(src, 0, "", "%v", err)
	}
	message := runtime.Msg
	for i := len(runtime.StackTrace) - 1; i >= 0; i-- {
		if loc := runtime.StackTrace[i].Loc; loc.FileName == file && loc.Begin.IsSet() {
			return jsonnetProblem(src, file, loc, message)
		}
	}
	return problem(src, 0, "", "%s", message)
}

// jsonnetProblem returns an error with a place of Jsonnet, which may be one of an
// imported file.
func jsonnetProblem(src syntax.Source, file string, loc ast.LocationRange, message string) error {
	message, _, _ = strings.Cut(message, "\n")
	hint := ""
	if strings.HasPrefix(message, "Undefined external variable") {
		hint = "give it: --var NAME=VALUE"
	}
	if loc.FileName != file {
		return problem(src, 0, hint, "%s: %s", loc.String(), message)
	}
	return problem(src, offset(src.Whole, loc.Begin.Line, max(loc.Begin.Column-1, 0)), hint, "%s", message)
}

// importer finds the files that Jsonnet imports: those of one folder and below.
type importer struct {
	dir      string // "" for none
	root     *os.Root
	contents map[string]jsonnet.Contents
}

// Import returns a file. The library wants the same contents each time.
func (f *importer) Import(importedFrom, importedPath string) (jsonnet.Contents, string, error) {
	if f.dir == "" {
		return jsonnet.Contents{}, "", fmt.Errorf("nothing can be imported here: %s is in no folder", importedFrom)
	}
	if filepath.IsAbs(importedPath) {
		return jsonnet.Contents{}, "", fmt.Errorf("%s is not in the folder of the template", importedPath)
	}
	found := filepath.Join(filepath.Dir(importedFrom), filepath.FromSlash(importedPath))
	if c, ok := f.contents[found]; ok {
		return c, found, nil
	}
	text, err := f.read(found)
	if err != nil {
		return jsonnet.Contents{}, "", err
	}
	c := jsonnet.MakeContents(text)
	f.contents[found] = c
	return c, found, nil
}

// read returns the text of a file, which must be in the folder once all links
// have been followed.
func (f *importer) read(path string) (string, error) {
	name, err := filepath.Rel(f.dir, path)
	if err != nil || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%s is not in the folder of the template", path)
	}
	if f.root == nil {
		if f.root, err = os.OpenRoot(f.dir); err != nil {
			return "", err
		}
	}
	info, err := f.root.Stat(name)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > maxCode {
		return "", fmt.Errorf("%s is no file of at most %d MB", path, maxCode>>20)
	}
	file, err := f.root.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxCode))
	return string(text), err
}

func (f *importer) close() {
	if f.root != nil {
		_ = f.root.Close() // it was only read
	}
}
