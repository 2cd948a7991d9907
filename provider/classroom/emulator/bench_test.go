package emulator_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// What one statement of the command line costs: open the store, list, close.
func BenchmarkOpenList(b *testing.B) {
	path := filepath.Join(b.TempDir(), "school.db")
	s, err := emulator.Open(b.Context(), emulator.Options{Path: path, Seed: emulator.Demo()})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s, err := emulator.Open(b.Context(), emulator.Options{Path: path})
		if err != nil {
			b.Fatal(err)
		}
		c, err := s.As("")
		if err != nil {
			b.Fatal(err)
		}
		page, _, err := c.ListInvitations(b.Context(), classroom.InvitationQuery{CourseID: "620015"})
		if err != nil || len(page) == 0 {
			b.Fatalf("ListInvitations = %d invitations, %v", len(page), err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDemo(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		emulator.Demo()
	}
}

// The first run: make the file and fill it with the demo school.
func BenchmarkSeed(b *testing.B) {
	dir := b.TempDir()
	demo := emulator.Demo()
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		s, err := emulator.Open(b.Context(), emulator.Options{Path: filepath.Join(dir, strconv.Itoa(i)), Seed: demo})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCreateDelete(b *testing.B) {
	demo := emulator.Demo()
	demo.Limits.InvitationsPerDay = -1
	s, err := emulator.Open(b.Context(), emulator.Options{Path: filepath.Join(b.TempDir(), "school.db"), Seed: demo})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c, err := s.As("")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		inv, err := c.CreateInvitation(b.Context(), classroom.Invitation{
			CourseID: "620015", UserID: "a@example.edu", Role: classroom.Student,
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := c.DeleteInvitation(b.Context(), inv.ID); err != nil {
			b.Fatal(err)
		}
	}
}
