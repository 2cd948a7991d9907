package rest

import (
	"net/http"
	"net/url"
	"strings"
)

// api is one of Google's services that the emulator stands in for.
type api struct {
	title   string
	service string // its host at Google
	rpc     string // what its methods' full names begin with
	// legacy APIs always have errors[] in their errors, and no status.
	legacy bool
}

var (
	classroomAPI = &api{title: "Google Classroom API", service: "classroom.googleapis.com", rpc: "google.classroom.v1."}
	directoryAPI = &api{title: "Admin SDK API", service: "admin.googleapis.com", rpc: "google.admin.directory_v1.", legacy: true}
)

// route is one method of an API: where it is found, what it takes, who may
// call it and what it does. The table of them is what requests are routed by,
// what discovery documents are made of, and where statistics and faults have
// their names from.
type route struct {
	api    *api
	name   string // without the API's: "courses.students.list"
	rpc    string // "Courses.ListStudents"
	method string
	path   string // with {variables}, each a whole segment but for a verb behind the last
	scopes []string
	query  []field
	body   *field // what the request's body is, by the name that refusals give it; nil for none
	answer *message
	doc    string
	serve  func(*call) error

	list     bool     // whether it answers with a page, which the store need not make twice
	segments []string // of path
	verb     string   // ":accept"
}

// Scopes, without what they all begin with.
// https://developers.google.com/identity/protocols/oauth2/scopes#classroom
const (
	scopePrefix = "https://www.googleapis.com/auth/"

	scopeCourses       = "classroom.courses"
	scopeCoursesRead   = "classroom.courses.readonly"
	scopeRosters       = "classroom.rosters"
	scopeRostersRead   = "classroom.rosters.readonly"
	scopeEmails        = "classroom.profile.emails"
	scopePhotos        = "classroom.profile.photos"
	scopeDirectory     = "admin.directory.user"
	scopeDirectoryRead = "admin.directory.user.readonly"
)

var (
	coursesWrite = []string{scopeCourses}
	coursesRead  = []string{scopeCourses, scopeCoursesRead}
	rostersWrite = []string{scopeRosters}
	rostersRead  = []string{scopeRosters, scopeRostersRead}
	members      = []string{scopeEmails, scopePhotos, scopeRosters}
	membersRead  = []string{scopeEmails, scopePhotos, scopeRosters, scopeRostersRead}
)

// paging are the parameters of every list.
var paging = []field{
	{name: "pageSize", kind: number, doc: "How many items to answer with at most; 0 is the usual number."},
	{name: "pageToken", doc: "The nextPageToken of the page before. All else must be as it was for that."},
}

// routes returns the table of all methods.
func routes() []*route {
	all := []*route{
		{
			api: classroomAPI, name: "invitations.get", rpc: "Invitations.GetInvitation",
			method: http.MethodGet, path: "/v1/invitations/{id}", scopes: rostersRead,
			answer: invitation, serve: getInvitation,
			doc: "Returns an invitation.",
		},
		{
			api: classroomAPI, name: "invitations.list", rpc: "Invitations.ListInvitations",
			method: http.MethodGet, path: "/v1/invitations", scopes: rostersRead,
			query: append([]field{
				{name: "courseId", doc: "Invitations to this course. This or userId is needed."},
				{name: "userId", doc: "Invitations of this user: a number, an e-mail address or `me`."},
			}, paging...),
			answer: invitationList, serve: listInvitations,
			doc: "Returns the invitations that the caller may see, of a course, a user or both.",
		},
		{
			api: classroomAPI, name: "invitations.create", rpc: "Invitations.CreateInvitation",
			method: http.MethodPost, path: "/v1/invitations", scopes: rostersWrite,
			body: &field{name: "invitation", message: invitation}, answer: invitation, serve: createInvitation,
			doc: "Invites a user to a course.",
		},
		{
			api: classroomAPI, name: "invitations.delete", rpc: "Invitations.DeleteInvitation",
			method: http.MethodDelete, path: "/v1/invitations/{id}", scopes: rostersWrite,
			answer: empty, serve: deleteInvitation,
			doc: "Withdraws or declines an invitation.",
		},
		{
			api: classroomAPI, name: "invitations.accept", rpc: "Invitations.AcceptInvitation",
			method: http.MethodPost, path: "/v1/invitations/{id}:accept", scopes: rostersWrite,
			answer: empty, serve: acceptInvitation,
			doc: "Accepts an invitation, as the user who was invited.",
		},

		{
			api: classroomAPI, name: "courses.get", rpc: "Courses.GetCourse",
			method: http.MethodGet, path: "/v1/courses/{id}", scopes: coursesRead,
			answer: course, serve: getCourse,
			doc: "Returns a course.",
		},
		{
			api: classroomAPI, name: "courses.list", rpc: "Courses.ListCourses",
			method: http.MethodGet, path: "/v1/courses", scopes: coursesRead,
			query: append([]field{
				{name: "studentId", doc: "Courses that this user attends."},
				{name: "teacherId", doc: "Courses that this user teaches."},
				{name: "courseStates", kind: choice, enum: courseState, repeated: true, doc: "Courses in any of these states."},
			}, paging...),
			answer: courseList, serve: listCourses,
			doc: "Returns the courses that the caller may see, the newest first.",
		},
		{
			api: classroomAPI, name: "courses.create", rpc: "Courses.CreateCourse",
			method: http.MethodPost, path: "/v1/courses", scopes: coursesWrite,
			body: &field{name: "course", message: course}, answer: course, serve: createCourse,
			doc: "Makes a course.",
		},
		{
			api: classroomAPI, name: "courses.patch", rpc: "Courses.PatchCourse",
			method: http.MethodPatch, path: "/v1/courses/{id}", scopes: coursesWrite,
			query: []field{
				{name: "updateMask", doc: "The fields to change, with commas between."},
			},
			body: &field{name: "course", message: course}, answer: course, serve: patchCourse,
			doc: "Changes some fields of a course.",
		},
		{
			api: classroomAPI, name: "courses.delete", rpc: "Courses.DeleteCourse",
			method: http.MethodDelete, path: "/v1/courses/{id}", scopes: coursesWrite,
			answer: empty, serve: deleteCourse,
			doc: "Deletes a course.",
		},

		{
			api: classroomAPI, name: "courses.aliases.list", rpc: "Courses.ListCourseAliases",
			method: http.MethodGet, path: "/v1/courses/{courseId}/aliases", scopes: coursesRead,
			query: paging, answer: aliasList, serve: listAliases,
			doc: "Returns the other names of a course.",
		},
		{
			api: classroomAPI, name: "courses.aliases.create", rpc: "Courses.CreateCourseAlias",
			method: http.MethodPost, path: "/v1/courses/{courseId}/aliases", scopes: coursesWrite,
			body: &field{name: "course_alias", message: alias}, answer: alias, serve: createAlias,
			doc: "Gives a course another name.",
		},
		{
			api: classroomAPI, name: "courses.aliases.delete", rpc: "Courses.DeleteCourseAlias",
			method: http.MethodDelete, path: "/v1/courses/{courseId}/aliases/{alias}", scopes: coursesWrite,
			answer: empty, serve: deleteAlias,
			doc: "Takes a name from a course.",
		},

		{
			api: classroomAPI, name: "courses.students.get", rpc: "Courses.GetStudent",
			method: http.MethodGet, path: "/v1/courses/{courseId}/students/{userId}", scopes: membersRead,
			answer: student, serve: getStudent,
			doc: "Returns a student of a course.",
		},
		{
			api: classroomAPI, name: "courses.students.list", rpc: "Courses.ListStudents",
			method: http.MethodGet, path: "/v1/courses/{courseId}/students", scopes: membersRead,
			query: paging, answer: studentList, serve: listStudents,
			doc: "Returns the students of a course.",
		},
		{
			api: classroomAPI, name: "courses.students.create", rpc: "Courses.CreateStudent",
			method: http.MethodPost, path: "/v1/courses/{courseId}/students", scopes: members,
			query: []field{
				{name: "enrollmentCode", doc: "The code of the course, for users who join it themselves."},
			},
			body: &field{name: "student", message: student}, answer: student, serve: createStudent,
			doc: "Adds a student to a course.",
		},
		{
			api: classroomAPI, name: "courses.students.delete", rpc: "Courses.DeleteStudent",
			method: http.MethodDelete, path: "/v1/courses/{courseId}/students/{userId}", scopes: rostersWrite,
			answer: empty, serve: deleteStudent,
			doc: "Removes a student from a course.",
		},

		{
			api: classroomAPI, name: "courses.teachers.get", rpc: "Courses.GetTeacher",
			method: http.MethodGet, path: "/v1/courses/{courseId}/teachers/{userId}", scopes: membersRead,
			answer: teacher, serve: getTeacher,
			doc: "Returns a teacher of a course.",
		},
		{
			api: classroomAPI, name: "courses.teachers.list", rpc: "Courses.ListTeachers",
			method: http.MethodGet, path: "/v1/courses/{courseId}/teachers", scopes: membersRead,
			query: paging, answer: teacherList, serve: listTeachers,
			doc: "Returns the teachers of a course.",
		},
		{
			api: classroomAPI, name: "courses.teachers.create", rpc: "Courses.CreateTeacher",
			method: http.MethodPost, path: "/v1/courses/{courseId}/teachers", scopes: members,
			body: &field{name: "teacher", message: teacher}, answer: teacher, serve: createTeacher,
			doc: "Adds a teacher to a course.",
		},
		{
			api: classroomAPI, name: "courses.teachers.delete", rpc: "Courses.DeleteTeacher",
			method: http.MethodDelete, path: "/v1/courses/{courseId}/teachers/{userId}", scopes: rostersWrite,
			answer: empty, serve: deleteTeacher,
			doc: "Removes a teacher from a course.",
		},

		{
			api: classroomAPI, name: "userProfiles.get", rpc: "UserProfiles.GetUserProfile",
			method: http.MethodGet, path: "/v1/userProfiles/{userId}", scopes: membersRead,
			answer: profile, serve: getUserProfile,
			doc: "Returns a user's profile.",
		},

		{
			api: directoryAPI, name: "users.get", rpc: "Users.Get",
			method: http.MethodGet, path: "/admin/directory/v1/users/{userKey}",
			scopes: []string{scopeDirectory, scopeDirectoryRead},
			query: []field{
				{name: "projection", doc: "Accepted, and of no effect."},
				{name: "viewType", doc: "`domain_public` lets every user of the domain ask."},
				{name: "customFieldMask", doc: "Accepted, and of no effect."},
			},
			answer: directoryUser, serve: getDirectoryUser,
			doc: "Returns an account of the domain.",
		},
	}
	for _, r := range all {
		r.prepare()
	}
	return all
}

// prepare cuts the path into what find compares.
func (r *route) prepare() {
	path := r.path
	if i := strings.LastIndex(path, "}:"); i >= 0 {
		path, r.verb = path[:i+1], path[i+1:]
	}
	r.segments = strings.Split(path, "/")[1:]
	r.list = strings.HasSuffix(r.name, ".list")
}

// variables are the names in the route's path.
func (r *route) variables() []string {
	var names []string
	for _, s := range r.segments {
		if s[0] == '{' {
			names = append(names, s[1:len(s)-1])
		}
	}
	return names
}

// label is how the route is called outside, in statistics and faults.
func (r *route) label() string {
	if r.api == directoryAPI {
		return "directory." + r.name
	}
	return r.name
}

// router finds the route of a request.
type router struct {
	routes []*route
}

// find returns the route for an HTTP method and a path as it was sent, with
// its escapes, and the values of the path's variables without them. The route
// is nil if there is none; known says that there is one for another HTTP
// method. What ends in a verb is no identifier, whatever the method.
func (rt *router) find(method, escaped string) (found *route, values []string, known bool) {
	if !strings.HasPrefix(escaped, "/") {
		return nil, nil, false
	}
	segments := strings.Split(escaped[1:], "/")
	for _, r := range rt.routes {
		v, ok := r.match(segments)
		if !ok {
			continue
		}
		known = true
		switch {
		case r.method == method:
			found, values = r, v
		case r.verb != "":
			return nil, nil, true
		}
	}
	return found, values, known
}

// match returns the values of the path's variables.
func (r *route) match(segments []string) ([]string, bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	var values []string
	for i, s := range segments {
		if i == len(segments)-1 && r.verb != "" {
			var ok bool
			if s, ok = strings.CutSuffix(s, r.verb); !ok {
				return nil, false
			}
		}
		want := r.segments[i]
		if want[0] != '{' {
			if s != want {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(s)
		if err != nil || value == "" {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}
