package cronobs

// What goes over the wire, as the codec reads and writes it: schemas/README.md. Instants are microseconds since 1970, ids
// their 36 characters in lower case, enumerations their symbols; what may be absent is a pointer, or nil bytes.

// A record gives the codec the place of each field that its schemas have: *string, *bool, *int32, *int64, *float64, *[]byte or
// *map[string]string; **string, **int32 or **int64 of what may be absent; a record, or records, of what is nested.
type record interface{ field(name string) any }

// records is a list of records, or one that may be absent.
type records interface {
	grow() record         // one more, at the end
	count() int           // how many there are
	at(number int) record // one of them
}

type execution struct {
	executionID, taskID, taskKey, project    string
	revision, attempt, maxAttempts           int32
	trigger                                  string
	scheduledAt, dueAt                       int64
	nominalLocal                             *int64
	zone, tzdata                             *string
	dst                                      string
	startBy, finishBy, runTimeout, heartbeat *int64 // the last two in milliseconds
	parent                                   *string
	statusPartition                          int32
	payload                                  []byte
	contentType                              *string
	labels                                   map[string]string
	statusFrom                               int64
	retry                                    optional[retry, *retry]
	waited                                   bool
	traceparent                              string // of the message's header; "": none
}

func (e *execution) field(name string) any {
	switch name {
	case "execution_id":
		return &e.executionID
	case "task_id":
		return &e.taskID
	case "task_key":
		return &e.taskKey
	case "project":
		return &e.project
	case "revision":
		return &e.revision
	case "attempt":
		return &e.attempt
	case "max_attempts":
		return &e.maxAttempts
	case "trigger":
		return &e.trigger
	case "scheduled_at":
		return &e.scheduledAt
	case "due_at":
		return &e.dueAt
	case "nominal_local":
		return &e.nominalLocal
	case "zone":
		return &e.zone
	case "tzdata":
		return &e.tzdata
	case "dst":
		return &e.dst
	case "start_by":
		return &e.startBy
	case "finish_by":
		return &e.finishBy
	case "run_timeout_ms":
		return &e.runTimeout
	case "heartbeat_ms":
		return &e.heartbeat
	case "parent_execution_id":
		return &e.parent
	case "status_partition":
		return &e.statusPartition
	case "payload":
		return &e.payload
	case "content_type":
		return &e.contentType
	case "labels":
		return &e.labels
	case "status_from":
		return &e.statusFrom
	case "retry":
		return &e.retry
	case "waited":
		return &e.waited
	}
	return nil
}

type retry struct {
	maxAttempts                  int32
	firstDelay, maxDelay, jitter int64
	multiplier                   float64
	on                           *string
}

func (r *retry) field(name string) any {
	switch name {
	case "max_attempts":
		return &r.maxAttempts
	case "first_delay_ms":
		return &r.firstDelay
	case "max_delay_ms":
		return &r.maxDelay
	case "jitter_ms":
		return &r.jitter
	case "multiplier":
		return &r.multiplier
	case "on":
		return &r.on
	}
	return nil
}

type workerName struct{ name, incarnation string }

func (w *workerName) field(name string) any {
	switch name {
	case "name":
		return &w.name
	case "incarnation":
		return &w.incarnation
	}
	return nil
}

type status struct {
	eventID, executionID, taskID string
	attempt                      int32
	status                       string
	ifUnclaimed                  bool
	reason                       string
	occurredAt                   int64
	worker                       optional[workerName, *workerName]
	message                      *string
	exitCode                     *int32
	result                       []byte
	nextAttemptAt                *int64
	blockedBy                    *string
	scheduledAt                  *int64
	trigger                      *string
	revision                     *int32
	queue                        *string
}

func (s *status) field(name string) any {
	switch name {
	case "event_id":
		return &s.eventID
	case "execution_id":
		return &s.executionID
	case "task_id":
		return &s.taskID
	case "attempt":
		return &s.attempt
	case "status":
		return &s.status
	case "if_unclaimed":
		return &s.ifUnclaimed
	case "reason":
		return &s.reason
	case "occurred_at":
		return &s.occurredAt
	case "worker":
		return &s.worker
	case "message":
		return &s.message
	case "exit_code":
		return &s.exitCode
	case "result":
		return &s.result
	case "next_attempt_at":
		return &s.nextAttemptAt
	case "blocked_by":
		return &s.blockedBy
	case "scheduled_at":
		return &s.scheduledAt
	case "trigger":
		return &s.trigger
	case "revision":
		return &s.revision
	case "queue":
		return &s.queue
	}
	return nil
}

type heartbeat struct {
	executionID, taskID string
	attempt             int32
	worker              workerName
	occurredAt          int64
	progress            *int32
	message             *string
}

func (h *heartbeat) field(name string) any {
	switch name {
	case "execution_id":
		return &h.executionID
	case "task_id":
		return &h.taskID
	case "attempt":
		return &h.attempt
	case "worker":
		return &h.worker
	case "occurred_at":
		return &h.occurredAt
	case "progress":
		return &h.progress
	case "message":
		return &h.message
	}
	return nil
}

type signal struct {
	executionID, taskID string
	attempt             int32
	signal              string
	requestedAt         int64
	actor, reason       *string
}

func (s *signal) field(name string) any {
	switch name {
	case "execution_id":
		return &s.executionID
	case "task_id":
		return &s.taskID
	case "attempt":
		return &s.attempt
	case "signal":
		return &s.signal
	case "requested_at":
		return &s.requestedAt
	case "actor":
		return &s.actor
	case "reason":
		return &s.reason
	}
	return nil
}

type logBatch struct {
	executionID, taskID string
	attempt             int32
	writer              string
	firstSeq            int64
	lines               list[logLine, *logLine]
	marks               list[logMark, *logMark]
}

func (b *logBatch) field(name string) any {
	switch name {
	case "execution_id":
		return &b.executionID
	case "task_id":
		return &b.taskID
	case "attempt":
		return &b.attempt
	case "writer":
		return &b.writer
	case "first_seq":
		return &b.firstSeq
	case "lines":
		return &b.lines
	case "marks":
		return &b.marks
	}
	return nil
}

type logLine struct {
	at                     int64
	level, stream, message string
}

func (l *logLine) field(name string) any {
	switch name {
	case "at":
		return &l.at
	case "level":
		return &l.level
	case "stream":
		return &l.stream
	case "message":
		return &l.message
	}
	return nil
}

type logMark struct {
	line                int32
	unfinished, escaped bool
}

func (m *logMark) field(name string) any {
	switch name {
	case "line":
		return &m.line
	case "unfinished":
		return &m.unfinished
	case "escaped":
		return &m.escaped
	}
	return nil
}

type recordOf[T any] interface {
	*T
	record
}

// A list holds the records of an array.
type list[T any, P recordOf[T]] struct{ items []T }

func (l *list[T, P]) grow() record {
	l.items = append(l.items, *new(T))
	return P(&l.items[len(l.items)-1])
}
func (l *list[T, P]) count() int           { return len(l.items) }
func (l *list[T, P]) at(number int) record { return P(&l.items[number]) }

// An optional holds the record of a union with null.
type optional[T any, P recordOf[T]] struct{ value *T }

func (o *optional[T, P]) grow() record {
	o.value = new(T)
	return P(o.value)
}

func (o *optional[T, P]) count() int {
	if o.value == nil {
		return 0
	}
	return 1
}
func (o *optional[T, P]) at(int) record { return P(o.value) }
