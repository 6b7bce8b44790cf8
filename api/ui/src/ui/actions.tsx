// actions.tsx - what can be done to a task: each asks in a dialog, is sent once however often it is clicked, and tells what came of it.
import { useEffect, useState } from 'preact/hooks';
import { ask, intent, query, segment, write, type Answer, type Outcome, type Problem } from '../api.ts';
import { href } from '../router.ts';
import { serverNow } from '../state.ts';
import { counted } from '../time.ts';
import { closeDialog, Field, openDialog, Question } from './dialog.tsx';
import { ProblemBox } from './problem.tsx';
import { toast } from './toast.tsx';

/** The task an action is for, by its key "project~key". */
export interface Target {
  name: string;
  pausedAt?: string;
}

/** "Carried out", or that it is not yet: never more than is known. */
function said(answer: Answer<Outcome>, done: string): void {
  const o = answer.data;
  const run = o?.execution_id ? { href: href(`/executions/${o.execution_id}`), text: 'Open the run' } : undefined;
  if (answer.status === 202) toast('Accepted, not carried out yet: the scheduler has not answered so far.', 'warn', run);
  else toast(o?.code === 'UNCHANGED' ? 'Nothing had to be changed.' : done, 'ok', run);
}

interface Ask {
  title: string;
  action: string;
  tone?: 'first' | 'danger';
  done: string;
  method?: 'POST' | 'DELETE';
  path: string;
  body: () => Record<string, unknown>;
  fields: preact.ComponentChildren;
}

/** The frame of each action: its reason, its one key, its problem. */
function Action({ ask: a }: { ask: Ask }) {
  const [key] = useState(intent);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  const send = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    const method = a.method ?? 'POST';
    const answer = method === 'DELETE'
      ? await write(method, `${a.path}${query({ reason: reason.trim() })}`, undefined, { key })
      : await write(method, a.path, { ...a.body(), ...(reason.trim() ? { reason: reason.trim() } : {}) }, { key });
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    closeDialog();
    said(answer, a.done);
  };

  return (
    <Question title={a.title} action={a.action} tone={a.tone} busy={busy} onSubmit={() => void send()}>
      {problem && <div class="field"><ProblemBox problem={problem} /></div>}
      {a.fields}
      <Field label="Reason" hint="Kept with the command, for whoever asks later">
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
  return (
    <Action ask={{
      title: `Pause ${target.name}`, action: 'Pause', done: `${target.name} is paused.`, path: `${pathOf(target)}:pause`,
      body: () => (until ? { until: new Date(`${until}:00Z`).toISOString() } : {}),
      fields: (
        <Field label="Until (UTC)" hint="Nothing: until somebody resumes it. Runs under way go on.">
          {(ids) => <input {...ids} class="input" type="datetime-local" value={until} onInput={(e) => setUntil(e.currentTarget.value)} />}
        </Field>
      ),
    }} />
  );
}

/** How many instants passed since the pause, as far as one page tells. */
function useMissed(target: Target): { n: number; more: boolean } | undefined {
  const [missed, setMissed] = useState<{ n: number; more: boolean }>();
  useEffect(() => {
    if (!target.pausedAt) return;
    const range = query({ from: target.pausedAt, to: new Date(serverNow()).toISOString(), limit: 500 });
    void ask<{ items: unknown[]; next?: string }>(`${pathOf(target)}/upcoming${range}`)
      .then((a) => { if (a.data) setMissed({ n: a.data.items.length, more: a.data.next !== undefined }); });
  }, [target.name, target.pausedAt]);
  return missed;
}

function Resume({ target }: { target: Target }) {
  const [gap, setGap] = useState('NONE');
  const missed = useMissed(target);
  const all = missed ? `${missed.more ? 'more than ' : ''}${counted(missed.n, 'run')}` : 'one run for each';
  const choices = [
    ['NONE', 'Leave out what was due meanwhile', 'no run'],
    ['LAST', 'Make up for the last instant', missed?.n === 0 ? 'no run' : '1 run'],
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
      body: () => ({}), fields: <p class="field">It fires no more. Its history stays, and a task saved under this key later goes on with it.</p>,
    }} />
  );
}

export const runNow = (target: Target): void => openDialog(() => <RunNow target={target} />);
export const pause = (target: Target): void => openDialog(() => <Pause target={target} />);
export const resume = (target: Target): void => openDialog(() => <Resume target={target} />);
export const remove = (target: Target): void => openDialog(() => <Remove target={target} />);
