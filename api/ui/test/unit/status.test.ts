import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOpen, isOver } from '../../src/status.ts';

test('a run that failed and is tried again is not over', () => {
  const at = '2026-11-30T04:12:00Z';
  const told = (status: string, next_attempt_at?: string): boolean[] => [isOpen({ status, next_attempt_at }), isOver({ status, next_attempt_at })];
  for (const status of ['PENDING', 'WAITING', 'RUNNING', 'RETRYING', 'CANCELLING']) assert.deepEqual(told(status), [true, false], status);
  for (const status of ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'LOST', 'MISSED', 'SKIPPED', 'CANCELLED']) assert.deepEqual(told(status), [false, true], status);
  for (const status of ['FAILED', 'TIMED_OUT', 'LOST']) assert.deepEqual(told(status, at), [true, false], `${status}, tried again`);
  assert.deepEqual(told('NEW_IN_A_LATER_VERSION'), [false, false], 'nobody knows');
});
