// queues.tsx - what waits in each queue, and who works on it; of one, its workers and what each of them runs.
import type { QueueWorker, QueueWorkers } from '../answers.ts';
import { segment, useResource } from '../api.ts';
import { href } from '../router.ts';
import { now, serverNow } from '../state.ts';
import { about, count, span } from '../time.ts';
import { Far } from '../ui/far.tsx';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { Empty, Shown } from '../ui/problem.tsx';
import { Status } from '../ui/status.tsx';
import { Time } from '../ui/time.tsx';
import { useZone } from '../ui/zonemenu.tsx';

interface Queue {
  name: string;
  topic: string;
  partitions: number;
  open?: Record<string, number>;
  more?: boolean;
  oldest_due_at?: string;
  group?: { name: string; members?: number; lag?: number };
}

const A_DAY = 86_340_000; // ms: but for a minute that the answer may have taken

const sum = (open: Record<string, number> | undefined, ...statuses: string[]): number => statuses.reduce((n, s) => n + (open?.[s] ?? 0), 0);

function Readers({ q }: { q: Queue }) {
  const members = q.group?.members;
  if (members === undefined) return <span class="dim">not known</span>;
  if (members === 0) return <span class="st warn"><Icon name="g-late" />nobody works on it</span>;
  return <>{count(members)}</>;
}

function Row({ q }: { q: Queue }) {
  const pending = sum(q.open, 'PENDING', 'WAITING');
  const running = sum(q.open, 'RUNNING', 'RETRYING', 'CANCELLING');
  const plus = q.more ? '+' : '';
  return (
    <tr>
      <td class="two"><a class="strong" href={href(`/queues/${segment(q.name)}`)}><Foreign text={q.name} /></a><span class="sub mono"><Foreign text={q.group?.members === 0 && pending > 0 ? `cronobs work --queue ${q.name}` : q.topic} /></span></td>
      <td class="num">{count(pending)}{plus}</td>
      <td class="num">{count(running)}{plus}</td>
      <td class="num">{q.oldest_due_at ? about(now.value - Date.parse(q.oldest_due_at)) : ''}</td>
      <td class="num opt">{q.group?.lag === undefined ? '' : count(q.group.lag)}</td>
      <td class="num"><Readers q={q} /></td>
      <td class="num opt">{count(q.partitions)}</td>
    </tr>
  );
}

function WorkerRow({ w, zone }: { w: QueueWorker; zone: string }) {
  return (
    <tr>
      <td class="two mono strong"><Foreign text={w.worker} /></td>
      <td class="two">
        {w.runs.map((r) => (
          <div key={r.execution_id}><Status of={r.status} /> <a class="mono" href={href(`/executions/${r.execution_id}`)}><Foreign text={r.key ? `${r.project}~${r.key}` : r.task_id} /></a> <span class="dim">{r.started_at && span(Math.max(0, Math.floor((now.value - Date.parse(r.started_at)) / 1000) * 1000))} <Far of={r} /></span></div>
        ))}
        {w.running > w.runs.length && <span class="dim">{count(w.running - w.runs.length)} {w.runs.length > 0 && 'more '}under way</span>}
        {w.running === 0 && <span class="dim">nothing just now</span>}
      </td>
      <td class="num">{count(w.finished)}</td>
      <td class="opt"><Time at={w.since} zone={zone} /></td>
      <td class="two"><Time at={w.seen_at} zone={zone} /><span class="sub">{about(now.value - Date.parse(w.seen_at))} ago</span></td>
    </tr>
  );
}

function Workers({ name }: { name: string }) {
  const zone = useZone();
  const seen = useResource<QueueWorkers>(`/v1/queues/${segment(name)}/workers`, { every: 5000, keep: true });
  return (
    <>
      <div class="head"><div><div class="crumb"><a href={href('/queues')}>Queues</a></div><h1><Foreign text={name} /></h1></div><div class="acts"><a class="btn" href={href('/runs', { queue: name })}>Its runs</a></div></div>
      <Panel name="Workers" note="heard of in the last 24 hours">
        <Shown of={seen}>
          {({ items, complete, from }) => (items.length === 0
            ? <Empty><p>No worker has said anything of a run of this queue.</p><p class="mono">cronobs work --queue <Foreign text={name} /></p></Empty>
            : (
              <>
                {!complete && <p class="band">There was more than could be looked at: {serverNow() - Date.parse(from) < A_DAY ? <>this is since <Time at={from} zone={zone} /></> : 'not every run under way is among these'}.</p>}
                <div class="scroll"><table class="workers">
                  <thead><tr><th>Worker</th><th>Runs</th><th class="num">Finished</th><th class="opt">First heard of</th><th>Last heard of</th></tr></thead>
                  <tbody>{items.map((w) => <WorkerRow key={w.incarnation} w={w} zone={zone} />)}</tbody>
                </table></div>
              </>
            ))}
        </Shown>
      </Panel>
    </>
  );
}

function List() {
  const seen = useResource<{ items: Queue[] }>('/v1/queues', { every: 5000, keep: true });
  return (
    <>
      <div class="head"><h1>Queues</h1></div>
      <section class="panel" aria-label="Queues">
        <Shown of={seen}>
          {(data) => (data.items.length === 0
            ? <Empty><p>There is no queue yet: the first task that names one makes it.</p></Empty>
            : (
              <div class="scroll"><table class="queues">
                <thead><tr><th>Queue</th><th class="num">Waiting</th><th class="num">Running</th><th class="num">Oldest waits</th><th class="num opt">Not taken yet</th><th class="num">Workers</th><th class="num opt">Partitions</th></tr></thead>
                <tbody>{data.items.map((q) => <Row key={q.name} q={q} />)}</tbody>
              </table></div>
            ))}
        </Shown>
      </section>
    </>
  );
}

export default function Queues({ args }: { args: Record<string, string> }) {
  return args['queue'] === undefined ? <List /> : <Workers key={args['queue']} name={args['queue']} />;
}
