// Not having run is a fact: with its status, its reason, and who brought it about.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { api, dayText, fresh, get, hand, until } from './support/world.mjs';

const detail = (v) => v.page.getByRole('complementary', { name: 'The run' });
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
  await detail(v).getByRole('link', { name: open.execution_id }).click();
  await v.until('the blocker', () => v.address.pathname.endsWith(open.execution_id));
});

seen('20 a pause says who, since when and why', async (v) => {
  const key = fresh('paused');
  await save(key, {});
  await until('it runs', async () => (await runs(key, 'SUCCEEDED')).length > 1);
  await v.open(`/tasks/default~${key}`);
  await v.button('Pause').click();
  await v.page.getByLabel('Reason').fill('the ledger is being closed');
  await v.page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
  await v.sees(/Paused by .+: the ledger is being closed/);
  const revision = (await get(`/v1/tasks/default~${key}/revisions`)).items[0];
  await until('instants pass', () => Date.now() > Date.parse(revision.effective_at) + 4000);
  await v.button('Resume').click();
  await v.page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
  await v.sees(new RegExp(`not fired: the task was paused by ${revision.actor}: the ledger is being closed`));
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
