/** A worker that was started: its jobs, and the core that it hears from (core.js: this is its face). */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { Cause } from './cause.js'
import { Core } from './core.js'
import { Job } from './job.js'
import { entriesOf, Room } from './lines.js'
import { captureConsole } from './logs.js'
import { noHandler, perform } from './perform.js'
import { ThreadedCore } from './threaded.js'

const ENOUGH = 3 // signals end it at once
const QUIT = 500 // milliseconds for the core to say what is left then
const ROOM_LOOK = 20 // milliseconds
const DONE = 0 // exit codes
const LEFT = 1
const BROKEN = 75

export class Life {
  #queue
  #handlers
  #notices
  #core
  #room = new Room()
  #begun = new Map() // number -> voice
  #release
  #end

  constructor (settings, { stopWhenLost, inline, captureConsole: isCapturing }, handlers, notices) {
    this.#queue = settings.queue
    this.#handlers = handlers
    this.#notices = notices
    this.#release = isCapturing ? captureConsole() : () => {}
    /** Resolves to the exit code. */
    this.ended = new Promise(resolve => { this.#end = resolve })
    const Kind = inline ? Core : ThreadedCore
    this.#core = new Kind(settings, { incarnation: randomUUID(), stopWhenLost, shared: this.#room.shared }, this)
  }

  drain () {
    this.#core.drain()
  }

  /** SIGTERM or SIGINT has come, for that time. */
  signalled (time) {
    if (time === 1) return this.#core.drain()
    if (time < ENOUGH) return this.#core.hurry()
    this.#core.quit()
    setTimeout(() => this.over({ isBroken: false, unreported: this.#begun.size, hasLeft: false }), QUIT).unref() // the thread is what keeps the process
  }

  // --- what the core says ---

  start (runs) {
    for (const { number, execution } of runs) {
      const voice = new Voice(number, this.#core, this.#room)
      voice.job = new Job(execution, this.#queue, voice)
      this.#begun.set(number, voice)
      this.#perform(number, voice)
    }
  }

  async #perform (number, { job }) {
    const handler = this.#handlers.get(job.task) ?? this.#handlers.get('*')
    const outcome = handler === undefined ? noHandler(job.task, this.#handlers.keys()) : await perform(job, handler)
    const { leftOut } = this.#begun.get(number)
    job.close()
    this.#begun.delete(number)
    if (this.#end !== null) this.#core.ended(number, outcome, leftOut)
  }

  tell (number, cause) {
    this.#begun.get(number)?.job.tell(cause)
  }

  contact (number, isLost) {
    const voice = this.#begun.get(number)
    if (voice !== undefined) voice.isLost = isLost
  }

  close (number) {
    this.#begun.get(number)?.job.close()
  }

  notice (level, text) {
    this.#notices.say(level, text)
  }

  async over ({ isBroken, unreported, hasLeft }) {
    if (this.#end === null) return
    const end = this.#end
    this.#end = null
    this.#release()
    for (const { job } of this.#begun.values()) breakOff(job)
    await this.#core.terminate?.()
    if (unreported > 0 && !isBroken) this.notice('ERROR', `${unreported} executions were not reported to the end`)
    end(isBroken ? BROKEN : unreported > 0 || !hasLeft ? LEFT : DONE)
  }
}

/** Nobody would hear how it ends. */
function breakOff (job) {
  job.tell(Cause.SHUTDOWN)
  job.close()
}

/** Where the words of a job go. */
class Voice {
  #number
  #core
  #room

  constructor (number, core, room) {
    this.#number = number
    this.#core = core
    this.#room = room
    this.job = null
    this.leftOut = 0 // lines that found no room
    this.isLost = false
  }

  line (level, lines) {
    const { entries, weight } = entriesOf(level, lines, Date.now() * 1000)
    if (this.#room.take(weight)) this.#core.logged(this.#number, entries, weight)
    else this.leftOut += entries.length
    return !this.#room.isFull
  }

  progress (percent, note) {
    this.#core.progressed(this.#number, percent, note)
  }

  contactLost () {
    return this.isLost
  }

  drained () {
    return this.#room.isFull ? this.#awaitRoom() : null
  }

  async #awaitRoom () {
    while (this.#room.isFull && this.job.cause === null) await sleep(ROOM_LOOK)
  }
}
