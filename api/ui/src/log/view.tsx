// view.tsx - the log of a run: a million lines, or one that is being written.
//
// A line's name is (attempt, writer, number). At most 120 rows are in the document, recycled while it is scrolled; wrapped, some hundred.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { base } from '../base.ts';
import { query, useResource } from '../api.ts';
import { useKeys } from '../keys.ts';
import { param, set } from '../router.ts';
import { returns, zoneNamed } from '../state.ts';
import { listen } from '../stream.ts';
import { count } from '../time.ts';
import { Icon } from '../ui/icon.tsx';
import { Empty } from '../ui/problem.tsx';
import { Opened } from './opened.tsx';
import type { Whole } from './folds.ts';
import { LevelMap, type Spot } from './map.tsx';
import { usePlace } from './place.ts';
import { readLines, type Line } from './ring.ts';
import { Row } from './row.tsx';
import { SearchBox, type Found } from './searchbox.tsx';
import { allLines, filteredLines } from './source.ts';
import { Tools, type Writers } from './tools.tsx';

const WRITERS_EVERY = 2000; // ms: no topic tells of a first line, or of another writer

interface Props {
  execution: string;
  attempt: number; // the newest
  open: boolean; // it is still being written
  failed: boolean;
  zone: string;
}

/** Makes a line, or with Shift all from those of the address to it, what the address names. */
function pickLine(n: number, extend: boolean): void {
  const hit = extend ? readLines(param('line')) : undefined;
  set({ line: hit ? `${Math.min(hit.from, n)}-${Math.max(hit.to, n)}` : n });
}

/** What is typed stays until it is entered, or given up. */
function LineBox({ current, onLine }: { current: number; onLine: (line: number) => void }) {
  const [typed, setTyped] = useState<string>();
  const enter = (): void => {
    const n = readLines((typed ?? '').replaceAll(',', ''));
    setTyped(undefined);
    if (n) onLine(n.from);
  };
  return (
    <input id="log-line" class="input small" inputMode="numeric" size={9} value={typed ?? (current ? String(current) : '')} onFocus={(e) => e.currentTarget.select()}
      onInput={(e) => setTyped(e.currentTarget.value)} onBlur={enter} onKeyDown={(e) => { if (e.key === 'Enter') enter(); }} />
  );
}

export function LogView({ execution, attempt: newest, open, failed, zone: zoneName }: Props) {
  const attempt = Number(param('attempt')) || newest;
  const writers = useResource<Writers>(`/v1/executions/${execution}/logs:writers?levels=true`, { topics: [`execution:${execution}`], keep: true, every: open ? WRITERS_EVERY : undefined });
  const mine = (writers.data?.items ?? []).filter((w) => w.attempt === attempt);
  const writer = mine.find((w) => w.writer === param('writer')) ?? mine[mine.length - 1];
  if (writers.data && !writer)
    return (
      <section class="panel" aria-label="Log">
        <Tools execution={execution} writers={writers.data} attempt={attempt} writer={undefined} wrap={false} onWrap={() => undefined} />
        <Empty><p>{open ? 'No line has come yet.' : 'This attempt has no log lines.'}</p></Empty>
      </section>
    );
  if (!writers.data || !writer) return <section class="panel" aria-label="Log"><Empty><p>{writers.problem?.detail ?? 'Loading…'}</p></Empty></section>;
  return <Lines key={`${attempt} ${writer.writer} ${param('level')} ${param('stream')}`} execution={execution} writers={writers.data} writer={writer} open={open} failed={failed} zoneName={zoneName} />;
}

function Lines({ execution, writers, writer, open, failed, zoneName }: {
  execution: string; writers: Writers; writer: Writers['items'][number]; open: boolean; failed: boolean; zoneName: string;
}) {
  const { attempt } = writer;
  const level = param('level');
  const stream = param('stream');
  const filtered = level !== '' || stream !== '';
  const which = { execution, attempt, writer: writer.writer };
  const source = useMemo(() => (filtered ? filteredLines(which, { level, stream }) : allLines(which, writer.lines)), []);
  const box = useRef<HTMLDivElement>(null);
  const [wrap, setWrap] = useState(false);
  const [following, setFollowing] = useState(open && param('line') === '');
  const win = usePlace(source, box, wrap, following);
  const [found, setFound] = useState<Found>({ q: '', lines: [] });
  const [opened, setOpened] = useState<Whole>();
  const [seenAt, setSeenAt] = useState(0); // rows there were when following ended
  const zone = zoneNamed(zoneName);
  const hit = readLines(param('line'));
  const rows = source.count.value;
  const total = source.total.value;
  void source.version.value;

  const toLine = (seq: number): void => {
    setFollowing(false);
    set({ line: seq });
    win.toRow(source.rowOf(seq));
  };

  // Where it opens: at the line of the address, else the first error of a failed run, else the end.
  const spots = useResource<{ items: Line[] }>(`/v1/executions/${execution}/logs${query({ attempt, writer: writer.writer, level: 'WARN', limit: 500 })}`);
  const [placed, setPlaced] = useState(false);
  useEffect(() => {
    if (placed || rows === 0) return;
    if (hit) win.toRow(source.rowOf(hit.from));
    else if (failed && !filtered) {
      if (!spots.data) return;
      const error = spots.data.items.find((l) => l.level === 'ERROR');
      if (error) win.toRow(source.rowOf(error.seq));
      else win.toEnd();
    } else win.toEnd();
    setPlaced(true);
  }, [rows, spots.data, win.sight]);

  useEffect(() => { if (placed) source.need(...win.near); }, [placed, ...win.near, rows, returns.value]);
  useEffect(() => source.known(writer.lines), [source, writer.lines]);
  useEffect(() => () => source.stop(), [source]);
  useEffect(() => {
    if (!open) {
      source.refresh();
      return;
    }
    const topic = `log:${execution}:${attempt}:${writer.writer}:${source.total.peek() + 1}`;
    return listen([topic], () => source.refresh(), (piece) => source.push(piece.lines as Line[]));
  }, [open, source]);

  const onScroll = (): void => {
    const went = win.scrolled();
    if (went === 'up') {
      setFollowing(false);
      setSeenAt(total);
    } else if (!following && open && went === 'end') setFollowing(true);
  };
  const errors = (spots.data?.items ?? []).filter((l) => l.level === 'ERROR').map((l) => l.seq);
  const current = hit?.from ?? 0;
  const along = (list: number[], by: 1 | -1): void => {
    const next = by > 0 ? list.find((n) => n > current) ?? list[0] : [...list].reverse().find((n) => n < current) ?? list[list.length - 1];
    if (next !== undefined) toLine(next);
  };
  useKeys([
    { keys: 'e', what: 'Next error of the log', run: () => along(errors, 1) },
    { keys: 'E', what: 'Error before', run: () => along(errors, -1) },
    { keys: 'n', what: 'Next match', run: () => along(found.lines, 1) },
    { keys: 'N', what: 'Match before', run: () => along(found.lines, -1) },
    { keys: 'f', what: 'Follow the log', run: () => { setFollowing(open); win.toEnd(); } },
    { keys: 'End', what: 'End of the log', run: () => { setFollowing(open); win.toEnd(); } },
    { keys: 'Home', what: 'Beginning of the log', run: () => { setFollowing(false); win.toRow(0, false); } },
    { keys: ':', what: 'Go to a line', run: () => document.getElementById('log-line')?.focus() },
    { keys: '/', what: 'Search the log', run: () => document.getElementById('log-search')?.focus() },
  ]);

  const list = [];
  for (let r = win.first; r <= win.last; r++) {
    const line = source.at(r);
    const number = source.seqAt(r);
    const begins = (typeof line === 'object' && line.first) || number;
    list.push(<Row key={r % win.shown} line={line} number={number} zone={zone} q={found.q} hit={hit !== undefined && number >= hit.from && begins <= hit.to} onNumber={pickLine} onOpen={setOpened} />);
  }
  const spotList: Spot[] = filtered ? [] : (spots.data?.items ?? []).map((l) => ({ row: source.rowOf(l.seq), error: l.level === 'ERROR' }));
  return (
    <section class="panel log" aria-label="Log">
      <Tools execution={execution} writers={writers} attempt={attempt} writer={writer} wrap={wrap} onWrap={() => setWrap(!wrap)}>
        <SearchBox execution={execution} attempt={attempt} writer={writer.writer} level={level} current={current} onFound={setFound} onLine={toLine} />
      </Tools>
      {writer.missing && writer.missing.length > 0 && <p class="band">Lines {writer.missing.slice(0, 5).map(([a, b]) => (a === b ? a : `${a}–${b}`)).join(', ')}{writer.missing.length > 5 ? ' and more' : ''} never arrived.</p>}
      {source.problem.value && <p class="band" role="alert">{source.problem.value}</p>}
      <div class="lv">
        <div class={`lines ${wrap ? 'wrap' : ''} ${open ? 'goes-on' : ''}`} ref={box} onScroll={onScroll} tabIndex={0} role="table" aria-label="Log lines" aria-rowcount={total}>
          <div class="spacer" style={{ height: win.height === undefined ? '' : `${win.height}px` }}>
            <div class="rows" style={{ transform: win.top === undefined ? '' : `translateY(${win.top}px)` }}>{list}</div>
          </div>
        </div>
        <LevelMap spots={spotList} rows={rows} from={win.at} to={win.at + win.sight} onPick={(row) => toLine(source.seqAt(row))} />
      </div>
      {opened && <Opened line={opened} onClose={() => setOpened(undefined)} />}
      <div class="foot">
        {open && <button class={`btn small ${following ? 'first' : ''}`} aria-pressed={following} onClick={() => { setFollowing(true); win.toEnd(); }}><Icon name="i-tail" />{following ? 'Following' : total > seenAt && seenAt > 0 ? `${count(total - seenAt)} new` : 'Follow'}</button>}
        <label class="nowrap">line <LineBox current={current} onLine={toLine} /> of {count(filtered ? writer.lines : total)}</label>
        {filtered && <span class="dim">{count(total)} shown here by the filter</span>}
        <span class="grow" />
        <span class="dim opt"><kbd>e</kbd> next error <kbd>:</kbd> go to line <kbd>f</kbd> follow</span>
        <a class="btn quiet small" href={`${base}/v1/executions/${execution}/logs.txt${query({ attempt, writer: writer.writer })}`} download="">Download</a>
      </div>
    </section>
  );
}
