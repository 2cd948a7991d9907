package output

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/iql-lang/iql/provider"
)

// BenchmarkWrite writes 10,000 invitations, and tells how many times longer that
// takes than a writer of the standard library does.
func BenchmarkWrite(b *testing.B) {
	names := []string{"id", "courseId", "userId", "role"}
	rows := make([]provider.Row, 10_000)
	for i := range rows {
		rows[i] = provider.Row{fmt.Sprintf("NjIwMDE1MTIz%d", i), "620015", "112233445566778899001", "STUDENT"}
	}
	for _, tt := range []struct {
		format string
		other  func() error
	}{
		{"csv", func() error { return plainCSV(rows) }},
		{"json", func() error { return plainJSON(rows) }},
		{"table", func() error { return plainTable(rows) }},
	} {
		b.Run(tt.format, func(b *testing.B) {
			b.ReportAllocs()
			var ours, theirs time.Duration
			for b.Loop() {
				start := time.Now()
				r := NewPrinter(io.Discard, Options{Format: format(b, tt.format)}).Result()
				if err := r.Columns(columns(names)); err != nil {
					b.Fatal(err)
				}
				for _, row := range rows {
					if err := r.Row(row); err != nil {
						b.Fatal(err)
					}
				}
				if err := r.Close(); err != nil {
					b.Fatal(err)
				}
				ours += time.Since(start)
				start = time.Now()
				if err := tt.other(); err != nil {
					b.Fatal(err)
				}
				theirs += time.Since(start)
			}
			b.ReportMetric(float64(len(rows)*b.N)/ours.Seconds(), "rows/s")
			b.ReportMetric(float64(ours)/float64(theirs), "times-plain")
		})
	}
}

// plainCSV writes rows by encoding/csv.
func plainCSV(rows []provider.Row) error {
	w := csv.NewWriter(io.Discard)
	record := make([]string, 4)
	for _, row := range rows {
		for i, v := range row {
			record[i], _ = v.(string)
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// plainJSON writes rows by encoding/json, one after the other.
func plainJSON(rows []provider.Row) error {
	type invitation struct {
		ID       any `json:"id"`
		CourseID any `json:"courseId"`
		UserID   any `json:"userId"`
		Role     any `json:"role"`
	}
	enc := json.NewEncoder(io.Discard)
	for _, row := range rows {
		if err := enc.Encode(invitation{row[0], row[1], row[2], row[3]}); err != nil {
			return err
		}
	}
	return nil
}

// plainTable writes rows by text/tabwriter, whose columns are as wide as the
// longest cell.
func plainTable(rows []provider.Row) error {
	w := tabwriter.NewWriter(io.Discard, 0, 1, 1, ' ', tabwriter.Debug)
	for _, row := range rows {
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", row...); err != nil {
			return err
		}
	}
	return w.Flush()
}
