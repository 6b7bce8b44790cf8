/**
 * Lines that are to be sent: of one execution, and how much of all of them may wait. Pure; ticks are seconds of a clock that never jumps.
 *
 * Nobody can be held in JavaScript: whoever logs while 16 MiB wait is told so, and may go on to 64 MiB; what is beyond that is left out,
 * and counted.
 */

export const UNSENT_MAX = 16 * 1024 * 1024
export const UNHELD = 4 // times as much before lines are left out
export const BATCH_LINES = 1000
export const BATCH_BYTES = 256 * 1024
export const BATCH_WAIT = 0.2 // seconds; a line waits no longer than this for company

const BESIDE = 32 // bytes that a line takes beside its text: time, level, stream

/** What all executions of a worker may leave unsent together. Its count may be shared by threads. */
export class Room {
  #unsent

  constructor (shared = new SharedArrayBuffer(4), limit = UNSENT_MAX) {
    this.shared = shared
    this.limit = limit
    this.#unsent = new Int32Array(shared)
  }

  get unsent () {
    return Atomics.load(this.#unsent, 0)
  }

  get isFull () {
    return this.unsent >= this.limit
  }

  /** false: there is none for so many bytes. */
  take (weight) {
    const unsent = this.unsent
    if (unsent > 0 && unsent + weight > UNHELD * this.limit) return false
    Atomics.add(this.#unsent, 0, weight)
    return true
  }

  sent (weight) {
    Atomics.sub(this.#unsent, 0, weight)
  }
}

/** Lines as text.js makes them, to be kept until they are sent; at: shown in the history, microseconds. */
export function entriesOf (level, lines, at) {
  let weight = 0
  const entries = lines.map(line => {
    const own = BESIDE + Buffer.byteLength(line.message)
    weight += own
    return { at, level, line, weight: own }
  })
  return { entries, weight }
}

/** Of one execution. */
export class Lines {
  #room
  #entries = []
  #first = 0 // those before it are taken
  #weight = 0
  #isClosed = false

  constructor (room) {
    this.#room = room
    this.leftOut = 0
    this.since = 0 // tick at which the oldest was added
  }

  /** What was logged in one call. true: the engine is to be woken, to start a batch's clock or to send one that is full. */
  add (level, lines, at, tick) {
    if (this.#isClosed) return false
    const { entries, weight } = entriesOf(level, lines, at)
    if (!this.#room.take(weight)) {
      this.leftOut += entries.length
      return false
    }
    return this.append(entries, weight, tick)
  }

  /** The same with room that was taken before. */
  append (entries, weight, tick) {
    if (this.#isClosed) {
      this.#room.sent(weight)
      return false
    }
    const wasFull = this.#isFull()
    const wasEmpty = !this.isWaiting()
    if (wasEmpty) this.since = tick
    this.#weight += weight
    for (const entry of entries) this.#entries.push(entry)
    return wasEmpty || (this.#isFull() && !wasFull)
  }

  /** It is over: what is added from now on is for nobody. */
  close (at, tick) {
    if (this.leftOut > 0) {
      const message = `${this.leftOut} lines were left out here: the brokers did not take those before`
      const { entries, weight } = entriesOf('WARN', [{ message, unfinished: false, escaped: false }], at)
      this.#room.sent(-weight) // it finds room always
      this.append(entries, weight, tick)
    }
    this.#isClosed = true
  }

  isWaiting () {
    return this.#first < this.#entries.length
  }

  /** The tick at which a batch is to be sent. */
  dueAt () {
    if (!this.isWaiting()) return Infinity
    return this.#isFull() ? -Infinity : this.since + BATCH_WAIT
  }

  #isFull () {
    return this.#entries.length - this.#first >= BATCH_LINES || this.#weight >= BATCH_BYTES
  }

  /** The oldest, as many as make one batch: {entries, weight}. */
  take (tick) {
    let weight = 0
    let end = this.#first
    const last = Math.min(this.#entries.length, this.#first + BATCH_LINES)
    while (end < last && (end === this.#first || weight + this.#entries[end].weight <= BATCH_BYTES)) weight += this.#entries[end++].weight
    const entries = this.#entries.slice(this.#first, end)
    this.#forgetUpTo(end)
    this.#weight -= weight
    this.since = tick
    return { entries, weight }
  }

  #forgetUpTo (end) {
    this.#first = end
    if (end < this.#entries.length && end < BATCH_LINES * 4) return
    this.#entries = this.#entries.slice(end)
    this.#first = 0
  }
}
