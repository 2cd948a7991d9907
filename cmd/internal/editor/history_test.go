package editor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// open opens a history that is in order.
func open(t *testing.T, path string, limit int) *History {
	t.Helper()
	h, err := OpenHistory(path, limit)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// add adds entries.
func add(t *testing.T, h *History, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := h.Add(text); err != nil {
			t.Fatalf("Add(%q): %v", text, err)
		}
	}
}

// mode returns the permissions of a file.
func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestHistoryFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "iql", "history")
	h := open(t, path, 100)
	want := []string{"SELECT 1;", "SELECT 'a\nb';\n-- c\nSELECT 2;", "\xff\x00\u2028\"\\n"}
	add(t, h, want...)
	other := open(t, path, 100)
	if diff := cmp.Diff(want, other.All()); diff != "" {
		t.Errorf("another shell sees (-want +got)\n%s", diff)
	}
	add(t, other, "SELECT 3;")
	if diff := cmp.Diff(want, h.All()); diff != "" {
		t.Errorf("the first shell sees (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(append(want, "SELECT 3;"), open(t, path, 100).All()); diff != "" {
		t.Errorf("a third shell sees (-want +got)\n%s", diff)
	}
	if runtime.GOOS != "windows" {
		for name, want := range map[string]os.FileMode{path: 0o600, path + ".lock": 0o600, filepath.Dir(path): 0o700} {
			if got := mode(t, name); got != want {
				t.Errorf("%s has mode %o, want %o", name, got, want)
			}
		}
	}
}

// TestHistoryAnything adds texts of any bytes, and opens the file again.
func TestHistoryAnything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := 0
	rapid.Check(t, func(t *rapid.T) {
		files++
		path := filepath.Join(dir, fmt.Sprint(files))
		limit := rapid.IntRange(1, 8).Draw(t, "limit")
		h, err := OpenHistory(path, limit)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		texts := rapid.SliceOfN(rapid.OneOf(
			rapid.String(),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
			rapid.SampledFrom([]string{"a", "\"", "\\", "\n", "a\r\n", "--auth", "SELECT 1;"}),
		), 0, 30).Draw(t, "texts")
		for _, text := range texts {
			if h.Keep(text) {
				want = append(want, text)
			}
			if err := h.Add(text); err != nil {
				t.Fatalf("Add(%q): %v", text, err)
			}
		}
		want = want[max(0, len(want)-limit):]
		if got := h.All(); !slices.Equal(got, want) {
			t.Errorf("after adding %q, All() = %q, want %q", texts, got, want)
		}
		again, err := OpenHistory(path, limit)
		if err != nil {
			t.Fatal(err)
		}
		if got := again.All(); !slices.Equal(got, want) {
			t.Errorf("opened after adding %q, All() = %q, want %q", texts, got, want)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(data), "\n"); lines > limit+limit/4 {
			t.Errorf("after adding %q with a limit of %d, the file has %d lines", texts, limit, lines)
		}
	})
}

// FuzzHistoryFile opens files of any bytes: what is an entry is read, and what
// is added to it comes back.
func FuzzHistoryFile(f *testing.F) {
	for _, data := range []string{
		"", "\n", "\"a\"\n", "\"a\"\n\"b", "\"a\"\nnonsense\n\"b\"\n", "\"a\"\r\n`b`\n'c'\n", "\"\\xff\"\n", "\"a\n", "SELECT 1;\n", "\x00\x00",
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "history")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := OpenHistory(path, 1000)
		if err != nil {
			after, _ := os.ReadFile(path)
			if len(h.All()) > 0 || string(after) != string(data) {
				t.Fatalf("a file of %q gives %v, but entries %q, and is %q", data, err, h.All(), after)
			}
			return
		}
		if err := h.Add("SELECT\n'added';"); err != nil {
			t.Fatal(err)
		}
		want := h.All()
		if again, err := OpenHistory(path, 1000); err != nil || !slices.Equal(again.All(), want) {
			t.Errorf("a file of %q has then %q, %v, want %q", data, again.All(), err, want)
		}
	})
}

// TestHistoryShells has many shells add to one file at once.
func TestHistoryShells(t *testing.T) {
	t.Parallel()
	const shells, each = 20, 20
	path := filepath.Join(t.TempDir(), "history")
	var work sync.WaitGroup
	for shell := range shells {
		h := open(t, path, 10_000)
		work.Go(func() {
			for i := range each {
				if err := h.Add(fmt.Sprintf("SELECT\n%d, %d;", shell, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	got := map[string]int{}
	next := make([]int, shells)
	for _, text := range open(t, path, 10_000).All() {
		got[text]++
		var shell, i int
		if _, err := fmt.Sscanf(text, "SELECT\n%d, %d;", &shell, &i); err != nil || i != next[shell] {
			t.Fatalf("%q is not what shell %d added next, which is %d", text, shell, next[shell])
		}
		next[shell]++
	}
	if len(got) != shells*each {
		t.Errorf("%d entries, want %d", len(got), shells*each)
	}
}

// TestHistoryShellsCut does so where the file is cut all the time: the last
// that each shell added can go, but no line is torn.
func TestHistoryShellsCut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history")
	var work sync.WaitGroup
	for shell := range 8 {
		h := open(t, path, 8)
		work.Go(func() {
			for i := range 20 {
				if err := h.Add(fmt.Sprintf("%d, %d;", shell, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, lines := len(decode(data)), strings.Count(string(data), "\n"); got != lines || got < 8 {
		t.Errorf("%d entries on %d lines:\n%s", got, lines, data)
	}
}

func TestHistoryTrouble(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	notes := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(notes, []byte("buy milk\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, path, want string }{
		{"a folder", dir, "not a file"},
		{"another program's", notes, "holds no entry"},
		{"below a file", filepath.Join(notes, "history"), "history " + filepath.Join(notes, "history")},
	} {
		h, err := OpenHistory(tt.path, 10)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q in it", tt.name, err, tt.want)
		}
		if h == nil || !errors.Is(h.Err(), err) {
			t.Fatalf("%s: history %v", tt.name, h)
		}
		add(t, h, "SELECT 1;")
		if got := h.All(); !slices.Equal(got, []string{"SELECT 1;"}) {
			t.Errorf("%s: All() = %q", tt.name, got)
		}
	}
	if data, _ := os.ReadFile(notes); string(data) != "buy milk\n" {
		t.Errorf("the other program's file is now %q", data)
	}
}

// TestHistoryCutShort reads a file of which the only line was being written.
func TestHistoryCutShort(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, []byte(`"SELEC`), 0o600); err != nil {
		t.Fatal(err)
	}
	add(t, open(t, path, 10), "SELECT 1;")
	if got := open(t, path, 10).All(); !slices.Equal(got, []string{"SELECT 1;"}) {
		t.Errorf("All() = %q", got)
	}
}

// TestRecalled goes through entries while older ones go.
func TestRecalled(t *testing.T) {
	t.Parallel()
	r := recalled{open(t, "", 2)}
	for n, text := range []string{"a; \n", "b;", "c;"} {
		if _, err := r.Write(text); err != nil {
			t.Fatal(err)
		}
		last, err := r.GetLine(r.Len() - 1)
		if want := strings.TrimSpace(text); err != nil || last != want || r.Len() != min(n+1, 2) {
			t.Errorf("after %q, the last of %d entries is %q, %v", text, r.Len(), last, err)
		}
	}
}

// TestHistoryGone has the folder go while the shell runs.
func TestHistoryGone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "gone")
	h := open(t, filepath.Join(dir, "history"), 10)
	add(t, h, "SELECT 1;")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := h.Add("SELECT 2;"); err == nil || !errors.Is(h.Err(), err) {
		t.Errorf("Add after the folder went = %v, and Err() = %v", err, h.Err())
	}
	add(t, h, "SELECT 3;") // it is told once
	if got, want := h.All(), []string{"SELECT 1;", "SELECT 2;", "SELECT 3;"}; !slices.Equal(got, want) {
		t.Errorf("All() = %q, want %q", got, want)
	}
}

// TestHistoryMode takes a file from others who could read it.
func TestHistoryMode(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, path, 10)
	if got := mode(t, path); got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
}

// TestHistoryBytes checks that a file is cut when it is long, not only when it
// has many entries.
func TestHistoryBytes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history")
	h := open(t, path, 10_000)
	h.size = 20_000
	for i := range 100 {
		add(t, h, fmt.Sprintf("%d %s", i, strings.Repeat("x", 990)))
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 20_000 || info.Size() < 5_000 {
		t.Errorf("the file has %d bytes, want at most 20,000", info.Size())
	}
	if got, want := open(t, path, 10_000).All(), h.All(); got[len(got)-1] != want[len(want)-1] {
		t.Error("the last entry is not in the file")
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	h := open(t, "", 10)
	add(t, h, "SELECT 'last';")
	for text, want := range map[string]bool{
		"SELECT 1;": true,
		"":          false, " \n": false, " SELECT 1;": false, "\tSELECT 1;": false,
		"SELECT 'last';": false, "SELECT 'last' ;": true,
		`\connect --auth='{"type":"service_account"}'`:                  false,
		"AUTH LOGIN google;":                                            false,
		"SELECT author FROM t;":                                         true,
		"SELECT 'ya29.a0AfH6SM';":                                       false,
		"SELECT '-----BEGIN PRIVATE KEY-----';":                         false,
		`SELECT json('{"private_key": "x"}');`:                          false,
		`\set refresh_token=1`:                                          false,
		`SELECT '{"refresh_token":"1//0abc"}';`:                         false,
		"SELECT '1//0gAbCdEfGhIjK';":                                    false,
		"-- Authorization: bearer abc\nSELECT 1;":                       false,
		"SELECT 'GOCSPX-abc';":                                          false,
		"SELECT 'eyJhbGciOiJSUzI1NiJ9.e30.x';":                          false,
		`\set password 'x'`:                                             true, // no sign between: a word like others
		`\set password = 'x'`:                                           false,
		"SELECT access_token FROM t;":                                   true,
		"SELECT 1//05;":                                                 true,
		"SELECT '" + strings.Repeat("x", maxEntry) + "';":               false,
		"INSERT INTO invitations VALUES ('1', 'a@b.example', 'OWNER');": true,
	} {
		if got := h.Keep(text); got != want {
			t.Errorf("Keep(%.60q) = %t, want %t", text, got, want)
		}
	}
}
