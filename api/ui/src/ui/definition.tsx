// definition.tsx - what the task was, revision by revision: each as what it changed, by whom and why; any can be restored.
import { useState } from 'preact/hooks';
import { intent, query, segment, useResource, write } from '../api.ts';
import { diff, type Change } from '../diff.ts';
import { useCan } from '../session.ts';
import type { TabProps } from '../screens/task.tsx';
import { counted } from '../time.ts';
import { closeDialog, openDialog, Question } from './dialog.tsx';
import { Empty, ProblemBox, Shown } from './problem.tsx';
import { Time } from './time.tsx';
import { toast } from './toast.tsx';
import type { Problem } from '../api.ts';

interface Revision {
  revision: number;
  state: string;
  effective_at: string;
  actor: string;
  reason?: string;
  spec: Record<string, unknown>;
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value));

export function Changes({ list }: { list: Change[] }) {
  return (
    <ul class="changes">
      {list.map((c) => (
        <li key={c.pointer}><code>{c.pointer.slice(1) || 'all of it'}</code> <del>{shown(c.from)}</del> <span aria-label="becomes">→</span> <ins>{shown(c.to)}</ins></li>
      ))}
    </ul>
  );
}

function Restore({ name, from, to, current }: { name: string; from: Revision; to: Revision; current: number }) {
  const [key] = useState(intent);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const send = async (): Promise<void> => {
    setBusy(true);
    const answer = await write('PUT', `/v1/tasks/${segment(name)}`, to.spec, { key, ifMatch: `"${current}"` });
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    closeDialog();
    toast(`Revision ${to.revision} is restored${answer.data?.revision ? ` as ${answer.data.revision}` : ''}.`);
  };
  return (
    <Question title={`Restore revision ${to.revision}`} action="Restore" busy={busy} onSubmit={() => void send()}>
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
        <span class="strong">Revision {r.revision}</span><span><Time at={r.effective_at} zone={zone} ago /></span><span>by {r.actor}</span>
        {r.reason && <span>“{r.reason}”</span>}
        {before && before.state !== r.state && <span class="tag">{words(r.state)}</span>}
        <span class="grow" />
        {r !== newest && can('put') && diff(newest.spec, r.spec).length > 0 && <button class="btn small" onClick={() => openDialog(() => <Restore name={name} from={newest} to={r} current={newest.revision} />)}>Restore</button>}
      </div>
      {before ? <Changes list={list} /> : <p class="dim">{r.revision === 1 ? 'Made.' : 'The revision before it is on the next page.'}</p>}
    </li>
  );
}

export function Definition({ task, name, zone }: TabProps) {
  const seen = useResource<{ items: Revision[]; next?: string }>(`/v1/tasks/${segment(name)}/revisions${query({ limit: 100 })}`, { topics: [`task:${task.task_id}`], keep: true });
  return (
    <div class="halves">
      <section class="panel" aria-labelledby="revisions">
        <header><h2 id="revisions">Revisions</h2></header>
        <Shown of={seen}>
          {(data) => (data.items.length === 0 ? <Empty><p>No revision is kept.</p></Empty> : (
            <>
              <ol class="revisions">{data.items.map((r, i) => <Row key={r.revision} r={r} before={data.items[i + 1]} newest={data.items[0]!} name={name} zone={zone} />)}</ol>
              {data.next && <p class="body dim">{counted(data.items.length, 'revision')} shown; the command line shows older ones.</p>}
            </>
          ))}
        </Shown>
      </section>
      <section class="panel" aria-labelledby="json">
        <header><h2 id="json">As it is</h2><span class="grow" /><button class="btn small" onClick={() => void navigator.clipboard?.writeText(JSON.stringify(task.spec, null, 2))}>Copy</button></header>
        <div class="body"><pre class="pre" tabIndex={0}>{JSON.stringify(task.spec, null, 2)}</pre></div>
      </section>
    </div>
  );
}
