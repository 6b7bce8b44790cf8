// ansi.ts - a line of a log as pieces that can be shown: colours as classes, links, and a box for whatever would act on a
// terminal or on the direction of text. Pure; nothing here makes markup.
//
// Sequences: ECMA-48 SGR (0-9, 21-29, 30-49, 90-107, 38/48 with 5 and 2) and OSC 8 links. All others, C0 and C1 controls, marks of
// direction and characters without width are boxes.

export interface Piece {
  text: string;
  /** Classes, blank-separated; "" for none. */
  look: string;
  /** A box: text names what stands there. */
  box?: boolean;
  /** http or https only. */
  link?: string;
}

interface Style {
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  front?: number; // 0-15
  back?: number;
}

const plain: Style = { bold: false, dim: false, italic: false, underline: false, strike: false };

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

function apply(style: Style, text: string): Style {
  const codes = text.split(/[;:]/).map((t) => Number(t || 0));
  let s = { ...style };
  for (let i = 0; i < codes.length; i++) {
    const c = codes[i]!;
    if (c === 0) s = { ...plain };
    else if (c === 1) s.bold = true;
    else if (c === 2) s.dim = true;
    else if (c === 3) s.italic = true;
    else if (c === 4) s.underline = true;
    else if (c === 9) s.strike = true;
    else if (c === 21 || c === 22) s.bold = s.dim = false;
    else if (c === 23) s.italic = false;
    else if (c === 24) s.underline = false;
    else if (c === 29) s.strike = false;
    else if (c >= 30 && c <= 37) s.front = c - 30;
    else if (c >= 40 && c <= 47) s.back = c - 40;
    else if (c >= 90 && c <= 97) s.front = c - 82;
    else if (c >= 100 && c <= 107) s.back = c - 92;
    else if (c === 39) s.front = undefined;
    else if (c === 49) s.back = undefined;
    else if (c === 38 || c === 48) {
      const { colour, used } = extended(codes, i);
      if (colour !== undefined) s[c === 38 ? 'front' : 'back'] = colour;
      i += used - 1;
    }
  }
  return s;
}

function lookOf(s: Style): string {
  const list = [];
  if (s.bold) list.push('a-bold');
  if (s.dim) list.push('a-dim');
  if (s.italic) list.push('a-italic');
  if (s.underline) list.push('a-under');
  if (s.strike) list.push('a-strike');
  if (s.front !== undefined) list.push(`a-f${s.front}`);
  if (s.back !== undefined) list.push(`a-b${s.back}`);
  return list.join(' ');
}

const hex = (c: number): string => `U+${c.toString(16).toUpperCase().padStart(4, '0')}`;
const names: Record<number, string> = { 0: 'NUL', 7: 'BEL', 8: 'BS', 11: 'VT', 12: 'FF', 13: '\\r', 27: 'ESC', 127: 'DEL' };

// What is to be boxed: controls but tab, marks of direction, characters without width, surrogates on their own, line separators.
const odd = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/u;

/** A sequence at `at` (an ESC or a C1 introducer): its kind, what it says, where it ends. */
function sequence(text: string, at: number): { kind: 'sgr' | 'link' | 'other'; body: string; end: number } {
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

/** escaped: the line bears `\xHH` for bytes that were no text; they are boxed, too. */
export function pieces(message: string, escaped = false): Piece[] {
  const list: Piece[] = [];
  let style = plain;
  let link: string | undefined;
  let run = '';

  const flush = (): void => {
    if (!run) return;
    const look = lookOf(style);
    if (escaped)
      run.replaceAll(/\\x5c/gi, '\u0000').split(/(\\x[0-9a-f]{2})/i).forEach((part, i) => { // \x5c: a backslash of the program's own
        if (part) list.push(i % 2 ? { text: part, look: '', box: true } : { text: part.replaceAll('\u0000', '\\'), look, link });
      });
    else list.push({ text: run, look, link });
    run = '';
  };

  for (let i = 0; i < message.length;) {
    const c = message.codePointAt(i)!;
    const char = String.fromCodePoint(c);
    if (c === 27 || c === 0x9b || c === 0x9d) {
      const s = sequence(message, i);
      flush();
      if (s.kind === 'sgr') style = apply(style, s.body);
      else if (s.kind === 'link') link = safe(s.body);
      else list.push({ text: `ESC${s.body}`, look: '', box: true });
      i = s.end;
    } else if (odd.test(char)) {
      flush();
      list.push({ text: names[c] ?? hex(c), look: '', box: true });
      i += char.length;
    } else {
      run += char;
      i += char.length;
    }
  }
  flush();
  return list;
}
