// form.tsx - a task as fields. Each tells the draft what it says; what the server says of a member stands below its field.
import { useState } from 'preact/hooks';
import type { Problem } from '../api.ts';
import { useExplain } from '../explain.ts';
import { Field, Text } from '../ui/dialog.tsx';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';
import { COMMAND_TYPE, commandOf, readDuration, readLabels, withCommand, writeDuration, writeLabels, type Calendar, type Draft, type Schedule, type Spec, type Then } from './draft.ts';
import { ends, misfires, outcomes, overlaps, quantities, readFollower, valueAt, withValue, writeFollower } from './policies.ts';

export interface FormProps {
  draft: Draft;
  isNew: boolean;
  problem?: Problem;
  zones: string[];
  queues: string[];
  onChange: (draft: Draft) => void;
}

interface PartProps {
  spec: Spec;
  problem?: Problem;
  set: (s: Partial<Spec>) => void;
}

/** What the server found wrong below this pointer. */
const wrongAt = (problem: Problem | undefined, pointer: string): string | undefined =>
  problem?.pointer !== undefined && (problem.pointer === pointer || problem.pointer.startsWith(`${pointer}/`)) ? [problem.detail, problem.hint].filter(Boolean).join('. ') : undefined;

/** A number of the specification, or a duration. */
function Quantity({ label, hint, value, isBare = false, wrong, onChange }: { label: string; hint: string; value: number | undefined; isBare?: boolean; wrong?: string; onChange: (value: number | undefined) => void }) {
  const [text, setText] = useState(isBare ? String(value || '') : writeDuration(value));
  const [bad, setBad] = useState(false);
  const take = (t: string): void => {
    const n = !isBare ? readDuration(t) : t.trim() === '' ? undefined : Number(t);
    setText(t);
    setBad(Number.isNaN(n));
    if (!Number.isNaN(n)) onChange(n);
  };
  return <Text label={label} value={text} hint={hint} wrong={bad ? (isBare ? 'Write a number' : 'Write a number with its unit, as 90 s, 5 min, 2 h') : wrong} onChange={take} placeholder="none" />;
}

function OneSchedule({ schedule, at, problem, only, onChange, onRemove }: { schedule: Schedule; at: number; problem?: Problem; only: boolean; onChange: (s: Schedule) => void; onRemove: () => void }) {
  const seen = useExplain(schedule.expression.trim() ? { ...schedule } : undefined, 150);
  const wrong = seen.problem && seen.problem.status !== 0 ? seen.problem.detail : wrongAt(problem, `/schedules/${at}`);
  const column = seen.problem?.column;
  return (
    <div class="schedule">
      <Field label={at === 0 ? 'When *' : `When, ${at + 1}`} wrong={wrong}
        hint={seen.data && !seen.problem ? <><span class="strong"><Foreign text={seen.data.description} /></span>{seen.data.lints.map((l) => <span class="note-line" key={l.text}><Icon name="g-late" class="warn" /> <Foreign text={l.text} />{l.column !== undefined && ` (column ${l.column})`}</span>)}</> : 'A cron expression, @every 5m, @daily, cron(…) or rate(…)'}>
        {(ids) => (
          <>
            <div class="together">
              <input {...ids} class="input mono grow" autocomplete="off" spellcheck={false} placeholder="*/20 * * * *" value={schedule.expression} onInput={(e) => onChange({ ...schedule, expression: e.currentTarget.value })} />
              <input class="input" aria-label="Zone" list="zone-names" autocomplete="off" value={schedule.zone ?? ''} onInput={(e) => onChange({ ...schedule, zone: e.currentTarget.value })} />
              {!only && <button type="button" class="btn quiet square" aria-label="Remove this schedule" onClick={onRemove}><Icon name="i-close" /></button>}
            </div>
            {column !== undefined && <div class="caret mono" aria-hidden="true">{' '.repeat(Math.max(0, column - 1))}^</div>}
          </>
        )}
      </Field>
    </div>
  );
}

function Schedules({ spec, problem, set }: PartProps) {
  const list = spec.schedules ?? [];
  const change = (at: number, s: Schedule): void => set({ schedules: list.map((old, i) => (i === at ? s : old)) });
  return (
    <fieldset>
      {list.map((s, i) => <OneSchedule key={i} schedule={s} at={i} problem={problem} only={list.length === 1} onChange={(n) => change(i, n)} onRemove={() => set({ schedules: list.filter((_, k) => k !== i) })} />)}
      <button type="button" class="btn small" onClick={() => set({ schedules: [...list, { expression: '', zone: list[0]?.zone }] })}><Icon name="i-plus" />Another schedule</button>
    </fieldset>
  );
}

const kinds = [['date', '2026-12-25'], ['range', '2026-12-24/2027-01-01'], ['yearly', '12-25'], ['weekday', 'SAT'], ['nth_weekday', 'MON#1'], ['hours', '22:00-06:00']] as const;

function Calendars({ list, problem, set }: { list: Calendar[]; problem?: Problem; set: (s: Partial<Spec>) => void }) {
  const change = (at: number, c: Partial<Calendar>): void => set({ calendars: list.map((old, i) => (i === at ? { ...old, ...c } : old)) });
  return (
    <fieldset>
      <legend>Calendars</legend>
      {list.map((c, i) => (
        <div class="calendar" key={i}>
          <div class="together">
            <input class="input grow" aria-label="Name of the calendar" placeholder="holidays" value={c.name} onInput={(e) => change(i, { name: e.currentTarget.value })} />
            <select class="input" aria-label="What it does" value={c.mode} onChange={(e) => change(i, { mode: e.currentTarget.value })}><option value="EXCLUDE">leaves these out</option><option value="ONLY">allows only these</option></select>
            <button type="button" class="btn quiet square" aria-label="Remove this calendar" onClick={() => set({ calendars: list.filter((_, k) => k !== i) })}><Icon name="i-close" /></button>
          </div>
          {c.rules.map((r, k) => (
            <div class="together" key={k}>
              <select class="input" aria-label="Kind of rule" value={r.kind} onChange={(e) => change(i, { rules: c.rules.map((o, n) => (n === k ? { ...o, kind: e.currentTarget.value } : o)) })}>{kinds.map(([kind]) => <option key={kind} value={kind}>{kind.replace('_', ' ')}</option>)}</select>
              <input class="input mono grow" aria-label="Value of the rule" placeholder={kinds.find(([kind]) => kind === r.kind)?.[1]} value={r.value} onInput={(e) => change(i, { rules: c.rules.map((o, n) => (n === k ? { ...o, value: e.currentTarget.value } : o)) })} />
              <button type="button" class="btn quiet square" aria-label="Remove this rule" onClick={() => change(i, { rules: c.rules.filter((_, n) => n !== k) })}><Icon name="i-close" /></button>
            </div>
          ))}
          <button type="button" class="btn quiet small" onClick={() => change(i, { rules: [...c.rules, { kind: 'date', value: '' }] })}><Icon name="i-plus" />Rule</button>
        </div>
      ))}
      {wrongAt(problem, '/calendars') && <div class="field"><div class="wrong break"><Foreign text={wrongAt(problem, '/calendars')} /></div></div>}
      <button type="button" class="btn small" onClick={() => set({ calendars: [...list, { name: '', mode: 'EXCLUDE', rules: [{ kind: 'date', value: '' }] }] })}><Icon name="i-plus" />Calendar</button>
    </fieldset>
  );
}

function Followers({ spec, problem, set }: PartProps) {
  const list = spec.then ?? [];
  const change = (at: number, to?: Then): void => set({ then: list.flatMap((t, i) => (i !== at ? [t] : to ? [to] : [])) });
  return (
    <fieldset>
      <legend>What runs after it</legend>
      {list.map((t, i) => (
        <div class="together" key={i}>
          <select class="input" aria-label="When this task" value={t.on} onChange={(e) => change(i, { ...t, on: e.currentTarget.value })}>{Object.entries(ends).map(([on, text]) => <option key={on} value={on}>when this {text}</option>)}</select>
          <input class="input mono grow" aria-label="Task that runs then" placeholder="key or project~key" value={writeFollower(t)} onInput={(e) => change(i, readFollower(e.currentTarget.value, t.on))} />
          <button type="button" class="btn quiet square" aria-label="Remove this task" onClick={() => change(i)}><Icon name="i-close" /></button>
        </div>
      ))}
      {wrongAt(problem, '/then') && <div class="field"><div class="wrong break"><Foreign text={wrongAt(problem, '/then')} /></div></div>}
      <button type="button" class="btn small" onClick={() => set({ then: [...list, { task: '', on: 'SUCCEEDED' }] })}><Icon name="i-plus" />Task</button>
    </fieldset>
  );
}

function PayloadFields({ spec, problem, set }: PartProps) {
  const kind = spec.content_type === COMMAND_TYPE ? 'command' : spec.payload_base64 !== undefined ? 'base64' : spec.content_type === 'application/json' ? 'json' : 'text';
  const choose = (to: string): void => {
    if (to === 'command') set(withCommand(spec, commandOf(spec) ?? ''));
    else if (to === 'base64') set({ payload: undefined, payload_base64: spec.payload_base64 ?? '', content_type: undefined });
    else set({ payload: spec.payload ?? '', payload_base64: undefined, content_type: to === 'json' ? 'application/json' : undefined });
  };
  return (
    <fieldset>
      <legend>What its worker is given</legend>
      <div class="seg" role="group" aria-label="Kind of payload">
        {[['command', 'Command'], ['text', 'Text'], ['json', 'JSON'], ['base64', 'Base64']].map(([k, text]) => <button type="button" key={k} aria-pressed={kind === k} onClick={() => choose(k!)}>{text}</button>)}
      </div>
      {kind === 'command'
        ? <Field label="Shell command" hint="Run by cronobs work with /bin/sh -c" wrong={wrongAt(problem, '/payload')}>{(ids) => <textarea {...ids} class="input mono" rows={3} spellcheck={false} value={commandOf(spec) ?? ''} onInput={(e) => set(withCommand(spec, e.currentTarget.value))} />}</Field>
        : <Field label="Payload" wrong={wrongAt(problem, '/payload') ?? wrongAt(problem, '/payload_base64')}>{(ids) => <textarea {...ids} class="input mono" rows={6} spellcheck={false} value={(kind === 'base64' ? spec.payload_base64 : spec.payload) ?? ''} onInput={(e) => set(kind === 'base64' ? { payload_base64: e.currentTarget.value } : { payload: e.currentTarget.value })} />}</Field>}
    </fieldset>
  );
}

const windows = [
  ['from', 'Window from', '2026-12-01T00:00:00Z'], ['until', 'Window until', '2027-12-01T00:00:00Z'], ['daily_from', 'Daily from', '08:00'], ['daily_to', 'Daily to', '18:00'],
  ['zone', 'Zone of the window', ''],
] as const;

function Choice({ label, wrong, value, of, onChange }: { label: string; wrong?: string; value: string; of: Record<string, string>; onChange: (value: string) => void }) {
  return <Field label={label} wrong={wrong}>{(ids) => <select {...ids} class="input" value={value} onChange={(e) => onChange(e.currentTarget.value)}>{Object.entries(of).map(([k, text]) => <option key={k} value={k}>{text}</option>)}</select>}</Field>;
}

/** After what an attempt is tried again; all of them is to say nothing, and so would be none: the last one stays. */
function RetryOn({ spec, problem, set }: PartProps) {
  const all = Object.keys(outcomes);
  const said = spec.retry?.on;
  const on = said ? all.filter((s) => said.toUpperCase().split(',').some((o) => o.trim() === s)) : all;
  const change = (to: string[]): void => set(withValue(spec, 'retry/on', to.length === all.length ? undefined : to.join()));
  return (
    <fieldset class="field">
      <legend>Tried again after</legend>
      {all.map((s) => <label class="check" key={s}><input type="checkbox" checked={on.includes(s)} disabled={on.length === 1 && on[0] === s} onChange={(e) => change(all.filter((o) => (o === s ? e.currentTarget.checked : on.includes(o))))} />{outcomes[s]}</label>)}
      {wrongAt(problem, '/retry/on') && <div class="wrong break"><Foreign text={wrongAt(problem, '/retry/on')} /></div>}
    </fieldset>
  );
}

function Policies({ spec, problem, set }: PartProps) {
  const window = spec.window ?? {};
  const retries = Number(valueAt(spec, 'retry/max_attempts')) > 1;
  return (
    <details>
      <summary>Overlap, retries, deadlines, window</summary>
      <div class="pair">
        <Choice label="When another run is under way" wrong={wrongAt(problem, '/overlap')} value={spec.overlap ?? 'ALLOW'} of={overlaps} onChange={(overlap) => set({ overlap })} />
        <Choice label="When nobody was there to fire" wrong={wrongAt(problem, '/misfire')} value={spec.misfire?.policy ?? 'LAST'} of={misfires} onChange={(policy) => set({ misfire: { ...spec.misfire, policy } })} />
        {quantities.filter(([path]) => retries || !path.startsWith('retry/') || path.endsWith('attempts')).map(([path, label, hint, isBare]) => (
          <Quantity key={path} label={label} hint={hint} isBare={isBare} value={valueAt(spec, path) as number | undefined} onChange={(v) => set(withValue(spec, path, v))}
            wrong={wrongAt(problem, `/${path}`) ?? (path.endsWith('attempts') && problem?.pointer === '/retry' ? wrongAt(problem, '/retry') : undefined)} />
        ))}
        {retries && <RetryOn spec={spec} problem={problem} set={set} />}
        {windows.map(([name, label, placeholder]) => <Text key={name} label={label} value={window[name] ?? ''} placeholder={placeholder} list={placeholder ? undefined : 'zone-names'} wrong={wrongAt(problem, `/window/${name}`)} onChange={(v) => set({ window: { ...window, [name]: v } })} />)}
      </div>
    </details>
  );
}

export function Form({ draft, isNew, problem, zones, queues, onChange }: FormProps) {
  const { spec } = draft;
  const set = (change: Partial<Spec>): void => onChange({ ...draft, spec: { ...spec, ...change } });
  return (
    <>
      <div class="pair">
        <Text label="Key *" value={draft.key} disabled={!isNew} required wrong={wrongAt(problem, '/key')} hint="Names the task for ever: letters, digits, . _ -" onChange={(key) => onChange({ ...draft, key: key.trim() })} />
        <Text label="Project" value={draft.project} disabled={!isNew} wrong={wrongAt(problem, '/project')} onChange={(project) => onChange({ ...draft, project: project.trim() })} />
        <Text label="Title" value={spec.title ?? ''} wrong={wrongAt(problem, '/title')} onChange={(title) => set({ title })} />
        <Text label="Queue *" value={spec.queue ?? ''} list="queue-names" wrong={wrongAt(problem, '/queue')} hint="Which workers do it" onChange={(queue) => set({ queue: queue.trim() })} />
      </div>
      <Schedules spec={spec} problem={problem} set={set} />
      <PayloadFields spec={spec} problem={problem} set={set} />
      <Calendars list={spec.calendars ?? []} problem={problem} set={set} />
      <Followers spec={spec} problem={problem} set={set} />
      <Policies spec={spec} problem={problem} set={set} />
      <Field label="Labels" hint="One a line, name=value" wrong={wrongAt(problem, '/labels')}>
        {(ids) => <textarea {...ids} class="input mono" rows={2} spellcheck={false} value={writeLabels(spec.labels)} onChange={(e) => set({ labels: readLabels(e.currentTarget.value) })} />}
      </Field>
      <datalist id="zone-names">{zones.map((z) => <option key={z} value={z} />)}</datalist>
      <datalist id="queue-names">{queues.map((q) => <option key={q} value={q} />)}</datalist>
    </>
  );
}
