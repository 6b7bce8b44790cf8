// One run: live, long ended, contradicted, half known; what it was given and gave back.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { seen } from './support/seen.mjs';
import { api, facts, fresh, get, hand, until } from './support/world.mjs';

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

seen('23 how far a run is shows wherever it does', async (v) => {
  const by = { worker: fresh('far'), incarnation: crypto.randomUUID() };
  const execution = await hand.run({ key: 'live' });
  await isKnown(execution);
  await hand.report({ key: 'live', execution, status: 'RUNNING', ...by });
  await v.open(`/executions/${execution}`);
  await v.sees('Running', v.page.locator('h1'));
  await hand.beat({ key: 'live', execution, progress: 40, message: 'loading', ...by });
  await v.sees(/running .+ · 40 %/, v.part('Phases'));
  await v.until('in the facts', async () => /40 % loading/.test(await v.part('Facts').innerText()));
  await v.open('/tasks/default~live');
  await v.sees(/^40 % loading/, v.part('Runs of the day'));
  await v.open('/queues/history');
  await v.sees(/40 % loading/, v.part('Workers').getByRole('row', { name: by.worker }));
  await hand.report({ key: 'live', execution, status: 'SUCCEEDED', ...by });
  await v.open(`/executions/${execution}`);
  await v.sees('Succeeded', v.page.locator('h1'));
  assert.doesNotMatch(await v.part('Phases').innerText(), /%/);
});

seen('23 a run that the history does not know yet is shown once it does', async (v) => {
  const wanted = { key: 'live', at: Math.floor(Date.now() / 1000) * SECOND, nonce: fresh('soon') };
  await v.open(`/executions/${await hand.id_of(wanted)}`);
  await v.sees('There is no such run.');
  await hand.run(wanted);
  await v.sees('Pending', v.page.locator('h1'));
}, { allows: /status of 404/ });

seen('24 attempts have a lane each, and waiting its own look', async (v) => {
  const retry = { max_attempts: 3, first_delay_ms: 600_000, max_delay_ms: 600_000, jitter_ms: 0, multiplier: 1, on: null };
  const execution = await hand.run({ key: 'live', at: 1000 * (Date.now() - 60_000), max_attempts: 3, retry });
  const report = (status, more) => hand.report({ key: 'live', execution, status, ...more });
  const phases = v.part('Phases');
  await isKnown(execution);
  await v.open(`/executions/${execution}`);
  await report('RUNNING');
  await v.sees(/running/, phases);
  await report('FAILED', { exit_code: 3, reason: 'EXIT_CODE' });
  await v.sees(/failed after .+ · exit code 3/, phases);
  await report('RETRYING', { attempt: 2, worker: null, next_attempt_at: 1000 * (Date.now() + 600_000) });
  await v.sees('Retrying', v.page.locator('h1'));
  await v.sees('attempt 2 of 3', v.page.locator('h1'));
  await v.sees('Next attempt', v.part('Facts'));
  assert.deepEqual([await v.count('.phase .wait'), await v.count('.phase .between'), await v.count('.phase .lane')], [1, 1, 1], 'it waits for its second attempt');
  await report('RUNNING', { attempt: 2, worker: 'worker-2' });
  await v.sees('Running', v.page.locator('h1'));
  await report('SUCCEEDED', { attempt: 2, worker: 'worker-2', exit_code: 0 });
  await v.sees('Succeeded', v.page.locator('h1'));
  await v.sees(/succeeded after .+ · exit code 0/, phases);
  assert.deepEqual([await v.count('.phase .wait'), await v.count('.phase .between'), await v.count('.phase .lane')], [1, 1, 2]);
  for (const words of ['Retrying, attempt 2', 'Running, attempt 2', 'worker-2']) await v.sees(words, v.part('Events'));
  assert.equal((await get(`/v1/executions/${execution}`)).attempt, 2);
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

seen('27 what the API cannot do has no button, and what it can has one', async (v) => {
  const { can } = await get('/v1/session');
  const key = fresh('can');
  await api('PUT', `/v1/tasks/default~${key}`, { queue: 'history', schedules: [{ expression: '0 0 1 1 *', zone: 'UTC' }] });
  const shown = (name) => v.page.getByRole('button', { name }).or(v.page.getByRole('menuitem', { name })).or(v.page.getByRole('link', { name })).count();
  const buttons = async (names) => Object.fromEntries(await Promise.all(Object.entries(names).map(async ([verb, name]) => [verb, await shown(name) > 0])));
  const without = (verb) => v.page.route(/\/v1\/session/, (route) => route.fulfill({ json: { auth: 'none', can: can.filter((c) => c !== verb) } }));
  const open = await hand.run({ key: 'live' });
  await hand.report({ key: 'live', execution: open, status: 'RUNNING' });
  await isKnown(open);
  for (const [execution, verb, name] of [[facts.odd.contradicted, 'retry', /^retry/i], [open, 'cancel', /^cancel/i]]) {
    await v.open(`/executions/${execution}`);
    await v.until(`${verb}, and that alone`, async () => isDeepStrictEqual(await buttons({ cancel: /^cancel/i, retry: /^retry/i }), { cancel: false, retry: false, [verb]: true }));
    await without(verb);
    await v.open(`/executions/${execution}`);
    assert.equal(await shown(name), 0, `without ${verb}`);
    await v.page.unroute(/\/v1\/session/);
  }
  const names = { trigger: /^Run now/, pause: /^Pause/, put: /^Edit/, delete: /^Delete/, 'skip-next': /^Skip the next run/, backfill: /^Backfill/ };
  const task = async (what, has) => {
    await v.open(`/tasks/default~${key}`);
    await v.button('More').click();
    const wanted = Object.fromEntries(Object.keys(names).map((verb) => [verb, has(verb)]));
    await v.until(what, async () => isDeepStrictEqual(await buttons(names), wanted));
  };
  await task('what the API can', (verb) => can.includes(verb));
  for (const verb of Object.keys(names)) {
    await without(verb);
    await task(`all without ${verb}`, (name) => name !== verb);
    await v.page.unroute(/\/v1\/session/);
  }
});

const dialog = (v) => v.page.getByRole('dialog');
const trigger = async (key) => (await api('POST', `/v1/tasks/default~${key}:trigger`)).body.execution_id;

seen('27 what nobody has begun is cancelled at once, what runs is asked to end', async (v) => {
  const key = fresh('cancel');
  await api('PUT', `/v1/tasks/default~${key}`, { queue: 'history' });
  const cancel = async (words) => {
    await v.button('Cancel').click();
    await v.sees(words, dialog(v));
    await dialog(v).getByLabel('Reason').fill('not today');
    await dialog(v).getByRole('button', { name: 'Cancel the run' }).click();
  };
  const pending = await trigger(key);
  await isKnown(pending);
  await v.open(`/executions/${pending}`);
  await cancel(/No worker is at it/);
  await v.sees('Cancelled', v.page.locator('h1'));
  assert.equal(await v.button('Cancel').count(), 0);
  await v.page.getByText('Why, with evidence').click();
  await v.sees(/CANCELLED .CANCEL_REQUESTED./, v.part('Why'));

  const running = await trigger(key);
  await isKnown(running);
  await hand.report({ key, execution: running, status: 'RUNNING' });
  await v.open(`/executions/${running}`);
  await v.sees('Running', v.page.locator('h1'));
  await v.page.route(/:cancel$/, (route) => route.fulfill({ status: 202, json: { command_id: running, result: 'PENDING' } }));
  await v.page.route(/\/v1\/commands\//, (route) => route.fulfill({ json: { command_id: running, result: 'PENDING' } }));
  await cancel(/Its worker is told to end it/);
  await v.sees('Accepted, not carried out yet');
  await v.sees('cancel asked for', v.page.locator('h1'));
  await v.sees('Running', v.page.locator('h1')); // as the history has it
  assert.equal(await v.button('Cancel').count(), 0, 'it is asked for');
  await v.page.unroute(/:cancel$/);
  await v.open(`/executions/${running}`);
  await cancel(/Its worker is told to end it/);
  await v.sees('Cancelling', v.page.locator('h1'));
  assert.equal(await v.button('Cancel').count(), 0);
  await v.open(`/tasks/default~${key}`);
  await v.sees('Cancelling', v.part('Runs of the day'));
  await v.open('/now');
  await v.sees('Cancelling', v.part('Running').getByRole('row', { name: key }));
  await v.open(`/executions/${running}`);
  await hand.report({ key, execution: running, status: 'CANCELLED', reason: 'CANCEL_REQUESTED' });
  await v.sees('Cancelled', v.page.locator('h1'));
});

seen('27 a run is tried again as one of its own', async (v) => {
  const key = fresh('again');
  await api('PUT', `/v1/tasks/default~${key}`, { queue: 'q' });
  const first = await trigger(key);
  await v.until('it has run', async () => (await get(`/v1/executions/${first}`).catch(() => ({}))).status === 'SUCCEEDED');
  await v.open(`/tasks/default~${key}?run=${first}`);
  await v.page.getByRole('complementary', { name: 'The run' }).getByRole('button', { name: 'Retry' }).click();
  await v.sees('A new run for the same instant', dialog(v));
  await dialog(v).getByRole('button', { name: 'Retry' }).dblclick();
  await v.link('Open the run').click();
  await v.until('the new one', () => v.address.pathname.includes('/executions/') && !v.address.pathname.endsWith(first));
  await v.sees(/as a retry/, v.part('Facts'));
  await v.sees('Succeeded', v.page.locator('h1'));
  const again = v.part('Facts').locator('dd', { has: v.page.locator(`a[href$="${first}"]`) });
  await v.sees('Succeeded', again);
  assert.equal((await get(`/v1/executions?task=default~${key}`)).items.length, 2, 'once, however often it was clicked');
});

seen('27 what waits says for whom, and a queue which worker runs what', async (v) => {
  const key = fresh('waits');
  await api('PUT', `/v1/tasks/default~${key}`, { queue: 'history', title: 'One at a time', overlap: 'QUEUE_ONE' });
  const [first, second] = [await trigger(key), await trigger(key)];
  await v.until('the second waits', async () => (await get(`/v1/executions/${second}`).catch(() => ({}))).status === 'WAITING');
  await v.open(`/tasks/default~${key}`);
  await v.sees('Waiting', v.part('Runs of the day'));
  await v.open(`/executions/${second}`);
  await v.sees('Waiting', v.page.locator('h1'));
  const waitsFor = v.part('Facts').locator('dd', { has: v.page.locator(`a[href$="${first}"]`) });
  await v.sees('Pending', waitsFor);
  const by = { worker: fresh('worker'), incarnation: crypto.randomUUID() };
  await hand.report({ key, execution: first, status: 'RUNNING', ...by });
  await v.sees('Running', waitsFor);
  await v.open('/queues');
  await v.link('history').click();
  const row = v.part('Workers').getByRole('row', { name: by.worker });
  await v.sees('Running', row);
  await row.getByRole('link', { name: `default~${key}` }).click();
  await v.until('its run', () => v.address.pathname.endsWith(first));
  await hand.report({ key, execution: first, status: 'SUCCEEDED', ...by });
  await v.open(`/executions/${second}`);
  await v.sees('Pending', v.page.locator('h1'));
  await v.open('/queues/nothing-there');
  await v.sees(/No worker has said anything|There is no/);
}, { allows: /status of 404/ });

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
