// dayruns.tsx - a local day: its counts, its time line, its runs as a list with what was planned and what was not fired.
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Planned, Skip, Upcoming } from '../answers.ts';
import { query, segment, useResource, type Seen } from '../api.ts';
import { param, set } from '../router.ts';
import { minute, now, zoneNamed } from '../state.ts';
import { looks, looksOf, shown } from '../status.ts';
import { count, dateLong, offsetText, span, when, MINUTE, HOUR } from '../time.ts';
import { civil, comesTwice, dayStart, dayText, isLeftOut, offsetAt, stepDay, type Zone } from '../zone.ts';
import { note, reasonWords } from '../words.ts';
import { useKeys } from '../keys.ts';
import { StepsChart } from './bars.tsx';
import { ClockChange, type Day } from './calendar.tsx';
import { plannedAs } from './coming.ts';
import { Foreign } from './foreign.tsx';
import { Icon } from './icon.tsx';
import { buckets } from './lanes.ts';
import { memo } from './memo.ts';
import { Empty, Shown } from './problem.tsx';
import { Status } from './status.tsx';
import { inWords } from './steps.ts';
import { usePauses } from './why.ts';
import { Timeline, type GapMark, type Mark } from './timeline.tsx';
import { weekday } from './month.ts';

export interface Execution {
  execution_id: string;
  task_id: string;
  project?: string;
  key?: string;
  title?: string;
  scheduled_at: string;
  due_at?: string; // none where no order was made
  started_at?: string;
  finished_at?: string;
  status: string;
  reason?: string;
  trigger: string;
  message?: string;
  exit_code?: number;
  attempt?: number;
  max_attempts?: number;
  worker?: string;
  run_ms?: number;
  contradicted?: boolean;
  revision?: number;
  zone?: string;
}

/** When it was due, ms: what was never ordered, as a skipped run, has only the instant of its schedule. */
export const dueOf = (run: { due_at?: string; scheduled_at: string }): number => Date.parse(run.due_at ?? run.scheduled_at);

/** How the id of a row begins that has nothing to open. */
const NOTHING = 'planned ';

/** Opens beside the list a run, by its id, or why there was none at an instant (ui/verdict.tsx); "" closes it. */
export function pickRun(id: string): void {
  if (!id.startsWith(NOTHING)) set(id.length === 36 ? { run: id, why: '' } : { run: '', why: id });
}

interface Page {
  items: Execution[];
  next?: string;
}

interface Gaps {
  items: { from_at: string; to_at: string; reason: string; count: number; more?: boolean; revision?: number }[];
}

const none: Execution[] = [];
const ROWS = 60; // shown at once; more on request
const MARKS = 400; // above it steps of 15 minutes

/** One row of the list. id: what pickRun() takes. */
interface Row {
  id: string;
  at: number;
  status: string;
  run?: Execution;
  name?: string;
  title?: string;
  gap?: Gaps['items'][number];
  words?: string; // of a gap, of what is to be skipped
}

export interface Filters {
  task?: string;
  status?: string;
  queue?: string;
}

function toRows(runs: Execution[], planned: Planned[], gaps: Gaps['items'], at: number, lateAfter: number, ofTask: boolean, pausedBy: (at: number) => string): Row[] {
  const rows: Row[] = runs.map((run) => ({ id: run.execution_id, at: Date.parse(run.scheduled_at), status: shown(run.status, dueOf(run), at, lateAfter), run, name: run.key && `${run.project}~${run.key}`, title: run.title }));
  const known = new Set(runs.map((r) => `${r.task_id} ${Date.parse(r.scheduled_at)}`));
  for (const p of planned)
    if (!known.has(`${p.task_id} ${Date.parse(p.scheduled_at)}`)) rows.push({ id: ofTask ? p.scheduled_at : `${NOTHING}${p.task_id} ${p.scheduled_at}`, at: Date.parse(p.scheduled_at), status: plannedAs(p), words: p.skip && byWhom(p.skip), name: `${p.project}~${p.key}`, title: p.title });
  for (const g of gaps) rows.push({ id: `<${g.to_at}`, at: Date.parse(g.to_at), status: 'GAP', gap: g, words: gapWords(g, pausedBy) });
  return rows.sort((a, b) => b.at - a.at);
}

const byWhom = (s: Skip): string => `${s.by ? `by ${s.by}` : ''}${s.reason ? `: ${s.reason}` : ''}`;

const gapWords = (g: Gaps['items'][number], pausedBy: (at: number) => string): string =>
  `${g.more ? 'at least ' : ''}${count(g.count)} not fired: ${reasonWords(g.reason)}${g.reason === 'PAUSED' ? pausedBy(Date.parse(g.to_at)) : ''}`;

function toMark(row: Row): Mark {
  const r = row.run;
  return { id: row.id, at: row.at, status: row.status, from: r?.started_at ? Date.parse(r.started_at) : undefined, to: r?.finished_at && r.started_at ? Date.parse(r.finished_at) : undefined };
}

function Head({ zone, zoneName, day, data, ask, onDay }: { zone: Zone; zoneName: string; day: number; data?: Day; ask: boolean; onDay: (day: number) => void }) {
  const c = civil(zone, dayStart(zone, day) + HOUR);
  const problems = Object.entries(data?.counts ?? {}).filter(([s, n]) => looks[s]?.problem && n > 0);
  const rest = Object.entries(data?.counts ?? {}).filter(([s, n]) => !looks[s]?.problem && n > 0);
  return (
    <div class="dayh">
      <button class="btn quiet small square" aria-label="Day before" onClick={() => onDay(stepDay(zone, day, -1))}><Icon name="i-left" /></button>
      <h2>{dateLong({ ...c, weekday: weekday(day) })}</h2>
      <button class="btn quiet small square" aria-label="Day after" onClick={() => onDay(stepDay(zone, day, 1))}><Icon name="i-right" /></button>
      <span class="dim">{zoneName} {offsetText(c.offset)}</span>
      <ClockChange zone={zone} day={day} />
      <span class="grow" />
      <span>{rest.length > 0 && <span class="mid">{inWords(Object.fromEntries(rest))}</span>} {problems.map(([s, n]) => <span key={s} class={`strong ${looksOf(s).tone}`}>{count(n)} {looksOf(s).word.toLowerCase()}</span>)}</span>
      {ask && <button class="btn small" onClick={() => pickRun(dayText(day))}>Did all run?</button>}
    </div>
  );
}

/** The clock of a row; its date, too, if it is not of the day that this instant is in; its offset where the hour comes twice. */
function clockOf(zone: Zone, at: number, day: number): string {
  const text = when(zone, at, day);
  return comesTwice(zone, at) ? `${text} ${offsetText(offsetAt(zone, at))}` : text;
}

/** `row` in its parts: those of them that say what is shown are the same objects, or texts, after each reading. */
const RunRow = memo(({ id, at, status, run: r, name, title, words, zone, day, withTask, selected, onPick }: Row & { zone: Zone; day: number; withTask: boolean; selected: boolean; onPick: (id: string) => void }) => {
  const waited = r?.started_at ? Date.parse(r.started_at) - dueOf(r) : undefined;
  const ran = r?.started_at ? (r.finished_at ? Date.parse(r.finished_at) : now.value) - Date.parse(r.started_at) : undefined;
  return (
    <tr class={r ? '' : 'ghost'} aria-selected={selected} data-run={id}>
      <td class="strong nowrap">{id.startsWith(NOTHING) ? clockOf(zone, at, day) : <button class="linkish clock" onClick={() => onPick(id)}>{clockOf(zone, at, day)}</button>}</td>
      {withTask && <td class="cut what"><span class="mono"><Foreign text={name} /></span> <span class="dim"><Foreign text={title} /></span></td>}
      <td><Status of={status} /></td>
      <td class="num">{r?.run_ms !== undefined ? span(r.run_ms) : ran !== undefined ? span(Math.floor(ran / 1000) * 1000) : ''}</td>
      <td class="num mid opt">{waited !== undefined ? span(Math.max(0, waited)) : ''}</td>
      <td class="note"><Foreign text={words ?? (r ? note(r) : '')} /></td>
      <td class="mono mid opt cut what"><Foreign text={r?.worker} /></td>
    </tr>
  );
});

/** A row's key is its place from the oldest on: a new run leaves the others theirs, and another day takes the rows over. */
const List = memo(({ rows, zone, day, withTask, selected, onPick }: { rows: Row[]; zone: Zone; day: number; withTask: boolean; selected: string; onPick: (id: string) => void }) => {
  const [ahead, setAhead] = useState(false);
  const [all, setAll] = useState(false);
  const columns = withTask ? 7 : 6;
  const planned = rows.filter((r) => r.status === 'PLANNED');
  const later = ahead || planned.length === rows.length ? [] : planned.slice(0, -1); // all but the next one
  const folded = new Set(later);
  const rest = rows.filter((r) => !folded.has(r));
  const whole = all || rest.slice(ROWS).some((r) => r.id === selected);
  const hidden = whole ? [] : rest.slice(ROWS);
  const visible = whole ? rest : rest.slice(0, ROWS);
  const counts: Record<string, number> = {};
  for (const r of hidden) counts[r.status] = (counts[r.status] ?? 0) + 1;
  return (
    <table class="runs">
      <thead><tr><th>Due</th>{withTask && <th>Task</th>}<th>Status</th><th class="num">Ran for</th><th class="num opt">Waited</th><th>Note</th><th class="opt">Worker</th></tr></thead>
      <tbody>
        {later.length > 0 && (
          <tr class="fold"><td colSpan={columns}><button class="linkish" onClick={() => setAhead(true)}>{count(later.length)} more planned, until {clockOf(zone, later[0]!.at, day)}</button></td></tr>
        )}
        {visible.map((row, i) => <RunRow key={rest.length - i} {...row} zone={zone} day={day} withTask={withTask} selected={row.id === selected} onPick={onPick} />)}
        {hidden.length > 0 && (
          <tr class="fold"><td colSpan={columns}><button class="linkish" onClick={() => setAll(true)}>{clockOf(zone, hidden[0]!.at, day)} and earlier: {inWords(counts)}. Show them</button></td></tr>
        )}
      </tbody>
    </table>
  );
});

/** The day as a picture: run by run, or in steps. */
const Chart = memo(({ rows, gaps, pausedBy, many, ofTask, from, to, zone, selected, onPick }: {
  rows: Row[]; gaps: Gaps['items']; pausedBy: (at: number) => string; many: boolean; ofTask: boolean; from: number; to: number; zone: string; selected: string; onPick: (id: string) => void;
}) => {
  const marks = useMemo(() => rows.filter((r) => !r.gap).map(toMark), [rows]);
  const hatched = useMemo(() => gaps.map((g): GapMark => ({ from: Math.max(from, Date.parse(g.from_at)), to: Math.min(to, Date.parse(g.to_at)), words: gapWords(g, pausedBy) })), [gaps, from, to, pausedBy]);
  if (many) return <StepsChart steps={buckets(rows, 15 * MINUTE)} from={from} to={to} every={15 * MINUTE} now={minute.value} zone={zone} label="Runs of the day in steps of 15 minutes" />;
  return <Timeline marks={marks} gaps={hatched} from={from} to={to} zone={zone} selected={selected} onPick={onPick} onAsk={ofTask ? onPick : undefined} />;
});

interface Sources {
  runs: Seen<Page>;
  planned: Seen<Upcoming>;
  gaps: Seen<Gaps>;
}

function useSources(filters: Filters, zoneName: string, day: number | undefined, from: number, to: number, topics: string[]): Sources {
  const at = minute.value;
  const cursor = param('cursor');
  const task = filters.task ? `/v1/tasks/${segment(filters.task)}` : '';
  const range = { from: new Date(Math.max(from, at)).toISOString(), to: new Date(to - 1).toISOString(), limit: 500 };
  const ahead = to > at && !filters.status && !cursor;
  return {
    runs: useResource<Page>(`/v1/executions${query({ ...filters, ...(day === undefined ? {} : { day: dayText(day), tz: zoneName }), limit: 500, cursor })}`, { topics, keep: true }),
    planned: useResource<Upcoming>(ahead ? `${task || '/v1'}/upcoming${query(range)}` : undefined, { topics: task ? topics : [], keep: true }),
    gaps: useResource<Gaps>(task && !filters.status ? `${task}/gaps?limit=100` : undefined, { topics, keep: true }),
  };
}

/** day: in the zone. open: what is still open, of whatever day. data: the day's counts, where they are known. selected: the id of an execution. */
export function DayRuns({ filters, open, zoneName, day, data, today, keptFrom, selected, topics, lateAfter = 30_000, onDay, onPick }: {
  filters: Filters; open?: boolean; zoneName: string; day: number; data?: Day; today: number; keptFrom: number; selected: string; topics: string[]; lateAfter?: number;
  onDay: (day: number) => void; onPick: (id: string) => void;
}) {
  const zone = zoneNamed(zoneName);
  const { runs, planned, gaps } = useSources(filters, zoneName, open ? undefined : day, dayStart(zone, day), dayStart(zone, day + 1), topics);
  const listed = useRef(day); // what is shown until the new day's runs come stays as it is
  if (!runs.old) listed.current = day;
  const from = dayStart(zone, listed.current);
  const to = dayStart(zone, listed.current + 1);
  const inDay = useMemo(() => (gaps.data?.items ?? []).filter((g) => Date.parse(g.to_at) >= from && Date.parse(g.from_at) < to), [gaps.data, from, to]);
  const pausedBy = usePauses(filters.task, inDay.some((g) => g.reason === 'PAUSED'), topics);
  const items = runs.data?.items ?? none;
  const ofTask = filters.task !== undefined;
  const at = items.some((r) => r.status === 'PENDING') ? now.value : 0; // what is pending may be late by now
  const rows = useMemo(() => toRows(items, planned.data?.items ?? [], inDay, at, lateAfter, ofTask, pausedBy), [items, planned.data, inDay, at, lateAfter, ofTask, pausedBy]);
  const ids = rows.filter((r) => r.run).map((r) => r.id);
  const step = (by: number): void => {
    if (runs.old) return; // those of the day before this
    const next = ids[Math.min(ids.length - 1, Math.max(0, ids.indexOf(selected) + by))];
    if (next) onPick(next);
  };
  useKeys([
    { keys: 'j', what: 'Next run', run: () => step(1) },
    { keys: 'k', what: 'Run before', run: () => step(-1) },
    { keys: '[', what: 'Day before', run: () => onDay(stepDay(zone, day, -1)) },
    { keys: ']', what: 'Day after', run: () => onDay(stepDay(zone, day, 1)) },
    { keys: 't', what: 'Today', run: () => onDay(today) },
    { keys: 'Escape', what: 'Close the run', run: () => onPick('') },
  ]);
  const many = rows.length > MARKS || runs.data?.next !== undefined || param('cursor') !== '';
  return (
    <section class="panel" aria-label="Runs of the day">
      {open ? <div class="dayh"><h2>Just now</h2><span class="dim">due on whatever day; {zoneName}</span></div> : <Head zone={zone} zoneName={zoneName} day={day} data={data} ask={ofTask && day <= today} onDay={onDay} />}
      <Shown of={runs} rows={8}>
        {(page) => (
          <>
            {rows.length > 0 && !open && to > from && <Chart rows={rows} gaps={inDay} pausedBy={pausedBy} many={many} ofTask={ofTask} from={from} to={to} zone={zoneName} selected={selected} onPick={onPick} />}
            {rows.length > 0 && <div class="scroll"><List rows={rows} zone={zone} day={from} withTask={!ofTask} selected={selected} onPick={onPick} /></div>}
            {rows.length === 0 && (isLeftOut(zone, day) || day < keptFrom
              ? <Empty><p>{isLeftOut(zone, day) ? `There was no such day in ${zoneName}: its clocks were set past it.` : 'Runs of this day are not kept any more.'}</p></Empty>
              : <Empty><p>{open ? 'There is none now.' : filters.status ? 'No run of this day has this status.' : 'Nothing was due on this day.'}</p>{filters.status && <p><button class="btn small" onClick={() => set({ status: undefined })}>Show all statuses</button></p>}</Empty>)}
            {(page.next || param('cursor')) && (
              <div class="pages">
                {param('cursor') && <button class="btn small" onClick={() => set({ cursor: undefined }, false)}>Newest</button>}
                {page.next && <button class="btn small" onClick={() => set({ cursor: page.next }, false)}>Older<Icon name="i-right" /></button>}
              </div>
            )}
          </>
        )}
      </Shown>
    </section>
  );
}
