// verdict.tsx - did a task run at an instant, and if not, which rule, revision, command and actor say so; of a stretch of time, what differs
// from what its schedules named. The API's own words, with the records that they rest on.
import { useState } from 'preact/hooks';
import { query, segment, useResource } from '../api.ts';
import type { Audit, AuditTotals, Verdict, Why } from '../answers.ts';
import { href, set } from '../router.ts';
import { looksOf } from '../status.ts';
import { count, counted } from '../time.ts';
import { dayRead, dayStart } from '../zone.ts';
import { serverNow, zoneNamed } from '../state.ts';
import type { Execution } from './dayruns.tsx';
import { Foreign } from './foreign.tsx';
import { Icon } from './icon.tsx';
import { Shown } from './problem.tsx';
import { Time } from './time.tsx';

const id = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/;
const looks: Record<string, string> = { NOT_FIRED: 'GAP', TO_COME: 'PLANNED', SKIP_NEXT: 'SKIPPING', UNDECIDED: 'PENDING', UNEXPLAINED: 'FAILED' };
const why = (task: string, values: Record<string, string>): string => `/v1/tasks/${segment(task)}:why${query(values)}`;
/** Opens another instant; last: the last one that was due until then. */
const Ask = ({ at, last = false, zone }: { at: string; last?: boolean; zone: string }) => <button class="linkish" onClick={() => set({ why: last ? `<${at}` : at })}><Time at={at} zone={zone} /></button>;

/** A sentence; the execution that it speaks of is a link. */
function Sentence({ text }: { text: string }) {
  const [before, execution, after] = text.startsWith('Execution ') ? text.split(id) : [text];
  return <><Foreign text={before} />{execution && <a class="mono" href={href(`/executions/${execution}`)}>{execution}</a>}<Foreign text={after} /></>;
}

function One({ v, zone }: { v: Verdict; zone: string }) {
  const look = looksOf(v.execution?.status ?? looks[v.rule ?? ''] ?? looks[v.answer] ?? '');
  return (
    <div class="verdict">
      <p class="strong"><Icon name={look.glyph} class={look.tone} /> <Time at={v.at} zone={zone} /> <Foreign text={v.text} /></p>
      {v.details.map((d) => <p key={d}><Sentence text={d} /></p>)}
      {(v.before || v.after) && <p>{v.before && <>Before it: <Ask at={v.before} zone={zone} /> </>}{v.after && <>After it: <Ask at={v.after} zone={zone} /></>}</p>}
      {v.evidence.length > 0 && (
        <ul class="evidence" aria-label="Evidence">
          {v.evidence.map((e) => (
            <li key={e.text}><Foreign text={e.text} /><span class="sub mono">{e.topic}{e.partition !== undefined && `[${e.partition}]`}{e.offset !== undefined && ` at ${e.offset}`}{e.at && <>, <Time at={e.at} zone={zone} /></>}</span></li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** at: an instant, or a wall time of the zone; "<" before it: the last instant that was due until then. run: of that execution alone. */
export function Verdicts({ task, at, zone, run, topics = [] }: { task: string; at: string; zone: string; run?: string; topics?: string[] }) {
  const isLast = at.startsWith('<');
  const near = useResource<Why>(isLast ? why(task, { at: at.slice(1), tz: zone }) : undefined);
  const first = near.data?.items[0];
  const exact = !isLast ? at : first?.answer === 'NOT_SCHEDULED' && first.before ? first.before : first?.at;
  const seen = useResource<Why>(exact && why(task, { at: exact, tz: zone }), { topics, keep: true });
  return (
    <Shown of={near.problem ? near : seen} rows={3}>
      {(data) => (
        <>
          {data.note && <p><Foreign text={data.note} /></p>}
          {(data.items.some((v) => v.execution?.execution_id === run) ? data.items.filter((v) => v.execution?.execution_id === run) : data.items).map((v) => <One key={v.at + v.execution?.execution_id} v={v} zone={zone} />)}
        </>
      )}
    </Shown>
  );
}

/** Of one run: at once where it never began, else when it is asked for. */
export function WhyRun({ run, zone }: { run: Execution; zone: string }) {
  const [open, setOpen] = useState(!run.started_at && looksOf(run.status).final === true);
  return (
    <details class="why" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>Why, with evidence</summary>
      {open && <Verdicts task={run.task_id} at={run.scheduled_at} zone={zone} run={run.execution_id} topics={[`execution:${run.execution_id}`]} />}
    </details>
  );
}

const totals: [keyof AuditTotals, string][] = [
  ['ran', 'ran'], ['open', 'not over yet'], ['did_not_run', 'did not run'], ['not_fired', 'not fired'], ['undecided', 'not decided yet'], ['not_kept', 'not kept'],
  ['missing', 'missing'], ['extra', 'that nothing named'], ['twice', 'fired and passed over'], ['others', 'by hand and the like'],
];

/** What the schedules named on a day, until now, against what there is. */
function Differences({ task, day, zone }: { task: string; day: number; zone: string }) {
  const on = (d: number): string => new Date(Math.min(dayStart(zoneNamed(zone), d), serverNow())).toISOString();
  const [{ from, to }] = useState(() => ({ from: on(day), to: on(day + 1) }));
  const [cursors, setCursors] = useState(['']);
  const cursor = cursors[cursors.length - 1]!;
  const seen = useResource<Audit>(why(task, { from, to, tz: zone, limit: '50', cursor }), { keep: true });
  return (
    <Shown of={seen} rows={4}>
      {({ items, totals: t, next, ...a }) => (
        <>
          <p><Time at={a.from} zone={zone} /> to <Time at={a.to} zone={zone} />: <span class="strong">{count(t.expected)} expected, {counted(items.length, 'difference')}</span></p>
          <p class="dim">{totals.filter(([name]) => t[name] > 0).map(([name, words]) => `${count(t[name])} ${words}`).join(', ') || 'nothing was due'}</p>
          <ul class="evidence" aria-label="Differences">
            {items.map((i) => (
              <li key={i.at + i.text}>
                <Icon name={i.explained ? 'g-gap' : 'g-failed'} class={i.explained ? 'idle' : 'bad'} /> <Ask at={i.to ?? i.at} last={i.to !== undefined} zone={zone} /> {!i.explained && <span class="bad strong">unexplained: </span>}<Foreign text={i.text} />
              </li>
            ))}
          </ul>
          {(next || cursor) && <p>{cursor && <button class="btn small" onClick={() => setCursors(cursors.slice(0, -1))}>Earlier</button>} {next && <button class="btn small" onClick={() => setCursors([...cursors, next])}>Go on</button>}</p>}
        </>
      )}
    </Shown>
  );
}

/** Beside a task's runs. at: as of Verdicts; or a day, as 2027-03-28. */
export function WhyAside({ task, at, zone }: { task: string; at: string; zone: string }) {
  const [wall, setWall] = useState('');
  const day = dayRead(at);
  return (
    <aside class="panel detail" aria-label="Why">
      <header><h2>{Number.isNaN(day) ? 'Why' : 'Expected against actual'}</h2><span class="grow" /><button class="btn quiet small square" aria-label="Close" onClick={() => set({ why: undefined })}><Icon name="i-close" /></button></header>
      <div class="body why">
        {Number.isNaN(day) ? <Verdicts task={task} at={at} zone={zone} /> : <Differences key={at + zone} task={task} day={day} zone={zone} />}
        <form class="together" onSubmit={(e) => { e.preventDefault(); if (wall) set({ why: wall }); }}>
          <input class="input grow" type="datetime-local" step="1" aria-label={`Another instant, on the clock of ${zone}`} value={wall} onInput={(e) => setWall(e.currentTarget.value)} />
          <button class="btn">Did it run then?</button>
        </form>
      </div>
    </aside>
  );
}
