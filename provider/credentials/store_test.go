package credentials

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/zalando/go-keyring"

	"github.com/iql-lang/iql/provider"
)

func signIn(refresh string, when time.Time) *SignIn {
	return &SignIn{
		Address: owner, ClientID: "c", TokenURL: googleTokenURL, Scopes: []string{rosters}, When: when,
		secret: hide("GOCSPX-s", refresh),
	}
}

// TestStore keeps a sign-in in the keyring, and where that fails in a file.
func TestStore(t *testing.T) {
	for _, c := range []struct {
		name string
		mock func()
		file bool
	}{
		{"keyring", keyring.MockInit, false},
		{"no keyring", func() { keyring.MockInitWithError(keyring.ErrUnsupportedPlatform) }, true},
		{"no service", func() { keyring.MockInitWithError(errors.New("no such name: org.freedesktop.secrets")) }, true},
		{"too long", func() { keyring.MockInitWithError(keyring.ErrSetDataTooBig) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.mock()
			defer keyring.MockInit()
			s := &Store{Dir: filepath.Join(t.TempDir(), "state", "iql")}
			if _, err := s.Load("a/b"); !errors.Is(err, ErrNoSignIn) {
				t.Errorf("Load of an empty store: %v", err)
			}
			in := signIn("1//r", time.Now())
			where, err := s.Save("a/b", in)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(s.Dir, "credentials-a%2Fb.json")
			want := Keyring
			if c.file {
				want = path
			}
			if where != want || in.KeptIn != want {
				t.Errorf("kept in %s, %s, want %s", where, in.KeptIn, want)
			}
			if c.file {
				skipOnWindows(t)
				if f, d := mode(t, path), mode(t, s.Dir); f != 0o600 || d != 0o700 {
					t.Errorf("modes are %o in %o", f, d)
				}
			} else if _, err := os.Stat(path); err == nil {
				t.Error("there is a file too")
			}
			got, err := s.Load("a/b")
			if err != nil {
				t.Fatal(err)
			}
			if got.secret() != in.secret() {
				t.Error("the secrets are others")
			}
			if diff := cmp.Diff(in, got, cmpopts.IgnoreUnexported(SignIn{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if _, err := s.Load("other"); !errors.Is(err, ErrNoSignIn) {
				t.Errorf("Load of another name: %v", err)
			}
			if err := s.Delete("a/b"); err != nil {
				t.Errorf("Delete: %v", err)
			}
			if err := s.Delete("a/b"); !errors.Is(err, ErrNoSignIn) {
				t.Errorf("Delete once more: %v", err)
			}
		})
	}
}

// TestBothPlaces has the keyring come and go: the newer sign-in counts, and both
// are deleted.
func TestBothPlaces(t *testing.T) {
	defer keyring.MockInit()
	keyring.MockInit()
	s := &Store{Dir: t.TempDir()}
	files := &Store{Dir: s.Dir, Files: true}
	now := time.Now()
	save := func(s *Store, refresh string, when time.Time) {
		if _, err := s.Save("p", signIn(refresh, when)); err != nil {
			t.Fatal(err)
		}
	}
	newest := func() string {
		in, err := s.Load("p")
		if err != nil {
			t.Fatal(err)
		}
		return in.secret().refresh
	}
	save(s, "ring", now)
	save(files, "file", now.Add(time.Hour))
	if got := newest(); got != "file" {
		t.Errorf("%s is newer", got)
	}
	save(s, "again", now.Add(2*time.Hour))
	if got := newest(); got != "again" {
		t.Errorf("%s is newer", got)
	}
	if _, err := files.Load("p"); err != ErrNoSignIn {
		t.Errorf("the file is still there: %v", err)
	}
	save(files, "old", now)
	if got := newest(); got != "again" {
		t.Errorf("%s is newer", got)
	}
	if err := s.Delete("p"); err != nil {
		t.Error(err)
	}
	if _, err := s.Load("p"); err != ErrNoSignIn {
		t.Errorf("Load = %v", err)
	}
	keyring.MockInitWithError(errors.New("the keyring is locked"))
	if _, err := s.Load("p"); !errors.Is(err, ErrNoSignIn) || !strings.Contains(err.Error(), "locked") {
		t.Errorf("Load = %v, want the reason too", err)
	}
}

func TestStoreFile(t *testing.T) {
	skipOnWindows(t)
	s := &Store{Dir: t.TempDir(), Files: true}
	path := filepath.Join(s.Dir, "credentials-p.json")
	if err := os.WriteFile(path, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load("p"); provider.CodeOf(err) != provider.InvalidArgument {
		t.Errorf("Load of half a sign-in: %v", err)
	}
	if _, err := s.Save("p", signIn("1//r", time.Now())); err != nil {
		t.Fatal(err)
	}
	if m := mode(t, path); m != 0o600 {
		t.Errorf("the mode is still %o", m)
	}
	if in, err := s.Load("p"); err != nil || in.Warnings != nil {
		t.Errorf("Load = %v, %v", in, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	in, err := s.Load("p")
	if err != nil || len(in.Warnings) != 1 || in.Warnings[0] != path+" can be read by others: chmod 600 "+path {
		t.Errorf("Load = %v, %v", in, err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat(" ", maxFile+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load("p"); provider.CodeOf(err) != provider.InvalidArgument {
		t.Errorf("Load of a long file: %v", err)
	}
	var none *Store
	if _, err := none.Load("p"); err != ErrNoSignIn {
		t.Errorf("Load of no store: %v", err)
	}
	if _, err := none.Save("p", signIn("r", time.Now())); err == nil {
		t.Error("no store keeps a sign-in")
	}
}
