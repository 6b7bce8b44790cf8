// definition.tsx - what the task was, revision by revision: each as what it changed, by whom and why; any can be restored.
import { useState } from 'preact/hooks';
import { intent, isRefused, query, segment, useResource, write } from '../api.ts';
import { diff, type Change } from '../diff.ts';
import { commandOf, type Schedule, type Spec } from '../edit/draft.ts';
import { labelOf, valueInWords } from '../edit/policies.ts';
import { useExplain } from '../explain.ts';
import { useCan } from '../session.ts';
import type { TabProps } from '../screens/task.tsx';
import { counted } from '../time.ts';
import { Act } from './act.tsx';
import { closeDialog, openDialog, Question } from './dialog.tsx';
import { Fact } from './fact.tsx';
import { Panel } from './panel.tsx';
import { Empty, ProblemBox, Shown } from './problem.tsx';
import { Policies } from './scheduletab.tsx';
import { Time } from './time.tsx';
import { toast } from './toast.tsx';
import type { Problem } from '../api.ts';
import { Foreign } from './foreign.tsx';

interface Revision {
  revision: number;
  state: string;
  effective_at: string;
  actor: string;
  reason?: string;
  spec: Record<string, unknown>;
}

const shown = (pointer: string, value: unknown): string => (value === undefined ? 'nothing' : valueInWords(pointer, value) ?? (typeof value === 'string' ? value : JSON.stringify(value)));

export function Changes({ list }: { list: Change[] }) {
  return (
    <ul class="changes">
      {list.map((c) => (
        <li key={c.pointer}>{labelOf(c.pointer) ?? <code><Foreign text={c.pointer.slice(1) || 'all of it'} /></code>} <del><Foreign text={shown(c.pointer, c.from)} /></del> <span aria-label="becomes">→</span> <ins><Foreign text={shown(c.pointer, c.to)} /></ins></li>
      ))}
    </ul>
  );
}

function Restore({ name, from, to, current }: { name: string; from: Revision; to: Revision; current: number }) {
  const [key, setKey] = useState(intent);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const send = async (): Promise<void> => {
    setBusy(true);
    const answer = await write('PUT', `/v1/tasks/${segment(name)}`, to.spec, { key, ifMatch: `"${current}"` });
    setBusy(false);
    if (isRefused(answer)) setKey(intent());
    if (!answer.ok) return setProblem(answer.problem);
    closeDialog();
    toast(`Revision ${to.revision} is restored${answer.data?.revision ? ` as ${answer.data.revision}` : ''}.`);
  };
  return (
    <Question title={`Restore revision ${to.revision}`} action="Restore" acts busy={busy} onSubmit={() => void send()}>
      {problem && <ProblemBox problem={problem} />}
      <p>The task becomes what it was then, as a new revision:</p>
      <Changes list={diff(from.spec, to.spec)} />
    </Question>
  );
}

const words = (state: string): string => ({ ACTIVE: 'active', PAUSED: 'paused', DELETED: 'deleted' })[state] ?? state.toLowerCase();

function Row({ r, before, newest, name, zone }: { r: Revision; before?: Revision; newest: Revision; name: string; zone: string }) {
  const can = useCan();
  const list = before ? diff(before.spec, r.spec) : [];
  return (
    <li class="revision">
      <div class="line">
        <span class="strong">Revision {r.revision}</span><span><Time at={r.effective_at} zone={zone} ago /></span><span>by <Foreign text={r.actor} /></span>
        {r.reason && <span>“<Foreign text={r.reason} />”</span>}
        {before && before.state !== r.state && <span class="tag">{words(r.state)}</span>}
        <span class="grow" />
        {r !== newest && can('put') && diff(newest.spec, r.spec).length > 0 && <Act class="btn small" onClick={() => openDialog(() => <Restore name={name} from={newest} to={r} current={newest.revision} />)}>Restore</Act>}
      </div>
      {before ? <Changes list={list} /> : <p class="dim">{r.revision === 1 ? 'The task was made.' : 'The revision before it is on the next page.'}</p>}
    </li>
  );
}

/** What the task is now: when, by whom, with what, under which rules. */
function InWords({ name, spec }: { name: string; spec: Spec }) {
  const command = commandOf(spec);
  return (
    <>
      <dl class="kv wide">
        {spec.schedules?.map((s, i) => <Fact key={i} name={i === 0 ? 'When' : 'and'}><When schedule={s} name={name} /></Fact>)}
        <Fact name="Queue"><Foreign text={spec.queue} /></Fact>
        {command !== undefined && <Fact name="Runs" class="mono"><Foreign text={command} lines /></Fact>}
        {command === undefined && spec.payload !== undefined && <Fact name="Payload" class="mono"><Foreign text={spec.payload.slice(0, 500)} lines /></Fact>}
        {spec.labels && Object.keys(spec.labels).length > 0 && <Fact name="Labels"><Foreign text={Object.entries(spec.labels).map(([k, v]) => `${k}=${v}`).join(', ')} /></Fact>}
      </dl>
      <Policies spec={spec} />
    </>
  );
}

const When = ({ schedule, name }: { schedule: Schedule; name: string }) => <><Foreign text={useExplain({ ...schedule, task: name }).data?.description ?? `${schedule.expression}, ${schedule.zone}`} /> <span class="sub mono"><Foreign text={schedule.expression} /></span></>;

export function Definition({ task, name, zone }: TabProps) {
  const [raw, setRaw] = useState(false);
  const seen = useResource<{ items: Revision[]; next?: string }>(`/v1/tasks/${segment(name)}/revisions${query({ limit: 100 })}`, { topics: [`task:${task.task_id}`], keep: true });
  return (
    <div class="halves">
      <Panel name="Revisions">
        <Shown of={seen}>
          {(data) => (data.items.length === 0 ? <Empty><p>No revision is kept.</p></Empty> : (
            <>
              <ol class="revisions">{data.items.map((r, i) => <Row key={r.revision} r={r} before={data.items[i + 1]} newest={data.items[0]!} name={name} zone={zone} />)}</ol>
              {data.next && <p class="body dim">{counted(data.items.length, 'revision')} shown; the command line shows older ones.</p>}
            </>
          ))}
        </Shown>
      </Panel>
      <Panel name="As it is" right={<><button class="btn quiet small" aria-pressed={raw} onClick={() => setRaw(!raw)}>{raw ? 'In words' : 'JSON'}</button><button class="btn small" onClick={() => void navigator.clipboard?.writeText(JSON.stringify(task.spec, null, 2))}>Copy</button></>}>
        {raw ? <div class="body"><pre class="pre" tabIndex={0}><Foreign text={JSON.stringify(task.spec, null, 2)} lines /></pre></div> : <InWords name={name} spec={task.spec as Spec} />}
      </Panel>
    </div>
  );
}
