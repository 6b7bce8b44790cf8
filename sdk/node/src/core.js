/**
 * The engine with its clock and its brokers, in whatever thread it is made. Runs are told apart by numbers, so that what it says and hears
 * can pass from thread to thread.
 *
 * Turns are in the context in which it was made (AsyncLocalStorage): what has caused one may be a handler, and the next handlers begin in it.
 *
 * face: who has the handlers: {start([{number, execution}]), tell(number, cause), contact(number, isLost), close(number), notice(level, text),
 * over({isBroken, unreported, hasLeft})}.
 */
import { AsyncResource } from 'node:async_hooks'

import { Bus } from './bus.js'
import { Engine } from './engine.js'
import { Room } from './lines.js'
import { topicsOf } from './properties.js'

const LONGEST_TIMER = 1_000_000 // milliseconds

export class Core {
  #face
  #bus
  #engine
  #runs = new Map() // number -> run, while its handler has it
  #last = 0
  #timer = null
  #wakesAt = Infinity
  #isPlanned = false
  #isOver = false
  #turnOutside = AsyncResource.bind(() => this.#turn())

  /** settings: as resolve made them; shared: the count of Room. Throws SettingError. */
  constructor (settings, { incarnation, stopWhenLost, shared }, face) {
    const topics = topicsOf(settings)
    const limits = {
      queueTopic: topics.queue,
      controlTopic: topics.control,
      group: settings.group,
      concurrency: settings.concurrency,
      backlog: settings.backlog,
      drain: settings.drain,
      stopWhenLost
    }
    this.#face = face
    this.#bus = new Bus(settings, f => this.#post(f), (level, text) => face.notice(level, text))
    this.#engine = new Engine(limits, settings.name, incarnation, this.#port(), new Room(shared))
    this.#bus.open().catch(error => this.#fail(error))
  }

  /** What the engine does to the world: commands.js. */
  #port () {
    const bus = this.#bus
    const guarded = promise => promise.catch(error => this.#fail(error))
    return {
      locate: (generation, partitions) => guarded(bus.locate(generation, partitions)),
      begin: (generation, starts) => bus.begin(generation, starts),
      read: room => bus.read(room),
      release: () => bus.release(),
      store: commit => guarded(bus.store(commit)),
      leave: () => guarded(bus.leave()),
      scan: (scan, partitions, since) => bus.scan(scan, partitions, since),
      stopScan: () => bus.stopScan(),
      send: (record, run) => bus.send(record, run),
      start: runs => this.#start(runs),
      tell: (run, cause) => this.#face.tell(run.number, cause),
      contact: (run, isLost) => this.#face.contact(run.number, isLost),
      close: run => run.number !== undefined && this.#face.close(run.number),
      notice: (level, text) => this.#face.notice(level, text)
    }
  }

  #start (runs) {
    this.#face.start(runs.map(run => {
      run.number = ++this.#last
      this.#runs.set(run.number, run)
      return { number: run.number, execution: run.execution }
    }))
  }

  // --- what handlers say ---

  /** leftOut: lines that found no room. */
  ended (number, outcome, leftOut) {
    const run = this.#runs.get(number)
    this.#runs.delete(number)
    run.lines.leftOut = leftOut
    this.#post(engine => engine.ended(run, outcome))
  }

  /** Lines for which there was room: entries as entriesOf makes them. */
  logged (number, entries, weight) {
    const run = this.#runs.get(number)
    this.#post(engine => run.lines.append(entries, weight, engine.tick) && engine.logged(run))
  }

  progressed (number, percent, note) {
    const run = this.#runs.get(number)
    this.#post(engine => engine.progressed(run, percent, note))
  }

  drain () {
    this.#post(engine => engine.drain())
  }

  /** Skips the wait for handlers. */
  hurry () {
    this.#post(engine => engine.hurry())
  }

  /** Ends at once, whatever is left. */
  quit () {
    this.#finish()
  }

  // --- turns ---

  #post (f) {
    if (this.#isOver) return
    this.#setClock()
    try {
      f(this.#engine)
    } catch (error) {
      return this.#fail(error)
    }
    if (this.#isPlanned) return
    this.#isPlanned = true
    setImmediate(this.#turnOutside)
  }

  #setClock () {
    this.#engine.now = Date.now() * 1000
    this.#engine.tick = performance.now() / 1000
  }

  #turn () {
    this.#isPlanned = false
    if (this.#isOver) return
    this.#setClock()
    try {
      this.#engine.step()
    } catch (error) {
      return this.#fail(error)
    }
    if (this.#engine.isOver) this.#finish()
    else this.#setTimer()
  }

  #setTimer () {
    const wake = this.#engine.wake()
    if (wake >= this.#wakesAt && this.#timer !== null) return // it looks again then
    clearTimeout(this.#timer)
    this.#timer = null
    if (wake === Infinity) return
    this.#wakesAt = wake
    const milliseconds = Math.min(Math.max(Math.ceil((wake - this.#engine.tick) * 1000), 0), LONGEST_TIMER)
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#wakesAt = Infinity
      this.#turn()
    }, milliseconds)
  }

  /** A fault of this program; whoever started us starts us again. */
  #fail (error) {
    if (this.#isOver) return
    this.#face.notice('ERROR', `the worker cannot go on: ${error.stack}`)
    this.#engine.isBroken = true
    this.#finish()
  }

  #finish () {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#bus.close()
    const { isBroken, unreported, hasLeft } = this.#engine
    this.#face.over({ isBroken, unreported, hasLeft })
  }
}
