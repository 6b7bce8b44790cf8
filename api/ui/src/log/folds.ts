// folds.ts - lines that the next one of their stream goes on with: a bar that was drawn over and over, a line that came in pieces. They
// are one row, the last one's. Which they are is known of what was at hand once, so places only move while a log is read. Pure.
import { PAGE, type Line } from './ring.ts';

export type Held = (row: number) => Line | 'missing' | undefined;

/** A line, with all that it went on from. */
export interface Whole extends Line {
  first?: number; // of several pieces: the number of the first
}

const BACK = 2000; // rows that are looked back for pieces
const LONG = 1 << 20; // letters that are put together

const goesOn = (line: Line): boolean => line.unfinished === true || line.message.endsWith('\r');

export class Folds {
  private pages = new Map<number, number[]>(); // rows that are no row of their own, in order
  private joined = new Map<number, Whole>();
  private sums: { page: number; before: number }[] = []; // of pages that have some

  constructor(private held: Held) {}

  /** All of a list that has changed from its beginning, or pages of one. */
  look(from: number, to: number, anew = false): void {
    if (anew) this.pages.clear();
    this.joined.clear();
    for (let page = from; page <= to; page++) this.pages.set(page, this.within(page));
    let before = 0;
    this.sums = [...this.pages].filter(([, rows]) => rows.length > 0).sort(([a], [b]) => a - b)
      .map(([page, rows]) => { const sum = { page, before }; before += rows.length; return sum; });
  }

  private within(page: number): number[] {
    const first = page * PAGE;
    if (this.held(first + PAGE - 1) === undefined && this.held(first) === undefined) return this.pages.get(page) ?? []; // dropped meanwhile
    const later = new Set<string>();
    const rows: number[] = [];
    for (let row = first + PAGE; row < first + 2 * PAGE; row++) {
      const line = this.held(row);
      if (typeof line !== 'object') break;
      later.add(line.stream);
    }
    for (let row = first + PAGE - 1; row >= first; row--) {
      const line = this.held(row);
      if (typeof line !== 'object') later.clear(); // what never arrived may have ended it
      else if (later.has(line.stream) && goesOn(line)) rows.unshift(row);
      else later.add(line.stream);
    }
    return rows;
  }

  /** How many rows before this one are none of their own. */
  before(row: number): number {
    const page = Math.floor(row / PAGE);
    let n = 0;
    for (let low = 0, high = this.sums.length; low < high;) {
      const middle = (low + high) >> 1;
      const sum = this.sums[middle]!;
      if (sum.page <= page) {
        n = sum.before + (sum.page < page ? this.pages.get(sum.page)!.length : 0);
        low = middle + 1;
      } else high = middle;
    }
    return n + (this.pages.get(page) ?? []).filter((r) => r < row).length;
  }

  /** The row of the list that is the n-th to be shown. */
  nth(n: number): number {
    let low = n;
    for (let high = n + this.before(Infinity) + 1; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (middle - this.before(middle) <= n) low = middle;
      else high = middle;
    }
    return low;
  }

  /** What a row shows; the same object as long as it shows the same. */
  at(row: number): Whole | 'missing' | undefined {
    const line = this.held(row);
    const page = Math.floor(row / PAGE);
    if (typeof line !== 'object' || ![page, page - 1].some((p) => this.pages.get(p)?.length)) return line;
    const known = this.joined.get(row) ?? this.join(row, line);
    this.joined.set(row, known);
    return known;
  }

  private join(row: number, line: Line): Whole {
    const parts = [line];
    for (let r = row - 1, length = 0; r >= row - BACK && length < LONG; r--) {
      const part = this.held(r);
      if (typeof part !== 'object' || (part.stream === line.stream && !goesOn(part))) break;
      if (part.stream !== line.stream) continue;
      parts.unshift(part);
      length += part.message.length;
    }
    const escaped = parts.some((p) => p.escaped);
    const text = (p: Line): string => (escaped && !p.escaped ? p.message.replaceAll('\\', '\\x5c') : p.message);
    return parts.length === 1 ? line : { ...line, escaped, first: parts[0]!.seq, message: parts.map(text).join('') };
  }
}
