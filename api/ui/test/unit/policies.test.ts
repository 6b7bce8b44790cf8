import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelOf, policies, readFollower, valueInWords, withValue, writeFollower } from '../../src/edit/policies.ts';
import { toSend, type Spec } from '../../src/edit/draft.ts';

const words = (spec: Spec): Record<string, string> => Object.fromEntries(policies(spec));

test('each policy is said in words', () => {
  assert.deepEqual(words({}), { 'When another run is under way': 'both run', 'When it fails': 'it is not tried again' });
  assert.deepEqual(words({
    overlap: 'QUEUE_ALL', max_concurrency: 2, finish_by_ms: 7_200_000, pause_after_failures: 3, heartbeat_ms: 30_000, misfire: { policy: 'ALL', limit: 10 },
    retry: { max_attempts: 3, first_delay_ms: 60_000, max_delay_ms: 3_600_000, multiplier: 2, jitter_ms: 5000, on: 'FAILED,LOST' }, then: [{ project: 'p', task: 'next', on: 'SUCCEEDED' }, { task: 'own', on: 'ENDED' }],
  } as Spec), {
    'When another run is under way': 'the new ones wait', 'Runs at a time': '2', 'Finish by': '2 h', 'Pause after failures': '3', Heartbeat: '30 s', 'When nobody was there to fire': 'make up for all, up to 10',
    'When it fails': 'up to 3 attempts after failing or being lost: the second after 1 min, each further wait 2 times as long, 1 h at most, and up to 5 s more', 'When it succeeds': 'p~next runs', 'When it ends': 'own runs',
  });
});

test('a task with one attempt says nothing of waits when it is sent, and keeps them while somebody types', () => {
  const spec = { retry: { max_attempts: 3, first_delay_ms: 300_000, on: 'FAILED' } } as Spec;
  const typed = (value: unknown, before = spec): Spec => ({ ...before, ...withValue(before, 'retry/max_attempts', value) });
  for (const one of [typed(1), typed(0), typed(undefined), typed(undefined, {})]) assert.deepEqual(toSend(one), {});
  for (const ten of [typed(10, typed(1)), typed(10, typed(undefined))]) assert.deepEqual(toSend(ten), { retry: { max_attempts: 10, first_delay_ms: 300_000, on: 'FAILED' } });
  for (const wrong of [{ max_attempts: -1 }, { first_delay_ms: 5 }]) assert.deepEqual(toSend({ retry: wrong } as Spec), { retry: wrong }, 'what is wrong is for the server to say');
  assert.deepEqual(withValue({}, 'retry/max_attempts', 3), { retry: { max_attempts: 3 } });
  assert.deepEqual(withValue({ retry: { max_attempts: 3 } } as Spec, 'retry/on', 'LOST'), { retry: { max_attempts: 3, on: 'LOST' } });
  assert.deepEqual(withValue({}, 'finish_by_ms', 5), { finish_by_ms: 5 });
});

test('a change of a policy is said with its name and its unit', () => {
  assert.deepEqual([labelOf('/retry/max_attempts'), valueInWords('/retry/max_attempts', 3)], ['Attempts', '3']);
  assert.deepEqual([labelOf('/finish_by_ms'), valueInWords('/finish_by_ms', 90_000), valueInWords('/finish_by_ms', 0)], ['Finish by', '90 s', 'none']);
  assert.deepEqual([labelOf('/payload'), valueInWords('/payload', 'x')], [undefined, undefined]);
});

test('a task that follows is named by its key, or with its project', () => {
  for (const text of ['key', 'p~key', 'p~', '', '~', '~key', 'a~b~c', 'a~~c']) assert.equal(writeFollower(readFollower(text, 'ENDED')), text);
  assert.deepEqual(readFollower('a~b~c', 'FAILED'), { project: 'a', task: 'b~c', on: 'FAILED' }, 'the server refuses it');
  assert.deepEqual(readFollower(' p~key ', 'FAILED'), { project: 'p', task: 'key', on: 'FAILED' });
});
