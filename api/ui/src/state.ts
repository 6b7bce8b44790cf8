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

/** The browser's own zone, by name: all that is asked of it, once. */
export const browserZone = ((): string => {
  try {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  } catch {
    return 'UTC';
  }
})();

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
/** The minute that it is: for what need not be drawn again each second. */
export const minute = computed(() => Math.floor(now.value / 60_000) * 60_000);
export const serverNow = (): number => Date.now() + skew.peek();

/** Of an instant on this computer's clock: how long ago it was, and what the server's clock said. */
export const ageOf = (at: number): number => tick.value - at;
export const onServer = (at: number): number => at + skew.value;

// --- is the server there ---

/** Since when (ms of this computer) requests get no answer; 0: they do. */
export const awaySince = signal(0);
/** Since when the stream is broken and is tried for again; 0: it is not. */
export const lostAt = signal(0);
/** How often the server came back: whatever failed meanwhile is asked again when this changes. */
export const returns = signal(0);

/** Of each request: did the server answer, whatever it said? */
export function answers(does: boolean): void {
  if (!does) awaySince.value ||= Date.now();
  else if (awaySince.peek() !== 0) {
    awaySince.value = 0;
    returns.value++;
  }
}

/** Since when nothing is known of the server; 0: it is there, or will be in a moment. What is shown may be old then, and nothing can be done. */
export const lostSince = computed(() => {
  const since = awaySince.value || lostAt.value;
  return since !== 0 && ageOf(since) > 1500 ? since : 0;
});
export const isAway = computed(() => lostSince.value !== 0);

// --- zones, as the server knows them (api.ts loads them) ---

export const zones = signal<Record<string, Zone>>({ UTC: utc });

/** A zone by name; UTC until it is there. */
export const zoneNamed = (name: string): Zone => zones.value[name] ?? utc;
