// Package cronobs runs the executions of a queue of Cron Observer, reports runs that something else starts, and calls the HTTP API.
//
//	w, err := cronobs.New(cronobs.Config{Queue: "reports"})
//	w.Task("daily-report", dailyReport)
//	err = w.Run(ctx)
//	os.Exit(cronobs.ExitCode(err))
package cronobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	ossignal "os/signal"
	"sync"
	"syscall"
	"time"

	"cronobs.io/sdk/internal/ids"
)

// ErrFenced: another process has this worker's Config.Instance; errors.Is tells it. The worker was broken off.
var ErrFenced = errors.New("another process has this worker's instance")

// A LeftError says that the worker has ended before all was reported.
type LeftError struct {
	Executions int // that were not reported to the end
}

func (e *LeftError) Error() string {
	if e.Executions == 0 {
		return "the group was not left in time"
	}
	return fmt.Sprintf("%d executions were not reported to the end", e.Executions)
}

// ExitCode of a program for what New and Run return: 0 all is reported, 1 something is left, 64 a setting is wrong, 75 the worker was broken off:
// start it again.
func ExitCode(err error) int {
	var left *LeftError
	var setting *SettingError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &left):
		return 1
	case errors.As(err, &setting):
		return 64
	}
	return 75
}

// A Worker runs the executions of one queue in this process. Register handlers, then Run it; or Start it in a program that
// lives for something else, and Close it.
type Worker struct {
	settings Config
	handlers map[string]Handler
	notices  *notices
	lock     sync.Mutex
	life     *life // nil: not started
}

// New checks the settings: what is not given comes from the environment. The error is a *SettingError.
func New(c Config) (*Worker, error) {
	settings, err := resolve(c, os.Environ())
	if err != nil {
		return nil, err
	}
	if _, err := clientOptions(&settings); err != nil {
		return nil, err
	}
	return &Worker{settings: settings, handlers: map[string]Handler{}, notices: newNotices(c.Logger)}, nil
}

// Task registers a handler of the task with that key; "*" takes all that have none. It panics where the key has one already, or the
// worker was started.
func (w *Worker) Task(key string, handler Handler) {
	w.lock.Lock()
	defer w.lock.Unlock()
	switch {
	case handler == nil:
		panic(fmt.Sprintf("cronobs: task '%s': the handler is nil", key))
	case w.handlers[key] != nil:
		panic(fmt.Sprintf("cronobs: task '%s' has a handler already", key))
	case w.life != nil:
		panic(fmt.Sprintf("cronobs: task '%s': register handlers before the worker starts", key))
	}
	w.handlers[key] = handler
}

// Run works until ctx is done, or SIGTERM or SIGINT comes. The first takes nothing new and leaves the group at once; handlers go on for
// Config.Drain, then they are told to end, and three seconds later FAILED is said for what still runs. A second signal skips the wait, a third ends at
// once. nil: all is reported. *LeftError: something is left. Else the worker was broken off, by ErrFenced for one.
func (w *Worker) Run(ctx context.Context) error {
	signals := make(chan os.Signal, 3)
	ossignal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer ossignal.Stop(signals)
	l, err := w.start()
	if err != nil {
		return err
	}
	done := ctx.Done()
	for count := 0; ; {
		select {
		case <-l.over:
			return l.finish()
		case <-done:
			done = nil
			l.post((*engine).drain)
		case <-signals:
			switch count++; count {
			case 1:
				l.post((*engine).drain)
			case 2:
				l.post((*engine).hurry)
			default:
				return l.finish()
			}
		}
	}
}

// Start begins to work beside your program; no signals are touched. It does not wait for the brokers.
func (w *Worker) Start() error {
	_, err := w.start()
	return err
}

// Drain takes nothing new, leaves the group, lets handlers go on for Config.Drain. It does not wait.
func (w *Worker) Drain() {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.life != nil {
		w.life.post((*engine).drain)
	}
}

// Close drains, waits until all is reported or the time for it is over, and returns as Run does.
func (w *Worker) Close() error {
	w.lock.Lock()
	l := w.life
	w.lock.Unlock()
	if l == nil {
		return nil
	}
	l.post((*engine).drain)
	<-l.over
	return l.finish()
}

func (w *Worker) start() (*life, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.life != nil {
		return nil, errors.New("the worker was started already: make another one")
	}
	l, err := newLife(&w.settings, maps.Clone(w.handlers), w.notices)
	if err != nil {
		return nil, err
	}
	w.life = l
	return l, nil
}

// A life is a worker that was started: the engine's goroutine, and the mailbox between it and all others.
type life struct {
	settings *Config
	handlers map[string]Handler
	notices  *notices
	began    time.Time
	engine   *engine
	bus      *bus

	lock  sync.Mutex // of mail
	mail  []func(e *engine)
	wake  chan struct{}
	over  chan struct{} // closed when all is reported, or the time for it is over
	stop  chan struct{} // closed when nobody waits any more
	ended chan struct{} // closed when the engine's goroutine has ended
	once  sync.Once
	err   error
}

func newLife(c *Config, handlers map[string]Handler, n *notices) (*life, error) {
	l := &life{
		settings: c, handlers: handlers, notices: n, began: time.Now(), wake: make(chan struct{}, 1), over: make(chan struct{}),
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	b, err := newBus(c, l.post, n.say)
	if err != nil {
		return nil, err
	}
	l.bus = b
	b.out.wake = func() { l.post(l.takeDeliveries) }
	from := origin{name: c.Name, incarnation: ids.Random(), newID: ids.Random}
	l.engine = newEngine(limits{
		queueTopic: b.topics.queue, controlTopic: b.topics.control, group: c.Group, concurrency: c.Concurrency, backlog: c.Backlog, drain: c.Drain,
		stopWhenLost: c.StopWhenLost,
	}, from, l, newRoom(unsentMax))
	go l.run()
	b.open()
	return l, nil
}

// --- the engine's goroutine ---

// post has it called there. Any goroutine.
func (l *life) post(f func(e *engine)) {
	l.lock.Lock()
	l.mail = append(l.mail, f)
	l.lock.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *life) tick() tick { return time.Since(l.began) }

func (l *life) run() {
	defer close(l.ended)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var mail []func(e *engine)
	for !l.engine.isOver() {
		if wake := l.engine.wake(); wake != never {
			timer.Reset(max(wake-l.tick(), 0))
		} else {
			timer.Stop()
		}
		select {
		case <-l.wake:
		case <-timer.C:
		case <-l.stop:
			return
		}
		l.lock.Lock()
		mail, l.mail = l.mail, mail[:0]
		l.lock.Unlock()
		l.engine.now, l.engine.tick = time.Now().UnixMicro(), l.tick()
		for _, f := range mail {
			f(l.engine)
		}
		clear(mail)
		l.engine.step()
	}
	close(l.over)
}

func (l *life) takeDeliveries(e *engine) {
	for _, d := range l.bus.out.deliveries() {
		if d.isBeat {
			e.beatAnswered(d.run, d.err)
		} else {
			e.answered(d.run, d.err, d.isHopeless)
		}
	}
}

// finish stops all of it; what hangs is left behind.
func (l *life) finish() error {
	l.once.Do(func() {
		close(l.stop)
		<-l.ended
		l.bus.close()
		left := len(l.engine.runs)
		switch {
		case l.engine.isBroken:
			l.err = l.engine.broken
		case left > 0 || !l.engine.hasLeft:
			l.err = &LeftError{left}
		}
		if left > 0 {
			l.notices.say(slog.LevelError, (&LeftError{left}).Error())
		}
	})
	return l.err
}

// --- what the engine does (port) ---

func (l *life) locate(generation int, partitions map[int32]bool) {
	l.bus.locate(generation, partitions)
}
func (l *life) begin(generation int, spots []spot)             { l.bus.begin(generation, spots) }
func (l *life) read(room int)                                  { l.bus.read(room) }
func (l *life) release()                                       { l.bus.release() }
func (l *life) store(c *commit)                                { l.bus.store(c) }
func (l *life) leave()                                         { l.bus.leave() }
func (l *life) scan(scan int, partitions []int32, since int64) { l.bus.scan(scan, partitions, since) }
func (l *life) stopScan()                                      { l.bus.stopScan() }
func (l *life) send(o *output, r *run)                         { l.bus.out.send(o, r) }
func (l *life) tell(r *run)                                    { r.job.tell(r.cause) }
func (l *life) notice(level slog.Level, text string)           { l.notices.say(level, text) }

func (l *life) close(r *run) {
	if r.job != nil {
		r.job.close()
	}
}

func (l *life) start(runs []*run) {
	for _, r := range runs {
		r.job = newJob(context.Background(), r.execution, l.settings.Queue, &runVoice{l, r})
		go l.perform(r)
	}
}

func (l *life) perform(r *run) {
	ended := func(o outcome) {
		r.job.cancel(context.Canceled) // as of any function that has returned: what it has begun ends
		l.post(func(e *engine) { e.ended(r, o) })
	}
	handler := l.handlers[r.job.Task]
	if handler == nil {
		handler = l.handlers["*"]
	}
	if handler == nil {
		ended(noHandler(r.job.Task, l.handlers))
		return
	}
	perform(r.job, handler, ended)
}

// A runVoice takes the words of a job.
type runVoice struct {
	life *life
	run  *run
}

func (v *runVoice) line(level string, lines []line) {
	if v.run.log.add(level, lines, time.Now().UnixMicro(), v.life.tick) {
		v.life.post(func(e *engine) { e.logged(v.run) })
	}
}

func (v *runVoice) progress(percent *int32, note *string) {
	v.life.post(func(e *engine) { e.progressed(v.run, percent, note) })
}

func (v *runVoice) contactLost() bool { return int64(v.life.tick()) > v.run.contactUntil.Load() }
