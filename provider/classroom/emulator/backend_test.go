package emulator_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/backendtest"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// harness is a store for one case of the suite.
type harness struct{ store *emulator.Store }

func (h harness) As(t *testing.T, email string) classroom.Backend {
	t.Helper()
	return as(t, h.store, email)
}

func TestBackendInMemory(t *testing.T) {
	t.Parallel()
	backendtest.Run(t, func(t *testing.T, school string) backendtest.Harness {
		return harness{open(t, emulator.Options{Seed: read(t, school)})}
	})
}

func TestBackendInFile(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the disk some thousand times")
	}
	t.Parallel()
	backendtest.Run(t, func(t *testing.T, school string) backendtest.Harness {
		path := filepath.Join(t.TempDir(), "school.db")
		return harness{open(t, emulator.Options{Path: path, Seed: read(t, school)})}
	})
}

// open opens a store and closes it with the test.
func open(t testing.TB, opts emulator.Options) *emulator.Store {
	t.Helper()
	s, err := emulator.Open(t.Context(), opts)
	if err != nil {
		t.Fatalf("Open(%q) = %v", opts.Path, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return s
}

// as returns a user of the store.
func as(t testing.TB, s *emulator.Store, name string) *emulator.Caller {
	t.Helper()
	c, err := s.As(name)
	if err != nil {
		t.Fatalf("As(%q) = %v", name, err)
	}
	return c
}

// read reads a school.
func read(t testing.TB, text string) *emulator.School {
	t.Helper()
	s, err := emulator.ReadSchool("school.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
