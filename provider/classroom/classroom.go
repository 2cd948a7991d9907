// Package classroom is the googleworkspace.classroom provider: the resources
// of Google Classroom that iql shows, over a [Backend] that answers for them.
//
// The Backend is the seam where the embedded emulator
// (provider/classroom/emulator) and Google's own API change places. Its
// methods, arguments and results follow the Classroom API v1
// (https://developers.google.com/workspace/classroom/reference/rest); every
// failure is a [*provider.Error] whose code is the API's status.
//
// [Methods] turns a Backend into the functions that sqlengine calls; there is
// one file for each resource.
package classroom

import "context"

// Backend answers for Classroom as one caller: who is asking was settled when
// it was made. All methods may be called from many goroutines at once. Besides
// the codes that each method names, any method may return UNAUTHENTICATED,
// PERMISSION_DENIED (the caller may not use Classroom at all, or lacks a
// scope), RESOURCE_EXHAUSTED, UNAVAILABLE and INTERNAL.
type Backend interface {
	Invitations
	Courses
	Rosters
	UserProfiles
}

// Invitations are invitations to join a course.
// https://developers.google.com/workspace/classroom/reference/rest/v1/invitations
type Invitations interface {
	// GetInvitation returns one invitation. PERMISSION_DENIED if the caller may
	// not see it, NOT_FOUND if there is none.
	GetInvitation(ctx context.Context, id string) (*Invitation, error)
	// ListInvitations returns a page of the invitations that the caller may
	// see, and the token of the next page, empty after the last.
	// INVALID_ARGUMENT without CourseID and UserID, or with a page token that
	// belongs to another query; NOT_FOUND for an unknown course or user;
	// PERMISSION_DENIED for a course or user the caller may not ask about.
	ListInvitations(ctx context.Context, q InvitationQuery) (page []*Invitation, next string, err error)
	// CreateInvitation invites inv.UserID to inv.CourseID as inv.Role (ID is
	// ignored) and returns the invitation as it was made. INVALID_ARGUMENT for
	// a missing or unknown field, NOT_FOUND for an unknown course or user,
	// PERMISSION_DENIED if the caller may not invite there,
	// FAILED_PRECONDITION for a disabled account, a role that the user has or
	// exceeds, and with reasons IneligibleOwner, PendingInvitationExists and
	// CourseNotModifiable; ALREADY_EXISTS if the user has an invitation to the
	// course; RESOURCE_EXHAUSTED with UserInvitationQuotaExhausted.
	CreateInvitation(ctx context.Context, inv Invitation) (*Invitation, error)
	// DeleteInvitation withdraws or declines an invitation. PERMISSION_DENIED,
	// NOT_FOUND.
	DeleteInvitation(ctx context.Context, id string) error
	// AcceptInvitation removes the invitation and enrols its user in the
	// course. Only the invited user may: others get PERMISSION_DENIED.
	// NOT_FOUND if there is none; FAILED_PRECONDITION with reasons
	// CourseMemberLimitReached, CourseTeacherLimitReached,
	// CourseNotModifiable, UserGroupsMembershipLimitReached.
	AcceptInvitation(ctx context.Context, id string) error
}

// Courses are read-only here.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses
type Courses interface {
	// GetCourse returns the course with this identifier or alias.
	// PERMISSION_DENIED, NOT_FOUND.
	GetCourse(ctx context.Context, id string) (*Course, error)
	// ListCourses returns a page of the courses that the caller may see,
	// newest first. INVALID_ARGUMENT for a bad page size or token, with reason
	// ListCoursesStudentAndTeacherFilter if both StudentID and TeacherID are
	// set; NOT_FOUND for an unknown user.
	ListCourses(ctx context.Context, q CourseQuery) (page []*Course, next string, err error)
	// ListCourseAliases returns a page of the aliases of a course.
	// PERMISSION_DENIED, NOT_FOUND.
	ListCourseAliases(ctx context.Context, courseID string, p Page) (page []string, next string, err error)
}

// Rosters are the students and teachers of a course.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses.students
type Rosters interface {
	// GetStudent and GetTeacher return one member of a course.
	// PERMISSION_DENIED, NOT_FOUND.
	GetStudent(ctx context.Context, courseID, userID string) (*Member, error)
	GetTeacher(ctx context.Context, courseID, userID string) (*Member, error)
	// ListStudents and ListTeachers return a page of a course's members.
	// PERMISSION_DENIED, NOT_FOUND.
	ListStudents(ctx context.Context, courseID string, p Page) (page []*Member, next string, err error)
	ListTeachers(ctx context.Context, courseID string, p Page) (page []*Member, next string, err error)
}

// UserProfiles are what Classroom tells about a user.
// https://developers.google.com/workspace/classroom/reference/rest/v1/userProfiles
type UserProfiles interface {
	// GetUserProfile returns the profile of the user with this number, e-mail
	// address or "me". PERMISSION_DENIED if the caller may not see it and,
	// unlike other methods, also if there is none.
	GetUserProfile(ctx context.Context, userID string) (*UserProfile, error)
}

// Page asks for part of a list. The zero value is the first page at the
// method's usual size.
type Page struct {
	Size  int    // rows, at most; 0 is the method's default, a negative number INVALID_ARGUMENT
	Token string // what the page before returned
}

// InvitationQuery says which invitations to list. CourseID or UserID is
// needed; with both, both must match.
type InvitationQuery struct {
	CourseID string // identifier or alias
	UserID   string // number, e-mail address or "me"
	Page
}

// CourseQuery says which courses to list; the zero value all that the caller
// may see.
type CourseQuery struct {
	StudentID string   // courses with this student
	TeacherID string   // courses with this teacher
	States    []string // any of these; empty is any state
	Page
}

// Role is what an invitation makes of its user.
type Role string

// The roles, least first.
const (
	Student Role = "STUDENT"
	Teacher Role = "TEACHER"
	Owner   Role = "OWNER"
)

// Invitation is an invitation to join a course. UserID may be empty in
// replies: the API leaves it out for people outside the caller's domain.
type Invitation struct {
	ID       string
	CourseID string
	UserID   string
	Role     Role
}

// Course is a class. Times are RFC 3339 with milliseconds, as the API sends
// them.
type Course struct {
	ID                 string
	Name               string
	Section            string
	DescriptionHeading string
	Description        string
	Room               string
	OwnerID            string
	CourseState        string // ACTIVE, ARCHIVED, PROVISIONED, DECLINED or SUSPENDED
	CreationTime       string
	UpdateTime         string
	EnrollmentCode     string // only for those who teach the course, and admins
	AlternateLink      string
}

// Member is a student or a teacher of a course.
type Member struct {
	CourseID string
	UserID   string
	Profile  UserProfile
}

// UserProfile is what Classroom tells about a user.
type UserProfile struct {
	ID              string
	GivenName       string
	FamilyName      string
	FullName        string
	EmailAddress    string
	PhotoURL        string
	VerifiedTeacher bool
}
