package registry

import (
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPage(t *testing.T) {
	r := schools(t)
	golden(t, "testdata/lessons.md", Page(r.resources[0]))
	golden(t, "testdata/music.md", Page(r.resources[2]))
	golden(t, "testdata/index.md", Pages(r)["README.md"])
}

// TestReferenceIsFresh fails if docs/reference is not what go generate makes:
// a page that is missing, that is old, or that no resource has.
func TestReferenceIsFresh(t *testing.T) {
	want := Pages(Embedded())
	got := map[string]string{}
	dir := os.DirFS("../docs/reference")
	err := fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(dir, path)
		got[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/reference is not fresh, run go generate ./... (-want +got):\n%s", diff)
	}
}
