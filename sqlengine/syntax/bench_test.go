package syntax

import (
	"os"
	"strings"
	"testing"
)

const join = `SELECT c.id, c.name, i.userId AS who, i.role FROM googleworkspace.classroom.courses c
	LEFT JOIN googleworkspace.classroom.invitations i ON i.courseId = c.id
	WHERE c.courseState = 'ACTIVE' AND i.role IN ('STUDENT', 'TEACHER') AND c.name LIKE '%a%'
	ORDER BY c.name, i.userId DESC LIMIT 100`

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(Text(join)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSQLite(b *testing.B) {
	s, err := Parse(Text(join))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.SQLite(s.All(), classroom{})
	}
}

func BenchmarkSplit(b *testing.B) {
	data, err := os.ReadFile("testdata/stackql-statements.iql")
	if err != nil {
		b.Fatal(err)
	}
	text := string(data)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Split("", text)
	}
}

func BenchmarkParseRows(b *testing.B) {
	text := "insert into invitations (courseId, userId, role) values ('1', 'a@example.edu', 'STUDENT')" +
		strings.Repeat(", ('1', 'a@example.edu', 'STUDENT')", 29_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(Text(text)); err != nil {
			b.Fatal(err)
		}
	}
}
