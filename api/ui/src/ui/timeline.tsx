// timeline.tsx - a local day on its real time: runs in lanes by when they ran, what did not run below, gaps hatched, now.
import { now, zoneNamed } from '../state.ts';
import { looksOf } from '../status.ts';
import { clock, HOUR, span } from '../time.ts';
import { changes, civil } from '../zone.ts';
import { lanesOf } from './lanes.ts';

export interface Mark {
  id: string;
  at: number; // when it was due
  from?: number; // when it ran
  to?: number;
  status: string;
}

export interface GapMark {
  from: number;
  to: number;
  words: string;
}

const LANES = 4;
const WIDTH = 1000;
const LANE = 20;

export function Timeline({ marks, gaps, from, to, zone, selected, onPick }: {
  marks: Mark[]; gaps: GapMark[]; from: number; to: number; zone: string; selected?: string; onPick: (id: string) => void;
}) {
  const at = now.value;
  const z = zoneNamed(zone);
  const x = (t: number): number => (WIDTH * (Math.min(to, Math.max(from, t)) - from)) / (to - from);
  const ran = marks.filter((m) => m.from !== undefined || m.status === 'PLANNED' || ['PENDING', 'WAITING', 'LATE'].includes(m.status))
    .map((m) => ({ ...m, from: m.from ?? m.at, to: m.to ?? (m.from === undefined ? m.at + (to - from) / 300 : at) }))
    .sort((a, b) => a.from - b.from);
  const not = marks.filter((m) => !ran.some((r) => r.id === m.id));
  const lanes = lanesOf(ran, LANES);
  const used = Math.max(1, ...lanes.map((l) => l + 1));
  const axis = used * LANE + 8;
  const height = axis + 24;
  const hours = Array.from({ length: Math.ceil((to - from) / HOUR) + 1 }, (_, i) => from + i * HOUR).filter((t) => t <= to);
  const narrow = 3;

  return (
    <div class="timeline" role="group" aria-label="Time line" tabIndex={0}>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} height={height} preserveAspectRatio="none" role="img" aria-label={`${marks.length} runs of the day on its time; what did not run stands below the line`}>
        {hours.map((t) => <line key={t} class="tick" x1={x(t)} x2={x(t)} y1="0" y2={height} />)}
        {gaps.map((g) => <rect key={g.from} class="gap" x={x(g.from)} y="4" width={Math.max(4, x(g.to) - x(g.from))} height={axis - 8}><title>{g.words}</title></rect>)}
        <line class="axis" x1="0" x2={WIDTH} y1={axis} y2={axis} />
        {ran.map((m, i) => {
          const tone = m.status === 'PLANNED' ? 'planned' : looksOf(m.status).tone;
          return (
            <rect key={m.id} class={`bar-${tone} hit`} x={x(m.from)} y={4 + lanes[i]! * LANE} width={Math.max(narrow, x(m.to) - x(m.from))} height={LANE - 5} rx="1" onClick={() => onPick(m.id)}>
              <title>{clock(civil(z, m.at))} {looksOf(m.status).word}{m.status === 'PLANNED' ? '' : `, ${span(m.to - m.from)}`}</title>
            </rect>
          );
        })}
        {not.map((m) => {
          const look = looksOf(m.status);
          const title = <title>{clock(civil(z, m.at))} {look.word}</title>;
          if (look.tone === 'warn') return <path key={m.id} class="bar-warn hit" d={`M${x(m.at) - 4} ${axis + 18}h9l-4.5 -14z`} onClick={() => onPick(m.id)}>{title}</path>;
          return <rect key={m.id} class={`bar-${look.tone} hit`} x={x(m.at) - 2} y={axis + 5} width="5" height="12" onClick={() => onPick(m.id)}>{title}</rect>;
        })}
        {marks.filter((m) => m.id === selected).map((m) => <rect key="sel" class="sel" x={x(m.from ?? m.at) - 3} y="1" width={Math.max(8, x(m.to ?? m.from ?? m.at) - x(m.from ?? m.at) + 6)} height={height - 2} rx="3" />)}
        {changes(z, from - 1, to).map((c) => <line key={c.at} class="change" x1={x(c.at)} x2={x(c.at)} y1="0" y2={height} />)}
        {at > from && at < to && <line class="now" x1={x(at)} x2={x(at)} y1="0" y2={height} />}
      </svg>
      <div class="ticks" aria-hidden="true">
        {hours.filter((t) => civil(z, t).hour % 3 === 0 && t < to).map((t) => <span key={t} class={Math.abs(t - at) < HOUR ? 'hidden' : ''} style={{ left: `${x(t) / 10}%` }}>{String(civil(z, t).hour).padStart(2, '0')}</span>)}
        {at > from && at < to && <span class="now" style={{ left: `${x(at) / 10}%` }}>{clock(civil(z, at))}</span>}
      </div>
    </div>
  );
}
