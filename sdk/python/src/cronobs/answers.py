"""What the API answers, as types. Written by sdk/answers.py --write; docs/http-api.md says what the members mean.

A member that is NotRequired may be missing, and then is not known, or nothing. A newer server may say more than is here.
"""
from typing import Literal, NotRequired, TypedDict

#: A UUID.
Id = str
#: RFC 3339, in UTC: 2026-11-24T13:00:00Z, with fractions of a second where there are any.
Instant = str
#: RFC 3339 on a zone's clock, with its offset: 2026-11-24T14:00:00+01:00.
OffsetTime = str
#: A wall time, without an offset: 2027-03-28T02:30:00.
LocalTime = str
Status = Literal["PENDING", "WAITING", "RUNNING", "CANCELLING", "RETRYING", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST", "CANCELLED", "MISSED", "SKIPPED", "UNKNOWN"]
Trigger = Literal["UNKNOWN", "SCHEDULED", "CATCH_UP", "BACKFILL", "MANUAL", "RETRY", "CHAIN", "EXTERNAL"]
Reason = Literal["NONE", "CALENDAR", "WINDOW", "DELETED", "PAUSED", "SKIP_NEXT", "MISFIRE", "START_DEADLINE", "NO_QUEUE", "OVERLAP", "QUEUE_FULL", "RUN_TIMEOUT", "FINISH_BY", "HEARTBEAT", "CANCEL_REQUESTED", "EXIT_CODE", "SIGNAL", "WORKER_SHUTDOWN", "WORKER_ERROR", "RETRY", "RELEASED", "TZDATA", "EDITED", "UNKNOWN"]
TaskStatus = Literal["ACTIVE", "PAUSED", "DELETED", "UNKNOWN"]
CommandKind = Literal["PUT_TASK", "DELETE_TASK", "PAUSE_TASK", "RESUME_TASK", "TRIGGER_TASK", "SKIP_NEXT", "CANCEL_EXECUTION", "RETRY_EXECUTION", "BACKFILL", "PUT_OBJECT", "DELETE_OBJECT"]
ResumeGap = Literal["NONE", "LAST", "ALL"]
Dst = Literal["NONE", "MOVED", "REPEATED"]
OutcomeResult = Literal["ACCEPTED", "REJECTED", "UNKNOWN"]
OutcomeCode = Literal["OK", "CREATED", "UPDATED", "UNCHANGED", "NOT_FOUND", "DELETED", "STALE_REVISION", "INVALID_SPEC", "NO_QUEUE", "MISPLACED", "UNSUPPORTED", "OVERLAP", "NOT_PAUSED", "UNKNOWN"]
MisfirePolicy = Literal["LAST", "NONE", "ALL"]
OverlapPolicy = Literal["ALLOW", "SKIP", "QUEUE_ONE", "QUEUE_ALL", "CANCEL_OTHER"]
CalendarMode = Literal["EXCLUDE", "ONLY"]
LogLevel = Literal["INFO", "DEBUG", "WARN", "ERROR"]
LogStream = Literal["LOG", "STDOUT", "STDERR"]
Dialect = Literal["AUTO", "QUARTZ", "VIXIE", "OCPS"]
DstGap = Literal["RUN_AFTER", "SKIP"]
DstOverlap = Literal["FIRST", "BOTH"]
ThenOn = Literal["SUCCEEDED", "FAILED", "ENDED"]


class Schedule(TypedDict):
    expression: str
    zone: NotRequired[str]
    dialect: Dialect
    dst_gap: DstGap
    dst_overlap: DstOverlap


class CalendarRule(TypedDict):
    kind: str
    value: str


class Calendar(TypedDict):
    name: str
    mode: CalendarMode
    rules: list[CalendarRule]


Window = TypedDict("Window", {
    "from": NotRequired[Instant],
    "until": NotRequired[Instant],
    "daily_from": NotRequired[str],
    "daily_to": NotRequired[str],
    "zone": NotRequired[str],
})


class Misfire(TypedDict):
    policy: MisfirePolicy
    after_ms: int
    window_ms: int
    limit: int


class Retry(TypedDict):
    max_attempts: int
    first_delay_ms: int
    max_delay_ms: int
    jitter_ms: int
    multiplier: float
    on: NotRequired[str]


class Then(TypedDict):
    project: NotRequired[str]
    task: str
    on: ThenOn


class TaskSpec(TypedDict):
    key: str
    project: str
    title: NotRequired[str]
    description: NotRequired[str]
    labels: dict[str, str]
    queue: str
    payload: NotRequired[str]
    payload_base64: NotRequired[str]
    content_type: NotRequired[str]
    schedules: list[Schedule]
    calendars: list[Calendar]
    window: NotRequired[Window]
    jitter_ms: int
    misfire: Misfire
    overlap: OverlapPolicy
    max_concurrency: int
    retry: Retry
    start_deadline_ms: NotRequired[int]
    run_timeout_ms: NotRequired[int]
    finish_by_ms: NotRequired[int]
    heartbeat_ms: NotRequired[int]
    pause_after_failures: NotRequired[int]
    then: NotRequired[list[Then]]


class Recent(TypedDict):
    execution_id: Id
    status: Status
    run_ms: NotRequired[int]


class Lint(TypedDict):
    schedule: NotRequired[int]
    pointer: NotRequired[str]
    code: str
    column: NotRequired[int]
    text: str


class ClockNote(TypedDict):
    schedule: int
    at: Instant
    text: str


class Reachable(TypedDict):
    reachable: bool
    why: NotRequired[str]


class Parent(TypedDict):
    task_id: Id
    project: str
    key: str
    on: NotRequired[str]


class Follower(TypedDict):
    project: str
    key: str


class Pause(TypedDict):
    command_id: Id
    at: NotRequired[Instant]
    by: NotRequired[str]
    reason: NotRequired[str]
    until: NotRequired[str]


class Skip(TypedDict):
    command_id: NotRequired[Id]
    at: NotRequired[Instant]
    by: NotRequired[str]
    reason: NotRequired[str]


class Task(TypedDict):
    task_id: Id
    revision: int
    state: TaskStatus
    effective_at: NotRequired[Instant]
    received_at: Instant
    project: str
    key: str
    title: NotRequired[str]
    queue: NotRequired[str]
    next_at: NotRequired[Instant]
    skip_until: NotRequired[Instant]
    skip: NotRequired[Skip]
    paused: NotRequired[Pause]
    spec: TaskSpec
    words: NotRequired[list[str]]
    recent: NotRequired[list[Recent]]
    after: NotRequired[list[Parent]]
    absent: NotRequired[list[Follower]]


class TaskList(TypedDict):
    items: list[Task]
    next: NotRequired[str]


class Revision(TypedDict):
    task_id: Id
    revision: int
    state: TaskStatus
    effective_at: NotRequired[Instant]
    received_at: Instant
    command_id: NotRequired[Id]
    actor: NotRequired[str]
    reason: NotRequired[str]
    spec: TaskSpec


class RevisionNote(TypedDict):
    task_id: Id
    revision: int
    state: TaskStatus
    effective_at: NotRequired[Instant]
    received_at: Instant
    command_id: NotRequired[Id]
    actor: NotRequired[str]
    reason: NotRequired[str]


class RevisionList(TypedDict):
    items: list[Revision]
    next: NotRequired[str]


class Gap(TypedDict):
    task_id: Id
    revision: int
    from_at: Instant
    reason: Reason
    to_at: Instant
    received_at: Instant
    count: int
    more: bool


class GapList(TypedDict):
    items: list[Gap]
    next: NotRequired[str]


class Outcome(TypedDict):
    command_id: Id
    task_id: Id
    result: OutcomeResult | Literal["PENDING"]
    code: NotRequired[OutcomeCode]
    message: NotRequired[str]
    revision: NotRequired[int]
    execution_id: NotRequired[Id]
    clock_changes: NotRequired[list[ClockNote]]
    lints: NotRequired[list[Lint]]


Change = TypedDict("Change", {
    "pointer": str,
    "from": NotRequired[object],
    "to": NotRequired[object],
})


class DraftInstant(TypedDict):
    schedule: int
    at: Instant
    local: OffsetTime
    zone: str
    due_at: Instant
    dst: Dst
    skip: NotRequired[Skip]


class LeftOut(TypedDict):
    schedule: int
    at: Instant
    local: OffsetTime
    zone: str
    by: str
    pointer: str


class ScheduleLint(TypedDict):
    code: str
    column: NotRequired[int]
    text: str


class ClockChange(TypedDict):
    at: Instant
    local: LocalTime
    several: bool
    effect: Literal["SKIPS", "MOVES", "ONCE", "TWICE"]
    text: str


class Frequency(TypedDict):
    per_day: int
    per_month: int
    per_year: int


class Occurrence(TypedDict):
    at: Instant
    local: OffsetTime
    dst: Dst
    nominal: NotRequired[LocalTime]


Explained = TypedDict("Explained", {
    "expression": str,
    "canonical": str,
    "description": str,
    "zone": str,
    "class": Literal["FIXED_TIME", "INTERVAL"],
    "lints": list[ScheduleLint],
    "clock_changes": list[ClockChange],
    "frequency": Frequency,
    "next": list[Occurrence],
})


class Draft(TypedDict):
    task_id: Id
    result: OutcomeCode
    revision: int
    state: TaskStatus
    changes: list[Change]
    schedules: list[Explained]
    next: list[DraftInstant]
    left_out: list[LeftOut]
    left_out_to: Instant
    clock_changes: list[ClockNote]
    lints: list[Lint]


class BackfillInstant(TypedDict):
    execution_id: NotRequired[Id]
    scheduled_at: Instant
    local: OffsetTime
    zone: str
    dst: Dst


BackfillDraft = TypedDict("BackfillDraft", {
    "task_id": Id,
    "project": str,
    "key": str,
    "state": TaskStatus,
    "revision": int,
    "from": Instant,
    "to": Instant,
    "items": list[BackfillInstant],
    "count": int,
    "more": bool,
    "limit": int,
    "at_once": int,
    "next": NotRequired[Instant],
})


class Command(TypedDict):
    command_id: Id
    task_id: Id
    kind: NotRequired[CommandKind]
    expected_revision: NotRequired[int]
    received_at: NotRequired[Instant]
    actor: NotRequired[str]
    reason: NotRequired[str]
    body: NotRequired[object]
    code: NotRequired[OutcomeCode]
    revision: NotRequired[int]
    execution_id: NotRequired[Id]
    outcome_at: NotRequired[Instant]
    message: NotRequired[str]
    result: OutcomeResult | Literal["PENDING"]


class Planned(TypedDict):
    task_id: Id
    project: str
    key: str
    title: NotRequired[str]
    scheduled_at: Instant
    due_at: Instant
    local: OffsetTime
    zone: str
    dst: Dst
    skip: NotRequired[Skip]


Upcoming = TypedDict("Upcoming", {
    "state": NotRequired[TaskStatus],
    "from": Instant,
    "complete": bool,
    "items": list[Planned],
})


Day = TypedDict("Day", {
    "day": NotRequired[str],
    "from": Instant,
    "to": Instant,
    "total": int,
    "run_ms": int,
    "counts": dict[Status, int],
    "planned": NotRequired[int],
    "gaps": NotRequired[dict[Reason, int]],
})


class Days(TypedDict):
    tz: str
    unit: str
    kept_from: NotRequired[str]
    items: list[Day]


class ForecastTask(TypedDict):
    task_id: Id
    project: str
    key: str
    title: NotRequired[str]


class ForecastPart(TypedDict):
    schedule: str
    firings: int
    tasks: int
    examples: list[ForecastTask]


class ForecastPeak(TypedDict):
    at: Instant
    local: OffsetTime
    firings: int
    tasks: int
    by: list[ForecastPart]
    more: bool


class ForecastHour(TypedDict):
    at: Instant
    local: OffsetTime
    firings: int
    most: int
    most_at: Instant


class ForecastQuiet(TypedDict):
    at: Instant
    local: OffsetTime
    to: Instant
    firings: int


class WhatIf(TypedDict):
    expression: str
    zone: str
    minutes: int
    most: NotRequired[int]
    most_at: NotRequired[Instant]
    most_local: NotRequired[OffsetTime]
    later_by: NotRequired[int]
    later_most: NotRequired[int]


Forecast = TypedDict("Forecast", {
    "day": str,
    "tz": str,
    "from": Instant,
    "to": Instant,
    "since": Instant,
    "at": Instant,
    "tasks": int,
    "due": int,
    "paused": int,
    "firings": int,
    "complete": bool,
    "hours": list[ForecastHour],
    "peaks": list[ForecastPeak],
    "quiet": list[ForecastQuiet],
    "what_if": NotRequired[WhatIf],
    "minutes": list[int],
})


class Late(TypedDict):
    executions: int
    tasks: int
    oldest_due_at: NotRequired[Instant]


Step = TypedDict("Step", {
    "from": Instant,
    "counts": dict[Status, int],
})


class Summary(TypedDict):
    at: Instant
    late_after_ms: int
    open: dict[Status, int]
    late: Late
    day: dict[Status, int]
    failing_tasks: int
    tasks: dict[TaskStatus, int]
    steps: list[Step]
    complete: bool


class LastFailure(TypedDict):
    execution_id: Id
    status: Status
    at: Instant
    message: NotRequired[str]


class FailingTask(TypedDict):
    task_id: Id
    project: NotRequired[str]
    key: NotRequired[str]
    title: NotRequired[str]
    counts: dict[Status, int]
    in_a_row: int
    since: Instant
    last: LastFailure
    recent: list[Recent]


class Failing(TypedDict):
    items: list[FailingTask]
    tasks: int
    complete: bool


class Heartbeat(TypedDict):
    worker_incarnation: NotRequired[Id]
    received_at: Instant
    occurred_at: NotRequired[Instant]
    attempt: int
    progress: NotRequired[int]
    worker: NotRequired[str]
    message: NotRequired[str]


class Execution(TypedDict):
    execution_id: Id
    task_id: Id
    parent_execution_id: NotRequired[Id]
    worker_incarnation: NotRequired[Id]
    blocked_by: NotRequired[Id]
    created_at: NotRequired[Instant]
    scheduled_at: NotRequired[Instant]
    trigger: NotRequired[Trigger]
    revision: NotRequired[int]
    queue: NotRequired[str]
    status_from: NotRequired[int]
    due_at: NotRequired[Instant]
    started_at: NotRequired[Instant]
    finished_at: NotRequired[Instant]
    status_at: NotRequired[Instant]
    next_attempt_at: NotRequired[Instant]
    start_by: NotRequired[Instant]
    finish_by: NotRequired[Instant]
    run_timeout_ms: NotRequired[int]
    heartbeat_ms: NotRequired[int]
    nominal_local: NotRequired[LocalTime]
    exit_code: NotRequired[int]
    attempt: int
    max_attempts: NotRequired[int]
    status: Status
    reason: NotRequired[Reason]
    dst: NotRequired[Dst]
    cancel_requested: bool
    contradicted: bool
    zone: NotRequired[str]
    tzdata: NotRequired[str]
    worker: NotRequired[str]
    message: NotRequired[str]
    content_type: NotRequired[str]
    labels: NotRequired[dict[str, str]]
    payload: NotRequired[str]
    payload_base64: NotRequired[str]
    project: NotRequired[str]
    key: NotRequired[str]
    title: NotRequired[str]
    run_ms: NotRequired[int]
    usual_ms: NotRequired[int]
    progress: NotRequired[int]
    progress_message: NotRequired[str]
    heartbeat_at: NotRequired[Instant]
    heartbeat: NotRequired[Heartbeat]


class ExecutionList(TypedDict):
    items: list[Execution]
    next: NotRequired[str]
    complete: NotRequired[bool]


class ExecutionEvent(TypedDict):
    execution_id: Id
    task_id: Id
    event_id: Id
    worker_incarnation: NotRequired[Id]
    blocked_by: NotRequired[Id]
    received_at: Instant
    occurred_at: NotRequired[Instant]
    next_attempt_at: NotRequired[Instant]
    kafka_offset: int
    kafka_partition: int
    exit_code: NotRequired[int]
    attempt: int
    status: Status
    reason: NotRequired[Reason]
    if_unclaimed: bool
    moved: bool
    worker: NotRequired[str]
    message: NotRequired[str]
    result: NotRequired[str]
    result_base64: NotRequired[str]


class ExecutionEventList(TypedDict):
    items: list[ExecutionEvent]
    next: NotRequired[str]


class Evidence(TypedDict):
    topic: str
    partition: NotRequired[int]
    offset: NotRequired[int]
    at: NotRequired[Instant]
    local: NotRequired[OffsetTime]
    text: str


class Verdict(TypedDict):
    at: Instant
    local: OffsetTime
    due_at: NotRequired[Instant]
    answer: Literal["RAN", "RUNS", "WAITS", "DID_NOT_RUN", "NOT_FIRED", "NOT_SCHEDULED", "TO_COME", "UNDECIDED", "UNSTORED", "NOT_KEPT", "UNEXPLAINED"]
    rule: NotRequired[Reason]
    text: str
    details: list[str]
    evidence: list[Evidence]
    before: NotRequired[Instant]
    after: NotRequired[Instant]
    revision: NotRequired[RevisionNote]
    gap: NotRequired[Gap]
    execution: NotRequired[Execution]


class Why(TypedDict):
    task_id: Id
    project: str
    key: str
    state: TaskStatus
    tz: str
    now: Instant
    note: NotRequired[str]
    items: list[Verdict]


class AuditLine(TypedDict):
    at: Instant
    local: OffsetTime
    to: NotRequired[Instant]
    kind: Literal["DID_NOT_RUN", "NOT_FIRED", "MISSING", "EXTRA", "TWICE", "MISCOUNTED"]
    count: int
    explained: bool
    rule: NotRequired[Reason]
    execution_id: NotRequired[Id]
    revision: NotRequired[int]
    text: str


class AuditTotals(TypedDict):
    expected: int
    ran: int
    open: int
    did_not_run: int
    not_fired: int
    undecided: int
    not_kept: int
    missing: int
    extra: int
    twice: int
    others: int


Audit = TypedDict("Audit", {
    "task_id": Id,
    "project": str,
    "key": str,
    "state": TaskStatus,
    "tz": str,
    "now": Instant,
    "from": Instant,
    "to": Instant,
    "totals": AuditTotals,
    "items": list[AuditLine],
    "next": NotRequired[str],
})


class LogLine(TypedDict):
    attempt: int
    writer: Id
    seq: int
    at: NotRequired[Instant]
    received_at: Instant
    level: LogLevel
    stream: LogStream
    message: str
    escaped: NotRequired[bool]
    unfinished: NotRequired[bool]


class LogPage(TypedDict):
    items: list[LogLine]
    attempt: NotRequired[int]
    writer: NotRequired[Id]
    last: NotRequired[int]
    prev: NotRequired[str]
    next: str
    more: bool


class LogWriter(TypedDict):
    attempt: int
    writer: Id
    last: int
    worker: NotRequired[str]
    lines: int
    missing: list[list[int]]
    levels: NotRequired[dict[LogLevel, int]]


class LogWriters(TypedDict):
    items: list[LogWriter]


class LogMatch(TypedDict):
    line: int
    at: NotRequired[Instant]
    level: LogLevel
    stream: LogStream
    message: str


class LogMatches(TypedDict):
    items: list[LogMatch]
    attempt: NotRequired[int]
    writer: NotRequired[Id]
    last: NotRequired[int]
    matches: int
    scanned: int
    next: NotRequired[str]


class DeadLetter(TypedDict):
    topic: str
    partition: int
    offset: int
    last_offset: NotRequired[int]
    at: NotRequired[Instant]
    reason: str
    detail: NotRequired[str]
    key: NotRequired[str]
    key_base64: NotRequired[str]
    bytes: NotRequired[int]
    sha256: NotRequired[str]
    value: NotRequired[str]
    value_base64: NotRequired[str]


class DeadLetterList(TypedDict):
    items: list[DeadLetter]
    next: NotRequired[str]


ZoneSpan = TypedDict("ZoneSpan", {
    "from": NotRequired[Instant],
    "offset_s": int,
})


class ZoneRules(TypedDict):
    name: str
    tzdata: str
    spans: list[ZoneSpan]


class ZoneNames(TypedDict):
    tzdata: str
    items: list[str]


class QueueGroup(TypedDict):
    name: str
    members: NotRequired[int]
    lag: NotRequired[int]


class Queue(TypedDict):
    name: str
    topic: str
    partitions: int
    open: NotRequired[dict[Status, int]]
    more: NotRequired[bool]
    oldest_due_at: NotRequired[Instant]
    group: NotRequired[QueueGroup]


class QueueList(TypedDict):
    items: list[Queue]


class QueueRun(TypedDict):
    execution_id: Id
    task_id: Id
    project: NotRequired[str]
    key: NotRequired[str]
    title: NotRequired[str]
    status: Status
    attempt: int
    scheduled_at: NotRequired[Instant]
    started_at: NotRequired[Instant]
    progress: NotRequired[int]
    progress_message: NotRequired[str]
    heartbeat_at: NotRequired[Instant]


class QueueWorker(TypedDict):
    worker: str
    incarnation: Id
    since: Instant
    seen_at: Instant
    running: int
    finished: int
    runs: list[QueueRun]


QueueWorkers = TypedDict("QueueWorkers", {
    "queue": str,
    "group": NotRequired[QueueGroup],
    "from": Instant,
    "items": list[QueueWorker],
    "complete": bool,
})


class Watermark(TypedDict):
    at: NotRequired[Instant]
    written_at: Instant
    age_ms: int


class PartitionProblem(TypedDict):
    kind: Literal["STALLED", "STANDING", "UNREACHABLE", "UNOWNED", "UNSTORED", "LOST"]
    topic: str
    by: NotRequired[str]
    seconds: NotRequired[int]
    offset: NotRequired[int]
    offsets: NotRequired[int]
    why: NotRequired[str]
    cure: NotRequired[str]


class Partition(TypedDict):
    partition: int
    scheduler: NotRequired[str]
    consumer: NotRequired[str]
    watermark: NotRequired[Watermark]
    lag: NotRequired[int]
    problems: list[PartitionProblem]


Lateness = TypedDict("Lateness", {
    "from": Instant,
    "fired": int,
    "p50_ms": NotRequired[int],
    "p99_ms": NotRequired[int],
})


class DeadLetterCount(TypedDict):
    count: int
    more: bool
    newest_at: NotRequired[Instant]


class TopicRetention(TypedDict):
    topic: str
    policy: str
    ms: NotRequired[int]


class Retention(TypedDict):
    history_from: NotRequired[Instant]
    logs_from: NotRequired[Instant]
    topics: list[TopicRetention]


class Versions(TypedDict):
    cronobs: str
    schema: NotRequired[int]
    postgresql: NotRequired[str]


class NodeTzdata(TypedDict):
    node: str
    tzdata: str


class System(TypedDict):
    at: Instant
    database: Reachable
    broker: Reachable
    versions: Versions
    tzdata: list[NodeTzdata]
    lateness: NotRequired[Lateness]
    dead_letters: NotRequired[DeadLetterCount]
    retention: Retention
    partitions: list[Partition]


class Session(TypedDict):
    auth: Literal["none"]
    can: list[str]


class ImportEntry(TypedDict):
    line: int
    key: str
    task_id: Id
    schedule: str
    zone: str
    user: NotRequired[str]
    next_at: NotRequired[Instant]
    command: str
    result: str
    why: NotRequired[str]
    hint: NotRequired[str]


class ImportNote(TypedDict):
    line: NotRequired[int]
    column: NotRequired[int]
    key: NotRequired[str]
    text: str
    why: str
    hint: NotRequired[str]


class ImportSetting(TypedDict):
    line: int
    name: str
    entries: int


class ImportVanished(TypedDict):
    key: str
    deleted: bool
    why: NotRequired[str]


class ImportCounts(TypedDict):
    read: int
    new: int
    known: int
    created: int
    updated: int
    unchanged: int
    pending: int
    refused: int
    unknown: int
    ignored: int


class ImportReport(TypedDict):
    source: str
    project: str
    queue: str
    zone: str
    dry_run: bool
    asked: bool
    entries: list[ImportEntry]
    refused: list[ImportNote]
    ignored: list[ImportNote]
    settings: list[ImportSetting]
    notes: list[ImportNote]
    vanished: list[ImportVanished]
    counts: ImportCounts
