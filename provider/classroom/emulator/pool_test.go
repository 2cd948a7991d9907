package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// inEachKind runs a test on a store in memory and one in a file.
func inEachKind(t *testing.T, school string, test func(*testing.T, *emulator.Store)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, emulator.Options{Seed: read(t, school)}))
	})
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "school.db")
		test(t, open(t, emulator.Options{Seed: read(t, school), Path: path}))
	})
}

// A change that is done is in all that is read afterwards, by whatever
// connection, and a change that is not done is in none.
func TestReadersSeeWhatIsDone(t *testing.T) {
	t.Parallel()
	const clients, rounds = 16, 20
	inEachKind(t, small(clients), func(t *testing.T, s *emulator.Store) {
		c := as(t, s, "")
		var wg sync.WaitGroup
		for i := range clients {
			q := classroom.InvitationQuery{CourseID: "101", UserID: fmt.Sprintf("p%d@dom.edu", i)}
			wg.Go(func() {
				for range rounds {
					inv, err := c.CreateInvitation(t.Context(), classroom.Invitation{
						CourseID: q.CourseID, UserID: q.UserID, Role: classroom.Student,
					})
					expect(t, err, provider.OK)
					if page, _, err := c.ListInvitations(t.Context(), q); err != nil || len(page) != 1 {
						t.Errorf("ListInvitations(%+v) after CreateInvitation = %d rows, %v, want 1", q, len(page), err)
						return
					}
					expect(t, c.DeleteInvitation(t.Context(), inv.ID), provider.OK)
					if page, _, err := c.ListInvitations(t.Context(), q); err != nil || len(page) != 0 {
						t.Errorf("ListInvitations(%+v) after DeleteInvitation = %d rows, %v, want 0", q, len(page), err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}

// Close waits for what is under way; what comes later is UNAVAILABLE.
func TestCloseAmongRequests(t *testing.T) {
	t.Parallel()
	const clients = 16
	inEachKind(t, small(clients), func(t *testing.T, s *emulator.Store) {
		c := as(t, s, "")
		var started, wg sync.WaitGroup
		started.Add(clients)
		for i := range clients {
			wg.Go(func() {
				started.Done()
				inv := classroom.Invitation{CourseID: "101", UserID: fmt.Sprintf("p%d@dom.edu", i), Role: classroom.Student}
				for {
					var err error
					if i%2 == 0 {
						_, err = c.CreateInvitation(t.Context(), inv)
					} else {
						_, err = c.GetCourse(t.Context(), "101")
					}
					expect(t, err, provider.OK, provider.AlreadyExists, provider.Unavailable)
					if provider.CodeOf(err) == provider.Unavailable {
						return
					}
				}
			})
		}
		started.Wait()
		if err := s.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
		wg.Wait()
	})
}

// Who gives up waiting is told so, and the store goes on.
func TestGivingUp(t *testing.T) {
	t.Parallel()
	const clients = 32
	inEachKind(t, small(clients), func(t *testing.T, s *emulator.Store) {
		c := as(t, s, "")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var wg sync.WaitGroup
		for i := range clients {
			wg.Go(func() {
				for round := 0; ; round++ {
					_, err := c.CreateInvitation(ctx, classroom.Invitation{
						CourseID: "101", UserID: fmt.Sprintf("p%d@dom.edu", i), Role: classroom.Student,
					})
					if errors.Is(err, context.Canceled) {
						return
					}
					expect(t, err, provider.OK, provider.AlreadyExists)
					if round == 10 {
						cancel()
					}
				}
			})
		}
		wg.Wait()
		if _, _, err := c.ListInvitations(t.Context(), classroom.InvitationQuery{CourseID: "101"}); err != nil {
			t.Errorf("ListInvitations afterwards = %v", err)
		}
		_, err := c.CreateInvitation(t.Context(), classroom.Invitation{CourseID: "101", UserID: "me", Role: classroom.Student})
		if err != nil {
			t.Errorf("CreateInvitation afterwards = %v", err)
		}
	})
}
