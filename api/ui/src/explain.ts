// explain.ts - what something would mean, asked of the engine while it is typed: the browser computes no schedule.
import { useEffect, useState } from 'preact/hooks';
import { ask, type Problem } from './api.ts';
import { returns } from './state.ts';

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

export interface Told<T> {
  data?: T;
  problem?: Problem;
  /** What was asked for it. */
  of?: string;
}

/** Asks `delay` ms after the last change; what was there before stays until the answer comes. No path, no body: nothing to ask. Nothing is saved by it. */
export function useTold<T>(method: string, path: string, body: string | undefined, delay = 0): Told<T> {
  const [seen, setSeen] = useState<Told<T>>({});
  useEffect(() => {
    if (!path || !body) {
      setSeen({});
      return;
    }
    const flight = new AbortController();
    const timer = setTimeout(() => {
      ask<T>(path, { method, headers: { 'Content-Type': 'application/json' }, body, signal: flight.signal })
        .then((a) => setSeen((before) => (a.ok ? { data: a.data, of: body } : { data: before.data, problem: a.problem })), () => { /* cut off by a newer one */ });
    }, delay);
    return () => {
      clearTimeout(timer);
      flight.abort();
    };
  }, [path, body, delay, returns.value]);
  return seen;
}

export const useExplain = (request: Record<string, unknown> | undefined, delay?: number): Told<Explained> => useTold('POST', '/v1/schedules:explain', request && JSON.stringify(request), delay);
