package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// seen is all that lists tell the caller about course 101 and about themselves.
func seen(ctx context.Context, c *emulator.Caller) ([]byte, error) {
	var b strings.Builder
	add := func(list any, next string, err error) {
		fmt.Fprintln(&b, provider.CodeOf(err), next, cmp.Diff(nil, list))
	}
	for _, q := range []classroom.InvitationQuery{{CourseID: "101"}, {UserID: "me"}, {CourseID: "d:maths"}} {
		page, next, err := c.ListInvitations(ctx, q)
		add(page, next, err)
	}
	courses, next, err := c.ListCourses(ctx, classroom.CourseQuery{})
	add(courses, next, err)
	aliases, next, err := c.ListCourseAliases(ctx, "101", classroom.Page{Size: 1})
	add(aliases, next, err)
	students, next, err := c.ListStudents(ctx, "101", classroom.Page{Size: 1})
	add(students, next, err)
	teachers, next, err := c.ListTeachers(ctx, "101", classroom.Page{})
	add(teachers, next, err)
	return []byte(b.String()), nil
}

// recall is seen through Recall, which called says whether it had to ask.
func recall(t *testing.T, c *emulator.Caller) (answer string, called bool) {
	t.Helper()
	text, err := c.Recall(t.Context(), []byte("seen"), func(c *emulator.Caller) ([]byte, error) {
		called = true
		return seen(t.Context(), c)
	})
	if err != nil {
		t.Fatalf("Recall = %v", err)
	}
	return string(text), called
}

// changes are all that can happen to a school, one after the other.
func changes(t *testing.T, s *emulator.Store) []func() error {
	t.Helper()
	ctx := t.Context()
	admin, owner, pupil := as(t, s, ""), as(t, s, "o@dom.edu"), as(t, s, "p0@dom.edu")
	var id string
	invite := func() error {
		inv, err := owner.CreateInvitation(ctx, classroom.Invitation{CourseID: "101", UserID: "p0@dom.edu", Role: classroom.Student})
		if err == nil {
			id = inv.ID
		}
		return err
	}
	return []func() error{
		invite,
		func() error { return owner.DeleteInvitation(ctx, id) },
		invite,
		func() error { return pupil.AcceptInvitation(ctx, id) },
		func() error { return owner.DeleteStudent(ctx, "101", "p0@dom.edu") },
		func() error { _, err := admin.CreateStudent(ctx, "101", "p0@dom.edu", ""); return err },
		func() error { _, err := admin.CreateTeacher(ctx, "101", "p1@dom.edu"); return err },
		func() error { return admin.DeleteTeacher(ctx, "101", "p1@dom.edu") },
		func() error { _, err := admin.CreateCourseAlias(ctx, "101", "d:maths"); return err },
		func() error { return admin.DeleteCourseAlias(ctx, "101", "d:maths") },
		func() error {
			_, err := admin.PatchCourse(ctx, "101", classroom.Course{Name: "Sums"}, []string{"name"})
			return err
		},
		func() error {
			_, err := admin.CreateCourse(ctx, classroom.Course{Name: "Art", OwnerID: "o@dom.edu"})
			return err
		},
		func() error { return s.Reseed(ctx, read(t, smallWith(3, 3))) },
		func() error { return s.Reseed(ctx, read(t, small(3))) },
	}
}

// What is recalled is what would be read, after every kind of change by
// whomever, and is not read again while nothing changes.
func TestRecallIsNeverStale(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, reader, writer *emulator.Store) {
		callers := map[string]*emulator.Caller{}
		for _, name := range []string{"a@dom.edu", "o@dom.edu", "p0@dom.edu", "p1@dom.edu"} {
			callers[name] = as(t, reader, name)
		}
		for i, change := range changes(t, writer) {
			before, _ := recall(t, callers["a@dom.edu"])
			if err := change(); err != nil {
				t.Fatalf("change %d: %v", i, err)
			}
			if now, _ := recall(t, callers["a@dom.edu"]); now == before {
				t.Errorf("change %d is not to be seen", i)
			}
			for name, c := range callers {
				want, err := seen(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				got, _ := recall(t, c)
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("%s after change %d: -read +recalled\n%s", name, i, diff)
				}
				again, called := recall(t, c)
				if called || again != got {
					t.Errorf("%s after change %d: recalled again = %t, different = %t", name, i, called, again != got)
				}
			}
		}
	}
	inEachKind(t, small(3), func(t *testing.T, s *emulator.Store) { check(t, s, s) })
	t.Run("another process", func(t *testing.T) {
		t.Parallel()
		stores := twoStores(t, small(3))
		check(t, stores[0], stores[1])
	})
}

// Nor is it stale when connections, stores and clients are many.
func TestRecallAmongWriters(t *testing.T) {
	t.Parallel()
	const clients, rounds = 12, 10
	check := func(t *testing.T, callers [2]*emulator.Caller) {
		count := func(c *emulator.Caller, q classroom.InvitationQuery) int {
			text, err := c.Recall(t.Context(), []byte(q.UserID), func(c *emulator.Caller) ([]byte, error) {
				page, _, err := c.ListInvitations(t.Context(), q)
				return make([]byte, len(page)), err
			})
			expect(t, err, provider.OK)
			return len(text)
		}
		var wg sync.WaitGroup
		for i := range clients {
			q := classroom.InvitationQuery{CourseID: "101", UserID: fmt.Sprintf("p%d@dom.edu", i)}
			wg.Go(func() {
				for round := range rounds {
					writer, reader := callers[round%2], callers[i%2]
					inv, err := writer.CreateInvitation(t.Context(), classroom.Invitation{
						CourseID: q.CourseID, UserID: q.UserID, Role: classroom.Student,
					})
					expect(t, err, provider.OK)
					if err != nil {
						return
					}
					if n := count(reader, q); n != 1 {
						t.Errorf("%s has %d invitations after one was made", q.UserID, n)
					}
					expect(t, writer.DeleteInvitation(t.Context(), inv.ID), provider.OK)
					if n := count(reader, q); n != 0 {
						t.Errorf("%s has %d invitations after the last was deleted", q.UserID, n)
					}
				}
			})
		}
		wg.Wait()
	}
	inEachKind(t, small(clients), func(t *testing.T, s *emulator.Store) {
		c := as(t, s, "")
		check(t, [2]*emulator.Caller{c, c})
	})
	t.Run("two processes", func(t *testing.T) {
		t.Parallel()
		check(t, both(t, twoStores(t, small(clients)), ""))
	})
}

// One caller's answers are not another's, nor those of another project, nor of
// another key.
func TestRecallIsPerCaller(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: read(t, small(1))})
	callers := []*emulator.Caller{
		as(t, s, "a@dom.edu"), as(t, s, "o@dom.edu"), as(t, s, "p0@dom.edu"), as(t, s, "o@dom.edu").WithProject("77"),
	}
	for range 2 {
		for i, c := range callers {
			for _, key := range []string{"", "k", "kk"} {
				want := fmt.Sprint(i, key)
				got, err := c.Recall(t.Context(), []byte(key), func(*emulator.Caller) ([]byte, error) { return []byte(want), nil })
				if err != nil || string(got) != want {
					t.Errorf("Recall(%q) = %q, %v, want %q", key, got, err, want)
				}
			}
		}
	}
}

// Users whose numbers a new school has exchanged are not taken for each other;
// nor is one taken for whom they were, whose page tokens have another seal.
func TestRecallAfterNumbersChange(t *testing.T) {
	t.Parallel()
	const users = "users:\n- {id: %d, email: a@dom.edu, admin: true}\n- {id: %d, email: b@dom.edu}\n"
	s := open(t, emulator.Options{Seed: read(t, fmt.Sprintf(users, 5, 6))})
	before := []*emulator.Caller{as(t, s, "a@dom.edu"), as(t, s, "b@dom.edu")}
	if err := s.Reseed(t.Context(), read(t, fmt.Sprintf(users, 6, 5))); err != nil {
		t.Fatal(err)
	}
	for i, c := range append(before, as(t, s, "a@dom.edu"), as(t, s, "b@dom.edu")) {
		got, err := c.Recall(t.Context(), nil, func(*emulator.Caller) ([]byte, error) { return []byte{byte(i)}, nil })
		if err != nil || string(got) != string([]byte{byte(i)}) {
			t.Errorf("Recall of caller %d = %v, %v, want their own", i, got, err)
		}
	}
}

// A refusal is not kept, and a caller who is no more gets nothing that was.
func TestRecallRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Path: filepath.Join(t.TempDir(), "school.db"), Seed: read(t, small(1))})
	c := as(t, s, "p0@dom.edu")
	refused := errors.New("no")
	for _, want := range []error{refused, nil} {
		_, err := c.Recall(t.Context(), nil, func(*emulator.Caller) ([]byte, error) { return []byte("x"), want })
		if !errors.Is(err, want) {
			t.Errorf("Recall = %v, want %v", err, want)
		}
	}
	if err := s.Reseed(t.Context(), read(t, small(0))); err != nil {
		t.Fatal(err)
	}
	_, err := c.Recall(t.Context(), nil, func(c *emulator.Caller) ([]byte, error) {
		_, err := c.GetCourse(t.Context(), "101")
		return nil, err
	})
	if provider.CodeOf(err) != provider.Unauthenticated {
		t.Errorf("Recall of somebody who is gone = %v, want UNAUTHENTICATED", err)
	}
}
