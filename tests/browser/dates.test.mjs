// Days: what the calendar says is what the API counts, in any zone, on days of any length; and the address is the state.
import assert from 'node:assert/strict';
import { seen } from './support/seen.mjs';
import { api, dayText, facts, fresh, get, hand, sql, until } from './support/world.mjs';

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
  const key = fresh('apia');
  await api('PUT', `/v1/tasks/default~${key}`, { queue: 'history', schedules: [{ expression: '0 12 1 1 *', zone: 'Pacific/Apia' }] });
  // The 29th ended at 10:00 UTC of the 30th; the next instant was the 31st.
  const instants = ['2011-12-29T22:00:00Z', '2011-12-30T09:30:00Z', '2011-12-30T09:59:59Z', '2011-12-30T10:00:00Z', '2011-12-31T01:00:00Z'];
  await hand.runs_at({ key, instants: instants.map((i) => 1000 * Date.parse(i)) });
  const days = await until('they are counted', async () => { const { items } = await get(`/v1/tasks/default~${key}/days?from=2011-12-28&to=2012-01-01&tz=Pacific/Apia`); return items.reduce((n, d) => n + d.total, 0) === 5 && items; });
  assert.deepEqual(days.map((d) => [d.day, d.total]).filter(([, n]) => n > 0), [['2011-12-29', 3], ['2011-12-31', 2]]);
  const clocks = async () => (await v.page.locator('table.runs .clock').allInnerTexts()).join(' ');
  await v.open(`/tasks/default~${key}?day=2011-12-29&tz=Pacific/Apia`);
  await v.until('three on the 29th, the last at its last second', async () => (await clocks()) === '23:59:59 23:30 12:00');
  assert.match(await label(v, '2011-12-29'), /3 runs/);
  assert.match(await label(v, '2011-12-30'), /there was no such day/);
  assert.match(await label(v, '2011-12-31'), /2 runs/);
  await v.button('Day after').click();
  await v.sees('Saturday, 31 December 2011');
  await v.until('two on the 31st, the first at its first second', async () => (await clocks()) === '15:00 00:00');
  await v.button('Day before').click();
  await v.sees('Thursday, 29 December 2011');
  await v.open(`/tasks/default~${key}?day=2011-12-30&tz=Pacific/Apia`);
  await v.sees('There was no such day in Pacific/Apia');
  await v.open(`/tasks/default~${key}?day=2011-12-30&tz=UTC`);
  await v.until('in UTC it is a day as any', async () => (await clocks()) === '10:00 09:59:59 09:30');
});

seen('9 keys move along days and runs', async (v) => {
  await v.open(`/tasks/default~big?day=${aWeekAgo}&tz=UTC`);
  await rows(v).first().waitFor();
  const day = () => v.address.searchParams.get('day');
  const moved = (by) => dayText(Date.parse(aWeekAgo) + by * DAY);
  const newest = () => rows(v).first().getAttribute('data-run');
  const first = await newest();
  await v.page.keyboard.press('[');
  await v.until('the day before', () => day() === moved(-1));
  await v.page.keyboard.press(']');
  await v.until('and back', async () => day() === aWeekAgo && await newest() === first);
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
  const run = await sql(`SELECT execution_id FROM execution e JOIN task t USING (task_id) WHERE t.key = 'big' AND e.status = 6 AND e.scheduled_at >= '${aWeekAgo}T00:00:00Z' ORDER BY e.scheduled_at LIMIT 1`);
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

seen('11 what is not kept any more is not "none"', async (v) => {
  const key = fresh('kept');
  await api('PUT', `/v1/tasks/default~${key}`, { queue: 'history' });
  await hand.runs_at({ key, instants: [1000 * Date.parse('2003-03-14T12:00:00Z')] });
  await until('the history begins with it', async () => (await get(`/v1/tasks/default~${key}/days?from=2003-03-01&to=2003-03-31&tz=UTC`)).items.some((d) => d.total === 1));
  const at = (day) => v.open(`/tasks/default~${key}?day=${day}&tz=UTC`);
  await at('2003-03-14');
  await v.until('its run', async () => await rows(v).count() === 1);
  await at('2003-03-15');
  await v.sees('Nothing was due on this day.');
  assert.match(await label(v, '2003-03-15'), /0 runs/);
  assert.match(await label(v, '2003-02-28'), /not kept/);
  assert.ok((await hand.forget({ month: '200303' })).length > 0);
  await until('the history begins later', async () => (await get(`/v1/tasks/default~${key}/days?from=2003-03-01&to=2003-03-31&tz=UTC`)).kept_from > '2003-04');
  for (const path of [`/tasks/default~${key}`, '/runs']) {
    await v.open(`${path}?day=2003-03-14&tz=UTC`);
    await v.sees('Runs of this day are not kept any more.');
    assert.equal(await v.page.getByText('Nothing was due').count(), 0);
    assert.match(await label(v, '2003-03-14'), /not kept/);
    assert.ok(await cell(v, '2003-03-14').evaluate((e) => e.classList.contains('unkept')), 'and looks so');
    await v.button('List').click();
    await v.sees('Friday 14 March 2003, not kept');
  }
  await at(dayText(Date.now()));
  await v.sees('Nothing was due on this day.');
});

seen('12 a run near midnight is on the day of the zone', async (v) => {
  const [[id, at]] = await hand.sql({ statement: `SELECT execution_id, (extract(epoch FROM scheduled_at) * 1000)::bigint FROM execution e JOIN task t USING (task_id)
     WHERE t.key = 'big' AND scheduled_at < '${aWeekAgo}T00:00:00Z' AND extract(hour FROM scheduled_at AT TIME ZONE 'UTC') = 23 ORDER BY scheduled_at DESC LIMIT 1` });
  const clock = (timeZone) => new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' }).format(at);
  await v.open(`/tasks/default~big?day=${dayText(at)}`);
  const choose = async (name) => {
    await v.page.getByRole('button', { name: /the zone of all times$/ }).click();
    await v.page.getByRole('menuitem', { name }).click();
  };
  const itsRow = v.page.locator(`table.runs tr[data-run="${id}"]`);
  await choose('UTC');
  await v.until('in UTC it is the newest of its day', async () => (await rows(v).first().getAttribute('data-run')) === id && (await itsRow.locator('.clock').innerText()).startsWith(clock('UTC')));
  await choose(/^Mine: Europe\/Berlin/);
  await v.until('in Berlin it is not on that day any more', async () => (await rows(v).count()) > 0 && (await itsRow.count()) === 0);
  await v.button('Day after').click();
  await v.part('Runs of the day').getByRole('button', { name: /earlier/ }).click();
  await v.until('but among the first of the next', async () => (await itsRow.locator('.clock').innerText()).startsWith(clock('Europe/Berlin')));
}, { timezoneId: 'Europe/Berlin' });

seen('13 days to come show what is planned, and are planned in their zone', async (v) => {
  const key = fresh('planned');
  await api('PUT', `/v1/tasks/default~${key}`, { queue: 'history', schedules: [{ expression: '30 1,9,23 * * *', zone: 'America/New_York' }], calendars: [{ name: 'rest', mode: 'EXCLUDE', rules: [{ kind: 'date', value: dayText(Date.now() + 5 * DAY) }] }] });
  for (const zone of ['America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland']) {
    const day = dayText(Date.now() + 4 * DAY);
    const { items } = await get(`/v1/tasks/default~${key}/days?from=${dayText(Date.now() + 2 * DAY)}&to=${dayText(Date.now() + 8 * DAY)}&tz=${zone}`);
    const upcoming = await get(`/v1/tasks/default~${key}/upcoming?limit=100`);
    assert.ok(items.length >= 6 && items.every((d) => d.planned <= 3) && items.some((d) => (d.planned ?? 0) < 3), JSON.stringify(items));
    await v.open(`/tasks/default~${key}?day=${day}&tz=${zone}`);
    for (const { day: date, planned = 0 } of items.filter((d) => d.day.slice(0, 7) === day.slice(0, 7))) { // of the month that is shown
      if (planned) await v.until(`${zone} ${date}: ${planned}`, async () => (await label(v, date))?.includes(`${planned} run${planned === 1 ? '' : 's'} planned`));
      else assert.doesNotMatch(await label(v, date) ?? '', /planned/);
      assert.ok(await cell(v, date).evaluate((e) => e.classList.contains('ahead')));
    }
    const local = (at) => new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at)).replace(', ', ' ');
    const clocks = upcoming.items.map((i) => local(i.scheduled_at)).filter((t) => t.startsWith(day)).map((t) => t.slice(11)).reverse();
    assert.ok(clocks.length >= 2);
    await v.until(`the rows of ${day}: ${clocks}`, async () => (await v.page.locator('table.runs tr.ghost td:first-child').allInnerTexts()).map((t) => t.slice(0, 5)).join() === clocks.join());
    await v.sees('Planned', v.part('Runs of the day'));
  }
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
  const at = Date.now() - 2 * DAY;
  const then = dayText(at);
  const date = new Date(at).getUTCDate();
  await v.open(`/tasks/default~big?tz=UTC&day=${dayText(at + (date === 1 ? DAY : -DAY))}`); // of the same month
  await v.sees('Live', v.page.locator('.live')); // a stream that begins has all read again
  const asked = [];
  v.page.on('request', (r) => { if (r.url().includes('/v1/executions?') && r.url().includes(then)) asked.push(r.url()); });
  await cell(v, then).click().catch(() => undefined);
  await v.until('its runs are there', async () => (await v.text('.dayh')).includes(`, ${date} `) && (await rows(v).count()) >= 50);
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
  const lanes = () => v.page.locator('.timeline rect.bar-ok').evaluateAll((all) => new Set(all.map((r) => r.getAttribute('y'))).size);
  await v.until('three lanes', async () => await lanes() === 3);
});

seen('13 the load of days is what the forecast counts, hour by hour, on days of any length', async (v) => {
  const zone = 'Europe/Berlin';
  const { spans } = await get(`/v1/zones?name=${zone}&from=${new Date().toISOString()}&to=${new Date(Date.now() + 360 * DAY).toISOString()}`);
  const set = spans.map((s) => s.from).filter((at) => at && Date.parse(at) > Date.now() + DAY).map((at) => at.slice(0, 10)); // in this zone at 01:00 UTC, on the same date; of today some hours are over
  assert.ok(set.length > 0, 'the clocks are set within a year'); // once, where that was done in the last days
  for (const day of [dayText(Date.now() + 2 * DAY), ...set]) {
    const f = await get(`/v1/forecast?day=${day}&tz=${zone}`);
    const hours = Array.from({ length: 24 }, (_, h) => f.hours.filter((x) => Number(x.local.slice(11, 13)) === h));
    assert.deepEqual([hours.filter((h) => h.length === 0).length, hours.filter((h) => h.length === 2).length], { 23: [1, 0], 24: [0, 0], 25: [0, 1] }[f.hours.length]);
    const runs = (h) => h.reduce((n, x) => n + x.firings, 0);
    await v.open(`/upcoming?view=load&from=${day}`);
    const cells = v.page.locator('table.load td.on');
    const told = () => cells.evaluateAll((all) => all.map((c) => c.title.replaceAll(',', '')));
    await v.until(`${day}: ${f.firings}`, async () => (await told()).every((t, h) => (hours[h].length === 0 ? t === 'no such hour' : t.startsWith(`${runs(hours[h])} run`) && t.includes('comes twice') === (hours[h].length === 2))));
    for (const h of hours.filter((x) => x.length > 0)) assert.ok(runs(h) > 999 || (await cells.nth(hours.indexOf(h)).innerText()) === (runs(h) ? String(runs(h)) : ''));
  }
}, { timezoneId: 'Europe/Berlin' });

seen('13 peaks, quiet slots, and where another schedule would fit', async (v) => {
  const day = dayText(Date.now() + 2 * DAY);
  const of = (more = '') => get(`/v1/forecast?day=${day}&tz=Europe/Berlin${more}`);
  const f = await of();
  await v.open('/upcoming');
  await v.button('Load').click();
  await v.until('two days on', async () => { await v.button('Day after').click(); return v.address.searchParams.get('from') === day; });
  const panel = v.page.getByRole('region', { name: /^\w{3} \d+ \w{3}$/ });
  await v.sees(`${f.firings.toLocaleString('en')} runs`, panel);
  const peak = panel.locator('tbody tr').first();
  for (const text of [f.peaks[0].local.slice(11, 16), String(f.peaks[0].firings), f.peaks[0].by[0].schedule, f.peaks[0].by[0].examples[0].title ?? f.peaks[0].by[0].examples[0].key]) await v.sees(text, peak);
  await v.sees(`${f.quiet[0].local.slice(11, 16)} to`, panel);
  const never = `0 0 1 ${(Number(day.slice(5, 7)) % 12) + 1} *`; // in the month after
  for (const [expression, words] of [['0 3 * * *', 'It would fire in 1 minute of that day, beside at most'], [never, 'It would not fire on that day.'], ['nonsense', '5, 6 or 7 fields are needed']]) {
    await v.page.getByLabel('Where would another schedule fit?').fill(expression);
    await v.button('Try it').click();
    await v.sees(new RegExp(words), panel);
  }
  const w = (await of(`&expression=${encodeURIComponent('0 3 * * *')}&zone=Europe/Berlin`)).what_if;
  await v.page.getByLabel('Where would another schedule fit?').fill('0 3 * * *');
  await v.button('Try it').click();
  await v.sees(`beside at most ${w.most} other run`, panel);
  await peak.getByRole('link').first().click();
  await v.sees(new RegExp(`^24 hours from .+, ${f.peaks[0].local.slice(11, 16)}$`));
}, { allows: /status of 400/, timezoneId: 'Europe/Berlin' });
