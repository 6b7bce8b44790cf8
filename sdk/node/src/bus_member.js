/**
 * The member of the workers' group: joins, beats, commits, leaves; it reads nothing. The classic protocol with the assignor `range`, so that
 * workers of all languages share one group.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { MemberAssignment, MemberMetadata } from 'kafkajs/src/consumer/assignerProtocol.js'

import { Brokers, BrokerError, check, pause, Unsent } from './bus_brokers.js'
import { assignRange } from './range.js'

const HEARTBEAT = 2000 // milliseconds
const REBALANCE = 60_000 // milliseconds that others wait for us when they share out anew
const AGAIN = 200 // milliseconds
const COMMIT_ANSWER = 2000 // milliseconds that the answer to a commit is waited for
const LEAVE = 3000 // milliseconds that leaving may take

const NOT_COORDINATOR = [14, 15, 16] // it loads, it is not there, it is another one
const ILLEGAL_GENERATION = 22
const UNKNOWN_MEMBER = 25
const REBALANCE_IN_PROGRESS = 27
const MEMBER_ID_REQUIRED = 79
const MOVED_ON = [ILLEGAL_GENERATION, UNKNOWN_MEMBER, REBALANCE_IN_PROGRESS]
/** After these nothing was committed: also metadata that is too large, and whoever may not. */
const REFUSED = [...MOVED_ON, 12, 29, 30]

export class Member {
  #settings
  #topic
  #hear
  #notice
  #brokers
  #coordinator = null
  #id = ''
  #generation = -1
  #isJoining = false
  #isAssigned = false
  #over = new AbortController()

  /** hear: {assigned(partitions), revoking() -> a promise that is kept when they are let go of}. */
  constructor (settings, topic, hear, notice) {
    this.#settings = settings
    this.#topic = topic
    this.#hear = hear
    this.#notice = notice
    this.#brokers = new Brokers(settings, 'group', notice)
  }

  /** Until it leaves. */
  async run () {
    while (!this.#over.signal.aborted) {
      try {
        const partitions = await this.#join()
        if (this.#over.signal.aborted) return
        this.#isAssigned = true
        this.#hear.assigned(partitions)
        await this.#stay()
      } catch (error) {
        await this.#stumble(error)
      }
      await this.#letGo()
    }
  }

  async #letGo () {
    if (!this.#isAssigned || this.#over.signal.aborted) return
    this.#isAssigned = false
    await this.#hear.revoking()
  }

  async #stumble (error) {
    if (this.#over.signal.aborted) return
    if (error.code === UNKNOWN_MEMBER) this.#id = ''
    if (!MOVED_ON.includes(error.code)) {
      this.#coordinator = null
      this.#notice('WARN', `could not join the group ${this.#settings.group}: ${error.message}`)
    }
    await pause(AGAIN, this.#over.signal)
  }

  // --- joining ---

  async #join () {
    this.#isJoining = true
    try {
      const joined = await this.#askToJoin()
      this.#id = joined.memberId
      this.#generation = joined.generationId
      const shares = joined.leaderId === joined.memberId ? await this.#shareOut(joined.members) : []
      const synced = await this.#ask('SyncGroup', { generationId: this.#generation, groupAssignment: shares })
      check(synced.errorCode)
      const { assignment } = MemberAssignment.decode(synced.memberAssignment) ?? { assignment: {} }
      return [...assignment[this.#topic] ?? []].sort((a, b) => a - b)
    } finally {
      this.#isJoining = false
    }
  }

  async #askToJoin () {
    const metadata = MemberMetadata.encode({ version: 0, topics: [this.#topic] })
    for (;;) {
      const joined = await this.#ask('JoinGroup', {
        sessionTimeout: this.#settings.sessionTimeout,
        rebalanceTimeout: REBALANCE,
        protocolType: 'consumer',
        groupProtocols: [{ name: 'range', metadata }]
      })
      if (joined.errorCode !== MEMBER_ID_REQUIRED) {
        check(joined.errorCode)
        return joined
      }
      this.#id = joined.memberId
    }
  }

  /** The leader's task. */
  async #shareOut (joined) {
    const members = joined.map(({ memberId, memberMetadata }) => ({ memberId, topics: MemberMetadata.decode(memberMetadata).topics }))
    const topics = await this.#brokers.metadata([...new Set(members.flatMap(member => member.topics))])
    const partitions = topics.map(({ topic, partitionMetadata }) => [topic, partitionMetadata.length])
    return [...assignRange(members, partitions)].map(([memberId, assignment]) => (
      { memberId, memberAssignment: MemberAssignment.encode({ version: 0, assignment }) }
    ))
  }

  // --- staying ---

  /** Until the partitions are to be shared out anew, or the group has forgotten us. */
  async #stay () {
    const every = Math.min(HEARTBEAT, this.#settings.sessionTimeout / 3)
    let heard = performance.now()
    let wait = every
    for (;;) {
      await pause(wait, this.#over.signal)
      if (this.#over.signal.aborted) return
      const code = await this.#beat()
      if (code === 0) heard = performance.now()
      if (code === UNKNOWN_MEMBER) this.#id = ''
      if (MOVED_ON.includes(code) || performance.now() - heard > this.#settings.sessionTimeout) return
      wait = code === 0 ? every : AGAIN
    }
  }

  /** The answer's code; null: there was none. */
  async #beat () {
    try {
      const { errorCode } = await this.#ask('Heartbeat', { groupGenerationId: this.#generation })
      if (NOT_COORDINATOR.includes(errorCode)) this.#coordinator = null
      return errorCode
    } catch (error) {
      this.#coordinator = null
      if (!this.#over.signal.aborted) this.#notice('WARN', `could not give the group ${this.#settings.group} a sign of life: ${error.message}`)
      return null
    }
  }

  // --- positions ---

  /** positions: partition -> offset. Resolves to {outcome: made, refused or unanswered, why}. */
  async commit (positions) {
    const late = new AbortController()
    const slow = pause(COMMIT_ANSWER, late.signal).then(() => ({ outcome: 'unanswered', why: `no answer within ${COMMIT_ANSWER / 1000} s` }))
    const answer = this.#askToCommit(positions).catch(error => ({ outcome: error instanceof Unsent ? 'refused' : 'unanswered', why: error.message }))
    const first = await Promise.race([answer, slow])
    late.abort()
    return first
  }

  async #askToCommit (positions) {
    const partitions = [...positions].map(([partition, offset]) => ({ partition, offset: String(offset) }))
    const { responses } = await this.#ask('OffsetCommit', { groupGenerationId: this.#generation, topics: [{ topic: this.#topic, partitions }] })
    const wrong = responses.flatMap(topic => topic.partitions).find(({ errorCode }) => errorCode !== 0)
    if (wrong === undefined) return { outcome: 'made', why: '' }
    if (NOT_COORDINATOR.includes(wrong.errorCode)) this.#coordinator = null
    return { outcome: REFUSED.includes(wrong.errorCode) ? 'refused' : 'unanswered', why: new BrokerError(wrong.errorCode).message }
  }

  /** The group's positions: partition -> offset, negative where there is none. */
  async positions (partitions) {
    const found = new Map()
    if (partitions.length === 0) return found
    const topics = [{ topic: this.#topic, partitions: partitions.map(partition => ({ partition })) }]
    const { responses, errorCode } = await this.#ask('OffsetFetch', { topics })
    const places = responses.flatMap(topic => topic.partitions)
    const wrong = errorCode || places.find(place => place.errorCode !== 0)?.errorCode || 0
    if (NOT_COORDINATOR.includes(wrong)) this.#coordinator = null
    check(wrong)
    for (const { partition, offset } of places) found.set(partition, Number(offset))
    return found
  }

  // --- the end ---

  /** Out of the group, at once: nobody waits for the session to end. */
  async leave () {
    this.#over.abort()
    const isHeldUp = this.#isJoining // by others, and so would be what is asked behind it
    if (isHeldUp) this.#brokers.close()
    if (this.#id === '') return
    const brokers = isHeldUp ? new Brokers(this.#settings, 'group', this.#notice) : this.#brokers
    try {
      await Promise.race([this.#askToLeave(brokers), tooLate(LEAVE)])
    } catch (error) {
      this.#notice('WARN', `could not leave the group: ${error.message}`)
    } finally {
      brokers.close()
    }
  }

  /** Also of a coordinator that has moved, or moves just now. */
  async #askToLeave (brokers) {
    const until = performance.now() + LEAVE
    for (let node = brokers === this.#brokers ? this.#coordinator : null; ; node = null) {
      try {
        const { errorCode } = await brokers.ask(node ?? await this.#findCoordinator(brokers), 'LeaveGroup', { groupId: this.#settings.group, memberId: this.#id })
        if (errorCode !== UNKNOWN_MEMBER) check(errorCode) // else it is out already
        return
      } catch (error) {
        if (performance.now() + AGAIN > until) throw error
        await sleep(AGAIN)
      }
    }
  }

  close () {
    this.#over.abort()
    this.#brokers.close()
  }

  // --- the coordinator ---

  async #ask (api, args) {
    this.#coordinator ??= await this.#findCoordinator(this.#brokers).catch(error => { throw new Unsent(error.message) })
    return this.#brokers.ask(this.#coordinator, api, { groupId: this.#settings.group, memberId: this.#id, ...args })
  }

  async #findCoordinator (brokers) {
    const { errorCode, coordinator } = await brokers.askAny('GroupCoordinator', { groupId: this.#settings.group, coordinatorType: 0 })
    check(errorCode)
    brokers.know(coordinator.nodeId, coordinator.host, coordinator.port)
    return coordinator.nodeId
  }
}

function tooLate (milliseconds) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds).unref()
  })
}
