package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// emulation is what the emulate command was told.
type emulation struct {
	listen    string
	store     string
	seed      string
	synthetic string
	quota     string
	latency   string
	faults    []string
	scopes    []string
}

// patience is how long requests under way may take once the server is stopped.
const patience = 10 * time.Second

// emulate returns the command that serves the emulator's REST face.
func (a *app) emulate() *cobra.Command {
	e := &emulation{}
	cmd := &cobra.Command{
		Use:   "emulate",
		Short: "Serve a Classroom of your own over HTTP",
		Long: `emulate serves Google Classroom's REST API, with Classroom's rules and nobody
to e-mail. Clients that people already use run against it; docs/emulator.md of
iql's sources says how to point each at it. A bearer token is a user's e-mail
address, or one that POST /token gave. It prints the address it got, and stops
on SIGINT, SIGTERM or SIGHUP.`,
		Example: `  iql emulate
  iql emulate --listen 127.0.0.1:0 --store school.db --seed school.yaml
  iql emulate --synthetic courses=1000,invitations=20 --latency 50ms±20ms --fault invitations.list=503:2
  curl -H 'Authorization: Bearer admin@example.edu' 'http://127.0.0.1:8085/v1/invitations?courseId=101'`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.serve(cmd.Context(), e)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	fs := cmd.Flags()
	fs.StringVar(&e.listen, "listen", "127.0.0.1:8085", "`ADDRESS` to serve on; port 0 picks a free one")
	fs.StringVar(&e.store, "store", "memory", "where the school is kept: memory or a `FILE`")
	fs.StringVar(&e.seed, "seed", config.Demo, "what a new store holds: demo, empty or a `FILE`")
	fs.StringVar(&e.synthetic, "synthetic", "", "a new store holds a made-up school of this `SIZE`: courses=1000,invitations=20,students=30,users=5000")
	fs.StringVar(&e.quota, "quota", "off", "`QUOTA` of requests a minute: off or google")
	fs.StringVar(&e.latency, "latency", "", "let each request wait for `TIME`, such as 50ms or 50ms±20ms")
	fs.StringArrayVar(&e.faults, "fault", nil, "let a method fail: `METHOD=WHAT[:COUNT|:RATE]`, such as invitations.list=503:2, WHAT: a status, reset, lost, malformed, hang or disabled")
	fs.StringSliceVar(&e.scopes, "delegated-scopes", nil, "the `SCOPES` that service accounts may ask for (default all)")
	complete(cmd, "quota", "off", "google\t1,200 for a user and 3,000 for a client")
	completeFunc(cmd, "seed", cobra.FixedCompletions([]cobra.Completion{"demo", "empty"}, cobra.ShellCompDirectiveDefault))
	completeFunc(cmd, "store", cobra.FixedCompletions([]cobra.Completion{"memory"}, cobra.ShellCompDirectiveDefault))
	for _, flag := range []string{"listen", "synthetic", "latency", "fault", "delegated-scopes"} {
		complete(cmd, flag)
	}
	return cmd
}

// serve serves until the context ends.
func (a *app) serve(ctx context.Context, e *emulation) (err error) {
	opts, err := a.emulation(e)
	if err != nil {
		return err
	}
	if a.config.Verbose {
		opts.Log = slog.New(slog.NewTextHandler(a.Stderr, nil))
	}
	store, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if !store.New() && (a.config.Given("seed") || e.synthetic != "") {
		a.reporter().note("--seed and --synthetic have no effect: %s holds a school", e.store)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", e.listen)
	if err != nil {
		return &config.UsageError{Message: err.Error(), Hint: "--listen 127.0.0.1:0 picks a free port"}
	}
	if addr, ok := listener.Addr().(*net.TCPAddr); ok && !addr.IP.IsLoopback() {
		a.reporter().note("%s can be reached from other machines, and any e-mail address is a password", listener.Addr())
	}
	server := rest.HTTPServer(rest.New(store, opts))
	if err := a.print(fmt.Sprintf("listening on http://%s/\n", listener.Addr())); err != nil {
		return errors.Join(err, listener.Close())
	}
	down := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(down)
		shutDown(server)
	})
	err = server.Serve(listener)
	if !stop() {
		<-down // requests under way still use the store
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// shutDown lets requests under way end, and cuts off those that do not.
func shutDown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close() // what it says is that connections were cut off
	}
}

// emulation reads the flags that say how the server behaves.
func (a *app) emulation(e *emulation) (rest.Options, error) {
	opts := rest.Options{DelegatedScopes: e.scopes}
	for flag, value := range map[string]string{"listen": e.listen, "store": e.store, "seed": e.seed} {
		if value == "" {
			return opts, &config.UsageError{Message: "--" + flag + " is empty", Hint: "is a variable of the shell not set?"}
		}
	}
	if e.synthetic != "" && a.config.Given("seed") {
		return opts, &config.UsageError{Message: "--seed and --synthetic are two schools", Hint: "give one of them"}
	}
	var err error
	switch e.quota {
	case "off":
	case "google":
		opts.Quota = rest.GoogleQuota
	default:
		return opts, &config.UsageError{Message: fmt.Sprintf("--quota is %q", e.quota), Hint: "there is off and google"}
	}
	if e.latency != "" {
		if opts.Latency, err = rest.ParseLatency(e.latency); err != nil {
			return opts, usage("latency", err)
		}
	}
	for _, text := range e.faults {
		fault, err := rest.ParseFault(text)
		if err != nil {
			return opts, usage("fault", err)
		}
		opts.Faults = append(opts.Faults, fault)
	}
	return opts, nil
}

func usage(flag string, err error) error {
	return &config.UsageError{Message: fmt.Sprintf("--%s: %v", flag, err)}
}

// open opens the store that the flags name.
func (e *emulation) open(ctx context.Context) (*emulator.Store, error) {
	opts := emulator.Options{Path: e.store}
	if e.store == "memory" {
		opts.Path = ""
	}
	var err error
	if e.synthetic != "" {
		if opts.Synthetic, err = emulator.ParseSynthetic(e.synthetic); err != nil {
			return nil, usage("synthetic", err)
		}
		return emulator.Open(ctx, opts)
	}
	if opts.Seed, err = seed(cmp.Or(e.seed, config.Demo)); err != nil {
		return nil, err
	}
	return emulator.Open(ctx, opts)
}
