package main

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// authCmds are the commands of scripts about who iql is.
var authCmds = map[string]func(*testscript.TestScript, bool, []string){
	"key":    key,
	"client": client,
	"signin": signin,
	"ahead":  ahead,
}

// privateKey is the one that all service accounts have, as PEM.
var privateKey = sync.OnceValue(func() string {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text}))
})

// serviceAccount is the file of a service account's key whose tokens the emulator
// at an address makes.
func serviceAccount(endpoint string) map[string]any {
	return map[string]any{
		"type": "service_account", "project_id": "project", "private_key_id": "k1", "private_key": privateKey(),
		"client_email": "robot@project.iam.gserviceaccount.com", "client_id": "104912000000000000007",
		"token_uri": endpoint + "token",
	}
}

// oauthClient is the file of an OAuth client whose pages the emulator at an
// address has.
func oauthClient(endpoint string) map[string]any {
	return map[string]any{"installed": map[string]any{
		"client_id": "77-x.apps.googleusercontent.com", "client_secret": "GOCSPX-secret",
		"auth_uri": endpoint + "o/oauth2/v2/auth", "token_uri": endpoint + "token",
	}}
}

// writeJSON writes a file that others cannot read.
func writeJSON(path string, content any) error {
	text, err := json.Marshal(content)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// key FILE writes the key of a service account of the emulator at ENDPOINT.
func key(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: key FILE")
	}
	ts.Check(writeJSON(ts.MkAbs(args[0]), serviceAccount(ts.Getenv("ENDPOINT"))))
}

// client FILE writes an OAuth client of the emulator at ENDPOINT.
func client(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: client FILE")
	}
	ts.Check(writeJSON(ts.MkAbs(args[0]), oauthClient(ts.Getenv("ENDPOINT"))))
}

// signin CODE ARGUMENT... runs iql auth login, follows the address that it prints
// as a browser does, checks the exit code, and writes what was printed to the
// files told (standard error) and rows (standard output).
func signin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: signin CODE ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	cmd := exec.Command("iql", append([]string{"auth", "login", "--no-browser"}, args[1:]...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "GORACE=" + os.Getenv("GORACE")}
	for _, name := range []string{"HOME", "IQL_KEYRING", "GOOGLE_OAUTH_ACCESS_TOKEN"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	var rows strings.Builder
	cmd.Stdout = &rows
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	told, browseErr := follow(stderr)
	err = cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok {
		ts.Check(errors.Join(err, browseErr))
	} else if browseErr != nil {
		ts.Fatalf("%v, %v", browseErr, exit)
	}
	ts.Check(os.WriteFile(ts.MkAbs("told"), []byte(told), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("rows"), []byte(rows.String()), 0o600))
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d:\n%s", got, want, told)
	}
}

// follow opens the address that stands on a line of its own, and returns all
// lines.
func follow(r io.Reader) (text string, err error) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		line := lines.Text()
		text += line + "\n"
		if !strings.HasPrefix(line, "http") || err != nil {
			continue
		}
		var resp *http.Response
		if resp, err = http.Get(line); err == nil {
			err = resp.Body.Close()
		}
	}
	return text, err
}

// ahead DURATION puts the emulator at ENDPOINT behind a clock that is wrong: this
// machine's is ahead of it.
func ahead(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ahead DURATION")
	}
	by, err := time.ParseDuration(args[0])
	ts.Check(err)
	target, err := url.Parse(ts.Getenv("ENDPOINT"))
	ts.Check(err)
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(resp *http.Response) error {
			resp.Header.Set("Date", time.Now().Add(-by).UTC().Format(http.TimeFormat))
			return nil
		},
	})
	ts.Defer(front.Close)
	ts.Setenv("ENDPOINT", front.URL+"/")
}
