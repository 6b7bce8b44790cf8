// import.tsx - a crontab becomes tasks: each line is shown in words before anything is saved.
import { useState } from 'preact/hooks';
import { ask, intent, reloadAll, segment, useResource, type Problem } from '../api.ts';
import { spelt } from '../log/ansi.ts';
import { useExplain } from '../explain.ts';
import { href } from '../router.ts';
import { browserZone, isAway, now } from '../state.ts';
import { counted, relative } from '../time.ts';
import { Field, Text } from '../ui/dialog.tsx';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { Empty, ProblemBox } from '../ui/problem.tsx';
import { Time } from '../ui/time.tsx';
import { useZone } from '../ui/zonemenu.tsx';

interface Entry {
  line: number;
  key: string;
  schedule: string;
  zone: string;
  next_at?: string;
  command: string;
  result: string;
}

interface Said {
  line: number;
  column?: number;
  text: string;
  why: string;
  hint?: string;
}

interface Report {
  source: string;
  project: string;
  dry_run: boolean;
  entries: Entry[];
  refused: Said[];
  ignored: Said[];
  notes: Said[];
  settings: { line: number; name: string; entries: number }[];
  vanished: { key: string; deleted: boolean; why?: string }[];
  counts: Record<string, number>;
}

interface Asked {
  text: string;
  project: string;
  source: string;
  queue: string;
  zone: string;
  system: boolean;
  prune: boolean;
}

const SIZE_MAX = 900_000;
const glyphs: Record<string, string> = { new: 'g-planned', created: 'g-ok', updated: 'g-ok', unchanged: 'g-pending', known: 'g-pending', pending: 'g-waiting', refused: 'g-failed', unknown: 'g-late' };
const words: Record<string, string> = { known: 'there already', pending: 'accepted', unknown: 'not known' }; // the others are words

function InWords({ entry }: { entry: Entry }) {
  const seen = useExplain({ expression: entry.schedule, zone: entry.zone, dialect: 'VIXIE', count: 1 });
  return <Foreign text={seen.data?.description ?? entry.schedule} />;
}

function Entries({ report, zone }: { report: Report; zone: string }) {
  return (
    <div class="scroll"><table>
      <thead><tr><th class="num">Line</th><th>Task</th><th>When</th><th>Next</th><th>Command</th><th>Result</th></tr></thead>
      <tbody>
        {report.entries.map((e) => (
          <tr key={e.line}>
            <td class="num dim">{e.line}</td>
            <td class="mono"><a href={href(`/tasks/${segment(`${report.project}~${e.key}`)}`)}><Foreign text={e.key} /></a></td>
            <td class="two"><InWords entry={e} /><span class="sub mono"><Foreign text={e.schedule} /></span></td>
            <td class="nowrap">{e.next_at && <><Time at={e.next_at} zone={zone} /><span class="sub">{relative(Date.parse(e.next_at), now.value)}</span></>}</td>
            <td class="mono cut what" title={spelt(e.command)}><Foreign text={e.command} /></td>
            <td class="nowrap"><Icon name={glyphs[e.result] ?? 'g-unknown'} /> {words[e.result] ?? e.result}</td>
          </tr>
        ))}
      </tbody>
    </table></div>
  );
}

function Lines({ title, list, tone }: { title: string; list: Said[]; tone: string }) {
  if (list.length === 0) return null;
  return (
    <Panel name={title}>
      <ul class="body notes">
        {list.map((r, i) => (
          <li key={i}><Icon name={tone === 'bad' ? 'g-failed' : 'g-late'} class={tone} />
            <div class="break"><span class="strong">{r.line}{r.column !== undefined && `:${r.column}`}</span> <code><Foreign text={r.text} /></code><div><Foreign text={r.why} /></div>{r.hint && <div class="dim"><Foreign text={r.hint} /></div>}</div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Result({ report, prune, zone }: { report: Report; prune: boolean; zone: string }) {
  const used = report.settings.map((s) => `${s.name} (line ${s.line})`).join(', ');
  return (
    <div class="stack" aria-live="polite">
      <Panel name={report.dry_run ? 'What it would make' : 'What came of it'} note={Object.entries(report.counts).filter(([k, n]) => n > 0 && k !== 'read').map(([k, n]) => `${n} ${words[k] ?? k}`).join(', ')}>
        {report.entries.length === 0 ? <Empty><p>No line of it is a task.</p></Empty> : <Entries report={report} zone={zone} />}
        {used && <p class="body dim">Settings that took part: <Foreign text={used} />.</p>}
      </Panel>
      <Lines title="Refused" list={report.refused} tone="bad" />
      <Lines title="Worth knowing" list={report.notes} tone="warn" />
      <Lines title="Left out on purpose" list={report.ignored} tone="idle" />
      {report.vanished.length > 0 && <Panel name="Not in this crontab any more" note={report.dry_run && (prune ? 'they would be deleted' : 'they stay, unless you delete them')}><ul class="body notes">{report.vanished.map((v) => <li key={v.key}><span class="mono"><Foreign text={v.key} /></span> {v.deleted ? 'deleted' : v.why ?? (report.dry_run ? '' : 'stays')}</li>)}</ul></Panel>}
    </div>
  );
}

export default function Import() {
  const zoneName = useZone();
  const [asked, setAsked] = useState<Asked>({ text: '', project: 'default', source: 'crontab', queue: 'default', zone: browserZone, system: false, prune: false });
  const [report, setReport] = useState<Report>();
  const [of, setOf] = useState(''); // what the report is of
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(intent);
  const queues = useResource<{ items: { name: string }[] }>('/v1/queues');
  const text = JSON.stringify(asked);

  const set = (change: Partial<Asked>): void => {
    setAsked({ ...asked, ...change });
    setKey(intent());
  };
  const take = (file: File | undefined): void => {
    if (!file) return;
    if (file.size > SIZE_MAX) return setProblem({ status: 413, title: 'The file is too large', detail: `${file.name} has ${file.size} bytes, more than ${SIZE_MAX}.` });
    void file.text().then((t) => set({ text: t, source: file.name }));
  };
  const send = async (dryRun: boolean): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    const answer = await ask<Report>('/v1/crontabs:import', { method: 'POST', headers: { 'Content-Type': 'application/json', ...(dryRun ? {} : { 'Idempotency-Key': key }) }, body: JSON.stringify({ ...asked, dry_run: dryRun }) });
    setBusy(false);
    if (!answer.data) return setProblem(answer.problem);
    setReport(answer.data);
    setOf(dryRun ? text : '');
    if (!dryRun) reloadAll();
  };
  const tried = report?.dry_run === true && of === text;

  return (
    <form onSubmit={(e) => { e.preventDefault(); if (!busy && !isAway.value && asked.text.trim()) void send(!tried); }}>
      <div class="head">
        <h1>Import a crontab</h1>
        <div class="acts">
          <button class="btn first" aria-disabled={busy || isAway.value || !asked.text.trim()}>{busy ? 'Reading…' : tried ? `Import ${counted(report!.entries.length, 'task')}` : 'Show what it means'}</button>
        </div>
      </div>
      {problem && <div class="field"><ProblemBox problem={problem} /></div>}
      <div class="halves">
        <section class="panel" aria-label="The crontab"><div class="body" onDragOver={(e) => e.preventDefault()} onDrop={(e) => { e.preventDefault(); take(e.dataTransfer?.files[0]); }}>
          <Field label="Crontab" hint="Paste it here, drop the file, or choose it">
            {(ids) => <textarea {...ids} class="input mono" rows={16} spellcheck={false} wrap="off" value={asked.text} onInput={(e) => set({ text: e.currentTarget.value })} />}
          </Field>
          <Field label="File">{(ids) => <input {...ids} type="file" onChange={(e) => take(e.currentTarget.files?.[0])} />}</Field>
          <div class="pair">
            {([['project', 'Project'], ['source', 'Name of this crontab', 'What it is known by when it is imported again'], ['queue', 'Queue'], ['zone', 'Zone of the machine', 'Where it says none itself']] as const)
              .map(([name, label, hint]) => <Text key={name} label={label} hint={hint} list={name === 'queue' ? 'queues' : undefined} value={asked[name]} onChange={(v) => set({ [name]: v.trim() })} />)}
          </div>
          <label class="check"><input type="checkbox" checked={asked.system} onChange={(e) => set({ system: e.currentTarget.checked })} />A system crontab: a user stands before the command</label>
          <label class="check"><input type="checkbox" checked={asked.prune} onChange={(e) => set({ prune: e.currentTarget.checked })} />Delete tasks of this crontab that are not in it any more</label>
          <datalist id="queues">{(queues.data?.items ?? []).map((q) => <option key={q.name} value={q.name} />)}</datalist>
        </div></section>
        {report ? <Result report={report} prune={asked.prune} zone={zoneName} /> : <section class="panel"><Empty><p>Each line appears here in words, with its next run, before anything is saved.</p></Empty></section>}
      </div>
    </form>
  );
}
