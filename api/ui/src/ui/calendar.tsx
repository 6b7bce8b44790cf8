// calendar.tsx - dates with what happened on them: a month as a grid, days with problems as a list, a year at a glance.
import { computed } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { now } from '../state.ts';
import { looks } from '../status.ts';
import { clock, count, counted, monthName, weekdayName } from '../time.ts';
import { changes, civil, dayOf, dayStart, dayText, isLeftOut, stepDay, utc, type Zone } from '../zone.ts';
import { Icon } from './icon.tsx';
import { memo } from './memo.ts';
import { addMonths, dayNumber, monthOf, move, weekday, weekNumber, weeks } from './month.ts';
import type { Counts } from './steps.ts';

export interface Day {
  counts: Counts;
  total: number;
  planned?: number;
  gaps?: Counts;
}

export type Days = Map<number, Day>;

interface Sums {
  bad: number;
  warn: number;
  total: number;
}

function sums(day: Day | undefined): Sums {
  const sum = { bad: 0, warn: 0, total: day?.total ?? 0 };
  for (const [status, n] of Object.entries(day?.counts ?? {}))
    if (looks[status]?.problem) sum[looks[status]!.tone === 'warn' ? 'warn' : 'bad'] += n;
  return sum;
}

/** "Friday 12 March 2027, 14 problems of 72 runs" */
export function dayInWords(day: number, data: Day | undefined, kept: boolean): string {
  const { year, month } = monthOf(day);
  const date = new Date(day * 86_400_000).getUTCDate();
  const s = sums(data);
  const problems = s.bad + s.warn;
  const name = `${weekdayName(weekday(day))} ${date} ${monthName(month)} ${year}`;
  if (!kept) return `${name}, not kept`;
  if (data?.planned) return `${name}, ${counted(data.planned, 'run')} planned${s.total ? `, ${counted(s.total, 'run')} so far` : ''}`;
  return `${name}, ${problems ? `${counted(problems, 'problem')} of ` : ''}${counted(s.total, 'run')}`;
}

const hoursOf = (zone: Zone, day: number): number => (dayStart(zone, day + 1) - dayStart(zone, day)) / 3_600_000;

const Cell = memo(({ day, data, zone, out, today, selected, focusable, keptFrom, onPick }: {
  day: number; data: Day | undefined; zone: Zone; out: boolean; today: number; selected: boolean; focusable: boolean; keptFrom: number; onPick: (day: number) => void;
}) => {
  const s = sums(data);
  const problems = s.bad + s.warn;
  const hours = hoursOf(zone, day);
  const kind = s.bad ? 'bad' : s.warn ? 'warn' : '';
  const ok = Math.max(0, s.total - problems);
  const gone = hours === 0;
  const words = gone ? `${dayText(day)}: there was no such day in ${zone.name}` : dayInWords(day, data, day >= keptFrom);
  return (
    <div role="gridcell" aria-selected={selected}>
      <button class={`day ${kind} ${out ? 'out' : ''} ${day > today ? 'ahead' : ''} ${day === today ? 'today' : ''} ${gone || day < keptFrom ? 'unkept' : ''}`}
        tabIndex={focusable ? 0 : -1} data-day={day} aria-disabled={gone || undefined} aria-current={day === today ? 'date' : undefined} title={words} onClick={() => { if (!gone) onPick(day); }}>
        <span class="vh">{hours === 24 || gone ? words : `${words}, a day of ${hours} hours`}</span>
        <span class="n" aria-hidden="true">{new Date(day * 86_400_000).getUTCDate()}</span>
        {hours !== 24 && !gone && <span class="hours" aria-hidden="true">{hours}h</span>}
        {problems > 0 && <span class={`p ${kind} ${problems > 99 ? 'low' : ''}`} aria-hidden="true">{count(problems)}</span>}
        <span class="m" aria-hidden="true">
          {ok > 0 && <i class="ok" style={{ flexGrow: ok }} />}{s.bad > 0 && <i class="bad" style={{ flexGrow: s.bad }} />}{s.warn > 0 && <i class="warn" style={{ flexGrow: s.warn }} />}
          {s.total === 0 && data?.planned ? <i class="planned" style={{ flexGrow: 1 }} /> : null}
        </span>
      </button>
    </div>
  );
});

/** keptFrom: days before it are not kept, never "none". onPick also moves the month. */
export function Calendar({ days, selected, today, zone, keptFrom, onPick }: {
  days: Days; selected: number; today: number; zone: Zone; keptFrom: number; onPick: (day: number) => void;
}) {
  const [asList, setAsList] = useState(false);
  const grid = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const month = monthOf(selected);
  const first = dayNumber(month.year, month.month, 1);
  const last = dayNumber(month.year, month.month + 1, 1) - 1;

  useLayoutEffect(() => { // before the next key
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    grid.current?.querySelector<HTMLElement>(`[data-day="${selected}"]`)?.focus();
  }, [selected]);

  const onKeyDown = (e: KeyboardEvent): void => {
    const to = move(e.key, e.shiftKey, selected);
    if (to === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    wantsFocus.current = true;
    onPick(isLeftOut(zone, to) ? stepDay(zone, to, Math.sign(to - selected)) : to);
  };

  return (
    <div class="cal">
      <div class="calh">
        <h2>{monthName(month.month)} {month.year}</h2>
        <button class="btn quiet small square" aria-label="Month before" onClick={() => onPick(addMonths(selected, -1))}><Icon name="i-left" /></button>
        <button class="btn small" onClick={() => onPick(today)}>Today</button>
        <button class="btn quiet small square" aria-label="Month after" onClick={() => onPick(addMonths(selected, 1))}><Icon name="i-right" /></button>
        <button class="btn quiet small" aria-pressed={asList} onClick={() => setAsList(!asList)}>{asList ? 'Grid' : 'List'}</button>
      </div>
      {asList ? (
        <ul class="jump">
          {Array.from({ length: last - first + 1 }, (_, i) => first + i).map((day) => (
            <li key={day} aria-current={day === selected ? 'date' : undefined}><button class="linkish" onClick={() => onPick(day)}>{dayInWords(day, days.get(day), day >= keptFrom)}</button></li>
          ))}
        </ul>
      ) : (
        <div class="grid" role="grid" aria-label={`${monthName(month.month)} ${month.year}`} ref={grid} onKeyDown={onKeyDown}>
          <div role="row" class="week"><span class="wk" role="columnheader"><span class="vh">Week</span></span>{[0, 1, 2, 3, 4, 5, 6].map((w) => <span class="dow" role="columnheader" aria-label={weekdayName(w)} key={w}>{weekdayName(w).slice(0, 2)}</span>)}</div>
          {weeks(month).map((week) => (
            <div role="row" class="week" key={week[0]}>
              <span class="wk" role="rowheader" aria-label={`Week ${weekNumber(week[0]!)}`}>{weekNumber(week[0]!)}</span>
              {week.map((day) => (
                <Cell key={day} day={day} data={days.get(day)} zone={zone} out={day < first || day > last} today={today} selected={day === selected} focusable={day === selected} keptFrom={keptFrom} onPick={onPick} />
              ))}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** The days of a month that had problems, newest first. */
export function ProblemDays({ days, selected, onPick }: { days: Days; selected: number; onPick: (day: number) => void }) {
  const month = monthOf(selected);
  const list = [...days].filter(([day, d]) => monthOf(day).month === month.month && monthOf(day).year === month.year && sums(d).bad + sums(d).warn > 0).sort(([a], [b]) => b - a);
  if (list.length === 0) return null;
  return (
    <section class="jump-box" aria-labelledby="problem-days">
      <h3 id="problem-days">Days with problems</h3>
      <ul class="jump">
        {list.map(([day, d]) => {
          const s = sums(d);
          const words = [s.bad ? `${count(s.bad)} failed` : '', s.warn ? `${count(s.warn)} missed` : ''].filter(Boolean).join(', ');
          const date = new Date(day * 86_400_000).getUTCDate();
          return (
            <li key={day} aria-current={day === selected ? 'date' : undefined}>
              <Icon name={s.bad ? 'g-failed' : 'g-missed'} class={s.bad ? 'bad' : 'warn'} />
              <button class="linkish grow" onClick={() => onPick(day)}>{weekdayName(weekday(day)).slice(0, 3)} {date} {monthName(month.month).slice(0, 3)}</button>
              <span class="dim">{words}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** 53 weeks up to a day, a square a day. */
export const Year = memo(({ days, today, keptFrom, onPick }: { days: Days; today: number; keptFrom: number; onPick: (day: number) => void }) => {
  const start = today - weekday(today) - 52 * 7;
  const list = Array.from({ length: today - start + 1 }, (_, i) => start + i);
  const kindOf = (day: number): string => {
    const s = sums(days.get(day));
    return s.bad ? 'bad' : s.warn ? 'warn' : s.total ? 'some' : day < keptFrom ? 'unkept' : '';
  };
  const share = (day: number): number => { const s = sums(days.get(day)); return Math.min(1, 0.4 + (4 * (s.bad + s.warn)) / Math.max(1, s.total)); }; // the more of a day failed, the darker
  const problems = list.filter((d) => ['bad', 'warn'].includes(kindOf(d))).length;
  return (
    <svg class="year" viewBox="0 0 371 49" role="img" aria-label={`The last year: ${counted(problems, 'day')} with problems`}
      onClick={(e) => { const day = Number((e.target as Element).getAttribute('data-day')); if (day) onPick(day); }}>
      {list.map((day) => (
        <rect key={day} data-day={day} class={kindOf(day)} fill-opacity={['bad', 'warn'].includes(kindOf(day)) ? share(day) : 1} x={7 * Math.floor((day - start) / 7)} y={7 * weekday(day)} width="6" height="6" rx="1"><title>{dayInWords(day, days.get(day), day >= keptFrom)}</title></rect>
      ))}
    </svg>
  );
});

/** "23-hour day: 02:00 → 03:00", or nothing. */
export function ClockChange({ zone, day }: { zone: Zone; day: number }) {
  const from = dayStart(zone, day);
  const to = dayStart(zone, day + 1);
  const list = changes(zone, from - 1, to);
  if (list.length === 0) return null;
  const at = (t: number, offset: number): string => clock(civil(utc, t + offset));
  return <>{list.map((c) => <span class="tag warn" key={c.at}>{(to - from) / 3_600_000}-hour day: {at(c.at, c.before)} → {at(c.at, c.after)}</span>)}</>;
}

/** Today's date in a zone; changes at its midnight. */
export const useToday = (zone: Zone): number => useMemo(() => computed(() => dayOf(zone, now.value)), [zone]).value;
