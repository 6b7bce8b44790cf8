// usual.tsx - how long something has run against how long it usually does: bar, mark, words.
import { about, span } from '../time.ts';

export function Usual({ runMs, usualMs }: { runMs: number; usualMs?: number }) {
  if (!usualMs) return <span class="dim">no success to compare with yet</span>;
  const whole = Math.max(runMs, usualMs) * 1.1;
  const over = runMs > usualMs * 1.5;
  return (
    <span class="nowrap" title={`median of its last successes: ${span(usualMs)}`}>
      <svg class="usual" width="132" height="14" role="img" aria-label={`${Math.round((100 * runMs) / usualMs)} % of its usual time`}>
        <rect class="ground" x="0" y="3" width="132" height="8" rx="4" />
        <rect class={over ? 'bar-warn' : 'bar-run'} x="0" y="3" width={Math.max(3, (132 * runMs) / whole)} height="8" rx="4" />
        <rect class="mark" x={(132 * usualMs) / whole} y="0" width="2" height="14" />
      </svg>{' '}usually {about(usualMs)}
    </span>
  );
}
