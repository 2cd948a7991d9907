package sqlengine_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// counter is a result that is counted.
type counter struct{ rows int }

func (c *counter) Columns([]sqlengine.Column) error { return nil }
func (c *counter) Row(provider.Row) error           { c.rows++; return nil }

// invited returns n invitations of a course.
func invited(course string, n int) []provider.Row {
	rows := make([]provider.Row, n)
	for i := range rows {
		rows[i] = provider.Row{fmt.Sprintf("i%s-%d", course, i), course, fmt.Sprintf("9%s%d", course, i), "STUDENT"}
	}
	return rows
}

// BenchmarkSelect reads 100,000 rows that are there, in pages of 500, and tells
// how many times longer it takes than plain SQLite does from a table in memory.
// Both make the same Go values.
func BenchmarkSelect(b *testing.B) {
	const rows, page = 100_000, 500
	all := invited("1", rows)
	s := session(b, provider.Methods{
		schema + ".invitations.list": func(context.Context, provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				for i, row := range all {
					if i > 0 && i%page == 0 && !yield(nil, nil) || !yield(row, nil) {
						return
					}
				}
			}
		},
	})
	conn, err := sqlite3.Open(":memory:")
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Exec("CREATE TABLE invitations(id TEXT, courseId TEXT, userId TEXT, role TEXT)"); err != nil {
		b.Fatal(err)
	}
	insert, _, err := conn.Prepare("INSERT INTO invitations VALUES(?, ?, ?, ?)")
	if err != nil {
		b.Fatal(err)
	}
	defer insert.Close()
	for _, row := range all {
		for i, v := range row {
			if err := insert.BindText(i+1, v.(string)); err != nil {
				b.Fatal(err)
			}
		}
		if err := insert.Exec(); err != nil {
			b.Fatal(err)
		}
	}
	for _, tt := range []struct{ name, sql string }{
		{"rows", `SELECT * FROM invitations WHERE courseId = '1'`},
		{"count", `SELECT count(*) FROM invitations WHERE courseId = '1' AND role = 'STUDENT'`},
		{"order", `SELECT * FROM invitations WHERE courseId = '1' ORDER BY userId`},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			var ours, theirs time.Duration
			for b.Loop() {
				start := time.Now()
				var got counter
				if _, err := s.Run(b.Context(), syntax.Text(tt.sql), &got); err != nil {
					b.Fatal(err)
				}
				ours += time.Since(start)
				start = time.Now()
				want, err := runPlain(conn, tt.sql)
				if err != nil || len(want.rows) != got.rows {
					b.Fatalf("%s: %d rows, %v, want %d", tt.sql, got.rows, err, len(want.rows))
				}
				theirs += time.Since(start)
			}
			b.ReportMetric(rows*float64(b.N)/ours.Seconds(), "rows/s")
			b.ReportMetric(float64(ours)/float64(theirs), "times-sqlite")
		})
	}
}

// BenchmarkJoin joins 1,000 courses with 20 invitations of each, and tells how
// many times longer that takes if a scout goes ahead, though calls take no time.
func BenchmarkJoin(b *testing.B) {
	const courses, each = 1000, 20
	d := &district{courses: courses, each: each}
	methods := d.methods()
	open := func(scoutAfter time.Duration) *sqlengine.Session {
		return sessionOf(b, methods, sqlengine.Options{ScoutAfter: scoutAfter})
	}
	with, without := open(-1), open(time.Hour)
	b.ReportAllocs()
	var ahead, alone time.Duration
	join := func(s *sqlengine.Session) time.Duration {
		start := time.Now()
		var got counter
		_, err := s.Run(b.Context(), syntax.Text(`SELECT c.name, i.id FROM courses c JOIN invitations i ON i.courseId = c.id`), &got)
		if err != nil || got.rows != courses*each {
			b.Fatalf("%d rows, %v, want %d", got.rows, err, courses*each)
		}
		return time.Since(start)
	}
	for b.Loop() {
		ahead += join(with)
		alone += join(without)
	}
	b.ReportMetric(courses*each*float64(b.N)/ahead.Seconds(), "rows/s")
	b.ReportMetric(float64(ahead)/float64(alone), "times-alone")
}
