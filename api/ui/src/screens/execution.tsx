// execution.tsx - one run, live or years old: its attempts on their time, its log, what was reported, what it was given.
import { useEffect, useState } from 'preact/hooks';
import { query, segment, useResource } from '../api.ts';
import { LogView } from '../log/view.tsx';
import { href } from '../router.ts';
import { now, zoneNamed } from '../state.ts';
import { isOpen, looksOf, shown } from '../status.ts';
import { clockMs, span, when } from '../time.ts';
import { civil, dayOf, dayText } from '../zone.ts';
import { note } from '../words.ts';
import { attemptsOf, type Event } from '../ui/attempt.ts';
import { Attempts } from '../ui/attempts.tsx';
import { useKeys } from '../keys.ts';
import { isCancelAsked, RunActs } from '../ui/actions.tsx';
import { dueOf, type Execution } from '../ui/dayruns.tsx';
import { Facts, type Whole } from '../ui/facts.tsx';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { Payload } from '../ui/payload.tsx';
import { Empty, Shown } from '../ui/problem.tsx';
import { Pill } from '../ui/status.tsx';
import { title } from '../ui/shell.tsx';
import { toast } from '../ui/toast.tsx';
import { WhyRun } from '../ui/verdict.tsx';
import { useZone } from '../ui/zonemenu.tsx';
import { go } from '../router.ts';

function AllFacts({ run, zone }: { run: Whole; zone: string }) {
  const [raw, setRaw] = useState(false);
  return (
    <Panel name="Facts" right={<button class="btn quiet small" aria-pressed={raw} onClick={() => setRaw(!raw)}>{raw ? 'In words' : 'Raw'}</button>}>
      {raw ? <div class="body"><pre class="pre" tabIndex={0}><Foreign text={JSON.stringify(run, null, 2)} lines /></pre></div> : <dl class="kv"><Facts run={run} zone={zone} /></dl>}
    </Panel>
  );
}

function Events({ events, zone }: { events: Event[]; zone: string }) {
  const z = zoneNamed(zone);
  const [places, setPlaces] = useState(false);
  return (
    <Panel name="Events" note="newest first" right={<button class="btn quiet small" aria-pressed={places} onClick={() => setPlaces(!places)}>Topic and offset</button>}>
      {events.length === 0 ? <Empty><p>Nothing was reported about it yet.</p></Empty> : (
        <ol class="events">
          {[...events].reverse().map((e, i) => (
            <li key={i} class={e.moved ? '' : 'kept'}>
              <time dateTime={e.occurred_at} title={e.occurred_at}>{clockMs(civil(z, Date.parse(e.occurred_at)))}</time>
              <Icon name={looksOf(e.status).glyph} class={e.moved ? looksOf(e.status).tone : ''} />
              <div class="break">
                <span class="strong">{looksOf(e.status).word}{(e.attempt ?? 1) > 1 && `, attempt ${e.attempt}`}</span>{!e.moved && <span class="dim"> changed nothing</span>}
                <span class="sub"><Foreign text={e.worker} />{e.worker && note(e) && ' · '}<Foreign text={note(e)} /></span>
                {places && <span class="sub mono">status[{e.kafka_partition}] at {e.kafka_offset}</span>}
              </div>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

/** What two reports say against each other. */
function Contradiction({ events }: { events: Event[] }) {
  const moved = events.filter((e) => e.moved && looksOf(e.status).final);
  const other = events.filter((e) => !e.moved && looksOf(e.status).final);
  const say = (e: Event | undefined): string => (e ? `${looksOf(e.status).word}${e.worker ? ` by ${e.worker}` : ''}` : 'nothing');
  return (
    <div class="problem old" role="status"><Icon name="g-late" /><span>Its reports contradict each other: what counts is <Foreign text={say(moved[moved.length - 1])} />; <Foreign text={say(other[other.length - 1])} /> was said, too.</span></div>
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
        <div class="crumb"><a href={href('/tasks')}>Tasks</a><span>/</span><a class="mono" href={href(`/tasks/${segment(name)}`)}><Foreign text={name} /></a><span>/</span><a href={list}>{when(zoneNamed(zone), at, 0)}</a></div>
        <h1><Foreign text={run.title || run.key || 'A run'} /> <Pill of={status}>{ran !== undefined && ` · ${span(isOpen(run) ? Math.floor(ran / 1000) * 1000 : ran)}`}</Pill>{isCancelAsked(run) && <span class="tag warn">cancel asked for</span>}{(run.max_attempts ?? 1) > 1 && <span class="tag">attempt {run.attempt} of {run.max_attempts}</span>}</h1>
      </div>
      <div class="acts">
        <a class="btn square" role="link" aria-label="Run before" aria-disabled={!before} href={before && href(`/executions/${before}`)}><Icon name="i-left" /></a>
        <a class="btn square" role="link" aria-label="Run after" aria-disabled={!after} href={after && href(`/executions/${after}`)}><Icon name="i-right" /></a>
        <RunActs run={run} />
        <button class="btn" onClick={copy}><Icon name="i-link" />Copy link</button>
      </div>
    </div>
  );
}

function Body({ run, zone }: { run: Whole; zone: string }) {
  const events = useResource<{ items: Event[] }>(`/v1/executions/${run.execution_id}/events${query({ limit: 500 })}`, { topics: [`execution:${run.execution_id}`], keep: true });
  const list = events.data?.items ?? [];
  const given = [...list].reverse().find((e) => e.moved && (e.result !== undefined || e.result_base64 !== undefined));
  const open = isOpen(run);
  const observed = !run.created_at && run.trigger === 'EXTERNAL';
  const status = shown(run.status, dueOf(run), now.value, 30_000);
  useEffect(() => { title.value = `${looksOf(run.status).word}: ${run.title || run.key || run.execution_id}`; }, [run.status, run.title]);
  return (
    <>
      <Head run={run} status={status} zone={zone} />
      {observed && <div class="problem old" role="status"><Icon name="g-late" /><span>Reports only: nobody ordered this run here, a worker saw it.</span></div>}
      {run.contradicted && <Contradiction events={list} />}
      <Attempts due={dueOf(run)} attempts={attemptsOf(list)} usualMs={run.usual_ms} zone={zone} open={open} far={run.progress} />
      <div class="cols">
        <LogView execution={run.execution_id} attempt={Math.max(1, run.attempt ?? 1)} open={open} failed={looksOf(run.status).tone === 'bad'} zone={zone} />
        <div class="stack">
          <AllFacts run={run} zone={zone} />
          <section class="panel" aria-label="Why"><div class="body"><WhyRun key={run.execution_id} run={run} zone={zone} /></div></section>
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
  const [isMissing, setMissing] = useState(false);
  const seen = useResource<Whole>(`/v1/executions/${id}`, { topics: [`execution:${id}`], every: isMissing ? 2000 : 0 }); // no topic tells that a row is made
  const missing = seen.problem?.status === 404;
  useEffect(() => setMissing(missing), [missing]);
  const zone = useZone(seen.data?.zone);
  if (missing)
    return <section class="panel"><Empty><p class="strong">There is no such run.</p><p>It is not kept any more, or not known yet.</p></Empty></section>;
  return <Shown of={seen} rows={10}>{(run) => <Body run={run} zone={zone} />}</Shown>;
}
