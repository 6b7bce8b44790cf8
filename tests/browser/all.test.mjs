// What holds on every screen.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { seen } from './support/seen.mjs';
import { api, dayText, facts, fresh, hand } from './support/world.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const screens = () => ['/now', '/runs', '/tasks', '/upcoming', '/upcoming?view=load', '/queues', '/queues/history', '/system', '/new', '/import', '/tasks/default~hostile', '/tasks/default~hostile?tab=durations', '/tasks/default~hostile?tab=schedule',
  '/tasks/default~hostile?tab=definition', '/tasks/default~hostile/edit', `/tasks/default~big?run=${facts.bigRun}`, `/executions/${facts.hostile}`, `/executions/${facts.longlog}`, '/nothing',
  '/tasks/default~hostile?why=2026-11-01T10:00:00Z', `/tasks/default~hostile?why=${dayText(Date.now())}`, `/tasks/default~big?run=${facts.bigMissed}`];

/** Opens each dialog of a screen of a task, one after another. */
async function dialogs(v, look) {
  await v.open('/tasks/default~hostile');
  for (const name of ['Run now', 'Pause']) {
    await v.button(name).click();
    await look(name);
    await v.page.keyboard.press('Escape');
    assert.equal(await v.count('dialog[open]'), 0, `${name}: closed by Escape`);
  }
  const more = async (name) => {
    await v.button('More').click();
    await v.page.getByRole('menuitem', { name }).click();
  };
  await v.button('More').click();
  await look('a menu');
  await v.page.keyboard.press('Escape');
  for (const name of ['Skip the next run…', 'Delete…', 'Backfill…']) {
    await more(name);
    if (name === 'Backfill…') {
      for (const label of ['From', 'To']) await v.page.getByRole('dialog').getByLabel(label, { exact: true }).fill(`${dayText(Date.now() - 2 * 86_400_000)}T${label === 'To' ? '23:59:59' : '00:00:00'}`); // whole, and over in any zone
      await v.sees(/^Run [\d,]+ instant/);
    }
    await look(name);
    await v.page.keyboard.press('Escape');
  }
  for (const key of ['?', '/']) {
    await v.page.keyboard.press(key);
    await look(`the dialog of ${key}`);
    await v.page.keyboard.press('Escape');
  }
  for (const [execution, name] of [[facts.hostileLive, 'Cancel'], [facts.hostile, 'Retry']]) {
    await v.open(`/executions/${execution}`);
    await v.button(name).click();
    await look(name);
    await v.page.keyboard.press('Escape');
  }
}

/** What must never stand in a document as it is: it would turn, hide or end what stands beside it. */
const unseen = (v) => v.page.evaluate(() => {
  const found = [];
  for (const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT); walk.nextNode();) {
    const text = walk.currentNode.data;
    const at = text.search(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/);
    if (at >= 0 && !walk.currentNode.parentElement.closest('script, style, textarea')) found.push(`${walk.currentNode.parentElement.outerHTML.slice(0, 80)}: U+${text.charCodeAt(at).toString(16)}`);
  }
  if (/[\u200b\u202a-\u202e\u2066-\u2069]/.test(document.title)) found.push(`the title: ${document.title}`);
  return found;
});

for (const [width, narrow] of [[1440, 768], [390, 320]])
  seen(`57, 61 hostile texts everywhere: nothing runs, nothing is hidden, nothing breaks or is wider than ${width} and ${narrow} px`, async (v) => {
    const look = async (where) => {
      assert.equal(await v.count('main script, main iframe, main img, main object, main embed'), 0, where);
      assert.deepEqual(await unseen(v), [], where);
      for (const size of [narrow, width]) {
        await v.page.setViewportSize({ width: size, height: 900 });
        await v.fits(`${where}, ${size} px`);
      }
    };
    const lists = ['/tasks?q=hostile', '/tasks?state=PAUSED', '/tasks?label=c', '/runs?status=FAILED', '/runs?status=RUNNING', `/runs?run=${facts.hostile}`, '/tasks/default~hostile-paused', '/tasks/default~hostile-paused?tab=definition',
      `/tasks/default~${'w'.repeat(200)}`, `/tasks/default~${'w'.repeat(200)}/edit`, `/executions/${facts.hostileLive}`, `/tasks/default~hostile?run=${facts.hostile}`, '/new?like=default~hostile'];
    for (const path of [...screens(), ...lists]) {
      await v.open(path);
      await look(path);
    }
    await v.open(`/executions/${facts.hostile}`);
    for (const name of ['Raw', 'Topic and offset', 'Wrap lines']) {
      await v.page.getByRole('button', { name, exact: true }).first().click();
      await look(name);
    }
    await dialogs(v, look);
    await v.open('/tasks');
    await v.page.keyboard.press('/');
    await v.page.keyboard.type('hostile');
    await v.sees('U+202E', v.page.getByRole('dialog'));
    await look('what was found');
    const q = '<img src=x onerror=alert(1)>"\' onmouseover="alert(1) javascript:alert(1) \u202e\u05e9</script>{{7*7}}';
    for (const path of ['/tasks?q=', '/tasks?label=', '/runs?queue=', '/runs?status=', '/tasks/', '/executions/', '/tasks/default~big?day=', '/tasks/default~big?run=', '/tasks/default~big?tz=', `/executions/${facts.hostile}?level=`, `/executions/${facts.hostile}?writer=`]) {
      await v.open(path + encodeURIComponent(q));
      await look(path);
    }
  }, { viewport: { width, height: 900 }, allows: /status of (400|404)/, ...(width < 768 && { timezoneId: facts.newDay }) });

/** What the server says of its clock is of four years later. */
const fourYearsLater = () => {
  const asked = window.fetch;
  window.fetch = async (...of) => {
    const answer = await asked(...of);
    if (!String(of[0]).includes('/v1/stream')) return answer;
    const later = new TransformStream({ transform: (bytes, on) => on.enqueue(new TextEncoder().encode(new TextDecoder().decode(bytes).replace(/"now":"(\d+)/, (_, year) => `"now":"${Number(year) + 4}`))) });
    return new Response(answer.body.pipeThrough(later), answer);
  };
};

seen('61 times of another year fit, in the zone with the longest name', async (v) => {
  const day = dayText(Date.now() - 86_400_000);
  await v.page.addInitScript(fourYearsLater);
  for (const path of [...screens().filter((s) => !/^\/(new|import|nothing)|edit|why=/.test(s)), `/runs?day=${day}`, `/tasks/default~big?day=${day}`, `/tasks/default~failing?run=${facts.failing}`, `/executions/${facts.failing}`, `/executions/${facts.hostileLive}`]) {
    await v.page.setViewportSize({ width: 1440, height: 900 });
    await v.open(path);
    await v.sees('Live', v.page.locator('.live'));
    if (path === '/now') await v.sees(/\w{3} \d+ \w{3} 20\d\d, \d\d:/);
    for (const width of [1440, 1100, 820, 768, 641, 390, 320]) {
      await v.page.setViewportSize({ width, height: 900 });
      await v.fits(`${path}, ${width} px`);
    }
  }
}, { allows: /status of (400|404)/, timezoneId: facts.newDay });

/** What a theme can spoil. */
const ofColours = ['color-contrast', 'link-in-text-block'];

for (const width of [1440, 390])
  seen(`59 axe finds nothing, light and dark, ${width} px`, async (v) => {
    await v.page.addInitScript({ path: axe });
    const found = [];
    const look = async (where) => {
      for (const colorScheme of ['light', 'dark']) {
        await v.page.emulateMedia({ colorScheme });
        await v.until(colorScheme, () => v.page.evaluate((theme) => document.documentElement.dataset.theme === theme, colorScheme));
        const { violations } = await v.page.evaluate((rules) => globalThis.axe.run({ resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}) }), colorScheme === 'dark' ? ofColours : undefined);
        for (const x of violations) found.push(`${where}, ${colorScheme}: ${x.id}: ${x.nodes.slice(0, 3).map((n) => `${n.target} ${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''}`).join(' | ')}`);
      }
    };
    for (const path of screens()) {
      await v.open(path);
      await look(path);
    }
    await dialogs(v, look);
    assert.deepEqual(found, []);
  }, { viewport: { width, height: 900 }, allows: /status of 404/, ...(width < 768 && { timezoneId: facts.newDay }) });

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

seen('60 a key right after the click is the dialog\'s', async (v) => {
  await v.open('/tasks/default~hostile');
  for (const name of ['Run now', 'Pause']) {
    const opened = await v.button(name).evaluate((button) => new Promise((resolve) => {
      button.click();
      setTimeout(() => resolve(document.querySelector('dialog').open), 0);
    }));
    assert.ok(opened, `${name}: open before the next event`);
    await v.page.keyboard.press('Escape');
    assert.equal(await v.count('dialog[open]'), 0, `${name}: closed`);
  }
});

seen('62 with forced colours shapes and edges stay', async (v) => {
  await v.open(`/tasks/default~big?day=${dayText(Date.now() - 86_400_000)}&tz=UTC`); // a whole day, whatever the hour
  await v.sees('exit code 2');
  const shapes = await v.page.locator('main .st .icon').evaluateAll((all) => all.map((e) => ({ width: e.getBoundingClientRect().width, colour: getComputedStyle(e).color, ground: getComputedStyle(document.body).backgroundColor })));
  assert.ok(shapes.length > 3 && shapes.every((s) => s.width > 8 && s.colour !== s.ground), JSON.stringify(shapes.slice(0, 3)));
  const edges = await v.page.locator('main .btn').evaluateAll((all) => all.map((e) => getComputedStyle(e).borderTopStyle));
  assert.ok(edges.every((s) => s === 'solid'), edges.join());
}, { forcedColors: 'active' });

seen('63 without npm the page tells how to get it', async (v) => {
  const base = await hand.without_npm();
  await v.page.goto(`${base}/ui/`);
  await v.sees('npm');
  await v.sees('ops/setup');
  await v.fits();
  for (const path of ['/', '/ui/tasks/default~big']) {
    await v.page.goto(base + path);
    await v.sees('ops/setup');
  }
  const tasks = await (await fetch(`${base}/v1/tasks?limit=1`)).json();
  assert.equal(tasks.items.length, 1, 'the API is whole');
}, { allows: /favicon\.ico/ });

seen('64 nothing is loaded from elsewhere, in six requests at most', async (v) => {
  const asked = [];
  v.page.on('request', (r) => asked.push(new URL(r.url())));
  await v.open('/now');
  assert.deepEqual([...new Set(asked.map((u) => u.origin))], [v.address.origin]);
  const files = asked.filter((u) => !u.pathname.startsWith('/v1/'));
  assert.ok(files.length <= 6, files.join('\n'));
});
