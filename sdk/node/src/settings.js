/**
 * What a worker is told: one table, from which the arguments' checks, their errors and the page's table come.
 *
 * An argument counts before the environment, and that before the default; an empty variable is none. Durations are texts such as
 * `250ms`, `90s`, `1h30m` or `1d`; as an argument also a number of milliseconds.
 */

import { hostname } from 'node:os'

const QUEUE_NAME_MAX = 100
const NAME_MAX = 200 // bytes
const DAY = 86_400_000
const KAFKA_PREFIX = 'CRONOBS_KAFKA_'
const UNITS = new Map([['w', 7 * DAY], ['d', DAY], ['h', 3_600_000], ['m', 60_000], ['s', 1_000], ['ms', 1]])

/** A setting is wrong: the text names it, its value, the limit and the way out. */
export class SettingError extends Error {
  name = 'SettingError'
}

/**
 * @typedef {object} Setting
 * @property {string} name  of the argument
 * @property {string} variable  of the environment
 * @property {'text' | 'number' | 'duration' | 'map'} kind  durations are milliseconds
 * @property {string | null} fallback  as it would stand in the environment; null: there is none
 * @property {string} help
 * @property {number} [low]
 * @property {number} [high]
 */

/** @type {Setting[]} */
export const SETTINGS = [
  { name: 'queue', variable: 'CRONOBS_QUEUE', kind: 'text', fallback: null, help: 'The queue to work on. Required.' },
  { name: 'brokers', variable: 'CRONOBS_BROKERS', kind: 'text', fallback: '127.0.0.1:9092', help: 'Addresses of Kafka, HOST:PORT,...' },
  { name: 'topicPrefix', variable: 'CRONOBS_TOPIC_PREFIX', kind: 'text', fallback: 'cronobs.', help: 'What the names of all topics begin with.' },
  { name: 'concurrency', variable: 'CRONOBS_WORKER_CONCURRENCY', kind: 'number', fallback: '16', help: 'How many executions run at a time.', low: 1, high: 1000 },
  { name: 'group', variable: 'CRONOBS_WORKER_GROUP', kind: 'text', fallback: null, help: 'Consumer group; `<prefix less its dot>-work-<queue>` where none is given. All workers of a queue share it.' },
  { name: 'name', variable: 'CRONOBS_WORKER_NAME', kind: 'text', fallback: null, help: 'Who the worker is, shown in the history; `<host>/<process id>` where none is given.' },
  { name: 'instance', variable: 'CRONOBS_WORKER_INSTANCE', kind: 'text', fallback: null, help: 'Refused here: the Kafka client has no static members. Leave it out.' },
  { name: 'drain', variable: 'CRONOBS_WORKER_DRAIN', kind: 'duration', fallback: '25s', help: 'How long running handlers may go on after the first signal.', low: 0, high: DAY },
  { name: 'backlog', variable: 'CRONOBS_WORKER_BACKLOG', kind: 'duration', fallback: '1d', help: 'Where the group has no position, executions older than this are left alone.', low: 0, high: 36_600 * DAY },
  { name: 'sessionTimeout', variable: 'CRONOBS_KAFKA_SESSION_TIMEOUT', kind: 'duration', fallback: '10s', help: 'How long a silent worker keeps its partitions.', low: 1_000, high: 1_800_000 },
  { name: 'kafka', variable: 'CRONOBS_KAFKA_...', kind: 'map', fallback: null, help: 'Properties of the client: `security.protocol`, `sasl.*`, `ssl.*`; `CRONOBS_KAFKA_SASL_USERNAME` is `sasl.username`.' },
  { name: 'url', variable: 'CRONOBS_URL', kind: 'text', fallback: 'http://127.0.0.1:8080', help: 'The API, for `ensure` of `observe`.' }
]

/** Properties of `kafka` that a setting says. */
const SAID_BY = new Map([
  ['bootstrap.servers', 'brokers'], ['metadata.broker.list', 'brokers'], ['group.id', 'group'], ['group.instance.id', 'instance'],
  ['client.id', 'name'], ['session.timeout.ms', 'sessionTimeout']
])

/** Those that all workers of a queue must agree on. */
const FIXED = new Set([
  'isolation.level', 'enable.auto.commit', 'auto.offset.reset', 'allow.auto.create.topics', 'group.protocol', 'partition.assignment.strategy',
  'heartbeat.interval.ms', 'enable.idempotence', 'acks', 'request.required.acks', 'transactional.id', 'partitioner'
])

/**
 * @typedef {object} Settings of one worker, checked. Plain values; durations are milliseconds
 * @property {string} queue
 * @property {string} brokers
 * @property {string} topicPrefix
 * @property {number} concurrency
 * @property {string} group
 * @property {string} name
 * @property {null} instance
 * @property {number} drain
 * @property {number} backlog
 * @property {number} sessionTimeout
 * @property {string} url
 * @property {Record<string, string>} kafka  may hold a password
 */

/**
 * Milliseconds; null: it is no duration.
 * @param {string} text
 */
export function parseDuration (text) {
  if (text === '0') return 0
  if (!/^([0-9]+(ms|[wdhms]))+$/.test(text)) return null
  let total = 0
  for (const [, number, unit] of text.matchAll(/([0-9]+)(ms|[wdhms])/g)) total += Number(number) * (UNITS.get(unit) ?? 0)
  return total
}

/**
 * The shortest text that means the same, up to days.
 * @param {number} milliseconds  a whole number
 */
export function durationText (milliseconds) {
  let text = ''
  let left = milliseconds
  for (const [unit, size] of UNITS) {
    if (unit === 'w' || left < size) continue
    text += `${Math.floor(left / size)}${unit}`
    left %= size
  }
  return text || '0s'
}

/**
 * The settings of a worker. Throws SettingError.
 * @param {Record<string, any>} args
 * @param {Record<string, string | undefined>} env
 * @returns {Settings}
 */
export function resolve (args, env = process.env) {
  checkNames(args)
  const values = /** @type {any} */ ({})
  for (const setting of SETTINGS) values[setting.name] = setting.kind === 'map' ? kafkaOf(args.kafka, env) : valueOf(setting, args[setting.name], env)
  checkQueue(values.queue)
  if (/[@=]/.test(values.brokers)) {
    throw new SettingError('brokers: names and passwords do not belong there; give sasl.username and sasl.password in kafka')
  }
  if (values.instance !== null) {
    throw new SettingError(`instance: '${values.instance}' cannot be heeded, the Kafka client of Node.js has no static members; leave it out`)
  }
  values.group ??= `${values.topicPrefix.replace(/\.$/, '')}-work-${values.queue}`
  values.name ??= `${hostname() || 'localhost'}/${process.pid}`
  const size = Buffer.byteLength(values.name)
  if (size > NAME_MAX) throw new SettingError(`name: has ${size} bytes, the limit is ${NAME_MAX}`)
  return values
}

function checkNames (args) {
  const names = SETTINGS.map((setting) => setting.name)
  const other = Object.keys(args).find((name) => !names.includes(name))
  if (other !== undefined) throw new SettingError(`${other}: there is no such setting; there are ${names.join(', ')}`)
}

function valueOf (setting, argument, env) {
  const given = [[argument, setting.name], [env[setting.variable] || undefined, setting.variable], [setting.fallback, setting.name]]
  const [value, where] = given.find(([value]) => value !== undefined && value !== null) ?? [null, '']
  return value === null ? null : READERS[setting.kind](setting, value, where)
}

const READERS = {
  text (setting, given, where) {
    if (typeof given !== 'string') throw new SettingError(`${where}: ${shown(given)} is not a text`)
    return given
  },

  number (setting, given, where) {
    const number = typeof given === 'string' && /^ *[+-]?[0-9]+ *$/.test(given) ? Number(given) : given
    const { low, high } = setting
    if (!Number.isInteger(number)) throw new SettingError(`${where}: '${shown(given)}' is not a whole number; give one from ${low} to ${high}`)
    if (number < low || number > high) throw new SettingError(`${where}: ${number} is outside ${low}-${high}`)
    return number
  },

  duration (setting, given, where) {
    const value = typeof given === 'string' ? parseDuration(given) : given
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw new SettingError(`${where}: '${shown(given)}' is not a duration like 250ms, 90s, 1h30m or 1d`)
    }
    const { low, high } = setting
    const unit = typeof given === 'number' ? ' ms' : ''
    if (value < low || value > high) throw new SettingError(`${where}: ${given}${unit} is outside ${durationText(low)}-${durationText(high)}`)
    return Math.floor(value)
  }
}

function shown (value) {
  return String(typeof value === 'object' ? JSON.stringify(value) : value).slice(0, 60)
}

function kafkaOf (argument, env) {
  const variables = SETTINGS.map((setting) => setting.variable)
  const found = /** @type {Record<string, string>} */ ({})
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(KAFKA_PREFIX) || variables.includes(name) || !value) continue
    found[name.slice(KAFKA_PREFIX.length).toLowerCase().replaceAll('_', '.')] = value
  }
  if (argument !== undefined && argument !== null) addProperties(found, argument)
  for (const name of Object.keys(found)) checkProperty(name)
  return found
}

function addProperties (found, argument) {
  if (typeof argument !== 'object' || Array.isArray(argument)) {
    throw new SettingError("kafka: is not a map of client properties, such as { 'security.protocol': 'SSL' }")
  }
  for (const [name, value] of Object.entries(argument)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw new SettingError(`kafka: the property '${name}' has no text or number as its value`)
    found[name] = String(value)
  }
}

function checkProperty (name) {
  const instead = SAID_BY.get(name)
  if (instead !== undefined) throw new SettingError(`kafka: the property '${name}' may not be set; give the setting ${instead}`)
  if (FIXED.has(name)) throw new SettingError(`kafka: the property '${name}' may not be set; leave it out: all workers of a queue depend on it`)
}

function checkQueue (queue) {
  if (queue === null) throw new SettingError("queue: none given; set CRONOBS_QUEUE, or new Worker({ queue: 'reports' })")
  if (queue.length > QUEUE_NAME_MAX) {
    throw new SettingError(`queue: '${queue.slice(0, 40)}...' has ${queue.length} characters, the limit is ${QUEUE_NAME_MAX}`)
  }
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(queue)) {
    throw new SettingError(`queue: '${queue}' must be of a-z 0-9 . _ - and begin with a-z or 0-9`)
  }
}
