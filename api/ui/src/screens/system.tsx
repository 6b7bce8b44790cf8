// system.tsx - the parts of the installation: who has which partition, how far behind, what stands and how to cure it.
import { zoneNamed, now } from '../state.ts';
import { health, inWords, together, useSystem, type Partition, type System, type Trouble } from '../system.ts';
import { count, span, when } from '../time.ts';
import { Fact } from '../ui/fact.tsx';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { Empty, Shown } from '../ui/problem.tsx';
import { toast } from '../ui/toast.tsx';
import { useZone } from '../ui/zonemenu.tsx';

const ROWS = 100; // more partitions: only those that lag or are in trouble

function Cure({ t }: { t: Trouble }) {
  const copy = (): void => void navigator.clipboard?.writeText(t.cure ?? '').then(() => toast('The command is copied.'));
  return (
    <div class="break">
      <Icon name={t.kind === 'LOST' ? 'g-late' : 'g-failed'} class={t.kind === 'LOST' ? 'warn' : 'bad'} /> <Foreign text={inWords(t)} />
      {t.cure && <span class="sub"><code><Foreign text={t.cure} /></code> <button class="btn quiet small" onClick={copy}><Icon name="i-copy" />Copy</button></span>}
    </div>
  );
}

function Row({ p }: { p: Partition }) {
  return (
    <tr>
      <td class="strong">{p.partition}</td>
      <td class="mono">{p.scheduler ? <Foreign text={p.scheduler} /> : <span class="bad">nobody</span>}</td>
      <td class="mono opt">{p.consumer ? <Foreign text={p.consumer} /> : <span class="bad">nobody</span>}</td>
      <td class="num opt">{p.watermark && `${span(p.watermark.age_ms)} ago`}</td>
      <td class="num">{p.lag === undefined ? '' : count(p.lag)}</td>
      <td class="two">{p.problems.length === 0 ? <span class="st ok"><Icon name="g-ok" />well</span> : together(p.problems).map((t) => <Cure key={t.kind + t.topic} t={t} />)}</td>
    </tr>
  );
}

function Partitions({ list }: { list: Partition[] }) {
  const shown = list.length <= ROWS ? list : list.filter((p) => p.problems.length > 0 || !p.scheduler || (p.lag ?? 0) > 100).slice(0, ROWS);
  return (
    <Panel name="Partitions" note={shown.length < list.length ? `${count(list.length)} in all; those that lag or are in trouble` : `${count(list.length)} shares of all tasks: a scheduler decides what is due, a consumer stores what happened`}>
      {shown.length === 0 ? <Empty><p>{list.length === 0 ? 'The broker could not be asked yet.' : 'All partitions are well.'}</p></Empty> : (
        <div class="scroll" tabIndex={0}><table>
          <thead><tr><th>Partition</th><th>Scheduler</th><th class="opt">Consumer</th><th class="num opt">Last decided</th><th class="num">To be stored</th><th>State</th></tr></thead>
          <tbody>{shown.map((p) => <Row key={p.partition} p={p} />)}</tbody>
        </table></div>
      )}
    </Panel>
  );
}

export function Health({ s }: { s: System }) {
  return (
    <dl class="pairs">
      {health(s).map((l) => <><dt>{l.what}</dt><dd><Foreign text={l.text} /> <Icon name={l.ok ? 'g-ok' : 'g-missed'} class={l.ok ? 'ok' : 'warn'} /><span class="vh">{l.ok ? 'well' : 'to be looked at'}</span></dd></>)}
    </dl>
  );
}

function Facts({ s, zone }: { s: System; zone: string }) {
  const date = (at: string | undefined): string => (at ? when(zoneNamed(zone), Date.parse(at), now.value).replace(/, 00:00$/, '') : 'not known');
  return (
    <Panel name="Versions, and what is kept">
      <dl class="kv">
        <Fact name="Cron Observer">{s.versions.cronobs}{s.versions.schema !== undefined && `, tables of version ${s.versions.schema}`}</Fact>
        {s.versions.postgresql && <Fact name="PostgreSQL">{s.versions.postgresql}</Fact>}
        <Fact name="History from">{date(s.retention.history_from)}</Fact>
        <Fact name="Logs from">{date(s.retention.logs_from)}</Fact>
        {s.dead_letters && s.dead_letters.count > 0 && <Fact name="Unreadable">{count(s.dead_letters.count)}{s.dead_letters.more && '+'} records, the newest {date(s.dead_letters.newest_at)}: <code>cronobs dead-letter list</code></Fact>}
        {s.tzdata.map((t) => <><dt>tzdata, <Foreign text={t.node} /></dt><dd><Foreign text={t.tzdata} /></dd></>)}
        {(s.retention.topics ?? []).map((t) => <><dt class="mono"><Foreign text={t.topic} /></dt><dd>{t.policy === 'compact' ? 'the newest of each key' : t.ms === undefined ? 'kept for ever' : `kept ${span(t.ms)}`}</dd></>)}
      </dl>
    </Panel>
  );
}

export default function SystemScreen() {
  const seen = useSystem();
  const zone = useZone();
  return (
    <>
      <div class="head"><h1>System</h1></div>
      <Shown of={seen} rows={10}>
        {(s) => (
          <div class="cols flush">
            <Partitions list={s.partitions ?? []} />
            <div class="stack">
              <Panel name="Is all well?"><Health s={s} /></Panel>
              <Facts s={s} zone={zone} />
            </div>
          </div>
        )}
      </Shown>
    </>
  );
}
