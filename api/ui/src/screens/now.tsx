// now.tsx - is all well, and if not, where: what runs, what is late or failing, what did not run, what comes next.
import type { ComponentChildren } from 'preact';
import type { Upcoming } from '../answers.ts';
import { query, segment, useResource, type Seen } from '../api.ts';
import { go, href } from '../router.ts';
import { now, zoneNamed } from '../state.ts';
import { looksOf } from '../status.ts';
import { about, clock, count, counted, HOUR, MINUTE, percent, relative, span } from '../time.ts';
import { civil, DAY, dayOf, dayText } from '../zone.ts';
import { ActLink } from '../ui/act.tsx';
import { Legend, StepsChart } from '../ui/bars.tsx';
import { byMinute, stepsOf, tasksOf } from '../ui/coming.ts';
import { Far, type HowFar } from '../ui/far.tsx';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { Empty, Shown } from '../ui/problem.tsx';
import { Skipped } from '../ui/skipped.tsx';
import { Status } from '../ui/status.tsx';
import { Strip, type Run } from '../ui/strip.tsx';
import { Time } from '../ui/time.tsx';
import { Usual } from '../ui/usual.tsx';
import { Health } from './system.tsx';
import { useSystem } from '../system.ts';
import { useZone } from '../ui/zonemenu.tsx';

type Counts = Record<string, number>;

interface Summary {
  at: string;
  late_after_ms: number;
  open: Counts;
  late: { executions: number; tasks: number; oldest_due_at?: string };
  day: Counts;
  failing_tasks: number;
  tasks: Counts;
  steps: { from: string; counts: Counts }[];
}

interface Failing {
  items: {
    task_id: string; project: string; key: string; title?: string; counts: Counts; in_a_row: number; since: string;
    recent?: Run[];
    last: { execution_id: string; status: string; at: string; message?: string };
  }[];
  complete: boolean;
}

interface Late {
  items: { execution_id: string; task_id: string; project?: string; key?: string; title?: string; queue?: string; due_at: string }[];
  next?: string;
}

interface Running {
  items: ({ execution_id: string; project?: string; key?: string; task_id: string; status: string; started_at?: string; worker?: string; message?: string; usual_ms?: number; attempt?: number } & HowFar)[];
  next?: string;
}

const STEP = 15 * MINUTE;
const COMING = 500; // instants to come: so many of them, and there may be more
const sum = (counts: Counts, ...statuses: string[]): number => statuses.reduce((n, s) => n + (counts[s] ?? 0), 0);
const nameOf = (t: { project?: string; key?: string }): string => `${t.project}~${t.key}`;
const runsOf = (status: string): string => href('/runs', { status });
const taskHref = (t: { project?: string; key?: string }): string => href(`/tasks/${segment(nameOf(t))}`);

function Tile({ tone, glyph, name, value, note, to }: { tone?: string; glyph: string; name: string; value: string; note: string; to: string }) {
  return (
    <a class={`tile ${tone === 'bad' || tone === 'warn' ? tone : ''}`} href={to}>
      <span class="name"><Icon name={glyph} class={tone ?? looksTone(glyph)} />{name}</span>
      <div class="value">{value}</div>
      <div class="note">{note}</div>
    </a>
  );
}

const looksTone = (glyph: string): string => ({ 'g-running': 'run', 'g-ok': 'ok' })[glyph] ?? 'idle';

function Tiles({ s, coming }: { s: Summary; coming: Upcoming | undefined }) {
  const running = sum(s.open, 'RUNNING', 'CANCELLING', 'RETRYING');
  const missed = sum(s.day, 'MISSED');
  const skipped = sum(s.day, 'SKIPPED', 'CANCELLED');
  const failed = sum(s.day, 'FAILED', 'TIMED_OUT', 'LOST');
  const ok = sum(s.day, 'SUCCEEDED');
  const planned = (coming?.items ?? []).filter((u) => !u.skip);
  const hour = planned.filter((u) => Date.parse(u.due_at) <= now.value + HOUR).length;
  const first = planned[0];
  return (
    <div class="tiles">
      <Tile glyph="g-running" name="Running" value={count(running)} note={`${count(sum(s.open, 'PENDING', 'WAITING'))} waiting to begin`} to={runsOf('RUNNING,RETRYING,CANCELLING')} />
      <Tile tone={s.late.executions ? 'warn' : undefined} glyph="g-late" name="Late" value={count(s.late.executions)} to={runsOf('LATE')}
        note={s.late.executions ? `${counted(s.late.tasks, 'task')}${s.late.oldest_due_at ? ` · oldest ${about(now.value - Date.parse(s.late.oldest_due_at))}` : ''}` : `nothing due waits over ${about(s.late_after_ms)}`} />
      <Tile tone={s.failing_tasks ? 'bad' : undefined} glyph="g-failed" name="Failing tasks" value={count(s.failing_tasks)} note={`${counted(failed, 'run')} failed in 24 h`} to={runsOf('FAILED,TIMED_OUT,LOST')} />
      <Tile tone={missed ? 'warn' : undefined} glyph="g-missed" name="Not run" value={count(missed + skipped)} to={runsOf('MISSED,SKIPPED,CANCELLED')}
        note={`${count(missed)} missed · ${count(skipped)} skipped in 24 h`} />
      <Tile glyph="g-ok" name="Succeeded" value={count(ok)} note={`in 24 h · ${percent(ok, ok + failed + missed)}`} to={runsOf('SUCCEEDED')} />
      <Tile glyph="g-planned" name="Next hour" value={coming ? `${count(hour)}${hour >= COMING ? '+' : ''}` : '–'} to={href('/upcoming')}
        note={first ? `next ${relative(Date.parse(first.due_at), now.value)}` : coming ? 'nothing is planned' : 'not known yet'} />
    </div>
  );
}

function Chart({ s, coming, zone }: { s: Summary; coming: Upcoming | undefined; zone: string }) {
  const at = now.value;
  const to = Math.ceil((at + 2 * HOUR) / STEP) * STEP;
  const from = Math.floor((at - DAY) / STEP) * STEP;
  const past = s.steps.map((x) => ({ from: Date.parse(x.from), counts: x.counts }));
  const ahead = (coming?.items ?? []).filter((u) => Date.parse(u.due_at) >= at && Date.parse(u.due_at) < to);
  return (
    <Panel name="Runs, last 24 hours" note="15-minute steps" right={<Legend />}>
      <StepsChart steps={[...past, ...stepsOf(ahead)]} from={from} to={to} every={STEP} now={at} zone={zone} onPick={(t) => go(href('/runs', { day: dayText(dayOf(zoneNamed(zone), t)) }))}
        label="Runs in 15-minute steps, 24 hours past and 2 hours ahead; problems hang below the line" />
    </Panel>
  );
}

/** What is wrong; of a task that runs well again, what was. */
function why(item: Failing['items'][number]): string {
  const word = looksOf(item.last.status).word;
  const times = Object.values(item.counts).reduce((n, of) => n + of, 0);
  if (item.in_a_row === 0) return `${word} ${times === 1 ? 'once' : `${count(times)} times`}, well again`;
  return item.in_a_row > 1 ? `${word} ${count(item.in_a_row)} times in a row` : word;
}

/** Late executions by their tasks, who has waited longest first. Pure. */
export function lateTasks(items: Late['items']): Late['items'][] {
  const tasks = new Map<string, Late['items']>();
  for (const e of items) tasks.set(e.task_id, [...(tasks.get(e.task_id) ?? []), e]);
  return [...tasks.values()].slice(0, 20);
}

interface Trouble {
  status: string;
  task: { task_id: string; project?: string; key?: string; title?: string };
  what: ComponentChildren;
  more: ComponentChildren;
  recent?: Run[];
  at: string;
  run: string;
  over?: boolean; // it is well again
}

function Row({ t, zone }: { t: Trouble; zone: string }) {
  const { task } = t;
  return (
    <tr class={t.over ? 'ghost' : ''}>
      <td><Status of={t.status} /></td>
      <td class="two"><a class="strong" href={taskHref(task)}><Foreign text={task.title || task.key || task.task_id} /></a><span class="sub mono"><Foreign text={task.key && nameOf(task)} /></span></td>
      <td class="two what">{t.what}<span class="sub cut">{t.more}</span></td>
      <td class="opt">{t.recent && <Strip runs={[...t.recent].reverse()} />}</td>
      <td class="two num when"><Time at={t.at} zone={zone} /><span class="sub">{about(now.value - Date.parse(t.at))} ago</span></td>
      <td class="num"><a class="btn small" href={href(`/executions/${t.run}`)}>Open</a></td>
    </tr>
  );
}

const failed = (t: Failing['items'][number], zone: string): Trouble => ({
  status: t.last.status, task: t, more: <Foreign text={t.last.message} />, recent: t.recent, at: t.last.at, run: t.last.execution_id, over: t.in_a_row === 0,
  what: <>{why(t)} since <Time at={t.in_a_row === 0 ? t.last.at : t.since} zone={zone} /></>,
});

function isLate(late: Late['items'], more: boolean, zone: string): Trouble {
  const first = late[0]!;
  const one = late.length === 1;
  return {
    status: 'LATE', task: first, at: first.due_at, run: first.execution_id,
    what: <>{count(late.length)}{more && '+'} {one ? 'run waits' : 'runs wait'} since <Time at={first.due_at} zone={zone} /></>,
    more: <>no worker of queue <a href={href('/queues')}><Foreign text={first.queue} /></a> has taken {one ? 'it' : 'them'}</>,
  };
}

function Attention({ zone }: { zone: string }) {
  const seen = useResource<Failing>('/v1/failing?limit=20', { topics: ['summary'], keep: true });
  const waiting = useResource<Late>(`/v1/executions${query({ status: 'LATE', order: 'asc', limit: 100 })}`, { topics: ['summary'], keep: true });
  const late = lateTasks(waiting.data?.items ?? []);
  return (
    <Panel name="Needs attention" note="last 24 hours" right={<a href={runsOf('FAILED,TIMED_OUT,LOST,MISSED,LATE')}>All problems</a>}>
      <Shown of={seen}>
        {(data) => {
          const failing = data.items.map((t) => failed(t, zone));
          const list = [...failing.filter((t) => !t.over), ...late.map((of) => isLate(of, waiting.data?.next !== undefined, zone)), ...failing.filter((t) => t.over)];
          if (list.length === 0) return <Empty><p><Icon name="g-ok" class="ok" /> Nothing failed or was missed in the last 24 hours.</p></Empty>;
          return <table class="cards"><tbody>{list.map((t) => <Row key={t.status + t.task.task_id} t={t} zone={zone} />)}</tbody></table>;
        }}
      </Shown>
    </Panel>
  );
}

function RunningNow() {
  const seen = useResource<Running>(`/v1/executions${query({ status: 'RUNNING,CANCELLING', order: 'over', include: 'usual', limit: 10 })}`, { topics: ['summary'], every: 5000, keep: true }); // signs of life are no news of the summary
  return (
    <Panel name="Running" note="longest over its usual time first" right={<a href={runsOf('RUNNING,RETRYING,CANCELLING')}>All</a>}>
      <Shown of={seen}>
        {(data) => (data.items.length === 0 ? <Empty><p>Nothing runs just now.</p></Empty> : (
          <table class="cards">
            <thead><tr><th>Task</th><th class="num">For</th><th>Against usual</th><th class="opt">Says</th><th class="opt">Worker</th></tr></thead>
            <tbody>
              {data.items.map((e) => {
                const runs = e.started_at ? now.value - Date.parse(e.started_at) : 0;
                return (
                  <tr key={e.execution_id}>
                    <td class="two"><a class="mono strong" href={href(`/executions/${e.execution_id}`)}><Foreign text={e.key ? nameOf(e) : e.task_id} /></a>{e.status === 'CANCELLING' && <span class="sub"><Status of={e.status} /></span>}{(e.attempt ?? 1) > 1 && <span class="sub">attempt {e.attempt}</span>}</td>
                    <td class="num strong when">{span(Math.max(0, Math.floor(runs / 1000) * 1000))}</td>
                    <td><Usual runMs={runs} usualMs={e.usual_ms} /></td>
                    <td class="opt mid cut what">{e.heartbeat_at ? <Far of={e} /> : <Foreign text={e.message} />}</td>
                    <td class="opt mono mid cut what"><Foreign text={e.worker} /></td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        ))}
      </Shown>
    </Panel>
  );
}

function Minutes({ coming, zone }: { coming: Upcoming; zone: string }) {
  if (coming.items.length === 0) return <Empty><p>Nothing is planned.</p></Empty>;
  return (
    <ol class="coming">
      {byMinute(coming.items).slice(0, 8).map(([minute, items]) => {
        const names = [...new Set(items.map((u) => u.key))];
        const gone = tasksOf(items).filter((u) => u.skip);
        return (
          <li key={minute}>
            <Time at={minute} zone={zone} text={clock(civil(zoneNamed(zone), minute))} />
            <span><span class="strong">{counted(names.length, 'task')}</span><span class="sub break"><Foreign text={names.slice(0, 2).join(', ')} />{names.length > 2 ? ` and ${names.length - 2} more` : ''}</span>{gone.map((u) => <Skipped key={u.task_id} of={u.skip}>{names.length > 1 && <><Foreign text={u.key} /> </>}</Skipped>)}</span>
            <span class="dim">{relative(Math.max(minute, now.value), now.value).replace('in 0 s', 'now')}</span>
          </li>
        );
      })}
    </ol>
  );
}

function ComingUp({ coming, zone }: { coming: Seen<Upcoming>; zone: string }) {
  return (
    <Panel name="Coming up" right={<a href={href('/upcoming')}>All</a>}>
      <Shown of={coming}>{(data) => <Minutes coming={data} zone={zone} />}</Shown>
    </Panel>
  );
}

function SystemNow() {
  const seen = useSystem();
  return (
    <Panel name="System" right={<a href={href('/system')}>Details</a>}>
      <Shown of={seen}>{(s) => <Health s={s} />}</Shown>
    </Panel>
  );
}

function FirstSteps() {
  return (
    <>
      <div class="head"><h1>Nothing is scheduled yet</h1></div>
      <ol class="steps-list">
        <li><h2>1. Make a task</h2><p>A name, when it is due, and which queue does the work.</p><p><ActLink class="btn first" href={href('/new')}><Icon name="i-plus" />New task</ActLink></p></li>
        <li><h2>2. Or bring a crontab</h2><p>Each line is shown in words before anything is saved.</p><p><ActLink class="btn" href={href('/import')}><Icon name="i-upload" />Import a crontab</ActLink></p></li>
        <li><h2>3. Start a worker</h2><p>It runs the commands of a queue and reports back, with their output.</p><p class="mono">cronobs work --queue default</p></li>
      </ol>
    </>
  );
}

export default function Now() {
  const zone = useZone();
  const summary = useResource<Summary>('/v1/summary', { topics: ['summary'], keep: true });
  const coming = useResource<Upcoming>(`/v1/upcoming?limit=${COMING}`, { topics: ['tasks'], every: MINUTE, keep: true });
  const s = summary.data;
  if (s && sum(s.tasks, 'ACTIVE', 'PAUSED') === 0 && Object.keys(s.day).length === 0) return <FirstSteps />;
  return (
    <>
      <h1 class="vh">Now</h1>
      <Shown of={summary} rows={6}>{(data) => <><Tiles s={data} coming={coming.data} /><Chart s={data} coming={coming.data} zone={zone} /></>}</Shown>
      <div class="cols">
        <div class="stack"><Attention zone={zone} /><RunningNow /></div>
        <div class="stack"><ComingUp coming={coming} zone={zone} /><SystemNow /></div>
      </div>
    </>
  );
}
