// upcoming.tsx - what comes next, minute by minute.
import type { Planned, Upcoming as Answer } from '../answers.ts';
import { query, segment, useResource } from '../api.ts';
import { href, param, set } from '../router.ts';
import { now, zoneNamed } from '../state.ts';
import { clockSeconds, count, counted, dateLong, dateShort, DAY_MS, HOUR, MINUTE, relative } from '../time.ts';
import { civil, dayOf, dayRead, dayStart, dayText } from '../zone.ts';
import { StepsChart } from '../ui/bars.tsx';
import { useToday } from '../ui/calendar.tsx';
import { byMinute, laterThan, stepsOf, tasksOf } from '../ui/coming.ts';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';
import { Load } from '../ui/load.tsx';
import { Empty, Shown } from '../ui/problem.tsx';
import { Skipped } from '../ui/skipped.tsx';
import { Time } from '../ui/time.tsx';
import { useZone } from '../ui/zonemenu.tsx';
import { weekday } from '../ui/month.ts';

const NAMES = 6;
const LIMIT = 500; // instants: so many of them, and there may be more
const ROWS = 200;

function Minute({ at, items, zone }: { at: number; items: Planned[]; zone: string }) {
  const tasks = tasksOf(items);
  const gone = items.filter((i) => i.skip);
  const shown = clockSeconds(civil(zoneNamed(zone), Date.parse(tasks[0]!.scheduled_at))).slice(0, 5);
  const jitter = items.filter((i) => i.due_at !== i.scheduled_at).length;
  return (
    <tr class={gone.length < items.length ? '' : 'ghost'}>
      <td class="strong nowrap"><Time at={at} zone={zone} text={clockSeconds(civil(zoneNamed(zone), at)).slice(0, 5)} /></td>
      <td class="num">{count(items.length - gone.length)}</td>
      <td class="two">
        {tasks.slice(0, NAMES).map((t, i) => <>{i > 0 && ', '}<a key={t.task_id} class="mono" href={href(`/tasks/${segment(`${t.project}~${t.key}`)}`)}><Foreign text={`${t.project}~${t.key}`} /></a><Skipped of={t.skip}>{items.length > 1 && `${count(gone.filter((i) => i.task_id === t.task_id).length)} `}</Skipped></>)}
        {tasks.length > NAMES && ` and ${count(tasks.length - NAMES)} more`}
        {tasks.length === 1 && tasks[0]!.local.slice(11, 16) !== shown && <span class="dim"> {tasks[0]!.local.slice(11, 16)} in <Foreign text={tasks[0]!.zone} />{tasks[0]!.dst === 'MOVED' && ', moved by a clock change'}</span>}
        {jitter > 0 && <span class="dim"> {counted(jitter, 'run')} moved by jitter</span>}
      </td>
      <td class="num dim">{relative(Math.max(at, now.value), now.value)}</td>
    </tr>
  );
}

export default function Upcoming() {
  const zoneName = useZone();
  const zone = zoneNamed(zoneName);
  const today = useToday(zone);
  const later = laterThan(param('from'), now.value); // an instant of the list that was looked at before
  const day = later ? dayOf(zone, later) : Math.max(today, dayRead(param('from')) || today);
  const begins = day === today ? Math.floor(now.value / MINUTE) * MINUTE : dayStart(zone, day) - 1;
  const start = later ? later - 1 : begins;
  const to = later || day === today ? start + DAY_MS : dayStart(zone, day + 1) - 1;
  const isLoad = param('view') === 'load';
  const seen = useResource<Answer>(isLoad ? undefined : `/v1/upcoming${query({ from: new Date(start).toISOString(), to: new Date(to).toISOString(), project: param('project'), limit: LIMIT })}`, { topics: ['tasks'], every: MINUTE, keep: true });
  const c = civil(zone, dayStart(zone, day) + HOUR);
  const span = later ? `24 hours from ${dateShort({ ...c, weekday: weekday(day) })}, ${clockSeconds(civil(zone, later)).slice(0, 5)}`
    : day === today && !isLoad ? `Next 24 hours, from ${dateShort({ ...c, weekday: weekday(today) })}` : dateLong({ ...c, weekday: weekday(day) });
  const goDay = (d: number): void => set({ from: d <= today ? undefined : dayText(d) });
  return (
    <>
      <div class="head">
        <h1>Upcoming</h1>
        <div class="seg" role="group" aria-label="View">
          {['List', 'Load'].map((text) => <button key={text} aria-pressed={isLoad === (text === 'Load')} onClick={() => set({ view: text === 'Load' ? 'load' : '' })}>{text}</button>)}
        </div>
        <div class="line">
          <button class="btn quiet small square" aria-label="Day before" disabled={day <= today && !later} onClick={() => goDay(day - 1)}><Icon name="i-left" /></button>
          <span class="strong">{span}</span>
          <button class="btn quiet small square" aria-label="Day after" onClick={() => goDay(day + 1)}><Icon name="i-right" /></button>
          {(day !== today || later > 0) && <button class="btn small" onClick={() => goDay(today)}>Today</button>}
          {(day !== today + 1 || later > 0) && <button class="btn small" onClick={() => goDay(today + 1)}>Tomorrow</button>}
          <label>Date <input class="input" type="date" min={dayText(today)} value={dayText(day)} onChange={(e) => { const d = dayRead(e.currentTarget.value); if (d >= today) goDay(d); }} /></label>
        </div>
      </div>
      {isLoad ? <Load zone={zoneName} today={today} selected={day} onPick={goDay} /> : <section class="panel" aria-label="Upcoming">
        <Shown of={seen} rows={10}>
          {(page) => {
            const minutes = byMinute(page.items);
            const last = page.items[page.items.length - 1];
            const isFull = page.items.length >= LIMIT;
            const rest = minutes[ROWS]?.[0] ?? (isFull && last ? Date.parse(last.due_at) : 0); // where what is not shown begins
            if (page.items.length === 0) return <Empty><p>Nothing is due {day === today ? 'in the next 24 hours' : `on ${dayText(dayOf(zone, start + HOUR))}`}.</p></Empty>;
            return (
              <>
                <StepsChart steps={stepsOf(page.items)} from={start} to={to} every={15 * MINUTE} now={now.value} zone={zoneName} label="What is planned, in steps of 15 minutes" />
                {!page.complete && <p class="band">Not all tasks could be worked out in time: there may be more.</p>}
                {isFull && last && <p class="band said">The first {count(page.items.length)} runs, until <Time at={last.due_at} zone={zoneName} />. More follow: go on at the end of the list.</p>}
                <div class="scroll"><table>
                  <thead><tr><th>Due</th><th class="num">Runs</th><th>Tasks</th><th class="num">Begins</th></tr></thead>
                  <tbody>{minutes.slice(0, ROWS).map(([at, items]) => <Minute key={at} at={at} items={items} zone={zoneName} />)}</tbody>
                </table></div>
                {rest > 0 && <div class="pages"><button class="btn small" onClick={() => { set({ from: new Date(rest).toISOString() }, false); scrollTo(0, 0); }}>Go on from <Time at={rest} zone={zoneName} /></button></div>}
              </>
            );
          }}
        </Shown>
      </section>}
    </>
  );
}
