// load.tsx - how tight the next days are: firings by hour, seven days beside each other; of one day its minutes, peaks and quiet slots, and
// what another schedule would meet there.
import { useState } from 'preact/hooks';
import { query, segment, useResource, type Seen } from '../api.ts';
import type { Forecast, ForecastPeak, WhatIf } from '../answers.ts';
import { href, param } from '../router.ts';
import { now, zoneNamed } from '../state.ts';
import { clock, count, counted, dateShort, HOUR, MINUTE } from '../time.ts';
import { civil, dayStart, dayText } from '../zone.ts';
import { StepsChart } from './bars.tsx';
import { Text } from './dialog.tsx';
import { Foreign } from './foreign.tsx';
import { weekday } from './month.ts';
import { Panel } from './panel.tsx';
import { Empty, Shown } from './problem.tsx';
import { Time } from './time.tsx';

const DAYS = 7;
const hours = Array.from({ length: 24 }, (_, h) => h);

/** 388, 1.2k, 35k, 2.1M: what fits a cell. */
function short(n: number): string {
  const [size, unit] = n < 1e6 ? [1e3, 'k'] : [1e6, 'M'];
  return n < 1000 ? String(n) : `${(n / size).toFixed(n < 10 * size ? 1 : 0)}${unit}`;
}

const hourOf = (local: string): number => Number(local.slice(11, 13));

function Grid({ days, seen, selected, onPick }: { days: number[]; seen: Seen<Forecast>[]; selected: number; onPick: (day: number) => void }) {
  const most = Math.max(1, ...seen.flatMap((s) => s.data?.hours.map((h) => h.firings) ?? []));
  return (
    <table class="load">
      <thead><tr><th><span class="vh">Hour</span></th>{days.map((d) => <th key={d}><button class="linkish" aria-pressed={d === selected} onClick={() => onPick(d)}>{dateShort({ ...civil(zoneNamed('UTC'), d * 86_400_000), weekday: weekday(d) }).slice(0, 6)}</button></th>)}</tr></thead>
      <tbody>
        {hours.map((h) => (
          <tr key={h}>
            <th scope="row">{String(h).padStart(2, '0')}</th>
            {days.map((d, i) => {
              const of = seen[i]?.data?.hours.filter((x) => hourOf(x.local) === h) ?? []; // two where the clocks are set back, none where they skip it
              const n = of.reduce((sum, x) => sum + x.firings, 0);
              const words = of.length === 0 ? 'no such hour' : `${counted(n, 'run')}, at most ${count(Math.max(...of.map((x) => x.most)))} in a minute${of.length > 1 ? '; the hour comes twice' : ''}`;
              const isPast = of.length > 0 && of.every((x) => Date.parse(x.at) + HOUR <= Date.parse(seen[i]!.data!.since));
              return <td key={d} class={`${d === selected ? 'on' : ''} ${isPast ? 'past' : ''}`} style={{ '--load': `${Math.round((45 * n) / most)}%` }} title={seen[i]?.data && (isPast ? 'it is over' : words)} onClick={() => onPick(d)}>{seen[i]?.data ? (of.length === 0 ? '–' : n ? short(n) : '') : ''}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Peak({ p, zone }: { p: ForecastPeak; zone: string }) {
  return (
    <tr>
      <td><a href={href('/upcoming', { from: p.at })}><Time at={p.at} zone={zone} text={p.local.slice(11, 16)} /></a></td>
      <td class="num">{count(p.firings)}</td>
      <td class="two">
        {p.by.map((b) => (
          <div key={b.schedule}><span class="mono"><Foreign text={b.schedule} /></span>{b.firings < p.firings && ` ${count(b.firings)}`}: {b.examples.map((t, i) => <>{i > 0 && ', '}<a key={t.task_id} href={href(`/tasks/${segment(`${t.project}~${t.key}`)}`)}><Foreign text={t.title || t.key} /></a></>)}{b.tasks > b.examples.length && ` and ${count(b.tasks - b.examples.length)} more`}</div>
        ))}
        {p.more && <span class="dim">and further schedules</span>}
      </td>
    </tr>
  );
}

function inWords(w: WhatIf): string {
  if (w.minutes === 0) return 'It would not fire on that day.';
  const later = w.later_by === undefined ? '' : ` ${counted(w.later_by, 'minute')} later it would meet at most ${count(w.later_most ?? 0)}.`;
  return `It would fire in ${counted(w.minutes, 'minute')} of that day, beside at most ${counted(w.most ?? 0, 'other run')}${w.most ? `, at ${w.most_local?.slice(11, 16)}` : ''}.${later}`;
}

function WhatIfForm({ day, zone, filters }: { day: string; zone: string; filters: Record<string, string> }) {
  const [text, setText] = useState('');
  const [expression, setExpression] = useState('');
  const seen = useResource<Forecast>(expression ? `/v1/forecast${query({ day, tz: zone, ...filters, expression, zone })}` : undefined);
  const wrong = seen.problem?.detail;
  return (
    <form class="body" onSubmit={(e) => { e.preventDefault(); setExpression(text.trim()); }}>
      <Text label="Where would another schedule fit?" class="mono" value={text} placeholder="0 3 * * *" wrong={wrong} onChange={setText} hint={`On the clock of ${zone}; nothing is saved`} />
      <button class="btn">Try it</button>
      {!wrong && seen.data?.what_if && <p role="status">{inWords(seen.data.what_if)}</p>}
    </form>
  );
}

function OneDay({ f, zone, filters }: { f: Forecast; zone: string; filters: Record<string, string> }) {
  const from = Date.parse(f.from);
  const steps = Array.from({ length: Math.ceil(f.minutes.length / 15) }, (_, i) => ({ from: from + i * 15 * MINUTE, counts: { PLANNED: f.minutes.slice(15 * i, 15 * i + 15).reduce((a, b) => a + b, 0) } }));
  if (f.firings === 0) return <Empty><p>Nothing is due on this day{f.since > f.from && ' any more'}.</p></Empty>;
  return (
    <>
      <p class="body"><span class="strong">{counted(f.firings, 'run')}</span> of {counted(f.due, 'task')}{f.paused > 0 && `; ${count(f.paused)} paused are not counted`}{!f.complete && <span class="warn">; not all could be counted: there are more</span>}</p>
      <StepsChart steps={steps} from={from} to={Date.parse(f.to)} every={15 * MINUTE} now={now.value} zone={zone} label="What is planned on this day, in steps of 15 minutes" />
      <div class="scroll"><table>
        <thead><tr><th>Peak</th><th class="num">Runs</th><th>Made by</th></tr></thead>
        <tbody>{f.peaks.map((p) => <Peak key={p.at} p={p} zone={zone} />)}</tbody>
      </table></div>
      <p class="body"><span class="strong">Quietest</span> {f.quiet.map((q, i) => <span key={q.at}>{i > 0 && ' · '}{q.local.slice(11, 16)} to {clock(civil(zoneNamed(zone), Date.parse(q.to)))} <span class="dim">{counted(q.firings, 'run')}</span></span>)}</p>
      <WhatIfForm day={f.day} zone={zone} filters={filters} />
    </>
  );
}

/** today, selected: days in the zone. A day is asked for when the one before it is there: seven at once would be in each other's way. */
export function Load({ zone, today, selected, onPick }: { zone: string; today: number; selected: number; onPick: (day: number) => void }) {
  const first = Math.max(today, selected - DAYS + 1);
  const days = hours.slice(0, DAYS).map((i) => first + i);
  const filters = { project: param('project'), queue: param('queue') };
  const seen: Seen<Forecast>[] = [];
  for (const d of days)
    seen.push(useResource<Forecast>(seen.every((s) => s.data ?? s.problem) ? `/v1/forecast${query({ day: dayText(d), tz: zone, ...filters })}` : undefined, { every: 5 * MINUTE }));
  const of = seen[selected - first]!;
  const c = civil(zoneNamed(zone), dayStart(zoneNamed(zone), selected) + 12 * 60 * MINUTE);
  return (
    <div class="loads">
      <Panel name="Load" note="runs by hour"><Grid days={days} seen={seen} selected={selected} onPick={onPick} /></Panel>
      <Panel name={dateShort(c)} note={zone}><Shown of={of} rows={8}>{(f) => <OneDay f={f} zone={zone} filters={filters} />}</Shown></Panel>
    </div>
  );
}
