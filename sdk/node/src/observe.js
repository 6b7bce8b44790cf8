/**
 * Reports a run that somebody else's cron starts: RUNNING when it begins, its lines and progress, and how it ended.
 *
 *     await observe('nightly-backup', async (job) => {
 *       job.progress(50)
 *     })
 *
 * The work is done whatever the brokers do: nothing here waits for them but the end, for five seconds. How it ended is as of a
 * handler: an exception is FAILED, and goes on to the caller.
 */

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from './client.js'
import { externalId, taskId } from './ids.js'
import { Job } from './job.js'
import { Room } from './lines.js'
import { captureConsole, Notices } from './logs.js'
import { perform } from './perform.js'
import { partitionOf } from './placement.js'
import { Phase, Run } from './run.js'
import { resolve, SettingError } from './settings.js'

// Milliseconds.
const END = 5_000 // for what is unsent at the end
const PUT = 5_000 // that putting the task by the API may take
const LOOK_AGAIN = 1_000 // before the brokers are looked for again

/**
 * Resolves and rejects as the function does. index.d.ts has the options; those that are not of observe itself are settings.
 * @param {string} key  of the task
 * @param {...any} rest  options, which may be left out, and the function
 */
export async function observe (key, ...rest) {
  const f = rest.pop()
  if (typeof f !== 'function') throw new TypeError(`observe '${key}': ${typeof f} cannot be called`)
  const { captureConsole: isCapturing = false, ...options } = rest[0] ?? {}
  const observed = new Observed(key, options)
  const release = isCapturing ? captureConsole() : () => {}
  let end = () => {}
  const outcome = await perform(observed.job, async (job) => {
    try {
      const value = await f(job)
      end = () => value
    } catch (error) {
      end = () => { throw error }
      throw error
    }
  })
  release()
  await observed.end(outcome)
  return end()
}

/** A task as the API has it: its one schedule may be given by expression and zone alone. Pure. */
export function specOf ({ schedule, zone, ...spec }) {
  if (schedule === undefined) return zone === undefined ? spec : { ...spec, zone }
  return { ...spec, schedules: [zone === undefined ? { expression: schedule } : { expression: schedule, zone }] }
}

function executionOf (key, project) {
  const now = Date.now() * 1000
  const task = taskId(project, key)
  return {
    execution_id: externalId(task, now, randomUUID()), task_id: task, task_key: key, project, revision: 0, attempt: 1, max_attempts: 1,
    trigger: 'EXTERNAL', scheduled_at: now, due_at: now, nominal_local: null, zone: null, start_by: null, finish_by: null, run_timeout_ms: null,
    heartbeat_ms: null, payload: null, content_type: null, labels: {}, status_partition: 0
  }
}

const tickNow = () => performance.now() / 1000

/** Not before a run is observed: it needs the Kafka client. */
async function openSender (...args) {
  const { Sender } = await import('./bus_send.js')
  return new Sender(...args)
}

/** One observed run: the voice of its job, and the engine of its sender, which `open` gives. */
export class Observed {
  #notices
  #execution
  #room = new Room()
  #run
  #sender = null // null: nobody knows yet where to send it
  #outcome = null
  #endedAt = 0 // microseconds
  #until = Infinity // tick at which nothing more is waited for
  #isMute = false // nothing can be reported, and that was told
  #over = new AbortController()
  #timer
  #isPlanned = false

  constructor (key, { project = 'default', ensure, logger, ...settings }, open = openSender) {
    this.#notices = new Notices(logger)
    this.#execution = executionOf(key, project)
    this.#run = new Run({ execution: this.#execution }, { name: '', incarnation: randomUUID(), partitions: 0 }, this.#room)
    this.job = new Job(this.#execution, '', this)
    this.#serve(ensure, settings, open)
  }

  /** Waits until all is said, five seconds at most. */
  async end (outcome) {
    this.job.close()
    this.#outcome = outcome
    this.#endedAt = Date.now() * 1000
    this.#until = tickNow() + END / 1000
    this.#plan()
    if (!this.#isOver) await new Promise((resolve) => this.#over.signal.addEventListener('abort', resolve))
  }

  get #isOver () {
    return this.#over.signal.aborted
  }

  // --- the voice of the job ---

  line (level, lines) {
    if (this.#run.lines.add(level, lines, Date.now() * 1000, tickNow())) this.#plan()
    return !this.#room.isFull
  }

  progress (percent, note) {
    this.#run.beat.say(percent, note)
    this.#plan()
  }

  contactLost () {
    return false
  }

  /** Nobody waits for room: the brokers may be away for longer than the work takes. */
  drained () {
    return null
  }

  // --- the brokers ---

  async #serve (ensure, settings, open) {
    try {
      if (ensure !== undefined) await this.#putTask(ensure, settings.url)
      await this.#open(resolve({ ...settings, queue: 'observed' }), open) // of none: it is not read
    } catch (error) {
      this.#isMute = true
      this.#notices.say('ERROR', `the run of '${this.job.task}' is not reported: ${error instanceof SettingError ? error.message : error.stack}`)
      this.#plan()
    }
  }

  async #putTask (ensure, url) {
    try {
      const client = new Client(url, { timeout: PUT })
      await client.task(this.job.task, { project: this.job.project }).put(specOf(ensure), { wait: 0 })
    } catch (error) {
      this.#notices.say('WARN', `could not put the task '${this.job.task}': ${error.message}`)
    }
  }

  /** Finds out how many partitions there are: before that nobody knows where to send it. */
  async #open (settings, open) {
    const sender = await open(settings, this.#answers(), (level, text) => this.#notices.say(level, text))
    this.#over.signal.addEventListener('abort', () => sender.stop())
    while (!this.#isOver) {
      const partitions = await sender.countPartitions()
      if (partitions !== null) return this.#place(sender, settings.name, partitions)
      await sleep(LOOK_AGAIN, undefined, { signal: this.#over.signal }).catch(() => {})
    }
    sender.stop()
  }

  #place (sender, name, partitions) {
    this.#execution.status_partition = partitionOf(this.job.taskId, partitions)
    this.#run.writer = { ...this.#run.writer, name, partitions }
    this.#sender = sender
    this.#plan()
  }

  #answers () {
    return {
      answered: (run, error, isHopeless) => {
        if (isHopeless) this.#drop(error)
        else if (error !== null) this.#notices.say('WARN', `could not report the run of '${this.job.task}': ${error}`)
        this.#room.sent(run.answered(error === null || isHopeless, tickNow()))
        this.#plan()
      },
      beatAnswered: (run, error) => {
        run.beat.answered(error === null, tickNow())
        this.#plan()
      }
    }
  }

  // --- turns ---

  #plan () {
    if (this.#isPlanned || this.#isOver) return
    this.#isPlanned = true
    setImmediate(() => this.#turn())
  }

  #turn () {
    this.#isPlanned = false
    if (this.#isOver) return
    const tick = tickNow()
    if (this.#sender !== null) this.#step(tick)
    if (this.#run.isOver() || tick >= this.#until || (this.#isMute && this.#outcome !== null)) this.#finish()
    else this.#setTimer(Math.min(this.#until, this.#sender === null ? Infinity : this.#run.wake()), tick)
  }

  #setTimer (wake, tick) {
    clearTimeout(this.#timer)
    if (wake < Infinity) this.#timer = setTimeout(() => this.#plan(), Math.max((wake - tick) * 1000, 0))
  }

  #step (tick) {
    const run = this.#run
    if (run.phase === Phase.CLAIMED) run.start(tick)
    if (run.phase === Phase.WORKING && this.#outcome !== null) run.end(this.#outcome, this.#endedAt, tick)
    if (run.beatDue() <= tick) {
      run.beat.sent(tick)
      this.#sender.send(run.heartbeat(Date.now() * 1000), run)
    }
    const record = this.#nextRecord(tick)
    if (record !== null) this.#sender.send(record, run)
  }

  /** What was begun and ended before there were brokers was begun and ended then. */
  #nextRecord (tick) {
    try {
      return this.#run.nextRecord(this.#run.phase === Phase.CLAIMING ? this.#execution.scheduled_at : this.#endedAt, tick)
    } catch (error) {
      this.#drop(error.message)
      this.#run.answered(true, tick)
      this.#plan()
      return null
    }
  }

  #drop (why) {
    this.#notices.say('ERROR', `dropped a record of the run of '${this.job.task}': ${why}`)
  }

  #finish () {
    clearTimeout(this.#timer)
    this.#over.abort()
    if (this.#run.phase !== Phase.GONE && !this.#isMute) {
      this.#notices.say('ERROR', `the run of '${this.job.task}' was not reported to its end: ${this.job.executionId}`)
    }
  }
}
