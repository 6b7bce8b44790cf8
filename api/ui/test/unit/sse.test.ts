// sse.test.ts - events out of bytes as they come, and which topics a stream has to tell.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parser, type Event } from '../../src/sse.ts';
import { covers, fresh, lineOf, merged, moved, nameOf } from '../../src/topics.ts';

function parsed(...pieces: string[]): Event[] {
  const events: Event[] = [];
  const take = parser((e) => events.push(e));
  pieces.forEach(take);
  return events;
}

const stream = 'event: hello\ndata: {"now":"x"}\n\n:\n\nevent: changed\r\ndata: a\r\ndata: b\r\n\r\ndata:no blank\rid: 7\rretry: 3\r\r';
const events = [
  { event: 'hello', data: '{"now":"x"}' },
  { event: 'changed', data: 'a\nb' },
  { event: 'message', data: 'no blank' },
];

test('events end with an empty line, whatever ends lines', () => {
  assert.deepEqual(parsed(stream, '\n'), events);
});

test('pieces may be cut anywhere', () => {
  const whole = stream + '\n';
  for (let cut = 0; cut <= whole.length; cut++) assert.deepEqual(parsed(whole.slice(0, cut), whole.slice(cut)), events, `cut at ${cut}`);
  assert.deepEqual(parsed(...whole), events);
});

test('what has no end or no data is no event', () => {
  assert.deepEqual(parsed('event: hello\n\n'), []);
  assert.deepEqual(parsed('data: half'), []);
  assert.deepEqual(parsed('data: half\n'), []);
  assert.deepEqual(parsed(': data: x\n\n', 'nonsense\n\n'), []);
  assert.deepEqual(parsed('data\n\n'), [{ event: 'message', data: '' }]);
});

test('one blank behind the colon is none of the value', () => {
  assert.deepEqual(parsed('data:  two\n\n'), [{ event: 'message', data: ' two' }]);
});

const log = 'log:e:1:w';

test('a log is one topic wherever it stands', () => {
  assert.equal(nameOf(`${log}:17`), log);
  assert.equal(lineOf(`${log}:17`), 17);
  assert.equal(nameOf('task:default~x'), 'task:default~x');
  assert.equal(lineOf('task:default~x'), 0);
});

test('wishes are merged by name, logs from the lowest line', () => {
  assert.deepEqual(merged(['tasks', `${log}:30`, 'summary', `${log}:9`, 'tasks']), [`${log}:9`, 'summary', 'tasks']);
  assert.equal(merged(Array.from({ length: 40 }, (_, i) => `task:t${i}`)).length, 32);
});

test('another stream is needed for other names and for lines that were told', () => {
  const told = new Map([['summary', 0], [log, 20]]);
  assert.equal(covers(told, ['summary', `${log}:20`]), true);
  assert.equal(covers(told, ['summary', `${log}:25`]), true);
  assert.equal(covers(told, ['summary', `${log}:19`]), false);
  assert.equal(covers(told, ['summary']), false);
  assert.equal(covers(told, ['summary', 'tasks', `${log}:20`]), false);
  assert.equal(covers(new Map(), []), true);
});

test('each line is told once', () => {
  const piece = { topic: `${log}:1`, from: 10, after: 8, lines: ['a', 'b', 'c'], more: false };
  assert.deepEqual(fresh(piece, 10), piece);
  assert.deepEqual(fresh(piece, 8), piece); // 8 and 9 never arrived
  assert.deepEqual(fresh(piece, 12), { ...piece, from: 12, lines: ['c'] });
  assert.equal(fresh(piece, 13), undefined);
  assert.equal(fresh(piece, 7), undefined); // line 7 was told before somebody wanted it: another stream brings it
});

test('who has come further goes on from there', () => {
  assert.deepEqual(moved([`${log}:5`, 'tasks'], new Map([[log, 12]])), [`${log}:12`, 'tasks']);
  assert.deepEqual(moved([`${log}:5`], new Map()), [`${log}:5`]);
});
