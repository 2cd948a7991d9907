package emulator_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// model is Classroom in a few maps: one course, whose owner invites, and
// people who accept or decline.
type model struct {
	Role map[string]classroom.Role // of who is in the course
	Open map[string]classroom.Role // of who is invited
}

func (m *model) create(user string, role classroom.Role) provider.Code {
	rank := []classroom.Role{"", classroom.Student, classroom.Teacher, classroom.Owner}
	has, wants := slices.Index(rank, m.Role[user]), slices.Index(rank, role)
	switch {
	case has >= wants:
		return provider.FailedPrecondition
	case role == classroom.Owner && m.Role[user] != classroom.Teacher:
		return provider.FailedPrecondition
	}
	for other, r := range m.Open {
		if role == classroom.Owner && r == classroom.Owner && other != user {
			return provider.FailedPrecondition
		}
	}
	if _, ok := m.Open[user]; ok {
		return provider.AlreadyExists
	}
	m.Open[user] = role
	return provider.OK
}

func (m *model) delete(user string) provider.Code {
	if _, ok := m.Open[user]; !ok {
		return provider.NotFound
	}
	delete(m.Open, user)
	return provider.OK
}

func (m *model) accept(user string) provider.Code {
	role, ok := m.Open[user]
	if !ok {
		return provider.NotFound
	}
	delete(m.Open, user)
	if role == classroom.Owner {
		for owner, r := range m.Role {
			if r == classroom.Owner {
				m.Role[owner] = classroom.Teacher
			}
		}
	}
	m.Role[user] = role
	return provider.OK
}

// Whatever is done in whatever order, the store agrees with the model.
func TestStoreAgreesWithModel(t *testing.T) {
	t.Parallel()
	users := []string{"a@dom.edu", "o@dom.edu", "p0@dom.edu", "p1@dom.edu", "p2@dom.edu"}
	school := read(t, small(3))
	rapid.Check(t, func(t *rapid.T) {
		s, err := emulator.Open(t.Context(), emulator.Options{Seed: school})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		caller := func(user string) *emulator.Caller {
			c, err := s.As(user)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		admin := caller("")
		m := &model{Role: map[string]classroom.Role{"o@dom.edu": classroom.Owner}, Open: map[string]classroom.Role{}}
		ids := map[string]string{} // of each user's last invitation
		user := rapid.SampledFrom(users)
		role := rapid.SampledFrom([]classroom.Role{classroom.Student, classroom.Teacher, classroom.Owner})
		agree := func(call string, err error, want provider.Code) {
			if got := provider.CodeOf(err); got != want {
				t.Fatalf("%s = %v, want %v", call, err, want)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				u, r := user.Draw(t, "user"), role.Draw(t, "role")
				inv, err := admin.CreateInvitation(t.Context(), classroom.Invitation{CourseID: "101", UserID: u, Role: r})
				agree(fmt.Sprintf("create(%s, %s)", u, r), err, m.create(u, r))
				if err == nil {
					ids[u] = inv.ID
				}
			},
			"delete": func(t *rapid.T) {
				u := user.Draw(t, "user")
				agree("delete "+u, admin.DeleteInvitation(t.Context(), ids[u]), m.delete(u))
			},
			"accept": func(t *rapid.T) {
				u := user.Draw(t, "user")
				agree("accept "+u, caller(u).AcceptInvitation(t.Context(), ids[u]), m.accept(u))
			},
			"": func(t *rapid.T) {
				if diff := cmp.Diff(m, observe(t, admin)); diff != "" {
					t.Fatalf("-model +store\n%s", diff)
				}
			},
		})
	})
}

// observe returns the store's course 101 as a model.
func observe(t *rapid.T, admin *emulator.Caller) *model {
	ctx := t.Context()
	m := &model{Role: map[string]classroom.Role{}, Open: map[string]classroom.Role{}}
	course, err := admin.GetCourse(ctx, "101")
	if err != nil {
		t.Fatal(err)
	}
	students, _, err := admin.ListStudents(ctx, "101", classroom.Page{})
	if err != nil {
		t.Fatal(err)
	}
	teachers, _, err := admin.ListTeachers(ctx, "101", classroom.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range students {
		m.Role[s.Profile.EmailAddress] = classroom.Student
	}
	for _, x := range teachers {
		m.Role[x.Profile.EmailAddress] = classroom.Teacher
		if x.UserID == course.OwnerID {
			m.Role[x.Profile.EmailAddress] = classroom.Owner
		}
	}
	open, _, err := admin.ListInvitations(ctx, classroom.InvitationQuery{CourseID: "101"})
	if err != nil {
		t.Fatal(err)
	}
	for _, inv := range open {
		p, err := admin.GetUserProfile(ctx, inv.UserID)
		if err != nil {
			t.Fatal(err)
		}
		m.Open[p.EmailAddress] = inv.Role
	}
	return m
}

// Pages of any size are the list, in order.
func TestPagesAreTheList(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: emulator.Demo()})
	admin := as(t, s, "")
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 9).Draw(t, "page size")
		q := classroom.InvitationQuery{CourseID: rapid.SampledFrom([]string{"101", "620015", "620029"}).Draw(t, "course")}
		whole, _, err := admin.ListInvitations(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var pages []*classroom.Invitation
		for q.Size = size; len(pages) == 0 || q.Token != ""; {
			var page []*classroom.Invitation
			page, q.Token, err = admin.ListInvitations(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) > size {
				t.Fatalf("ListInvitations(%+v) = %d rows, want %d at most", q, len(page), size)
			}
			pages = append(pages, page...)
		}
		if diff := cmp.Diff(whole, pages); diff != "" {
			t.Errorf("pages of %d: -list +pages\n%s", size, diff)
		}
	})
}

// A daily limit looks back on 24 hours, whatever the date.
func TestDailyLimitRolls(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 1, 22, 0, 0, 0, time.UTC)
	school := read(t, small(5))
	school.Limits.InvitationsPerDay = 2
	s := open(t, emulator.Options{Seed: school, Now: func() time.Time { return now }})
	c := as(t, s, "o@dom.edu")
	for i, step := range []struct {
		wait time.Duration
		want provider.Code
	}{
		{0, provider.OK},
		{3 * time.Hour, provider.OK},
		{0, provider.ResourceExhausted},
		{20 * time.Hour, provider.ResourceExhausted},
		{1 * time.Hour, provider.OK}, // the first is a day ago
		{2 * time.Hour, provider.ResourceExhausted},
		{1 * time.Hour, provider.OK}, // and the second
	} {
		now = now.Add(step.wait)
		inv, err := c.CreateInvitation(t.Context(), classroom.Invitation{
			CourseID: "101", UserID: fmt.Sprintf("p%d@dom.edu", i%5), Role: classroom.Student,
		})
		if got := provider.CodeOf(err); got != step.want {
			t.Errorf("step %d, %s: CreateInvitation = %v, want %v", i, now.Format(time.DateTime), err, step.want)
		}
		if err == nil {
			if err := c.DeleteInvitation(t.Context(), inv.ID); err != nil {
				t.Error(err)
			}
		}
	}
}

// No token but those that a list gave is taken.
func FuzzPageToken(f *testing.F) {
	s, err := emulator.Open(f.Context(), emulator.Options{Seed: emulator.Demo()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	admin, err := s.As("")
	if err != nil {
		f.Fatal(err)
	}
	q := classroom.InvitationQuery{CourseID: "620015", Page: classroom.Page{Size: 1}}
	given := map[string]bool{"": true}
	for more := true; more; more = q.Token != "" {
		if _, q.Token, err = admin.ListInvitations(f.Context(), q); err != nil {
			f.Fatal(err)
		}
		given[q.Token] = true
		f.Add(q.Token)
	}
	f.Add("AAAAAAAAAAAAAAAAAAAA")
	f.Add("T==")
	f.Fuzz(func(t *testing.T, token string) {
		q := classroom.InvitationQuery{CourseID: "620015", Page: classroom.Page{Size: 1, Token: token}}
		want := provider.InvalidArgument
		if given[token] {
			want = provider.OK
		}
		if _, _, err := admin.ListInvitations(t.Context(), q); provider.CodeOf(err) != want {
			t.Errorf("ListInvitations with the token %q = %v, want %v", token, err, want)
		}
	})
}
