package vtab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/filetab"
)

// numbers is a CSV of the numbers below a hundred.
type numbers struct{}

func (numbers) Open(context.Context, string) (io.ReadCloser, error) {
	var b strings.Builder
	b.WriteString("n\n")
	for i := range 100 {
		fmt.Fprintln(&b, i)
	}
	return io.NopCloser(strings.NewReader(b.String())), nil
}

var numbersFile = File{filetab.File{Kind: filetab.CSV, Name: "n.csv"}, "csv('n.csv')"}

func openNumbers(t *testing.T) *DB {
	t.Helper()
	db, err := Open(registry.Embedded(), Options{Files: numbers{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestFileKept joins a file that is kept in memory, and one that is too large for
// that.
func TestFileKept(t *testing.T) {
	for _, most := range []int{0, 1000, maxKept} {
		db := openNumbers(t)
		db.maxKept = most
		rows, err := db.Query(t.Context(), Query{
			Text:  `SELECT count(*), sum(a.n) FROM files."csv('n.csv')" a JOIN files."csv('n.csv')" b ON a.n = b.n + 1`,
			Files: []File{numbersFile},
		})
		if err != nil {
			t.Fatal(err)
		}
		row, err := rows.Next()
		if got := fmt.Sprint(row); got != "[99 4950]" {
			t.Errorf("with %d bytes: got %s", most, got)
		}
		if err := errors.Join(err, rows.Close()); err != nil {
			t.Error(err)
		}
	}
}

// TestFileForgotten asks for the table of a file after its statement, and for one
// that no statement has: neither is there.
func TestFileForgotten(t *testing.T) {
	db := openNumbers(t)
	read := Query{Text: `SELECT n FROM files."csv('n.csv')"`, Files: []File{numbersFile}}
	rows, err := db.Query(t.Context(), read)
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	read.Files = nil
	if _, err := db.Query(t.Context(), read); err == nil {
		t.Error("the table is still there")
	}
	for _, text := range []string{
		`CREATE VIRTUAL TABLE files.x USING file`, `CREATE VIRTUAL TABLE main.x USING file`, `CREATE VIRTUAL TABLE temp.x USING resource`,
		`CREATE TABLE files.x(a)`, `DROP TABLE files."csv('n.csv')"`,
	} {
		rows, err := db.Query(t.Context(), Query{Text: text, Local: true, Files: []File{numbersFile}})
		if err == nil {
			t.Errorf("%s is let through", text)
			_ = rows.Close()
		}
	}
}
