// payload.tsx - bytes that a task was given or gave back: text, JSON in lines, or hexadecimal where they are no text.
import { useState } from 'preact/hooks';
import { spelt } from '../log/ansi.ts';
import { formatted } from '../log/fold.ts';
import { Foreign } from './foreign.tsx';
import { bytes } from '../time.ts';

/** 16 bytes a line, with their places. Pure. */
export function hexDump(base64: string): string {
  const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const lines = [];
  for (let at = 0; at < data.length; at += 16) {
    const row = [...data.subarray(at, at + 16)];
    const hex = row.map((b) => b.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : '·')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(48)} ${text}`);
  }
  return lines.join('\n');
}

const SHOWN = 4096;

export function Payload({ name, text, base64, type }: { name: string; text?: string; base64?: string; type?: string }) {
  const [all, setAll] = useState(false);
  if (text === undefined && base64 === undefined) return null;
  const size = text === undefined ? atob(base64!).length : new TextEncoder().encode(text).length;
  const whole = text === undefined ? hexDump(base64!) : formatted(text) ?? text;
  const shown = all ? whole : whole.slice(0, SHOWN);
  return (
    <section class="panel" aria-label={name}>
      <header><h2>{name}</h2><span class="dim cut what" title={spelt(type ?? '')}><Foreign text={[bytes(size), type].filter(Boolean).join(', ')} /></span><span class="grow" />
        <button class="btn quiet small" onClick={() => void navigator.clipboard?.writeText(text ?? base64!)}>Copy</button></header>
      <div class="body">
        {size === 0 ? <p class="dim">Empty.</p> : <pre class="pre" tabIndex={0}><Foreign text={shown} lines /></pre>}
        {shown.length < whole.length && <button class="btn small" onClick={() => setAll(true)}>Show all</button>}
      </div>
    </section>
  );
}
