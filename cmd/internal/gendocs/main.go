// Gendocs writes the pages of the reference, which are made from the embedded
// provider documents, into the folder that is its argument, and removes other
// Markdown files from it. go generate runs it.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/iql-lang/iql/registry"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gendocs FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1], registry.Pages(registry.Embedded())); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

// write makes the Markdown files below dir those of pages.
func write(dir string, pages map[string]string) error {
	for path, text := range pages {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if _, ok := pages[filepath.ToSlash(rel)]; ok {
			return nil
		}
		return os.Remove(path)
	})
}
