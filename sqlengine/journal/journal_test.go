package journal_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ncruces/go-sqlite3"
	"go.uber.org/goleak"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine/journal"
)

// workVariable names a journal in which the test process, run again, works on a run
// until it is killed.
const workVariable = "IQL_TEST_JOURNAL"

func TestMain(m *testing.M) {
	if path := os.Getenv(workVariable); path != "" {
		work(path)
	}
	goleak.VerifyTestMain(m)
}

// work begins a run of two calls, prints its identifier, and sends the first.
func work(path string) {
	s, err := journal.Open(path)
	if err != nil {
		panic(err)
	}
	r, err := s.Begin(context.Background(), run(2), each(calls(2)))
	if err != nil {
		panic(err)
	}
	if err := r.Sending(context.Background(), 1, nil); err != nil {
		panic(err)
	}
	fmt.Println(r.Run().ID)
	select {}
}

func run(rows int) journal.Run {
	return journal.Run{
		Rows: rows, First: "googleworkspace.classroom.invitations.get",
		Verb: "DELETE", Method: "googleworkspace.classroom.invitations.delete", Statement: "DELETE ...", File: "a.iql", Line: 3,
		Identity: journal.Identity{As: "admin@example.edu", Backend: "mock:/x", Profile: "p", OwnersAct: true},
	}
}

func calls(n int) []journal.Call {
	out := make([]journal.Call, n)
	for i := range out {
		out[i] = journal.Call{Row: i + 1, Args: provider.Args{"id": fmt.Sprint("i", i)}}
	}
	return out
}

// each returns calls one after the other.
func each(calls []journal.Call) iter.Seq2[journal.Call, error] {
	return func(yield func(journal.Call, error) bool) {
		for _, c := range calls {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// open opens a journal until the test ends.
func open(t testing.TB, path string) *journal.Store {
	t.Helper()
	s, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// begin begins a run.
func begin(t testing.TB, s *journal.Store, n int) *journal.Record {
	t.Helper()
	r, err := s.Begin(t.Context(), run(n), each(calls(n)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "iql", "journal.db")
	s := open(t, path)
	r := begin(t, s, 5)
	before := provider.Row{"i0", "101", nil, int64(1 << 60), 1.5, true}
	for row := range 4 {
		if err := r.Sending(t.Context(), row+1, before); err != nil {
			t.Fatal(err)
		}
	}
	refusal := journal.Outcome{State: journal.Failed, Code: "FAILED_PRECONDITION", Reason: "CourseNotModifiable", Message: strings.Repeat("é", 5000)}
	r.Ended(1, journal.Outcome{State: journal.Done, Answer: before})
	r.Ended(2, journal.Outcome{State: journal.There})
	r.Ended(3, refusal)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	got, of, err := s.Show(t.Context(), r.Run().ID)
	if err != nil {
		t.Fatal(err)
	}
	want := run(5)
	want.ID, want.Rows, want.Counts = r.Run().ID, 5, journal.Counts{Planned: 1, Sent: 1, Done: 1, There: 1, Failed: 1}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(journal.Run{}, "Started", "Ended")); diff != "" {
		t.Errorf("Show() (-want +got):\n%s", diff)
	}
	if got.Started.IsZero() || got.Ended.Before(got.Started) || time.Since(got.Started) > time.Minute {
		t.Errorf("from %v to %v", got.Started, got.Ended)
	}
	refusal.Message = strings.Repeat("é", 2048)
	outcomes := []journal.Outcome{{State: journal.Done, Answer: before}, {State: journal.There}, refusal, {State: journal.Sent}, {State: journal.Planned}}
	for i, call := range of {
		wantCall := journal.Call{Row: i + 1, Args: calls(5)[i].Args, Outcome: outcomes[i]}
		if i < 4 {
			wantCall.Before = before
		}
		if diff := cmp.Diff(wantCall, call, cmpopts.IgnoreFields(journal.Call{}, "Sent", "Ended")); diff != "" {
			t.Errorf("call %d (-want +got):\n%s", i+1, diff)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	for name, want := range map[string]os.FileMode{path: 0o600, path + "-wal": 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
}

// TestGroups has many goroutines record at once: what Sending has returned for is
// there for everybody else.
func TestGroups(t *testing.T) {
	const workers, each = 32, 20
	path := filepath.Join(t.TempDir(), "journal.db")
	s, other := open(t, path), open(t, path)
	r := begin(t, s, workers*each)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range each {
				row := w*each + i + 1
				if err := r.Sending(t.Context(), row, provider.Row{"b"}); err != nil {
					t.Error(err)
				}
				r.Ended(row, journal.Outcome{State: journal.Done})
			}
		})
	}
	all.Wait()
	_, of, err := other.Show(t.Context(), r.Run().ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range of {
		if call.State == journal.Planned {
			t.Fatalf("row %d is planned", call.Row)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if runs, err := other.List(t.Context()); err != nil || !runs[0].Complete || runs[0].Counts.Done != workers*each {
		t.Errorf("List() = %+v, %v", runs, err)
	}
}

// TestKilled has another process work on a run, which cannot be claimed or removed
// until that process is killed.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), workVariable+"="+path)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var id string
	if _, err := fmt.Fscanln(stdout, &id); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	mine := begin(t, s, 1) // two may be under way at once
	if _, _, err := s.Resume(t.Context(), id); !errors.Is(err, journal.ErrUnderWay) {
		t.Errorf("Resume(%s) of a run under way: %v", id, err)
	}
	if err := s.Remove(t.Context(), id); !errors.Is(err, journal.ErrUnderWay) {
		t.Errorf("Remove(%s) of a run under way: %v", id, err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	r, of, err := s.Resume(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if of[0].State != journal.Sent || of[1].State != journal.Planned {
		t.Errorf("the calls are %s and %s, want sent and planned", of[0].State, of[1].State)
	}
	if _, _, err := open(t, path).Resume(t.Context(), id); !errors.Is(err, journal.ErrUnderWay) {
		t.Errorf("a second Resume(%s): %v", id, err)
	}
	for _, r := range []*journal.Record{r, mine} {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := s.Remove(t.Context(), id); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(path + ".*"); len(left) > 0 || err != nil {
		t.Errorf("%v are left, %v", left, err)
	}
}

// TestRemoveStopsWithContext checks that nothing is removed for who has left.
func TestRemoveStopsWithContext(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	r := begin(t, s, 1)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Remove(ctx, r.Run().ID); !errors.Is(err, context.Canceled) {
		t.Errorf("Remove() = %v, want %v", err, context.Canceled)
	}
	if _, _, err := s.Show(t.Context(), r.Run().ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Begin(ctx, run(1), each(calls(1))); !errors.Is(err, context.Canceled) {
		t.Errorf("Begin() = %v, want %v", err, context.Canceled)
	}
	if runs, err := s.List(t.Context()); err != nil || len(runs) != 1 {
		t.Errorf("%d runs, %v, want that none was begun", len(runs), err)
	}
	if err := s.Remove(t.Context(), r.Run().ID); err != nil {
		t.Fatal(err)
	}
	again := begin(t, s, 1) // nothing of the first is in its way
	if err := again.Sending(ctx, 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Sending() = %v, want %v", err, context.Canceled)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, of, err := s.Show(t.Context(), again.Run().ID); err != nil || of[0].State != journal.Planned {
		t.Errorf("the call is %+v, %v, want planned", of, err)
	}
}

// TestLongStatement has a statement be longer than what is kept of one.
func TestLongStatement(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	long := run(0)
	long.Statement = strings.Repeat("é", journal.MaxStatement)
	r, err := s.Begin(t.Context(), long, each(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	got, _, err := s.Show(t.Context(), r.Run().ID)
	if want := strings.Repeat("é", journal.MaxStatement/2); err != nil || got.Statement != want {
		t.Errorf("%d bytes are kept, %v, want %d", len(got.Statement), err, len(want))
	}
}

// TestUnread has calls that cannot be read: it is not the journal that failed.
func TestUnread(t *testing.T) {
	s, unread := open(t, filepath.Join(t.TempDir(), "journal.db")), errors.New("the disk is gone")
	_, err := s.Begin(t.Context(), run(1), func(yield func(journal.Call, error) bool) { yield(journal.Call{}, unread) })
	if _, ours := errors.AsType[*journal.Error](err); !errors.Is(err, unread) || ours {
		t.Errorf("Begin() = %v, want %v", err, unread)
	}
}

// TestComplete has runs end with a call in each state: those that may be gone on with
// are not complete, so that they are kept.
func TestComplete(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	for _, state := range []journal.State{journal.Planned, journal.Sent, journal.Done, journal.There, journal.Failed, journal.Unknown} {
		r := begin(t, s, 1)
		if state != journal.Planned {
			if err := r.Sending(t.Context(), 1, nil); err != nil {
				t.Fatal(err)
			}
		}
		if state != journal.Planned && state != journal.Sent {
			r.Ended(1, journal.Outcome{State: state, Code: "X"})
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		was, _, err := s.Show(t.Context(), r.Run().ID)
		if want := state.Over(); err != nil || was.Complete != want || (was.Counts.Pending() == 0) != (want || state == journal.Failed) {
			t.Errorf("%s: %+v, %v, want complete %v", state, was, err, want)
		}
		again, _, err := s.Resume(t.Context(), was.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if is, _, err := s.Show(t.Context(), was.ID); err != nil || !is.Ended.Equal(was.Ended) {
			t.Errorf("%s: looking at it, it ended at %v and not at %v, %v", state, is.Ended, was.Ended, err)
		}
	}
}

// TestSentAgain has a call that was refused be sent again: the refusal is past.
func TestSentAgain(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	r := begin(t, s, 1)
	before := provider.Row{"as it was"}
	if err := r.Sending(t.Context(), 1, before); err != nil {
		t.Fatal(err)
	}
	r.Ended(1, journal.Outcome{State: journal.Failed, Code: "UNAVAILABLE", Reason: "r", Message: "not now"})
	if err := r.Sending(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	_, of, err := s.Show(t.Context(), r.Run().ID)
	want := journal.Call{Row: 1, Args: calls(1)[0].Args, Before: before, Outcome: journal.Outcome{State: journal.Sent}}
	if diff := cmp.Diff(want, of[0], cmpopts.IgnoreFields(journal.Call{}, "Sent")); diff != "" || err != nil {
		t.Errorf("the call (-want +got), %v:\n%s", err, diff)
	}
}

// TestFailsForAWhile has the file fail in the middle of a run: what ended is written
// when it can be again, and nothing is sent any more.
func TestFailsForAWhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	s := open(t, path)
	r := begin(t, s, 3)
	if err := r.Sending(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	rename := func(from, to string) {
		t.Helper()
		db, err := sqlite3.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Exec("ALTER TABLE "+from+" RENAME TO "+to), db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	rename("calls", "gone")
	r.Ended(1, journal.Outcome{State: journal.Done})
	if err := r.Sending(t.Context(), 2, nil); err == nil {
		t.Error("a call is sent that is not on record")
	}
	rename("gone", "calls")
	if err := r.Sending(t.Context(), 3, nil); err == nil {
		t.Error("a call is sent after the journal had failed")
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	run, _, err := s.Show(t.Context(), r.Run().ID)
	if want := (journal.Counts{Done: 1, Planned: 2}); err != nil || run.Counts != want {
		t.Errorf("the calls are %+v, %v, want %+v", run.Counts, err, want)
	}
}

func TestOldRunsAreDropped(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	unfinished := begin(t, s, 1)
	if err := unfinished.Close(); err != nil {
		t.Fatal(err)
	}
	s.Keep(10)
	for range 15 {
		if err := begin(t, s, 0).Close(); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := s.List(t.Context())
	if err != nil || len(runs) != 11 || runs[10].ID != unfinished.Run().ID {
		t.Errorf("there are %d runs, %v, want 11, and the first of them not complete", len(runs), err)
	}
}

// TestOldRunsByAge has runs be begun long ago: those that are complete go, with their
// calls.
func TestOldRunsByAge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	s := open(t, path)
	db, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const day = 24 * time.Hour
	made := func(age time.Duration, state journal.State) string {
		r := begin(t, s, 1)
		r.Ended(1, journal.Outcome{State: state})
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		started := fmt.Sprint(time.Now().Add(-age).UnixNano())
		if err := db.Exec(`UPDATE runs SET started = ` + started + ` WHERE id = '` + r.Run().ID + `'`); err != nil {
			t.Fatal(err)
		}
		return r.Run().ID
	}
	// The old one is the last: the others' beginning would have dropped it.
	ids := []string{made(91*day, journal.Failed), made(89*day, journal.Done), made(91*day, journal.Done)}
	if err := begin(t, s, 0).Close(); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		_, _, err := s.Show(t.Context(), id)
		if gone := errors.Is(err, journal.ErrNoRun); gone != (i == 2) {
			t.Errorf("run %d: %v", i, err)
		}
	}
	st, _, err := db.Prepare(`SELECT count(*) FROM calls`)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if !st.Step() || st.ColumnInt(0) != 2 {
		t.Errorf("there are %d calls, %v, want 2", st.ColumnInt(0), st.Err())
	}
}

func TestNotAJournal(t *testing.T) {
	for name, text := range map[string]string{
		"text":   strings.Repeat("this is no database\n", 100),
		"broken": "SQLite format 3\x00" + strings.Repeat("\xff", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := journal.Open(path)
			e, ok := errors.AsType[*journal.Error](err)
			if !ok || !strings.Contains(e.Hint, "mv "+path) || !strings.Contains(e.Error(), path) {
				t.Errorf("Open() = %v, %+v", err, e)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != text {
				t.Errorf("the file has changed, %v", err)
			}
		})
	}
}

// TestNotOurs has the file be another program's, or a newer iql's: it stays as it is.
func TestNotOurs(t *testing.T) {
	for made, hint := range map[string]string{
		`CREATE TABLE theirs (a)`:                                     "mv ",
		`PRAGMA application_id = 5; CREATE TABLE theirs (a)`:          "mv ",
		`PRAGMA application_id = 0x69716c6a; PRAGMA user_version = 4`: "--no-journal",
	} {
		path := filepath.Join(t.TempDir(), "journal.db")
		db, err := sqlite3.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Exec(made), db.Close()); err != nil {
			t.Fatal(err)
		}
		_, err = journal.Open(path)
		if e, ok := errors.AsType[*journal.Error](err); !ok || !strings.Contains(e.Hint, hint) {
			t.Errorf("%s: Open() = %v", made, err)
		}
	}
}

// TestLinked checks that a journal is one by whatever name: nobody goes on with a run
// that is under way by another.
func TestLinked(t *testing.T) {
	path, link := filepath.Join(t.TempDir(), "journal.db"), filepath.Join(t.TempDir(), "journal.db")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	linked := open(t, link) // which makes what it links to
	r := begin(t, linked, 1)
	id := r.Run().ID
	s := open(t, path)
	if _, _, err := s.Resume(t.Context(), id); !errors.Is(err, journal.ErrUnderWay) {
		t.Errorf("Resume() = %v, want %v", err, journal.ErrUnderWay)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r, _, err := s.Resume(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := linked.Resume(t.Context(), id); !errors.Is(err, journal.ErrUnderWay) {
		t.Errorf("Resume() by the link = %v, want %v", err, journal.ErrUnderWay)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestUnknownRun(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	_, _, showErr := s.Show(t.Context(), "none")
	_, _, resumeErr := s.Resume(t.Context(), "none")
	for _, err := range []error{showErr, resumeErr, s.Remove(t.Context(), "none")} {
		if !errors.Is(err, journal.ErrNoRun) {
			t.Errorf("%v, want %v", err, journal.ErrNoRun)
		}
	}
}

// TestEarlierLayouts reads journals of earlier versions, and writes to them.
func TestEarlierLayouts(t *testing.T) {
	const second = `ALTER TABLE runs DROP COLUMN roster; ALTER TABLE calls DROP COLUMN line; PRAGMA user_version = 2;`
	for layout, back := range map[string]string{
		"first":  second + `ALTER TABLE runs DROP COLUMN first; PRAGMA user_version = 1`,
		"second": second,
	} {
		path := filepath.Join(t.TempDir(), "journal.db")
		s, err := journal.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		r := begin(t, s, 2)
		if err := errors.Join(r.Close(), s.Close()); err != nil {
			t.Fatal(err)
		}
		db, err := sqlite3.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Exec(back), db.Close()); err != nil {
			t.Fatal(err)
		}
		s = open(t, path)
		got, calls, err := s.Show(t.Context(), r.Run().ID)
		if err != nil || got.Rows != 2 || got.First != "" && layout == "first" || got.Roster != "" || len(calls) != 2 || calls[0].Line != 0 {
			t.Errorf("Show() of a journal of the %s layout = %+v, %v, %v", layout, got, calls, err)
		}
		if err := begin(t, s, 1).Close(); err != nil {
			t.Errorf("a journal of the %s layout: %v", layout, err)
		}
	}
}

// BenchmarkBegin100k plans 100,000 calls.
func BenchmarkBegin100k(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "journal.db"))
	planned := calls(100_000)
	b.ReportAllocs()
	for b.Loop() {
		r, err := s.Begin(b.Context(), run(100_000), each(planned))
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSending records calls that are sent, by as many goroutines at once.
func BenchmarkSending(b *testing.B) {
	for _, workers := range []int{1, 8, 32} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			r := begin(b, open(b, filepath.Join(b.TempDir(), "journal.db")), workers)
			var all sync.WaitGroup
			each := b.N/workers + 1
			b.ResetTimer()
			for w := range workers {
				all.Go(func() {
					for range each {
						if err := r.Sending(b.Context(), w+1, nil); err != nil {
							b.Error(err)
							return
						}
						r.Ended(w+1, journal.Outcome{State: journal.Done})
					}
				})
			}
			all.Wait()
			if err := r.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
