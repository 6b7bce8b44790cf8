// scheduletab.tsx - a task's schedules in words, with what the clock changes do, what comes next, and its policies.
import type { Upcoming } from '../answers.ts';
import { query, segment, useResource } from '../api.ts';
import type { Spec } from '../edit/draft.ts';
import { policies } from '../edit/policies.ts';
import { useExplain, type Explained } from '../explain.ts';
import type { TabProps } from '../screens/task.tsx';
import { now, zoneNamed } from '../state.ts';
import { count, dateShort, relative, clockSeconds } from '../time.ts';
import { civil } from '../zone.ts';
import { Foreign } from './foreign.tsx';
import { Icon } from './icon.tsx';
import { Panel } from './panel.tsx';
import { Empty, ProblemBox, Shown } from './problem.tsx';
import { Skipped } from './skipped.tsx';
import { Time } from './time.tsx';
import { useZone } from './zonemenu.tsx';

export function Explanation({ of }: { of: Explained }) {
  return (
    <>
      <p class="strong"><Foreign text={of.description} /></p>
      <p class="dim">{of.class === 'FIXED_TIME' ? 'At fixed times: the clock on the wall counts.' : 'In intervals: elapsed time counts.'} At most {count(of.frequency.per_day)} a day, {count(of.frequency.per_month)} a month, {count(of.frequency.per_year)} a year.</p>
      <ul class="notes">
        {of.lints.map((l) => <li key={l.code + l.text}><Icon name="g-late" class="warn" /><span><Foreign text={l.text} />{l.column !== undefined && <span class="dim"> (column {l.column})</span>}</span></li>)}
        {of.clock_changes.map((c) => <li key={c.at}><Icon name="i-globe" class="idle" /><span>{c.text}</span></li>)}
      </ul>
    </>
  );
}

function One({ schedule, name }: { schedule: Record<string, unknown>; name: string }) {
  const seen = useExplain({ ...schedule, task: name });
  return (
    <section class="panel">
      <header><h2 class="mono break"><Foreign text={String(schedule['expression'])} /></h2><span class="dim"><Foreign text={String(schedule['zone'])} /></span></header>
      <div class="body">
        {seen.problem && <ProblemBox problem={seen.problem} />}
        {seen.data && <Explanation of={seen.data} />}
      </div>
    </section>
  );
}

export const Policies = ({ spec }: { spec: Spec }) => <dl class="kv wide">{policies(spec).map(([k, v]) => <><dt>{k}</dt><dd><Foreign text={v} /></dd></>)}</dl>;

function Next({ name, zone, own }: { name: string; zone: string; own: string }) {
  const seen = useResource<Upcoming>(`/v1/tasks/${segment(name)}/upcoming${query({ limit: 20 })}`, { topics: [`task:${name}`], every: 60_000, keep: true });
  const text = (at: string, z: string): string => { const c = civil(zoneNamed(z), Date.parse(at)); return `${dateShort(c)} ${c.year}, ${clockSeconds(c)}`; };
  return (
    <Panel name="Next">
      <Shown of={seen}>
        {(data) => (data.items.length === 0 ? <Empty><p>It is not due any more.</p></Empty> : (
          <div class="scroll" tabIndex={0}><table>
            <thead><tr><th>{own}</th>{zone !== own && <th>{zone}</th>}<th class="num">In</th></tr></thead>
            <tbody>
              {data.items.map((u) => (
                <tr key={u.scheduled_at} class={u.skip && 'ghost'}>
                  <td><Time at={u.scheduled_at} zone={own} text={text(u.scheduled_at, own)} />{u.dst === 'MOVED' && <span class="tag warn">moved by a clock change</span>}{u.due_at !== u.scheduled_at && <span class="dim"> due <Time at={u.due_at} zone={own} /></span>}<Skipped of={u.skip} /></td>
                  {zone !== own && <td class="mid">{text(u.scheduled_at, zone)}</td>}
                  <td class="num dim">{relative(Date.parse(u.due_at), now.value).replace('in ', '')}</td>
                </tr>
              ))}
            </tbody>
          </table></div>
        ))}
      </Shown>
    </Panel>
  );
}

export function ScheduleTab({ task, name, zone }: TabProps) {
  const own = useZone(task.spec.schedules[0]?.zone);
  const ownZone = task.spec.schedules[0]?.zone ?? own;
  return (
    <div class="halves">
      <div class="stack">
        {task.spec.schedules.map((s, i) => <One key={i} schedule={s} name={name} />)}
        {task.spec.schedules.length === 0 && <section class="panel"><Empty><p>It has no schedule: it runs when it is triggered.</p></Empty></section>}
        <Panel name="Policies">
          <Policies spec={task.spec as Spec} />
        </Panel>
      </div>
      <Next name={name} zone={zone} own={ownZone} />
    </div>
  );
}
