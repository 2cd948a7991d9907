package config

import (
	"path/filepath"
	"strings"
)

// Backend says what answers for Classroom.
type Backend struct {
	// Live is Google, or what --endpoint names; else it is the mock.
	Live bool
	// File is the mock's store, "" the one in the user's data folder.
	File   string
	Memory bool // the mock's store is in memory and ends with the process
}

// parseBackend reads mock, mock:memory and mock:FILE.
func parseBackend(s string) (Backend, error) {
	kind, rest, found := strings.Cut(s, ":")
	switch {
	case s == "live":
		return Backend{Live: true}, nil
	case kind != "mock":
		return Backend{}, unknown("backend", s, []string{"mock", "mock:memory", "mock:FILE", "live"})
	case !found:
		return Backend{}, nil
	case rest == "memory":
		return Backend{Memory: true}, nil
	case rest == "":
		return Backend{}, &UsageError{Message: "--backend mock: names no file", Hint: "write mock:FILE, or mock for the store in the data folder"}
	}
	return Backend{File: rest}, nil
}

// DataDir returns iql's folder for data that stays, as the XDG Base Directory
// Specification has it (https://specifications.freedesktop.org/basedir/latest/):
// $XDG_DATA_HOME/iql, or ~/.local/share/iql. The folder may not exist yet.
func DataDir(env Env) (string, error) {
	if dir := folder(env, "XDG_DATA_HOME", "share"); dir != "" {
		return dir, nil
	}
	return "", &UsageError{
		Message: "there is no folder to keep the mock backend's store in: neither HOME nor XDG_DATA_HOME is set",
		Hint:    "name a file: --backend mock:FILE, or keep nothing: --backend mock:memory",
	}
}

// StateDir returns iql's folder for what it remembers, as the specification of
// [DataDir] has it: $XDG_STATE_HOME/iql, or ~/.local/state/iql. It may not exist
// yet.
func StateDir(env Env) (string, error) {
	if dir := folder(env, "XDG_STATE_HOME", "state"); dir != "" {
		return dir, nil
	}
	return "", &UsageError{
		Message: "there is no folder for what iql remembers: neither HOME nor XDG_STATE_HOME is set",
		Hint:    "set one of them",
	}
}

// folder returns a folder of iql: that of a variable, or one in the home folder;
// "" if there is none.
func folder(env Env, variable, name string) string {
	if dir := env(variable); filepath.IsAbs(dir) { // the specification ignores others
		return filepath.Join(dir, "iql")
	}
	if home := env("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", name, "iql")
	}
	if dir := env("LOCALAPPDATA"); filepath.IsAbs(dir) { // Windows
		return filepath.Join(dir, "iql")
	}
	return ""
}
