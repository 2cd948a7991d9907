package rest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// BenchmarkList asks for a page of invitations over HTTP, of the server and, in
// turn, of a handler that has the same bytes ready. "ratio" is how much longer
// the server takes than the handler; -cpu 1 makes it one core's. "first-ratio"
// is that of a page which nobody has asked for since the store has changed.
func BenchmarkList(b *testing.B) {
	for _, size := range []int{1, 20, 100, 500} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			w := open(b, rest.Options{}, crowd(size), waiting(size))
			path := "/v1/invitations?courseId=101&prettyPrint=false"
			body := []byte(w.send(request{as: owner, do: "GET " + path}).body)
			bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json; charset=UTF-8")
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				_, _ = w.Write(body)
			}))
			defer bare.Close()
			var ours, first, theirs time.Duration
			n := 0
			for b.Loop() {
				n++
				ours += w.get(b, w.url+path)
				theirs += w.get(b, bare.URL+path)
				// The last of several holds, so that this is the same page.
				first += w.get(b, w.url+strings.Replace(path, "?", "?courseId="+strconv.Itoa(n)+"&", 1))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ours.Seconds()*1e6/float64(b.N), "µs/list")
			b.ReportMetric(theirs.Seconds()*1e6/float64(b.N), "µs/bare")
			b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ratio")
			b.ReportMetric(first.Seconds()/theirs.Seconds(), "first-ratio")
		})
	}
}

// get reads an answer to its end and returns how long that took.
func (w *world) get(b *testing.B, url string) time.Duration {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+owner)
	start := time.Now()
	resp, err := w.http.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
