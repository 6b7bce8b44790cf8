/** The subject of the conformance suite: sdk/conformance/README.md is its contract. */
import { AsyncResource } from 'node:async_hooks'
import { existsSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'

import { callApi } from './conformance_calls.js'
import { Cancelled, Failed, observe, Worker } from './src/index.js'
import { PROPERTIES } from './src/properties.js'
import { runJob } from './src/testing.js'

const env = process.env
const STEP = 20 // milliseconds between two looks
const root = new AsyncResource('subject') // belongs to no job
const file = env.CONFORMANCE_JOURNAL ? openSync(env.CONFORMANCE_JOURNAL, 'a') : null

function journal (what, job, more) {
  if (file === null) return
  const about = job ? { execution_id: job.executionId, attempt: job.attempt } : {}
  writeSync(file, JSON.stringify({ what, at: Date.now() * 1000, pid: process.pid, ...about, ...more }) + '\n')
}

/** Interprets one payload. */
class Script {
  constructor (job) {
    this.job = job
    this.count = 0
    this.isCaused = false
    this.byMethod = parseInt(job.executionId.at(-1), 16) % 2 === 1 // every second one logs by the job's own call
  }

  say (level, text) {
    if (this.byMethod || typeof text !== 'string') this.job.log(text, level)
    else console[level.toLowerCase()]('%s', text)
  }

  /** Journals it once. */
  cause () {
    if (this.job.cause === null || this.isCaused) return
    this.isCaused = true
    journal('cause', this.job, { cause: this.job.cause })
  }

  async run () {
    for (const [name, ...args] of JSON.parse(this.job.text())) {
      if (name === 'return') return args[0]
      if (name === 'return_bytes') return Buffer.alloc(args[0], 'x')
      await STEPS[name].call(this, ...args)
    }
  }

  /** Those steps that only log, at once. */
  sayAll (steps) {
    for (const [name, ...args] of steps) STEPS[name].call(this, ...args)
    journal('said', this.job)
  }
}

const STEPS = {
  log (n) {
    for (let number = 0; number < n; number++) this.say('INFO', `line ${++this.count}`)
  },

  line (level, text) {
    this.say(level, text)
  },

  raw (level, text) {
    this.say(level, Buffer.from(text, 'base64'))
  },

  async fill (n) {
    let isTold = false
    for (let number = 0; number < n; number++) {
      if (!this.job.log(String(number).padStart(8, '0').padEnd(1024, '.'))) {
        if (!isTold) journal('full', this.job)
        await this.job.drained()
        this.job.check()
        if (!isTold) journal('room', this.job)
        isTold = true
      }
      if (number % 100 === 0) await turn()
    }
  },

  async sleep (ms) {
    await this.job.wait(ms)
  },

  async gate (name) {
    while (!existsSync(join(env.CONFORMANCE_GATES, name))) await this.job.wait(STEP)
  },

  async stubborn (ms) {
    while (this.job.cause === null) await sleep(STEP)
    this.cause()
    await sleep(ms)
  },

  block (ms) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  },

  progress (percent, note) {
    this.job.progress(percent, note)
  },

  async watch_contact (ms) {
    let isLost = false
    for (const until = performance.now() + ms; performance.now() < until;) {
      if (this.job.contactLost !== isLost) {
        isLost = !isLost
        journal('contact', this.job, { lost: isLost })
      }
      await this.job.wait(STEP)
    }
  },

  fail (message, exitCode = null, result = null) {
    throw new Failed(message, { exitCode, result })
  },

  throw (text) {
    throw new Error(text)
  },

  late (ms, text) {
    setTimeout(() => {
      this.job.log(text)
      journal('said', this.job)
    }, ms)
  },

  thread (steps) {
    root.runInAsyncScope(this.job.wrap(() => this.sayAll(steps)))
  },

  outside (steps) {
    const byConsole = new Script(this.job)
    byConsole.byMethod = false
    root.runInAsyncScope(() => byConsole.sayAll(steps))
  }
}

async function handle (job) {
  journal('begin', job, {
    task: job.task, bytes: job.payload.length, traceparent: job.traceparent, content_type: job.contentType, labels: job.labels
  })
  const script = new Script(job)
  let how = 'returned'
  try {
    return await script.run()
  } catch (error) {
    if (error instanceof Cancelled) script.cause()
    how = error instanceof Cancelled ? 'cause' : error instanceof Failed ? 'failed' : 'threw'
    throw error
  } finally {
    journal('end', job, { how })
  }
}

/** What is captured comes nowhere else. */
function muteConsole () {
  for (const name of ['debug', 'info', 'warn', 'error']) console[name] = () => {}
}

async function work () {
  muteConsole()
  const given = Object.entries(JSON.parse(env.CONFORMANCE_KAFKA || '{}')).filter(([name]) => PROPERTIES.includes(name))
  const worker = new Worker({
    kafka: Object.fromEntries(given),
    stopWhenLost: env.CONFORMANCE_HEARTBEAT_LOST === '1',
    inline: env.CONFORMANCE_HANDLER === 'inline',
    captureConsole: true
  })
  for (const key of (env.CONFORMANCE_TASKS || '*').split(',')) worker.task(key, handle)
  journal('start')
  return await worker.run()
}

const say = value => writeSync(process.stdout.fd, JSON.stringify(value) + '\n')

async function observeRun (key, script) {
  muteConsole()
  try {
    await observe(key, { captureConsole: true }, job => {
      say({ execution_id: job.executionId })
      job.payload = Buffer.from(script)
      return new Script(job).run()
    })
    return 0
  } catch {
    return 1
  }
}

async function test (script) {
  muteConsole()
  const { status, reason, message, exitCode, resultBytes, lines, progress } = await runJob(handle, { payload: script, captureConsole: true })
  say({ status, reason, message, exit_code: exitCode, result: resultBytes?.toString('base64') ?? null, lines, progress })
  return 0
}

const MODES = { worker: work, observe: observeRun, client: script => callApi(script, say), testing: test }

const [mode, ...rest] = process.argv.slice(2)
process.exit(await MODES[mode](...rest))
