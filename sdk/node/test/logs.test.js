/** Lines by the console and by loggers, and the worker's own words. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import pino from 'pino'
import { captureConsole, logStream, Notices, told } from '../src/logs.js'
import { SettingError } from '../src/settings.js'
import { runJob } from '../src/testing.js'

/** What is said by the console comes here while a test runs, by function and arguments. */
function quiet (t) {
  const seen = []
  for (const name of ['debug', 'log', 'info', 'warn', 'error']) t.mock.method(console, name, (...args) => seen.push([name, ...args]))
  return seen
}

test('each function of the console makes a line of its level, and still writes', async (t) => {
  const seen = quiet(t)
  const out = await runJob(() => {
    console.debug('a')
    console.log('b %s', 1, { c: 2 })
    console.info('d')
    console.warn('e')
    console.error('f')
  }, { captureConsole: true })
  assert.deepEqual(out.lines, [['DEBUG', 'a'], ['INFO', 'b 1 { c: 2 }'], ['INFO', 'd'], ['WARN', 'e'], ['ERROR', 'f']])
  assert.deepEqual(seen, [['debug', 'a'], ['log', 'b %s', 1, { c: 2 }], ['info', 'd'], ['warn', 'e'], ['error', 'f']])
})

test('what is said outside a job is no line, and in it belongs to it alone', async (t) => {
  quiet(t)
  const release = captureConsole()
  console.log('outside')
  const both = await Promise.all(['a', 'b'].map((name) => runJob(async (job) => {
    for (let n = 0; n < 3; n++) {
      console.log(name)
      await job.wait(1)
    }
  })))
  release()
  assert.deepEqual(both.map((out) => out.lines.map(([, text]) => text).join('')), ['aaa', 'bbb'])
})

test('the console is as it was when the last capture has ended', () => {
  const before = { ...console }
  const [first, second] = [captureConsole(), captureConsole()]
  first()
  first()
  assert.notEqual(console.log, before.log)
  second()
  for (const name of ['debug', 'log', 'info', 'warn', 'error']) assert.equal(console[name], before[name])
})

test('a function that somebody puts on the console meanwhile stays there', async (t) => {
  quiet(t)
  const release = captureConsole()
  const ours = console.log
  const theirs = (...args) => ours(...args)
  console.log = theirs
  release()
  assert.equal(console.log, theirs)
  assert.deepEqual((await runJob(() => console.log('x'))).lines, [])
})

test('lines of pino are those of the job', async () => {
  const log = pino({ level: 'trace' }, pino.multistream([{ stream: logStream(), level: 'trace' }]))
  log.info('outside')
  const out = await runJob(async (job) => {
    log.trace('a')
    log.info({ part: 'x', rows: 3 }, 'loading')
    await job.wait(1)
    log.child({ step: 'one two' }).warn('slow')
    log.error(new RangeError('no such part'), 'broken')
    log.fatal('end')
  })
  assert.deepEqual(out.lines.slice(0, 3), [['DEBUG', 'a'], ['INFO', 'loading part=x rows=3'], ['WARN', 'slow step="one two"']])
  assert.deepEqual(out.lines.slice(3, 5), [['ERROR', 'broken'], ['ERROR', 'RangeError: no such part']])
  assert.deepEqual(out.lines.at(-1), ['ERROR', 'end'])
})

test('lines of other loggers are shown too', () => {
  assert.deepEqual(told('{"level":"warn","message":"m","timestamp":"t","a":{"b":1}}'), { line: 'm a={"b":1}', level: 'WARN' })
  assert.deepEqual(told('{"a":"x\\"y"}'), { line: 'a="x\\"y"', level: 'INFO' })
  for (const text of ['plain', '[1]', 'null', '7']) assert.deepEqual(told(text), { line: text, level: 'INFO' })
})

test('the same is said once in ten seconds', () => {
  const said = []
  const note = (text) => said.push(text)
  const notices = new Notices({ debug: note, info: note, warn: note, error: note })
  for (const [text, now] of [['a', 0], ['b', 1], ['a', 9_999], ['a', 10_000], ['a', 10_001]]) notices.say('WARN', text, now)
  assert.deepEqual(said, ['a', 'b', 'a'])
  for (let n = 0; n < 1000; n++) notices.say('INFO', `${n}`, 10_002)
  notices.say('INFO', 'a', 10_003)
  assert.equal(said.at(-1), 'a', 'only so many texts are remembered')
})

test('what is said while a job runs is no line of it', async (t) => {
  quiet(t)
  const out = await runJob(() => new Notices(console).say('WARN', 'no broker'), { captureConsole: true })
  assert.deepEqual(out.lines, [])
})

test('a logger that is none is refused', () => {
  assert.throws(() => new Notices({ info () {} }), (error) => error instanceof SettingError && error.message.startsWith("logger: has no function 'debug'"))
  for (const logger of [console, pino({ level: 'silent' })]) new Notices(logger).say('INFO', '')
})

test('the worker says each word on one line of standard error', (t) => {
  const seen = []
  t.mock.method(process.stderr, 'write', (text) => seen.push(text))
  const notices = new Notices()
  notices.say('DEBUG', 'not shown')
  notices.say('WARN', 'one\ntwo')
  assert.deepEqual(seen, ['cronobs WARN one two\n'])
})
