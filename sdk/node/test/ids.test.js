/** Computed ids and partitions, against the cases that all implementations share. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { externalId, taskId } from '../src/ids.js'
import { murmur2, partitionOf } from '../src/placement.js'

const VECTORS = JSON.parse(readFileSync(new URL('../../../schemas/vectors.json', import.meta.url), 'utf8'))

test('the id of a task is computed as everywhere', () => {
  for (const { project, key, task_id: id } of VECTORS.tasks) assert.equal(taskId(project, key), id)
})

test('the id of a run that somebody else has started is computed as everywhere', () => {
  const cases = VECTORS.executions.filter((one) => one.kind === 'external')
  assert.ok(cases.length > 0)
  for (const one of cases) assert.equal(externalId(one.task_id, one.scheduled_at_us, one.nonce), one.execution_id)
})

test('the partition of a key is the one that all others choose', () => {
  for (const { key, murmur2: hash, partitions, partition } of VECTORS.partitions) {
    assert.equal(murmur2(Buffer.from(key)), hash)
    assert.equal(partitionOf(key, partitions), partition)
  }
})
