package rest

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// controlPath begins what is the emulator's own.
const controlPath = "/_emulator/"

// ServeHTTP implements [http.Handler]. Faults end connections by the panic
// that net/http has for it, [http.ErrAbortHandler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPath) {
		s.control(w, r)
		return
	}
	defer s.stats.begin()()
	if !s.wait(r.Context()) {
		return
	}
	s.send(w, r, s.dispatch(r))
}

// dispatch answers an HTTP request.
func (s *Server) dispatch(r *http.Request) answer {
	if label, serve := s.identity(r); serve != nil {
		return s.special(r, label, serve)
	}
	switch path := r.URL.Path; {
	case r.Method == http.MethodPost && (path == batchPath || strings.HasPrefix(path, batchPath+"/")):
		return s.special(r, labelBatch, s.batch)
	case r.Method == http.MethodGet && isDiscovery(path):
		return s.special(r, labelDiscovery, s.discovery)
	}
	return s.answer(r)
}

// special answers a request that is to none of the API's methods. Of these a
// batch is not counted: its parts are.
func (s *Server) special(r *http.Request, label string, serve func(*http.Request) answer) answer {
	start := time.Now()
	in := inbound{Request: r, query: readQuery(r.URL.RawQuery), fault: s.faults.draw(label)}
	var a answer
	var done bool
	if in.fault != nil {
		a, done = s.fail(&in)
	}
	if !done {
		a = serve(r)
		if in.fault != nil {
			a.fault = in.fault.Kind
		}
	}
	if label != labelBatch {
		s.stats.count(label, a.status)
	}
	s.log(&in, label, a, start)
	return a
}

// send writes an answer as Google's front end does, or what a fault makes of
// it.
func (s *Server) send(w http.ResponseWriter, r *http.Request, a answer) {
	body := a.body
	switch a.fault {
	case Hang, Lost:
		panic(http.ErrAbortHandler)
	case Malformed:
		body = body[:len(body)/2]
	}
	h := w.Header()
	h["Vary"] = []string{"Origin", "X-Origin", "Referer"}
	h.Set("Content-Type", a.contentType)
	h.Set("Server", "ESF")
	h.Set("Cache-Control", "private")
	h.Set("X-Xss-Protection", "0")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Date", s.now().UTC().Format(http.TimeFormat))
	if a.authenticate != "" {
		h.Set("Www-Authenticate", a.authenticate)
	}
	if a.location != "" {
		h.Set("Location", a.location)
	}
	if a.flavor != "" {
		h.Set("Metadata-Flavor", a.flavor)
	}
	if wantsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		zipped := zip(body)
		defer buffers.Put(zipped)
		body = zipped.Bytes()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	if a.fault == Reset {
		_, _ = w.Write(body[:len(body)/2]) // the connection ends either way
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body) // a client that has left is none of our business
}

// wantsGzip reports whether the client takes gzip.
// https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding
func wantsGzip(r *http.Request) bool {
	for _, header := range r.Header["Accept-Encoding"] {
		for coding := range strings.SplitSeq(header, ",") {
			name, weight, weighed := strings.Cut(coding, ";")
			if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
				continue
			}
			_, q, _ := strings.Cut(weight, "=")
			n, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
			return !weighed || err != nil || n > 0
		}
	}
	return false
}

var (
	buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	zippers = sync.Pool{New: func() any { return new(gzip.Writer) }}
)

// zip returns the text compressed, in a buffer from the pool.
func zip(text []byte) *bytes.Buffer {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(b)
	_, _ = z.Write(text) // a buffer takes all
	_ = z.Close()
	return b
}
