// words.ts - codes of the API as sentences: why something ended, was left out, or began. Pure.

const reasons: Record<string, string> = {
  CALENDAR: 'a calendar leaves it out',
  WINDOW: 'outside of the task’s window',
  DELETED: 'the task was deleted',
  PAUSED: 'the task was paused',
  SKIP_NEXT: 'it was told to skip this one',
  MISFIRE: 'nobody was there to fire it; the misfire policy left it out',
  START_DEADLINE: 'it did not start within its start deadline',
  NO_QUEUE: 'its queue did not exist',
  OVERLAP: 'another run of it was under way',
  QUEUE_FULL: 'too many runs of it were waiting',
  RUN_TIMEOUT: 'it ran longer than its run timeout',
  FINISH_BY: 'it was to be finished by then',
  HEARTBEAT: 'its worker gave no sign of life',
  CANCEL_REQUESTED: 'it was cancelled',
  EXIT_CODE: 'the command failed',
  SIGNAL: 'the command was ended by a signal',
  WORKER_SHUTDOWN: 'its worker was shut down',
  WORKER_ERROR: 'its worker could not run it',
  RETRY: 'another attempt follows',
  RELEASED: 'its worker gave it back',
  TZDATA: 'the rules of its time zone changed',
  EDITED: 'the task was edited',
};

const triggers: Record<string, string> = {
  SCHEDULED: 'by its schedule', CATCH_UP: 'made up for', BACKFILL: 'by a backfill', MANUAL: 'by hand', RETRY: 'as a retry',
  CHAIN: 'after another task', EXTERNAL: 'observed', UNKNOWN: 'not known',
};

export const reasonWords = (reason: string | undefined): string => (reason && reason !== 'NONE' ? reasons[reason] ?? reason.toLowerCase().replaceAll('_', ' ') : '');
export const triggerWords = (trigger: string): string => triggers[trigger] ?? trigger.toLowerCase();

/** What stands in a run's row: how far it is, its message, or why, and the attempt when it was not the first. */
export function note(run: { status?: string; progress?: number; progress_message?: string; cancel_requested?: boolean; message?: string; reason?: string; exit_code?: number; attempt?: number; trigger?: string; contradicted?: boolean }): string {
  const parts = [];
  if (run.contradicted) parts.push('contradicting reports');
  const says = [run.progress !== undefined && `${run.progress} %`, run.progress_message].filter(Boolean).join(' ');
  if (run.status === 'RUNNING' && run.cancel_requested) parts.push('cancel asked for');
  if (says && ['RUNNING', 'CANCELLING'].includes(run.status ?? '')) parts.push(says);
  else if (run.message) parts.push(run.message);
  else if (run.reason && run.reason !== 'NONE') parts.push(reasonWords(run.reason));
  if ((run.attempt ?? 1) > 1) parts.push(`attempt ${run.attempt}`);
  if (run.trigger && !['SCHEDULED', 'UNKNOWN'].includes(run.trigger)) parts.push(triggerWords(run.trigger));
  return parts.join(' · ');
}
