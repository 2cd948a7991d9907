package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/live"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/journal"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// backend is what --backend names. It is opened when a statement first needs
// it, so that one that does not touches no file.
type backend struct {
	app    *app
	path   string // of the mock's store; "" in memory
	store  *emulator.Store
	caller *emulator.Caller // nil until opened
	live   *liveBackend     // nil until opened; of --backend live
	acting classroom.Backend
	mu     sync.Mutex // held while it is opened

	journal *journal.Store // nil until opened
}

// noRequests is what to say to who wants to see the requests of the mock backend.
const noRequests = "the mock backend sends no requests: only the live one does"

// methods returns the methods that statements call.
func (b *backend) methods(ctx context.Context) (provider.Methods, error) {
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	return classroom.Methods(b.acting), nil
}

// changes returns what can be told about the methods that change something.
func (b *backend) changes(ctx context.Context) (map[string]provider.Change, error) {
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	return classroom.Changes(b.acting), nil
}

// openJournal opens the journal, once, and returns it with who makes the changes.
func (b *backend) openJournal(ctx context.Context) (*journal.Store, journal.Identity, error) {
	who, err := b.maker(ctx)
	if err != nil || b.journal != nil {
		return b.journal, who, err
	}
	path, err := b.app.journalFile()
	if err != nil {
		return nil, who, err
	}
	b.journal, err = journal.Open(path)
	return b.journal, who, err
}

// maker is who makes changes, as the journal records it.
func (b *backend) maker(ctx context.Context) (journal.Identity, error) {
	id, err := b.identity(ctx)
	if err != nil {
		return journal.Identity{}, err
	}
	c := &b.app.config
	who := journal.Identity{As: id.Principal, Profile: c.Profile, OwnersAct: c.Live.OwnerAs}
	if b.live != nil {
		who.Backend = b.live.client.Endpoint()
		return who, nil
	}
	who.Backend = "mock:memory"
	if b.path != "" {
		full, err := filepath.Abs(b.path)
		who.Backend = "mock:" + full
		return who, err
	}
	return who, nil
}

// identity says who asks.
func (b *backend) identity(ctx context.Context) (sqlengine.Identity, error) {
	if err := b.open(ctx); err != nil {
		return sqlengine.Identity{}, err
	}
	if b.live != nil {
		return b.live.identity, nil
	}
	me, err := b.caller.GetUserProfile(ctx, "me")
	if err != nil {
		return sqlengine.Identity{}, err
	}
	return sqlengine.Identity{Principal: me.EmailAddress, Type: "mock", Source: cmp.Or(b.path, "memory")}, nil
}

// open opens the store and settles who asks. It does so once.
func (b *backend) open(ctx context.Context) (err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.caller != nil || b.live != nil {
		return nil
	}
	c := &b.app.config
	if c.Backend.Live {
		if b.live, err = b.app.openLive(ctx); err == nil {
			b.acting = b.live.acting
		}
		return err
	}
	if b.path, err = storePath(c.Backend, b.app.Getenv); err != nil {
		return err
	}
	if b.store == nil {
		school, err := seed(c.Seed)
		if err != nil {
			return err
		}
		b.store, err = emulator.Open(ctx, emulator.Options{Path: b.path, Seed: school})
		_, noFile := errors.AsType[*fs.PathError](err)
		if c.Backend.File != "" && (noFile || errors.Is(err, emulator.ErrNotStore)) {
			return &config.UsageError{Message: err.Error(), Hint: "--backend mock:FILE names the file of a school, which is made if there is none"}
		}
		if err != nil {
			return err
		}
		report := b.app.reporter()
		if c.Given("curl") || c.Given("http-log") || c.Given("http.log.enabled") {
			report.note("%s", noRequests)
		}
		if c.Verbose {
			report.note("the mock backend's store is %s", cmp.Or(b.path, "in memory"))
		}
		if c.Given("seed") && !b.store.New() {
			report.note("--seed has no effect: %s holds a school", b.path)
		}
	}
	if b.caller, err = b.store.As(c.As); err != nil {
		return err
	}
	b.acting = classroom.Acting(classroom.People{
		Asker:     b.caller,
		As:        func(address string) (classroom.Backend, error) { return b.caller.Delegate(address) },
		OwnersAct: c.Live.OwnerAs,
	})
	return nil
}

// googleParallel is how many requests are under way at once to Google, whose
// quota for a person is 20 a second.
const googleParallel = 8

// requests returns how many requests may be under way at once.
func (a *app) requests() int {
	c := &a.config
	switch {
	case c.Parallel > 0:
		return c.Parallel
	case a.asksGoogle():
		return googleParallel
	}
	return vtab.DefaultParallel
}

// asksGoogle reports whether what answers is Google, rather than a mock.
func (a *app) asksGoogle() bool {
	c := &a.config
	return c.Backend.Live && (c.Live.Endpoint == "" || strings.Contains(c.Live.Endpoint, ".googleapis.com"))
}

// maxCallsAtOnce bounds the calls that wait for the requests which take many.
const maxCallsAtOnce = 1024

// parallel returns how many calls may be under way at once: of the live backend as
// many as fill its requests, for calls that wait are sent together.
func (a *app) parallel() int {
	n := a.requests()
	if !a.config.Backend.Live || a.config.Live.NoBatch {
		return n
	}
	return max(n, min(n*live.DefaultBatch, maxCallsAtOnce))
}

// parallelChanges returns how many calls of a change may be under way at once: the
// mock makes one after the other, whose identifiers follow from the order.
func (a *app) parallelChanges() int {
	if !a.config.Backend.Live {
		return 1
	}
	return a.parallel()
}

func (b *backend) close() error {
	var errs []error
	if b.journal != nil {
		errs = append(errs, b.journal.Close())
	}
	if b.live != nil {
		errs = append(errs, b.live.close())
	}
	if b.store != nil {
		errs = append(errs, b.store.Close())
	}
	return errors.Join(errs...)
}

// storePath returns the file of a mock's store, "" for one in memory. It makes
// the folder of the usual one.
func storePath(of config.Backend, env config.Env) (string, error) {
	switch {
	case of.Memory:
		return "", nil
	case of.File != "":
		return of.File, nil
	}
	dir, err := config.DataDir(env)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make a folder for the mock backend's store: %w", err)
	}
	return filepath.Join(dir, "classroom.db"), nil
}

// seed returns the school that --seed names.
func seed(name string) (*emulator.School, error) {
	switch name {
	case "", config.Demo:
		return emulator.Demo(), nil
	case config.Empty:
		// Somebody has to be there to ask.
		return &emulator.School{Users: []emulator.SeedUser{{Email: "admin@example.edu", Name: "Alex Admin", Admin: true}}}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, &config.UsageError{Message: err.Error()}
	}
	defer f.Close()
	school, err := emulator.ReadSchool(name, f)
	if err != nil {
		return nil, &config.UsageError{Message: err.Error()}
	}
	return school, nil
}
