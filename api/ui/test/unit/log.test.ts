import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, fold, formatted } from '../../src/log/fold.ts';
import { PAGE, pageOf, readLines, Ring, scale, type Line } from '../../src/log/ring.ts';

const line = (seq: number, message = `line ${seq}`): Line => ({ attempt: 1, writer: 'w', seq, at: '', level: 'INFO', stream: 'STDOUT', message });
const lines = (from: number, to: number): Line[] => Array.from({ length: to - from + 1 }, (_, i) => line(from + i));

test('a line that was written over shows what it last said', () => {
  assert.deepEqual(fold('10%\r20%\r30%'), { text: '30%', before: ['10%', '20%'] });
  assert.deepEqual(fold('done\r'), { text: 'done', before: [] });
  assert.deepEqual(fold('plain'), { text: 'plain', before: [] });
  assert.deepEqual(fold('\r\r'), { text: '', before: [] });
});

test('a long message is cut, never within a letter', () => {
  assert.deepEqual(cut('x'.repeat(5000)), { text: 'x'.repeat(4096), more: 904 });
  assert.equal(cut(`${'x'.repeat(4095)}👍y`).text, 'x'.repeat(4095));
});

test('JSON is put in lines, anything else is not', () => {
  assert.equal(formatted('{"a":1}'), '{\n  "a": 1\n}');
  assert.equal(formatted(' [1] '), '[\n  1\n]');
  for (const text of ['{a:1}', 'text', '5', '"x"', '']) assert.equal(formatted(text), undefined);
});

test('lines are found by their numbers, and what never arrived is told from what is not at hand', () => {
  const ring = new Ring();
  ring.put([line(501), line(503)], 501, 1000);
  assert.equal((ring.at(501) as Line).message, 'line 501');
  assert.equal(ring.at(502), 'missing');
  assert.equal(ring.at(1000), 'missing');
  assert.equal(ring.at(1001), undefined);
  assert.equal(ring.at(1), undefined);
});

test('lines that are told one after the other go on a page that was read', () => {
  const ring = new Ring();
  ring.put(lines(1, 3), 1, 3);
  assert.equal(ring.at(4), undefined);
  ring.put(lines(4, 5), 4, 5);
  ring.put(lines(4, 5), 4, 5); // told twice
  assert.equal((ring.at(5) as Line).seq, 5);
  assert.equal(ring.at(6), undefined);
  ring.put(lines(9, 9), 9, 9); // 6 to 8 are not known yet
  assert.equal(ring.at(7), undefined);
  assert.equal(ring.size, 6);
});

test('no more than 20,000 lines or 8 MiB are held', () => {
  const ring = new Ring();
  for (let p = 0; p < 100; p++) ring.put(lines(p * PAGE + 1, (p + 1) * PAGE), p * PAGE + 1, (p + 1) * PAGE);
  assert.ok(ring.size <= 20_000);
  assert.equal(ring.at(1), undefined);
  assert.equal((ring.at(100 * PAGE) as Line).seq, 100 * PAGE);
  const wide = new Ring();
  for (let seq = 1; seq < 20_000; seq += PAGE) wide.put([line(seq, 'x'.repeat(1 << 20))], seq, seq);
  assert.ok(wide.size <= 5);
  assert.equal(pageOf(500), 0);
  assert.equal(pageOf(501), 1);
});

test('lines of an address', () => {
  assert.deepEqual(readLines('812'), { from: 812, to: 812 });
  assert.deepEqual(readLines('840-812'), { from: 812, to: 840 });
  for (const text of ['', '0', '-5', 'x', '1-', '1.5']) assert.equal(readLines(text), undefined);
});

test('rows keep their places, and no more is scrolled than a browser can', () => {
  const small = scale(1000, 20, 600);
  assert.equal(small.height, 20_000);
  assert.equal(small.rowAt(200), 10);
  assert.equal(small.topOf(10), 200);
  const large = scale(1_204_315, 20, 600);
  assert.equal(large.height, 8_000_000);
  for (const row of [0, 1, 700_000, 1_204_284]) assert.ok(Math.abs(large.rowAt(large.topOf(row)) - row) < 0.01);
  assert.ok(Math.abs(large.rowAt(8_000_000 - 600) - (1_204_315 - 30)) < 0.01); // the end is the end
});
