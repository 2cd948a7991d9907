package registry

import "testing"

func TestPage(t *testing.T) {
	r := schools(t)
	golden(t, "testdata/lessons.md", Page(r.resources[0]))
	golden(t, "testdata/music.md", Page(r.resources[2]))
	golden(t, "testdata/index.md", Pages(r)["README.md"])
}
