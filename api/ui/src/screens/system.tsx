// system.tsx - the parts of the installation: who has which partition, how far behind, what stands and how to cure it.
import { zoneNamed, now } from '../state.ts';
import { health, inWords, useSystem, type Partition, type System, type Trouble } from '../system.ts';
import { count, counted, span, when } from '../time.ts';
import { Icon } from '../ui/icon.tsx';
import { Empty, Shown } from '../ui/problem.tsx';
import { toast } from '../ui/toast.tsx';
import { useZone } from '../ui/zonemenu.tsx';

const ROWS = 100; // more partitions: only those that lag or are in trouble

function Cure({ t }: { t: Trouble }) {
  const copy = (): void => void navigator.clipboard?.writeText(t.cure ?? '').then(() => toast('The command is copied.'));
  return (
    <div class="break">
      <Icon name={t.kind === 'LOST' ? 'g-late' : 'g-failed'} class={t.kind === 'LOST' ? 'warn' : 'bad'} /> {inWords(t)}
      {t.cure && <span class="sub"><code>{t.cure}</code> <button class="btn quiet small" onClick={copy}><Icon name="i-copy" />Copy</button></span>}
    </div>
  );
}

function Row({ p }: { p: Partition }) {
  return (
    <tr>
      <td class="num strong">{p.partition}</td>
      <td class="mono">{p.scheduler ?? <span class="bad">nobody</span>}</td>
      <td class="mono opt">{p.consumer ?? <span class="bad">nobody</span>}</td>
      <td class="num opt">{p.watermark ? span(p.watermark.age_ms) : ''}</td>
      <td class="num">{p.lag === undefined ? '' : count(p.lag)}</td>
      <td class="two">{p.problems.length === 0 ? <span class="st ok"><Icon name="g-ok" />well</span> : p.problems.map((t) => <Cure key={t.kind + t.topic} t={t} />)}</td>
    </tr>
  );
}

function Partitions({ list }: { list: Partition[] }) {
  const shown = list.length <= ROWS ? list : list.filter((p) => p.problems.length > 0 || !p.scheduler || (p.lag ?? 0) > 100).slice(0, ROWS);
  return (
    <section class="panel" aria-labelledby="partitions">
      <header><h2 id="partitions">Partitions</h2><span class="dim">{shown.length < list.length ? `${count(list.length)} in all; those that lag or are in trouble` : counted(list.length, 'partition')}</span></header>
      {shown.length === 0 ? <Empty><p>{list.length === 0 ? 'The broker could not be asked yet.' : 'All partitions are well.'}</p></Empty> : (
        <div class="scroll"><table>
          <thead><tr><th class="num">Partition</th><th>Scheduler</th><th class="opt">Consumer</th><th class="num opt">Decided</th><th class="num">Behind</th><th>State</th></tr></thead>
          <tbody>{shown.map((p) => <Row key={p.partition} p={p} />)}</tbody>
        </table></div>
      )}
    </section>
  );
}

export function Health({ s }: { s: System }) {
  return (
    <dl class="pairs">
      {health(s).map((l) => <><dt>{l.what}</dt><dd>{l.text} <Icon name={l.ok ? 'g-ok' : 'g-missed'} class={l.ok ? 'ok' : 'warn'} /><span class="vh">{l.ok ? 'well' : 'to be looked at'}</span></dd></>)}
    </dl>
  );
}

function Facts({ s, zone }: { s: System; zone: string }) {
  const date = (at: string | undefined): string => (at ? when(zoneNamed(zone), Date.parse(at), now.value).replace(/, 00:00$/, '') : 'not known');
  return (
    <section class="panel" aria-labelledby="facts">
      <header><h2 id="facts">Versions, retention</h2></header>
      <dl class="kv">
        <dt>Cron Observer</dt><dd>{s.versions.cronobs}{s.versions.schema !== undefined && `, tables of version ${s.versions.schema}`}</dd>
        {s.versions.postgresql && <><dt>PostgreSQL</dt><dd>{s.versions.postgresql}</dd></>}
        <dt>History from</dt><dd>{date(s.retention.history_from)}</dd>
        <dt>Logs from</dt><dd>{date(s.retention.logs_from)}</dd>
        {s.dead_letters && s.dead_letters.count > 0 && <><dt>Put aside</dt><dd>{count(s.dead_letters.count)}{s.dead_letters.more && '+'} records, the newest {date(s.dead_letters.newest_at)}: <code>cronobs dead-letter list</code></dd></>}
        {s.lateness && <><dt>Lateness</dt><dd>{s.lateness.p50_ms !== undefined ? `${span(s.lateness.p50_ms)} median, ${span(s.lateness.p99_ms ?? 0)} 99th percentile of ` : ''}{counted(s.lateness.fired, 'firing')} in the last hour</dd></>}
        {s.tzdata.map((t) => <><dt>tzdata, {t.node}</dt><dd>{t.tzdata}</dd></>)}
        {(s.retention.topics ?? []).map((t) => <><dt class="mono">{t.topic}</dt><dd>{t.policy === 'compact' ? 'the newest of each key' : t.ms === undefined ? 'kept for ever' : `kept ${span(t.ms)}`}</dd></>)}
      </dl>
    </section>
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
              <section class="panel" aria-labelledby="health"><header><h2 id="health">Is all well</h2></header><Health s={s} /></section>
              <Facts s={s} zone={zone} />
            </div>
          </div>
        )}
      </Shown>
    </>
  );
}
