// searchbox.tsx - search through all lines, on the server: exact count, progress, and it can be cut off.
import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../time.ts';
import { Icon } from '../ui/icon.tsx';
import { search, type Progress } from './search.ts';

export interface Found {
  q: string;
  lines: number[];
}

export function SearchBox({ execution, attempt, writer, level, current, onFound, onLine }: {
  execution: string; attempt: number; writer: string; level: string; current: number; onFound: (f: Found) => void; onLine: (line: number) => void;
}) {
  const [text, setText] = useState('');
  const [progress, setProgress] = useState<Progress>();
  const stop = useRef<() => void>(() => undefined);
  const jumped = useRef(false);
  useEffect(() => () => stop.current(), []);

  const begin = (q: string): void => {
    stop.current();
    jumped.current = false;
    setProgress(undefined);
    onFound({ q, lines: [] });
    if (!q) return;
    stop.current = search(execution, { q, attempt, writer, level }, (p) => {
      setProgress(p);
      onFound({ q, lines: p.items.map((m) => m.line) });
      if (!jumped.current && p.items[0]) {
        jumped.current = true;
        onLine(p.items[0].line);
      }
    });
  };
  const cancel = (): void => {
    stop.current();
    setProgress((p) => p && { ...p, done: true });
  };
  const place = progress ? progress.items.findIndex((m) => m.line === current) + 1 : 0;
  return (
    <form class="search" role="search" onSubmit={(e) => { e.preventDefault(); begin(text); }}>
      <Icon name="i-find" />
      <input id="log-search" type="search" aria-label="Search all lines" placeholder="Search all lines" value={text}
        onInput={(e) => { setText(e.currentTarget.value); if (!e.currentTarget.value) begin(''); }} onKeyDown={(e) => { if (e.key === 'Escape') e.currentTarget.blur(); }} />
      <small class="dim" role="status">
        {progress?.problem ?? (progress && (progress.done ? `${place || '–'} of ${count(progress.matches)}` : `${count(progress.matches)} in ${count(progress.scanned)} lines…`))}
      </small>
      {progress && !progress.done && <button type="button" class="btn quiet small square" aria-label="Stop the search" onClick={cancel}><Icon name="i-stop" /></button>}
    </form>
  );
}
