package backendtest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/iql-lang/iql/provider"
)

// outcome is what a call comes to. An empty message is any: the reason is all
// that Google documents there.
type outcome struct {
	code    provider.Code
	reason  string
	message string
}

// The outcomes that the suite knows. The sentences are Google's, letter by
// letter; that they belong to the cases that expect them is partly assumed.
// Whoever finds another on the live service corrects it here.
// https://developers.google.com/workspace/classroom/troubleshooting/common-errors
var (
	ok           = outcome{}
	invalid      = outcome{provider.InvalidArgument, "", "Request contains an invalid argument."}
	anyInvalid   = outcome{provider.InvalidArgument, "", ""}
	denied       = outcome{provider.PermissionDenied, "", "The caller does not have permission"}
	notFound     = outcome{provider.NotFound, "", "Requested entity was not found."}
	exists       = outcome{provider.AlreadyExists, "", "Requested entity already exists"}
	precondition = outcome{provider.FailedPrecondition, "", "Precondition check failed."}

	apiOff           = outcome{provider.PermissionDenied, "ClassroomApiDisabled", "The user is not permitted to access the Classroom API."}
	classroomOff     = outcome{provider.PermissionDenied, "ClassroomDisabled", "The user is not permitted to access Classroom."}
	untrusted        = outcome{provider.PermissionDenied, "CannotInviteUserInUntrustedDomain", ""}
	ineligibleOwner  = outcome{provider.FailedPrecondition, "IneligibleOwner", "Only a co-teacher can be invited as owner of the course"}
	pendingOwner     = outcome{provider.FailedPrecondition, "PendingInvitationExists", ""}
	notModifiable    = outcome{provider.FailedPrecondition, "CourseNotModifiable", ""}
	memberLimit      = outcome{provider.FailedPrecondition, "CourseMemberLimitReached", ""}
	teacherLimit     = outcome{provider.FailedPrecondition, "CourseTeacherLimitReached", ""}
	membershipLimit  = outcome{provider.FailedPrecondition, "UserGroupsMembershipLimitReached", ""}
	joinRate         = outcome{provider.ResourceExhausted, "UserCourseJoinRateLimitReached", ""}
	invitationQuota  = outcome{provider.ResourceExhausted, "UserInvitationQuotaExhausted", "The user does not have enough quota to invite users to this course."}
	bothCourseFilter = outcome{provider.InvalidArgument, "ListCoursesStudentAndTeacherFilter", ""}
)

func (o outcome) String() string {
	switch {
	case o == ok:
		return "no error"
	case o.message == "" && o.reason == "":
		return o.code.String()
	case o.message == "":
		return fmt.Sprintf("%s: @%s ...", o.code, o.reason)
	}
	return (&provider.Error{Code: o.code, Reason: o.reason, Message: o.message}).Error()
}

// matches reports whether err is this outcome.
func (o outcome) matches(err error) bool {
	if o == ok || err == nil {
		return o == ok && err == nil
	}
	e, isError := errors.AsType[*provider.Error](err)
	return isError && e.Code == o.code && e.Reason == o.reason &&
		(o.message == "" || e.Message == o.message)
}

// check fails the test unless the call came to what was wanted.
func check(t *testing.T, err error, want outcome, format string, args ...any) {
	t.Helper()
	if !want.matches(err) {
		t.Fatalf("%s = %v, want %v", fmt.Sprintf(format, args...), err, want)
	}
}
