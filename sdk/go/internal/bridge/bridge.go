// Package bridge lets cronobstest run a handler as a worker would, by what package cronobs does not export.
package bridge

import (
	"context"
	"time"
)

// A Spec is what the execution is made of, and when it is told to end.
type Spec struct {
	Task, ContentType, Traceparent string
	Attempt, MaxAttempts           int
	Payload                        []byte
	Labels                         map[string]string
	CancelAfter                    time.Duration // negative: never
	Cause                          error
}

// A Line of a log.
type Line struct{ Level, Text string }

// A Progress as it was told; percent negative: none yet.
type Progress struct {
	Percent int
	Note    string
}

// Ran is what a worker would have published.
type Ran struct {
	Status, Reason string
	Message        string // "": none
	ExitCode       *int
	Result         []byte // nil: none
	Lines          []Line
	Progress       []Progress
}

// Run is set by package cronobs; handler is a cronobs.Handler.
var Run func(ctx context.Context, handler any, spec Spec) Ran
