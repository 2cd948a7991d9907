package emulator_test

import (
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// ReadSchool's errors: the text has a "|" where lines end, and its first lines
// are these.
const (
	twoUsers  = "users:|- {id: 1, email: o@dom.edu, admin: true}|- {id: 2, email: p@dom.edu}|" // lines 1 to 3
	oneCourse = twoUsers + "courses:|- {id: 101, ownerId: o@dom.edu, aliases: ['d:math']}|"    // lines 4 and 5
	invites   = oneCourse + "invitations:|"                                                    // line 6
)

func TestReadSchoolSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"not YAML", "users: [", "s.yaml:1: did not find expected node content"},
		{"a list", "- a", `s.yaml:1: here stands "" where keys and values should`},
		{"two documents", "users: []|---|users: []", "s.yaml: more than one document"},
		{"unknown section", "user: []", `s.yaml:1: unknown key "user": did you mean users?`},
		{"unknown key", "users:|- {email: a@dom.edu, admn: true}", `s.yaml:2: unknown key "admn": did you mean admin?`},
		{"unknown limit", "limits:|  courseMember: 3", `s.yaml:2: unknown key "courseMember": did you mean courseMembers?`},
		{"unknown key, nothing near", "users:|- {email: a@dom.edu, shoeSize: 43}", `s.yaml:2: unknown key "shoeSize"`},
		{"a key twice", "users: []|users: []", `s.yaml:2: mapping key "users" already defined at line 1`},
		{"a number that is none", "limits: {courseMembers: many}", "s.yaml:1: cannot unmarshal !!str `many` into int"},
		{"a user that is a word", "users:|- bob", `s.yaml:2: here stands "bob" where keys and values should`},

		{"no address", "users:|- {name: Bob}", `s.yaml:2: "" is no e-mail address`},
		{"no domain", "users:|- {email: bob}", `s.yaml:2: "bob" is no e-mail address`},
		{"address twice", twoUsers + "- {email: P@dom.edu}", "s.yaml:4: user p@dom.edu: p@dom.edu is also that of user p@dom.edu"},
		{"id twice", twoUsers + "- {id: 2, email: q@dom.edu}", "s.yaml:4: user q@dom.edu: 2 is also that of user p@dom.edu"},
		{"id not a number", "users:|- {id: abc, email: q@dom.edu}", `s.yaml:2: user q@dom.edu: id "abc" is not a number`},
		{
			"admin of no domain", "domains:|- {name: dom.edu}|users:|- {email: a@else.org, admin: true}",
			"s.yaml:4: user a@else.org is an admin, but else.org is not among the domains",
		},
		{"domain twice", "domains:|- {name: dom.edu}|- {name: Dom.edu}", `s.yaml:3: domain "dom.edu" is there twice`},
		{"no such edition", "domains:|- {name: dom.edu, edition: payd}", `s.yaml:2: domain "dom.edu": edition "payd": did you mean paid?`},
		{"no domain name", "domains:|- {name: a@b}", `s.yaml:2: "a@b" is no domain`},

		{"course id", twoUsers + "courses:|- {id: maths, ownerId: 1}", `s.yaml:5: course "": id "maths" is not a number`},
		{"course twice", oneCourse + "- {id: 101, ownerId: 1}", "s.yaml:6: course 101 is there twice"},
		{"no owner", twoUsers + "courses:|- {id: 101}", "s.yaml:5: course 101 has no ownerId"},
		{
			"unknown owner", twoUsers + "courses:|- {id: 101, ownerId: nobody@dom.edu}",
			`s.yaml:5: course 101: there is no user "nobody@dom.edu"`,
		},
		{
			"unknown student", "users:|- {email: olga@dom.edu}|courses:|- {id: 101, ownerId: olga@dom.edu, students: [olag@dom.edu]}",
			`s.yaml:4: course 101: there is no user "olag@dom.edu": did you mean olga@dom.edu?`,
		},
		{
			"student who owns", twoUsers + "courses:|- {id: 101, ownerId: 1, students: [o@dom.edu]}",
			"s.yaml:5: course 101: o@dom.edu is there twice",
		},
		{
			"student twice", twoUsers + "courses:|- {id: 101, ownerId: 1, students: [p@dom.edu, 2]}",
			"s.yaml:5: course 101: 2 is there twice",
		},
		{
			"no such state", twoUsers + "courses:|- {id: 101, ownerId: 1, courseState: ACTIV}",
			`s.yaml:5: course 101: courseState "ACTIV": did you mean ACTIVE?`,
		},
		{
			"no time", twoUsers + "courses:|- {id: 101, ownerId: 1, updateTime: yesterday}",
			`s.yaml:5: course 101: updateTime "yesterday" is not a time like 2026-09-01T08:00:00Z`,
		},
		{
			"alias without kind", twoUsers + "courses:|- {id: 101, ownerId: 1, aliases: [math]}",
			`s.yaml:5: course 101: alias "math" does not begin with "d:" or "p:"`,
		},
		{
			"alias too long", twoUsers + "courses:|- {id: 101, ownerId: 1, aliases: ['d:" + strings.Repeat("m", 255) + "']}",
			`s.yaml:5: course 101: an alias has more than 256 letters`,
		},
		{
			"alias twice", oneCourse + "- {id: 102, ownerId: 1, aliases: ['d:math']}",
			`s.yaml:6: course 102: alias "d:math" is also that of course 101`,
		},
		{
			"alias of no domain", "users:|- {id: 1, email: a@home.org}|courses:|- {id: 101, ownerId: 1, aliases: ['d:math']}",
			`s.yaml:4: course 101: alias "d:math" is for a domain, and the owner is in none`,
		},

		{
			"unknown invitee", invites + "- {courseId: 101, userId: 3, role: STUDENT}",
			`s.yaml:7: invitation of 3 to 101: there is no user "3"`,
		},
		{
			"unknown course", invites + "- {courseId: 'd:maht', userId: 2, role: STUDENT}",
			`s.yaml:7: invitation of 2 to d:maht: there is no course "d:maht": did you mean d:math?`,
		},
		{
			"no such role", invites + "- {courseId: 101, userId: 2, role: PUPIL}",
			`s.yaml:7: invitation of 2 to 101: role "PUPIL" is none of STUDENT, TEACHER, OWNER`,
		},
		{
			"role of before", invites + "- {courseId: 101, userId: 1, role: TEACHER}",
			`s.yaml:7: invitation of 1 to 101 as TEACHER: already has that role or a greater one`,
		},
		{
			"owner who does not teach", invites + "- {courseId: 101, userId: 2, role: OWNER}",
			`s.yaml:7: invitation of 2 to 101 as OWNER: only a co-teacher can be`,
		},
		{
			"two invitations", invites + "- {courseId: 101, userId: 2, role: STUDENT}|- {courseId: 'd:math', userId: p@dom.edu, role: TEACHER}",
			`s.yaml:8: invitation of p@dom.edu to d:math: there is another one, of the same user to the same course`,
		},
		{
			"one id for two", invites + "- {id: x, courseId: 101, userId: 2, role: STUDENT}|- {id: x, courseId: 101, userId: 1, role: TEACHER}",
			`s.yaml:8: invitation of 1 to 101: id "x" is also that of another invitation`,
		},
	} {
		text := strings.ReplaceAll(test.text, "|", "\n")
		_, err := emulator.ReadSchool("s.yaml", strings.NewReader(text))
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: ReadSchool =\n\t%v\nwant\n\t%s", test.name, err, test.want)
		}
	}
}

func TestReadSchoolFillsInBlanks(t *testing.T) {
	t.Parallel()
	const text = `
users:
- {email: Olga@dom.edu, name: Olga van Dam, givenName: Olga, familyName: van Dam, admin: true}
- {email: pia@dom.edu, name: Pia Maria Poe}
courses:
- {name: Maths, ownerId: olga@dom.edu, students: [pia@dom.edu], aliases: ["p:maths", "d:math s/1"]}
- {name: Physics, ownerId: olga@dom.edu}
invitations:
- {courseId: "d:math s/1", userId: Pia@dom.edu, role: TEACHER}
`
	first := open(t, emulator.Options{Seed: read(t, text)})
	second := open(t, emulator.Options{Seed: read(t, text)})
	ctx := t.Context()
	for _, alias := range []string{"p:maths", "d:math s/1"} {
		got, err := as(t, first, "").GetCourse(ctx, alias)
		if err != nil {
			t.Fatal(err)
		}
		want, err := as(t, second, "").GetCourse(ctx, alias)
		if err != nil {
			t.Fatal(err)
		}
		if *got != *want {
			t.Errorf("GetCourse(%q) = %+v in one store, %+v in another of the same seed", alias, got, want)
		}
		if got.ID == "" || got.CourseState != "ACTIVE" || got.EnrollmentCode == "" || got.AlternateLink == "" {
			t.Errorf("GetCourse(%q) = %+v, want no blanks", alias, got)
		}
	}
	p, err := as(t, first, "pia@dom.edu").GetUserProfile(ctx, "me")
	if err != nil {
		t.Fatal(err)
	}
	want := classroom.UserProfile{
		ID: p.ID, GivenName: "Pia Maria", FamilyName: "Poe", FullName: "Pia Maria Poe", EmailAddress: "pia@dom.edu",
	}
	if *p != want || len(p.ID) != 21 {
		t.Errorf("GetUserProfile(pia) = %+v, want %+v with an id of 21 digits", *p, want)
	}
}

// Whatever ReadSchool accepts, Open can open.
func FuzzReadSchool(f *testing.F) {
	f.Add(small(3))
	f.Add("domains: [{name: d.org, edition: fundamentals, trusted: [x.org]}]")
	f.Add(strings.ReplaceAll(invites+"- {courseId: 'd:math', userId: p@dom.edu, role: TEACHER}", "|", "\n"))
	f.Add("a: &a [*a]")
	f.Add("limits: {courseMembers: -1, invitationsPerDay: 9223372036854775807}")
	f.Fuzz(func(t *testing.T, text string) {
		school, err := emulator.ReadSchool("s.yaml", strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "s.yaml:") {
				t.Errorf("ReadSchool(%q) = %v, want it to begin with the name", text, err)
			}
			return
		}
		s, err := emulator.Open(t.Context(), emulator.Options{Seed: school})
		if err != nil {
			t.Fatalf("Open = %v with a school that ReadSchool accepts: %q", err, text)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
