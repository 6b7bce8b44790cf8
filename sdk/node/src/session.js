/** What all calls of the API share: JSON, parameters, pages, the conditions of a write, and reading what oneself has written. */

import { randomUUID } from 'node:crypto'
import { valueOf } from './transport.js'
import { Unseen } from './unseen.js'

const WAIT = 10_000 // milliseconds that a write waits for its outcome, unless it says otherwise
const WRITE_OPTIONS = ['wait', 'ifMatch', 'idempotencyKey', 'signal']

/** As the API takes it: lists between commas, instants in RFC 3339. Pure. @returns {string} */
export function parameter (value) {
  if (value instanceof Date) return value.toISOString()
  return Array.isArray(value) ? value.map(parameter).join(',') : String(value)
}

/**
 * What is undefined or null is left out. Pure.
 * @param {string} path
 * @param {Record<string, unknown>} query
 */
export function targetOf (path, query) {
  const pairs = Object.entries(membersOf(query)).map(([name, value]) => `${name}=${encodeURIComponent(parameter(value))}`)
  return pairs.length > 0 ? `${path}?${pairs.join('&')}` : path
}

/** The members of a body; a Date in it is written as JSON has it. Pure. @param {Record<string, unknown>} members */
export function membersOf (members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null))
}

/** Bytes and texts as they are, anything else as JSON; undefined and null are none. Pure. */
export function payloadMembers (payload) {
  if (payload === undefined || payload === null) return {}
  if (payload instanceof Uint8Array) return { payload_base64: Buffer.from(payload).toString('base64') }
  return { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }
}

/**
 * What every write takes.
 * @typedef {object} WriteOptions
 * @property {number} [wait]  milliseconds to wait for its outcome, 60,000 at most; 0: not at all
 * @property {number} [ifMatch]  the revision that the task must be at: else 412
 * @property {string} [idempotencyKey]  200 characters at most: the same write under the same key has one effect
 * @property {AbortSignal} [signal]
 */

export class Session {
  #transport
  #unseen = new Unseen()

  /** @param {import('./transport.js').Transport} transport */
  constructor (transport) {
    this.#transport = transport
  }

  close () {
    this.#transport.close()
  }

  /** As things are: whatever has been written may not be seen yet. */
  async get (path, query, signal) {
    return valueOf(await this.#transport.call({ method: 'GET', target: targetOf(path, query), signal }))
  }

  /** Behind what was written here to the task with this id; without one, to whatever task. */
  async read (path, query = {}, { task, signal } = {}) {
    const command = await this.#unseenOf(task, signal)
    const value = await this.get(path, { ...query, after_command: command }, signal)
    if (command !== undefined) this.#unseen.saw(command)
    return value
  }

  /** All of a list, `page` at a time; each page is asked for when it is needed. */
  async * items (path, query, { page = 100, task, signal } = {}) {
    let cursor
    do {
      const got = await this.read(path, { ...query, limit: page, cursor }, { task, signal })
      yield * got.items
      cursor = got.next
    } while (cursor !== undefined)
  }

  /** What has a body and changes nothing. */
  async ask (method, target, members, signal) {
    return valueOf(await this.#transport.call({ ...withBody(method, target, members, {}), signal }))
  }

  /**
   * What its answer says: carried out, or PENDING. Throws ApiError: it was refused, or is not known to be in the log. TypeError: there
   * is no such option.
   * @param {string} method
   * @param {string} target
   * @param {object | null} members
   * @param {WriteOptions} options
   * @param {Record<string, string>} [headers]
   */
  async write (method, target, members, options, headers = {}) {
    checkNames(options)
    const wait = options.wait ?? WAIT
    const request = withBody(method, target, members, { ...headersOf(options, wait), ...headers })
    const outcome = valueOf(await this.#transport.call({ ...request, wait, signal: options.signal }))
    this.#unseen.wrote(outcome.task_id, outcome.command_id)
    return outcome
  }

  /** Where to send what looks at a task, or at whatever there is, before it answers or writes. */
  async behindWrites (path, query = {}, { task, signal } = {}) {
    return targetOf(path, { ...query, after_command: await this.#unseenOf(task, signal) })
  }

  /** The command to wait for. Of whatever task it is the latest: a request waits for one, so the others are waited for here. */
  async #unseenOf (task, signal) {
    if (task !== undefined) return this.#unseen.of(task)
    const commands = this.#unseen.all()
    for (const command of commands.slice(0, -1)) {
      await this.get(`/v1/commands/${command}`, { after_command: command }, signal)
      this.#unseen.saw(command)
    }
    return commands.at(-1)
  }
}

/** A misspelt ifMatch would overwrite what somebody else has changed. */
function checkNames (options) {
  const other = Object.keys(options).find((name) => !WRITE_OPTIONS.includes(name))
  if (other !== undefined) throw new TypeError(`there is no option '${other}' of this call; every write has ${WRITE_OPTIONS.join(', ')}`)
}

function headersOf (options, wait) {
  const headers = { 'Idempotency-Key': options.idempotencyKey ?? randomUUID() }
  if (wait > 0) headers.Prefer = `wait=${Math.ceil(wait / 1000)}`
  if (options.ifMatch !== undefined) headers['If-Match'] = `"${options.ifMatch}"`
  return headers
}

function withBody (method, target, members, headers) {
  if (members === null) return { method, target, headers }
  const kind = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  return { method, target, body: JSON.stringify(members), headers: { ...headers, 'Content-Type': kind } }
}
