// why.ts - who brought it about that a task did not fire: of its revisions.
import { useCallback } from 'preact/hooks';
import { query, segment, useResource } from '../api.ts';

interface Revision {
  revision: number;
  state: string;
  effective_at: string;
  actor: string;
  reason?: string;
}

/** The pause that held at an instant, of revisions newest first. Pure. */
export function pauseAt(revisions: Revision[], at: number): Revision | undefined {
  const held = revisions.find((r) => Date.parse(r.effective_at) < at);
  return held?.state === 'PAUSED' ? held : undefined;
}

/** " by root: closing the ledger", for gaps of pauses; "" until it is known. wanted: is there such a gap? */
export function usePauses(task: string | undefined, wanted: boolean, topics: string[]): (at: number) => string {
  const seen = useResource<{ items: Revision[] }>(task && wanted ? `/v1/tasks/${segment(task)}/revisions${query({ limit: 100 })}` : undefined, { topics, keep: true });
  return useCallback((at) => {
    const pause = pauseAt(seen.data?.items ?? [], at);
    return pause ? ` by ${pause.actor}${pause.reason ? `: ${pause.reason}` : ''}` : '';
  }, [seen.data]);
}
