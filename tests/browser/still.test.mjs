// What has not changed is not drawn again: elements that change are counted, not milliseconds.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { dayText, hand } from './support/world.mjs';

const past = dayText(Date.now() - 3 * 86_400_000);

/** How many elements of a part of the page change until `over`. The part is watched, not what is within `but`. */
async function changed(v, part, but, over) {
  await v.page.evaluate(([part, but]) => {
    window.changed = new Set();
    window.watch = new MutationObserver((list) => {
      for (const m of list) {
        const element = m.target.nodeType === Node.ELEMENT_NODE ? m.target : m.target.parentElement;
        if (!element?.closest(but)) window.changed.add(element);
      }
    });
    window.watch.observe(document.querySelector(part), { subtree: true, childList: true, attributes: true, characterData: true });
  }, [part, but]);
  await over();
  return v.page.evaluate(() => {
    window.watch.disconnect();
    return [...window.changed].map((e) => `${e?.tagName}.${e?.getAttribute('class') ?? ''} ${e?.textContent.slice(0, 80)}`);
  });
}

seen('a key draws the two rows anew between which it moves', async (v) => {
  await v.open(`/tasks/default~big?tz=UTC&day=${past}`);
  const chosen = () => v.page.locator('table.runs tr[aria-selected=true]').getAttribute('data-run');
  await v.page.locator('table.runs tr[data-run]').first().waitFor();
  await v.page.keyboard.press('j');
  await v.page.locator('aside.detail dl').waitFor();
  const before = await chosen();
  const list = await changed(v, 'main', 'aside.detail', async () => {
    await v.page.keyboard.press('j');
    await v.until('the next row is chosen', async () => (await chosen()) !== before);
    await v.until('its run is shown', async () => (await v.text('aside.detail dl')).includes(await chosen()));
  });
  assert.ok(list.length <= 6, list.join('\n'));
});

seen('a day that is over stands still', async (v) => {
  await v.open(`/tasks/default~big?tz=UTC&day=${past}`);
  await v.page.locator('svg.year rect.bad').first().waitFor();
  await v.page.locator('.cal .p').first().waitFor();
  await v.page.locator('table.runs tr[data-run]').first().waitFor();
  const began = Date.now();
  const list = await changed(v, '.three', 'nothing', () => v.until('three seconds passed', () => Date.now() - began > 3000));
  assert.deepEqual(list, []);
});

seen('rows of a log are taken over by the lines that come', async (v) => {
  const execution = await hand.run({ key: 'live' });
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await hand.log({ key: 'live', execution, first: 1, lines: Array.from({ length: 400 }, (_, n) => ['INFO', 'STDOUT', `line ${n + 1} of it`]) });
  await v.open(`/executions/${execution}`);
  await v.sees('line 400 of it');
  await v.page.evaluate(() => document.querySelectorAll('.rows > .ln').forEach((e) => { e.old = true; }));
  await hand.log({ key: 'live', execution, first: 401, lines: Array.from({ length: 400 }, (_, n) => ['INFO', 'STDOUT', `line ${n + 401} of it`]) });
  await v.sees('line 800 of it');
  const rows = await v.page.evaluate(() => [...document.querySelectorAll('.rows > .ln')].map((e) => e.old === true));
  assert.ok(rows.length > 20 && rows.every(Boolean), `${rows.filter(Boolean).length} of ${rows.length}`);
  assert.ok(await v.page.locator('.lines').evaluate((e) => e.scrollTop + e.clientHeight >= e.scrollHeight - 1));
});
