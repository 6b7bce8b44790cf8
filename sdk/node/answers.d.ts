// What the API answers, as types. Written by sdk/answers.py --write; docs/http-api.md says what the members mean.
//
// A member with a `?` may be missing, and then is not known, or nothing. A newer server may say more than is here.

/** A UUID. */
export type Id = string
/** RFC 3339, in UTC: 2026-11-24T13:00:00Z, with fractions of a second where there are any. */
export type Instant = string
/** RFC 3339 on a zone's clock, with its offset: 2026-11-24T14:00:00+01:00. */
export type OffsetTime = string
/** A wall time, without an offset: 2027-03-28T02:30:00. */
export type LocalTime = string
export type Status = 'PENDING' | 'WAITING' | 'RUNNING' | 'CANCELLING' | 'RETRYING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'LOST' | 'CANCELLED' | 'MISSED' | 'SKIPPED' | 'UNKNOWN'
export type Trigger = 'UNKNOWN' | 'SCHEDULED' | 'CATCH_UP' | 'BACKFILL' | 'MANUAL' | 'RETRY' | 'CHAIN' | 'EXTERNAL'
export type Reason = 'NONE' | 'CALENDAR' | 'WINDOW' | 'DELETED' | 'PAUSED' | 'SKIP_NEXT' | 'MISFIRE' | 'START_DEADLINE' | 'NO_QUEUE' | 'OVERLAP' | 'QUEUE_FULL' | 'RUN_TIMEOUT' | 'FINISH_BY' | 'HEARTBEAT' | 'CANCEL_REQUESTED' | 'EXIT_CODE' | 'SIGNAL' | 'WORKER_SHUTDOWN' | 'WORKER_ERROR' | 'RETRY' | 'RELEASED' | 'TZDATA' | 'EDITED' | 'UNKNOWN'
export type TaskStatus = 'ACTIVE' | 'PAUSED' | 'DELETED' | 'UNKNOWN'
export type CommandKind = 'PUT_TASK' | 'DELETE_TASK' | 'PAUSE_TASK' | 'RESUME_TASK' | 'TRIGGER_TASK' | 'SKIP_NEXT' | 'CANCEL_EXECUTION' | 'RETRY_EXECUTION' | 'BACKFILL' | 'PUT_OBJECT' | 'DELETE_OBJECT'
export type ResumeGap = 'NONE' | 'LAST' | 'ALL'
export type Dst = 'NONE' | 'MOVED' | 'REPEATED'
export type OutcomeResult = 'ACCEPTED' | 'REJECTED' | 'UNKNOWN'
export type OutcomeCode = 'OK' | 'CREATED' | 'UPDATED' | 'UNCHANGED' | 'NOT_FOUND' | 'DELETED' | 'STALE_REVISION' | 'INVALID_SPEC' | 'NO_QUEUE' | 'MISPLACED' | 'UNSUPPORTED' | 'OVERLAP' | 'NOT_PAUSED' | 'UNKNOWN'
export type MisfirePolicy = 'LAST' | 'NONE' | 'ALL'
export type OverlapPolicy = 'ALLOW' | 'SKIP' | 'QUEUE_ONE' | 'QUEUE_ALL' | 'CANCEL_OTHER'
export type CalendarMode = 'EXCLUDE' | 'ONLY'
export type LogLevel = 'INFO' | 'DEBUG' | 'WARN' | 'ERROR'
export type LogStream = 'LOG' | 'STDOUT' | 'STDERR'
export type Dialect = 'AUTO' | 'QUARTZ' | 'VIXIE' | 'OCPS'
export type DstGap = 'RUN_AFTER' | 'SKIP'
export type DstOverlap = 'FIRST' | 'BOTH'
export type ThenOn = 'SUCCEEDED' | 'FAILED' | 'ENDED'

export interface Schedule {
  expression: string
  zone?: string
  dialect: Dialect
  dst_gap: DstGap
  dst_overlap: DstOverlap
}

export interface CalendarRule {
  kind: string
  value: string
}

export interface Calendar {
  name: string
  mode: CalendarMode
  rules: CalendarRule[]
}

export interface Window {
  from?: Instant
  until?: Instant
  daily_from?: string
  daily_to?: string
  zone?: string
}

export interface Misfire {
  policy: MisfirePolicy
  after_ms: number
  window_ms: number
  limit: number
}

export interface Retry {
  max_attempts: number
  first_delay_ms: number
  max_delay_ms: number
  jitter_ms: number
  multiplier: number
  on?: string
}

export interface Then {
  project?: string
  task: string
  on: ThenOn
}

export interface TaskSpec {
  key: string
  project: string
  title?: string
  description?: string
  labels: Record<string, string>
  queue: string
  payload?: string
  payload_base64?: string
  content_type?: string
  schedules: Schedule[]
  calendars: Calendar[]
  window?: Window
  jitter_ms: number
  misfire: Misfire
  overlap: OverlapPolicy
  max_concurrency: number
  retry: Retry
  start_deadline_ms?: number
  run_timeout_ms?: number
  finish_by_ms?: number
  heartbeat_ms?: number
  pause_after_failures?: number
  then?: Then[]
}

export interface Recent {
  execution_id: Id
  status: Status
  run_ms?: number
}

export interface Lint {
  schedule?: number
  pointer?: string
  code: string
  column?: number
  text: string
}

export interface ClockNote {
  schedule: number
  at: Instant
  text: string
}

export interface Reachable {
  reachable: boolean
  why?: string
}

export interface Parent {
  task_id: Id
  project: string
  key: string
  on?: string
}

export interface Follower {
  project: string
  key: string
}

export interface Pause {
  command_id: Id
  at?: Instant
  by?: string
  reason?: string
  until?: string
}

export interface Skip {
  command_id?: Id
  at?: Instant
  by?: string
  reason?: string
}

export interface Task {
  task_id: Id
  revision: number
  state: TaskStatus
  effective_at?: Instant
  received_at: Instant
  project: string
  key: string
  title?: string
  queue?: string
  next_at?: Instant
  skip_until?: Instant
  skip?: Skip
  paused?: Pause
  spec: TaskSpec
  words?: string[]
  recent?: Recent[]
  after?: Parent[]
  absent?: Follower[]
}

export interface TaskList {
  items: Task[]
  next?: string
}

export interface Revision {
  task_id: Id
  revision: number
  state: TaskStatus
  effective_at?: Instant
  received_at: Instant
  command_id?: Id
  actor?: string
  reason?: string
  spec: TaskSpec
}

export interface RevisionNote {
  task_id: Id
  revision: number
  state: TaskStatus
  effective_at?: Instant
  received_at: Instant
  command_id?: Id
  actor?: string
  reason?: string
}

export interface RevisionList {
  items: Revision[]
  next?: string
}

export interface Gap {
  task_id: Id
  revision: number
  from_at: Instant
  reason: Reason
  to_at: Instant
  received_at: Instant
  count: number
  more: boolean
}

export interface GapList {
  items: Gap[]
  next?: string
}

export interface Outcome {
  command_id: Id
  task_id: Id
  result: OutcomeResult | 'PENDING'
  code?: OutcomeCode
  message?: string
  revision?: number
  execution_id?: Id
  clock_changes?: ClockNote[]
  lints?: Lint[]
}

export interface Change {
  pointer: string
  from?: unknown
  to?: unknown
}

export interface DraftInstant {
  schedule: number
  at: Instant
  local: OffsetTime
  zone: string
  due_at: Instant
  dst: Dst
  skip?: Skip
}

export interface LeftOut {
  schedule: number
  at: Instant
  local: OffsetTime
  zone: string
  by: string
  pointer: string
}

export interface Draft {
  task_id: Id
  result: OutcomeCode
  revision: number
  state: TaskStatus
  changes: Change[]
  schedules: Explained[]
  next: DraftInstant[]
  left_out: LeftOut[]
  left_out_to: Instant
  clock_changes: ClockNote[]
  lints: Lint[]
}

export interface BackfillInstant {
  execution_id?: Id
  scheduled_at: Instant
  local: OffsetTime
  zone: string
  dst: Dst
}

export interface BackfillDraft {
  task_id: Id
  project: string
  key: string
  state: TaskStatus
  revision: number
  from: Instant
  to: Instant
  items: BackfillInstant[]
  count: number
  more: boolean
  limit: number
  at_once: number
  next?: Instant
}

export interface Command {
  command_id: Id
  task_id: Id
  kind?: CommandKind
  expected_revision?: number
  received_at?: Instant
  actor?: string
  reason?: string
  body?: unknown
  code?: OutcomeCode
  revision?: number
  execution_id?: Id
  outcome_at?: Instant
  message?: string
  result: OutcomeResult | 'PENDING'
}

export interface Planned {
  task_id: Id
  project: string
  key: string
  title?: string
  scheduled_at: Instant
  due_at: Instant
  local: OffsetTime
  zone: string
  dst: Dst
  skip?: Skip
}

export interface Upcoming {
  state?: TaskStatus
  from: Instant
  complete: boolean
  items: Planned[]
}

export interface Day {
  day?: string
  from: Instant
  to: Instant
  total: number
  run_ms: number
  counts: Partial<Record<Status, number>>
  planned?: number
  gaps?: Partial<Record<Reason, number>>
}

export interface Days {
  tz: string
  unit: string
  kept_from?: string
  items: Day[]
}

export interface ForecastTask {
  task_id: Id
  project: string
  key: string
  title?: string
}

export interface ForecastPart {
  schedule: string
  firings: number
  tasks: number
  examples: ForecastTask[]
}

export interface ForecastPeak {
  at: Instant
  local: OffsetTime
  firings: number
  tasks: number
  by: ForecastPart[]
  more: boolean
}

export interface ForecastHour {
  at: Instant
  local: OffsetTime
  firings: number
  most: number
  most_at: Instant
}

export interface ForecastQuiet {
  at: Instant
  local: OffsetTime
  to: Instant
  firings: number
}

export interface WhatIf {
  expression: string
  zone: string
  minutes: number
  most?: number
  most_at?: Instant
  most_local?: OffsetTime
  later_by?: number
  later_most?: number
}

export interface Forecast {
  day: string
  tz: string
  from: Instant
  to: Instant
  since: Instant
  at: Instant
  tasks: number
  due: number
  paused: number
  firings: number
  complete: boolean
  hours: ForecastHour[]
  peaks: ForecastPeak[]
  quiet: ForecastQuiet[]
  what_if?: WhatIf
  minutes: number[]
}

export interface Late {
  executions: number
  tasks: number
  oldest_due_at?: Instant
}

export interface Step {
  from: Instant
  counts: Partial<Record<Status, number>>
}

export interface Summary {
  at: Instant
  late_after_ms: number
  open: Partial<Record<Status, number>>
  late: Late
  day: Partial<Record<Status, number>>
  failing_tasks: number
  tasks: Partial<Record<TaskStatus, number>>
  steps: Step[]
  complete: boolean
}

export interface LastFailure {
  execution_id: Id
  status: Status
  at: Instant
  message?: string
}

export interface FailingTask {
  task_id: Id
  project?: string
  key?: string
  title?: string
  counts: Partial<Record<Status, number>>
  in_a_row: number
  since: Instant
  last: LastFailure
  recent: Recent[]
}

export interface Failing {
  items: FailingTask[]
  tasks: number
  complete: boolean
}

export interface Heartbeat {
  worker_incarnation?: Id
  received_at: Instant
  occurred_at?: Instant
  attempt: number
  progress?: number
  worker?: string
  message?: string
}

export interface Execution {
  execution_id: Id
  task_id: Id
  parent_execution_id?: Id
  worker_incarnation?: Id
  blocked_by?: Id
  created_at?: Instant
  scheduled_at?: Instant
  trigger?: Trigger
  revision?: number
  queue?: string
  status_from?: number
  due_at?: Instant
  started_at?: Instant
  finished_at?: Instant
  status_at?: Instant
  next_attempt_at?: Instant
  start_by?: Instant
  finish_by?: Instant
  run_timeout_ms?: number
  heartbeat_ms?: number
  nominal_local?: LocalTime
  exit_code?: number
  attempt: number
  max_attempts?: number
  status: Status
  reason?: Reason
  dst?: Dst
  cancel_requested: boolean
  contradicted: boolean
  zone?: string
  tzdata?: string
  worker?: string
  message?: string
  content_type?: string
  labels?: Record<string, string>
  payload?: string
  payload_base64?: string
  project?: string
  key?: string
  title?: string
  run_ms?: number
  usual_ms?: number
  progress?: number
  progress_message?: string
  heartbeat_at?: Instant
  heartbeat?: Heartbeat
}

export interface ExecutionList {
  items: Execution[]
  next?: string
  complete?: boolean
}

export interface ExecutionEvent {
  execution_id: Id
  task_id: Id
  event_id: Id
  worker_incarnation?: Id
  blocked_by?: Id
  received_at: Instant
  occurred_at?: Instant
  next_attempt_at?: Instant
  kafka_offset: number
  kafka_partition: number
  exit_code?: number
  attempt: number
  status: Status
  reason?: Reason
  if_unclaimed: boolean
  moved: boolean
  worker?: string
  message?: string
  result?: string
  result_base64?: string
}

export interface ExecutionEventList {
  items: ExecutionEvent[]
  next?: string
}

export interface Evidence {
  topic: string
  partition?: number
  offset?: number
  at?: Instant
  local?: OffsetTime
  text: string
}

export interface Verdict {
  at: Instant
  local: OffsetTime
  due_at?: Instant
  answer: 'RAN' | 'RUNS' | 'WAITS' | 'DID_NOT_RUN' | 'NOT_FIRED' | 'NOT_SCHEDULED' | 'TO_COME' | 'UNDECIDED' | 'UNSTORED' | 'NOT_KEPT' | 'UNEXPLAINED'
  rule?: Reason
  text: string
  details: string[]
  evidence: Evidence[]
  before?: Instant
  after?: Instant
  revision?: RevisionNote
  gap?: Gap
  execution?: Execution
}

export interface Why {
  task_id: Id
  project: string
  key: string
  state: TaskStatus
  tz: string
  now: Instant
  note?: string
  items: Verdict[]
}

export interface AuditLine {
  at: Instant
  local: OffsetTime
  to?: Instant
  kind: 'DID_NOT_RUN' | 'NOT_FIRED' | 'MISSING' | 'EXTRA' | 'TWICE' | 'MISCOUNTED'
  count: number
  explained: boolean
  rule?: Reason
  execution_id?: Id
  revision?: number
  text: string
}

export interface AuditTotals {
  expected: number
  ran: number
  open: number
  did_not_run: number
  not_fired: number
  undecided: number
  not_kept: number
  missing: number
  extra: number
  twice: number
  others: number
}

export interface Audit {
  task_id: Id
  project: string
  key: string
  state: TaskStatus
  tz: string
  now: Instant
  from: Instant
  to: Instant
  totals: AuditTotals
  items: AuditLine[]
  next?: string
}

export interface LogLine {
  attempt: number
  writer: Id
  seq: number
  at?: Instant
  received_at: Instant
  level: LogLevel
  stream: LogStream
  message: string
  escaped?: boolean
  unfinished?: boolean
}

export interface LogPage {
  items: LogLine[]
  attempt?: number
  writer?: Id
  last?: number
  prev?: string
  next: string
  more: boolean
}

export interface LogWriter {
  attempt: number
  writer: Id
  last: number
  worker?: string
  lines: number
  missing: [number, number][]
  levels?: Partial<Record<LogLevel, number>>
}

export interface LogWriters {
  items: LogWriter[]
}

export interface LogMatch {
  line: number
  at?: Instant
  level: LogLevel
  stream: LogStream
  message: string
}

export interface LogMatches {
  items: LogMatch[]
  attempt?: number
  writer?: Id
  last?: number
  matches: number
  scanned: number
  next?: string
}

export interface DeadLetter {
  topic: string
  partition: number
  offset: number
  last_offset?: number
  at?: Instant
  reason: string
  detail?: string
  key?: string
  key_base64?: string
  bytes?: number
  sha256?: string
  value?: string
  value_base64?: string
}

export interface DeadLetterList {
  items: DeadLetter[]
  next?: string
}

export interface ScheduleLint {
  code: string
  column?: number
  text: string
}

export interface ClockChange {
  at: Instant
  local: LocalTime
  several: boolean
  effect: 'SKIPS' | 'MOVES' | 'ONCE' | 'TWICE'
  text: string
}

export interface Frequency {
  per_day: number
  per_month: number
  per_year: number
}

export interface Occurrence {
  at: Instant
  local: OffsetTime
  dst: Dst
  nominal?: LocalTime
}

export interface Explained {
  expression: string
  canonical: string
  description: string
  zone: string
  class: 'FIXED_TIME' | 'INTERVAL'
  lints: ScheduleLint[]
  clock_changes: ClockChange[]
  frequency: Frequency
  next: Occurrence[]
}

export interface ZoneSpan {
  from?: Instant
  offset_s: number
}

export interface ZoneRules {
  name: string
  tzdata: string
  spans: ZoneSpan[]
}

export interface ZoneNames {
  tzdata: string
  items: string[]
}

export interface QueueGroup {
  name: string
  members?: number
  lag?: number
}

export interface Queue {
  name: string
  topic: string
  partitions: number
  open?: Partial<Record<Status, number>>
  more?: boolean
  oldest_due_at?: Instant
  group?: QueueGroup
}

export interface QueueList {
  items: Queue[]
}

export interface QueueRun {
  execution_id: Id
  task_id: Id
  project?: string
  key?: string
  title?: string
  status: Status
  attempt: number
  scheduled_at?: Instant
  started_at?: Instant
  progress?: number
  progress_message?: string
  heartbeat_at?: Instant
}

export interface QueueWorker {
  worker: string
  incarnation: Id
  since: Instant
  seen_at: Instant
  running: number
  finished: number
  runs: QueueRun[]
}

export interface QueueWorkers {
  queue: string
  group?: QueueGroup
  from: Instant
  items: QueueWorker[]
  complete: boolean
}

export interface Watermark {
  at?: Instant
  written_at: Instant
  age_ms: number
}

export interface PartitionProblem {
  kind: 'STALLED' | 'STANDING' | 'UNREACHABLE' | 'UNOWNED' | 'UNSTORED' | 'LOST'
  topic: string
  by?: string
  seconds?: number
  offset?: number
  offsets?: number
  why?: string
  cure?: string
}

export interface Partition {
  partition: number
  scheduler?: string
  consumer?: string
  watermark?: Watermark
  lag?: number
  problems: PartitionProblem[]
}

export interface Lateness {
  from: Instant
  fired: number
  p50_ms?: number
  p99_ms?: number
}

export interface DeadLetterCount {
  count: number
  more: boolean
  newest_at?: Instant
}

export interface TopicRetention {
  topic: string
  policy: string
  ms?: number
}

export interface Retention {
  history_from?: Instant
  logs_from?: Instant
  topics: TopicRetention[]
}

export interface Versions {
  cronobs: string
  schema?: number
  postgresql?: string
}

export interface NodeTzdata {
  node: string
  tzdata: string
}

export interface System {
  at: Instant
  database: Reachable
  broker: Reachable
  versions: Versions
  tzdata: NodeTzdata[]
  lateness?: Lateness
  dead_letters?: DeadLetterCount
  retention: Retention
  partitions: Partition[]
}

export interface Session {
  auth: 'none'
  can: string[]
}

export interface ImportEntry {
  line: number
  key: string
  task_id: Id
  schedule: string
  zone: string
  user?: string
  next_at?: Instant
  command: string
  result: string
  why?: string
  hint?: string
}

export interface ImportNote {
  line?: number
  column?: number
  key?: string
  text: string
  why: string
  hint?: string
}

export interface ImportSetting {
  line: number
  name: string
  entries: number
}

export interface ImportVanished {
  key: string
  deleted: boolean
  why?: string
}

export interface ImportCounts {
  read: number
  new: number
  known: number
  created: number
  updated: number
  unchanged: number
  pending: number
  refused: number
  unknown: number
  ignored: number
}

export interface ImportReport {
  source: string
  project: string
  queue: string
  zone: string
  dry_run: boolean
  asked: boolean
  entries: ImportEntry[]
  refused: ImportNote[]
  ignored: ImportNote[]
  settings: ImportSetting[]
  notes: ImportNote[]
  vanished: ImportVanished[]
  counts: ImportCounts
}
