package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// lists are the lists that the tests below ask for.
var lists = []string{
	"/v1/invitations?courseId=101", "/v1/invitations?userId=me", "/v1/invitations?courseId=101&pageSize=1",
	"/v1/invitations?courseId=101&userId=i@dom.edu", "/v1/invitations?courseId=d:math",
	"/v1/courses?", "/v1/courses?teacherId=me", "/v1/courses?studentId=me", "/v1/courses?courseStates=ACTIVE&courseStates=ARCHIVED",
	"/v1/courses?courseStates=ACTIVE", "/v1/courses?courseStates=ARCHIVED", "/v1/courses?pageSize=1",
	"/v1/courses/101/aliases?", "/v1/courses/101/students?", "/v1/courses/101/teachers?",
	"/v1/courses/102/teachers?", "/v1/courses/101/teachers?pageSize=1",
}

// forms are ways to have an answer.
var forms = []string{
	"", "&prettyPrint=false", "&fields=nextPageToken", "&fields=*", "&fields=", "&fields=invitations(id),courses(id)",
	"&fields=invitations/userId", "&fields=teachers/profile", "&callback=f", "&alt=json&quotaUser=q",
}

// unseen is the same list, as nobody has asked for it: of several page tokens
// the last holds.
func unseen(path string, n int) string {
	return strings.Replace(path, "?", fmt.Sprintf("?pageToken=%d&pageToken=&", n), 1)
}

// Each caller has the answers that are theirs, in the form they ask for,
// whoever asked before.
func TestKeptListsAreNotMixedUp(t *testing.T) {
	t.Parallel()
	w := open(t, rest.Options{}, invited("one", "101", invitee, "STUDENT"), invited("two", "101", external, "TEACHER"),
		invited("three", "102", invitee, "STUDENT"))
	callers := []string{
		admin, owner, coteach, pupil, invitee, outsider, external,
		w.token(owner, "classroom.rosters", "classroom.courses"),
		w.token(owner, "classroom.rosters", "classroom.profile.emails"),
		w.token(owner, "classroom.rosters", "classroom.profile.photos"),
	}
	each := func(do func(as, path string)) {
		for _, list := range lists {
			for _, form := range forms {
				for _, as := range callers {
					do(as, list+form)
				}
			}
		}
	}
	want := map[[2]string]answer{}
	good := 0
	each(func(as, path string) {
		// A change, though to what there is: nothing is kept.
		w.send(request{as: admin, do: "PATCH /v1/courses/103?updateMask=name", body: `{"name": "Planned"}`})
		a := w.send(request{as: as, do: "GET " + path})
		want[[2]string{as, path}] = a
		if a.status == http.StatusOK {
			good++
		}
	})
	if good < len(want)/3 {
		t.Errorf("%d of %d answers are good, too few to say anything", good, len(want))
	}
	for range 2 {
		each(func(as, path string) {
			want, got := want[[2]string{as, path}], w.send(request{as: as, do: "GET " + path})
			if got.status != want.status || got.body != want.body {
				t.Errorf("%s as %s: -want +got\n%s", path, as, cmp.Diff(want.body, got.body))
			}
		})
	}
}

// A list that was kept is answered anew after every change, whether this
// process makes it or another.
func TestKeptListsAreNeverStale(t *testing.T) {
	t.Parallel()
	seed, err := emulator.ReadSchool("school", strings.NewReader(school))
	if err != nil {
		t.Fatal(err)
	}
	opts := emulator.Options{Path: filepath.Join(t.TempDir(), "school.db"), Seed: seed}
	var servers [2]*rest.Server
	var stores [2]*emulator.Store
	for i := range servers {
		if stores[i], err = emulator.Open(t.Context(), opts); err != nil {
			t.Fatal(err)
		}
		defer stores[i].Close()
		servers[i] = rest.New(stores[i], rest.Options{})
		defer servers[i].Close()
	}
	ask := func(server int, do, body string) string {
		t.Helper()
		method, path, _ := strings.Cut(do, " ")
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+admin)
		w := httptest.NewRecorder()
		servers[server].ServeHTTP(w, r)
		if w.Code != http.StatusOK && method != http.MethodGet {
			t.Fatalf("%s: %d %s", do, w.Code, w.Body)
		}
		return w.Body.String()
	}
	n := 0
	for _, test := range []struct{ do, body string }{
		{do: "POST /v1/invitations", body: invite("101", invitee, "STUDENT")},
		{do: "POST /v1/courses/101/students", body: `{"userId": "i@dom.edu"}`},
		{do: "DELETE /v1/courses/101/students/4"},
		{do: "POST /v1/courses/101/teachers", body: `{"userId": "i@dom.edu"}`},
		{do: "DELETE /v1/courses/101/teachers/3"},
		{do: "POST /v1/courses/101/aliases", body: `{"alias": "d:sums"}`},
		{do: "DELETE /v1/courses/101/aliases/d:math"},
		{do: "PATCH /v1/courses/101?updateMask=name", body: `{"name": "Sums"}`},
		{do: "POST /v1/courses", body: `{"name": "New", "ownerId": "o@dom.edu"}`},
		{do: "PATCH /v1/courses/101?updateMask=courseState", body: `{"courseState": "ARCHIVED"}`},
		{do: "POST /_emulator/seed", body: strings.Replace(school, "Maths", "Other", 1)},
	} {
		for by := range servers {
			ask(0, "POST /_emulator/seed", school)
			before := map[string]string{}
			for _, list := range lists {
				before[list] = ask(0, "GET "+list, "")
			}
			ask(by, test.do, test.body)
			changed := 0
			for list, old := range before {
				n++
				got := ask(0, "GET "+list, "")
				if diff := cmp.Diff(ask(0, "GET "+unseen(list, n), ""), got); diff != "" {
					t.Errorf("%s after %s by %d: -want +got\n%s", list, test.do, by, diff)
				}
				if got != old {
					changed++
				}
			}
			if changed == 0 {
				t.Errorf("%s by %d changes none of the lists", test.do, by)
			}
		}
	}
}

// What happens to one answer on its way does not happen to the next, and all
// are counted.
func TestKeptListsSufferNoFaults(t *testing.T) {
	t.Parallel()
	w := open(t, rest.Options{Quota: rest.Quota{User: 12}}, invited("one", "101", invitee, "STUDENT"))
	list := request{as: owner, do: "GET /v1/invitations?courseId=101"}
	whole := w.send(list).body
	for _, fault := range []string{"malformed:1", "503:1"} {
		w.send(request{do: "POST /_emulator/faults", body: `{"faults": ["invitations.list=` + fault + `"]}`})
		if a := w.send(list); a.body == whole {
			t.Errorf("with the fault %s: %d %s", fault, a.status, a.body)
		}
		if a := w.send(list); a.body != whole {
			t.Errorf("after the fault %s: %d %s, want %s", fault, a.status, a.body, whole)
		}
	}
	for _, change := range []request{
		{as: owner, do: list.do + "&callback=f"},
		{as: owner, do: list.do, header: "Accept-Encoding: gzip"},
		{
			as: owner, do: "POST /batch", header: "Content-Type: multipart/mixed; boundary=b",
			body: "--b\r\nContent-Type: application/http\r\n\r\n" + list.do + "\r\n\r\n--b--\r\n",
		},
	} {
		w.send(change)
		if a := w.send(list); a.body != whole {
			t.Errorf("after %s: %d %s, want %s", change.do, a.status, a.body, whole)
		}
	}
	// All but the 503, which comes from before the quota, have been counted.
	spent := 10
	for range 12 - spent {
		w.send(list)
	}
	if a := w.send(list); a.status != http.StatusTooManyRequests {
		t.Errorf("beyond the quota: %d, want 429", a.status)
	}
	if n := w.server.Stats().Requests["invitations.list"]; n != 14 {
		t.Errorf("%d lists are counted, want 14", n)
	}
}

// Whether a caller is refused or what they ask for does not depend on whether
// it is kept: what is wrong with a list is said first.
func TestRefusalsOfListsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	w := open(t, rest.Options{})
	w.run([]request{
		{as: "noapi@dom.edu", do: "GET /v1/invitations", want: "400 INVALID_ARGUMENT Request contains an invalid argument."},
		{as: "noapi@dom.edu", do: "GET /v1/courses?pageSize=-1", want: "400 INVALID_ARGUMENT Request contains an invalid argument."},
		{as: "noapi@dom.edu", do: "GET /v1/courses", want: "403 PERMISSION_DENIED …"},
	})
}
