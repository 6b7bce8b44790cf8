// timeline.tsx - a local day on its real time: runs in lanes by when they ran, problems and what did not run below, gaps hatched, now.
import { useMemo } from 'preact/hooks';
import { minute, now, zoneNamed } from '../state.ts';
import { looksOf } from '../status.ts';
import { clock, HOUR, MINUTE, span } from '../time.ts';
import { changes, civil, type Zone } from '../zone.ts';
import { lanesOf } from './lanes.ts';
import { memo } from './memo.ts';

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

interface Placed {
  ran: (Mark & { from: number; to: number; lane: number })[];
  /** Below the line: problems, and what never ran. */
  below: Mark[];
  axis: number;
}

const goesOn = (m: Mark): boolean => m.from !== undefined && m.to === undefined;
const hasBar = (m: Mark): boolean => m.from !== undefined || ['PLANNED', 'PENDING', 'WAITING'].includes(m.status);

/** at: until when lasts what goes on; narrow: how long is what has not begun. */
function placeMarks(marks: Mark[], at: number, narrow: number): Placed {
  const ran = marks.filter(hasBar).map((m) => ({ ...m, from: m.from ?? m.at, to: m.to ?? (m.from === undefined ? m.at + narrow : at), lane: 0 })).sort((a, b) => a.from - b.from);
  const lanes = lanesOf(ran, LANES);
  ran.forEach((m, i) => { m.lane = lanes[i]!; });
  return { ran, below: marks.filter((m) => !hasBar(m) || looksOf(m.status).problem), axis: Math.max(1, ...lanes.map((l) => l + 1)) * LANE + 8 };
}

const scaled = (from: number, to: number) => (t: number): number => (WIDTH * (Math.min(to, Math.max(from, t)) - from)) / (to - from);

/** By their order: another day takes the marks over that are there. */
const Marks = memo(({ placed: { ran, below, axis }, from, to, zone, onPick }: { placed: Placed; from: number; to: number; zone: Zone; onPick: (id: string) => void }) => {
  const x = scaled(from, to);
  return (
    <>
      {ran.map((m, i) => {
        const tone = m.status === 'PLANNED' ? 'planned' : looksOf(m.status).tone;
        return (
          <rect key={i} class={`bar-${tone} hit`} x={x(m.from)} y={4 + m.lane * LANE} width={Math.max(3, x(m.to) - x(m.from))} height={LANE - 5} rx="1" onClick={() => onPick(m.id)}>
            <title>{clock(civil(zone, m.at))} {looksOf(m.status).word}{m.status === 'PLANNED' ? '' : `, ${span(m.to - m.from)}`}</title>
          </rect>
        );
      })}
      {below.map((m, i) => {
        const look = looksOf(m.status);
        const title = <title>{clock(civil(zone, m.at))} {look.word}</title>;
        if (look.tone === 'warn') return <path key={`below ${i}`} class="bar-warn hit" d={`M${x(m.at) - 4} ${axis + 18}h9l-4.5 -14z`} onClick={() => onPick(m.id)}>{title}</path>;
        return <rect key={`below ${i}`} class={`bar-${look.tone} hit`} x={x(m.at) - 2} y={axis + 5} width="5" height="12" onClick={() => onPick(m.id)}>{title}</rect>;
      })}
    </>
  );
});

/** Drawn again each second while something runs, else each minute. onAsk: of the minute of a place where nothing is. */
export function Timeline({ marks, gaps, from, to, zone, selected, onPick, onAsk }: {
  marks: Mark[]; gaps: GapMark[]; from: number; to: number; zone: string; selected?: string; onPick: (id: string) => void; onAsk?: (at: string) => void;
}) {
  const z = zoneNamed(zone);
  const x = scaled(from, to);
  const runs = marks.some(goesOn);
  const at = runs ? now.value : minute.value;
  const placed = useMemo(() => placeMarks(marks, at, (to - from) / 300), [marks, runs && at, from, to]);
  const height = placed.axis + 24;
  const hours = Array.from({ length: Math.ceil((to - from) / HOUR) + 1 }, (_, i) => from + i * HOUR).filter((t) => t <= to);

  const ask = (e: MouseEvent & { currentTarget: SVGSVGElement }): void => {
    if ((e.target as Element).closest('.hit')) return;
    const box = e.currentTarget.getBoundingClientRect();
    onAsk?.(new Date(Math.floor((from + ((to - from) * (e.clientX - box.left)) / box.width) / MINUTE) * MINUTE).toISOString());
  };

  return (
    <div class="timeline" role="group" aria-label="Time line" tabIndex={0}>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} height={height} preserveAspectRatio="none" role="img" aria-label={`${marks.length} runs of the day on its time; problems and what did not run stand below the line`} onClick={ask}>
        {hours.map((t) => <line key={t} class="tick" x1={x(t)} x2={x(t)} y1="0" y2={height} />)}
        {gaps.map((g) => <rect key={g.from} class="gap" x={x(g.from)} y="4" width={Math.max(4, x(g.to) - x(g.from))} height={placed.axis - 8}><title>{g.words}</title></rect>)}
        <line class="axis" x1="0" x2={WIDTH} y1={placed.axis} y2={placed.axis} />
        <Marks placed={placed} from={from} to={to} zone={z} onPick={onPick} />
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
