import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kept } from '../../src/kept.ts';

const run = (id: string, status: string) => ({ execution_id: id, status, counts: { ok: 1 } });

test('what was read again and says the same is the same object', () => {
  const before = { items: [run('a', 'RUNNING'), run('b', 'FAILED')], next: 'x' };
  assert.equal(kept(before, structuredClone(before)), before);
  assert.equal(kept(undefined, before), before);
});

test('of what has changed the rest stays', () => {
  const before = { items: [run('a', 'RUNNING'), run('b', 'FAILED')] };
  const now = kept(before, { items: [run('a', 'SUCCEEDED'), run('b', 'FAILED')] });
  assert.deepEqual(now, { items: [run('a', 'SUCCEEDED'), run('b', 'FAILED')] });
  assert.notEqual(now.items[0], before.items[0]);
  assert.equal(now.items[0]!.counts, before.items[0]!.counts);
  assert.equal(now.items[1], before.items[1]);
});

test('an item that another was put before stays itself', () => {
  const before = { items: [run('a', 'RUNNING'), run('b', 'FAILED')] };
  const now = kept(before, { items: [run('c', 'PENDING'), run('a', 'RUNNING'), run('b', 'FAILED')] });
  assert.equal(now.items[1], before.items[0]);
  assert.equal(now.items[2], before.items[1]);
});

test('fields that came, went or became something else', () => {
  const cases: [unknown, unknown][] = [
    [{ a: 1 }, { a: 1, b: 2 }], [{ a: 1, b: 2 }, { a: 1 }], [{ a: [1] }, { a: { 0: 1 } }], [{ a: null }, { a: {} }], [{ a: {} }, { a: null }],
    [[1, 2], [2, 1]], [[1, 2, 2], [1, 2]], [[[1, 2]], [[1, 3]]], [[{ a: 1, b: 1 }, { a: 1, b: 2 }], [{ a: 1, b: 2 }, { a: 1, b: 1 }]], [{}, []], [1, 2], [{ a: 1 }, { b: 1 }],
  ];
  for (const [before, now] of cases) assert.deepEqual(kept(structuredClone(before), structuredClone(now)), now);
});
