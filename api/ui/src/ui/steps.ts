// steps.ts - counts per step of time as bars: what went well above the axis, problems below it. Pure.
import { looks, type Tone } from '../status.ts';

export type Counts = Record<string, number>;

export interface Step {
  from: number; // ms
  counts: Counts;
}

export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
  kind: 'ok' | 'run' | 'idle' | 'planned' | 'bad' | 'warn';
}

export interface Frame {
  width: number;
  axis: number; // y of the axis: what is above it
  below: number; // height of what hangs below it
}

/** What a count belongs to: drawn above the axis but for problems. */
function kindOf(status: string): Bar['kind'] {
  if (status === 'PLANNED') return 'planned';
  const look = looks[status];
  if (look?.problem) return look.tone === 'warn' ? 'warn' : 'bad';
  return (look?.tone ?? 'idle') as Extract<Tone, 'ok' | 'run' | 'idle'>;
}

function sums(step: Step): Record<Bar['kind'], number> {
  const sum = { ok: 0, run: 0, idle: 0, planned: 0, bad: 0, warn: 0 };
  for (const [status, n] of Object.entries(step.counts)) sum[kindOf(status)] += n;
  return sum;
}

/**
 * The bars of steps between two instants. Both sides have one scale, so that a day of failures looks like one; a problem is at
 * least 2 high: one in ten thousand is seen.
 */
export function layout(steps: Step[], from: number, to: number, every: number, frame: Frame): Bar[] {
  const all = steps.map((s) => ({ from: s.from, sum: sums(s) }));
  const above = Math.max(1, ...all.map(({ sum }) => Math.max(sum.ok + sum.run + sum.idle, sum.planned)));
  const below = Math.max(1, ...all.map(({ sum }) => sum.bad + sum.warn));
  const up = (frame.axis - 6) / above;
  const down = Math.min(up, frame.below / below);
  const width = (frame.width * every) / (to - from);
  const bars: Bar[] = [];

  for (const { from: at, sum } of all) {
    const x = (frame.width * (at - from)) / (to - from) + width * 0.07;
    const add = (kind: Bar['kind'], y: number, height: number): void => {
      if (height > 0) bars.push({ x, y, width: width * 0.86, height, kind });
    };
    let y = frame.axis;
    for (const kind of ['ok', 'run', 'idle'] as const) {
      const height = sum[kind] > 0 ? Math.max(1, sum[kind] * up) : 0;
      y -= height;
      add(kind, y, height);
    }
    if (sum.planned) add('planned', frame.axis - sum.planned * up, sum.planned * up);
    y = frame.axis + 2;
    for (const kind of ['bad', 'warn'] as const) {
      const height = sum[kind] > 0 ? Math.max(2, sum[kind] * down) : 0;
      add(kind, y, height);
      y += height > 0 ? height + 1 : 0;
    }
  }
  return bars;
}

/** Counts of a step in words, problems first: "3 failed, 40 succeeded". */
export function inWords(counts: Counts): string {
  const entries = Object.entries(counts).filter(([, n]) => n > 0);
  entries.sort(([a], [b]) => Number(looks[b]?.problem ?? false) - Number(looks[a]?.problem ?? false));
  return entries.map(([status, n]) => `${n} ${(looks[status]?.word ?? status).toLowerCase()}`).join(', ') || 'nothing';
}
