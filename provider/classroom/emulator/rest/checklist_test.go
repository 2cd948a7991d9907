package rest_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// What refusals say, for want.
const (
	denied       = "403 PERMISSION_DENIED The caller does not have permission"
	notFound     = "404 NOT_FOUND Requested entity was not found."
	invalid      = "400 INVALID_ARGUMENT Request contains an invalid argument."
	precondition = "400 FAILED_PRECONDITION Precondition check failed."
	exists       = "409 ALREADY_EXISTS Requested entity already exists"
	noScope      = "403 PERMISSION_DENIED Request had insufficient authentication scopes."
	ineligible   = "400 FAILED_PRECONDITION @IneligibleOwner Only a co-teacher can be invited as owner of the course"
	done         = "200 {}"
)

const (
	create  = "POST /v1/invitations"
	readers = "classroom.rosters.readonly"
)

// made is a request that makes an invitation of I to the course 101.
var made = request{as: owner, do: create, body: invite("101", "5", "STUDENT")}

// row is a behaviour of Classroom: what the school is like, the requests, and
// what is expected of them.
type row struct {
	n      int
	given  []func(*emulator.School)
	opts   rest.Options
	tokens []string // "$a", "$b", ... in as: a user and the scopes of a token
	do     []request
	then   func(t *testing.T, w *world, got []answer)
}

// checklist is what is known of Classroom, or assumed, by its number in
// docs/emulator.md.
func checklist() []row {
	return []row{
		// create
		{n: 1, do: []request{{
			as: owner, do: create, body: invite("101", "5", "STUDENT"),
			want: `200 {"id": "*", "userId": "5", "courseId": "101", "role": "STUDENT"}`,
		}}},
		{n: 2, do: []request{{
			as: owner, do: create, body: invite("101", invitee, "STUDENT"),
			want: `200 {"id": "*", "userId": "5", "courseId": "101", "role": "STUDENT"}`,
		}}},
		{n: 3, do: []request{{
			as: owner, do: create, body: invite("d:math", "5", "STUDENT"),
			want: `200 {"id": "*", "userId": "5", "courseId": "101", "role": "STUDENT"}`,
		}}},
		{n: 4, do: []request{{
			as: coteach, do: create, body: invite("101", "5", "TEACHER"),
			want: `200 {"id": "*", "userId": "5", "courseId": "101", "role": "TEACHER"}`,
		}}},
		{n: 5, do: []request{{as: admin, do: create, body: invite("101", "5", "STUDENT"), want: "200"}}},
		{n: 6, do: []request{{as: pupil, do: create, body: invite("101", "5", "STUDENT"), want: denied}}},
		{n: 7, do: []request{{as: outsider, do: create, body: invite("101", "5", "STUDENT"), want: denied}}},
		{n: 8, do: []request{{as: owner, do: create, body: invite("999", "5", "STUDENT"), want: notFound}}},
		{n: 9, do: []request{{as: owner, do: create, body: invite("101", "nobody@dom.edu", "STUDENT"), want: notFound}}},
		{n: 10, do: []request{{as: owner, do: create, body: invite("d:nope", "5", "STUDENT"), want: notFound}}},
		{n: 11, do: []request{made, {as: owner, do: create, body: invite("101", invitee, "STUDENT"), want: exists}}},
		{n: 12, do: []request{made, {as: owner, do: create, body: invite("101", invitee, "TEACHER"), want: exists}}},
		{n: 13, do: []request{
			made,
			{as: owner, do: "DELETE /v1/invitations/$1", want: done},
			{as: owner, do: create, body: invite("101", "5", "TEACHER"), want: `200 {"id": "*", "userId": "5", "courseId": "101", "role": "TEACHER"}`},
			{as: owner, do: "GET /v1/invitations/$1", want: notFound},
			{as: owner, do: "GET /v1/invitations/$2", want: "200"},
		}},
		{n: 14, do: []request{{as: owner, do: create, body: invite("101", off, "STUDENT"), want: precondition}}},
		{n: 15, do: []request{{as: owner, do: create, body: invite("101", pupil, "STUDENT"), want: precondition}}},
		{n: 16, do: []request{{as: owner, do: create, body: invite("101", coteach, "STUDENT"), want: precondition}}},
		{n: 17, do: []request{{as: owner, do: create, body: invite("101", coteach, "TEACHER"), want: precondition}}},
		{n: 18, do: []request{
			{as: coteach, do: create, body: invite("101", owner, "STUDENT"), want: precondition},
			{as: coteach, do: create, body: invite("101", owner, "TEACHER"), want: precondition},
			{as: admin, do: create, body: invite("101", owner, "OWNER"), want: precondition},
		}},
		{n: 19, do: []request{{as: owner, do: create, body: invite("101", pupil, "TEACHER"), want: "200"}}},
		{n: 20, do: []request{{as: owner, do: create, body: invite("101", invitee, "OWNER"), want: ineligible}}},
		{n: 21, do: []request{{as: owner, do: create, body: invite("101", pupil, "OWNER"), want: ineligible}}},
		{n: 22, do: []request{{
			as: owner, do: create, body: invite("101", coteach, "OWNER"),
			want: `200 {"id": "*", "userId": "3", "courseId": "101", "role": "OWNER"}`,
		}}},
		{n: 23, given: with(teaches("101", outsider)), do: []request{
			{as: coteach, do: create, body: invite("101", outsider, "OWNER"), want: denied},
		}},
		{n: 24, given: with(teaches("101", outsider)), do: []request{
			{as: owner, do: create, body: invite("101", coteach, "OWNER")},
			{
				as: owner, do: create, body: invite("101", outsider, "OWNER"),
				want: "400 FAILED_PRECONDITION @PendingInvitationExists …",
			},
		}},
		{n: 25, do: []request{
			{as: owner, do: create, body: `{"courseId": "101", "userId": "5"}`, want: invalid},
			{as: owner, do: create, body: invite("101", "5", "COURSE_ROLE_UNSPECIFIED"), want: invalid},
		}},
		{n: 26, do: []request{{
			as: owner, do: create, body: invite("101", "5", "FOO"),
			want: `400 {"error": {"code": 400, "status": "INVALID_ARGUMENT",
				"message": "Invalid value at 'invitation.role' (type.googleapis.com/google.classroom.v1.CourseRole), \"FOO\"",
				"details": [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": "invitation.role",
				"description": "Invalid value at 'invitation.role' (type.googleapis.com/google.classroom.v1.CourseRole), \"FOO\""}]}]}}`,
		}}},
		{n: 27, do: []request{{
			as: owner, do: create, body: `{"courseId": "101", "userId": "5", "role": 1}`,
			want: `200 {"id": "*", "userId": "5", "courseId": "101", "role": "STUDENT"}`,
		}}},
		{n: 28, do: []request{{
			as: owner, do: create, body: `{"course_id": "101", "user_id": "5", "role": "STUDENT"}`,
			want: `200 {"id": "*", "userId": "5", "courseId": "101", "role": "STUDENT"}`,
		}}},
		{n: 29, do: []request{{
			as: owner, do: create, body: `{"courseId": "101", "userId": "5", "role": "STUDENT", "note": {"a": [1, {}]}}`,
			want: `400 INVALID_ARGUMENT Invalid JSON payload received. Unknown name "note" at 'invitation': Cannot find field.`,
			has:  []string{`"fieldViolations"`, `"field": "invitation"`},
		}}},
		{n: 30, do: []request{
			{as: owner, do: create, body: `course=101`, want: "400 INVALID_ARGUMENT Invalid JSON payload received. …"},
			{as: owner, do: create, body: `{"courseId": "101",`, want: "400 INVALID_ARGUMENT Invalid JSON payload received. …"},
			{as: owner, do: create, body: `{"courseId": "101"} x`, want: "400 INVALID_ARGUMENT Invalid JSON payload received. …"},
			{as: owner, do: create, body: `[]`, want: "400 INVALID_ARGUMENT Invalid JSON payload received. …"},
		}},
		{n: 31, do: []request{
			{as: owner, do: create, want: invalid},
			{as: owner, do: create, body: `{}`, want: invalid},
			{as: owner, do: create, body: `{"userId": "5", "role": "STUDENT"}`, want: invalid},
			{as: owner, do: create, body: `{"courseId": "101", "userId": null, "role": "STUDENT"}`, want: invalid},
		}},
		{n: 32, do: []request{
			{as: owner, do: create, body: `{"id": "me", "courseId": "101", "userId": "5", "role": "STUDENT"}`, not: []string{`"me"`}},
			{as: owner, do: "GET /v1/invitations/$1", want: `200 {"id": "$1", "userId": "5", "courseId": "101", "role": "STUDENT"}`},
		}},
		{n: 33, do: []request{{as: owner, do: create, body: invite("101", "me", "TEACHER"), want: precondition}}},
		{n: 34, given: with(fundamentals), do: []request{{
			as: owner, do: create, body: invite("101", external, "STUDENT"),
			want: "403 PERMISSION_DENIED @CannotInviteUserInUntrustedDomain …",
		}}},
		{n: 35, do: []request{{as: owner, do: create, body: invite("101", external, "STUDENT"), want: "200"}}},
		{n: 36, given: with(crowd(502)), do: []request{
			{as: owner, do: create, body: invite("101", "u%d@dom.edu", "STUDENT"), times: 500},
			{
				as: owner, do: create, body: invite("101", "u500@dom.edu", "STUDENT"),
				want: "429 RESOURCE_EXHAUSTED @UserInvitationQuotaExhausted The user does not have enough quota to invite users to this course.",
			},
			{as: coteach, do: create, body: invite("101", "u501@dom.edu", "STUDENT"), want: "200"},
		}},
		{n: 37, given: with(crowd(48), fill("101", "teachers", 48)), do: []request{
			{as: owner, do: create, body: invite("101", invitee, "TEACHER"), want: "200"},
		}},
		{n: 38, do: []request{
			{as: owner, do: create, body: invite("102", "5", "STUDENT"), want: "400 FAILED_PRECONDITION @CourseNotModifiable …"},
			{as: owner, do: create, body: invite("103", "5", "STUDENT"), want: "200"},
		}},
		{n: 39, tokens: []string{owner + " " + readers}, do: []request{{
			as: "$a", do: create, body: invite("101", "5", "STUDENT"), want: noScope,
			head: `Www-Authenticate: Bearer realm="https://accounts.google.com/", error="insufficient_scope", ` +
				`scope="https://www.googleapis.com/auth/classroom.rosters"`,
			has: []string{"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "google.classroom.v1.Invitations.CreateInvitation"},
		}}},
		{n: 40, do: []request{{as: owner, do: create, body: invite("101", "5", "STUDENT"), want: "200"}}},

		// get and delete
		{n: 41, do: []request{made, {
			as: owner, do: "GET /v1/invitations/$1",
			want: `200 {"id": "$1", "userId": "5", "courseId": "101", "role": "STUDENT"}`,
		}}},
		{n: 42, do: []request{made, {as: invitee, do: "GET /v1/invitations/$1", want: "200"}}},
		{n: 43, do: []request{made, {as: outsider, do: "GET /v1/invitations/$1", want: denied}}},
		{n: 44, do: []request{{
			as: owner, want: notFound,
			do: "GET /v1/invitations/" + base64.StdEncoding.EncodeToString([]byte("101*100000000000ZZ")),
		}}},
		{n: 45, do: []request{{as: owner, do: "GET /v1/invitations/invalid-id", want: notFound}}},
		{n: 46, tokens: []string{owner + " " + readers}, do: []request{made, {as: "$a", do: "GET /v1/invitations/$1", want: "200"}}},
		{n: 47, do: []request{made, {as: owner, do: "DELETE /v1/invitations/$1", want: done}}},
		{n: 48, do: []request{
			made,
			{as: owner, do: "DELETE /v1/invitations/$1", want: done},
			{as: owner, do: "GET /v1/invitations/$1", want: notFound},
		}},
		{n: 49, do: []request{
			made,
			{as: owner, do: "DELETE /v1/invitations/$1", want: done},
			{as: owner, do: "DELETE /v1/invitations/$1", want: notFound},
		}},
		{n: 50, do: []request{made, {as: outsider, do: "DELETE /v1/invitations/$1", want: denied}}},
		{n: 51, do: []request{made, {as: invitee, do: "DELETE /v1/invitations/$1", want: done}}},
		{n: 52, do: []request{made, {as: admin, do: "DELETE /v1/invitations/$1", want: done}}},
		{n: 53, tokens: []string{owner + " " + readers}, do: []request{
			made,
			{as: "$a", do: "DELETE /v1/invitations/$1", want: noScope},
			{as: owner, do: "GET /v1/invitations/$1", want: "200"},
		}},
		{n: 54, do: []request{made, {as: owner, do: "DELETE /v1/invitations/$1", want: done}}, then: func(t *testing.T, _ *world, got []answer) {
			if body := got[1].body; body != "{}\n" {
				t.Errorf("the body of Empty is %q, want {} and a newline", body)
			}
		}},
		{n: 55, given: with(invited("Mz/x+==", "101", invitee, "STUDENT")), do: []request{
			{as: owner, do: "GET /v1/invitations/Mz%2Fx%2B%3D%3D", want: "200", has: []string{`"Mz/x+=="`}},
			{as: owner, do: "GET /v1/invitations/Mz%2Fx+==", want: "200"},
			{as: invitee, do: "POST /v1/invitations/Mz%2Fx%2B%3D%3D:accept", want: done},
		}},

		// accept
		{n: 56, do: []request{
			made,
			{as: invitee, do: "POST /v1/invitations/$1:accept", want: done},
			{as: owner, do: "GET /v1/courses/101/students/5", want: "200"},
			{as: owner, do: "GET /v1/invitations/$1", want: notFound},
			{as: owner, do: "GET /v1/invitations?courseId=101", want: done},
		}},
		{n: 57, do: []request{
			{as: owner, do: create, body: invite("101", "5", "TEACHER")},
			{as: invitee, do: "POST /v1/invitations/$1:accept", want: done},
			{as: owner, do: "GET /v1/courses/101/teachers", want: "200", has: []string{`"userId": "5"`}},
		}},
		{n: 58, do: []request{
			{as: owner, do: create, body: invite("101", pupil, "TEACHER")},
			{as: pupil, do: "POST /v1/invitations/$1:accept", want: done},
			{as: owner, do: "GET /v1/courses/101/teachers/4", want: "200"},
			{as: owner, do: "GET /v1/courses/101/students", want: done},
		}},
		{n: 59, do: []request{
			{as: owner, do: create, body: invite("101", coteach, "OWNER")},
			{as: coteach, do: "POST /v1/invitations/$1:accept", want: done},
			{as: coteach, do: "GET /v1/courses/101?fields=ownerId", want: `200 {"ownerId": "3"}`},
			{as: coteach, do: "GET /v1/courses/101/teachers/2", want: "200"},
		}},
		{n: 60, do: []request{made, {as: admin, do: "POST /v1/invitations/$1:accept", want: denied}}},
		{n: 61, do: []request{made, {as: owner, do: "POST /v1/invitations/$1:accept", want: denied}}},
		{n: 62, do: []request{
			{as: invitee, do: "POST /v1/invitations/nothing:accept", want: notFound},
			made,
			{as: invitee, do: "POST /v1/invitations/$1:accept", want: done},
			{as: invitee, do: "POST /v1/invitations/$1:accept", want: notFound},
		}},
		{n: 63, given: with(crowd(997), fill("101", "students", 997)), do: []request{
			made,
			{as: invitee, do: "POST /v1/invitations/$1:accept", want: "400 FAILED_PRECONDITION @CourseMemberLimitReached …"},
			{as: invitee, do: "GET /v1/invitations/$1", want: "200"},
		}},
		{n: 64, given: with(crowd(48), fill("101", "teachers", 48)), do: []request{
			{as: owner, do: create, body: invite("101", "5", "TEACHER")},
			{as: invitee, do: "POST /v1/invitations/$1:accept", want: "400 FAILED_PRECONDITION @CourseTeacherLimitReached …"},
		}},
		{n: 65, do: []request{
			made,
			{as: owner, do: "PATCH /v1/courses/101?updateMask=courseState", body: `{"courseState": "ARCHIVED"}`, want: "200"},
			{as: invitee, do: "POST /v1/invitations/$1:accept", want: "400 FAILED_PRECONDITION @CourseNotModifiable …"},
		}},
		{n: 66, given: with(func(s *emulator.School) { s.Limits.Memberships = 1 }), do: []request{
			{as: owner, do: create, body: invite("103", pupil, "STUDENT")},
			{as: pupil, do: "POST /v1/invitations/$1:accept", want: "400 FAILED_PRECONDITION @UserGroupsMembershipLimitReached …"},
		}},
		{n: 67, given: with(classes(31), external30), do: []request{
			{as: external, do: "GET /v1/invitations?userId=me", want: "200"},
			{as: external, do: "POST /v1/invitations/join-%d:accept", times: 30},
			{as: external, do: "POST /v1/invitations/join-30:accept", want: "429 RESOURCE_EXHAUSTED @UserCourseJoinRateLimitReached …"},
		}},
		{n: 68, given: with(crowd(249), personalClass(249), invited("last", "900", invitee, "STUDENT")), do: []request{
			{as: invitee, do: "POST /v1/invitations/last:accept", want: "400 FAILED_PRECONDITION @CourseMemberLimitReached …"},
		}},
		{n: 69, tokens: []string{"jwt " + admin + " classroom.rosters", "jwt " + invitee + " classroom.rosters"}, do: []request{
			made,
			{as: "$a", do: "POST /v1/invitations/$1:accept", want: denied},
			{as: "$b", do: "POST /v1/invitations/$1:accept", want: done},
		}},
		{n: 70, do: []request{
			made,
			{as: invitee, do: "GET /v1/invitations/$1:accept", want: "404", head: "Content-Type: text/html"},
			{as: invitee, do: "POST /v1/invitations/$1:accept", body: `{}`, want: done},
		}},
		{n: 71, tokens: []string{invitee + " " + readers}, do: []request{
			made,
			{as: "$a", do: "POST /v1/invitations/$1:accept", want: noScope},
		}},

		// list
		{n: 72, do: []request{
			made,
			{as: owner, do: create, body: invite("101", outsider, "TEACHER")},
			{as: owner, do: create, body: invite("103", outsider, "TEACHER")},
			{as: owner, do: "GET /v1/invitations?courseId=101", want: `200 {"invitations": [
				{"id": "$1", "userId": "5", "courseId": "101", "role": "STUDENT"},
				{"id": "$2", "userId": "6", "courseId": "101", "role": "TEACHER"}]}`},
		}},
		{n: 73, do: []request{
			made,
			{as: owner, do: create, body: invite("101", outsider, "TEACHER")},
			{as: owner, do: create, body: invite("103", invitee, "TEACHER")},
			{as: invitee, do: "GET /v1/invitations?userId=me", want: `200 {"invitations": [
				{"id": "$1", "userId": "5", "courseId": "101", "role": "STUDENT"},
				{"id": "$3", "userId": "5", "courseId": "103", "role": "TEACHER"}]}`},
		}},
		{n: 74, do: []request{
			made,
			{as: owner, do: create, body: invite("101", outsider, "TEACHER")},
			{as: owner, do: create, body: invite("103", invitee, "TEACHER")},
			{as: owner, do: "GET /v1/invitations?courseId=103&userId=5", want: `200 {"invitations": [
				{"id": "$3", "userId": "5", "courseId": "103", "role": "TEACHER"}]}`},
		}},
		{n: 75, do: []request{{as: owner, do: "GET /v1/invitations", want: invalid}}},
		{n: 76, do: []request{{as: owner, do: "GET /v1/invitations?courseId=101", want: done}}},
		{n: 77, given: with(crowd(501), waiting(501)), do: []request{
			{as: owner, do: "GET /v1/invitations?courseId=101", has: []string{"nextPageToken"}},
			{as: owner, do: "GET /v1/invitations?courseId=101&pageToken=$1", not: []string{"nextPageToken"}},
		}, then: counts(500, 1)},
		{n: 78, given: with(crowd(5), waiting(5)), do: []request{
			{as: owner, do: "GET /v1/invitations?courseId=101&pageSize=0"},
			{as: owner, do: "GET /v1/invitations?courseId=101&pageSize=2"},
			{as: owner, do: "GET /v1/invitations?courseId=101&pageSize=2&pageToken=$1"},
			{as: owner, do: "GET /v1/invitations?courseId=101&pageSize=2&pageToken=$2"},
		}, then: func(t *testing.T, w *world, got []answer) {
			counts(5, 2, 2, 1)(t, w, got)
			ids := userIDs(got[1].body + got[2].body + got[3].body)
			slices.Sort(ids)
			if len(slices.Compact(ids)) != 5 {
				t.Errorf("the pages have users %v, want five", ids)
			}
		}},
		{n: 79, given: with(crowd(501), waiting(501)), do: []request{
			{as: owner, do: "GET /v1/invitations?courseId=101&pageSize=10000"},
		}, then: counts(500)},
		{n: 80, do: []request{{as: owner, do: "GET /v1/invitations?courseId=101&pageSize=-1", want: invalid}}},
		{n: 81, do: []request{
			{
				as: owner, do: "GET /v1/invitations?courseId=101&pageSize=abc",
				want: `400 INVALID_ARGUMENT Invalid value at 'page_size' (TYPE_INT32), "abc"`, has: []string{`"field": "page_size"`},
			},
			{
				as: owner, do: "GET /v1/invitations?courseId=101&pageSize=",
				want: `400 INVALID_ARGUMENT Invalid value at 'page_size' (TYPE_INT32), ""`,
			},
		}},
		{n: 82, do: []request{{as: owner, do: "GET /v1/invitations?courseId=101&pageToken=garbage", want: invalid}}},
		{n: 83, given: with(crowd(5), waiting(5)), do: []request{
			{as: owner, do: "GET /v1/invitations?courseId=101&pageSize=2"},
			{as: owner, do: "GET /v1/invitations?courseId=103&pageSize=2&pageToken=$1", want: invalid},
			{as: owner, do: "GET /v1/invitations?courseId=101&pageSize=3&pageToken=$1", want: "200"},
		}},
		{n: 84, given: with(crowd(5), waiting(5)), do: []request{
			{as: owner, do: "GET /v1/invitations?courseId=101&pageSize=2"},
			{as: owner, do: "DELETE /v1/invitations/wait-0", want: done},
			{as: owner, do: "DELETE /v1/invitations/wait-1", want: done},
			{as: owner, do: "DELETE /v1/invitations/wait-3", want: done},
			{
				as: owner, do: "GET /v1/invitations?courseId=101&pageToken=$1",
				has: []string{`"wait-2"`, `"wait-4"`}, not: []string{"nextPageToken"},
			},
		}},
		{n: 85, do: []request{
			{as: owner, do: "GET /v1/invitations?courseId=999", want: notFound},
			{as: owner, do: "GET /v1/invitations?courseId=d:nope", want: notFound},
			{as: owner, do: "GET /v1/invitations?userId=nobody@dom.edu", want: notFound},
		}},
		{n: 86, do: []request{made, {as: admin, do: "GET /v1/invitations?courseId=101", has: []string{`"userId": "5"`}}}},
		{n: 87, do: []request{
			{as: owner, do: create, body: invite("101", external, "STUDENT")},
			{as: owner, do: "GET /v1/invitations?courseId=101", want: `200 {"invitations": [{"id": "$1", "courseId": "101", "role": "STUDENT"}]}`},
			{as: admin, do: "GET /v1/invitations?courseId=101", want: `200 {"invitations": [{"id": "$1", "courseId": "101", "role": "STUDENT"}]}`},
			{as: external, do: "GET /v1/invitations?userId=me", want: `200 {"invitations": [{"id": "$1", "userId": "8", "courseId": "101", "role": "STUDENT"}]}`},
		}},
		{n: 88, do: []request{
			made,
			{as: pupil, do: "GET /v1/invitations?courseId=101", want: done},
			{as: outsider, do: "GET /v1/invitations?courseId=101", want: denied},
		}},
		{n: 89, given: with(classes(1), invited("other", "700", invitee, "STUDENT")), do: []request{
			made,
			{as: owner, do: "GET /v1/invitations?userId=5", want: `200 {"invitations": [{"id": "$1", "userId": "5", "courseId": "101", "role": "STUDENT"}]}`},
		}},
		{n: 90, do: []request{made, {as: owner, do: "GET /v1/invitations?courseId=d:math", has: []string{`"courseId": "101"`}}}},
		{n: 91, do: []request{
			made,
			{as: owner, do: create, body: invite("101", outsider, "STUDENT")},
			{as: owner, do: "GET /v1/invitations?courseId=101&userId=I%40Dom.EDU", want: `200 {"invitations": [{"id": "$1", "userId": "5", "courseId": "101", "role": "STUDENT"}]}`},
		}},
		{n: 92, do: []request{
			made,
			{as: admin, do: "POST /v1/courses/101/students", body: `{"userId": "5"}`, want: "200"},
			{as: owner, do: "GET /v1/invitations/$1", want: notFound},
		}},
		{n: 93, do: []request{
			made,
			{as: owner, do: "DELETE /v1/courses/101", want: done},
			{as: invitee, do: "GET /v1/invitations/$1", want: notFound},
		}},
		{n: 94, tokens: []string{owner + " " + readers, owner + " classroom.courses.readonly"}, do: []request{
			{as: "$a", do: "GET /v1/invitations?courseId=101", want: "200"},
			{as: "$b", do: "GET /v1/invitations?courseId=101", want: noScope},
		}},

		// the envelope, system parameters, transport
		{n: 95, do: []request{
			made,
			{as: owner, do: "GET /v1/invitations?courseId=101&fields=invitations(id,role)", want: `200 {"invitations": [{"id": "$1", "role": "STUDENT"}]}`},
			{as: owner, do: "GET /v1/invitations?courseId=101&fields=nextPageToken,invitations/userId", want: `200 {"invitations": [{"userId": "5"}]}`},
			{as: owner, do: "GET /v1/invitations?courseId=101&fields=nextPageToken", want: done},
			{as: owner, do: "GET /v1/invitations?courseId=101&fields=", want: done},
		}},
		{n: 96, do: []request{
			{
				as: owner, do: "GET /v1/invitations?courseId=101&fields=bogus", want: invalid,
				has: []string{"Error expanding 'fields' parameter. Cannot find matching fields for path 'bogus'."},
			},
			{
				as: owner, do: "GET /v1/invitations?courseId=101&fields=nextPageToken,%20invitations", want: invalid,
				has: []string{"Cannot find matching fields for path ' invitations'."},
			},
		}},
		{n: 97, do: []request{
			made,
			{as: owner, do: "GET /v1/invitations/$1?prettyPrint=false", has: []string{`{"id":"`, `"role":"STUDENT"}` + "\n"}},
			{as: owner, do: "GET /v1/invitations/$1", has: []string{"{\n  \"id\": \"", "\n}\n"}},
			{as: owner, do: "GET /v1/invitations/none?prettyPrint=false", want: notFound, has: []string{"{\n  \"error\": {\n    \"code\": 404,\n"}},
		}},
		{n: 98, do: []request{
			{as: "-", do: "GET /v1/invitations?alt=zzz", want: "400 INVALID_ARGUMENT …"},
			{
				as: owner, do: "GET /v1/invitations?courseId=101&alt=media",
				want: `400 INVALID_ARGUMENT Unsupported alt type "media" for non byte stream request.`,
			},
			{as: owner, do: "GET /v1/invitations?courseId=101&alt=json&alt=zzz", want: done},
		}},
		{n: 99, do: []request{
			{as: owner, do: "GET /v1/invitations/none?$.xgafv=1", want: `404 {"error": {"code": 404, "message": "Requested entity was not found.",
				"errors": [{"message": "Requested entity was not found.", "domain": "global", "reason": "notFound"}], "status": "NOT_FOUND"}}`},
			{as: owner, do: "GET /v1/invitations/none?$.xgafv=2", want: `404 {"error": {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}}`},
			{as: "-", do: "GET /v1/invitations/none?$.xgafv=1&$.xgafv=9", want: "400 INVALID_ARGUMENT …", has: []string{"$.xgafv"}},
		}},
		{n: 100, do: []request{
			{as: owner, do: "GET /v1/invitations/none", header: "User-Agent: google-api-go-client/0.5", want: notFound, has: []string{`"errors"`}},
			{as: owner, do: "GET /v1/invitations/none", want: notFound, not: []string{`"errors"`}},
		}},
		{n: 101, do: []request{
			{
				as: owner, do: "GET /v1/invitations?courseId=101&foo=1",
				want: `400 INVALID_ARGUMENT Invalid JSON payload received. Unknown name "foo": Cannot bind query parameter. Field 'foo' could not be found in request message.`,
				has:  []string{"fieldViolations"},
			},
			{as: owner, do: "GET /v1/invitations?course_id=101&page_size=3", want: done},
		}},
		{n: 102, do: []request{{
			as: "-", do: "GET /v1/invitations?courseId=101&key=AIza",
			want: "401 UNAUTHENTICATED Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
			head: "Www-Authenticate: Bearer realm",
		}}},
		{n: 103, tokens: []string{owner + " classroom.rosters"}, do: []request{
			{as: "ya29.nonsense", do: "GET /v1/invitations?courseId=101", want: "401 UNAUTHENTICATED Request had invalid authentication credentials. …"},
			{as: "nobody@dom.edu", do: "GET /v1/invitations?courseId=101", want: "401 UNAUTHENTICATED Request had invalid authentication credentials. …"},
			{as: "$a", do: "GET /v1/invitations?courseId=101", want: done},
		}, then: func(t *testing.T, w *world, _ []answer) {
			token := w.token(owner, "classroom.rosters")
			w.pass(3600e9)
			w.run([]request{{as: token, do: "GET /v1/invitations?courseId=101", want: "401 UNAUTHENTICATED Request had invalid authentication credentials. …"}})
		}},
		{n: 104, do: everyMethod("noapi@dom.edu", "403 PERMISSION_DENIED @ClassroomApiDisabled The user is not permitted to access the Classroom API.")},
		{n: 105, do: everyMethod("noroom@dom.edu", "403 PERMISSION_DENIED @ClassroomDisabled The user is not permitted to access Classroom.")},
		{n: 106, tokens: []string{owner + " classroom.courses"}, do: []request{{as: "$a", do: "GET /v1/invitations/none", want: noScope}}},
		{n: 107, opts: rest.Options{Quota: rest.GoogleQuota}, do: []request{
			{as: owner, do: "GET /v1/invitations?courseId=101", times: 1200},
			{
				as: owner, do: "GET /v1/invitations?courseId=101",
				want: "429 RESOURCE_EXHAUSTED Quota exceeded for quota metric 'Requests' and limit 'Requests per minute per user' of service 'classroom.googleapis.com' for consumer 'project_number:123456789012'.",
				has:  []string{"RATE_LIMIT_EXCEEDED"},
			},
			{as: coteach, do: "GET /v1/invitations?courseId=101", want: "200"},
		}},
		{n: 108, opts: rest.Options{Faults: []rest.Fault{
			{Method: "invitations.list", Status: 500, Count: 1},
			{Method: "invitations.list", Status: 503, Count: 1},
		}}, do: []request{
			{as: owner, do: "GET /v1/invitations?courseId=101", want: "500 INTERNAL Internal error encountered."},
			{as: owner, do: "GET /v1/invitations?courseId=101", want: "503 UNAVAILABLE The service is currently unavailable."},
			{as: owner, do: "GET /v1/invitations?courseId=101", want: done},
		}},
		{n: 109, do: []request{
			{
				as: owner, do: "GET /v1/invitations?courseId=101", header: "If-None-Match: *", want: done,
				head: "Content-Type: application/json; charset=UTF-8|Etag: -|Content-Encoding: -|Server: ESF|Cache-Control: private|Vary: Origin, X-Origin, Referer",
			},
			{as: owner, do: "GET /v1/invitations?courseId=101", header: "Accept-Encoding: gzip", want: "200", head: "Content-Encoding: gzip"},
		}},
		{n: 110, do: []request{
			made,
			{as: owner, do: "GET /v1beta1/invitations", want: "404", head: "Content-Type: text/html"},
			{as: owner, do: "GET /v1/invitations/$1?", header: "Content-Type: application/x-www-form-urlencoded; charset=UTF-8", want: "200"},
			{as: invitee, do: "POST /v1/invitations/$1:accept?", header: "Content-Type: application/x-www-form-urlencoded; charset=UTF-8", want: done},
			{as: owner, do: "HEAD /v1/invitations", want: "400"},
			{as: owner, do: "PUT /v1/invitations", want: "404", head: "Content-Type: text/html"},
		}},
		{n: 111, then: func(t *testing.T, w *world, _ []answer) {
			got := w.batch(owner, []string{
				part("<u + r%201%0A2>", "GET /v1/invitations?courseId=101 HTTP/1.1", "", ""),
				part("<u + b>", "POST /v1/invitations?alt=json HTTP/1.1", "Content-Type: application/json\r\n", invite("101", "5", "STUDENT")),
				part("", "DELETE /v1/invitations/none", "", ""),
			})
			want := []string{"<response-u + r%201%0A2> 200", "<response-u + b> 200", " 404"}
			if !slices.Equal(got, want) {
				t.Errorf("batch: %q, want %q", got, want)
			}
		}},
		{n: 112, then: func(t *testing.T, w *world, _ []answer) {
			parts := slices.Repeat([]string{part("", "GET /v1/invitations?courseId=101", "", "")}, 51)
			a := w.postBatch(owner, parts)
			w.check(request{do: "batch of 51", want: "400 INVALID_ARGUMENT …"}, a)
			if got := w.batch(owner, parts[:50]); len(got) != 50 {
				t.Errorf("batch of 50: %d answers", len(got))
			}
		}},
		{n: 113, do: []request{made}, then: func(t *testing.T, w *world, got []answer) {
			id := url.PathEscape(got[0].field("id"))
			answers := w.batch(owner, []string{
				part("", "POST /v1/invitations/"+id+":accept", "", ""),
				part("", "POST /v1/invitations/"+id+":accept", "Authorization: Bearer "+invitee+"\r\n", ""),
			})
			if want := []string{" 403", " 200"}; !slices.Equal(answers, want) {
				t.Errorf("batch: %q, want %q", answers, want)
			}
		}},
		{n: 114, then: func(t *testing.T, w *world, _ []answer) {
			a := w.send(request{do: "GET /$discovery/rest?version=v1"})
			for _, name := range []string{"rootUrl", "baseUrl"} {
				if got := a.field(name); got != w.url+"/" {
					t.Errorf("%s is %q, want %q", name, got, w.url+"/")
				}
			}
			if got := a.field("resources", "invitations", "methods", "accept", "path"); got != "v1/invitations/{id}:accept" {
				t.Errorf("path of accept is %q", got)
			}
		}},
		{n: 115, opts: rest.Options{DelegatedScopes: []string{"classroom.rosters"}}, then: func(t *testing.T, w *world, _ []answer) {
			a := w.assert(owner, "classroom.rosters", 200)
			if diff := diffJSON(t, `{"access_token": "*", "token_type": "Bearer", "expires_in": 3599, "scope": "https://www.googleapis.com/auth/classroom.rosters"}`, a.body); diff != "" {
				t.Errorf("token: (-want +got)\n%s", diff)
			}
			a = w.assert(owner, "classroom.rosters classroom.courses", 401)
			if got := a.field("error"); got != "unauthorized_client" {
				t.Errorf("scope not delegated: %s", a.body)
			}
			a = w.assert("nobody@dom.edu", "classroom.rosters", 400)
			if got := a.field("error"); got != "invalid_grant" {
				t.Errorf("unknown subject: %s", a.body)
			}
		}},

		// the neighbours
		{n: 116, given: with(classes(1)), do: []request{
			{as: admin, do: "GET /v1/courses?fields=courses(id)", want: `200 {"courses": [{"id": "700"}, {"id": "103"}, {"id": "102"}, {"id": "101"}]}`},
			{as: owner, do: "GET /v1/courses?teacherId=me&fields=courses(id)", want: `200 {"courses": [{"id": "103"}, {"id": "102"}, {"id": "101"}]}`},
			{
				as: admin, do: "GET /v1/courses?courseStates=PROVISIONED&courseStates=ARCHIVED&fields=courses(id)",
				want: `200 {"courses": [{"id": "103"}, {"id": "102"}]}`,
			},
			{
				as: admin, do: "GET /v1/courses?courseStates=FOO",
				want: `400 INVALID_ARGUMENT Invalid value at 'course_states' (type.googleapis.com/google.classroom.v1.CourseState), "FOO"`,
			},
		}},
		{n: 117, do: []request{{
			as: admin, do: "GET /v1/courses?teacherId=2&studentId=4",
			want: "400 INVALID_ARGUMENT @ListCoursesStudentAndTeacherFilter …",
		}}},
		{n: 118, do: []request{{as: admin, do: "GET /v1/courses?teacherId=nobody@dom.edu", want: notFound}}},
		{n: 119, given: with(crowd(42), fill("101", "students", 42)), do: []request{
			{as: owner, do: "GET /v1/courses/101/students", has: []string{"nextPageToken"}},
			{as: owner, do: "GET /v1/courses/101/students?pageToken=$1", not: []string{"nextPageToken"}},
		}, then: func(t *testing.T, _ *world, got []answer) {
			for i, want := range []int{30, 13} {
				if n := strings.Count(got[i].body, `"userId"`); n != want {
					t.Errorf("page %d has %d students, want %d", i, n, want)
				}
			}
		}},
		{n: 120, tokens: []string{owner + " classroom.rosters", owner + " classroom.rosters classroom.profile.emails classroom.profile.photos"}, do: []request{
			{as: "$a", do: "GET /v1/courses/101/teachers/2", want: `200 {"courseId": "101", "userId": "2", "profile": {"id": "2",
				"name": {"givenName": "Olu", "familyName": "Owner", "fullName": "Olu Owner"}}}`},
			{as: "$b", do: "GET /v1/userProfiles/me", want: `200 {"id": "2", "emailAddress": "o@dom.edu", "photoUrl": "https://photos.example/o",
				"name": {"givenName": "Olu", "familyName": "Owner", "fullName": "Olu Owner"}}`},
		}},
		{n: 121, do: []request{{as: admin, do: "GET /v1/userProfiles/nobody@dom.edu", want: denied}}},
		{n: 122, do: []request{{
			as: admin, do: "POST /v1/courses/101/students", body: `{"userId": "e@ext.org"}`,
			want: "403 PERMISSION_DENIED @CannotDirectAddUser Unable to directly add the user to the course. Please check that the user account exists and is within the course admin's domain.",
		}}},
		{n: 123, do: []request{
			{as: admin, do: "POST /v1/courses/101/students", body: `{"userId": "3"}`, want: exists},
			{as: admin, do: "POST /v1/courses/101/students", body: `{"userId": "4"}`, want: exists},
		}},
		{n: 124, do: []request{
			{
				as: admin, do: "PATCH /v1/courses/101?updateMask=ownerId", body: `{"ownerId": "5"}`,
				want: "400 FAILED_PRECONDITION @IneligibleOwner …",
			},
			{
				as: admin, do: "PATCH /v1/courses/101?updateMask=owner_id", body: `{"ownerId": "o@dom.edu"}`,
				want: "400 FAILED_PRECONDITION @UserAlreadyOwner Cannot transfer course to the user who is already the owner",
			},
		}},
		{n: 125, do: []request{{
			as: admin, do: "POST /v1/courses/999/students", body: `{"userId": "5"}`,
			want: "404 NOT_FOUND @CourseNotFound The course was not found.",
		}}},
		{n: 126, tokens: []string{"jwt " + owner + " classroom.courses"}, do: []request{
			{as: owner, do: "GET /v1/courses/101/aliases", want: `200 {"aliases": [{"alias": "d:math"}]}`},
			{as: owner, do: "POST /v1/courses/101/aliases", body: `{"alias": "p:m/1"}`, want: `200 {"alias": "p:m/1"}`},
			{as: owner, do: "GET /v1/courses/p%3Am%2F1?fields=id", want: `200 {"id": "101"}`},
			{as: "$a", do: "GET /v1/courses/101/aliases", want: `200 {"aliases": [{"alias": "d:math"}]}`},
			{as: "$a", do: "GET /v1/courses/p%3Am%2F1", want: notFound},
			{as: owner, do: "DELETE /v1/courses/101/aliases/p%3Am%2F1", want: done},
		}},
	}
}

func TestChecklist(t *testing.T) {
	for _, r := range checklist() {
		t.Run(strconv.Itoa(r.n), func(t *testing.T) {
			w := open(t, r.opts, r.given...)
			for i, spec := range r.tokens {
				token := w.tokenOf(spec)
				for j := range r.do {
					if r.do[j].as == "$"+string(rune('a'+i)) {
						r.do[j].as = token
					}
				}
			}
			got := w.run(r.do)
			if r.then != nil {
				r.then(t, w, got)
			}
		})
	}
}

// TestChecklistIsWhole finds every row of the list in the table above, or in
// the manual, with the reason why it is not.
func TestChecklistIsWhole(t *testing.T) {
	const rows = 126
	manual, err := os.ReadFile("../../../../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	covered := map[int]int{}
	for _, r := range checklist() {
		covered[r.n]++
	}
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \| not checked: `).FindAllStringSubmatch(string(manual), -1) {
		n, _ := strconv.Atoi(m[1])
		covered[n]++
	}
	for n := 1; n <= rows; n++ {
		if covered[n] != 1 {
			t.Errorf("row %d is covered %d times", n, covered[n])
		}
	}
	if len(covered) != rows {
		t.Errorf("%d rows are covered, want %d", len(covered), rows)
	}
}

// with is the changes to the school of a row.
func with(change ...func(*emulator.School)) []func(*emulator.School) { return change }

func fundamentals(s *emulator.School) { s.Domains[0].Edition = "fundamentals" }

func courseOf(s *emulator.School, id string) *emulator.SeedCourse {
	for i := range s.Courses {
		if s.Courses[i].ID == id {
			return &s.Courses[i]
		}
	}
	panic("no course " + id)
}

func teaches(course, user string) func(*emulator.School) {
	return func(s *emulator.School) {
		c := courseOf(s, course)
		c.Teachers = append(c.Teachers, user)
	}
}

// crowd adds users u0@dom.edu and on.
func crowd(n int) func(*emulator.School) {
	return func(s *emulator.School) {
		for i := range n {
			s.Users = append(s.Users, emulator.SeedUser{Email: fmt.Sprintf("u%d@dom.edu", i)})
		}
	}
}

// fill puts the first n of the crowd into a course.
func fill(course, as string, n int) func(*emulator.School) {
	return func(s *emulator.School) {
		c := courseOf(s, course)
		for i := range n {
			user := fmt.Sprintf("u%d@dom.edu", i)
			if as == "teachers" {
				c.Teachers = append(c.Teachers, user)
			} else {
				c.Students = append(c.Students, user)
			}
		}
	}
}

// waiting invites the first n of the crowd to 101.
func waiting(n int) func(*emulator.School) {
	return func(s *emulator.School) {
		for i := range n {
			invited(fmt.Sprintf("wait-%d", i), "101", fmt.Sprintf("u%d@dom.edu", i), "STUDENT")(s)
		}
	}
}

func invited(id, course, user, role string) func(*emulator.School) {
	return func(s *emulator.School) {
		s.Invitations = append(s.Invitations, emulator.SeedInvitation{ID: id, CourseID: course, UserID: user, Role: role})
	}
}

// classes adds courses 700 and on, of the admin.
func classes(n int) func(*emulator.School) {
	return func(s *emulator.School) {
		for i := range n {
			s.Courses = append(s.Courses, emulator.SeedCourse{
				ID: strconv.Itoa(700 + i), Name: "Class", OwnerID: admin,
				CreationTime: "2026-02-01T00:00:00Z",
			})
		}
	}
}

// external30 invites E to the first 31 classes.
func external30(s *emulator.School) {
	for i := range 31 {
		invited(fmt.Sprintf("join-%d", i), strconv.Itoa(700+i), external, "STUDENT")(s)
	}
}

// personalClass adds the course 900 of E's, with the first n of the crowd.
func personalClass(n int) func(*emulator.School) {
	return func(s *emulator.School) {
		s.Courses = append(s.Courses, emulator.SeedCourse{ID: "900", Name: "Private", OwnerID: external})
		fill("900", "students", n)(s)
	}
}

// counts compares how many invitations each answer has.
func counts(want ...int) func(*testing.T, *world, []answer) {
	return func(t *testing.T, _ *world, got []answer) {
		t.Helper()
		for i, n := range want {
			if have := len(userIDs(got[i].body)); have != n {
				t.Errorf("page %d has %d invitations, want %d", i, have, n)
			}
		}
	}
}

func userIDs(body string) []string {
	return regexp.MustCompile(`"userId": "\d+"`).FindAllString(body, -1)
}

// everyMethod is one request of each method of Classroom, refused alike.
func everyMethod(as, want string) []request {
	requests := []request{
		{do: "GET /v1/invitations/x"},
		{do: "GET /v1/invitations?courseId=101"},
		{do: create, body: invite("101", "5", "STUDENT")},
		{do: "DELETE /v1/invitations/x"},
		{do: "POST /v1/invitations/x:accept"},
		{do: "GET /v1/courses/101"},
		{do: "GET /v1/courses"},
		{do: "POST /v1/courses", body: `{"name": "N", "ownerId": "me"}`},
		{do: "PATCH /v1/courses/101?updateMask=name", body: `{"name": "N"}`},
		{do: "DELETE /v1/courses/101"},
		{do: "GET /v1/courses/101/aliases"},
		{do: "POST /v1/courses/101/aliases", body: `{"alias": "p:x"}`},
		{do: "DELETE /v1/courses/101/aliases/p:x"},
		{do: "GET /v1/userProfiles/me"},
	}
	for _, roster := range []string{"/v1/courses/101/students", "/v1/courses/101/teachers"} {
		requests = append(requests,
			request{do: "GET " + roster},
			request{do: "GET " + roster + "/5"},
			request{do: "POST " + roster, body: `{"userId": "5"}`},
			request{do: "DELETE " + roster + "/5"})
	}
	for i := range requests {
		requests[i].as, requests[i].want = as, want
	}
	return requests
}
