// search.ts - a search through all lines of a run, on the server, call by call: exact in the end, and can be cut off.
import { ask, query } from '../api.ts';

export interface Match {
  line: number;
  at: string;
  level: string;
  stream: string;
  message: string;
}

export interface Progress {
  items: Match[]; // at most KEPT of them
  matches: number;
  scanned: number;
  done: boolean;
  problem?: string;
}

const KEPT = 5000;

interface Answer {
  items: Match[];
  matches: number;
  scanned: number;
  next?: string;
}

/** Tells `say` after each call. Returns how to cut it off. */
export function search(execution: string, what: { q: string; attempt: number; writer: string; level?: string }, say: (p: Progress) => void): () => void {
  const flight = new AbortController();
  const run = async (): Promise<void> => {
    const progress: Progress = { items: [], matches: 0, scanned: 0, done: false };
    let after: string | undefined;
    do {
      const answer = await ask<Answer>(`/v1/executions/${execution}/logs:search${query(after ? { q: what.q, level: what.level, after } : what)}`, { signal: flight.signal });
      if (!answer.data) return say({ ...progress, done: true, problem: answer.problem?.detail });
      progress.items = [...progress.items, ...answer.data.items].slice(0, KEPT);
      progress.matches += answer.data.matches;
      progress.scanned += answer.data.scanned;
      after = answer.data.next;
      say({ ...progress, done: after === undefined });
    } while (after !== undefined);
  };
  run().catch(() => { /* cut off */ });
  return () => flight.abort();
}
