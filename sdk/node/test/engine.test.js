/** The engine: claims, records, causes, the end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Agenda } from '../src/agenda.js'
import { Cause } from '../src/cause.js'
import { decode, encode } from '../src/codec.js'
import { partitionOf } from '../src/placement.js'
import { outcomeOf, Phase } from '../src/run.js'
import { line, message, World } from './support/world.js'

function signal ({ execution_id, task_id, attempt }, given = {}) {
  const value = encode('ExecutionSignal', { execution_id, task_id, attempt, signal: 'CANCEL', requested_at: 0, ...given })
  return { partition: 0, offset: 0, at: 0, value, traceparent: null }
}

function reading (options) {
  const world = new World(options)
  world.reads()
  return world
}

const statuses = records => records.map(({ status }) => status)

// --- claims ---

test('an execution is announced, then committed, then handed out', () => {
  const world = reading()
  world.fetched([message(0)])
  assert.deepEqual(statuses(world.answers()), ['RUNNING'])
  assert.equal(world.begun.length, 0)
  assert.deepEqual(world.stored(), { 0: 1 })
  assert.equal(world.begun.length, 1)
})

test('nothing is claimed before control was read to its end', () => {
  const world = new World()
  world.engine.started(3, 3)
  world.assigned(0)
  world.fetched([message(0)])
  assert.equal(world.sent.length, 0)
  world.engine.controlIsRead()
  world.engine.step()
  assert.equal(world.sent.length, 1)
})

test('what runs keeps nothing of what was fetched with it', () => {
  const world = reading()
  const fetched = message(0, { payload: Buffer.from('abc') })
  const [run] = world.runs(fetched)
  assert.equal(run.execution.payload.toString(), 'abc')
  fetched.value.fill(0)
  assert.equal(run.execution.payload.toString(), 'abc')
})

test('no more are claimed than have places, and the next when one is free', () => {
  const world = reading()
  const [first] = world.runs(message(0), message(1), message(2))
  assert.equal(world.sent.length, 0)
  world.ends(first)
  assert.deepEqual(statuses(world.answers()), ['SUCCEEDED', 'RUNNING'])
})

test('a second delivery is passed over', () => {
  const world = reading()
  const once = message(0)
  const [run] = world.runs(once)
  world.ends(run)
  world.answers()
  world.fetched([{ ...once, offset: 1 }])
  assert.equal(world.sent.length, 0)
})

test('a refused claim is forgotten with its assignment and may be claimed again', () => {
  const world = reading()
  const again = message(0)
  world.fetched([again])
  world.answers()
  world.stored('refused')
  assert.ok(world.revoked())
  assert.equal(world.begun.length, 0)
  assert.equal(world.engine.runs.size, 0)
  world.assigned(0)
  world.later(0.2)
  assert.equal(world.runs(again).length, 1)
})

test('a claim whose commit had no answer is handed out when the assignment goes', () => {
  const world = reading()
  world.fetched([message(0)])
  world.answers()
  world.stored('unanswered')
  assert.equal(world.begun.length, 0)
  assert.ok(world.revoked())
  assert.equal(world.begun.length, 1)
})

test('an assignment ends behind the answer to a commit that is on its way', () => {
  const world = reading()
  world.fetched([message(0)])
  world.answers()
  assert.ok(!world.revoked())
  world.stored()
  assert.equal(world.begun.length, 1)
  assert.equal(world.engine.inbox.waiting, 0)
})

test('what comes of an assignment that is over is passed over', () => {
  const world = reading()
  const { generation } = world.engine.inbox
  world.revoked()
  world.engine.fetched(generation, [message(0)], new Map())
  world.engine.step()
  assert.equal(world.sent.length, 0)
})

test('what cannot be read is told with its place, and reading goes on', () => {
  const world = reading()
  const bad = value => ({ ...message(0), value })
  world.fetched([bad(null), { ...bad(Buffer.from('x')), offset: 1 }, message(2, { status_partition: 7 }), message(3)])
  assert.match(world.words.at(-1), /^ERROR passed over executions\.q\[0\] at 0: /)
  assert.equal(world.sent.length, 1)
  world.answers()
  assert.deepEqual(world.stored(), { 0: 4 })
})

test('a batch that cannot be unpacked is told, and the position goes past it', () => {
  const world = reading()
  const batch = { partition: 0, offset: 6, at: 0, value: null, traceparent: null, why: 'the batch that begins at 0 cannot be unpacked (why)' }
  world.fetched([batch, message(7)])
  assert.equal(world.words.at(-1), 'ERROR passed over executions.q[0] at 6: the batch that begins at 0 cannot be unpacked (why) (1 so far)')
  world.answers()
  assert.deepEqual(world.stored(), { 0: 8 })
  world.later(10)
  world.engine.signalled([batch])
  assert.match(world.words.at(-1), /^ERROR passed over control\[0\] at 6: the batch that begins at 0 cannot be unpacked/)
})

test('a full inbox is not read', () => {
  const world = reading({ concurrency: 1 })
  world.fetched(Array.from({ length: 501 }, (_, offset) => message(offset)))
  assert.deepEqual(world.rooms, [])
})

// --- where the group has no position ---

function beginsWithoutAPosition (options) {
  const world = new World(options)
  world.engine.started(3, 3)
  world.engine.controlIsRead()
  world.assigned(null, 0)
  return world
}

function scanned (world, reports = []) {
  const { scan } = world.scans.at(-1)
  world.engine.reported(scan, reports.map(report => ({ report, partition: 1, offset: 100, at: 0 })))
  world.engine.scanned(scan)
  world.engine.step()
}

test('without a position, what was reported on is left out', () => {
  const world = beginsWithoutAPosition()
  assert.deepEqual(world.scans.at(-1).partitions, [0])
  const task = Array.from({ length: 99 }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`).find(id => partitionOf(id, 3) === 1)
  const done = message(0, { task_id: task }, world.engine.now)
  const { execution_id } = decode(done.value, 'ExecutionCreated')
  const worker = { name: 'w', incarnation: 'i' }
  scanned(world, [{ execution_id, task_id: task, attempt: 1, status: 'RUNNING', worker, message: null, result: null }])
  assert.deepEqual(world.starts, [{ 0: 0 }])
  world.fetched([done, message(1, { task_id: task }, world.engine.now)])
  assert.equal(world.sent.length, 1)
})

test('without a position, nothing is committed before all that lay there is settled', () => {
  const world = beginsWithoutAPosition({ concurrency: 1 })
  scanned(world)
  const { now } = world.engine
  world.fetched([message(0, {}, now), message(1, {}, now)])
  world.answers()
  assert.equal(world.begun.length, 1, 'handed out without a commit')
  world.ends(world.begun[0])
  world.answers()
  world.answers()
  assert.equal(world.begun.length, 2)
  assert.equal(world.stores.length, 0)
  world.fetched([], { 0: 2 })
  assert.deepEqual(world.stored(), { 0: 2 })
})

test('without a position, the assignment is over behind the answers to reports: the next owner looks for them', () => {
  const world = beginsWithoutAPosition()
  scanned(world)
  world.fetched([message(0, {}, world.engine.now), message(1, {}, world.engine.now)])
  let isOver = false
  world.engine.revoking(() => { isOver = true })
  world.engine.step()
  assert.ok(!isOver)
  world.answers()
  assert.ok(isOver)
  assert.equal(world.begun.length, 2)
})

test('without a position, the answers to reports are waited for two seconds; what is announced later is handed out all the same', () => {
  const world = beginsWithoutAPosition()
  scanned(world)
  world.fetched([message(0, {}, world.engine.now)])
  let isOver = false
  world.engine.revoking(() => { isOver = true })
  world.later(1.9)
  assert.ok(!isOver)
  assert.ok(world.engine.wake() <= 2, `${world.engine.wake()}`)
  world.later(0.1)
  assert.ok(isOver)
  assert.equal(world.begun.length, 0)
  world.answers()
  assert.equal(world.begun.length, 1)
})

test('without a position, what is older than the backlog is left out', () => {
  const world = beginsWithoutAPosition()
  scanned(world)
  world.fetched([message(0, {}, world.engine.now - 86_401_000_000)])
  assert.equal(world.sent.length, 0)
})

test('what came during a turn is claimed when it is over', () => {
  const world = reading({ concurrency: 2 })
  world.fetched([message(0)])
  world.fetched([message(1)])
  world.answers()
  world.stored() // nothing else happens
  assert.equal(world.begun.length, 1)
  assert.equal(world.sent.length, 1, 'the second is being announced')
})

test('a scan that fails is begun anew, without a position, whatever the group has', () => {
  const world = beginsWithoutAPosition()
  world.engine.notScanned(world.scans.at(-1).scan, 'away')
  world.later(0.2)
  assert.deepEqual(world.located.map(({ partitions }) => [...partitions]), [[[0, true]]])
})

test('a position that is gone is looked for again', () => {
  const world = reading()
  const { generation } = world.engine.inbox
  world.engine.positionLost(generation, 0)
  world.engine.step()
  assert.deepEqual([...world.located.pop().partitions], [[0, true]])
  world.engine.located(generation, [{ partition: 0, stored: null, oldest: null, end: 9 }])
  assert.deepEqual(world.starts.at(-1), { 0: 9 })
})

// --- records ---

test('one record is on its way at a time, and the final comes last', () => {
  const world = reading()
  const [run] = world.runs(message(0))
  run.lines.add('INFO', [line('one')], 1, world.engine.tick)
  world.ends(run, outcomeOf('SUCCEEDED', { result: Buffer.from('r') }))
  const [batch] = world.answers()
  assert.equal(batch.first_seq, 1)
  assert.equal(batch.lines[0].message, 'one')
  const [final] = world.answers()
  assert.equal(final.status, 'SUCCEEDED')
  assert.equal(final.result.toString(), 'r')
  assert.equal(world.engine.runs.size, 0)
})

test('the same bytes go out again until the brokers have them', () => {
  const world = reading()
  world.fetched([message(0)])
  const first = world.sent[0].record.value
  world.answers('away')
  assert.equal(world.sent.length, 0)
  world.later(0.2)
  assert.equal(world.sent[0].record.value, first)
})

test('what is refused for good is dropped and told, and the job goes on', () => {
  const world = reading()
  const [run] = world.runs(message(0))
  run.lines.add('INFO', [line('one')], 1, world.engine.tick)
  world.engine.logged(run)
  world.later(0.2)
  world.answers('too large', true)
  assert.match(world.words.at(-1), /^ERROR dropped a record/)
  assert.equal(world.room.unsent, 0)
  world.ends(run)
  assert.deepEqual(statuses(world.answers()), ['SUCCEEDED'])
})

test('a line waits at most 200 ms for company', () => {
  const world = reading()
  const [run] = world.runs(message(0))
  assert.ok(run.lines.add('INFO', [line('one')], 1, world.engine.tick), 'the engine is to be woken')
  world.engine.logged(run)
  world.engine.step()
  assert.equal(world.sent.length, 0)
  assert.ok(world.engine.wake() <= world.engine.tick + 0.2)
  world.later(0.2)
  assert.equal(world.sent.length, 1)
})

test('heartbeats go twice as often as they are asked for, until the end', () => {
  const world = reading()
  const [run] = world.runs(message(0, { heartbeat_ms: 2000 }))
  world.engine.progressed(run, 40, 'half')
  world.later(1)
  const [beat] = world.answers()
  assert.deepEqual([beat.progress, beat.message], [40, 'half'])
  world.later(1)
  assert.equal(world.sent.length, 1)
  world.ends(run)
  world.answers()
  assert.equal(world.engine.runs.size, 0)
})

test('contact is lost after three heartbeats without an answer, and found again with one', () => {
  const world = reading({ stopWhenLost: true })
  const [run] = world.runs(message(0, { heartbeat_ms: 1000 }))
  world.later(0.5)
  world.later(2)
  assert.deepEqual(world.contacts, [])
  world.later(0.6)
  assert.deepEqual(world.contacts, [true])
  assert.deepEqual(world.told, [{ run, cause: Cause.LOST }])
  world.answers()
  assert.deepEqual(world.contacts, [true, false])
})

test('a sign of life that the brokers refuse is told', () => {
  const world = reading()
  world.runs(message(0, { heartbeat_ms: 2000 }))
  world.later(1)
  world.answers('not authorized')
  assert.ok(world.words.includes('WARN a sign of life was lost: not authorized'), String(world.words))
})

/** The agenda of an engine, which nobody else has. */
function agendaOf (use) {
  const { add } = Agenda.prototype
  let found
  Agenda.prototype.add = function (...args) {
    found = this
    return add.apply(this, args)
  }
  try {
    use()
  } finally {
    Agenda.prototype.add = add
  }
  return found
}

test('what is over is forgotten, however far its run timeout is', () => {
  const world = reading()
  const agenda = agendaOf(() => runMany(world))
  assert.equal(world.engine.runs.size, 0)
  assert.ok(agenda.size < 200, `it remembers ${agenda.size}`)
})

function runMany (world) {
  for (let offset = 0; offset < 2000; offset++) {
    const [run] = world.runs(message(offset, { run_timeout_ms: 86_400_000 }))
    world.ends(run)
    world.answers()
  }
}

test('a run that logs for long is remembered once, and told of its run timeout', () => {
  const world = reading()
  const [run] = world.runs(message(0, { run_timeout_ms: 86_400_000 }))
  const agenda = agendaOf(() => {
    for (let n = 0; n < 2000; n++) {
      run.lines.add('INFO', [line('one')], 1, world.engine.tick)
      world.engine.logged(run)
      world.engine.step()
      world.later(0.25)
      world.answers()
    }
  })
  assert.ok(agenda.size < 200, `it remembers ${agenda.size}`)
  world.later(86_400)
  assert.deepEqual(world.told, [{ run, cause: Cause.TIMEOUT }])
})

test('RUNNING of a forgotten claim is not sent again', () => {
  const world = reading()
  world.fetched([message(0), message(1)])
  world.answers('cut')
  assert.ok(world.revoked())
  world.later(0.2)
  world.later(0.2)
  assert.deepEqual(world.sent, [])
})

// --- causes ---

test('a cancelled run is told, and others are not', () => {
  const world = reading()
  const [one, other] = world.runs(message(0), message(1))
  world.engine.signalled([signal(one.execution), signal(other.execution, { attempt: 2 })])
  assert.deepEqual(world.told, [{ run: one, cause: Cause.CANCEL }])
})

test('what is cancelled while it is claimed is not begun', () => {
  const world = reading()
  world.fetched([message(0)])
  const [run] = world.engine.runs.values()
  world.engine.signalled([signal(run.execution)])
  world.answers()
  world.stored()
  assert.equal(world.begun.length, 0)
  assert.deepEqual(statuses(world.answers()), ['CANCELLED'])
})

test('a run timeout of what was cancelled while it was claimed wakes nobody', () => {
  const world = reading()
  world.fetched([message(0, { run_timeout_ms: 1000 })])
  const [run] = world.engine.runs.values()
  world.engine.signalled([signal(run.execution)])
  world.answers()
  world.later(5)
  assert.ok(world.engine.wake() > world.engine.tick)
})

test('a run timeout is told a second late', () => {
  const world = reading()
  const [run] = world.runs(message(0, { run_timeout_ms: 2000 }))
  world.later(2.5)
  assert.equal(world.told.length, 0)
  world.later(0.5)
  assert.deepEqual(world.told, [{ run, cause: Cause.TIMEOUT }])
})

test('who ignores its cause is named once and keeps its place', () => {
  const world = reading({ concurrency: 1 })
  const [run] = world.runs(message(0), message(1))
  world.engine.signalled([signal(run.execution)])
  world.engine.step()
  world.later(30)
  world.later(30)
  assert.equal(world.words.filter(word => word.includes(run.execution.execution_id)).length, 1)
  assert.equal(run.phase, Phase.WORKING)
  assert.equal(world.begun.length, 0)
})

// --- the end ---

test('draining leaves the group once claims are through, and runs go on', () => {
  const world = reading()
  world.fetched([message(0)])
  world.engine.drain()
  world.engine.step()
  assert.equal(world.leaves, 0)
  world.answers()
  world.stored()
  assert.equal(world.leaves, 1)
  world.engine.left()
  world.engine.step()
  assert.equal(world.begun.length, 1)
  assert.ok(!world.engine.isOver)
  world.ends(world.begun[0])
  world.answers()
  assert.ok(world.engine.isOver)
})

test('whoever leaves looks for no positions, and is not woken for them', () => {
  const world = reading()
  world.revoked()
  world.engine.assigned([0])
  world.engine.step()
  world.engine.notLocated(world.engine.inbox.generation, 'why')
  world.engine.drain()
  world.engine.step()
  assert.equal(world.leaves, 1)
  world.later(1)
  assert.ok(world.engine.wake() > world.engine.tick)
})

test('after the drain handlers are told to end, and three seconds later FAILED is said', () => {
  const world = reading()
  const [run] = world.runs(message(0))
  world.engine.drain()
  world.engine.step()
  world.engine.left()
  world.later(25)
  assert.deepEqual(world.told, [{ run, cause: Cause.SHUTDOWN }])
  world.later(2.9)
  assert.equal(world.sent.length, 0)
  world.later(0.1)
  assert.deepEqual(world.closed, [run])
  const [end] = world.answers()
  assert.deepEqual([end.status, end.reason], ['FAILED', 'WORKER_SHUTDOWN'])
  assert.ok(world.engine.isOver)
})

test('five seconds are for the last reports, then it is over', () => {
  const world = reading()
  const [run] = world.runs(message(0))
  world.engine.hurry()
  world.engine.step()
  world.engine.left()
  world.ends(run, outcomeOf('CANCELLED'))
  world.later(4.9)
  assert.ok(!world.engine.isOver)
  world.later(0.2)
  assert.ok(world.engine.isOver)
  assert.equal(world.engine.unreported, 1)
})

test('a broken worker drains, and tells why once', () => {
  const world = reading()
  world.engine.broke('the reason')
  world.engine.broke('another')
  assert.deepEqual(world.words.filter(word => word.startsWith('ERROR')), ['ERROR the reason'])
  assert.ok(world.engine.isDraining)
})
