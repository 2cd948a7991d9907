package registry

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// schools returns a registry of two providers with services and resources of
// the same names: school.timetable.{lessons,rooms,music},
// school.library.{rooms,books} and college.library.desks.
func schools(t testing.TB) *Registry {
	t.Helper()
	r := new(Registry)
	for _, name := range []string{"testdata/school.yaml", "testdata/college.yaml"} {
		doc, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.load(name, bytes.NewReader(doc)); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestFind(t *testing.T) {
	r := schools(t)
	find := map[string]func(parts []string) (string, error){
		"provider": func(parts []string) (string, error) {
			p, err := r.FindProvider(parts)
			if err != nil {
				return "", err
			}
			return p.Name, nil
		},
		"service": func(parts []string) (string, error) {
			s, err := r.FindService(parts)
			if err != nil {
				return "", err
			}
			return s.ID, nil
		},
		"resource": func(parts []string) (string, error) {
			res, err := r.FindResource(parts)
			if err != nil {
				return "", err
			}
			return res.ID, nil
		},
		"method": func(parts []string) (string, error) {
			m, err := r.FindMethod(parts)
			if err != nil {
				return "", err
			}
			return m.ID, nil
		},
	}
	for _, tt := range []struct{ what, name, want string }{
		{"provider", "school", "school"},
		{"provider", "SCHOOL", "school"},
		{"service", "school.timetable", "school.timetable"},
		{"service", "Timetable", "school.timetable"},
		{"service", "college.LIBRARY", "college.library"},
		{"resource", "school.timetable.lessons", "school.timetable.lessons"},
		{"resource", "School.TimeTable.Lessons", "school.timetable.lessons"},
		{"resource", "timetable.rooms", "school.timetable.rooms"},
		{"resource", "library.desks", "college.library.desks"},
		{"resource", "books", "school.library.books"},
		{"resource", "music", "school.timetable.music"},
		{"method", "school.timetable.lessons.ring", "school.timetable.lessons.ring"},
		{"method", "timetable.rooms.LIST", "school.timetable.rooms.list"},
		{"method", "lessons.Get", "school.timetable.lessons.get"},
	} {
		got, err := find[tt.what](strings.Split(tt.name, "."))
		if err != nil || got != tt.want {
			t.Errorf("find %s %s = %q, %v, want %q", tt.what, tt.name, got, err, tt.want)
		}
	}
	for _, tt := range []struct {
		what, name, text string
		want             NameError
	}{
		{
			"provider", "scool", "there is no provider scool",
			NameError{What: "provider", Part: 0, Known: []string{"school", "college"}},
		},
		{
			"provider", "school.timetable", "school.timetable has too many parts for the name of a provider",
			NameError{What: "provider", Part: 1},
		},
		{
			"service", "school.tables", "school has no service tables",
			NameError{What: "service", Part: 1, Known: []string{"timetable", "library"}},
		},
		{
			"service", "library", "the name library fits more than one service: school.library, college.library",
			NameError{What: "service", Known: []string{"school.library", "college.library"}},
		},
		{
			"resource", "school.library.lessons", "school.library has no resource lessons",
			NameError{What: "resource", Part: 2, Known: []string{"rooms", "books"}},
		},
		{
			"resource", "school.lib.rooms", "school has no service lib",
			NameError{What: "resource", Part: 1, Known: []string{"timetable", "library"}},
		},
		{
			"resource", "hall.library.rooms", "there is no provider hall",
			NameError{What: "resource", Part: 0, Known: []string{"school", "college"}},
		},
		{
			"resource", "tables.rooms", "there is no service tables",
			NameError{What: "resource", Part: 0, Known: []string{"timetable", "library"}},
		},
		{
			"resource", "book", "there is no resource book",
			NameError{What: "resource", Part: 0, Known: []string{"lessons", "rooms", "music", "books", "desks"}},
		},
		{
			"resource", "rooms", "the name rooms fits more than one resource: school.timetable.rooms, school.library.rooms",
			NameError{What: "resource", Known: []string{"school.timetable.rooms", "school.library.rooms"}},
		},
		{
			"resource", "school.library.rooms.list", "school.library.rooms.list has too many parts for the name of a resource",
			NameError{What: "resource", Part: 3},
		},
		{
			"method", "lessons.rang", "school.timetable.lessons has no method rang",
			NameError{What: "method", Part: 1, Known: []string{"get", "search", "plan", "move", "cancel", "ring"}},
		},
		{
			"method", "timetable.rooms", "school.timetable.rooms is a table, not a method",
			NameError{What: "method", Part: 1, Known: []string{"list"}},
		},
		{
			"method", "music", "school.timetable.music is a view, not a method",
			NameError{What: "method", Part: 0},
		},
		{
			"method", "music.list", "school.timetable.music is a view and has no methods",
			NameError{What: "method", Part: 1},
		},
		{
			"method", "ring", "the name of a method has that of its resource before it: resource.method",
			NameError{What: "method", Part: 0},
		},
		{
			"method", "rooms.list", "the name rooms fits more than one resource: school.timetable.rooms, school.library.rooms",
			NameError{What: "resource", Name: "rooms", Known: []string{"school.timetable.rooms", "school.library.rooms"}},
		},
		{
			"method", "school.timetable.lesons.get", "school.timetable has no resource lesons",
			NameError{What: "resource", Name: "school.timetable.lesons", Part: 2, Known: []string{"lessons", "rooms", "music"}},
		},
	} {
		parts := strings.Split(tt.name, ".")
		_, err := find[tt.what](parts)
		got, ok := errors.AsType[*NameError](err)
		if !ok {
			t.Errorf("find %s %s: %v, want a NameError", tt.what, tt.name, err)
			continue
		}
		if tt.want.Name == "" {
			tt.want.Name = tt.name
		}
		tt.want.text = tt.text
		if diff := cmp.Diff(tt.want, *got, cmp.AllowUnexported(NameError{})); diff != "" {
			t.Errorf("find %s %s: error is other than wanted (-want +got):\n%s", tt.what, tt.name, diff)
		}
		if got.Part < 0 || got.Part >= len(parts) {
			t.Errorf("find %s %s: Part = %d, want the index of a part", tt.what, tt.name, got.Part)
		}
	}
	for what, f := range find {
		if got, err := f(nil); err == nil {
			t.Errorf("find %s with no parts = %s, want an error", what, got)
		}
	}
}

func TestSubstitution(t *testing.T) {
	r := schools(t)
	for _, tt := range []struct {
		parts []string
		want  string
	}{
		{[]string{"school", "timetable"}, "school_timetable"},
		{[]string{"School", "TIMETABLE"}, "school_timetable"},
		{[]string{"timetable"}, "school_timetable"},
		{[]string{"school.timetable"}, "school_timetable"},
		{[]string{"SCHOOL_timetable"}, "school_timetable"},
		{[]string{"library"}, ""}, // of both
		{[]string{"college", "library"}, "college_library"},
		{[]string{"college", "timetable"}, ""},
		{[]string{"school"}, ""},
		{nil, ""},
	} {
		if got, ok := r.Service(tt.parts); got != tt.want || ok != (tt.want != "") {
			t.Errorf("Service(%q) = %q, %t, want %q", tt.parts, got, ok, tt.want)
		}
	}
	for _, tt := range []struct{ schema, name, want string }{
		{"school_timetable", "lessons", "lessons"},
		{"school_timetable", "LESSONS", "lessons"},
		{"School_Timetable", "music", "music"},
		{"school_timetable", "books", ""},
		{"timetable", "lessons", ""},
		{"", "Books", "books"},
		{"", "rooms", "rooms"},
		{"", "halls", ""},
	} {
		if got, ok := r.Table(tt.schema, tt.name); got != tt.want || ok != (tt.want != "") {
			t.Errorf("Table(%q, %q) = %q, %t, want %q", tt.schema, tt.name, got, ok, tt.want)
		}
	}
	for _, tt := range []struct{ snake, want string }{
		{"room_id", "roomId"},
		{"ROOM_ID", "roomId"},
		{"due_date", "dueDate"},
		{"shelf_count", "shelfCount"},
		{"roomId", ""},      // not snake_case
		{"hour", ""},        // the same in both
		{"class_size", ""},  // a column of timetable.rooms, though also library's classSize
		{"lesson_hour", ""}, // likewise, the other way round
		{"isbn_13", ""},
		{"no_such", ""},
		{"_", ""},
		{"", ""},
	} {
		if got, ok := r.Column(tt.snake); got != tt.want || ok != (tt.want != "") {
			t.Errorf("Column(%q) = %q, %t, want %q", tt.snake, got, ok, tt.want)
		}
	}
}

func TestWords(t *testing.T) {
	kinds := map[string][]string{}
	for _, w := range schools(t).Words() {
		kinds[w.Kind] = append(kinds[w.Kind], w.Text)
	}
	want := map[string][]string{
		"provider": {"school", "college"},
		"service":  {"school.timetable", "timetable", "school.library", "library", "college.library"},
		"resource": {
			"school.timetable.lessons", "lessons", "school.timetable.rooms", "rooms", "school.timetable.music", "music",
			"school.library.rooms", "school.library.books", "books", "college.library.desks", "desks",
		},
		"method": {
			"school.timetable.lessons.get", "lessons.get", "school.timetable.lessons.search", "lessons.search",
			"school.timetable.lessons.plan", "lessons.plan", "school.timetable.lessons.move", "lessons.move",
			"school.timetable.lessons.cancel", "lessons.cancel", "school.timetable.lessons.ring", "lessons.ring",
			"school.timetable.rooms.list", "rooms.list", "school.library.rooms.list", "school.library.books.list",
			"books.list", "college.library.desks.list", "desks.list",
		},
		"column": {
			"roomId", "hour", "subject", "pupils", "term", "class_size", "lessonHour",
			"shelfCount", "classSize", "lesson_hour", "isbn13", "dueDate", "id",
		},
		"value": {"MATHS", "MUSIC"},
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("Words() by kind (-want +got):\n%s", diff)
	}
}
