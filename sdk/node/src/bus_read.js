/**
 * Reading partitions of a topic, without a group, from where one says.
 *
 * A batch that cannot be unpacked (its codec is not known here, its checksum is wrong) is fetched again a few times, in case it was damaged on the
 * way; then it is passed over. It is heard of as one message without a value, which says why.
 */
import { promisify } from 'node:util'
import { gunzip as gunzipThen } from 'node:zlib'

import { BrokerError, check, noLeader, pause } from './bus_brokers.js'
import { decodeFetch, readRecords } from './wire.js'

export const UNCOMMITTED = 0 // isolation levels
export const COMMITTED = 1

const WAIT = 500 // milliseconds that a broker waits for something to be read
const AGAIN = 200 // milliseconds after something went wrong
const ALL_BYTES = 4 << 20
const PARTITION_BYTES = 1 << 20
const OUT_OF_RANGE = 1
const TRIES = 3 // of a batch that cannot be unpacked
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const UNPACKED_MAX = 100 << 20 // bytes of one batch: what is larger would fill the memory

const gunzip = promisify(gunzipThen)

async function decompress (codec, bytes) {
  if (CODECS[codec] !== 'gzip') throw new Error(`it is compressed by ${CODECS[codec] ?? `codec ${codec}`}, which is not known here`)
  return gunzip(bytes, { maxOutputLength: UNPACKED_MAX })
}

export class Fetcher {
  #brokers
  #topic
  #isolation
  #hear
  #positions = new Map()
  #ends = new Map() // as they were told last
  #stuck = new Map() // at a batch that cannot be unpacked: partition -> {first, tries}
  #busy = new Set() // nodes that are asked
  #isResting = false // since something is wrong
  #over = new AbortController()

  /**
   * hear: {fetched(messages, ends), lost(partition), failed(why)}. ends: where the end of what may be read was reached: partition -> offset.
   * lost: its position is gone from the topic. Each fetch ends with `fetched`.
   */
  constructor (brokers, topic, isolation, hear) {
    this.#brokers = brokers
    this.#topic = topic
    this.#isolation = isolation
    this.#hear = hear
  }

  /** Is read, too, from that offset on. */
  begin (partition, offset) {
    this.#positions.set(partition, offset)
    this.#ends.delete(partition)
  }

  /** Nothing of it is heard any more. */
  stop () {
    this.#over.abort()
  }

  /**
   * Asks all brokers that are not asked yet; each that answers is heard by itself. A partition that nobody leads does not hold up the others: who
   * leads it is asked for after a rest.
   */
  async fetch () {
    try {
      const { nodes, leaderless } = await this.#brokers.byLeader(this.#topic, this.#wanted())
      for (const [node, partitions] of nodes) this.#askOnce(node, partitions)
      if (leaderless.length > 0) await this.#rest(noLeader(this.#topic, leaderless[0]))
    } catch (error) {
      await this.#stumble(error.message)
    }
  }

  #wanted () {
    const all = [...this.#positions.keys()]
    return this.#isResting ? all.filter(partition => this.#brokers.leaderOf(this.#topic, partition) !== undefined) : all
  }

  #askOnce (node, partitions) {
    if (this.#busy.has(node)) return
    this.#busy.add(node)
    this.#fetchFrom(node, partitions)
  }

  /** Leaders may have changed. */
  #stumble (why) {
    this.#brokers.forgetLeaders(this.#topic)
    return this.#rest(why)
  }

  /** Tells what is wrong, and looks again after a while. */
  async #rest (why) {
    if (this.#over.signal.aborted) return
    this.#hear.failed(`could not read ${this.#topic}: ${why}`)
    if (this.#isResting) return
    this.#isResting = true
    await pause(AGAIN, this.#over.signal)
    this.#isResting = false
    if (!this.#over.signal.aborted) this.#hear.fetched([], new Map())
  }

  async #fetchFrom (node, partitions) {
    const asked = new Map(partitions.map(partition => [partition, this.#positions.get(partition)]))
    try {
      const answer = await this.#brokers.ask(node, 'Fetch', this.#question(asked), { version: 11, read: decodeFetch })
      if (this.#over.signal.aborted) return
      await this.#take(answer, asked, node)
    } catch (error) {
      this.#busy.delete(node)
      await this.#stumble(error.message)
    }
  }

  #question (asked) {
    const partitions = [...asked].map(([partition, offset]) => ({ partition, fetchOffset: String(offset), maxBytes: PARTITION_BYTES }))
    return { maxWaitTime: WAIT, minBytes: 1, maxBytes: ALL_BYTES, isolationLevel: this.#isolation, topics: [{ topic: this.#topic, partitions }] }
  }

  async #take (answer, asked, node) {
    const messages = []
    const ends = new Map()
    let why = answer.errorCode === 0 ? null : new BrokerError(answer.errorCode).message
    for (const part of answer.partitions) {
      if (this.#positions.get(part.partition) !== asked.get(part.partition)) continue // it was begun anew meanwhile
      try {
        await this.#takePart(part, messages, ends)
      } catch (error) { // what came from the others is not lost by it
        why = `partition ${part.partition}: ${error.message}`
      }
    }
    if (this.#over.signal.aborted) return
    this.#busy.delete(node)
    if (messages.length > 0 || ends.size > 0 || why === null) this.#hear.fetched(messages, ends)
    if (why !== null) await this.#stumble(why)
  }

  async #takePart (part, messages, ends) {
    if (part.errorCode === OUT_OF_RANGE) return this.#lose(part.partition)
    check(part.errorCode)
    const { partition } = part
    const isCommitted = this.#isolation === COMMITTED
    const end = isCommitted ? part.lastStableOffset : part.highWatermark
    const read = await readRecords(part.records, this.#positions.get(partition), isCommitted ? part.aborted : [], decompress)
    for (const { offset, time, value, traceparent } of read.messages) messages.push({ partition, offset, at: time * 1000, value, traceparent })
    this.#positions.set(partition, read.next)
    if (read.unreadable !== null) messages.push(this.#passOver(partition, read.next, end, read.unreadable))
    this.#lookForEnd(partition, end, ends)
  }

  #lookForEnd (partition, end, ends) {
    const next = this.#positions.get(partition)
    if (next < end || this.#ends.get(partition) === next) return
    this.#ends.set(partition, next)
    ends.set(partition, next)
  }

  /** The message that stands for the batch at `next`. Throws: it is to be fetched again before. */
  #passOver (partition, next, end, { first, behind, why }) {
    const stuck = this.#stuck.get(partition)
    const tries = stuck?.first === first ? stuck.tries + 1 : 1
    this.#stuck.set(partition, { first, tries })
    const text = `the batch that begins at ${first} cannot be unpacked (${why})`
    if (tries < TRIES) throw new Error(text)
    this.#stuck.delete(partition)
    const position = Math.max(Math.min(behind, end), next + 1)
    this.#positions.set(partition, position)
    return { partition, offset: position - 1, at: 0, value: null, traceparent: null, why: text }
  }

  #lose (partition) {
    this.#positions.delete(partition)
    this.#hear.lost(partition)
  }
}
