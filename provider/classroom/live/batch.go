package live

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// maxParts is how many parts Google takes in a batch.
const maxParts = 50

// batch is requests that are sent in one.
// https://developers.google.com/workspace/classroom/guides/batch
type batch struct {
	trips  []*trip
	stay   int // guarded by flight.mu: how many wait for it
	cancel context.CancelFunc
}

// Why there is no answer to a request in that of its batch.
var (
	errNoPart = errors.New("it has none to this request, or not one alone")
	errMuch   = errors.New("it is longer than 64 MiB") // alone, an answer may be shorter
)

// send sends a batch and tells its trips what came of it.
func (f *flight) send(ctx context.Context, b *batch) {
	// One that took too long may have been too much.
	defer func() {
		if ctx.Err() == context.DeadlineExceeded {
			f.limit(len(b.trips) / 2)
		}
	}()
	ids, req, err := f.pack(ctx, b)
	if err != nil {
		b.tell(reply{err: err})
		return
	}
	resp, err := f.http.Do(req)
	if err != nil {
		b.tell(reply{err: err})
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		f.unpack(b, ids, resp)
		return
	}
	f.turnedAway(b, resp)
}

// turnedAway tells the trips of a batch what it was refused with as a whole, and
// sends those again whom that does not concern. The token of a batch is the first
// part's.
func (f *flight) turnedAway(b *batch, resp *http.Response) {
	// What has arrived is what there is to say.
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	token := b.trips[0].req.Header.Get("Authorization")
	badToken := resp.StatusCode == http.StatusUnauthorized
	var others []*trip
	for _, t := range b.trips {
		if passes(resp.StatusCode) || badToken && t.req.Header.Get("Authorization") == token {
			t.told <- reply{resp: whole(resp, text)}
			continue
		}
		others = append(others, t)
	}
	if !passes(resp.StatusCode) && !badToken {
		f.limit(1)
	}
	f.again(others)
}

// passes reports whether a batch that was refused with a status may not be the
// next time.
func passes(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return true
	}
	return status >= 500 && status != http.StatusNotImplemented
}

// unpack tells each trip of a batch its answer.
func (f *flight) unpack(b *batch, ids []string, resp *http.Response) {
	body := &bounded{resp.Body, maxBody}
	parts, err := readParts(resp.Header.Get("Content-Type"), body, ids)
	if err == nil && len(parts) == 0 {
		f.limit(1) // what answers does not know them
	}
	if err == nil {
		err = errNoPart
	} else if errors.Is(err, errTooLong) {
		err = errMuch
		f.limit(len(b.trips) / 2)
	}
	for i, t := range b.trips {
		got := reply{resp: parts[ids[i]]}
		if got.resp == nil {
			got.err = fmt.Errorf("the answer to a batch of %d: %w", len(b.trips), err)
		}
		t.told <- got
	}
}

// tell tells all trips of a batch the same.
func (b *batch) tell(r reply) {
	for _, t := range b.trips {
		t.told <- r
	}
}

// pack writes a batch, and returns what its parts are called by.
func (f *flight) pack(ctx context.Context, b *batch) ([]string, *http.Request, error) {
	var text bytes.Buffer
	w := multipart.NewWriter(&text)
	ids := make([]string, len(b.trips))
	for i, t := range b.trips {
		ids[i] = w.Boundary()[:20] + "-" + itoa(i)
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Type": {"application/http"},
			"Content-ID":   {"<" + ids[i] + ">"},
		})
		if err != nil {
			return nil, nil, err
		}
		if err := writeRequest(part, t.req); err != nil {
			return nil, nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.base.JoinPath("batch").String(), &text)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Content-Type", "multipart/mixed; boundary="+w.Boundary())
	req.Header.Set("Authorization", b.trips[0].req.Header.Get("Authorization"))
	req.Header.Set("User-Agent", f.agent)
	return ids, req, nil
}

// writeRequest writes a request as it would go over a connection of its own. It
// can be sent after that.
func writeRequest(w io.Writer, req *http.Request) error {
	req = req.WithContext(req.Context()) // a copy, whose body may be used up
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return err
		}
		req.Body = body
	}
	return req.Write(w)
}

// readParts reads the answer to a batch: the answers to its parts by what they
// are called, of which ids are known. What is called the same as another, or
// cannot be read, is left out. If the answer ends early, what came before is
// returned with the error.
func readParts(contentType string, body io.Reader, ids []string) (map[string]*http.Response, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" {
		return nil, nil
	}
	known, seen := map[string]bool{}, map[string]int{}
	for _, id := range ids {
		known[id] = true
	}
	parts := map[string]*http.Response{}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return parts, err
		}
		id := partID(p.Header.Get("Content-Id"))
		if !known[id] {
			continue
		}
		seen[id]++
		answer, err := readPart(p)
		if err == nil && seen[id] == 1 {
			parts[id] = answer
			continue
		}
		delete(parts, id)
	}
	// To the end, so that the connection can be used again; all is here.
	_, _ = io.Copy(io.Discard, body)
	return parts, nil
}

// partID is what a part was called of which an answer says "<response-x>".
func partID(contentID string) string {
	id := strings.TrimSpace(contentID)
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	id = strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	return strings.TrimPrefix(id, "response-")
}

// readPart reads the answer to a part, which is one as over a connection of its
// own.
func readPart(r io.Reader) (*http.Response, error) {
	resp, err := http.ReadResponse(bufio.NewReader(r), nil)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	return whole(resp, text), nil
}

// whole is an answer whose body has been read.
func whole(resp *http.Response, text []byte) *http.Response {
	read := *resp
	read.Body = io.NopCloser(bytes.NewReader(text))
	return &read
}
