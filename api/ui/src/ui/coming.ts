// coming.ts - instants to come, by the minute. Pure.
import { MINUTE } from '../time.ts';
import { buckets, type Bucket } from './lanes.ts';

export interface Item {
  task_id: string;
  project: string;
  key: string;
  title?: string;
  scheduled_at: string;
  due_at: string;
  local: string;
  zone: string;
  dst: string;
}

/** Items by the minute they are due in, in order. */
export function byMinute<T extends { due_at: string }>(items: T[]): [number, T[]][] {
  const minutes = new Map<number, T[]>();
  for (const i of items) {
    const minute = Math.floor(Date.parse(i.due_at) / MINUTE) * MINUTE;
    minutes.set(minute, [...(minutes.get(minute) ?? []), i]);
  }
  return [...minutes];
}

/** Items counted by steps of 15 minutes, as planned. */
export const stepsOf = (items: { due_at: string }[]): Bucket[] => buckets(items.map((i) => ({ at: Date.parse(i.due_at), status: 'PLANNED' })), 15 * MINUTE);

/** The instant in a text such as 2026-11-30T04:12:00Z, in milliseconds; 0: it is none, or over. */
export function laterThan(text: string | undefined, nowMs: number): number {
  const at = text?.includes('T') ? Date.parse(text) : 0;
  return at > nowMs ? at : 0;
}
