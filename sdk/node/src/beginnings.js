/**
 * Partitions in which the group has no position: what is left out there. Pure.
 *
 * Reading from the end would lose executions, from the beginning it would run finished ones again. So reading begins with the backlog,
 * without what a worker has reported on in `status` since then; that is looked through first. When the group gets its first position in
 * such a partition is the inbox's to say: until then whoever comes next must look through `status` as we did (docs/decisions/0195).
 */
import { partitionOf } from './placement.js'
import { MESSAGE_MAX, RESULT_MAX } from './text.js'

export const REPORTS_MAX = 524_288 // executions that were reported on, remembered
const ATTEMPT_MAX = 32_767
const SAID = new Set(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'LOST', 'CANCELLED', 'MISSED', 'SKIPPED'])

/** What is said under another task's id is about nothing of ours. */
const keyOf = record => `${record.execution_id} ${record.task_id}`

export class Beginnings {
  #partitions = new Set() // those without a position
  #reports = new Map() // {attempt: the highest, offset: the highest, at: when the first one was written}
  #forgotten = 0 // when the newest report was written that had no room
  #most

  constructor (most = REPORTS_MAX) {
    this.#most = most
    this.leftOut = 0 // executions passed over since they were reported on, or are older than the backlog
    this.unknown = 0 // ... since there was no room for reports as old as they are
  }

  /** The group has no position in it. */
  begin (partition) {
    this.#partitions.add(partition)
  }

  /** The group has a position in them. */
  committed (partitions) {
    for (const partition of partitions) this.#partitions.delete(partition)
    if (this.isOver) this.forget()
  }

  /** The assignment is over. The counts stay, to be told. */
  forget () {
    this.#partitions.clear()
    this.#reports.clear()
    this.#forgotten = 0
  }

  get isOver () {
    return this.#partitions.size === 0
  }

  // --- what `status` says ---

  /** A report, written at `at` by the broker's clock in a partition of `status`, which has so many. */
  take (report, partition, offset, at, partitions) {
    if (!counts(report) || partition !== partitionOf(report.task_id, partitions)) return
    const key = keyOf(report)
    const known = this.#reports.get(key)
    if (known !== undefined) {
      known.attempt = Math.max(known.attempt, report.attempt)
      known.offset = Math.max(known.offset, offset)
      return
    }
    this.#reports.set(key, { attempt: report.attempt, offset, at })
    if (this.#reports.size > this.#most) this.#forgetOldest()
  }

  #forgetOldest () {
    const [key, { at }] = this.#reports.entries().next().value
    this.#reports.delete(key)
    this.#forgotten = Math.max(this.#forgotten, at)
  }

  /** Must the execution, written at `at`, be left alone? `oldest`: where the backlog begins. */
  leavesOut (execution, partition, at, oldest) {
    if (!this.#partitions.has(partition)) return false
    const report = this.#reports.get(keyOf(execution))
    const isReported = report !== undefined && report.attempt >= execution.attempt && report.offset >= execution.status_from
    if (at < oldest || isReported) {
      this.leftOut += 1
      return true
    }
    if (at > this.#forgotten) return false
    this.unknown += 1
    return true
  }
}

/** Is it a worker's, about a run, and within the limits under which it is taken in? */
function counts (report) {
  return report.worker !== null && SAID.has(report.status) && report.attempt >= 1 && report.attempt <= ATTEMPT_MAX &&
    Buffer.byteLength(report.message ?? '') <= MESSAGE_MAX && (report.result ?? '').length <= RESULT_MAX
}
