package sqlengine_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/journal"
)

// BenchmarkJournal tells how many times longer changes take that are recorded: to a
// service that answers after 50 ms, 32 at once, and to the mock in a file, one
// after the other.
func BenchmarkJournal(b *testing.B) {
	b.Run("50ms", func(b *testing.B) {
		d := &desk{latency: 50 * time.Millisecond}
		methods := provider.Methods{schema + ".invitations.create": d.create}
		compareJournal(b, 32, methods, nil, invite(1280))
	})
	b.Run("mock", func(b *testing.B) {
		const rows = 500
		school := &emulator.School{
			Users:   []emulator.SeedUser{{Email: "admin@example.edu", Name: "Alex Admin", Admin: true}},
			Courses: []emulator.SeedCourse{{ID: "101", Name: "Algebra", OwnerID: "admin@example.edu"}},
			Limits:  emulator.Limits{InvitationsPerDay: 1e9},
		}
		var values []string
		for i := range rows {
			email := fmt.Sprintf("p%d@example.edu", i)
			school.Users = append(school.Users, emulator.SeedUser{Email: email, Name: email})
			values = append(values, fmt.Sprintf("('101', '%s', 'STUDENT')", email))
		}
		store, err := emulator.Open(b.Context(), emulator.Options{Path: filepath.Join(b.TempDir(), "school.db"), Seed: school})
		if err != nil {
			b.Fatal(err)
		}
		admin, err := store.As("")
		if err != nil {
			b.Fatal(err)
		}
		acting := classroom.Acting(classroom.People{Asker: admin})
		compareJournal(b, 1, classroom.Methods(acting), classroom.Changes(acting),
			"INSERT INTO invitations (courseId, userId, role) VALUES "+strings.Join(values, ", "),
			"DELETE FROM invitations WHERE courseId = '101'")
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
	})
}

// compareJournal runs statements with a journal and without.
func compareJournal(b *testing.B, parallel int, methods provider.Methods, changes map[string]provider.Change, statements ...string) {
	store, err := journal.Open(filepath.Join(b.TempDir(), "journal.db"))
	if err != nil {
		b.Fatal(err)
	}
	opts := sqlengine.Options{
		Registry: registry.Embedded(), ParallelChanges: parallel,
		Backend: func(context.Context) (provider.Methods, error) { return methods, nil },
		Changes: func(context.Context) (map[string]provider.Change, error) { return changes, nil },
	}
	plain, err := sqlengine.Open(b.Context(), opts)
	if err != nil {
		b.Fatal(err)
	}
	opts.Journal = func(context.Context) (*journal.Store, journal.Identity, error) { return store, journal.Identity{}, nil }
	recorded, err := sqlengine.Open(b.Context(), opts)
	if err != nil {
		b.Fatal(err)
	}
	changed := 0
	took := func(s *sqlengine.Session) time.Duration {
		start := time.Now()
		for _, statement := range statements {
			_, sum, err := run(b.Context(), s, statement)
			if err != nil {
				b.Fatal(err)
			}
			changed += sum.Changed
		}
		return time.Since(start)
	}
	var without, with time.Duration
	for b.Loop() {
		without += took(plain)
		with += took(recorded)
	}
	b.ReportMetric(float64(with)/float64(without), "times-without")
	b.ReportMetric(float64((with-without).Microseconds())/float64(changed/2), "µs/change")
	if err := errors.Join(plain.Close(), recorded.Close(), store.Close()); err != nil {
		b.Fatal(err)
	}
}
