package config

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/iql-lang/iql/cmd/internal/output"
)

// load returns the configuration of a command line and an environment.
func load(t *testing.T, args []string, env map[string]string) (*Config, error) {
	t.Helper()
	var c Config
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	c.Common(fs)
	c.Query(fs)
	c.Input(fs)
	c.Shell(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatalf("Parse(%q) = %v", args, err)
	}
	return &c, c.Load(fs, func(name string) string { return env[name] })
}

func TestLoad(t *testing.T) {
	tests := []struct {
		name string
		args []string
		env  map[string]string
		got  func(*Config) any
		want any
	}{
		{"built in", nil, nil, func(c *Config) any { return c.Rows.Format.Name + " " + string(c.Rows.Delimiter) }, "table ,"},
		{"flag", []string{"-o", "json"}, nil, func(c *Config) any { return c.Rows.Format.Name }, "json"},
		{"alias", []string{"-o", "NDJSON"}, nil, func(c *Config) any { return c.Rows.Format.Name }, "jsonl"},
		{"environment", nil, map[string]string{"IQL_OUTPUT": "csv"}, func(c *Config) any { return c.Rows.Format.Name }, "csv"},
		{"flag over environment", []string{"-o", "json"}, map[string]string{"IQL_OUTPUT": "csv"}, func(c *Config) any { return c.Rows.Format.Name }, "json"},
		{"suffix", []string{"-f", "a.yaml"}, nil, func(c *Config) any { return c.Rows.Format.Name }, "yaml"},
		{"suffix over environment", []string{"-f", "a.yaml"}, map[string]string{"IQL_OUTPUT": "csv"}, func(c *Config) any { return c.Rows.Format.Name }, "yaml"},
		{"flag over suffix", []string{"-f", "a.yaml", "-o", "table"}, nil, func(c *Config) any { return c.Rows.Format.Name }, "table"},
		{"no suffix", []string{"-f", "a"}, nil, func(c *Config) any { return c.Rows.Format.Name }, "table"},
		{"no null", nil, nil, func(c *Config) any { return c.Rows.Null == nil }, true},
		{"null", []string{"--null", "x"}, nil, func(c *Config) any { return *c.Rows.Null }, "x"},
		{"null that needs quotes in csv alone", []string{"-o", "markdown", "--null", ","}, nil, func(c *Config) any { return *c.Rows.Null }, ","},
		{"empty null", []string{"--null", ""}, nil, func(c *Config) any { return *c.Rows.Null }, ""},
		{"null of the environment", nil, map[string]string{"IQL_NULL": "y"}, func(c *Config) any { return *c.Rows.Null }, "y"},
		{"switch", nil, map[string]string{"IQL_HIDEHEADERS": "1"}, func(c *Config) any { return c.Rows.HideHeaders }, true},
		{"switch off", []string{"-H=false"}, map[string]string{"IQL_HIDEHEADERS": "1"}, func(c *Config) any { return c.Rows.HideHeaders }, false},
		{"dash", nil, map[string]string{"IQL_ERROR_FORMAT": "json"}, func(c *Config) any { return c.ErrorFormat }, "json"},
		{"files", []string{"-i", "a,b", "-i", "c"}, nil, func(c *Config) any { return c.Inputs }, []Input{{File: "a,b"}, {File: "c"}}},
		{"files and statements", []string{"-i", "a", "-c", "SELECT 1", "-i", "b"}, nil, func(c *Config) any { return c.Inputs }, []Input{{File: "a"}, {SQL: "SELECT 1"}, {File: "b"}}},
		{"expect none", []string{"--expect", "none"}, nil, func(c *Config) any { return c.Expect }, Expect{Given: true}},
		{"expect some", []string{"--expect=some"}, nil, func(c *Config) any { return c.Expect }, Expect{Given: true, Some: true}},
		{"expect rows", []string{"--expect=12"}, nil, func(c *Config) any { return c.Expect }, Expect{Given: true, Rows: 12}},
		{"params", []string{"-p", "a=1,2", "--param", "b=3"}, nil, func(c *Config) any { return c.Params }, []string{"a=1,2", "b=3"}},
		{"given", []string{"-i", "a"}, nil, func(c *Config) any { return c.Given("infile") }, true},
		{"not given", nil, map[string]string{"IQL_INFILE": "a"}, func(c *Config) any { return c.Given("infile") }, false},
		{"style", []string{"--table-style", "box"}, nil, func(c *Config) any { return c.Rows.Style }, output.StyleBox},
		{"not expanded", nil, nil, func(c *Config) any { return c.Rows.Expanded }, output.ExpandedOff},
		{"expanded", []string{"-x"}, nil, func(c *Config) any { return c.Rows.Expanded }, output.ExpandedOn},
		{"expanded where it must be", []string{"-x=auto"}, nil, func(c *Config) any { return c.Rows.Expanded }, output.ExpandedAuto},
		{"expanded of the environment", nil, map[string]string{"IQL_EXPANDED": "1"}, func(c *Config) any { return c.Rows.Expanded }, output.ExpandedOn},
		{"width", []string{"--max-width", "60"}, nil, func(c *Config) any { return c.TableWidth(80) }, 60},
		{"width of the terminal", nil, nil, func(c *Config) any { return c.TableWidth(80) }, 80},
		{"any width", nil, map[string]string{"IQL_MAX_WIDTH": "0"}, func(c *Config) any { return c.TableWidth(80) }, 0},
		{"for spreadsheets", []string{"--csv-bom", "--csv-crlf", "--csv-safe"}, nil, func(c *Config) any { return c.Rows.CSVBOM && c.Rows.CSVCRLF && c.Rows.CSVSafe }, true},
		{"usual pager", []string{"--pager"}, nil, func(c *Config) any { return c.Pager == "" && !c.NoPager && c.Given("pager") }, true},
		{"pager", []string{"--pager=less -S"}, nil, func(c *Config) any { return c.Pager }, "less -S"},
		{"pager of the environment", nil, map[string]string{"IQL_PAGER": "more"}, func(c *Config) any { return c.Pager }, "more"},
		{"pager off", nil, map[string]string{"IQL_PAGER": "off"}, func(c *Config) any { return c.NoPager && c.Pager == "" }, true},
		{"pager as a switch", []string{"--pager=false"}, nil, func(c *Config) any { return c.NoPager && c.Pager == "" }, true},
		{"no pager", []string{"--no-pager"}, nil, func(c *Config) any { return c.NoPager }, true},
		{"mock", nil, nil, func(c *Config) any { return c.Backend }, Backend{}},
		{"memory", []string{"--backend", "mock:memory"}, nil, func(c *Config) any { return c.Backend }, Backend{Memory: true}},
		{"file", []string{"--backend", "mock:C:/a.db"}, nil, func(c *Config) any { return c.Backend }, Backend{File: "C:/a.db"}},
		{"file called memory", []string{"--backend", "mock:./memory"}, nil, func(c *Config) any { return c.Backend }, Backend{File: "./memory"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(t, tt.args, tt.env)
			if err != nil {
				t.Fatalf("Load(%q, %v) = %v", tt.args, tt.env, err)
			}
			if diff := cmp.Diff(tt.want, tt.got(c)); diff != "" {
				t.Errorf("Load(%q, %v) (-want +got):\n%s", tt.args, tt.env, diff)
			}
		})
	}
}

func TestLoadErrors(t *testing.T) {
	tests := []struct {
		name string
		args []string
		env  map[string]string
		want UsageError
	}{
		{"format", []string{"-o", "jsno"}, nil, UsageError{`there is no output format "jsno"`, "did you mean json?"}},
		{"format of the environment", nil, map[string]string{"IQL_OUTPUT": "cvs"}, UsageError{`there is no output format "cvs"`, "did you mean csv?"}},
		{"color", []string{"--color", "on"}, nil, UsageError{`--color is "on"`, "choose from auto, always, never"}},
		{"error format", []string{"--error-format", "xml"}, nil, UsageError{`--error-format is "xml"`, "choose from text, json"}},
		{"delimiter", []string{"-d", "::"}, nil, UsageError{`--delimiter is "::"`, `give one character that is no quote and no line break, or \t`}},
		{"no delimiter", []string{"-d", ""}, nil, UsageError{`--delimiter is ""`, `give one character that is no quote and no line break, or \t`}},
		{"null of csv", []string{"-o", "csv", "--null", ","}, nil, UsageError{`--null is ","`, "csv has it without quotes: give a text without the delimiter, quotes and line breaks"}},
		{"null of csv and another delimiter", []string{"-o", "csv", "-d", "|", "--null", "a|b"}, nil, UsageError{`--null is "a|b"`, "csv has it without quotes: give a text without the delimiter, quotes and line breaks"}},
		{"null of tsv", []string{"-f", "a.tsv", "--null", "\t"}, nil, UsageError{`--null is "\t"`, "tsv has it without quotes: give a text without the delimiter, quotes and line breaks"}},
		{"backend", []string{"--backend", "moc"}, nil, UsageError{`there is no backend "moc"`, "did you mean mock?"}},
		{"no file", []string{"--backend", "mock:"}, nil, UsageError{"--backend mock: names no file", "write mock:FILE, or mock for the store in the data folder"}},
		{"style", []string{"--table-style", "bx"}, nil, UsageError{`--table-style is "bx"`, "did you mean box?"}},
		{"expanded", []string{"-x=maybe"}, nil, UsageError{`--expanded is "maybe"`, "choose from off, on, auto"}},
		{"width", []string{"--max-width", "-1"}, nil, UsageError{`--max-width is "-1"`, "give a number of characters, auto for the terminal's width, or 0 to cut none"}},
		{"width that is none", nil, map[string]string{"IQL_MAX_WIDTH": "wide"}, UsageError{`--max-width is "wide"`, "give a number of characters, auto for the terminal's width, or 0 to cut none"}},
		{"pager without a name", []string{"--pager="}, nil, UsageError{"--pager is empty", "name a command, or --no-pager for none"}},
		{"switch", nil, map[string]string{"IQL_CURL": "later"}, UsageError{`IQL_CURL is "later", which --curl does not take`, ""}},
		{"timing", nil, map[string]string{"IQL_TIMING": "verbos"}, UsageError{`--timing is "verbos"`, "did you mean verbose?"}},
		{"on error", []string{"--on-error", "ignore"}, nil, UsageError{`--on-error is "ignore"`, "choose from stop, continue"}},
		{"expect", []string{"--expect", "-1"}, nil, UsageError{`--expect is "-1"`, "give a number of rows, none or some"}},
		{"no profile name", []string{"--profile", ""}, nil, UsageError{"--profile is empty", "is a variable of the shell not set?"}},
		{"no file name", []string{"--configfile", ""}, nil, UsageError{"--configfile is empty", "is a variable of the shell not set?"}},
		{"profile without a file", []string{"--profile", "a"}, nil, UsageError{`there is no profile "a"`, "write [profiles.NAME] into the configuration file: iql config edit"}},
		{"file that is not there", []string{"--configfile", "no/such.toml"}, nil, UsageError{"configuration: open no/such.toml: no such file or directory", "iql config edit makes it"}},
		{"key for a file", []string{"--credentials", `{"private_key":"x"}`}, nil, UsageError{"--credentials takes the name of a file, not what is in it", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.args, tt.env)
			got, ok := errors.AsType[*UsageError](err)
			if !ok {
				t.Fatalf("Load(%q, %v) = %v, want a UsageError", tt.args, tt.env, err)
			}
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("Load(%q, %v) (-want +got):\n%s", tt.args, tt.env, diff)
			}
		})
	}
}

func TestVariable(t *testing.T) {
	for flag, want := range map[string]string{"output": "IQL_OUTPUT", "error-format": "IQL_ERROR_FORMAT", "http.log.enabled": "IQL_HTTP_LOG_ENABLED"} {
		if got := Variable(flag); got != want {
			t.Errorf("Variable(%q) = %q, want %q", flag, got, want)
		}
	}
}

func TestDataDir(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want string // "" for an error
	}{
		{"XDG", map[string]string{"XDG_DATA_HOME": "/data", "HOME": "/home/a"}, "/data/iql"},
		{"home", map[string]string{"HOME": "/home/a"}, "/home/a/.local/share/iql"},
		{"relative XDG is ignored", map[string]string{"XDG_DATA_HOME": "data", "HOME": "/home/a"}, "/home/a/.local/share/iql"},
		{"Windows", map[string]string{"LOCALAPPDATA": "/appdata"}, "/appdata/iql"},
		{"nothing", nil, ""},
		{"relative home", map[string]string{"HOME": "a"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := DataDir(func(name string) string { return tt.env[name] })
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("DataDir(%v) = %q, %v, want %q", tt.env, got, err, tt.want)
			}
		})
	}
}

func TestUseColor(t *testing.T) {
	tests := []struct {
		name     string
		mode     string
		terminal bool
		env      map[string]string
		want     bool
	}{
		{"terminal", Auto, true, nil, true},
		{"pipe", Auto, false, nil, false},
		{"always", Always, false, map[string]string{"NO_COLOR": "1"}, true},
		{"never", Never, true, map[string]string{"CLICOLOR_FORCE": "1"}, false},
		{"NO_COLOR", Auto, true, map[string]string{"NO_COLOR": "1"}, false},
		{"NO_COLOR first", Auto, true, map[string]string{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, false},
		{"CLICOLOR_FORCE", Auto, false, map[string]string{"CLICOLOR_FORCE": "1", "TERM": "dumb"}, true},
		{"CLICOLOR_FORCE off", Auto, false, map[string]string{"CLICOLOR_FORCE": "0"}, false},
		{"CLICOLOR off", Auto, true, map[string]string{"CLICOLOR": "0"}, false},
		{"dumb", Auto, true, map[string]string{"TERM": "dumb"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := UseColor(tt.mode, tt.terminal, func(name string) string { return tt.env[name] }); got != tt.want {
				t.Errorf("UseColor(%q, %v, %v) = %v, want %v", tt.mode, tt.terminal, tt.env, got, tt.want)
			}
		})
	}
}

func TestUTF8(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"nothing", nil, true},
		{"UTF-8", map[string]string{"LANG": "de_DE.UTF-8"}, true},
		{"utf8", map[string]string{"LC_CTYPE": "C.utf8", "LANG": "C"}, true},
		{"Latin-1", map[string]string{"LANG": "de_DE.ISO-8859-1"}, false},
		{"C over all", map[string]string{"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := UTF8(func(name string) string { return tt.env[name] }); got != tt.want {
				t.Errorf("UTF8(%v) = %v, want %v", tt.env, got, tt.want)
			}
		})
	}
}

func TestScreenWidth(t *testing.T) {
	tests := []struct {
		columns        string
		terminal, want int
	}{
		{"", 80, 80}, {"", 0, 0}, {"100", 80, 100}, {"100", 0, 100}, {"0", 80, 80}, {"-5", 80, 80}, {"wide", 80, 80},
	}
	for _, tt := range tests {
		if got := ScreenWidth(func(string) string { return tt.columns }, tt.terminal); got != tt.want {
			t.Errorf("ScreenWidth(COLUMNS=%s, %d) = %d, want %d", tt.columns, tt.terminal, got, tt.want)
		}
	}
}
