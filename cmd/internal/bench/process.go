package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// program is a command. Its rows are lines of CSV without a header: in the file
// that it writes itself, or else of its standard output.
type program struct {
	path string
	args []string
	env  []string // beside PATH and HOME
	out  string   // the file for rows
	// own says that it writes the file itself. Else its standard output is the
	// file, or, for pipe, a pipe on which the first row is waited for.
	own, pipe bool
}

// measure is what one run took.
type measure struct {
	wall  time.Duration
	first time.Duration // until the first row, of a pipe
	rss   int64         // bytes, at most
	rows  int

	calls       int // of methods
	requests    int // of HTTP; a batch is one
	tokens      int
	connections int
	most        int // HTTP requests that were under way at once
}

// run runs the program to its end.
//
// Linux takes a new process to be as large as the one that started it was, so
// that no peak below that of bench itself can be seen.
func (p program) run(ctx context.Context, home string) (m measure, err error) {
	cmd := exec.CommandContext(ctx, p.path, p.args...)
	cmd.Env = append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"}, p.env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	var pipe io.Reader
	switch {
	case p.pipe:
		if pipe, err = cmd.StdoutPipe(); err != nil {
			return m, err
		}
	case !p.own && p.out != "":
		f, err := os.Create(p.out)
		if err != nil {
			return m, err
		}
		defer f.Close() // the child has it, and wrote it
		cmd.Stdout = f
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return m, err
	}
	if pipe != nil {
		m.first, m.rows = readRows(pipe, start)
	}
	err = cmd.Wait()
	m.wall = time.Since(start)
	if err != nil {
		return m, fmt.Errorf("%s: %w\n%s", p, err, &stderr)
	}
	m.rss = peak(cmd.ProcessState)
	if p.out != "" {
		m.rows, err = countLines(p.out)
	}
	return m, err
}

func (p program) String() string {
	text := p.path + " " + strings.Join(p.args, " ")
	return text[:min(len(text), 300)]
}

// readRows reads to the end. It returns when the first line was there, and how
// many there were.
func readRows(r io.Reader, start time.Time) (first time.Duration, rows int) {
	lines := bufio.NewReader(r)
	for {
		_, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return first, rows
		}
		if rows++; rows == 1 {
			first = time.Since(start)
		}
	}
}

func countLines(file string) (int, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	buf := make([]byte, 64<<10)
	for n := 0; ; {
		read, err := f.Read(buf)
		n += bytes.Count(buf[:read], []byte("\n"))
		switch {
		case err == io.EOF:
			return n, nil
		case err != nil:
			return 0, err
		}
	}
}
