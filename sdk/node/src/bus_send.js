/** The producer. What waits in a turn of the loop makes one request a broker, and one is on its way at a time; who asks sends again. */
import { BrokerError, Brokers, check, noLeader } from './bus_brokers.js'
import { topicsOf } from './properties.js'

const ALL = -1 // acks
const ANSWER = 10_000 // milliseconds that a broker may wait for its followers
const BATCH_BYTES = 900_000 // of one partition in one request: a broker takes a mebibyte
const REQUEST_BYTES = 8 << 20
const BESIDE = 100 // bytes of a record beside key and value, at most
const HOPELESS = [10, 18, 87] // too large, alone or together; invalid
const UNKNOWN_TOPIC = 3

export class Sender {
  #topics
  #names
  #answers
  #notice
  #brokers
  #waiting = []
  #lanes = new Map() // node -> {entries, isBusy}
  #isPlanned = false
  #asking = null
  #isClosed = false

  /**
   * answers: {answered(run, error, isHopeless), beatAnswered(run, error)}: what became of each record; error null: the brokers have it.
   */
  constructor (settings, answers, notice) {
    this.#topics = topicsOf(settings)
    this.#names = { status: this.#topics.status, logs: this.#topics.logs, heartbeats: this.#topics.heartbeats }
    this.#answers = answers
    this.#notice = notice
    this.#brokers = new Brokers(settings, 'producer', notice)
  }

  /** Of `status`; null: that is not to be learned now, and why is told. */
  async countPartitions () {
    try {
      const counts = await this.count([this.#topics.status])
      return counts.get(this.#topics.status)
    } catch (error) {
      this.#notice('WARN', error.message)
      return null
    }
  }

  /** Of topics: name -> partitions. Throws, with a text that names the first that is missing. */
  async count (topics) {
    let found
    try {
      found = await this.#brokers.metadata(topics)
    } catch (error) {
      throw new Error(`waiting for the brokers: ${error.message}`)
    }
    return new Map(topics.map(topic => [topic, this.#countOf(topic, found.find(one => one.topic === topic))]))
  }

  #countOf (topic, found) {
    const code = found?.topicErrorCode ?? UNKNOWN_TOPIC
    if (code === UNKNOWN_TOPIC || found.partitionMetadata.length === 0) {
      throw new Error(topic === this.#topics.queue ? `waiting for the queue: there is no topic ${topic} yet` : `there is no topic ${topic}: run \`cronobs topics apply\``)
    }
    check(code, `waiting for topic ${topic}: `)
    return found.partitionMetadata.length
  }

  /** Does not wait. */
  send (record, run) {
    const bytes = BESIDE + record.key.length + record.value.length
    this.#waiting.push({ record, run, bytes, topic: this.#names[record.topic], isAlone: false })
    if (this.#isPlanned) return
    this.#isPlanned = true
    setImmediate(() => this.#sort())
  }

  /** Drops what is on its way. */
  stop () {
    this.#isClosed = true
    this.#brokers.close()
  }

  // --- by brokers ---

  async #sort () {
    this.#isPlanned = false
    const entries = this.#waiting
    this.#waiting = []
    if (entries.some(entry => this.#leaderOf(entry) === undefined)) {
      try {
        await this.#askForLeaders()
      } catch (error) {
        return this.#fail(entries, error)
      }
    }
    for (const entry of entries) this.#line(entry)
    for (const [node, lane] of this.#lanes) {
      if (!lane.isBusy && lane.entries.length > 0) this.#serve(node, lane)
    }
  }

  /** Once, however many wait for it. */
  #askForLeaders () {
    this.#asking ??= this.#brokers.metadata(Object.values(this.#names)).finally(() => { this.#asking = null })
    return this.#asking
  }

  #leaderOf ({ topic, record }) {
    return this.#brokers.leaderOf(topic, record.partition)
  }

  #line (entry) {
    const node = this.#leaderOf(entry)
    if (node === undefined) return this.#fail([entry], new Error(noLeader(entry.topic, entry.record.partition)))
    if (!this.#lanes.has(node)) this.#lanes.set(node, { entries: [], isBusy: false })
    this.#lanes.get(node).entries.push(entry)
  }

  async #serve (node, lane) {
    lane.isBusy = true
    while (lane.entries.length > 0 && !this.#isClosed) {
      const { batches, rest } = batchesOf(lane.entries)
      lane.entries = rest
      await this.#produce(node, batches, lane)
    }
    lane.isBusy = false
  }

  async #produce (node, batches, lane) {
    try {
      const { topics } = await this.#brokers.ask(node, 'Produce', { acks: ALL, timeout: ANSWER, topicData: topicDataOf(batches) })
      const codes = new Map(topics.flatMap(({ topicName, partitions }) => partitions.map(p => [`${topicName}/${p.partition}`, p.errorCode])))
      for (const [name, batch] of batches) this.#heard(batch, codes.get(name), lane)
    } catch (error) {
      for (const topic of Object.values(this.#names)) this.#brokers.forgetLeaders(topic)
      for (const batch of batches.values()) this.#fail(batch.entries, error)
    }
  }

  #heard ({ topic, entries }, code, lane) {
    if (code === 0) {
      for (const { record, run } of entries) this.#tell(record, run, null, false)
    } else if (HOPELESS.includes(code) && entries.length > 1) { // one of them is
      for (const entry of entries) lane.entries.push({ ...entry, isAlone: true })
    } else {
      if (!HOPELESS.includes(code)) this.#brokers.forgetLeaders(topic)
      this.#fail(entries, new BrokerError(code), HOPELESS.includes(code))
    }
  }

  #fail (entries, error, isHopeless = false) {
    for (const { record, run } of entries) this.#tell(record, run, error.message, isHopeless)
  }

  #tell (record, run, error, isHopeless) {
    if (this.#isClosed) return
    if (record.topic === 'heartbeats') this.#answers.beatAnswered(run, error)
    else this.#answers.answered(run, error, isHopeless)
  }
}

/** What one request holds: name of the partition -> {topic, partition, entries, bytes}; and what is left for the next. */
function batchesOf (entries) {
  const batches = new Map()
  const rest = []
  let bytes = 0
  for (const entry of entries) {
    const name = `${entry.topic}/${entry.record.partition}`
    const batch = batches.get(name)
    const isFull = batch !== undefined && (entry.isAlone || batch.isAlone || batch.bytes + entry.bytes > BATCH_BYTES)
    if (isFull || (bytes > 0 && bytes + entry.bytes > REQUEST_BYTES)) {
      rest.push(entry)
      continue
    }
    bytes += entry.bytes
    if (batch === undefined) {
      batches.set(name, { topic: entry.topic, partition: entry.record.partition, entries: [entry], bytes: entry.bytes, isAlone: entry.isAlone })
    } else {
      batch.entries.push(entry)
      batch.bytes += entry.bytes
    }
  }
  return { batches, rest }
}

function topicDataOf (batches) {
  const topics = new Map()
  for (const { topic, partition, entries } of batches.values()) {
    if (!topics.has(topic)) topics.set(topic, { topic, partitions: [] })
    topics.get(topic).partitions.push({ partition, messages: entries.map(({ record }) => ({ key: record.key, value: record.value })) })
  }
  return [...topics.values()]
}
