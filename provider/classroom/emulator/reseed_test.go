package emulator_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

func TestReseed(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Path: filepath.Join(t.TempDir(), "school.db"), Seed: emulator.Demo()})
	ctx, before, gone := t.Context(), as(t, s, ""), as(t, s, "a@example.edu")
	inv := classroom.Invitation{CourseID: "620015", UserID: "a@example.edu", Role: classroom.Student}
	made, err := before.CreateInvitation(ctx, inv)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reseed(ctx, read(t, small(3))); err != nil {
		t.Fatal(err)
	}
	for name, caller := range map[string]*emulator.Caller{"the admin": before, "a pupil": gone} {
		if _, err := caller.GetCourse(ctx, "101"); provider.CodeOf(err) != provider.Unauthenticated {
			t.Errorf("GetCourse as %s of before = %v, want UNAUTHENTICATED", name, err)
		}
	}
	courses, _, err := as(t, s, "").ListCourses(ctx, classroom.CourseQuery{})
	if err != nil || len(courses) != 1 || courses[0].ID != "101" {
		t.Errorf("ListCourses = %v, %v, want 101", courses, err)
	}
	if _, err := as(t, s, "").GetInvitation(ctx, made.ID); provider.CodeOf(err) != provider.NotFound {
		t.Errorf("GetInvitation of before = %v, want NOT_FOUND", err)
	}

	// Back to the beginning: the same calls come to the same.
	if err := s.Reseed(ctx, emulator.Demo()); err != nil {
		t.Fatal(err)
	}
	again, err := before.CreateInvitation(ctx, inv)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, again); diff != "" {
		t.Errorf("CreateInvitation after Reseed: -first +now\n%s", diff)
	}
}

func TestReseedKeepsToItsLimits(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: read(t, small(3))})
	school := read(t, small(3))
	school.Limits.InvitationsPerDay = 1
	if err := s.Reseed(t.Context(), school); err != nil {
		t.Fatal(err)
	}
	for i, want := range []provider.Code{provider.OK, provider.ResourceExhausted} {
		_, err := as(t, s, "").CreateInvitation(t.Context(), classroom.Invitation{
			CourseID: "101", UserID: []string{"p0@dom.edu", "p1@dom.edu"}[i], Role: classroom.Student,
		})
		if provider.CodeOf(err) != want {
			t.Errorf("CreateInvitation %d = %v, want %v", i, err, want)
		}
	}
}

func TestBrokenReseedChangesNothing(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: read(t, small(1))})
	broken := emulator.Demo()
	broken.Courses[0].OwnerID = "nobody@example.edu"
	if err := s.Reseed(t.Context(), broken); err == nil {
		t.Error("Reseed = nil with a broken seed")
	}
	if _, err := as(t, s, "").GetCourse(t.Context(), "101"); err != nil {
		t.Errorf("GetCourse afterwards = %v", err)
	}
}

func TestUser(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: read(t, busy)})
	for _, test := range []struct {
		key  string
		want *emulator.Account // nil is NOT_FOUND
	}{
		{"A@dom.edu", &emulator.Account{
			UserProfile: classroom.UserProfile{ID: "1", EmailAddress: "a@dom.edu"}, Domain: "dom.edu", Admin: true,
		}},
		{"7", &emulator.Account{
			UserProfile: classroom.UserProfile{ID: "7", EmailAddress: "d@dom.edu"}, Domain: "dom.edu", Disabled: true,
		}},
		{"8", &emulator.Account{UserProfile: classroom.UserProfile{ID: "8", EmailAddress: "e@ext.org"}}},
		{"10", &emulator.Account{
			UserProfile: classroom.UserProfile{ID: "10", EmailAddress: "off@dom.edu"}, Domain: "dom.edu", ClassroomDisabled: true,
		}},
		{"nobody@dom.edu", nil},
		{"4711", nil},
		{"me", nil},
		{"", nil},
	} {
		got, err := s.User(t.Context(), test.key)
		if test.want == nil && provider.CodeOf(err) != provider.NotFound || test.want != nil && err != nil {
			t.Errorf("User(%q) = %v", test.key, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("User(%q): -want +got\n%s", test.key, diff)
		}
	}
}
