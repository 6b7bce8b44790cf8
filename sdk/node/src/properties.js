/** What the topics are called, and the properties of the Kafka client, under the names that other clients have for them. */
import { readFileSync } from 'node:fs'

import { SettingError } from './settings.js'

export function topicsOf ({ topicPrefix, queue }) {
  return {
    queue: `${topicPrefix}executions.${queue}`,
    status: `${topicPrefix}status`,
    logs: `${topicPrefix}logs`,
    heartbeats: `${topicPrefix}heartbeats`,
    control: `${topicPrefix}control`
  }
}

const PROTOCOL = 'security.protocol'
const MECHANISM = 'sasl.mechanism'
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
const AUTHORITIES = 'ssl.ca.location'
const CERTIFICATE = 'ssl.certificate.location'
const KEY = 'ssl.key.location'

/** All that `kafka` may have. */
export const PROPERTIES = [PROTOCOL, MECHANISM, 'sasl.mechanisms', 'sasl.username', 'sasl.password', AUTHORITIES, CERTIFICATE, KEY, 'ssl.key.password']

/** What the client needs to be let in: {ssl, sasl}. Throws SettingError. */
export function securityOf (kafka) {
  const other = Object.keys(kafka).find(name => !PROPERTIES.includes(name))
  if (other !== undefined) throw new SettingError(`kafka: there is no property '${other}'; there are ${PROPERTIES.join(', ')}`)
  const protocol = (kafka[PROTOCOL] ?? 'PLAINTEXT').toUpperCase()
  if (!['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].includes(protocol)) {
    throw new SettingError(`kafka: ${PROTOCOL}: '${protocol}' is none of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL`)
  }
  return {
    ssl: protocol.endsWith('SSL') ? tlsOf(kafka) : null,
    sasl: protocol.startsWith('SASL_') ? loginOf(kafka) : null
  }
}

function loginOf (kafka) {
  const mechanism = kafka[MECHANISM] ?? kafka['sasl.mechanisms'] ?? 'PLAIN'
  if (!MECHANISMS.includes(mechanism)) throw new SettingError(`kafka: ${MECHANISM}: '${mechanism}' is none of ${MECHANISMS.join(', ')}`)
  const { 'sasl.username': username, 'sasl.password': password } = kafka
  if (!username || !password) throw new SettingError(`kafka: ${PROTOCOL} needs sasl.username and sasl.password`)
  return { mechanism, username, password }
}

function tlsOf (kafka) {
  if ((kafka[CERTIFICATE] === undefined) !== (kafka[KEY] === undefined)) throw new SettingError(`kafka: ${CERTIFICATE} and ${KEY} go together`)
  const given = {
    ca: fileOf(kafka, AUTHORITIES),
    cert: fileOf(kafka, CERTIFICATE),
    key: fileOf(kafka, KEY),
    passphrase: kafka['ssl.key.password']
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function fileOf (kafka, name) {
  if (kafka[name] === undefined) return undefined
  try {
    return readFileSync(kafka[name])
  } catch (error) {
    throw new SettingError(`kafka: ${name}: ${error.message}`)
  }
}

/** [{host, port}]. Throws SettingError. */
export function addressesOf (brokers) {
  return brokers.split(',').map(text => {
    const [, host, port] = /^\s*\[?(.+?)\]?:([0-9]{1,5})\s*$/.exec(text) ?? []
    if (host === undefined || Number(port) > 65_535) throw new SettingError(`brokers: '${text.trim()}' is no address; give HOST:PORT,...`)
    return { host, port: Number(port) }
  })
}
