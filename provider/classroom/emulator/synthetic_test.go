package emulator_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

func TestParseSynthetic(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want *emulator.Synthetic
		err  string
	}{
		{"courses=1000,invitations=20,students=30,users=5000", &emulator.Synthetic{1000, 20, 30, 5000}, ""},
		{"users=7, courses=2", &emulator.Synthetic{Courses: 2, Users: 7}, ""},
		{"courses=2", &emulator.Synthetic{Courses: 2}, ""},
		{"users=1", &emulator.Synthetic{Users: 1}, ""},
		{"course=2", nil, `synthetic school "course=2": "course": did you mean courses?`},
		{"", nil, `synthetic school "": "" is none of courses, invitations, students, users`},
		{"courses=2,courses=3", nil, `synthetic school "courses=2,courses=3": courses is there twice`},
		{"courses=many", nil, `synthetic school "courses=many": courses is "many", not a number`},
		{"courses", nil, `synthetic school "courses": courses is "", not a number`},
		{
			"courses=-1", nil,
			`synthetic school "courses=-1,invitations=0,students=0,users=0": -1 is not between 0 and 100000000`,
		},
		{
			"courses=1,invitations=2,students=3,users=6", nil,
			`synthetic school "courses=1,invitations=2,students=3,users=6": an admin, a teacher, the students and the invited are 7 users`,
		},
	} {
		got, err := emulator.ParseSynthetic(test.text)
		text := ""
		if err != nil {
			got, text = nil, err.Error()
		}
		if diff := cmp.Diff(test.want, got); diff != "" || text != test.err {
			t.Errorf("ParseSynthetic(%q) = %v, %q, want %v, %q", test.text, got, text, test.want, test.err)
		}
	}
}

// A synthetic school has what its numbers say, in each course, and is the same
// each time.
func TestSynthetic(t *testing.T) {
	t.Parallel()
	for _, school := range []emulator.Synthetic{
		{Courses: 40, Invitations: 20, Students: 30, Users: 60},
		{Courses: 40, Invitations: 12, Students: 3},
		{Courses: 3, Students: 1},
		{Courses: 3},
		{Users: 5},
		{},
	} {
		t.Run(school.String(), func(t *testing.T) {
			t.Parallel()
			first := portrait(t, open(t, emulator.Options{Synthetic: &school}), &school)
			second := portrait(t, open(t, emulator.Options{
				Synthetic: &school, Path: filepath.Join(t.TempDir(), "school.db"),
			}), &school)
			if diff := cmp.Diff(first, second); diff != "" {
				t.Errorf("one store and another: -one +other\n%s", diff)
			}
		})
	}
}

// portrait returns all that is in the courses of a synthetic school.
func portrait(t *testing.T, s *emulator.Store, school *emulator.Synthetic) (all []any) {
	t.Helper()
	ctx, admin := t.Context(), as(t, s, "admin@example.edu")
	whole := classroom.Page{Size: 500}
	courses, _, err := admin.ListCourses(ctx, classroom.CourseQuery{Page: whole})
	if err != nil || len(courses) != school.Courses {
		t.Fatalf("ListCourses = %d courses, %v, want %d", len(courses), err, school.Courses)
	}
	for i, c := range courses {
		if want := strconv.Itoa(100_000 + school.Courses - i); c.ID != want {
			t.Errorf("course %d is %s, want %s", i, c.ID, want)
		}
		invitations, _, err := admin.ListInvitations(ctx, classroom.InvitationQuery{CourseID: c.ID})
		if err != nil || len(invitations) != school.Invitations {
			t.Fatalf("ListInvitations(%s) = %d, %v, want %d", c.ID, len(invitations), err, school.Invitations)
		}
		students, _, err := admin.ListStudents(ctx, c.ID, whole)
		if err != nil || len(students) != school.Students {
			t.Fatalf("ListStudents(%s) = %d, %v, want %d", c.ID, len(students), err, school.Students)
		}
		teachers, _, err := admin.ListTeachers(ctx, c.ID, whole)
		if err != nil || len(teachers) != 1 || teachers[0].UserID != c.OwnerID {
			t.Fatalf("ListTeachers(%s) = %v, %v, want its owner", c.ID, teachers, err)
		}
		people := map[string]bool{c.OwnerID: true}
		for _, inv := range invitations {
			people[inv.UserID] = true
		}
		for _, m := range students {
			people[m.UserID] = true
		}
		if len(people) != 1+school.Students+school.Invitations {
			t.Errorf("course %s has somebody twice", c.ID)
		}
		all = append(all, c, invitations, students, teachers)
	}
	return all
}

// The rules hold in a synthetic school as in any other.
func TestSyntheticIsAStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "school.db")
	school := &emulator.Synthetic{Courses: 500, Invitations: 20, Students: 30, Users: 1000}
	s := open(t, emulator.Options{Synthetic: school, Path: path})
	ctx, admin := t.Context(), as(t, s, "")
	page, _, err := admin.ListInvitations(ctx, classroom.InvitationQuery{CourseID: "100077"})
	if err != nil {
		t.Fatal(err)
	}
	invitee := as(t, s, page[3].UserID)
	if err := invitee.AcceptInvitation(ctx, page[3].ID); err != nil {
		t.Errorf("AcceptInvitation = %v", err)
	}
	if _, err := invitee.GetStudent(ctx, "100077", "me"); err != nil {
		t.Errorf("GetStudent after AcceptInvitation = %v", err)
	}
	if err := admin.DeleteCourse(ctx, "100078"); err != nil {
		t.Errorf("DeleteCourse = %v", err)
	}
	inv, err := admin.CreateInvitation(ctx, classroom.Invitation{
		CourseID: "100079", UserID: "admin@example.edu", Role: classroom.Student,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range page {
		if inv.ID == other.ID {
			t.Errorf("CreateInvitation gave the id %s, which is another's", inv.ID)
		}
	}
	if !s.New() {
		t.Error("New() = false for the Open that made the store")
	}
	start := time.Now()
	if _, _, err := admin.ListInvitations(ctx, classroom.InvitationQuery{CourseID: "100400"}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("a list took %v", took)
	}
}

func TestOneKindOfContents(t *testing.T) {
	t.Parallel()
	for _, opts := range []emulator.Options{
		{Seed: emulator.Demo(), Synthetic: &emulator.Synthetic{}},
		{Synthetic: &emulator.Synthetic{Courses: 1, Users: 1}},
	} {
		if s, err := emulator.Open(t.Context(), opts); err == nil {
			s.Close()
			t.Errorf("Open(%+v) = nil, want an error", opts)
		}
	}
}
