// Not having run is a fact: with its status, its reason, and who brought it about.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { api, dayText, facts, fresh, get, hand, until } from './support/world.mjs';

const detail = (v) => v.page.getByRole('complementary', { name: 'The run' });
const why = (v) => v.page.getByRole('complementary', { name: 'Why' });
const runs = (key, status) => get(`/v1/executions?task=default~${key}&status=${status}&limit=500`).then((a) => a.items);
const save = async (key, spec) => { const answer = await api('PUT', `/v1/tasks/default~${key}`, { queue: 'q', schedules: [{ expression: '* * * * * *', zone: 'UTC' }], ...spec }); if (answer.status > 201) throw new Error(JSON.stringify(answer.body)); };
const act = (key, verb, body) => api('POST', `/v1/tasks/default~${key}:${verb}`, body);

seen('18 a missed run says which deadline it missed', async (v) => {
  const [[id, day]] = await hand.sql({ statement: "SELECT execution_id, (scheduled_at AT TIME ZONE 'UTC')::date FROM execution e JOIN task t USING (task_id) WHERE t.key = 'big' AND e.status = 10 ORDER BY scheduled_at DESC OFFSET 2 LIMIT 1" });
  await v.open(`/tasks/default~big?day=${day}&tz=UTC&status=MISSED&run=${id}`);
  await v.sees('it did not start within its start deadline', detail(v));
});

seen('19 a skipped run names what was in its way', async (v) => {
  const key = fresh('skips');
  await save(key, { overlap: 'SKIP', queue: 'history' });
  const [skipped] = await until('one is skipped', async () => { const list = await runs(key, 'SKIPPED'); return list.length > 0 && list; });
  const [open] = await runs(key, 'OPEN');
  await act(key, 'pause');
  await v.open(`/tasks/default~${key}?run=${skipped.execution_id}`);
  await v.sees('another run of it was under way', detail(v));
  await v.sees('Pending', detail(v));
  await v.sees(/^No: it was skipped, because another execution of the task was not finished/, detail(v));
  assert.match(await detail(v).getByRole('list', { name: 'Evidence' }).innerText(), /SKIPPED .*OVERLAP.*\s+status\[\d+\] at \d+/);
  await detail(v).getByRole('link', { name: open.execution_id }).click(); // of the sentence that says what is in the way
  await v.until('the blocker', () => v.address.pathname.endsWith(open.execution_id));
});

seen('20 a pause says who, since when and why', async (v) => {
  const key = fresh('paused');
  await save(key, {});
  await until('it runs', async () => (await runs(key, 'SUCCEEDED')).length > 1);
  await v.open(`/tasks/default~${key}`);
  await v.button('Did all run?').click();
  await v.sees(/[\d,]+ expected, 0 differences/, why(v));
  await why(v).getByRole('button', { name: 'Close' }).click();
  await v.button('Pause').click();
  await v.page.getByLabel('Reason').fill('the ledger is being closed');
  await v.page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
  await v.sees(/Paused by .+: the ledger is being closed/);
  const revision = (await get(`/v1/tasks/default~${key}/revisions`)).items[0];
  await until('instants pass', () => Date.now() > Date.parse(revision.effective_at) + 4000);
  await v.button('Resume').click();
  await v.page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
  await v.sees(new RegExp(`not fired: the task was paused by ${revision.actor}: the ledger is being closed`));
  await v.page.getByRole('row', { name: /not fired/ }).getByRole('button').click();
  await v.sees(new RegExp(`^No: the task was paused, since .+, by ${revision.actor}: the ledger is being closed`), why(v));
  assert.match(await why(v).getByRole('list', { name: 'Evidence' }).innerText(), /PAUSE_TASK .+: the ledger is being closed\s+commands\[\d+\] at \d+/);
  await v.button('Did all run?').click();
  await v.sees(/[\d,]+ expected, 1 difference/, why(v));
  await why(v).getByRole('list', { name: 'Differences' }).getByRole('button').click();
  await v.sees(/^No: the task was paused/, why(v));
  await act(key, 'pause');
});

seen('21 what a calendar leaves out names the calendar', async (v) => {
  const key = fresh('calendar');
  const next = new Date(Date.now() + 2 * 86_400_000);
  await save(key, { schedules: [{ expression: '0 9 * * *', zone: 'UTC' }], calendars: [{ name: 'holidays', mode: 'EXCLUDE', rules: [{ kind: 'date', value: dayText(next) }] }] });
  await v.open(`/tasks/default~${key}?tab=schedule`);
  await v.sees('holidays (left out)');
  await v.open(`/tasks/default~${key}/edit`);
  await v.sees(`${dayText(next)} 09:00`, v.part('What it means'));
  await v.sees('by holidays', v.part('What it means'));
  await v.open(`/tasks/default~${key}?tz=UTC&day=${dayText(Date.now() + 86_400_000)}`);
  const box = await v.page.locator('.timeline svg').boundingBox();
  await v.page.mouse.click(box.x + box.width / 2, box.y + 8); // twelve o'clock, where nothing is
  await v.sees('It is not scheduled: no schedule of the task names it.', why(v));
  await why(v).getByRole('button', { name: '09:00' }).first().click();
  await v.until('the one before', () => v.address.searchParams.get('why')?.endsWith('T09:00:00Z'));
  await why(v).getByLabel(/Another instant/).fill(`${dayText(next)}T09:00:00`);
  await v.button('Did it run then?').click();
  await v.sees(/holidays/, why(v));
});

seen('20 why an execution ran, or not, stands on its own screen', async (v) => {
  const [[missed]] = await hand.sql({ statement: "SELECT execution_id FROM execution WHERE task_id = (SELECT task_id FROM task WHERE key = 'big') AND status = 10 LIMIT 1" });
  await v.open(`/executions/${missed}`);
  await v.sees(/MISSED/, v.part('Why').getByRole('list', { name: 'Evidence' }));
  await v.open(`/executions/${facts.odd.contradicted}`);
  assert.equal(await v.part('Why').getByRole('list').count(), 0, 'one that ran is explained when somebody asks');
  await v.page.getByText('Why, with evidence').click();
  await v.sees(/SUCCEEDED/, v.part('Why').getByRole('list', { name: 'Evidence' }));
});

seen('22 an outage leaves a gap that says so', async (v) => {
  const key = fresh('outage');
  await save(key, { misfire: { policy: 'NONE', after_ms: 1000 } });
  await until('it runs', async () => (await runs(key, 'SUCCEEDED')).length > 1);
  await hand.withhold({ seconds: 5 });
  await until('a gap', async () => (await get(`/v1/tasks/default~${key}/gaps`)).items.length > 0, 60);
  await act(key, 'pause');
  await v.open(`/tasks/default~${key}`);
  await v.sees(/\d+ not fired: nobody was there to fire it/);
  assert.ok(await v.count('.timeline .gap, .chart') > 0);
});

seen('20 the next run is left out, and says who asked for it', async (v) => {
  const key = fresh('skip');
  await save(key, { schedules: [{ expression: '0 0 1 1 *', zone: 'UTC' }] });
  const leaveOut = async () => {
    await v.button('More').click();
    await v.page.getByRole('menuitem', { name: 'Skip the next run…' }).click();
    await v.page.getByRole('dialog').getByLabel('Reason').fill('the mill stands still');
    await v.page.getByRole('dialog').getByRole('button', { name: 'Skip it' }).click();
  };
  await v.open(`/tasks/default~${key}?tz=UTC`);
  await leaveOut();
  await v.sees(/1 Jan .+ is left out\./);
  await v.sees('will be skipped, by api: the mill stands still');
  await save(key, { schedules: [{ expression: '*/3 * * * * *', zone: 'UTC' }] });
  await v.page.reload();
  await v.sees('every 3 seconds');
  await leaveOut();
  const [skipped] = await until('one is skipped', async () => { const list = await runs(key, 'SKIPPED'); return list.length > 0 && list; });
  await act(key, 'pause');
  await v.open(`/tasks/default~${key}?run=${skipped.execution_id}`);
  await v.sees('it was told to skip this one', detail(v));
  await v.sees(/SKIPPED .SKIP_NEXT./, detail(v).getByRole('list', { name: 'Evidence' }));
});

seen('20 a backfill tells what it would run, and runs that', async (v) => {
  const key = fresh('backfill');
  await save(key, { schedules: [{ expression: '0 * * * *', zone: 'UTC' }] });
  await v.open(`/tasks/default~${key}`);
  await v.button('More').click();
  await v.page.getByRole('menuitem', { name: 'Backfill…' }).click();
  const dialog = v.page.getByRole('dialog');
  const fill = (label, value) => dialog.getByLabel(label, { exact: true }).fill(value);
  const day = dayText(Date.now() - 3 * 86_400_000);
  const send = dialog.getByRole('button', { name: /^Run / });
  assert.equal(await send.getAttribute('aria-disabled'), 'true', 'nothing is asked for yet');
  await fill('From', `${dayText(Date.now() - 80 * 86_400_000)}T00:00:00`);
  await fill('To', `${day}T12:00:00`);
  await v.sees('One backfill takes 1,000.', dialog);
  assert.equal(await send.getAttribute('aria-disabled'), 'true', 'more than one may take');
  await dialog.getByRole('button', { name: /^End it at/ }).click();
  await v.sees('Run 1,000 instants', dialog);
  await fill('From', `${day}T10:00:00`);
  await fill('To', `${day}T09:00:00`);
  await dialog.locator('.problem').waitFor();
  assert.equal(await send.getAttribute('aria-disabled'), 'true', 'no range');
  await fill('To', `${day}T12:00:00`);
  await v.sees('Run 3 instants', dialog);
  assert.match(await dialog.locator('ol').innerText(), /10:00\n.*11:00\n.*12:00/);
  assert.equal((await get(`/v1/executions?task=default~${key}`)).items.length, 0, 'nothing is run by telling');
  await dialog.getByLabel('Reason').fill('the disk was full');
  await send.dblclick();
  await v.sees(/The backfill of .+ has begun\./);
  await until('they have run', async () => (await runs(key, 'SUCCEEDED')).length === 3);
  await v.open(`/tasks/default~${key}?day=${day}`);
  const rows = v.part('Runs of the day').locator('tr[data-run]');
  await v.until('three of a backfill', async () => (await rows.filter({ hasText: 'by a backfill' }).count()) === 3);
  assert.deepEqual((await rows.locator('.clock').allInnerTexts()), ['12:00', '11:00', '10:00']);
}, { allows: /status of 400/, timezoneId: 'Europe/Berlin' });
