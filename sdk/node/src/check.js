/** What a record must keep to be run: of anything else nobody would take in what is said about it. Pure. */

import { Malformed } from './codec.js'

const TEXTS = ['task_key', 'project', 'zone', 'tzdata', 'content_type']
const TEXT_MAX = 200 // bytes
const PAYLOAD_MAX = 65_536
const LABELS_MAX = 32
const LABEL_MAX = 128 // bytes, name and value together
const ATTEMPT_MAX = 32_767

/**
 * Throws Malformed, with the reason.
 * @param {Record<string, any>} execution  an ExecutionCreated
 * @param {number} partitions  of `status`
 */
export function checkCreated (execution, partitions) {
  const partition = execution.status_partition
  if (partition < 0 || partition >= partitions) throw new Malformed(`its status_partition ${partition} does not exist`)
  check('attempt', execution.attempt, 1, ATTEMPT_MAX)
  check('max_attempts', execution.max_attempts, 0, ATTEMPT_MAX)
  check('payload bytes', execution.payload?.length ?? 0, 0, PAYLOAD_MAX)
  for (const name of TEXTS) {
    if (execution[name] !== null) check(`${name} bytes`, Buffer.byteLength(execution[name]), 0, TEXT_MAX)
  }
  checkLabels(Object.entries(execution.labels))
}

function checkLabels (labels) {
  check('labels', labels.length, 0, LABELS_MAX)
  for (const [name, value] of labels) {
    check(`bytes of label '${name.slice(0, 40)}'`, Buffer.byteLength(name) + Buffer.byteLength(value), 0, LABEL_MAX)
  }
}

function check (what, value, low, high) {
  if (value < low || value > high) throw new Malformed(`${what}: ${value} is outside ${low}-${high}`)
}
