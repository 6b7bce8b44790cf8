/**
 * Connections to brokers, and who of them has what. The files bus*.js and wire.js are all that know kafkajs.
 *
 * Of kafkajs its lower half is used: connections, logins, the protocol's requests. Its consumer begins to read by itself, at positions of its
 * choice, beats only while it reads, and hides what became of a commit; its producer makes one error of all (docs/decisions/0220). A
 * connection that broke in the middle of an answer reads on from there when it is made anew, so it is thrown away. It measures how long it waits
 * for an answer, or until a broker wants to be asked again, by the wall clock, so both are done here.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import Broker from 'kafkajs/src/broker/index.js'
import poolBuilder from 'kafkajs/src/cluster/connectionPoolBuilder.js'
import { createLogger, LEVELS } from 'kafkajs/src/loggers/index.js'
import { CONNECTION_STATUS } from 'kafkajs/src/network/connectionStatus.js'
import socketFactory from 'kafkajs/src/network/socketFactory.js'
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import { requests } from 'kafkajs/src/protocol/requests/index.js'

import { addressesOf, securityOf } from './properties.js'

const CONNECT = 2000 // milliseconds
const ANSWER = 10_000 // milliseconds that an answer is waited for; joining a group has its own time
const CLOSED = 'the connection is closed'
const FETCH_LINE = 1 // of a broker's two connections the one for fetches, which may wait

/** An answer of a broker that is an error; its message has the name that Kafka gives it. */
export class BrokerError extends Error {
  constructor (code, about = '') {
    const { type, message } = createErrorFromCode(code)
    super(`${about}${type}: ${message}`)
    this.code = code
  }
}

/** What was to be asked has not left: nobody has done anything about it. */
export class Unsent extends Error {}

/** Throws where an answer is an error. */
export function check (code, about) {
  if (code !== 0) throw new BrokerError(code, about)
}

/** What is wrong with a partition that nobody leads. */
export const noLeader = (topic, partition) => `${topic}[${partition}] has no leader`

/** Waits, but no longer than until the signal. */
export function pause (milliseconds, signal) {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })
}

/** Those of one client: what waits in one does not hold up another. */
export class Brokers {
  #addresses
  #build
  #nodes = new Map() // id -> {address, link}
  #seeds = new Map() // address -> link
  #leaders = new Map() // topic -> Map of partition -> node
  #isClosed = false
  #logger
  #answer
  #turn = 0 // who is asked first, when any may be

  /** role: how its words begin; answer: milliseconds that an answer is waited for. */
  constructor (settings, role, notice, answer = ANSWER) {
    this.#answer = answer
    this.#addresses = addressesOf(settings.brokers)
    this.#logger = createLogger({ level: LEVELS.WARN, logCreator: () => line => this.#hear(line, role, notice) })
    this.#build = poolBuilder({
      logger: this.#logger,
      socketFactory: socketFactory(),
      brokers: [],
      clientId: settings.name,
      connectionTimeout: CONNECT,
      requestTimeout: answer,
      enforceRequestTimeout: false,
      ...securityOf(settings.kafka)
    })
  }

  /** What kafkajs says. A connection that was lost is told by whoever has asked. */
  #hear ({ namespace, log }, role, notice) {
    if (namespace !== 'Connection') notice('WARN', `${role}: ${log.message}`)
  }

  /** Ends all connections; what is waited for fails. */
  close () {
    this.#isClosed = true
    for (const { link } of this.#nodes.values()) link.close()
    for (const link of this.#seeds.values()) link.close()
    this.#nodes.clear()
    this.#seeds.clear()
  }

  // --- who has what ---

  /** Of topics, as the brokers have it: [{topic, topicErrorCode, partitionMetadata}]. */
  async metadata (topics) {
    const answer = await this.askAny('Metadata', { topics, allowAutoTopicCreation: false })
    this.#know(answer.brokers)
    for (const { topic, topicErrorCode, partitionMetadata } of answer.topicMetadata) {
      if (topicErrorCode !== 0) continue
      this.#leaders.set(topic, new Map(partitionMetadata.filter(p => p.leader >= 0).map(p => [p.partitionId, p.leader])))
    }
    return answer.topicMetadata
  }

  /** All brokers that there are. */
  #know (brokers) {
    for (const [id, { link }] of this.#nodes) {
      if (brokers.some(({ nodeId }) => nodeId === id)) continue
      link.close()
      this.#nodes.delete(id)
    }
    for (const { nodeId, host, port } of brokers) this.know(nodeId, host, port)
  }

  /** A broker has this address. */
  know (id, host, port) {
    const known = this.#nodes.get(id)
    if (known?.host === host && known.port === port) return
    known?.link.close()
    this.#nodes.set(id, { host, port, link: this.#linkTo(host, port) })
  }

  /** The node that leads a partition, as far as it is known; else undefined. */
  leaderOf (topic, partition) {
    return this.#leaders.get(topic)?.get(partition)
  }

  /** They have changed. */
  forgetLeaders (topic) {
    this.#leaders.delete(topic)
  }

  /**
   * Partitions of a topic by the nodes that lead them, and those that have no leader: {nodes: node -> partitions, leaderless}. Asks where it
   * does not know.
   */
  async byLeader (topic, partitions) {
    if (partitions.some(partition => this.leaderOf(topic, partition) === undefined)) {
      const [found] = await this.metadata([topic])
      check(found.topicErrorCode, `${topic}: `)
    }
    const nodes = new Map()
    const leaderless = []
    for (const partition of partitions) {
      const node = this.leaderOf(topic, partition)
      if (node === undefined) leaderless.push(partition)
      else if (nodes.has(node)) nodes.get(node).push(partition)
      else nodes.set(node, [partition])
    }
    return { nodes, leaderless }
  }

  /**
   * Offsets of the first messages since an instant in milliseconds (-1: the end, -2: the beginning): {found: partition -> offset, negative where
   * there is none; why: some partitions have no answer, else null}.
   */
  async offsets (topic, partitions, since, isolationLevel) {
    const found = new Map()
    if (partitions.length === 0) return { found, why: null }
    const { nodes, leaderless } = await this.byLeader(topic, partitions)
    let why = leaderless.length > 0 ? noLeader(topic, leaderless[0]) : null
    const ask = async ([node, own]) => {
      try {
        for (const [partition, offset] of await this.#askForOffsets(node, topic, own, since, isolationLevel)) found.set(partition, offset)
      } catch (error) {
        this.forgetLeaders(topic)
        why ??= error.message
      }
    }
    await Promise.all([...nodes].map(ask))
    return { found, why }
  }

  async #askForOffsets (node, topic, partitions, since, isolationLevel) {
    const topics = [{ topic, partitions: partitions.map(partition => ({ partition, timestamp: since })) }]
    const { responses } = await this.ask(node, 'ListOffsets', { isolationLevel, topics })
    return responses[0].partitions.map(({ partition, errorCode, offset }) => {
      check(errorCode, `${topic}[${partition}]: `)
      return [partition, Number(offset)]
    })
  }

  /** The same where all are needed: partition -> offset. Throws where one is wanting. */
  async allOffsets (...about) {
    const { found, why } = await this.offsets(...about)
    if (why !== null) throw new Error(why)
    return found
  }

  // --- questions ---

  /** Asks a broker by its id; the answer may have error codes. Throws where there is none; Unsent: and it was not asked. */
  ask (node, api, args, decode) {
    const known = this.#nodes.get(node)
    if (known === undefined) throw new Unsent(`broker ${node} is not known any more`)
    return known.link.ask(api, args, decode)
  }

  /** Asks the first broker that answers; another one is asked first each time, since what one knows may be out of date. */
  async askAny (api, args) {
    const links = [...this.#nodes.values()].map(node => node.link)
    links.push(...links.splice(0, this.#turn++ % Math.max(links.length, 1)))
    links.push(...this.#addresses.map(({ host, port }) => this.#seed(host, port)))
    let why
    for (const link of links) {
      try {
        return await link.ask(api, args)
      } catch (error) {
        why = error
      }
    }
    throw why
  }

  #seed (host, port) {
    const address = `${host}:${port}`
    if (!this.#seeds.has(address)) this.#seeds.set(address, this.#linkTo(host, port))
    return this.#seeds.get(address)
  }

  #linkTo (host, port) {
    return new Link(() => this.#build.build({ host, port }), this.#logger, () => this.#isClosed, this.#answer)
  }
}

/** One broker's connections, made when they are needed. */
class Link {
  #makePool
  #logger
  #isClosed
  #answer
  #broker = null
  #opening = new Map() // connection -> promise
  #freeAt = 0 // tick before which the broker wants to be asked nothing, milliseconds

  constructor (makePool, logger, isClosed, answer) {
    this.#makePool = makePool
    this.#logger = logger
    this.#isClosed = isClosed
    this.#answer = answer
  }

  async ask (api, args, decode) {
    const wait = this.#freeAt - performance.now()
    if (wait > 0) await sleep(wait, undefined, { ref: false })
    const line = api === 'Fetch' ? FETCH_LINE : 0
    const broker = await this.#opened(line)
    const form = decode === undefined ? broker.lookupRequest(apiKeys[api], requests[api]) : requests[api].protocol({ version: decode.version })
    const { request, response, requestTimeout } = form(args)
    try {
      return await within(Math.max(this.#answer, requestTimeout ?? 0), broker.connectionPool.send({
        request,
        response: { decode: decode?.read ?? response.decode, parse: answer => answer },
        logResponseError: false
      }))
    } catch (error) {
      this.#drop(broker)
      throw error
    }
  }

  close () {
    if (this.#broker !== null) this.#drop(this.#broker)
  }

  async #opened (line) {
    try {
      return await this.#open(line)
    } catch (error) {
      throw new Unsent(error.message)
    }
  }

  /** One at a time opens a connection. It is connected before the broker has said what it understands. */
  #open (line) {
    if (this.#broker?.versions && this.#broker.connectionPool.pool[line].isConnected()) return this.#broker
    if (!this.#opening.has(line)) this.#opening.set(line, this.#connect(line).finally(() => this.#opening.delete(line)))
    return this.#opening.get(line)
  }

  async #connect (line) {
    this.#broker ??= await this.#make()
    const broker = this.#broker
    try {
      await within(this.#answer, broker.connect())
      await broker.connectionPool.getConnection(line)
    } catch (error) {
      this.#drop(broker)
      throw error
    }
    return broker
  }

  async #make () {
    const connectionPool = await this.#makePool()
    if (this.#isClosed()) throw new Error(CLOSED)
    for (const { requestQueue } of connectionPool.pool) {
      keepQuiet(requestQueue)
      requestQueue.maybeThrottle = time => { this.#freeAt = Math.max(this.#freeAt, performance.now() + (time ?? 0)) }
    }
    return this.#broker ?? new Broker({ connectionPool, logger: this.#logger, allowAutoTopicCreation: false })
  }

  #drop (broker) {
    if (this.#broker === broker) this.#broker = null
    for (const connection of broker.connectionPool.pool) {
      connection.requestQueue.rejectAll(new Error(CLOSED))
      connection.requestQueue.destroy()
      connection.socket?.destroy()
      connection.connectionStatus = CONNECTION_STATUS.DISCONNECTED // who is about to ask on it would have no answer, ever,
      connection.connect = async () => { throw new Error(CLOSED) } // or connect it anew, and nobody would close that
    }
  }
}

/** The promise, but no longer than so long. */
async function within (milliseconds, promise) {
  let timer
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** kafkajs sets a timer with a negative time for an empty queue, and Node.js 24 says so on standard error. */
function keepQuiet (requestQueue) {
  const genuine = requestQueue.scheduleCheckPendingRequests
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0) genuine.call(requestQueue)
  }
}
