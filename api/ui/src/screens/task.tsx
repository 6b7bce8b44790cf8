// task.tsx - one task through time: its runs by date, how long they take, its schedule, what it was.
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { segment, useResource } from '../api.ts';
import { here, href, param, set } from '../router.ts';
import { now, zoneNamed } from '../state.ts';
import { useExplain } from '../explain.ts';
import { useCan } from '../session.ts';
import { counted, relative } from '../time.ts';
import { dayRead, dayText } from '../zone.ts';
import { pause, remove, resume, runNow } from '../ui/actions.tsx';
import { todayOf } from '../ui/calendar.tsx';
import { DatePanel } from '../ui/datepanel.tsx';
import { DayRuns } from '../ui/dayruns.tsx';
import { useDays } from '../ui/days.ts';
import { Definition } from '../ui/definition.tsx';
import { Detail } from '../ui/detail.tsx';
import { Durations } from '../ui/durations.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, type Item } from '../ui/menu.tsx';
import { Shown } from '../ui/problem.tsx';
import { ScheduleTab } from '../ui/scheduletab.tsx';
import { title } from '../ui/shell.tsx';
import { Time } from '../ui/time.tsx';
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
  const today = todayOf(zone, now.value);
  const day = dayRead(param('day')) || today;
  const topics = [`task:${task.task_id}`];
  const counts = useDays(name, zoneName, day, today, topics);
  const selected = param('run');
  const onDay = (to: number): void => set({ day: to === today ? undefined : dayText(to), cursor: undefined, run: undefined });
  return (
    <div class={`three ${selected ? '' : 'two-columns'}`}>
      <DatePanel counts={counts} selected={day} today={today} zone={zone} onPick={onDay} />
      <DayRuns filters={{ task: name, status: param('status') }} zoneName={zoneName} day={day} data={counts.days.get(day)} today={today} keptFrom={counts.keptFrom}
        selected={selected} topics={topics} onDay={onDay} onPick={(id) => set({ run: id })} />
      {selected && <Detail id={selected} zone={zoneName} />}
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
      <span>Paused{p && <> by {p.by} <Time at={p.at} zone={zone} />{p.until && <>, until <Time at={p.until} zone={zone} /></>}{p.reason && <>: {p.reason}</>}</>}</span>
    </span>
  );
}

function Actions({ task, name }: { task: Task; name: string }) {
  const can = useCan();
  const target = { name, pausedAt: task.paused?.at };
  const more: Item[] = [
    { text: <><Icon name="i-copy" />Copy key</>, run: () => void navigator.clipboard?.writeText(name) },
    ...(can('put') ? [{ text: <><Icon name="i-plus" />New task like it</>, href: href('/new', { like: name }) }] : []),
    ...(can('delete') && task.state !== 'DELETED' ? [{ text: <><Icon name="i-trash" />Delete…</>, run: () => remove(target) }] : []),
  ];
  return (
    <div class="acts">
      {can('trigger') && task.state !== 'DELETED' && <button class="btn first" onClick={() => runNow(target)}><Icon name="i-play" />Run now</button>}
      {can('pause') && task.state === 'ACTIVE' && <button class="btn" onClick={() => pause(target)}><Icon name="g-paused" />Pause</button>}
      {can('resume') && task.state === 'PAUSED' && <button class="btn" onClick={() => resume(target)}><Icon name="i-play" />Resume</button>}
      {can('put') && <a class="btn" href={href(`/tasks/${segment(name)}/edit`)}><Icon name="i-edit" />{task.state === 'DELETED' ? 'Make again' : 'Edit'}</a>}
      <Menu label="More" class="btn square" button={<Icon name="i-more" />} items={more} />
    </div>
  );
}

/** When it is due, in the engine's words; the expression until they are there. */
function When({ task }: { task: Task }) {
  const [first, ...others] = task.spec.schedules;
  const said = useExplain(first && { ...first, task: `${task.project}~${task.key}` });
  if (!first) return <span>no schedule</span>;
  return <span title={first.expression}>{said.data?.description ?? `${first.expression}, ${first.zone}`}{others.length > 0 && ` and ${counted(others.length, 'more schedule')}`}</span>;
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
          <h1>{task.title || task.key}</h1>
          <div class="line">
            <span class="mono">{name}</span>
            <State task={task} zone={zone} />
            <When task={task} />
            {task.next_at && <span class="dim">next <Time at={task.next_at} zone={zone} />, {relative(Date.parse(task.next_at), now.value)}</span>}
            <a class="tag" href={href('/queues')}>queue {task.queue}</a>
            {Object.entries(task.spec.labels ?? {}).map(([k, v]) => <a class="tag" key={k} href={href('/tasks', { label: `${k}:${v}` })}>{k}:{v}</a>)}
          </div>
        </div>
        <Actions task={task} name={name} />
      </div>
      <div class="tabs" role="tablist">
        {tabs.map((t) => <a key={t.id} role="tab" aria-selected={t === tab} href={here({ tab: t.id, run: undefined })}>{t.text}{t.id === 'definition' && <span class="dim"> rev {task.revision}</span>}</a>)}
      </div>
      <Tab task={task} name={name} zone={zone} />
    </>
  );
}

export default function TaskScreen({ args }: { args: Record<string, string> }) {
  const name = args['task'] ?? '';
  const seen = useResource<Task>(`/v1/tasks/${segment(name)}`, { topics: [`task:${name}`], keep: true });
  return <Shown of={seen} rows={8}>{(task) => <Body task={task} name={`${task.project}~${task.key}`} />}</Shown>;
}
