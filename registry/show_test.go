package registry

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, which go test -update writes (-want +got):\n%s", file, diff)
	}
}

func TestShow(t *testing.T) {
	r := schools(t)
	var b strings.Builder
	show := func(statement string, answer func(extended bool) Table) {
		for _, extended := range []bool{false, true} {
			table := answer(extended)
			fmt.Fprintf(&b, "-- %s, extended %t --\n%s\n", statement, extended, strings.Join(table.Columns, "; "))
			for _, row := range table.Rows {
				if len(row) != len(table.Columns) {
					t.Errorf("%s: row %q, want %d values", statement, row, len(table.Columns))
				}
				text, err := json.Marshal(row)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "%s\n", text)
			}
		}
	}
	show("SHOW PROVIDERS", r.ShowProviders)
	p := r.Providers[0]
	show("SHOW SERVICES IN school", p.ShowServices)
	show("SHOW RESOURCES IN school.timetable", p.Services[0].ShowResources)
	lessons, rooms, music := r.resources[0], r.resources[1], r.resources[2]
	for _, res := range []*Resource{lessons, rooms, music} {
		show("SHOW METHODS IN "+res.ID, res.ShowMethods)
		show("DESCRIBE "+res.ID, res.Describe)
	}
	for _, m := range lessons.Methods {
		show("DESCRIBE METHOD "+m.ID, m.Describe)
	}
	golden(t, "testdata/show.txt", b.String())
}

func TestShowInsert(t *testing.T) {
	r := schools(t)
	var b strings.Builder
	for _, required := range []bool{false, true} {
		text, err := r.resources[0].ShowInsert(required)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "-- required only: %t --\n%s\n", required, text)
	}
	golden(t, "testdata/insert.txt", b.String())

	_, err := r.resources[1].ShowInsert(true)
	if want := "school.timetable.rooms has no method for INSERT"; err == nil || err.Error() != want {
		t.Errorf("ShowInsert where nothing can be inserted: %v, want %s", err, want)
	}
}

func TestDescribeInvitations(t *testing.T) {
	res, _ := Embedded().Resource(prefix + "invitations")
	uses := map[string]string{}
	for _, row := range res.Describe(true).Rows {
		uses[row[0].(string)] = fmt.Sprintf("%s, null %s: %s", row[1], row[3], row[4])
	}
	want := map[string]string{
		"id":       "string, null no: read, filter",
		"courseId": "string, null no: read, filter, insert*",
		"userId":   "string, null yes: read, filter, insert*",
		"role":     "string, null no: read, insert*",
	}
	if diff := cmp.Diff(want, uses); diff != "" {
		t.Errorf("Describe (-want +got):\n%s", diff)
	}
}
