package backendtest

import (
	"fmt"
	"strings"

	"github.com/iql-lang/iql/provider/classroom"
)

// invited is what I, or whoever, has open in the schools of these cases.
const invited = "aW52aXRlZA"

// acceptTests are who may accept, what it does, and what stands in the way.
var acceptTests = []test{
	{"56 a student", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		w.accept(ok, "I", id)
		w.equal(w.isMember("student", "O", "101", "I"), true, "I is a student")
		w.get(notFound, "O", id)
		w.equal(w.list(ok, "O", "101", ""), []string(nil), "the list")
	}},
	{"57 a teacher", "", func(w *world) {
		w.accept(ok, "I", w.invite("O", "101", "I", teacher))
		w.equal(w.isMember("teacher", "O", "101", "I"), true, "I is a teacher")
	}},
	{"58 a student who becomes a teacher", "", func(w *world) {
		w.accept(ok, "S", w.invite("O", "101", "S", teacher))
		w.equal(w.isMember("teacher", "O", "101", "S"), true, "S is a teacher")
		w.equal(w.isMember("student", "O", "101", "S"), false, "S is a student")
	}},
	{"59 a teacher who becomes the owner", "", func(w *world) {
		w.accept(ok, "T", w.invite("O", "101", "T", owner))
		w.equal(w.course(ok, "O", "101").OwnerID, people["T"].id, "ownerId")
		w.equal(w.isMember("teacher", "T", "101", "O"), true, "O is a teacher")
		w.create(denied, "O", "101", "O", owner)
		w.invite("T", "101", "O", owner)
	}},
	{"60 an admin may not, for somebody else", "", func(w *world) {
		w.accept(denied, "A", w.invite("O", "101", "I", student))
	}},
	{"61 the owner may not, for somebody else", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		for _, who := range []string{"O", "T", "S", "X", "E"} {
			w.accept(denied, who, id)
		}
		w.get(ok, "O", id)
	}},
	{"62 an unknown id, and twice", "", func(w *world) {
		w.accept(notFound, "I", "MTAxKjEyMzQ1Njc4OTAxMlpa")
		id := w.invite("O", "101", "I", student)
		w.accept(ok, "I", id)
		w.accept(notFound, "I", id)
	}},
	{"62 somebody from outside", "", func(w *world) {
		w.accept(ok, "E", w.invite("O", "101", "E", student))
		w.equal(w.isMember("student", "O", "101", "E"), true, "E is a student")
	}},
	{"63 a course with 1,000 members", crowdedCourse(student, 1000, invitation("104", "i@dom.edu", student)), func(w *world) {
		w.accept(memberLimit, "I", invited)
		w.get(ok, "I", invited)
	}},
	{"63 a course with 999 members", crowdedCourse(student, 999, invitation("104", "i@dom.edu", student)), func(w *world) {
		w.accept(ok, "I", invited)
	}},
	{"63 a member of a full course changes role", crowdedCourse(student, 1000, invitation("104", "p7@dom.edu", teacher)), func(w *world) {
		w.accept(ok, "p7@dom.edu", invited)
	}},
	{"64 a course with 50 teachers", crowdedCourse(teacher, 50, invitation("104", "i@dom.edu", teacher)), func(w *world) {
		w.accept(teacherLimit, "I", invited)
		w.get(ok, "I", invited)
		w.delete(ok, "I", invited)
		w.accept(ok, "I", w.invite("O", "104", "I", student))
	}},
	{"64 one of 50 teachers becomes the owner", crowdedCourse(teacher, 50, invitation("104", "p7@dom.edu", owner)), func(w *world) {
		w.accept(ok, "p7@dom.edu", invited)
	}},
	{"65 a course that has been archived since", school("", "", invitation("102", "i@dom.edu", student)), func(w *world) {
		w.accept(notModifiable, "I", invited)
		w.get(ok, "I", invited)
	}},
	{"66 a user who is in 1,000 courses", manyCourses(1000, "i@dom.edu", ""), func(w *world) {
		w.accept(membershipLimit, "I", w.invite("O", "101", "I", student))
	}},
	{"66 who is in 1,000 courses changes role in one", manyCourses(1000, "i@dom.edu", ""), func(w *world) {
		w.accept(ok, "I", w.invite("O", "5000", "I", teacher))
	}},
	{"66 a personal account in 100 courses", manyCourses(100, "e@ext.org", ""), func(w *world) {
		w.accept(membershipLimit, "E", w.invite("O", "101", "E", student))
	}},
	{"67 the 31st course of a personal account in a day", manyCourses(31, "", "e@ext.org"), func(w *world) {
		for i := range 30 {
			w.accept(ok, "E", fmt.Sprintf("open%d", i))
		}
		w.accept(joinRate, "E", "open30")
		w.get(ok, "E", "open30")
	}},
	{"67 the 31st course of a school account", manyCourses(31, "", "i@dom.edu"), func(w *world) {
		for i := range 31 {
			w.accept(ok, "I", fmt.Sprintf("open%d", i))
		}
	}},
	{"68 a personal course with 250 members", personalCourse(250), func(w *world) {
		w.accept(memberLimit, "I", invited)
	}},
	{"68 a personal course with 249 members", personalCourse(249), func(w *world) {
		w.accept(ok, "I", invited)
	}},
}

// invitation writes an open invitation in YAML.
func invitation(course, user string, role classroom.Role) string {
	return fmt.Sprintf("- {id: %s, courseId: %s, userId: %s, role: %s}\n", invited, course, user, role)
}

// manyCourses is the usual school with n more courses of O's: with a student
// in each, or with an open invitation to each, open0 and so on.
func manyCourses(n int, student, invitee string) string {
	var courses, invitations strings.Builder
	for i := range n {
		fmt.Fprintf(&courses, "- {id: %d, ownerId: o@dom.edu, students: [%s]}\n", 5000+i, student)
		if invitee != "" {
			fmt.Fprintf(&invitations, "- {id: open%d, courseId: %d, userId: %s, role: STUDENT}\n", i, 5000+i, invitee)
		}
	}
	return school("", courses.String(), invitations.String())
}

// personalCourse is the usual school with a course 104 of E's that has n
// members, to which I is invited.
func personalCourse(n int) string {
	course := fmt.Sprintf("- {id: 104, name: Choir, ownerId: e@ext.org, students: [%s]}\n",
		strings.Join(crowdOf(n-1, "dom.edu"), ", "))
	return school(crowd(n-1, "dom.edu"), course, invitation("104", "i@dom.edu", student))
}
