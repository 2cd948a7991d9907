package emulator

import (
	"strings"
	"time"

	"github.com/iql-lang/iql/provider"
)

// What Google's pages leave open and nobody has been seen to measure stands in
// this file and nowhere else: whoever has live credentials can settle a row
// here. The live outcomes belong in backendtest as well, whose tables expect
// what this file says.

// The refusals whose reasons are documented and whose texts are not.
// https://developers.google.com/workspace/classroom/troubleshooting/common-errors
var (
	untrustedDomain = refusal{
		provider.PermissionDenied, "CannotInviteUserInUntrustedDomain",
		"The user is not in a domain trusted by the course domain.",
	}
	pendingOwner = refusal{
		provider.FailedPrecondition, "PendingInvitationExists",
		"A user has already been invited to own the course.",
	}
	notModifiable = refusal{
		provider.FailedPrecondition, "CourseNotModifiable",
		"The course is in a state that cannot be modified.",
	}
	memberLimit = refusal{
		provider.FailedPrecondition, "CourseMemberLimitReached",
		"The course already has the maximum number of members allowed.",
	}
	teacherLimit = refusal{
		provider.FailedPrecondition, "CourseTeacherLimitReached",
		"The course already has the maximum number of teachers allowed.",
	}
	groupsLimit = refusal{
		provider.FailedPrecondition, "UserGroupsMembershipLimitReached",
		"The user is already a member of the maximum number of groups.",
	}
	joinRate = refusal{
		provider.ResourceExhausted, "UserCourseJoinRateLimitReached",
		"The user has joined the maximum number of courses today.",
	}
	bothCourseFilters = refusal{
		provider.InvalidArgument, "ListCoursesStudentAndTeacherFilter",
		"Only one of studentId and teacherId may be set.",
	}
	inactiveOwner = refusal{
		provider.FailedPrecondition, "InactiveCourseOwner",
		"The owner of the course is not active.",
	}
	cannotOwn = refusal{
		provider.FailedPrecondition, "UserCannotOwnCourse",
		"The user cannot own a course.",
	}
	titleWithURL = refusal{
		provider.FailedPrecondition, "CourseTitleCannotContainUrl",
		"The title of a course cannot contain a URL.",
	}
	cannotRemoveOwner = refusal{
		provider.FailedPrecondition, "CannotRemoveCourseOwner",
		"The owner of the course cannot be removed.",
	}
	noOwnerLeft = refusal{
		provider.FailedPrecondition, "CannotRemoveTeacherWithNoCourseOwner",
		"A teacher cannot be removed from a course that has no active owner.",
	}
)

// The refusals that are chosen here for a case that no page describes.
var (
	missingField   = invalid      // create without courseId, userId or role, or with COURSE_ROLE_UNSPECIFIED
	missingFilter  = invalid      // list without courseId and userId
	badPageSize    = invalid      // a negative pageSize
	badPageToken   = invalid      // a token that is not ours, or belongs to another request
	badState       = invalid      // an unknown courseState in a filter
	accountOff     = precondition // inviting, adding or giving a course to a disabled account
	hasRole        = precondition // inviting someone who has the role, or a greater one
	malformedID    = notFound     // an identifier that is no number, address, alias or "me"
	badCourse      = invalid      // a course without name or owner, or with a field that is too long
	badMask        = invalid      // an update mask that is empty or names what cannot be patched
	badAlias       = invalid      // an alias without "d:" or "p:", or too long
	aliasNowhere   = precondition // documented for a domain's alias and somebody in no domain; the text is not
	badTransition  = precondition // a courseState that does not follow on the one before
	wrongCode      = denied       // joining without the course's enrollment code
	unknownProfile = denied       // documented: userProfiles.get does not tell unknown from forbidden
	courseRate     = refusal{     // making too many courses in a day
		provider.ResourceExhausted, "",
		"Resource has been exhausted (e.g. check quota).",
	}
)

// assumed are the rules that no page decides.
var assumed = struct {
	day                  time.Duration // what a daily limit looks back on
	maxPage              int           // a larger pageSize is cut to this, silently
	coTeacherInvitesOwn  bool          // may a co-teacher invite an owner?
	coTeacherDeletesOwn  bool          // may a co-teacher withdraw an OWNER invitation?
	adminDeletesOutside  bool          // may an admin withdraw the invitation of somebody outside the domain?
	inviteeReadsCourse   bool          // may an invited user get the course before accepting?
	inviteUnmodifiable   bool          // may users be invited to an archived, declined or suspended course?
	formerOwnerTeaches   bool          // does the owner before stay a teacher when an OWNER invitation is accepted?
	classmatesSeeProfile bool          // may people who share a course get each other's profile?
	colleaguesProfile    bool          // may people of one domain get each other's profile?
	coTeachersPatch      bool          // may a co-teacher change the course, but for its owner?
	teachersAlias        bool          // may a teacher make and remove the "p:" aliases of a course?
	ownerTransfers       bool          // may an owner who is no admin patch ownerId?
	orphanTransfers      bool          // may a course whose owner is disabled be given to another?
	addSettlesAny        bool          // does a direct add remove an invitation to a greater role too?
	leaverKeepsOwnership bool          // does an OWNER invitation outlive the removal of its teacher?
	studentsLeave        bool          // may students remove themselves?
	colleaguesRemove     bool          // may a co-teacher remove another?
}{
	day:                  24 * time.Hour,
	maxPage:              500,
	coTeacherInvitesOwn:  false,
	coTeacherDeletesOwn:  false,
	adminDeletesOutside:  false,
	inviteeReadsCourse:   false,
	inviteUnmodifiable:   false,
	formerOwnerTeaches:   true,
	classmatesSeeProfile: true,
	colleaguesProfile:    true,
	coTeachersPatch:      true,
	teachersAlias:        true,
	ownerTransfers:       false,
	orphanTransfers:      true,
	addSettlesAny:        true,
	leaverKeepsOwnership: false,
	studentsLeave:        true,
	colleaguesRemove:     true,
}

// firstStates are the states in which a course may be made.
var firstStates = []string{"PROVISIONED", "ACTIVE"}

// transitions are the states to which a course in a state may be changed. What
// the API says of each state decides most of them; that a course which has
// begun does not become PROVISIONED or DECLINED again is a guess.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses#CourseState
var transitions = map[string][]string{
	"ACTIVE":      {"ARCHIVED"},
	"ARCHIVED":    {"ACTIVE", "PROVISIONED", "DECLINED"},
	"PROVISIONED": {"ACTIVE", "DECLINED", "ARCHIVED"},
	"DECLINED":    {"PROVISIONED"},
	"SUSPENDED":   {},
}

// hasURL reports whether the name of a course contains an address of the web,
// which it must not.
func hasURL(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "://") || strings.Contains(name, "www.")
}

// hidesUser reports whether an invitation leaves out its userId for this
// reader: it has been seen to, for invitees of another Workspace domain and
// for consumer accounts, who have none.
func hidesUser(reader, invitee *user) bool {
	if reader.key == invitee.key {
		return false
	}
	return invitee.domain == "" || reader.domain != invitee.domain
}
