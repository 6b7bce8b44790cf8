// routes.ts - the one table of screens: the router, the bar at the top, the keys and the tests read it.
//
// A new screen is a file in screens/, a line here, and a browser test.
import type { ComponentType } from 'preact';
import Now from './screens/now.tsx';

type Screen = ComponentType<{ args: Record<string, string> }>;

export interface Route {
  /** Below /ui; a segment that begins with ':' takes any text and names it. */
  path: string;
  /** The word of the bar at the top, or the document's title where it is none of the bar. */
  title: string;
  /** The second key of "g x"; screens of the bar have one. */
  key?: string;
  /** Screens are fetched when they are first shown, but for Now, which most visits begin with. */
  load: () => Promise<{ default: Screen }>;
}

export const routes: Route[] = [
  { path: '/now', title: 'Now', key: 'n', load: async () => ({ default: Now as Screen }) },
  { path: '/queues', title: 'Queues', key: 'q', load: () => import('./screens/queues.tsx') },
];

export const home = '/now';

/** The route that a path below /ui goes to, with what its names stand for. Pure. */
export function match(path: string): { route: Route; args: Record<string, string> } | undefined {
  const segments = path.split('/').slice(1);
  for (const route of routes) {
    const pattern = route.path.split('/').slice(1);
    if (pattern.length !== segments.length) continue;
    const args: Record<string, string> = {};
    const fits = pattern.every((p, i) => {
      const text = segments[i] ?? '';
      if (!p.startsWith(':')) return p === text;
      args[p.slice(1)] = decode(text);
      return text !== '';
    });
    if (fits) return { route, args };
  }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
