package live_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/backendtest"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
	"github.com/iql-lang/iql/provider/classroom/live"
)

// away is a service that leaves time for others to wait.
var away = rest.Latency{Mean: 2 * time.Millisecond}

// busy keeps the only place of a client taken until the test ends, so that what
// else is called waits, and goes in a batch.
func (w *world) busy(t *testing.T, call func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var g sync.WaitGroup
	t.Cleanup(g.Wait)
	t.Cleanup(cancel)
	for range 2 {
		g.Go(func() {
			for ctx.Err() == nil {
				_ = call(ctx) // which faults may strike
			}
		})
	}
}

// batches returns a trace that counts the parts of batches.
func batches(n *atomic.Int32) func(live.Event) {
	return func(e live.Event) {
		if e.Batch > 0 {
			n.Add(1)
		}
	}
}

// TestBackendBatched has the suite's calls be parts of batches.
func TestBackendBatched(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	t.Run("suite", func(t *testing.T) {
		backendtest.Run(t, func(t *testing.T, school string) backendtest.Harness {
			w := open(t, school, rest.Options{Latency: away}, live.Options{Rate: -1, InFlight: 1, Trace: batches(&n)})
			w.busy(t, func(ctx context.Context) error {
				_, err := w.client.As(admin).GetUserProfile(ctx, "me")
				return err
			})
			return w
		})
	})
	if n.Load() == 0 {
		t.Error("there were no batches")
	}
}

// outcome is what a call comes to.
type outcome struct {
	Invitations []classroom.Invitation // without identifiers
	Next        bool
	Err         string
}

// cameTo is the outcome of a call; identifiers of new invitations differ.
func cameTo(list []*classroom.Invitation, next string, err error) outcome {
	o := outcome{Next: next != ""}
	for _, inv := range list {
		o.Invitations = append(o.Invitations, classroom.Invitation{CourseID: inv.CourseID, UserID: inv.UserID, Role: inv.Role})
	}
	if e, ok := errors.AsType[*provider.Error](err); ok {
		o.Err = e.Code.String() + " " + e.Caller + " " + e.Error()
	} else if err != nil {
		o.Err = err.Error()
	}
	return o
}

// TestBatchIsNoDifference makes the same calls at once, alone and in batches, as
// many subjects: they come to the same.
func TestBatchIsNoDifference(t *testing.T) {
	t.Parallel()
	const n = 60
	run := func(batch int) (outcomes []outcome, stats rest.Stats) {
		w := open(t, school(5*n), rest.Options{}, live.Options{Rate: -1, InFlight: 2, Batch: batch})
		ctx := t.Context()
		as := func(i int) *live.Caller { return w.client.As(fmt.Sprintf("p%d@dom.edu", i)) }
		calls := []func(i int) outcome{
			func(i int) outcome { return cameTo(nil, "", as(i).AcceptInvitation(ctx, fmt.Sprintf("P%d", i))) },
			func(i int) outcome {
				return cameTo(nil, "", w.client.As(owner).DeleteInvitation(ctx, fmt.Sprintf("P%d", n+i)))
			},
			func(i int) outcome {
				inv, err := w.client.As(owner).CreateInvitation(ctx, classroom.Invitation{CourseID: "d:math", UserID: fmt.Sprintf("p%d@dom.edu", 2*n+i), Role: classroom.Teacher})
				return cameTo([]*classroom.Invitation{inv}, "", err)
			},
			func(i int) outcome {
				inv, err := as(3*n+i).GetInvitation(ctx, fmt.Sprintf("P%d", 3*n+i))
				return cameTo([]*classroom.Invitation{inv}, "", err)
			},
			func(i int) outcome {
				return cameTo(as(4*n+i).ListInvitations(ctx, classroom.InvitationQuery{UserID: "me"}))
			},
			// What is refused: to who is not invited, not there, and not a member.
			func(i int) outcome { return cameTo(nil, "", as(i).AcceptInvitation(ctx, fmt.Sprintf("P%d", 4*n+i))) },
			func(i int) outcome {
				return cameTo(nil, "", w.client.As(owner).DeleteInvitation(ctx, fmt.Sprintf("none%d", i)))
			},
			func(i int) outcome {
				_, err := as(3*n+i).GetStudent(ctx, "102", "me")
				return cameTo(nil, "", err)
			},
		}
		outcomes = make([]outcome, n*len(calls))
		var g sync.WaitGroup
		for i := range outcomes {
			g.Go(func() { outcomes[i] = calls[i%len(calls)](i / len(calls)) })
		}
		g.Wait()
		stats = w.server.Stats()
		for _, course := range []string{"101", "102"} {
			outcomes = append(outcomes, cameTo(w.client.As(admin).ListInvitations(ctx, classroom.InvitationQuery{CourseID: course, Page: classroom.Page{Size: 500}})))
		}
		return outcomes, stats
	}
	// The last two lists are in the order of identifiers, some of which are new.
	sorted := cmp.Transformer("set", func(list []classroom.Invitation) map[classroom.Invitation]int {
		set := map[classroom.Invitation]int{}
		for _, inv := range list {
			set[inv]++
		}
		return set
	})
	alone, stats := run(-1)
	batched, fewer := run(0)
	if diff := cmp.Diff(alone, batched, sorted); diff != "" {
		t.Errorf("-alone +batched\n%s", diff)
	}
	if stats.HTTPRequests != 8*n || fewer.HTTPRequests > 2*n || fewer.MaxInFlight > 2 {
		t.Errorf("%d requests alone; %d batched, %d at once", stats.HTTPRequests, fewer.HTTPRequests, fewer.MaxInFlight)
	}
	if diff := cmp.Diff(stats.Requests, fewer.Requests); diff != "" {
		t.Errorf("-alone +batched\n%s", diff)
	}
}

// TestFaultsBatched calls every method in batches while it, or the batch, fails
// in every way: the call is done.
func TestFaultsBatched(t *testing.T) {
	t.Parallel()
	for _, v := range verbs {
		t.Run(v.method, func(t *testing.T) {
			t.Parallel()
			for _, of := range []string{v.method, "batch"} {
				if of == "batch" && v.done == nil && v.method != "invitations.list" {
					continue // one read stands for all
				}
				for _, way := range append(ways, "404:1", "405:1") {
					if strings.HasPrefix(way, "40") && of != "batch" {
						continue
					}
					live.InBubble(t, of+"="+way, func(t *testing.T) {
						w := openPiped(t, school(people), rest.Options{Latency: away}, newClock().on(live.Options{Rate: -1, InFlight: 1, Timeout: 250 * time.Millisecond}))
						f := w.fault(t, of+"="+way)
						w.busy(t, func(ctx context.Context) error {
							_, err := w.client.As(admin).GetCourse(ctx, "102")
							return err
						})
						if err := v.call(t.Context(), w); err != nil {
							t.Fatalf("with %v: %v", f, err)
						}
						if v.done == nil {
							return
						}
						if err := v.done(t.Context(), w); err != nil {
							t.Errorf("with %v: after it: %v", f, err)
						}
					})
				}
			}
		})
	}
}
