// session.ts - who asks, and what the API can do for them: buttons for anything else are not shown.
import { useResource } from './api.ts';

interface Session {
  auth: string;
  can: string[];
}

/** Can this be done here? False until it is known. */
export function useCan(): (what: string) => boolean {
  const seen = useResource<Session>('/v1/session');
  const can = seen.data?.can ?? [];
  return (what) => can.includes(what);
}
