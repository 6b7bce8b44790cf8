import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, fold, formatted } from '../../src/log/fold.ts';
import { Folds } from '../../src/log/folds.ts';
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

/** Rows as they are shown, of lines by their row. */
function foldsOf(list: (Line | undefined)[]): { folds: Folds; texts: () => string[] } {
  const folds = new Folds((row) => list[row] ?? (row < list.length ? 'missing' : undefined));
  folds.look(0, pageOf(list.length), true);
  const shown = (): number => list.length - folds.before(Infinity);
  return { folds, texts: () => Array.from({ length: shown() }, (_, n) => { const at = folds.at(folds.nth(n)); return typeof at === 'object' ? at.message : String(at); }) };
}

test('a bar in many records, and a line in pieces, are one row', () => {
  const piece = (seq: number, message: string): Line => ({ ...line(seq, message), unfinished: true });
  const { folds, texts } = foldsOf([line(1), line(2, '10%\r'), line(3, '20%\r'), line(4, '100%'), piece(5, 'Pass'), line(6, 'word: '), line(7, 'last\r')]);
  assert.deepEqual(texts(), ['line 1', '10%\r20%\r100%', 'Password: ', 'last\r']);
  assert.equal((folds.at(3) as { first: number }).first, 2);
  assert.equal(folds.nth(1), 3);
  assert.equal(folds.before(3), 2);
});

test('other streams between the pieces stay, and what never arrived ends a row', () => {
  const err = (seq: number, message: string): Line => ({ ...line(seq, message), stream: 'STDERR' });
  assert.deepEqual(foldsOf([err(1, '10%\r'), line(2, 'out'), err(3, '20%\r'), line(4, 'more'), err(5, '30%')]).texts(), ['out', 'more', '10%\r20%\r30%']);
  assert.deepEqual(foldsOf([line(1, '10%\r'), undefined, line(3, '30%')]).texts(), ['10%\r', 'missing', '30%']);
});

test('bytes that were no text are boxed in their piece alone', () => {
  const { texts } = foldsOf([{ ...line(1, '\\xFF'), unfinished: true, escaped: true }, line(2, ' C:\\xAA')]);
  assert.deepEqual(texts(), ['\\xFF C:\\x5cxAA']);
});

test('of a million rows that are folded each place is found', () => {
  const bar = (seq: number): Line => line(seq, seq % 10 === 0 ? `done ${seq}` : `${seq}\r`);
  const folds = new Folds((row) => (row < 1_000_000 ? bar(row + 1) : undefined));
  folds.look(0, 200);
  assert.equal(folds.before(Infinity), 201 * 450);
  for (const n of [0, 1, 49, 50, 5000]) assert.equal(folds.nth(n), 10 * n + 9);
  assert.equal(folds.nth(20_000), 20_000 + 201 * 450); // behind what was looked at all rows are their own
});
