// What changes is seen as it changes: one stream a browser, and no harm when it ends.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { View } from './support/view.mjs';
import { api, fresh, get, hand, until } from './support/world.mjs';

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

seen('44 while the server is away nothing can be changed; back, all is read again', async (v, context) => {
  const base = await hand.api({ name: 'off' });
  const key = fresh('off');
  await api('PUT', `/v1/tasks/default~${key}`, { title: 'Before', queue: 'history', schedules: [{ expression: '0 0 1 1 *', zone: 'UTC' }] });
  const { execution_id: id } = (await api('POST', `/v1/tasks/default~${key}:trigger`)).body;
  await until('its run is known', () => get(`/v1/executions/${id}`).catch(() => undefined));
  const task = new View(await context.newPage(), base);
  const editor = new View(await context.newPage(), base);
  const run = new View(await context.newPage(), base);
  await v.open('/tasks', base);
  await task.open(`/tasks/default~${key}`);
  await editor.open(`/tasks/default~${key}/edit`);
  await editor.sees('Nothing differs from what is saved.');
  await run.open(`/executions/${id}`);
  await run.button('Cancel').waitFor();
  await v.open(`/tasks?q=${key}`);
  await v.page.getByLabel(`Choose default~${key}`).check();
  await isLive(v);
  await task.button('Run now').click();
  await hand.kill({ name: 'off' });
  for (const view of [v, task, editor, run]) await view.sees(/Not connected since/);
  const isOff = (where) => until('it is off', async () => (await where.getAttribute('aria-disabled')) === 'true');
  for (const name of ['Run now', 'Pause', 'Resume']) await isOff(v.part('Tasks').getByRole('button', { name, exact: true }));
  await isOff(v.link('New task'));
  await isOff(v.link('Import a crontab'));
  await v.button(`Actions for default~${key}`).click();
  for (const name of ['Run now…', 'Pause…', 'Edit', 'Delete…']) await isOff(v.page.getByRole('menuitem', { name }));
  await v.page.getByRole('menuitem', { name: 'Pause…' }).click({ force: true });
  assert.equal(await v.count('dialog[open]'), 0);
  await isOff(task.page.getByRole('dialog').getByRole('button', { name: 'Run now' }));
  await task.sees('Not connected: nothing can be changed now.', task.page.getByRole('dialog'));
  await task.page.keyboard.press('Escape');
  for (const name of ['Run now', 'Pause']) await isOff(task.button(name));
  await isOff(task.link('Edit'));
  await isOff(run.button('Cancel'));
  await task.button('More').click();
  for (const name of ['Skip the next run…', 'Backfill…', 'Delete…']) await isOff(task.page.getByRole('menuitem', { name }));
  await task.page.keyboard.press('Escape');
  await isOff(editor.button('Save as revision 2'));
  assert.ok(Number(await v.page.locator('main').evaluate((e) => getComputedStyle(e).opacity)) < 1, 'what is shown is dimmed');
  await editor.page.getByLabel('Title').fill('Of the editor');
  await api('PUT', `/v1/tasks/default~${key}`, { title: 'Meanwhile', queue: 'history', schedules: [{ expression: '0 0 1 1 *', zone: 'UTC' }] });
  await hand.back({ name: 'off' });
  await v.sees('Meanwhile', v.part('Tasks'), 60);
  await task.sees('Meanwhile', task.page.locator('h1'), 60);
  await editor.sees('Of the editor', editor.part('What it means'), 60);
  for (const button of [task.button('Run now'), editor.button('Save as revision 2'), run.button('Cancel')]) await until('it can be done again', async () => (await button.getAttribute('aria-disabled')) !== 'true');
  await task.button('Run now').click();
  await task.page.getByRole('dialog').waitFor();
}, gone);

// What a server says then, byte for byte: tests/integration/api/streams.py makes one overflow for real, which takes minutes.
seen('45 an overflow is a new beginning: at once, without a hole or a double', async (v) => {
  let asked = 0;
  let opened = () => undefined;
  const mayAnswer = new Promise((done) => { opened = done; });
  await v.page.route(/\/v1\/stream/, async (route) => {
    if (++asked > 1) return route.continue();
    await mayAnswer;
    const hello = JSON.stringify({ boot: 'x', now: new Date().toISOString(), version: '0', ui: '' });
    return route.fulfill({ contentType: 'text/event-stream', body: `event: hello\ndata: ${hello}\n\nevent: overflow\ndata: {}\n\n` });
  });
  const execution = await run();
  const say = (first, n) => hand.log({ key: 'live', execution, first, lines: Array.from({ length: n }, (_, i) => ['INFO', 'STDOUT', `word ${first + i}`]) });
  const stored = (n) => until(`${n} lines`, async () => (await get(`/v1/executions/${execution}/logs:writers`).catch(() => ({ items: [] }))).items[0]?.lines === n);
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await say(1, 10);
  await stored(10);
  await v.open(`/executions/${execution}`);
  await v.sees('word 10');
  await say(11, 10);
  await stored(20);
  opened(); // the stream that told nothing ends by an overflow
  await until('asked again', () => asked > 1, 5);
  await isLive(v);
  await say(21, 10);
  const texts = () => v.page.locator('.lines .ln .m').allInnerTexts();
  await v.until('each line once', async () => (await texts()).map((t) => t.trim()).join() === Array.from({ length: 30 }, (_, i) => `word ${i + 1}`).join());
  await hand.report({ key: 'live', execution, status: 'SUCCEEDED' });
  await v.sees('Succeeded', v.page.locator('h1'), 5);
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
  const base = await hand.api({ name: 'upgraded' });
  const build = () => v.page.locator('meta[name=cronobs-page]').getAttribute('content');
  await v.open('/now', base);
  await isLive(v);
  const before = await build();
  const next = await hand.upgrade({ name: 'upgraded' });
  await v.sees('There is a new version of this page.', v.page, 60);
  assert.equal(await build(), before);
  await v.button('Reload').click();
  await v.until('the new one', async () => (await build().catch(() => '')) === next);
  await isLive(v);
  assert.equal(await v.page.getByText('There is a new version').count(), 0);
}, gone);
