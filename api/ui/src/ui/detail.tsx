// detail.tsx - one run beside the list: when, how, how long, and the end of its log.
import { useResource } from '../api.ts';
import { fold } from '../log/fold.ts';
import { Message } from '../log/row.tsx';
import { href, set } from '../router.ts';
import { now, zoneNamed } from '../state.ts';
import { looksOf } from '../status.ts';
import { clock, clockSeconds, span } from '../time.ts';
import { civil } from '../zone.ts';
import { dueOf, type Execution } from './dayruns.tsx';
import { Icon } from './icon.tsx';
import { Empty, Shown } from './problem.tsx';
import { Pill } from './status.tsx';
import { Facts, type Whole } from './facts.tsx';
import { isCancelAsked, RunActs } from './actions.tsx';
import { WhyRun } from './verdict.tsx';

interface Lines {
  items: { attempt: number; writer: string; seq: number; at: string; level: string; stream: string; message: string; escaped?: boolean }[];
}

/** Waiting is drawn apart, and never more than a third of the bar. */
export function Phases({ run }: { run: Execution }) {
  if (!run.started_at) return null;
  const waited = Math.max(0, Date.parse(run.started_at) - dueOf(run));
  const ran = (run.finished_at ? Date.parse(run.finished_at) : now.value) - Date.parse(run.started_at);
  const share = Math.min(33, (100 * waited) / Math.max(1, waited + ran));
  const look = looksOf(run.status);
  return (
    <div class="phases" role="img" aria-label={`waited ${span(waited)}, ran ${span(ran)}`}>
      {share > 0.5 && <span class="wait" style={{ width: `${share}%` }} title={`waited ${span(waited)}`}>{share > 20 ? `waited ${span(waited)}` : ''}</span>}
      <span class={`${look.tone} ${look.final ? '' : 'pulse'}`} style={{ flexGrow: 1 }}>{look.final ? 'ran' : 'running'} {span(ran)}</span>
    </div>
  );
}

function Tail({ id, zone }: { id: string; zone: string }) {
  const seen = useResource<Lines>(`/v1/executions/${id}/logs?tail=20`, { topics: [`execution:${id}`], keep: true });
  const z = zoneNamed(zone);
  return (
    <Shown of={seen} rows={3}>
      {(data) => (data.items.length === 0 ? <p class="dim">It printed nothing.</p> : (
        <div class="pre tail" ref={(box) => { if (box) box.scrollTop = box.scrollHeight; }}>
          {data.items.map((l) => <div key={`${l.attempt} ${l.writer} ${l.seq}`} class={l.level === 'ERROR' ? 'bad' : l.level === 'WARN' ? 'warn' : ''}><time class="dim" dateTime={l.at}>{clockSeconds(civil(z, Date.parse(l.at)))}</time> <Message text={fold(l.message).text} escaped={l.escaped} q="" /></div>)}
        </div>
      ))}
    </Shown>
  );
}

export function Detail({ id, zone }: { id: string; zone: string }) {
  const seen = useResource<Whole>(`/v1/executions/${id}`, { topics: [`execution:${id}`], keep: true });
  return (
    <aside class="panel detail" aria-label="The run">
      <Shown of={seen}>
        {(run) => (
          <>
            <header>
              <Pill of={run.status} /><span class="strong">{clock(civil(zoneNamed(zone), Date.parse(run.scheduled_at)))}</span>{isCancelAsked(run) && <span class="tag warn">cancel asked for</span>}<span class="grow" />
              <RunActs run={run} class="btn small" />
              <a class="btn small" href={href(`/executions/${id}`)}>Open</a>
              <button class="btn quiet small square" aria-label="Close the run" onClick={() => set({ run: undefined })}><Icon name="i-close" /></button>
            </header>
            <div class="body">
              <dl class="kv flat">
                <Facts run={run} zone={zone} brief />
              </dl>
              <Phases run={run} />
              {run.started_at && <Tail id={id} zone={zone} />}
              <WhyRun key={run.execution_id + String(run.finished_at)} run={run} zone={zone} />
            </div>
          </>
        )}
      </Shown>
      {seen.problem?.status === 404 && <Empty><p>This run is not in the history: it may not be kept any more.</p></Empty>}
    </aside>
  );
}
