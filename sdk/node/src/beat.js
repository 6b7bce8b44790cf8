/**
 * The signs of life of one execution: when the next is due, and what it says. Pure; ticks are seconds of a clock that never jumps.
 *
 * One at a time is on its way, so that none heap up while the brokers are away (the last word waits for none); one that gets lost is
 * not repeated, but what is known of the progress is in the next.
 */

const SHORTEST = 1 // seconds, whatever an execution asks for
const LONGEST = 86_400
const NEWS = 1 // seconds: progress is told so often
const LOST_AFTER = 3 // intervals; the scheduler waits for four

export class Beat {
  /** For an execution that asks for one every `heartbeatMs` (null: for none). It goes twice as often: a late one is not a missed one. */
  constructor (heartbeatMs) {
    const interval = heartbeatMs > 0 ? Math.min(Math.max(Number(heartbeatMs) / 1000, SHORTEST), LONGEST) : 0
    this.every = interval / 2 // 0: only when there is news
    this.lostAfter = interval > 0 ? LOST_AFTER * interval : Infinity // Infinity: nobody asks for them
    this.percent = null
    this.note = null
    this.nextAt = Infinity
    this.newsAt = 0 // not before
    this.toldAt = 0 // when the brokers had the last one; at first when it began
    this.inFlight = 0 // one, and the last one beside it
    this.hasNews = false
    this.isFresh = false // the news were never sent
  }

  /** From now on. */
  start (tick) {
    this.toldAt = tick
    this.nextAt = this.every > 0 ? tick + this.every : Infinity
  }

  /** How far it is. percent null: as it was said last. */
  say (percent, note) {
    this.percent = percent ?? this.percent
    this.note = note
    this.hasNews = this.isFresh = true
  }

  /** The tick at which one is due. The last word is not held back. */
  wake (isEnding) {
    if (this.isFresh && isEnding) return -Infinity
    if (this.inFlight > 0) return Infinity // the answer wakes us
    return this.hasNews ? Math.min(this.nextAt, this.newsAt) : this.nextAt
  }

  sent (tick) {
    this.inFlight += 1
    this.hasNews = this.isFresh = false
    this.nextAt = this.every > 0 ? tick + this.every : Infinity
    this.newsAt = tick + NEWS
  }

  answered (isDelivered, tick) {
    this.inFlight -= 1
    if (isDelivered) this.toldAt = tick
    else if (this.percent !== null || this.note !== null) this.hasNews = true
  }

  /** The tick after which the brokers have had none for three times as long as is asked for. */
  get lostAt () {
    return this.toldAt + this.lostAfter
  }

  isLost (tick) {
    return tick >= this.lostAt
  }
}
