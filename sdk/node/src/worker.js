/**
 * A worker: runs the executions of one queue in this process.
 *
 *     process.exit(await new Worker({ queue: 'reports' }).task('daily-report', dailyReport).run())
 *
 * Handlers run in the thread that made the worker, everything else in one of its own, or beside them with `inline`.
 */
import { Notices } from './logs.js'
import { addressesOf, securityOf } from './properties.js'
import { resolve, SettingError } from './settings.js'

const SIGNALS = ['SIGTERM', 'SIGINT']
const DONE = 0 // what run() answers where nothing was begun,
const WRONG = 64 // and where it could not begin

/**
 * Settings are checked when the worker starts, so that a module that makes one can be imported anywhere. An argument counts before the
 * environment, and that before the default: docs/workers/node.md lists them.
 *
 * stopWhenLost    end a handler (cause LOST) when no sign of life of it has reached the brokers for three heartbeats
 * inline          no thread of its own: where there can be none, or for many short jobs. A handler that holds the event loop then holds its
 *                 own signs of life, too
 * captureConsole  what handlers say by console.* is in their executions' logs, too
 * logger          of the worker's own words: {debug, info, warn, error}; without one they go to standard error
 */
export class Worker {
  #settings
  #options
  #handlers = new Map()
  #begun = null // promise of its life
  #notices

  constructor ({ stopWhenLost = false, inline = false, captureConsole = false, logger, ...settings } = {}) {
    this.#settings = settings
    this.#options = { stopWhenLost, inline, captureConsole }
    this.#notices = new Notices(logger)
  }

  /** Registers a handler, (job) => value, of the task with that key; "*" takes all that have none. */
  task (key, handler) {
    if (typeof handler !== 'function') throw new TypeError(`task '${key}': ${typeof handler} cannot be called`)
    if (this.#handlers.has(key)) throw new Error(`task '${key}' has a handler already`)
    if (this.#begun !== null) throw new Error(`task '${key}': register handlers before the worker starts`)
    this.#handlers.set(key, handler)
    return this
  }

  /**
   * Works until SIGTERM or SIGINT, and resolves to the exit code: 0 all is reported, 1 something is left, 64 settings are wrong, 75 the
   * worker was broken off: start it again.
   *
   * The first signal takes nothing new and leaves the group at once; handlers go on for `drain`, then they are told to end, and three
   * seconds later FAILED is said for what still runs. The second skips the wait, the third ends at once.
   */
  async run () {
    let signals = 0
    const hear = () => {
      const time = ++signals
      this.#begun?.then(life => life.signalled(time), () => {})
    }
    for (const signal of SIGNALS) process.on(signal, hear)
    try {
      return await (await this.#begin()).ended
    } catch (error) {
      if (!(error instanceof SettingError)) throw error
      this.#notices.say('ERROR', error.message)
      return WRONG
    } finally {
      for (const signal of SIGNALS) process.off(signal, hear)
    }
  }

  /** Begins to work, beside your program; no signals are touched. Throws SettingError. Does not wait for the brokers. */
  start () {
    this.#begin()
  }

  /** Takes nothing new, leaves the group, lets handlers go on for the setting `drain`. Does not wait. */
  drain () {
    this.#begun?.then(life => life.drain(), () => {})
  }

  /** Drains, waits until all is reported or the time for it is over, and resolves as run() does. */
  async close () {
    const life = await this.#begun
    life?.drain()
    return await (life?.ended ?? DONE)
  }

  #begin () {
    if (this.#begun !== null) throw new Error('the worker was started already; make another one')
    const settings = resolve(this.#settings)
    addressesOf(settings.brokers)
    securityOf(settings.kafka)
    this.#begun = this.#live(settings)
    return this.#begun
  }

  async #live (settings) {
    const { Life } = await import('./life.js') // not before: it needs the Kafka client
    return new Life(settings, this.#options, this.#handlers, this.#notices)
  }
}
