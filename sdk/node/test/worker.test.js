/** A worker from outside: settings, handlers, brokers that are away. */
import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'

import { Core } from '../src/core.js'
import { decode } from '../src/codec.js'
import { Life } from '../src/life.js'
import { Notices } from '../src/logs.js'
import { addressesOf, PROPERTIES, securityOf, topicsOf } from '../src/properties.js'
import { resolve as resolveSettings, SettingError } from '../src/settings.js'
import { Worker } from '../src/worker.js'
import { frame } from './support/world.js'

function recorder () {
  const words = []
  const say = level => text => words.push(`${level} ${text}`)
  return { words, debug: say('DEBUG'), info: say('INFO'), warn: say('WARN'), error: say('ERROR') }
}

/** Nobody listens there. */
const AWAY = { queue: 'q', brokers: '127.0.0.1:1' }

for (const inline of [false, true]) {
  test(`brokers that are away are waited for, and it ends all the same (inline: ${inline})`, async () => {
    const logger = recorder()
    const worker = new Worker({ ...AWAY, inline, logger }).task('*', () => {})
    await worker.start()
    while (!logger.words.some(word => word.includes('waiting for the brokers'))) await new Promise(resolve => setTimeout(resolve, 10))
    assert.equal(await worker.close(), 0)
    assert.ok(logger.words.every(word => word.startsWith('WARN ')), logger.words.join())
  })

  test(`the first signal ends a worker, and signals are nobody's before and behind (inline: ${inline})`, async () => {
    const before = process.listenerCount('SIGTERM')
    const running = new Worker({ ...AWAY, inline, logger: recorder() }).run()
    assert.equal(process.listenerCount('SIGTERM'), before + 1)
    process.kill(process.pid, 'SIGTERM')
    assert.equal(await running, 0)
    assert.equal(process.listenerCount('SIGTERM'), before)
  })
}

test('when a worker is over before its handlers, they are told to end', async () => {
  const ended = []
  const handler = async job => {
    try {
      await job.wait(60_000)
    } catch (error) {
      ended.push(error.cause)
    }
  }
  const life = new Life(resolveSettings(AWAY, {}), { inline: true }, new Map([['*', handler]]), new Notices(recorder()))
  life.start([{ number: 1, execution: decode(frame({}), 'ExecutionCreated') }])
  await new Promise(resolve => setImmediate(resolve))
  life.signalled(3)
  assert.equal(await life.ended, 1)
  while (ended.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  assert.deepEqual(ended, ['SHUTDOWN'])
})

test('a turn of the engine has the context of the worker, not that of the handler that has caused it', async () => {
  const mine = new AsyncLocalStorage()
  const options = { incarnation: 'i', stopWhenLost: false, shared: new SharedArrayBuffer(4) }
  const found = await new Promise(resolve => {
    const core = new Core(resolveSettings(AWAY, {}), options, { notice () {}, over: () => resolve(mine.getStore()) })
    mine.run('a job', () => core.drain())
  })
  assert.equal(found, undefined)
})

test('wrong settings are told, and end it with 64', async () => {
  for (const settings of [{ concurrency: 0 }, { kafka: { 'no.such': '1' } }, { brokers: 'host' }, { instance: 'twin' }]) {
    const logger = recorder()
    assert.equal(await new Worker({ queue: 'q', logger, ...settings }).run(), 64)
    assert.equal(logger.words.length, 1)
    await assert.rejects(async () => await new Worker({ queue: 'q', logger, ...settings }).start(), SettingError)
  }
})

test('one handler a task, and none once it has started', async () => {
  const worker = new Worker({ ...AWAY, inline: true, logger: recorder() }).task('a', () => {})
  assert.throws(() => worker.task('a', () => {}), /task 'a' has a handler already/)
  assert.throws(() => worker.task('b', 'words'), /task 'b': string cannot be called/)
  await worker.start()
  assert.throws(() => worker.task('b', () => {}), /before the worker starts/)
  await assert.rejects(async () => await worker.start(), /was started already/)
  assert.equal(await worker.close(), 0)
})

test('a worker that was never started is closed at once', async () => {
  const worker = new Worker()
  worker.drain()
  assert.equal(await worker.close(), 0)
})

// --- properties of the client ---

test('topics begin with the prefix', () => {
  assert.deepEqual(topicsOf({ topicPrefix: 'x.', queue: 'q' }),
    { queue: 'x.executions.q', status: 'x.status', logs: 'x.logs', heartbeats: 'x.heartbeats', control: 'x.control' })
})

test('without properties nothing is secret', () => {
  assert.deepEqual(securityOf({}), { ssl: null, sasl: null })
})

test('logins and certificates are those of the properties', () => {
  const file = new URL(import.meta.url).pathname
  const login = { 'security.protocol': 'sasl_ssl', 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.username': 'u', 'sasl.password': 'p' }
  const { ssl, sasl } = securityOf({ ...login, 'ssl.ca.location': file })
  assert.deepEqual(sasl, { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' })
  assert.match(ssl.ca.toString(), /A worker from outside/)
  assert.deepEqual(securityOf({ 'security.protocol': 'SSL' }), { ssl: {}, sasl: null })
})

test('a wrong property is named, with what there is', () => {
  const wrong = [
    [{ 'max.poll.interval.ms': '1' }, PROPERTIES.join(', ')],
    [{ 'security.protocol': 'TLS' }, "security.protocol: 'TLS' is none of"],
    [{ 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'GSSAPI' }, "sasl.mechanism: 'GSSAPI' is none of"],
    [{ 'security.protocol': 'SASL_SSL' }, 'needs sasl.username and sasl.password'],
    [{ 'security.protocol': 'SSL', 'ssl.key.location': 'x' }, 'go together'],
    [{ 'security.protocol': 'SSL', 'ssl.ca.location': '/no/such' }, 'ssl.ca.location: ENOENT']
  ]
  for (const [kafka, words] of wrong) {
    assert.throws(() => securityOf(kafka), error => error instanceof SettingError && error.message.startsWith('kafka: ') && error.message.includes(words))
  }
})

test('addresses are hosts and ports', () => {
  assert.deepEqual(addressesOf('a.b:1, [::1]:9092'), [{ host: 'a.b', port: 1 }, { host: '::1', port: 9092 }])
  for (const brokers of ['host', 'host:', ':1', 'host:99999']) assert.throws(() => addressesOf(brokers), SettingError)
})
