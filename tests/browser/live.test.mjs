// What changes is seen as it changes: one stream a browser, and no harm when it ends.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { View } from './support/view.mjs';
import { get, hand, until } from './support/world.mjs';

const mark = (v) => v.page.locator('.live');
const isLive = (v) => v.until('it is live', async () => (await mark(v).innerText()) === 'Live');
const streams = (page, list) => page.on('request', (r) => { if (r.url().includes('/v1/stream')) list.push(r); });
const gone = { allows: /ERR_|Failed to load resource/ };

async function run() {
  const execution = await hand.run({ key: 'live' });
  await until('it is known', () => get(`/v1/executions/${execution}`).catch(() => undefined));
  return execution;
}

seen('42 eight tabs share one stream', async (v, context) => {
  const asked = [];
  const executions = [];
  const views = [];
  for (let n = 0; n < 8; n++) {
    const view = n ? new View(await context.newPage()) : v;
    asked.push([]);
    streams(view.page, asked[n]);
    executions.push(await run());
    await view.open(`/executions/${executions[n]}`);
    views.push(view);
  }
  for (const view of views) await isLive(view);
  assert.equal(asked.filter((list) => list.length > 0).length, 1, 'one tab asks');
  for (const execution of executions) await hand.report({ key: 'live', execution, status: 'RUNNING' });
  for (const view of views) await view.sees('Running', view.page.locator('h1'), 5);
});

seen('43 when the tab that reads it is closed another does', async (v, context) => {
  const execution = await run();
  await v.open('/now');
  await isLive(v);
  const other = new View(await context.newPage());
  const asked = [];
  streams(other.page, asked);
  await other.open(`/executions/${execution}`);
  await isLive(other);
  assert.equal(asked.length, 0);
  await v.page.close();
  await until('the other asks', () => asked.length > 0);
  await isLive(other);
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await other.sees('Running', other.page.locator('h1'), 5);
});

seen('44 the server goes away and comes back', async (v) => {
  const base = await hand.api({ name: 'killed' });
  const execution = await run();
  await v.open(`/executions/${execution}`, base);
  await isLive(v);
  await hand.kill({ name: 'killed' });
  await v.sees(/Not connected since .+ What is shown may be old/);
  await v.sees('Pending', v.page.locator('h1'));
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await hand.back({ name: 'killed' });
  await v.sees('Running', v.page.locator('h1'), 60);
  await isLive(v);
  await v.page.getByText('Not connected').first().waitFor({ state: 'detached' });
}, gone);

seen('45 an overflow is a new beginning', async (v) => {
  let asked = 0;
  await v.page.route(/\/v1\/stream/, async (route) => {
    if (++asked > 1) return route.continue();
    const hello = JSON.stringify({ boot: 'x', now: new Date().toISOString(), version: '0', ui: '' });
    return route.fulfill({ contentType: 'text/event-stream', body: `event: hello\ndata: ${hello}\n\nevent: overflow\ndata: {}\n\n` });
  });
  const execution = await run();
  await v.open(`/executions/${execution}`);
  await until('asked again', () => asked > 1, 30);
  await isLive(v);
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await v.sees('Running', v.page.locator('h1'), 5);
});

seen('46 a wrong clock here changes no age', async (v) => {
  await v.page.addInitScript(() => {
    const Real = Date;
    const wrong = 5 * 3_600_000;
    globalThis.Date = class extends Real {
      constructor(...args) { if (args.length) super(...args); else super(Real.now() + wrong); }

      static now() { return Real.now() + wrong; }
    };
  });
  const execution = await run();
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await v.open(`/executions/${execution}`);
  await isLive(v);
  await v.until('it runs for seconds, not for hours', async () => /Running · \d+(\.\d)? s/.test(await v.text('h1')));
  await v.open('/upcoming');
  await v.until('what comes first is minutes away', async () => !/−|ago/.test(await v.page.locator('tbody tr').first().innerText()));
});

seen('47 a new version of the page says so', async (v) => {
  await v.page.route(/\/ui\/now/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/(name="cronobs-page" content=")[^"]*/, '$1of-yesterday') });
  });
  await v.open('/now');
  await v.sees('There is a new version of this page.');
  await v.page.unroute(/\/ui\/now/);
  await v.button('Reload').click();
  await isLive(v);
  assert.equal(await v.page.getByText('There is a new version').count(), 0);
});
