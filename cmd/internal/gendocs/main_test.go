package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/old.md", "a/b.md", "picture.svg"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("was here"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(dir, map[string]string{"README.md": "index", "a/b.md": "page", "c/d/e.md": "deep"}); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, path))
		got[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"README.md": "index", "a/b.md": "page", "c/d/e.md": "deep", "picture.svg": "was here"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files after write (-want +got):\n%s", diff)
	}
}
