// source.ts - where the viewer's rows come from: all lines of a writer by number, or those that a filter leaves. Lines that another goes on with
// have no row of their own (folds.ts): a row here is one that is shown.
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { ask, query } from '../api.ts';
import { Folds, type Whole } from './folds.ts';
import { PAGE, pageOf, Ring, type Line } from './ring.ts';

/** Whose lines, and which. */
export interface Which {
  execution: string;
  attempt: number;
  writer: string;
}

export interface Source {
  /** Changes when rows have come. */
  version: Signal<number>;
  /** How many rows there are, as far as is known, and lines. */
  count: ReadonlySignal<number>;
  total: Signal<number>;
  problem: Signal<string>;
  at(row: number): Whole | 'missing' | undefined;
  /** The row of a line's number, or of the next one that there is; and back. */
  rowOf(seq: number): number;
  seqAt(row: number): number;
  /** Fetches what of these rows is not at hand. */
  need(from: number, to: number): void;
  /** Lines that were told by the stream. */
  push(lines: Line[]): void;
  /** More may have come. */
  refresh(): void;
  /** So many lines are stored, as somebody else was told. */
  known(lines: number): void;
  stop(): void;
}

interface Lines {
  items: Line[];
  next?: string;
  prev?: string;
  more?: boolean;
}

const path = (w: Which): string => `/v1/executions/${w.execution}/logs`;

/** The rows of lines: how many, which line each is, and what changes when lines have come. */
function rowsOf(held: (row: number) => Line | 'missing' | undefined, known: number) {
  const folds = new Folds(held);
  const version = signal(0);
  const total = signal(known);
  const count = computed(() => (void version.value, total.value - folds.before(Infinity)));
  return {
    folds, version, total, count,
    problem: signal(''),
    at: (row: number) => folds.at(folds.nth(row)),
    /** Of a line that has no row of its own it is the row of what goes on with it. */
    rowAt(line: number): number {
      const from = held(line);
      for (let r = line; r < line + PAGE; r++) {
        const at = held(r);
        if (typeof at !== 'object' || typeof from !== 'object') break;
        if (at.stream === from.stream && folds.before(r + 1) === folds.before(r)) return r - folds.before(r);
      }
      return line - folds.before(line);
    },
    /** Lines have come, so that there are `lines` of them. */
    came(first: number, last: number, lines: number, anew = false): void {
      batch(() => {
        total.value = lines;
        folds.look(Math.max(0, pageOf(first) - 1), pageOf(Math.max(first, last)), anew);
        version.value++;
      });
    },
  };
}

/** All lines: line n is the n-th, and any place of a million is one page away. */
export function allLines(which: Which, known: number): Source {
  const ring = new Ring();
  const rows = rowsOf((row) => ring.at(row + 1), known);
  const { folds, total } = rows;
  const flights = new Map<number, AbortController>();

  const put = (lines: Line[], first: number, last: number): void => {
    ring.put(lines, first, last);
    rows.came(first, last, Math.max(total.peek(), last));
  };
  const fetchPage = async (page: number): Promise<void> => {
    const flight = new AbortController();
    const first = page * PAGE + 1;
    flights.set(page, flight);
    try {
      const answer = await ask<Lines>(`${path(which)}${query({ attempt: which.attempt, writer: which.writer, line: first, limit: PAGE })}`, { signal: flight.signal });
      rows.problem.value = answer.problem?.detail ?? '';
      if (answer.data) {
        const lines = answer.data.items.filter((l) => l.seq < first + PAGE);
        const beyond = answer.data.items.length > lines.length || (total.peek() >= first + PAGE);
        put(lines, first, beyond ? first + PAGE - 1 : lines.length ? lines[lines.length - 1]!.seq : first - 1);
      }
    } catch { /* cut off: it is not looked at any more */ }
    flights.delete(page);
  };

  return {
    ...rows,
    rowOf: (seq) => rows.rowAt(seq - 1),
    seqAt: (row) => folds.nth(row) + 1,
    need(from, to) {
      const wanted = new Set<number>();
      for (let row = from; row <= Math.max(from, to); row++) {
        const line = folds.nth(row) + 1;
        wanted.add(pageOf(line));
        if (line > PAGE && folds.before(line - 1) > folds.before(line - 2)) wanted.add(pageOf(line) - 1); // its pieces
      }
      for (const [page, flight] of flights) if (!wanted.has(page)) flight.abort();
      for (const page of wanted) {
        const last = Math.min((page + 1) * PAGE, total.peek());
        if (!flights.has(page) && (ring.at(page * PAGE + 1) === undefined || ring.at(last) === undefined)) void fetchPage(page);
      }
    },
    push(lines) {
      const first = lines[0]?.seq;
      const last = lines[lines.length - 1]?.seq;
      if (first !== undefined && last !== undefined) put(lines, first, last);
    },
    refresh() { void fetchPage(pageOf(Math.max(1, total.peek() + 1))); },
    known(lines) { total.value = Math.max(total.peek(), lines); },
    stop() { flights.forEach((f) => f.abort()); },
  };
}

const KEPT = 20_000;

/** Lines that a filter leaves: from the end backwards, as far as is scrolled. */
export function filteredLines(which: Which, filter: { level?: string; stream?: string }): Source {
  let lines: Line[] = [];
  let before: string | undefined;
  let busy = false;
  const flight = new AbortController();
  const rows = rowsOf((row) => lines[row], 0);
  let began = false;

  const changed = (): void => rows.came(1, lines.length, lines.length, true);
  const load = async (more: Record<string, string | number>, place: (got: Line[], data: Lines) => void): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const answer = await ask<Lines>(`${path(which)}${query({ ...('before' in more ? {} : { attempt: which.attempt, writer: which.writer }), ...filter, ...more })}`, { signal: flight.signal });
      rows.problem.value = answer.problem?.detail ?? '';
      if (answer.data) {
        place(answer.data.items, answer.data);
        if (lines.length > KEPT) lines = lines.slice(-KEPT);
        changed();
      }
    } catch { /* stopped */ }
    busy = false;
  };
  const newer = (got: Line[]): void => {
    const last = lines[lines.length - 1]?.seq ?? 0;
    lines = [...lines, ...got.filter((l) => l.seq > last)];
  };

  const begin = (): void => void load({ tail: 1000 }, (got, data) => { lines = got; before = data.prev; began = true; });
  begin();
  return {
    ...rows,
    rowOf: (seq) => { const row = lines.findIndex((l) => l.seq >= seq); return rows.rowAt(row < 0 ? Math.max(0, lines.length - 1) : row); },
    seqAt: (row) => lines[rows.folds.nth(row)]?.seq ?? 0,
    need(from) {
      const cursor = before;
      if (from < 100 && cursor !== undefined && lines.length < KEPT)
        void load({ before: cursor, limit: PAGE }, (got, data) => { lines = [...got, ...lines]; before = data.prev; });
    },
    push(got) {
      const rank = ['DEBUG', 'INFO', 'WARN', 'ERROR'];
      newer(got.filter((l) => rank.indexOf(l.level) >= rank.indexOf(filter.level ?? 'DEBUG') && (!filter.stream || filter.stream.split(',').includes(l.stream))));
      changed();
    },
    refresh() { if (began) void load({ tail: 500 }, newer); else begin(); },
    known() { /* what a filter leaves of them is not known */ },
    stop() { flight.abort(); },
  };
}
