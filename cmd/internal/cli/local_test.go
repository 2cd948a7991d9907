package cli

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/registry"
)

// TestLocalMethods compares the functions with the document: each method has one, and
// each function a method.
func TestLocalMethods(t *testing.T) {
	t.Parallel()
	var want []string
	for _, res := range registry.Embedded().Resources() {
		for _, m := range res.Methods {
			if res.Local() {
				want = append(want, m.ID)
			}
		}
	}
	slices.Sort(want)
	if d := cmp.Diff(want, slices.Sorted(maps.Keys(new(app).localMethods()))); d != "" {
		t.Errorf("methods (-document +functions)\n%s", d)
	}
}
