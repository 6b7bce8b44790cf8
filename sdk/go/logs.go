package cronobs

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// levelName is the wire's word for a level of slog.
func levelName(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return "ERROR"
	case level >= slog.LevelWarn:
		return "WARN"
	case level >= slog.LevelInfo:
		return "INFO"
	}
	return "DEBUG"
}

// LogHandler sends what is logged in a job's context as lines of its execution, and all of it on to next as well. A line is the message and
// the attributes, as slog.TextHandler writes them. What next does not let through is no line; nil: all levels are, and nothing else
// happens with them.
//
// Not around slog.Default()'s handler: that one writes by the package log, which slog.SetDefault makes write by slog.
func LogHandler(next slog.Handler) slog.Handler {
	out := &textOut{}
	return &logHandler{next: next, out: out, text: slog.NewTextHandler(&out.buffer, &slog.HandlerOptions{Level: slog.Level(-1 << 16)})}
}

type logHandler struct {
	next     slog.Handler // nil: none
	out      *textOut
	text     slog.Handler // writes to out
	hasAttrs bool         // of the handler's own
}

type textOut struct {
	lock   sync.Mutex
	buffer bytes.Buffer
}

func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	if h.next == nil {
		return JobOf(ctx) != nil
	}
	return h.next.Enabled(ctx, level)
}

func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	if job := JobOf(ctx); job != nil {
		job.Log(record.Level, h.lineOf(ctx, record))
	}
	if h.next == nil {
		return nil
	}
	return h.next.Handle(ctx, record)
}

func (h *logHandler) lineOf(ctx context.Context, record slog.Record) string {
	if record.NumAttrs() == 0 && !h.hasAttrs {
		return record.Message
	}
	message := record.Message
	bare := slog.NewRecord(time.Time{}, record.Level, "", 0)
	record.Attrs(func(a slog.Attr) bool {
		bare.AddAttrs(a)
		return true
	})
	h.out.lock.Lock()
	defer h.out.lock.Unlock()
	h.out.buffer.Reset()
	if err := h.text.Handle(ctx, bare); err != nil {
		return message
	}
	rest := bytes.TrimPrefix(h.out.buffer.Bytes(), []byte("level="+record.Level.String()+` msg=""`))
	return message + string(bytes.TrimSuffix(rest, []byte("\n")))
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	with := *h
	with.text, with.hasAttrs = h.text.WithAttrs(attrs), true
	if h.next != nil {
		with.next = h.next.WithAttrs(slices.Clone(attrs))
	}
	return &with
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	with := *h
	with.text = h.text.WithGroup(name)
	if h.next != nil {
		with.next = h.next.WithGroup(name)
	}
	return &with
}

const (
	sameAfter  = 10 * time.Second // in which the same is said once
	remembered = 64               // texts
)

// notices say each text once in ten seconds. Any goroutine.
type notices struct {
	logger *slog.Logger
	lock   sync.Mutex
	said   map[string]time.Time
}

func newNotices(logger *slog.Logger) *notices {
	return &notices{logger: logger, said: map[string]time.Time{}}
}

func (n *notices) say(level slog.Level, text string) {
	if !n.isNews(text, time.Now()) {
		return
	}
	logger := n.logger
	if logger == nil {
		logger = slog.Default().With("logger", "cronobs")
	}
	logger.Log(context.Background(), level, text)
}

func (n *notices) isNews(text string, now time.Time) bool {
	n.lock.Lock()
	defer n.lock.Unlock()
	if at, known := n.said[text]; known && now.Before(at.Add(sameAfter)) {
		return false
	}
	n.said[text] = now
	if len(n.said) > remembered {
		delete(n.said, n.oldest())
	}
	return true
}

func (n *notices) oldest() (text string) {
	for one, at := range n.said {
		if text == "" || at.Before(n.said[text]) {
			text = one
		}
	}
	return text
}
