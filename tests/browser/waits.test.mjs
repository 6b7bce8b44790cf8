// What takes its time without doing anything: these run beside the others (suite.py).
import { seen } from './support/seen.mjs';
import { api, facts, fresh, hand } from './support/world.mjs';

seen('3 what waits over thirty seconds is late, and then missed', async (v) => {
  const key = fresh('late');
  await api('PUT', `/v1/tasks/default~${key}`, { queue: 'history', start_deadline_ms: 40_000 });
  await api('POST', `/v1/tasks/default~${key}:trigger`);
  await v.open(`/tasks/default~${key}`);
  await v.sees('Pending', v.part('Runs of the day'));
  await v.sees('Late', v.part('Runs of the day'), 45);
  await v.sees('Missed', v.part('Runs of the day'), 45);
});

seen('65 PostgreSQL away: what was read stays, with its age', async (v) => {
  const base = await hand.api({ name: 'relayed', away: true });
  await v.open(`/tasks/default~failing?run=${facts.failing}`, base); // which is on its day, be that over
  await v.sees('disk full');
  await hand.cut({ name: 'relayed' });
  await v.sees(/What is shown was read .+ ago/, v.page, 60);
  await v.sees('disk full');
  await hand.mend({ name: 'relayed' });
  await v.button('Try again').first().click();
  await v.page.getByText(/What is shown was read/).first().waitFor({ state: 'detached', timeout: 60_000 });
}, { allows: /status of 503/ });
