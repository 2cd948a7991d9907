package rest

import "strings"

// kind is the type of a field, of which a parser and a description depend.
type kind int

const (
	text kind = iota
	number
	flag
	moment // RFC 3339
	choice // one of an enum's words
	object
)

// proto is how Google's texts name the type of a scalar field.
var proto = map[kind]string{
	text:   "TYPE_STRING",
	number: "TYPE_INT32",
	flag:   "TYPE_BOOL",
	moment: "type.googleapis.com/google.protobuf.Timestamp",
}

// field is a field of a message, or a parameter of a method.
type field struct {
	name     string // in lower camel case, as JSON has it
	kind     kind
	enum     *enum    // of a choice
	message  *message // of an object
	repeated bool
	output   bool // Classroom sets it; what a client sends is ignored
	doc      string
}

// snake is the name as Google's texts spell it: course_id.
func (f *field) snake() string { return snake(f.name) }

func snake(camel string) string {
	var b strings.Builder
	for _, r := range camel {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// typeName is how Google's texts name the type of the field.
func (f *field) typeName() string {
	if f.kind == choice {
		return "type.googleapis.com/" + f.enum.full
	}
	return proto[f.kind]
}

// find returns the field of this name in either spelling, nil if there is none.
func find(fields []field, name string) *field {
	for i := range fields {
		if f := &fields[i]; f.name == name || strings.Contains(name, "_") && f.snake() == name {
			return f
		}
	}
	return nil
}

// enum is a type whose values are words; the place of a word is its number.
type enum struct {
	full  string
	words []string
}

var courseRole = &enum{"google.classroom.v1.CourseRole", []string{
	"COURSE_ROLE_UNSPECIFIED", "STUDENT", "TEACHER", "OWNER",
}}

var courseState = &enum{"google.classroom.v1.CourseState", []string{
	"COURSE_STATE_UNSPECIFIED", "ACTIVE", "ARCHIVED", "PROVISIONED", "DECLINED", "SUSPENDED",
}}

// message is a JSON object of the API, with the fields in the order in which
// they are written.
type message struct {
	name   string
	doc    string
	fields []field
}

// The messages of the Classroom API that the emulator's methods use.
// https://developers.google.com/workspace/classroom/reference/rest
var (
	empty = &message{name: "Empty", doc: "Nothing: the answer of a method that only succeeds or fails."}

	invitation = &message{name: "Invitation", doc: "An invitation to join a course.", fields: []field{
		{name: "id", output: true, doc: "Identifier, set by Classroom."},
		{name: "userId", doc: "The invited user: a number, an e-mail address or `me`. Absent for people whom the caller may not identify."},
		{name: "courseId", doc: "The course: its identifier or an alias."},
		{name: "role", kind: choice, enum: courseRole, doc: "What the user becomes by accepting."},
	}}
	invitationList = listOf("ListInvitationsResponse", "invitations", invitation)

	course = &message{name: "Course", doc: "A class.", fields: []field{
		{name: "id", doc: "Identifier, set by Classroom; in a new course an alias may stand here."},
		{name: "name", doc: "Name of the course."},
		{name: "section", doc: "Section, such as a period."},
		{name: "descriptionHeading", doc: "Heading above the description."},
		{name: "description", doc: "What the course is about."},
		{name: "room", doc: "Where it meets."},
		{name: "ownerId", doc: "The owner: a number, an e-mail address or `me`."},
		{name: "creationTime", kind: moment, output: true, doc: "When it was made."},
		{name: "updateTime", kind: moment, output: true, doc: "When it was last changed."},
		{name: "enrollmentCode", output: true, doc: "The code to join with, for those who run the course."},
		{name: "courseState", kind: choice, enum: courseState, doc: "State of the course."},
		{name: "alternateLink", output: true, doc: "Address of the course in Classroom."},
		{name: "teacherGroupEmail", output: true, doc: "Address of the teachers' group. Not kept by the emulator."},
		{name: "courseGroupEmail", output: true, doc: "Address of the group of all members. Not kept by the emulator."},
		{name: "guardiansEnabled", kind: flag, output: true, doc: "Whether guardian summaries are on. Not kept by the emulator."},
		{name: "calendarId", output: true, doc: "Calendar of the course. Not kept by the emulator."},
		{name: "subject", output: true, doc: "Subject. Not kept by the emulator."},
	}}
	courseList = listOf("ListCoursesResponse", "courses", course)

	alias = &message{name: "CourseAlias", doc: "Another name of a course.", fields: []field{
		{name: "alias", doc: "`d:` and a name, for the domain, or `p:` and a name, for the Cloud project."},
	}}
	aliasList = listOf("ListCourseAliasesResponse", "aliases", alias)

	userName = &message{name: "Name", doc: "A person's name.", fields: []field{
		{name: "givenName", doc: "Given name."},
		{name: "familyName", doc: "Family name."},
		{name: "fullName", doc: "Both."},
	}}
	permission = &message{name: "GlobalPermission", doc: "Something that a user may do.", fields: []field{
		{name: "permission", doc: "Its name."},
	}}
	profile = &message{name: "UserProfile", doc: "What Classroom tells about a user.", fields: []field{
		{name: "id", doc: "The user's number."},
		{name: "name", kind: object, message: userName, output: true, doc: "The user's name."},
		{name: "emailAddress", output: true, doc: "Only with the scope classroom.profile.emails."},
		{name: "photoUrl", output: true, doc: "Only with the scope classroom.profile.photos."},
		{name: "permissions", kind: object, message: permission, repeated: true, output: true, doc: "Not kept by the emulator."},
		{name: "verifiedTeacher", kind: flag, output: true, doc: "Whether an admin has verified the user to be a teacher."},
	}}
	driveFolder = &message{name: "DriveFolder", doc: "A folder in Drive. Not kept by the emulator.", fields: []field{
		{name: "id", doc: "Identifier."},
		{name: "title", doc: "Title."},
		{name: "alternateLink", doc: "Address."},
	}}

	student = &message{name: "Student", doc: "A student of a course.", fields: []field{
		{name: "courseId", output: true, doc: "The course."},
		{name: "userId", doc: "The user: a number, an e-mail address or `me`."},
		{name: "profile", kind: object, message: profile, output: true, doc: "The user's profile."},
		{name: "studentWorkFolder", kind: object, message: driveFolder, output: true, doc: "Not kept by the emulator."},
	}}
	studentList = listOf("ListStudentsResponse", "students", student)

	teacher = &message{name: "Teacher", doc: "A teacher of a course.", fields: []field{
		{name: "courseId", output: true, doc: "The course."},
		{name: "userId", doc: "The user: a number, an e-mail address or `me`."},
		{name: "profile", kind: object, message: profile, output: true, doc: "The user's profile."},
	}}
	teacherList = listOf("ListTeachersResponse", "teachers", teacher)
)

// The messages of the Directory API.
// https://developers.google.com/workspace/admin/directory/reference/rest/v1/users
var (
	directoryName = &message{name: "UserName", doc: "A person's name.", fields: []field{
		{name: "givenName", doc: "Given name."},
		{name: "familyName", doc: "Family name."},
		{name: "fullName", doc: "Both."},
	}}
	directoryUser = &message{name: "User", doc: "An account of the domain.", fields: []field{
		{name: "kind", doc: "Always admin#directory#user."},
		{name: "id", doc: "The user's number."},
		{name: "primaryEmail", doc: "The user's address."},
		{name: "name", kind: object, message: directoryName, doc: "The user's name."},
		{name: "isAdmin", kind: flag, doc: "Whether the user is a super admin."},
		{name: "suspended", kind: flag, doc: "Whether the account is off."},
		{name: "thumbnailPhotoUrl", doc: "Address of the user's picture."},
	}}
)

// listOf is the answer of a list method.
func listOf(name, items string, of *message) *message {
	return &message{name: name, doc: "A page of a list.", fields: []field{
		{name: items, kind: object, message: of, repeated: true, doc: "The items, absent if there are none."},
		{name: "nextPageToken", doc: "What to ask the next page with, absent after the last."},
	}}
}
