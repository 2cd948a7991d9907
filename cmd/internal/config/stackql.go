package config

import (
	"fmt"
	"slices"

	"github.com/spf13/pflag"
)

// Habit is a flag of StackQL that iql takes, so that command lines go on to work,
// and does not obey.
type Habit struct {
	Flag    string
	Instead string // what there is in its place; "" where there is nothing to say

	alone bool // it may stand without a value
	kind  heed
}

// heed says what is done about a habit.
type heed uint8

const (
	ignored heed = iota // it is noted under -v
	noted               // it is noted if it asks for what iql does not do
	refused             // it is an error: to ignore it would be unsafe
)

// habits are the flags of StackQL's commands that have no other meaning here.
var habits = []Habit{
	{Flag: "acid"},
	{Flag: "approot", Instead: "XDG_CONFIG_HOME, XDG_DATA_HOME and XDG_STATE_HOME say where files are kept"},
	{Flag: "approotfilemode", Instead: "what iql keeps is its owner's alone"},
	{Flag: "cachekeycount", Instead: "nothing is kept from one statement to the next"},
	{Flag: "colorscheme", Instead: "--color"},
	{Flag: "cpuprofile"},
	{Flag: "dataflow.components.max"},
	{Flag: "dataflow.dependency.max"},
	{Flag: "dbInternal"},
	{Flag: "errorpresentation", Instead: "--error-format"},
	{Flag: "export.alias"},
	{Flag: "gc"},
	{Flag: "indirect.depth.max"},
	{Flag: "keyfilepath", Instead: "--credentials", kind: refused},
	{Flag: "keyfiletype", Instead: "--credentials: the file says what it is", kind: refused},
	{Flag: "loglevel", Instead: "-v, --http.log.enabled"},
	{Flag: "metadatattl", Instead: "providers are built in"},
	{Flag: "namespaces"},
	{Flag: "offline", Instead: "providers are built in; --backend mock asks nobody", alone: true},
	{Flag: "preview"},
	{Flag: "provider", Instead: "names need no provider: there is one"},
	{Flag: "querycachesize", Instead: "nothing is kept from one statement to the next"},
	{Flag: "registry", Instead: "providers are built in"},
	{Flag: "session"},
	{Flag: "sqlBackend", Instead: "the SQL engine is SQLite, in memory"},
	{Flag: "store.txn"},
	{Flag: "usenonpreferredapis", alone: true},

	{Flag: "http.response.maxResults", Instead: "all rows are read, as many as they are: LIMIT bounds them", kind: noted},

	{Flag: "http.proxy.host", Instead: "the variable HTTPS_PROXY, such as HTTPS_PROXY=http://proxy.example:3128", kind: refused},
	{Flag: "http.proxy.password", Instead: "the variable HTTPS_PROXY", kind: refused},
	{Flag: "http.proxy.port", Instead: "the variable HTTPS_PROXY", kind: refused},
	{Flag: "http.proxy.scheme", Instead: "the variable HTTPS_PROXY", kind: refused},
	{Flag: "http.proxy.user", Instead: "the variable HTTPS_PROXY", kind: refused},
	{Flag: "tls.CABundle", Instead: "the variable SSL_CERT_FILE", kind: refused},
	{Flag: "tls.allowInsecure", Instead: "nothing: certificates are always checked", alone: true},
}

// Habits returns the flags of StackQL that are not obeyed, in order: those that
// are ignored, and those that are an error.
func Habits() (taken, refusals []Habit) {
	for _, h := range habits {
		if h.kind == refused {
			refusals = append(refusals, h)
		} else {
			taken = append(taken, h)
		}
	}
	return taken, refusals
}

// habitFlags registers the flags of StackQL that mean nothing here, and those
// that are other names. No help shows them.
func (c *Config) habitFlags(fs *pflag.FlagSet) {
	hide := func(name, noValue string) {
		f := fs.Lookup(name)
		f.Hidden, f.NoOptDefVal = true, noValue
	}
	for _, h := range habits {
		fs.String(h.Flag, "", "")
		if h.alone {
			hide(h.Flag, "true")
		} else {
			hide(h.Flag, "")
		}
	}
	fs.BoolVar(&c.dryrun, "dryrun", false, "")
	hide("dryrun", "true")
}

// checkHabits refuses what must not be ignored, and notes the rest.
func (c *Config) checkHabits() error {
	c.ignored = nil
	for _, h := range habits {
		if !c.Given(h.Flag) {
			continue
		}
		value := c.flags.Lookup(h.Flag).Value.String()
		note := "--" + h.Flag + " does nothing in iql"
		if h.Instead != "" {
			note += ": " + h.Instead
		}
		switch {
		case h.kind == refused:
			return &UsageError{Message: fmt.Sprintf("iql does not obey --%s", h.Flag), Hint: "in its place: " + h.Instead}
		case h.kind == noted && value != "0" && value != "-1":
			c.warnings = append(c.warnings, note)
		default:
			c.ignored = append(c.ignored, note)
		}
	}
	return nil
}

// Ignored returns notes about flags that do nothing, for those who want to know.
func (c *Config) Ignored() []string { return c.ignored }

// OfStackQL reports whether a flag of iql is one of StackQL with the same meaning.
func OfStackQL(flag string) bool { return slices.Contains(sameFlags, flag) }

var sameFlags = []string{
	"apirequesttimeout", "auth", "delimiter", "env.file", "hideheaders", "http.log.enabled", "http.response.pageLimit", "infile", "iqldata",
	"outfile", "output", "var", "verbose",
}
