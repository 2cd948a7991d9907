package live

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
)

// scopePrefix begins every scope.
const scopePrefix = "https://www.googleapis.com/auth/"

// Scopes of Google Classroom, of which a token for a method needs one.
// https://developers.google.com/identity/protocols/oauth2/scopes#classroom
const (
	rosters     = scopePrefix + "classroom.rosters"
	rostersRead = scopePrefix + "classroom.rosters.readonly"
	courses     = scopePrefix + "classroom.courses"
	coursesRead = scopePrefix + "classroom.courses.readonly"
	emails      = scopePrefix + "classroom.profile.emails"
	photos      = scopePrefix + "classroom.profile.photos"
)

// method is a method of the API.
type method struct {
	name string // "invitations.list", as Google calls it
	verb string
	path string // with {} for each argument
	// scopes are those of which Google takes any one, the least first. ask are
	// those that a token is asked for: with them people's addresses are shown.
	scopes []string
	ask    []string
	// nobody is the answer where an argument is empty, which no path can hold;
	// OK stands for NOT_FOUND.
	nobody provider.Code
}

// The methods of the API that a Backend has.
var (
	getInvitation    = method{name: "invitations.get", verb: http.MethodGet, path: "v1/invitations/{}", scopes: []string{rostersRead, rosters}}
	listInvitations  = method{name: "invitations.list", verb: http.MethodGet, path: "v1/invitations", scopes: []string{rostersRead, rosters}}
	createInvitation = method{name: "invitations.create", verb: http.MethodPost, path: "v1/invitations", scopes: []string{rosters}}
	deleteInvitation = method{name: "invitations.delete", verb: http.MethodDelete, path: "v1/invitations/{}", scopes: []string{rosters}}
	acceptInvitation = method{name: "invitations.accept", verb: http.MethodPost, path: "v1/invitations/{}:accept", scopes: []string{rosters}}

	getCourse   = method{name: "courses.get", verb: http.MethodGet, path: "v1/courses/{}", scopes: []string{coursesRead, courses}}
	listCourses = method{name: "courses.list", verb: http.MethodGet, path: "v1/courses", scopes: []string{coursesRead, courses}}
	listAliases = method{name: "courses.aliases.list", verb: http.MethodGet, path: "v1/courses/{}/aliases", scopes: []string{coursesRead, courses}}

	getStudent     = method{name: "courses.students.get", verb: http.MethodGet, path: "v1/courses/{}/students/{}", scopes: members, ask: withAddress}
	listStudents   = method{name: "courses.students.list", verb: http.MethodGet, path: "v1/courses/{}/students", scopes: members, ask: withAddress}
	getTeacher     = method{name: "courses.teachers.get", verb: http.MethodGet, path: "v1/courses/{}/teachers/{}", scopes: members, ask: withAddress}
	listTeachers   = method{name: "courses.teachers.list", verb: http.MethodGet, path: "v1/courses/{}/teachers", scopes: members, ask: withAddress}
	getUserProfile = method{name: "userProfiles.get", verb: http.MethodGet, path: "v1/userProfiles/{}", scopes: members, ask: withAddress, nobody: provider.PermissionDenied}

	members     = []string{rostersRead, rosters, emails, photos}
	withAddress = []string{rostersRead, emails}
)

// methods are all of them.
var methods = []*method{
	&getInvitation, &listInvitations, &createInvitation, &deleteInvitation, &acceptInvitation,
	&getCourse, &listCourses, &listAliases,
	&getStudent, &listStudents, &getTeacher, &listTeachers, &getUserProfile,
}

// Scopes returns those that tokens are asked for, whole and in order: with them
// every method can be called.
func Scopes() []string {
	var all []string
	for _, m := range methods {
		all = append(all, m.asked()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ScopesOf returns the scopes that a token for a method is asked for, by the name
// that Google gives it: "invitations.list". It is nil if there is no such method.
func ScopesOf(name string) []string {
	for _, m := range methods {
		if m.name == name {
			return slices.Clone(m.asked())
		}
	}
	return nil
}

// asked returns the scopes to ask a token for.
func (m *method) asked() []string {
	if m.ask != nil {
		return m.ask
	}
	return m.scopes[:1]
}

// request is a call of a method on its way.
type request struct {
	*method
	args  []string // of the path
	query url.Values
	body  []byte // JSON; nil for none
	// scopes are what the token is asked for, if not what the method asks for:
	// a look after a change uses the token of the change.
	scopes []string
	// alone says that it is no part of a batch: the answer to one was lost, and
	// what is too much for many is not too much for one.
	alone bool
	// read takes the body of an answer. It may be called again, for another.
	read func(io.Reader) error

	// Of changes: settle looks whether a request without an answer was done;
	// nil does not look. moot is what a repetition is refused with if the
	// request before it was done.
	change bool
	settle func() (done bool, err error)
	moot   provider.Code
}

// url returns the address of the request. An argument may hold any character.
func (r *request) url(base *url.URL) string {
	var b strings.Builder
	b.WriteString(base.String())
	path, args := r.path, r.args
	for {
		before, after, found := strings.Cut(path, "{}")
		b.WriteString(before)
		if !found {
			break
		}
		b.WriteString(segment(args[0]))
		path, args = after, args[1:]
	}
	b.WriteByte('?')
	q := r.query.Encode()
	if q != "" {
		b.WriteString(q)
		b.WriteByte('&')
	}
	b.WriteString("prettyPrint=false")
	return b.String()
}

// segment escapes an argument as one segment of a path, also where it would
// mean the folder itself or the one above.
func segment(arg string) string {
	if arg == "." || arg == ".." {
		return strings.ReplaceAll(arg, ".", "%2E")
	}
	// A colon begins a verb.
	return strings.NewReplacer(":", "%3A", "+", "%2B", "=", "%3D", "&", "%26", "$", "%24", "@", "%40").
		Replace(url.PathEscape(arg))
}

// reader returns the request's body.
func (r *request) reader() io.Reader {
	if r.body == nil {
		return nil
	}
	return bytes.NewReader(r.body)
}

// paged returns the query of a list with a page's size and token added.
func paged(q url.Values, p classroom.Page) url.Values {
	if q == nil {
		q = url.Values{}
	}
	if p.Size != 0 {
		q.Set("pageSize", itoa(p.Size))
	}
	set(q, "pageToken", p.Token)
	return q
}

// set sets a parameter that is not empty.
func set(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}
