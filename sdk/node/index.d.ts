// Types of cronobs. docs/workers/node.md is the manual. Numbers of time are milliseconds.

import type { Writable } from 'node:stream'
import type * as answers from './answers.js'

/** What the API answers: `answers.Task`, `answers.Execution`, ... */
export type * as answers from './answers.js'

// --- workers ---

/** Called for each execution of its task; what it returns (or resolves to) is the result. */
export type Handler = (job: Job) => unknown

/** `250ms`, `90s`, `1h30m`, `1d`, or milliseconds. */
export type Duration = string | number

/** The console is one, and so is pino. */
export interface Logger {
  debug (text: string): void
  info (text: string): void
  warn (text: string): void
  error (text: string): void
}

/** What is not given comes from the environment, and what is not there either has a default: docs/workers/node.md lists them. */
export interface WorkerOptions {
  /** CRONOBS_QUEUE: the queue to work on; required. */
  queue?: string
  /** CRONOBS_BROKERS: addresses of Kafka, HOST:PORT,... */
  brokers?: string
  /** CRONOBS_TOPIC_PREFIX: what the names of all topics begin with. */
  topicPrefix?: string
  /** CRONOBS_WORKER_CONCURRENCY: how many executions run at a time. */
  concurrency?: number
  /** CRONOBS_WORKER_GROUP: consumer group; all workers of a queue share it. */
  group?: string
  /** CRONOBS_WORKER_NAME: who the worker is, shown in the history. */
  name?: string
  /** CRONOBS_WORKER_DRAIN: how long running handlers may go on after the first signal. */
  drain?: Duration
  /** CRONOBS_WORKER_BACKLOG: where the group has no position, executions older than this are left alone. */
  backlog?: Duration
  /** CRONOBS_KAFKA_SESSION_TIMEOUT: how long a silent worker keeps its partitions. */
  sessionTimeout?: Duration
  /** CRONOBS_KAFKA_...: `security.protocol`, `sasl.*`, `ssl.*`. */
  kafka?: Record<string, string | number | boolean>
  /** End a handler (cause LOST) when no sign of life of it has reached the brokers for three heartbeats. */
  stopWhenLost?: boolean
  /** Without a thread of its own for the worker: a handler that holds the event loop holds its signs of life, too. */
  inline?: boolean
  /** What a job says by the console is a line of its execution as well. */
  captureConsole?: boolean
  /** Takes the worker's own words, the same ones once in ten seconds; unless given they go to standard error. */
  logger?: Logger
}

/** Runs the executions of one queue in this process. */
export class Worker {
  constructor (options?: WorkerOptions)

  /** Registers a handler of the task with that key; "*" takes all that have none. */
  task (key: string, handler: Handler): this

  /**
   * Works until SIGTERM or SIGINT, and resolves to the exit code: 0 all is reported, 1 something is left, 64 a setting is wrong, 75 the
   * worker was broken off: start it again.
   */
  run (): Promise<number>

  /** Begins to work, beside your program; no signals are touched. Throws SettingError. Does not wait for the brokers. */
  start (): void

  /** Takes nothing new, leaves the group, lets handlers go on for the setting `drain`. Does not wait. */
  drain (): void

  /** Drains, waits until all is reported or the time for it is over, and resolves as run() does. */
  close (): Promise<number>
}

export type Trigger = 'SCHEDULED' | 'CATCH_UP' | 'BACKFILL' | 'MANUAL' | 'RETRY' | 'CHAIN' | 'EXTERNAL' | 'UNKNOWN'
export type Level = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
type Text = string | Uint8Array

/**
 * A line of the execution's log, or several. Of bytes, those that are no UTF-8 become \xHH. false: 16 MiB of lines are unsent; wait for
 * `job.drained()`. Past 64 MiB lines are left out.
 */
export interface Log {
  (text: Text, level?: Level): boolean
  debug (text: Text): boolean
  info (text: Text): boolean
  warn (text: Text): boolean
  error (text: Text): boolean
}

/** One attempt of one execution. After the handler's end nothing is sent any more. */
export class Job {
  private constructor ()

  /** The same in every attempt and every delivery: make the work repeatable with it. */
  readonly executionId: string
  /** 1, 2, ... of maxAttempts. */
  readonly attempt: number
  readonly maxAttempts: number
  /** The task's key. */
  readonly task: string
  readonly taskId: string
  readonly project: string
  /** The task's. */
  readonly revision: number
  /** Where it came from. */
  readonly queue: string
  readonly trigger: Trigger
  /** Empty where there is none. */
  readonly payload: Buffer
  /** The payload's media type. */
  readonly contentType: string | null
  /** Of the task. */
  readonly labels: Readonly<Record<string, string>>
  /** The schedule's. */
  readonly zone: string | null
  /** Of the message's header, as W3C Trace Context writes it. */
  readonly traceparent: string | null
  /** The instant that the schedule names, or that of the command. */
  readonly scheduledAt: Date
  /** scheduledAt with jitter. */
  readonly dueAt: Date
  /** The wall time that the schedule names in its zone, `2026-11-30T03:00:00`; null: started by hand. */
  readonly nominalLocal: string | null
  readonly startBy: Date | null
  /** It is not tried again after this. */
  readonly finishBy: Date | null
  readonly runTimeout: number | null
  /** How often the task wants a sign of life; the worker gives it by itself. */
  readonly heartbeat: number | null

  /** The payload as UTF-8. */
  text (): string
  /** The payload as JSON. */
  json<T = any> (): T

  readonly log: Log
  /** Resolves when less than 16 MiB of lines are unsent, or there is a cause to end. */
  drained (): Promise<void>
  /** How far it is, 0-100 (null, NaN: as it was said last), and what it is doing, at most 4 KiB. The newest is told once a second. */
  progress (percent?: number | null, note?: string | null): void

  /** Aborted when the handler is to end early; its reason is a Cancelled. */
  readonly signal: AbortSignal
  /** Why the handler is to end early; null: it is not. */
  readonly cause: Cause | null
  /** No sign of life has reached the brokers for three heartbeats: soon another worker may begin it. It may end again. */
  readonly contactLost: boolean
  /** Throws Cancelled where there is a cause to end. */
  check (): void
  /** Sleeps, for Infinity as well, and rejects with Cancelled as soon as there is a cause to end. */
  wait (milliseconds: number): Promise<void>
  /** The same function, to be called from elsewhere: what it logs is this job's. */
  wrap<F extends (...args: any[]) => any> (f: F): F
}

/** CANCEL: somebody has cancelled it. TIMEOUT: its run timeout is over. SHUTDOWN: the worker ends. LOST: with `stopWhenLost`. */
export type Cause = 'CANCEL' | 'TIMEOUT' | 'SHUTDOWN' | 'LOST'
export const Cause: { readonly [C in Cause]: C }

/** What check() and wait() throw, and the reason of a job's signal. */
export class Cancelled extends Error {
  constructor (cause: Cause)
  readonly cause: Cause
  readonly code: 'ABORT_ERR'
}

/** To be thrown by a handler: FAILED with this message, and maybe an exit code and a result. No trace is logged. */
export class Failed extends Error {
  constructor (message: string, more?: { exitCode?: number | null, result?: unknown })
  readonly exitCode: number | null
  readonly result: unknown
}

/** A setting is wrong: the text names it, its value, the limit and the way out. */
export class SettingError extends Error {}

/** What a job says by the console from now on is also a line of its execution. What it returns ends that. */
export function captureConsole (): () => void

/** A stream that makes lines of what a logger such as pino writes in a job's context, JSON a line: `pino.multistream([process.stdout, logStream()])`. */
export function logStream (): Writable

// --- runs that something else starts ---

export interface ObserveOptions extends Pick<WorkerOptions, 'brokers' | 'topicPrefix' | 'name' | 'kafka' | 'captureConsole' | 'logger'> {
  /** The task's; `default` unless given. */
  project?: string
  /** The task as PUT by the API before the run, or with `schedule` and `zone` for its one schedule. */
  ensure?: Spec & { schedule?: string, zone?: string }
  /** CRONOBS_URL: the API, for `ensure`. */
  url?: string
}

/** Reports a run that something else has started: RUNNING, its lines and progress, and how it ended. Resolves as the function does. */
export function observe<T> (key: string, run: (job: Job) => T): Promise<Awaited<T>>
export function observe<T> (key: string, options: ObserveOptions, run: (job: Job) => T): Promise<Awaited<T>>

// --- the client of the HTTP API ---

/** RFC 3339, or a Date. */
export type Instant = string | Date
/** One of several, or a list. */
export type Words<W extends string = string> = W | readonly W[]
/** Bytes, a text, or what becomes JSON. */
export type Payload = Uint8Array | string | number | boolean | object

type Part<T> = T extends readonly (infer I)[] ? Part<I>[] : T extends object ? { [M in keyof T]?: Part<T[M]> } : T
/** The specification of a task, as far as it is not to be as it is by default. */
export type Spec = Part<Omit<answers.TaskSpec, 'key' | 'project'>>
/** null resets a member to its default. */
export type Changes = { [M in keyof Spec]?: Spec[M] | null }

export interface CallOptions {
  /** Ends the call, with the signal's reason. */
  signal?: AbortSignal
}

export interface PageOptions extends CallOptions {
  /** So many are fetched at a time. */
  page?: number
}

/** What every write takes. */
export interface WriteOptions extends CallOptions {
  /** How long to wait for its outcome, 60,000 at most; 0: not at all. 10,000 unless given. */
  wait?: number
  /** The revision that the task must be at: else 412. */
  ifMatch?: number
  /** 200 characters at most: the same write under the same key has one effect. */
  idempotencyKey?: string
}

export interface ReasonOptions extends WriteOptions {
  /** Shown in the history. */
  reason?: string
}

export interface TaskFilters extends PageOptions {
  /** A part of key, title or label. */
  q?: string
  project?: string
  queue?: string
  /** Active and paused ones unless given. */
  state?: Words<answers.TaskStatus>
  label?: string
  include?: Words
}

export interface ExecutionFilters extends PageOptions {
  /** As for Client.task(). */
  task?: string | TaskHandle
  queue?: string
  status?: Words<answers.Status>
  reason?: Words<answers.Reason>
  trigger?: Words<answers.Trigger>
  day?: string
  tz?: string
  from?: Instant
  to?: Instant
  order?: string
  include?: Words
}

export interface LogFilters extends PageOptions {
  /** What is less serious is left out. */
  level?: answers.LogLevel
  stream?: Words<answers.LogStream>
  attempt?: number
  writer?: string
  /** Go on until the execution has ended. */
  follow?: boolean
}

export interface UpcomingFilters extends CallOptions {
  from?: Instant
  to?: Instant
  limit?: number
}

export interface ExplainOptions extends CallOptions {
  zone?: string
  dialect?: answers.Dialect
  dstGap?: answers.DstGap
  dstOverlap?: answers.DstOverlap
  task?: string
  from?: Instant
  count?: number
}

/** One installation. */
export class Client {
  /**
   * url      unless given CRONOBS_URL, or else http://127.0.0.1:8080; it may have a user and a path, of a proxy
   * timeout  how long a call may take with all its repeats, beside its `wait`; 30,000 unless given
   * headers  sent with every request, for a proxy that wants a token
   */
  constructor (url?: string, options?: { timeout?: number, headers?: Record<string, string> })

  /** Closes the connections that are kept; they do not keep a program alive anyway. */
  close (): void

  /** A key of the project, or `project~key`. Asks nothing: the task need not be there. */
  task (key: string, options?: { project?: string }): TaskHandle
  execution (id: string): ExecutionHandle
  /** By project and key. */
  tasks (filters?: TaskFilters): AsyncGenerator<answers.Task, void, undefined>
  /** The newest first; all that there are: choose, or stop. */
  executions (filters?: ExecutionFilters): AsyncGenerator<answers.Execution, void, undefined>
  /** As ExecutionHandle.logs(). */
  logs (id: string, filters?: LogFilters): AsyncGenerator<answers.LogLine, void, undefined>
  /** When tasks are due next, all of them in one list. */
  upcoming (filters?: UpcomingFilters & { project?: string }): Promise<answers.Planned[]>
  /** What an expression means and when it fires, without saving anything. */
  explain (expression: string, options?: ExplainOptions): Promise<answers.Explained>
  /** What became of a write whose outcome was not known in time. */
  command (id: string, options?: CallOptions): Promise<answers.Command>
  /** What is open in each, and who reads it. */
  queues (options?: CallOptions): Promise<answers.Queue[]>
  /** Who works for a queue: what each worker runs, and when it was last heard of. */
  workers (queue: string, options?: CallOptions): Promise<answers.QueueWorkers>
  /** Any other resource that answers JSON: `get('/v1/days', { tz: 'Europe/Berlin', from: '2026-11-01' })`. */
  get<T = any> (path: string, query?: Record<string, unknown>, options?: CallOptions): Promise<T>
}

/** A task by project and key, whether it is there or not. */
export class TaskHandle {
  private constructor ()
  readonly project: string
  readonly key: string
  readonly id: string
  /** `project~key`. */
  toString (): string

  get (options?: CallOptions): Promise<answers.Task>
  /** Makes it, or replaces its whole specification; an equal one makes no new revision. `onlyNew`: 412 where it is there. */
  put (spec: Spec, options?: WriteOptions & { onlyNew?: boolean }): Promise<answers.Outcome>
  /** What would come of such a put. Writes nothing. */
  draft (spec: Spec, options?: CallOptions): Promise<answers.Draft>
  /** Changes some members of its specification. */
  patch (changes: Changes, options?: WriteOptions): Promise<answers.Outcome>
  /** Its history stays. */
  delete (options?: ReasonOptions): Promise<answers.Outcome>
  /** Nothing more is fired until it is resumed, or until then. */
  pause (options?: ReasonOptions & { until?: Instant }): Promise<answers.Outcome>
  /** Ends a pause; `gap`: which of the instants that passed are made up for, as its policy says unless given. */
  resume (options?: ReasonOptions & { gap?: answers.ResumeGap }): Promise<answers.Outcome>
  /** One execution now, which `execution_id` names; without a payload it has the task's own. */
  trigger (payload?: Payload | null, options?: ReasonOptions & { ignoreOverlap?: boolean }): Promise<answers.Outcome>
  /** The next instant that is due is left out; `message` says which. */
  skipNext (options?: ReasonOptions): Promise<answers.Outcome>
  /** Runs each instant after `from`, up to `to`: 1,000 at most, in the past. */
  backfill (from: Instant, to: Instant, options?: ReasonOptions): Promise<answers.Outcome>
  /** Which instants such a backfill would run. Writes nothing. */
  draftBackfill (from: Instant, to: Instant, options?: CallOptions): Promise<answers.BackfillDraft>
  /** When it is due next. */
  upcoming (filters?: UpcomingFilters): Promise<answers.Planned[]>
  /** Whether it ran at that instant (the last one unless given), and if not, why. A text without an offset is a wall time of `tz`. */
  why (at?: Instant, options?: CallOptions & { tz?: string }): Promise<answers.Why>
  /** What it was, newest first. */
  revisions (options?: PageOptions): AsyncGenerator<answers.Revision, void, undefined>
  /** Instants that were not fired, and why, newest first. */
  gaps (options?: PageOptions): AsyncGenerator<answers.Gap, void, undefined>
}

/** An execution by its id. */
export class ExecutionHandle {
  private constructor ()
  readonly id: string

  /** With its payload and its last sign of life. */
  get (options?: CallOptions): Promise<answers.Execution>
  /** Until it has ended and no attempt follows, or the signal says that it took too long. */
  wait (options?: CallOptions): Promise<answers.Execution>
  /** All that was reported about it, in the order of the log. */
  events (options?: PageOptions): AsyncGenerator<answers.ExecutionEvent, void, undefined>
  /** Its lines in the order of their arrival; with `attempt` or `writer` those of one writer, by number. */
  logs (filters?: LogFilters): AsyncGenerator<answers.LogLine, void, undefined>
  /** Ends it: at once while nobody has begun it, else by a signal to its worker. */
  cancel (options?: ReasonOptions): Promise<answers.Outcome>
  /** Runs one that is over again, as an execution of its own, with the payload that it had unless another is given. */
  retry (payload?: Payload | null, options?: ReasonOptions): Promise<answers.Outcome>
}

/** What the API refused, or that it could not be asked. Its text is the API's own words; null where there is none. */
export class ApiError extends Error {
  private constructor ()
  /** Of HTTP; 0: no answer came, and `cause` says why. */
  readonly status: number
  readonly detail: string
  /** The outcome's symbol where the scheduler refused a command, such as STALE_REVISION. */
  readonly code: string | null
  /** The JSON pointer of the member that is wrong, such as /schedules/0/expression. */
  readonly pointer: string | null
  /** The place in a text, from 1. */
  readonly column: number | null
  /** The way out. */
  readonly hint: string | null
}
