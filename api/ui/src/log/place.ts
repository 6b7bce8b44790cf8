// place.ts - which rows of a log are in the document, and where in sight they stand.
//
// Rows of 20 px are found by the position of what is scrolled (ring.ts, scale). Wrapped ones have heights of their own: some hundred of them
// follow each other as any text does, others take their place as its edges come near. The place that is looked at is a line's number and how far
// from the top it stands, so it is kept when rows come before it, fold, are wrapped, or wait for their texts. While a log is followed the place is
// its end, so that new rows are drawn once, where they stay, and nothing is measured.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { scale } from './ring.ts';
import type { Source } from './source.ts';

const ROW = 20;
const ROWS_MAX = 120;
const FLOW = 300; // wrapped rows in the document
const EDGE = 60;
const END = 1e9; // px: as far as it can be scrolled

export interface Place {
  /** Rows in the document. */
  first: number;
  last: number;
  shown: number; // at most
  /** Those that are to be at hand. */
  near: [number, number];
  /** The first row in sight, with its fraction, and how many there are. */
  at: number;
  sight: number;
  /** Height of all, and where the rows in the document begin. */
  height?: number;
  top?: number;
  /** Goes to a row: to the top of what is seen, or a third below it. */
  toRow(row: number, third?: boolean): void;
  toEnd(): void;
  /** Of a scroll event: was the end reached, or left upwards? */
  scrolled(): 'end' | 'up' | '';
}

interface Anchor {
  seq: number;
  y: number; // px below the top of what is seen; Infinity: it ends where that ends
}

export function usePlace(source: Source, box: preact.RefObject<HTMLDivElement | null>, wrap: boolean, following: boolean): Place {
  const [scrolledTo, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [start, setStart] = useState(0); // of wrapped rows
  const anchor = useRef<Anchor>(undefined);
  const seen = useRef({ top: 0, first: 0 }); // when the place was last known
  const rows = source.count.value;
  const s = scale(rows, ROW, height);
  const end = Math.max(0, s.height - height);
  const top = following ? end : scrolledTo;
  const at = wrap ? following ? Math.max(0, rows - height / ROW) : source.rowOf(anchor.current?.seq ?? 1) : s.rowAt(top);
  const shown = wrap ? FLOW : Math.min(ROWS_MAX, Math.ceil(height / ROW) + 20);
  const first = Math.max(0, Math.min(wrap ? following ? rows : start : Math.floor(at) - 10, rows - shown));
  const last = Math.min(rows, first + shown) - 1;

  const rowsIn = (): HTMLElement[] => [...(box.current?.querySelectorAll<HTMLElement>('.ln') ?? [])];
  const scroll = (to: number): void => {
    box.current!.scrollTop = to;
    seen.current = { top: box.current!.scrollTop, first };
    setTop(seen.current.top);
  };
  const atEnd = (): boolean => last === rows - 1 && box.current!.scrollTop + box.current!.clientHeight >= box.current!.scrollHeight - 2;
  const note = (): void => {
    const element = box.current!;
    seen.current = { top: element.scrollTop, first };
    const row = s.rowAt(element.scrollTop);
    const all = wrap ? rowsIn() : [];
    const i = Math.max(0, all.findIndex((e) => e.offsetTop + e.offsetHeight > element.scrollTop));
    if (atEnd()) anchor.current = { seq: source.seqAt(Math.max(0, rows - 1)), y: Infinity };
    else if (!wrap) anchor.current = { seq: source.seqAt(Math.floor(row)), y: -ROW * (row % 1) };
    else if (all[i]) anchor.current = { seq: source.seqAt(first + i), y: all[i].offsetTop - element.scrollTop };
    if (wrap && (following || (i < EDGE && first > 0) || (i > FLOW - 2 * EDGE && last < rows - 1))) setStart(first + i - FLOW / 2);
  };
  /** Puts the place that is looked at where it was. */
  const restore = (): void => {
    const { seq, y } = anchor.current!;
    const row = source.rowOf(seq);
    const now = box.current!.scrollTop;
    if (!wrap) {
      const to = s.topOf(Math.max(0, y === Infinity ? row + 1 - height / ROW : row - y / ROW));
      if (Math.abs(s.rowAt(now) - s.rowAt(to)) > 0.5) scroll(to);
      return;
    }
    const element = rowsIn()[row - first];
    const to = element && (y === Infinity ? element.offsetTop + element.offsetHeight - height : element.offsetTop - y);
    if (to === undefined) {
      seen.current.first = -1; // another place, not one that was scrolled to
      setStart(row - FLOW / 2);
    } else if (Math.abs(to - now) >= 1) scroll(to);
  };
  const toEnd = (): void => {
    anchor.current = { seq: source.seqAt(Math.max(0, rows - 1)), y: Infinity };
    restore();
  };

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => setHeight(element.clientHeight);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [source]);
  useLayoutEffect(() => {
    if (following && box.current) box.current.scrollTop = END;
    else if (!anchor.current || !box.current) return;
    else if (box.current.scrollTop !== seen.current.top && first === seen.current.first) note(); // it was scrolled meanwhile
    else restore();
  }, [source.version.value, rows, following, height, wrap, first]);

  return {
    first, last, shown, at, sight: height / ROW, near: wrap ? [Math.max(first, at - EDGE), Math.min(last, at + 2 * EDGE)] : [first, last],
    ...(wrap ? {} : { height: s.height, top: Math.round(first * ROW - at * ROW + top) }),
    toRow(row, third = true) {
      anchor.current = { seq: source.seqAt(Math.max(0, row)), y: third ? ROW * Math.floor(height / ROW / 3) : 0 };
      restore();
    },
    toEnd,
    scrolled() {
      const now = box.current!.scrollTop;
      if (following && (wrap ? atEnd() : now > top - 1)) return ''; // it is this that put it there
      note();
      setTop(now);
      return following ? 'up' : now > top && atEnd() ? 'end' : '';
    },
  };
}
