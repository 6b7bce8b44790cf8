package cronobs

import (
	"context"
	"errors"
)

// Why a handler is told to end early: what context.Cause of its context says.
var (
	ErrCancelled = errors.New("cancelled")                           // somebody has cancelled the execution
	ErrTimeout   = errors.New("run timeout")                         // its run timeout is over, and a second more
	ErrShutdown  = errors.New("the worker was shut down")            // the worker ends, and Config.Drain is over
	ErrLost      = errors.New("no sign of life reached the brokers") // with Config.StopWhenLost
)

var causes = [...]error{ErrCancelled, ErrTimeout, ErrShutdown, ErrLost}

// isOfCause: the error says no more than that the handler was told to end.
func isOfCause(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	for _, cause := range causes {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// Failed is returned by a handler to say more than an error does: FAILED with this message, and maybe an exit code and a result.
type Failed struct {
	Message  string
	ExitCode *int // nil: none
	Result   any  // as a handler's value; nil: none
}

func (f *Failed) Error() string { return f.Message }
