package cronobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"cronobs.io/sdk/client"
	"cronobs.io/sdk/internal/ids"
)

const (
	endFor  = 5 * time.Second // for what is unsent at the end
	putsFor = 5 * time.Second // that putting the task by the API may take
)

// An Observer reports runs that something else starts: RUNNING when one begins, its lines and progress, and how it ended. The work is done
// whatever the brokers do: nothing waits for them but the end, for five seconds.
type Observer struct {
	Config  Config         // of it Brokers, TopicPrefix, Name, Kafka, URL and Logger count
	Project string         // of the task; "": default
	Ensure  map[string]any // the task as PUT by the API before the run, with schedule and zone for its one schedule; nil: it is not
}

// Observe reports a run of the task `key`, with the settings of the environment. See Observer.
func Observe(ctx context.Context, key string, f func(ctx context.Context, job *Job) error) error {
	return Observer{}.Observe(ctx, key, f)
}

// Observe calls f and returns its error. A panic is FAILED, and goes on to the caller.
func (o Observer) Observe(ctx context.Context, key string, f func(ctx context.Context, job *Job) error) error {
	run := o.begin(ctx, key)
	how := outcome{status: "FAILED", reason: "WORKER_ERROR", message: new(errGoexit.Error())}
	defer func() {
		panicked := recover()
		if panicked != nil {
			how = panicOf(run.job, panicked, debug.Stack())
		}
		run.finish(how)
		if panicked != nil {
			panic(panicked)
		}
	}()
	err := f(run.job.ctx, run.job)
	if err != nil {
		how = failed(run.job, err)
	} else {
		how = outcome{status: "SUCCEEDED", reason: "NONE"}
	}
	return err
}

// An observed run: a goroutine that sends what is to be said about it. It is the voice of its job and the engine of its sender.
type observed struct {
	observer Observer
	notices  *notices
	job      *Job
	run      *run
	room     *room
	began    time.Time
	origin   origin
	sender   *sender // nil: the settings are wrong

	lock sync.Mutex // of mail
	mail []func()
	wake chan struct{}
	over chan struct{}

	outcome *outcome
	endedAt int64 // wall clock microseconds
	until   tick
	counted chan int32 // partitions of status, once they are known
}

func (o Observer) begin(ctx context.Context, key string) *observed {
	if o.Project == "" {
		o.Project = "default"
	}
	now := time.Now().UnixMicro()
	task := ids.Task(o.Project, key)
	e := &execution{
		executionID: ids.External(task, now, ids.Random()).String(), taskID: task.String(), taskKey: key, project: o.Project, attempt: 1, maxAttempts: 1,
		trigger: triggerExternal, scheduledAt: now, dueAt: now,
	}
	r := &observed{
		observer: o, notices: newNotices(o.Config.Logger), room: newRoom(unsentMax), began: time.Now(), origin: origin{incarnation: ids.Random(), newID: ids.Random},
		wake: make(chan struct{}, 1), over: make(chan struct{}), until: never, counted: make(chan int32, 1),
	}
	r.run = newRun(&claim{execution: e, offset: unknown}, &r.origin, r.room, false)
	r.job = newJob(ctx, e, "", r)
	go r.serve()
	return r
}

// finish waits until all is said, five seconds at most.
func (r *observed) finish(how outcome) {
	r.job.close()
	r.job.cancel(context.Canceled)
	endedAt := time.Now().UnixMicro()
	r.post(func() {
		r.outcome, r.endedAt = &how, endedAt
		r.until = r.tick() + endFor
	})
	<-r.over
	if r.run.phase != phaseGone {
		r.notices.say(slog.LevelError, fmt.Sprintf("the run of '%s' was not reported to its end: %s", r.job.Task, r.job.ExecutionID))
	}
}

// --- the voice of the job; any goroutine ---

func (r *observed) line(level string, lines []line) {
	if r.run.log.add(level, lines, time.Now().UnixMicro(), r.tick) {
		r.post(func() {})
	}
}

func (r *observed) progress(percent *int32, note *string) {
	r.post(func() { r.run.beat.say(percent, note) })
}

func (r *observed) contactLost() bool { return false }

func (r *observed) tick() tick { return time.Since(r.began) }

func (r *observed) post(f func()) {
	r.lock.Lock()
	r.mail = append(r.mail, f)
	r.lock.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// --- its goroutine ---

func (r *observed) serve() {
	defer close(r.over)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := r.open(ctx); err != nil {
		r.notices.say(slog.LevelError, fmt.Sprintf("the run of '%s' is not reported: %v", r.job.Task, err))
		r.run.log.stop() // nobody waits for room
		return
	}
	defer r.sender.close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for !r.isOver() {
		if wake := r.due(); wake != never {
			timer.Reset(max(wake-r.tick(), 0))
		} else {
			timer.Stop()
		}
		select {
		case <-r.wake:
		case <-timer.C:
		case count := <-r.counted:
			r.place(count)
		}
		r.takeMail()
		r.step()
	}
}

func (r *observed) open(ctx context.Context) error {
	c := r.observer.Config
	c.Queue = "observed" // of none: it is not read
	c, err := resolve(c, os.Environ())
	if err != nil {
		return err
	}
	options, err := clientOptions(&c)
	if err != nil {
		return err
	}
	options = append(options, producerLog(r.notices.say))
	r.origin.name = c.Name
	if r.sender, err = newSender(topicsOf(c.TopicPrefix, c.Queue), options); err != nil {
		return err
	}
	r.sender.wake = func() { r.post(r.takeDeliveries) }
	go r.prepare(ctx, c.URL)
	return nil
}

// prepare puts the task, and finds out how many partitions there are: before that nobody knows where to send it.
func (r *observed) prepare(ctx context.Context, url string) {
	if r.observer.Ensure != nil {
		if err := r.putTask(ctx, url); err != nil {
			r.notices.say(slog.LevelWarn, fmt.Sprintf("could not put the task '%s': %v", r.job.Task, err))
		}
	}
	for ctx.Err() == nil {
		counts, err := r.sender.count(ctx, r.sender.topics.status, r.sender.topics.logs, r.sender.topics.heartbeats)
		if err == nil {
			r.counted <- counts[r.sender.topics.status]
			return
		}
		if !errors.Is(err, context.Canceled) {
			r.notices.say(slog.LevelWarn, err.Error())
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookAgain):
		}
	}
}

func (r *observed) putTask(ctx context.Context, url string) error {
	api, err := client.New(url, client.Timeout(putsFor))
	if err != nil {
		return err
	}
	defer api.Close()
	_, err = api.TaskOf(r.observer.Project, r.job.Task).Put(ctx, specOf(r.observer.Ensure), client.NoWait())
	return err
}

// specOf is a task as the API has it: its one schedule may be given by expression and zone alone.
func specOf(ensure map[string]any) map[string]any {
	spec := maps.Clone(ensure)
	expression, hasOne := spec["schedule"]
	if !hasOne {
		return spec
	}
	schedule := map[string]any{"expression": expression}
	if zone, ok := spec["zone"]; ok {
		schedule["zone"] = zone
	}
	delete(spec, "schedule")
	delete(spec, "zone")
	spec["schedules"] = []any{schedule}
	return spec
}

func (r *observed) place(partitions int32) {
	r.origin.partitions = partitions
	r.run.execution.statusPartition = partitionOf(r.run.execution.taskID, partitions)
}

func (r *observed) isOver() bool { return r.run.isOver() || r.tick() >= r.until }

func (r *observed) due() tick {
	if r.origin.partitions == 0 {
		return r.until
	}
	return min(r.run.wake(), r.until)
}

func (r *observed) takeMail() {
	r.lock.Lock()
	mail := r.mail
	r.mail = nil
	r.lock.Unlock()
	for _, f := range mail {
		f()
	}
}

func (r *observed) takeDeliveries() {
	for _, d := range r.sender.deliveries() {
		if d.isBeat {
			r.run.beatAnswered(d.err == nil, r.tick())
			continue
		}
		if d.err != nil {
			r.notices.say(slog.LevelWarn, fmt.Sprintf("could not report the run of '%s': %v", r.job.Task, d.err))
		}
		if weight := r.run.answered(d.err == nil || d.isHopeless, r.tick()); weight > 0 {
			r.room.sent(weight)
		}
	}
}

func (r *observed) step() {
	if r.origin.partitions == 0 {
		return
	}
	now, at := time.Now().UnixMicro(), r.tick()
	if r.run.phase == phaseClaimed {
		r.run.start(at)
	}
	if r.run.phase == phaseWorking && r.outcome != nil {
		r.run.end(*r.outcome, r.endedAt, at)
	}
	if r.run.beatDue() <= at {
		r.run.beat.sent(at)
		if o, err := r.run.heartbeat(now); err == nil {
			r.sender.send(o, r.run)
		}
	}
	if o, err := r.run.nextRecord(r.timeOf(now), at); err != nil {
		r.run.answered(true, at)
		r.notices.say(slog.LevelError, fmt.Sprintf("dropped a record of the run of '%s': %v", r.job.Task, err))
	} else if o != nil {
		r.sender.send(o, r.run)
	}
}

// timeOf the next record: what was begun or ended before the brokers were there was begun or ended then.
func (r *observed) timeOf(now int64) int64 {
	switch {
	case r.run.phase == phaseClaiming:
		return r.run.execution.scheduledAt
	case r.outcome != nil:
		return r.endedAt
	}
	return now
}
