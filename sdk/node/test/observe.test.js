/** Observed runs: the work is done whatever can be reported of it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observe } from '../src/index.js'
import { specOf } from '../src/observe.js'
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
