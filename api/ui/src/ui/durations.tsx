// durations.tsx - how long the last runs took: bars in their order, waiting below, median and 95th percentile of these.
import { query, useResource } from '../api.ts';
import { href } from '../router.ts';
import { looksOf } from '../status.ts';
import { counted, span } from '../time.ts';
import type { TabProps } from '../screens/task.tsx';
import { dueOf, type Execution } from './dayruns.tsx';
import { Panel } from './panel.tsx';
import { Empty, Shown } from './problem.tsx';
import { Status } from './status.tsx';
import { Time } from './time.tsx';
import { useState } from 'preact/hooks';

/** The value that a share of them does not exceed (nearest rank); undefined of none. Pure. */
export function quantile(sorted: number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

const waitedOf = (r: Execution): number => (r.started_at ? Math.max(0, Date.parse(r.started_at) - dueOf(r)) : 0);

function Chart({ runs, median, p95 }: { runs: Execution[]; median: number; p95: number }) {
  const top = Math.max(p95 * 1.3, median, 1);
  const wait = Math.max(1, ...runs.map(waitedOf));
  const width = 1000 / runs.length;
  const y = (ms: number): number => 120 - Math.min(116, (116 * ms) / top);
  return (
    <div class="chart lengths">
      {[p95, median].map((ms) => <span key={ms} class="level" style={{ top: `${y(ms) + 8}px` }}>{span(ms)}</span>)}
      <svg viewBox="0 0 1000 152" height="152" preserveAspectRatio="none" role="img" aria-label={`How long the last ${runs.length} runs took, oldest first; how long they waited stands below`}>
        <line class="tick" x1="0" x2="1000" y1={y(median)} y2={y(median)} /><line class="tick" x1="0" x2="1000" y1={y(p95)} y2={y(p95)} />
        <line class="axis" x1="0" x2="1000" y1="121" y2="121" />
        {runs.map((r, i) => (
          <g key={r.execution_id}>
            <rect class={`bar-${looksOf(r.status).tone}`} x={i * width} width={Math.max(1, width * 0.86)} y={y(r.run_ms ?? 0)} height={Math.max(1, 120 - y(r.run_ms ?? 0))}><title>{looksOf(r.status).word}, {span(r.run_ms ?? 0)}, waited {span(waitedOf(r))}</title></rect>
            <rect class="waited" x={i * width} width={Math.max(1, width * 0.86)} y="123" height={(26 * waitedOf(r)) / wait} />
          </g>
        ))}
      </svg>
      <p class="dim">Below: how long it waited, at most {span(wait)}.</p>
    </div>
  );
}

export function Durations({ task, name, zone }: TabProps) {
  const [asTable, setAsTable] = useState(false);
  const seen = useResource<{ items: Execution[] }>(`/v1/executions${query({ task: name, status: 'SUCCEEDED,FAILED,TIMED_OUT,LOST', limit: 500 })}`, { topics: [`task:${task.task_id}`], keep: true });
  return (
    <Panel name="How long runs take" right={<button class="btn small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>{asTable ? 'As bars' : 'As a table'}</button>}>
      <Shown of={seen}>
        {(data) => {
          const runs = data.items.filter((r) => r.run_ms !== undefined).reverse();
          const sorted = runs.map((r) => r.run_ms!).sort((a, b) => a - b);
          const median = quantile(sorted, 0.5);
          const p95 = quantile(sorted, 0.95);
          if (median === undefined || p95 === undefined) return <Empty><p>No run has ended yet.</p></Empty>;
          return (
            <>
              <p class="body">Half of the last {counted(runs.length, 'run')}, since <Time at={runs[0]!.scheduled_at} zone={zone} />, took up to <span class="strong">{span(median)}</span> (median), 95 of 100 up to <span class="strong">{span(p95)}</span>, the longest {span(sorted[sorted.length - 1]!)}.</p>
              {asTable ? (
                <div class="scroll"><table>
                  <thead><tr><th>Due</th><th>Status</th><th class="num">Ran for</th><th class="num">Waited</th></tr></thead>
                  <tbody>{[...runs].reverse().slice(0, 100).map((r) => <tr key={r.execution_id}><td><a href={href(`/executions/${r.execution_id}`)}><Time at={r.scheduled_at} zone={zone} /></a></td><td><Status of={r.status} /></td><td class="num">{span(r.run_ms!)}</td><td class="num">{span(waitedOf(r))}</td></tr>)}</tbody>
                </table></div>
              ) : <Chart runs={runs} median={median} p95={p95} />}
            </>
          );
        }}
      </Shown>
    </Panel>
  );
}
