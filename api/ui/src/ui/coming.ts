// coming.ts - instants to come, by the minute. Pure.
import type { Skip } from '../answers.ts';
import { MINUTE } from '../time.ts';
import { buckets, type Bucket } from './lanes.ts';

/** Items by the minute they are due in, in order. */
export function byMinute<T extends { due_at: string }>(items: T[]): [number, T[]][] {
  const minutes = new Map<number, T[]>();
  for (const i of items) {
    const minute = Math.floor(Date.parse(i.due_at) / MINUTE) * MINUTE;
    minutes.set(minute, [...(minutes.get(minute) ?? []), i]);
  }
  return [...minutes];
}

/** What an instant to come is among statuses. */
export const plannedAs = (i: { skip?: Skip }): string => (i.skip ? 'SKIPPING' : 'PLANNED');

/** Items counted by steps of 15 minutes. */
export const stepsOf = (items: { due_at: string; skip?: Skip }[]): Bucket[] => buckets(items.map((i) => ({ at: Date.parse(i.due_at), status: plannedAs(i) })), 15 * MINUTE);

/** One item of each task: first those that are to be skipped. */
export function tasksOf<T extends { task_id: string; skip?: Skip }>(items: T[]): T[] {
  const seen = new Set<string>();
  return [...items.filter((i) => i.skip), ...items].filter((i) => !seen.has(i.task_id) && seen.add(i.task_id));
}

/** The instant in a text such as 2026-11-30T04:12:00Z, in milliseconds; 0: it is none, or over. */
export function laterThan(text: string | undefined, nowMs: number): number {
  const at = text?.includes('T') ? Date.parse(text) : 0;
  return at > nowMs ? at : 0;
}
