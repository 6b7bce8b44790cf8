import './browser.ts';
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { isRefused, resource, type Answer } from '../../src/api.ts';

test('what nobody looks at is forgotten after a while, what is looked at never', () => {
  mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const left = resource('/v1/upcoming?from=12:00');
  const seen = resource('/v1/summary');
  seen.users++;
  mock.timers.tick(299_000);
  resource('/v1/upcoming?from=12:05');
  assert.equal(resource('/v1/upcoming?from=12:00'), left);
  mock.timers.tick(301_000);
  resource('/v1/upcoming?from=12:10');
  assert.notEqual(resource('/v1/upcoming?from=12:00'), left);
  assert.equal(resource('/v1/summary'), seen);
});

test('of what nobody looks at about sixty are kept', () => {
  const first = resource('/v1/x?0');
  for (let n = 1; n < 60; n++) resource(`/v1/x?${n}`);
  assert.equal(resource('/v1/x?0'), first);
  for (let n = 64; n < 128; n++) resource(`/v1/x?${n}`);
  assert.notEqual(resource('/v1/x?0'), first);
});

test('a refusal is the end of a key, and no answer is not', () => {
  const answered = (status: number): Answer<unknown> => ({ ok: status >= 200 && status < 300, status, headers: new Headers() });
  for (const status of [400, 404, 409, 412, 422]) assert.ok(isRefused(answered(status)), String(status));
  for (const status of [0, 200, 201, 202, 500, 502, 503, 504]) assert.ok(!isRefused(answered(status)), String(status));
});
