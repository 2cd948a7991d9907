package emulator_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// twoStores opens two stores on one file, as two processes would.
func twoStores(t *testing.T, school string) [2]*emulator.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "school.db")
	opts := emulator.Options{Path: path, Seed: read(t, school)}
	return [2]*emulator.Store{open(t, opts), open(t, opts)}
}

// together makes the same call n times at once, by turns on two callers, and
// returns how often it came to each code.
func together(n int, callers [2]*emulator.Caller, call func(c *emulator.Caller) error) map[provider.Code]int {
	codes := make([]provider.Code, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { codes[i] = provider.CodeOf(call(callers[i%2])) })
	}
	wg.Wait()
	count := map[provider.Code]int{}
	for _, code := range codes {
		count[code]++
	}
	return count
}

func both(t *testing.T, stores [2]*emulator.Store, name string) [2]*emulator.Caller {
	t.Helper()
	return [2]*emulator.Caller{as(t, stores[0], name), as(t, stores[1], name)}
}

func TestOneOfManyCreatesAcceptsDeletes(t *testing.T) {
	t.Parallel()
	const n = 10
	stores := twoStores(t, small(1))
	owner, pupil := both(t, stores, "o@dom.edu"), both(t, stores, "p0@dom.edu")
	invite := func(c *emulator.Caller) error {
		_, err := c.CreateInvitation(t.Context(), classroom.Invitation{
			CourseID: "101", UserID: "p0@dom.edu", Role: classroom.Student,
		})
		return err
	}
	open := func() string {
		t.Helper()
		page, _, err := owner[0].ListInvitations(t.Context(), classroom.InvitationQuery{CourseID: "101"})
		if err != nil || len(page) != 1 {
			t.Fatalf("ListInvitations(101) = %d invitations, %v, want 1", len(page), err)
		}
		return page[0].ID
	}
	for _, test := range []struct {
		name    string
		callers [2]*emulator.Caller
		call    func(id string) func(*emulator.Caller) error
		losers  provider.Code
	}{
		{"delete", owner, func(id string) func(*emulator.Caller) error {
			return func(c *emulator.Caller) error { return c.DeleteInvitation(t.Context(), id) }
		}, provider.NotFound},
		{"accept", pupil, func(id string) func(*emulator.Caller) error {
			return func(c *emulator.Caller) error { return c.AcceptInvitation(t.Context(), id) }
		}, provider.NotFound},
	} {
		got := together(n, owner, invite)
		want := map[provider.Code]int{provider.OK: 1, provider.AlreadyExists: n - 1}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%d creates at once: -want +got\n%s", n, diff)
		}
		got = together(n, test.callers, test.call(open()))
		want = map[provider.Code]int{provider.OK: 1, test.losers: n - 1}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%d times %s at once: -want +got\n%s", n, test.name, diff)
		}
	}
}

// Pupils are invited, decline and accept all at once, 64 calls at a time. At no
// time has one of them two invitations to the course; none is lost; and of each
// pupil's acceptances, one succeeds.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("two stores on one file", func(t *testing.T) {
		t.Parallel()
		manyAtOnce(t, twoStores(t, small(manyPupils)))
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		s := open(t, emulator.Options{Seed: read(t, small(manyPupils))})
		manyAtOnce(t, [2]*emulator.Store{s, s})
	})
}

const manyPupils = 8

func manyAtOnce(t *testing.T, stores [2]*emulator.Store) {
	const pupils, each, rounds = manyPupils, 64 / manyPupils, 10
	owner := both(t, stores, "o@dom.edu")
	var accepted [pupils]atomic.Int32
	var wg sync.WaitGroup
	for i := range pupils {
		email := fmt.Sprintf("p%d@dom.edu", i)
		pupil := both(t, stores, email)
		query := classroom.InvitationQuery{CourseID: "101", UserID: email}
		for n := range each {
			here, there := n%2, 1-n%2
			wg.Go(func() {
				for round := range rounds {
					_, err := owner[here].CreateInvitation(t.Context(), classroom.Invitation{
						CourseID: "101", UserID: email, Role: classroom.Student,
					})
					expect(t, err, provider.OK, provider.AlreadyExists, provider.FailedPrecondition)
					page, _, err := owner[there].ListInvitations(t.Context(), query)
					expect(t, err, provider.OK)
					if len(page) > 1 {
						t.Errorf("%s has %d invitations to one course", email, len(page))
					}
					if len(page) == 0 {
						continue
					}
					if round < rounds-1 {
						err := pupil[here].DeleteInvitation(t.Context(), page[0].ID)
						expect(t, err, provider.OK, provider.NotFound)
						continue
					}
					err = pupil[here].AcceptInvitation(t.Context(), page[0].ID)
					expect(t, err, provider.OK, provider.NotFound)
					if err == nil {
						accepted[i].Add(1)
					}
				}
			})
		}
	}
	wg.Wait()
	for i := range pupils {
		if n := accepted[i].Load(); n != 1 {
			t.Errorf("pupil %d accepted %d times, want once", i, n)
		}
	}
	left, _, err := owner[0].ListInvitations(t.Context(), classroom.InvitationQuery{CourseID: "101"})
	if err != nil || len(left) != 0 {
		t.Errorf("ListInvitations at the end = %d invitations, %v, want none", len(left), err)
	}
}

// expect fails the test unless err has one of the codes.
func expect(t *testing.T, err error, codes ...provider.Code) {
	t.Helper()
	got := provider.CodeOf(err)
	for _, code := range codes {
		if code == got {
			return
		}
	}
	t.Errorf("a call = %v, want one of %v", err, codes)
}
