//go:build !unix

package cli

import (
	"context"
	"os"
)

// readable does not wait here: the read does.
func readable(context.Context, *os.File) error { return nil }
