// ring.ts - the lines of one writer that are at hand, by number: pages of 500, the least recently seen dropped beyond
// 20,000 lines or 8 MiB. Pure.

export interface Line {
  attempt: number;
  writer: string;
  seq: number;
  at: string;
  level: string;
  stream: string;
  message: string;
  unfinished?: boolean;
  escaped?: boolean;
}

export const PAGE = 500;
const LINES_MAX = 20_000;
const BYTES_MAX = 8 << 20;

interface Page {
  lines: Map<number, Line>;
  /** Up to which number it is known what there is: lines that are not in `lines` never arrived. */
  until: number;
  bytes: number;
}

export const pageOf = (seq: number): number => Math.floor((seq - 1) / PAGE);

export class Ring {
  private pages = new Map<number, Page>();
  private lines = 0;
  private bytes = 0;

  /** The line, 'missing' when it never arrived, undefined when it is not at hand. */
  at(seq: number): Line | 'missing' | undefined {
    const page = this.pages.get(pageOf(seq));
    if (!page) return undefined;
    return page.lines.get(seq) ?? (seq <= page.until ? 'missing' : undefined);
  }

  /** Lines as they came for [from, until]: whatever is not among them does not exist. */
  put(lines: Line[], from: number, until: number): void {
    for (const line of lines) this.add(line);
    for (let p = pageOf(from); p <= pageOf(until); p++) {
      const page = this.page(p);
      const first = p * PAGE + 1;
      if (from <= Math.max(first, page.until + 1)) page.until = Math.max(page.until, Math.min(until, first + PAGE - 1));
    }
    this.shrink(pageOf(until));
  }

  /** How many lines are held; for tests. */
  get size(): number {
    return this.lines;
  }

  private page(number: number): Page {
    const known = this.pages.get(number);
    if (known) this.pages.delete(number);
    const page = known ?? { lines: new Map(), until: number * PAGE, bytes: 0 };
    this.pages.set(number, page); // the newest in the order of use
    return page;
  }

  private add(line: Line): void {
    const page = this.page(pageOf(line.seq));
    if (page.lines.has(line.seq)) return;
    page.lines.set(line.seq, line);
    page.bytes += 2 * line.message.length;
    this.lines++;
    this.bytes += 2 * line.message.length;
  }

  private shrink(keep: number): void {
    for (const [number, page] of this.pages) {
      if (this.lines <= LINES_MAX && this.bytes <= BYTES_MAX) return;
      if (number === keep) continue;
      this.pages.delete(number);
      this.lines -= page.lines.size;
      this.bytes -= page.bytes;
    }
  }
}

/** "812" or "812-840" of an address. */
export function readLines(text: string): { from: number; to: number } | undefined {
  const m = /^([1-9]\d{0,11})(?:-([1-9]\d{0,11}))?$/.exec(text);
  if (!m) return undefined;
  const from = Number(m[1]);
  const to = Number(m[2] ?? m[1]);
  return { from: Math.min(from, to), to: Math.max(from, to) };
}

/** Where rows of 20 px stand when all of them together are higher than a browser can scroll. */
export interface Scale {
  height: number; // of what is scrolled, px
  /** The first row at a scroll position, with its fraction, and back. */
  rowAt: (top: number) => number;
  topOf: (row: number) => number;
}

const HEIGHT_MAX = 8_000_000;

export function scale(rows: number, rowHeight: number, viewport: number): Scale {
  const whole = rows * rowHeight;
  const height = Math.min(whole, HEIGHT_MAX);
  const factor = whole > height ? (whole - viewport) / (height - viewport) : 1;
  return {
    height,
    rowAt: (top) => (Math.max(0, top) * factor) / rowHeight,
    topOf: (row) => (row * rowHeight) / factor,
  };
}
