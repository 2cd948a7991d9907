package sqlengine_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// TestMaxPages reads lists of three pages, up to so many of them.
func TestMaxPages(t *testing.T) {
	list := func(_ context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
		return func(yield func(provider.Row, error) bool) {
			for page := range 3 {
				if page > 0 && !yield(nil, nil) {
					return
				}
				if !yield(provider.Row{fmt.Sprint("i", page), args["courseId"], "1", "STUDENT"}, nil) {
					return
				}
			}
		}
	}
	for _, tt := range []struct{ pages, rows, cut int }{{-1, 6, 0}, {0, 6, 0}, {1, 2, 2}, {2, 4, 2}, {3, 6, 0}, {4, 6, 0}} {
		s := sessionOf(t, provider.Methods{schema + ".invitations.list": list}, sqlengine.Options{MaxPages: tt.pages})
		for range 2 { // and not what was cut before
			out, sum, err := run(t.Context(), s, `SELECT id FROM invitations WHERE courseId IN ('1', '2')`)
			if err != nil || len(out.rows) != tt.rows || sum.Cut != tt.cut || (len(sum.Notices) > 0) != (tt.cut > 0) {
				t.Errorf("%d pages: %d rows, %+v, %v, want %d rows and %d lists cut", tt.pages, len(out.rows), sum, err, tt.rows, tt.cut)
			}
			if tt.cut > 0 && !strings.Contains(sum.Notices[0], "for 2 of its calls") {
				t.Errorf("it notes %q", sum.Notices)
			}
		}
	}
}
