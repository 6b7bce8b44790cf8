/** One task, one execution of a client: what can be asked of it, and what can be done to it. index.d.ts has all options. */

import { setTimeout as sleep } from 'node:timers/promises'
import { taskId } from './ids.js'
import { membersOf, payloadMembers } from './session.js'

const LOOK_AGAIN = 500
const OPEN = ['PENDING', 'WAITING', 'RUNNING', 'CANCELLING', 'RETRYING', 'UNKNOWN']

/** And no attempt follows. Pure. */
function hasEnded (execution) {
  return !OPEN.includes(execution.status) && execution.next_attempt_at === undefined
}

/** A task by project and key, whether it is there or not. */
export class TaskHandle {
  #session
  #path

  /**
   * @param {import('./session.js').Session} session
   * @param {string} project
   * @param {string} key
   */
  constructor (session, project, key) {
    this.project = project
    this.key = key
    this.id = taskId(project, key)
    this.#session = session
    this.#path = `/v1/tasks/${encodeURIComponent(String(this))}`
  }

  toString () {
    return `${this.project}~${this.key}`
  }

  get ({ signal } = {}) {
    return this.#session.read(this.#path, {}, { task: this.id, signal })
  }

  /** Makes it, or replaces its whole specification; an equal one makes no new revision. `onlyNew`: 412 where it is there. */
  put (spec, { onlyNew = false, ...options } = {}) {
    return this.#session.write('PUT', this.#path, spec, options, onlyNew ? { 'If-None-Match': '*' } : {})
  }

  /** What would come of such a put: what changes, when it is due next, what calendars leave out. Writes nothing. */
  async draft (spec, { signal } = {}) {
    const target = await this.#session.behindWrites(this.#path, { dry_run: true }, { task: this.id, signal })
    return this.#session.ask('PUT', target, spec, signal)
  }

  /** Changes some members of its specification; null resets one to its default. */
  async patch (changes, options = {}) {
    const target = await this.#session.behindWrites(this.#path, {}, { task: this.id, signal: options.signal })
    return this.#session.write('PATCH', target, changes, options)
  }

  /** Its history stays. */
  delete ({ reason, ...options } = {}) {
    const target = reason === undefined ? this.#path : `${this.#path}?reason=${encodeURIComponent(reason)}`
    return this.#session.write('DELETE', target, null, options)
  }

  /** Nothing more is fired until it is resumed, or until then. */
  pause ({ until, reason, ...options } = {}) {
    return this.#act('pause', { until, reason }, options)
  }

  /** Ends a pause; `gap`: which of the instants that passed are made up for, as its policy says unless given. */
  resume ({ gap, reason, ...options } = {}) {
    return this.#act('resume', { gap, reason }, options)
  }

  /** One execution now, which `execution_id` names. `payload`: bytes, a text, or what becomes JSON; none: the task's own. */
  trigger (payload, { ignoreOverlap, reason, ...options } = {}) {
    return this.#act('trigger', { ignore_overlap: ignoreOverlap, reason, ...payloadMembers(payload) }, options)
  }

  /** The next instant that is due is left out; `message` says which. */
  skipNext ({ reason, ...options } = {}) {
    return this.#act('skip-next', { reason }, options)
  }

  /** Runs each instant after `from`, up to `to`: 1,000 at most, in the past. */
  backfill (from, to, { reason, ...options } = {}) {
    return this.#act('backfill', { from, to, reason }, options)
  }

  /** Which instants such a backfill would run. Writes nothing. */
  async draftBackfill (from, to, { signal } = {}) {
    const target = await this.#session.behindWrites(`${this.#path}:backfill`, { dry_run: true }, { task: this.id, signal })
    return this.#session.ask('POST', target, { from, to }, signal)
  }

  /** When it is due next. */
  async upcoming ({ signal, ...query } = {}) {
    return (await this.#session.read(`${this.#path}/upcoming`, query, { task: this.id, signal })).items
  }

  /** Whether it ran at that instant (the last one unless given), and if not, why. A text without an offset is a wall time of `tz`. */
  why (at, { tz, signal } = {}) {
    return this.#session.read(`${this.#path}:why`, { at, tz }, { signal })
  }

  /** What it was, newest first. */
  revisions (options = {}) {
    return this.#session.items(`${this.#path}/revisions`, {}, { ...options, task: this.id })
  }

  /** Instants that were not fired, and why, newest first. */
  gaps (options = {}) {
    return this.#session.items(`${this.#path}/gaps`, {}, { ...options, task: this.id })
  }

  #act (verb, members, options) {
    return this.#session.write('POST', `${this.#path}:${verb}`, membersOf(members), options)
  }
}

/** An execution by its id. */
export class ExecutionHandle {
  #session
  #path
  #lookAgain

  /**
   * @param {import('./session.js').Session} session
   * @param {string} id
   * @param {number} [lookAgain]  milliseconds between two looks at what goes on
   */
  constructor (session, id, lookAgain = LOOK_AGAIN) {
    this.id = id
    this.#session = session
    this.#path = `/v1/executions/${encodeURIComponent(id)}`
    this.#lookAgain = lookAgain
  }

  /** With its payload and its last sign of life. */
  get ({ signal } = {}) {
    return this.#session.read(this.#path, {}, { signal })
  }

  /** Until it has ended and no attempt follows, or the signal says that it took too long. */
  async wait ({ signal } = {}) {
    for (;;) {
      const found = await this.get({ signal })
      if (hasEnded(found)) return found
      await this.#rest(signal)
    }
  }

  /** All that was reported about it, in the order of the log. */
  events (options = {}) {
    return this.#session.items(`${this.#path}/events`, {}, options)
  }

  /** Its lines in the order of their arrival; with `attempt` or `writer` those of one writer, by number. */
  async * logs ({ level, stream, attempt, writer, follow = false, page = 500, signal } = {}) {
    const chosen = { level, stream, limit: page }
    let query = { ...chosen, attempt, writer }
    for (let isOver = !follow; ;) {
      const got = await this.#session.read(`${this.#path}/logs`, query, { signal })
      yield * got.items
      query = { ...chosen, after: got.next }
      if (got.more) continue
      if (isOver) return
      isOver = hasEnded(await this.get({ signal })) // the last lines may come behind the report of the end: one more look follows
      await this.#rest(signal)
    }
  }

  /** Ends it: at once while nobody has begun it, else by a signal to its worker. */
  cancel ({ reason, ...options } = {}) {
    return this.#act('cancel', { reason }, options)
  }

  /** Runs one that is over again, as an execution of its own, with the payload that it had unless another is given. */
  retry (payload, { reason, ...options } = {}) {
    return this.#act('retry', { reason, ...payloadMembers(payload) }, options)
  }

  async #act (verb, members, options) {
    const target = await this.#session.behindWrites(`${this.#path}:${verb}`, {}, { signal: options.signal })
    return this.#session.write('POST', target, membersOf(members), options)
  }

  async #rest (signal) {
    await sleep(this.#lookAgain, undefined, { signal }).catch(() => {})
    signal?.throwIfAborted()
  }
}
