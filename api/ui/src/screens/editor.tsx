// editor.tsx - a task is written: what it means is shown before it is saved, so that nothing surprises after.
import { useEffect, useState } from 'preact/hooks';
import type { Skip } from '../answers.ts';
import { ask, intent, isRefused, segment, useResource, write, type Problem } from '../api.ts';
import { diff, type Change } from '../diff.ts';
import { Form } from '../edit/form.tsx';
import { fresh, keep, kept, toSend, type Draft, type Spec } from '../edit/draft.ts';
import { useTold, type Lint, type Told } from '../explain.ts';
import { go, href, param } from '../router.ts';
import { browserZone, isAway, now } from '../state.ts';
import { count, relative, when } from '../time.ts';
import { Changes } from '../ui/definition.tsx';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';
import { ProblemBox, Shown } from '../ui/problem.tsx';
import { Skipped } from '../ui/skipped.tsx';
import { toast } from '../ui/toast.tsx';
import { utc } from '../zone.ts';
import type { Task } from './task.tsx';

interface DryRun {
  result: string;
  revision?: number;
  changes: Change[];
  next: { at: string; local: string; skip?: Skip }[];
  left_out: { at: string; local: string; by: string }[];
  lints: (Lint & { schedule?: number })[];
  clock_changes: { schedule: number; at: string; text: string }[];
}

/** The server's word on a draft, 400 ms after the last change. */
const useDryRun = (draft: Draft): Told<DryRun> =>
  useTold('PUT', draft.key && `/v1/tasks/${segment(`${draft.project || 'default'}~${draft.key}`)}?dry_run=true`, JSON.stringify(toSend(draft.spec)), 400);

function Outlook({ tried }: { tried: Told<DryRun> }) {
  const d = tried.data;
  return (
    <section class="panel outlook" aria-label="What it means" aria-live="polite">
      <header><h2>What it means</h2><span class="dim">nothing is saved yet</span></header>
      <div class="body">
        {tried.problem && <ProblemBox problem={tried.problem} />}
        {!d && !tried.problem && <p class="dim">Give it a key and a time: its next instants, what calendars leave out and what clock changes do appear here.</p>}
        {d && (
          <>
            <h3>Next</h3>
            {d.next.length === 0 ? <p>It is not due any more.</p> : <ol class="next">{d.next.slice(0, 10).map((n) => <li key={n.at}><span>{when(utc, Date.parse(`${n.local.slice(0, 19)}Z`), 0)}</span> <span class="dim">{n.local.slice(19)}, {relative(Date.parse(n.at), now.value)}</span><Skipped of={n.skip} /></li>)}</ol>}
            {d.left_out.length > 0 && <><h3>Left out</h3><ul class="next">{d.left_out.map((l) => <li key={l.at}>{l.local.slice(0, 16).replace('T', ' ')} <span class="dim">by <Foreign text={l.by} /></span></li>)}</ul></>}
            {(d.lints.length > 0 || d.clock_changes.length > 0) && <><h3>Worth knowing</h3><ul class="notes">{d.lints.map((l) => <li key={l.text}><Icon name="g-late" class="warn" /><span><Foreign text={l.text} /></span></li>)}{d.clock_changes.map((c) => <li key={c.text}><Icon name="i-globe" class="idle" /><span><Foreign text={c.text} /></span></li>)}</ul></>}
            {d.changes.length > 0 && <><h3>Changes</h3><Changes list={d.changes} /></>}
            {d.result === 'UNCHANGED' && <p class="dim">Nothing differs from what is saved.</p>}
          </>
        )}
      </div>
    </section>
  );
}

/** Somebody else saved meanwhile: both are shown, and nothing is lost. */
function Conflict({ theirs, mine, onTheirs, onMine }: { theirs: Task; mine: Spec; onTheirs: () => void; onMine: () => void }) {
  return (
    <div class="problem old conflict" role="alert">
      <Icon name="g-late" />
      <div class="grow">
        <p class="strong">Revision {theirs.revision} was saved meanwhile. Yours would change it so:</p>
        <Changes list={diff(toSend(theirs.spec as Spec), mine)} />
        <p><button type="button" class="btn small" onClick={onTheirs}>Take theirs</button> <button type="button" class="btn small" onClick={onMine}>Go on with mine on top of it</button></p>
      </div>
    </div>
  );
}

function Editor({ task, start, name }: { task?: Task; start: Draft; name: string }) {
  const [draft, setDraft] = useState(start);
  const [revision, setRevision] = useState(task?.revision);
  const [asJson, setAsJson] = useState(false);
  const [json, setJson] = useState('');
  const [jsonWrong, setJsonWrong] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [theirs, setTheirs] = useState<Task>();
  const [key, setKey] = useState(intent);
  const zones = useResource<{ items: string[] }>('/v1/zones');
  const queues = useResource<{ items: { name: string }[] }>('/v1/queues');
  const tried = useDryRun(draft);
  const full = `${draft.project || 'default'}~${draft.key}`;

  const change = (next: Draft): void => {
    setDraft(next);
    setProblem(undefined);
    setKey(intent());
    keep(name, next);
  };
  const toJson = (): void => {
    setJson(JSON.stringify(toSend(draft.spec), null, 2));
    setJsonWrong(undefined);
    setAsJson(!asJson);
  };
  const onJson = (text: string): void => {
    setJson(text);
    try {
      change({ ...draft, spec: JSON.parse(text) as Spec });
      setJsonWrong(undefined);
    } catch (error) {
      setJsonWrong((error as Error).message);
    }
  };
  const save = async (): Promise<void> => {
    if (!draft.key) return setProblem({ status: 400, title: 'The task has no key', detail: 'Its key names it for ever.', pointer: '/key' });
    setBusy(true);
    const answer = await write('PUT', `/v1/tasks/${segment(full)}`, toSend(draft.spec), { key, ...(revision === undefined ? { ifNoneMatch: '*' } : { ifMatch: `"${revision}"` }) });
    setBusy(false);
    if (isRefused(answer)) setKey(intent());
    if (answer.status === 412) {
      const now_ = await ask<Task>(`/v1/tasks/${segment(full)}`);
      if (now_.data) return setTheirs(now_.data);
    }
    if (!answer.ok) return setProblem(answer.problem);
    keep(name, undefined);
    toast(answer.status === 202 ? 'Accepted, not carried out yet.' : answer.data?.code === 'UNCHANGED' ? 'Nothing had to be changed.' : `Saved as revision ${answer.data?.revision ?? 1}.`, answer.status === 202 ? 'warn' : 'ok');
    go(href(`/tasks/${segment(full)}`));
  };
  const rebase = (spec: Spec): void => {
    setRevision(theirs?.revision);
    change({ ...draft, spec });
    setTheirs(undefined);
  };

  return (
    <form class="editor" onSubmit={(e) => { e.preventDefault(); if (!busy && !isAway.value) void save(); }}>
      <div class="head">
        <h1><Foreign text={task ? `Edit ${full}` : 'New task'} /></h1>
        <div class="acts">
          <button type="button" class="btn" aria-pressed={asJson} onClick={toJson}>{asJson ? 'Form' : 'JSON'}</button>
          <button type="button" class="btn" onClick={() => { keep(name, undefined); go(task ? href(`/tasks/${segment(full)}`) : href('/tasks')); }}>Not now</button>
          <button class="btn first" aria-disabled={busy || jsonWrong !== undefined || isAway.value}>{busy ? 'Saving…' : task && task.state !== 'DELETED' ? `Save as revision ${count((revision ?? 0) + 1)}` : 'Save'}</button>
        </div>
      </div>
      {theirs && <Conflict theirs={theirs} mine={toSend(draft.spec)} onTheirs={() => rebase(theirs.spec as Spec)} onMine={() => rebase(draft.spec)} />}
      {problem && <div class="field"><ProblemBox problem={problem} /></div>}
      <div class="halves">
        <section class="panel"><div class="body">
          {asJson
            ? <div class="field"><label for="spec-json">Specification</label><textarea id="spec-json" class="input mono" rows={28} spellcheck={false} value={json} aria-invalid={jsonWrong !== undefined} onInput={(e) => onJson(e.currentTarget.value)} />{jsonWrong && <div class="wrong">{jsonWrong}</div>}</div>
            : <Form draft={draft} isNew={task === undefined} problem={problem ?? tried.problem} zones={zones.data?.items ?? []} queues={(queues.data?.items ?? []).map((q) => q.name)} onChange={change} />}
        </div></section>
        <Outlook tried={tried} />
      </div>
    </form>
  );
}

const fromTask = (task: Task): Draft => ({ project: task.project, key: task.key, spec: task.spec as Spec });

export default function EditorScreen({ args }: { args: Record<string, string> }) {
  const name = args['task'] ?? '';
  const like = param('like');
  const source = name || like;
  const seen = useResource<Task>(source ? `/v1/tasks/${segment(source)}` : undefined);
  const [once, setOnce] = useState<Task>();
  useEffect(() => { if (seen.data && !once) setOnce(seen.data); }, [seen.data]); // what is read later must not change what is being written
  if (!source) return <Editor name="new" start={kept('new') ?? fresh(browserZone)} />;
  if (!once) return <Shown of={seen} rows={10}>{() => null}</Shown>;
  if (!name) return <Editor name="new" start={{ ...fromTask(once), key: '' }} />;
  const before = kept(name);
  const start = fromTask(once);
  return <Editor name={name} task={once} start={before ? { ...before, spec: { ...before.spec, payload: start.spec.payload, payload_base64: start.spec.payload_base64 } } : start} />;
}
