// figures.mjs - how fast the page is and how large, beside its budgets (docs/decisions/0147). Run by suite.py --figures; fails nothing.
import { browser, closeBrowser, View } from './support/view.mjs';
import { facts, hand, until, url } from './support/world.mjs';

const SLOW = 4; // times, by CDP
const say = (what, value, budget) => console.log(`${what.padEnd(58)} ${String(value).padStart(12)}   budget ${budget}`);
const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.ceil(share * list.length) - 1)];
const kb = (n) => `${(n / 1024).toFixed(1)} KiB`;

/** A page on a slow processor, with a session of its own to the browser. */
async function slow(path) {
  const context = await (await browser()).newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
  const v = new View(page);
  if (path) await v.open(path);
  return { v, page, cdp, close: () => context.close() };
}

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
  say('scripts, as sent', kb(sum([...known.keys()].filter((n) => n.endsWith('.js')))), '60 KiB');
  say('scripts of the first screen', kb(sum([...known.keys()].filter((n) => n.endsWith('.js') && !n.startsWith('rest-')))), '40 KiB');
  say('styles, as sent', kb(sum([...known.keys()].filter((n) => n.endsWith('.css')))), '12 KiB');
}

async function firstPaint() {
  const paints = [];
  const requests = [];
  for (let n = 0; n < 5; n++) {
    const s = await slow();
    let asked = 0;
    s.page.on('request', (r) => { if (!r.url().includes('/v1/')) asked++; });
    await s.v.open('/now');
    paints.push(await s.page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN));
    requests.push(asked);
    await s.close();
  }
  say(`first paint of Now, processor ${SLOW} times slower, median of 5`, `${Math.round(quantile(paints, 0.5))} ms`, '800 ms');
  say('requests for files', Math.max(...requests), '6');
}

async function inputToPaint() {
  const s = await slow('/tasks/default~big?tz=UTC');
  const times = [];
  for (let n = 0; n < 40; n++) {
    times.push(await s.page.evaluate((key) => new Promise((done) => {
      const began = performance.now();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    }), n % 8 < 6 ? 'j' : n % 2 ? ']' : '['));
  }
  say('input to paint, p95 of 40 keys on a list', `${Math.round(quantile(times, 0.95))} ms`, '100 ms');
  await s.close();
}

async function waits() {
  const s = await slow();
  const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
  const time = async (work) => { const began = Date.now(); await work(); return `${Date.now() - began} ms`; };
  await s.v.open('/tasks/default~big?tz=UTC');
  say('a day of a task of 100,000 runs, from the click to its rows', await time(async () => {
    await s.page.locator(`button[data-day="${Date.parse(day) / 86_400_000}"]`).click();
    await s.page.locator('.dayh h2', { hasText: ` ${Number(day.slice(8))} ` }).waitFor();
    await s.page.locator('table.runs tr[data-run]').first().waitFor();
  }), '300 ms');
  await s.v.open(`/executions/${facts.longlog}?line=1`);
  const line = Math.floor(facts.lines * 0.7);
  await s.v.sees(/^line 1: /);
  say(`line ${line} of a log, from Enter to the line`, await time(async () => {
    await s.page.locator('#log-line').fill(String(line));
    await s.page.locator('#log-line').press('Enter');
    await s.v.sees(new RegExp(`^line ${line}: `));
  }), '300 ms');
  for (let n = 0; n < 60; n++) await s.page.locator('.lines').evaluate((e, part) => { e.scrollTop = e.scrollHeight * part; return new Promise((done) => setTimeout(done, 50)); }, n / 60);
  say('heap after scrolling all of it', await heap(s), '40 MB');
  await s.close();
}

async function heap(s) {
  await s.cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await s.cdp.send('Performance.enable').then(() => s.cdp.send('Performance.getMetrics'));
  return `${(metrics.find((m) => m.name === 'JSHeapUsedSize').value / 1e6).toFixed(1)} MB`;
}

async function following() {
  const execution = await hand.run({ key: 'live' });
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await hand.log({ key: 'live', execution, first: 1, lines: [['INFO', 'STDOUT', 'flood 1']] });
  const s = await slow(`/executions/${execution}`);
  await s.v.sees('flood 1');
  await s.page.evaluate(() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
  });
  await hand.flood({ key: 'live', execution, rate: 1000, seconds: 20 });
  await until('all is written', async () => (await hand.flooded({ execution })).done, 60);
  const long = await s.page.evaluate(() => window.long);
  say('longest task while 1,000 lines a second are followed, 20 s', `${Math.round(Math.max(0, ...long))} ms`, '50 ms');
  say('  tasks over 50 ms', long.length, '0');
  await s.close();
}

async function idle() {
  const s = await slow('/now');
  let asked = 0;
  s.page.on('request', () => asked++);
  const began = Date.now();
  await until('half a minute passed', () => Date.now() - began > 30_000, 60);
  say('requests a second of Now, idle', (asked / 30).toFixed(2), '2');
  say('heap of Now', await heap(s), '40 MB');
  await s.close();
}

for (const figure of [sizes, firstPaint, inputToPaint, waits, following, idle]) {
  try {
    await figure();
  } catch (error) {
    console.log(`${figure.name}: ${error.message.split('\n')[0]}`);
  }
}
await closeBrowser();
