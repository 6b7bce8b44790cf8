/**
 * The HTTP API from Node.js, with what that brings alone.
 *
 *     const client = new Client('http://127.0.0.1:8080')
 *     const report = client.task('daily-report')
 *     await report.put({ queue: 'reports', schedules: [{ expression: '0 3 * * *', zone: 'Europe/Berlin' }] })
 *     const run = client.execution((await report.trigger({ parts: ['a', 'b'] })).execution_id)
 *     for await (const line of run.logs({ follow: true })) console.log(line.message)
 *     console.log((await run.wait()).status)
 *
 * Answers are the API's own, as objects with types (answers.d.ts); docs/http-api.md says what they mean. What it refuses is an
 * ApiError with `status`, `code`, `pointer` and `hint`; so is an API that does not answer (status 0).
 *
 * Writes wait for their outcome, 10 s unless `wait` says otherwise; where it is not known by then, `result` is PENDING. Each
 * carries an Idempotency-Key, so it is sent again after a broken connection or a 503 and has one effect; with a key of your own
 * (`idempotencyKey`) also over a restart of your program. `ifMatch` refuses a write (412) unless the task is still at that revision.
 *
 * Reads wait until what this client has written can be seen, 10 s at most. While nobody carries it out they are 503 therefore;
 * another Client sees what there is.
 *
 * Instants are texts as the API has them, or Dates. Every call takes a `signal` that ends it, with the signal's reason.
 */

import { ExecutionHandle, TaskHandle } from './handles.js'
import { membersOf, Session } from './session.js'
import { SETTINGS } from './settings.js'
import { Transport } from './transport.js'

const URL_SETTING = SETTINGS.find((setting) => setting.name === 'url')

export class Client {
  #session

  /**
   * One installation.
   * @param {string} [url]  unless given CRONOBS_URL, or else http://127.0.0.1:8080; it may have a user and a path, of a proxy
   * @param {object} [options]
   * @param {number} [options.timeout]  milliseconds that a call may take with all its repeats, beside its `wait`
   * @param {Record<string, string>} [options.headers]  sent with every request, for a proxy that wants a token
   */
  constructor (url, { timeout = 30_000, headers = {} } = {}) {
    const address = url || process.env[URL_SETTING.variable] || URL_SETTING.fallback
    this.#session = new Session(new Transport(address, { timeout, headers: { Accept: 'application/json', ...headers } }))
  }

  /** Closes the connections that are kept; they do not keep a program alive anyway. */
  close () {
    this.#session.close()
  }

  /** A key of the project, or `project~key`. Asks nothing: the task need not be there. */
  task (key, { project = 'default' } = {}) {
    const separator = key.indexOf('~')
    if (separator < 0) return new TaskHandle(this.#session, project, key)
    return new TaskHandle(this.#session, key.slice(0, separator), key.slice(separator + 1))
  }

  execution (id) {
    return new ExecutionHandle(this.#session, id)
  }

  /** By project and key, fetched `page` at a time; active and paused ones unless `state` says otherwise. */
  tasks ({ page, signal, ...filters } = {}) {
    return this.#session.items('/v1/tasks', filters, { page, signal })
  }

  /** The newest first, fetched `page` at a time; all that there are: choose, or stop. `task`: as for task(), or what that gives. */
  executions ({ task, page, signal, ...filters } = {}) {
    const name = task === undefined ? undefined : String(this.task(String(task)))
    return this.#session.items('/v1/executions', { task: name, ...filters }, { page, signal })
  }

  /** The log of an execution, as logs() of what execution() gives. */
  logs (id, filters) {
    return this.execution(id).logs(filters)
  }

  /** When tasks are due next, all of them in one list. */
  async upcoming ({ signal, ...query } = {}) {
    return (await this.#session.read('/v1/upcoming', query, { signal })).items
  }

  /** What an expression means and when it fires, without saving anything. */
  explain (expression, { dstGap, dstOverlap, signal, ...more } = {}) {
    const members = membersOf({ expression, dst_gap: dstGap, dst_overlap: dstOverlap, ...more })
    return this.#session.ask('POST', '/v1/schedules:explain', members, signal)
  }

  /** What became of a write whose outcome was not known in time. */
  command (id, { signal } = {}) {
    return this.#session.get(`/v1/commands/${encodeURIComponent(id)}`, {}, signal)
  }

  /** What is open in each, and who reads it. */
  async queues ({ signal } = {}) {
    return (await this.#session.read('/v1/queues', {}, { signal })).items
  }

  /** Who works for a queue: what each worker runs, and when it was last heard of. */
  workers (queue, { signal } = {}) {
    return this.#session.read(`/v1/queues/${encodeURIComponent(queue)}/workers`, {}, { signal })
  }

  /** Any other resource that answers JSON: get('/v1/days', { tz: 'Europe/Berlin', from: '2026-11-01' }). */
  get (path, query = {}, { signal } = {}) {
    return this.#session.read(path, query, { signal })
  }
}
