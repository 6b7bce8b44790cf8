import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diff } from '../../src/diff.ts';
import { readDuration, readLabels, toSend, withCommand, commandOf, writeDuration, writeLabels } from '../../src/edit/draft.ts';
import { parser, type Event } from '../../src/sse.ts';
import { statuses } from '../../src/status.ts';
import { attemptsOf } from '../../src/ui/attempt.ts';
import { byMinute, laterThan, stepsOf, tasksOf } from '../../src/ui/coming.ts';
import { lanesOf } from '../../src/ui/lanes.ts';
import { addMonths, dayNumber, monthOf, move, weekday, weekNumber, weeks } from '../../src/ui/month.ts';
import { inWords, layout } from '../../src/ui/steps.ts';
import { dayRead, dayText } from '../../src/zone.ts';

test('months: whole weeks, ISO numbers, the last of a shorter month', () => {
  const page = weeks({ year: 2027, month: 3 });
  assert.equal(dayText(page[0]![0]!), '2027-03-01');
  assert.equal(dayText(page[page.length - 1]![6]!), '2027-04-04');
  assert.equal(weeks({ year: 2027, month: 8 }).length, 6);
  assert.equal(weeks({ year: 2027, month: 2 }).length, 4);
  assert.equal(weekNumber(dayRead('2027-01-04')), 1);
  assert.equal(weekNumber(dayRead('2026-12-28')), 53);
  assert.equal(dayText(addMonths(dayRead('2027-01-31'), 1)), '2027-02-28');
  assert.equal(dayText(addMonths(dayRead('2028-02-29'), 12)), '2029-02-28');
  assert.equal(dayText(addMonths(dayRead('2027-01-15'), -1)), '2026-12-15');
  assert.equal(weekday(dayNumber(1969, 12, 31)), 2);
  assert.deepEqual(monthOf(dayRead('2027-12-31')), { year: 2027, month: 12 });
});

test('keys of the date grid', () => {
  const from = dayRead('2027-03-31'); // a Wednesday
  const to = (key: string, shift = false): string => dayText(move(key, shift, from)!);
  assert.equal(to('ArrowLeft'), '2027-03-30');
  assert.equal(to('ArrowDown'), '2027-04-07');
  assert.equal(to('Home'), '2027-03-29');
  assert.equal(to('End'), '2027-04-04');
  assert.equal(to('PageUp'), '2027-02-28');
  assert.equal(to('PageDown', true), '2028-03-31');
  assert.equal(move('x', false, from), undefined);
});

test('one failure in ten thousand is seen', () => {
  const every = 900_000;
  const frame = { width: 1000, axis: 92, below: 38 };
  const bars = layout([{ from: 0, counts: { SUCCEEDED: 9999, FAILED: 1 } }, { from: every, counts: { SUCCEEDED: 10_000 } }], 0, 96 * every, every, frame);
  const bad = bars.filter((b) => b.kind === 'bad');
  assert.equal(bad.length, 1);
  assert.ok(bad[0]!.height >= 2 && bad[0]!.y > frame.axis);
  for (const b of bars) assert.ok(b.y >= 0 && b.y + b.height <= frame.axis + frame.below + 4, JSON.stringify(b));
});

test('runs that overlap lie in lanes', () => {
  assert.deepEqual(lanesOf([{ from: 0, to: 10 }, { from: 5, to: 8 }, { from: 9, to: 12 }, { from: 10, to: 11 }], 4), [0, 1, 1, 0]);
  assert.deepEqual(lanesOf([{ from: 0, to: 9 }, { from: 1, to: 9 }, { from: 2, to: 9 }], 2), [0, 1, 1]);
});

test('what differs, by pointer', () => {
  assert.deepEqual(diff({ a: 1, b: { 'c/d': [1, 2] } }, { a: 1, b: { 'c/d': [1, 3, 4] }, e: null }), [
    { pointer: '/b/c~1d/1', from: 2, to: 3 }, { pointer: '/b/c~1d/2', from: undefined, to: 4 }, { pointer: '/e', from: undefined, to: null },
  ]);
  assert.deepEqual(diff({ x: [1] }, { x: [1] }), []);
});

test('events out of pieces cut anywhere', () => {
  const text = ': a comment\n\nevent: hello\ndata: {"a":1}\n\ndata: two\r\ndata: lines\r\n\r\nevent: none\n\nid: 5\nretry: 9\ndata\n\n';
  const wanted: Event[] = [{ event: 'hello', data: '{"a":1}' }, { event: 'message', data: 'two\nlines' }, { event: 'message', data: '' }];
  for (let size = 1; size < text.length; size++) {
    const got: Event[] = [];
    const take = parser((e) => got.push(e));
    for (let at = 0; at < text.length; at += size) take(text.slice(at, at + size));
    assert.deepEqual(got, wanted, `pieces of ${size}`);
  }
});

test('durations and labels as people write them', () => {
  const cases: [string, number | undefined][] = [['', undefined], ['90 s', 90_000], ['90', 90_000], ['5min', 300_000], ['5 m', 300_000], ['1.5 h', 5_400_000], ['2 d', 172_800_000], ['250 ms', 250]];
  for (const [text, ms] of cases) assert.equal(readDuration(text), ms, text);
  for (const text of ['x', '5 weeks', '-1 s', '1 2 s']) assert.ok(Number.isNaN(readDuration(text)), text);
  for (const ms of [250, 90_000, 300_000, 5_400_000, 172_800_000]) assert.equal(readDuration(writeDuration(ms)), ms);
  assert.deepEqual(readLabels('a=1\n b = x=y \n\nc'), { a: '1', b: 'x=y', c: '' });
  assert.equal(writeLabels({ a: '1', b: '' }), 'a=1\nb=');
});

test('a draft sends what it says and keeps what surrounds a command', () => {
  assert.deepEqual(toSend({ title: '', queue: 'q', key: 'k', schedules: [], labels: {}, window: { from: '' }, jitter_ms: 0 }), { queue: 'q', schedules: [], jitter_ms: 0 });
  const spec = withCommand({ content_type: 'application/vnd.cronobs.command+json', payload: '{"command":"a","env":{"X":"1"},"shell":"/bin/bash"}' }, 'b');
  assert.equal(commandOf(spec), 'b');
  assert.deepEqual(JSON.parse(spec.payload!), { command: 'b', env: { X: '1' }, shell: '/bin/bash' });
});

test('upcoming: minute by minute, and on from an instant of the list that is still to come', () => {
  const at = (text: string) => ({ task_id: text, project: 'p', key: 'k', scheduled_at: text, due_at: text, local: text, zone: 'UTC', dst: 'NONE' });
  const items = ['2026-11-29T10:00:05Z', '2026-11-29T10:00:50Z', '2026-11-29T10:01:00Z'].map(at);
  assert.deepEqual(byMinute(items).map(([minute, of]) => [new Date(minute).toISOString(), of.length]), [['2026-11-29T10:00:00.000Z', 2], ['2026-11-29T10:01:00.000Z', 1]]);
  const now = Date.parse('2026-11-29T10:00:00Z');
  assert.equal(laterThan('2026-11-29T10:30:00Z', now), now + 1_800_000);
  for (const text of ['2026-11-29T09:00:00Z', '2026-11-30', 'T', '']) assert.equal(laterThan(text, now), 0);
});

test('upcoming: what will be skipped is no planned run, and its task is named first', () => {
  const at = (task_id: string, skip?: object) => ({ task_id, due_at: '2026-11-29T10:00:00Z', skip });
  const items = [at('a'), at('b'), at('b', {}), at('c'), at('a')];
  assert.deepEqual(tasksOf(items).map((i) => [i.task_id, i.skip !== undefined]), [['b', true], ['a', false], ['c', false]]);
  assert.deepEqual(stepsOf(items).map((s) => s.counts), [{ PLANNED: 4, SKIPPING: 1 }]);
  assert.equal(inWords({ PLANNED: 4, SKIPPING: 1 }), '4 planned, 1 will be skipped');
  assert.ok(!statuses.includes('SKIPPING'));
});

test('what is planned is outlined above the line, and is no run that was left out', () => {
  const bars = layout([{ from: 0, counts: { PLANNED: 3, SKIPPED: 1 } }], 0, 1000, 1000, { width: 100, axis: 50, below: 20 });
  assert.deepEqual(bars.map((b) => b.kind).sort(), ['idle', 'planned']);
  assert.ok(bars.every((b) => b.y + b.height === 50));
});

test('attempts: from and to are the broker\'s, whatever clock a worker has', () => {
  const report = (status: string, occurred_at: string, received_at: string) => ({ status, occurred_at, received_at, attempt: 1, moved: true });
  const [attempt] = attemptsOf([
    report('RUNNING', '2026-11-30T11:00:00Z', '2026-11-30T12:00:00Z'),
    report('SUCCEEDED', '2026-11-30T11:00:09Z', '2026-11-30T12:00:01Z'),
  ]);
  assert.equal(attempt!.from, Date.parse('2026-11-30T12:00:00Z'));
  assert.equal(attempt!.to, Date.parse('2026-11-30T12:00:01Z'));
});
