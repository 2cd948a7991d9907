package backendtest

import (
	"fmt"
	"strings"

	"github.com/iql-lang/iql/provider/classroom"
)

const (
	student = classroom.Student
	teacher = classroom.Teacher
	owner   = classroom.Owner
)

// createTests are who may invite whom, and as what.
var createTests = []test{
	{"1 the owner invites a student", "", func(w *world) {
		inv := w.create(ok, "O", "101", "9005", student)
		want := &classroom.Invitation{ID: inv.ID, CourseID: "101", UserID: "9005", Role: student}
		w.equal(inv, want, "the invitation")
		if inv.ID == "" {
			w.Error("the invitation has no id")
		}
	}},
	{"2 the invitee by address", "", func(w *world) {
		inv := w.create(ok, "O", "101", "I@Dom.edu", student)
		w.equal(inv.UserID, "9005", "userId")
	}},
	{"3 the course by alias", "", func(w *world) {
		inv := w.create(ok, "O", "d:math", "I", student)
		w.equal(inv.CourseID, "101", "courseId")
	}},
	{"4 a co-teacher invites a teacher", "", func(w *world) {
		w.create(ok, "T", "101", "I", teacher)
	}},
	{"5 an admin invites without being a member", "", func(w *world) {
		w.create(ok, "A", "101", "I", student)
	}},
	{"6 a student may not", "", func(w *world) {
		w.create(denied, "S", "101", "I", student)
	}},
	{"7 an outsider may not", "", func(w *world) {
		w.create(denied, "X", "101", "I", student)
		w.create(denied, "E", "101", "I", student)
	}},
	{"8 an unknown course", "", func(w *world) {
		w.create(notFound, "O", "999", "I", student)
		w.create(notFound, "O", "math", "I", student)
	}},
	{"9 an unknown user", "", func(w *world) {
		w.create(notFound, "O", "101", "nobody@dom.edu", student)
		w.create(notFound, "O", "101", "12345", student)
		w.create(notFound, "O", "101", "nobody", student)
	}},
	{"10 an unknown alias", "", func(w *world) {
		w.create(notFound, "O", "d:nope", "I", student)
	}},
	{"11 the same invitation again", "", func(w *world) {
		w.invite("O", "101", "I", student)
		w.create(exists, "O", "101", "I", student)
	}},
	{"12 the same user again, in another role", "", func(w *world) {
		w.invite("O", "101", "I", student)
		w.create(exists, "O", "101", "I", teacher)
	}},
	{"13 delete, then invite in another role", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		w.delete(ok, "O", id)
		inv := w.create(ok, "O", "101", "I", teacher)
		w.equal(inv.Role, teacher, "role")
		if inv.ID == id {
			w.Errorf("both invitations have the id %q", id)
		}
	}},
	{"14 a disabled account", "", func(w *world) {
		w.create(precondition, "O", "101", "D", student)
	}},
	{"15 a student as student", "", func(w *world) {
		w.create(precondition, "O", "101", "S", student)
	}},
	{"16 a teacher as student", "", func(w *world) {
		w.create(precondition, "O", "101", "T", student)
	}},
	{"17 a teacher as teacher", "", func(w *world) {
		w.create(precondition, "O", "101", "T", teacher)
	}},
	{"18 the owner as anything", "", func(w *world) {
		for _, role := range []classroom.Role{student, teacher, owner} {
			w.create(precondition, "A", "101", "O", role)
		}
	}},
	{"19 a student as teacher", "", func(w *world) {
		w.create(ok, "O", "101", "S", teacher)
	}},
	{"20 an outsider as owner", "", func(w *world) {
		w.create(ineligibleOwner, "O", "101", "I", owner)
	}},
	{"21 a student as owner", "", func(w *world) {
		w.create(ineligibleOwner, "O", "101", "S", owner)
	}},
	{"22 a co-teacher as owner", "", func(w *world) {
		inv := w.create(ok, "O", "101", "T", owner)
		w.equal(inv.Role, owner, "role")
	}},
	{"23 a co-teacher may not invite an owner", "", func(w *world) {
		w.accept(ok, "X", w.invite("O", "101", "X", teacher))
		w.create(denied, "T", "101", "X", owner)
	}},
	{"24 a second owner while one is invited", "", func(w *world) {
		w.accept(ok, "X", w.invite("O", "101", "X", teacher))
		w.invite("O", "101", "T", owner)
		w.create(pendingOwner, "O", "101", "X", owner)
		w.create(exists, "O", "101", "T", owner)
	}},
	{"25 no role", "", func(w *world) {
		w.create(invalid, "O", "101", "I", "")
		w.create(invalid, "O", "101", "I", "COURSE_ROLE_UNSPECIFIED")
	}},
	{"26 a role that is none", "", func(w *world) {
		w.create(anyInvalid, "O", "101", "I", "FOO")
	}},
	{"31 no course, no user", "", func(w *world) {
		w.create(invalid, "O", "", "I", student)
		w.create(invalid, "O", "101", "", student)
		w.create(invalid, "O", "", "", "")
	}},
	{"32 the caller's id is ignored", "", func(w *world) {
		inv, err := w.as("O").CreateInvitation(w.Context(), classroom.Invitation{
			ID: "me", CourseID: "101", UserID: "9005", Role: student,
		})
		check(w.T, err, ok, "CreateInvitation with id me")
		if inv.ID == "me" || inv.ID == "" {
			w.Errorf("id = %q, want one of the server's", inv.ID)
		}
	}},
	{"33 me, who owns the course", "", func(w *world) {
		w.create(precondition, "O", "101", "me", teacher)
	}},
	{"34 somebody from outside, in the free edition", fundamentals(""), func(w *world) {
		w.create(untrusted, "O", "101", "E", student)
		w.create(ok, "O", "101", "I", student)
	}},
	{"34 somebody from a trusted domain", fundamentals(", trusted: [ext.org]"), func(w *world) {
		w.create(ok, "O", "101", "E", student)
	}},
	{"35 somebody from outside", "", func(w *world) {
		w.create(ok, "O", "101", "E", student)
	}},
	{"36 the 501st invitation of a day", school(crowd(501, "dom.edu"), "", ""), func(w *world) {
		crowd := crowdOf(501, "dom.edu")
		for _, email := range crowd[:500] {
			w.create(ok, "O", "101", email, student)
		}
		w.create(invitationQuota, "O", "101", crowd[500], student)
		w.create(ok, "T", "101", crowd[500], student)
	}},
	{"36 withdrawing does not help", school(crowd(501, "dom.edu"), "", "") + "limits: {invitationsPerDay: 2}\n", func(w *world) {
		for range 2 {
			w.delete(ok, "O", w.invite("O", "101", "I", student))
		}
		w.create(invitationQuota, "O", "101", "I", student)
	}},
	{"37 a teacher to a course that is full of them", crowdedCourse(teacher, 50, ""), func(w *world) {
		w.create(ok, "O", "104", "I", teacher)
	}},
	{"38 a course that is archived, or not yet begun", "", func(w *world) {
		w.create(notModifiable, "O", "102", "I", student)
		w.create(ok, "O", "103", "I", student)
	}},
}

// fundamentals is the usual school in the free edition.
func fundamentals(more string) string {
	free := strings.Replace(usualSchool, "edition: paid", "edition: fundamentals"+more, 1)
	if more == "" {
		return free
	}
	return strings.Replace(free, "users:\n", "- {name: ext.org}\nusers:\n", 1)
}

// crowdedCourse is the usual school with a course 104 of O's that has n
// members, in a role and O among them, and open invitations.
func crowdedCourse(role classroom.Role, n int, invitations string) string {
	list := "students"
	if role == teacher {
		list = "teachers"
	}
	members := strings.Join(crowdOf(n-1, "dom.edu"), ", ")
	course := fmt.Sprintf("- {id: 104, name: Crowd, ownerId: o@dom.edu, %s: [%s]}\n", list, members)
	return school(crowd(n-1, "dom.edu"), course, invitations)
}
