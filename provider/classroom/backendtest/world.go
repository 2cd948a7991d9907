package backendtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider/classroom"
)

// usualSchool is where most cases happen: dom.edu, with an admin (A), a course
// 101 that O owns, T teaches too and S attends, I and X who are in no course,
// and D, whose account is disabled; E is from outside.
const usualSchool = `
domains:
- {name: dom.edu, edition: paid}
users:
- {id: 9001, email: a@dom.edu, name: Anna Admin, admin: true}
- {id: 9002, email: o@dom.edu, name: Olga Owner}
- {id: 9003, email: t@dom.edu, name: Tom Teacher}
- {id: 9004, email: s@dom.edu, name: Sara Student}
- {id: 9005, email: i@dom.edu, name: Ivan Invitee}
- {id: 9006, email: x@dom.edu, name: Xenia Outsider}
- {id: 9007, email: d@dom.edu, name: Dora Disabled, disabled: true}
- {id: 9008, email: e@ext.org, name: Emil External}
courses:
- {id: 101, name: Maths,   ownerId: o@dom.edu, teachers: [o@dom.edu, t@dom.edu], students: [s@dom.edu], aliases: ["d:math"], creationTime: "2026-01-01T08:00:00Z"}
- {id: 102, name: Latin,   ownerId: o@dom.edu, courseState: ARCHIVED,    creationTime: "2026-01-02T08:00:00Z"}
- {id: 103, name: Physics, ownerId: o@dom.edu, courseState: PROVISIONED, creationTime: "2026-01-03T08:00:00Z"}
`

// people are the users by the letters that cases call them.
var people = map[string]struct{ id, email string }{
	"A": {"9001", "a@dom.edu"},
	"O": {"9002", "o@dom.edu"},
	"T": {"9003", "t@dom.edu"},
	"S": {"9004", "s@dom.edu"},
	"I": {"9005", "i@dom.edu"},
	"X": {"9006", "x@dom.edu"},
	"D": {"9007", "d@dom.edu"},
	"E": {"9008", "e@ext.org"},
}

// world is a case under way. Its methods make a call as somebody, check what
// it comes to, and return what it returned.
type world struct {
	*testing.T
	harness Harness
}

// as returns the backend for one of people, or an address.
func (w *world) as(who string) classroom.Backend {
	w.Helper()
	return w.harness.As(w.T, email(who))
}

// email returns the address of one of people; other names are left alone.
func email(who string) string {
	if p, ok := people[who]; ok {
		return p.email
	}
	return who
}

func (w *world) create(want outcome, as, course, user string, role classroom.Role) *classroom.Invitation {
	w.Helper()
	inv, err := w.as(as).CreateInvitation(w.Context(), classroom.Invitation{
		CourseID: course, UserID: email(user), Role: role,
	})
	check(w.T, err, want, "as %s: CreateInvitation(%s, %s, %s)", as, course, user, role)
	return inv
}

// invite is create where it is not the case's subject; it returns the id.
func (w *world) invite(as, course, user string, role classroom.Role) string {
	w.Helper()
	return w.create(ok, as, course, user, role).ID
}

func (w *world) get(want outcome, as, id string) *classroom.Invitation {
	w.Helper()
	inv, err := w.as(as).GetInvitation(w.Context(), id)
	check(w.T, err, want, "as %s: GetInvitation(%q)", as, id)
	return inv
}

func (w *world) delete(want outcome, as, id string) {
	w.Helper()
	err := w.as(as).DeleteInvitation(w.Context(), id)
	check(w.T, err, want, "as %s: DeleteInvitation(%q)", as, id)
}

func (w *world) accept(want outcome, as, id string) {
	w.Helper()
	err := w.as(as).AcceptInvitation(w.Context(), id)
	check(w.T, err, want, "as %s: AcceptInvitation(%q)", as, id)
}

// page lists one page of invitations.
func (w *world) page(want outcome, as string, q classroom.InvitationQuery) ([]*classroom.Invitation, string) {
	w.Helper()
	page, next, err := w.as(as).ListInvitations(w.Context(), q)
	check(w.T, err, want, "as %s: ListInvitations(%+v)", as, q)
	return page, next
}

// list lists the ids of all invitations to a course, of a user, or both.
func (w *world) list(want outcome, as, course, user string) []string {
	w.Helper()
	q := classroom.InvitationQuery{CourseID: course, UserID: email(user)}
	var ids []string
	for {
		page, next := w.page(want, as, q)
		for _, inv := range page {
			ids = append(ids, inv.ID)
		}
		if next == "" {
			return ids
		}
		q.Token = next
	}
}

// course gets a course.
func (w *world) course(want outcome, as, id string) *classroom.Course {
	w.Helper()
	c, err := w.as(as).GetCourse(w.Context(), id)
	check(w.T, err, want, "as %s: GetCourse(%q)", as, id)
	return c
}

// isMember reports whether a user is among a course's students or teachers,
// after the method's name.
func (w *world) isMember(kind, as, course, user string) bool {
	w.Helper()
	get := w.as(as).GetStudent
	if kind == "teacher" {
		get = w.as(as).GetTeacher
	}
	_, err := get(w.Context(), course, email(user))
	if notFound.matches(err) {
		return false
	}
	check(w.T, err, ok, "as %s: get %s %s of %s", as, kind, user, course)
	return true
}

// equal fails the test unless what a call returned is what was wanted.
func (w *world) equal(got, want any, format string, args ...any) {
	w.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.Fatalf("%s: -want +got\n%s", fmt.Sprintf(format, args...), diff)
	}
}

// crowd writes n users of a domain in YAML, p1@domain and so on, and crowdOf
// their addresses.
func crowd(n int, domain string) string {
	var b strings.Builder
	for _, email := range crowdOf(n, domain) {
		fmt.Fprintf(&b, "- {email: %s}\n", email)
	}
	return b.String()
}

func crowdOf(n int, domain string) []string {
	emails := make([]string, n)
	for i := range emails {
		emails[i] = fmt.Sprintf("p%d@%s", i+1, domain)
	}
	return emails
}

// school returns the usual school with more users, courses and invitations, in
// YAML.
func school(users, courses, invitations string) string {
	text := strings.Replace(usualSchool, "courses:\n", users+"courses:\n", 1) + courses
	if invitations != "" {
		text += "invitations:\n" + invitations
	}
	return text
}
