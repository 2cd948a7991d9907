package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// busy is a school in which something stands in every way: course 104 has an
// owner whose account is disabled, and 105 is archived, 106 declined and 107
// suspended; t@dom.edu is invited to own 103.
const busy = `
domains: [{name: dom.edu}, {name: other.edu}]
users:
- {id: 1, email: a@dom.edu, admin: true}
- {id: 2, email: o@dom.edu}
- {id: 3, email: t@dom.edu}
- {id: 4, email: s@dom.edu}
- {id: 5, email: i@dom.edu}
- {id: 6, email: x@dom.edu}
- {id: 7, email: d@dom.edu, disabled: true}
- {id: 8, email: e@ext.org}
- {id: 9, email: b@other.edu, admin: true}
- {id: 10, email: off@dom.edu, classroomDisabled: true}
courses:
- {id: 101, name: Maths, ownerId: 2, teachers: [3, 7], students: [4], aliases: ["d:math"], enrollmentCode: abc}
- {id: 102, name: Piano, ownerId: 8, enrollmentCode: def}
- {id: 103, name: Physics, ownerId: 2, teachers: [3], courseState: PROVISIONED}
- {id: 104, name: Latin, ownerId: 7, teachers: [3]}
- {id: 105, name: Greek, ownerId: 2, courseState: ARCHIVED, enrollmentCode: ghi}
- {id: 106, name: Dance, ownerId: 2, courseState: DECLINED}
- {id: 107, name: Magic, ownerId: 2, courseState: SUSPENDED}
invitations:
- {id: inv, courseId: 101, userId: 5, role: TEACHER}
- {id: own, courseId: 103, userId: 3, role: OWNER}
`

// What a change comes to, where it is refused; and the refusals as people read
// them.
const (
	deniedText   = "PERMISSION_DENIED: The caller does not have permission"
	notFoundText = "NOT_FOUND: Requested entity was not found."
	invalidText  = "INVALID_ARGUMENT: Request contains an invalid argument."
	existsText   = "ALREADY_EXISTS: Requested entity already exists"
	preText      = "FAILED_PRECONDITION: Precondition check failed."
	noCourseText = "NOT_FOUND: @CourseNotFound The course was not found."
	directText   = "PERMISSION_DENIED: @CannotDirectAddUser Unable to directly add the user to the course. " +
		"Please check that the user account exists and is within the course admin's domain."
	frozenText   = "FAILED_PRECONDITION: @CourseNotModifiable The course is in a state that cannot be modified."
	inactiveText = "FAILED_PRECONDITION: @InactiveCourseOwner The owner of the course is not active."
)

func TestChangesAreRefused(t *testing.T) {
	t.Parallel()
	create := func(c classroom.Course) func(*emulator.Caller) error {
		return func(caller *emulator.Caller) error {
			_, err := caller.CreateCourse(t.Context(), c)
			return err
		}
	}
	patch := func(id, mask string, c classroom.Course) func(*emulator.Caller) error {
		return func(caller *emulator.Caller) error {
			var fields []string
			if mask != "" {
				fields = strings.Split(mask, ",")
			}
			_, err := caller.PatchCourse(t.Context(), id, c, fields)
			return err
		}
	}
	transfer := func(id, owner string) func(*emulator.Caller) error {
		return patch(id, "ownerId", classroom.Course{OwnerID: owner})
	}
	become := func(id, state string) func(*emulator.Caller) error {
		return patch(id, "courseState", classroom.Course{CourseState: state})
	}
	rename := func(id, name string) func(*emulator.Caller) error {
		return patch(id, "name", classroom.Course{Name: name})
	}
	remove := func(id string) func(*emulator.Caller) error {
		return func(c *emulator.Caller) error { return c.DeleteCourse(t.Context(), id) }
	}
	alias := func(id, name string) func(*emulator.Caller) error {
		return func(c *emulator.Caller) error {
			_, err := c.CreateCourseAlias(t.Context(), id, name)
			return err
		}
	}
	unalias := func(id, name string) func(*emulator.Caller) error {
		return func(c *emulator.Caller) error { return c.DeleteCourseAlias(t.Context(), id, name) }
	}
	student := func(id, user, code string) func(*emulator.Caller) error {
		return func(c *emulator.Caller) error {
			_, err := c.CreateStudent(t.Context(), id, user, code)
			return err
		}
	}
	teacher := func(id, user string) func(*emulator.Caller) error {
		return func(c *emulator.Caller) error {
			_, err := c.CreateTeacher(t.Context(), id, user)
			return err
		}
	}
	noStudent := func(id, user string) func(*emulator.Caller) error {
		return func(c *emulator.Caller) error { return c.DeleteStudent(t.Context(), id, user) }
	}
	noTeacher := func(id, user string) func(*emulator.Caller) error {
		return func(c *emulator.Caller) error { return c.DeleteTeacher(t.Context(), id, user) }
	}
	art := classroom.Course{Name: "Art", OwnerID: "me"}
	with := func(change func(*classroom.Course)) classroom.Course {
		c := art
		change(&c)
		return c
	}
	for _, test := range []struct {
		name, as string
		call     func(*emulator.Caller) error
		want     string // the error, "" for none
	}{
		{"a course", "x", create(art), ""},
		{"a course that has begun", "x", create(with(func(c *classroom.Course) { c.CourseState = "ACTIVE" })), ""},
		{"a course that is over", "x", create(with(func(c *classroom.Course) { c.CourseState = "ARCHIVED" })), invalidText},
		{"a course without owner", "x", create(classroom.Course{Name: "Art"}), invalidText},
		{"a course without name", "x", create(classroom.Course{OwnerID: "me"}), invalidText},
		{"a long name", "x", create(with(func(c *classroom.Course) { c.Name = strings.Repeat("ä", 750) })), ""},
		{"too long a name", "x", create(with(func(c *classroom.Course) { c.Name = strings.Repeat("ä", 751) })), invalidText},
		{"too long a room", "x", create(with(func(c *classroom.Course) { c.Room = strings.Repeat("x", 651) })), invalidText},
		{"no UTF-8", "x", create(with(func(c *classroom.Course) { c.Section = "\xff" })), invalidText},
		{
			"a name with a link", "x", create(with(func(c *classroom.Course) { c.Name = "See https://example.org" })),
			"FAILED_PRECONDITION: @CourseTitleCannotContainUrl The title of a course cannot contain a URL.",
		},
		{"a course for another", "x", create(classroom.Course{Name: "Art", OwnerID: "o@dom.edu"}), deniedText},
		{"a course for another, by an admin", "a", create(classroom.Course{Name: "Art", OwnerID: "o@dom.edu"}), ""},
		{"a course for somebody outside", "a", create(classroom.Course{Name: "Art", OwnerID: "e@ext.org"}), deniedText},
		{"a course for nobody", "a", create(classroom.Course{Name: "Art", OwnerID: "nobody@dom.edu"}), notFoundText},
		{"a course for a disabled account", "a", create(classroom.Course{Name: "Art", OwnerID: "7"}), preText},
		{
			"a course for somebody without Classroom", "a", create(classroom.Course{Name: "Art", OwnerID: "10"}),
			"FAILED_PRECONDITION: @UserCannotOwnCourse The user cannot own a course.",
		},
		{"a course with an alias", "a", create(with(func(c *classroom.Course) { c.ID = "d:art" })), ""},
		{"a course with an alias in use", "a", create(with(func(c *classroom.Course) { c.ID = "d:math" })), existsText},
		{"a course with a domain's alias, by no admin", "x", create(with(func(c *classroom.Course) { c.ID = "d:art" })), deniedText},
		{"a course with a number of one's own", "x", create(with(func(c *classroom.Course) { c.ID = "4711" })), invalidText},

		{"a new name", "o", rename("d:math", "Algebra"), ""},
		{"a new name, by a co-teacher", "t", rename("101", "Algebra"), ""},
		{"a new name, by an admin", "a", rename("101", "Algebra"), ""},
		{"a new name, by a student", "s", rename("101", "Algebra"), deniedText},
		{"a new name, by an outsider", "x", rename("101", "Algebra"), deniedText},
		{"a new name of nothing", "o", rename("999", "Algebra"), notFoundText},
		{"a new name that is none", "o", rename("101", ""), invalidText},
		{"a new name, archived", "o", rename("105", "Algebra"), frozenText},
		{"a new name, owner inactive", "t", rename("104", "Algebra"), inactiveText},
		{"no mask", "o", patch("101", "", classroom.Course{Name: "Algebra"}), invalidText},
		{"an unknown field", "o", patch("101", "name,colour", classroom.Course{Name: "Algebra"}), invalidText},
		{"a field that is Google's", "o", patch("101", "enrollmentCode", classroom.Course{EnrollmentCode: "x"}), invalidText},

		{"archive", "t", become("101", "ARCHIVED"), ""},
		{"begin", "o", become("103", "ACTIVE"), ""},
		{"decline", "o", become("103", "DECLINED"), ""},
		{"restore", "o", become("105", "ACTIVE"), ""},
		{"restore under another name", "o", patch("105", "courseState,name", classroom.Course{CourseState: "ACTIVE", Name: "Ionic"}), frozenText},
		{"nothing new", "o", become("101", "ACTIVE"), ""},
		{"decline what has begun", "o", become("101", "DECLINED"), preText},
		{"begin what was declined", "o", become("106", "ACTIVE"), frozenText},
		{"offer again what was declined", "o", become("106", "PROVISIONED"), ""},
		{"restore what is suspended", "a", become("107", "ACTIVE"), frozenText},
		{"no such state", "o", become("101", "SLEEPING"), invalidText},
		{"no state", "o", become("101", ""), invalidText},

		{"transfer", "a", transfer("101", "t@dom.edu"), ""},
		{"transfer, by the owner", "o", transfer("101", "t@dom.edu"), deniedText},
		{"transfer, by who would get it", "t", transfer("101", "me"), deniedText},
		{
			"transfer to a student", "a", transfer("101", "s@dom.edu"),
			"FAILED_PRECONDITION: @IneligibleOwner Only a co-teacher can be invited as owner of the course",
		},
		{
			"transfer to the owner", "a", transfer("101", "2"),
			"FAILED_PRECONDITION: @UserAlreadyOwner Cannot transfer course to the user who is already the owner",
		},
		{
			"transfer while somebody is invited", "a", transfer("103", "3"),
			"FAILED_PRECONDITION: @PendingInvitationExists A user has already been invited to own the course.",
		},
		{"transfer to nobody", "a", transfer("101", "nobody@dom.edu"), notFoundText},
		{"transfer without a name", "a", transfer("101", ""), invalidText},
		{"transfer to a disabled account", "a", transfer("101", "7"), preText},
		{"transfer from a disabled account", "a", transfer("104", "3"), ""},
		{"transfer, archived", "a", transfer("105", "3"), frozenText},
		{"transfer outside the domain", "b", transfer("101", "3"), deniedText},

		{"delete", "o", remove("101"), ""},
		{"delete, by an admin", "a", remove("d:math"), ""},
		{"delete, by a co-teacher", "t", remove("101"), deniedText},
		{"delete, by another domain's admin", "b", remove("101"), deniedText},
		{"delete nothing", "a", remove("999"), notFoundText},

		{"an alias", "a", alias("101", "d:algebra"), ""},
		{"a second for the same project", "o", alias("101", "p:algebra"), ""},
		{"an alias of an alias", "a", alias("d:math", "d:algebra"), ""},
		{"an alias in use", "a", alias("103", "d:math"), existsText},
		{"an alias, by a teacher", "o", alias("101", "d:algebra"), deniedText},
		{"an alias, by an outsider", "x", alias("101", "p:algebra"), deniedText},
		{"an alias of nothing", "a", alias("999", "d:algebra"), notFoundText},
		{"an alias without kind", "a", alias("101", "algebra"), invalidText},
		{"an alias without name", "a", alias("101", "d:"), invalidText},
		{"an alias of another kind", "a", alias("101", "x:algebra"), invalidText},
		{"a long alias", "a", alias("101", "d:"+strings.Repeat("x", 255)), invalidText},
		{"a domain's alias, of no domain", "e", alias("102", "d:piano"), preText},
		{"a project's alias, of no domain", "e", alias("102", "p:piano"), ""},
		{"no alias any more", "a", unalias("101", "d:math"), ""},
		{"no alias any more, by a teacher", "o", unalias("101", "d:math"), deniedText},
		{"no alias it has", "a", unalias("101", "d:algebra"), notFoundText},
		{"another's alias", "a", unalias("103", "d:math"), notFoundText},

		{"a student", "a", student("101", "x@dom.edu", ""), ""},
		{"a student, twice", "a", student("101", "4", ""), existsText},
		{"a student who teaches", "a", student("101", "3", ""), existsText},
		{"a student from outside", "a", student("101", "e@ext.org", ""), directText},
		{"a student who is not", "a", student("101", "nobody@dom.edu", ""), directText},
		{"a student of nothing", "a", student("999", "6", ""), noCourseText},
		{"a student without account", "a", student("103", "7", ""), preText},
		{"a student, by a teacher", "o", student("101", "6", ""), deniedText},
		{"a student, by a teacher with the code", "o", student("101", "6", "abc"), deniedText},
		{"a student, by another domain's admin", "b", student("101", "6", ""), deniedText},
		{"no student", "a", student("101", "", ""), invalidText},
		{"a student, archived", "a", student("105", "6", ""), frozenText},
		{"a student, owner inactive", "a", student("104", "6", ""), inactiveText},
		{"oneself, as an admin", "a", student("101", "me", ""), ""},
		{"oneself", "x", student("101", "me", "abc"), ""},
		{"oneself, by number", "x", student("d:math", "6", "abc"), ""},
		{"oneself, from outside", "e", student("101", "me", "abc"), ""},
		{"oneself, with another's code", "x", student("101", "me", "def"), deniedText},
		{"oneself, without code", "x", student("101", "me", ""), deniedText},
		{"oneself, twice", "s", student("101", "me", "abc"), existsText},
		{"oneself, archived", "x", student("105", "me", "ghi"), frozenText},

		{"a teacher", "a", teacher("101", "x@dom.edu"), ""},
		{"a teacher who studies", "a", teacher("101", "4"), existsText},
		{"a teacher, by a teacher", "o", teacher("101", "6"), deniedText},
		{"oneself as a teacher", "x", teacher("101", "me"), deniedText},
		{"a teacher from outside", "a", teacher("101", "8"), directText},
		{"a teacher of nothing", "a", teacher("999", "6"), noCourseText},

		{"no student, by a teacher", "t", noStudent("101", "s@dom.edu"), ""},
		{"no student, by an admin", "a", noStudent("101", "4"), ""},
		{"no student, by themselves", "s", noStudent("101", "me"), ""},
		{"no student, by an outsider", "x", noStudent("101", "4"), deniedText},
		{"no student, by an outsider who guesses", "x", noStudent("101", "4711"), deniedText},
		{"no student who teaches", "o", noStudent("101", "3"), notFoundText},
		{"no student who is not", "o", noStudent("101", "nobody@dom.edu"), notFoundText},
		{"no student of nothing", "o", noStudent("999", "4"), noCourseText},
		{"no teacher", "o", noTeacher("101", "3"), ""},
		{"no teacher, by themselves", "t", noTeacher("101", "me"), ""},
		{"no teacher, by a student", "s", noTeacher("101", "3"), deniedText},
		{
			"no owner", "a", noTeacher("101", "2"),
			"FAILED_PRECONDITION: @CannotRemoveCourseOwner The owner of the course cannot be removed.",
		},
		{
			"no teacher any more", "a", noTeacher("104", "3"),
			"FAILED_PRECONDITION: @CannotRemoveTeacherWithNoCourseOwner " +
				"A teacher cannot be removed from a course that has no active owner.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, emulator.Options{Seed: read(t, busy)})
			var caller *emulator.Caller
			for _, domain := range []string{"@dom.edu", "@ext.org", "@other.edu"} {
				if c, err := s.As(test.as + domain); err == nil {
					caller = c
				}
			}
			got := ""
			if err := test.call(caller); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("as %s: %q, want %q", test.as, got, test.want)
			}
		})
	}
}

func TestCreateCourse(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 1, 8, 0, 0, 123e6, time.UTC)
	s := open(t, emulator.Options{Seed: read(t, busy), Now: func() time.Time { return now }})
	ctx, admin, owner := t.Context(), as(t, s, ""), as(t, s, "o@dom.edu")
	got, err := admin.CreateCourse(ctx, classroom.Course{
		ID: "d:art", Name: "Art", Section: "b", DescriptionHeading: "On art", Description: "Pictures", Room: "7",
		OwnerID: "o@dom.edu", EnrollmentCode: "mine",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &classroom.Course{
		Name: "Art", Section: "b", DescriptionHeading: "On art", Description: "Pictures", Room: "7",
		OwnerID: "2", CourseState: "PROVISIONED",
		CreationTime: "2026-03-01T08:00:00.123Z", UpdateTime: "2026-03-01T08:00:00.123Z",
	}
	ours := cmpopts.IgnoreFields(classroom.Course{}, "ID", "EnrollmentCode", "AlternateLink")
	if diff := cmp.Diff(want, got, ours); diff != "" {
		t.Errorf("CreateCourse: -want +got\n%s", diff)
	}
	if len(got.ID) != 12 || got.EnrollmentCode == "" || got.EnrollmentCode == "mine" || got.AlternateLink == "" {
		t.Errorf("CreateCourse = %+v, want an id, a code and a link", got)
	}
	again, err := owner.GetCourse(ctx, "d:art")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("GetCourse(d:art): -made +got\n%s", diff)
	}
	if _, err := owner.GetTeacher(ctx, got.ID, "me"); err != nil {
		t.Errorf("the owner does not teach the course: %v", err)
	}
	second, err := owner.CreateCourse(ctx, classroom.Course{Name: "Art", OwnerID: "me"})
	if err != nil || second.ID == got.ID {
		t.Errorf("CreateCourse once more = %+v, %v, want another id", second, err)
	}
	newest, _, err := owner.ListCourses(ctx, classroom.CourseQuery{Page: classroom.Page{Size: 1}})
	if err != nil || len(newest) != 1 || newest[0].ID != second.ID {
		t.Errorf("ListCourses begins with %v, %v, want %s", newest, err, second.ID)
	}
}

func TestPatchCourseChangesWhatTheMaskNames(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 1, 8, 0, 0, 0, time.UTC)
	s := open(t, emulator.Options{Seed: read(t, busy), Now: func() time.Time { return now }})
	ctx, admin := t.Context(), as(t, s, "")
	want, err := admin.GetCourse(ctx, "101")
	if err != nil {
		t.Fatal(err)
	}
	got, err := admin.PatchCourse(ctx, "d:math", classroom.Course{
		Name: "Algebra", Section: "no", Room: "12", OwnerID: "t@dom.edu", CourseState: "ARCHIVED",
	}, []string{"name", "room", "ownerId", "courseState", "description"})
	if err != nil {
		t.Fatal(err)
	}
	want.Name, want.Room, want.OwnerID, want.CourseState = "Algebra", "12", "3", "ARCHIVED"
	want.UpdateTime = "2026-03-01T08:00:00.000Z"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("PatchCourse: -want +got\n%s", diff)
	}
	if _, err := admin.GetTeacher(ctx, "101", "2"); err != nil {
		t.Errorf("the owner before does not teach the course: %v", err)
	}
}

func TestDeletedCourseLeavesNothing(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: read(t, busy)})
	ctx, admin := t.Context(), as(t, s, "")
	if err := admin.DeleteCourse(ctx, "101"); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"GetInvitation": func() error { _, err := admin.GetInvitation(ctx, "inv"); return err },
		"GetCourse":     func() error { _, err := admin.GetCourse(ctx, "d:math"); return err },
		"ListStudents":  func() error { _, _, err := admin.ListStudents(ctx, "101", classroom.Page{}); return err },
	} {
		if err := call(); provider.CodeOf(err) != provider.NotFound {
			t.Errorf("%s after DeleteCourse = %v, want NOT_FOUND", name, err)
		}
	}
	mine, _, err := as(t, s, "s@dom.edu").ListCourses(ctx, classroom.CourseQuery{})
	if err != nil || len(mine) != 0 {
		t.Errorf("ListCourses as a student of it = %v, %v, want none", mine, err)
	}
	if _, err := admin.CreateCourse(ctx, classroom.Course{ID: "d:math", Name: "Maths", OwnerID: "o@dom.edu"}); err != nil {
		t.Errorf("CreateCourse with its alias = %v", err)
	}
}

// Who comes to a course by another way than their invitation has none any
// more.
func TestAddingSettlesInvitation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		add  func(t *testing.T, admin, invitee *emulator.Caller) error
	}{
		{"as a student", func(t *testing.T, admin, _ *emulator.Caller) error {
			_, err := admin.CreateStudent(t.Context(), "101", "i@dom.edu", "")
			return err
		}},
		{"as a teacher", func(t *testing.T, admin, _ *emulator.Caller) error {
			_, err := admin.CreateTeacher(t.Context(), "101", "i@dom.edu")
			return err
		}},
		{"by the code", func(t *testing.T, _, invitee *emulator.Caller) error {
			_, err := invitee.CreateStudent(t.Context(), "101", "me", "abc")
			return err
		}},
	} {
		s := open(t, emulator.Options{Seed: read(t, busy)})
		admin, invitee := as(t, s, ""), as(t, s, "i@dom.edu")
		if err := test.add(t, admin, invitee); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if _, err := admin.GetInvitation(t.Context(), "inv"); provider.CodeOf(err) != provider.NotFound {
			t.Errorf("%s: GetInvitation = %v, want NOT_FOUND", test.name, err)
		}
		if err := invitee.AcceptInvitation(t.Context(), "inv"); provider.CodeOf(err) != provider.NotFound {
			t.Errorf("%s: AcceptInvitation = %v, want NOT_FOUND", test.name, err)
		}
	}
}

// Who does not teach any more cannot become the owner.
func TestRemovedTeacherIsNotInvitedToOwn(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: read(t, busy)})
	if err := as(t, s, "").DeleteTeacher(t.Context(), "103", "t@dom.edu"); err != nil {
		t.Fatal(err)
	}
	if err := as(t, s, "t@dom.edu").AcceptInvitation(t.Context(), "own"); provider.CodeOf(err) != provider.NotFound {
		t.Errorf("AcceptInvitation = %v, want NOT_FOUND", err)
	}
}

func TestLimitsOfChanges(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, limits string
		call         func(t *testing.T, admin, external *emulator.Caller) error
		want         string
	}{
		{"members", "courseMembers: 4", func(t *testing.T, admin, _ *emulator.Caller) error {
			_, err := admin.CreateStudent(t.Context(), "101", "6", "")
			return err
		}, "FAILED_PRECONDITION: @CourseMemberLimitReached The course already has the maximum number of members allowed."},
		{"teachers", "courseTeachers: 3", func(t *testing.T, admin, _ *emulator.Caller) error {
			_, err := admin.CreateTeacher(t.Context(), "101", "6")
			return err
		}, "FAILED_PRECONDITION: @CourseTeacherLimitReached The course already has the maximum number of teachers allowed."},
		{"teachers, a student", "courseTeachers: 3", func(t *testing.T, admin, _ *emulator.Caller) error {
			_, err := admin.CreateStudent(t.Context(), "101", "6", "")
			return err
		}, ""},
		{"memberships", "memberships: 1", func(t *testing.T, admin, _ *emulator.Caller) error {
			_, err := admin.CreateStudent(t.Context(), "103", "4", "")
			return err
		}, "FAILED_PRECONDITION: @UserGroupsMembershipLimitReached The user is already a member of the maximum number of groups."},
		{"memberships of an owner", "memberships: 2", func(t *testing.T, admin, _ *emulator.Caller) error {
			_, err := admin.CreateCourse(t.Context(), classroom.Course{Name: "Art", OwnerID: "o@dom.edu"})
			return err
		}, "FAILED_PRECONDITION: @UserGroupsMembershipLimitReached The user is already a member of the maximum number of groups."},
		{"joins of a day", "personalJoinsPerDay: 1", func(t *testing.T, _, external *emulator.Caller) error {
			for range 2 {
				if _, err := external.CreateStudent(t.Context(), "101", "me", "abc"); err != nil {
					return err
				}
				if err := external.DeleteStudent(t.Context(), "101", "me"); err != nil {
					return err
				}
			}
			return nil
		}, "RESOURCE_EXHAUSTED: @UserCourseJoinRateLimitReached The user has joined the maximum number of courses today."},
		{"courses of a day", "personalCoursesPerDay: 2", func(t *testing.T, _, external *emulator.Caller) error {
			for range 3 {
				if _, err := external.CreateCourse(t.Context(), classroom.Course{Name: "Art", OwnerID: "me"}); err != nil {
					return err
				}
			}
			return nil
		}, "RESOURCE_EXHAUSTED: Resource has been exhausted (e.g. check quota)."},
	} {
		s := open(t, emulator.Options{Seed: read(t, busy+"limits: {"+test.limits+"}\n")})
		got := ""
		if err := test.call(t, as(t, s, ""), as(t, s, "e@ext.org")); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// A "p:" alias serves the project in which it was made, and no other.
func TestProjectAliases(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: read(t, strings.Replace(busy, `["d:math"]`, `["d:math", "p:maths"]`, 1))})
	ctx, usual := t.Context(), as(t, s, "o@dom.edu")
	here, there := usual.WithProject("111"), usual.WithProject("222")
	if _, err := here.CreateCourseAlias(ctx, "101", "p:mine"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		caller *emulator.Caller
		name   string
		want   []string
	}{
		{usual, "no project", []string{"d:math", "p:maths"}},
		{usual.WithProject(""), "the usual project", []string{"d:math", "p:maths"}},
		{here, "111", []string{"d:math", "p:mine"}},
		{there, "222", []string{"d:math"}},
	} {
		got, _, err := test.caller.ListCourseAliases(ctx, "101", classroom.Page{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: ListCourseAliases: -want +got\n%s", test.name, diff)
		}
	}
	if _, err := here.GetCourse(ctx, "p:mine"); err != nil {
		t.Errorf("GetCourse(p:mine) in its project = %v", err)
	}
	if _, err := there.GetCourse(ctx, "p:mine"); provider.CodeOf(err) != provider.NotFound {
		t.Errorf("GetCourse(p:mine) in another project = %v, want NOT_FOUND", err)
	}
	if err := there.DeleteCourseAlias(ctx, "101", "p:mine"); provider.CodeOf(err) != provider.NotFound {
		t.Errorf("DeleteCourseAlias(p:mine) in another project = %v, want NOT_FOUND", err)
	}
	if _, err := there.CreateCourseAlias(ctx, "103", "p:mine"); err != nil {
		t.Errorf("CreateCourseAlias(p:mine) in another project = %v", err)
	}
}
