package editor

import (
	"os"
	"path/filepath"

	"github.com/reeflective/readline"
	"github.com/reeflective/readline/inputrc"
)

const (
	// menuKeys and searchKeys are the library's keymaps while a menu and a
	// search in the history are open.
	menuKeys   = "menu-select"
	searchKeys = "isearch"
	// leaveKey is fed to the library to leave it: Ctrl-\, which does nothing
	// else, as the terminal makes no signal of it while a line is edited.
	leaveKey = '\x1c'
	// neverMatches is a regular expression. The library colours comments by
	// one, and knows neither SQL's nor strings.
	neverMatches = `[^\x00-\x{10FFFF}]`

	pastesMarked = "\x1b[?2004h"
	pastesAsKeys = "\x1b[?2004l"
)

// newShell returns the library's editor with the person's key bindings. The
// library looks for them in the environment of the process and in the folder
// of the user's account, whatever HOME says; it is told the file here.
func newShell(getenv func(string) string) *readline.Shell {
	const variable = "INPUTRC"
	before, set := os.LookupEnv(variable)
	_ = os.Setenv(variable, inputrcFile(getenv))
	shell := readline.NewShell()
	if set {
		_ = os.Setenv(variable, before)
	} else {
		_ = os.Unsetenv(variable)
	}
	return shell
}

// inputrcFile returns the first file of key bindings that there is, or the one
// that is always empty.
func inputrcFile(getenv func(string) string) string {
	files := []string{getenv("INPUTRC")}
	if home := getenv("HOME"); home != "" {
		files = append(files, filepath.Join(home, ".inputrc"), "/etc/inputrc")
	}
	if home := getenv("USERPROFILE"); home != "" {
		files = append(files, filepath.Join(home, "_inputrc"))
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && !info.IsDir() {
			return file
		}
	}
	return os.DevNull
}

// configure sets what the editor depends on, whatever the person's file says.
func (t *terminal) configure() {
	for name, value := range map[string]any{
		"enable-bracketed-paste": true, // a pasted tab would complete, a pasted line break would run
		"convert-meta":           false,
		"input-meta":             true,
		"output-meta":            true, // with these three, bytes above 127 are letters
		"show-all-if-ambiguous":  true,
		"completion-ignore-case": true,
		// Continuation prompts are show's: the library's stand in the wrong
		// rows when a line wraps.
		"multiline-column":          false,
		"multiline-column-numbered": false,
		"multiline-column-custom":   "",
		"comment-begin":             neverMatches,
		// These would write to the terminal at each key, or take keys.
		"history-autosuggest":      false,
		"autocomplete":             false,
		"autopairs":                false,
		"usage-hint-always":        false,
		"disable-completion":       false,
		"prompt-transient":         false,
		"echo-control-characters":  false,
		"completion-query-items":   -1,
		"completion-display-width": -1,
	} {
		_ = t.rl.Config.Set(name, value) // it never fails
	}
}

// bind makes the keys do what iql's documentation says. The library's commands
// are replaced under their names, so that they are iql's wherever the person
// has bound them.
func (t *terminal) bind() {
	commands := t.rl.Keymap.Commands()
	t.abort = commands["abort"]
	t.next = commands["menu-complete"]
	t.list = commands["possible-completions"]
	reread := commands["re-read-init-file"]
	t.rl.Keymap.Register(map[string]func(){
		"abort":                       t.interrupt,
		"self-insert":                 t.insert,
		"complete":                    t.tab,
		"menu-complete":               t.tab,
		"edit-command-line":           t.edit,
		"edit-and-execute-command":    t.edit,
		"vi-edit-command-line":        t.edit,
		"vi-edit-and-execute-command": t.edit,
		"skip-csi-sequence":           t.skip,
		"insert-comment":              func() {}, // it would run the statement behind a #
		"re-read-init-file":           func() { reread(); t.configure(); t.bindKeys() },
		"iql-newline":                 func() { t.rl.Cursor().InsertAt('\n') },
		"iql-leave":                   t.leave,
	})
	t.bindKeys()
}

// bindKeys binds keys to commands. \M-[ is how the library knows the beginning
// of an escape sequence, where a file would have \e[.
func (t *terminal) bindKeys() {
	up, down := "up-line-or-history", "down-line-or-history"
	for _, keymap := range []string{"emacs", "emacs-standard", "vi-insert"} {
		for keys, command := range map[string]string{
			`\M-[A`: up, `\M-OA`: up, `\M-[B`: down, `\M-OB`: down,
			`\C-o`:     "iql-newline",
			`\C-x\C-e`: "edit-command-line",
			`\M-[200~`: "bracketed-paste-begin",
			`\M-[`:     "skip-csi-sequence", // no letters of it are written
		} {
			_ = t.rl.Config.Bind(keymap, inputrc.Unescape(keys), command, false)
		}
	}
	for keymap := range t.rl.Config.Binds {
		_ = t.rl.Config.Bind(keymap, string(leaveKey), "iql-leave", false)
	}
}

// insert writes the keys that were typed. The library's own would write the
// first letter of those that stand for one character, as of many scripts.
func (t *terminal) insert() {
	keys := t.rl.Keys.Caller()
	if len(keys) == 0 || keys[0] < ' ' || keys[0] == 0x7f {
		return // keys that mean nothing here
	}
	t.rl.History.SkipSave()
	t.rl.Cursor().InsertAt(keys...)
}

// skip takes what is left of an escape sequence that means nothing here. The
// library's own would also take what was typed after one that is whole.
func (t *terminal) skip() {
	t.rl.History.SkipSave()
	keys := t.rl.Keys.Caller()
	if len(keys) > 2 && ends(keys[len(keys)-1]) {
		return
	}
	for {
		key, empty := t.rl.Keys.Pop()
		if empty || ends(rune(key)) {
			return
		}
	}
}

// ends reports whether a character ends an escape sequence that begins with
// ESC [.
func ends(r rune) bool { return r < ' ' || '@' <= r }
