// Days: what the calendar says is what the API counts, in any zone, on days of any length; and the address is the state.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { dayText, facts, get, sql } from './support/world.mjs';

const DAY = 86_400_000;
const problems = ['FAILED', 'TIMED_OUT', 'LOST', 'MISSED'];
const aWeekAgo = dayText(Date.now() - 7 * DAY);
const cell = (v, day) => v.page.locator(`button[data-day="${Date.parse(day) / DAY}"]`);
const label = (v, day) => cell(v, day).locator('.vh').textContent();
const rows = (v) => v.page.locator('table.runs tr[data-run]');

/** "3 problems of 250 runs", as the page should say it. */
function words(day) {
  const bad = problems.reduce((n, s) => n + (day.counts[s] ?? 0), 0);
  return `${bad ? `${bad} problem${bad === 1 ? '' : 's'} of ` : ''}${day.total} run${day.total === 1 ? '' : 's'}`;
}

seen('6 days are those of the API in five zones', async (v) => {
  const from = dayText(Date.now() - 40 * DAY);
  for (const zone of ['UTC', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'America/St_Johns', 'Australia/Lord_Howe']) {
    const { items } = await get(`/v1/tasks/default~big/days?from=${from}&to=${dayText(Date.now() - 10 * DAY)}&tz=${zone}`);
    await v.open(`/tasks/default~big?day=${dayText(Date.now() - 20 * DAY)}&tz=${zone}`);
    const shown = items.filter((d) => d.day.slice(0, 7) === dayText(Date.now() - 20 * DAY).slice(0, 7));
    assert.ok(shown.length > 5, zone);
    for (const day of shown) await v.until(`${zone} ${day.day}: ${words(day)}`, async () => (await label(v, day.day))?.includes(words(day)));
  }
});

for (const [task, zone] of [['berlin', 'Europe/Berlin'], ['lordhowe', 'Australia/Lord_Howe']])
  seen(`7 days on which clocks are set: ${zone}`, async (v) => {
    for (const [day, { hours, runs }] of Object.entries(facts.changes[zone])) {
      await v.open(`/tasks/default~${task}?day=${day}&tz=${zone}`);
      await v.sees(`${hours}-hour day`, v.part('Runs of the day'));
      await v.until('the cell says so', async () => (await label(v, day)).includes(`a day of ${hours} hours`));
      await v.until(`${runs} rows`, async () => await rows(v).count() === runs);
      const clocks = await v.page.locator('table.runs .clock').allInnerTexts();
      assert.equal(new Set(clocks).size, runs, `each row has a clock of its own: ${clocks}`);
    }
  });

seen('8 a day that a zone left out', async (v) => {
  await v.open('/tasks/default~berlin?day=2011-12-29&tz=Pacific/Apia');
  assert.match(await label(v, '2011-12-30'), /there was no such day/);
  await v.button('Day after').click();
  await v.sees('Saturday, 31 December 2011');
  await v.button('Day before').click();
  await v.sees('Thursday, 29 December 2011');
});

seen('9 keys move along days and runs', async (v) => {
  await v.open(`/tasks/default~big?day=${aWeekAgo}&tz=UTC`);
  await rows(v).first().waitFor();
  const day = () => v.address.searchParams.get('day');
  const moved = (by) => dayText(Date.parse(aWeekAgo) + by * DAY);
  await v.page.keyboard.press('[');
  await v.until('the day before', () => day() === moved(-1));
  await v.page.keyboard.press(']');
  await v.until('and back', () => day() === aWeekAgo);
  await v.page.keyboard.press('j');
  await v.page.keyboard.press('j');
  await v.until('the second run', async () => v.address.searchParams.get('run') === await rows(v).nth(1).getAttribute('data-run'));
  await v.page.keyboard.press('Escape');
  await v.until('none', () => v.address.searchParams.get('run') === null);
  await cell(v, aWeekAgo).focus();
  for (const [key, by] of [['ArrowLeft', -1], ['ArrowDown', 6], ['ArrowUp', -1], ['ArrowRight', 0]]) {
    await v.page.keyboard.press(key);
    await v.until(`${key} goes to ${moved(by)}, and takes the focus along`, () => v.page.evaluate((n) => document.activeElement?.getAttribute('data-day') === n, String(Date.parse(moved(by)) / DAY)));
  }
  await v.page.keyboard.press('PageUp');
  await v.until('a month before', () => day() < moved(-26) && day() > moved(-33));
  await v.page.keyboard.press('Shift+PageUp');
  await v.until('a year before that', () => day() < moved(-386) && day() > moved(-400));
  await v.page.keyboard.press('t');
  await v.until('today', () => day() === null);
});

seen('10 a link restores all', async (v) => {
  const run = await sql(`SELECT execution_id FROM execution e JOIN task t USING (task_id) WHERE t.key = 'big' AND e.status = 6 AND e.scheduled_at >= '${aWeekAgo}' ORDER BY e.scheduled_at LIMIT 1`);
  const look = async () => {
    await v.page.locator(`tr[data-run="${run}"][aria-selected=true]`).waitFor();
    await v.sees('exit code 2', v.page.getByRole('complementary', { name: 'The run' }));
    assert.equal(await v.page.locator('table.runs .st').filter({ hasNotText: 'Failed' }).count(), 0);
  };
  await v.open(`/tasks/default~big?day=${aWeekAgo}&tz=UTC&status=FAILED&run=${run}`);
  await look();
  await v.page.reload();
  await look();
});

seen('12 a run near midnight is on the day of the zone', async (v) => {
  const at = await sql(`SELECT to_char(max(scheduled_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM execution e JOIN task t USING (task_id)
                         WHERE t.key = 'big' AND scheduled_at < '${aWeekAgo}' AND extract(hour FROM scheduled_at AT TIME ZONE 'UTC') = 23`);
  const day = at.slice(0, 10);
  const clock = (hour) => `${hour}:${at.slice(14)}`;
  await v.open(`/tasks/default~big?day=${day}`);
  const choose = async (name) => {
    await v.page.getByRole('button', { name: /the zone of all times$/ }).click();
    await v.page.getByRole('menuitem', { name }).click();
  };
  const newest = () => v.page.locator('table.runs .clock').first().innerText();
  await choose('UTC');
  await v.until(`the newest of ${day} is at ${clock('23')}`, async () => (await newest()).startsWith(clock('23')));
  await choose(/^Mine: Europe\/Berlin/);
  await v.until('in Berlin it is not on that day any more', async () => !(await newest()).startsWith(clock('23')) || at.slice(14) > '59');
  await v.button('Day after').click();
  await v.until('but among the first of the next', async () => (await v.part('Runs of the day').getByRole('button', { name: /earlier/ }).click({ timeout: 500 }).catch(() => undefined), (await v.page.locator('table.runs .clock').allInnerTexts()).some((t) => t.startsWith(clock('00')))));
});

seen('14 a task of every second has few marks', async (v) => {
  await v.open(`/tasks/default~ticks?day=${dayText((facts.ticks.from + facts.ticks.to) / 2000)}&tz=UTC`);
  await v.page.locator('.chart rect').first().waitFor();
  const marks = await v.count('main .chart svg *, main .timeline svg *');
  assert.ok(marks > 5 && marks <= 600, `${marks} marks`);
  const nodes = await v.count('*');
  assert.ok(nodes <= 2500, `${nodes} nodes`);
});

seen('15 a day of a task of 100,000 runs is one page away', async (v) => {
  await v.open('/tasks/default~big?tz=UTC');
  const asked = [];
  v.page.on('request', (r) => { if (r.url().includes('/v1/executions?')) asked.push(r.url()); });
  await cell(v, dayText(Date.now() - 2 * DAY)).click().catch(() => undefined);
  await v.until('its runs are there', async () => (await v.text('.dayh')).includes(String(new Date(Date.now() - 2 * DAY).getUTCDate())) && (await rows(v).count()) >= 50);
  assert.equal(asked.length, 1, asked.join('\n'));
});

seen('16 opening a run keeps the list, and coming back the place', async (v) => {
  await v.open(`/tasks/default~big?day=${aWeekAgo}&tz=UTC`);
  await v.part('Runs of the day').getByRole('button', { name: /earlier/ }).click();
  const row = rows(v).nth(120);
  await row.scrollIntoViewIfNeeded();
  const clock = await row.locator('.clock').innerText();
  await row.locator('.clock').click();
  await v.page.getByRole('complementary', { name: 'The run' }).getByRole('link', { name: 'Open' }).click();
  await v.page.locator('[aria-label=Facts]').waitFor();
  await v.page.goBack();
  await v.page.locator('tr[aria-selected=true]').waitFor();
  assert.equal(await v.page.locator('tr[aria-selected=true] .clock').innerText(), clock);
  await v.until('it is in sight', () => v.page.locator('tr[aria-selected=true]').evaluate((e) => { const b = e.getBoundingClientRect(); return b.top > 0 && b.bottom < innerHeight; }));
});

seen('17 runs that overlap have lanes of their own', async (v) => {
  await v.open(`/tasks/default~lanes?day=${facts.lanes}&tz=UTC`);
  const lanes = await v.page.locator('.timeline rect.bar-ok').evaluateAll((all) => [...new Set(all.map((r) => r.getAttribute('y')))].length);
  assert.equal(lanes, 3);
});
