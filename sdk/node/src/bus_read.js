/** Reading partitions of a topic, without a group, from where one says. */
import { lookupCodecByAttributes } from 'kafkajs/src/protocol/message/compression/index.js'

import { BrokerError, pause } from './bus_brokers.js'
import { decodeFetch, readRecords } from './wire.js'

export const UNCOMMITTED = 0 // isolation levels
export const COMMITTED = 1

const WAIT = 500 // milliseconds that a broker waits for something to be read
const AGAIN = 200 // milliseconds after something went wrong
const ALL_BYTES = 4 << 20
const PARTITION_BYTES = 1 << 20
const OUT_OF_RANGE = 1

const decompress = (codec, bytes) => lookupCodecByAttributes(codec).decompress(bytes)

export class Fetcher {
  #brokers
  #topic
  #isolation
  #hear
  #positions = new Map()
  #ends = new Map() // as they were told last
  #busy = new Set() // nodes that are asked
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

  /** Asks all brokers that are not asked yet; each that answers is heard by itself. */
  async fetch () {
    let nodes
    try {
      nodes = await this.#brokers.byLeader(this.#topic, [...this.#positions.keys()])
    } catch (error) {
      return this.#stumble(error.message)
    }
    for (const [node, partitions] of nodes) {
      if (this.#busy.has(node)) continue
      this.#busy.add(node)
      this.#fetchFrom(node, partitions)
    }
  }

  async #stumble (why) {
    if (this.#over.signal.aborted) return
    this.#hear.failed(`could not read ${this.#topic}: ${why}`)
    this.#brokers.forgetLeaders(this.#topic)
    await pause(AGAIN, this.#over.signal)
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
      if (part.errorCode === 0) await this.#takePart(part, messages, ends)
      else if (part.errorCode === OUT_OF_RANGE) this.#lose(part.partition)
      else why = new BrokerError(part.errorCode, `partition ${part.partition}: `).message
    }
    if (this.#over.signal.aborted) return
    this.#busy.delete(node)
    if (messages.length > 0 || ends.size > 0 || why === null) this.#hear.fetched(messages, ends)
    if (why !== null) await this.#stumble(why)
  }

  async #takePart (part, messages, ends) {
    const { partition } = part
    const isCommitted = this.#isolation === COMMITTED
    const read = await readRecords(part.records, this.#positions.get(partition), isCommitted ? part.aborted : [], decompress)
    for (const { offset, time, value, traceparent } of read.messages) messages.push({ partition, offset, at: time * 1000, value, traceparent })
    this.#positions.set(partition, read.next)
    const end = isCommitted ? part.lastStableOffset : part.highWatermark
    if (read.next < end || this.#ends.get(partition) === read.next) return
    this.#ends.set(partition, read.next)
    ends.set(partition, read.next)
  }

  #lose (partition) {
    this.#positions.delete(partition)
    this.#hear.lost(partition)
  }
}
