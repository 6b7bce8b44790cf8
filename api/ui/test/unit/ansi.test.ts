import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxed, pieces, spelt } from '../../src/log/ansi.ts';

const shown = (message: string, escaped = false): string => pieces(message, escaped).map((p) => (p.box ? `[${p.text}]` : p.look ? `<${p.look}>${p.text}` : p.text)).join('|');

test('plain text is one piece', () => {
  assert.equal(shown('a <b>bold</b> & "text"'), 'a <b>bold</b> & "text"');
  assert.deepEqual(pieces(''), []);
});

test('colours and styles', () => {
  assert.equal(shown('\u001b[31mred\u001b[0m plain'), '<a-f1>red| plain');
  assert.equal(shown('\u001b[1;33;44mx\u001b[22;39my'), '<a-bold a-f3 a-b4>x|<a-b4>y');
  assert.equal(shown('\u001b[mx'), 'x');
  assert.equal(shown('\u001b[38;5;196mx'), '<a-f9>x');
  assert.equal(shown('\u001b[38;2;0;0;240mx'), '<a-f4>x');
  assert.equal(shown('\u001b[48:5:2mx'), '<a-b2>x');
  assert.equal(shown('\u001b[97;107mx\u001b[49mx'), '<a-f15 a-b15>x|<a-f15>x');
  assert.equal(shown('\u009b31mx'), '<a-f1>x');
});

test('what would act on a terminal is a box', () => {
  assert.equal(shown('a\u001b[2Jb'), 'a|[ESC[2J]|b');
  assert.equal(shown('a\u001b]52;c;aGk=\u0007b'), 'a|[ESC]52]|b');
  assert.equal(shown('a\u001b]0;title\u001b\\b'), 'a|[ESC]0]|b');
  assert.equal(shown('a\u001bcb'), 'a|[ESCc]|b');
  assert.equal(shown('\u001b'), '[ESC]');
  assert.equal(shown('\u001b['), '[ESC[]');
  assert.equal(shown('\u0000\u0007\u0008\u007f'), '[NUL]|[BEL]|[BS]|[DEL]');
  assert.equal(shown('\u001b[31'), '[ESC[]|31');
});

test('marks of direction and characters without width are boxes', () => {
  assert.equal(shown('a\u202eb\u200bc\u2066d\ufeff'), 'a|[U+202E]|b|[U+200B]|c|[U+2066]|d|[U+FEFF]');
  assert.equal(shown('\ud800x'), '[U+D800]|x');
  assert.equal(shown('tab\tstays, 👍 too'), 'tab\tstays, 👍 too');
});

test('texts that are no lines of a log: nothing has a colour or leads anywhere', () => {
  const flat = (text: string, lines = false): string => boxed(text, lines).map((p) => (p.box ? `[${p.text}]` : p.text)).join('|');
  assert.equal(flat('a\u001b[31mred\u001b[0m b'), 'a|[ESC[31m]|red|[ESC[0m]| b');
  assert.equal(flat('\u001b]8;;https://example.org\u0007x'), '[ESC]8;;https:/]|x');
  assert.equal(flat('one\ntwo\u202e\u0000'), 'one|[\\n]|two|[U+202E]|[NUL]');
  assert.equal(flat('one\ntwo', true), 'one\ntwo');
  assert.equal(flat('a\u3164b\u{e0041}'), 'a|[U+3164]|b|[U+E0041]');
  assert.equal(flat('שלום, 👨‍👩‍👧 and 👍🏽'), 'שלום, 👨‍👩‍👧 and 👍🏽');
  assert.equal(flat('👍\u200d'), '👍|[U+200D]');
  assert.equal(flat(`e${'\u0301'.repeat(50)}f`), `e${'\u0301'.repeat(4)}|[46 more marks]|f`);
  assert.equal(spelt('plain'), 'plain');
  assert.equal(spelt('exe\u202egnp'), 'exe[U+202E]gnp');
});

test('links: http and https only', () => {
  const link = (url: string) => pieces(`\u001b]8;;${url}\u001b\\text\u001b]8;;\u001b\\ after`);
  assert.equal(link('https://example.org/a')[0]!.link, 'https://example.org/a');
  assert.equal(link('https://example.org/a')[1]!.link, undefined);
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x', ' javascript:alert(1)', '//x'])
    assert.equal(link(url)[0]!.link, undefined, url);
});

test('bytes that were no text are boxed where the line says that it has some', () => {
  assert.equal(shown('a\\xC3\\x28b', true), 'a|[\\xC3]|[\\x28]|b');
  assert.equal(shown('a\\xC3b', false), 'a\\xC3b');
  assert.equal(shown('\\x5cx41 \\xff', true), '\\x41 |[\\xff]');
});

test('any text comes out whole, and nothing takes long', () => {
  let seed = 7;
  const random = (n: number): number => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return seed % n; };
  const alphabet = ['\u001b', '[', ']', '8', ';', 'm', '3', '1', 'a', '\u0007', '\u202e', '👍', '\\', '\u009b', ' '];
  for (let i = 0; i < 2000; i++) {
    const text = Array.from({ length: random(40) }, () => alphabet[random(alphabet.length)]).join('');
    for (const p of pieces(text)) assert.ok(!/[\u0000-\u0008\u001b\u202e]/.test(p.text), JSON.stringify(text));
  }
  assert.equal(pieces('\u001b]'.repeat(20_000)).length, 20_000);
});
