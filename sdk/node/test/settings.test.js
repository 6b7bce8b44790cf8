/** The settings: argument, else environment, else default; errors that say the way out. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { durationText, parseDuration, resolve, SettingError } from '../src/settings.js'

test('an argument counts before the environment, and that before the default', () => {
  assert.equal(resolve({ queue: 'q' }, {}).concurrency, 16)
  const env = { CRONOBS_QUEUE: 'e', CRONOBS_WORKER_CONCURRENCY: '4', CRONOBS_WORKER_DRAIN: '250ms' }
  const given = resolve({ concurrency: 8 }, env)
  assert.deepEqual([given.queue, given.concurrency, given.drain], ['e', 8, 250])
})

test('an empty variable is none, and so is an argument that is undefined or null', () => {
  const given = resolve({ queue: 'q', brokers: undefined, topicPrefix: null }, { CRONOBS_WORKER_INSTANCE: '', CRONOBS_WORKER_DRAIN: '' })
  assert.deepEqual([given.drain, given.brokers, given.topicPrefix], [25_000, '127.0.0.1:9092', 'cronobs.'])
})

test('the group follows the prefix and the queue', () => {
  assert.equal(resolve({ queue: 'q', topicPrefix: 'a.b.' }, {}).group, 'a.b-work-q')
})

test('durations may be texts and milliseconds', () => {
  for (const [given, meant] of [['1h30m', 5_400_000], [1500, 1500], [0, 0], ['0', 0], ['1w', null]]) {
    if (meant === null) assert.throws(() => resolve({ queue: 'q', drain: given }, {}), /outside 0s-1d/)
    else assert.equal(resolve({ queue: 'q', drain: given }, {}).drain, meant)
  }
  for (const text of ['1x', '', '5', '-1s', '1.5s', ' 1s']) assert.equal(parseDuration(text), null, text)
  assert.equal(durationText(93_784_005), '1d2h3m4s5ms')
  assert.equal(durationText(0), '0s')
})

test('properties of the client come from the environment too', () => {
  const env = { CRONOBS_KAFKA_SASL_USERNAME: 'u', CRONOBS_KAFKA_SASL_PASSWORD: 'secret', CRONOBS_KAFKA_SESSION_TIMEOUT: '6s' }
  const given = resolve({ queue: 'q', kafka: { 'sasl.username': 'me', 'ssl.ca.location': '/ca' } }, env)
  assert.deepEqual(given.kafka, { 'sasl.username': 'me', 'sasl.password': 'secret', 'ssl.ca.location': '/ca' })
  assert.equal(given.sessionTimeout, 6000)
})

test('settings can be handed to another thread', () => {
  const given = resolve({ queue: 'q' }, {})
  assert.deepEqual(structuredClone(given), given)
})

describe('a wrong setting is told with its name, its value and the way out', () => {
  const wrong = [
    [{}, {}, ['queue: none given', 'CRONOBS_QUEUE']],
    [{ queue: 'Q' }, {}, ["queue: 'Q'", 'a-z']],
    [{ queue: 'q'.repeat(101) }, {}, ['101', '100']],
    [{ queue: 7 }, {}, ['queue: 7 is not a text']],
    [{ queue: 'q', concurrency: 0 }, {}, ['concurrency: 0 is outside 1-1000']],
    [{ queue: 'q', concurrency: 1.5 }, {}, ["concurrency: '1.5' is not a whole number"]],
    [{ queue: 'q', concurrency: true }, {}, ["concurrency: 'true'"]],
    [{ queue: 'q' }, { CRONOBS_WORKER_CONCURRENCY: 'many' }, ["CRONOBS_WORKER_CONCURRENCY: 'many'", '1 to 1000']],
    [{ queue: 'q', drain: 'soon' }, {}, ["drain: 'soon'", '90s']],
    [{ queue: 'q', drain: NaN }, {}, ["drain: 'NaN'"]],
    [{ queue: 'q', drain: '2d' }, {}, ['drain: 2d is outside 0s-1d']],
    [{ queue: 'q', drain: -1 }, {}, ['drain: -1 ms is outside 0s-1d']],
    [{ queue: 'q', brokers: 'u:p@h:1' }, {}, ['brokers', 'sasl.password']],
    [{ queue: 'q', name: 'ü'.repeat(101) }, {}, ['name: has 202 bytes', '200']],
    [{ queue: 'q', instance: 'one' }, {}, ["instance: 'one'", 'leave it out']],
    [{ queue: 'q' }, { CRONOBS_WORKER_INSTANCE: 'one' }, ["instance: 'one'"]],
    [{ queue: 'q', kafka: { acks: 1 } }, {}, ["'acks' may not be set"]],
    [{ queue: 'q', kafka: { 'group.id': 'g' } }, {}, ["'group.id'", 'setting group']],
    [{ queue: 'q' }, { CRONOBS_KAFKA_ISOLATION_LEVEL: 'read_uncommitted' }, ["'isolation.level' may not be set"]],
    [{ queue: 'q', kafka: ['a'] }, {}, ['kafka: is not a map']],
    [{ queue: 'q', kafka: { 'sasl.username': () => 1 } }, {}, ["kafka: the property 'sasl.username'"]],
    [{ queue: 'q', topic_prefix: 'x.' }, {}, ['topic_prefix: there is no such setting', 'topicPrefix']]
  ]
  for (const [args, env, words] of wrong) {
    test(words.join(', '), () => assert.throws(() => resolve(args, env), (error) => {
      assert.ok(error instanceof SettingError)
      for (const word of words) assert.ok(error.message.includes(word), error.message)
      return true
    }))
  }
})
