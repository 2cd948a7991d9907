package emulator

import "github.com/iql-lang/iql/provider"

// refusal is one way in which Classroom says no. The texts are Google's and
// are compared by clients letter by letter: mind which have a full stop.
type refusal struct {
	code    provider.Code
	reason  string // without "@"; empty where Google gives none
	message string
}

func (r refusal) err() error {
	return &provider.Error{Code: r.code, Reason: r.reason, Message: r.message}
}

// The refusals whose texts Google documents or has been seen to send. Those
// whose texts are guesses stand in assumed.go.
// https://developers.google.com/workspace/classroom/reference/rest
// https://developers.google.com/workspace/classroom/troubleshooting/common-errors
var (
	notFound      = refusal{provider.NotFound, "", "Requested entity was not found."}
	denied        = refusal{provider.PermissionDenied, "", "The caller does not have permission"}
	alreadyExists = refusal{provider.AlreadyExists, "", "Requested entity already exists"}
	invalid       = refusal{provider.InvalidArgument, "", "Request contains an invalid argument."}
	precondition  = refusal{provider.FailedPrecondition, "", "Precondition check failed."}

	apiDisabled = refusal{
		provider.PermissionDenied, "ClassroomApiDisabled",
		"The user is not permitted to access the Classroom API.",
	}
	classroomDisabled = refusal{
		provider.PermissionDenied, "ClassroomDisabled",
		"The user is not permitted to access Classroom.",
	}
	ineligibleOwner = refusal{
		provider.FailedPrecondition, "IneligibleOwner",
		"Only a co-teacher can be invited as owner of the course",
	}
	userAlreadyOwner = refusal{
		provider.FailedPrecondition, "UserAlreadyOwner",
		"Cannot transfer course to the user who is already the owner",
	}
	invitationQuota = refusal{
		provider.ResourceExhausted, "UserInvitationQuotaExhausted",
		"The user does not have enough quota to invite users to this course.",
	}
	courseNotFound = refusal{ // where a roster changes; other methods say notFound
		provider.NotFound, "CourseNotFound",
		"The course was not found.",
	}
	cannotDirectAdd = refusal{
		provider.PermissionDenied, "CannotDirectAddUser",
		"Unable to directly add the user to the course. Please check that the user account exists and is within the course admin's domain.",
	}
)
