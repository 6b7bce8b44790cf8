// status.tsx - a status as shape, mark and word.
import { looksOf } from '../status.ts';
import { Icon } from './icon.tsx';

export function Status({ of, children }: { of: string; children?: preact.ComponentChildren }) {
  const look = looksOf(of);
  return <span class={`st ${look.tone}`}><Icon name={look.glyph} />{look.word}{children}</span>;
}

export function Pill({ of, children }: { of: string; children?: preact.ComponentChildren }) {
  const look = looksOf(of);
  return <span class={`pill ${look.tone}`}><Icon name={look.glyph} /><span>{look.word}{children}</span></span>;
}
