// Gendocs writes what is made from the commands of iql and from the embedded
// provider documents into the folder that is its argument, docs: the pages of
// the reference, the man pages, and the completion script of each shell. It
// removes what it made before and makes no more. go generate runs it.
package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/iql-lang/iql/cmd/internal/cli"
	"github.com/iql-lang/iql/registry"
)

//go:generate go run . ../../../docs

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gendocs FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

func run(docs string) error {
	all, err := folders()
	if err != nil {
		return err
	}
	for _, f := range all {
		if err := f.write(docs); err != nil {
			return err
		}
	}
	return nil
}

// folder is a folder of files that are all made here, but for those whose names
// end otherwise.
type folder struct {
	name  string
	ends  []string          // of the names of its files, such as ".md"
	files map[string]string // text by path, divided by slashes
}

// folders returns all that is made.
func folders() ([]folder, error) {
	root, topics := cli.Tree(), cli.Topics()
	reference := registry.Pages(registry.Embedded())
	maps.Copy(reference, commandPages(root))
	scripts, err := completionScripts()
	return []folder{
		{"reference", []string{".md"}, reference},
		{"man", []string{".1", ".7"}, manPages(root, topics)},
		{"completion", []string{".bash", "_iql", ".fish", ".ps1"}, scripts},
	}, err
}

// write makes the files of the folder below docs those of f.
func (f folder) write(docs string) error {
	dir := filepath.Join(docs, f.name)
	for path, text := range f.files {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			return err
		}
	}
	made, err := f.made(docs)
	if err != nil {
		return err
	}
	for path := range made {
		if _, ok := f.files[path]; ok {
			continue
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(path))); err != nil {
			return err
		}
	}
	return nil
}

// made returns the files that are in the folder below docs, as f.files has them.
func (f folder) made(docs string) (map[string]string, error) {
	files := map[string]string{}
	dir := filepath.Join(docs, f.name)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !f.owns(d.Name()) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = string(text)
		return err
	})
	return files, err
}

// owns reports whether a file of this name can only have been made here.
func (f folder) owns(name string) bool {
	return slices.ContainsFunc(f.ends, func(end string) bool { return name == end || filepath.Ext(name) == end })
}
