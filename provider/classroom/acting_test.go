package classroom_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
	"github.com/iql-lang/iql/provider/classroom/live"
)

// actingSchool has a course of an owner's, pupils who are invited to it, one of
// them suspended, one from outside.
const actingSchool = `
domains:
- {name: dom.edu, edition: paid}
users:
- {id: 1, email: admin@dom.edu, name: Anna Admin, admin: true}
- {id: 2, email: owner@dom.edu, name: Olga Owner}
- {id: 3, email: pat@dom.edu, name: Pat Pupil}
- {id: 4, email: sue@dom.edu, name: Sue Pupil}
- {id: 5, email: tim@dom.edu, name: Tim Teacher}
- {id: 6, email: eve@ext.org, name: Eve External}
courses:
- {id: 101, name: Maths, ownerId: owner@dom.edu, teachers: [tim@dom.edu], aliases: ["d:math"]}
invitations:
- {courseId: 101, userId: pat@dom.edu, role: STUDENT}
- {courseId: 101, userId: sue@dom.edu, role: STUDENT}
- {courseId: 101, userId: tim@dom.edu, role: OWNER}
- {courseId: 101, userId: eve@ext.org, role: STUDENT}
`

// actors are people as whom backends may be asked, and who was.
type actors struct {
	classroom.People
	mu  sync.Mutex
	was []string // guarded by mu: whom As was called with
}

func (a *actors) who() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := slices.Sorted(slices.Values(a.was))
	return slices.Compact(was)
}

// onEach runs a test on the emulator itself, and on the live backend that asks
// its REST face.
func onEach(t *testing.T, test func(t *testing.T, a *actors)) {
	t.Helper()
	for _, name := range []string{"mock", "live"} {
		t.Run(name, func(t *testing.T) {
			seed, err := emulator.ReadSchool("school.yaml", strings.NewReader(actingSchool))
			if err != nil {
				t.Fatal(err)
			}
			store, err := emulator.Open(t.Context(), emulator.Options{Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			admin, err := store.As("admin@dom.edu")
			if err != nil {
				t.Fatal(err)
			}
			as := func(address string) (classroom.Backend, error) { return admin.Delegate(address) }
			if name == "live" {
				front := httptest.NewServer(rest.New(store, rest.Options{}))
				t.Cleanup(front.Close)
				client, err := live.New(live.Options{Endpoint: front.URL, Rate: -1, Retries: -1})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = client.Close() })
				as = func(address string) (classroom.Backend, error) { return client.As(address), nil }
			}
			a := &actors{}
			if a.Asker, err = as("admin@dom.edu"); err != nil {
				t.Fatal(err)
			}
			a.As = func(address string) (classroom.Backend, error) {
				a.mu.Lock()
				a.was = append(a.was, address)
				a.mu.Unlock()
				return as(address)
			}
			test(t, a)
		})
	}
}

// waiting returns the invitations of course 101 by what their user is called.
func waiting(t *testing.T, b classroom.Backend) map[string]*classroom.Invitation {
	t.Helper()
	page, _, err := b.ListInvitations(t.Context(), classroom.InvitationQuery{CourseID: "101"})
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]*classroom.Invitation{}
	for _, inv := range page {
		of[inv.UserID] = inv
	}
	return of
}

func TestActingAccepts(t *testing.T) {
	onEach(t, func(t *testing.T, a *actors) {
		b, ctx := classroom.Acting(a.People), t.Context()
		of := waiting(t, b)
		for _, user := range []string{"3", "4", "5"} {
			if err := b.AcceptInvitation(ctx, of[user].ID); err != nil {
				t.Errorf("AcceptInvitation of user %s = %v", user, err)
			}
		}
		if got, want := a.who(), []string{"pat@dom.edu", "sue@dom.edu", "tim@dom.edu"}; !slices.Equal(got, want) {
			t.Errorf("accepted as %q, want %q", got, want)
		}
		for _, user := range []string{"3", "4"} {
			if _, err := b.GetStudent(ctx, "101", user); err != nil {
				t.Errorf("GetStudent(%s) = %v", user, err)
			}
		}
		if course, err := b.GetCourse(ctx, "101"); err != nil || course.OwnerID != "5" {
			t.Errorf("GetCourse() = %+v, %v, want it to be owned by 5", course, err)
		}
	})
}

// Nobody has seen the invitation: it is looked up.
func TestActingAcceptsUnseen(t *testing.T) {
	onEach(t, func(t *testing.T, a *actors) {
		id := waiting(t, a.Asker)["3"].ID
		if err := classroom.Acting(a.People).AcceptInvitation(t.Context(), id); err != nil {
			t.Errorf("AcceptInvitation() = %v", err)
		}
	})
}

func TestActingRefusals(t *testing.T) {
	onEach(t, func(t *testing.T, a *actors) {
		b, ctx := classroom.Acting(a.People), t.Context()
		refusal := func(err error, code provider.Code, words ...string) {
			t.Helper()
			if provider.CodeOf(err) != code {
				t.Errorf("the error is %v, want %v", err, code)
				return
			}
			for _, word := range words {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("the error is %q, want it to say %q", err, word)
				}
			}
		}
		refusal(b.AcceptInvitation(ctx, "MTIz"), provider.NotFound)
		if external, ok := waiting(t, b)[""]; ok {
			refusal(b.AcceptInvitation(ctx, external.ID), provider.PermissionDenied, "not of this domain")
		} else {
			t.Error("no invitation of course 101 hides its user")
		}
		// Somebody as whom one cannot act fails alone; without credentials
		// nobody can be acted as.
		cannot := a.People
		gone := provider.Errorf(provider.Unauthenticated, "no such account")
		cannot.As = func(string) (classroom.Backend, error) { return nil, gone }
		id := waiting(t, b)["3"].ID
		refusal(classroom.Acting(cannot).AcceptInvitation(ctx, id), provider.PermissionDenied, "cannot act as pat@dom.edu", "no such account")
		cannot.Asker = revoked{a.Asker, provider.Errorf(provider.Unavailable, "not now")}
		refusal(classroom.Acting(cannot).AcceptInvitation(ctx, id), provider.Unavailable, "cannot act as pat@dom.edu", "not now")
		cannot.Asker = revoked{a.Asker, provider.Errorf(provider.Unauthenticated, "revoked")}
		out := classroom.Acting(cannot)
		waiting(t, out)
		refusal(out.AcceptInvitation(ctx, id), provider.Unauthenticated)
		// An address that is not shown.
		cannot.Asker = nameless{a.Asker}
		refusal(classroom.Acting(cannot).AcceptInvitation(ctx, id), provider.PermissionDenied, "the invited user 3", "is not shown")
		refusal(classroom.Acting(a.People).AcceptInvitation(ctx, id), provider.OK)
	})
}

// revoked is a backend whose credentials are gone, or which does not answer, but for
// what has been seen.
type revoked struct {
	classroom.Backend
	why error
}

func (r revoked) GetUserProfile(ctx context.Context, id string) (*classroom.UserProfile, error) {
	if id == "me" {
		return nil, r.why
	}
	return r.Backend.GetUserProfile(ctx, id)
}

// nameless is a backend that shows no addresses.
type nameless struct{ classroom.Backend }

func (n nameless) GetUserProfile(ctx context.Context, id string) (*classroom.UserProfile, error) {
	p, err := n.Backend.GetUserProfile(ctx, id)
	if err == nil {
		p.EmailAddress = ""
	}
	return p, err
}

func TestOwnersAct(t *testing.T) {
	onEach(t, func(t *testing.T, a *actors) {
		plain := classroom.Acting(a.People)
		external := waiting(t, plain)[""]
		if external == nil {
			t.Fatal("no invitation of course 101 hides its user")
		}
		a.OwnersAct = true
		b, ctx := classroom.Acting(a.People), t.Context()
		if err := b.DeleteInvitation(ctx, external.ID); err != nil {
			t.Errorf("DeleteInvitation(external) = %v", err)
		}
		for _, course := range []string{"101", "d:math"} {
			inv, err := b.CreateInvitation(ctx, classroom.Invitation{CourseID: course, UserID: "eve@ext.org", Role: classroom.Student})
			if err != nil {
				t.Fatalf("CreateInvitation(%s) = %v", course, err)
			}
			if err := b.DeleteInvitation(ctx, inv.ID); err != nil {
				t.Errorf("DeleteInvitation(%s) = %v", course, err)
			}
		}
		if got, want := a.who(), []string{"owner@dom.edu"}; !slices.Equal(got, want) {
			t.Errorf("acted as %q, want %q", got, want)
		}
		_, err := b.CreateInvitation(ctx, classroom.Invitation{CourseID: "999", UserID: "eve@ext.org", Role: classroom.Student})
		if provider.CodeOf(err) != provider.NotFound || !strings.Contains(fmt.Sprint(err), "the owner of course 999") {
			t.Errorf("CreateInvitation(999) = %v, want NOT_FOUND of the owner", err)
		}
	})
}

// Who owns a course is looked up again when it has a new owner: the one before,
// a teacher still, could invite too.
func TestOwnersChange(t *testing.T) {
	onEach(t, func(t *testing.T, a *actors) {
		a.OwnersAct = true
		b, ctx := classroom.Acting(a.People), t.Context()
		for _, course := range []string{"101", "d:math"} {
			inv, err := b.CreateInvitation(ctx, classroom.Invitation{CourseID: course, UserID: "admin@dom.edu", Role: classroom.Student})
			if err != nil {
				t.Fatal(err)
			}
			if err := b.DeleteInvitation(ctx, inv.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.AcceptInvitation(ctx, waiting(t, b)["5"].ID); err != nil {
			t.Fatal(err)
		}
		for _, course := range []string{"101", "d:math"} {
			a.mu.Lock()
			a.was = nil
			a.mu.Unlock()
			inv, err := b.CreateInvitation(ctx, classroom.Invitation{CourseID: course, UserID: "admin@dom.edu", Role: classroom.Student})
			if err != nil {
				t.Fatal(err)
			}
			if err := b.DeleteInvitation(ctx, inv.ID); err != nil {
				t.Fatal(err)
			}
			if got, want := a.who(), []string{"tim@dom.edu"}; !slices.Equal(got, want) {
				t.Errorf("invited to %s as %q, want %q", course, got, want)
			}
		}
	})
}

// A known owner who is refused fails no row if there is a new one.
func TestOwnersChangeElsewhere(t *testing.T) {
	onEach(t, func(t *testing.T, a *actors) {
		a.OwnersAct = true
		b, ctx := classroom.Acting(a.People), t.Context()
		invite := func(user string, role classroom.Role) error {
			_, err := b.CreateInvitation(ctx, classroom.Invitation{CourseID: "101", UserID: user, Role: role})
			return err
		}
		if err := invite("admin@dom.edu", classroom.Student); err != nil {
			t.Fatal(err)
		}
		tim, err := a.As("tim@dom.edu")
		if err != nil {
			t.Fatal(err)
		}
		if err := tim.AcceptInvitation(ctx, waiting(t, b)["5"].ID); err != nil { // elsewhere
			t.Fatal(err)
		}
		// Only who owns the course may give it away; olga is a teacher of it.
		if err := invite("owner@dom.edu", classroom.Owner); err != nil {
			t.Errorf("invited as who owned the course before: %v", err)
		}
	})
}

// waits is a backend with one invitation, whose first profile takes until the
// caller leaves. It accepts, as whoever asks.
type waits struct {
	classroom.Backend
	first atomic.Bool
}

func (w *waits) GetInvitation(_ context.Context, id string) (*classroom.Invitation, error) {
	return &classroom.Invitation{ID: id, CourseID: "1", UserID: "2", Role: classroom.Student}, nil
}

func (w *waits) GetUserProfile(ctx context.Context, id string) (*classroom.UserProfile, error) {
	if !w.first.Swap(true) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &classroom.UserProfile{ID: id, EmailAddress: "pat@dom.edu"}, nil
}

func (w *waits) AcceptInvitation(context.Context, string) error { return nil }

// Who looks for others and leaves takes nobody along.
func TestActingFirstLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &waits{}
		b := classroom.Acting(classroom.People{Asker: w, As: func(string) (classroom.Backend, error) { return w, nil }})
		ctx, cancel := context.WithCancel(t.Context())
		var g sync.WaitGroup
		g.Go(func() {
			if err := b.AcceptInvitation(ctx, "i"); !errors.Is(err, context.Canceled) {
				t.Errorf("AcceptInvitation() = %v, of a context that has ended", err)
			}
		})
		synctest.Wait()
		g.Go(func() {
			if err := b.AcceptInvitation(t.Context(), "i"); err != nil {
				t.Errorf("AcceptInvitation() = %v, of another's context", err)
			}
		})
		synctest.Wait()
		cancel()
		g.Wait()
	})
}

// owned is a backend with a course, whose owner others change.
type owned struct {
	classroom.Backend
	owner string
}

func (o *owned) GetCourse(_ context.Context, id string) (*classroom.Course, error) {
	return &classroom.Course{ID: id, OwnerID: o.owner}, nil
}

func (o *owned) GetUserProfile(_ context.Context, id string) (*classroom.UserProfile, error) {
	return &classroom.UserProfile{ID: id, EmailAddress: id + "@dom.edu"}, nil
}

func (o *owned) CreateInvitation(context.Context, classroom.Invitation) (*classroom.Invitation, error) {
	return &classroom.Invitation{ID: "i"}, nil
}

// Who owns a course is looked up again after a while, in a session that goes on for
// a day.
func TestOwnersExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, as := &owned{owner: "olga"}, ""
		b := classroom.Acting(classroom.People{Asker: o, OwnersAct: true, As: func(address string) (classroom.Backend, error) {
			as = address
			return o, nil
		}})
		for _, step := range []struct {
			later time.Duration
			want  string
		}{{0, "olga@dom.edu"}, {time.Minute, "olga@dom.edu"}, {10 * time.Minute, "tim@dom.edu"}} {
			time.Sleep(step.later) // of the bubble's clock
			if _, err := b.CreateInvitation(t.Context(), classroom.Invitation{CourseID: "1"}); err != nil || as != step.want {
				t.Errorf("after %v: invited as %s, %v, want %s", step.later, as, err, step.want)
			}
			o.owner = "tim"
		}
	})
}
