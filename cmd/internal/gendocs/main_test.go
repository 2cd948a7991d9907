package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFresh fails if docs is not what go generate makes: a file that is missing,
// that is old, or that nothing stands behind.
func TestFresh(t *testing.T) {
	all, err := folders()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		got, err := f.made("../../../docs")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(f.files, got); diff != "" {
			t.Errorf("docs/%s is not fresh, run go generate ./... (-want +got):\n%s", f.name, diff)
		}
	}
}

// TestSame makes all of it twice: a page that has the day or the order of a map
// in it would never be fresh.
func TestSame(t *testing.T) {
	once, err := folders()
	if err != nil {
		t.Fatal(err)
	}
	again, err := folders()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(once, again, cmp.AllowUnexported(folder{})); diff != "" {
		t.Errorf("the second time (-first +second):\n%s", diff)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"x/a/old.md", "x/a/b.md", "x/_old", "x/picture.svg", "y/other.md"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("was here"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	f := folder{"x", []string{".md", "_old"}, map[string]string{"README.md": "index", "a/b.md": "page", "c/d/e.md": "deep"}}
	if err := f.write(dir); err != nil {
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
	want := map[string]string{
		"x/README.md": "index", "x/a/b.md": "page", "x/c/d/e.md": "deep",
		"x/picture.svg": "was here", "y/other.md": "was here",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files after write (-want +got):\n%s", diff)
	}
}
