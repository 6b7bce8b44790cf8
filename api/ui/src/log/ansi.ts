// ansi.ts - a line of a log as pieces that can be shown: colours as classes, links, and a box for whatever would act on a
// terminal or on the direction of text. Pure; nothing here makes markup.
//
// Texts of others that are no lines of a log (titles, messages, names) are shown by the same rules but for colours and links: `boxed`.
// Sequences: ECMA-48 SGR (0-9, 21-29, 30-49, 90-107, 38/48 with 5 and 2) and OSC 8 links. All others, C0 and C1 controls, marks of
// direction, characters without width and accents heaped upon a letter are boxes.

export interface Piece {
  text: string;
  /** Classes, blank-separated; "" for none. */
  look: string;
  /** A box: text names what stands there. */
  box?: boolean;
  /** http or https only. */
  link?: string;
}

/** What is on, by its class. */
type Style = Record<string, boolean>;

const on: Record<number, string> = { 1: 'a-bold', 2: 'a-dim', 3: 'a-italic', 4: 'a-under', 9: 'a-strike' };
const off: Record<number, string> = { 21: 'a-bold a-dim', 22: 'a-bold a-dim', 23: 'a-italic', 24: 'a-under', 29: 'a-strike', 39: 'a-f', 49: 'a-b' };

// The sixteen colours that 256 and 24-bit ones are taken to the nearest of (xterm's).
const palette = [
  [0, 0, 0], [205, 0, 0], [0, 205, 0], [205, 205, 0], [0, 0, 238], [205, 0, 205], [0, 205, 205], [229, 229, 229],
  [127, 127, 127], [255, 0, 0], [0, 255, 0], [255, 255, 0], [92, 92, 255], [255, 0, 255], [0, 255, 255], [255, 255, 255],
];

function nearest(r: number, g: number, b: number): number {
  let best = 0;
  let least = Infinity;
  palette.forEach((p, i) => {
    const d = (p[0]! - r) ** 2 + (p[1]! - g) ** 2 + (p[2]! - b) ** 2;
    if (d < least) [least, best] = [d, i];
  });
  return best;
}

function of256(n: number): number {
  if (n < 16) return n;
  if (n >= 232) return nearest(8 + 10 * (n - 232), 8 + 10 * (n - 232), 8 + 10 * (n - 232));
  const level = (v: number): number => (v === 0 ? 0 : 55 + 40 * v);
  const c = n - 16;
  return nearest(level(Math.floor(c / 36)), level(Math.floor(c / 6) % 6), level(c % 6));
}

/** 38 or 48 with what follows; returns how many numbers were used. */
function extended(codes: number[], at: number): { colour?: number; used: number } {
  const kind = codes[at + 1];
  if (kind === 5) return { colour: codes[at + 2] === undefined ? undefined : of256(codes[at + 2]! & 255), used: 3 };
  if (kind === 2) return { colour: nearest(codes[at + 2] ?? 0, codes[at + 3] ?? 0, codes[at + 4] ?? 0), used: 5 };
  return { used: 2 };
}

/** The style without these: a-f and a-b stand for any colour. */
const without = (style: Style, looks: string): Style =>
  Object.fromEntries(Object.entries(style).filter(([look]) => !looks.split(' ').some((l) => (/^a-[fb]$/.test(l) ? look.replace(/\d+$/, '') : look) === l)));

function apply(style: Style, text: string): Style {
  const codes = text.split(/[;:]/).map((t) => Number(t || 0));
  let s = style;
  const paint = (ground: 'a-f' | 'a-b', colour: number): void => { s = { ...without(s, ground), [ground + colour]: true }; };
  for (let i = 0; i < codes.length; i++) {
    const c = codes[i]!;
    if (c === 0) s = {};
    else if (on[c]) s = { ...s, [on[c]]: true };
    else if (off[c]) s = without(s, off[c]);
    else if (c >= 30 && c <= 37) paint('a-f', c - 30);
    else if (c >= 40 && c <= 47) paint('a-b', c - 40);
    else if (c >= 90 && c <= 97) paint('a-f', c - 82);
    else if (c >= 100 && c <= 107) paint('a-b', c - 92);
    else if (c === 38 || c === 48) {
      const { colour, used } = extended(codes, i);
      if (colour !== undefined) paint(c === 38 ? 'a-f' : 'a-b', colour);
      i += used - 1;
    }
  }
  return s;
}

const hex = (c: number): string => `U+${c.toString(16).toUpperCase().padStart(4, '0')}`;
const names: Record<number, string> = { 0: 'NUL', 7: 'BEL', 8: 'BS', 10: '\\n', 11: 'VT', 12: 'FF', 13: '\\r', 27: 'ESC', 127: 'DEL' };

// What is to be boxed: controls but tab, marks of direction, characters without width or look, surrogates on their own, line separators.
const odd = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/u;
const heap = /\p{M}{5}/u; // four are more than any script needs
const joined = /\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?\u200d$/u; // what a family of pictures is made of

/** A sequence at `at` (an ESC or a C1 introducer): its kind, what it says, where it ends. */
interface Sequence {
  kind: 'sgr' | 'link' | 'other';
  body: string;
  end: number;
}

function sequence(text: string, at: number): Sequence {
  const rest = text.slice(at, at + 2100);
  const csi = /^(?:\u001b\[|\u009b)([0-?]*)[ -/]*([@-~])/.exec(rest);
  if (csi) return { kind: csi[2] === 'm' && /^[\d;:]*$/.test(csi[1]!) ? 'sgr' : 'other', body: csi[2] === 'm' ? csi[1]! : `[${csi[1]}${csi[2]}`, end: at + csi[0].length };
  const osc = /^(?:\u001b\]|\u009d)([^\u0007\u001b\u009c]*)(?:\u0007|\u001b\\|\u009c)/.exec(rest);
  if (osc) return osc[1]!.startsWith('8;') ? { kind: 'link', body: osc[1]!.replace(/^8;[^;]*;?/, ''), end: at + osc[0].length } : { kind: 'other', body: `]${/^[0-9]{0,4}/.exec(osc[1]!)![0]}`, end: at + osc[0].length };
  const short = /^\u001b[ -/]*[0-~]/.exec(rest);
  if (short) return { kind: 'other', body: short[0].slice(1), end: at + short[0].length };
  return { kind: 'other', body: '', end: at + 1 };
}

const safe = (url: string): string | undefined => {
  try {
    const u = new URL(url);
    return u.protocol === 'http:' || u.protocol === 'https:' ? u.href : undefined;
  } catch {
    return undefined;
  }
};

/** Is there something in a text that is not shown as it is? */
const isOdd = (text: string): boolean => odd.test(text) || heap.test(text);

/** The same as text, where a box cannot be: in titles of the browser, in labels. */
export const spelt = (text: string): string => (isOdd(text) ? boxed(text).map((p) => (p.box ? `[${p.text}]` : p.text)).join('') : text);

/** What is boxed at `at`: its name and its end; undefined: nothing is. */
function boxAt(text: string, at: number): { name: string; end: number } | undefined {
  const c = text.codePointAt(at)!;
  const char = String.fromCodePoint(c);
  const marks = c < 0x300 || !/\p{M}{4}$/u.test(text.slice(Math.max(0, at - 8), at)) ? null : /^\p{M}+/u.exec(text.slice(at));
  if (marks) return { name: `${marks[0].length} more marks`, end: at + marks[0].length };
  if (!odd.test(char)) return undefined;
  if (c === 0x200d && joined.test(text.slice(Math.max(0, at - 4), at + 1)) && /^\p{Extended_Pictographic}/u.test(text.slice(at + 1, at + 3))) return undefined;
  return { name: names[c] ?? hex(c), end: at + char.length };
}

/** Tells what stands in a text, in its order: runs of letters, and what is none. */
function scan(text: string, letters: (run: string) => void, other: (name: string, acts?: Sequence) => void, lines = false): void {
  let run = '';
  const flush = (): void => {
    if (run) letters(run);
    run = '';
  };
  for (let i = 0; i < text.length;) {
    const c = text.codePointAt(i)!;
    const acts = c === 27 || c === 0x9b || c === 0x9d ? sequence(text, i) : undefined;
    const box = acts || (lines && c === 10) ? undefined : boxAt(text, i);
    const end = acts?.end ?? box?.end ?? i + String.fromCodePoint(c).length;
    if (acts || box) {
      flush();
      other(box?.name ?? `ESC${text.slice(i + 1, Math.min(end, i + 12))}`, acts);
    } else run += text.slice(i, end);
    i = end;
  }
  flush();
}

/** A text that is no line of a log: no sequence does anything, each is a box. lines: it may have several. */
export function boxed(text: string, lines = false): Piece[] {
  const list: Piece[] = [];
  if (isOdd(text)) scan(text, (run) => list.push({ text: run, look: '' }), (name) => list.push({ text: name, look: '', box: true }), lines);
  else if (text) list.push({ text, look: '' });
  return list;
}

/** escaped: the line bears `\xHH` for bytes that were no text; they are boxed, too. */
export function pieces(message: string, escaped = false): Piece[] {
  if (!escaped && !isOdd(message)) return boxed(message);
  const list: Piece[] = [];
  let style: Style = {};
  let link: string | undefined;
  scan(message, (run) => {
    const look = Object.keys(style).join(' ');
    const parts = escaped ? run.replaceAll(/\\x5c/gi, '\u0000').split(/(\\x[0-9a-f]{2})/i) : [run]; // \x5c: a backslash of the program's own
    parts.forEach((part, i) => { if (part) list.push(i % 2 ? { text: part, look: '', box: true } : { text: part.replaceAll('\u0000', '\\'), look, link }); });
  }, (name, s) => {
    if (s?.kind === 'sgr') style = apply(style, s.body);
    else if (s?.kind === 'link') link = safe(s.body);
    else list.push({ text: s ? `ESC${s.body}` : name, look: '', box: true });
  });
  return list;
}
