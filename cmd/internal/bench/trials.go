package main

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// trial is something that iql does, and a program that does the same.
type trial struct {
	name    string
	school  string // that iql emulate makes up; "" for none
	stored  bool   // in a file, which the mock backend reads
	latency time.Duration
	batch   bool // several calls may go in one request
	key     bool // with the key of a service account
	pipe    bool // rows go to a pipe, for the time of the first one
	sql     iter.Seq[string]
	against string           // bare, sqlite3, another program, or "" for none
	bare    []string         // what bare does
	lite    iter.Seq[string] // what sqlite3 does with the file
	rows    int              // that there must be
	undo    string           // makes what the sql changes undone
	limits  []limit
	stackql string // what StackQL takes for it
	skip    string // why it cannot be done
}

// size is how large the trials are.
type size struct {
	courses, each int // of the join
	latency       time.Duration
	lists         []int // invitations of one course; the last are those with a target
	large         int   // from which a list has one
	paged         int   // the list whose first row is waited for
	joins         []int // courses
	scripts       []int // statements
	created       int   // invitations
	profiled      int   // invitations of each course, where profiles are asked for
	users         int
}

var (
	full = size{
		courses: 1000, each: 20, latency: 50 * time.Millisecond,
		lists: []int{10, 100, 1000, 10_000, 100_000, 1_000_000}, large: 100_000, paged: 10_000,
		joins: []int{10, 100, 1000, 10_000}, scripts: []int{10, 100, 1000, 10_000},
		created: 1000, profiled: 3, users: 2501,
	}
	quick = size{
		courses: 20, each: 5, latency: time.Millisecond,
		lists: []int{600}, large: 600, paged: 600, joins: []int{20}, scripts: []int{10}, created: 20, profiled: 2, users: 21,
	}
)

// made is a school of some courses with as many invitations each.
func made(courses, each int) string {
	return fmt.Sprintf("courses=%d,invitations=%d", courses, each)
}

// one is a script of one statement.
func one(sql string) iter.Seq[string] { return slices.Values([]string{sql}) }

const (
	withInvitations = `SELECT c.name, i.id, i.courseId, i.userId, i.role FROM courses c JOIN invitations i ON i.courseId = c.id`
	withProfiles    = `SELECT c.name, i.id, p.fullName FROM courses c JOIN invitations i ON i.courseId = c.id JOIN user_profiles p ON p.userId = i.userId`
	listed          = `SELECT id, courseId, userId, role FROM invitations WHERE courseId = '100001'`
	// stored is listed, on the tables in which the emulator keeps a school.
	stored = `SELECT i.id, c.id, u.id, CASE i.role WHEN 1 THEN 'STUDENT' WHEN 2 THEN 'TEACHER' ELSE 'OWNER' END
FROM invitations i JOIN courses c ON c.key = i.course JOIN users u ON u.key = i.user WHERE c.id = '100001' ORDER BY i.seq`
)

// trials are those of a size. Those of one school stand together: it is served
// once.
func trials(s size, batches bool) []trial {
	return slices.Concat(processes(s), joins(s, batches), profiles(s, batches), changes(s, batches), lists(s), files(s))
}

// batched returns the trial as it is with batches. A target takes the place of
// its own.
func batched(t trial, batches bool, limits ...limit) trial {
	t.name += ", with batches"
	t.batch, t.limits, t.stackql = true, limits, ""
	if !batches {
		t.skip = "not there yet"
	}
	return t
}

// processes are trials without a service.
func processes(s size) []trial {
	all := []trial{{
		name: "SELECT 1", sql: one("SELECT 1"), against: "true",
		limits: []limit{longer(15 * time.Millisecond), megabytes(25)}, stackql: "38-40 ms, 51 MiB",
	}}
	for _, n := range s.scripts {
		t := trial{
			name: fmt.Sprintf("script of %d statements", n), against: "sqlite3", rows: n,
			sql: func(yield func(string) bool) {
				for i := range n {
					if !yield("SELECT " + strconv.Itoa(i)) {
						return
					}
				}
			},
		}
		if n >= 100 { // else it is all start
			t.limits = []limit{each(time.Millisecond)}
		}
		if n == 1000 {
			t.stackql = "40 s of cpu"
		}
		all = append(all, t)
	}
	return all
}

// joins are trials of a school with many courses.
func joins(s size, batches bool) []trial {
	school := made(s.courses, s.each)
	ids := make([]string, s.courses)
	for i := range ids {
		ids[i] = "'" + strconv.Itoa(firstCourse+i) + "'"
	}
	join := trial{
		name: fmt.Sprintf("join of %d courses, %s", s.courses, s.latency), school: school, latency: s.latency,
		sql: one(withInvitations), against: "bare", bare: []string{"join"}, rows: s.courses * s.each,
		limits: []limit{timesIdeal(1.15), sameCalls}, stackql: "54.7 s",
	}
	tenth := trial{
		name: fmt.Sprintf("join, a tenth of %d courses, %s", s.courses, s.latency), school: school, latency: s.latency,
		sql: one(withInvitations + ` WHERE c.name LIKE '%7'`), against: "bare", bare: []string{"join", "-like", "7"},
		rows: s.courses / 10 * s.each, limits: []limit{timesIdeal(1.3), sameCalls},
	}
	in := trial{
		name: fmt.Sprintf("IN of %d courses, %s", s.courses, s.latency), school: school, latency: s.latency,
		sql:     one(`SELECT id, courseId, userId, role FROM invitations WHERE courseId IN (` + strings.Join(ids, ", ") + `)`),
		against: "bare", bare: []string{"in", "-courses", strconv.Itoa(s.courses)}, rows: s.courses * s.each,
		limits: []limit{timesIdeal(1.15), sameCalls}, stackql: "no rows, exit 0",
	}
	keyed := in
	keyed.name = fmt.Sprintf("IN of %d courses, by a service account", s.courses)
	keyed.key, keyed.limits, keyed.stackql = true, []limit{connections, oneToken}, "a connection and a token for each request"
	few := trial{
		name: fmt.Sprintf("join of %d courses, LIMIT 5, %s", s.courses, s.latency), school: school, latency: s.latency,
		sql: one(withInvitations + ` LIMIT 5`), rows: 5, limits: []limit{calls(8)}, stackql: "LIMIT 1: 101 calls for 100 courses",
	}
	all := []trial{
		join, batched(join, batches, timesIdeal(0.25)),
		tenth, batched(tenth, batches),
		in, batched(in, batches, timesIdeal(0.25)),
		keyed, few,
	}
	for _, n := range s.joins {
		t := trial{
			name: fmt.Sprintf("join of %d courses, no latency", n), school: made(n, s.each),
			sql: one(withInvitations), against: "bare", bare: []string{"join"}, rows: n * s.each, limits: []limit{sameCalls},
		}
		all = append(all, t)
		if n < s.courses {
			t.name, t.latency, t.limits = fmt.Sprintf("join of %d courses, %s", n, s.latency), s.latency, []limit{sameCalls}
			all = append(all, t)
		}
	}
	return all
}

// profiles are trials of a join of three tables.
func profiles(s size, batches bool) []trial {
	t := trial{
		name:   fmt.Sprintf("join of %d courses with profiles, %s", s.courses, s.latency),
		school: fmt.Sprintf("%s,users=%d", made(s.courses, s.profiled), s.users), latency: s.latency,
		sql: one(withProfiles), against: "bare", bare: []string{"profiles"}, rows: s.courses * s.profiled,
		limits: []limit{timesIdeal(1.3), sameCalls},
	}
	return []trial{t, batched(t, batches)}
}

// changes are trials of invitations that are made, and of their journal.
func changes(s size, batches bool) []trial {
	var rows []string
	for i := range s.created {
		rows = append(rows, fmt.Sprintf("('%d', '%s', 'STUDENT')", firstCourse, pupil(i)))
	}
	t := trial{
		name: fmt.Sprintf("INSERT of %d, %s", s.created, s.latency), school: pupils + strconv.Itoa(s.created), latency: s.latency,
		sql:  one(`INSERT INTO invitations (courseId, userId, role) VALUES ` + strings.Join(rows, ", ") + ` RETURNING id`),
		undo: fmt.Sprintf(`DELETE FROM invitations WHERE courseId = '%d'`, firstCourse),
		rows: s.created, against: "bare", bare: []string{"create", "-pupils", strconv.Itoa(s.created)},
		limits: []limit{timesIdeal(1.2), sameCalls}, stackql: "53 s",
	}
	return []trial{t, batched(t, batches)}
}

// lists are trials of one course with many invitations.
func lists(s size) []trial {
	var all []trial
	for _, n := range s.lists {
		school := made(1, n)
		t := trial{
			name: fmt.Sprintf("list of %d", n), school: school, sql: one(listed),
			against: "bare", bare: []string{"list"}, rows: n, limits: []limit{sameCalls},
		}
		switch n {
		case 10_000:
			t.stackql = "0.35-0.39 s, 86 MB"
		case 100_000:
			t.stackql = "3.0-3.15 s, 340-348 MB"
		}
		if n >= s.large {
			t.limits = []limit{timesOther(2), megabytes(40), sameCalls}
		}
		all = append(all, t)
		if n == s.large {
			all = append(all, trial{
				name: fmt.Sprintf("list of %d, LIMIT 10", n), school: school, sql: one(listed + ` LIMIT 10`),
				rows: 10, limits: []limit{calls(1)}, stackql: "200 calls, 1.9 s",
			})
		}
		if n == s.paged {
			all = append(all, trial{
				name:   fmt.Sprintf("list of %d, first row, %s", n, s.latency),
				school: school, latency: s.latency, pipe: true, sql: one(listed), against: "bare", bare: []string{"list"}, rows: n,
				limits: []limit{firstWithin(s.latency + 30*time.Millisecond)}, stackql: "1.5 s",
			})
		}
	}
	return all
}

// files are trials of a school in a file.
func files(s size) []trial {
	var all []trial
	for _, n := range s.lists {
		if n < s.large {
			continue
		}
		school := fmt.Sprintf("%s,users=%d", made(1, n), n+100)
		t := trial{
			name: fmt.Sprintf("list of %d from a file", n), school: school, stored: true, sql: one(listed),
			against: "sqlite3", lite: one(stored), rows: n, limits: []limit{megabytes(40)},
		}
		if n == 1_000_000 {
			t.limits = append(t.limits, within(1500*time.Millisecond))
		}
		all = append(all, t)
		if n > s.large {
			continue
		}
		for _, count := range s.scripts {
			all = append(all, gets(school, count))
		}
	}
	return all
}

// gets is a script of statements that get one row each.
func gets(school string, n int) trial {
	repeat := func(sql string) iter.Seq[string] {
		return func(yield func(string) bool) {
			for range n {
				if !yield(sql) {
					return
				}
			}
		}
	}
	t := trial{
		name: fmt.Sprintf("script of %d gets from a file", n), school: school, stored: true,
		sql:     repeat(`SELECT name FROM courses WHERE id = '100001'`),
		against: "sqlite3", lite: repeat(`SELECT name FROM courses WHERE id = '100001'`), rows: n,
	}
	if n >= 100 {
		t.limits = []limit{each(time.Millisecond)}
	}
	return t
}
