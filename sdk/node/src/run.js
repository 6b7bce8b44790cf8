/**
 * One execution in this process: what is still to be published about it, in order. Pure: times are arguments.
 *
 * Its records form one queue: RUNNING, batches of log lines, the final status. At most one is on its way at a time, and the next one is
 * made only when the brokers have the one before: so whatever is sent again keeps its place, with the same bytes. Heartbeats stand
 * outside the queue. Ticks are seconds of a clock that never jumps, `now` is wall clock microseconds.
 */
import { randomUUID } from 'node:crypto'

import { Beat } from './beat.js'
import { encode } from './codec.js'
import { Lines } from './lines.js'
import { partitionOf } from './placement.js'

export const RETRY = 0.2 // seconds before a record is sent again
const TIMEOUT_AFTER = 1 // seconds behind the run timeout: the scheduler's TIMED_OUT comes first
const IGNORES_AFTER = 30 // seconds after which one that ignores its cause is named
const LONGEST_MS = 1e12

/** CLAIMING: RUNNING is to be published. CLAIMED: the brokers have it. WORKING: the handler has it. ENDING: what is left is being published. */
export const Phase = Object.freeze({ CLAIMING: 0, CLAIMED: 1, WORKING: 2, ENDING: 3, GONE: 4 })

const NOTHING = { reason: 'NONE', message: null, exitCode: null, result: null }

/** How an execution ended: {status, reason, message, exitCode, result}. */
export const outcomeOf = (status, more) => ({ status, ...NOTHING, ...more })

/** One execution, from its claim until all that is to be said about it is said. */
export class Run {
  #frame = null // the record on its way, or to be sent again
  #batch = null // what is in it
  #nextSeq = 1
  #isInFlight = false
  #retryAt = -Infinity
  #namesAt = Infinity
  #stopsWhenLost

  /** writer: who publishes, and into how many partitions: {name, incarnation, partitions}. */
  constructor (claim, writer, room, stopsWhenLost = false) {
    this.claim = claim
    this.execution = claim.execution
    this.writer = writer
    this.phase = Phase.CLAIMING
    this.beat = new Beat(this.execution.heartbeat_ms)
    this.lines = new Lines(room)
    this.outcome = null
    this.cause = null // why the handler was told to end
    this.job = null // the worker's: the handler's face of it
    this.timeoutAt = Infinity
    this.entry = null // the engine's: of its agenda, when it will look at it,
    this.isMarked = false // and that it will at once
    this.isOutOfContact = false // as the handler was told last
    this.#stopsWhenLost = stopsWhenLost
  }

  // --- what becomes of it ---

  /** The handler has it. */
  start (tick) {
    this.phase = Phase.WORKING
    this.beat.start(tick)
  }

  /** The handler is told to end. */
  told (cause, tick) {
    this.cause = cause
    this.timeoutAt = Infinity
    this.#namesAt = tick + IGNORES_AFTER
  }

  /** It is over: what is left is published, then how it ended. */
  end (outcome, now, tick) {
    this.outcome = outcome
    this.phase = Phase.ENDING
    this.timeoutAt = this.#namesAt = Infinity
    this.lines.close(now, tick)
  }

  /** True once, when the handler was told to end and goes on. */
  ignoresItsCause (tick) {
    if (tick < this.#namesAt) return false
    this.#namesAt = Infinity
    return true
  }

  isOver () {
    return this.phase === Phase.GONE && !this.#isInFlight && this.beat.inFlight === 0
  }

  // --- its queue of records ---

  /** The tick at which there is something to do for it; Infinity: not before something else happens. */
  wake () {
    return Math.min(this.#recordDue(), this.beatDue(), this.timeoutAt, this.#namesAt, this.#contactDue())
  }

  /** True where the brokers have lost sight of it, or see it again: the handler is to be told. */
  contactHasChanged (tick) {
    const isLost = this.beat.isLost(tick)
    if (this.phase !== Phase.WORKING || isLost === this.isOutOfContact) return false
    this.isOutOfContact = isLost
    return true
  }

  #contactDue () {
    return this.phase === Phase.WORKING && !this.isOutOfContact ? this.beat.lostAt : Infinity
  }

  /** The tick after which the handler is to be told that nobody hears of it. */
  lostAt () {
    return this.#stopsWhenLost && this.phase === Phase.WORKING && this.cause === null ? this.beat.lostAt : Infinity
  }

  beatDue () {
    if (this.phase === Phase.WORKING) return this.beat.wake(false)
    return this.phase === Phase.ENDING ? this.beat.wake(true) : Infinity
  }

  #recordDue () {
    if (this.#isInFlight || this.phase === Phase.GONE) return Infinity
    if (this.#frame !== null) return this.#retryAt
    if (this.phase === Phase.CLAIMING || this.phase === Phase.ENDING) return -Infinity
    return this.lines.dueAt()
  }

  /**
   * What to publish now, {topic, partition, key, value}, marked as on its way; null: nothing (yet). Throws Malformed: it cannot be written,
   * `answered` goes on.
   */
  nextRecord (now, tick) {
    if (this.#isInFlight || this.phase === Phase.GONE) return null
    if (this.#frame === null) this.#frame = this.#make(now, tick)
    else if (tick < this.#retryAt) return null
    this.#isInFlight = this.#frame !== null
    return this.#frame
  }

  /** The brokers have the record, or will never take it; not done: it is to be sent again. The weight of the lines that were in it. */
  answered (isDone, tick) {
    this.#isInFlight = false
    if (!isDone) {
      this.#retryAt = tick + RETRY
      return 0
    }
    const batch = this.#batch
    this.#frame = this.#batch = null
    if (batch !== null) return batch.weight
    if (this.phase === Phase.CLAIMING) this.#acknowledged(tick)
    else if (this.phase === Phase.ENDING) this.phase = Phase.GONE
    return 0
  }

  #acknowledged (tick) {
    this.phase = Phase.CLAIMED
    const limit = this.execution.run_timeout_ms
    if (limit > 0 && this.cause === null) this.timeoutAt = tick + Math.min(Number(limit), LONGEST_MS) / 1000 + TIMEOUT_AFTER
  }

  #make (now, tick) {
    if (this.phase === Phase.CLAIMING) return this.#status(outcomeOf('RUNNING'), now, this.#birth())
    if (this.lines.dueAt() <= tick || (this.phase === Phase.ENDING && this.lines.isWaiting())) return this.#logs(this.lines.take(tick))
    if (this.phase === Phase.ENDING) return this.#status(this.outcome, now)
    return null
  }

  #about () {
    const { execution_id, task_id, attempt } = this.execution
    return { execution_id, task_id, attempt }
  }

  #worker () {
    return { name: this.writer.name, incarnation: this.writer.incarnation }
  }

  /** What makes an execution of which no ExecutionCreated tells: a run that somebody else has started. */
  #birth () {
    const { trigger, scheduled_at } = this.execution
    return trigger === 'EXTERNAL' ? { trigger, scheduled_at } : {}
  }

  #status (outcome, now, more) {
    return this.#toTask('status', encode('ExecutionStatus', {
      ...this.#about(),
      event_id: randomUUID(),
      status: outcome.status,
      reason: outcome.reason,
      occurred_at: now,
      worker: this.#worker(),
      message: outcome.message,
      exit_code: outcome.exitCode,
      result: outcome.result,
      ...more
    }))
  }

  #logs (batch) {
    this.#batch = batch
    const key = this.execution.execution_id
    const value = encode('LogBatch', {
      ...this.#about(),
      writer: this.writer.incarnation,
      first_seq: this.#nextSeq,
      lines: batch.entries.map(({ at, level, line }) => ({ at, level, stream: 'LOG', message: line.message })),
      marks: marksOf(batch.entries)
    })
    this.#nextSeq += batch.entries.length
    return { topic: 'logs', partition: partitionOf(key, this.writer.partitions), key, value }
  }

  heartbeat (now) {
    return this.#toTask('heartbeats', encode('Heartbeat', {
      ...this.#about(),
      worker: this.#worker(),
      occurred_at: now,
      progress: this.beat.percent,
      message: this.beat.note
    }))
  }

  #toTask (topic, value) {
    return { topic, partition: this.execution.status_partition, key: this.execution.task_id, value }
  }
}

function marksOf (entries) {
  const marks = []
  entries.forEach(({ line }, number) => {
    if (line.unfinished || line.escaped) marks.push({ line: number + 1, unfinished: line.unfinished, escaped: line.escaped })
  })
  return marks
}
