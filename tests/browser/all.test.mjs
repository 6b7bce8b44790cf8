// What holds on every screen.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { seen } from './support/seen.mjs';
import { api, facts, fresh, hand } from './support/world.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const screens = () => ['/now', '/runs', '/tasks', '/upcoming', '/queues', '/system', '/new', '/import', '/tasks/default~hostile', '/tasks/default~hostile?tab=durations', '/tasks/default~hostile?tab=schedule',
  '/tasks/default~hostile?tab=definition', '/tasks/default~hostile/edit', `/tasks/default~big?run=${facts.bigRun}`, `/executions/${facts.hostile}`, `/executions/${facts.longlog}`, '/nothing'];

/** Opens each dialog of a screen of a task, one after another. */
async function dialogs(v, look) {
  await v.open('/tasks/default~hostile');
  for (const name of ['Run now', 'Pause']) {
    await v.button(name).click();
    await look(name);
    await v.page.keyboard.press('Escape');
  }
  await v.button('More').click();
  await look('a menu');
  await v.page.getByRole('menuitem', { name: 'Delete…' }).click();
  await look('Delete');
  await v.page.keyboard.press('Escape');
  for (const key of ['?', '/']) {
    await v.page.keyboard.press(key);
    await look(`the dialog of ${key}`);
    await v.page.keyboard.press('Escape');
  }
}

seen('57 hostile texts everywhere: nothing runs, nothing is reported', async (v) => {
  for (const path of screens()) {
    await v.open(path);
    assert.equal(await v.count('main script, main iframe, main img, main object, main embed'), 0, path);
    await v.fits();
  }
  for (const q of ['<img src=x onerror=alert(1)>', '" onmouseover="alert(1)', 'javascript:alert(1)']) {
    for (const path of ['/tasks?q=', '/tasks?label=', '/runs?queue=', '/runs?status=', '/tasks/', '/executions/', '/tasks/default~big?day=', '/tasks/default~big?run=', '/tasks/default~big?tz=']) await v.open(path + encodeURIComponent(q));
  }
}, { allows: /status of (400|404)/ });

for (const colorScheme of ['light', 'dark'])
  for (const width of [1440, 390])
    seen(`59 axe finds nothing, ${colorScheme}, ${width} px`, async (v) => {
      await v.page.addInitScript({ path: axe });
      const found = [];
      const look = async (where) => {
        const { violations } = await v.page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
        for (const x of violations) found.push(`${where}: ${x.id}: ${x.nodes.slice(0, 3).map((n) => `${n.target} ${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''}`).join(' | ')}`);
      };
      for (const path of screens()) {
        await v.open(path);
        await look(path);
      }
      await dialogs(v, look);
      assert.deepEqual(found, []);
    }, { colorScheme, viewport: { width, height: 900 }, allows: /status of 404/ });

seen('60 everything by the keyboard alone', async (v) => {
  const key = fresh('keys');
  await api('PUT', `/v1/tasks/default~${key}`, { title: 'By keyboard', queue: 'q' });
  const focused = () => v.page.evaluate(() => { const e = document.activeElement; return e?.getAttribute('aria-label') ?? e?.textContent?.trim() ?? ''; });
  const press = (...keys) => keys.reduce((before, k) => before.then(() => v.page.keyboard.press(k)), Promise.resolve());
  const tabTo = (name) => v.until(`the focus is on ${name}`, async () => (await focused()) === name || (await press('Tab'), false));
  await v.open('/now');
  await press('Tab');
  assert.equal(await focused(), 'To the content');
  await press('g', 't');
  await v.until('the tasks', () => v.address.pathname.endsWith('/tasks'));
  await press('/');
  await v.page.keyboard.type(key);
  await v.sees('By keyboard', v.page.getByRole('dialog'));
  await press('Enter');
  await v.sees('By keyboard', v.page.locator('h1'));
  await tabTo('Run now');
  const ring = await v.page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(ring, 'none', 'the focus is seen');
  await press('Enter');
  await v.page.getByRole('dialog').waitFor();
  for (let n = 0; n < 12; n++) {
    await press('Tab');
    assert.ok(await v.page.evaluate(() => document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)), 'the focus stays in the dialog');
  }
  await press('Escape');
  await v.until('the focus comes back', async () => (await focused()) === 'Run now');
  await press('Enter');
  await v.page.getByLabel('Reason').focus();
  await v.page.keyboard.type('by keyboard');
  await press('Enter');
  await v.sees('Succeeded', v.part('Runs of the day'));
  await press('j');
  await v.page.getByRole('complementary', { name: 'The run' }).waitFor();
  await press('?');
  await v.sees('Next run', v.page.getByRole('dialog'));
});

for (const width of [320, 390, 768])
  seen(`61 nothing is wider than ${width} px`, async (v) => {
    for (const path of screens()) {
      await v.open(path);
      await v.fits();
    }
    await dialogs(v, () => v.fits());
  }, { viewport: { width, height: 800 }, allows: /status of 404/ });

seen('62 with forced colours shapes and edges stay', async (v) => {
  await v.open('/tasks/default~failing');
  const shapes = await v.page.locator('main .st .icon').evaluateAll((all) => all.map((e) => ({ width: e.getBoundingClientRect().width, colour: getComputedStyle(e).color, ground: getComputedStyle(document.body).backgroundColor })));
  assert.ok(shapes.length > 3 && shapes.every((s) => s.width > 8 && s.colour !== s.ground), JSON.stringify(shapes.slice(0, 3)));
  const edges = await v.page.locator('main .btn').evaluateAll((all) => all.map((e) => getComputedStyle(e).borderTopStyle));
  assert.ok(edges.every((s) => s === 'solid'), edges.join());
}, { forcedColors: 'active' });

seen('63 without npm the page tells how to get it', async (v) => {
  await v.page.setContent(await hand.without_npm());
  await v.sees('npm');
  await v.sees('ops/setup');
});

seen('64 nothing is loaded from elsewhere, in six requests at most', async (v) => {
  const asked = [];
  v.page.on('request', (r) => asked.push(new URL(r.url())));
  await v.open('/now');
  assert.deepEqual([...new Set(asked.map((u) => u.origin))], [v.address.origin]);
  const files = asked.filter((u) => !u.pathname.startsWith('/v1/'));
  assert.ok(files.length <= 6, files.join('\n'));
});

seen('65 PostgreSQL away: what was read stays, with its age', async (v) => {
  const base = await hand.api({ name: 'relayed', away: true });
  await v.open('/tasks/default~failing', base);
  await v.sees('disk full');
  await hand.cut({ name: 'relayed' });
  await v.sees(/What is shown was read .+ ago/, v.page, 60);
  await v.sees('disk full');
  await hand.mend({ name: 'relayed' });
  await v.button('Try again').first().click();
  await v.page.getByText(/What is shown was read/).first().waitFor({ state: 'detached', timeout: 60_000 });
}, { allows: /status of 503/ });
