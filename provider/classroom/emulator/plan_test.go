package emulator

import (
	"slices"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider/classroom"
)

// harmless are the steps of a plan that read no more than they need, though
// they look as if they did.
var harmless = strings.NewReplacer(
	"SCAN CONSTANT ROW", "",
	"SCAN u USING INDEX users_admin", "", // stops at the first
	"SCAN c USING INDEX courses_newest", "", // an admin's courses are most there are
)

// Every query of a request finds its rows by an index and in the order of the
// list, so that a school of any size answers alike. Only the courses of one
// user are collected and then sorted.
func TestQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Seed: Demo()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, name := range []string{"", "carmen.ortega@example.edu", "b@example.edu"} {
		c, err := s.As(name)
		if err != nil {
			t.Fatal(err)
		}
		callAll(t, c)
	}
	d, err := s.conns.take(t.Context(), reads)
	if err != nil {
		t.Fatal(err)
	}
	defer s.conns.give(d, reads)
	for query := range d.stmts {
		verb, _, _ := strings.Cut(query, " ")
		if !slices.Contains([]string{"SELECT", "UPDATE", "DELETE", "INSERT"}, verb) ||
			strings.Contains(query, "sqlite_") || strings.Contains(query, "FROM meta") {
			continue
		}
		steps, err := all(d, func(st *sqlite3.Stmt) string { return st.ColumnText(3) }, "EXPLAIN QUERY PLAN "+query)
		if err != nil {
			t.Fatal(err)
		}
		plan := harmless.Replace(strings.Join(steps, "\n\t"))
		if strings.Contains(query, "ORDER BY c.created") {
			plan = strings.ReplaceAll(plan, "USE TEMP B-TREE", "")
		}
		if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\nhas the plan\n\t%s", query, plan)
		}
	}
}

// callAll calls every method, whatever comes of it.
func callAll(t *testing.T, c *Caller) {
	ctx := t.Context()
	inv, err := c.CreateInvitation(ctx, classroom.Invitation{
		CourseID: "d:biology", UserID: "a@example.edu", Role: classroom.Student,
	})
	if err == nil {
		c.GetInvitation(ctx, inv.ID)
		c.DeleteInvitation(ctx, inv.ID)
	}
	c.CreateInvitation(ctx, classroom.Invitation{CourseID: "620015", UserID: "daniel.osei@example.edu", Role: classroom.Owner})
	c.AcceptInvitation(ctx, "NjIwMDE1")
	for _, page := range []classroom.Page{{}, {Size: 1}} {
		for _, q := range []classroom.InvitationQuery{
			{CourseID: "620015"}, {UserID: "me"}, {UserID: "g@example.edu"}, {CourseID: "620015", UserID: "me"},
		} {
			q.Page = page
			_, q.Token, _ = c.ListInvitations(ctx, q)
			c.ListInvitations(ctx, q)
		}
		for _, q := range []classroom.CourseQuery{
			{}, {TeacherID: "me"}, {StudentID: "me"}, {States: []string{"ACTIVE"}},
		} {
			q.Page = page
			_, q.Token, _ = c.ListCourses(ctx, q)
			c.ListCourses(ctx, q)
		}
		c.ListCourseAliases(ctx, "620015", page)
		c.ListStudents(ctx, "620015", page)
		c.ListTeachers(ctx, "620015", page)
	}
	if course, err := c.CreateCourse(ctx, classroom.Course{ID: "p:art", Name: "Art", OwnerID: "me"}); err == nil {
		c.PatchCourse(ctx, course.ID, classroom.Course{OwnerID: "b@example.edu"}, []string{"ownerId"})
		c.CreateCourseAlias(ctx, course.ID, "d:art")
		c.DeleteCourseAlias(ctx, course.ID, "d:art")
		c.CreateStudent(ctx, course.ID, "a@example.edu", "")
		c.DeleteStudent(ctx, course.ID, "a@example.edu")
		c.CreateTeacher(ctx, course.ID, "a@example.edu")
		c.DeleteTeacher(ctx, course.ID, "a@example.edu")
		c.DeleteCourse(ctx, course.ID)
	}
	c.store.User(ctx, "a@example.edu")
	c.GetStudent(ctx, "620015", "me")
	c.GetTeacher(ctx, "620015", "me")
	c.GetUserProfile(ctx, "me")
	c.GetUserProfile(ctx, "maria.tutor@mail.example.net")
}
