import assert from 'node:assert/strict';
import { test } from 'node:test';
import { about, bytes, count, counted, offsetText, percent, relative, rfc3339, span, when } from '../../src/time.ts';
import { utc, type Zone } from '../../src/zone.ts';

const H = 3_600_000;
const kathmandu: Zone = { name: 'Asia/Kathmandu', spans: [{ from: -Infinity, offset: 5.75 * H }] };
const at = Date.parse('2027-03-28T12:20:05.241Z');

test('how long something took', () => {
  const cases: [number, string][] = [[0, '0 ms'], [310, '310 ms'], [999.4, '999 ms'], [1000, '1.0 s'], [6149, '6.1 s'], [59_999, '59.9 s'], [60_000, '1:00'], [452_000, '7:32'],
    [3_599_999, '59:59'], [3_723_000, '1:02:03'], [86_399_000, '23:59:59'], [273_600_000, '3 d 4 h'], [86_400_000, '1 d'], [-6100, '−6.1 s'], [NaN, '']];
  for (const [ms, text] of cases) assert.equal(span(ms), text);
});

test('about how long, and on which side of now', () => {
  const cases: [number, string][] = [[28_400, '28 s'], [59_600, '1 min'], [6 * 60_000, '6 min'], [107 * 60_000, '1 h 47 min'], [2 * H, '2 h'], [80 * H, '3 d']];
  for (const [ms, text] of cases) assert.equal(about(ms), text);
  assert.equal(relative(1000, 29_000), '28 s ago');
  assert.equal(relative(29_000, 1000), 'in 28 s');
});

test('instants: short today, with the date on another day, with the year in another year', () => {
  assert.equal(when(utc, at, at), '12:20:05');
  assert.equal(when(utc, Date.parse('2027-03-28T12:20:00Z'), at), '12:20');
  assert.equal(when(utc, Date.parse('2027-03-27T12:20:00Z'), at), 'Sat 27 Mar, 12:20');
  assert.equal(when(utc, Date.parse('2026-03-27T12:20:00Z'), at), 'Fri 27 Mar 2026, 12:20');
  assert.equal(when(kathmandu, Date.parse('2027-03-28T18:30:00Z'), at), 'Mon 29 Mar, 00:15');
});

test('RFC 3339 and offsets', () => {
  assert.equal(rfc3339(utc, at), '2027-03-28T12:20:05.241Z');
  assert.equal(rfc3339(kathmandu, at), '2027-03-28T18:05:05.241+05:45');
  assert.equal(Date.parse(rfc3339(kathmandu, at)), at);
  assert.equal(offsetText(-9.5 * H), '−09:30');
  assert.equal(offsetText(-(36 * 60 + 36) * 1000), '−00:36:36'); // before standard time
});

test('numbers: nothing is rounded up to all or down to none', () => {
  assert.equal(count(1_204_315), '1,204,315');
  assert.equal(count(999), '999');
  assert.equal(counted(1, 'run'), '1 run');
  assert.equal(counted(0, 'run'), '0 runs');
  assert.equal(percent(9999, 10_000), '99.99 %');
  assert.equal(percent(99_999_999, 100_000_000), '> 99.99 %');
  assert.equal(percent(1, 100_000_000), '< 0.01 %');
  assert.equal(percent(5, 5), '100 %');
  assert.equal(percent(0, 0), '–');
  assert.equal(bytes(118), '118 bytes');
  assert.equal(bytes(65_536), '64.0 KiB');
});
