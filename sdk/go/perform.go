package cronobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
)

// A Handler does the work of one execution. The value is its result: bytes and text as they are, else JSON, nil is none. Its context is done
// when it is to end early; context.Cause says why.
type Handler func(ctx context.Context, job *Job) (any, error)

var errGoexit = errors.New("the handler ended its goroutine")

// perform calls the handler, and then ended with what its end means: also where the handler ends its goroutine.
func perform(job *Job, handler Handler, ended func(o outcome)) {
	o := failed(job, errGoexit)
	hasReturned := false
	defer func() {
		if !hasReturned {
			if panicked := recover(); panicked != nil {
				o = panicOf(job, panicked, debug.Stack())
			}
		}
		ended(o)
	}()
	value, err := handler(job.ctx, job)
	hasReturned = true
	if err != nil {
		o = failed(job, err)
		return
	}
	result, message := resultOf(value)
	o = outcome{status: "SUCCEEDED", reason: "NONE", message: message, result: result}
}

// failed: the handler has returned an error; with a cause it ended by that.
func failed(job *Job, err error) outcome {
	cause := job.cause()
	var told *Failed
	if errors.As(err, &told) {
		return failedOf(told, cause)
	}
	if cause == nil {
		return outcome{status: "FAILED", reason: "WORKER_ERROR", message: new(cut(err.Error(), messageMax))}
	}
	status, reason, text := meaningOf(cause)
	o := outcome{status: status, reason: reason}
	words := strings.Join(slices.DeleteFunc([]string{text, wordsBeside(err)}, func(s string) bool { return s == "" }), ": ")
	if words != "" {
		o.message = new(cut(words, messageMax))
	}
	return o
}

// wordsBeside are those of an error that says more than that the handler was told to end.
func wordsBeside(err error) string {
	if isOfCause(err) {
		return ""
	}
	return err.Error()
}

func failedOf(told *Failed, cause error) outcome {
	result, message := resultOf(told.Result)
	words := told.Message
	if message != nil {
		words += " (" + *message + ")"
	}
	o := outcome{status: "FAILED", reason: "WORKER_ERROR", message: new(cut(words, messageMax)), result: result}
	if told.ExitCode != nil {
		o.reason, o.exitCode = "EXIT_CODE", new(int32(*told.ExitCode))
	}
	if cause != nil {
		o.status, o.reason, _ = meaningOf(cause)
	}
	return o
}

// meaningOf a cause: the status, the reason and the message of what ends by it.
func meaningOf(cause error) (status, reason, text string) {
	switch cause {
	case ErrCancelled:
		return "CANCELLED", "NONE", ""
	case ErrTimeout:
		return "FAILED", "RUN_TIMEOUT", ErrTimeout.Error()
	case ErrLost:
		return "FAILED", "WORKER_ERROR", ErrLost.Error()
	}
	return "FAILED", "WORKER_SHUTDOWN", ErrShutdown.Error()
}

// panicOf a handler: it has failed, whatever it was told; the stack becomes lines of its log.
func panicOf(job *Job, panicked any, stack []byte) outcome {
	words := fmt.Sprintf("panic: %v", panicked)
	if err, ok := panicked.(error); ok && job.cause() != nil {
		return failed(job, err)
	}
	job.Log(slog.LevelError, words+"\n\n"+string(ownFrames(stack)))
	return outcome{status: "FAILED", reason: "WORKER_ERROR", message: new(cut(words, messageMax))}
}

// ownFrames are those from the panic on: without what recovers from it.
func ownFrames(stack []byte) []byte {
	text := string(stack)
	if at := strings.Index(text, "\npanic("); at >= 0 {
		text = text[at+1:]
		for range 2 {
			if _, rest, ok := strings.Cut(text, "\n"); ok {
				text = rest
			}
		}
	}
	return []byte(text)
}

func noHandler(key string, handlers map[string]Handler) outcome {
	has := strings.Join(slices.Sorted(maps.Keys(handlers)), ", ")
	if has == "" {
		has = "none"
	}
	return outcome{status: "FAILED", reason: "WORKER_ERROR", message: new(cut(fmt.Sprintf("no handler for task '%s' (has: %s)", key, has), messageMax))}
}
