/** Observed runs: the work is done whatever can be reported of it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '../src/codec.js'
import { observe } from '../src/index.js'
import { Observed, specOf } from '../src/observe.js'
import { partitionOf } from '../src/placement.js'
import { outcomeOf } from '../src/run.js'
import { recorded, reply } from './support/recorded.js'

/** A logger that keeps what it is told. */
function listener () {
  const said = []
  const note = (text) => said.push(text)
  return { said, debug: note, info: note, warn: note, error: note }
}

const NOWHERE = { brokers: 'u@wrong' } // settings that are wrong: nothing is asked, and that is told

test('a schedule may be given by its expression', () => {
  assert.deepEqual(specOf({ queue: 'q', schedule: '0 3 * * *', zone: 'UTC' }), { queue: 'q', schedules: [{ expression: '0 3 * * *', zone: 'UTC' }] })
  assert.deepEqual(specOf({ queue: 'q', schedule: '@daily' }), { queue: 'q', schedules: [{ expression: '@daily' }] })
  assert.deepEqual(specOf({ queue: 'q', schedules: [] }), { queue: 'q', schedules: [] })
})

test('the work is done though nothing can be reported', async () => {
  const logger = listener()
  assert.equal(await observe('backup', { ...NOWHERE, logger }, async (job) => `${job.project}~${job.task}`), 'default~backup')
  assert.equal(logger.said.length, 1)
  assert.match(logger.said[0], /the run of 'backup' is not reported: brokers/)
})

test('a function need not be asynchronous, nor have options', async (t) => {
  const before = process.env.CRONOBS_BROKERS
  t.after(() => before === undefined ? delete process.env.CRONOBS_BROKERS : (process.env.CRONOBS_BROKERS = before))
  t.mock.method(process.stderr, 'write', () => true)
  process.env.CRONOBS_BROKERS = 'u@wrong'
  assert.equal(await observe('backup', () => 7), 7)
})

test('room for lines is not waited for: the brokers may be away', async () => {
  const line = 'x'.repeat(1 << 20)
  let refused = 0
  await observe('backup', { ...NOWHERE, logger: listener() }, async (job) => {
    for (let n = 0; n < 20; n++) {
      if (job.log(line)) continue
      refused += 1
      await job.drained()
    }
  })
  assert.ok(refused > 0)
})

test('an exception goes on to the caller', async () => {
  const failure = new Error('no disk')
  await assert.rejects(observe('backup', { ...NOWHERE, logger: listener() }, () => { throw failure }), (error) => error === failure)
  await assert.rejects(observe('backup', NOWHERE), /cannot be called/)
})

test('the id of a run says when it was', async () => {
  const began = Date.now()
  const id = await observe('backup', { ...NOWHERE, logger: listener() }, (job) => job.executionId)
  const at = parseInt(id.replaceAll('-', '').slice(0, 12), 16)
  assert.ok(at >= began && at <= Date.now())
  assert.equal(id[14], '8')
})

test('what is said by the console is the run\'s where that is asked for', async () => {
  const before = console.log
  await observe('backup', { ...NOWHERE, logger: listener(), captureConsole: true }, () => assert.notEqual(console.log, before))
  assert.equal(console.log, before)
})

test('the task is put before the run is reported, and what goes wrong with it is told', async () => {
  const outcome = { command_id: 'c', task_id: 't', result: 'PENDING' }
  await recorded([reply(202, outcome), reply(400, { detail: 'no such zone' })], async (api) => {
    const logger = listener()
    const options = { ...NOWHERE, logger, url: api.url, project: 'ops', ensure: { queue: 'q', schedule: '@daily', zone: 'UTC' } }
    for (let n = 0; n < 2; n++) await observe('backup', options, () => {})
    assert.deepEqual(api.asked.map(({ method, target, body }) => [method, target, body]),
      Array(2).fill(['PUT', '/v1/tasks/ops~backup', { queue: 'q', schedules: [{ expression: '@daily', zone: 'UTC' }] }]))
    assert.deepEqual(logger.said.filter((text) => text.includes('could not put')), ["could not put the task 'backup': no such zone"])
  })
})

/** Brokers that have four partitions, once they are there, and take what they are sent; answers: what they say to the first records. */
class Brokers {
  told = []
  stops = 0

  constructor (...answers) {
    this.answers = answers
  }

  open = (settings, heard) => {
    this.heard = heard
    return this
  }

  countPartitions () {
    return 4
  }

  send (record, run) {
    const kind = { status: 'ExecutionStatus', logs: 'LogBatch', heartbeats: 'Heartbeat' }[record.topic]
    this.told.push({ ...record, kind, value: decode(record.value, kind) })
    const [error = null, isHopeless = false] = this.answers.shift() ?? []
    setImmediate(() => kind === 'Heartbeat' ? this.heard.beatAnswered(run, error) : this.heard.answered(run, error, isHopeless))
  }

  stop () {
    this.stops++
  }
}

const WELL = outcomeOf('SUCCEEDED')

test('a run is told from its beginning to its end', async () => {
  const brokers = new Brokers()
  const observed = new Observed('backup', { name: 'me', logger: listener() }, brokers.open)
  observed.job.log('one\ntwo')
  observed.job.progress(50, 'half')
  await observed.end(outcomeOf('FAILED', { reason: 'WORKER_ERROR', message: 'Error: no disk' }))
  const [running, ...others] = brokers.told.filter(({ kind }) => kind !== 'Heartbeat')
  const { executionId: id, taskId } = observed.job
  assert.deepEqual([running.value.status, running.value.trigger, running.value.scheduled_at], ['RUNNING', 'EXTERNAL', running.value.occurred_at])
  assert.deepEqual([running.key, running.partition, running.value.worker.name], [taskId, partitionOf(taskId, 4), 'me'])
  assert.deepEqual(others.map(({ kind, key, partition }) => [kind, key, partition]),
    [['LogBatch', id, partitionOf(id, 4)], ['ExecutionStatus', taskId, running.partition]])
  assert.deepEqual(others[0].value.lines.map(({ message }) => message), ['one', 'two'])
  assert.deepEqual([others[1].value.status, others[1].value.message], ['FAILED', 'Error: no disk'])
  const beats = brokers.told.filter(({ kind }) => kind === 'Heartbeat')
  assert.deepEqual(beats.map(({ value }) => [value.progress, value.message]), [[50, 'half']])
  assert.equal(brokers.stops, 1)
})

test('brokers that are there when the run is over are told when it was', async () => {
  const brokers = new Brokers()
  let arrive
  const arrival = new Promise((resolve) => { arrive = resolve })
  brokers.countPartitions = () => arrival
  const before = Date.now() * 1000
  const observed = new Observed('backup', { logger: listener() }, brokers.open)
  const over = observed.end(WELL)
  const after = Date.now() * 1000
  while (Date.now() * 1000 <= after) await new Promise((resolve) => setTimeout(resolve, 1))
  arrive(4)
  await over
  assert.deepEqual(brokers.told.map(({ value }) => value.status), ['RUNNING', 'SUCCEEDED'])
  for (const { value } of brokers.told) assert.ok(value.occurred_at >= before && value.occurred_at <= after)
})

test('what the brokers do not take is sent again as it was, and what they never will is left out', async () => {
  const brokers = new Brokers(['no leader'], [], ['too large', true])
  const logger = listener()
  const observed = new Observed('backup', { logger }, brokers.open)
  observed.job.log('x')
  await observed.end(WELL)
  const [first, again, ...others] = brokers.told
  assert.deepEqual(again, first)
  assert.deepEqual(others.map(({ kind }) => kind), ['LogBatch', 'ExecutionStatus'])
  assert.deepEqual(logger.said, ["could not report the run of 'backup': no leader", "dropped a record of the run of 'backup': too large"])
})
