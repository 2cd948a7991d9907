package rest

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/iql-lang/iql/provider"
)

const batchPath = "/batch"

// part is a request in a batch.
type part struct {
	id      string // the header Content-ID
	request *http.Request
	// broken is set instead of request if it cannot be read.
	broken bool
}

// batch answers many requests in one, one after the other.
// https://developers.google.com/workspace/classroom/guides/batch
func (s *Server) batch(r *http.Request) answer {
	in := inbound{Request: r, query: readQuery(r.URL.RawQuery)}
	parts, refused := readBatch(r)
	if refused != nil {
		return in.refused(refused)
	}
	boundary := "batch_" + rand.Text()
	all := answer{status: http.StatusOK, contentType: "multipart/mixed; boundary=" + boundary}
	var b bytes.Buffer
	for _, p := range parts {
		var a answer
		if p.broken {
			a = in.refused(refuse(provider.InvalidArgument, ""))
			s.stats.count("", a.status)
		} else {
			a = s.answer(p.request)
		}
		if a.fault == Malformed {
			a.body = a.body[:len(a.body)/2]
		} else if a.fault != "" {
			all.fault = a.fault // there is one connection
			return all
		}
		b.WriteString("--" + boundary + "\r\n")
		p.write(&b, a)
	}
	b.WriteString("--" + boundary + "--\r\n")
	all.body = b.Bytes()
	return all
}

// write writes the answer to a part.
func (p *part) write(b *bytes.Buffer, a answer) {
	b.WriteString("Content-Type: application/http\r\n")
	if p.id != "" {
		b.WriteString("Content-ID: " + responseID(p.id) + "\r\n")
	}
	fmt.Fprintf(b, "\r\nHTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
	b.WriteString("Vary: Origin\r\nVary: X-Origin\r\nVary: Referer\r\n")
	b.WriteString("Content-Type: " + a.contentType + "\r\n")
	if a.authenticate != "" {
		b.WriteString("WWW-Authenticate: " + a.authenticate + "\r\n")
	}
	b.WriteString("Content-Length: " + strconv.Itoa(len(a.body)) + "\r\n\r\n")
	b.Write(a.body)
	b.WriteString("\r\n")
}

// responseID is the Content-ID of the answer to a part: the part's own, marked.
func responseID(id string) string {
	if rest, ok := strings.CutPrefix(id, "<"); ok {
		return "<response-" + rest
	}
	return "response-" + id
}

// readBatch reads the parts of a batch.
func readBatch(r *http.Request) ([]part, *refusal) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" || params["boundary"] == "" {
		return nil, badBatch("its Content-Type is not multipart/mixed with a boundary")
	}
	body, refused := readAll(r.Body, assumed.maxBatch)
	if refused != nil {
		return nil, refused
	}
	var parts []part
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		p, err := reader.NextRawPart()
		switch {
		case errors.Is(err, io.EOF) && len(parts) > 0:
			return parts, nil
		case err != nil:
			return nil, badBatch("it has no parts, or does not end")
		case len(parts) == assumed.maxParts:
			return nil, refuse(provider.InvalidArgument, fmt.Sprintf(texts.tooManyParts, assumed.maxParts))
		}
		parts = append(parts, readPart(r, p))
	}
}

func badBatch(why string) *refusal {
	return refuse(provider.InvalidArgument, fmt.Sprintf(texts.badBatch, why))
}

// readPart reads a request as it stands in a part: its line, whose HTTP
// version may be missing, its headers and its body. What the batch has in its
// headers and its query holds for the part too, unless that says otherwise.
func readPart(outer *http.Request, p *multipart.Part) part {
	read := part{id: p.Header.Get("Content-Id"), broken: true}
	reader := textproto.NewReader(bufio.NewReader(p))
	line, err := reader.ReadLine()
	if err != nil {
		return read
	}
	words := strings.Fields(line)
	if len(words) != 2 && (len(words) != 3 || !strings.HasPrefix(words[2], "HTTP/")) {
		return read
	}
	target, err := url.ParseRequestURI(words[1])
	if err != nil {
		return read
	}
	header, err := reader.ReadMIMEHeader()
	if err != nil && !errors.Is(err, io.EOF) { // a request may end with its headers
		return read
	}
	body, err := io.ReadAll(reader.R)
	if err != nil {
		return read
	}
	inner := &http.Request{
		Method: words[0],
		URL:    target,
		Header: inherit(http.Header(header), outer.Header),
		Body:   io.NopCloser(bytes.NewReader(body)),
		Host:   outer.Host,
		TLS:    outer.TLS,
	}
	target.RawQuery = inheritQuery(target.RawQuery, outer.URL.RawQuery)
	read.request, read.broken = inner.WithContext(outer.Context()), false
	return read
}

// inherit adds the headers of a batch to a part's, but for those that speak of
// its content and its connection.
func inherit(part, batch http.Header) http.Header {
	if part == nil {
		part = http.Header{}
	}
	for name, values := range batch {
		if _, ok := part[name]; !ok && !strings.HasPrefix(name, "Content-") && !slices.Contains(outerHeaders, name) {
			part[name] = values
		}
	}
	return part
}

var outerHeaders = []string{"Accept-Encoding", "Connection", "Transfer-Encoding", "X-Http-Method-Override"}

// inheritQuery adds the parameters of a batch's query that a part's has not.
func inheritQuery(part, batch string) string {
	if batch == "" {
		return part
	}
	own := map[string]bool{}
	for pair := range strings.SplitSeq(part, "&") {
		name, _, _ := strings.Cut(pair, "=")
		own[unescape(name)] = true
	}
	for pair := range strings.SplitSeq(batch, "&") {
		if name, _, _ := strings.Cut(pair, "="); !own[unescape(name)] {
			part += "&" + pair
		}
	}
	return strings.TrimPrefix(part, "&")
}
