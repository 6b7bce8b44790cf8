/** A Core in a thread of its own: the same calls. The engine goes on while handlers hold the event loop. */
import { Worker } from 'node:worker_threads'

const AT_ONCE = 5 // milliseconds: what comes so long after the last call does not wait for company
const MANY = 500 // calls that are sent at once

export class ThreadedCore {
  #thread
  #calls = []
  #sentAt = 0
  #isPlanned = false
  #isOver = false

  constructor (settings, options, face) {
    this.#thread = new Worker(new URL('./thread.js', import.meta.url), { name: 'cronobs', workerData: { settings, options }, ...ofFile() })
    this.#thread.on('message', calls => {
      for (const [name, ...args] of calls) face[name](...args)
    })
    const die = why => {
      if (this.#isOver) return
      this.#isOver = true
      face.notice('ERROR', `the worker cannot go on: ${why}`)
      face.over({ isBroken: true, unreported: 0, hasLeft: false })
    }
    this.#thread.on('error', error => die(error.stack ?? error))
    this.#thread.on('exit', () => die('its thread has ended'))
  }

  ended (number, outcome, leftOut) {
    const result = outcome.result === null ? null : new Uint8Array(outcome.result) // a view would take along all that it looks into
    this.#say('ended', number, { ...outcome, result }, leftOut)
  }

  logged (number, entries, weight) {
    this.#say('logged', number, entries, weight)
  }

  progressed (number, percent, note) {
    this.#say('progressed', number, percent, note)
  }

  drain () {
    this.#say('drain')
  }

  hurry () {
    this.#say('hurry')
  }

  quit () {
    this.#say('quit')
  }

  /** Ends the thread, also one that hangs. */
  async terminate () {
    this.#isOver = true
    await this.#thread.terminate()
  }

  #say (...call) {
    this.#calls.push(call)
    if (this.#calls.length >= MANY || performance.now() > this.#sentAt + AT_ONCE) {
      this.#flush()
    } else if (!this.#isPlanned) {
      this.#isPlanned = true
      setImmediate(() => {
        this.#isPlanned = false
        this.#flush()
      })
    }
  }

  #flush () {
    if (this.#calls.length === 0) return
    const calls = this.#calls
    this.#calls = []
    this.#sentAt = performance.now()
    this.#thread.postMessage(calls)
  }
}

/** A program that was given as text (node --input-type=module -e ...) has an option that a file is refused with. */
function ofFile () {
  return process.execArgv.some(option => option.startsWith('--input-type')) ? { execArgv: [] } : {}
}
