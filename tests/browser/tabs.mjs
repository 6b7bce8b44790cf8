// tabs.mjs - eight tabs of a busy installation: one stream, flat memory. Run by suite.py --tabs MINUTES and by ops/bench tabs; fails nothing.
//
// A line each few minutes: heap of each tab after a collection, nodes and listeners of all tabs, resident memory of the API, streams that are open,
// requests a second of all tabs together since the line before. The last lines say what grew from the first quarter to the last.
import { readFileSync } from 'node:fs';
import { browser, closeBrowser, View } from './support/view.mjs';
import { facts } from './support/world.mjs';

const minutes = Number(process.argv[2] ?? 60);
const api = Number(process.env.CRONOBS_API_PID);
const EVERY = Math.min(5, minutes / 12) * 60_000;
const screens = ['/now', '/runs', '/tasks', `/tasks/${facts.task}`, `/executions/${facts.execution}`, '/upcoming', '/queues', '/system'];

const sum = (list) => list.reduce((a, b) => a + b, 0);
const mean = (list) => sum(list) / list.length;

/** Resident bytes of a process. */
function resident(pid) {
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN);
}

const context = await (await browser()).newContext({ viewport: { width: 1440, height: 900 } });
const open = new Set();
let asked = 0;
context.on('request', (r) => {
  asked++;
  if (r.url().includes('/v1/stream')) open.add(r);
});
for (const over of ['requestfinished', 'requestfailed']) context.on(over, (r) => open.delete(r));

const tabs = [];
for (const path of screens) {
  const page = await context.newPage();
  await new View(page).open(path);
  tabs.push({ path, cdp: await context.newCDPSession(page) });
}

async function look({ cdp }) {
  await cdp.send('HeapProfiler.collectGarbage');
  return { heap: (await cdp.send('Runtime.getHeapUsage')).usedSize, ...(await cdp.send('Memory.getDOMCounters')) };
}

const lines = [];
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
console.log('### Minute by minute');
row(['minute', ...screens.map((s) => s.replace(/(\w{9}).+/, '$1…')), 'nodes', 'listeners', 'API', 'streams', 'requests/s']);
row(Array(screens.length + 6).fill('---'));
const began = Date.now();
for (let next = began + 30_000; next <= began + minutes * 60_000 + 1000; next += EVERY) {
  const since = Date.now();
  asked = 0;
  await new Promise((done) => setTimeout(done, Math.max(0, next - since))); // the pace
  const rate = asked / ((Date.now() - since) / 1000);
  const seen = [];
  for (const tab of tabs) seen.push(await look(tab));
  const last = { heap: sum(seen.map((s) => s.heap)) / 1e6, nodes: sum(seen.map((s) => s.nodes)), listeners: sum(seen.map((s) => s.jsEventListeners)), api: resident(api) / 1e6 };
  lines.push(last);
  row([Math.round((Date.now() - began) / 60_000), ...seen.map((s) => (s.heap / 1e6).toFixed(1)), last.nodes, last.listeners, last.api.toFixed(1), open.size, rate.toFixed(2)]);
}
const quarter = Math.max(1, Math.floor(lines.length / 4));
for (const [name, what, unit] of [['heap of all tabs', 'heap', ' MB'], ['nodes of all tabs', 'nodes', ''], ['listeners of all tabs', 'listeners', ''], ['resident memory of the API', 'api', ' MB']]) {
  const [first, last] = [lines.slice(0, quarter), lines.slice(-quarter)].map((part) => `${mean(part.map((l) => l[what])).toFixed(1)}${unit}`);
  console.log(`B16 ${name}, last quarter of ${minutes} min: ${last} | first quarter: ${first}`);
}
console.log('> How: eight tabs of one browser, all of them visible, twenty tasks each five seconds, a run that prints five lines a second. Of each tab its heap after a collection, MB; of the API its resident memory, MB; streams that are open; requests a second of all tabs together.');
await closeBrowser();
