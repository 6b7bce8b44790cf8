// queues.tsx - queues and their topics.
import { useResource } from '../api.ts';
import { Empty, Shown } from '../ui/problem.tsx';
import { count } from '../time.ts';

interface Queues {
  items: { name: string; topic: string; partitions: number }[];
}

export default function Queues() {
  const seen = useResource<Queues>('/v1/queues', { every: 5000 });
  return (
    <>
      <div class="head"><h1>Queues</h1></div>
      <section class="panel">
        <Shown of={seen}>
          {(data) => (data.items.length === 0
            ? <Empty><p>There is no queue yet: the first task that names one makes it.</p></Empty>
            : (
              <table>
                <thead><tr><th>Queue</th><th>Topic</th><th class="num">Partitions</th></tr></thead>
                <tbody>{data.items.map((q) => <tr key={q.name}><td class="strong">{q.name}</td><td class="mono">{q.topic}</td><td class="num">{count(q.partitions)}</td></tr>)}</tbody>
              </table>
            ))}
        </Shown>
      </section>
    </>
  );
}
