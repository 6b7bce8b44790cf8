/** runJob: a handler is run as a worker would, without Kafka. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failed } from '../src/index.js'
import { runJob } from '../src/testing.js'

test('what a handler returns, logs and says of its progress is seen', async () => {
  const out = await runJob(async (job) => {
    for (const [n, part] of job.json().parts.entries()) {
      job.log.info(`loading ${part}`)
      job.progress(10 * n, part)
    }
    job.progress(null, 'the rest')
    return { rows: 1234 }
  }, { payload: { parts: ['a', 'b'] } })
  assert.deepEqual([out.status, out.reason, out.message, out.exitCode], ['SUCCEEDED', 'NONE', null, null])
  assert.deepEqual(out.result, { rows: 1234 })
  assert.equal(out.resultBytes.toString(), '{"rows":1234}')
  assert.deepEqual(out.lines, [['INFO', 'loading a'], ['INFO', 'loading b']])
  assert.deepEqual(out.progress, [[0, 'a'], [10, 'b'], [10, 'the rest']])
})

test('a handler need not be asynchronous', async () => {
  assert.equal((await runJob((job) => job.text().toUpperCase(), { payload: 'abc' })).result, 'ABC')
})

test('a payload is bytes, a text, JSON or nothing', async () => {
  const payloads = [Buffer.from([1]), new Uint8Array([1]), 'é', { a: 1 }, null, undefined]
  const seen = []
  for (const payload of payloads) await runJob((job) => { seen.push(job.payload.toString('hex')) }, { payload })
  assert.deepEqual(seen, ['01', '01', 'c3a9', Buffer.from('{"a":1}').toString('hex'), Buffer.from('null').toString('hex'), ''])
})

test('what a job is told about itself may be given', async () => {
  const given = { task: 'report', attempt: 2, maxAttempts: 3, labels: { team: 'ops' }, contentType: 'text/plain', traceparent: '00-a-b-01' }
  const { result } = await runJob(({ task, attempt, maxAttempts, labels, contentType, traceparent }) => ({ task, attempt, maxAttempts, labels, contentType, traceparent }), given)
  assert.deepEqual(result, given)
})

test('a result that is not told is none', async () => {
  const results = []
  for (const value of [undefined, 'x'.repeat(65_537), 1n]) results.push(await runJob(() => value))
  assert.deepEqual(results.map(({ status, result, resultBytes }) => [status, result, resultBytes]), Array(3).fill(['SUCCEEDED', undefined, null]))
  assert.match(results[1].message, /left out: it has 65537 bytes/)
})

test('Failed says how it ended', async () => {
  const out = await runJob(() => { throw new Failed('boom', { exitCode: 3, result: { rest: 1 } }) })
  assert.deepEqual([out.status, out.reason, out.message, out.exitCode, out.result], ['FAILED', 'EXIT_CODE', 'boom', 3, { rest: 1 }])
})

test('an exception is FAILED with its trace, which begins in the handler', async () => {
  const out = await runJob(function broken () { throw new RangeError('no such part') })
  assert.deepEqual([out.status, out.reason, out.message], ['FAILED', 'WORKER_ERROR', 'RangeError: no such part'])
  assert.deepEqual(out.lines[0], ['ERROR', 'RangeError: no such part'])
  assert.match(out.lines[1][1], /broken .*testing\.test\.js/)
})

test('a handler that waits is told to end', async () => {
  const waits = [(job) => job.wait(60_000), (job) => sleep(60_000, undefined, { signal: job.signal })]
  for (const wait of waits) assert.equal((await runJob(wait, { cancelAfter: 20 })).status, 'CANCELLED')
})

test('a handler that holds the loop sees that it is told to end', async () => {
  const out = await runJob((job) => { for (;;) job.check() }, { cancelAfter: 20, cause: 'SHUTDOWN' })
  assert.deepEqual([out.status, out.reason], ['FAILED', 'WORKER_SHUTDOWN'])
})

test('what goes on to its end all the same has succeeded', async () => {
  assert.equal((await runJob(async (job) => { await sleep(30); return job.cause }, { cancelAfter: 5 })).result, 'CANCEL')
})

test('the console is captured when that is asked for', async (t) => {
  t.mock.method(console, 'log', () => {})
  const say = () => console.log('rows: %d', 7)
  assert.deepEqual((await runJob(say, { captureConsole: true })).lines, [['INFO', 'rows: 7']])
  assert.deepEqual((await runJob(say)).lines, [])
})

test('what is said after the end is for nobody', async () => {
  let job
  const out = await runJob((given) => { job = given })
  assert.equal(job.log('late'), true)
  job.progress(5)
  assert.deepEqual([out.lines, out.progress], [[], []])
})
