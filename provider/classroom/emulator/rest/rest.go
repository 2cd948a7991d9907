// Package rest is the emulator's HTTP face: Google Classroom's REST API, good
// enough that Google's own clients and the tools that people already use run
// against it unmodified.
//
// [New] makes a [Server] over an [emulator.Store]. It routes by one table
// (routes.go), checks credentials and parameters as Google's front end does
// (call.go), asks the store as the user whose token came, and writes the
// answer. Beside the methods of the API there are batches, discovery
// documents, access tokens, and faults on demand for tests of clients.
//
// The API: https://developers.google.com/workspace/classroom/reference/rest.
// Where Google's pages leave the wire open, the choice stands in assumed.go.
package rest

import (
	"crypto/rand"
	"crypto/rsa"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// Options say how a Server behaves. The zero value has no quotas and no faults.
type Options struct {
	// Quota is how many requests a minute are served; see [GoogleQuota].
	Quota Quota
	// Latency is how long each HTTP request waits before it is looked at.
	Latency Latency
	// Faults are what goes wrong; POST /_emulator/faults replaces them.
	Faults []Fault
	// DelegatedScopes are the scopes that service accounts may ask for on
	// behalf of users, with or without https://www.googleapis.com/auth/. Nil
	// is all.
	DelegatedScopes []string
	// AssertionKey verifies the assertions of service accounts (RS256), but for
	// those that :signJwt has signed. Nil takes every assertion for true.
	AssertionKey *rsa.PublicKey
	// Project is the number of the Cloud project that messages name, "" for
	// 123456789012.
	Project string
	// Now is the clock of tokens and quotas; nil is time.Now.
	Now func() time.Time
	// Log gets a record of each request; nil keeps none.
	Log *slog.Logger
}

// usualProject is what Options.Project means if empty.
const usualProject = "123456789012"

// Server serves Classroom's REST API. Its methods may be called from many
// goroutines at once.
type Server struct {
	store  *emulator.Store
	opts   Options
	router router
	now    func() time.Time
	secret []byte // signs access tokens
	origin *http.CrossOriginProtection

	stats  stats
	quota  meter
	faults faults

	mu      sync.Mutex
	callers map[string]*emulator.Caller // guarded by mu: those who were here, by address
	codes   map[string]consent          // guarded by mu: what may be redeemed once
	revoked map[string]bool             // guarded by mu: tokens that were revoked

	signing func() *rsa.PrivateKey // makes the server's own key the first time

	closed chan struct{} // closed by Close
	close  sync.Once
}

// New returns a server over the store, which stays the caller's to close.
func New(store *emulator.Store, opts Options) *Server {
	s := &Server{
		store:   store,
		opts:    opts,
		router:  router{routes()},
		now:     opts.Now,
		secret:  make([]byte, 32),
		origin:  http.NewCrossOriginProtection(),
		callers: map[string]*emulator.Caller{},
		codes:   map[string]consent{},
		revoked: map[string]bool{},
		signing: sync.OnceValue(newSigningKey),
		closed:  make(chan struct{}),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.opts.Project == "" {
		s.opts.Project = usualProject
	}
	if s.opts.Log == nil {
		s.opts.Log = slog.New(slog.DiscardHandler)
	}
	rand.Read(s.secret) // never fails
	s.faults.set(opts.Latency, opts.Faults)
	return s
}

// Close ends the requests that faults keep hanging. It does not close the
// store.
func (s *Server) Close() error {
	s.close.Do(func() { close(s.closed) })
	return nil
}

// The bounds of what a server takes from a connection.
const (
	maxHeader   = 64 << 10
	headerTime  = 10 * time.Second
	requestTime = time.Minute
	answerTime  = 5 * time.Minute
	idleTime    = 2 * time.Minute
)

// HTTPServer returns an http.Server for the handler with bounds on what a
// client may send and how long it may take. A handler that is a [Server] counts
// its connections, and is closed by its Shutdown.
func HTTPServer(handler http.Handler) *http.Server {
	server := &http.Server{
		Handler:           handler,
		MaxHeaderBytes:    maxHeader,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       idleTime,
	}
	if s, ok := handler.(*Server); ok {
		server.ConnState = s.stats.connection
		server.RegisterOnShutdown(func() { _ = s.Close() }) // which has no error
	}
	return server
}
