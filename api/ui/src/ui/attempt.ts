// attempt.ts - the attempts of a run, out of what was reported of it.
import { looksOf } from '../status.ts';

export interface Event {
  attempt?: number;
  status: string;
  reason?: string;
  occurred_at: string;
  received_at: string;
  moved: boolean;
  worker?: string;
  message?: string;
  exit_code?: number;
  next_attempt_at?: string;
  result?: string; // what its worker gave back; or as base64 where it is no text
  result_base64?: string;
  kafka_partition?: number;
  kafka_offset?: number;
}

export interface Attempt {
  number: number;
  from?: number; // it ran from
  to?: number; // undefined: it still does
  status: string;
  words: string;
  next?: number; // when the next one begins
}

/** The attempts of a run out of the reports that moved it. Pure. */
export function attemptsOf(events: Event[]): Attempt[] {
  const all = new Map<number, Attempt>();
  for (const e of events) {
    if (!e.moved) continue;
    const number = e.attempt ?? 1;
    if (e.status === 'RETRYING') { // of the attempt that it opens
      const before = all.get(number - 1);
      if (before) before.next = Date.parse(e.next_attempt_at ?? e.received_at);
      continue;
    }
    const a: Attempt = all.get(number) ?? { number, status: e.status, words: '' };
    const at = Date.parse(e.received_at); // as its start, its end and its run time are told: workers' clocks differ
    if (e.status === 'RUNNING') a.from ??= at;
    if (looksOf(e.status).final) a.to ??= at;
    a.status = e.status;
    a.words = e.exit_code === undefined ? '' : `exit code ${e.exit_code}`;
    all.set(number, a);
  }
  return [...all.values()].sort((x, y) => x.number - y.number);
}
