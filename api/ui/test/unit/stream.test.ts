// stream.test.ts - the tab that leads: one stream for all, replaced without a gap, each line once.
import { calls, channel, posted, wait } from './browser.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen, live, onHello, start, type LogPiece } from '../../src/stream.ts';

const log = 'log:e:1:w';
const topicsOf = (url: string): string => decodeURIComponent(url.split('topics=')[1] ?? '');
const hello = 'event: hello\ndata: {"boot":"b","now":"2026-11-29T14:00:00Z","version":"1","ui":""}\n\n';
const piece = (from: number, count: number): string =>
  `event: log\ndata: ${JSON.stringify({ topic: `${log}:1`, from, lines: Array.from({ length: count }, (_, i) => ({ seq: from + i })), more: false })}\n\n`;

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, what);
    await wait(5);
  }
}

const last = (): (typeof calls)[number] => calls[calls.length - 1]!;
const another = async (count: number): Promise<void> => until(`request ${count}`, () => calls.length === count);

let hellos = 0;
const seen: string[] = [];

test('it listens even when nothing is wanted yet', async () => {
  onHello(() => hellos++);
  start();
  await another(1);
  assert.equal(topicsOf(last().url), '');
  assert.equal(live.value, 'connecting');
  last().say(hello);
  await until('live', () => live.value === 'live');
  assert.equal(hellos, 1);
});

test('other topics mean another stream; the one before goes on until its hello', async () => {
  listen(['summary'], () => seen.push('summary'));
  await another(2);
  assert.equal(topicsOf(last().url), 'summary');
  assert.equal(calls[0]!.signal.aborted, false);
  last().say(hello);
  await until('the first is cut', () => calls[0]!.signal.aborted);
  assert.deepEqual(seen, ['summary']); // it may have changed since it was read
  assert.equal(hellos, 1); // nothing else was missed
  last().say('event: changed\ndata: {"topics":["summary"]}\n\n');
  await until('told', () => seen.length === 2);
});

const lines: number[][] = [[], []];
const gather = (which: number) => (p: LogPiece): void => {
  lines[which]!.push(...(p.lines as { seq: number }[]).map((l) => l.seq));
};

test('each listener of a log gets its lines once, whoever comes when', async () => {
  listen([`${log}:11`], () => {}, gather(0));
  await another(3);
  assert.equal(topicsOf(last().url), `${log}:11,summary`);
  last().say(hello + piece(11, 3));
  await until('lines', () => lines[0]!.length === 3);
  listen([`${log}:12`], () => {}, gather(1)); // 12 and 13 were told before
  await another(4);
  assert.equal(topicsOf(last().url), `${log}:12,summary`);
  calls[2]!.say(piece(14, 1)); // still by the one before
  await until('line 14', () => lines[0]!.includes(14));
  assert.deepEqual(lines[1], []);
  last().say(hello + piece(12, 2) + piece(14, 2));
  await until('all', () => lines[1]!.includes(15));
  assert.deepEqual(lines[0], [11, 12, 13, 14, 15]);
  assert.deepEqual(lines[1], [12, 13, 14, 15]);
});

test('who was told too much comes back at once, at its line', async () => {
  last().say('event: overflow\ndata: {}\n\n');
  await another(5);
  assert.equal(topicsOf(last().url), `${log}:16,summary`);
  assert.equal(live.value, 'live');
  last().say(hello);
  await until('hello', () => hellos === 2); // anything may have been missed
});

test('other tabs are told, and their wishes are ours', async () => {
  const state = (): unknown => [...posted].reverse().find((m) => m['kind'] === 'state')?.['state'];
  channel.onmessage!({ data: { kind: 'asks', tab: 'other' } });
  assert.equal(state(), 'live');
  channel.onmessage!({ data: { kind: 'wants', tab: 'other', topics: ['tasks', `${log}:14`], still: false } });
  await another(6);
  assert.equal(topicsOf(last().url), `${log}:14,summary,tasks`);
  last().say(hello + piece(14, 4));
  await until('told', () => lines[0]!.includes(17));
  assert.deepEqual(lines[0], [11, 12, 13, 14, 15, 16, 17]);
  const told = [...posted].reverse().find((m) => m['event'] === 'log')!;
  assert.equal((JSON.parse(String(told['data'])) as LogPiece).from, 14);
  channel.onmessage!({ data: { kind: 'wants', tab: 'other', topics: ['tasks', `${log}:14`], still: true } });
  channel.onmessage!({ data: { kind: 'wants', tab: 'other', topics: ['tasks', `${log}:18`], still: false } });
  await wait(150);
  assert.equal(calls.length, 6); // nothing new is wanted
  channel.onmessage!({ data: { kind: 'leaves', tab: 'other' } });
  await another(7);
  assert.equal(topicsOf(last().url), `${log}:18,summary`);
  last().say(hello);
});

test('a server that stops says when to come back', async () => {
  await until('live', () => live.value === 'live');
  last().say('event: bye\ndata: {"retry_ms":20}\n\n');
  await until('away', () => live.value === 'away');
  await another(8);
  last().say(hello);
  await until('live', () => live.value === 'live');
});
