// What is asked of a task or a run: refused, stale, asked again, taken back; and what the dialogs say before.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { api, dayText, facts, fresh, get, hand, until, zone } from './support/world.mjs';

const dialog = (v) => v.page.getByRole('dialog');
const save = async (key, spec) => { const answer = await api('PUT', `/v1/tasks/default~${key}`, { queue: 'history', ...spec }); if (answer.status > 201) throw new Error(JSON.stringify(answer.body)); };
const patch = (key, spec) => api('PATCH', `/v1/tasks/default~${key}`, spec, { 'Content-Type': 'application/merge-patch+json' });
const ask = async (v, name) => {
  await v.button('More').click();
  await v.page.getByRole('menuitem', { name }).click();
};
const by = { worker: fresh('worker'), incarnation: crypto.randomUUID() };
const end = (execution) => hand.report({ key: 'live', execution, status: 'SUCCEEDED', ...by });
const running = async () => {
  const execution = await hand.run({ key: 'live' });
  await hand.report({ key: 'live', execution, status: 'RUNNING', ...by });
  await until('it runs', async () => (await get(`/v1/executions/${execution}`).catch(() => ({}))).status === 'RUNNING');
  return execution;
};

seen('27 what was refused is asked anew, what nobody knows of is asked again', async (v) => {
  const answers = [503, 504, 409, 422, 200];
  const keys = [];
  await v.page.route(/:retry$/, async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    const status = answers.shift();
    await route.fulfill(status === 200 ? { json: { result: 'ACCEPTED' } } : { status, contentType: 'application/problem+json', json: { title: 'No', detail: `answer ${status}`, status } });
  });
  await v.open(`/executions/${facts.odd.contradicted}`);
  await v.button('Retry').click();
  for (const answer of [...answers]) {
    await dialog(v).getByRole('button', { name: 'Retry' }).click();
    await v.sees(answer === 200 ? 'It runs again' : `answer ${answer}`);
  }
  const [first, again, refused, other, last] = keys;
  assert.deepEqual([again, refused], [first, first], 'the answer may have been lost');
  assert.equal(new Set([first, other, last]).size, 3, 'a refusal is the end of a key');
}, { allows: /status of (503|504|409|422)/ });

seen('50 what was refused is saved anew', async (v) => {
  const key = fresh('refused');
  const keys = [];
  await save(key, { title: 'before' });
  await v.page.route((url) => url.pathname.endsWith(key) && !url.search, async (route) => {
    if (route.request().method() !== 'PUT') return route.continue();
    keys.push(route.request().headers()['idempotency-key']);
    return keys.length > 1 ? route.continue() : route.fulfill({ status: 409, contentType: 'application/problem+json', json: { title: 'No', detail: 'too many queues', status: 409 } });
  });
  await v.open(`/tasks/default~${key}/edit`);
  await v.page.getByLabel('Title').fill('after');
  await v.button('Save as revision 2').click();
  await v.sees('too many queues');
  await v.button('Save as revision 2').click();
  await v.page.locator('h1', { hasText: 'after' }).waitFor();
  assert.notEqual(keys[0], keys[1]);
}, { allows: /status of 409/ });

seen('20 a skipped run goes by the time that it is due, and a second one is another', async (v) => {
  const key = fresh('jitter');
  await save(key, { schedules: [{ expression: '0 12 * * *', zone: 'UTC' }], jitter_ms: 6 * 3_600_000 });
  const { items: [first, second] } = await get(`/v1/tasks/default~${key}/upcoming?limit=2`);
  assert.notEqual(first.due_at, first.scheduled_at);
  const names = async (one) => {
    await v.sees('moved by jitter', dialog(v));
    const wanted = [one.due_at, one.scheduled_at].map((t) => Math.floor(Date.parse(t)));
    const times = () => dialog(v).locator('time').evaluateAll((list) => list.map((t) => Date.parse(t.dateTime)));
    await v.until('it names the run, once it has read anew which is next', async () => String(await times()) === String(wanted));
    const due = await dialog(v).locator('time').first().innerText();
    await dialog(v).getByRole('button', { name: 'Skip it' }).click();
    await v.sees(`${due.split(' · ')[0]}, ${zone}, is left out.`);
  };
  await v.open(`/tasks/default~${key}`);
  await ask(v, 'Skip the next run…');
  await names(first);
  await v.sees(/up to .+ will be skipped, by api/);
  await ask(v, 'Skip the next run…');
  await names(second);
});

seen('65 what a change has made old and nobody can read again says its own age', async (v) => {
  const key = fresh('aged');
  await save(key, { schedules: [{ expression: '0 12 * * *', zone: 'UTC' }] });
  await until('it is listed', async () => (await get(`/v1/tasks?q=${key}`)).items.length === 1);
  await v.open(`/tasks?q=${key}`);
  await v.page.locator('main td a').first().click();
  await ask(v, 'Skip the next run…');
  await dialog(v).getByRole('button', { name: 'Skip it' }).click();
  await v.sees(/is left out\./);
  await v.page.route(/\/v1\/tasks\?/, (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', json: { title: 'Away', detail: 'The tables are away.', status: 503 } }));
  await v.page.goBack();
  await v.sees('The tables are away.');
  assert.match(await v.text('.problem.old'), /What is shown was read \d+ (s|min) ago/);
}, { allows: /status of 503/ });

seen('20 who has skipped the next run sees on every screen that it will be skipped, by whom, and what runs next', async (v) => {
  const [project, key] = [fresh('a-mill'), fresh('grinds')]; // before the 10,000 tasks that Upcoming looks at
  const name = `${project}~${key}`;
  const minute = new Date(Date.now() + 180_000).getUTCMinutes(); // in three minutes, and each hour after it
  assert.equal((await api('PUT', `/v1/tasks/${name}`, { queue: 'history', schedules: [{ expression: `${minute} * * * *`, zone: 'UTC' }] })).status, 201);
  const { items: [first, second] } = await get(`/v1/tasks/${name}/upcoming?limit=2`);
  const tag = 'will be skipped, by api: a lorry';
  const at = (instant, where) => where.locator(`time[datetime="${instant}"]`).first();
  await v.open(`/tasks/${name}`);
  await ask(v, 'Skip the next run…');
  await dialog(v).getByLabel('Reason').fill('a lorry');
  await dialog(v).getByRole('button', { name: 'Skip it' }).click();
  const head = v.page.locator('.head');
  await v.sees(`up to`, head);
  await v.sees(tag, head);
  await at(first.scheduled_at, head).waitFor();
  await at(second.due_at, head).waitFor();
  await v.sees('Will be skipped', v.part('Runs of the day'));
  await v.sees('by api: a lorry', v.part('Runs of the day'));
  const marked = async (rows, screen) => {
    await v.open(screen);
    const [gone, runs] = [rows().filter({ has: at(first.due_at, v.page) }), rows().filter({ has: at(second.due_at, v.page) })];
    await v.sees(tag, gone);
    await runs.first().waitFor();
    assert.equal(await runs.getByText('will be skipped').count(), 0, screen);
  };
  await marked(() => v.part('Next').locator('tbody tr'), `/tasks/${name}?tab=schedule`);
  await marked(() => v.part('Upcoming').locator('tbody tr'), `/upcoming?project=${project}`);
  await v.open(`/tasks?project=${project}`);
  await v.sees(tag, v.part('Tasks'));
  await at(second.due_at, v.part('Tasks')).waitFor();
  await v.open('/now');
  await v.sees(tag, v.part('Coming up').locator('li', { hasText: key }));
  await v.page.setViewportSize({ width: 390, height: 800 });
  for (const screen of ['/now', `/upcoming?project=${project}`, `/tasks?project=${project}`, `/tasks/${name}`, `/tasks/${name}/edit`]) {
    await v.open(screen);
    await v.sees(tag);
    await v.fits(screen);
  }
  await v.sees(tag, v.part('What it means').locator('li').first());
}, { timezoneId: facts.newDay });

seen('20 a run that is to be skipped is told on a page that was open when somebody asked for it', async (v) => {
  const key = fresh('told');
  await save(key, { schedules: [{ expression: '0 0 1 1 *', zone: 'UTC' }] });
  await v.open(`/tasks/default~${key}?tab=schedule`);
  await v.part('Next').locator('tbody tr').first().waitFor();
  assert.equal((await api('POST', `/v1/tasks/default~${key}:skip-next`)).status, 200);
  await v.sees('will be skipped, by api', v.part('Next').locator('tbody tr').first());
  await v.sees('will be skipped, by api', v.page.locator('.head'));
});

seen('20 a backfill is of the task as it was shown, and of a paused one waits', async (v) => {
  const key = fresh('stale');
  const day = dayText(Date.now() - 3 * 86_400_000);
  const send = dialog(v).getByRole('button', { name: 'Run 3 instants' });
  const fill = async () => {
    await dialog(v).getByLabel('From', { exact: true }).fill(`${day}T10:00:00`);
    await dialog(v).getByLabel('To', { exact: true }).fill(`${day}T12:00:00`);
    await send.waitFor();
  };
  await save(key, { schedules: [{ expression: '0 * * * *', zone: 'UTC' }] });
  await v.open(`/tasks/default~${key}`);
  await ask(v, 'Backfill…');
  await fill();
  await patch(key, { schedules: [{ expression: '30 * * * *', zone: 'UTC' }] });
  await send.click();
  await dialog(v).locator('.problem').waitFor();
  await dialog(v).getByRole('button', { name: 'Run 2 instants' }).click();
  await v.sees(`The backfill of default~${key} has begun.`);

  await patch(key, { schedules: [{ expression: '0 * * * *', zone: 'UTC' }] });
  await api('POST', `/v1/tasks/default~${key}:pause`);
  await v.open(`/tasks/default~${key}`);
  await ask(v, 'Backfill…');
  await fill();
  await v.sees('It is paused: they wait until it is resumed.', dialog(v));
  await send.click();
  await v.sees(`The runs of default~${key} wait until it is resumed.`);
}, { allows: /status of 412/, timezoneId: 'Europe/Berlin' });

seen('20 a resumption says how much it would make up for', async (v) => {
  const key = fresh('resumed');
  await save(key, { schedules: [{ expression: '* * * * * *', zone: 'UTC' }] });
  await api('POST', `/v1/tasks/default~${key}:pause`);
  const { at } = (await get(`/v1/tasks/default~${key}`)).paused;
  await until('instants pass', () => Date.now() > Date.parse(at) + 4000);
  await v.open(`/tasks/default~${key}`);
  await v.button('Resume').click();
  await v.sees(/^up to [2-9] runs$|^up to \d\d runs$/, dialog(v));
  await v.sees(/^1 run$/, dialog(v));
});

seen('24 a failure that is tried again is not the end', async (v) => {
  const execution = await running();
  const at = (ms) => new Date(Date.now() + ms).toISOString();
  const told = { ...await get(`/v1/executions/${execution}`), status: 'FAILED', finished_at: at(-1000), next_attempt_at: at(600_000) };
  await v.page.route(new RegExp(`/v1/executions/${execution}$`), (route) => route.fulfill({ json: told }));
  for (const path of [`/executions/${execution}`, `/tasks/default~live?run=${execution}`]) {
    await v.open(path);
    for (const words of ['Next attempt', 'Attempt ended']) await v.sees(words);
    await v.button('Cancel').waitFor();
    assert.equal(await v.button('Retry').count(), 0, path);
  }
  await end(execution);
});

seen('27 a wish that is refused in the end is taken back', async (v) => {
  const execution = await running();
  const command = crypto.randomUUID();
  let outcome = { result: 'PENDING' };
  await v.page.route(/:cancel$/, (route) => route.fulfill({ status: 202, json: { command_id: command, result: 'PENDING' } }));
  await v.page.route(new RegExp(`/v1/commands/${command}$`), (route) => route.fulfill({ json: { command_id: command, ...outcome } }));
  await v.open(`/executions/${execution}`);
  await v.button('Cancel').click();
  await dialog(v).getByRole('button', { name: 'Cancel the run' }).click();
  await v.sees('cancel asked for', v.page.locator('h1'));
  outcome = { result: 'REJECTED', code: 'NOT_FOUND', message: 'it is over, or never was' };
  await v.sees('It is not cancelled: it is over, or never was');
  await v.button('Cancel').waitFor();
  assert.equal(await v.page.getByText('cancel asked for').count(), 0);
  await end(execution);
});

seen('27 what could not be looked at of a queue is said as it is', async (v) => {
  const execution = await running();
  const told = await get('/v1/queues/history/workers');
  let hours;
  await v.page.route(/\/v1\/queues\/history\/workers/, (route) => route.fulfill({ json: { ...told, complete: false, from: new Date(Date.now() - hours * 3_600_000).toISOString() } }));
  const show = async (since, words) => {
    hours = since;
    await v.open('/queues/history');
    await v.sees(words);
  };
  await show(24, 'There was more than could be looked at: not every run under way is among these.');
  await show(3, /There was more than could be looked at: this is since \S/);
  await end(execution);
});
