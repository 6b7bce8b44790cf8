// tools.tsx - which lines: attempt, writer, least level with exact counts, streams, wrapping.
import type { ComponentChildren } from 'preact';
import { param, set } from '../router.ts';
import { spelt } from './ansi.ts';
import { count } from '../time.ts';
import { Foreign } from '../ui/foreign.tsx';
import { Icon } from '../ui/icon.tsx';

export interface Writers {
  items: { attempt: number; writer: string; worker?: string; lines: number; missing?: [number, number][]; levels?: Record<string, number> }[];
}

const levels = [
  { level: '', text: 'All', glyph: '', tone: '' },
  { level: 'INFO', text: 'Info', glyph: '', tone: '' },
  { level: 'WARN', text: 'Warn', glyph: 'g-late', tone: 'warn' },
  { level: 'ERROR', text: 'Error', glyph: 'g-failed', tone: 'bad' },
];
const all = ['STDOUT', 'STDERR', 'LOG'];
const words: Record<string, string> = { STDOUT: 'out', STDERR: 'err', LOG: 'log' };

/** Lines of a level. */
const counted = (w: Writers['items'][number] | undefined, level: string): number | undefined => (level === 'WARN' || level === 'ERROR' ? w?.levels?.[level] : undefined);

export function Tools({ writers, attempt, writer, wrap, onWrap, children }: {
  execution: string; writers: Writers; attempt: number; writer: Writers['items'][number] | undefined; wrap: boolean; onWrap: () => void; children?: ComponentChildren;
}) {
  const attempts = [...new Set(writers.items.map((w) => w.attempt))].sort((a, b) => a - b);
  const mine = writers.items.filter((w) => w.attempt === attempt);
  const chosen = param('stream') ? param('stream').split(',') : all;
  const toggle = (stream: string): void => {
    const next = chosen.includes(stream) ? chosen.filter((s) => s !== stream) : all.filter((s) => s === stream || chosen.includes(s));
    set({ stream: next.length === all.length || next.length === 0 ? undefined : next.join(',') });
  };
  return (
    <div class="tool">
      <h2>Log</h2>
      {attempts.length > 1 && (
        <span class="seg" role="group" aria-label="Attempt">
          {attempts.map((a) => <button key={a} aria-pressed={a === attempt} onClick={() => set({ attempt: a, writer: undefined, line: undefined })}>{a}</button>)}
        </span>
      )}
      {mine.length > 1 && (
        <span class="seg" role="group" aria-label="Writer">
          {mine.map((w, i) => <button key={w.writer} aria-pressed={w === writer} title={spelt(w.worker ?? w.writer)} onClick={() => set({ writer: w.writer, line: undefined })}><Foreign text={w.worker ?? `writer ${i + 1}`} /></button>)}
        </span>
      )}
      <span class="seg" role="group" aria-label="Least level">
        {levels.map((l) => (
          <button key={l.level} class={l.tone} aria-pressed={param('level') === l.level} onClick={() => set({ level: l.level, line: undefined })}>
            {l.glyph && <Icon name={l.glyph} />}{l.text}{counted(writer, l.level) !== undefined && <small> {count(counted(writer, l.level)!)}</small>}
          </button>
        ))}
      </span>
      <span class="seg" role="group" aria-label="Streams">
        {all.map((s) => <button key={s} aria-pressed={chosen.includes(s)} onClick={() => toggle(s)}>{words[s]}</button>)}
      </span>
      <span class="grow" />
      {children}
      <button class="btn quiet small square" aria-label="Wrap lines" aria-pressed={wrap} title="Wrap lines" onClick={onWrap}><Icon name="i-wrap" /></button>
    </div>
  );
}
