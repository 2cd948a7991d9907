package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// What iql emulate makes up.
const (
	asker       = "admin@example.edu"
	firstCourse = 100_001
)

// school is an iql emulate that serves, or, where it was told to keep its
// school in a file, has done so.
type school struct {
	size  string
	store string // the file; "" for memory
	url   string
	cmd   *exec.Cmd
}

// open starts the emulator.
func (b *bench) open(ctx context.Context, size string, stored bool) (*school, error) {
	s := &school{size: size}
	args := []string{"emulate", "--listen", "127.0.0.1:0"}
	if n, ok := strings.CutPrefix(size, pupils); ok {
		seed, err := b.class(n)
		if err != nil {
			return nil, err
		}
		args = append(args, "--seed", seed)
	} else {
		args = append(args, "--synthetic", size)
	}
	if stored {
		s.store = filepath.Join(b.dir, "school.db")
		args = append(args, "--store", s.store)
	}
	s.cmd = exec.CommandContext(ctx, b.iql, args...)
	s.cmd.Env = []string{"HOME=" + b.home(), "PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"}
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		return nil, fmt.Errorf("iql emulate says %q, not its address: %w", line, errors.Join(err, s.stop()))
	}
	s.url = url
	return s, nil
}

// pupils begins the size of a school of one course and so many pupils, nobody of
// whom is invited, and who may be invited again and again in a day.
const pupils = "pupils="

// class writes the seed of such a school to a file.
func (b *bench) class(size string) (string, error) {
	n, err := strconv.Atoi(size)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "limits: {invitationsPerDay: 1000000}\nusers:\n- {email: %s, name: Alex Admin, admin: true}\n", asker)
	for i := range n {
		fmt.Fprintf(&text, "- {email: %s, name: Pupil %d}\n", pupil(i), i)
	}
	fmt.Fprintf(&text, "courses:\n- {id: \"%d\", name: Algebra, ownerId: %s, courseState: ACTIVE}\n", firstCourse, asker)
	file := filepath.Join(b.dir, "class.yaml")
	return file, os.WriteFile(file, []byte(text.String()), 0o600)
}

func pupil(i int) string { return fmt.Sprintf("pupil%04d@example.edu", i) }

// stop ends the emulator. What it kept in a file stays there.
func (s *school) stop() error {
	if s == nil || s.cmd == nil {
		return nil
	}
	cmd := s.cmd
	s.cmd = nil
	if cmd.Process.Signal(os.Interrupt) != nil {
		_ = cmd.Process.Kill() // it may have ended
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("iql emulate: %w", err)
	}
	return nil
}

// remove removes what the school is kept in.
func (s *school) remove() error {
	if s == nil || s.store == "" {
		return nil
	}
	files, err := filepath.Glob(s.store + "*")
	for _, file := range files {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

// control asks what is the emulator's own.
func (s *school) control(ctx context.Context, verb, path, body string, into any) error {
	req, err := http.NewRequestWithContext(ctx, verb, s.url+"_emulator/"+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%s %s: %s %s", verb, path, resp.Status, text)
	case into == nil:
		return nil
	}
	return json.Unmarshal(text, into)
}

// wait sets how long each request waits.
func (s *school) wait(ctx context.Context, latency time.Duration) error {
	return s.control(ctx, http.MethodPost, "faults", fmt.Sprintf(`{"latency": %q}`, latency), nil)
}

// counted runs a program and counts what it asks of the school, which is nil for
// a program that asks nothing.
func (s *school) counted(ctx context.Context, p program, home string) (measure, error) {
	if s == nil || s.cmd == nil {
		return p.run(ctx, home)
	}
	if err := s.control(ctx, http.MethodPost, "reset", "", nil); err != nil {
		return measure{}, err
	}
	m, err := p.run(ctx, home)
	if err != nil {
		return m, err
	}
	var stats struct {
		Requests     map[string]int
		HTTPRequests int
		MaxInFlight  int
		Connections  int
	}
	if err := s.control(ctx, http.MethodGet, "stats", "", &stats); err != nil {
		return m, err
	}
	for method, n := range stats.Requests {
		if method == "token" {
			m.tokens = n
			continue
		}
		m.calls += n
	}
	m.requests, m.most, m.connections = stats.HTTPRequests-m.tokens, stats.MaxInFlight, stats.Connections
	return m, nil
}

// makeKey makes a key for service accounts.
func makeKey() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), err
}

// keyFile writes the key file of a service account that gets its tokens from the
// school.
func (b *bench) keyFile(s *school) (string, error) {
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "bench", "private_key_id": "1", "private_key": b.key,
		"client_email": "bench@bench.iam.gserviceaccount.com", "client_id": "1", "token_uri": s.url + "token",
	})
	if err != nil {
		return "", err
	}
	file := filepath.Join(b.dir, "key.json")
	return file, os.WriteFile(file, text, 0o600)
}
