package official_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	admin "google.golang.org/api/admin/directory/v1"
	"google.golang.org/api/classroom/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

const school = `
domains:
- {name: dom.edu, edition: paid}
users:
- {id: 1, email: admin@dom.edu, name: Ann Admin, admin: true}
- {id: 2, email: owner@dom.edu, name: Olu Owner}
- {id: 3, email: teacher@dom.edu, name: Tia Teacher}
- {id: 4, email: student@dom.edu, name: Sam Student}
- {id: 5, email: invitee@dom.edu, name: Ines Invitee}
courses:
- {id: 101, name: Maths, ownerId: owner@dom.edu, teachers: [teacher@dom.edu], students: [student@dom.edu], aliases: ["d:math 1"]}
`

// serve starts an emulator and returns its address.
func serve(t *testing.T, opts rest.Options) string {
	t.Helper()
	seed, err := emulator.ReadSchool("school", strings.NewReader(school))
	if err != nil {
		t.Fatal(err)
	}
	store, err := emulator.Open(t.Context(), emulator.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(rest.New(store, opts))
	t.Cleanup(func() {
		server.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return server.URL + "/"
}

// as returns a client that acts as a user, whose address is the access token.
func as(t *testing.T, url, user string) *classroom.Service {
	t.Helper()
	s, err := classroom.NewService(t.Context(), option.WithEndpoint(url),
		option.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: user})))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// must returns the value of a call that should succeed.
func must[T any](t *testing.T, call func(...googleapi.CallOption) (T, error)) T {
	t.Helper()
	v, err := call()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// refused compares the error of a call.
func refused(t *testing.T, err error, code int, message string) {
	t.Helper()
	e, ok := errors.AsType[*googleapi.Error](err)
	if !ok || e.Code != code || !strings.HasPrefix(e.Message, message) || len(e.Errors) == 0 {
		t.Errorf("error %v, want %d %s", err, code, message)
	}
}

func TestInvitations(t *testing.T) {
	url := serve(t, rest.Options{})
	owner, invitee := as(t, url, "owner@dom.edu"), as(t, url, "invitee@dom.edu")

	made := must(t, owner.Invitations.Create(&classroom.Invitation{
		CourseId: "d:math 1", UserId: "invitee@dom.edu", Role: "STUDENT",
	}).Do)
	if made.CourseId != "101" || made.UserId != "5" || made.Role != "STUDENT" || made.HTTPStatusCode != 200 {
		t.Errorf("created %+v", made)
	}
	if got := must(t, owner.Invitations.Get(made.Id).Do); got.Id != made.Id {
		t.Errorf("got %+v, want %+v", got, made)
	}
	list := must(t, owner.Invitations.List().CourseId("d:math 1").UserId("5").Do)
	if len(list.Invitations) != 1 || list.Invitations[0].Id != made.Id {
		t.Errorf("listed %+v", list.Invitations)
	}
	must(t, invitee.Invitations.Accept(made.Id).Do)
	_, err := owner.Invitations.Get(made.Id).Do()
	refused(t, err, 404, "Requested entity was not found.")
	must(t, owner.Courses.Students.Get("101", "invitee@dom.edu").Do)

	again := must(t, owner.Invitations.Create(&classroom.Invitation{CourseId: "101", UserId: "5", Role: "TEACHER"}).Do)
	must(t, owner.Invitations.Delete(again.Id).Do)
	_, err = owner.Invitations.Delete(again.Id).Do()
	refused(t, err, 404, "Requested entity was not found.")
}

func TestErrors(t *testing.T) {
	url := serve(t, rest.Options{})
	owner := as(t, url, "owner@dom.edu")
	for _, c := range []struct {
		name    string
		as      string
		inv     classroom.Invitation
		code    int
		message string
	}{
		{"not a teacher", "student@dom.edu", classroom.Invitation{CourseId: "101", UserId: "5", Role: "STUDENT"}, 403, "The caller does not have permission"},
		{"unknown course", "owner@dom.edu", classroom.Invitation{CourseId: "999", UserId: "5", Role: "STUDENT"}, 404, "Requested entity was not found."},
		{"has the role", "owner@dom.edu", classroom.Invitation{CourseId: "101", UserId: "4", Role: "STUDENT"}, 400, "Precondition check failed."},
		{"no co-teacher", "owner@dom.edu", classroom.Invitation{CourseId: "101", UserId: "5", Role: "OWNER"}, 400, "@IneligibleOwner "},
		{"no such role", "owner@dom.edu", classroom.Invitation{CourseId: "101", UserId: "5", Role: "FOO"}, 400, "Invalid value at 'invitation.role'"},
		{"nothing", "owner@dom.edu", classroom.Invitation{}, 400, "Request contains an invalid argument."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := as(t, url, c.as).Invitations.Create(&c.inv).Do()
			refused(t, err, c.code, c.message)
		})
	}
	must(t, owner.Invitations.Create(&classroom.Invitation{CourseId: "101", UserId: "5", Role: "STUDENT"}).Do)
	_, err := owner.Invitations.Create(&classroom.Invitation{CourseId: "101", UserId: "5", Role: "TEACHER"}).Do()
	refused(t, err, 409, "Requested entity already exists")
	if want := "googleapi: Error 409: Requested entity already exists, alreadyExists"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	_, err = as(t, url, "nobody@dom.edu").Courses.List().Do()
	refused(t, err, 401, "Request had invalid authentication credentials.")
}

// TestPages follows page tokens by hand and by the client's own loop.
func TestPages(t *testing.T) {
	url := serve(t, rest.Options{})
	owner, boss := as(t, url, "owner@dom.edu"), as(t, url, "admin@dom.edu")
	for i := range 5 {
		c := must(t, owner.Courses.Create(&classroom.Course{Name: fmt.Sprint("Course ", i), OwnerId: "me"}).Do)
		must(t, owner.Invitations.Create(&classroom.Invitation{CourseId: c.Id, UserId: "5", Role: "STUDENT"}).Do)
	}
	seen := map[string]bool{}
	token, sizes := "", []int{}
	for {
		page := must(t, boss.Invitations.List().UserId("5").PageSize(2).PageToken(token).Fields("nextPageToken", "invitations(id)").Do)
		for _, inv := range page.Invitations {
			if inv.Id == "" || inv.CourseId != "" {
				t.Errorf("the mask let %+v through", inv)
			}
			seen[inv.Id] = true
		}
		sizes = append(sizes, len(page.Invitations))
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	if len(seen) != 5 || fmt.Sprint(sizes) != "[2 2 1]" {
		t.Errorf("pages of %v with %d invitations, want [2 2 1] with 5", sizes, len(seen))
	}
	_, err := boss.Invitations.List().UserId("5").PageToken("T==").Do()
	refused(t, err, 400, "Request contains an invalid argument.")

	var courses, pages int
	err = owner.Courses.List().TeacherId("me").CourseStates("ACTIVE", "PROVISIONED").PageSize(4).
		Pages(t.Context(), func(page *classroom.ListCoursesResponse) error {
			courses += len(page.Courses)
			pages++
			return nil
		})
	if err != nil || courses != 6 || pages != 2 {
		t.Errorf("%d courses on %d pages, %v; want 6 on 2", courses, pages, err)
	}
}

func TestCoursesAndPeople(t *testing.T) {
	url := serve(t, rest.Options{})
	owner, boss := as(t, url, "owner@dom.edu"), as(t, url, "admin@dom.edu")

	course := must(t, owner.Courses.Create(&classroom.Course{
		Name: "Art", Section: "A/1", OwnerId: "me", CourseState: "ACTIVE",
	}).Do)
	patched := must(t, owner.Courses.Patch(course.Id, &classroom.Course{Room: "7", Name: "ignored"}).UpdateMask("room").Do)
	if patched.Room != "7" || patched.Name != "Art" || patched.CourseState != "ACTIVE" || patched.EnrollmentCode == "" {
		t.Errorf("patched %+v", patched)
	}
	_, err := owner.Courses.Patch(course.Id, &classroom.Course{}).Do()
	refused(t, err, 400, "Request contains an invalid argument.")

	must(t, owner.Courses.Aliases.Create(course.Id, &classroom.CourseAlias{Alias: "p:art/1"}).Do)
	must(t, boss.Courses.Aliases.Create(course.Id, &classroom.CourseAlias{Alias: "d:art +"}).Do)
	if got := must(t, owner.Courses.Get("p:art/1").Do); got.Id != course.Id {
		t.Errorf("the alias is of %s, want %s", got.Id, course.Id)
	}
	aliases := must(t, owner.Courses.Aliases.List("d:art +").Do)
	if len(aliases.Aliases) != 2 {
		t.Errorf("aliases %+v, want two", aliases.Aliases)
	}
	must(t, owner.Courses.Aliases.Delete(course.Id, "p:art/1").Do)

	student := must(t, boss.Courses.Students.Create(course.Id, &classroom.Student{UserId: "student@dom.edu"}).Do)
	if student.UserId != "4" || student.Profile.EmailAddress != "student@dom.edu" {
		t.Errorf("student %+v", student)
	}
	joined := must(t, as(t, url, "invitee@dom.edu").Courses.Students.Create(course.Id, &classroom.Student{UserId: "me"}).
		EnrollmentCode(course.EnrollmentCode).Do)
	if joined.UserId != "5" {
		t.Errorf("joined %+v", joined)
	}
	must(t, boss.Courses.Teachers.Create(course.Id, &classroom.Teacher{UserId: "3"}).Do)
	must(t, boss.Courses.Teachers.Get(course.Id, "teacher@dom.edu").Do)
	if got := must(t, owner.Courses.Teachers.List(course.Id).Do); len(got.Teachers) != 2 {
		t.Errorf("teachers %+v, want two", got.Teachers)
	}
	if got := must(t, owner.Courses.Students.List(course.Id).PageSize(1).Do); len(got.Students) != 1 || got.NextPageToken == "" {
		t.Errorf("students %+v, want one and a token", got)
	}
	must(t, owner.Courses.Students.Delete(course.Id, "4").Do)
	must(t, boss.Courses.Teachers.Delete(course.Id, "3").Do)
	_, err = owner.Courses.Students.Get(course.Id, "4").Do()
	refused(t, err, 404, "Requested entity was not found.")

	me := must(t, owner.UserProfiles.Get("me").Do)
	if me.Name.FullName != "Olu Owner" || me.EmailAddress != "owner@dom.edu" {
		t.Errorf("profile %+v", me)
	}
	_, err = boss.UserProfiles.Get("nobody@dom.edu").Do()
	refused(t, err, 403, "The caller does not have permission")
	must(t, owner.Courses.Delete(course.Id).Do)
	_, err = owner.Courses.Get(course.Id).Do()
	refused(t, err, 404, "Requested entity was not found.")
}

func TestDirectory(t *testing.T) {
	url := serve(t, rest.Options{})
	s, err := admin.NewService(t.Context(), option.WithEndpoint(url),
		option.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "admin@dom.edu"})))
	if err != nil {
		t.Fatal(err)
	}
	if u := must(t, s.Users.Get("2").Do); u.PrimaryEmail != "owner@dom.edu" || u.Name.FullName != "Olu Owner" {
		t.Errorf("user %+v", u)
	}
	_, err = s.Users.Get("nobody@dom.edu").Do()
	refused(t, err, 404, "Resource Not Found: userKey")
}

// TestDelegation has a service account act for users, as admins set it up: by
// a key file whose token_uri is the emulator's.
func TestDelegation(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, rest.Options{
		AssertionKey:    &key.PublicKey,
		DelegatedScopes: []string{classroom.ClassroomRostersScope},
	})
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(map[string]string{
		"type":           "service_account",
		"client_email":   "robot@school-1.iam.gserviceaccount.com",
		"private_key_id": "1",
		"private_key":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"token_uri":      url + "token",
	})
	if err != nil {
		t.Fatal(err)
	}
	client := func(user string, scopes ...string) *classroom.Service {
		t.Helper()
		config, err := google.JWTConfigFromJSON(file, scopes...)
		if err != nil {
			t.Fatal(err)
		}
		config.Subject = user
		s, err := classroom.NewService(t.Context(), option.WithEndpoint(url), option.WithTokenSource(config.TokenSource(t.Context())))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	made := must(t, client("owner@dom.edu", classroom.ClassroomRostersScope).Invitations.Create(&classroom.Invitation{
		CourseId: "101", UserId: "5", Role: "STUDENT",
	}).Do)
	_, err = client("admin@dom.edu", classroom.ClassroomRostersScope).Invitations.Accept(made.Id).Do()
	refused(t, err, 403, "The caller does not have permission")
	must(t, client("invitee@dom.edu", classroom.ClassroomRostersScope).Invitations.Accept(made.Id).Do)

	got := must(t, client("owner@dom.edu", classroom.ClassroomRostersScope).Courses.Students.Get("101", "5").Do)
	if got.Profile.EmailAddress != "" {
		t.Errorf("the address %s is shown without its scope", got.Profile.EmailAddress)
	}
	_, err = client("owner@dom.edu", classroom.ClassroomRostersScope).Courses.Get("101").Do()
	refused(t, err, 403, "Request had insufficient authentication scopes.")

	_, err = client("owner@dom.edu", classroom.ClassroomRostersScope, classroom.ClassroomCoursesScope).Courses.List().Do()
	if err == nil || !strings.Contains(err.Error(), "cannot fetch token: 401") || !strings.Contains(err.Error(), "unauthorized_client") {
		t.Errorf("a scope that is not delegated: %v", err)
	}
	_, err = client("nobody@dom.edu", classroom.ClassroomRostersScope).Invitations.Get("x").Do()
	if err == nil || !strings.Contains(err.Error(), "invalid_grant") {
		t.Errorf("an unknown subject: %v", err)
	}
}

// TestFaults finds that the client makes one attempt, and reports what came.
func TestFaults(t *testing.T) {
	url := serve(t, rest.Options{Faults: []rest.Fault{
		{Method: "invitations.list", Status: 503, Count: 1},
		{Method: "invitations.list", Status: 429, Count: 1},
		{Method: "invitations.list", Kind: rest.Malformed, Count: 1},
		{Method: "invitations.list", Kind: rest.Reset, Count: 1},
		{Method: "invitations.list", Status: 502, Count: 1},
	}})
	list := as(t, url, "owner@dom.edu").Invitations.List().CourseId("101").Context(context.WithoutCancel(t.Context()))
	_, err := list.Do()
	refused(t, err, 503, "The service is currently unavailable.")
	_, err = list.Do()
	refused(t, err, 429, "Resource has been exhausted (e.g. check quota).")
	for range 2 {
		if _, err = list.Do(); err == nil {
			t.Error("half an answer is no error")
		}
	}
	_, err = list.Do()
	if e, ok := errors.AsType[*googleapi.Error](err); !ok || e.Code != 502 || !strings.Contains(e.Body, "<html") && !strings.Contains(e.Body, "<!DOCTYPE") {
		t.Errorf("502: %v", err)
	}
	must(t, list.Do)
}
