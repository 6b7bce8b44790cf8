// source.ts - where the viewer's rows come from: all lines of a writer by number, or those that a filter leaves.
import { signal, type Signal } from '@preact/signals';
import { ask, query } from '../api.ts';
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
  /** How many rows there are, as far as is known. */
  count: Signal<number>;
  problem: Signal<string>;
  at(row: number): Line | 'missing' | undefined;
  /** The row of a line's number, or of the next one that there is. */
  rowOf(seq: number): number;
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

/** All lines: row r is line r + 1, and any place of a million is one page away. */
export function allLines(which: Which, known: number): Source {
  const ring = new Ring();
  const version = signal(0);
  const count = signal(known);
  const problem = signal('');
  const flights = new Map<number, AbortController>();

  const fetchPage = async (page: number): Promise<void> => {
    const flight = new AbortController();
    const first = page * PAGE + 1;
    flights.set(page, flight);
    try {
      const answer = await ask<Lines>(`${path(which)}${query({ attempt: which.attempt, writer: which.writer, line: first, limit: PAGE })}`, { signal: flight.signal });
      problem.value = answer.problem?.detail ?? '';
      if (answer.data) {
        const lines = answer.data.items.filter((l) => l.seq < first + PAGE);
        const beyond = answer.data.items.length > lines.length || (count.peek() >= first + PAGE);
        const last = beyond ? first + PAGE - 1 : lines.length ? lines[lines.length - 1]!.seq : first - 1;
        ring.put(lines, first, last);
        count.value = Math.max(count.peek(), last);
        version.value++;
      }
    } catch { /* cut off: it is not looked at any more */ }
    flights.delete(page);
  };

  return {
    version, count, problem,
    at: (row) => ring.at(row + 1),
    rowOf: (seq) => seq - 1,
    need(from, to) {
      const wanted = new Set<number>();
      for (let p = pageOf(from + 1); p <= pageOf(Math.max(from, to) + 1); p++) wanted.add(p);
      for (const [page, flight] of flights) if (!wanted.has(page)) flight.abort();
      for (const page of wanted) {
        const last = Math.min((page + 1) * PAGE, count.peek());
        if (!flights.has(page) && (ring.at(page * PAGE + 1) === undefined || ring.at(last) === undefined)) void fetchPage(page);
      }
    },
    push(lines) {
      const first = lines[0]?.seq;
      const last = lines[lines.length - 1]?.seq;
      if (first === undefined || last === undefined) return;
      ring.put(lines, first, last);
      count.value = Math.max(count.peek(), last);
      version.value++;
    },
    refresh() { void fetchPage(pageOf(Math.max(1, count.peek() + 1))); },
    known(lines) { count.value = Math.max(count.peek(), lines); },
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
  const version = signal(0);
  const count = signal(0);
  const problem = signal('');

  const load = async (more: Record<string, string | number>, place: (got: Line[], data: Lines) => void): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const answer = await ask<Lines>(`${path(which)}${query({ ...('before' in more ? {} : { attempt: which.attempt, writer: which.writer }), ...filter, ...more })}`, { signal: flight.signal });
      problem.value = answer.problem?.detail ?? '';
      if (answer.data) {
        place(answer.data.items, answer.data);
        if (lines.length > KEPT) lines = lines.slice(-KEPT);
        count.value = lines.length;
        version.value++;
      }
    } catch { /* stopped */ }
    busy = false;
  };
  const newer = (got: Line[]): void => {
    const last = lines[lines.length - 1]?.seq ?? 0;
    lines = [...lines, ...got.filter((l) => l.seq > last)];
  };

  void load({ tail: 1000 }, (got, data) => { lines = got; before = data.prev; });
  return {
    version, count, problem,
    at: (row) => lines[row],
    rowOf: (seq) => { const row = lines.findIndex((l) => l.seq >= seq); return row < 0 ? Math.max(0, lines.length - 1) : row; },
    need(from) {
      const cursor = before;
      if (from < 100 && cursor !== undefined && lines.length < KEPT)
        void load({ before: cursor, limit: PAGE }, (got, data) => { lines = [...got, ...lines]; before = data.prev; });
    },
    push(got) {
      const rank = ['DEBUG', 'INFO', 'WARN', 'ERROR'];
      newer(got.filter((l) => rank.indexOf(l.level) >= rank.indexOf(filter.level ?? 'DEBUG') && (!filter.stream || filter.stream.split(',').includes(l.stream))));
      count.value = lines.length;
      version.value++;
    },
    refresh() { void load({ tail: 500 }, newer); },
    known() { /* what a filter leaves of them is not known */ },
    stop() { flight.abort(); },
  };
}
