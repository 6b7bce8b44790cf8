// One run: live, long ended, contradicted, half known; what it was given and gave back.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { facts, fresh, get, hand, until } from './support/world.mjs';

const SECOND = 1_000_000;
const isKnown = (id) => until(`${id} is in the history`, () => get(`/v1/executions/${id}`).catch(() => undefined));

seen('23 a run is followed to its end', async (v) => {
  const execution = await hand.run({ key: 'live' });
  await isKnown(execution);
  await v.open(`/executions/${execution}`);
  await v.sees('Pending');
  await hand.report({ key: 'live', execution, status: 'RUNNING' });
  await v.sees('Running', v.page.locator('h1'));
  await hand.log({ key: 'live', execution, first: 1, lines: [['INFO', 'STDOUT', 'first words'], ['ERROR', 'STDERR', 'last words']] });
  await v.sees('last words', v.part('Log'));
  await hand.report({ key: 'live', execution, status: 'SUCCEEDED', exit_code: 0 });
  await v.sees('Succeeded', v.page.locator('h1'));
  await v.sees('exit code 0', v.part('Facts'));
});

seen('24 attempts have a lane each, and waiting its own look', async (v) => {
  const execution = await hand.run({ key: 'live' });
  const due = Date.parse((await isKnown(execution)).due_at);
  const event = (attempt, status, s, more = {}) => ({ attempt, status, occurred_at: new Date(due + 1000 * s).toISOString(), received_at: new Date(due + 1000 * s).toISOString(), moved: true, ...more });
  const items = [event(1, 'RUNNING', 5), event(1, 'FAILED', 20, { exit_code: 3 }), event(1, 'RETRYING', 20, { next_attempt_at: new Date(due + 30_000).toISOString() }),
    event(2, 'RUNNING', 30), event(2, 'SUCCEEDED', 50, { exit_code: 0 })];
  await v.page.route(/\/events\?/, (route) => route.fulfill({ json: { items } })); // no scheduler orders a second attempt so far
  await v.open(`/executions/${execution}`);
  const phases = v.part('Phases');
  await v.sees('failed after 15.0 s · exit code 3', phases);
  await v.sees('succeeded after 20.0 s · exit code 0', phases);
  assert.deepEqual([await v.count('.phase .wait'), await v.count('.phase .between')], [1, 1]);
});

seen('25 contradicting reports are both told', async (v) => {
  await v.open(`/executions/${facts.odd.contradicted}`);
  await v.sees(/contradict each other: what counts is Succeeded by worker-1; Failed by worker-2 was said, too/);
  await v.sees('changed nothing', v.part('Events'));
});

seen('26 a run known by reports alone says so', async (v) => {
  await v.open(`/executions/${facts.odd.stub}`);
  await v.sees('Reports only: nobody ordered this run here, a worker saw it.');
});

seen('27 what the API cannot do has no button', async (v) => {
  const { can } = await get('/v1/session');
  await v.open(`/executions/${facts.odd.contradicted}`);
  for (const verb of ['cancel', 'retry'])
    assert.equal(await v.page.getByRole('button', { name: new RegExp(`^${verb}`, 'i') }).count(), can.includes(verb) ? 1 : 0);
});

seen('28 a payload of bytes, of nothing, of 64 KiB', async (v) => {
  await v.open(`/executions/${facts.odd.binary}`);
  await v.sees('000000  00 01 02 03', v.part('Payload'));
  await v.sees('0000f0  f0 f1 f2 f3', v.part('Result'));
  await v.open(`/executions/${facts.odd.empty}`);
  await v.sees('Empty.', v.part('Payload'));
  await v.open(`/executions/${facts.odd.large}`);
  await v.sees('64.0 KiB', v.part('Payload'));
  const length = () => v.part('Payload').locator('pre').evaluate((e) => e.textContent.length);
  assert.equal(await length(), 4096);
  await v.part('Payload').getByRole('button', { name: 'Show all' }).click();
  await v.until('all of it', async () => await length() === 65536);
});

seen('40 a run shows no line of another', async (v) => {
  const runs = [];
  for (const name of ['one', 'two']) {
    const execution = await hand.run({ key: 'live', at: Math.floor(Date.now() / 1000) * SECOND - (name === 'one' ? 2 : 1) * SECOND });
    await hand.report({ key: 'live', execution, status: 'RUNNING' });
    await hand.log({ key: 'live', execution, first: 1, lines: Array.from({ length: 50 }, (_, n) => ['INFO', 'STDOUT', `${name} says ${n}`]) });
    await hand.report({ key: 'live', execution, status: 'SUCCEEDED' });
    runs.push(execution);
    await until('its lines are stored', async () => (await get(`/v1/executions/${execution}/logs`).catch(() => ({ items: [] }))).items.length === 50);
  }
  await v.open(`/executions/${runs[0]}`);
  await v.sees('one says 49');
  await v.page.keyboard.press('k');
  await v.sees('two says 49');
  assert.equal(await v.page.getByText('one says').count(), 0);
  await v.page.goBack();
  await v.sees('one says 49');
  assert.equal(await v.page.getByText('two says').count(), 0);
});
