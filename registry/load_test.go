package registry

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider"
)

// TestEmbedded checks what no document can be right without, but what the
// loader leaves to us: that people find every part described, and that errors
// have codes that methods can return.
func TestEmbedded(t *testing.T) {
	for _, res := range Embedded().Resources() {
		if res.Description == "" || res.Title == "" || res.Name != Snake(res.Name) {
			t.Errorf("%s: wants a description, a title and a name in snake_case", res.ID)
		}
		for _, c := range res.Columns {
			if c.Description == "" || len(c.Description) > 120 {
				t.Errorf("%s: column %s: wants a description that fits a line", res.ID, c.Name)
			}
		}
		for _, m := range res.Methods {
			asks := len(m.Scopes) > 0 && len(m.Errors) > 0
			if m.Description == "" || asks == res.Local() {
				t.Errorf("%s: wants a description, and scopes and errors if it asks Google", m.ID)
			}
			for _, e := range m.Errors {
				if _, ok := provider.ParseCode(e.Code); !ok || e.When == "" {
					t.Errorf("%s: error %s: wants a code of google.rpc and when it occurs", m.ID, e.Code)
				}
			}
		}
	}
}

// TestDocumentedErrors pins the codes and reasons that the API's page lists for
// the methods of invitations.
func TestDocumentedErrors(t *testing.T) {
	for _, tt := range []struct {
		method string
		want   string
	}{
		{"get", "PERMISSION_DENIED NOT_FOUND"},
		{"list", "PERMISSION_DENIED"},
		{"create", "PERMISSION_DENIED NOT_FOUND FAILED_PRECONDITION(IneligibleOwner) ALREADY_EXISTS"},
		{"delete", "PERMISSION_DENIED NOT_FOUND"},
		{"accept", "PERMISSION_DENIED FAILED_PRECONDITION(CourseMemberLimitReached CourseNotModifiable CourseTeacherLimitReached UserGroupsMembershipLimitReached) NOT_FOUND"},
	} {
		m, ok := Embedded().Method(prefix + "invitations." + tt.method)
		if !ok {
			t.Errorf("no method %s", tt.method)
			continue
		}
		var codes []string
		for _, e := range m.Errors {
			code := e.Code
			if len(e.Reasons) > 0 {
				code += "(" + strings.Join(e.Reasons, " ") + ")"
			}
			codes = append(codes, code)
		}
		if got := strings.Join(codes, " "); got != tt.want {
			t.Errorf("errors of %s = %s, want %s", tt.method, got, tt.want)
		}
	}
}

func TestOtherNames(t *testing.T) {
	res, _ := Embedded().Resource(prefix + "invitations")
	for _, tt := range []struct {
		column, value       string
		alias, other, names bool
	}{
		{"courseId", "620015", false, false, true},
		{"courseId", "d:algebra", true, true, true},
		{"course_id", "algebra", true, false, false},
		{"courseId", "620015\n", true, false, false},
		{"courseId", "", true, false, false},
		{"userId", "112233", false, false, true},
		{"userId", "me", true, true, true},
		{"userId", "a@example.edu", true, true, true},
		{"userId", "everybody", true, false, false},
		{"role", "anything", false, false, true},
	} {
		c, ok := res.Column(tt.column)
		if !ok {
			t.Fatalf("no column %s", tt.column)
		}
		alias, other, names := c.Alias(tt.value), c.OtherName(tt.value), c.Names(tt.value)
		if alias != tt.alias || other != tt.other || names != tt.names {
			t.Errorf("%s: Alias, OtherName, Names(%q) = %t, %t, %t, want %t, %t, %t",
				tt.column, tt.value, alias, other, names, tt.alias, tt.other, tt.names)
		}
	}
}

func TestParameter(t *testing.T) {
	m, _ := schools(t).Method("school.timetable.lessons.search")
	for _, tt := range []struct{ name, want string }{
		{"roomId", "roomId"}, {"ROOMID", "roomId"}, {"room_id", "roomId"}, {"Term", "term"}, {"pupils", ""}, {"", ""},
	} {
		if got, ok := m.Parameter(tt.name); got != tt.want || ok != (tt.want != "") {
			t.Errorf("Parameter(%q) = %q, %t, want %q", tt.name, got, ok, tt.want)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	// Each document is this one with the line replaced.
	const good = `name: school
services:
- name: timetable
  resources:
  - name: lessons
    key: [id]
    columns:
    - {name: id, type: string}
    - {name: roomId, type: string, canonical: "[0-9]+"}
    methods:
    - name: get
      verb: SELECT
      needs: [[id]]
      takes: [roomId]
      returns: true
      absent: [NOT_FOUND]
      http: GET /lessons/{id}
      errors:
      - {code: NOT_FOUND, when: there is none}
`
	if _, err := Load("school.yaml", strings.NewReader(good)); err != nil {
		t.Fatalf("the good document: %v", err)
	}
	for _, tt := range []struct {
		name string
		line int
		with string
		want string // after "school.yaml:"; line breaks are spaces
	}{
		{"unknown key", 8, `    - {name: id, typ: string}`, "yaml: unmarshal errors: line 8: field typ not found in type registry.columnBlock"},
		{"unknown key of a method", 14, `      take: [roomId]`, "yaml: unmarshal errors: line 14: field take not found in type registry.methodBlock"},
		{"key twice", 13, "      verb: EXEC", `yaml: unmarshal errors: line 13: mapping key "verb" already defined at line 12`},
		{"no YAML", 4, "  resources: [", "yaml: line 4: did not find expected node content"},
		{"list for a name", 5, "  - name: [a]", "yaml: unmarshal errors: line 5: cannot unmarshal !!seq into string"},
		{"two documents", 20, "---\nname: b", "more than one document"},
		{"type", 8, `    - {name: id, type: text}`, `8: column id: no type "text"`},
		{"no type", 8, `    - {name: id}`, `8: column id: no type ""`},
		{"no name", 8, `    - {type: string}`, `5: column without a name 6: key of resource lessons: no column id 13: method get: no column id`},
		{"name", 3, `- name: time table`, `3: service time table: a name is letters, digits and _, a letter first`},
		{"dotted name", 5, `  - name: les.sons`, `5: resource les.sons: a name is letters, digits and _, a letter first`},
		{"column twice", 9, `    - {name: ID, type: string}`, `9: column ID: there is another of this name 14: method get: no column roomId`},
		{"column twice in another spelling", 8, "    - {name: id, type: string}\n    - {name: room_id, type: string}", `10: column roomId: there is another of this name`},
		{"method twice", 10, "    methods:\n    - {name: GET, verb: EXEC, http: POST /x}", `12: method get: there is another of this name`},
		{"resource twice", 4, "  resources:\n  - {name: Lessons, view: SELECT 1}", `6: resource lessons: there is another of this name`},
		{"service twice", 2, "services:\n- name: timetable", `4: service timetable: there is another of this name`},
		{"methods and a view", 6, "    view: SELECT 1", `5: resource lessons: needs either methods or a view`},
		{"pattern", 9, `    - {name: roomId, type: string, canonical: "[0-9"}`, "9: column roomId: error parsing regexp: missing closing ]: `[0-9)$`"},
		{"others", 8, `    - {name: id, type: string, others: me}`, `8: column id: others stands without canonical`},
		{"input columns first", 8, `    - {name: id, type: string, input: true}`, `9: column roomId: stands after an input column`},
		{"key", 6, `    key: [ids]`, `6: key of resource lessons: no column ids`},
		{"verb", 12, `      verb: select`, `12: method get: no verb "select"`},
		{"needs", 13, `      needs: [[id], [roomid]]`, `13: method get: no column roomid`},
		{"SELECT of nothing", 15, `      returns: false`, `12: method get: SELECT returns nothing`},
		{"no http", 17, ``, `11: method get: http is "", want a method and a path`},
		{"http", 17, `      http: GET lessons`, `17: method get: http is "GET lessons", want a method and a path`},
		{"http of iql's own", 1, "name: school\nlocal: true", `18: method get: http stands in the document of a local provider`},
		{"path", 17, `      http: GET /lessons/{id}/{hour}`, `17: method get: the path has {hour}, which is no parameter`},
		{"absent", 16, `      absent: [GONE]`, `16: method get: absent GONE is not among its errors`},
		{"listed by none", 16, `      listed: list`, `16: method get: listed by list, which is no method`},
		{"listed by itself", 16, `      listed: get`, `16: method get: get does not need the same but one`},
		{"error twice", 19, "      - {code: NOT_FOUND}\n      - {code: NOT_FOUND}", `20: method get: a second error NOT_FOUND`},
	} {
		lines := append(strings.Split(good, "\n"), "")
		lines[tt.line-1] = tt.with
		_, err := Load("school.yaml", strings.NewReader(strings.Join(lines, "\n")))
		if err == nil {
			t.Errorf("%s: Load succeeded, want %s", tt.name, tt.want)
			continue
		}
		got := strings.ReplaceAll(err.Error(), "school.yaml:", "")
		if got := strings.Join(strings.Fields(got), " "); got != tt.want {
			t.Errorf("%s: Load: %s, want %s", tt.name, got, tt.want)
		}
		if !strings.HasPrefix(err.Error(), "school.yaml:") {
			t.Errorf("%s: Load: %v, want the name of the document first", tt.name, err)
		}
	}
	r := schools(t)
	want := "b.yaml:1: provider SCHOOL: there is another of this name"
	if err := r.load("b.yaml", strings.NewReader("name: SCHOOL")); err == nil || err.Error() != want {
		t.Errorf("load of a second provider: %v, want %s", err, want)
	}
}

// FuzzLoad checks that whatever the loader takes can be looked up, routed to
// and shown.
func FuzzLoad(f *testing.F) {
	for _, name := range []string{"providers/googleworkspace.yaml", "testdata/school.yaml", "testdata/college.yaml"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add("name: a\nservices: [{name: b, resources: [{name: c, view: d}]}]")
	f.Fuzz(func(t *testing.T, doc string) {
		r, err := Load("fuzz.yaml", strings.NewReader(doc))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "fuzz.yaml:") {
				t.Errorf("Load: %v, want the name of the document first", err)
			}
			return
		}
		r.Words()
		r.ShowProviders(true)
		Pages(r)
		for _, res := range r.Resources() {
			if got, err := r.FindResource(strings.Split(res.ID, ".")); got != res {
				t.Errorf("FindResource(%s) = %v, %v", res.ID, got, err)
			}
			res.Service.ShowResources(true)
			res.Describe(true)
			for _, m := range res.Methods {
				if got, err := r.FindMethod(strings.Split(m.ID, ".")); got != m {
					t.Errorf("FindMethod(%s) = %v, %v", m.ID, got, err)
				}
				m.Describe(true)
				for _, set := range m.Needs {
					first, err := res.Route(m.Verb, set)
					if err != nil || slices.Index(res.Methods, first) > slices.Index(res.Methods, m) {
						t.Errorf("%s: Route(%v, %q) = %v, %v", res.ID, m.Verb, set, first, err)
					}
				}
			}
		}
	})
}
