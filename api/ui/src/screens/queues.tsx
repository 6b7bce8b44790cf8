// queues.tsx - what waits in each queue, and who reads it.
import { useResource } from '../api.ts';
import { href } from '../router.ts';
import { now } from '../state.ts';
import { about, count } from '../time.ts';
import { Icon } from '../ui/icon.tsx';
import { Empty, Shown } from '../ui/problem.tsx';

interface Queue {
  name: string;
  topic: string;
  partitions: number;
  open?: Record<string, number>;
  more?: boolean;
  oldest_due_at?: string;
  group?: { name: string; members?: number; lag?: number };
}

const sum = (open: Record<string, number> | undefined, ...statuses: string[]): number => statuses.reduce((n, s) => n + (open?.[s] ?? 0), 0);

function Readers({ q }: { q: Queue }) {
  const members = q.group?.members;
  if (members === undefined) return <span class="dim">not known</span>;
  if (members === 0) return <span class="st warn"><Icon name="g-late" />nobody reads it</span>;
  return <>{count(members)}</>;
}

function Row({ q }: { q: Queue }) {
  const pending = sum(q.open, 'PENDING', 'WAITING');
  const running = sum(q.open, 'RUNNING', 'RETRYING', 'CANCELLING');
  const plus = q.more ? '+' : '';
  return (
    <tr>
      <td class="two"><a class="strong" href={href('/runs', { queue: q.name })}>{q.name}</a><span class="sub mono">{q.topic}</span></td>
      <td class="num">{count(pending)}{plus}</td>
      <td class="num">{count(running)}{plus}</td>
      <td class="num">{q.oldest_due_at ? about(now.value - Date.parse(q.oldest_due_at)) : ''}</td>
      <td class="num opt">{q.group?.lag === undefined ? '' : count(q.group.lag)}</td>
      <td class="num"><Readers q={q} /></td>
      <td class="num opt">{count(q.partitions)}</td>
    </tr>
  );
}

export default function Queues() {
  const seen = useResource<{ items: Queue[] }>('/v1/queues', { every: 5000, keep: true });
  return (
    <>
      <div class="head"><h1>Queues</h1></div>
      <section class="panel" aria-label="Queues">
        <Shown of={seen}>
          {(data) => (data.items.length === 0
            ? <Empty><p>There is no queue yet: the first task that names one makes it.</p></Empty>
            : (
              <div class="scroll"><table>
                <thead><tr><th>Queue</th><th class="num">Waiting</th><th class="num">Running</th><th class="num">Oldest due</th><th class="num opt">Behind</th><th class="num">Workers</th><th class="num opt">Partitions</th></tr></thead>
                <tbody>{data.items.map((q) => <Row key={q.name} q={q} />)}</tbody>
              </table></div>
            ))}
        </Shown>
      </section>
    </>
  );
}
