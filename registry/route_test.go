package registry

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const prefix = "googleworkspace.classroom."

// TestAccessibleBy pins the table from which a reader of the API's page knows
// what statement reaches which method.
func TestAccessibleBy(t *testing.T) {
	res, _ := Embedded().Resource(prefix + "invitations")
	want := [][]any{
		{"get", "id", "SELECT"},
		{"list", "courseId | userId", "SELECT"},
		{"create", "courseId, userId, role", "INSERT"},
		{"delete", "id", "DELETE"},
		{"accept", "id", "EXEC"},
	}
	if diff := cmp.Diff(want, res.ShowMethods(false).Rows); diff != "" {
		t.Errorf("ShowMethods (-want +got):\n%s", diff)
	}
}

func TestRoute(t *testing.T) {
	for _, tt := range []struct {
		resource string
		verb     Verb
		have     []string
		want     string // the method, or the error
	}{
		{"invitations", Select, []string{"id"}, "get"},
		{"invitations", Select, []string{"courseId"}, "list"},
		{"invitations", Select, []string{"userId"}, "list"},
		{"invitations", Select, []string{"userId", "courseId"}, "list"},
		{"invitations", Select, []string{"courseId", "id"}, "get"},
		{"invitations", Select, []string{"role", "COURSEID"}, "list"},
		{"invitations", Select, nil, "SELECT on googleworkspace.classroom.invitations needs id (get), or courseId or userId (list)"},
		{"invitations", Select, []string{"role"}, "SELECT on googleworkspace.classroom.invitations needs id (get), or courseId or userId (list)"},
		{"invitations", Insert, []string{"role", "userId", "courseId"}, "create"},
		{"invitations", Insert, []string{"courseId", "userId"}, "INSERT on googleworkspace.classroom.invitations needs courseId, userId and role (create)"},
		{"invitations", Delete, []string{"id"}, "delete"},
		{"invitations", Delete, []string{"courseId"}, "DELETE on googleworkspace.classroom.invitations needs id (delete)"},
		{"invitations", Exec, []string{"id"}, "accept"},
		{"invitations", Exec, nil, "EXEC on googleworkspace.classroom.invitations needs id (accept)"},
		{"invitations", Update, []string{"id", "role"}, "googleworkspace.classroom.invitations has no method for UPDATE"},
		{"courses", Select, nil, "list"},
		{"courses", Select, []string{"teacherId"}, "list"},
		{"courses", Select, []string{"id", "teacherId"}, "get"},
		{"courses", Delete, []string{"id"}, "googleworkspace.classroom.courses has no method for DELETE"},
		{"students", Select, []string{"courseId"}, "list"},
		{"students", Select, []string{"courseId", "userId"}, "get"},
		{"students", Select, []string{"userId"}, "SELECT on googleworkspace.classroom.students needs courseId and userId (get), or courseId (list)"},
		{"teachers", Select, []string{"courseId"}, "list"},
		{"user_profiles", Select, []string{"userId"}, "get"},
		{"user_profiles", Select, []string{"id"}, "get"},
		{"user_profiles", Select, nil, "SELECT on googleworkspace.classroom.user_profiles needs userId or id (get)"},
		{"courses_aliases", Select, []string{"courseId"}, "list"},
		{"pending_invitations", Delete, []string{"id"}, "googleworkspace.classroom.pending_invitations is a view: it has no method for DELETE"},
	} {
		res, ok := Embedded().Resource(prefix + tt.resource)
		if !ok {
			t.Fatalf("no resource %s", tt.resource)
		}
		got := ""
		m, err := res.Route(tt.verb, tt.have)
		if err != nil {
			e, ok := errors.AsType[*RouteError](err)
			if !ok || e.Resource != res || e.Verb != tt.verb {
				t.Errorf("%s: Route(%v, %v): %#v, want a RouteError about them", tt.resource, tt.verb, tt.have, err)
			}
			got = err.Error()
		} else {
			got = m.Name
		}
		if got != tt.want {
			t.Errorf("%s: Route(%v, %v) = %v, want %v", tt.resource, tt.verb, tt.have, got, tt.want)
		}
	}
}

// TestKeyNamed checks which resource is read by another name of its key.
func TestKeyNamed(t *testing.T) {
	for value, want := range map[string]string{
		"me": "user_profiles", "a@b.example": "user_profiles", "d:algebra": "courses", "p:algebra": "courses",
		"101": "", "": "", "STUDENT": "",
	} {
		got := ""
		if res := Embedded().KeyNamed(value); res != nil {
			got = res.Name
		}
		if got != want {
			t.Errorf("KeyNamed(%q) is %q, want %q", value, got, want)
		}
	}
}

// TestBehind checks which resource of a view a statement can change.
func TestBehind(t *testing.T) {
	for _, tt := range []struct {
		resource string
		verb     Verb
		want     string
	}{
		{"pending_invitations", Delete, "invitations"},
		{"pending_invitations", Insert, "invitations"},
		{"pending_invitations", Update, ""},
		{"courses", Delete, ""},
		{"invitations", Delete, ""},
	} {
		res, _ := Embedded().Resource(prefix + tt.resource)
		got := ""
		if of := res.Behind(tt.verb); of != nil {
			got = of.Name
		}
		if got != tt.want {
			t.Errorf("%s: Behind(%s) is %q, want %q", tt.resource, tt.verb, got, tt.want)
		}
	}
}

func TestRouteErrorOfMethod(t *testing.T) {
	m, _ := Embedded().Method(prefix + "invitations.accept")
	err := &RouteError{Resource: m.Resource, Verb: Exec, Method: m}
	if got, want := err.Error(), "googleworkspace.classroom.invitations.accept needs id"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	m, _ = schools(t).Method("school.timetable.lessons.search")
	err = &RouteError{Resource: m.Resource, Verb: Select, Method: m}
	if got, want := err.Error(), "school.timetable.lessons.search needs roomId or hour and subject"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}
