package cli

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom/live"
	"github.com/iql-lang/iql/sqlengine"
)

func TestSkewed(t *testing.T) {
	for _, tt := range []struct {
		skew         time.Duration
		status, says string
	}{
		{0, good, "right to the second"},
		{4 * time.Second, odd, "4s fast"},
		{-maxSkew, odd, "1m0s slow"},
		{maxSkew + time.Second, bad, "UNAUTHENTICATED: the clock of this machine is 1m1s fast"},
		{-time.Hour, bad, "UNAUTHENTICATED: the clock of this machine is 1h0m0s slow"},
	} {
		d := &doctor{}
		d.skewed("clock", tt.skew)
		if f := d.findings[0]; f.Status != tt.status || f.Message != tt.says || (f.Hint == "") != (tt.status == good) {
			t.Errorf("skewed(%v) = %+v, want %s %s", tt.skew, f, tt.status, tt.says)
		}
	}
}

// TestExitOfDoctor has failures of several kinds: the largest code wins.
func TestExitOfDoctor(t *testing.T) {
	d := &doctor{}
	if d.exit() != sqlengine.ExitDone || d.sum() != "nothing is wrong" {
		t.Errorf("nothing: exit code %d, %s", d.exit(), d.sum())
	}
	d.fail("a", "", context.Canceled, "")
	d.warn("b", "", "odd", "")
	if d.exit() != sqlengine.ExitDone || d.sum() != "1 warning" {
		t.Errorf("a warning: exit code %d, %s", d.exit(), d.sum())
	}
	for _, tt := range []struct {
		err  error
		want int
	}{
		{&config.UsageError{Message: "no"}, sqlengine.ExitUsage},
		{provider.Errorf(provider.Unauthenticated, "no"), sqlengine.ExitAuth},
		{provider.Errorf(provider.PermissionDenied, "no"), sqlengine.ExitRefused},
		{provider.Errorf(provider.Unavailable, "no"), sqlengine.ExitLater},
		{errors.New("no"), sqlengine.ExitLater},
	} {
		if d.fail("c", "", tt.err, "do it"); d.exit() != tt.want || d.findings[len(d.findings)-1].Hint != "do it" {
			t.Errorf("after %v: exit code %d, want %d", tt.err, d.exit(), tt.want)
		}
	}
	if d.sum() != "5 failures, 1 warning" {
		t.Errorf("sum = %s", d.sum())
	}
}

// TestProbes finds a call for each scope that tokens are asked for.
func TestProbes(t *testing.T) {
	var tried []string
	for _, p := range probes {
		scopes := live.ScopesOf(p.method)
		if scopes == nil {
			t.Errorf("there is no method %s", p.method)
		}
		tried = append(tried, scopes...)
	}
	for _, scope := range live.Scopes() {
		if !slices.Contains(tried, scope) {
			t.Errorf("no call needs %s", scope)
		}
	}
}
