package cli

import (
	"os/exec"
	"runtime"

	"github.com/iql-lang/iql/cmd/internal/config"
)

// hasDisplay reports whether a browser that is opened would be seen by whoever
// runs iql.
func hasDisplay(env config.Env) bool {
	switch {
	case env("SSH_CONNECTION") != "":
		return false
	case runtime.GOOS == "windows", runtime.GOOS == "darwin":
		return true
	}
	return env("DISPLAY") != "" || env("WAYLAND_DISPLAY") != ""
}

// openBrowser opens an address in the browser, and does not wait for it.
func openBrowser(address string) error {
	command := []string{"xdg-open", address}
	switch runtime.GOOS {
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler", address}
	case "darwin":
		command = []string{"open", address}
	}
	cmd := exec.Command(command[0], command[1:]...)
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
