/** The client of the HTTP API against answers that were recorded, and connections that break. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { describe, test } from 'node:test'
import { ApiError, Client, SettingError } from '../src/index.js'
import { ExecutionHandle, TaskHandle } from '../src/handles.js'
import { Session } from '../src/session.js'
import { pauseAfter, Transport } from '../src/transport.js'
import { MOST, Unseen } from '../src/unseen.js'
import { BROKEN, CUT, recorded, reply, SILENT } from './support/recorded.js'

const TASK = new Client().task('hello').id
const DONE = reply(200, { command_id: 'c1', task_id: TASK, result: 'ACCEPTED', code: 'OK', revision: 2, execution_id: 'e1' })
const PENDING = reply(202, { command_id: 'c1', task_id: TASK, result: 'PENDING' })
const AWAY = reply(503, { status: 503, title: 'A part that is needed is away', detail: 'Kafka cannot be asked yet' }, { 'Retry-After': '1' })
const LAST = { items: [] }

/** A clock that only pauses move. */
class Time {
  now = 1000
  pauses = []

  session (url, options = {}) {
    const sleep = async (milliseconds) => {
      this.pauses.push(milliseconds)
      this.now += milliseconds
    }
    return new Session(new Transport(url, { timeout: 30_000, headers: {}, clock: () => this.now, sleep, ...options }))
  }

  task (url, options) {
    return new TaskHandle(this.session(url, options), 'default', 'hello')
  }
}

const targets = (api) => api.asked.map((asked) => asked.target)
const times = (count, one) => Array(count).fill(one)

async function all (items) {
  const found = []
  for await (const item of items) found.push(item)
  return found
}

/** What a call was refused with. */
async function refusal (call) {
  try {
    await call
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error))
    return error
  }
  assert.fail('it was not refused')
}

test('what cannot be sent at all is told at once, and not tried again', async () => {
  const time = new Time()
  await assert.rejects(time.task('http://127.0.0.1:1').pause({ idempotencyKey: 'one\ntwo' }), { code: 'ERR_INVALID_CHAR' })
  assert.deepEqual(time.pauses, [])
})

describe('reading', () => {
  test('a list goes on over empty pages until there is no next', async () => {
    const pages = [{ items: [{ key: 'a' }, { key: 'b' }], next: 'x+/=' }, { items: [], next: 'y' }, { items: [{ key: 'c' }] }]
    await recorded(pages.map((page) => reply(200, page)), async (api) => {
      const found = await all(new Client(api.url).tasks({ queue: 'q', state: ['ACTIVE', 'DELETED'], page: 2 }))
      assert.deepEqual(found.map((task) => task.key), ['a', 'b', 'c'])
      const first = '/v1/tasks?queue=q&state=ACTIVE%2CDELETED&limit=2'
      assert.deepEqual(targets(api), [first, `${first}&cursor=x%2B%2F%3D`, `${first}&cursor=y`])
    })
  })

  test('a page is asked for when it is needed', async () => {
    await recorded([reply(200, { items: [{ execution_id: '1' }, { execution_id: '2' }], next: 'x' })], async (api) => {
      for await (const found of new Client(api.url).executions({ task: 'hello' })) if (found.execution_id === '2') break
      assert.deepEqual(targets(api), ['/v1/executions?task=default~hello&limit=100'])
    })
  })

  test('logs go on by next while there are more', async () => {
    const line = { message: 'm' }
    const pages = [{ items: [line, line], next: 'p1', more: true }, { items: [line], next: 'p2', more: false }]
    await recorded(pages.map((page) => reply(200, page)), async (api) => {
      assert.equal((await all(new Client(api.url).logs('e1', { level: 'WARN', attempt: 2 }))).length, 3)
      assert.deepEqual(targets(api), ['/v1/executions/e1/logs?level=WARN&limit=500&attempt=2', '/v1/executions/e1/logs?level=WARN&limit=500&after=p1'])
    })
  })

  test('following logs looks once more behind the end', async () => {
    const lines = (text) => reply(200, { items: [{ message: text }], next: text, more: false })
    const replies = [lines('a'), reply(200, { status: 'RUNNING' }), lines('b'), reply(200, { status: 'SUCCEEDED' }), lines('c')]
    await recorded(replies, async (api) => {
      const run = new ExecutionHandle(new Time().session(api.url), 'e1', 0)
      assert.deepEqual((await all(run.logs({ follow: true }))).map((line) => line.message), ['a', 'b', 'c'])
    })
  })

  test('waiting for an execution goes on while an attempt follows', async () => {
    const states = [{ status: 'PENDING' }, { status: 'FAILED', next_attempt_at: '2026-11-24T13:00:00Z' }, { status: 'RETRYING' }, { status: 'FAILED' }]
    await recorded(states.map((state) => reply(200, state)), async (api) => {
      assert.equal((await new ExecutionHandle(new Time().session(api.url), 'e1', 0).wait()).status, 'FAILED')
      assert.equal(api.replies.length, 0)
    })
  })

  test('a signal ends what waits, by its own reason', async () => {
    await recorded([reply(200, { status: 'RUNNING' }), AWAY, SILENT], async (api) => {
      const run = new Client(api.url).execution('e1')
      const why = new Error('enough')
      const ends = async (call) => {
        const controller = new AbortController()
        const seen = api.asked.length
        const refused = assert.rejects(call(controller.signal), (error) => error === why)
        while (api.asked.length === seen) await new Promise((resolve) => setTimeout(resolve, 5))
        controller.abort(why)
        await refused
      }
      await ends((signal) => run.wait({ signal }))
      await ends((signal) => run.get({ signal }))
      await ends((signal) => run.cancel({ signal }))
      await assert.rejects(run.get({ signal: AbortSignal.abort(why) }), (error) => error === why)
      assert.equal(api.asked.length, 3)
    })
  })

  test('names are escaped, and a project may be in the key', async () => {
    await recorded(times(5, reply(200, LAST)), async (api) => {
      const client = new Client(api.url)
      const tasks = [client.task('a/b c'), client.task('k', { project: 'billing' }), client.task('billing~k')]
      for (const task of tasks) await task.get()
      await all(client.executions({ task: tasks[1] }))
      await all(client.executions({ task: 'k' }))
      assert.deepEqual(targets(api), ['/v1/tasks/default~a%2Fb%20c', '/v1/tasks/billing~k', '/v1/tasks/billing~k',
        '/v1/executions?task=billing~k&limit=100', '/v1/executions?task=default~k&limit=100'])
    })
  })

  test('every other read asks what it should', async () => {
    await recorded(times(14, reply(200, LAST)), async (api) => {
      const client = new Client(api.url)
      const [task, run] = [client.task('hello'), client.execution('e/1')]
      assert.deepEqual(await client.upcoming({ project: 'ops', limit: 5 }), [])
      await client.explain('@daily', { zone: 'UTC', dialect: 'VIXIE', dstGap: 'SKIP', dstOverlap: 'BOTH', count: 3 })
      await client.command('c/1')
      assert.deepEqual(await client.queues(), [])
      await client.workers('q')
      await client.get('/v1/days', { tz: 'UTC', from: '2026-11-01', unit: undefined })
      await task.draft({ queue: 'q' })
      await task.draftBackfill('2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z')
      await task.why()
      for (const items of [task.revisions({ page: 3 }), task.gaps(), run.events()]) assert.deepEqual(await all(items), [])
      await run.get()
      assert.deepEqual(api.asked.map(({ method, target, body }) => [method, target.replace('/v1/', ''), body]), [
        ['GET', 'upcoming?project=ops&limit=5', ''],
        ['POST', 'schedules:explain', { expression: '@daily', dst_gap: 'SKIP', dst_overlap: 'BOTH', zone: 'UTC', dialect: 'VIXIE', count: 3 }],
        ['GET', 'commands/c%2F1', ''], ['GET', 'queues', ''], ['GET', 'queues/q/workers', ''], ['GET', 'days?tz=UTC&from=2026-11-01', ''],
        ['PUT', 'tasks/default~hello?dry_run=true', { queue: 'q' }],
        ['POST', 'tasks/default~hello:backfill?dry_run=true', { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' }],
        ['GET', 'tasks/default~hello:why', ''], ['GET', 'tasks/default~hello/revisions?limit=3', ''], ['GET', 'tasks/default~hello/gaps?limit=100', ''],
        ['GET', 'executions/e%2F1/events?limit=100', ''], ['GET', 'executions/e%2F1', '']])
      assert.ok(api.asked.every(({ headers }) => headers['idempotency-key'] === undefined))
    })
  })

  test('instants may be Dates', async () => {
    await recorded([reply(200, LAST), reply(200, {}), DONE], async (api) => {
      const task = new Client(api.url).task('hello')
      await task.upcoming({ from: new Date('2026-11-24T13:00:00+02:00'), to: '2026-11-25T00:00:00Z' })
      await task.why('2026-11-24T09:00:00', { tz: 'Europe/Berlin' })
      await task.backfill(new Date('2026-11-01'), '2026-11-02T00:00:00Z')
      assert.deepEqual(targets(api).slice(0, 2), [
        '/v1/tasks/default~hello/upcoming?from=2026-11-24T11%3A00%3A00.000Z&to=2026-11-25T00%3A00%3A00Z',
        '/v1/tasks/default~hello:why?at=2026-11-24T09%3A00%3A00&tz=Europe%2FBerlin'])
      assert.deepEqual(api.asked[2].body, { from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00Z' })
    })
  })
})

describe('writing', () => {
  test('every write says what it should', async () => {
    await recorded(times(10, DONE), async (api) => {
      const [task, run] = [new Client(api.url).task('hello'), new Client(api.url).execution('e1')]
      await task.put({ queue: 'q' }, { ifMatch: 3, wait: 60_000 })
      await task.put({ queue: 'q' }, { onlyNew: true, wait: 0, idempotencyKey: 'mine' })
      await task.patch({ title: null }, { ifMatch: 4 })
      await task.delete({ reason: 'not needed' })
      await task.pause({ until: '2026-12-01T00:00:00Z', reason: 'r' })
      await task.resume({ gap: 'LAST' })
      await task.trigger({ a: 1 }, { ignoreOverlap: true })
      await task.skipNext()
      await run.cancel({ reason: 'r' })
      await run.retry(Buffer.from([0xff]))
      const asked = api.asked.map(({ method, target, body }) => [method, target.replace(/\?after_command.*/, '').replace('/v1/', ''), body])
      const spec = { queue: 'q' }
      assert.deepEqual(asked, [
        ['PUT', 'tasks/default~hello', spec], ['PUT', 'tasks/default~hello', spec], ['PATCH', 'tasks/default~hello', { title: null }],
        ['DELETE', 'tasks/default~hello?reason=not%20needed', ''], ['POST', 'tasks/default~hello:pause', { until: '2026-12-01T00:00:00Z', reason: 'r' }],
        ['POST', 'tasks/default~hello:resume', { gap: 'LAST' }], ['POST', 'tasks/default~hello:trigger', { ignore_overlap: true, payload: '{"a":1}' }],
        ['POST', 'tasks/default~hello:skip-next', {}], ['POST', 'executions/e1:cancel', { reason: 'r' }],
        ['POST', 'executions/e1:retry', { payload_base64: '/w==' }]])
      const heads = (name) => api.asked.map(({ headers }) => headers[name])
      assert.deepEqual(heads('if-match').slice(0, 4), ['"3"', undefined, '"4"', undefined])
      assert.equal(heads('if-none-match')[1], '*')
      assert.deepEqual(heads('prefer').slice(0, 3), ['wait=60', undefined, 'wait=10'])
      assert.deepEqual(heads('content-type').slice(0, 4), ['application/json', 'application/json', 'application/merge-patch+json', undefined])
      assert.equal(heads('idempotency-key')[1], 'mine')
      assert.equal(new Set(heads('idempotency-key')).size, 10)
    })
  })

  test('a misspelt option is refused before anything is sent', async () => {
    await recorded([], async (api) => {
      await assert.rejects(new Client(api.url).task('hello').delete({ ifMach: 3 }), { name: 'TypeError', message: /'ifMach'.*ifMatch/ })
      assert.deepEqual(api.asked, [])
    })
  })

  test('payloads are bytes, texts or JSON', async () => {
    await recorded(times(5, DONE), async (api) => {
      const task = new Client(api.url).task('hello')
      for (const payload of [new Uint8Array([0x78]), 'x', [1, 'ü'], null, undefined]) await task.trigger(payload)
      assert.deepEqual(api.asked.map(({ body }) => body), [{ payload_base64: 'eA==' }, { payload: 'x' }, { payload: '[1,"ü"]' }, {}, {}])
    })
  })

  const faults = { BROKEN, CUT, SILENT, 503: AWAY, 502: reply(502, '<html>bad gateway</html>'), 504: reply(504, '') }
  for (const [name, fault] of Object.entries(faults)) {
    test(`a write is sent again under its key and as it was: ${name}`, async () => {
      const time = new Time()
      await recorded([fault, fault, DONE], async (api) => {
        assert.equal((await time.task(api.url, fault === SILENT ? { answerWithin: 1000 } : {}).trigger('x', { wait: 0 })).code, 'OK')
        const asked = api.asked.map(({ method, target, body, headers }) => JSON.stringify([method, target, body, headers['idempotency-key']]))
        assert.equal(new Set(asked).size, 1)
        assert.equal(asked.length, 3)
      })
      assert.equal(time.pauses.length, 2)
      assert.ok(time.pauses.every((pause) => pause >= (fault === AWAY ? 1000 : 100)), String(time.pauses))
    })
  }

  for (const status of [400, 404, 409, 412, 415, 422, 500]) {
    test(`what is refused is not sent again: ${status}`, async () => {
      await recorded([reply(status, { detail: 'no' })], async (api) => {
        assert.equal((await refusal(new Client(api.url).task('hello').trigger())).status, status)
        assert.equal(api.asked.length, 1)
      })
    })
  }

  test('repeats end with the time-out and with what was said last', async () => {
    const time = new Time()
    await recorded(times(100, AWAY), async (api) => {
      const error = await refusal(time.task(api.url, { timeout: 20_000 }).delete({ wait: 10_000 }))
      assert.deepEqual([error.status, error.message], [503, 'Kafka cannot be asked yet'])
    })
    const paused = time.pauses.reduce((sum, pause) => sum + pause)
    assert.ok(paused >= 27_000 && paused <= 30_000, String(paused))
  })

  test('an API that is not there is status 0, with the reason and no password', async () => {
    const url = await recorded([], (api) => api.url)
    const error = await refusal(new Time().task(`${url.replace('//', '//joe:secret@')}/x`).get())
    assert.equal(error.status, 0)
    assert.match(error.message, RegExp(`could not ask ${url}/x: .*ECONNREFUSED.*tried [0-9]+ times`))
    assert.ok(!error.message.includes('secret'))
    assert.equal(error.cause.code, 'ECONNREFUSED')
  })

  test('pauses double up to two seconds and heed Retry-After', () => {
    assert.deepEqual([1, 2, 3, 5, 6, 5000].map((tries) => pauseAfter(tries, undefined, 0)), [100, 200, 400, 1600, 2000, 2000])
    assert.equal(pauseAfter(1, undefined, 1), 150)
    assert.deepEqual([pauseAfter(1, '7', 0), pauseAfter(6, '1', 0)], [7000, 2000])
    assert.equal(pauseAfter(1, 'Fri, 31 Dec 1999 23:59:59 GMT', 0), 100)
  })

  test('one try waits for an answer no longer than is left', async () => {
    await recorded([SILENT, SILENT], async (api) => {
      const error = await refusal(new Time().task(api.url, { timeout: 170 }).get())
      const [, milliseconds, tries] = /no answer within ([0-9]+) ms .*tried ([0-9]) times/.exec(error.message)
      assert.ok(Number(milliseconds) <= 70 && Number(tries) === 2, error.message)
    })
  })
})

describe('problems', () => {
  test('a problem says where, what and the way out', async () => {
    const said = { type: 'urn:cronobs:problem:invalid', title: 't', status: 400, pointer: '/schedules/0/expression', column: 1, detail: 'minute: 61 is outside 0-59', hint: 'say 0-59' }
    await recorded([reply(400, said)], async (api) => {
      const { status, code, pointer, column, hint, detail, message } = await refusal(new Client(api.url).task('hello').put({}))
      assert.deepEqual({ status, code, pointer, column, hint }, { status: 400, code: null, pointer: '/schedules/0/expression', column: 1, hint: 'say 0-59' })
      assert.deepEqual([detail, message], ['minute: 61 is outside 0-59', 'minute: 61 is outside 0-59 (say 0-59)'])
    })
  })

  test('a stale revision is told', async () => {
    const stale = { status: 412, title: 'The task was changed meanwhile', detail: 'it is at revision 4, not 3', code: 'STALE_REVISION' }
    await recorded([reply(412, stale)], async (api) => {
      const { status, code, pointer } = await refusal(new Client(api.url).task('hello').put({}, { ifMatch: 3 }))
      assert.deepEqual([status, code, pointer], [412, 'STALE_REVISION', null])
    })
  })

  for (const answer of [reply(200, '<html>login</html>'), reply(302, '', { Location: 'http://x/' }), reply(404, '[]'), reply(200, ''), reply(500, 'null')]) {
    test(`an answer that is not the API's is an error: ${answer.status} '${answer.body}'`, async () => {
      await recorded([answer], async (api) => {
        const error = await refusal(new Client(api.url).task('hello').get())
        assert.equal(error.status, answer.status)
        assert.match(error.message, RegExp(`^not an answer of the API, but of status ${answer.status}`))
      })
    })
  }
})

describe('reading what one has written', () => {
  test('a read waits for the last write to its task, and once', async () => {
    await recorded([DONE, ...times(3, reply())], async (api) => {
      const client = new Client(api.url)
      await client.task('hello').trigger()
      for (const key of ['other', 'hello', 'hello']) await client.task(key).get()
      assert.deepEqual(targets(api).slice(1), ['/v1/tasks/default~other', '/v1/tasks/default~hello?after_command=c1', '/v1/tasks/default~hello'])
    })
  })

  test('a read of all waits for every write', async () => {
    const other = reply(200, { command_id: 'c2', task_id: 't2', result: 'ACCEPTED' })
    const third = reply(200, { command_id: 'c3', task_id: TASK, result: 'ACCEPTED' })
    await recorded([DONE, other, third, reply(), reply(200, LAST), reply(200, LAST)], async (api) => {
      const client = new Client(api.url)
      for (const key of ['hello', 'second', 'hello']) await client.task(key).trigger()
      for (let n = 0; n < 2; n++) assert.deepEqual(await all(client.executions()), [])
      assert.deepEqual(targets(api).slice(3), ['/v1/commands/c2?after_command=c2', '/v1/executions?limit=100&after_command=c3', '/v1/executions?limit=100'])
    })
  })

  test('so many tasks at most are remembered, the latest', () => {
    const unseen = new Unseen()
    for (let number = 0; number < MOST + 2; number++) unseen.wrote(`t${number}`, `c${number}`)
    assert.deepEqual([unseen.of('t1'), unseen.of('t2'), unseen.all().length], [undefined, 'c2', MOST])
  })

  test('a write that nobody has carried out is still waited for', async () => {
    await recorded([PENDING, reply(404, { detail: 'there is no task' }), reply()], async (api) => {
      const task = new Client(api.url).task('hello')
      assert.equal((await task.put({ queue: 'q' })).result, 'PENDING')
      await refusal(task.get())
      await task.get()
      assert.deepEqual(targets(api).slice(1), times(2, '/v1/tasks/default~hello?after_command=c1'))
    })
  })

  test('what looks before it writes looks behind what was written', async () => {
    await recorded([DONE, DONE, DONE, reply()], async (api) => {
      const client = new Client(api.url)
      await client.execution((await client.task('hello').trigger()).execution_id).cancel()
      await client.task('hello').patch({})
      await client.task('hello').draft({})
      assert.deepEqual(targets(api).slice(1), ['/v1/executions/e1:cancel?after_command=c1', '/v1/tasks/default~hello?after_command=c1',
        '/v1/tasks/default~hello?dry_run=true&after_command=c1'])
    })
  })
})

describe('connections', () => {
  test('a connection is kept, and one that the API closed is not used', async () => {
    await recorded([reply(), reply(), reply(200, {}, { Connection: 'close' }), reply()], async (api) => {
      const client = new Client(api.url)
      for (let n = 0; n < 4; n++) await client.task('hello').get()
      assert.deepEqual(api.asked.map(({ connection }) => connection), [1, 1, 1, 2])
      client.close()
    })
  })

  test('calls side by side have connections of their own', async () => {
    let [count, release] = [0, null]
    const together = new Promise((resolve) => { release = resolve })
    const meet = async () => {
      if (++count === 4) release()
      await together
      return reply()
    }
    await recorded(times(4, meet), async (api) => {
      const client = new Client(api.url)
      await Promise.all(times(4, 0).map(() => client.task('hello').get()))
      assert.equal(new Set(api.asked.map(({ connection }) => connection)).size, 4)
    })
  })

  test('a body that is refused before it was read has its answer', async () => {
    const text = '{"detail":"it is too large"}'
    const server = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(`HTTP/1.1 413 Payload Too Large\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const error = await refusal(new Client(`http://127.0.0.1:${server.address().port}`).task('hello').trigger('x'.repeat(5_000_000)))
    assert.deepEqual([error.status, error.detail], [413, 'it is too large'])
    server.close()
  })

  test('a certificate that is not trusted is told at once', async () => {
    const failure = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    const time = new Time()
    const transport = new Transport('https://cron.example.org', { timeout: 30_000, headers: { get Broken () { throw failure } }, clock: () => 0, sleep: async (ms) => { time.pauses.push(ms) } })
    const error = await refusal(new TaskHandle(new Session(transport), 'default', 'hello').get())
    assert.deepEqual([error.status, error.cause, time.pauses], [0, failure, []])
  })

  test('a proxy gets its path, user and headers', async () => {
    await recorded([reply()], async (api) => {
      await new Client(`${api.url.replace('//', '//joe:p%40ss@')}/cron/`, { headers: { 'X-Token': 't' } }).task('hello').get()
      const { target, headers } = api.asked[0]
      assert.deepEqual([target, headers['x-token'], headers.host], ['/cron/v1/tasks/default~hello', 't', api.url.replace('http://', '')])
      assert.equal(headers.authorization, 'Basic ' + Buffer.from('joe:p@ss').toString('base64'))
    })
  })

  for (const url of ['127.0.0.1:8080', 'localhost:8080', 'ftp://x', 'http://', 'http://u:secret@/x', 'http://x/?a=b']) {
    test(`an address that is none is refused without its password: ${url}`, () => {
      assert.throws(() => new Client(url), (error) => error instanceof SettingError && /is no address of an API/.test(error.message) && !error.message.includes('secret'))
    })
  }

  test('the address comes from the environment unless given', async (t) => {
    const before = process.env.CRONOBS_URL
    t.after(() => {
      if (before === undefined) delete process.env.CRONOBS_URL
      else process.env.CRONOBS_URL = before
    })
    await recorded([reply(), reply()], async (one) => recorded([reply()], async (two) => {
      process.env.CRONOBS_URL = one.url
      await new Client().task('hello').get()
      await new Client(two.url).task('hello').get()
      assert.deepEqual([one.asked.length, two.asked.length], [1, 1])
    }))
  })
})
