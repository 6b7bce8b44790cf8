// attempts.tsx - a run on its time: each attempt a lane, waiting drawn apart, the usual end marked.
import { now, zoneNamed } from '../state.ts';
import { looksOf } from '../status.ts';
import { clockSeconds, span } from '../time.ts';
import { civil } from '../zone.ts';
import type { Attempt } from './attempt.ts';

const inWords = (a: Attempt, at: number): string => {
  const look = looksOf(a.status);
  const ran = a.from === undefined ? '' : span((a.to ?? at) - a.from);
  if (!look.final) return `${look.word.toLowerCase()} ${ran}`;
  return [`${look.word.toLowerCase()}${ran ? ` after ${ran}` : ''}`, a.words].filter(Boolean).join(' · ');
};

/** far: how far the last one is, in percent. */
export function Attempts({ due, attempts, usualMs, zone, open, far }: { due: number; attempts: Attempt[]; usualMs?: number; zone: string; open: boolean; far?: number }) {
  const ran = attempts.filter((a) => a.from !== undefined);
  const first = ran[0];
  const last = ran[ran.length - 1];
  if (!first || !last) return null;
  const end = open ? now.value : Math.max(...ran.map((a) => a.to ?? a.from!), due);
  const work = Math.max(1, end - first.from!);
  const folded = first.from! - due > 3 * work; // a long wait would leave no room for the run
  const from = folded ? first.from! - work / 5 : Math.min(due, first.from!);
  const usualEnd = usualMs ? last.from! + usualMs : undefined;
  const to = Math.max(end, open && usualEnd ? Math.min(usualEnd, end + work) : end, from + 1);
  const x = (t: number): string => `${(100 * (Math.max(from, t) - from)) / (to - from)}%`;
  const width = (a: number, b: number): string => `${Math.max(0.3, (100 * (b - Math.max(from, a))) / (to - from))}%`;
  const z = zoneNamed(zone);
  return (
    <section class="panel phase" aria-label="Phases">
      {ran.map((a, i) => (
        <div class="track" key={a.number}>
          <span class="dim">Attempt {a.number}</span>
          <div class="lane">
            {i === 0 && a.from! > from && <span class="wait" style={{ left: x(from), width: width(from, a.from!) }} title={`waited ${span(a.from! - due)}`}>{folded ? `… waited ${span(a.from! - due)}` : ''}</span>}
            <span class={`${looksOf(a.status).tone} ${a.to === undefined && open ? 'pulse' : ''}`} style={{ left: x(a.from!), width: width(a.from!, a.to ?? end) }} title={inWords(a, end)}>{inWords(a, end)}{a === last && open && far !== undefined && ` · ${far} %`}</span>
            {a.to !== undefined && a.next !== undefined && <span class="between" style={{ left: x(a.to), width: width(a.to, ran[i + 1]?.from ?? end) }} title={`waiting for the next attempt, ${clockSeconds(civil(z, a.next))}`} />}
            {a === last && usualEnd !== undefined && usualEnd < to && <b style={{ left: x(usualEnd) }} title={`usual end: median of its last successes, ${span(usualMs!)}`} />}
          </div>
        </div>
      ))}
      <div class="track"><span />
        <div class="when"><span>{clockSeconds(civil(z, due))} due{folded ? `, ${span(first.from! - due)} before` : ''}</span><span class={open ? 'strong' : ''}>{clockSeconds(civil(z, end))}</span></div>
      </div>
    </section>
  );
}
