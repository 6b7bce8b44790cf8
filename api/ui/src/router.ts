// router.ts - the address is the state: what is looked at stands in it, and nowhere else.
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { base } from './base.ts';
import { home, match } from './routes.ts';

const root = `${base}/ui`;

interface Place {
  path: string; // below /ui
  search: string; // "?day=…" or ""
}

function read(): Place {
  const path = location.pathname.startsWith(root) ? location.pathname.slice(root.length) : '';
  return { path: path.replace(/\/$/, '') || home, search: location.search };
}

export const place = signal<Place>(read());
export const path = computed(() => place.value.path);
export const found = computed(() => match(path.value));
export const params = computed(() => new URLSearchParams(place.value.search));

const single = new Map<string, ReadonlySignal<string>>();

/** One parameter of the address, "" when it is not there. Who reads it is drawn again when this one changes, not when another does. */
export function param(name: string): string {
  let one = single.get(name);
  if (!one) single.set(name, one = computed(() => params.value.get(name) ?? ''));
  return one.value;
}

/** The address of a screen: href('/tasks/x', {day: '2027-03-28'}). Empty values are left out. */
export function href(path: string, values: Record<string, string | number | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== '') query.set(name, String(value));
  const text = query.toString();
  return root + path + (text ? `?${text}` : '');
}

/** This screen's address with some parameters changed; undefined or "" takes one away. */
export function here(changes: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams(params.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, String(value));
  }
  const text = query.toString();
  return root + place.value.path + (text ? `?${text}` : '');
}

/** Goes to an address of ours. replace: the step before is not one to come back to (typing, moving along days). */
export function go(to: string, replace = false): void {
  if (to === location.pathname + location.search) return;
  if (!replace) history.replaceState({ ...history.state, y: scrollY }, '');
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  const before = place.value.path;
  place.value = read();
  if (!replace && place.value.path !== before) scrollTo(0, 0);
}

/** Changes parameters of this screen's address. */
export function set(changes: Record<string, string | number | undefined>, replace = true): void {
  go(here(changes), replace);
}

/** Listens to the browser; once, at the start. */
export function start(): void {
  history.scrollRestoration = 'manual';
  addEventListener('popstate', (event) => {
    const y = (event.state as { y?: number } | null)?.y ?? 0;
    place.value = read();
    requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, y)));
  });
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (!link.pathname.startsWith(`${root}/`) || (link.hash && link.pathname === location.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
