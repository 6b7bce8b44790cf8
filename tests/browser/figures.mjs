// figures.mjs - how fast the page is and how large, beside its budgets (docs/decisions/0147). Run by suite.py --figures and by ops/bench page; fails nothing.
//
// Times are taken in the page, from the event to the frame that shows what it brought about; the processor is slowed down by the browser itself. Beside
// each stands how long the page's own thread was at work for it: on a machine that does other things, too, that is the figure which can be repeated.
import { availableParallelism, loadavg } from 'node:os';
import { browser, closeBrowser, View } from './support/view.mjs';
import { facts, hand, until, url } from './support/world.mjs';

const SLOW = 4; // times, by CDP
const FOLLOWED = Number(process.env.CRONOBS_BROWSER_FOLLOW ?? 20); // seconds
const say = (what, value, budget) => console.log(`B15 ${what}: ${value} | budget: ${budget}`);
const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.ceil(share * list.length) - 1)];
const kib = (n) => `${(n / 1024).toFixed(1)} KiB`;
const ms = (n) => `${Math.round(n)} ms`;
const pause = (time) => new Promise((done) => setTimeout(done, time)); // between two measurements
const dayBefore = (n) => new Date(Date.now() - n * 86_400_000).toISOString().slice(0, 10);

/** A page on a slow processor, with a session of its own to the browser. */
async function slow(path) {
  const context = await (await browser()).newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const v = new View(page);
  if (path) await v.open(path);
  return { v, page, cdp, close: () => context.close() };
}

/** How long the page's thread has been at work, ms. */
async function work({ cdp }) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return 1000 * metrics.find((m) => m.name === 'TaskDuration').value;
}

/**
 * Presses a key, clicks on something or enters a text, and waits until `shown` is and a frame has been drawn: how long that took, and how long the page
 * worked for it. event: {key}, {click: selector} or {enter: [selector, text]}; shown: [selector, text] that all have to be there; none: any frame.
 */
async function took(s, event, shown = []) {
  const before = await work(s);
  const time = await s.page.evaluate(async ([event, shown]) => {
    const press = (element, key) => element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const field = event.enter && document.querySelector(event.enter[0]);
    if (field) {
      field.value = event.enter[1];
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      await frame();
    }
    const there = () => shown.every(([selector, text]) => [...document.querySelectorAll(selector)].some((e) => e.textContent.includes(text)));
    const began = performance.now();
    if (event.key) press(document.body, event.key);
    if (event.click) document.querySelector(event.click).click();
    if (field) press(field, 'Enter');
    if (!there()) await new Promise((done, failed) => {
      const watch = new MutationObserver(() => { if (there()) { watch.disconnect(); done(); } });
      watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
      setTimeout(() => failed(new Error(`not shown: ${shown}`)), 20_000);
    });
    await frame();
    return performance.now() - began;
  }, [event, shown]);
  return { time, work: (await work(s)) - before };
}

/** "71 ms (43 ms of work)" of a share of measurements. */
const both = (list, share) => `${ms(quantile(list.map((m) => m.time), share))} (${ms(quantile(list.map((m) => m.work), share))} of work)`;

/** Bytes of a file as it is sent, and the names of others that it fetches. */
async function asset(name) {
  const answer = await fetch(`${url}/assets/${name}`, { headers: { 'Accept-Encoding': 'gzip' } });
  return { size: Number(answer.headers.get('content-length')), others: [...new Set((await answer.text()).match(/[a-z]+-[A-Z0-9]{8}\.js/g) ?? [])] };
}

async function sizes() {
  const document = await (await fetch(`${url}/ui/`)).text();
  const first = [...new Set([...document.matchAll(/assets\/([^"]+\.(?:js|css))/g)].map((m) => m[1]))];
  const known = new Map();
  const need = async (name) => {
    if (known.has(name)) return;
    known.set(name, 0);
    const { size, others } = await asset(name);
    known.set(name, size);
    for (const other of name.endsWith('.js') ? others : []) await need(other);
  };
  for (const name of first) await need(name);
  const sum = (names) => names.reduce((n, name) => n + known.get(name), 0);
  say('scripts, as sent', kib(sum([...known.keys()].filter((n) => n.endsWith('.js')))), '65 KiB');
  say('scripts of the first screen', kib(sum([...known.keys()].filter((n) => n.endsWith('.js') && !n.startsWith('rest-')))), '40 KiB');
  say('styles, as sent', kib(sum([...known.keys()].filter((n) => n.endsWith('.css')))), '12 KiB');
}

async function firstPaint() {
  const paints = [];
  const requests = [];
  for (let n = 0; n < 9; n++) {
    const s = await slow();
    let asked = 0;
    s.page.on('request', (r) => { if (!r.url().includes('/v1/')) asked++; });
    await s.v.open('/now');
    const painted = () => s.page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
    paints.push(await until('it is painted', painted));
    requests.push(asked);
    await s.close();
  }
  say('first paint of Now, median of 9', ms(quantile(paints, 0.5)), '800 ms');
  say('requests for files', Math.max(...requests), '6');
}

async function inputToPaint() {
  const s = await slow(`/tasks/default~big?tz=UTC&day=${dayBefore(9)}`);
  await s.page.locator('table.runs tr[data-run]').first().waitFor();
  const times = [];
  for (let n = 0; n < 40; n++) {
    times.push(await took(s, { key: n % 8 < 6 ? 'j' : n % 2 ? ']' : '[' }));
    await pause(300); // nobody presses keys faster
  }
  say('input to paint, p95 of 40 keys on a list of 250 runs', both(times, 0.95), '100 ms');
  say('input to paint, median of them', both(times, 0.5), '100 ms');
  await s.close();
}

async function days() {
  const s = await slow(`/tasks/default~big?tz=UTC&day=${dayBefore(1)}`);
  await s.page.locator('svg.year').waitFor();
  const times = [];
  for (const day of [2, 3, 4, 5, 6].map(dayBefore)) {
    const text = new Date(day).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
    times.push(await took(s, { click: `button[data-day="${Date.parse(day) / 86_400_000}"]` }, [['.dayh h2', text], ['section[aria-label="Runs of the day"] > :not(.stale) table.runs tr[data-run]', '']]));
    await pause(300);
  }
  say('a day of a task of 100,000 runs, from the click to its rows, median of 5', both(times, 0.5), '300 ms');
  await s.close();
}

async function million() {
  const s = await slow(`/executions/${facts.longlog}?line=1`);
  await s.v.sees(/^line 1: /);
  const times = [];
  for (const part of [0.7, 0.1, 0.45, 0.9, 0.25]) {
    const line = Math.floor(facts.lines * part);
    times.push(await took(s, { enter: ['#log-line', String(line)] }, [['.rows .m', `line ${line}: `]]));
    await pause(300);
  }
  say(`line ${Math.floor(facts.lines * 0.7)} of a log and four others, from Enter to the line, median`, both(times, 0.5), '300 ms');
  for (let n = 0; n < 60; n++) await s.page.locator('.lines').evaluate((e, part) => { e.scrollTop = e.scrollHeight * part; return new Promise((done) => setTimeout(done, 50)); }, n / 60);
  say('heap after scrolling all of it', await heap(s), '40 MB');
  await s.close();
}

async function heap({ cdp }) {
  await cdp.send('HeapProfiler.collectGarbage');
  return `${((await cdp.send('Runtime.getHeapUsage')).usedSize / 1e6).toFixed(1)} MB`;
}

/** Tasks of the page's thread while `over` runs: ms by the clock, ms at work. */
async function tasks({ cdp }, over) {
  const events = [];
  const take = ({ value }) => { for (const e of value) events.push(e); };
  cdp.on('Tracing.dataCollected', take);
  await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', '__metadata'], excludedCategories: ['*'] } });
  await over();
  const complete = new Promise((done) => cdp.once('Tracing.tracingComplete', done));
  await cdp.send('Tracing.end');
  await complete;
  cdp.off('Tracing.dataCollected', take);
  const main = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid} ${e.tid}`));
  return events.filter((e) => e.ph === 'X' && e.name.endsWith('RunTask') && main.has(`${e.pid} ${e.tid}`)).map((e) => ({ time: e.dur / 1000, work: (e.tdur ?? 0) / 1000 }));
}

async function following() {
  const execution = await hand.run({ key: 'live' });
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await hand.log({ key: 'live', execution, first: 1, lines: [['INFO', 'STDOUT', 'flood 1']] });
  const s = await slow(`/executions/${execution}`);
  await s.v.sees('flood 1');
  const all = await tasks(s, async () => {
    await hand.flood({ key: 'live', execution, rate: 1000, seconds: FOLLOWED });
    await until('all is written', async () => (await hand.flooded({ execution })).done, 3 * FOLLOWED);
    await s.v.sees(`flood ${1000 * FOLLOWED}`);
  });
  say(`longest task while 1,000 lines a second are followed, ${FOLLOWED} s`, both(all, 1), '50 ms');
  say('tasks of more than 50 ms then', `${all.filter((t) => t.time > 50).length} (${all.filter((t) => t.work > 50).length} by their work)`, '0');
  await s.close();
}

async function idle() {
  const s = await slow('/now');
  let asked = 0;
  s.page.on('request', () => asked++);
  const before = await work(s);
  await pause(30_000);
  say('requests a second of Now, idle for 30 s', (asked / 30).toFixed(2), '2');
  say('work of Now then, of a second', ms(((await work(s)) - before) / 30), '–');
  say('heap of Now', await heap(s), '40 MB');
  await s.close();
}

const chosen = process.argv.slice(2);
for (const figure of [sizes, firstPaint, inputToPaint, days, million, following, idle]) {
  if (chosen.length && !chosen.includes(figure.name)) continue;
  try {
    await figure();
  } catch (error) {
    console.log(`B15 ${figure.name}: could not be measured, ${error.message.split('\n')[0]} | `);
  }
}
console.log(`> How: Debian's Chromium, its processor ${SLOW} times slower than the machine's (CDP), 1440 by 900, data of \`tests/browser/data.py\`. From the event to the frame that shows what it brought about; in brackets how long the page's own thread was at work, which other programs on the machine hardly lengthen. Load of the machine meanwhile: ${Math.round(loadavg()[1])}, with ${availableParallelism()} processors.`);
await closeBrowser();
