/**
 * Handlers in tests: runJob calls one as a worker would, without Kafka and without threads.
 *
 *     const out = await runJob(dailyReport, { payload: { parts: ['a', 'b'] } })
 *     assert.equal(out.status, 'SUCCEEDED')
 *     assert.deepEqual(out.lines, [['INFO', 'loading a'], ['INFO', 'loading b']])
 */

import { randomUUID } from 'node:crypto'
import { Cause, Failed } from './cause.js'
import { Job } from './job.js'
import { captureConsole } from './logs.js'
import { perform } from './perform.js'

/**
 * What a worker would have published.
 * @typedef {object} Ran
 * @property {'SUCCEEDED' | 'FAILED' | 'CANCELLED'} status
 * @property {string} reason  NONE, WORKER_ERROR, EXIT_CODE, RUN_TIMEOUT, WORKER_SHUTDOWN
 * @property {string | null} message
 * @property {number | null} exitCode
 * @property {any} result  bytes and text as they were returned, all else as JSON carries it; undefined: none
 * @property {Buffer | null} resultBytes  as it is published
 * @property {[level: string, text: string][]} lines  a line over 16 KiB comes in pieces
 * @property {[percent: number | null, note: string | null][]} progress
 */

/**
 * Runs a handler to its end.
 * @param {(job: Job) => unknown} handler
 * @param {object} [options]
 * @param {unknown} [options.payload]  bytes as they are, a text as UTF-8, undefined as nothing, all else as JSON
 * @param {string} [options.task]
 * @param {number} [options.attempt]
 * @param {number} [options.maxAttempts]
 * @param {Record<string, string>} [options.labels]
 * @param {string | null} [options.contentType]
 * @param {string | null} [options.traceparent]
 * @param {number} [options.cancelAfter]  milliseconds after which the handler is told to end, by `cause`
 * @param {string} [options.cause]
 * @param {boolean} [options.captureConsole]  as of Worker
 * @returns {Promise<Ran>}
 */
export async function runJob (handler, options = {}) {
  const voice = new Recorder()
  const job = new TimedJob(executionOf(options), voice, options.cancelAfter ?? Infinity, options.cause ?? Cause.CANCEL)
  const release = options.captureConsole ? captureConsole() : () => {}
  let value
  const noting = async (job) => {
    try {
      value = await handler(job)
      return value
    } catch (error) {
      if (error instanceof Failed) value = error.result
      throw error
    }
  }
  try {
    const { status, reason, message, exitCode, result } = await perform(job, noting)
    return { status, reason, message, exitCode, result: seen(value, result), resultBytes: result, lines: voice.lines, progress: voice.told }
  } finally {
    job.close()
    release()
  }
}

function seen (value, result) {
  if (result === null) return undefined
  return typeof value === 'string' || value instanceof Uint8Array ? value : JSON.parse(result.toString())
}

function executionOf ({ payload, task = 'test', attempt = 1, maxAttempts = 1, labels = {}, contentType = null, traceparent = null }) {
  const now = Date.now() * 1000
  return {
    execution_id: randomUUID(), task_id: randomUUID(), task_key: task, project: 'default', revision: 1, attempt, max_attempts: maxAttempts,
    trigger: 'MANUAL', scheduled_at: now, due_at: now, nominal_local: null, zone: null, start_by: null, finish_by: null, run_timeout_ms: null,
    heartbeat_ms: null, payload: bytesOf(payload), content_type: contentType, labels: { ...labels }, traceparent
  }
}

function bytesOf (payload) {
  if (payload === undefined) return null
  if (payload instanceof Uint8Array) return Buffer.from(payload)
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
}

/** Where the job's words go. */
class Recorder {
  /** @type {[string, string][]} */
  lines = []
  /** @type {[number | null, string | null][]} */
  told = []

  line (level, lines) {
    for (const line of lines) this.lines.push([level, line.message])
    return true
  }

  progress (percent, note) {
    this.told.push([percent ?? this.told.at(-1)?.[0] ?? null, note])
  }

  contactLost () {
    return false
  }

  drained () {
    return null
  }
}

/** One that is told to end by the clock: by a timer, and by a look at it whenever it is asked, since a handler may hold the loop. */
class TimedJob extends Job {
  #until
  #by
  #timer

  constructor (execution, voice, after, by) {
    super(execution, 'test', voice)
    this.#until = performance.now() + after
    this.#by = by
    if (after < Infinity) this.#timer = setTimeout(() => this.tell(by), after)
  }

  get cause () {
    this.#look()
    return super.cause
  }

  get signal () {
    this.#look()
    return super.signal
  }

  close () {
    clearTimeout(this.#timer)
    super.close()
  }

  #look () {
    if (performance.now() >= this.#until) this.tell(this.#by)
  }
}
