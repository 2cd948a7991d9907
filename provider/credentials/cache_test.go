package credentials

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// TestRenewal passes the time: a token is renewed a minute before its end.
func TestRenewal(t *testing.T) {
	w := open(t, rest.Options{})
	s := w.source(Options{Credentials: w.write("key.json", w.key(signer()))})
	first := w.token(s, owner, coursesRead)
	w.pass(58 * time.Minute)
	if w.token(s, owner, coursesRead) != first {
		t.Error("the token was renewed early")
	}
	w.pass(90 * time.Second)
	second := w.token(s, owner, coursesRead)
	if second == first || w.status(second) != 200 {
		t.Error("the token was not renewed")
	}
	w.pass(2 * time.Hour)
	if third := w.token(s, owner, coursesRead); w.status(third) != 200 {
		t.Error("the token was not renewed after its end")
	}
}

// TestOneRequest has many ask at once.
func TestOneRequest(t *testing.T) {
	w := open(t, rest.Options{})
	w.server.Reset()
	s := w.source(Options{Credentials: w.write("key.json", w.key(signer()))})
	var g errgroup.Group
	for range 1000 {
		g.Go(func() error {
			_, err := s.Token(t.Context(), owner, []string{rosters, coursesRead})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := w.tokens(); n != 1 {
		t.Errorf("%d tokens were made, want 1", n)
	}
	w.token(s, owner, coursesRead, rosters)
	w.token(s, "O@dom.edu", rosters, coursesRead)
	if n := w.tokens(); n != 1 {
		t.Errorf("%d tokens were made, want 1: the order of scopes is none, nor letter case", n)
	}
	w.token(s, admin, coursesRead, rosters)
	w.token(s, owner, coursesRead)
	if n := w.tokens(); n != 3 {
		t.Errorf("%d tokens were made, want 3", n)
	}
}

// TestOneUser makes one token of a person's credentials, whatever the scopes.
func TestOneUser(t *testing.T) {
	w := open(t, rest.Options{})
	s := w.source(Options{Credentials: w.write("u.json", w.user(owner))})
	if w.token(s, "", rosters) != w.token(s, owner, coursesRead) || w.tokens() != 1 {
		t.Errorf("%d tokens were made, want 1", w.tokens())
	}
}

func TestForget(t *testing.T) {
	w := open(t, rest.Options{})
	s := w.source(Options{Credentials: w.write("key.json", w.key(signer()))})
	first := w.token(s, owner, rosters)
	other := w.token(s, owner, coursesRead)
	s.Forget("O@DOM.EDU", first)
	second := w.token(s, owner, rosters)
	if second == first {
		t.Error("the token is not new")
	}
	// Of many whose requests were under way with the first, none forgets the second.
	s.Forget(owner, first)
	s.Forget(admin, second)
	s.Forget("", second)
	if w.token(s, owner, rosters) != second || w.token(s, owner, coursesRead) != other {
		t.Error("a token was forgotten that was not named")
	}
	u := w.source(Options{Credentials: w.write("u.json", w.user(owner))})
	first = w.token(u, "", rosters)
	u.Forget(owner, first)
	u.Forget(admin, first)
	if w.token(u, "", rosters) == first {
		t.Error("the user's token is not new")
	}
}

// TestOneLeaves has the one who asks first leave before there is an answer: who
// waits with them asks anew. The other way round, nothing happens.
func TestOneLeaves(t *testing.T) {
	for _, first := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			c := cache{now: time.Now}
			asked := 0
			fetch := func(ctx context.Context) func() (*minted, error) {
				return func() (*minted, error) {
					asked++
					select {
					case <-ctx.Done():
						return nil, ctx.Err()
					case <-time.After(time.Second):
						return &minted{token: fmt.Sprint("token ", asked), life: time.Hour}, nil
					}
				}
			}
			leaving, leave := context.WithCancel(t.Context())
			contexts := []context.Context{leaving, t.Context(), t.Context()}
			if !first {
				contexts = []context.Context{t.Context(), leaving, t.Context()}
			}
			tokens, errs := make([]string, 3), make([]error, 3)
			var wg sync.WaitGroup
			for i, ctx := range contexts {
				wg.Go(func() { tokens[i], errs[i] = c.get(ctx, key{"u", "s"}, fetch(ctx)) })
				synctest.Wait()
			}
			time.Sleep(500 * time.Millisecond)
			leave()
			wg.Wait()
			want := 1
			if first {
				want = 2
			}
			for i, ctx := range contexts {
				switch {
				case ctx == leaving && errs[i] != context.Canceled:
					t.Errorf("who left got %q, %v", tokens[i], errs[i])
				case ctx != leaving && (errs[i] != nil || tokens[i] != fmt.Sprint("token ", want)):
					t.Errorf("who stayed got %q, %v", tokens[i], errs[i])
				}
			}
			if asked != want {
				t.Errorf("asked %d times, want %d", asked, want)
			}
		})
	}
}

// TestFailureIsShared has those who wait get the error, and the next ask anew.
func TestFailureIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache{now: time.Now}
		broken := errors.New("broken")
		asked := 0
		fetch := func() (*minted, error) { asked++; time.Sleep(time.Second); return nil, broken }
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, err := c.get(t.Context(), key{}, fetch); err != broken {
					t.Errorf("get = %v, want the failure", err)
				}
			})
		}
		wg.Wait()
		if _, err := c.get(t.Context(), key{}, fetch); err != broken || asked != 2 {
			t.Errorf("get = %v after %d requests", err, asked)
		}
	})
}

// TestPanic has a fetch that panics leave the way free for the others.
func TestPanic(t *testing.T) {
	c := cache{now: time.Now}
	func() {
		defer func() { _ = recover() }()
		_, _ = c.get(t.Context(), key{}, func() (*minted, error) { panic("a bug") })
	}()
	token, err := c.get(t.Context(), key{}, func() (*minted, error) { return &minted{token: "t"}, nil })
	if token != "t" || err != nil {
		t.Errorf("get = %q, %v", token, err)
	}
}

func TestBound(t *testing.T) {
	now := time.Now()
	c := cache{now: func() time.Time { return now }}
	get := func(subject string) string {
		token, err := c.get(t.Context(), key{subject, ""}, func() (*minted, error) {
			return &minted{token: "new", life: 10 * time.Second}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		c.kept[subject].tokens[""] = held{"old", c.kept[subject].tokens[""].until}
		return token
	}
	for i := range maxSubjects {
		get(fmt.Sprint(i))
	}
	get("0") // is now the last that was used
	get("one more")
	if n := len(c.kept); n != maxSubjects/2+1 {
		t.Errorf("%d subjects are kept", n)
	}
	if get("0") != "old" || get("1") != "new" {
		t.Error("the wrong half was dropped")
	}
	now = now.Add(4 * time.Second)
	if get("0") != "old" {
		t.Error("a short token did not live half of its life")
	}
	now = now.Add(2 * time.Second)
	if get("0") != "new" {
		t.Error("a short token lived longer than half of its life")
	}
}
