// form.tsx - a task as fields. Each tells the draft what it says; what the server says of a member stands below its field.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../api.ts';
import { useExplain } from '../explain.ts';
import { Field } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { COMMAND_TYPE, commandOf, readDuration, readLabels, withCommand, writeDuration, writeLabels, type Calendar, type Draft, type Schedule, type Spec } from './draft.ts';

export interface FormProps {
  draft: Draft;
  isNew: boolean;
  problem?: Problem;
  zones: string[];
  queues: string[];
  onChange: (draft: Draft) => void;
}

/** What the server found wrong below this pointer. */
const wrongAt = (problem: Problem | undefined, pointer: string): string | undefined =>
  problem?.pointer !== undefined && (problem.pointer === pointer || problem.pointer.startsWith(`${pointer}/`)) ? [problem.detail, problem.hint].filter(Boolean).join('. ') : undefined;

function Text({ label, value, hint, wrong, onChange, ...more }: { label: string; value: string; hint?: ComponentChildren; wrong?: string; onChange: (v: string) => void; list?: string; required?: boolean; disabled?: boolean; placeholder?: string; class?: string }) {
  return <Field label={label} hint={hint} wrong={wrong}>{(ids) => <input {...ids} {...more} type="text" class={`input ${more.class ?? ''}`} autocomplete="off" spellcheck={false} value={value} onInput={(e) => onChange(e.currentTarget.value)} />}</Field>;
}

function Duration({ label, hint, ms, wrong, onChange }: { label: string; hint: string; ms: number | undefined; wrong?: string; onChange: (ms: number | undefined) => void }) {
  const [text, setText] = useState(writeDuration(ms));
  const [bad, setBad] = useState(false);
  const take = (t: string): void => {
    const value = readDuration(t);
    setText(t);
    setBad(Number.isNaN(value));
    if (!Number.isNaN(value)) onChange(value);
  };
  return <Text label={label} value={text} hint={hint} wrong={bad ? 'Write a number with its unit, as 90 s, 5 min, 2 h' : wrong} onChange={take} placeholder="none" />;
}

function OneSchedule({ schedule, at, problem, only, onChange, onRemove }: { schedule: Schedule; at: number; problem?: Problem; only: boolean; onChange: (s: Schedule) => void; onRemove: () => void }) {
  const seen = useExplain(schedule.expression.trim() ? { ...schedule } : undefined, 150);
  const wrong = seen.problem && seen.problem.status !== 0 ? seen.problem.detail : wrongAt(problem, `/schedules/${at}`);
  const column = seen.problem?.column;
  return (
    <div class="schedule">
      <Field label={at === 0 ? 'When *' : `When, ${at + 1}`} wrong={wrong}
        hint={seen.data && !seen.problem ? <><span class="strong">{seen.data.description}</span>{seen.data.lints.map((l) => <span class="note-line" key={l.text}><Icon name="g-late" class="warn" /> {l.text}{l.column !== undefined && ` (column ${l.column})`}</span>)}</> : 'A cron expression, @every 5m, @daily, cron(…) or rate(…)'}>
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

function Schedules({ spec, problem, set }: { spec: Spec; problem?: Problem; set: (s: Partial<Spec>) => void }) {
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
      {wrongAt(problem, '/calendars') && <div class="field"><div class="wrong">{wrongAt(problem, '/calendars')}</div></div>}
      <button type="button" class="btn small" onClick={() => set({ calendars: [...list, { name: '', mode: 'EXCLUDE', rules: [{ kind: 'date', value: '' }] }] })}><Icon name="i-plus" />Calendar</button>
    </fieldset>
  );
}

function PayloadFields({ spec, problem, set }: { spec: Spec; problem?: Problem; set: (s: Partial<Spec>) => void }) {
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

function Policies({ spec, problem, set }: { spec: Spec; problem?: Problem; set: (s: Partial<Spec>) => void }) {
  const window = spec.window ?? {};
  const setWindow = (name: string, value: string): void => set({ window: { ...window, [name]: value } });
  return (
    <details>
      <summary>Window, jitter, policies</summary>
      <div class="pair">
        <Field label="When another run is under way" wrong={wrongAt(problem, '/overlap')}>{(ids) => <select {...ids} class="input" value={spec.overlap ?? 'ALLOW'} onChange={(e) => set({ overlap: e.currentTarget.value })}><option value="ALLOW">both run</option><option value="SKIP">the new one is skipped</option></select>}</Field>
        <Field label="When nobody was there to fire" wrong={wrongAt(problem, '/misfire')}>{(ids) => <select {...ids} class="input" value={spec.misfire?.policy ?? 'LAST'} onChange={(e) => set({ misfire: { ...spec.misfire, policy: e.currentTarget.value } })}><option value="LAST">make up for the last instant</option><option value="NONE">leave them out</option><option value="ALL">make up for all</option></select>}</Field>
        <Duration label="Start deadline" hint="Not started by then: missed" ms={spec.start_deadline_ms} wrong={wrongAt(problem, '/start_deadline_ms')} onChange={(ms) => set({ start_deadline_ms: ms })} />
        <Duration label="Run timeout" hint="Longer: timed out" ms={spec.run_timeout_ms} wrong={wrongAt(problem, '/run_timeout_ms')} onChange={(ms) => set({ run_timeout_ms: ms })} />
        <Duration label="Jitter" hint="Spreads firings over this long, the same each time" ms={spec.jitter_ms} wrong={wrongAt(problem, '/jitter_ms')} onChange={(ms) => set({ jitter_ms: ms ?? 0 })} />
        <Text label="Window from" value={window['from'] ?? ''} placeholder="2026-12-01T00:00:00Z" wrong={wrongAt(problem, '/window/from')} onChange={(v) => setWindow('from', v)} />
        <Text label="Window until" value={window['until'] ?? ''} placeholder="2027-12-01T00:00:00Z" wrong={wrongAt(problem, '/window/until')} onChange={(v) => setWindow('until', v)} />
        <Text label="Daily from" value={window['daily_from'] ?? ''} placeholder="08:00" wrong={wrongAt(problem, '/window/daily_from')} onChange={(v) => setWindow('daily_from', v)} />
        <Text label="Daily to" value={window['daily_to'] ?? ''} placeholder="18:00" wrong={wrongAt(problem, '/window/daily_to')} onChange={(v) => setWindow('daily_to', v)} />
        <Text label="Zone of the window" value={window['zone'] ?? ''} list="zone-names" wrong={wrongAt(problem, '/window/zone')} onChange={(v) => setWindow('zone', v)} />
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
      <Policies spec={spec} problem={problem} set={set} />
      <Field label="Labels" hint="One a line, name=value" wrong={wrongAt(problem, '/labels')}>
        {(ids) => <textarea {...ids} class="input mono" rows={2} spellcheck={false} value={writeLabels(spec.labels)} onChange={(e) => set({ labels: readLabels(e.currentTarget.value) })} />}
      </Field>
      <datalist id="zone-names">{zones.map((z) => <option key={z} value={z} />)}</datalist>
      <datalist id="queue-names">{queues.map((q) => <option key={q} value={q} />)}</datalist>
    </>
  );
}
