/** Handlers, and what their ends mean. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Cancelled, Cause, Failed } from '../src/cause.js'
import { decode } from '../src/codec.js'
import { current, Job } from '../src/job.js'
import { noHandler, perform } from '../src/perform.js'
import { frame } from './support/world.js'

function jobOf (given = {}) {
  const said = []
  const voice = {
    said,
    line: (level, lines) => said.push(...lines.map(({ message }) => [level, message])) < 3,
    progress: (percent, note) => said.push([percent, note]),
    contactLost: () => false,
    drained: () => null
  }
  return { job: new Job(decode(frame(given), 'ExecutionCreated'), 'q', voice), said }
}

async function ended (handler, cause = null) {
  const { job, said } = jobOf()
  if (cause !== null) job.tell(cause)
  const { status, reason, message, exitCode, result } = await perform(job, handler)
  return { status, reason, message, exitCode, result: result?.toString() ?? null, said }
}

test('what is returned is the result', async () => {
  assert.deepEqual(await ended(() => ({ rows: 3 })), { status: 'SUCCEEDED', reason: 'NONE', message: null, exitCode: null, result: '{"rows":3}', said: [] })
  assert.equal((await ended(async () => 'text')).result, 'text')
  assert.equal((await ended(() => {})).result, null)
})

test('a result that cannot be written is left out, since failing would run the work twice', async () => {
  const loop = {}
  loop.self = loop
  for (const value of [loop, 1n]) {
    const { status, message, result } = await ended(() => value)
    assert.equal(status, 'SUCCEEDED')
    assert.match(message, /^the result is left out: /)
    assert.equal(result, null)
  }
})

test('what is thrown is FAILED, with its trace as lines', async () => {
  const { status, reason, message, said } = await ended(() => { throw new TypeError('no such part') })
  assert.deepEqual([status, reason, message], ['FAILED', 'WORKER_ERROR', 'TypeError: no such part'])
  assert.deepEqual(said[0], ['ERROR', 'TypeError: no such part'])
  assert.ok(said.length > 1 && !said.some(([, text]) => text.includes('perform.js:')), JSON.stringify(said))
})

test('anything may be thrown', async () => {
  assert.equal((await ended(() => { throw 'words' })).message, 'string: words') // eslint-disable-line no-throw-literal
  assert.equal((await ended(() => Promise.reject(undefined))).message, 'undefined: undefined') // eslint-disable-line prefer-promise-reject-errors
  assert.equal((await ended(() => { throw Object.create(null) })).message, 'an error without a text')
  const broken = Object.create(Error.prototype, Object.fromEntries(['message', 'stack'].map(name => [name, { get () { throw new Error(name) } }])))
  const end = await ended(() => { throw broken })
  assert.deepEqual([end.message, end.said], ['an error without a text', [['ERROR', 'an error without a text']]])
})

test('Failed says all by itself, and logs nothing', async () => {
  const end = await ended(() => { throw new Failed('boom', { exitCode: 3, result: 'rest' }) })
  assert.deepEqual(end, { status: 'FAILED', reason: 'EXIT_CODE', message: 'boom', exitCode: 3, result: 'rest', said: [] })
  assert.equal((await ended(() => { throw new Failed('boom') })).reason, 'WORKER_ERROR')
})

test('an exit code that no report can have is left out', async () => {
  for (const [exitCode, shown] of [['3', '3'], [1.5, '1.5'], [2 ** 31, '2147483648'], [NaN, 'NaN'], [{}, '[object Object]']]) {
    const end = await ended(() => { throw new Failed('boom', { exitCode, result: 1n }) })
    assert.deepEqual([end.status, end.reason, end.exitCode], ['FAILED', 'WORKER_ERROR', null])
    assert.match(end.message, /^boom \(the result is left out: .*; the exit code is left out: /)
    assert.ok(end.message.includes(`${shown} is no whole number of 32 bits`), end.message)
  }
  assert.equal((await ended(() => { throw new Failed('', { exitCode: -1 }) })).exitCode, -1)
})

test('a message that is no text is told as text', async () => {
  const odd = Object.defineProperty(new Failed('x'), 'message', { value: 42 })
  assert.equal((await ended(() => { throw odd })).message, '42')
})

test('bytes that a handler returns may be changed by it later', async () => {
  const bytes = Buffer.from('abc')
  const { job } = jobOf()
  const { result } = await perform(job, () => bytes)
  bytes.fill('x')
  assert.equal(result.toString(), 'abc')
})

test('what ends by its cause ends as that', async () => {
  const obeys = job => job.wait(60_000)
  const found = {}
  for (const cause of Object.values(Cause)) {
    const { status, reason, message } = await ended(obeys, cause)
    found[cause] = [status, reason, message]
  }
  assert.deepEqual(found, {
    CANCEL: ['CANCELLED', 'NONE', null],
    TIMEOUT: ['FAILED', 'RUN_TIMEOUT', 'run timeout'],
    SHUTDOWN: ['FAILED', 'WORKER_SHUTDOWN', 'the worker was shut down'],
    LOST: ['FAILED', 'WORKER_ERROR', 'no sign of life reached the brokers']
  })
})

test('what ends well in spite of its cause has succeeded, and another error is told', async () => {
  assert.equal((await ended(() => 1, Cause.CANCEL)).status, 'SUCCEEDED')
  const { status, message } = await ended(() => { throw new Error('unplugged') }, Cause.TIMEOUT)
  assert.deepEqual([status, message], ['FAILED', 'run timeout: Error: unplugged'])
})

test('the signal is aborted with the cause as its reason', async () => {
  const { job } = jobOf()
  setImmediate(() => job.tell(Cause.CANCEL))
  await assert.rejects(job.wait(60_000), error => error instanceof Cancelled && error.cause === Cause.CANCEL)
  assert.ok(job.signal.aborted)
  assert.equal(job.signal.reason.cause, Cause.CANCEL)
  job.tell(Cause.SHUTDOWN)
  assert.equal(job.cause, Cause.CANCEL)
})

test('a line is that of the job in whose context it is logged', async () => {
  const { job } = jobOf()
  const wrapped = job.wrap(() => current.getStore())
  assert.equal(current.getStore(), undefined)
  assert.equal(wrapped(), job)
  let inside
  await perform(job, async () => { await null; inside = current.getStore() })
  assert.equal(inside, job)
})

test('after its end nothing is said', () => {
  const { job, said } = jobOf()
  job.log('one')
  job.close()
  job.log.warn('two')
  job.progress(1)
  assert.deepEqual(said, [['INFO', 'one']])
})

test('a log says whether there is room, and knows its levels', () => {
  const { job } = jobOf()
  assert.deepEqual([job.log('a'), job.log.error('b'), job.log('c', 'DEBUG')], [true, true, false])
  assert.throws(() => job.log('x', 'LOUD'), /level: 'LOUD' is none of DEBUG, INFO, WARN, ERROR/)
})

test('progress is a whole number from 0 to 100', () => {
  const { job, said } = jobOf()
  job.progress(12.7, 'a')
  job.progress(1e9)
  job.progress(null, 'b')
  job.progress(100 * 0 / 0, 'c')
  job.progress('half')
  assert.deepEqual(said, [[12, 'a'], [100, null], [null, 'b'], [null, 'c'], [null, null]])
})

test('a job tells what its record says', () => {
  const { job } = jobOf({ payload: Buffer.from('{"a":1}'), nominal_local: 1_796_000_400_000_000, run_timeout_ms: 5000, scheduled_at: 1_796_000_000_000_000 })
  assert.deepEqual(job.json(), { a: 1 })
  assert.equal(job.nominalLocal, '2026-11-30T01:00:00')
  assert.deepEqual([job.runTimeout, job.heartbeat, job.startBy], [5000, null, null])
  assert.equal(job.scheduledAt.getTime(), 1_796_000_000_000)
})

test('times beyond those of a Date are told as far as they can be', () => {
  assert.equal(jobOf({ nominal_local: 300_000_000_000_000_000 }).job.nominalLocal, '+011476-08-15T05:20:00')
  assert.equal(jobOf({ nominal_local: 2n ** 63n - 1n }).job.nominalLocal, null)
})

test('a wait may be as long as one likes', async () => {
  for (const milliseconds of [2 ** 31, Infinity]) {
    const { job } = jobOf()
    let isOver = false
    const waiting = job.wait(milliseconds).finally(() => { isOver = true })
    await new Promise(resolve => setTimeout(resolve, 20))
    assert.ok(!isOver)
    job.tell(Cause.CANCEL)
    await assert.rejects(waiting, Cancelled)
  }
})

test('what is no text is named', () => {
  const { job } = jobOf()
  assert.throws(() => job.log(42), /^TypeError: a text or a Uint8Array is wanted, not 42$/)
  assert.throws(() => job.log.error(new RangeError('broken')), /is wanted, not .*RangeError: broken/)
  assert.throws(() => job.progress(1, { a: 1 }), /is wanted, not \{ a: 1 \}/)
})

test('a task without a handler says which ones there are', () => {
  assert.equal(noHandler('x', new Map([['b', 1], ['a', 2]]).keys()).message, "no handler for task 'x' (has: a, b)")
})
