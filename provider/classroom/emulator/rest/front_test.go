package rest_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

func TestCredentials(t *testing.T) {
	w := open(t, rest.Options{})
	list := "GET /v1/invitations?courseId=101"
	bad := "401 UNAUTHENTICATED Request had invalid authentication credentials. …"
	w.run([]request{
		{as: "-", do: list + "&access_token=" + owner, want: done},
		{as: "-", do: list + "&oauth_token=" + owner, want: done},
		{as: outsider, do: list + "&access_token=" + owner, want: denied}, // the header counts
		{as: "-", do: list, header: "Authorization: bearer " + owner, want: done},
		{as: "-", do: list, header: "Authorization: Basic bzpv", want: bad},
		{as: "-", do: list, header: "Authorization: Bearer", want: bad},
		{as: "2", do: list, want: bad},
		{as: "O@DOM.EDU", do: list, want: done},
		{as: off, do: list, want: bad},
		{as: "-", do: list, header: "User-Agent: google-api-go-client/0.5", want: `401 {"error": {"code": 401, "status": "UNAUTHENTICATED",
			"message": "*", "errors": [{"message": "Login Required.", "domain": "global", "reason": "required",
			"location": "Authorization", "locationType": "header"}]}}`},
	})
}

func TestSystemParameters(t *testing.T) {
	w := open(t, rest.Options{})
	w.run([]request{
		made,
		{
			as: owner, do: "GET /v1/invitations/none?callback=a.b", want: "200", head: "Content-Type: text/javascript",
			has: []string{"// API callback\na.b({\n  \"error\""},
		},
		{as: owner, do: "GET /v1/invitations/none?callback=a()", want: notFound},
		{as: owner, do: "GET /v1/invitations/$1?quotaUser=x&uploadType=y&upload_protocol=z&key=k&$.xgafv=2&alt=json", want: "200"},
		{as: owner, do: "GET /v1/invitations/$1?fields=id&fields=bogus", want: `200 {"id": "$1"}`},
		{as: owner, do: "GET /v1/invitations/$1?fields=*", has: []string{"userId"}},
		{as: owner, do: "GET /v1/invitations/$1?fields=id,*", has: []string{"userId"}},
		{as: owner, do: "GET /v1/invitations/$1?fields=user_id", want: `200 {"userId": "5"}`},
		{as: owner, do: "GET /v1/invitations/$1?fields=id/x", want: invalid, has: []string{"path 'id'"}},
		{as: owner, do: "GET /v1/invitations/$1?fields=id)", want: invalid},
		{as: owner, do: "GET /v1/courses/101/teachers?fields=teachers(profile(name/fullName,id),userId)", want: `200 {"teachers": [
			{"userId": "2", "profile": {"id": "2", "name": {"fullName": "Olu Owner"}}},
			{"userId": "3", "profile": {"id": "3", "name": {"fullName": "Tia Teacher"}}}]}`},
		{as: owner, do: "GET /v1/courses/101/teachers?fields=teachers/profile/name/fullName,teachers.userId", has: []string{"Tia Teacher", `"userId": "3"`}, not: []string{"givenName", "email"}},
		{as: owner, do: "GET /v1/courses/101/teachers?fields=*/userId", want: `200 {"teachers": [{"userId": "2"}, {"userId": "3"}]}`},
		{as: owner, do: "GET /v1/courses/101/teachers?fields=teachers(profile", want: invalid},
		{as: owner, do: "DELETE /v1/invitations/$1?fields=id", want: invalid}, // and nothing is done
		{as: owner, do: "DELETE /v1/invitations/$1?fields=*", want: done},
		{
			as: owner, do: "GET /v1/invitations?a=1&courseId=101&b=2&pageSize=x", want: "400 INVALID_ARGUMENT …",
			has: []string{`\"a\"`, `\"b\"`, "page_size"},
		},
		{
			as: owner, do: "GET /v1/invitations?pageSize=x&$.xgafv=1", want: "400 INVALID_ARGUMENT …",
			has: []string{`"reason": "invalid"`}, not: []string{`"domain"`},
		},
		{as: owner, do: "GET /v1/invitations?courseId=%zz", want: notFound},
		{as: owner, do: "GET /v1/courses/%2e%2e/aliases", want: notFound},
		{as: owner, do: "GET /v1/courses//aliases", want: "404", head: "Content-Type: text/html"},
		{as: owner, do: "GET /", want: "404", head: "Content-Type: text/html"},
		{as: owner, do: "GET /v1/%69nvitations?courseId=101", want: "404"},
	})
}

// TestFormBody has a long query posted, as discovery-based clients do, and the
// mistake that curl -d makes without a Content-Type.
func TestFormBody(t *testing.T) {
	w := open(t, rest.Options{})
	form := "Content-Type: application/x-www-form-urlencoded"
	w.run([]request{
		{as: owner, do: "POST /v1/invitations", header: form + "|X-HTTP-Method-Override: GET", body: "courseId=101&pageSize=3", want: done},
		{
			as: owner, do: create, header: form, body: invite("101", "5", "STUDENT"),
			want: `400 INVALID_ARGUMENT Invalid JSON payload received. Unknown name "{"courseId"…`,
		},
	})
}

func TestBodies(t *testing.T) {
	w := open(t, rest.Options{})
	w.run([]request{
		{
			as: owner, do: create, body: `{"courseId": 101, "userId": {}, "role": ["STUDENT"]}`, want: "400 INVALID_ARGUMENT …",
			has: []string{
				`Invalid value at 'invitation.course_id' (TYPE_STRING), 101`, `Starting an object on a scalar field`,
				`Proto field is not repeating, cannot start list.`,
			},
		},
		{as: owner, do: create, body: `{"courseId": "101", "userId": "5", "role": 1.0}`, want: "200"},
		{as: owner, do: create, body: `{"courseId": "101", "userId": "6", "role": 1.5}`, want: "400 INVALID_ARGUMENT Invalid value at 'invitation.role'…"},
		{as: owner, do: create, body: `{"courseId": "101", "userId": "6", "role": 99}`, want: invalid},
		{as: owner, do: create, body: `{"courseId": "101", "userId": "6", "role": "1"}`, want: "200"},
		{as: owner, do: create, body: "{\"courseId\": \"\xff\"}", want: "400 INVALID_ARGUMENT Invalid JSON payload received. …"},
		{as: owner, do: create, body: strings.Repeat("[", 100_000), want: "400 INVALID_ARGUMENT Invalid JSON payload received. …"},
		{as: owner, do: create, body: `{"a":` + strings.Repeat(`{"a":`, 10_000), want: "400 INVALID_ARGUMENT Invalid JSON payload received. …"},
		{as: owner, do: create, body: `null`, want: "400 INVALID_ARGUMENT …", has: []string{"Root element must be a message."}},
		{as: owner, do: create, body: `{"courseId": "` + strings.Repeat("x", 1<<20) + `"}`, want: "400 INVALID_ARGUMENT Request payload size exceeds the limit: 1048576 bytes."},
		{
			as: admin, do: "POST /v1/courses", body: `{"name": "A <b> & \"c\" ü\u2028", "ownerId": "me", "courseState": "ACTIVE", "guardiansEnabled": true}`,
			has: []string{`"A \u003cb\u003e \u0026 \"c\" ü\u2028"`, `"ACTIVE"`},
		},
	})
}

func TestGzip(t *testing.T) {
	w := open(t, rest.Options{})
	list := "GET /v1/courses/101/teachers"
	plain := w.send(request{as: owner, do: list})
	for header, want := range map[string]bool{
		"gzip": true, "deflate, GZIP;q=0.5": true, "gzip;q=0": false, "br": false, "*": false,
	} {
		a := w.send(request{as: owner, do: list, header: "Accept-Encoding: " + header})
		if got := a.header.Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("Accept-Encoding %q: gzip %v, want %v", header, got, want)
			continue
		}
		if !want {
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(z); err != nil || string(text) != plain.body {
			t.Errorf("Accept-Encoding %q: %q, %v", header, text, err)
		}
	}
}

func TestDirectory(t *testing.T) {
	w := open(t, rest.Options{})
	user := "GET /admin/directory/v1/users/"
	missing := `404 {"error": {"code": 404, "message": "Resource Not Found: userKey",
		"errors": [{"message": "Resource Not Found: userKey", "domain": "global", "reason": "notFound"}]}}`
	forbidden := `403 {"error": {"code": 403, "message": "Not Authorized to access this resource/api",
		"errors": [{"message": "Not Authorized to access this resource/api", "domain": "global", "reason": "forbidden"}]}}`
	w.run([]request{
		{as: admin, do: user + "2?projection=full", want: `200 {"kind": "admin#directory#user", "id": "2", "primaryEmail": "o@dom.edu",
			"name": {"givenName": "Olu", "familyName": "Owner", "fullName": "Olu Owner"}, "isAdmin": false, "suspended": false,
			"thumbnailPhotoUrl": "https://photos.example/o"}`},
		{as: admin, do: user + "d@dom.edu?fields=suspended,primaryEmail", want: `200 {"primaryEmail": "d@dom.edu", "suspended": true}`},
		{as: admin, do: user + "nobody@dom.edu", want: missing},
		{as: admin, do: user + "e@ext.org", want: missing},
		{as: owner, do: user + "3", want: forbidden},
		{as: owner, do: user + "3?viewType=domain_public&fields=id", want: `200 {"id": "3"}`},
		{as: owner, do: user + "nobody@dom.edu", want: forbidden},
	})
}

func TestDiscovery(t *testing.T) {
	w := open(t, rest.Options{})
	for path, title := range map[string]string{
		"/$discovery/rest?version=v1":           "Google Classroom API",
		"/%24discovery/rest?version=v1":         "Google Classroom API",
		"/$discovery/rest":                      "Google Classroom API",
		"/discovery/v1/apis/classroom/v1/rest":  "Google Classroom API",
		"/$discovery/rest?version=directory_v1": "Admin SDK API",
	} {
		a := w.send(request{do: "GET " + path})
		if got := a.field("title"); got != title || a.field("rootUrl") != w.url+"/" {
			t.Errorf("GET %s: title %q, rootUrl %q", path, got, a.field("rootUrl"))
		}
	}
	w.run([]request{{do: "GET /$discovery/rest?version=v9", want: "404", head: "Content-Type: text/html"}})
}

func TestToken(t *testing.T) {
	w := open(t, rest.Options{})
	for _, c := range []struct {
		name   string
		form   url.Values
		status int
		word   string
	}{
		{"nothing", url.Values{}, 400, "unsupported_grant_type"},
		{"another grant", url.Values{"grant_type": {"password"}}, 400, "unsupported_grant_type"},
		{"no assertion", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}}, 400, "invalid_grant"},
		{"no JSON", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {"a.b.c"}}, 400, "invalid_grant"},
		{"unknown user", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"nobody@dom.edu"}}, 400, "invalid_grant"},
		{"disabled user", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {off}}, 400, "invalid_grant"},
		{"no address", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"1//x"}}, 400, "invalid_grant"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := w.exchange(c.form, c.status).field("error"); got != c.word {
				t.Errorf("error %q, want %q", got, c.word)
			}
		})
	}
	a := w.exchange(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {owner}}, 200)
	w.run([]request{{as: a.field("access_token"), do: "GET /v1/courses/101", want: "200"}})
	other := open(t, rest.Options{})
	other.run([]request{{as: a.field("access_token"), do: "GET /v1/courses/101", want: "401"}})
}

func TestControl(t *testing.T) {
	w := open(t, rest.Options{})
	w.run([]request{
		{as: owner, do: "GET /v1/invitations?courseId=101", times: 3},
		{as: owner, do: "GET /v1/invitations/none", want: notFound},
		{as: owner, do: "GET /nowhere", want: "404"},
	})
	w.batch(owner, []string{
		part("", "GET /v1/invitations?courseId=101", "", ""),
		part("", "GET /v1/courses/999", "", ""),
		part("", "rubbish", "", ""),
	})
	w.run([]request{
		{do: "GET /_emulator/stats", want: `200 {"requests": {"courses.get": 1, "invitations.list": 4, "invitations.get": 1},
			"statuses": {"200": 4, "404": 3, "400": 1}, "httpRequests": 6, "maxInFlight": 1, "connections": 1}`},
		{do: "POST /_emulator/reset", want: done},
		{do: "GET /_emulator/stats", want: `200 {"requests": {}, "statuses": {}, "httpRequests": 0, "maxInFlight": 0, "connections": 0}`},
		{do: "POST /_emulator/seed", body: "users:\n- {email: z@new.edu, admin: true}\n", want: done},
		{as: owner, do: "GET /v1/courses", want: "401"},
		{as: "z@new.edu", do: "GET /v1/courses", want: done},
		{do: "POST /_emulator/seed", body: "userz: []", want: "400", has: []string{"did you mean users"}},
		{do: "POST /_emulator/reset", header: "Origin: https://evil.example", want: "403"},
		{do: "GET /_emulator/elsewhere", want: "404"},
		{do: "GET /_emulator/faults", want: `200 {"latency": "", "faults": []}`},
		{do: "POST /_emulator/faults", body: `{"faults": ["invitation.list=503"]}`, want: "400", has: []string{"did you mean invitations.list?"}},
		{do: "POST /_emulator/faults", body: `{`, want: "400"},
		{
			do: "POST /_emulator/faults", body: `{"latency": "0s±0s", "faults": ["invitations.list=503:2", "*=429:1.0"]}`,
			want: `200 {"latency": "", "faults": ["invitations.list=503:2", "*=429:1.0"]}`,
		},
		{as: "z@new.edu", do: "GET /v1/invitations?userId=me", times: 2, want: "503 UNAVAILABLE The service is currently unavailable."},
		{as: "z@new.edu", do: "GET /v1/invitations?userId=me", want: "429 RESOURCE_EXHAUSTED Resource has been exhausted (e.g. check quota)."},
		{do: "POST /_emulator/faults", body: `{"faults": []}`, want: `200 {"latency": "", "faults": []}`},
		{as: "z@new.edu", do: "GET /v1/invitations?userId=me", want: done},
	})
}

func TestQuota(t *testing.T) {
	w := open(t, rest.Options{Quota: rest.Quota{User: 3, Client: 5}})
	list := "GET /v1/invitations?courseId=101"
	over := "429 RESOURCE_EXHAUSTED Quota exceeded for quota metric 'Requests' and limit 'Requests per minute' of service …"
	w.run([]request{
		{as: owner, do: list + "&quotaUser=q", times: 3},
		{as: coteach, do: list + "&quotaUser=q", want: "429"}, // the same, though of another user
		{as: owner, do: list, times: 2},
		{as: owner, do: list, want: over},
	})
	w.pass(59e9)
	w.run([]request{{as: owner, do: list, want: over}})
	w.pass(1e9)
	w.run([]request{{as: owner, do: list, times: 3}, {as: owner, do: list, want: "429", has: []string{"per minute per user"}}})
}

// TestLog finds no token in what is logged.
func TestLog(t *testing.T) {
	var b bytes.Buffer
	w := open(t, rest.Options{Log: logTo(&b)})
	w.run([]request{{as: "-", do: "GET /v1/invitations?courseId=101&access_token=" + owner + "&key=secret", want: done}})
	if log := b.String(); !strings.Contains(log, "invitations.list") || strings.Contains(log, owner) || strings.Contains(log, "secret") {
		t.Errorf("log: %s", log)
	}
	b.Reset()
	w.send(request{as: "-", do: "GET /$discovery/rest?version=v1"})
	if log := b.String(); !strings.Contains(log, "name=discovery") {
		t.Errorf("log of the discovery document: %q", log)
	}
}
