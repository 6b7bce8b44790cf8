// explain.ts - what an expression means, asked of the engine: the browser computes no schedule.
import { useEffect, useState } from 'preact/hooks';
import { ask, type Problem } from './api.ts';

export interface Lint {
  code: string;
  column?: number;
  text: string;
}

export interface Explained {
  expression: string;
  canonical: string;
  description: string;
  zone: string;
  class: 'FIXED_TIME' | 'INTERVAL';
  lints: Lint[];
  clock_changes: { at: string; local: string; several: boolean; effect: string; text: string }[];
  frequency: { per_day: number; per_month: number; per_year: number };
  next: { at: string; local: string; dst: string; nominal?: string }[];
}

export interface Explaining {
  data?: Explained;
  problem?: Problem;
}

/** Asks `delay` ms after the last change; what was there before stays until the answer comes. undefined: nothing to ask. */
export function useExplain(request: Record<string, unknown> | undefined, delay = 0): Explaining {
  const [seen, setSeen] = useState<Explaining>({});
  const body = request === undefined ? '' : JSON.stringify(request);
  useEffect(() => {
    if (!body) {
      setSeen({});
      return;
    }
    const flight = new AbortController();
    const timer = setTimeout(() => {
      ask<Explained>('/v1/schedules:explain', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, signal: flight.signal })
        .then((a) => setSeen((before) => (a.ok ? { data: a.data } : { data: before.data, problem: a.problem })), () => { /* cut off by a newer one */ });
    }, delay);
    return () => {
      clearTimeout(timer);
      flight.abort();
    };
  }, [body, delay]);
  return seen;
}
