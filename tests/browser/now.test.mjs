// Is all well, and if not, where: the first screen.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { get, hand } from './support/world.mjs';

const tile = (v, name) => v.page.locator('.tile', { has: v.page.getByText(name, { exact: true }) });
const value = async (v, name) => (await tile(v, name).locator('.value').innerText()).replaceAll(',', '');

seen('1 tiles are what the tables say', async (v) => {
  const truth = () => hand.sql({ statement: `SELECT count(*) FILTER (WHERE status IN (2, 3, 4)), count(*) FILTER (WHERE status = 5 AND uuid_time(execution_id) > now() - interval '24 hours'),
    (SELECT count(*) FROM execution WHERE status IN (6, 7, 8) AND uuid_time(execution_id) > now() - interval '24 hours') FROM execution` });
  await v.open('/now');
  await v.until('running, succeeded, failed', async () => {
    const [running, succeeded, failed] = (await truth())[0];
    const near = (shown, n) => Math.abs(Number(shown) - n) <= Math.max(3, n / 50); // steps of 15 minutes at the edge, and what comes meanwhile
    return near(await value(v, 'Running'), running) && near(await value(v, 'Succeeded'), succeeded) && near((await tile(v, 'Failing tasks').locator('.note').innerText()).replace(/\D.*/, ''), failed);
  });
  const summary = await get('/v1/summary');
  await v.until('as the API says', async () => Math.abs(Number(await value(v, 'Failing tasks')) - summary.failing_tasks) <= 1);
});

seen('2 one failure among ten thousand can be seen', async (v) => {
  await v.open('/now');
  await v.page.locator('.chart .bar-bad').first().waitFor();
  const heights = await v.page.locator('.chart .bar-bad').evaluateAll((all) => all.map((r) => r.getBoundingClientRect().height));
  assert.ok(heights.every((h) => h >= 2), heights.join());
});

seen('4 a task that fails is one row', async (v) => {
  await v.open('/now');
  const rows = v.part('Needs attention').locator('tr', { hasText: 'default~failing' });
  await rows.first().waitFor();
  assert.equal(await rows.count(), 1);
  await v.sees('Failed 6 times in a row', rows);
  await v.sees('disk full', rows);
});

seen('5 an empty installation says how to begin', async (v) => {
  const base = await hand.empty();
  await v.open('/now', base);
  await v.sees('Nothing is scheduled yet');
  await v.link('New task').last().click();
  await v.sees('What it means');
  for (const [path, words] of [['/runs', 'Nothing was due on this day.'], ['/tasks', 'There is no task yet.'], ['/upcoming', 'Nothing is due in the next 24 hours.']]) {
    await v.open(path);
    await v.sees(words);
  }
});
