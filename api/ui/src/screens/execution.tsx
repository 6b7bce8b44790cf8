// execution.tsx - one run, live or years old: its attempts on their time, its log, what was reported, what it was given.
import { useEffect, useState } from 'preact/hooks';
import { query, segment, useResource } from '../api.ts';
import { LogView } from '../log/view.tsx';
import { href } from '../router.ts';
import { now, zoneNamed } from '../state.ts';
import { isOpen, looksOf, shown } from '../status.ts';
import { clockMs, relative, span, when } from '../time.ts';
import { civil, dayOf, dayText } from '../zone.ts';
import { note, reasonWords, triggerWords } from '../words.ts';
import { Attempts, attemptsOf, type Event } from '../ui/attempts.tsx';
import { useKeys } from '../keys.ts';
import { dueOf, type Execution } from '../ui/dayruns.tsx';
import { Icon } from '../ui/icon.tsx';
import { Payload } from '../ui/payload.tsx';
import { Empty, Shown } from '../ui/problem.tsx';
import { Pill } from '../ui/status.tsx';
import { title } from '../ui/shell.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';
import { useZone } from '../ui/zonemenu.tsx';
import { go } from '../router.ts';

interface Whole extends Execution {
  queue?: string;
  created_at?: string;
  status_at?: string;
  next_attempt_at?: string;
  start_by?: string;
  finish_by?: string;
  run_timeout_ms?: number;
  blocked_by?: string;
  tzdata?: string;
  content_type?: string;
  payload?: string;
  payload_base64?: string;
  usual_ms?: number;
  cancel_requested?: boolean;
}

function Facts({ run, zone }: { run: Whole; zone: string }) {
  const [raw, setRaw] = useState(false);
  const started = run.started_at ? Date.parse(run.started_at) : undefined;
  const deadline = run.run_timeout_ms && started !== undefined && isOpen(run.status) ? started + run.run_timeout_ms : undefined;
  const name = run.key ? `${run.project}~${run.key}` : undefined;
  return (
    <section class="panel" aria-label="Facts">
      <header><h2>Facts</h2><span class="grow" /><button class="btn quiet small" aria-pressed={raw} onClick={() => setRaw(!raw)}>{raw ? 'In words' : 'Raw'}</button></header>
      {raw ? <div class="body"><pre class="pre" tabIndex={0}>{JSON.stringify(run, null, 2)}</pre></div> : (
        <dl class="kv">
          <dt>Due</dt><dd><Time at={dueOf(run)} zone={zone} /><span class="sub">{new Date(dueOf(run)).toISOString().slice(0, 19).replace('T', ' ')} UTC</span>{run.due_at !== undefined && run.due_at !== run.scheduled_at && <span class="sub">scheduled <Time at={run.scheduled_at} zone={zone} />, moved by jitter</span>}</dd>
          <dt>Fired</dt><dd>{triggerWords(run.trigger)}{run.revision !== undefined && `, revision ${run.revision}`}</dd>
          {run.worker && <><dt>Worker</dt><dd class="mono">{run.worker}</dd></>}
          {started !== undefined && <><dt>Started</dt><dd><Time at={run.started_at} zone={zone} /><span class="sub">{span(Math.max(0, started - dueOf(run)))} after it was due</span></dd></>}
          {run.finished_at && <><dt>Ended</dt><dd><Time at={run.finished_at} zone={zone} />{run.exit_code !== undefined && `, exit code ${run.exit_code}`}</dd></>}
          {run.status_at && isOpen(run.status) && <><dt>Last report</dt><dd><Time at={run.status_at} zone={zone} ago /></dd></>}
          {run.reason && run.reason !== 'NONE' && <><dt>Why</dt><dd>{reasonWords(run.reason)}</dd></>}
          {run.message && <><dt>Says</dt><dd>{run.message}</dd></>}
          {run.blocked_by && <><dt>Held up by</dt><dd><a class="mono" href={href(`/executions/${run.blocked_by}`)}>{run.blocked_by}</a></dd></>}
          {run.next_attempt_at && <><dt>Next attempt</dt><dd><Time at={run.next_attempt_at} zone={zone} ago /></dd></>}
          {deadline !== undefined && <><dt>Run timeout</dt><dd>{relative(deadline, now.value)} <span class="dim">({span(run.run_timeout_ms!)})</span></dd></>}
          {run.start_by && <><dt>Start by</dt><dd><Time at={run.start_by} zone={zone} /></dd></>}
          {run.finish_by && <><dt>Finish by</dt><dd><Time at={run.finish_by} zone={zone} /></dd></>}
          {run.queue && <><dt>Queue</dt><dd>{run.queue}</dd></>}
          {run.zone && <><dt>Zone</dt><dd>{run.zone}{run.tzdata && <span class="dim">, tzdata {run.tzdata}</span>}</dd></>}
          {name && <><dt>Task</dt><dd><a class="mono" href={href(`/tasks/${segment(name)}`)}>{name}</a></dd></>}
          <dt>Id</dt><dd class="mono">{run.execution_id}</dd>
        </dl>
      )}
    </section>
  );
}

function Events({ events, zone }: { events: Event[]; zone: string }) {
  const z = zoneNamed(zone);
  const [places, setPlaces] = useState(false);
  return (
    <section class="panel" aria-label="Events">
      <header><h2>Events</h2><span class="dim">newest first</span><span class="grow" /><button class="btn quiet small" aria-pressed={places} onClick={() => setPlaces(!places)}>Topic and offset</button></header>
      {events.length === 0 ? <Empty><p>Nothing was reported about it yet.</p></Empty> : (
        <ol class="events">
          {[...events].reverse().map((e, i) => (
            <li key={i} class={e.moved ? '' : 'kept'}>
              <time dateTime={e.occurred_at} title={e.occurred_at}>{clockMs(civil(z, Date.parse(e.occurred_at)))}</time>
              <Icon name={looksOf(e.status).glyph} class={e.moved ? looksOf(e.status).tone : ''} />
              <div class="break">
                <span class="strong">{looksOf(e.status).word}{(e.attempt ?? 1) > 1 && `, attempt ${e.attempt}`}</span>{!e.moved && <span class="dim"> changed nothing</span>}
                <span class="sub">{[e.worker, note(e)].filter(Boolean).join(' · ')}</span>
                {places && <span class="sub mono">status[{e.kafka_partition}] at {e.kafka_offset}</span>}
              </div>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** What two reports say against each other. */
function Contradiction({ events }: { events: Event[] }) {
  const moved = events.filter((e) => e.moved && looksOf(e.status).final);
  const other = events.filter((e) => !e.moved && looksOf(e.status).final);
  const say = (e: Event | undefined): string => (e ? `${looksOf(e.status).word}${e.worker ? ` by ${e.worker}` : ''}` : 'nothing');
  return (
    <div class="problem old" role="status"><Icon name="g-late" /><span>Its reports contradict each other: what counts is {say(moved[moved.length - 1])}; {say(other[other.length - 1])} was said, too.</span></div>
  );
}

function useNeighbours(run: Whole): { before?: string; after?: string } {
  const at = Date.parse(run.scheduled_at);
  const before = useResource<{ items: Execution[] }>(`/v1/executions${query({ task: run.task_id, from: new Date(at - 32 * 86_400_000).toISOString(), to: new Date(at).toISOString(), limit: 1 })}`);
  const after = useResource<{ items: Execution[] }>(`/v1/executions${query({ task: run.task_id, from: new Date(at + 1).toISOString(), to: new Date(at + 32 * 86_400_000).toISOString(), order: 'asc', limit: 1 })}`);
  return { before: before.data?.items.find((e) => e.execution_id !== run.execution_id)?.execution_id, after: after.data?.items.find((e) => e.execution_id !== run.execution_id)?.execution_id };
}

function Head({ run, status, zone }: { run: Whole; status: string; zone: string }) {
  const { before, after } = useNeighbours(run);
  const at = Date.parse(run.scheduled_at);
  const name = run.key ? `${run.project}~${run.key}` : run.task_id;
  const day = dayText(dayOf(zoneNamed(zone), at));
  const list = href(`/tasks/${segment(name)}`, { day, run: run.execution_id });
  const ran = run.started_at ? (run.finished_at ? Date.parse(run.finished_at) : now.value) - Date.parse(run.started_at) : undefined;
  useKeys([
    { keys: 'j', what: 'Run before', run: () => { if (before) go(href(`/executions/${before}`)); } },
    { keys: 'k', what: 'Run after', run: () => { if (after) go(href(`/executions/${after}`)); } },
    { keys: 'Escape', what: 'Back to the list', run: () => go(list) },
  ]);
  const copy = (): void => void navigator.clipboard?.writeText(location.href).then(() => toast('The link is copied.'));
  return (
    <div class="head">
      <div>
        <div class="crumb"><a href={href('/tasks')}>Tasks</a><span>/</span><a class="mono" href={href(`/tasks/${segment(name)}`)}>{name}</a><span>/</span><a href={list}>{when(zoneNamed(zone), at, 0)}</a></div>
        <h1>{run.title || run.key || 'A run'} <Pill of={status}>{ran !== undefined && ` · ${span(isOpen(run.status) ? Math.floor(ran / 1000) * 1000 : ran)}`}</Pill>{(run.max_attempts ?? 1) > 1 && <span class="tag">attempt {run.attempt} of {run.max_attempts}</span>}</h1>
      </div>
      <div class="acts">
        <a class="btn square" role="link" aria-label="Run before" aria-disabled={!before} href={before && href(`/executions/${before}`)}><Icon name="i-left" /></a>
        <a class="btn square" role="link" aria-label="Run after" aria-disabled={!after} href={after && href(`/executions/${after}`)}><Icon name="i-right" /></a>
        <button class="btn" onClick={copy}><Icon name="i-link" />Copy link</button>
      </div>
    </div>
  );
}

function Body({ run, zone }: { run: Whole; zone: string }) {
  const events = useResource<{ items: Event[] }>(`/v1/executions/${run.execution_id}/events${query({ limit: 500 })}`, { topics: [`execution:${run.execution_id}`], keep: true });
  const list = events.data?.items ?? [];
  const given = [...list].reverse().find((e) => e.moved && (e.result !== undefined || e.result_base64 !== undefined));
  const open = isOpen(run.status);
  const observed = !run.created_at && run.trigger === 'EXTERNAL';
  const status = shown(run.status, dueOf(run), now.value, 30_000);
  useEffect(() => { title.value = `${looksOf(run.status).word}: ${run.title || run.key || run.execution_id}`; }, [run.status, run.title]);
  return (
    <>
      <Head run={run} status={status} zone={zone} />
      {observed && <div class="problem old" role="status"><Icon name="g-late" /><span>Reports only: nobody ordered this run here, a worker saw it.</span></div>}
      {run.contradicted && <Contradiction events={list} />}
      <Attempts due={dueOf(run)} attempts={attemptsOf(list)} usualMs={run.usual_ms} zone={zone} open={open} />
      <div class="cols">
        <LogView execution={run.execution_id} attempt={Math.max(1, run.attempt ?? 1)} open={open} failed={looksOf(run.status).tone === 'bad'} zone={zone} />
        <div class="stack">
          <Facts run={run} zone={zone} />
          <Shown of={events}>{(data) => <Events events={data.items} zone={zone} />}</Shown>
          <Payload name="Payload" text={run.payload} base64={run.payload_base64} type={run.content_type} />
          <Payload name="Result" text={given?.result} base64={given?.result_base64} />
        </div>
      </div>
    </>
  );
}

export default function ExecutionScreen({ args }: { args: Record<string, string> }) {
  const id = args['execution'] ?? '';
  const seen = useResource<Whole>(`/v1/executions/${id}`, { topics: [`execution:${id}`] });
  const zone = useZone(seen.data?.zone);
  if (seen.problem?.status === 404)
    return <section class="panel"><Empty><p class="strong">There is no such run.</p><p>It may not be kept any more, or the history has not caught up: it is asked for again as soon as something changes.</p><p><button class="btn" onClick={seen.reload}>Ask again</button></p></Empty></section>;
  return <Shown of={seen} rows={10}>{(run) => <Body run={run} zone={zone} />}</Shown>;
}
