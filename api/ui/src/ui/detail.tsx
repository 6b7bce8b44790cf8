// detail.tsx - one run beside the list: when, how, how long, and the end of its log.
import { useResource } from '../api.ts';
import { fold } from '../log/fold.ts';
import { Message } from '../log/row.tsx';
import { href } from '../router.ts';
import { now, zoneNamed } from '../state.ts';
import { looksOf } from '../status.ts';
import { clock, clockMs, counted, span } from '../time.ts';
import { civil } from '../zone.ts';
import { reasonWords, triggerWords } from '../words.ts';
import { dueOf, type Execution } from './dayruns.tsx';
import { Empty, Shown } from './problem.tsx';
import { Pill } from './status.tsx';
import { Time } from './time.tsx';

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
  const seen = useResource<Lines>(`/v1/executions/${id}/logs?tail=20`, { topics: [`execution:${id}`] });
  const z = zoneNamed(zone);
  return (
    <Shown of={seen} rows={3}>
      {(data) => (data.items.length === 0 ? <p class="dim">No log lines.</p> : (
        <div class="pre tail" ref={(box) => { if (box) box.scrollTop = box.scrollHeight; }}>
          {data.items.map((l) => <div key={`${l.attempt} ${l.writer} ${l.seq}`} class={l.level === 'ERROR' ? 'bad' : l.level === 'WARN' ? 'warn' : ''}><time class="dim" dateTime={l.at}>{clockMs(civil(z, Date.parse(l.at)))}</time> <Message text={fold(l.message).text} escaped={l.escaped} q="" /></div>)}
        </div>
      ))}
    </Shown>
  );
}

export function Detail({ id, zone }: { id: string; zone: string }) {
  const seen = useResource<Execution & { blocked_by?: string }>(`/v1/executions/${id}`, { topics: [`execution:${id}`] });
  return (
    <aside class="panel detail" aria-label="The run">
      <Shown of={seen}>
        {(run) => (
          <>
            <header>
              <Pill of={run.status} /><span class="strong">{clock(civil(zoneNamed(zone), Date.parse(run.scheduled_at)))}</span><span class="grow" />
              <a class="btn small" href={href(`/executions/${id}`)}>Open</a>
            </header>
            <div class="body">
              <dl class="kv flat">
                <dt>Due</dt><dd><Time at={dueOf(run)} zone={zone} /> <span class="dim">{new Date(dueOf(run)).toISOString().slice(11, 19)} UTC</span></dd>
                {run.started_at && <><dt>Started</dt><dd>{span(Math.max(0, Date.parse(run.started_at) - dueOf(run)))} later{run.worker && <> on <span class="mono">{run.worker}</span></>}</dd></>}
                {run.finished_at && <><dt>Ended</dt><dd>{run.started_at ? `after ${span(Date.parse(run.finished_at) - Date.parse(run.started_at))}` : <Time at={run.finished_at} zone={zone} />}{run.exit_code !== undefined && `, exit code ${run.exit_code}`}</dd></>}
                {run.reason && run.reason !== 'NONE' && <><dt>Why</dt><dd>{reasonWords(run.reason)}</dd></>}
                {run.blocked_by && <><dt>Held up by</dt><dd><a class="mono" href={href(`/executions/${run.blocked_by}`)}>{run.blocked_by}</a></dd></>}
                {run.message && <><dt>Says</dt><dd>{run.message}</dd></>}
                <dt>Fired</dt><dd>{triggerWords(run.trigger)}{run.revision !== undefined && `, revision ${run.revision}`}</dd>
                {(run.max_attempts ?? 1) > 1 && <><dt>Attempts</dt><dd>{counted(run.attempt ?? 1, 'attempt')} of {run.max_attempts}</dd></>}
                <dt>Id</dt><dd class="mono">{id}</dd>
              </dl>
              <Phases run={run} />
              <Tail id={id} zone={zone} />
            </div>
          </>
        )}
      </Shown>
      {seen.problem?.status === 404 && <Empty><p>This run is not in the history: it may not be kept any more.</p></Empty>}
    </aside>
  );
}
