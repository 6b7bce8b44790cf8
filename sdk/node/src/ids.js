/** Ids that are computed, so that the same thing has the same id everywhere: schemas/README.md, "Identity". Pure. */

import { createHash } from 'node:crypto'

const NAMESPACE = '4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11'

/**
 * Of the task `key` in a project.
 * @param {string} project
 * @param {string} key
 */
export function taskId (project, key) {
  return textOf(version5(textOf(version5(NAMESPACE, `project/${project}`)), `task/${key}`))
}

/**
 * Of an execution that somebody else has started, at that instant.
 * @param {string} task  its id
 * @param {number} scheduledAt  microseconds
 * @param {string} nonce  a random UUID
 */
export function externalId (task, scheduledAt, nonce) {
  const made = version5(task, `${scheduledAt}/external/${nonce}`)
  made.writeUIntBE(Number(BigInt.asUintN(48, BigInt(Math.floor(scheduledAt / 1000)))), 0, 6)
  made[6] = (made[6] & 0x0f) | 0x80
  return textOf(made)
}

/** The UUID of a name in a namespace: version 5, SHA-1. @returns {Buffer} 16 bytes */
function version5 (namespace, name) {
  const made = createHash('sha1').update(Buffer.from(namespace.replaceAll('-', ''), 'hex')).update(name).digest().subarray(0, 16)
  made[6] = (made[6] & 0x0f) | 0x50
  made[8] = (made[8] & 0x3f) | 0x80
  return made
}

function textOf (bytes) {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
