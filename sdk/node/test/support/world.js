/** What tests make: executions, messages, an engine whose world is a list. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { decode, encode } from '../../src/codec.js'
import { Engine } from '../../src/engine.js'
import { Room } from '../../src/lines.js'
import { outcomeOf } from '../../src/run.js'

export const PARTITIONS = 3

export function frame (given) {
  return encode('ExecutionCreated', {
    execution_id: randomUUID(),
    task_id: randomUUID(),
    task_key: 'report',
    project: 'default',
    revision: 1,
    attempt: 1,
    max_attempts: 1,
    trigger: 'SCHEDULED',
    scheduled_at: 0,
    due_at: 0,
    status_partition: 1,
    ...given
  })
}

export const message = (offset, given = {}, at = 0) => ({ partition: 0, offset, at, value: frame(given), traceparent: null })

export const line = message => ({ message, unfinished: false, escaped: false })

const KINDS = { status: 'ExecutionStatus', logs: 'LogBatch', heartbeats: 'Heartbeat' }

/** An engine and what it does. Time stands still unless it is moved. */
export class World {
  constructor ({ concurrency = 2, drain = 25_000, stopWhenLost = false } = {}) {
    const limits = { queueTopic: 'executions.q', controlTopic: 'control', group: 'work-q', concurrency, backlog: 86_400_000, drain, stopWhenLost }
    this.room = new Room()
    this.engine = new Engine(limits, 'me', randomUUID(), this.#port(), this.room)
    this.sent = []
    this.begun = []
    this.told = []
    this.contacts = []
    this.closed = []
    this.words = []
    this.scans = []
    this.located = [] // what it has asked for, by kind
    this.starts = []
    this.rooms = []
    this.stores = []
    this.leaves = 0
    this.releases = 0
    this.at(0)
  }

  #port () {
    return {
      locate: (generation, partitions) => this.located.push({ generation, partitions }),
      begin: (generation, starts) => this.starts.push(Object.fromEntries(starts)),
      read: room => this.rooms.push(room),
      release: () => { this.releases += 1 },
      store: commit => this.stores.push(commit),
      leave: () => { this.leaves += 1 },
      scan: (scan, partitions, since) => this.scans.push({ scan, partitions, since }),
      stopScan: () => {},
      send: (record, run) => this.sent.push({ record, run }),
      start: runs => this.begun.push(...runs),
      tell: (run, cause) => this.told.push({ run, cause }),
      contact: (run, isLost) => this.contacts.push(isLost),
      close: run => this.closed.push(run),
      notice: (level, text) => this.words.push(`${level} ${text}`)
    }
  }

  // --- what happens ---

  at (tick) {
    this.engine.tick = tick
    this.engine.now = (1_800_000_000 + tick) * 1e6
  }

  later (seconds) {
    this.at(this.engine.tick + seconds)
    this.engine.step()
  }

  /** Brings it to where it reads: control was read, a partition is assigned, with this position. */
  reads (stored = 0) {
    this.engine.started(PARTITIONS, PARTITIONS)
    this.engine.controlIsRead()
    this.assigned(stored)
  }

  assigned (stored, oldest = null) {
    this.engine.assigned([0])
    this.engine.step()
    const { generation } = this.located.pop()
    this.engine.located(generation, [{ partition: 0, stored, oldest, end: 0 }])
    this.engine.step()
  }

  fetched (messages, ends = {}) {
    this.rooms = []
    this.engine.fetched(this.engine.inbox.generation, messages, new Map(Object.entries(ends).map(([p, at]) => [Number(p), at])))
    this.engine.step()
  }

  /** The brokers answer all that was sent; what it was. */
  answers (error = null, isHopeless = false) {
    const sent = this.sent
    this.sent = []
    for (const { record, run } of sent) {
      if (record.topic === 'heartbeats') this.engine.beatAnswered(run, error)
      else this.engine.answered(run, error, isHopeless)
    }
    this.engine.step()
    return sent.map(({ record }) => decode(record.value, KINDS[record.topic]))
  }

  /** The answer to the commit that was asked for; its positions. */
  stored (outcome = 'made') {
    const commit = this.stores.pop()
    assert.ok(commit, 'a commit was asked for')
    const positions = Object.fromEntries(commit.positions)
    this.engine.stored(commit, outcome, outcome)
    this.engine.step()
    return positions
  }

  /** Reads these, and brings them into handlers' hands. */
  runs (...messages) {
    this.fetched(messages)
    this.answers()
    this.stored()
    const begun = this.begun
    this.begun = []
    return begun
  }

  ends (run, outcome = outcomeOf('SUCCEEDED')) {
    this.engine.ended(run, outcome)
    this.engine.step()
  }

  /** The assignment is over; true: it said so. */
  revoked () {
    let isDone = false
    this.engine.revoking(() => { isDone = true })
    this.engine.step()
    return isDone
  }
}
