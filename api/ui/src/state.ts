// state.ts - what all screens share beside the address: the server's clock, the zone times are shown in, preferences.
import { computed, effect, signal } from '@preact/signals';
import { utc, type Zone } from './zone.ts';

/** Kept in this browser. No key of access, payload or log is ever put there. */
function preference(name: string, fallback: string) {
  const key = `cronobs.${name}`;
  let before = fallback;
  try {
    before = localStorage.getItem(key) ?? fallback;
  } catch { /* storage is switched off: for this visit only */ }
  const kept = signal(before);
  effect(() => {
    try {
      if (kept.value === fallback) localStorage.removeItem(key);
      else localStorage.setItem(key, kept.value);
    } catch { /* as above */ }
  });
  return kept;
}

/** 'task' the task's own, 'mine' the browser's, else the name of a zone. */
export const zoneChoice = preference('zone', 'mine');
export const theme = preference('theme', 'auto'); // auto light dark
export const singleKeys = preference('keys', 'on'); // on off

const darkSystem = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(darkSystem.matches);
darkSystem.addEventListener('change', (e) => { systemIsDark.value = e.matches; });
export const isDark = computed(() => theme.value === 'dark' || (theme.value === 'auto' && systemIsDark.value));

/** The browser's own zone, by name: all that is asked of it. */
export function browserZone(): string {
  try {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  } catch {
    return 'UTC';
  }
}

// --- the server's clock ---

const skew = signal(0); // ms that the server is ahead of this computer

/** Of a word from the server that says its time. */
export function serverSaid(now: number): void {
  skew.value = now - Date.now();
}

const tick = signal(Date.now());
setInterval(() => { if (!document.hidden) tick.value = Date.now(); }, 1000);
document.addEventListener('visibilitychange', () => { tick.value = Date.now(); });

/** Now on the server's clock, in ms; moves each second while the page can be seen. */
export const now = computed(() => tick.value + skew.value);
export const serverNow = (): number => Date.now() + skew.peek();

/** Of an instant on this computer's clock: how long ago it was, and what the server's clock said. */
export const ageOf = (at: number): number => tick.value - at;
export const onServer = (at: number): number => at + skew.value;

// --- zones, as the server knows them (api.ts loads them) ---

export const zones = signal<Record<string, Zone>>({ UTC: utc });

/** A zone by name; UTC until it is there. */
export const zoneNamed = (name: string): Zone => zones.value[name] ?? utc;
