/** The face of an execution: what a handler is given. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import { Cancelled } from './cause.js'
import { cut, lines, MESSAGE_MAX } from './text.js'

const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR']
const LONGEST_TIMER = 2 ** 31 - 1 // milliseconds: a longer one is over at once

/** Its store is the job in whose context code runs. */
export const current = new AsyncLocalStorage()

/**
 * One attempt of one execution. After the handler's end nothing is sent any more.
 *
 * executionId    the same in every attempt and every delivery: make the work repeatable with it
 * attempt        1, 2, ... of maxAttempts
 * task, project  keys; taskId the task's id; revision its revision; queue where it came from
 * trigger        SCHEDULED, CATCH_UP, BACKFILL, MANUAL, RETRY, CHAIN
 * payload        a Buffer, empty where there is none; contentType its media type; labels of the task
 * traceparent    of the record's header, as W3C Trace Context writes it
 * scheduledAt    Date: the instant that the schedule names, or that of the command; dueAt is that with jitter
 * nominalLocal   the wall time that the schedule names in its zone, '2026-11-30T03:00:00'; null: started by hand
 * startBy        Date, as finishBy, after which it is not tried again; null: none
 * runTimeout     milliseconds; heartbeat: how often the task wants a sign of life, which the worker gives by itself; null: none
 * signal         AbortSignal: aborted when the handler is to end early, with a Cancelled as its reason
 * log            (text, level), .debug, .info, .warn, .error: a line of this execution's log, or several. Of bytes, those that are no UTF-8
 *                become \xHH. false: 16 MiB of lines are unsent; wait for `job.drained()`. Past 64 MiB lines are left out
 *
 * voice          where its words go: {line(level, lines) -> boolean, progress(percent, note), contactLost() -> boolean, drained() -> Promise or null}
 */
export class Job {
  #voice
  #cause = null
  #told = new AbortController()
  #isClosed = false

  constructor (execution, queue, voice) {
    this.#voice = voice
    this.queue = queue
    this.executionId = execution.execution_id
    this.taskId = execution.task_id
    this.task = execution.task_key
    this.project = execution.project
    this.attempt = execution.attempt
    this.maxAttempts = execution.max_attempts
    this.revision = execution.revision
    this.trigger = execution.trigger
    this.payload = bufferOf(execution.payload)
    this.contentType = execution.content_type
    this.labels = execution.labels
    this.zone = execution.zone
    this.traceparent = execution.traceparent ?? null
    this.scheduledAt = instantOf(execution.scheduled_at)
    this.dueAt = instantOf(execution.due_at)
    this.startBy = instantOf(execution.start_by)
    this.finishBy = instantOf(execution.finish_by)
    this.nominalLocal = wallTimeOf(execution.nominal_local)
    this.runTimeout = spanOf(execution.run_timeout_ms)
    this.heartbeat = spanOf(execution.heartbeat_ms)
    this.log = loggerOf(this)
  }

  get signal () {
    return this.#told.signal
  }

  /** The payload as UTF-8. */
  text () {
    return this.payload.toString()
  }

  /** The payload as JSON. */
  json () {
    return JSON.parse(this.text())
  }

  // --- words ---

  /** As `log`. */
  line (text, level) {
    if (!LEVELS.includes(level)) throw new RangeError(`level: '${level}' is none of ${LEVELS.join(', ')}`)
    return this.#isClosed || this.#voice.line(level, lines(text))
  }

  /** Resolves when less than 16 MiB of lines are unsent, or there is a cause to end. */
  async drained () {
    if (!this.#isClosed && this.cause === null) await this.#voice.drained()
  }

  /** How far it is, 0-100 (null, NaN: as it was said last), and what it is doing, at most 4 KiB. The newest is told once a second. */
  progress (percent = null, note = null) {
    if (this.#isClosed) return
    const known = percent === null ? NaN : Math.trunc(Math.min(Math.max(percent, 0), 100)) // 100 * 0 / 0 is none, either
    this.#voice.progress(Number.isNaN(known) ? null : known, note === null ? null : cut(note, MESSAGE_MAX))
  }

  // --- the end ---

  /** Why the handler is to end early, one of Cause; null: it is not. */
  get cause () {
    return this.#cause
  }

  /**
   * The brokers have had no sign of life for three times as long as the task asks for: soon it is taken for dead, and another worker
   * may begin it. It may end again.
   */
  get contactLost () {
    return this.#voice.contactLost()
  }

  /** Throws Cancelled where there is a cause to end. */
  check () {
    if (this.cause !== null) throw this.signal.reason
  }

  /** Sleeps, for Infinity as well, and throws Cancelled as soon as there is a cause to end. */
  async wait (milliseconds) {
    this.check()
    const { signal } = this
    try {
      let left = milliseconds
      for (; left > LONGEST_TIMER; left -= LONGEST_TIMER) await sleep(LONGEST_TIMER, undefined, { signal })
      await sleep(left, undefined, { signal })
    } catch (error) {
      this.check()
      throw error
    }
  }

  /** The same function, to be called from elsewhere: what it logs is this job's. */
  wrap (f) {
    const job = this
    return function (...args) {
      return current.run(job, () => f.apply(this, args))
    }
  }

  // --- for the worker ---

  /** Not for handlers: the job is to end. */
  tell (cause) {
    if (this.#cause !== null) return
    this.#cause = cause
    this.#told.abort(new Cancelled(cause))
  }

  /** Not for handlers: it has ended, what is said from now on is for nobody. */
  close () {
    this.#isClosed = true
  }
}

function loggerOf (job) {
  const log = (text, level = 'INFO') => job.line(text, level)
  for (const level of LEVELS) log[level.toLowerCase()] = text => job.line(text, level)
  return log
}

function bufferOf (payload) {
  if (payload === null) return Buffer.alloc(0)
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
}

const instantOf = microseconds => microseconds === null ? null : new Date(Number(microseconds) / 1000)

/** Without a zone; null also where it is beyond what a Date holds. */
function wallTimeOf (microseconds) {
  const at = instantOf(microseconds)
  return at === null || Number.isNaN(at.getTime()) ? null : at.toISOString().slice(0, -'.000Z'.length)
}

const spanOf = milliseconds => milliseconds > 0 ? Number(milliseconds) : null
