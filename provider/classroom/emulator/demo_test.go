package emulator_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

func TestDemoIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	one, other := emulator.Demo(), emulator.Demo()
	if diff := cmp.Diff(one, other, cmp.AllowUnexported(
		emulator.Domain{}, emulator.SeedUser{}, emulator.SeedCourse{}, emulator.SeedInvitation{},
	)); diff != "" {
		t.Errorf("Demo() differs from Demo(): -one +other\n%s", diff)
	}
	for _, u := range one.Users {
		for _, r := range u.Email {
			if r > 127 {
				t.Errorf("the address %s has a letter beyond ASCII", u.Email)
			}
		}
	}
}

// What examples and manuals say of the demo school.
func TestDemoHasWhatIsPromised(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: emulator.Demo()})
	admin, ctx := as(t, s, ""), t.Context()
	for _, course := range []string{"620015", "620016", "620017"} {
		page, _, err := admin.ListInvitations(ctx, classroom.InvitationQuery{CourseID: course})
		if err != nil {
			t.Fatal(err)
		}
		roles := map[classroom.Role]int{}
		for _, inv := range page {
			roles[inv.Role]++
		}
		if roles[classroom.Student] < 3 || roles[classroom.Teacher] < 2 {
			t.Errorf("course %s has the invitations %v, want several STUDENT and TEACHER", course, roles)
		}
	}
	for id, course := range map[string]string{
		"NjIwMDE1": "620015", "NjIwMDE5": "620016", "NjIwMDIy": "620017", "NjIwMDI1": "620015",
	} {
		inv, err := admin.GetInvitation(ctx, id)
		if err != nil || inv.CourseID != course || inv.Role != classroom.Student {
			t.Errorf("GetInvitation(%s) = %+v, %v, want a STUDENT of %s", id, inv, err, course)
		}
	}
	for _, id := range []string{"NjIwMDE2", "NjIwMDE3"} {
		if err := admin.AcceptInvitation(ctx, id); err != nil {
			t.Errorf("AcceptInvitation(%s) as the first admin = %v", id, err)
		}
	}
	for _, user := range []string{"a", "c", "e", "f", "h", "z", "t1"} {
		for _, course := range []string{"620015", "620016"} {
			_, err := admin.CreateInvitation(ctx, classroom.Invitation{
				CourseID: course, UserID: user + "@example.edu", Role: classroom.Student,
			})
			if err != nil {
				t.Errorf("CreateInvitation(%s, %s@example.edu, STUDENT) = %v", course, user, err)
			}
		}
	}
	c, err := admin.GetCourse(ctx, "d:algebra")
	if err != nil || c.ID != "101" || c.Name != "Algebra I" {
		t.Errorf("GetCourse(d:algebra) = %+v, %v, want 101, Algebra I", c, err)
	}
	_, err = admin.CreateInvitation(ctx, classroom.Invitation{
		CourseID: "101", UserID: "former.teacher@example.edu", Role: classroom.Student,
	})
	if provider.CodeOf(err) != provider.FailedPrecondition {
		t.Errorf("CreateInvitation of the disabled account = %v, want FAILED_PRECONDITION", err)
	}
}
