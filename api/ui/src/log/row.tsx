// row.tsx - one line of a log: number, time, level, stream, message. Texts stay texts.
import type { Zone } from '../zone.ts';
import { civil } from '../zone.ts';
import { clockMs, count } from '../time.ts';
import { pieces, type Piece } from './ansi.ts';
import { cut, fold } from './fold.ts';
import { memo } from '../ui/memo.ts';
import type { Whole } from './folds.ts';

const letters: Record<string, string> = { DEBUG: 'D', INFO: '', WARN: 'W', ERROR: 'E' };
const streams: Record<string, string> = { STDOUT: '', STDERR: 'err', LOG: 'log' };

/** The places of a searched text, marked. */
function marked(text: string, q: string): preact.ComponentChildren {
  if (!q) return text;
  const low = text.toLowerCase();
  const want = q.toLowerCase();
  const parts: preact.ComponentChildren[] = [];
  let at = 0;
  for (let i = low.indexOf(want); i >= 0; i = low.indexOf(want, at)) {
    parts.push(text.slice(at, i), <mark key={i}>{text.slice(i, i + want.length)}</mark>);
    at = i + want.length;
  }
  parts.push(text.slice(at));
  return parts;
}

function show(p: Piece, i: number, q: string): preact.ComponentChildren {
  if (p.box) return <span key={i} class="x">{p.text}</span>;
  if (p.link) return <a key={i} class={p.look} href={p.link} target="_blank" rel="noreferrer noopener" title={new URL(p.link).host}>{marked(p.text, q)}</a>;
  return p.look ? <span key={i} class={p.look}>{marked(p.text, q)}</span> : marked(p.text, q);
}

export function Message({ text, escaped, q }: { text: string; escaped?: boolean; q: string }) {
  return <>{pieces(text, escaped).map((p, i) => show(p, i, q))}</>;
}

export const Row = memo(({ line, number, zone, q, hit, onNumber, onOpen }: {
  line: Whole | 'missing' | undefined; number: number; zone: Zone; q: string; hit: boolean; onNumber: (n: number, extend: boolean) => void; onOpen: (line: Whole) => void;
}) => {
  if (line === undefined || line === 'missing')
    return <div class="ln gone" role="row" aria-rowindex={number}><span class="no" role="cell">{count(number)}</span><span class="m" role="cell">{line === 'missing' ? 'this line never arrived' : ''}</span></div>;
  const folded = fold(line.message); // pieces that go on with each other are put together already
  const short = cut(folded.text);
  const level = letters[line.level] ?? '?';
  return (
    <div class={`ln ${level || 'I'} ${hit ? 'hit' : ''}`} role="row" aria-rowindex={number}>
      <span class="no" role="cell"><button tabIndex={-1} aria-label={`Line ${count(line.seq)}: link to it`} onClick={(e) => onNumber(line.seq, e.shiftKey)}>{count(line.seq)}</button></span>
      <span class="t" role="cell" title={line.at}>{clockMs(civil(zone, Date.parse(line.at)))}</span>
      <span class="l" role="cell">{level}</span>
      <span class="s" role="cell">{streams[line.stream] ?? line.stream.toLowerCase()}</span>
      <span class="m" role="cell">
        {folded.before.length > 0 && <button class="x" tabIndex={-1} title="It was written over this often; open to see" onClick={() => onOpen(line)}>↻ {folded.before.length}</button>}
        <Message text={short.text} escaped={line.escaped} q={q} />
        {line.unfinished && <span class="x" title="No line end followed yet: the next line goes on">…</span>}
        {short.more > 0 && <button class="x" tabIndex={-1} onClick={() => onOpen(line)}>{count(short.more)} more, show all</button>}
      </span>
    </div>
  );
});
