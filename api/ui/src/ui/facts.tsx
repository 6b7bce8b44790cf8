// facts.tsx - what is known of a run, a line each.
import { segment, useResource } from '../api.ts';
import type { Heartbeat } from '../answers.ts';
import { href } from '../router.ts';
import { now, zoneNamed } from '../state.ts';
import { isOpen } from '../status.ts';
import { relative, span, when } from '../time.ts';
import { reasonWords, triggerWords } from '../words.ts';
import { dueOf, type Execution } from './dayruns.tsx';
import { Fact } from './fact.tsx';
import { Far, type HowFar } from './far.tsx';
import { Foreign } from './foreign.tsx';
import { Status } from './status.tsx';
import { Time } from './time.tsx';

export interface Whole extends Execution, HowFar {
  queue?: string;
  created_at?: string;
  status_at?: string;
  next_attempt_at?: string;
  start_by?: string;
  finish_by?: string;
  run_timeout_ms?: number;
  heartbeat_ms?: number;
  heartbeat?: Heartbeat;
  blocked_by?: string;
  parent_execution_id?: string;
  tzdata?: string;
  content_type?: string;
  payload?: string;
  payload_base64?: string;
  usual_ms?: number;
  cancel_requested?: boolean;
}

/** Another run: its task where that is another one, when it was due, how it is. */
function Other({ id, task, zone }: { id: string; task: string; zone: string }) {
  const run = useResource<Execution>(`/v1/executions/${id}`, { topics: [`execution:${id}`] }).data;
  return (
    <>
      <a href={href(`/executions/${id}`)}>{run ? <>{run.task_id !== task && <Foreign text={`${run.project}~${run.key}, `} />}{when(zoneNamed(zone), Date.parse(run.scheduled_at), now.value)}</> : <span class="mono">{id}</span>}</a>
      {run && <> <Status of={run.status} /></>}
    </>
  );
}

const parents: Record<string, string> = { RETRY: 'Runs again', CHAIN: 'Comes after' };

/** brief: without what a run is bound by. */
export function Facts({ run, zone, brief = false }: { run: Whole; zone: string; brief?: boolean }) {
  const due = dueOf(run);
  const open = isOpen(run);
  const started = run.started_at ? Date.parse(run.started_at) : undefined;
  const ended = run.finished_at ? Date.parse(run.finished_at) : undefined;
  return (
    <>
      <Fact name="Due"><Time at={due} zone={zone} /><span class="sub">{new Date(due).toISOString().slice(0, 19).replace('T', ' ')} UTC</span>{run.due_at !== undefined && run.due_at !== run.scheduled_at && <span class="sub">scheduled <Time at={run.scheduled_at} zone={zone} />, moved by jitter</span>}</Fact>
      {started !== undefined && <Fact name="Started"><Time at={started} zone={zone} /><span class="sub">{span(Math.max(0, started - due))} after it was due</span></Fact>}
      {ended !== undefined && <Fact name={open ? 'Attempt ended' : 'Ended'}><Time at={ended} zone={zone} />{started !== undefined && ` after ${span(ended - started)}`}{run.exit_code !== undefined && `, exit code ${run.exit_code}`}</Fact>}
      {run.reason && run.reason !== 'NONE' && <Fact name="Why">{reasonWords(run.reason)}</Fact>}
      {run.blocked_by && <Fact name={open ? 'Waits for' : 'Held up by'}><Other id={run.blocked_by} task={run.task_id} zone={zone} /></Fact>}
      {run.next_attempt_at && open && <Fact name="Next attempt"><Time at={run.next_attempt_at} zone={zone} ago /></Fact>}
      {run.heartbeat_at && open && <Fact name="Progress"><Far of={run} /> <Time at={run.heartbeat_at} zone={zone} ago /></Fact>}
      {run.message && <Fact name="Says"><Foreign text={run.message} lines /></Fact>}
      <Fact name="Fired">{triggerWords(run.trigger)}{run.revision !== undefined && `, revision ${run.revision}`}</Fact>
      {run.parent_execution_id && <Fact name={parents[run.trigger] ?? 'Made by'}><Other id={run.parent_execution_id} task={run.task_id} zone={zone} /></Fact>}
      {run.worker && <Fact name="Worker" class="mono"><Foreign text={run.worker} /></Fact>}
      {run.status_at && open && <Fact name="Last report"><Time at={run.status_at} zone={zone} ago /></Fact>}
      {(run.max_attempts ?? 1) > 1 && <Fact name="Attempt">{run.attempt} of {run.max_attempts}</Fact>}
      {!brief && (
        <>
          {run.start_by && <Fact name="Start by"><Time at={run.start_by} zone={zone} /></Fact>}
          {run.run_timeout_ms && started !== undefined && ended === undefined && open && <Fact name="Run timeout">{relative(started + run.run_timeout_ms, now.value)} <span class="dim">({span(run.run_timeout_ms)})</span></Fact>}
          {run.finish_by && <Fact name="Finish by"><Time at={run.finish_by} zone={zone} /></Fact>}
          {run.queue && <Fact name="Queue"><a href={href(`/queues/${segment(run.queue)}`)}><Foreign text={run.queue} /></a></Fact>}
          {run.zone && <Fact name="Zone"><Foreign text={run.zone} />{run.tzdata && <span class="dim">, tzdata <Foreign text={run.tzdata} /></span>}</Fact>}
        </>
      )}
      <Fact name="Id" class="mono">{run.execution_id}</Fact>
    </>
  );
}
