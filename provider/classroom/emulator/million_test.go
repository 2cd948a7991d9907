package emulator_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// A million invitations are made in seconds, whatever memory there is.
func BenchmarkSynthetic(b *testing.B) {
	school := &emulator.Synthetic{Courses: 50_000, Invitations: 20, Users: 5000}
	dir := b.TempDir()
	i := 0
	for b.Loop() {
		i++
		s, err := emulator.Open(b.Context(), emulator.Options{
			Path: filepath.Join(dir, strconv.Itoa(i)), Synthetic: school,
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(1e6*float64(b.N)/b.Elapsed().Seconds(), "invitations/s")
	if mb, ok := peakMemory(); ok {
		b.ReportMetric(mb, "MB-peak")
	}
}

// peakMemory returns the most memory that this process ever had, in MB, where
// the system says.
func peakMemory() (mb float64, ok bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	found := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0, false
	}
	kb, err := strconv.ParseFloat(string(found[1]), 64)
	return kb / 1024, err == nil
}

// With a million invitations a page costs what it does with a few, wherever
// it is.
func BenchmarkMillion(b *testing.B) {
	s := open(b, emulator.Options{
		Path:      filepath.Join(b.TempDir(), "school.db"),
		Synthetic: &emulator.Synthetic{Courses: 1000, Invitations: 1000, Users: 12_000},
	})
	c := as(b, s, "")
	b.Run("page", func(b *testing.B) {
		b.ReportAllocs()
		course := 0
		q := classroom.InvitationQuery{CourseID: "100001"}
		for b.Loop() {
			page, next, err := c.ListInvitations(b.Context(), q)
			if err != nil || len(page) != 500 {
				b.Fatalf("ListInvitations(%+v) = %d rows, %v, want 500", q, len(page), err)
			}
			if q.Token = next; next == "" {
				course = (course + 1) % 1000
				q.CourseID, q.Token = strconv.Itoa(100_001+course), ""
			}
		}
	})
	b.Run("create and delete", func(b *testing.B) {
		b.ReportAllocs()
		inviter := 0
		for b.Loop() {
			// Who invites is the owner of another course each time: a user may
			// invite five hundred a day.
			b.StopTimer()
			inviter = inviter%1000 + 1
			owner := ownerOf(b, s, c, strconv.Itoa(100_000+inviter))
			b.StartTimer()
			inv, err := owner.CreateInvitation(b.Context(), classroom.Invitation{
				CourseID: strconv.Itoa(100_000 + inviter), UserID: "admin@example.edu", Role: classroom.Student,
			})
			if err != nil {
				b.Fatal(err)
			}
			if err := owner.DeleteInvitation(b.Context(), inv.ID); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func ownerOf(b *testing.B, s *emulator.Store, admin *emulator.Caller, course string) *emulator.Caller {
	b.Helper()
	found, err := admin.GetCourse(b.Context(), course)
	if err != nil {
		b.Fatal(err)
	}
	return as(b, s, found.OwnerID)
}

// Many clients list at once, with and without somebody who writes.
func BenchmarkListsAtOnce(b *testing.B) {
	for _, test := range []struct {
		name string
		path string
	}{
		{"memory", ""},
		{"file", filepath.Join(b.TempDir(), "school.db")},
	} {
		b.Run(test.name, func(b *testing.B) {
			s := open(b, emulator.Options{
				Path:      test.path,
				Synthetic: &emulator.Synthetic{Courses: 1000, Invitations: 20, Students: 30, Users: 5000},
			})
			c := as(b, s, "")
			b.SetParallelism(32)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					q := classroom.InvitationQuery{CourseID: fmt.Sprint(100_001 + i*7%1000)}
					if page, _, err := c.ListInvitations(b.Context(), q); err != nil || len(page) != 20 {
						b.Errorf("ListInvitations(%+v) = %d rows, %v, want 20", q, len(page), err)
						return
					}
				}
			})
		})
	}
}
