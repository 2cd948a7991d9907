package emulator_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// A child of the test binary works on the store and the course that these
// name.
const (
	childStore  = "IQL_TEST_CHILD_STORE"
	childCourse = "IQL_TEST_CHILD_COURSE"
)

// childPupils is how many pupils a child invites, childAtOnce how many at a
// time.
const (
	childPupils = 1000
	childAtOnce = 32
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childStore); path != "" {
		if err := inviteAll(path, os.Getenv(childCourse)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// inviteAll invites every pupil to a course and prints the id of each
// invitation when it has been made. Somebody else may do the same: who is
// invited already is none of ours.
func inviteAll(path, course string) error {
	ctx := context.Background()
	s, err := emulator.Open(ctx, emulator.Options{Path: path})
	if err != nil {
		return err
	}
	c, err := s.As("")
	if err != nil {
		return errors.Join(err, s.Close())
	}
	pupils := make(chan int)
	failed := make([]error, childAtOnce)
	var wg sync.WaitGroup
	for i := range childAtOnce {
		wg.Go(func() {
			for pupil := range pupils {
				inv, err := c.CreateInvitation(ctx, classroom.Invitation{
					CourseID: course, UserID: fmt.Sprintf("p%d@dom.edu", pupil), Role: classroom.Student,
				})
				switch provider.CodeOf(err) {
				case provider.OK:
					fmt.Println(inv.ID)
				case provider.AlreadyExists:
				default:
					failed[i] = err
				}
			}
		})
	}
	for pupil := range childPupils {
		pupils <- pupil
	}
	close(pupils)
	wg.Wait()
	if errors.Join(failed...) == nil {
		_, _ = io.Copy(io.Discard, os.Stdin) // who is to be killed does not end before
	}
	return errors.Join(append(failed, s.Close())...)
}

// child starts a child on a course of the store. It ends when its standard input does.
func child(t *testing.T, path, course string, stdin io.Reader) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childStore+"="+path, childCourse+"="+course)
	cmd.Stdin = stdin
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// acknowledged reads the ids that a child prints, and calls stop when it has
// printed n.
func acknowledged(t *testing.T, out io.Reader, n int, stop func() error) (ids []string) {
	t.Helper()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "error") {
			t.Errorf("the child says %q", lines.Text())
			continue
		}
		ids = append(ids, lines.Text())
		if len(ids) == n {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
	}
	return ids
}

// A process is killed in the middle of a thousand creates, again and again.
// What it said it had done is there when the store is next opened, and the
// store works.
func TestKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	path := filepath.Join(t.TempDir(), "school.db")
	if err := open(t, emulator.Options{Path: path, Seed: read(t, smallWith(childPupils, rounds))}).Close(); err != nil {
		t.Fatal(err)
	}
	for round := range rounds {
		course := fmt.Sprint(101 + round)
		stdin, end, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd, out := child(t, path, course, stdin)
		ids := acknowledged(t, out, 1+round*37%900, cmd.Process.Kill)
		if err := cmd.Wait(); err == nil {
			t.Fatalf("round %d: the child ended by itself", round)
		}
		if err := errors.Join(stdin.Close(), end.Close()); err != nil {
			t.Error(err)
		}
		start := time.Now()
		s := open(t, emulator.Options{Path: path})
		c := as(t, s, "")
		got := invitedTo(t, c, course)
		if took := time.Since(start); took > time.Minute {
			t.Errorf("round %d: the store took %v to start", round, took)
		}
		for _, id := range ids {
			if !got[id] {
				t.Errorf("round %d: invitation %s was lost", round, id)
			}
		}
		if len(got) > len(ids)+childAtOnce {
			t.Errorf("round %d: %d invitations, of which %d were acknowledged", round, len(got), len(ids))
		}
		if _, err := c.CreateInvitation(t.Context(), classroom.Invitation{
			CourseID: course, UserID: "me", Role: classroom.Student,
		}); err != nil {
			t.Errorf("round %d: CreateInvitation after the kill = %v", round, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// invitedTo returns the ids of all invitations to a course.
func invitedTo(t *testing.T, c *emulator.Caller, course string) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for q := (classroom.InvitationQuery{CourseID: course}); ; {
		page, next, err := c.ListInvitations(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, inv := range page {
			ids[inv.ID] = true
		}
		if next == "" {
			return ids
		}
		q.Token = next
	}
}

// Two processes invite the same pupils to one course. Each pupil is invited
// by one of them.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "school.db")
	s := open(t, emulator.Options{Path: path, Seed: read(t, small(childPupils))})
	var ids [2][]string
	var wg sync.WaitGroup
	for i := range ids {
		cmd, out := child(t, path, "101", nil)
		wg.Go(func() {
			ids[i] = acknowledged(t, out, -1, nil)
			if err := cmd.Wait(); err != nil {
				t.Errorf("child %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	got := invitedTo(t, as(t, s, ""), "101")
	if len(got) != childPupils || len(ids[0])+len(ids[1]) != childPupils {
		t.Errorf("%d and %d invitations were acknowledged and %d are there, want %d",
			len(ids[0]), len(ids[1]), len(got), childPupils)
	}
	for _, id := range append(ids[0], ids[1]...) {
		if !got[id] {
			t.Errorf("invitation %s was lost", id)
		}
		delete(got, id)
	}
}
