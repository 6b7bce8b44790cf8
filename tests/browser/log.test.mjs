// The log viewer: any place of a million lines, lines as they come, and nothing of what a line holds ever acts.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { facts, get, hand, until, url } from './support/world.mjs';

const seconds = Number(process.env.CRONOBS_BROWSER_FOLLOW ?? 60);
const lines = (v) => v.page.locator('.lines .ln');
const atLine = async (v, n, where = v) => where.sees(new RegExp(`^line ${n}: `));
const longlog = (search = '') => `/executions/${facts.longlog}${search}`;
const parsed = (v) => v.page.evaluate(() => [...document.querySelectorAll('.lines .ln')].map((e) => ({ no: Number(e.getAttribute('aria-rowindex')), text: e.querySelector('.m').textContent, y: e.getBoundingClientRect().top })));
const inSight = async (v) => {
  const box = await v.page.locator('.lines').boundingBox();
  return (await parsed(v)).filter((l) => l.y >= box.y && l.y < box.y + box.height);
};

/** A run that is under way and known. */
async function running() {
  const execution = await hand.run({ key: 'live' });
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await hand.log({ key: 'live', execution, first: 1, lines: [['INFO', 'STDOUT', 'flood 1']] });
  await until('its first line', async () => (await get(`/v1/executions/${execution}/logs`).catch(() => ({ items: [] }))).items.length === 1);
  return execution;
}

seen('29 line 700,000 is there by its link', async (v) => {
  const at = Math.floor(facts.lines * 0.7);
  const asked = [];
  v.page.on('request', (r) => { if (/\/logs\?/.test(r.url())) asked.push(r.url()); });
  await v.open(longlog(`?line=${at}`));
  await atLine(v, at);
  assert.equal(await v.page.locator('.ln.hit').getAttribute('aria-rowindex'), String(at));
  assert.ok(asked.length <= 4, asked.join('\n'));
  await v.until('it is in sight', async () => (await inSight(v)).some((l) => l.no === at));
});

seen('30 beginning, middle, end', async (v) => {
  await v.open(longlog('?line=1'));
  await atLine(v, 1);
  await v.page.keyboard.press('End');
  await atLine(v, facts.lines);
  await v.page.keyboard.press('Home');
  await atLine(v, 1);
  await v.page.locator('.lines').evaluate((e) => { e.scrollTop = (e.scrollHeight - e.clientHeight) / 2; });
  await v.until('the middle', async () => (await inSight(v)).some((l) => Math.abs(l.no - facts.lines / 2) < 50 && l.text.startsWith(`line ${l.no}: `)));
  await v.page.keyboard.press(':');
  await v.page.keyboard.type('12,345');
  await v.page.keyboard.press('Enter');
  await atLine(v, 12345);
});

seen('31 never more than 120 rows', async (v) => {
  await v.open(longlog('?line=1'));
  await atLine(v, 1);
  for (let n = 1; n <= 30; n++) {
    await v.page.locator('.lines').evaluate((e, part) => { e.scrollTop = e.scrollHeight * part; }, n / 31);
    await v.page.evaluate(() => new Promise(requestAnimationFrame));
    const count = await lines(v).count();
    assert.ok(count > 0 && count <= 120, `${count} rows`);
  }
  await v.until('the rows are those of their place', async () => { const rows = await inSight(v); return rows.length > 20 && rows.every((l) => l.text.startsWith(`line ${l.no}: `)); });
});

seen('32 a thousand lines a second are followed without a hole or a double', async (v) => {
  const execution = await running();
  await v.open(`/executions/${execution}`);
  await v.sees('flood 1', v.part('Log'));
  await v.page.evaluate(() => {
    window.shown = new Map();
    window.wrong = [];
    const note = () => {
      const rows = [...document.querySelectorAll('.lines .ln:not(.gone)')].map((e) => [Number(e.getAttribute('aria-rowindex')), e.querySelector('.m').textContent]);
      rows.forEach(([no, text], i) => {
        if (text !== `flood ${no}` || (i > 0 && no !== rows[i - 1][0] + 1 && rows[i - 1][0] + 1 === no - 1)) window.wrong.push(`${no}: ${text}`);
        window.shown.set(no, text);
      });
    };
    new MutationObserver(note).observe(document.querySelector('.lines'), { subtree: true, childList: true, characterData: true });
  });
  await hand.flood({ key: 'live', execution, rate: 1000, seconds });
  await until('all is written', async () => (await hand.flooded({ execution })).done, seconds + 60);
  const { lines: total } = await hand.flooded({ execution });
  await v.until(`the end, line ${total}, is in sight`, async () => (await inSight(v)).some((l) => l.text === `flood ${total}`), 30);
  assert.deepEqual(await v.page.evaluate(() => window.wrong.slice(0, 5)), []);
  await v.page.locator('.lines').evaluate((e) => { e.scrollTop -= 10_000; });
  await v.until('and all before it', async () => { const rows = await inSight(v); return rows.length > 20 && rows[0].no < total - 300 && rows.every((l, i) => l.text === `flood ${rows[0].no + i}`); });
});

seen('33 scrolling up ends following and keeps the place', async (v) => {
  const execution = await running();
  await hand.flood({ key: 'live', execution, rate: 1000, seconds: 2 });
  await v.open(`/executions/${execution}`);
  await until('all is written', async () => (await hand.flooded({ execution })).done, 30);
  await v.until('it follows', async () => (await inSight(v)).some((l) => l.text === 'flood 2000'));
  await v.page.locator('.lines').hover();
  await v.page.mouse.wheel(0, -3000);
  await v.button('Follow').waitFor();
  const first = async () => (await inSight(v))[0]?.text;
  const place = await v.until('a place', async () => { const text = await first(); return text?.startsWith('flood') && text; });
  await hand.log({ key: 'live', execution, first: 2001, lines: Array.from({ length: 40 }, (_, n) => ['INFO', 'STDOUT', `flood ${2001 + n}`]) });
  await v.button('40 new').waitFor();
  assert.equal(await first(), place);
  await v.page.keyboard.press('f');
  await v.until('the end again', async () => (await inSight(v)).some((l) => l.text === 'flood 2040'));
});

seen('34 lines of each level are counted exactly', async (v) => {
  const { items: [writer] } = await get(`/v1/executions/${facts.longlog}/logs:writers?levels=true`);
  const commas = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
  await v.open(longlog());
  const levels = v.page.getByRole('group', { name: 'Least level' });
  await v.sees(`Error ${commas(writer.levels.ERROR)}`, levels);
  await v.sees(`Warn ${commas(writer.levels.WARN)}`, levels);
  assert.equal(writer.levels.ERROR, Math.floor((facts.lines + 50_000) / 100_000));
  await levels.getByRole('button', { name: /^Error/ }).click();
  await v.until('errors alone', async () => { const rows = await parsed(v); return rows.length === writer.levels.ERROR && rows.every((l) => l.no % 100_000 === 50_000); });
});

seen('34 what a filter leaves goes on as far as it is scrolled', async (v) => {
  await v.open(longlog('?stream=STDERR'));
  await v.sees('1,000 shown here by the filter');
  await v.page.keyboard.press('Home');
  await v.sees(/^(1,500|2,000) shown here by the filter/);
  await v.until('every seventh line', async () => { const rows = await parsed(v); return rows.length > 20 && rows.every((l) => l.no % 7 === 0); });
});

seen('35 a search is exact, and can be cut off', async (v) => {
  const matches = Math.floor(facts.lines / 25_000);
  await v.open(longlog());
  await v.page.getByLabel('Search all lines').fill('needle');
  await v.page.keyboard.press('Enter');
  await v.sees(`1 of ${matches}`, v.part('Log'), 90);
  await atLine(v, 25_000);
  await v.page.locator('.lines').focus();
  await v.page.keyboard.press('n');
  await atLine(v, 50_000);
  await v.page.keyboard.press('Shift+N');
  await atLine(v, 25_000);
  const asked = [];
  v.page.on('request', (r) => { if (r.url().includes('logs:search')) asked.push(r.url()); });
  await v.page.getByLabel('Search all lines').fill('no line says this');
  await v.page.keyboard.press('Enter');
  await v.button('Stop the search').click();
  await v.page.getByRole('button', { name: 'Stop the search' }).waitFor({ state: 'detached' });
  assert.ok(asked.length < facts.lines / 200_000, `${asked.length} calls`);
});

seen('36 markup, escapes, links, direction: shown, and nothing acts', async (v) => {
  await v.open(`/executions/${facts.hostile}?line=1`);
  await v.sees('<script>alert(1)</script>', v.part('Log'));
  const boxes = (await v.page.locator('.lines .x').allInnerTexts()).join(' ');
  for (const box of ['ESC]52', 'U+202E', 'U+200B', 'ESC[2J']) assert.ok(boxes.includes(box), `${box} in ${boxes}`);
  assert.equal(await v.page.locator('.lines .a-f1').first().innerText(), 'red');
  const links = await v.page.locator('.lines a').evaluateAll((all) => all.map((a) => [a.textContent, a.getAttribute('href'), a.title]));
  assert.deepEqual(links, [['a link', 'https://example.org/x', 'example.org']]);
  assert.equal(await v.count('main script, main iframe, main img, main object'), 0);
  await v.fits();
});

seen('37 what was written over says its last state', async (v) => {
  await v.open(`/executions/${facts.hostile}?line=1`);
  const row = lines(v).filter({ hasText: '100 %' });
  await row.first().waitFor();
  assert.match(await row.innerText(), /↻ 2/);
  await row.getByRole('button', { name: /↻/ }).click();
  await v.sees('50 %', v.page.locator('.opened'));
});

/** A run that said these lines; each [message, stream, mark]. */
async function said(lines, over = true) {
  const execution = await hand.run({ key: 'live' });
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await hand.log({ key: 'live', execution, first: 1, lines: lines.map(([text, stream = 'STDOUT']) => ['INFO', stream, text]), marks: lines.flatMap(([, , mark], n) => (mark ? [{ line: n + 1, ...mark }] : [])) });
  if (over) await hand.report({ key: 'live', execution, status: 'SUCCEEDED' });
  await until('they are stored', async () => (await get(`/v1/executions/${execution}/logs:writers`).catch(() => ({ items: [] }))).items[0]?.lines === lines.length);
  return execution;
}
const unfinished = { unfinished: true };
const shown = async (v) => (await v.page.locator('.lines .ln:not(.gone)').evaluateAll((all) => all.map((e) => `${e.getAttribute('aria-rowindex')} ${e.querySelector('.m').textContent}`)));

seen('37 records that go on with each other are one row: bars, prompts, pieces of a line', async (v) => {
  const bar = Array.from({ length: 40 }, (_, n) => [`${n} %\r`, 'STDERR', n % 2 ? unfinished : undefined]);
  const execution = await said([['begins'], ...bar.slice(0, 20), ['between'], ...bar.slice(20), ['100 %', 'STDERR'], ['Pass', 'STDOUT', unfinished], ['word: '], ['ends']]);
  await v.open(`/executions/${execution}`);
  await v.until('five rows', async () => (await shown(v)).join('|') === '1 begins|22 between|43 ↻ 40100 %|45 Password: |46 ends');
  await lines(v).getByRole('button', { name: '↻ 40' }).click();
  await v.sees('Lines 2–43', v.page.locator('.opened'));
  for (const state of ['0 %', '39 %', '100 %']) await v.sees(state, v.page.locator('.opened'));
  await v.open(`/executions/${execution}?line=12`);
  await v.until('a piece is found in its row', async () => (await v.page.locator('.ln.hit').getAttribute('aria-rowindex')) === '43');
  await v.open(`/executions/${execution}?stream=STDERR`);
  await v.until('what a filter leaves folds, too', async () => (await shown(v)).join('|') === '43 ↻ 40100 %');
});

seen('37 a bar of thousands of records leaves what came before it in sight, also while it is drawn', async (v) => {
  const rows = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => ['INFO', 'STDOUT', from + n <= 100 ? `step ${from + n}` : `${from + n} of 3000\r`]);
  const execution = await said(rows(1, 1000).map(([, stream, text]) => [text, stream]), false);
  await v.open(`/executions/${execution}`);
  await v.until('the bar, and before it the last steps', async () => { const list = await shown(v); return list.at(-1) === '1000 ↻ 8991000 of 3000\r'.replace('\r', '') && list.at(-2) === '100 step 100' && list.length > 20; });
  for (let first = 1001; first <= 3000; first += 500) await hand.log({ key: 'live', execution, first, lines: rows(first, first + 499) });
  await hand.log({ key: 'live', execution, first: 3001, lines: [['INFO', 'STDOUT', 'done']] });
  await v.until('it is one row to its end', async () => { const list = await shown(v); return /^3001 ↻ \d+done$/.test(list.at(-1)) && list.at(-2) === '100 step 100' && (await inSight(v)).some((l) => l.text.endsWith('done')); }, 30);
  await hand.report({ key: 'live', execution, status: 'SUCCEEDED' });
});

seen('29 wrapped, a line is there by its link, is found, kept and followed', async (v) => {
  await v.open(longlog('?line=90000'));
  await atLine(v, 90_000);
  const y = async (n) => { const b = await v.page.locator(`.ln[aria-rowindex="${n}"]`).boundingBox(); return b && Math.round(b.y); };
  const before = await y(90_000);
  await v.button('Wrap lines').click();
  await v.until('the line stays where it was', async () => Math.abs((await y(90_000)) - before) <= 2);
  assert.ok(await lines(v).count() <= 2000);
  await v.page.keyboard.press('e');
  const error = facts.lines > 150_000 ? 150_000 : 50_000; // one in 100,000; after the last comes the first
  await v.until('the next error', async () => (await inSight(v)).some((l) => l.no === error && l.text.startsWith(`line ${error}: `)));
  await v.page.keyboard.press('Home');
  await v.until('the first line', async () => (await inSight(v))[0]?.text.startsWith('line 1: '));
  await v.page.locator('.lines').hover();
  for (let n = 0; n < 12; n++) await v.page.mouse.wheel(0, 1500);
  await v.until('as far as it is scrolled, all lines in their order', async () => { const rows = await inSight(v); return rows.length > 10 && rows[0].no > 500 && rows.every((l, i) => l.no === rows[0].no + i && l.text.startsWith(`line ${l.no}: `)); });
  await v.page.keyboard.press('End');
  await v.until('the last line', async () => (await inSight(v)).at(-1)?.text.startsWith(`line ${facts.lines}: `));
  const place = (await inSight(v))[3].no;
  await v.page.mouse.wheel(0, -4000);
  await v.until('upwards', async () => (await inSight(v))[0].no < place - 50);
  const top = (await inSight(v))[1].no;
  await v.button('Wrap lines').click();
  await v.until('and back, in its place', async () => (await inSight(v)).slice(0, 4).some((l) => l.no === top && l.text.startsWith(`line ${top}: `)));
});

seen('33 wrapped and followed, what is long is at the end, and scrolling up keeps the place', async (v) => {
  const long = (n) => `flood ${n} ${'word '.repeat(n % 7 === 0 ? 200 : 2)}`;
  const execution = await said(Array.from({ length: 400 }, (_, n) => [long(n + 1)]), false);
  await v.open(`/executions/${execution}`);
  await v.button('Wrap lines').click();
  const last = async () => (await inSight(v)).at(-1)?.text.trim();
  await v.until('the end', async () => (await last()) === long(400).trim());
  await hand.log({ key: 'live', execution, first: 401, lines: Array.from({ length: 300 }, (_, n) => ['INFO', 'STDOUT', long(401 + n)]) });
  await v.until('the new end', async () => (await last()) === long(700).trim());
  await v.page.locator('.lines').hover();
  await v.page.mouse.wheel(0, -2500);
  await v.button('Follow').waitFor();
  const first = async () => (await inSight(v))[0]?.text;
  const place = await v.until('a place', first);
  await hand.log({ key: 'live', execution, first: 701, lines: Array.from({ length: 300 }, (_, n) => ['INFO', 'STDOUT', long(701 + n)]) });
  await v.button('300 new').waitFor();
  assert.equal(await first(), place);
  await v.page.keyboard.press('f');
  await v.until('the end again', async () => (await last()) === long(1000).trim());
  await v.fits();
});

seen('38 bytes that are no text are boxed', async (v) => {
  await v.open(`/executions/${facts.hostile}?line=1`);
  await v.page.locator('.lines .x', { hasText: '\\xFF' }).waitFor();
  await v.page.locator('.lines .x', { hasText: '\\xFE' }).waitFor();
});

seen('39 each writer is a tab, and what never came is told', async (v) => {
  await v.open(`/executions/${facts.odd.writers}`);
  const writers = v.page.getByRole('group', { name: 'Writer' }).getByRole('button');
  await v.until('two', async () => await writers.count() === 2);
  const texts = [];
  for (const n of [0, 1]) {
    await writers.nth(n).click();
    texts.push(await v.until('its lines alone', async () => { const words = new Set((await parsed(v)).map((l) => l.text.split(' ')[0]).filter((w) => ['first', 'second'].includes(w))); return words.size === 1 && [...words][0]; }));
    if (texts[n] === 'first') await v.sees('Lines 11–15 never arrived.');
  }
  assert.deepEqual(texts.sort(), ['first', 'second']);
});

seen('41 what is downloaded is what was written', async (v) => {
  await v.open(`/executions/${facts.odd.writers}`);
  const file = await v.page.evaluate(async (path) => (await fetch(path)).text(), await v.link('Download').getAttribute('href'));
  const rows = file.trimEnd().split('\n');
  assert.ok(rows.every((r) => /^(.* )?(first|second) \d+$/.test(r)), file);
  const whole = await (await fetch(`${url}/v1/executions/${facts.longlog}/logs.txt`)).text();
  const all = whole.trimEnd().split('\n');
  assert.equal(all.length, facts.lines);
  all.forEach((text, i) => { if (!text.includes(`line ${i + 1}: copied`)) assert.fail(`${i + 1}: ${text}`); });
});
