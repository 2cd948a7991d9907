package classroom_test

import (
	"fmt"
	"testing"

	"github.com/iql-lang/iql/provider/classroom"
)

// A Seen remembers what it was told last, whether it was asked in between or not.
func TestSeen(t *testing.T) {
	for _, asked := range []bool{false, true} {
		var seen classroom.Seen
		for page := range 100 {
			var invs []*classroom.Invitation
			for i := range 500 {
				invs = append(invs, &classroom.Invitation{ID: fmt.Sprintf("%d-%d", page, i), UserID: fmt.Sprint(page)})
			}
			seen.Add(invs...)
			if inv, ok := seen.Get("0-0"); asked && ok != (page < 20) {
				t.Fatalf("after page %d: Get(0-0) = %v, %v", page, inv, ok)
			}
		}
		for id, want := range map[string]bool{"99-499": true, "80-0": true, "79-499": false, "0-0": false, "x": false} {
			if inv, ok := seen.Get(id); ok != want || ok && inv.ID != id {
				t.Errorf("asked before = %v: Get(%s) = %v, %v, want %v", asked, id, inv, ok, want)
			}
		}
		// One that is seen again is remembered as long as its last page.
		seen.Add(&classroom.Invitation{ID: "80-0", UserID: "new"})
		if inv, _ := seen.Get("80-0"); inv.UserID != "new" {
			t.Errorf("Get(80-0) = %v, want what was seen last", inv)
		}
	}
}
