// routes.ts - the one table of screens: the router, the bar at the top, the keys and the tests read it.
//
// A new screen is a file in screens/, a line here, and a browser test. What is large, and not where visits begin, goes into rest.ts.
import type { ComponentType } from 'preact';
import Now from './screens/now.tsx';
import Queues from './screens/queues.tsx';
import System from './screens/system.tsx';
import Tasks from './screens/tasks.tsx';
import Upcoming from './screens/upcoming.tsx';

export type Screen = ComponentType<{ args: Record<string, string> }>;

export interface Route {
  /** Below /ui; a segment that begins with ':' takes any text and names it. */
  path: string;
  /** The word of the bar at the top, or the document's title where it is none of the bar. */
  title: string;
  /** The second key of "g x"; screens of the bar have one. */
  key?: string;
  /** The screen, or how to fetch it. */
  screen: Screen | (() => Promise<Screen>);
  fetched?: boolean;
}

const rest = (name: keyof typeof import('./rest.ts')) => ({ screen: async (): Promise<Screen> => (await import('./rest.ts'))[name], fetched: true });

export const routes: Route[] = [
  { path: '/now', title: 'Now', key: 'n', screen: Now },
  { path: '/runs', title: 'Runs', key: 'r', ...rest('Runs') },
  { path: '/tasks', title: 'Tasks', key: 't', screen: Tasks },
  { path: '/upcoming', title: 'Upcoming', key: 'u', screen: Upcoming },
  { path: '/queues', title: 'Queues', key: 'q', screen: Queues },
  { path: '/system', title: 'System', key: 's', screen: System },
  { path: '/queues/:queue', title: 'Queue', screen: Queues },
  { path: '/tasks/:task', title: 'Task', ...rest('Task') },
  { path: '/tasks/:task/edit', title: 'Edit', ...rest('Editor') },
  { path: '/new', title: 'New task', ...rest('Editor') },
  { path: '/import', title: 'Import a crontab', ...rest('Import') },
  { path: '/executions/:execution', title: 'Execution', ...rest('Execution') },
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
