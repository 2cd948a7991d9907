package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// written returns the name of a file with a text.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPrecedence gives a flag in all of the places that it may be given in, or
// some of them.
func TestPrecedence(t *testing.T) {
	const inFlag, inEnv, inProfile, inDefaults = 1, 2, 4, 8
	for places := range 16 {
		env, want, from := map[string]string{}, fmt.Sprint(UsualRetries), "built in"
		var args []string
		path := filepath.Join(t.TempDir(), "config.toml")
		text := "[defaults]\n%s\n[profiles.p]\n%s\n[profiles.q]\nretries = 5\n"
		lines := []any{"", ""}
		if places&inDefaults != 0 {
			lines[0] = "retries = 4"
			want, from = "4", "defaults ("+path+":2)"
		}
		if places&inProfile != 0 {
			lines[1] = "retries = 3"
			want, from = "3", "profile p ("+path+":4)"
		}
		if places&inEnv != 0 {
			env["IQL_RETRIES"] = "2"
			want, from = "2", "IQL_RETRIES"
		}
		if places&inFlag != 0 {
			args = []string{"--retries", "1"}
			want, from = "1", "flag"
		}
		if err := os.WriteFile(path, fmt.Appendf(nil, text, lines...), 0o600); err != nil {
			t.Fatal(err)
		}
		env["IQL_CONFIG"], env["IQL_PROFILE"] = path, "p"
		c, err := load(t, args, env)
		if err != nil {
			t.Fatalf("Load(%q, %v) = %v", args, env, err)
		}
		got, origin := fmt.Sprint(c.Live.Retries), c.Origin("retries").String()
		if got != want || origin != from {
			t.Errorf("places %04b: --retries is %s of %q, want %s of %q", places, got, origin, want, from)
		}
	}
}

func TestFile(t *testing.T) {
	seconds := func(c *Config) any { return c.Timeout.Seconds() }
	format := func(c *Config) any { return c.Rows.Format.Name }
	scopes := func(c *Config) any { return c.Live.Scopes }
	queries := func(c *Config) any { return c.Queries() }
	shell := func(c *Config) any { return fmt.Sprint(c.Prompt, c.HistorySize, c.CompleteIDs) }
	profile := func(c *Config) any { return c.Profile + ", " + c.Origin("profile").Source }
	tests := []struct {
		name string
		text string
		args []string
		got  func(*Config) any
		want any
	}{
		{"empty", "", nil, format, "table"},
		{"comment without a line end", "# nothing", nil, format, "table"},
		{"text", "[defaults]\noutput = 'csv'", nil, format, "csv"},
		{"flag", "[defaults]\noutput = 'csv'", []string{"-o", "json"}, format, "json"},
		{"suffix", "[defaults]\noutput = 'csv'", []string{"-f", "a.yaml"}, format, "yaml"},
		{"integer", "[defaults]\nretries = 1_0", nil, func(c *Config) any { return c.Live.Retries }, 10},
		{"hexadecimal", "[defaults]\nretries = 0x10", nil, func(c *Config) any { return c.Live.Retries }, 16},
		{"integer for text", "[defaults]\nas = 905", nil, func(c *Config) any { return c.As }, "905"},
		{"float", "[defaults]\napirequesttimeout = 1.5", nil, func(c *Config) any { return c.Live.Timeout.Seconds() }, 1.5},
		{"integer for a float", "[defaults]\napirequesttimeout = 2", nil, func(c *Config) any { return c.Live.Timeout.Seconds() }, 2.0},
		{"float for text", "[defaults]\nrate = 2.5", nil, func(c *Config) any { return c.Live.Rate }, 2.5},
		{"boolean", "[defaults]\nhideheaders = true", nil, func(c *Config) any { return c.Rows.HideHeaders }, true},
		{"off by flag", "[defaults]\nhideheaders = true", []string{"-H=false"}, func(c *Config) any { return c.Rows.HideHeaders }, false},
		{"duration", "[defaults]\ntimeout = '90s'", nil, seconds, 90.0},
		{"list", "[defaults]\nscopes = ['a', 'b,c', # d\n]", nil, scopes, []string{"a", "b,c"}},
		{"empty list", "[defaults]\nscopes = []", nil, scopes, []string{}},
		{"list in a text", "[defaults]\nscopes = 'a,b'", nil, scopes, []string{"a", "b"}},
		{"list by flags", "[defaults]\nscopes = ['a']", []string{"--scopes", "b", "--scopes", "c"}, scopes, []string{"b", "c"}},
		{"switch", "[defaults]\ntiming = true", nil, func(c *Config) any { return c.Timing && !c.TimingVerbose }, true},
		{"more than a switch", "[defaults]\ntiming = 'verbose'", nil, func(c *Config) any { return c.Timing && c.TimingVerbose }, true},
		{"empty null", "[defaults]\nnull = ''", nil, func(c *Config) any { return *c.Rows.Null }, ""},
		{"dashes and dots", "[defaults]\nerror_format = 'json'\nhttp_log_enabled = true", nil, func(c *Config) any { return c.ErrorFormat + fmt.Sprint(c.Live.LogHTTP) }, "jsontrue"},

		{"settings of the shell", "[defaults]\nprompt = '%p> '\nhistory_size = 0\ncomplete_ids = false", nil, shell, "%p> 0 false"},
		{"queries", "[queries]\na = 'SELECT 1'\n\"b-2\" = \"\"\"\nSELECT 2\"\"\"", nil, queries, []NamedQuery{{"a", "SELECT 1"}, {"b-2", "SELECT 2"}}},
		{"queries of an inline table", "queries = {a = 'SELECT 1'}", nil, queries, []NamedQuery{{"a", "SELECT 1"}}},

		{"quoted keys", "[\"defaults\"]\n'output' = 'csv'", nil, format, "csv"},
		{"dotted keys", "defaults.output = 'csv'", nil, format, "csv"},
		{"blanks around dots", "profile = 'a b'\nprofiles . \"a b\" . output = 'csv'", nil, format, "csv"},
		{"inline table", "defaults = {output = 'csv', null = '-'}", nil, format, "csv"},
		{"inline tables", "profile = 'a'\nprofiles = {a = {output = 'csv'}}", nil, format, "csv"},
		{"section above sections", "profile = 'a'\n[profiles]\na.output = 'csv'\nb = {}", nil, format, "csv"},
		{"multiline text", "[defaults]\noutput = \"\"\"\\\n  csv\"\"\"", nil, format, "csv"},
		{"byte order mark", "\ufeff[defaults]\noutput = 'csv'", nil, format, "csv"},
		{"CRLF", "[defaults]\r\noutput = 'csv'\r\n# end\r\n", nil, format, "csv"},

		{"no profile", "[profiles.a]\noutput = 'csv'", nil, profile, ", built in"},
		{"profile of the file", "profile = 'a'\n[profiles.a]", nil, profile, "a, config file"},
		{"profile of a flag", "profile = 'a'\n[profiles.a]\n[profiles.b]", []string{"--profile", "b"}, profile, "b, flag"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := written(t, tt.text)
			c, err := load(t, append(tt.args, "--configfile", path), nil)
			if err != nil {
				t.Fatalf("Load of %q = %v", tt.text, err)
			}
			if diff := cmp.Diff(tt.want, tt.got(c)); diff != "" {
				t.Errorf("Load of %q (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestFileErrors(t *testing.T) {
	const (
		notSecret = "keep the key in a file of its own, and name that: credentials = \"FILE\""
		notTable  = "keep the key in a file of its own, and name that"
		listed    = "iql docs configuration lists the keys"
		begin     = "begin a profile with [profiles.NAME]"
	)
	tests := []struct {
		name string
		text string
		want string // after f:
		hint string
	}{
		{"key", "[defaults]\noutptu = 'csv'", `2:1: there is no key "outptu"`, "did you mean output?"},
		{"query that is a number", "[queries]\na = 1", "2:1: a takes the text of a query", ""},
		{"query that is empty", "[queries]\na = ' '", "2:1: a takes the text of a query", ""},
		{"query that is a section", "[queries.a]\nb = 'SELECT 1'", "1:10: a takes the text of a query", ""},
		{"query below a query", "[queries]\na.b = 'SELECT 1'", `2:1: "a.b" is not the name of a query`, "a name is one word"},
		{"query with a blank", "[queries]\n'a b' = 'SELECT 1'", `2:1: "a b" is not the name of a query`, "a name is one word"},
		{"query without a name", "[queries]\n'' = 'SELECT 1'", `2:1: "" is not the name of a query`, "a name is one word"},
		{"query twice", "[queries]\na = 'x'\na = 'y'", "3:1: key a is already defined", ""},
		{"queries as a value", "queries = 'SELECT 1'", "1:1: queries is a section", "begin it with [queries]"},
		{"section like queries", "[querys]\na = 'x'", `1:2: there is no section "querys"`, "did you mean [queries]?"},
		{"key of a profile", "[profiles.a]\n  ouner_as = true", `2:3: there is no key "ouner_as"`, "did you mean owner_as?"},
		{"key like no other", "[defaults]\nxyzzy = 1", `2:1: there is no key "xyzzy"`, listed},
		{"flag for a key", "[defaults]\nerror-format = 'json'", `2:1: there is no key "error-format"`, "did you mean error_format?"},
		{"dotted flag for a key", "[defaults]\nhttp.log.enabled = true", `2:1: there is no key "http.log.enabled"`, "did you mean http_log_enabled?"},
		{"quoted key", "[defaults]\n\"out put\" = 1", `2:1: there is no key "out put"`, "did you mean output?"},
		{"key of an inline table", "defaults = {null = '', outptu = 'csv'}", `1:24: there is no key "outptu"`, "did you mean output?"},
		{"column counts characters", "profiles = {'é' = {outptu = 1}}", `1:20: there is no key "outptu"`, "did you mean output?"},
		{"after a byte order mark", "\ufeffx = 1", `1:1: there is no key "x"`, "choose from profile, defaults, profiles, queries"},
		{"after CRLF", "[defaults]\r\n\r\nx = 1", `3:1: there is no key "x"`, listed},
		{"top", "profil = 'a'", `1:1: there is no key "profil"`, "did you mean profile?"},
		{"no section", "output = 'csv'", "1:1: output is in no section", "write it below [defaults] or [profiles.NAME]"},
		{"section", "[defualts]\noutput = 'csv'", `1:2: there is no section "defualts"`, "did you mean [defaults]?"},
		{"profile for profiles", "[profile.a]\noutput = 'csv'", "1:2: profile is the name of a profile", begin},
		{"dotted profile for profiles", "profile.a.output = 'csv'", "1:1: profile is the name of a profile", begin},
		{"section like no other", "[shell]", `1:2: there is no section "shell"`, sectionsHint},
		{"section of a section", "[defaults.output]", "1:11: output is a table", ""},
		{"unknown section of a section", "[profiles.a.b]", `1:13: there is no key "b"`, listed},
		{"list of sections", "[[profiles]]", "1:3: a section is in one pair of brackets", sectionsHint},
		{"section is a value", "defaults = 1", "1:1: defaults is a section", "begin it with [defaults]"},
		{"profile is a value", "profiles.a = 1", "1:10: a is a section", begin},
		{"one call", "[defaults]\noutfile = 'a'", "2:1: outfile is in a file", "it is for the command line alone: --outfile"},
		{"profile in a section", "[defaults]\nprofile = 'a'", "2:1: profile is in a section", "write it above the sections"},
		{"profile is no text", "profile = 1", "1:1: profile takes the name of a profile", ""},
		{"profile that is not there", "\nprofile = 'distrct'\n[profiles.district]", `2:1: there is no profile "distrct"`, "did you mean district?"},
		{"profile without profiles", "profile = 'a'", `1:1: there is no profile "a"`, begin},

		{"word", "[defaults]\noutput = 'jsno'", `2:10: output: there is no output format "jsno"`, "did you mean json?"},
		{"other word", "[profiles.a]\ncolor = 'blue'", `2:9: color is "blue"`, "choose from auto, always, never"},
		{"dash", "[profiles.a]\nerror_format = 'xml'", `2:16: error_format is "xml"`, "choose from text, json"},
		{"rate", "[defaults]\nrate = 'fast'", `2:8: rate is "fast"`, "write 5/s, or 300/m"},
		{"boolean", "[defaults]\nhideheaders = 'perhaps'", `2:15: hideheaders is "perhaps", which --hideheaders does not take`, ""},
		{"integer", "[defaults]\nretries = 1.5", `2:11: retries is "1.5", which --retries does not take`, ""},
		{"negative", "[defaults]\nretries = -1", "2:11: retries is -1", "0 is never"},
		{"infinite", "[defaults]\napirequesttimeout = inf", "2:21: apirequesttimeout is +Inf", "give seconds, more than none and at most a day"},
		{"duration", "[defaults]\ntimeout = 90", `2:11: timeout is "90", which --timeout does not take`, ""},
		{"boolean for text", "[defaults]\nas = true", "2:6: as takes text, not true or false", ""},
		{"list for text", "[defaults]\nas = ['a']", "2:1: as takes one value, not a list", ""},
		{"list of numbers", "[defaults]\nscopes = ['a', 1]", "2:1: scopes takes text, a number, true, false or a list of texts", ""},
		{"date", "[defaults]\nas = 2026-01-02", "2:6: as takes text, a number, true, false or a list of texts", ""},
		{"backend", "[defaults]\nbackend = 'mock:'", "2:11: backend mock: names no file", "write mock:FILE, or mock for the store in the data folder"},
		{"profile not in force", "profile = 'a'\n[profiles.a]\n[profiles.b]\noutput = 'x'", `4:10: output: there is no output format "x"`, "choose from table, box, csv, tsv, json, jsonl, line, value, text, markdown, html, yaml, chart"},

		{"key file in a table", "[profiles.a.credentials]\nprivate_key = 'PRIVATE'", "1:13: credentials is a table: a key has no place here", notTable},
		{"key file in braces", "[profiles.a]\ncredentials = {private_key = 'PRIVATE'}", "2:1: credentials is a table: a key has no place here", notTable},
		{"key file in JSON", "[profiles.a]\ncredentials = '{\"x\":\"PRIVATE\"}'", "2:15: credentials holds what may be a secret", notSecret},
		{"token for a key file", "[profiles.a]\ncredentials = 'PRIVATE'", "2:15: credentials takes the name of a file", "begin it with / or ./ or ~/, or end it with .json"},
		{"auth in JSON", "[profiles.a]\nauth = '{\"refresh_token\":\"PRIVATE\"}'", "2:8: auth holds what may be a secret", notSecret},
		{"auth in a table", "[profiles.a.auth]", "1:13: auth is a table: a key has no place here", notTable},
		{"auth by a dotted key", "profiles.a.auth.token = 'PRIVATE'", "1:12: auth is a table: a key has no place here", notTable},
		{"token for auth", "[profiles.a]\nauth = 'PRIVATE'", "2:8: auth holds what may be a secret", notSecret},
		{"key in another place", "[profiles.a]\nas = '-----BEGIN PRIVATE KEY-----'", "2:6: as holds what may be a secret", notSecret},
		{"secret key", "[profiles.a]\nprivate_key = 'PRIVATE'", `2:1: there is no key "private_key"`, listed},

		{"not TOML", "[defaults]\noutput csv", "2:8: expected '=' after key", ""},
		{"not closed", "[defaults", "1:9: expected ']' to close table name", ""},
		{"text is not closed", "[defaults]\nas = 'a\nnull = ''", "2:8: literal strings cannot have new lines", ""},
		{"key twice", "[defaults]\nas = 'a'\nas = 'b'", "3:1: key as is already defined", ""},
		{"section twice", "[defaults]\n[profiles.a]\n[defaults]", "3:2: table defaults already exists", ""},
		{"inline table twice", "defaults = {as = 'a', as = 'b'}", "1:1: key as is already defined", ""},
		{"integer with a zero", "[defaults]\nretries = 01", "2:11: integers cannot have leading zeroes", ""},
		{"carriage return alone", "[defaults]\rretries = 1", "1:11: expected newline but got U+000D", ""},
		{"not UTF-8", "[defaults]\nas = '\xe9'", "2:7: this is not UTF-8", "save it as UTF-8"},
		{"UTF-16", "\xff\xfe[\x00", "1:1: this is not UTF-8", "save it as UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseFile("f", "/home/a", []byte(tt.text))
			got, ok := errors.AsType[*UsageError](err)
			if !ok {
				t.Fatalf("parseFile(%q) = %v, want a UsageError", tt.text, err)
			}
			if diff := cmp.Diff(&UsageError{"f:" + tt.want, tt.hint}, got); diff != "" {
				t.Errorf("parseFile(%q) (-want +got):\n%s", tt.text, diff)
			}
			if strings.Contains(got.Message+got.Hint, "PRIVATE") {
				t.Errorf("the error shows the secret: %v", got)
			}
		})
	}
}

func TestFileIsBounded(t *testing.T) {
	path := written(t, strings.Repeat("#", maxFile+1))
	_, err := load(t, []string{"--configfile", path}, nil)
	if want := path + " is longer than 256 KB"; err == nil || err.Error() != want {
		t.Errorf("Load = %v, want %s", err, want)
	}
	if err := os.Truncate(path, maxFile); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, []string{"--configfile", path}, nil); err != nil {
		t.Errorf("Load = %v", err)
	}
}

func TestNamesOfFiles(t *testing.T) {
	tests := []struct{ key, value, want string }{
		{"credentials", "~/sa.json", "/home/a/sa.json"},
		{"credentials", "sa.json", "/etc/iql/sa.json"},
		{"credentials", "./sa", "/etc/iql/sa"},
		{"credentials", "/sa.json", "/sa.json"},
		{"credentials", "", ""},
		{"auth", "~/sa.json", "/home/a/sa.json"},
		{"auth", "@sa.json", "/etc/iql/sa.json"},
		{"auth", "login", "login"},
		{"seed", "school.yaml", "/etc/iql/school.yaml"},
		{"seed", "demo", "demo"},
		{"http_log", "-", "-"},
		{"http_log", "sent.jsonl", "/etc/iql/sent.jsonl"},
		{"backend", "mock:~/a.db", "mock:/home/a/a.db"},
		{"backend", "mock:memory", "mock:memory"},
		{"backend", "mock", "mock"},
		{"backend", "live", "live"},
		{"as", "~/a", "~/a"},
	}
	for _, tt := range tests {
		text := fmt.Sprintf("[defaults]\n%s = '%s'", tt.key, tt.value)
		f, err := parseFile("/etc/iql/config.toml", "/home/a", []byte(text))
		if err != nil {
			t.Errorf("parseFile(%q) = %v", text, err)
			continue
		}
		if got := filepath.ToSlash(f.defaults[strings.ReplaceAll(tt.key, "_", "-")].values[0]); got != tt.want {
			t.Errorf("parseFile(%q): %s is %q, want %q", text, tt.key, got, tt.want)
		}
	}
}

// TestLoadOfOthers checks a command that runs no statements: the file sets what
// every command has, no flag that is the command's own, and stops nothing.
func TestLoadOfOthers(t *testing.T) {
	tests := []struct{ name, text, want, wrong string }{
		{"good", "[defaults]\nseed = 'demo'\ncolor = 'never'\nretries = 1", "never empty", ""},
		{"wrong", "[defaults]\ncolor = 'never'\nx = 1", "auto empty", "x"},
		{"no such profile", "profile = 'a'\n[defaults]\ncolor = 'never'", "auto empty", `there is no profile "a"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c Config
			fs := pflag.NewFlagSet("", pflag.ContinueOnError)
			c.Common(fs)
			seed := fs.String("seed", "empty", "")
			path := written(t, tt.text)
			env := map[string]string{"IQL_CONFIG": path}
			if err := c.Load(fs, func(name string) string { return env[name] }); err != nil {
				t.Fatalf("Load of %q = %v", tt.text, err)
			}
			if got := c.Color + " " + *seed; got != tt.want || c.File != path {
				t.Errorf("Load of %q: %s of %s, want %s of %s", tt.text, got, c.File, tt.want, path)
			}
			if err := c.FileError(); (err != nil) != (tt.wrong != "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("FileError of %q = %v, want %q", tt.text, err, tt.wrong)
			}
		})
	}
}

// TestLoadOfAccess has commands that print no rows and ask as somebody, who is
// in the file.
func TestLoadOfAccess(t *testing.T) {
	path := written(t, "profile = 'a'\n[profiles.a]\nas = 'a@example.edu'\nscopes = ['x']\nbackend = 'live'\nrate = '5/s'\ntimeout = '1s'")
	for name, register := range map[string]func(*Config, *pflag.FlagSet){
		"Person": (*Config).Person, "Credentials": (*Config).Credentials, "Access": (*Config).Access,
	} {
		var c Config
		fs := pflag.NewFlagSet("", pflag.ContinueOnError)
		c.Common(fs)
		register(&c, fs)
		if err := c.Load(fs, func(string) string { return "" }); err != nil || c.As != "" {
			t.Errorf("%s: Load of nothing = %v, as %q", name, err, c.As)
		}
		env := map[string]string{"IQL_CONFIG": path}
		if err := c.Load(fs, func(name string) string { return env[name] }); err != nil || c.FileError() != nil {
			t.Errorf("%s: Load = %v, %v", name, err, c.FileError())
		}
		if c.As != "a@example.edu" || len(c.Live.Scopes) != 1 || c.Backend.Live != (name == "Access") || c.BuiltIn("as") {
			t.Errorf("%s: as %q with %q, backend %v", name, c.As, c.Live.Scopes, c.Backend)
		}
	}
}

func TestUsualFile(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want string
	}{
		{"XDG", map[string]string{"XDG_CONFIG_HOME": "/etc/a", "HOME": "/home/a"}, "/etc/a/iql/config.toml"},
		{"home", map[string]string{"HOME": "/home/a"}, "/home/a/.config/iql/config.toml"},
		{"relative XDG is ignored", map[string]string{"XDG_CONFIG_HOME": "a", "HOME": "/home/a"}, "/home/a/.config/iql/config.toml"},
		{"nothing", nil, ""},
		{"relative home", map[string]string{"HOME": "a"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := UsualFile(func(name string) string { return tt.env[name] }); got != tt.want {
				t.Errorf("UsualFile(%v) = %q, want %q", tt.env, got, tt.want)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	shared := written(t, "")
	if err := os.Chmod(shared, 0o620); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		env  map[string]string
		want []string
	}{
		{"nothing", nil, nil, nil},
		{"own file", []string{"--configfile", written(t, "")}, nil, nil},
		{"file of others too", []string{"--configfile", shared}, nil, []string{shared + " can be written by others: chmod go-w keeps it yours"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(t, tt.args, tt.env)
			if err != nil {
				t.Fatalf("Load(%q, %v) = %v", tt.args, tt.env, err)
			}
			if diff := cmp.Diff(tt.want, c.Warnings()); diff != "" {
				t.Errorf("Warnings() after Load(%q, %v) (-want +got):\n%s", tt.args, tt.env, diff)
			}
		})
	}
}

func TestSettingsHideSecrets(t *testing.T) {
	tests := []struct {
		key, given string
		env        bool
		want       string
	}{
		{"auth", "", true, ""},
		{"auth", "none", false, "none"},
		{"auth", "adc", true, "adc"},
		{"auth", "/home/a/sa.json", false, "a file /home/a/sa.json"},
		{"auth", "@sa.JSON", false, "a file sa.JSON"},
		{"auth", `{"private_key":"SECRET"}`, false, "JSON of the command line"},
		{"auth", ` {"private_key":"SECRET"}`, true, "JSON of IQL_AUTH"},
		{"auth", "ya29.SECRET", false, "a value of the command line"},
		{"auth", "1//0gSECRET", true, "a value of IQL_AUTH"},
		{"credentials", "./sa", false, "./sa"},
		{"credentials", "SECRET", false, "a file"},
		{"endpoint", "http://u:SECRET@h/", false, "http://REDACTED@h/"},
		{"endpoint", "http://SECRET@h/?key=SECRET", false, "http://REDACTED@h/?REDACTED"},
		{"endpoint", "http://%zz:SECRET@h/", false, "REDACTED"},
		{"endpoint", "u:SECRET@h", false, "REDACTED"},
		{"endpoint", "http://127.0.0.1:8085/", false, "http://127.0.0.1:8085/"},
		{"scopes", "a,b", false, "a,b"},
		{"timing", "1", true, "on"},
	}
	for _, tt := range tests {
		args, env := []string{"--" + tt.key + "=" + tt.given}, map[string]string{}
		if tt.env {
			args, env = nil, map[string]string{Variable(tt.key): tt.given}
		}
		c, err := load(t, args, env)
		if err != nil {
			t.Errorf("Load(%q, %v) = %v", args, env, err)
			continue
		}
		for _, s := range c.Settings() {
			if s.Key == tt.key && s.Value != tt.want {
				t.Errorf("Settings() after Load(%q, %v): %s is %q, want %q", args, env, s.Key, s.Value, tt.want)
			}
		}
	}
}

func TestProfiles(t *testing.T) {
	path := written(t, "[defaults]\nas = 'd'\n[profiles.z]\nbackend = 'live'\n[profiles.a]\nas = 'a'")
	c, err := load(t, []string{"--configfile", path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Profile{{"z", "live", "d"}, {"a", "mock", "a"}}
	if diff := cmp.Diff(want, c.Profiles()); diff != "" {
		t.Errorf("Profiles() (-want +got):\n%s", diff)
	}
}

// TestKeys checks that the keys are all there, and one by one of a flag.
func TestKeys(t *testing.T) {
	names := make(map[string]bool)
	for _, key := range Keys() {
		if names[key.Name] {
			t.Errorf("two flags have the key %s", key.Name)
		}
		names[key.Name] = true
	}
	for _, name := range []string{"output", "owner_as", "http_log", "http_log_enabled", "verbose"} {
		if !names[name] {
			t.Errorf("Keys() has no %s", name)
		}
	}
	for _, name := range append(ofOneCall, "help", "version") {
		if names[name] {
			t.Errorf("Keys() has %s", name)
		}
	}
}

// FuzzFile checks that the errors of a file are about a place in it.
func FuzzFile(f *testing.F) {
	for _, text := range []string{
		"", "profile = 'a'\n[profiles.a]\nscopes = ['a']\n[defaults]\nretries = 1", "defaults = {output = 'csv', x.y = 1}",
		"\ufeff[defaults]\r\nnull = \"\"\"\n\"\"\"", "[[profiles]]", "[profiles.'é']\nxyz = 1", "\"\" = 1", "a = [1, [2, {b = 3}]]", "\xff",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := parseFile("f", "/home/a", data)
		if err == nil || len(data) > maxFile {
			return
		}
		var line, column int
		if _, scanErr := fmt.Sscanf(err.Error(), "f:%d:%d: ", &line, &column); scanErr != nil {
			t.Fatalf("parseFile(%q) = %v, which has no place", data, err)
		}
		lines := strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n")
		if line < 1 || line > len(lines) || column < 1 || column > len([]rune(lines[line-1]))+1 {
			t.Errorf("parseFile(%q) = %v, which is not in it", data, err)
		}
	})
}
