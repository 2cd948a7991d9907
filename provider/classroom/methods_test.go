package classroom_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
)

// full answers every method with a value in every field.
type full struct{ classroom.Backend }

func (full) GetInvitation(_ context.Context, id string) (*classroom.Invitation, error) {
	return &classroom.Invitation{ID: id, CourseID: "101", UserID: "7", Role: classroom.Teacher}, nil
}

func (f full) ListInvitations(ctx context.Context, _ classroom.InvitationQuery) ([]*classroom.Invitation, string, error) {
	inv, err := f.GetInvitation(ctx, "i1")
	return []*classroom.Invitation{inv}, "", err
}

func (full) CreateInvitation(_ context.Context, inv classroom.Invitation) (*classroom.Invitation, error) {
	inv.ID = "i2"
	return &inv, nil
}

func (full) DeleteInvitation(context.Context, string) error { return nil }
func (full) AcceptInvitation(context.Context, string) error { return nil }

func (full) GetCourse(_ context.Context, id string) (*classroom.Course, error) {
	return &classroom.Course{
		ID: id, Name: "name", Section: "section", DescriptionHeading: "heading", Description: "description",
		Room: "room", OwnerID: "owner", CourseState: "ACTIVE", CreationTime: "created", UpdateTime: "updated",
		EnrollmentCode: "code", AlternateLink: "link",
	}, nil
}

func (f full) ListCourses(ctx context.Context, q classroom.CourseQuery) ([]*classroom.Course, string, error) {
	c, err := f.GetCourse(ctx, fmt.Sprint(q.StudentID, q.TeacherID, q.States))
	return []*classroom.Course{c}, "", err
}

func (full) ListCourseAliases(context.Context, string, classroom.Page) ([]string, string, error) {
	return []string{"d:algebra", "d:a"}, "", nil
}

func (full) member(course, user string) *classroom.Member {
	return &classroom.Member{CourseID: course, UserID: user, Profile: classroom.UserProfile{
		ID: user, GivenName: "given", FamilyName: "family", FullName: "full", EmailAddress: "email", PhotoURL: "photo",
	}}
}

func (f full) GetStudent(_ context.Context, course, user string) (*classroom.Member, error) {
	return f.member(course, user), nil
}

func (f full) GetTeacher(_ context.Context, course, user string) (*classroom.Member, error) {
	return f.member(course, user), nil
}

func (f full) ListStudents(_ context.Context, course string, _ classroom.Page) ([]*classroom.Member, string, error) {
	return []*classroom.Member{f.member(course, "student")}, "", nil
}

func (f full) ListTeachers(_ context.Context, course string, _ classroom.Page) ([]*classroom.Member, string, error) {
	return []*classroom.Member{f.member(course, "teacher")}, "", nil
}

func (f full) GetUserProfile(_ context.Context, user string) (*classroom.UserProfile, error) {
	return &f.member("", user).Profile, nil
}

func TestMethodsGiveTheRegistrysRows(t *testing.T) {
	t.Parallel()
	course := provider.Row{
		"101", "name", "section", "heading", "description", "room", "owner", "ACTIVE", "created", "updated", "code", "link",
	}
	courseWithID := func(id string) provider.Row {
		return append(provider.Row{id}, course[1:]...)
	}
	tests := []struct {
		method string
		args   provider.Args
		want   []provider.Row
	}{
		{"invitations.get", provider.Args{"id": "i9"}, []provider.Row{{"i9", "101", "7", "TEACHER"}}},
		{"invitations.list", provider.Args{"courseId": "101"}, []provider.Row{{"i1", "101", "7", "TEACHER"}}},
		{
			"invitations.create",
			provider.Args{"courseId": "101", "userId": "8", "role": "STUDENT"},
			[]provider.Row{{"i2", "101", "8", "STUDENT"}},
		},
		{"invitations.delete", provider.Args{"id": "i9"}, nil},
		{"invitations.accept", provider.Args{"id": "i9"}, nil},
		{"courses.get", provider.Args{"id": "101"}, []provider.Row{course}},
		{"courses.list", provider.Args{}, []provider.Row{courseWithID("[]")}},
		{
			"courses.list",
			provider.Args{"teacherId": "t", "studentId": "s", "courseState": "ACTIVE"},
			[]provider.Row{courseWithID("st[ACTIVE]")},
		},
		{
			"courses_aliases.list",
			provider.Args{"courseId": "d:a"},
			[]provider.Row{{"d:a", "d:algebra"}, {"d:a", "d:a"}},
		},
		{
			"students.get",
			provider.Args{"courseId": "101", "userId": "me"},
			[]provider.Row{{"101", "me", "full", "given", "family", "email", "photo"}},
		},
		{
			"students.list",
			provider.Args{"courseId": "101"},
			[]provider.Row{{"101", "student", "full", "given", "family", "email", "photo"}},
		},
		{
			"teachers.get",
			provider.Args{"courseId": "101", "userId": "me"},
			[]provider.Row{{"101", "me", "full", "given", "family", "email", "photo"}},
		},
		{
			"teachers.list",
			provider.Args{"courseId": "101"},
			[]provider.Row{{"101", "teacher", "full", "given", "family", "email", "photo"}},
		},
		{
			"user_profiles.get",
			provider.Args{"userId": "7"},
			[]provider.Row{{"7", "7", "full", "given", "family", "email", "photo", false}},
		},
		{
			"user_profiles.get",
			provider.Args{"id": "7"},
			[]provider.Row{{"7", "7", "full", "given", "family", "email", "photo", false}},
		},
	}
	methods := classroom.Methods(full{})
	unused := maps.Clone(methods)
	for _, test := range tests {
		id := "googleworkspace.classroom." + test.method
		method, ok := methods[id]
		if !ok {
			t.Errorf("Methods has no %s", id)
			continue
		}
		delete(unused, id)
		got, err := rows(method(t.Context(), test.args))
		if err != nil {
			t.Errorf("%s(%v) = %v", id, test.args, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s(%v): -want +got\n%s", id, test.args, diff)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(unused)) {
		t.Errorf("Methods has %s, which no case calls", id)
	}
}

// paged has pages of invitations, whose tokens are "1", "2" and so on.
type paged struct {
	classroom.Backend
	pages [][]string // of ids; the last is an error if it is nil
	asked []classroom.Page
}

var errLastPage = errors.New("the last page is broken")

func (p *paged) ListInvitations(_ context.Context, q classroom.InvitationQuery) ([]*classroom.Invitation, string, error) {
	p.asked = append(p.asked, q.Page)
	n := 0
	if q.Token != "" {
		fmt.Sscan(q.Token, &n)
	}
	if p.pages[n] == nil {
		return nil, "", errLastPage
	}
	var page []*classroom.Invitation
	for _, id := range p.pages[n] {
		page = append(page, &classroom.Invitation{ID: id})
	}
	if n == len(p.pages)-1 {
		return page, "", nil
	}
	return page, fmt.Sprint(n + 1), nil
}

func TestListIsLazy(t *testing.T) {
	t.Parallel()
	pages := [][]string{{"a", "b"}, {}, {"c"}, {"d"}}
	for want, asked := range map[int]int{1: 1, 2: 1, 3: 3, 4: 4, 5: 4} {
		// Asking for none more than a page holds fetches no other.
		b := &paged{pages: pages}
		got := 0
		for row, err := range list(t.Context(), b) {
			if err != nil {
				t.Fatalf("list = %v", err)
			}
			if row == nil {
				continue // between pages
			}
			if diff := cmp.Diff(provider.Row{string(rune('a' + got)), nil, nil, nil}, row); diff != "" {
				t.Fatalf("row %d: -want +got\n%s", got, diff)
			}
			if got++; got >= want {
				break
			}
		}
		if len(b.asked) != asked {
			t.Errorf("list stopped after %d rows asked for %d pages, want %d", want, len(b.asked), asked)
		}
		for _, page := range b.asked {
			if page.Size != 500 {
				t.Errorf("list asked for a page of %d, want 500", page.Size)
			}
		}
	}
}

func TestListFailsOnALaterPage(t *testing.T) {
	t.Parallel()
	got, err := rows(list(t.Context(), &paged{pages: [][]string{{"a"}, {"b"}, nil}}))
	if len(got) != 2 || !errors.Is(err, errLastPage) {
		t.Errorf("list = %d rows, %v, want 2, %v", len(got), err, errLastPage)
	}
}

// stuck gives the same token with every page.
type stuck struct{ classroom.Backend }

func (stuck) ListInvitations(context.Context, classroom.InvitationQuery) ([]*classroom.Invitation, string, error) {
	return []*classroom.Invitation{{ID: "a"}}, "again", nil
}

func TestListEndsWhenATokenRepeats(t *testing.T) {
	t.Parallel()
	got, err := rows(list(t.Context(), stuck{}))
	if len(got) != 2 || provider.CodeOf(err) != provider.Internal {
		t.Errorf("list = %d rows, %v, want 2, INTERNAL", len(got), err)
	}
}

func TestListEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range list(ctx, &paged{pages: [][]string{{"a"}, {"b"}}}) {
		n, last = n+1, err
		cancel()
	}
	// The row, the end of its page, and the error.
	if n != 3 || !errors.Is(last, context.Canceled) {
		t.Errorf("list, canceled at its first row, yields %d times and ends with %v, want 3, %v", n, last, context.Canceled)
	}
}

func list(ctx context.Context, b classroom.Backend) func(func(provider.Row, error) bool) {
	return classroom.Methods(b)["googleworkspace.classroom.invitations.list"](ctx, provider.Args{"courseId": "101"})
}

// rows collects an answer.
func rows(seq func(func(provider.Row, error) bool)) (all []provider.Row, err error) {
	for row, err := range seq {
		if err != nil {
			return all, err
		}
		if row != nil {
			all = append(all, row)
		}
	}
	return all, nil
}
