/**
 * Requests to the HTTP API: kept connections, time-outs, repeats. What Node.js brings, and nothing else; not its fetch, which keeps a
 * connection for 4 s only.
 *
 * A request is sent again when its answer is 502, 503 or 504 or does not come: every request that is made here may be, since what
 * writes carries an Idempotency-Key, under which a repetition has no second effect and gets the first one's outcome. Between two
 * tries there is a pause that doubles, from 0.1 s to 2 s, each with a random part of up to a half; a Retry-After makes it longer.
 */

import http from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { SettingError } from './settings.js'

// Milliseconds.
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 2_000
const IDLE = 30_000 // after which a connection is not used again: the API closes it after 60
const ANSWER = 15_000 // that one try waits for its answer, unless told otherwise, beside what the API was asked to wait

const AGAIN = [502, 503, 504] // the API, or a proxy before it, is away for a moment
const SHOWN = 200 // characters of an answer that is not the API's
const IS_CERTIFICATE = /CERT|ISSUER|VERIFY/ // of a failure's code: it fails each time

/**
 * What the API refused, or that it could not be asked. Its text is the API's own words.
 *
 * status   of HTTP; 0: no answer came, and `cause` says why
 * code     the outcome's symbol where the scheduler refused a command, such as STALE_REVISION
 * pointer  the JSON pointer of the member that is wrong, such as /schedules/0/expression
 * column   the place in a text, from 1
 * hint     the way out
 *
 * null where there is none.
 */
export class ApiError extends Error {
  name = 'ApiError'

  /**
   * @param {number} status
   * @param {string} detail
   * @param {{ code?: string | null, pointer?: string | null, column?: number | null, hint?: string | null, cause?: unknown }} more
   */
  constructor (status, detail, { code = null, pointer = null, column = null, hint = null, cause } = {}) {
    super(hint === null ? detail : `${detail} (${hint})`, cause === undefined ? undefined : { cause })
    Object.assign(this, { status, detail, code, pointer, column, hint })
  }
}

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} target  path and query, behind the URL's own path
 * @property {string | null} [body]  JSON
 * @property {Record<string, string>} [headers]
 * @property {number} [wait]  milliseconds that the API was asked to wait before it answers
 * @property {AbortSignal} [signal]  ends it, with its reason
 */

/** @typedef {{ status: number, retryAfter: string | undefined, body: string }} Answer */

/** What an answer that is no success says. Pure. @param {Answer} answer */
export function problemOf ({ status, body }) {
  const said = parsed(body)
  const detail = said?.detail ?? said?.title
  if (detail === undefined) {
    return new ApiError(status, `not an answer of the API, but of status ${status}: ${body.slice(0, SHOWN).trim()}`)
  }
  const text = (name) => said[name] === undefined || said[name] === null ? null : String(said[name])
  const column = Number.isInteger(said.column) ? said.column : null
  return new ApiError(status, String(detail), { code: text('code'), pointer: text('pointer'), hint: text('hint'), column })
}

/** The JSON of a success. Throws ApiError: there is none, so somebody else than the API has answered. Pure. @param {Answer} answer */
export function valueOf (answer) {
  const value = parsed(answer.body)
  if (value === undefined) throw problemOf(answer)
  return value
}

/** undefined: it is no JSON. */
function parsed (text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Milliseconds before the next try, after so many. Pure. A Retry-After that is no number is not heeded.
 * @param {number} tries
 * @param {string | undefined} retryAfter
 * @param {number} chance  0 to 1
 */
export function pauseAfter (tries, retryAfter, chance) {
  const pause = Math.min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE) * (1 + chance / 2)
  return /^[0-9]+$/.test(retryAfter ?? '') ? Math.max(pause, Number(retryAfter) * 1000) : pause
}

/** A URL for messages: without user and password. Pure. @param {string} url */
export function shown (url) {
  const [, scheme, rest] = /^([^:]*:\/\/)?(.*)$/s.exec(url)
  return (scheme ?? '') + rest.slice(rest.lastIndexOf('@') + 1)
}

/** @returns {string} of an http or https URL, maybe with a user and a path of a proxy: without a slash at its end */
function addressOf (url) {
  const found = URL.canParse(url) ? new URL(url) : null
  if (found === null || !['http:', 'https:'].includes(found.protocol) || found.search !== '' || found.hash !== '') {
    throw new SettingError(`url: '${shown(url)}' is no address of an API; it is like http://127.0.0.1:8080`)
  }
  return found.href.replace(/\/+$/, '')
}

/** Requests to one API. */
export class Transport {
  #url
  #timeout
  #headers
  #http
  #agent
  #answerWithin
  #clock
  #sleep

  /**
   * @param {string} url
   * @param {object} options
   * @param {number} options.timeout  milliseconds that a call may take with all its repeats, beside what it asked the API to wait
   * @param {Record<string, string>} options.headers  of every request
   * @param {number} [options.answerWithin]  milliseconds
   * @param {() => number} [options.clock]  milliseconds
   * @param {(milliseconds: number, signal?: AbortSignal) => Promise<void>} [options.sleep]
   */
  constructor (url, { timeout, headers, answerWithin = ANSWER, clock = () => performance.now(), sleep: pause = sleepUnless }) {
    this.#url = addressOf(url)
    this.#timeout = timeout
    this.#headers = headers
    this.#http = this.#url.startsWith('https:') ? https : http
    this.#agent = new this.#http.Agent({ keepAlive: true, timeout: IDLE })
    this.#answerWithin = answerWithin
    this.#clock = clock
    this.#sleep = pause
  }

  /**
   * A successful answer. Throws ApiError: what the API said instead, or, with status 0, why it said nothing in time.
   * @param {Request} request
   * @returns {Promise<Answer>}
   */
  async call (request) {
    const deadline = this.#clock() + this.#timeout + (request.wait ?? 0)
    for (let tries = 1; ; tries++) {
      const { answer, failure } = await this.#try(request, deadline)
      request.signal?.throwIfAborted()
      if (answer !== undefined && !AGAIN.includes(answer.status)) return successOf(answer)
      const pause = pauseAfter(tries, answer?.retryAfter, Math.random())
      if (this.#clock() + pause >= deadline || IS_CERTIFICATE.test(failure?.code)) {
        throw answer === undefined ? this.#unreachable(tries, failure) : problemOf(answer)
      }
      await this.#sleep(pause, request.signal)
    }
  }

  /** Closes the connections that are kept; the next request makes new ones. */
  close () {
    this.#agent.destroy()
  }

  async #try (request, deadline) {
    const time = Math.max(10, Math.min(deadline - this.#clock(), this.#answerWithin + (request.wait ?? 0)))
    try {
      return { answer: await this.#exchange(request, time) }
    } catch (failure) {
      if (failure instanceof TypeError) throw failure // of a path or a header that cannot be sent: each time
      return { failure }
    }
  }

  /** @returns {Promise<Answer>} */
  #exchange ({ method, target, body, headers, signal }, time) {
    return new Promise((resolve, reject) => {
      const options = { method, agent: this.#agent, signal, headers: { ...this.#headers, ...headers } }
      if (body) options.headers['Content-Length'] = String(Buffer.byteLength(body))
      const request = this.#http.request(this.#url + target, options)
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${Math.round(time)} ms`)), time)
      request.on('close', () => clearTimeout(timer))
      request.on('error', reject) // of a body that was refused before it was sent: the answer may have come first
      request.on('response', (response) => readAll(response).then(resolve, reject))
      request.end(body ?? undefined)
    })
  }

  #unreachable (tries, failure) {
    const why = failure.message || failure.code || failure.name
    const hint = `tried ${tries} times; the API's address is the url, or CRONOBS_URL`
    return new ApiError(0, `could not ask ${shown(this.#url)}: ${why}`, { hint, cause: failure })
  }
}

async function sleepUnless (milliseconds, signal) {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch (error) {
    signal?.throwIfAborted() // by its own reason
    throw error
  }
}

function successOf (answer) {
  if (answer.status < 200 || answer.status > 299) throw problemOf(answer)
  return answer
}

/** @returns {Promise<Answer>} */
async function readAll (response) {
  const parts = []
  for await (const part of response) parts.push(part)
  return { status: response.statusCode, retryAfter: response.headers['retry-after'], body: Buffer.concat(parts).toString() }
}
