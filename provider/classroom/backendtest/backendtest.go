// Package backendtest is the suite that every [classroom.Backend] passes,
// whatever stands behind it: Classroom's rules, one case each.
//
// A backend's own test calls [Run] with a function that opens a backend on a
// school, which is written in the emulator's YAML:
//
//	func TestBackend(t *testing.T) {
//		backendtest.Run(t, func(t *testing.T, school string) backendtest.Harness { ... })
//	}
//
// Every case has a school of its own and runs in parallel with the others. Its
// name begins with a number that stays the same, so that "case 24" means
// something in a report. What a refusal looks like stands in outcomes.go.
package backendtest

import (
	"testing"

	"github.com/iql-lang/iql/provider/classroom"
)

// Harness is a backend that has been opened on a school, for one case. What it
// needs closed, it closes by t.Cleanup.
type Harness interface {
	// As returns the backend for a user, by e-mail address. A user whom the
	// backend does not let in fails the test.
	As(t *testing.T, email string) classroom.Backend
}

// Open opens a backend on a school.
type Open func(t *testing.T, school string) Harness

// A test is one case: a name, the school if it is not the usual one, and what
// happens there.
type test struct {
	name   string
	school string
	run    func(w *world)
}

// Run runs the suite on the backend that open opens.
func Run(t *testing.T, open Open) {
	for _, family := range []struct {
		name  string
		tests []test
	}{
		{"create", createTests},
		{"get", getTests},
		{"delete", deleteTests},
		{"accept", acceptTests},
		{"list", listTests},
		{"switches", switchTests},
		{"courses", courseTests},
		{"rosters", rosterTests},
		{"profiles", profileTests},
	} {
		t.Run(family.name, func(t *testing.T) {
			for _, test := range family.tests {
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					school := test.school
					if school == "" {
						school = usualSchool
					}
					test.run(&world{T: t, harness: open(t, school)})
				})
			}
		})
	}
}
