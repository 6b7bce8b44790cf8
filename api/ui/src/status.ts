// status.ts - the one table of statuses: family by shape and colour, which by the mark inside, the word beside it.

/** Colours: not yet and left out on purpose, done, under way, work failed, schedule not kept. */
export type Tone = 'idle' | 'ok' | 'run' | 'bad' | 'warn';

export interface Look {
  word: string;
  tone: Tone;
  /** A symbol of icons.svg. */
  glyph: string;
  /** Drawn below the axis, bold in lists. */
  problem?: boolean;
  /** An attempt with it is over; the run, unless another attempt follows (isOver). */
  final?: boolean;
}

export const looks: Record<string, Look> = {
  PENDING: { word: 'Pending', tone: 'idle', glyph: 'g-pending' },
  WAITING: { word: 'Waiting', tone: 'idle', glyph: 'g-waiting' },
  PLANNED: { word: 'Planned', tone: 'idle', glyph: 'g-planned' },
  SKIPPING: { word: 'Will be skipped', tone: 'idle', glyph: 'g-skipped' },
  RUNNING: { word: 'Running', tone: 'run', glyph: 'g-running' },
  RETRYING: { word: 'Retrying', tone: 'run', glyph: 'g-retrying' },
  CANCELLING: { word: 'Cancelling', tone: 'run', glyph: 'g-cancelling' },
  SUCCEEDED: { word: 'Succeeded', tone: 'ok', glyph: 'g-ok', final: true },
  FAILED: { word: 'Failed', tone: 'bad', glyph: 'g-failed', problem: true, final: true },
  TIMED_OUT: { word: 'Timed out', tone: 'bad', glyph: 'g-timed', problem: true, final: true },
  LOST: { word: 'Lost', tone: 'bad', glyph: 'g-lost', problem: true, final: true },
  MISSED: { word: 'Missed', tone: 'warn', glyph: 'g-missed', problem: true, final: true },
  LATE: { word: 'Late', tone: 'warn', glyph: 'g-late', problem: true },
  SKIPPED: { word: 'Skipped', tone: 'idle', glyph: 'g-skipped', final: true },
  CANCELLED: { word: 'Cancelled', tone: 'idle', glyph: 'g-cancelled', final: true },
  GAP: { word: 'Not fired', tone: 'idle', glyph: 'g-gap' },
};

const unknown: Look = { word: 'Unknown', tone: 'idle', glyph: 'g-unknown' };

export const looksOf = (status: string): Look => looks[status] ?? { ...unknown, word: status || unknown.word };

/** All statuses that an execution itself can have, as the API names them. */
export const statuses = Object.keys(looks).filter((s) => !['PLANNED', 'SKIPPING', 'LATE', 'GAP'].includes(s));

/** As much of a run as says whether it is over. */
export interface Life {
  status: string;
  next_attempt_at?: string;
}

/** One that failed and will be tried again is not. */
export const isOver = (run: Life): boolean => looksOf(run.status).final === true && !run.next_attempt_at;

export const isOpen = (run: Life): boolean => looks[run.status] !== undefined && !isOver(run);

/** What the API may say later: a status that is PENDING and overdue reads LATE. */
export function shown(status: string, dueAt: number, now: number, lateAfterMs: number): string {
  return status === 'PENDING' && now - dueAt > lateAfterMs ? 'LATE' : status;
}
