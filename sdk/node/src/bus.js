/**
 * Kafka, as the engine sees it: the half of its port (commands.js) that is about the brokers. Nothing here decides: it reads and writes, and
 * tells the engine what has happened, by `post`.
 */
import { Brokers, pause } from './bus_brokers.js'
import { Member } from './bus_member.js'
import { COMMITTED, Fetcher, UNCOMMITTED } from './bus_read.js'
import { Sender } from './bus_send.js'
import { decode, Malformed } from './codec.js'
import { topicsOf } from './properties.js'

export { Sender }

const LOOK_AGAIN = 1000 // milliseconds before brokers and topics are looked for again
const EARLIEST = -2 // instants of ListOffsets
const LATEST = -1

export class Bus {
  #settings
  #topics
  #post
  #notice
  #sender
  #member
  #consumer // connections of those that read the queue, one assignment after the other
  #reading = null
  #scan = null
  #over = new AbortController()
  #hasLeft = false

  /** post: has a function called with the engine. Throws SettingError. */
  constructor (settings, post, notice) {
    this.#settings = settings
    this.#topics = topicsOf(settings)
    this.#post = post
    this.#notice = notice
    this.#sender = new Sender(settings, {
      answered: (run, error, isHopeless) => post(engine => engine.answered(run, error, isHopeless)),
      beatAnswered: (run, error) => post(engine => engine.beatAnswered(run, error))
    }, notice)
    this.#member = new Member(settings, this.#topics.queue, {
      assigned: partitions => post(engine => engine.assigned(partitions)),
      revoking: () => new Promise(resolve => post(engine => engine.revoking(resolve)))
    }, notice)
    this.#consumer = new Brokers(settings, 'consumer', notice)
  }

  /** Looks for the topics, then joins the group and reads `control`, until the end. */
  async open () {
    const counts = await this.#awaitTopics()
    if (counts === null || this.#hasLeft) return
    this.#post(engine => engine.started(counts.get(this.#topics.status), counts.get(this.#topics.queue)))
    await Promise.all([this.#readControl(), this.#member.run()])
  }

  /** How many partitions each has; null: the worker ends before they are there. */
  async #awaitTopics () {
    const { queue, status, logs, heartbeats, control } = this.#topics
    while (!this.#over.signal.aborted) {
      try {
        return await this.#sender.count([queue, status, logs, heartbeats, control])
      } catch (error) {
        this.#notice('WARN', error.message)
        await pause(LOOK_AGAIN, this.#over.signal)
      }
    }
    return null
  }

  /** Ends all of it, also what hangs. */
  close () {
    this.#over.abort()
    this.release()
    this.stopScan()
    this.#member.close()
    this.#consumer.close()
    this.#sender.stop()
  }

  // --- records ---

  send (record, run) {
    this.#sender.send(record, run)
  }

  // --- the group ---

  async store (commit) {
    const { outcome, why } = await this.#member.commit(commit.positions)
    this.#post(engine => engine.stored(commit, outcome, why))
  }

  async leave () {
    this.#hasLeft = true
    await this.#member.leave()
    this.#post(engine => engine.left())
  }

  /** A partition that has no leader, or whose leader does not answer, does not hold up the others. */
  async locate (generation, partitions) {
    try {
      const { spots, why } = await this.#spots(partitions)
      if (spots.length > 0) this.#post(engine => engine.located(generation, spots))
      if (spots.length < partitions.size) this.#post(engine => engine.notLocated(generation, why))
    } catch (error) {
      this.#post(engine => engine.notLocated(generation, error.message))
    }
  }

  async #spots (partitions) {
    const { queue } = this.#topics
    const ends = await this.#consumer.offsets(queue, [...partitions.keys()], LATEST, COMMITTED)
    const numbers = [...ends.found.keys()]
    const stored = await this.#member.positions(numbers.filter(number => !partitions.get(number)))
    const lacking = numbers.filter(number => !(stored.get(number) >= 0))
    const oldest = await this.#consumer.offsets(queue, lacking, Math.max(Date.now() - this.#settings.backlog, 0), COMMITTED)
    const spots = numbers.filter(number => stored.get(number) >= 0 || oldest.found.has(number)).map(partition => ({
      partition,
      stored: lacking.includes(partition) ? null : stored.get(partition),
      oldest: oldest.found.get(partition) >= 0 ? oldest.found.get(partition) : null,
      end: ends.found.get(partition)
    }))
    return { spots, why: ends.why ?? oldest.why }
  }

  // --- the queue ---

  begin (generation, starts) {
    this.#reading ??= new Reading(this.#consumer, this.#topics.queue, generation, this.#post, this.#notice)
    this.#reading.begin(starts)
  }

  read (room) {
    this.#reading.read(room)
  }

  release () {
    this.#reading?.stop()
    this.#reading = null
  }

  // --- topics that are read without a group ---

  /** What the scheduler has to say to workers, from the beginning and for as long as the worker lives. */
  async #readControl () {
    const topic = this.#topics.control
    const brokers = new Brokers(this.#settings, 'control', this.#notice)
    this.#over.signal.addEventListener('abort', () => brokers.close())
    let isKnown = false
    const reader = new Fetcher(brokers, topic, COMMITTED, {
      fetched: (messages, ends) => {
        if (messages.length > 0) this.#post(engine => engine.signalled(messages))
        if (ends.size > 0 && !isKnown) {
          isKnown = true
          this.#post(engine => engine.controlIsRead())
        }
        reader.fetch()
      },
      lost: () => this.#beginControl(brokers, reader),
      failed: why => this.#notice('WARN', why)
    })
    this.#over.signal.addEventListener('abort', () => reader.stop())
    await this.#beginControl(brokers, reader)
  }

  async #beginControl (brokers, reader) {
    const topic = this.#topics.control
    while (!this.#over.signal.aborted) {
      try {
        reader.begin(0, (await brokers.allOffsets(topic, [0], EARLIEST, COMMITTED)).get(0))
        return await reader.fetch()
      } catch (error) {
        this.#notice('WARN', `could not read ${topic}: ${error.message}`)
        await pause(LOOK_AGAIN, this.#over.signal)
      }
    }
  }

  /** Uncommitted: workers use no transactions, and somebody else's open one must not hide what they have said. */
  scan (scan, partitions, since) {
    this.stopScan()
    const over = this.#scan = new AbortController()
    const brokers = new Brokers(this.#settings, 'status', this.#notice)
    over.signal.addEventListener('abort', () => brokers.close())
    const told = f => over.signal.aborted || this.#post(f)
    this.#readStatus(brokers, scan, partitions, since, over.signal)
      .then(() => told(engine => engine.scanned(scan)))
      .catch(error => told(engine => engine.notScanned(scan, `could not look through ${this.#topics.status}: ${error.message}`)))
      .finally(() => over.abort())
  }

  async #readStatus (brokers, scan, partitions, since, signal) {
    const topic = this.#topics.status
    const ends = await brokers.allOffsets(topic, partitions, LATEST, UNCOMMITTED)
    const starts = await brokers.allOffsets(topic, partitions, Math.floor(since / 1000), UNCOMMITTED)
    const left = new Set(partitions.filter(partition => starts.get(partition) >= 0 && starts.get(partition) < ends.get(partition)))
    if (left.size === 0) return
    await new Promise((resolve, reject) => {
      const reader = new Fetcher(brokers, topic, UNCOMMITTED, {
        fetched: (messages, reached) => {
          for (const { partition, why } of messages) if (why !== undefined) this.#notice('ERROR', `passed over in ${topic}[${partition}]: ${why}`)
          this.#post(engine => engine.reported(scan, messages.flatMap(reportOf)))
          for (const partition of reached.keys()) left.delete(partition)
          if (left.size === 0) resolve()
          else reader.fetch()
        },
        lost: () => reject(new Error('its oldest records were deleted meanwhile')),
        failed: why => this.#notice('WARN', why)
      })
      signal.addEventListener('abort', () => {
        reader.stop()
        resolve()
      })
      for (const partition of left) reader.begin(partition, starts.get(partition))
      reader.fetch()
    })
  }

  stopScan () {
    this.#scan?.abort()
    this.#scan = null
  }
}

function reportOf ({ value, partition, offset, at }) {
  if (value === null) return []
  try {
    return [{ report: decode(value, 'ExecutionStatus'), partition, offset, at }]
  } catch (error) {
    if (error instanceof Malformed) return []
    throw error
  }
}

/** Of the queue, for one assignment: it fetches as the engine asks, and keeps what came beyond that. */
class Reading {
  #generation
  #post
  #fetcher
  #messages = []
  #ends = new Map()
  #room = 0 // what the engine waits for; 0: nothing

  constructor (brokers, topic, generation, post, notice) {
    this.#generation = generation
    this.#post = post
    this.#fetcher = new Fetcher(brokers, topic, COMMITTED, {
      fetched: (messages, ends) => {
        for (const message of messages) this.#messages.push(message)
        for (const [partition, offset] of ends) this.#ends.set(partition, offset)
        this.#serve()
      },
      lost: partition => post(engine => engine.positionLost(generation, partition)), // what was read before is there all the same
      failed: why => notice('WARN', why)
    })
  }

  begin (starts) {
    for (const [partition, offset] of starts) this.#fetcher.begin(partition, offset)
    if (this.#room > 0) this.#fetcher.fetch()
  }

  read (room) {
    this.#room = room
    setImmediate(() => this.#serve())
  }

  stop () {
    this.#room = 0
    this.#fetcher.stop()
  }

  /** The engine hears of an end when it has all that lies before it. */
  #serve () {
    if (this.#room === 0) return
    if (this.#messages.length === 0 && this.#ends.size === 0) {
      this.#fetcher.fetch()
      return
    }
    const messages = this.#messages.splice(0, this.#room)
    const ends = this.#messages.length === 0 ? this.#ends : new Map()
    if (this.#messages.length === 0) this.#ends = new Map()
    this.#room = 0
    this.#post(engine => engine.fetched(this.#generation, messages, ends))
  }
}
