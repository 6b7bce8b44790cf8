// tasks.tsx - find one task of a million, act on many.
import { useEffect, useState } from 'preact/hooks';
import type { Skip } from '../answers.ts';
import { intent, query, segment, useResource, write } from '../api.ts';
import { here, href, param, set } from '../router.ts';
import { useCan } from '../session.ts';
import { counted } from '../time.ts';
import { pause, remove, resume, runNow } from '../ui/actions.tsx';
import { Act, ActLink } from '../ui/act.tsx';
import { closeDialog, Field, openDialog, Question } from '../ui/dialog.tsx';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, type Item } from '../ui/menu.tsx';
import { Empty, Shown } from '../ui/problem.tsx';
import { SkipsOf } from '../ui/skipped.tsx';
import { Status } from '../ui/status.tsx';
import { Strip, type Run } from '../ui/strip.tsx';
import { Relative, Time } from '../ui/time.tsx';
import { useZone } from '../ui/zonemenu.tsx';

interface Task {
  task_id: string;
  project: string;
  key: string;
  title?: string;
  queue: string;
  state: string;
  next_at?: string;
  skip_until?: string;
  skip?: Skip;
  paused?: { at: string; by: string; reason?: string; until?: string };
  recent?: Run[];
  words?: string[];
  spec: { labels?: Record<string, string>; schedules?: { expression: string; zone: string }[] };
}

interface Page {
  items: Task[];
  next?: string;
}

const MANY = 100;
const nameOf = (t: Task): string => `${t.project}~${t.key}`;

/** A field that tells the address what was typed once the typing pauses. */
function Filter({ name, label, placeholder, list }: { name: string; label: string; placeholder: string; list?: string[] }) {
  const given = param(name);
  const [text, setText] = useState(given);
  useEffect(() => setText(given), [given]);
  useEffect(() => {
    if (text.trim() === given) return;
    const timer = setTimeout(() => set({ [name]: text.trim(), cursor: undefined }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <>
      <input class="input" type="search" aria-label={label} placeholder={placeholder} value={text} list={list && `${name}-list`} onInput={(e) => setText(e.currentTarget.value)} />
      {list && <datalist id={`${name}-list`}>{list.map((v) => <option key={v} value={v} />)}</datalist>}
    </>
  );
}

const states = [['', 'All'], ['ACTIVE', 'Active'], ['PAUSED', 'Paused'], ['DELETED', 'Deleted']] as const;

function Filters() {
  const queues = useResource<{ items: { name: string }[] }>('/v1/queues');
  const state = param('state');
  return (
    <div class="tools">
      <Filter name="q" label="Find by key, title or label" placeholder="Key, title or label" />
      <Filter name="project" label="Project" placeholder="Project" />
      <Filter name="queue" label="Queue" placeholder="Queue" list={(queues.data?.items ?? []).map((q) => q.name)} />
      <Filter name="label" label="Label, as name:value" placeholder="Label, as name:value" />
      <div class="seg" role="group" aria-label="State">
        {states.map(([value, text]) => <button key={value} aria-pressed={state === value} onClick={() => set({ state: value, cursor: undefined })}>{text}</button>)}
      </div>
    </div>
  );
}

// --- one action for many ---

interface Line {
  name: string;
  ok: boolean;
  text: string;
}

const verbs = {
  trigger: { title: 'Run now', done: 'runs' },
  pause: { title: 'Pause', done: 'is paused' },
  resume: { title: 'Resume', done: 'is active' },
} as const;

function Bulk({ verb, names }: { verb: keyof typeof verbs; names: string[] }) {
  const [keys] = useState(() => names.map(() => intent()));
  const [reason, setReason] = useState('');
  const [report, setReport] = useState<Line[]>([]);
  const [busy, setBusy] = useState(false);
  const done = report.length === names.length;
  const send = async (): Promise<void> => {
    if (done) return closeDialog();
    setBusy(true);
    for (let i = report.length; i < names.length; i++) {
      const name = names[i]!;
      const answer = await write('POST', `/v1/tasks/${segment(name)}:${verb}`, reason.trim() ? { reason: reason.trim() } : {}, { key: keys[i] });
      const text = answer.ok ? (answer.status === 202 ? 'accepted, not carried out yet' : verbs[verb].done) : answer.problem?.detail ?? 'refused';
      setReport((lines) => [...lines, { name, ok: answer.ok, text }]);
    }
    setBusy(false);
  };
  return (
    <Question title={`${verbs[verb].title}: ${counted(names.length, 'task')}`} action={done ? 'Close' : verbs[verb].title} acts={!done} busy={busy} onSubmit={() => void send()}>
      {report.length === 0 && (
        <Field label="Reason" hint="Stays in the history of each">{(ids) => <input {...ids} class="input" maxLength={200} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />}</Field>
      )}
      <ul class="pre" aria-live="polite">
        {names.map((name, i) => {
          const line = report[i];
          return <li key={name}>{line ? <Icon name={line.ok ? 'g-ok' : 'g-failed'} class={line.ok ? 'ok' : 'bad'} /> : <Icon name="g-pending" class="idle" />} <Foreign text={name} />{line && <span class="dim"> <Foreign text={line.text} /></span>}</li>;
        })}
      </ul>
    </Question>
  );
}

// --- the list ---

function Row({ t, zone, chosen, onChoose }: { t: Task; zone: string; chosen: boolean; onChoose: () => void }) {
  const can = useCan();
  const name = nameOf(t);
  const target = { name, pausedAt: t.paused?.at, zone: t.spec.schedules?.[0]?.zone };
  const last = t.recent?.[0];
  const items: Item[] = [
    ...(can('trigger') ? [{ text: <><Icon name="i-play" />Run now…</>, run: () => runNow(target), acts: true }] : []),
    ...(can('pause') && t.state === 'ACTIVE' ? [{ text: <><Icon name="g-paused" />Pause…</>, run: () => pause(target), acts: true }] : []),
    ...(can('resume') && t.state === 'PAUSED' ? [{ text: <><Icon name="i-play" />Resume…</>, run: () => resume(target), acts: true }] : []),
    ...(can('put') ? [{ text: <><Icon name="i-edit" />Edit</>, href: href(`/tasks/${segment(name)}/edit`), acts: true }] : []),
    ...(can('delete') && t.state !== 'DELETED' ? [{ text: <><Icon name="i-trash" />Delete…</>, run: () => remove(target), acts: true }] : []),
  ];
  const schedule = t.words?.join(' and ') ?? t.spec.schedules?.map((s) => s.expression).join(' and ');
  return (
    <tr class={t.state === 'ACTIVE' ? '' : 'ghost'}>
      <td><input type="checkbox" aria-label={`Choose ${name}`} checked={chosen} onChange={onChoose} /></td>
      <td class="two"><a class="strong" href={href(`/tasks/${segment(name)}`)}><Foreign text={t.title || t.key} /></a><span class="sub mono"><Foreign text={name} /></span></td>
      <td class="two what">
        <span class="cut"><Foreign text={schedule || 'no schedule'} /></span>
        {t.state === 'PAUSED' && <span class="sub"><Icon name="g-paused" /> paused{t.paused && <> by <Foreign text={t.paused.by} />{t.paused.until && <>, until <Time at={t.paused.until} zone={zone} /></>}{t.paused.reason && <>: <Foreign text={t.paused.reason} /></>}</>}</span>}
        {t.skip && <span class="sub"><SkipsOf task={t} zone={zone} /></span>}
        {t.state === 'DELETED' && <span class="sub">deleted</span>}
      </td>
      <td class="nowrap">{t.next_at && <><Time at={t.next_at} zone={zone} /><span class="sub"><Relative to={t.next_at} /></span></>}</td>
      <td class="opt num">{t.recent && <Strip runs={[...t.recent].reverse()} />}</td>
      <td class="opt">{last && <Status of={last.status} />}</td>
      <td class="opt mid"><Foreign text={t.queue} /></td>
      <td class="num"><Menu label={`Actions for ${name}`} class="btn quiet small square" button={<Icon name="i-more" />} items={items} /></td>
    </tr>
  );
}

function List({ page, zone }: { page: Page; zone: string }) {
  const can = useCan();
  const [chosen, setChosen] = useState<string[]>([]);
  const names = page.items.map(nameOf);
  const toggle = (name: string): void => setChosen((c) => (c.includes(name) ? c.filter((n) => n !== name) : [...c, name].slice(0, MANY)));
  const bulk = (verb: keyof typeof verbs): void => openDialog(() => <Bulk verb={verb} names={chosen} />);
  return (
    <>
      <div class="scroll">
        <table class="tasks">
          <thead>
            <tr>
              <th><input type="checkbox" aria-label="Choose all on this page" checked={names.length > 0 && names.every((n) => chosen.includes(n))} onChange={(e) => setChosen(e.currentTarget.checked ? names.slice(0, MANY) : [])} /></th>
              <th>Task</th><th>When</th><th>Next</th><th class="opt num">Last 20</th><th class="opt">Last</th><th class="opt">Queue</th><th><span class="vh">Actions</span></th>
            </tr>
          </thead>
          <tbody>{page.items.map((t) => <Row key={t.task_id} t={t} zone={zone} chosen={chosen.includes(nameOf(t))} onChoose={() => toggle(nameOf(t))} />)}</tbody>
        </table>
      </div>
      <div class={`pages ${chosen.length ? 'chosen' : ''}`}>
        {chosen.length > 0 && (
          <>
            <span>{counted(chosen.length, 'task')} chosen:</span>
            {can('trigger') && <Act class="btn small" onClick={() => bulk('trigger')}>Run now</Act>}
            {can('pause') && <Act class="btn small" onClick={() => bulk('pause')}>Pause</Act>}
            {can('resume') && <Act class="btn small" onClick={() => bulk('resume')}>Resume</Act>}
          </>
        )}
        <span class="grow" />
        {param('cursor') && <a class="btn small" href={here({ cursor: undefined })}>First page</a>}
        {page.next && <a class="btn small" href={here({ cursor: page.next })}>More<Icon name="i-right" /></a>}
      </div>
    </>
  );
}

export default function Tasks() {
  const zone = useZone();
  const can = useCan();
  const filters = { q: param('q'), project: param('project'), queue: param('queue'), label: param('label'), state: param('state') };
  const isFiltered = Object.values(filters).some((v) => v !== '');
  const seen = useResource<Page>(`/v1/tasks${query({ ...filters, include: 'recent,words', limit: 50, cursor: param('cursor') })}`, { topics: ['tasks', 'summary'], keep: true });
  return (
    <>
      <div class="head">
        <h1>Tasks</h1>
        <div class="acts">
          {can('import') && <ActLink class="btn" href={href('/import')}><Icon name="i-upload" />Import a crontab</ActLink>}
        </div>
      </div>
      <Filters />
      <section class="panel" aria-label="Tasks">
        <Shown of={seen} rows={10}>
          {(page) => (page.items.length > 0 ? <List page={page} zone={zone} /> : (
            <Empty>
              {isFiltered || param('cursor')
                ? <><p>No task is like that{page.next ? ' on this page' : ''}.</p><p><a class="btn" href={href('/tasks')}>Clear the filters</a> {page.next && <a class="btn" href={here({ cursor: page.next })}>More</a>}</p></>
                : <><p>There is no task yet.</p><p><ActLink class="btn first" href={href('/new')}>New task</ActLink> <ActLink class="btn" href={href('/import')}>Import a crontab</ActLink></p></>}
            </Empty>
          ))}
        </Shown>
      </section>
    </>
  );
}
