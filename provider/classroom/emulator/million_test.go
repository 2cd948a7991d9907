package emulator

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/iql-lang/iql/provider/classroom"
)

// million fills a store with 1,000 courses and 1,000 invitations to each, past
// the rules.
const million = `
WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
INSERT INTO users SELECT 1000 + i, 5000000 + i, 'p' || i || '@example.edu', 'example.edu', 'P', 'P', '', '',
	0, 0, 0, 0, 0 FROM n;
WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 999)
INSERT INTO courses SELECT 1000 + i, 900000 + i, 'Course', '', '', '', '', 1, 'ACTIVE', i, i, '', '' FROM n;
WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
INSERT INTO invitations SELECT 1000 + i, 'id' || i, 1000 + i % 1000, 1000 + i / 1000 * 10 + i % 10, 1 FROM n;
`

// With a million invitations a page costs what it does with a few, wherever
// it is.
func BenchmarkMillion(b *testing.B) {
	s, err := Open(b.Context(), Options{Path: filepath.Join(b.TempDir(), "school.db"), Seed: Demo()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	s.limits.InvitationsPerDay = math.MaxInt
	if err := s.tx(b.Context(), writes, func(d *db) error { return d.conn.Exec(million) }); err != nil {
		b.Fatal(err)
	}
	c, err := s.As("")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("page", func(b *testing.B) {
		b.ReportAllocs()
		q := classroom.InvitationQuery{CourseID: "900500"}
		for b.Loop() {
			page, next, err := c.ListInvitations(b.Context(), q)
			if err != nil || len(page) != 500 {
				b.Fatalf("ListInvitations(%+v) = %d rows, %v, want 500", q, len(page), err)
			}
			if q.Token = next; next == "" {
				q.CourseID, q.Token = "900501", ""
			}
		}
	})
	b.Run("create and delete", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			inv, err := c.CreateInvitation(b.Context(), classroom.Invitation{
				CourseID: "900500", UserID: "a@example.edu", Role: classroom.Student,
			})
			if err != nil {
				b.Fatal(err)
			}
			if err := c.DeleteInvitation(b.Context(), inv.ID); err != nil {
				b.Fatal(err)
			}
		}
	})
}
