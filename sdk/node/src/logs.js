/** Logging: handlers' lines into the log of their execution, and the worker's own words to a logger. */

import { Writable } from 'node:stream'
import { format } from 'node:util'
import { current } from './job.js'
import { SettingError } from './settings.js'

const SAME_AFTER = 10_000 // milliseconds in which the same is said once
const REMEMBERED = 64 // texts

// --- handlers' lines ---

const CONSOLE = { debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' } // what the others are made of, too

let captures = 0
/** What stands behind each function of the console. @type {Map<string, { before: Function, now: Function }>} */
const captured = new Map()

/**
 * What a job says by the console from now on is also a line of its execution. It still comes where it came before.
 * @returns {() => void} ends it
 */
export function captureConsole () {
  if (captures++ === 0) for (const name of Object.keys(CONSOLE)) capture(name)
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    if (--captures === 0) for (const name of Object.keys(CONSOLE)) release(name)
  }
}

function capture (name) {
  const before = console[name]
  const now = (...args) => {
    const job = captures > 0 ? current.getStore() : undefined
    job?.log(format(...args), CONSOLE[name])
    return before.apply(console, args)
  }
  captured.set(name, { before, now })
  console[name] = now
}

/** Somebody else may have put a function of theirs before ours: then that stays, and ours does nothing. */
function release (name) {
  const { before, now } = captured.get(name) ?? {}
  if (console[name] === now) console[name] = before
}

/**
 * A stream that makes lines of what a logger writes in a job's context, JSON a line, as pino does:
 *
 *     const log = pino({}, pino.multistream([process.stdout, logStream()]))
 *
 * A line is the message (`msg`, `message`) with the other members behind it. A logger that writes from another thread, such as pino's
 * transports, loses the job.
 */
export function logStream () {
  return new Writable({
    decodeStrings: false,
    write (chunk, encoding, done) {
      const job = current.getStore()
      if (job !== undefined) {
        for (const { line, level } of String(chunk).split('\n').filter((text) => text !== '').map(told)) job.log(line, level)
      }
      done()
    }
  })
}

const NOT_SHOWN = new Set(['level', 'time', 'timestamp', 'pid', 'hostname', 'msg', 'message', 'v'])

/** Of a logger's line of JSON: what is shown, and how serious it is. Anything else is shown as it is. Pure. */
export function told (text) {
  const record = recordOf(text)
  if (record === null) return { line: text, level: 'INFO' }
  const message = String(record.msg ?? record.message ?? '')
  const others = Object.entries(record).filter(([name]) => !NOT_SHOWN.has(name))
  const members = others.filter(([, value]) => typeof value?.stack !== 'string').map(([name, value]) => `${name}=${shown(value)}`)
  const traces = others.filter(([, value]) => typeof value?.stack === 'string').map(([, value]) => value.stack)
  return { line: [[message, ...members].filter((part) => part !== '').join(' '), ...traces].join('\n'), level: levelOf(record.level) }
}

function recordOf (text) {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

function shown (value) {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}

/** Of pino's numbers and others' words. */
function levelOf (level) {
  const number = typeof level === 'number' ? level : NUMBERS.get(String(level).toLowerCase()) ?? 30
  if (number >= 50) return 'ERROR'
  if (number >= 40) return 'WARN'
  return number >= 30 ? 'INFO' : 'DEBUG'
}

const NUMBERS = new Map([['trace', 10], ['silly', 10], ['debug', 20], ['verbose', 20], ['warn', 40], ['warning', 40], ['error', 50], ['fatal', 60]])

// --- the worker's own words ---

/**
 * @typedef {object} Logger  the console is one, and so is pino
 * @property {(text: string) => void} debug
 * @property {(text: string) => void} info
 * @property {(text: string) => void} warn
 * @property {(text: string) => void} error
 */

const write = (level) => (text) => process.stderr.write(`cronobs ${level} ${text.replaceAll(/\s*\n\s*/g, ' ')}\n`)

/** Where a program has given none: a line each to standard error, but for DEBUG. @type {Logger} */
const STDERR = { debug () {}, info: write('INFO'), warn: write('WARN'), error: write('ERROR') }

/** Says each text once in ten seconds. */
export class Notices {
  #logger
  /** @type {Map<string, number>} */
  #said = new Map()

  /** Throws SettingError: it is no logger. @param {Logger} [logger] */
  constructor (logger = STDERR) {
    const wanting = ['debug', 'info', 'warn', 'error'].find((name) => typeof logger?.[name] !== 'function')
    if (wanting !== undefined) throw new SettingError(`logger: has no function '${wanting}'; give one with debug, info, warn and error, such as console`)
    this.#logger = logger
  }

  /**
   * @param {'DEBUG' | 'INFO' | 'WARN' | 'ERROR'} level
   * @param {string} text
   * @param {number} [now]  milliseconds of a clock that never jumps
   */
  say (level, text, now = performance.now()) {
    if (now < (this.#said.get(text) ?? -Infinity) + SAME_AFTER) return
    this.#said.delete(text)
    this.#said.set(text, now)
    if (this.#said.size > REMEMBERED) this.#said.delete(this.#said.keys().next().value)
    current.run(undefined, () => this.#logger[level.toLowerCase()](text)) // it is no job's line, whoever has caused it
  }
}
