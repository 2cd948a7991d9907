package emulator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// small is a school with an admin, a teacher of course 101, and pupils.
func small(pupils int) string { return smallWith(pupils, 1) }

// smallWith is small with more courses: 102 and so on.
func smallWith(pupils, courses int) string {
	var b strings.Builder
	b.WriteString("users:\n- {email: a@dom.edu, admin: true}\n- {email: o@dom.edu}\n")
	for i := range pupils {
		fmt.Fprintf(&b, "- {email: p%d@dom.edu}\n", i)
	}
	b.WriteString("limits: {invitationsPerDay: -1}\ncourses:\n")
	for i := range courses {
		fmt.Fprintf(&b, "- {id: %d, name: Maths, ownerId: o@dom.edu}\n", 101+i)
	}
	return b.String()
}

func TestOpenKeepsWhatThereIs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "school.db")
	s := open(t, emulator.Options{Path: path, Seed: read(t, small(1))})
	if !s.New() {
		t.Error("New() = false for the Open that made the store")
	}
	inv, err := as(t, s, "").CreateInvitation(t.Context(), classroom.Invitation{
		CourseID: "101", UserID: "p0@dom.edu", Role: classroom.Student,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, emulator.Options{Path: path, Seed: emulator.Demo()})
	if again.New() {
		t.Error("New() = true for a store that was there")
	}
	got, err := as(t, again, "").GetInvitation(t.Context(), inv.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(inv, got); diff != "" {
		t.Errorf("GetInvitation(%q) after the second Open: -want +got\n%s", inv.ID, diff)
	}
}

func TestPageTokenOutlivesTheStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "school.db")
	s := open(t, emulator.Options{Path: path, Seed: emulator.Demo()})
	q := classroom.InvitationQuery{CourseID: "620015", Page: classroom.Page{Size: 2}}
	_, next, err := as(t, s, "").ListInvitations(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	q.Token = next
	page, _, err := as(t, open(t, emulator.Options{Path: path}), "").ListInvitations(t.Context(), q)
	if err != nil || len(page) != 2 {
		t.Errorf("ListInvitations(%+v) after another Open = %d rows, %v, want 2", q, len(page), err)
	}
}

func TestStoreIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a folder? with #50%+5 & more")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, emulator.Options{Path: filepath.Join(dir, "school.db"), Seed: read(t, small(1))})
	_, err := as(t, s, "").CreateInvitation(t.Context(), classroom.Invitation{
		CourseID: "101", UserID: "p0@dom.edu", Role: classroom.Student,
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), "-shm") {
			continue // has no data of the store
		}
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("mode of %s = %o, want 600", entry.Name(), got)
		}
	}
}

func TestOpenRefusesForeignFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct {
		name, path, want string
	}{
		{"text", write("notes.txt", strings.Repeat("Dear diary. ", 100)), "is not a Classroom store"},
		{"a few letters", write("short.txt", "hello"), "is not a Classroom store"},
		{"another database", database(t, dir, "other.db", "CREATE TABLE t(a)"), "is not a Classroom store"},
		{
			"another application's database",
			database(t, dir, "app.db", "PRAGMA application_id = 42; CREATE TABLE t(a)"),
			"is not a Classroom store",
		},
		{
			"a newer version",
			database(t, dir, "new.db", "PRAGMA application_id = 1769040963; PRAGMA user_version = 99; CREATE TABLE t(a)"),
			"is a store of version 99; this program reads up to 1",
		},
		{"a folder", dir, "is a directory"},
	} {
		before, _ := os.ReadFile(test.path)
		s, err := emulator.Open(t.Context(), emulator.Options{Path: test.path, Seed: emulator.Demo()})
		if err == nil {
			s.Close()
			t.Errorf("%s: Open(%q) = nil, want %q", test.name, test.path, test.want)
			continue
		}
		if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.path) {
			t.Errorf("%s: Open(%q) = %v, want %q", test.name, test.path, err, test.want)
		}
		if after, _ := os.ReadFile(test.path); !bytes.Equal(before, after) {
			t.Errorf("%s: Open(%q) changed the file", test.name, test.path)
		}
	}
}

// database makes an SQLite file.
func database(t *testing.T, dir, name, sql string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	c, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Exec(sql), c.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBrokenSeedMakesNoStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "school.db")
	broken := emulator.Demo()
	broken.Invitations = append(broken.Invitations, emulator.SeedInvitation{
		CourseID: "101", UserID: "nobody@example.edu", Role: "STUDENT",
	})
	for _, at := range []string{"", path} {
		s, err := emulator.Open(t.Context(), emulator.Options{Path: at, Seed: broken})
		if err == nil {
			s.Close()
			t.Fatalf("Open(%q) = nil with a broken seed", at)
		}
		const want = `seed: invitation of nobody@example.edu to 101: there is no user "nobody@example.edu"`
		if err.Error() != want {
			t.Errorf("Open(%q) = %q, want %q", at, err, want)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat(%q) = %v after a broken seed, want no file", path, err)
	}
	if !open(t, emulator.Options{Path: path, Seed: emulator.Demo()}).New() {
		t.Error("New() = false for the first seed that is in order")
	}
}

func TestEmptyFileBecomesAStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "school.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !open(t, emulator.Options{Path: path, Seed: read(t, small(1))}).New() {
		t.Error("New() = false for an empty file")
	}
}

func TestOneOfManyMakesTheStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "school.db")
	const openers = 8
	made := make([]bool, openers)
	var wg sync.WaitGroup
	for i := range openers {
		wg.Go(func() {
			s, err := emulator.Open(t.Context(), emulator.Options{Path: path, Seed: emulator.Demo()})
			if err != nil {
				t.Errorf("Open = %v", err)
				return
			}
			made[i] = s.New()
			if _, err := s.As(""); err != nil {
				t.Errorf("As = %v", err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("Close = %v", err)
			}
		})
	}
	wg.Wait()
	makers := 0
	for _, m := range made {
		if m {
			makers++
		}
	}
	if makers != 1 {
		t.Errorf("%d of %d made the store, want 1", makers, openers)
	}
}

func TestClosedStore(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: emulator.Demo()})
	c := as(t, s, "")
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	}
	if _, err := c.GetUserProfile(t.Context(), "me"); provider.CodeOf(err) != provider.Unavailable {
		t.Errorf("GetUserProfile(me) on a closed store = %v, want UNAVAILABLE", err)
	}
	if _, err := s.As(""); provider.CodeOf(err) != provider.Unavailable {
		t.Errorf("As on a closed store = %v, want UNAVAILABLE", err)
	}
}

func TestCanceledContextChangesNothing(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: read(t, small(1))})
	c := as(t, s, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	inv := classroom.Invitation{CourseID: "101", UserID: "p0@dom.edu", Role: classroom.Student}
	if _, err := c.CreateInvitation(ctx, inv); !errors.Is(err, context.Canceled) {
		t.Errorf("CreateInvitation with a canceled context = %v, want %v", err, context.Canceled)
	}
	if _, err := c.CreateInvitation(t.Context(), inv); err != nil {
		t.Errorf("CreateInvitation afterwards = %v", err)
	}
}

func TestAs(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{Seed: emulator.Demo()})
	admin, err := as(t, s, "").GetUserProfile(t.Context(), "me")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, want string // whose e-mail address, or which error
	}{
		{"", "admin@example.edu"},
		{"Ada.Lindqvist@Example.edu", "ada.lindqvist@example.edu"},
		{admin.ID, "admin@example.edu"},
		{"ada.lindqwist@example.edu", `UNAUTHENTICATED: the school has no user "ada.lindqwist@example.edu"; did you mean ada.lindqvist@example.edu?`},
		{"principal@exmaple.edu", `UNAUTHENTICATED: the school has no user "principal@exmaple.edu"; did you mean principal@example.edu?`},
		{"principal", `UNAUTHENTICATED: the school has no user "principal"; did you mean principal@example.edu?`},
		{"quetzalcoatl@example.edu", `UNAUTHENTICATED: the school has no user "quetzalcoatl@example.edu"`},
		{"me", `UNAUTHENTICATED: the school has no user "me"`},
		{"former.teacher@example.edu", `UNAUTHENTICATED: the account of former.teacher@example.edu is disabled`},
	} {
		got := ""
		c, err := s.As(test.name)
		if err != nil {
			got = err.Error()
		} else if me, err := c.GetUserProfile(t.Context(), "me"); err == nil {
			got = me.EmailAddress
		}
		if got != test.want {
			t.Errorf("As(%q) = %s, want %s", test.name, got, test.want)
		}
	}
}

func TestAsInAnEmptySchool(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Options{})
	if _, err := s.As(""); provider.CodeOf(err) != provider.Unauthenticated {
		t.Errorf("As(\"\") in an empty school = %v, want UNAUTHENTICATED", err)
	}
}
