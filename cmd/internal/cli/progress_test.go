package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/sqlengine"
)

// TestProgress has a statement begin, take long and end, and another one.
func TestProgress(t *testing.T) {
	steps := []struct {
		at sqlengine.Progress
		// What is seen then, of each way.
		line, plain, json string
	}{
		{sqlengine.Progress{}, "", "", ""},
		{sqlengine.Progress{Calls: 1}, "", "", ""}, // it has just begun
		{sqlengine.Progress{Calls: 1001, Over: 1, Rows: 500}, "1 of 1,001 calls, 500 rows, about 16m40s left", "1 of 1,001 calls, 500 rows, about 16m40s left\n", `{"progress":{"calls":1001,"elapsed_ms":1000,"over":1,"rows":500}}` + "\n"},
		{sqlengine.Progress{Calls: 1001, Over: 1001, Rows: 500}, "1,001 of 1,001 calls, 500 rows, 2s", "1,001 of 1,001 calls, 500 rows, 2s\n", `{"progress":{"calls":1001,"elapsed_ms":2000,"over":1001,"rows":500}}` + "\n"},
		{sqlengine.Progress{}, "", "", ""},
		{sqlengine.Progress{Calls: 3}, "", "", ""},
		{sqlengine.Progress{Calls: 3, Over: 2}, "2 of 3 calls, about 1s left", "2 of 3 calls, about 1s left\n", `{"progress":{"calls":3,"elapsed_ms":1000,"over":2,"rows":0}}` + "\n"},
		{sqlengine.Progress{Calls: 3, Over: 1}, "", "", ""}, // another statement
		{sqlengine.Progress{}, "", "", ""},
		{sqlengine.Progress{Calls: 1000, Verb: "INSERT"}, "", "", ""},
		{
			sqlengine.Progress{Calls: 1000, Over: 450, Verb: "INSERT", Done: 420, Already: 10, Failed: 20},
			"[#########...........] INSERT: 450 of 1,000 rows, 450.0/s, 420 done, 10 already there, 20 failed, 7 sent again, about 1s left",
			"INSERT: 450 of 1,000 rows, 450.0/s, 420 done, 10 already there, 20 failed, 7 sent again, about 1s left\n",
			`{"progress":{"already":10,"calls":1000,"done":420,"elapsed_ms":1000,"failed":20,"left_ms":1000,"over":450,"per_second":450,"rows":0,"sent_again":7,"verb":"INSERT"}}` + "\n",
		},
	}
	for _, how := range []string{progressLine, config.Plain, config.JSON} {
		var out strings.Builder
		at := sqlengine.Progress{}
		repeated := 0
		f := follower{
			screen: &screen{w: &out}, progress: func() sqlengine.Progress { return at }, how: how, after: progressAfter,
			repeated: func() int { repeated += 7; return repeated },
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for i, step := range steps {
			out.Reset()
			at = step.at
			f.tell(now)
			now = now.Add(time.Second)
			want := map[string]string{progressLine: step.line, config.Plain: step.plain, config.JSON: step.json}[how]
			if got := strings.TrimPrefix(out.String(), "\r\x1b[K"); got != want {
				t.Errorf("%s, step %d: %q, want %q", how, i, got, want)
			}
		}
	}
}

// TestNarrowScreen has a line that is longer than the screen is wide.
func TestNarrowScreen(t *testing.T) {
	var out strings.Builder
	s := &screen{w: &out, width: func() int { return 10 }}
	s.draw("123456789")
	s.draw("1234567890")
	if got, want := out.String(), "123456789\r\x1b[K12345678…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestScreen has a line that goes stand in the way of text that stays.
func TestScreen(t *testing.T) {
	var out strings.Builder
	s := &screen{w: &out, width: func() int { return 80 }}
	rows := s.beside(&out)
	s.draw("10%")
	fmt.Fprint(rows, "a row\n")
	s.draw("20%")
	fmt.Fprint(s, "note: x\n")
	fmt.Fprint(rows, "a row\n")
	s.draw("30%")
	s.draw("")
	const gone = "\r\x1b[K"
	if got, want := out.String(), "10%"+gone+"a row\n20%"+gone+"note: x\na row\n30%"+gone; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
