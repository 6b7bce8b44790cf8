// task.tsx - one task through time: its runs by date, how long they take, its schedule, what it was.
import type { ComponentType } from 'preact';
import type { Skip } from '../answers.ts';
import { useCallback, useEffect } from 'preact/hooks';
import { segment, useResource } from '../api.ts';
import { here, href, param, set } from '../router.ts';
import { zoneNamed } from '../state.ts';
import { spelt } from '../log/ansi.ts';
import { useExplain } from '../explain.ts';
import { useCan } from '../session.ts';
import { counted } from '../time.ts';
import { dayRead, dayText } from '../zone.ts';
import { backfill, pause, remove, resume, runNow, skipNext } from '../ui/actions.tsx';
import { Act, ActLink } from '../ui/act.tsx';
import { useToday } from '../ui/calendar.tsx';
import { DatePanel } from '../ui/datepanel.tsx';
import { DayRuns, pickRun } from '../ui/dayruns.tsx';
import { useDays } from '../ui/days.ts';
import { Definition } from '../ui/definition.tsx';
import { Detail } from '../ui/detail.tsx';
import { Durations } from '../ui/durations.tsx';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, type Item } from '../ui/menu.tsx';
import { Empty, Shown } from '../ui/problem.tsx';
import { ScheduleTab } from '../ui/scheduletab.tsx';
import { title } from '../ui/shell.tsx';
import { SkipsOf } from '../ui/skipped.tsx';
import { Relative, Time } from '../ui/time.tsx';
import { WhyAside } from '../ui/verdict.tsx';
import { useZone } from '../ui/zonemenu.tsx';

export interface Task {
  task_id: string;
  project: string;
  key: string;
  title?: string;
  state: 'ACTIVE' | 'PAUSED' | 'DELETED';
  revision: number;
  queue: string;
  next_at?: string;
  skip_until?: string;
  skip?: Skip;
  effective_at: string;
  paused?: { at: string; by: string; reason?: string; until?: string };
  spec: { schedules: { expression: string; zone: string }[]; labels?: Record<string, string> } & Record<string, unknown>;
}

export interface TabProps {
  task: Task;
  name: string;
  zone: string;
}

function RunsTab({ task, name, zone: zoneName }: TabProps) {
  const zone = zoneNamed(zoneName);
  const today = useToday(zone);
  const day = dayRead(param('day')) || today;
  const topics = [`task:${task.task_id}`];
  const counts = useDays(name, zoneName, day, today, topics);
  const run = param('run');
  const why = param('why');
  const onDay = useCallback((to: number) => set({ day: to === today ? undefined : dayText(to), cursor: undefined, run: undefined, why: undefined }), [today]);
  return (
    <div class={`three ${run || why ? '' : 'two-columns'}`}>
      <DatePanel counts={counts} selected={day} today={today} zone={zone} onPick={onDay} />
      <DayRuns filters={{ task: name, status: param('status') }} zoneName={zoneName} day={day} data={counts.days.get(day)} today={today} keptFrom={counts.keptFrom}
        selected={run || why} topics={topics} onDay={onDay} onPick={pickRun} />
      {why ? <WhyAside task={name} at={why} zone={zoneName} /> : run && <Detail id={run} zone={zoneName} />}
    </div>
  );
}

const tabs: { id: string; text: string; show: ComponentType<TabProps> }[] = [
  { id: '', text: 'Runs', show: RunsTab },
  { id: 'durations', text: 'Durations', show: Durations },
  { id: 'schedule', text: 'Schedule', show: ScheduleTab },
  { id: 'definition', text: 'Definition', show: Definition },
];

function State({ task, zone }: { task: Task; zone: string }) {
  if (task.state === 'ACTIVE') return <span class="st ok"><Icon name="g-ok" />Active</span>;
  if (task.state === 'DELETED') return <span class="st idle"><Icon name="g-cancelled" />Deleted</span>;
  const p = task.paused;
  return (
    <span class="st idle"><Icon name="g-paused" />
      <span>Paused{p && <> by <Foreign text={p.by} /> <Time at={p.at} zone={zone} />{p.until && <>, until <Time at={p.until} zone={zone} /></>}{p.reason && <>: <Foreign text={p.reason} /></>}</>}</span>
    </span>
  );
}

function Actions({ task, name }: { task: Task; name: string }) {
  const can = useCan();
  const target = { name, pausedAt: task.paused?.at, zone: task.spec.schedules[0]?.zone };
  const fires = task.state !== 'DELETED' && task.spec.schedules.length > 0;
  const more: Item[] = [
    { text: <><Icon name="i-copy" />Copy key</>, run: () => void navigator.clipboard?.writeText(name) },
    ...(can('skip-next') && fires && task.state === 'ACTIVE' ? [{ text: <><Icon name="g-skipped" />Skip the next run…</>, run: () => skipNext(target), acts: true }] : []),
    ...(can('backfill') && fires ? [{ text: <><Icon name="i-retry" />Backfill…</>, run: () => backfill(target), acts: true }] : []),
    ...(can('put') ? [{ text: <><Icon name="i-plus" />New task like it</>, href: href('/new', { like: name }), acts: true }] : []),
    ...(can('delete') && task.state !== 'DELETED' ? [{ text: <><Icon name="i-trash" />Delete…</>, run: () => remove(target), acts: true }] : []),
  ];
  return (
    <div class="acts">
      {can('trigger') && task.state !== 'DELETED' && <Act class="btn first" onClick={() => runNow(target)}><Icon name="i-play" />Run now</Act>}
      {can('pause') && task.state === 'ACTIVE' && <Act class="btn" onClick={() => pause(target)}><Icon name="g-paused" />Pause</Act>}
      {can('resume') && task.state === 'PAUSED' && <Act class="btn" onClick={() => resume(target)}><Icon name="i-play" />Resume</Act>}
      {can('put') && <ActLink class="btn" href={href(`/tasks/${segment(name)}/edit`)}><Icon name="i-edit" />{task.state === 'DELETED' ? 'Make again' : 'Edit'}</ActLink>}
      <Menu label="More" class="btn square" button={<Icon name="i-more" />} items={more} />
    </div>
  );
}

/** When it is due, in the engine's words; the expression until they are there. */
function When({ task }: { task: Task }) {
  const [first, ...others] = task.spec.schedules;
  const said = useExplain(first && { ...first, task: `${task.project}~${task.key}` });
  if (!first) return <span>no schedule</span>;
  return <span class="break" title={spelt(first.expression)}><Foreign text={said.data?.description ?? `${first.expression}, ${first.zone}`} />{others.length > 0 && ` and ${counted(others.length, 'more schedule')}`}</span>;
}

function Body({ task, name }: { task: Task; name: string }) {
  const own = task.spec.schedules[0]?.zone;
  const zone = useZone(own, param('tz'));
  const tab = tabs.find((t) => t.id === param('tab')) ?? tabs[0]!;
  const Tab = tab.show;
  useEffect(() => { title.value = task.title || task.key; }, [task.title, task.key]);
  return (
    <>
      <div class="head">
        <div>
          <h1><Foreign text={task.title || task.key} /></h1>
          <div class="line">
            <span class="mono break"><Foreign text={name} /></span>
            <State task={task} zone={zone} />
            <When task={task} />
            {task.next_at && <span class="dim">next <Time at={task.next_at} zone={zone} />, <Relative to={task.next_at} /></span>}
            <SkipsOf task={task} zone={zone} />
            <a class="tag" href={href('/queues')}>queue <Foreign text={task.queue} /></a>
            {Object.entries(task.spec.labels ?? {}).map(([k, v]) => <a class="tag" key={k} href={href('/tasks', { label: `${k}:${v}` })}><Foreign text={`${k}:${v}`} /></a>)}
          </div>
        </div>
        <Actions task={task} name={name} />
      </div>
      <div class="tabs" role="tablist">
        {tabs.map((t) => <a key={t.id} role="tab" aria-selected={t === tab} href={here({ tab: t.id, run: undefined, why: undefined })}>{t.text}{t.id === 'definition' && <span class="dim"> rev {task.revision}</span>}</a>)}
      </div>
      <Tab task={task} name={name} zone={zone} />
    </>
  );
}

export default function TaskScreen({ args }: { args: Record<string, string> }) {
  const name = args['task'] ?? '';
  const seen = useResource<Task>(`/v1/tasks/${segment(name)}`, { topics: [`task:${name}`], keep: true });
  if (seen.problem?.status === 404 && !seen.data) return <Empty><h1>There is no task <Foreign text={name} /></h1><p><a href={href('/tasks')}>All tasks</a></p></Empty>;
  return <Shown of={seen} rows={8}>{(task) => <Body task={task} name={`${task.project}~${task.key}`} />}</Shown>;
}
