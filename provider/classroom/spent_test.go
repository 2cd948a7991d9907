package classroom_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
)

// rationed is a backend with a number of invitations left, which counts those who
// ask for one.
type rationed struct {
	classroom.Backend
	left, asked int
}

func (r *rationed) CreateInvitation(context.Context, classroom.Invitation) (*classroom.Invitation, error) {
	r.asked++
	if r.left == 0 {
		return nil, &provider.Error{Code: provider.ResourceExhausted, Reason: "UserInvitationQuotaExhausted", Message: "no more"}
	}
	r.left--
	return &classroom.Invitation{ID: "x"}, nil
}

// TestSpent has somebody use up the day's invitations: Google is asked once more
// than there were, and again after an hour; who else invites is not concerned.
func TestSpent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var spent classroom.Spent
		tired, other := &rationed{left: 3}, &rationed{left: 3}
		a, b := spent.Backend("a@dom.edu", tired), spent.Backend("b@dom.edu", other)
		invite := func(b classroom.Backend) error {
			_, err := b.CreateInvitation(t.Context(), classroom.Invitation{})
			return err
		}
		for i := range 10 {
			err := invite(a)
			if e, ok := errors.AsType[*provider.Error](err); (i < 3) != (err == nil) || err != nil && (!ok || e.Reason != "UserInvitationQuotaExhausted") {
				t.Errorf("invitation %d: %v", i, err)
			}
		}
		if tired.asked != 4 {
			t.Errorf("asked %d times, want 4", tired.asked)
		}
		if err := invite(b); err != nil {
			t.Errorf("somebody else: %v", err)
		}
		time.Sleep(2 * time.Hour)
		if err := invite(a); err == nil || tired.asked != 5 {
			t.Errorf("two hours later: %v after %d, want to be asked again", err, tired.asked)
		}
	})
}
