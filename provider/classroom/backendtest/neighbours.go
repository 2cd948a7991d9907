package backendtest

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider/classroom"
)

// switchTests are what an admin has switched off for a user: no method works.
var switchTests = []test{
	{"104 the API is off", switchedOff("apiDisabled"), func(w *world) { refusesAll(w, apiOff) }},
	{"105 Classroom is off", switchedOff("classroomDisabled"), func(w *world) { refusesAll(w, classroomOff) }},
}

// switchedOff is the usual school where a switch is set for O.
func switchedOff(flag string) string {
	return strings.Replace(school("", "", invitation("101", "i@dom.edu", student)),
		"name: Olga Owner", "name: Olga Owner, "+flag+": true", 1)
}

// refusesAll checks that O meets the same refusal at every method.
func refusesAll(w *world, want outcome) {
	w.create(want, "O", "101", "X", student)
	w.get(want, "O", invited)
	w.delete(want, "O", invited)
	w.accept(want, "O", invited)
	w.list(want, "O", "101", "")
	w.course(want, "O", "101")
	b, ctx := w.as("O"), w.Context()
	_, _, err := b.ListCourses(ctx, classroom.CourseQuery{})
	check(w.T, err, want, "as O: ListCourses")
	_, _, err = b.ListCourseAliases(ctx, "101", classroom.Page{})
	check(w.T, err, want, "as O: ListCourseAliases")
	_, err = b.GetStudent(ctx, "101", "9004")
	check(w.T, err, want, "as O: GetStudent")
	_, err = b.GetTeacher(ctx, "101", "9003")
	check(w.T, err, want, "as O: GetTeacher")
	_, _, err = b.ListStudents(ctx, "101", classroom.Page{})
	check(w.T, err, want, "as O: ListStudents")
	_, _, err = b.ListTeachers(ctx, "101", classroom.Page{})
	check(w.T, err, want, "as O: ListTeachers")
	_, err = b.GetUserProfile(ctx, "me")
	check(w.T, err, want, "as O: GetUserProfile")
	w.get(ok, "A", invited)
}

// courses lists the ids of a page of courses.
func (w *world) courses(want outcome, as string, q classroom.CourseQuery) ([]string, string) {
	w.Helper()
	page, next, err := w.as(as).ListCourses(w.Context(), q)
	check(w.T, err, want, "as %s: ListCourses(%+v)", as, q)
	var ids []string
	for _, c := range page {
		ids = append(ids, c.ID)
	}
	return ids, next
}

// courseTests are the courses and their aliases.
var courseTests = []test{
	{"116 the newest first", "", func(w *world) {
		ids, _ := w.courses(ok, "A", classroom.CourseQuery{})
		w.equal(ids, []string{"103", "102", "101"}, "as A")
	}},
	{"116 those that I am in", school("", "- {id: 104, ownerId: x@dom.edu}\n", invitation("101", "i@dom.edu", student)), func(w *world) {
		for _, mine := range []struct {
			who string
			ids []string
		}{
			{"O", []string{"103", "102", "101"}},
			{"T", []string{"101"}},
			{"S", []string{"101"}},
			{"X", []string{"104"}},
			{"I", nil},
			{"E", nil},
		} {
			ids, _ := w.courses(ok, mine.who, classroom.CourseQuery{})
			slices.Sort(ids)
			slices.Sort(mine.ids)
			w.equal(ids, mine.ids, "as %s", mine.who)
		}
	}},
	{"116 by teacher, by student", "", func(w *world) {
		ids, _ := w.courses(ok, "O", classroom.CourseQuery{TeacherID: "me"})
		w.equal(ids, []string{"103", "102", "101"}, "teacherId=me as O")
		ids, _ = w.courses(ok, "A", classroom.CourseQuery{TeacherID: "T@dom.edu"})
		w.equal(ids, []string{"101"}, "teacherId=T as A")
		ids, _ = w.courses(ok, "A", classroom.CourseQuery{StudentID: "9004"})
		w.equal(ids, []string{"101"}, "studentId=S as A")
		ids, _ = w.courses(ok, "A", classroom.CourseQuery{StudentID: "9003"})
		w.equal(ids, []string(nil), "studentId=T as A")
		ids, _ = w.courses(ok, "S", classroom.CourseQuery{TeacherID: "9002"})
		w.equal(ids, []string{"101"}, "teacherId=O as S")
	}},
	{"116 by state", "", func(w *world) {
		ids, _ := w.courses(ok, "A", classroom.CourseQuery{States: []string{"ACTIVE", "ARCHIVED"}})
		w.equal(ids, []string{"102", "101"}, "two states")
		ids, _ = w.courses(ok, "A", classroom.CourseQuery{States: []string{"SUSPENDED"}})
		w.equal(ids, []string(nil), "a state that no course is in")
		w.courses(anyInvalid, "A", classroom.CourseQuery{States: []string{"CLOSED"}})
	}},
	{"116 page by page", "", func(w *world) {
		q := classroom.CourseQuery{Page: classroom.Page{Size: 1}}
		var ids []string
		for more := true; more; more = q.Token != "" {
			var page []string
			page, q.Token = w.courses(ok, "A", q)
			ids = append(ids, page...)
		}
		w.equal(ids, []string{"103", "102", "101"}, "the pages together")
		w.courses(invalid, "A", classroom.CourseQuery{Page: classroom.Page{Size: -1}})
		w.courses(invalid, "A", classroom.CourseQuery{Page: classroom.Page{Token: "garbage"}})
	}},
	{"117 teacher and student together", "", func(w *world) {
		w.courses(bothCourseFilter, "A", classroom.CourseQuery{TeacherID: "me", StudentID: "me"})
	}},
	{"118 an unknown teacher", "", func(w *world) {
		w.courses(notFound, "A", classroom.CourseQuery{TeacherID: "nobody@dom.edu"})
		w.courses(notFound, "A", classroom.CourseQuery{StudentID: "4711"})
	}},
	{"118 one course", "", func(w *world) {
		for _, id := range []string{"101", "d:math"} {
			c := w.course(ok, "S", id)
			got := []string{c.ID, c.Name, c.OwnerID, c.CourseState, c.CreationTime}
			want := []string{"101", "Maths", "9002", "ACTIVE", "2026-01-01T08:00:00.000Z"}
			w.equal(got, want, "GetCourse(%s)", id)
		}
		w.course(notFound, "S", "999")
		w.course(notFound, "E", "d:math")
		w.course(denied, "X", "101")
		w.course(denied, "S", "102")
	}},
	{"118 one course, before accepting", "", func(w *world) {
		w.invite("O", "101", "I", student)
		w.course(denied, "I", "101")
	}},
	{"118 the enrollment code is the teachers'", "", func(w *world) {
		w.equal(w.course(ok, "S", "101").EnrollmentCode, "", "as S")
		code := w.course(ok, "T", "101").EnrollmentCode
		if code == "" {
			w.Error("a teacher sees no enrollment code")
		}
		w.equal(w.course(ok, "A", "101").EnrollmentCode, code, "as A")
	}},
	{"126 aliases", "", func(w *world) {
		for _, course := range []string{"101", "d:math"} {
			aliases, next, err := w.as("S").ListCourseAliases(w.Context(), course, classroom.Page{})
			check(w.T, err, ok, "as S: ListCourseAliases(%s)", course)
			w.equal(aliases, []string{"d:math"}, "of %s", course)
			w.equal(next, "", "the token")
		}
		_, _, err := w.as("X").ListCourseAliases(w.Context(), "101", classroom.Page{})
		check(w.T, err, denied, "as X: ListCourseAliases(101)")
		_, _, err = w.as("A").ListCourseAliases(w.Context(), "999", classroom.Page{})
		check(w.T, err, notFound, "as A: ListCourseAliases(999)")
	}},
}

// rosterTests are the students and teachers of a course.
var rosterTests = []test{
	{"119 pages of thirty", crowdedCourse(student, 44, ""), func(w *world) {
		b := w.as("A")
		page, next, err := b.ListStudents(w.Context(), "104", classroom.Page{})
		check(w.T, err, ok, "ListStudents(104)")
		w.equal(len(page), 30, "students of the first page")
		page, next, err = b.ListStudents(w.Context(), "104", classroom.Page{Token: next})
		check(w.T, err, ok, "ListStudents(104), second page")
		w.equal(len(page), 13, "students of the second page")
		w.equal(next, "", "the token after it")
	}},
	{"119 a token of the other roster", crowdedCourse(student, 44, ""), func(w *world) {
		b := w.as("A")
		_, next, err := b.ListStudents(w.Context(), "104", classroom.Page{})
		check(w.T, err, ok, "ListStudents(104)")
		_, _, err = b.ListTeachers(w.Context(), "104", classroom.Page{Token: next})
		check(w.T, err, invalid, "ListTeachers(104) with a token of ListStudents")
	}},
	{"119 the members", "", func(w *world) {
		want := &classroom.Member{CourseID: "101", UserID: "9004", Profile: classroom.UserProfile{
			ID: "9004", GivenName: "Sara", FamilyName: "Student", FullName: "Sara Student", EmailAddress: "s@dom.edu",
		}}
		got, err := w.as("T").GetStudent(w.Context(), "d:math", "s@dom.edu")
		check(w.T, err, ok, "GetStudent(d:math, S)")
		w.equal(got, want, "GetStudent(d:math, S)")
		page, _, err := w.as("S").ListTeachers(w.Context(), "101", classroom.Page{})
		check(w.T, err, ok, "ListTeachers(101)")
		var ids []string
		for _, m := range page {
			ids = append(ids, m.UserID)
		}
		slices.Sort(ids)
		w.equal(ids, []string{"9002", "9003"}, "the teachers, the owner among them")
		w.equal(w.isMember("student", "A", "101", "T"), false, "T is a student")
		w.equal(w.isMember("teacher", "A", "101", "S"), false, "S is a teacher")
	}},
	{"119 unknown, and not for outsiders", "", func(w *world) {
		for _, who := range []string{"X", "E"} {
			_, _, err := w.as(who).ListStudents(w.Context(), "101", classroom.Page{})
			check(w.T, err, denied, "as %s: ListStudents(101)", who)
			_, err = w.as(who).GetTeacher(w.Context(), "101", "9002")
			check(w.T, err, denied, "as %s: GetTeacher(101)", who)
		}
		_, _, err := w.as("A").ListTeachers(w.Context(), "999", classroom.Page{})
		check(w.T, err, notFound, "as A: ListTeachers(999)")
		_, err = w.as("A").GetStudent(w.Context(), "101", "nobody@dom.edu")
		check(w.T, err, notFound, "as A: GetStudent(101, nobody)")
		_, _, err = w.as("A").ListStudents(w.Context(), "101", classroom.Page{Size: -1})
		check(w.T, err, invalid, "as A: ListStudents(101), page size -1")
	}},
}

// profileTests are the profiles of users.
var profileTests = []test{
	{"121 an unknown user is denied", "", func(w *world) {
		for _, user := range []string{"nobody@dom.edu", "4711", "nobody", ""} {
			_, err := w.as("A").GetUserProfile(w.Context(), user)
			check(w.T, err, denied, "as A: GetUserProfile(%q)", user)
		}
	}},
	{"121 mine, by any name", "", func(w *world) {
		want := &classroom.UserProfile{
			ID: "9008", GivenName: "Emil", FamilyName: "External", FullName: "Emil External", EmailAddress: "e@ext.org",
		}
		for _, user := range []string{"me", "9008", "E@ext.org"} {
			got, err := w.as("E").GetUserProfile(w.Context(), user)
			check(w.T, err, ok, "as E: GetUserProfile(%q)", user)
			w.equal(got, want, "GetUserProfile(%q)", user)
		}
	}},
	{"121 a colleague's", "", func(w *world) {
		_, err := w.as("X").GetUserProfile(w.Context(), "9002")
		check(w.T, err, ok, "as X: GetUserProfile(O)")
	}},
	{"121 a stranger's", "", func(w *world) {
		_, err := w.as("E").GetUserProfile(w.Context(), "9002")
		check(w.T, err, denied, "as E: GetUserProfile(O)")
		_, err = w.as("A").GetUserProfile(w.Context(), "9008")
		check(w.T, err, denied, "as A: GetUserProfile(E)")
		w.accept(ok, "E", w.invite("O", "101", "E", student))
		_, err = w.as("E").GetUserProfile(w.Context(), "9002")
		check(w.T, err, ok, "as E, in the course: GetUserProfile(O)")
	}},
}
