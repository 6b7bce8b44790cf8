// actions.tsx - what can be done to a task or a run: each asks in a dialog, is sent once however often it is clicked, and tells what came of it.
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { BackfillDraft, Upcoming } from '../answers.ts';
import { intent, isRefused, query, segment, useResource, write, type Answer, type Outcome, type Problem } from '../api.ts';
import { useTold } from '../explain.ts';
import { href } from '../router.ts';
import { useCan } from '../session.ts';
import { serverNow, zoneNamed } from '../state.ts';
import { isOpen, isOver, type Life } from '../status.ts';
import { count, counted, rfc3339, when } from '../time.ts';
import { Act } from './act.tsx';
import { closeDialog, Field, openDialog, Question } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { ProblemBox } from './problem.tsx';
import { Time } from './time.tsx';
import { toast } from './toast.tsx';
import { localInstant } from '../zone.ts';
import { useZone } from './zonemenu.tsx';

/** The task an action is for, by its key "project~key". */
export interface Target {
  name: string;
  pausedAt?: string;
  zone?: string; // its own
}

/** "Carried out", or that it is not yet: never more than is known. */
function said(answer: Answer<Outcome>, done: Ask['done']): void {
  const o = answer.data;
  const run = o?.execution_id ? { href: href(`/executions/${o.execution_id}`), text: 'Open the run' } : undefined;
  if (answer.status === 202) toast('Accepted, not carried out yet: the scheduler has not answered so far.', 'warn', run);
  else toast(o?.code === 'UNCHANGED' ? 'Nothing had to be changed.' : typeof done === 'string' ? done : done(o?.message), 'ok', run);
}

interface Ask {
  title: string;
  action: string;
  tone?: 'first' | 'danger';
  /** That it is done; of what the scheduler says, where it says which. */
  done: string | ((said: string | undefined) => string);
  method?: 'POST' | 'DELETE';
  path: string;
  body?: () => Record<string, unknown>;
  fields: preact.ComponentChildren;
  /** It cannot be sent yet. */
  off?: boolean;
  sent?: (outcome: Outcome | undefined) => void;
  /** It is meant for the task as this revision has it. */
  revision?: number;
  /** The task has another one by now. */
  stale?: () => void;
}

/** The frame of each action: its reason, its key until it is refused, its problem. */
function Action({ ask: a }: { ask: Ask }) {
  const [key, setKey] = useState(intent);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  const send = async (): Promise<void> => {
    if (a.off) return;
    setBusy(true);
    setProblem(undefined);
    const method = a.method ?? 'POST';
    const answer = method === 'DELETE'
      ? await write(method, `${a.path}${query({ reason: reason.trim() })}`, undefined, { key })
      : await write(method, a.path, { ...a.body?.(), ...(reason.trim() ? { reason: reason.trim() } : {}) }, { key, ifMatch: a.revision === undefined ? undefined : `"${a.revision}"` });
    setBusy(false);
    if (isRefused(answer)) setKey(intent());
    if (answer.status === 412) a.stale?.();
    if (!answer.ok) return setProblem(answer.problem);
    closeDialog();
    a.sent?.(answer.data);
    said(answer, a.done);
  };

  return (
    <Question title={a.title} action={a.action} tone={a.tone} acts off={a.off} busy={busy} onSubmit={() => void send()}>
      {problem && <div class="field"><ProblemBox problem={problem} /></div>}
      {a.fields}
      <Field label="Reason" hint="Stays in the history, for whoever asks later">
        {(ids) => <input {...ids} class="input" maxLength={200} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />}
      </Field>
    </Question>
  );
}

const pathOf = (t: Target): string => `/v1/tasks/${segment(t.name)}`;

function RunNow({ target }: { target: Target }) {
  const [own, setOwn] = useState(false);
  const [payload, setPayload] = useState('');
  const [ignore, setIgnore] = useState(false);
  return (
    <Action ask={{
      title: `Run ${target.name} now`, action: 'Run now', done: `${target.name} runs.`, path: `${pathOf(target)}:trigger`,
      body: () => ({ ...(own ? { payload } : {}), ...(ignore ? { ignore_overlap: true } : {}) }),
      fields: (
        <>
          <label class="check field"><input type="checkbox" checked={own} onChange={(e) => setOwn(e.currentTarget.checked)} />With another payload, this once</label>
          {own && (
            <Field label="Payload" hint="Text; the task's own stays as it is">
              {(ids) => <textarea {...ids} class="input mono" rows={4} value={payload} onInput={(e) => setPayload(e.currentTarget.value)} />}
            </Field>
          )}
          <label class="check field"><input type="checkbox" checked={ignore} onChange={(e) => setIgnore(e.currentTarget.checked)} />Even if another run of it is under way</label>
        </>
      ),
    }} />
  );
}

function Pause({ target }: { target: Target }) {
  const [until, setUntil] = useState('');
  const zone = useZone(target.zone);
  return (
    <Action ask={{
      title: `Pause ${target.name}`, action: 'Pause', done: `${target.name} is paused.`, path: `${pathOf(target)}:pause`,
      body: () => (until ? { until: new Date(localInstant(zoneNamed(zone), Date.parse(`${until}:00Z`))).toISOString() } : {}),
      fields: (
        <Field label="Until" hint={`On the clock of ${zone}. Left empty: until somebody resumes it. Runs under way go on.`}>
          {(ids) => <input {...ids} class="input" type="datetime-local" value={until} onInput={(e) => setUntil(e.currentTarget.value)} />}
        </Field>
      ),
    }} />
  );
}

/** What passed since the pause: a backfill of that range would run it. */
function useMissed(target: Target): BackfillDraft | undefined {
  const [to] = useState(serverNow() - 1000); // not what is yet to come by the server's clock
  const body = target.pausedAt && Date.parse(target.pausedAt) < to ? JSON.stringify({ from: target.pausedAt, to: new Date(to).toISOString() }) : undefined;
  return useTold<BackfillDraft>('POST', `${pathOf(target)}:backfill?dry_run=true`, body).data;
}

function Resume({ target }: { target: Target }) {
  const [gap, setGap] = useState('NONE');
  const missed = useMissed(target);
  const all = missed ? `${missed.more ? 'more than' : 'up to'} ${counted(missed.count, 'run')}` : 'one run for each';
  const choices = [
    ['NONE', 'Leave out what was due meanwhile', 'no run'],
    ['LAST', 'Make up for the last instant', missed?.count === 0 ? 'no run' : '1 run'],
    ['ALL', 'Make up for all of them', all],
  ] as const;
  return (
    <Action ask={{
      title: `Resume ${target.name}`, action: 'Resume', done: `${target.name} is active again.`, path: `${pathOf(target)}:resume`,
      body: () => ({ gap }),
      fields: (
        <fieldset class="field">
          <legend>What was due during the pause</legend>
          {choices.map(([value, text, fires]) => (
            <label class="check" key={value}>
              <input type="radio" name="gap" value={value} checked={gap === value} onChange={() => setGap(value)} />{text}<span class="dim">{fires}</span>
            </label>
          ))}
        </fieldset>
      ),
    }} />
  );
}

function Remove({ target }: { target: Target }) {
  return (
    <Action ask={{
      title: `Delete ${target.name}`, action: 'Delete', tone: 'danger', done: `${target.name} is deleted; its history stays.`, method: 'DELETE', path: pathOf(target),
      fields: <p class="field">It fires no more. Its history stays, and a task saved under this key later goes on with it.</p>,
    }} />
  );
}

function SkipNext({ target }: { target: Target }) {
  const zone = useZone(target.zone);
  const next = useResource<Upcoming>(`${pathOf(target)}/upcoming`).data?.items.find((i) => !i.skip);
  const done = (said = ''): string => {
    const at = said.split(' ')[0]!;
    const due = next?.scheduled_at === at ? next.due_at : at; // jitter is between the two
    return `${when(zoneNamed(zone), Date.parse(due), serverNow())}, ${zone}, is left out.`;
  };
  return (
    <Action ask={{
      title: `Skip the next run of ${target.name}`, action: 'Skip it', done, path: `${pathOf(target)}:skip-next`,
      fields: <p class="field">{next ? <>The one due at <Time at={next.due_at} zone={zone} ago />{next.due_at !== next.scheduled_at && <>, scheduled <Time at={next.scheduled_at} zone={zone} /> and moved by jitter,</>} is left out, and stands in the history as skipped.</> : 'The next instant that is due is left out.'} Asked twice, two are.</p>,
    }} />
  );
}

function Draft({ d, zone, onEnd }: { d: BackfillDraft; zone: string; onEnd: (at: number) => void }) {
  const over = d.count > d.limit;
  return (
    <div class="field" role="status">
      <p class="strong">{d.more && 'More than '}{counted(d.count, 'run')}{d.at_once > 0 && d.count > d.at_once && `, ${d.at_once === 1 ? 'one' : count(d.at_once)} at a time`}</p>
      <ol class="pre">{d.items.slice(0, 100).map((i) => <li key={i.scheduled_at}><Time at={i.scheduled_at} zone={zone} /></li>)}{d.count > 100 && <li>and {count(d.count - 100)} more</li>}</ol>
      {d.state === 'PAUSED' && <p class="warn">It is paused: they wait until it is resumed.</p>}
      {over && <p class="warn">One backfill takes {count(d.limit)}. {d.next && <button type="button" class="linkish" onClick={() => onEnd(Date.parse(d.next!))}>End it at <Time at={d.next} zone={zone} /></button>}</p>}
    </div>
  );
}

function Backfill({ target }: { target: Target }) {
  const zone = zoneNamed(useZone(target.zone));
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const at = (wall: string): number => localInstant(zone, Date.parse(`${wall}Z`));
  const range = from && to ? { from: new Date(at(from) - 1).toISOString(), to: new Date(at(to)).toISOString() } : undefined; // the first instant is not of it
  const path = `${pathOf(target)}:backfill`;
  const [looks, setLooks] = useState(0);
  const body = range && JSON.stringify(range) + ' '.repeat(looks); // another look is another question
  const { data, problem, of } = useTold<BackfillDraft>('POST', `${path}?dry_run=true`, body, 400);
  const d = of === body ? data : undefined;
  const fields = [['From', from, setFrom], ['To', to, setTo]] as const;
  return (
    <Action ask={{
      title: `Backfill ${target.name}`, action: d?.count ? `Run ${counted(d.count, 'instant')}` : 'Run them', done: d?.state === 'PAUSED' ? `The runs of ${target.name} wait until it is resumed.` : `The backfill of ${target.name} has begun.`, path,
      off: !d || d.count === 0 || d.count > d.limit, body: () => range ?? {}, revision: d?.revision, stale: () => setLooks(looks + 1),
      fields: (
        <>
          <div class="pair">
            {fields.map(([label, value, change]) => <Field key={label} label={label}>{(ids) => <input {...ids} class="input" type="datetime-local" step="1" value={value} onInput={(e) => change(e.currentTarget.value)} />}</Field>)}
          </div>
          <p class="field hint">On the clock of {zone.name}, both included. Each instant of its schedules is run as the task is today, also those that ran already.</p>
          {problem && <div class="field"><ProblemBox problem={problem} /></div>}
          {d && <Draft d={d} zone={zone.name} onEnd={(t) => setTo(rfc3339(zone, t).slice(0, 19))} />}
        </>
      ),
    }} />
  );
}

/** A run that something is asked of. */
export interface Asked extends Life {
  execution_id: string;
  started_at?: string;
  cancel_requested?: boolean;
}

/** Executions whose end was asked for here, and by which command, until the history says so. */
const cancels = signal<Record<string, string | undefined>>({});
const noteCancel = (run: Asked, command?: string): void => { cancels.value = { ...cancels.peek(), [run.execution_id]: command }; };
export const isCancelAsked = (run: Asked): boolean => isOpen(run) && run.status !== 'CANCELLING' && (run.cancel_requested === true || cancels.value[run.execution_id] !== undefined);

/** Takes a wish back that was accepted, and then refused. */
function useRefusal(run: Asked): void {
  const command = isCancelAsked(run) ? cancels.value[run.execution_id] : undefined;
  const told = useResource<Outcome>(command && `/v1/commands/${command}`, { every: 5000 }).data;
  useEffect(() => {
    if (told?.result !== 'REJECTED') return;
    noteCancel(run);
    toast(`It is not cancelled: ${told.message ?? told.code}`, 'warn');
  }, [told?.result]);
}

const pathOfRun = (run: Asked): string => `/v1/executions/${run.execution_id}`;

function Cancel({ run }: { run: Asked }) {
  const running = run.status === 'RUNNING';
  return (
    <Action ask={{
      title: 'Cancel this run', action: 'Cancel the run', tone: 'danger', done: 'Its end is asked for.', path: `${pathOfRun(run)}:cancel`,
      sent: (o) => noteCancel(run, o?.command_id),
      fields: <p class="field">{running ? 'Its worker is told to end it, and given some time to. Until it has said so, the run counts as under way.' : 'No worker is at it: it ends as soon as the scheduler reads this.'}</p>,
    }} />
  );
}

function Retry({ run }: { run: Asked }) {
  return (
    <Action ask={{
      title: 'Run it again', action: 'Retry', done: 'It runs again, as a run of its own.', path: `${pathOfRun(run)}:retry`,
      fields: <p class="field">A new run for the same instant, with the payload of this one and the task as it is today. This one stays as it is.</p>,
    }} />
  );
}

/** The buttons of a run, as far as the API and its status have them. */
export function RunActs({ run, class: more = 'btn' }: { run: Asked; class?: string }) {
  const can = useCan();
  useRefusal(run);
  return (
    <>
      {can('cancel') && isOpen(run) && run.status !== 'CANCELLING' && !isCancelAsked(run) && <Act class={more} onClick={() => openDialog(() => <Cancel run={run} />)}><Icon name="i-stop" />Cancel</Act>}
      {can('retry') && isOver(run) && <Act class={more} onClick={() => openDialog(() => <Retry run={run} />)}><Icon name="i-retry" />Retry</Act>}
    </>
  );
}

export const skipNext = (target: Target): void => openDialog(() => <SkipNext target={target} />);
export const backfill = (target: Target): void => openDialog(() => <Backfill target={target} />);
export const runNow = (target: Target): void => openDialog(() => <RunNow target={target} />);
export const pause = (target: Target): void => openDialog(() => <Pause target={target} />);
export const resume = (target: Target): void => openDialog(() => <Resume target={target} />);
export const remove = (target: Target): void => openDialog(() => <Remove target={target} />);
