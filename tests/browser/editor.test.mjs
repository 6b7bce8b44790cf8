// Nothing surprises after saving: words, instants, what is left out and what is wrong stand there before.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { api, fresh, get, hand, sql, until } from './support/world.mjs';

const meaning = (v) => v.part('What it means');
const when = (v) => v.page.getByLabel('When *');

/** Two hundred, of every dialect, some of them wrong. */
function expressions() {
  const all = ['@daily', '@every 90m', '@hourly', '@weekly', '@yearly', 'cron(0 12 * * ? *)', 'rate(5 minutes)', '0 0 30 2 *', '* * * *', '61 * * * *', '30/15 2 * * *', '0 9 * * MON-FRI', '0 0 L * *', '0 0 * * 5#2',
    '*/20 * * * *', '0 0 1,15 * 1', '5 4 * * sun', '0 22 * * 1-5', '23 0-20/2 * * *', '15,45 8-18 * * *', '*/10 * * * * *', '0 0 0 1 1 *', 'x y z', '0 25 * * *', '0 0 * jan-mar mon'];
  for (let n = 0; all.length < 200; n++) all.push(`${(n * 7) % 60} ${n % 24} ${n % 3 ? '*' : 1 + (n % 28)} ${n % 5 ? '*' : 1 + (n % 12)} ${n % 4 ? '*' : n % 7}`, `*/${2 + (n % 28)} ${n % 20}-${n % 20 + 3} * * *`);
  return [...new Set(all)].slice(0, 200);
}

seen('48 an expression means what cronobs explain says: two hundred', async (v) => {
  const zone = 'Europe/Berlin';
  const all = expressions();
  const told = await hand.explain({ expressions: all, zone });
  await v.open('/new');
  await v.page.getByLabel('Zone', { exact: true }).first().fill(zone);
  for (let n = 1; n < 10; n++) await v.button('Another schedule').click();
  const fields = v.page.locator('.schedule');
  for (let at = 0; at < all.length; at += 10) {
    for (let n = 0; n < 10; n++) await fields.nth(n).locator('input').first().fill(all[at + n]);
    for (let n = 0; n < 10; n++) {
      const want = told[at + n];
      await v.until(`${all[at + n]}: ${want.text}`, async () => (await fields.nth(n).innerText()).replace(/\s+/g, ' ').includes(want.text.replace(/\s+/g, ' ')), 30);
    }
  }
}, { allows: /400 \(Bad Request\)/ });

seen('49 what is wrong is pointed at', async (v) => {
  await v.open('/new');
  for (const [expression, column] of [['61 * * * *', 1], ['0 25 * * *', 3], ['0 0 * foo *', 7]]) {
    await when(v).fill(expression);
    await v.until(`a caret below column ${column}`, async () => (await v.page.locator('.caret').textContent().catch(() => '')) === `${' '.repeat(column - 1)}^`);
    const [field, caret] = await Promise.all([when(v).boundingBox(), v.page.locator('.caret').boundingBox()]);
    assert.ok(caret.y >= field.y + field.height - 2 && caret.y < field.y + field.height + 40, 'below its field');
    assert.equal(await when(v).getAttribute('aria-invalid'), 'true');
  }
}, { allows: /400 \(Bad Request\)/ });

seen('50 looking at what would come changes nothing', async (v) => {
  const key = fresh('dry');
  await api('PUT', `/v1/tasks/default~${key}`, { queue: 'history', schedules: [{ expression: '0 3 * * *', zone: 'UTC' }] });
  const commands = () => sql(`SELECT count(*) FROM command c JOIN task t USING (task_id) WHERE t.key = '${key}'`);
  const before = await until('its command is known', commands);
  await v.open(`/tasks/default~${key}/edit`);
  await v.page.getByLabel('Title').fill('Another title');
  await when(v).fill('0 4 * * *');
  await v.sees('Another title', meaning(v));
  await v.sees('/schedules'.slice(1), meaning(v));
  assert.equal(await commands(), before);
  assert.equal((await get(`/v1/tasks/default~${key}`)).revision, 1);
});

seen('51 who saved meanwhile is not overwritten', async (v) => {
  const key = fresh('both');
  const save = (title) => api('PUT', `/v1/tasks/default~${key}`, { title, queue: 'history', schedules: [{ expression: '0 3 * * *', zone: 'UTC' }] });
  await save('First');
  await v.open(`/tasks/default~${key}/edit`);
  await v.page.getByLabel('Title').fill('Mine');
  await save('Theirs');
  await v.button('Save as revision 2').click();
  await v.sees('Revision 2 was saved meanwhile.');
  await v.sees('Theirs', v.page.locator('.conflict'));
  await v.button('Go on with mine on top of it').click();
  await v.button('Save as revision 3').click();
  await v.sees('Mine', v.page.locator('h1'));
  assert.equal((await get(`/v1/tasks/default~${key}`)).revision, 3);
}, { allows: /412 \(Precondition Failed\)/ });

seen('52 a double click is one command', async (v) => {
  const key = fresh('twice');
  await api('PUT', `/v1/tasks/default~${key}`, { queue: 'q' });
  await v.open(`/tasks/default~${key}`);
  await v.button('Run now').click();
  await v.page.getByRole('dialog').getByLabel('Reason').fill('to see whether it is one');
  await v.page.getByRole('dialog').getByRole('button', { name: 'Run now' }).dblclick();
  await v.sees(`default~${key} runs.`);
  await v.sees('Succeeded', v.part('Runs of the day'));
  assert.equal((await get(`/v1/executions?task=default~${key}`)).items.length, 1);
  assert.equal(await sql(`SELECT count(*) FROM command c JOIN task t USING (task_id) WHERE t.key = '${key}' AND c.reason = 'to see whether it is one'`), 1);
});

seen('53 an import is that of the command line', async (v) => {
  const text = 'MAILTO=ops@example.org\nCRON_TZ=Europe/Berlin\n*/20 * * * * /usr/bin/sync --all\n0 3 * * 0 /usr/bin/weekly\n61 * * * * /usr/bin/never\n@reboot /usr/bin/once\n';
  const source = fresh('tab');
  const told = JSON.parse((await hand.cli({ arguments: ['import', 'crontab', '--dry-run', '--json', '--source', source, '--queue', 'q', '--zone', 'UTC', '-'], input: text, check: false })).out);
  await v.open('/import');
  await v.page.getByLabel('Crontab', { exact: true }).fill(text);
  await v.page.getByLabel('Name of this crontab').fill(source);
  await v.page.getByLabel('Queue').fill('q');
  await v.page.getByLabel('Zone of the machine').fill('UTC');
  await v.button('Show what it means').click();
  for (const entry of told.entries) {
    const row = v.part('What it would make').locator('tr', { hasText: entry.command });
    await row.waitFor();
    assert.match(await row.innerText(), new RegExp(`\\b${entry.line}\\b`));
  }
  for (const refused of told.refused) await v.sees(refused.why, v.part('Refused'));
  assert.equal(await sql(`SELECT count(*) FROM task WHERE key LIKE '%${source}%'`), 0);
  await v.page.getByRole('button', { name: /^Import/ }).click();
  await v.sees('What came of it');
  await v.until('they are tasks', async () => (await Promise.all(told.entries.map((e) => api('GET', `/v1/tasks/default~${encodeURIComponent(e.key)}`)))).every((a) => a.status === 200));
});

seen('50 policies are fields, each with its own error, and words afterwards', async (v) => {
  const key = fresh('policies');
  await v.open('/new');
  await v.page.getByLabel('Key *').fill(key);
  await when(v).fill('0 9 * * *');
  await v.page.getByText('Overlap, retries, deadlines, window').click();
  const field = (label) => v.page.getByLabel(label, { exact: true });
  for (const kind of ['both run', 'the new one is skipped', 'one waits, further ones are skipped', 'the new ones wait', 'the other is cancelled']) await field('When another run is under way').selectOption({ label: kind });
  assert.equal(await field('Longest wait').count(), 0, 'with one attempt there is nothing to wait for');
  const values = { 'Runs at a time': '2', Attempts: '3', 'Wait before the second': '1 h', 'Longest wait': '30 min', 'Jitter of waits': '5 s', 'Finish by': '3 h', 'Start deadline': '10 min', 'Pause after failures': '4' };
  for (const [label, value] of Object.entries(values)) await field(label).fill(value);
  const wrongOf = (label) => v.page.locator('.field', { has: field(label) }).locator('.wrong');
  await v.sees(/max_delay_ms: .+ is less than first_delay_ms/, wrongOf('Longest wait'));
  await field('Longest wait').fill('2 h');
  await field('Start deadline').fill('4 h');
  await v.sees(/finish_by_ms: .+ is less than start_deadline_ms/, wrongOf('Finish by'));
  await field('Start deadline').fill('10 min');
  await field('Attempts').fill('many');
  await v.sees('Write a number', wrongOf('Attempts'));
  for (const typed of ['', '1']) {
    await field('Attempts').fill(typed);
    await field('Longest wait').waitFor({ state: 'detached' });
  }
  await field('Attempts').fill('3');
  assert.equal(await field('Longest wait').inputValue(), '2 h', 'what was said of waits is still there');
  await field('being lost').uncheck();
  await field('timing out').uncheck();
  assert.ok(await field('failing').isDisabled(), 'none at all would be all of them');
  const after = v.page.getByRole('group', { name: 'What runs after it' });
  await after.getByRole('button', { name: 'Task', exact: true }).click();
  await after.getByLabel('Task that runs then').fill(key);
  await v.sees('the task would set itself off', after);
  await after.getByLabel('Task that runs then').fill('a~b~c');
  await v.sees('is not the key of a task', after.locator('.wrong'));
  assert.equal(await after.getByLabel('Task that runs then').inputValue(), 'a~b~c');
  await after.getByLabel('Task that runs then').fill(`default~${key}-next`);
  await after.getByLabel('When this task').selectOption({ label: 'when this ends' });
  await after.locator('.wrong').waitFor({ state: 'detached' });
  await v.sees('Next', meaning(v));
  await v.button('Save').click();
  await v.page.locator('h1', { hasText: key }).waitFor();
  const { spec } = await get(`/v1/tasks/default~${key}`);
  assert.deepEqual([spec.overlap, spec.max_concurrency, spec.finish_by_ms, spec.start_deadline_ms, spec.pause_after_failures], ['CANCEL_OTHER', 2, 10_800_000, 600_000, 4]);
  assert.deepEqual([spec.retry.max_attempts, spec.retry.first_delay_ms, spec.retry.max_delay_ms, spec.retry.jitter_ms, spec.retry.on], [3, 3_600_000, 7_200_000, 5000, 'FAILED']);
  assert.deepEqual(spec.then, [{ project: 'default', task: `${key}-next`, on: 'ENDED' }]);
  await api('PATCH', `/v1/tasks/default~${key}`, { retry: { max_attempts: 5 }, overlap: 'QUEUE_ALL' }, { 'Content-Type': 'application/merge-patch+json' });
  await v.open(`/tasks/default~${key}?tab=definition`);
  const now = v.part('As it is');
  for (const text of ['the new ones wait', /^up to 5 attempts after failing: the second after 1 h, each further wait 2 times as long, 2 h at most, and up to 5 s more$/, 'at 09:00 every day', '3 h', `default~${key}-next runs`]) await v.sees(text, now);
  for (const text of [/Attempts 3 → 5/, /the other is cancelled → the new ones wait/]) await v.until(String(text), async () => text.test((await v.part('Revisions').innerText()).replace(/\s+/g, ' ')));
}, { allows: /status of 400/ });
